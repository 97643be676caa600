//! Expressions of one module instance. Evaluation is lazy and remembered; cycles, depth and work are bounded.

use super::ast::{Expr, ExprKind, For, Step};
use super::functions;
use super::modules::Configuration;
use super::value::{Map, MapEntry, ResourceRef, Val, ValKind};
use crate::model::Origin;
use crate::text::Span;
use hcl_edit::expr::{BinaryOperator, UnaryOperator};
use std::rc::Rc;

/// Nested references one evaluation may follow.
const MAX_DEPTH: u32 = 100;
/// Bytes of one text.
pub(crate) const MAX_TEXT: usize = 1 << 20;

/// Where an expression is evaluated.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    /// The module instance.
    pub(crate) module: usize,
    /// `each`, `count` and the names `for` binds.
    pub(crate) names: Vec<(Rc<str>, Val)>,
    pub(crate) depth: u32,
}

impl Scope {
    pub(crate) fn of(module: usize) -> Self {
        Self { module, names: Vec::new(), depth: 0 }
    }

    fn with(&self, name: &str, value: Val) -> Self {
        let mut scope = self.clone();
        scope.names.push((name.into(), value));
        scope
    }
}

impl Configuration<'_> {
    /// Evaluates an expression.
    pub(crate) fn eval(&self, expr: &Expr, scope: &Scope) -> Val {
        let span = expr.span;
        if scope.depth > MAX_DEPTH || !self.spend() {
            return Val::opaque("too many nested references", span);
        }
        let value = |kind: ValKind| Val::new(kind, span);
        match &expr.kind {
            ExprKind::Null => Val::null(span),
            ExprKind::Bool(truth) => Val::truth(*truth, span),
            ExprKind::Number(number) => Val::number(*number, span),
            ExprKind::Text(text) => Val::text(text.as_str(), span),
            ExprKind::List(items) => {
                value(ValKind::List(Rc::new(items.iter().map(|item| self.eval(item, scope)).collect())))
            }
            ExprKind::Object(entries) => {
                let mut map = Map::default();
                for (key, item) in entries {
                    // A bare name that is not bound stands for itself; a variable in parentheses does not reach here.
                    match self.eval(key, scope).scalar() {
                        Some(name) => {
                            map.set(MapEntry { key: name.into(), key_span: key.span, value: self.eval(item, scope) })
                        }
                        None => map.open = Some("has a key decided at deploy time".into()),
                    }
                }
                Val::map(map, span)
            }
            ExprKind::Template(parts) => join(parts.iter().map(|part| self.eval(part, scope)).collect(), span),
            ExprKind::Directive => Val::opaque("is made by a template directive", span),
            ExprKind::Variable(name) => match scope.names.iter().rev().find(|(bound, _)| **bound == **name) {
                Some((_, bound)) => bound.clone().seen_at(span, None),
                None => Val::opaque(format!("`{name}` is not defined here"), span),
            },
            ExprKind::Conditional(parts) => {
                let [condition, then, other] = parts.as_ref();
                match self.eval(condition, scope).as_bool() {
                    Some(true) => self.eval(then, scope),
                    Some(false) => self.eval(other, scope),
                    None => either(vec![self.eval(then, scope), self.eval(other, scope)], span),
                }
            }
            ExprKind::Call { name, arguments, spread } => {
                let mut values: Vec<Val> = arguments.iter().map(|argument| self.eval(argument, scope)).collect();
                if *spread && let Some(last) = values.pop() {
                    match last.items() {
                        Some(items) => values.extend(items),
                        None => values.push(Val::opaque("is spread from a value decided at deploy time", last.span)),
                    }
                }
                functions::call(self, scope, name, values, span)
            }
            ExprKind::Traversal(start, steps) => self.traverse(start, steps, scope, span),
            ExprKind::Unary(operator, inner) => {
                let inner = self.eval(inner, scope);
                match (operator, inner.as_number(), inner.as_bool()) {
                    (UnaryOperator::Neg, Some(number), _) => Val::number(-number, span).seen_at(span, inner.origin),
                    (UnaryOperator::Not, _, Some(truth)) => Val::truth(!truth, span).seen_at(span, inner.origin),
                    _ => unknown(&[inner], span),
                }
            }
            ExprKind::Binary(operator, sides) => {
                let [left, right] = sides.as_ref();
                binary(*operator, self.eval(left, scope), self.eval(right, scope), span)
            }
            ExprKind::For(each) => self.for_each(each, scope, span),
        }
    }

    fn for_each(&self, each: &For, scope: &Scope, span: Span) -> Val {
        let collection = self.eval(&each.collection, scope);
        let Some(pairs) = pairs(&collection) else {
            return unknown(&[collection], span);
        };
        let (mut list, mut map) = (Vec::new(), Map::default());
        for (key, item) in pairs {
            let mut inner = scope.clone();
            inner.depth += 1;
            if let Some(name) = &each.key_name {
                inner.names.push((name.as_str().into(), key));
            }
            inner.names.push((each.value_name.as_str().into(), item));
            match each.condition.as_ref().map(|condition| self.eval(condition, &inner).as_bool()) {
                Some(Some(false)) => continue,
                Some(None) => return Val::opaque("keeps items by a condition decided at deploy time", span),
                _ => {}
            }
            let value = self.eval(&each.value, &inner);
            match &each.key {
                None => list.push(value),
                Some(key) => match self.eval(key, &inner).scalar() {
                    Some(name) if each.grouping => {
                        let before = map.get(&name).and_then(|entry| entry.value.items()).unwrap_or_default();
                        let value = Val::list(before.into_iter().chain([value]).collect(), span);
                        map.set(MapEntry { key: name.into(), key_span: key.span, value });
                    }
                    Some(name) => map.set(MapEntry { key: name.into(), key_span: key.span, value }),
                    None => map.open = Some("has a key decided at deploy time".into()),
                },
            }
        }
        if each.key.is_some() { Val::map(map, span) } else { Val::list(list, span) }
    }

    fn traverse(&self, start: &Expr, steps: &[Step], scope: &Scope, span: Span) -> Val {
        let deeper = Scope { depth: scope.depth + 1, ..scope.clone() };
        let (mut value, mut rest) = match &start.kind {
            ExprKind::Variable(root) => match (root.as_str(), steps) {
                ("var", [Step::Attribute(name), rest @ ..]) => (self.variable(name, &deeper, span), rest),
                ("local", [Step::Attribute(name), rest @ ..]) => (self.local(name, &deeper, span), rest),
                ("module", [Step::Attribute(name), rest @ ..]) => {
                    let kind = ValKind::Module { caller: scope.module, call: name.as_str().into(), key: None };
                    (Val::new(kind, span), rest)
                }
                ("path", [Step::Attribute(name), rest @ ..]) => {
                    let dir = if name == "module" { self.path_of(scope.module) } else { ".".to_owned() };
                    (Val::text(dir, span), rest)
                }
                ("terraform", _) => (Val::new(ValKind::External("terraform workspace".into()), span), &steps[..0]),
                ("self", _) => return Val::opaque("refers to the resource itself", span),
                ("data", [Step::Attribute(kind), Step::Attribute(name), rest @ ..]) => {
                    (resource(scope.module, true, kind, name, span), rest)
                }
                (name, rest) if scope.names.iter().any(|(bound, _)| **bound == *name) => {
                    (self.eval(start, scope), rest)
                }
                (kind, [Step::Attribute(name), rest @ ..]) => (resource(scope.module, false, kind, name, span), rest),
                _ => (self.eval(start, scope), steps),
            },
            _ => (self.eval(start, scope), steps),
        };
        while let Some((step, after)) = rest.split_first() {
            rest = after;
            value = match step {
                Step::Attribute(name) => self.member(&value, name, &deeper, span),
                Step::Index(index) => {
                    let index = self.eval(index, scope);
                    self.index(&value, &index, &deeper, span)
                }
                Step::Splat => {
                    let items = self.instances_of(&value, span);
                    let Some(items) = items.or_else(|| value.items()) else {
                        return if value.is_null() { Val::list(Vec::new(), span) } else { unknown(&[value], span) };
                    };
                    let rest = rest.to_vec_of_attributes();
                    let each = items.into_iter().map(|item| {
                        rest.iter().fold(item, |item, step| match step {
                            Ok(name) => self.member(&item, name, &deeper, span),
                            Err(index) => self.index(&item, &self.eval(index, scope), &deeper, span),
                        })
                    });
                    return Val::list(each.collect(), span);
                }
            };
        }
        let origin = value.origin.clone();
        value.seen_at(span, origin)
    }

    /// `value.name`.
    pub(crate) fn member(&self, value: &Val, name: &str, scope: &Scope, span: Span) -> Val {
        if scope.depth > MAX_DEPTH || !self.spend() {
            return Val::opaque("too many nested references", span);
        }
        match &value.kind {
            ValKind::Map(map) => match (map.get(name), &map.open) {
                (Some(entry), _) => entry.value.clone().seen_at(span, value.origin.clone()),
                (None, Some(reason)) => Val::opaque(Rc::clone(reason), span),
                (None, None) => Val::null(span),
            },
            ValKind::Resource(reference) => self.resource_attribute(reference, name, scope, span),
            ValKind::Module { caller, call, key } => self.output(*caller, call, key.as_deref(), name, scope, span),
            // `block.0.attribute` and the only block of its kind.
            ValKind::List(items) => match name.parse::<usize>() {
                Ok(index) => items.get(index).cloned().unwrap_or_else(|| Val::null(span)),
                Err(_) => match items.as_slice() {
                    [only] => self.member(only, name, scope, span),
                    _ => Val::opaque("is an attribute of a list", span),
                },
            },
            ValKind::Either(arms) => either(arms.iter().map(|arm| self.member(arm, name, scope, span)).collect(), span),
            ValKind::External(symbol) => Val::new(ValKind::External(format!("{symbol}.{name}").into()), span),
            ValKind::Attribute(address, attribute) => {
                Val::new(ValKind::Attribute(Rc::clone(address), format!("{attribute}.{name}").into()), span)
            }
            _ => unknown(std::slice::from_ref(value), span),
        }
    }

    /// `value[index]`.
    pub(crate) fn index(&self, value: &Val, index: &Val, scope: &Scope, span: Span) -> Val {
        match &value.kind {
            ValKind::Resource(reference) if reference.key.is_none() => match index.scalar() {
                Some(key) => {
                    let reference = ResourceRef { key: Some(key.into()), ..reference.clone() };
                    Val::new(ValKind::Resource(reference), span)
                }
                // Which instance is unknown; with one instance it can only be that one.
                None => match self.instances_of(value, span).as_deref() {
                    Some([only]) => only.clone(),
                    _ => unknown(std::slice::from_ref(index), span),
                },
            },
            ValKind::Module { caller, call, key: None } => {
                let key = index.scalar().map(Rc::from);
                Val::new(ValKind::Module { caller: *caller, call: Rc::clone(call), key }, span)
            }
            ValKind::List(items) => match index.as_number() {
                Some(number) if number >= 0.0 => items
                    .get(number as usize)
                    .cloned()
                    .unwrap_or_else(|| Val::opaque("is past the end of a list", span)),
                _ => unknown(std::slice::from_ref(index), span),
            },
            _ => match index.scalar() {
                Some(name) => self.member(value, &name, scope, span),
                None => unknown(std::slice::from_ref(index), span),
            },
        }
    }

    /// Evaluates with `each.key` and `each.value` bound.
    pub(crate) fn each(scope: &Scope, key: Val, value: Val) -> Scope {
        let span = key.span;
        let entry = |name: &str, value: Val| MapEntry { key: name.into(), key_span: span, value };
        let map = Map { entries: vec![entry("key", key), entry("value", value)], open: None };
        scope.with("each", Val::map(map, span))
    }

    /// Evaluates with `count.index` bound.
    pub(crate) fn counted(scope: &Scope, index: Val) -> Scope {
        let span = index.span;
        let map = Map { entries: vec![MapEntry { key: "index".into(), key_span: span, value: index }], open: None };
        scope.with("count", Val::map(map, span))
    }
}

trait Attributes {
    fn to_vec_of_attributes(&self) -> Vec<Result<&str, &Expr>>;
}

impl Attributes for [Step] {
    /// The steps after a splat; a second splat flattens nothing we need.
    fn to_vec_of_attributes(&self) -> Vec<Result<&str, &Expr>> {
        self.iter()
            .filter_map(|step| match step {
                Step::Attribute(name) => Some(Ok(name.as_str())),
                Step::Index(index) => Some(Err(index)),
                Step::Splat => None,
            })
            .collect()
    }
}

fn resource(module: usize, data: bool, kind: &str, name: &str, span: Span) -> Val {
    Val::new(ValKind::Resource(ResourceRef { module, data, kind: kind.into(), name: name.into(), key: None }), span)
}

/// Keys and values of a collection whose size is known.
pub(crate) fn pairs(value: &Val) -> Option<Vec<(Val, Val)>> {
    match &value.kind {
        ValKind::List(items) => Some(
            items
                .iter()
                .enumerate()
                .map(|(index, item)| (Val::number(index as f64, item.span), item.clone()))
                .collect(),
        ),
        ValKind::Map(map) if map.open.is_none() => Some(
            map.entries
                .iter()
                .map(|entry| (Val::text(Rc::clone(&entry.key), entry.key_span), entry.value.clone()))
                .collect(),
        ),
        _ => None,
    }
}

/// A value that cannot be told because its parts cannot.
pub(crate) fn unknown(parts: &[Val], span: Span) -> Val {
    for part in parts {
        match &part.kind {
            ValKind::External(symbol) => return Val::new(ValKind::External(Rc::clone(symbol)), span),
            ValKind::Opaque(reason) => return Val::opaque(Rc::clone(reason), span),
            _ => {}
        }
    }
    Val::opaque("is decided at deploy time", span)
}

/// Text of several parts; known if all are.
pub(crate) fn join(parts: Vec<Val>, span: Span) -> Val {
    if let [only] = parts.as_slice() {
        return only.clone().seen_at(span, None);
    }
    let mut origin: Option<Origin> = None;
    let mut flat: Vec<Val> = Vec::new();
    for part in parts {
        origin = origin.or_else(|| part.origin.clone());
        match part.kind {
            ValKind::Parts(inner) => flat.extend(inner.iter().cloned()),
            _ => flat.push(part),
        }
    }
    let texts: Option<Vec<String>> =
        flat.iter().map(|part| if part.is_null() { Some(String::new()) } else { part.scalar() }).collect();
    // Text that doubles with each reference would have no end.
    let kind = match texts {
        Some(texts) if texts.iter().map(String::len).sum::<usize>() > MAX_TEXT => {
            return Val::opaque("is too large to follow", span);
        }
        Some(texts) => ValKind::Text(texts.concat().into()),
        None => ValKind::Parts(Rc::new(flat)),
    };
    Val::new(kind, span).seen_at(span, origin)
}

/// Alternatives, flattened.
pub(crate) fn either(arms: Vec<Val>, span: Span) -> Val {
    let mut flat: Vec<Val> = Vec::new();
    for arm in arms {
        let parts = match &arm.kind {
            ValKind::Either(parts) => parts.to_vec(),
            _ => vec![arm],
        };
        for part in parts {
            if !flat.iter().any(|known| known.same(&part) == Some(true)) {
                flat.push(part);
            }
        }
    }
    match flat.len() {
        1 => flat.remove(0).seen_at(span, None),
        n if n > 16 => Val::opaque("has too many alternatives", span),
        _ => Val::new(ValKind::Either(Rc::new(flat)), span),
    }
}

fn binary(operator: BinaryOperator, left: Val, right: Val, span: Span) -> Val {
    use BinaryOperator as Op;
    let origin = left.origin.clone().or_else(|| right.origin.clone());
    let numbers = left.as_number().zip(right.as_number());
    let truths = (left.as_bool(), right.as_bool());
    let kind = match (operator, numbers) {
        (Op::Eq, _) => left.same(&right).map(ValKind::Bool),
        (Op::NotEq, _) => left.same(&right).map(|same| ValKind::Bool(!same)),
        (Op::And, _) => match truths {
            (Some(false), _) | (_, Some(false)) => Some(ValKind::Bool(false)),
            (Some(true), Some(true)) => Some(ValKind::Bool(true)),
            _ => None,
        },
        (Op::Or, _) => match truths {
            (Some(true), _) | (_, Some(true)) => Some(ValKind::Bool(true)),
            (Some(false), Some(false)) => Some(ValKind::Bool(false)),
            _ => None,
        },
        (Op::Plus, Some((a, b))) => Some(ValKind::Number(a + b)),
        (Op::Minus, Some((a, b))) => Some(ValKind::Number(a - b)),
        (Op::Mul, Some((a, b))) => Some(ValKind::Number(a * b)),
        (Op::Div, Some((a, b))) if b != 0.0 => Some(ValKind::Number(a / b)),
        (Op::Mod, Some((a, b))) if b != 0.0 => Some(ValKind::Number(a % b)),
        (Op::Less, Some((a, b))) => Some(ValKind::Bool(a < b)),
        (Op::LessEq, Some((a, b))) => Some(ValKind::Bool(a <= b)),
        (Op::Greater, Some((a, b))) => Some(ValKind::Bool(a > b)),
        (Op::GreaterEq, Some((a, b))) => Some(ValKind::Bool(a >= b)),
        _ => None,
    };
    match kind {
        Some(kind) => Val::new(kind, span).seen_at(span, origin),
        None => unknown(&[left, right], span),
    }
}
