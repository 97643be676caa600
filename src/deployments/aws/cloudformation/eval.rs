//! Intrinsic functions, as far as the files decide them. What a deployment decides stays opaque.

use super::template::{Binding, Place, Registry};
use crate::deployments::evaluated::Found;
use crate::document::tree::{Kind, NodeId};
use crate::model::deployments::{ResourceId, StackId, Text};
use crate::model::{Known, Origin};
use crate::text::{Span, Spanned};

/// Steps one evaluation may take; real templates stay under a hundred.
const BUDGET: u32 = 20_000;
/// Alternatives kept for one value; more of them say nothing a rule could use.
const MAX_ARMS: usize = 16;

/// What an expression evaluates to.
#[allow(clippy::enum_variant_names)] // `NoValue` is CloudFormation's own name
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// `AWS::NoValue` or `null`: as if the key were not there.
    NoValue,
    /// Text, with references in it where they could be followed.
    Text { text: Text, span: Span, origin: Option<Origin> },
    /// Something outside the project: an import, a parameter without default.
    External { symbol: String, span: Span },
    /// One of several, decided at deploy time.
    Either(Vec<Self>),
    /// A list or mapping.
    Node(Place),
    /// Cannot be told.
    Opaque { reason: String, span: Span },
}

impl Value {
    /// The value as text with references kept.
    pub(crate) fn text(&self, place: Span) -> Known<Text> {
        match self {
            Self::NoValue => Known::Absent,
            Self::Text { text, span, .. } => Known::Is(Spanned::new(text.clone(), *span)),
            Self::External { symbol, span } => Known::Opaque(*span, format!("is set by {symbol}")),
            Self::Either(_) => Known::Opaque(place, "depends on a condition".to_owned()),
            Self::Node(_) => Known::Opaque(place, "is not a single value".to_owned()),
            Self::Opaque { reason, span } => Known::Opaque(*span, reason.clone()),
        }
    }
}

impl Registry {
    /// Evaluates a node of a template.
    pub(crate) fn value(&self, place: Place) -> Value {
        self.budget.set(BUDGET);
        self.eval(place, 0)
    }

    fn eval(&self, place: Place, depth: u32) -> Value {
        let (doc, node) = (self.doc(place), place.node);
        let span = doc.span(node);
        let left = self.budget.get();
        if left == 0 || depth > 64 {
            return Value::Opaque { reason: "too many nested references".to_owned(), span };
        }
        self.budget.set(left - 1);
        if let Some((name, argument)) = self.intrinsic(place) {
            return self.call(name, argument, span, depth + 1);
        }
        match doc.found(node) {
            Some(Found::Given(origin)) => {
                let text = Text::Literal(doc.text(node).unwrap_or_default().to_owned());
                return Value::Text { text, span, origin: Some(origin.clone()) };
            }
            Some(Found::External(symbol)) => return Value::External { symbol: symbol.clone(), span },
            Some(Found::Opaque(reason)) => return Value::Opaque { reason: reason.clone(), span },
            None => {}
        }
        match &doc.node(node).kind {
            Kind::Null => Value::NoValue,
            Kind::Scalar { text } if text.contains("{{resolve:") => {
                Value::Opaque { reason: "dynamic reference, resolved at deploy time".to_owned(), span }
            }
            Kind::Scalar { text } => literal(text.clone(), span),
            Kind::Seq(_) | Kind::Map(_) => Value::Node(place),
        }
    }

    /// The name and argument of an intrinsic, in short or long form.
    pub(crate) fn intrinsic(&self, place: Place) -> Option<(&str, Place)> {
        let doc = self.doc(place);
        if let Some(tag) = &doc.node(place.node).tag {
            return Some((tag, place));
        }
        match doc.entries(place.node) {
            [only] if only.key == "Ref" || only.key.starts_with("Fn::") => Some((&only.key, place.to(only.value))),
            _ => None,
        }
    }

    fn call(&self, name: &str, at: Place, span: Span, depth: u32) -> Value {
        let (doc, template, argument) = (self.doc(at), at.template, at.node);
        let opaque = |reason: &str| Value::Opaque { reason: reason.to_owned(), span };
        match name {
            "Ref" => match doc.text(argument) {
                Some(id) => self.reference(template, id, span, depth),
                None => opaque("`Ref` of something that is not a name"),
            },
            "Fn::GetAtt" => {
                let parts: Vec<&str> = match doc.text(argument) {
                    Some(text) => text.splitn(2, '.').collect(),
                    None => doc.items(argument).iter().filter_map(|&item| doc.text(item)).collect(),
                };
                match parts.as_slice() {
                    [id, attribute] => self.attribute(template, id, attribute, span, depth),
                    _ => opaque("`Fn::GetAtt` without an attribute"),
                }
            }
            "Fn::Sub" => self.substitute(at, span, depth),
            "Fn::Join" => self.join(at, span, depth),
            "Fn::If" => match doc.items(argument) {
                [_, then, other] => {
                    let arms = [*then, *other].map(|arm| self.eval_untagged(at.to(arm), argument, depth));
                    either(arms.into_iter().collect(), span)
                }
                _ => opaque("`Fn::If` without three parts"),
            },
            "Fn::FindInMap" => self.find_in_map(at, span, depth),
            "Fn::Select" => match doc.items(argument) {
                [index, list] => {
                    let index = doc.text(*index).and_then(|text| text.parse::<usize>().ok());
                    match (index, self.eval(at.to(*list), depth)) {
                        (Some(index), Value::Node(list)) => match self.doc(list).items(list.node).get(index) {
                            Some(&item) => self.eval(list.to(item), depth),
                            None => opaque("`Fn::Select` past the end of the list"),
                        },
                        _ => opaque("`Fn::Select` from a list decided at deploy time"),
                    }
                }
                _ => opaque("`Fn::Select` without two parts"),
            },
            "Fn::ImportValue" => {
                let name = match self.eval_untagged(at, argument, depth) {
                    Value::Text { text: Text::Literal(text), .. } => {
                        if let Some(exported) = self.export(&text) {
                            return self.eval(exported, depth + 1);
                        }
                        text
                    }
                    Value::Text { text: Text::Template(text, _), .. } => text,
                    _ => "…".to_owned(),
                };
                Value::External { symbol: format!("import {name}"), span }
            }
            _ => Value::Opaque { reason: format!("`{name}` is evaluated at deploy time"), span },
        }
    }

    /// Evaluates a node; if it is the tagged argument itself, its tag is already spent.
    fn eval_untagged(&self, place: Place, tagged: NodeId, depth: u32) -> Value {
        let (doc, node) = (self.doc(place), place.node);
        if node == tagged && doc.node(node).tag.is_some() {
            return match &doc.node(node).kind {
                Kind::Scalar { text } => literal(text.clone(), doc.span(node)),
                _ => Value::Node(place),
            };
        }
        self.eval(place, depth)
    }

    fn reference(&self, template: StackId, id: &str, span: Span, depth: u32) -> Value {
        if id == "AWS::NoValue" {
            return Value::NoValue;
        }
        if id.starts_with("AWS::") {
            let text = Text::Template(format!("${{{id}}}"), Vec::new());
            return Value::Text { text, span, origin: None };
        }
        if let Some(resource) = self.lookup(template, id) {
            let text = Text::Attribute(resource, None);
            return Value::Text { text, span, origin: None };
        }
        let here = self.template(template);
        let parameter = here.section("Parameters").and_then(|section| here.doc.get(section, id));
        if let Some(parameter) = parameter {
            return self.parameter(template, id, parameter, span, depth);
        }
        if self.is_generated(template, id) {
            return Value::External { symbol: format!("{} generated by SAM", id), span };
        }
        Value::Opaque { reason: format!("`{id}` is not defined in this template"), span }
    }

    fn parameter(&self, template: StackId, name: &str, declaration: NodeId, span: Span, depth: u32) -> Value {
        let here = self.template(template);
        match here.bindings.get(name) {
            Some(&Binding::At(place)) => return self.eval(place, depth),
            Some(Binding::Conflict) => {
                let reason = format!("parameter `{name}` gets different values from several parent stacks");
                return Value::Opaque { reason, span };
            }
            None => {}
        }
        if let Some(given) = here.given.get(name) {
            let arms = given.iter().map(|value| match value {
                Some((text, place)) => Value::Text {
                    text: Text::Literal(text.clone()),
                    span,
                    origin: Some(Origin::Inherited("`samconfig.toml`".to_owned(), *place)),
                },
                None => self.default_of(template, name, declaration, span),
            });
            return either(arms.collect(), span);
        }
        self.default_of(template, name, declaration, span)
    }

    /// What a parameter is where a deployment does not say it.
    fn default_of(&self, template: StackId, name: &str, declaration: NodeId, span: Span) -> Value {
        let here = self.template(template);
        let kind = here.doc.get(declaration, "Type").and_then(|id| here.doc.text(id)).unwrap_or("String");
        let default = here.doc.get(declaration, "Default");
        let default = default.and_then(|id| here.doc.text(id).map(|text| (text, here.doc.span(id))));
        match default {
            Some((text, place)) if !kind.starts_with("AWS::SSM::") && !text.is_empty() => Value::Text {
                text: Text::Literal(text.to_owned()),
                span,
                origin: Some(Origin::ParameterDefault(format!("parameter `{name}`"), place)),
            },
            _ => Value::External { symbol: format!("parameter {name} of {}", here.path), span },
        }
    }

    fn attribute(&self, template: StackId, id: &str, attribute: &str, span: Span, depth: u32) -> Value {
        let Some(resource) = self.lookup(template, id) else {
            if self.is_generated(template, id) {
                return Value::External { symbol: format!("{id} generated by SAM"), span };
            }
            return Value::Opaque { reason: format!("`{id}` is not defined in this template"), span };
        };
        if let (Some(&child), Some(output)) = (self.children.get(&resource), attribute.strip_prefix("Outputs.")) {
            let nested = self.template(child);
            let value = nested
                .section("Outputs")
                .and_then(|section| nested.doc.get(section, output))
                .and_then(|declaration| nested.doc.get(declaration, "Value"));
            return match value {
                Some(node) => self.eval(Place { template: child, node }, depth),
                None => Value::Opaque { reason: format!("nested stack has no output `{output}`"), span },
            };
        }
        let text = Text::Attribute(resource, Some(attribute.to_owned()));
        Value::Text { text, span, origin: None }
    }

    /// The parts a text is joined from, for texts that are structured themselves (definitions of state machines).
    pub(crate) fn pieces(&self, place: Place) -> Vec<Value> {
        self.budget.set(BUDGET);
        let span = self.span(place);
        match self.intrinsic(place) {
            Some(("Fn::Sub", argument)) => self.sub_parts(argument, span, 1).unwrap_or_default(),
            Some(("Fn::Join", argument)) => self.join_parts(argument, span, 1).unwrap_or_default(),
            _ => vec![self.value(place)],
        }
    }

    fn substitute(&self, argument: Place, span: Span, depth: u32) -> Value {
        match self.sub_parts(argument, span, depth) {
            Some(parts) => concat(parts, span),
            None => Value::Opaque { reason: "`Fn::Sub` of something that is not text".to_owned(), span },
        }
    }

    fn sub_parts(&self, at: Place, span: Span, depth: u32) -> Option<Vec<Value>> {
        let (doc, template, argument) = (self.doc(at), at.template, at.node);
        let (source, names) = match doc.items(argument) {
            [text, names, ..] => (doc.text(*text), Some(*names)),
            [text] => (doc.text(*text), None),
            [] => (doc.text(argument), None),
        };
        let source = source?;
        let mut parts = Vec::new();
        let mut rest = source;
        while let Some(open) = rest.find("${") {
            if open > 0 {
                parts.push(literal(rest[..open].to_owned(), span));
            }
            let Some(length) = rest[open..].find('}') else {
                break;
            };
            let name = rest[open + 2..open + length].trim();
            rest = &rest[open + length + 1..];
            if let Some(kept) = name.strip_prefix('!') {
                parts.push(literal(format!("${{{kept}}}"), span));
                continue;
            }
            let local = names.and_then(|names| doc.get(names, name));
            parts.push(match (local, name.split_once('.')) {
                (Some(node), _) => self.eval(at.to(node), depth),
                (None, Some((id, attribute))) => self.attribute(template, id, attribute, span, depth),
                (None, None) => self.reference(template, name, span, depth),
            });
        }
        if !rest.is_empty() {
            parts.push(literal(rest.to_owned(), span));
        }
        Some(parts)
    }

    fn join(&self, argument: Place, span: Span, depth: u32) -> Value {
        match self.join_parts(argument, span, depth) {
            Ok(parts) => concat(parts, span),
            Err(reason) => Value::Opaque { reason: reason.to_owned(), span },
        }
    }

    fn join_parts(&self, argument: Place, span: Span, depth: u32) -> Result<Vec<Value>, &'static str> {
        let doc = self.doc(argument);
        let [delimiter, list] = doc.items(argument.node) else {
            return Err("`Fn::Join` without two parts");
        };
        let Some(delimiter) = doc.text(*delimiter) else {
            return Err("`Fn::Join` with a delimiter that is not text");
        };
        let Value::Node(list) = self.eval(argument.to(*list), depth) else {
            return Err("`Fn::Join` of a list decided at deploy time");
        };
        let mut parts = Vec::new();
        for (index, &item) in self.doc(list).items(list.node).iter().enumerate() {
            if index > 0 && !delimiter.is_empty() {
                parts.push(literal(delimiter.to_owned(), span));
            }
            parts.push(self.eval(list.to(item), depth));
        }
        Ok(parts)
    }

    fn find_in_map(&self, at: Place, span: Span, depth: u32) -> Value {
        let here = self.template(at.template);
        let opaque = |reason: String| Value::Opaque { reason, span };
        let [map, first, second, ..] = here.doc.items(at.node) else {
            return opaque("`Fn::FindInMap` without three parts".to_owned());
        };
        let table = here.section("Mappings").zip(here.doc.text(*map));
        let Some(table) = table.and_then(|(section, name)| here.doc.get(section, name)) else {
            return opaque("`Fn::FindInMap` of a mapping that is not in the template".to_owned());
        };
        let (first, origin) = match self.eval(at.to(*first), depth) {
            Value::Text { text: Text::Literal(text), origin, .. } => (Some(text), origin),
            _ => (None, None),
        };
        let Value::Text { text: Text::Literal(second), .. } = self.eval(at.to(*second), depth) else {
            return opaque("`Fn::FindInMap` with a key decided at deploy time".to_owned());
        };
        if let Some(first) = first {
            let row = here.doc.get(table, &first);
            return match row.and_then(|row| here.doc.get(row, &second)) {
                Some(cell) => with_origin(self.eval(at.to(cell), depth), origin),
                None => opaque(format!("the mapping has no `{first}` with a `{second}`")),
            };
        }
        let cells = here.doc.entries(table).iter().filter_map(|row| here.doc.get(row.value, &second));
        either(cells.map(|cell| self.eval(at.to(cell), depth)).collect(), span)
    }
}

pub(crate) fn literal(text: String, span: Span) -> Value {
    Value::Text { text: Text::Literal(text), span, origin: None }
}

fn with_origin(value: Value, found: Option<Origin>) -> Value {
    match value {
        Value::Text { text, span, origin } => Value::Text { text, span, origin: origin.or(found) },
        other => other,
    }
}

/// Alternatives, flattened; equal ones collapse.
fn either(values: Vec<Value>, span: Span) -> Value {
    let mut arms: Vec<Value> = Vec::new();
    for value in values {
        let parts = match value {
            Value::Either(parts) => parts,
            other => vec![other],
        };
        for part in parts {
            if !arms.iter().any(|arm| same(arm, &part)) {
                arms.push(part);
            }
        }
    }
    match arms.len() {
        0 => Value::NoValue,
        1 => arms.remove(0),
        n if n > MAX_ARMS => Value::Opaque { reason: "too many alternatives".to_owned(), span },
        _ => Value::Either(arms),
    }
}

fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Text { text: a, .. }, Value::Text { text: b, .. }) => a == b,
        (Value::External { symbol: a, .. }, Value::External { symbol: b, .. }) => a == b,
        (Value::NoValue, Value::NoValue) => true,
        _ => false,
    }
}

/// Concatenation. One reference alone stays that reference.
pub(crate) fn concat(parts: Vec<Value>, span: Span) -> Value {
    if let [Value::Text { text, origin, .. }] = parts.as_slice() {
        return Value::Text { text: text.clone(), span, origin: origin.clone() };
    }
    if let [Value::External { symbol, .. }] = parts.as_slice() {
        return Value::External { symbol: symbol.clone(), span };
    }
    let mut whole = String::new();
    let mut resources: Vec<ResourceId> = Vec::new();
    let mut known = true;
    let mut from = None;
    for part in parts {
        match part {
            Value::Text { text: Text::Literal(text), origin, .. } => {
                whole.push_str(&text);
                from = from.or(origin);
            }
            Value::Text { text: Text::Attribute(id, _), .. } => {
                whole.push_str("${…}");
                resources.push(id);
                known = false;
            }
            Value::Text { text: Text::Template(text, ids), .. } => {
                whole.push_str(&text);
                resources.extend(ids);
                known = false;
            }
            Value::External { symbol, .. } => {
                whole.push_str(&format!("${{{symbol}}}"));
                known = false;
            }
            Value::NoValue => {}
            Value::Either(_) | Value::Node(_) | Value::Opaque { .. } => {
                whole.push_str("${…}");
                known = false;
            }
        }
    }
    let text = if known { Text::Literal(whole) } else { Text::Template(whole, resources) };
    Value::Text { text, span, origin: from }
}
