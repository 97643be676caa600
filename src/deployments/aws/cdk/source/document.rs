//! What a program constructs as a template document.

use super::library::is_holder;
use super::machine::{Construct, Machine};
use super::value::{Kind, Map, Value, spell};
use crate::deployments::aws::cloudformation::MADE;
use crate::deployments::evaluated::{Evaluated, MAX_MADE};
use crate::document::tree::{Entry, Kind as Node, NodeId};

use crate::text::{FileId, Span};

/// Levels of values that are written; deeper ones are unknown.
const MAX_DEPTH: u32 = 100;

/// The resources as a template document; none if nothing was constructed.
pub(crate) fn document(machine: &Machine<'_, '_>, file: FileId) -> Option<(Evaluated, NodeId)> {
    let mut writer = Writer { doc: Evaluated::new(file, MAX_MADE), machine };
    let place = Span::new(file, 0, 0);
    let mut resources = Vec::new();
    for construct in &machine.constructs {
        let Some(type_name) = &construct.type_name else { continue };
        let span = construct.span;
        let kind = writer.word(type_name, span);
        let properties = writer.properties(construct);
        let mut metadata = construct.metadata.clone();
        metadata.set_path("aws:cdk:path", span, Value::text(construct.path.as_ref(), span));
        let metadata = writer.map(&metadata, span, 0);
        let entry = |key: &str, value: NodeId| Entry { key: key.to_owned(), key_span: span, value };
        let mut entries = vec![entry("Type", kind), entry("Properties", properties), entry("Metadata", metadata)];
        if !construct.made.contains(span) {
            let made = writer.word("", construct.made);
            entries.push(entry(MADE, made));
        }
        let value = writer.doc.push(Node::Map(entries), span, None);
        resources.push(Entry { key: construct.path.to_string(), key_span: span, value });
    }
    if resources.is_empty() {
        return None;
    }
    let section = writer.doc.doc_mut().push(Node::Map(resources), place, None);
    let root = Entry { key: "Resources".to_owned(), key_span: place, value: section };
    let root = writer.doc.doc_mut().push(Node::Map(vec![root]), place, None);
    writer.doc.roots.push(root);
    Some((writer.doc, root))
}

struct Writer<'m, 'p, 't> {
    doc: Evaluated,
    machine: &'m Machine<'p, 't>,
}

impl Writer<'_, '_, '_> {
    fn word(&mut self, text: &str, span: Span) -> NodeId {
        self.doc.push(Node::Scalar { text: text.to_owned() }, span, None)
    }

    fn call(&mut self, name: &str, value: NodeId, span: Span) -> NodeId {
        self.doc.push(Node::Map(vec![Entry { key: name.to_owned(), key_span: span, value }]), span, None)
    }

    /// Properties; those of what was handed on, or made with what is not seen, may be more.
    fn properties(&mut self, construct: &Construct) -> NodeId {
        let mut properties = construct.properties.clone();
        let open = properties.open.take();
        let changed = construct.escaped.map(|_| "may be changed by code that is not followed".into());
        if let Some(reason) = open.or(changed) {
            let span = construct.escaped.unwrap_or(construct.span);
            let unknown = || Value::opaque(std::rc::Rc::clone(&reason), span);
            match &*construct.type_name.clone().unwrap_or_default() {
                "AWS::Lambda::Function" => {
                    match properties.at("Environment.Variables").map(|variables| variables.kind) {
                        Some(Kind::Map(map)) => {
                            map.borrow_mut().open.get_or_insert_with(|| reason.clone());
                        }
                        _ => properties.set_path("Environment.Variables", span, unknown()),
                    }
                    for path in ["DeadLetterConfig.TargetArn"] {
                        if properties.at(path).is_none() {
                            properties.set_path(path, span, unknown());
                        }
                    }
                }
                "AWS::IAM::Role" => properties.append("Policies", span, unknown()),
                _ => {}
            }
        }
        self.map(&properties, construct.span, 0)
    }

    fn map(&mut self, map: &Map, span: Span, depth: u32) -> NodeId {
        let mut entries = Vec::with_capacity(map.entries.len());
        for entry in &map.entries {
            // A text of the environment is never a list or an object.
            let value = self.value(&entry.value, depth + 1);
            entries.push(Entry { key: entry.key.to_string(), key_span: entry.key_span, value });
        }
        if let Some(reason) = &map.open {
            let value = self.doc.opaque(reason.to_string(), span);
            entries.push(Entry { key: "Fn::Transform".to_owned(), key_span: span, value });
        }
        self.doc.push(Node::Map(entries), span, None)
    }

    fn value(&mut self, value: &Value, depth: u32) -> NodeId {
        let span = value.span;
        if depth > MAX_DEPTH {
            return self.doc.opaque("is nested too deeply".to_owned(), span);
        }
        match &value.kind {
            Kind::Null => self.doc.push(Node::Null, span, None),
            Kind::Bool(truth) => self.word(&truth.to_string(), span),
            Kind::Number(number) => self.word(&spell(*number), span),
            Kind::Text(text) => self.word(text, span),
            Kind::Parts(parts) => {
                let separator = self.word("", span);
                let parts: Vec<NodeId> = parts.iter().map(|part| self.value(part, depth + 1)).collect();
                let list = self.doc.push(Node::Seq(parts), span, None);
                let pair = self.doc.push(Node::Seq(vec![separator, list]), span, None);
                self.call("Fn::Join", pair, span)
            }
            Kind::List(items) => {
                let items = items.borrow().iter().map(|item| self.value(item, depth + 1)).collect();
                self.doc.push(Node::Seq(items), span, None)
            }
            Kind::Map(map) => self.map(&map.borrow(), span, depth),
            Kind::Library(path) => match path.strip_prefix("core.Aws.") {
                Some(name) => {
                    let name = pseudo(name);
                    let name = self.word(&name, span);
                    self.call("Ref", name, span)
                }
                None => self.doc.opaque("is decided when the program runs".to_owned(), span),
            },
            Kind::Construct(id) => self.attribute(self.machine.construct(*id), "Arn", span),
            Kind::Attribute(id, name) => self.attribute(self.machine.construct(*id), name, span),
            Kind::Either(arms) => {
                let mut arms = arms.iter().rev();
                let Some(last) = arms.next() else { return self.doc.push(Node::Null, span, None) };
                let mut node = self.value(last, depth + 1);
                for arm in arms {
                    let condition = self.word("decided when the program runs", span);
                    let then = self.value(arm, depth + 1);
                    let parts = self.doc.push(Node::Seq(vec![condition, then, node]), span, None);
                    node = self.call("Fn::If", parts, span);
                }
                node
            }
            Kind::External(symbol) => self.doc.external(symbol.to_string(), span),
            _ => self.doc.opaque(value.reason().to_string(), span),
        }
    }

    fn attribute(&mut self, construct: &Construct, name: &str, span: Span) -> NodeId {
        if construct.type_name.is_none() {
            let what = if is_holder(&construct.class) { "is given by the stack" } else { "is decided at deploy time" };
            return self.doc.opaque(what.to_owned(), span);
        }
        let address = self.word(&construct.path, span);
        // Versions and aliases are referred to as themselves.
        let own = matches!(construct.type_name.as_deref(), Some("AWS::Lambda::Version" | "AWS::Lambda::Alias"));
        if name == "Ref" || own {
            return self.call("Ref", address, span);
        }
        let name = self.word(name, span);
        let pair = self.doc.push(Node::Seq(vec![address, name]), span, None);
        self.call("Fn::GetAtt", pair, span)
    }
}

/// `ACCOUNT_ID` is `AWS::AccountId`.
fn pseudo(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let lower = word.to_lowercase();
        let mut chars = lower.chars();
        chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
    });
    format!("AWS::{}", words.collect::<String>())
}
