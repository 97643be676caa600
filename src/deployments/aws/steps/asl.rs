//! The Amazon States Language: states of a definition, nested ones included, and what their tasks call.

use super::source::Definition;
use crate::deployments::aws::cloudformation::eval::Value;
use crate::document::tree::NodeId;
use crate::model::deployments::machine::{Handled, Pattern, Service, State, StateKind, StateMachine, Task};
use crate::model::deployments::{ResourceId, Target, Text};
use crate::model::{Known, Setting};
use crate::text::{Span, Spanned};
use std::collections::HashMap;

/// States of all machines of a run: many machines may share one definition.
pub(crate) const MAX_STATES: usize = 60_000;
/// Bytes of a key or an item that are compared.
const MOST_SAID: usize = 4_000;

/// A list of states with the names in it.
struct Level {
    names: HashMap<String, usize>,
}

struct Walk<'d, 'r> {
    definition: &'d Definition<'r>,
    states: Vec<State>,
    /// States that may still be made.
    left: usize,
    /// Whether the definition was read to its end.
    whole: bool,
}

/// Reads a definition, taking its states from those that are left; none if it has more, or nests too deep.
pub(crate) fn read(
    definition: &Definition<'_>,
    name: String,
    span: Span,
    kind: Setting<String>,
    left: &mut usize,
) -> Option<StateMachine> {
    let mut walk = Walk { definition, states: Vec::new(), left: *left, whole: true };
    let start = walk.level(definition.root, None, 0);
    if !walk.whole {
        return None;
    }
    *left = walk.left;
    let doc = definition.doc();
    let timeout = doc.entry(definition.root, "TimeoutSeconds").map(|entry| entry.key_span);
    Some(StateMachine { resource: None, name, span, kind, timeout, start, states: walk.states })
}

impl Walk<'_, '_> {
    /// Adds the states of a mapping with `StartAt` and `States`; gives its first state.
    fn level(&mut self, node: NodeId, parent: Option<usize>, depth: u32) -> Option<usize> {
        let doc = self.definition.doc();
        let section = doc.get(node, "States")?;
        let first = self.states.len();
        let wanted = doc.entries(section).len();
        if depth > 32 || wanted > self.left {
            self.whole = false;
            return None;
        }
        self.left -= wanted;
        let mut level = Level { names: HashMap::new() };
        let entries = doc.entries(section);
        for entry in entries {
            level.names.insert(entry.key.clone(), self.states.len());
            let state =
                self.state(entry.value, entry.key.clone(), self.definition.place(&entry.key, entry.key_span), parent);
            self.states.push(state);
        }
        for (offset, entry) in entries.iter().enumerate() {
            self.connect(first + offset, entry.value, &level);
        }
        for (offset, entry) in entries.iter().enumerate() {
            let index = first + offset;
            let mut inner: Vec<NodeId> = Vec::new();
            inner.extend(doc.get(entry.value, "Iterator").or_else(|| doc.get(entry.value, "ItemProcessor")));
            inner.extend(doc.get(entry.value, "Branches").map_or(&[][..], |list| doc.items(list)));
            for node in inner {
                let start = self.level(node, Some(index), depth + 1);
                self.states[index].branches.extend(start);
            }
        }
        let start = doc.get(node, "StartAt").and_then(|id| doc.text(id))?;
        level.names.get(start).copied()
    }

    fn state(&self, node: NodeId, name: String, span: Span, parent: Option<usize>) -> State {
        let doc = self.definition.doc();
        let text = |key: &str| doc.get(node, key).and_then(|id| doc.text(id));
        let set = |keys: [&str; 2]| keys.iter().find_map(|key| doc.entry(node, key)).map(|entry| entry.key_span);
        let kind = match text("Type") {
            Some("Task") => StateKind::Task,
            Some("Parallel") => StateKind::Parallel,
            Some("Map") => StateKind::Map,
            Some("Choice") => StateKind::Choice,
            Some("Wait") => StateKind::Wait,
            Some("Fail") => StateKind::Fail,
            _ => StateKind::Other,
        };
        let max_concurrency = match doc.get(node, "MaxConcurrency").or_else(|| doc.get(node, "MaxConcurrencyPath")) {
            None => Known::Absent,
            Some(id) => match doc.text(id).and_then(|text| text.parse::<i64>().ok()) {
                // 0 places no limit (Amazon States Language, Map state).
                Some(0) => Known::Absent,
                Some(number) => Known::Is(Spanned::new(number, span)),
                None => Known::Opaque(span, "is decided at run time".to_owned()),
            },
        };
        let mode = doc
            .get(node, "ItemProcessor")
            .and_then(|id| doc.get(id, "ProcessorConfig"))
            .and_then(|id| doc.get(id, "Mode"))
            .and_then(|id| doc.text(id));
        let number = |key: &str| match doc.entry(node, key) {
            None => Known::Absent,
            Some(entry) => match doc.text(entry.value).and_then(|text| text.parse::<i64>().ok()) {
                Some(seconds) => Known::Is(Spanned::new(seconds, entry.key_span)),
                None => Known::Opaque(entry.key_span, "is decided at run time".to_owned()),
            },
        };
        State {
            kind,
            parent,
            task: if kind == StateKind::Task { self.task(node, span) } else { None },
            retry: Vec::new(),
            catch: Vec::new(),
            next: Vec::new(),
            branches: Vec::new(),
            timeout: set(["TimeoutSeconds", "TimeoutSecondsPath"]),
            heartbeat: set(["HeartbeatSeconds", "HeartbeatSecondsPath"]),
            timeout_s: number("TimeoutSeconds"),
            heartbeat_s: number("HeartbeatSeconds"),
            max_concurrency,
            distributed: mode == Some("DISTRIBUTED"),
            comment: text("Comment").map(str::to_owned),
            name,
            span,
        }
    }

    /// Fills in where a state leads, once all names of its level are known.
    fn connect(&mut self, index: usize, node: NodeId, level: &Level) {
        let doc = self.definition.doc();
        let named = |id: Option<NodeId>| id.and_then(|id| doc.text(id)).and_then(|name| level.names.get(name).copied());
        let mut next: Vec<usize> = named(doc.get(node, "Next")).into_iter().collect();
        next.extend(named(doc.get(node, "Default")));
        for &choice in doc.get(node, "Choices").map_or(&[][..], |list| doc.items(list)) {
            next.extend(named(doc.get(choice, "Next")));
        }
        let handled = |key: &str| -> Vec<Handled> {
            let items = doc.get(node, key).map_or(&[][..], |list| doc.items(list));
            items
                .iter()
                .map(|&item| {
                    let errors = doc.get(item, "ErrorEquals");
                    let texts = errors.map_or(&[][..], |list| doc.items(list)).iter();
                    Handled {
                        span: self.states[index].span,
                        errors: texts.filter_map(|&error| doc.text(error).map(str::to_owned)).collect(),
                        next: named(doc.get(item, "Next")),
                    }
                })
                .collect()
        };
        let (retry, catch) = (handled("Retry"), handled("Catch"));
        let state = &mut self.states[index];
        state.next = next;
        state.retry = retry;
        state.catch = catch;
    }

    fn task(&self, node: NodeId, span: Span) -> Option<Task> {
        let doc = self.definition.doc();
        let resource = doc.entry(node, "Resource")?;
        let (text, reference) = match self.definition.value(resource.value) {
            Value::Text { text: Text::Literal(text), .. } => (text, None),
            Value::Text { text: Text::Template(text, ids), .. } => (text, ids.first().copied()),
            Value::Text { text: Text::Attribute(id, _), .. } => (String::new(), Some(id)),
            Value::External { symbol, .. } => (symbol, None),
            _ => (String::new(), None),
        };
        let pattern = if text.contains(".waitForTaskToken") {
            Pattern::TaskToken
        } else if text.contains(".sync") {
            Pattern::Sync
        } else {
            Pattern::RequestResponse
        };
        let service = match text.split_once(":states:::") {
            Some((_, integration)) => self.integration(integration, node),
            None => self.direct(&text, reference, resource.value),
        };
        let arguments = doc.get(node, "Parameters").or_else(|| doc.get(node, "Arguments"));
        let starts = arguments.and_then(|node| doc.get(node, "StateMachineArn")).and_then(|node| self.machine(node));
        let table = arguments.and_then(|node| doc.get(node, "TableName")).map(|node| self.said(node));
        let key = arguments.and_then(|node| doc.get(node, "Key")).map(|node| self.said(node));
        let item = table.zip(key).map(|(table, key)| format!("{table} {key}"));
        let written = arguments.and_then(|node| doc.get(node, "Key").or_else(|| doc.get(node, "Item")));
        let of_execution = written.is_some_and(|node| {
            let text = self.said(node);
            text.contains("$$.Execution.") || text.contains("$states.context.Execution.")
        });
        Some(Task { service, pattern, span, starts, item, of_execution })
    }

    /// A value as one text, to compare it with others.
    fn said(&self, node: NodeId) -> String {
        let doc = self.definition.doc();
        let (mut text, mut open) = (String::new(), vec![node]);
        while let Some(node) = open.pop() {
            if text.len() > MOST_SAID {
                break;
            }
            text.extend(doc.text(node).into_iter().flat_map(|word| [word, " "]));
            for entry in doc.entries(node) {
                text.push_str(&entry.key);
                text.push(' ');
                open.push(entry.value);
            }
            open.extend(doc.items(node));
        }
        text
    }

    /// The machine an ARN means.
    fn machine(&self, node: NodeId) -> Option<ResourceId> {
        match self.definition.value(node) {
            Value::Text { text, .. } => match self.definition.registry.target(&text, self.definition.said_in, None) {
                Ok(Target::Resource(id)) => Some(id),
                _ => None,
            },
            _ => None,
        }
    }

    /// `lambda:invoke`, `dynamodb:putItem`, `aws-sdk:s3:copyObject.waitForTaskToken`.
    fn integration(&self, integration: &str, node: NodeId) -> Service {
        let integration = integration.strip_prefix("aws-sdk:").unwrap_or(integration);
        let (service, action) = integration.split_once(':').unwrap_or((integration, ""));
        let action = action.split('.').next().unwrap_or(action);
        if service != "lambda" || !action.eq_ignore_ascii_case("invoke") {
            return Service::Other(service.to_owned(), action.to_owned());
        }
        let doc = self.definition.doc();
        let arguments = doc.get(node, "Parameters").or_else(|| doc.get(node, "Arguments"));
        let name = arguments.and_then(|node| doc.get(node, "FunctionName"));
        Service::Lambda(name.map_or(Known::Absent, |node| self.target(node)))
    }

    fn target(&self, node: NodeId) -> Known<Target> {
        let span = self.definition.doc().span(node);
        match self.definition.value(node) {
            Value::Text { text, span, .. } => {
                match self.definition.registry.target(&text, self.definition.said_in, Some("lambda")) {
                    Ok(target) => Known::Is(Spanned::new(target, span)),
                    Err(reason) => Known::Opaque(span, reason),
                }
            }
            Value::External { symbol, span } => Known::Is(Spanned::new(Target::External(symbol), span)),
            _ => Known::Opaque(span, "is decided at deploy time".to_owned()),
        }
    }

    /// An ARN or reference of the function or activity itself.
    fn direct(&self, text: &str, reference: Option<ResourceId>, node: NodeId) -> Service {
        let registry = self.definition.registry;
        let kind = reference.map(|id| registry.type_name(id));
        match kind {
            Some(
                "AWS::Lambda::Function" | "AWS::Serverless::Function" | "AWS::Lambda::Alias" | "AWS::Lambda::Version",
            ) => Service::Lambda(self.target(node)),
            Some("AWS::StepFunctions::Activity") => Service::Activity,
            _ if text.contains(":activity:") => Service::Activity,
            _ if text.contains(":lambda:") || text.contains(":function:") => Service::Lambda(self.target(node)),
            _ => Service::Unknown,
        }
    }
}
