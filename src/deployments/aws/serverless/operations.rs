//! What the provider says of the APIs that events make, their logs and their tracing; and whether a plugin makes
//! alarms.

use super::Service;
use super::variables::{Place, Resolved};
use crate::document::tree::Entry;
use crate::text::Span;

/// Words in the names of plugins that add alarms to what a service deploys.
const ALARMS: [&str; 3] = ["alert", "alarm", "slic-watch"];
/// Words in the names of plugins that limit the requests of an API.
const LIMITS: [&str; 2] = ["throttling", "throttler"];

impl Service<'_, '_> {
    /// Sections beside the resources: `Globals` of the APIs, and a mark for alarms of plugins.
    pub(super) fn operations(&mut self, place: Span) -> Vec<Entry> {
        let plugins = self.plugins();
        let has = |words: &[&str]| plugins.iter().any(|name| words.iter().any(|word| name.contains(word)));
        let (alarmed, limited) = (has(&ALARMS), has(&LIMITS));
        let provider = self.root(&["provider"]);
        let apis = [("Api", "restApi", "AccessLogSetting"), ("HttpApi", "httpApi", "AccessLogSettings")];
        let mut globals = Vec::new();
        for (section, logs, property) in apis {
            let mut entries = Vec::new();
            if let Some(provider) = provider {
                self.access_log(provider, logs, property, &mut entries);
                self.elsewhere(provider, section, property, &mut entries);
            }
            if limited {
                self.unknown("MethodSettings", "is set by a plugin", place, &mut entries);
            }
            let traced = provider.and_then(|at| self.place(at, "tracing")).and_then(|at| self.get(at, "apiGateway"));
            if let (Some((key_span, value)), "Api") = (traced, section) {
                let value = self.emit(value, key_span);
                self.put(&mut entries, Entry { key: "TracingEnabled".to_owned(), key_span, value });
            }
            let value = self.map(entries, place);
            globals.push(Entry { key: section.to_owned(), key_span: place, value });
        }
        let value = self.map(globals, place);
        let mut sections = vec![Entry { key: "Globals".to_owned(), key_span: place, value }];
        if alarmed {
            let value = self.word("true", place);
            sections.push(Entry { key: "AlarmsElsewhere".to_owned(), key_span: place, value });
        }
        sections
    }

    fn plugins(&self) -> Vec<String> {
        let Some(at) = self.root(&["plugins"]) else { return Vec::new() };
        let doc = self.variables.doc(at);
        let list = doc.get(at.node, "modules").unwrap_or(at.node);
        doc.items(list).iter().filter_map(|&item| doc.text(item).map(str::to_owned)).collect()
    }

    /// `provider.logs.restApi` and `provider.logs.httpApi`: `true`, or a mapping that may turn the access log off
    /// (Serverless Framework documentation, serverless.yml reference: `provider.logs`).
    fn access_log(&mut self, provider: Place, key: &str, property: &str, entries: &mut Vec<Entry>) {
        let Some(logs) = self.place(provider, "logs") else { return };
        let Some((key_span, value)) = self.get(logs, key) else { return };
        let mut format = None;
        match &value {
            Resolved::At(at) if self.place_is_map(*at) => {
                if self.text(*at, "accessLogging").as_deref() == Some("false") {
                    return;
                }
                format = self.get(*at, "format");
            }
            other => match self.known_text(other).as_deref() {
                Some("true") => {}
                Some("false") => return,
                _ => {
                    self.unknown(property, "is decided at deploy time", key_span, entries);
                    return;
                }
            },
        }
        let group = self.word("created by the Serverless Framework", key_span);
        let entry = self.nest(&format!("{property}.DestinationArn"), key_span, group);
        self.put(entries, entry);
        if let Some((key_span, value)) = format {
            let value = self.emit(value, key_span);
            let entry = self.nest(&format!("{property}.Format"), key_span, value);
            self.put(entries, entry);
        }
    }

    /// An API of another service has a stage of that service's.
    fn elsewhere(&mut self, provider: Place, section: &str, property: &str, entries: &mut Vec<Entry>) {
        let (scope, key) = if section == "Api" { ("apiGateway", "restApiId") } else { ("httpApi", "id") };
        let named = self.place(provider, scope).and_then(|at| self.get(at, key));
        let Some((key_span, _)) = named else { return };
        for property in [property, "MethodSettings", "DefaultRouteSettings", "TracingEnabled"] {
            self.unknown(property, "is that of an API of another service", key_span, entries);
        }
    }

    fn unknown(&mut self, property: &str, reason: &str, span: Span, entries: &mut Vec<Entry>) {
        let value = self.out.opaque(reason.to_owned(), span);
        self.put(entries, Entry { key: property.to_owned(), key_span: span, value });
    }
}
