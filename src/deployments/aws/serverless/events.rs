//! `events` of a function as SAM events, or as the closest that the model's reader knows.

use super::variables::{Place, Resolved};
use super::{Service, defaults};
use crate::document::tree::{Entry, Kind, NodeId};
use crate::knowledge::ServerlessEvent;
use crate::text::Span;

impl Service<'_, '_> {
    /// The events of a function, named by their position.
    pub(crate) fn events(&mut self, body: Place, span: Span) -> Vec<Entry> {
        let Some(list) = self.place(body, "events") else { return Vec::new() };
        let doc = self.variables.doc(list);
        let mut events = Vec::new();
        for (index, &item) in doc.items(list.node).iter().enumerate() {
            let Resolved::At(at) = self.variables.settle(list.to(item), 0) else {
                self.gaps.push((doc.span(item), "this event is decided at deploy time".to_owned()));
                continue;
            };
            let item = self.variables.doc(at);
            // An event without settings may be a bare word.
            let entry = match item.entries(at.node).first() {
                Some(entry) => (entry.key.clone(), entry.key_span, Some(at.to(entry.value))),
                None => match item.text(at.node) {
                    Some(word) => (word.to_owned(), item.span(at.node), None),
                    None => continue,
                },
            };
            events.extend(self.event(index, &entry.0, entry.1, entry.2));
        }
        let _ = span;
        events
    }

    fn event(&mut self, index: usize, kind: &str, span: Span, value: Option<Place>) -> Option<Entry> {
        let rule = defaults().events.get(kind)?;
        let value = value.map(|value| self.variables.settle(value, 0));
        let mut properties: Vec<Entry> = Vec::new();
        let body = match &value {
            Some(Resolved::At(at)) if self.place_is_map(*at) && !self.is_intrinsic(*at) => Some(*at),
            _ => None,
        };
        let mut type_name = rule.sam.clone();
        match (body, value) {
            (Some(body), _) => {
                type_name = self.variant(rule, body);
                self.copy_settings(rule, body, &mut properties);
            }
            (None, Some(value)) => {
                if let Some(property) = &rule.short {
                    if let (Some(text), "Path") = (self.known_text(&value), property.as_str()) {
                        self.route(&text, span, &mut properties);
                    } else {
                        if let Some(text) = self.known_text(&value) {
                            type_name = variant_of_arn(rule, &text).unwrap_or(type_name);
                        }
                        let node = self.emit(value, span);
                        properties.push(Entry { key: property.clone(), key_span: span, value: node });
                    }
                }
            }
            (None, None) => {}
        }
        for (property, text) in &rule.defaults {
            if !properties.iter().any(|entry| entry.key == *property) {
                let value = self.default(text, span);
                properties.push(Entry { key: property.clone(), key_span: span, value });
            }
        }
        if type_name == "HttpApi"
            && let Some(payload) = self.root(&["provider", "httpApi"]).and_then(|at| self.get(at, "payload"))
        {
            properties.retain(|entry| entry.key != "PayloadFormatVersion");
            let value = self.emit(payload.1, payload.0);
            properties.push(Entry { key: "PayloadFormatVersion".to_owned(), key_span: payload.0, value });
        }
        let kind = self.word(&type_name, span);
        let properties = self.map(properties, span);
        let entries = vec![
            Entry { key: "Type".to_owned(), key_span: span, value: kind },
            Entry { key: "Properties".to_owned(), key_span: span, value: properties },
        ];
        let value = self.map(entries, span);
        Some(Entry { key: format!("Event{index}"), key_span: span, value })
    }

    /// Whether a mapping is a CloudFormation function: `Ref`, `Fn::GetAtt`.
    fn is_intrinsic(&self, at: Place) -> bool {
        let doc = self.variables.doc(at);
        matches!(doc.entries(at.node), [only] if only.key == "Ref" || only.key.starts_with("Fn::"))
    }

    /// Which SAM event it is, where a setting decides.
    fn variant(&self, rule: &ServerlessEvent, body: Place) -> String {
        for (key, types) in &rule.variants {
            let Some((_, value)) = self.get(body, key) else { continue };
            let text = self.known_text(&value);
            let by_text =
                text.as_deref().and_then(|text| types.get(text).cloned().or_else(|| variant_of_arn(rule, text)));
            if let Some(found) = by_text.or_else(|| types.get("*").cloned()) {
                return found;
            }
        }
        // `GetAtt Table.StreamArn` is a table's stream, any other attribute a Kinesis stream's.
        if let Some((_, Resolved::At(at))) = self.get(body, "arn") {
            let doc = self.variables.doc(at);
            let inner = doc.entries(at.node).first().map_or(at.node, |entry| entry.value);
            let last = doc.items(inner).last().and_then(|&item| doc.text(item)).or(doc.text(inner)).unwrap_or("");
            if let (true, Some(found)) =
                (last.ends_with("StreamArn"), rule.variants.values().find_map(|types| types.get("dynamodb")))
            {
                return found.clone();
            }
            let kinesis = rule.variants.values().find_map(|types| types.get("kinesis"));
            if let Some(found) = kinesis.filter(|_| self.is_intrinsic(at) && (last == "Arn" || last.ends_with(".Arn")))
            {
                return found.clone();
            }
        }
        rule.sam.clone()
    }

    fn copy_settings(&mut self, rule: &ServerlessEvent, body: Place, properties: &mut Vec<Entry>) {
        for (key, property) in &rule.settings {
            // `arn` comes before `topicName`, which only names what it would create.
            if properties.iter().any(|entry| entry.key == *property) {
                continue;
            }
            let Some((key_span, value)) = self.get_path(body, key) else { continue };
            let entry = match property.strip_suffix("[]") {
                Some(property) => {
                    let value = self.emit(value, key_span);
                    let list = match self.out.node(value).kind {
                        Kind::Seq(_) => value,
                        _ => self.out.push(Kind::Seq(vec![value]), key_span, None),
                    };
                    self.nest(property, key_span, list)
                }
                None if property == "Filter.S3Key.Rules" => {
                    let list = self.object_rules(&value, key_span);
                    self.nest(property, key_span, list)
                }
                None => {
                    let value = self.emit(value, key_span);
                    self.nest(property, key_span, value)
                }
            };
            self.put(properties, entry);
        }
        // A schedule or pattern with one rate may be given as a list of one.
        if let Some(path) = properties.iter().position(|entry| entry.key == "Path")
            && let Some(text) = self.out.text(properties[path].value).map(str::to_owned)
        {
            let span = properties[path].key_span;
            if text.contains(' ') || text == "*" {
                properties.remove(path);
                self.route(&text, span, properties);
            } else if !text.starts_with('/') {
                // The framework accepts paths without the leading slash.
                let node = self.word(&format!("/{text}"), self.out.span(properties[path].value));
                properties[path].value = node;
            }
        }
    }

    /// `[{prefix: x}, {suffix: y}]` as name and value.
    fn object_rules(&mut self, value: &Resolved, span: Span) -> NodeId {
        let mut rules = Vec::new();
        if let Resolved::At(at) = value {
            let doc = self.variables.doc(*at);
            for &item in doc.items(at.node) {
                for entry in doc.entries(item).to_vec() {
                    let name = self.word(&entry.key, entry.key_span);
                    let value = self.variables.copy(at.to(entry.value), &mut self.out, 0);
                    let entries = vec![
                        Entry { key: "Name".to_owned(), key_span: entry.key_span, value: name },
                        Entry { key: "Value".to_owned(), key_span: entry.key_span, value },
                    ];
                    rules.push(self.map(entries, entry.key_span));
                }
            }
        }
        self.out.push(Kind::Seq(rules), span, None)
    }

    /// `GET /path`, a bare path, or `*` for everything.
    fn route(&mut self, text: &str, span: Span, properties: &mut Vec<Entry>) {
        let (method, path) = match text.split_once(' ') {
            Some((method, path)) => (method, path.trim()),
            None if text == "*" => ("*", "$default"),
            None => ("*", text),
        };
        let path = if path.starts_with(['/', '$']) { path.to_owned() } else { format!("/{path}") };
        for (key, text) in [("Method", method), ("Path", path.as_str())] {
            if !properties.iter().any(|entry| entry.key == key) {
                let value = self.word(text, span);
                properties.push(Entry { key: key.to_owned(), key_span: span, value });
            }
        }
    }
}

/// A literal ARN names its service.
fn variant_of_arn(rule: &ServerlessEvent, text: &str) -> Option<String> {
    let service = text.strip_prefix("arn:")?.split(':').nth(1)?;
    rule.variants.values().find_map(|types| types.get(service)).cloned()
}
