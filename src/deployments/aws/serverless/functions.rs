//! `functions`: settings of a function over those of the provider over the framework's defaults.

use super::variables::{Place, Resolved};
use super::{Service, defaults};
use crate::document::tree::{Entry, Kind, NodeId};
use crate::model::Origin;
use crate::text::Span;
use std::collections::HashMap;

impl Service<'_, '_> {
    /// Every function of the service; `functions` may be a list of files.
    pub(crate) fn functions(&mut self) {
        let Some(section) = self.root(&["functions"]) else { return };
        let doc = self.variables.doc(section);
        let mut maps: Vec<Place> = Vec::new();
        match &doc.node(section.node).kind {
            Kind::Seq(items) => {
                for &item in items {
                    match self.variables.settle(section.to(item), 0) {
                        Resolved::At(at) => maps.push(at),
                        _ => self
                            .gaps
                            .push((doc.span(item), "functions of this file are decided at deploy time".to_owned())),
                    }
                }
            }
            _ => maps.push(section),
        }
        // Of functions with one name the last counts, whichever list it is in.
        let mut named: Vec<(Place, Entry)> = Vec::new();
        let mut at: HashMap<String, usize> = HashMap::new();
        let mut read: Vec<Place> = Vec::new();
        for map in maps {
            // A file that is listed again says the same again.
            if read.contains(&map) {
                continue;
            }
            read.push(map);
            for entry in self.variables.doc(map).entries(map.node) {
                match at.get(&entry.key) {
                    Some(&known) => named[known] = (map, entry.clone()),
                    None => {
                        at.insert(entry.key.clone(), named.len());
                        named.push((map, entry.clone()));
                    }
                }
            }
        }
        for (map, entry) in named {
            if self.out.is_full() {
                break;
            }
            match self.variables.settle(map.to(entry.value), 0) {
                Resolved::At(at) if !self.variables.doc(at).entries(at.node).is_empty() => {
                    self.function(&entry.key, entry.key_span, at);
                }
                Resolved::At(_) => {}
                _ => {
                    let reason = format!("function `{}` is decided at deploy time", entry.key);
                    self.gaps.push((entry.key_span, reason));
                }
            }
        }
    }

    fn function(&mut self, name: &str, span: Span, body: Place) {
        let provider = self.root(&["provider"]);
        let mut properties: Vec<Entry> = Vec::new();
        self.settings(body, provider, span, &mut properties);
        self.identity(name, span, body, &mut properties);
        self.code(body, span, &mut properties);
        self.environment(body, provider, &mut properties);
        self.failures(body, &mut properties);
        self.permissions(body, provider, &mut properties);
        self.url(body, &mut properties);
        let events = self.events(body, span);
        if !events.is_empty() {
            let value = self.map(events, span);
            properties.push(Entry { key: "Events".to_owned(), key_span: span, value });
        }
        let kind = self.word("AWS::Serverless::Function", span);
        let properties = self.map(properties, span);
        let mut entries = vec![
            Entry { key: "Type".to_owned(), key_span: span, value: kind },
            Entry { key: "Properties".to_owned(), key_span: span, value: properties },
        ];
        entries.extend(self.build(body, provider, span));
        let value = self.map(entries, span);
        self.resources.push(Entry { key: name.to_owned(), key_span: span, value });
        self.aliases.push((format!("{}LambdaFunction", normalized(name)), name.to_owned()));
    }

    /// Scalars: the function's, the provider's, the framework's.
    fn settings(&mut self, body: Place, provider: Option<Place>, span: Span, properties: &mut Vec<Entry>) {
        let known = &defaults().functions;
        for (key, property) in &known.settings {
            let (property, single) = match property.strip_suffix("[]") {
                Some(property) => (property, true),
                None => (property.as_str(), false),
            };
            let own = self.get(body, key).map(|(key, value)| (key, value, None));
            let inherited = || {
                let (key, value) = provider.and_then(|provider| self.get(provider, key))?;
                Some((key, value, Some(key)))
            };
            let entry = match (own.or_else(inherited), known.defaults.get(property)) {
                (Some((key, value, _)), _) if single => {
                    let node = self.emit(value, key);
                    let list = self.out.push(Kind::Seq(vec![node]), key, None);
                    self.nest(property, key, list)
                }
                (Some((key, value, scope)), _) => {
                    let node = self.emit(value, key);
                    self.inherit(node, scope);
                    self.nest(property, key, node)
                }
                (None, Some(default)) => {
                    let node = self.default(default, span);
                    self.nest(property, span, node)
                }
                (None, None) => continue,
            };
            self.put(properties, entry);
        }
        match self.get(body, "provisionedConcurrency") {
            Some((key, Resolved::At(at))) if self.place_is_map(at) => {
                if let Some((inner, value)) = self.get(at, "executions") {
                    let node = self.emit(value, inner);
                    let entry = self.nest("ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions", key, node);
                    self.put(properties, entry);
                }
            }
            Some((key, value)) => {
                let node = self.emit(value, key);
                let entry = self.nest("ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions", key, node);
                self.put(properties, entry);
            }
            None => {}
        }
        let tracing = self.get(body, "tracing").or_else(|| {
            let tracing = provider.and_then(|at| self.place(at, "tracing"))?;
            self.get(tracing, "lambda")
        });
        if let Some((key, value)) = tracing {
            // `true` is short for `Active` (Serverless Framework documentation, functions: AWS X-Ray Tracing).
            let node = match self.known_text(&value).as_deref() {
                Some("true") => self.word("Active", key),
                Some("false") => self.word("PassThrough", key),
                _ => self.emit(value, key),
            };
            properties.push(Entry { key: "Tracing".to_owned(), key_span: key, value: node });
        }
        let logs = provider.and_then(|at| self.place(at, "logs")).and_then(|at| self.place(at, "lambda"));
        // Without logs nobody has to keep them.
        if self.text(body, "disableLogs").as_deref() == Some("true") {
            let node = self.out.opaque("is of logs that are not written".to_owned(), span);
            let entry = Entry { key: "LogRetentionInDays".to_owned(), key_span: span, value: node };
            self.put(properties, entry);
        }
        let own = self.place(body, "logs");
        let format =
            own.and_then(|at| self.get(at, "logFormat")).or_else(|| logs.and_then(|at| self.get(at, "logFormat")));
        if let Some((key, value)) = format {
            let node = self.emit(value, key);
            let entry = self.nest("LoggingConfig.LogFormat", key, node);
            self.put(properties, entry);
        }
    }

    pub(crate) fn known_text(&self, value: &Resolved) -> Option<String> {
        match value {
            Resolved::Text(text, _) => Some(text.clone()),
            Resolved::At(at) => self.variables.doc(*at).text(at.node).map(str::to_owned),
            _ => None,
        }
    }

    pub(crate) fn place_is_map(&self, at: Place) -> bool {
        !self.variables.doc(at).entries(at.node).is_empty()
    }

    /// Marks a scalar as written in the provider block.
    fn inherit(&mut self, node: NodeId, scope: Option<Span>) {
        let Some(scope) = scope else { return };
        self.out.supply(node, Origin::Inherited("`provider`".to_owned(), scope));
    }

    /// `name`, or what the framework makes of service, stage and key.
    fn identity(&mut self, name: &str, span: Span, body: Place, properties: &mut Vec<Entry>) {
        let (key, value) = match self.get(body, "name") {
            Some(found) => found,
            None => match self.variables.text(&format!("${{self:service}}-${{sls:stage}}-{name}"), 0) {
                text @ Resolved::Text(..) => (span, text),
                _ => return,
            },
        };
        let node = self.emit(value, key);
        properties.push(Entry { key: "FunctionName".to_owned(), key_span: key, value: node });
    }

    fn code(&mut self, body: Place, span: Span, properties: &mut Vec<Entry>) {
        if let Some((key, value)) = self.get(body, "image") {
            let kind = self.word("Image", key);
            properties.push(Entry { key: "PackageType".to_owned(), key_span: key, value: kind });
            let node = match &value {
                Resolved::At(at) if self.place_is_map(*at) => match self.get(*at, "uri") {
                    Some((_, uri)) => self.emit(uri, key),
                    None => self.out.opaque("is built by the framework".to_owned(), key),
                },
                _ => self.emit(value, key),
            };
            properties.push(Entry { key: "ImageUri".to_owned(), key_span: key, value: node });
            return;
        }
        let package = self.place(body, "package").and_then(|at| self.get(at, "artifact"));
        let package = package.or_else(|| self.root(&["package"]).and_then(|at| self.get(at, "artifact")));
        if let Some((key, value)) = package {
            let node = self.emit(value, key);
            properties.push(Entry { key: "CodeUri".to_owned(), key_span: key, value: node });
        }
        let _ = span;
    }

    /// Which binary a plugin for Rust builds from the handler.
    fn build(&mut self, body: Place, provider: Option<Place>, span: Span) -> Option<Entry> {
        let plugins = self.root(&["plugins"]).map(|at| {
            let doc = self.variables.doc(at);
            let list = doc.get(at.node, "modules").unwrap_or(at.node);
            doc.items(list).iter().filter_map(|&item| doc.text(item).map(str::to_owned)).collect::<Vec<_>>()
        });
        let known = &defaults().rust_plugins.names;
        let plugin = plugins.into_iter().flatten().find(|plugin| known.contains(plugin));
        let runtime = self.text(body, "runtime").or_else(|| provider.and_then(|at| self.text(at, "runtime")));
        let (key, handler) = self.get(body, "handler")?;
        let tagged = self.place(body, "tags").and_then(|at| self.text(at, "rust")).as_deref() == Some("true");
        if plugin.is_none() && runtime.as_deref() != Some("rust") && !tagged {
            return None;
        }
        let method = self.word("serverless-rust", span);
        let binary = self.emit(handler, key);
        let binary = self.nest("BuildProperties.Binary", key, binary);
        let metadata = vec![Entry { key: "BuildMethod".to_owned(), key_span: span, value: method }, binary];
        let value = self.map(metadata, span);
        Some(Entry { key: "Metadata".to_owned(), key_span: span, value })
    }

    /// The provider's variables with the function's over them.
    fn environment(&mut self, body: Place, provider: Option<Place>, properties: &mut Vec<Entry>) {
        let mut entries: Vec<Entry> = Vec::new();
        let mut place = None;
        for scope in provider.into_iter().chain([body]) {
            match self.get(scope, "environment") {
                Some((key, Resolved::At(at))) => {
                    let copied = self.variables.copy(at, &mut self.out, 0);
                    for entry in self.out.entries(copied).to_vec() {
                        entries.retain(|known| known.key != entry.key);
                        entries.push(entry);
                    }
                    place = Some(key);
                }
                Some((key, _)) => {
                    let reason = "comes from something decided at deploy time".to_owned();
                    let value = self.out.opaque(reason, key);
                    entries.push(Entry { key: "Fn::Transform".to_owned(), key_span: key, value });
                    place = Some(key);
                }
                None => {}
            }
        }
        // `useDotenv` and the dotenv plugin add variables from files that are not deployed with the code.
        let dotenv = self.root(&["plugins"]).is_some_and(|at| {
            let doc = self.variables.doc(at);
            doc.items(at.node).iter().any(|&item| doc.text(item).is_some_and(|name| name.contains("dotenv")))
        });
        if let (true, Some(key)) = (dotenv, place.or(self.root(&["plugins"]).map(|at| self.variables.span(at)))) {
            let value = self.out.opaque("a plugin adds variables".to_owned(), key);
            entries.push(Entry { key: "Fn::Transform".to_owned(), key_span: key, value });
            place = Some(key);
        }
        if let Some(key) = place {
            let variables = self.map(entries, key);
            let entry = self.nest("Environment.Variables", key, variables);
            self.put(properties, entry);
        }
    }

    /// Dead-letter target, destinations and retries of asynchronous invocations.
    fn failures(&mut self, body: Place, properties: &mut Vec<Entry>) {
        let settings = [
            ("onError", "DeadLetterQueue.TargetArn"),
            ("maximumRetryAttempts", "EventInvokeConfig.MaximumRetryAttempts"),
            ("maximumEventAge", "EventInvokeConfig.MaximumEventAgeInSeconds"),
        ];
        for (key, property) in settings {
            if let Some((key, value)) = self.get(body, key) {
                let node = self.emit(value, key);
                let entry = self.nest(property, key, node);
                self.put(properties, entry);
            }
        }
        let Some(destinations) = self.place(body, "destinations") else { return };
        for (key, property) in [("onFailure", "OnFailure"), ("onSuccess", "OnSuccess")] {
            if let Some((key, value)) = self.get(destinations, key) {
                // Another function's key, an ARN, or a mapping with an `arn`.
                let value = match value {
                    Resolved::At(at) if self.place_is_map(at) => match self.get(at, "arn") {
                        Some((_, arn)) => arn,
                        None => Resolved::At(at),
                    },
                    other => other,
                };
                let node = match self.known_text(&value) {
                    Some(name) if self.root(&["functions", &name]).is_some() => {
                        let word = self.word(&name, key);
                        self.map(vec![Entry { key: "Ref".to_owned(), key_span: key, value: word }], key)
                    }
                    _ => self.emit(value, key),
                };
                let entry =
                    self.nest(&format!("EventInvokeConfig.DestinationConfig.{property}.Destination"), key, node);
                self.put(properties, entry);
            }
        }
    }

    /// A role of its own, or the statements the framework puts into the one it generates.
    fn permissions(&mut self, body: Place, provider: Option<Place>, properties: &mut Vec<Entry>) {
        let iam = provider.and_then(|at| self.place(at, "iam"));
        let shared = iam.and_then(|at| self.get(at, "role"));
        let own = self.get(body, "role");
        let old = provider.and_then(|at| self.get(at, "role"));
        let statements = match (own, old, shared) {
            (Some((key, value)), _, _) | (None, Some((key, value)), _) => {
                let node = self.emit(value, key);
                properties.push(Entry { key: "Role".to_owned(), key_span: key, value: node });
                return;
            }
            (None, None, Some((_, Resolved::At(role)))) if self.place_is_map(role) => self.get(role, "statements"),
            (None, None, Some((key, value))) => {
                let node = self.emit(value, key);
                properties.push(Entry { key: "Role".to_owned(), key_span: key, value: node });
                return;
            }
            (None, None, None) => provider.and_then(|at| self.get(at, "iamRoleStatements")),
        };
        let extra = self.get(body, "iamRoleStatements");
        let (shared, own) = (statements.as_ref().map(|(key, _)| *key), extra.is_some());
        let mut policies = Vec::new();
        let mut place = None;
        for (key, value) in statements.into_iter().chain(extra) {
            let node = self.emit(value, key);
            let entry = self.nest("Statement", key, node);
            policies.push(self.map(vec![entry], key));
            place = Some(key);
        }
        if let Some(key) = place {
            let value = self.out.push(Kind::Seq(policies), key, None);
            properties.push(Entry { key: "Policies".to_owned(), key_span: key, value });
        }
        // One role for every function that asks for nothing of its own.
        if let (Some(key), false) = (shared, own) {
            let value = self.word("true", key);
            properties.push(Entry { key: "SharedRole".to_owned(), key_span: key, value });
        }
    }

    /// `url: true`, or a mapping with an authorizer.
    fn url(&mut self, body: Place, properties: &mut Vec<Entry>) {
        let Some((key, value)) = self.get(body, "url") else { return };
        if self.known_text(&value).as_deref() == Some("false") {
            return;
        }
        let mut config = Vec::new();
        let mut auth = None;
        if let Resolved::At(at) = value
            && self.place_is_map(at)
        {
            if let Some((key, _)) = self.get(at, "authorizer") {
                let node = self.word("AWS_IAM", key);
                auth = Some(Entry { key: "AuthType".to_owned(), key_span: key, value: node });
            }
            if let Some((key, value)) = self.get(at, "invokeMode") {
                let node = self.emit(value, key);
                config.push(Entry { key: "InvokeMode".to_owned(), key_span: key, value: node });
            }
        }
        config.push(match auth {
            Some(auth) => auth,
            None => Entry { key: "AuthType".to_owned(), key_span: key, value: self.default("NONE", key) },
        });
        let value = self.map(config, key);
        properties.push(Entry { key: "FunctionUrlConfig".to_owned(), key_span: key, value });
    }
}

/// The framework's spelling of a function in logical ids (lib/plugins/aws/lib/naming.js, `getNormalizedFunctionName`).
fn normalized(name: &str) -> String {
    let spelled = name.replace('-', "Dash").replace('_', "Underscore");
    let mut letters = spelled.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::normalized;

    #[test]
    fn generated_ids_follow_the_framework() {
        assert_eq!(normalized("put-order_v2"), "PutDashorderUnderscorev2");
    }
}
