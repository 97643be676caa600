//! Expressions of one module instance, over whatever says what names stand for. Depth and work are bounded.

use super::combine::{binary, either, join, pairs, unknown};
use super::functions;
use super::names::Names;
use super::scope::Scope;
use super::value::{Map, MapEntry, ModuleId, ModuleRef, ResourceRef, Val, ValKind};
use crate::document::hcl::{self, Expr, ExprKind, For, Step};
use crate::text::Span;
use hcl_edit::expr::UnaryOperator;
use std::rc::Rc;

/// Nested references one evaluation may follow.
const MAX_DEPTH: u32 = 100;
/// Evaluates expressions; names are looked up in `names`.
pub(crate) struct Evaluator<'n, N: ?Sized> {
    pub(crate) names: &'n N,
}

impl<N: Names + ?Sized> Evaluator<'_, N> {
    /// Evaluates an expression.
    pub(crate) fn eval(&self, expr: &Expr, scope: &Scope) -> Val {
        let span = expr.span;
        if scope.depth > MAX_DEPTH || !self.names.spend() {
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
                match (name.as_str(), values.as_slice()) {
                    ("templatefile", [file, names]) => self.template(scope, file, names, span),
                    _ => functions::call(self.names, name, values, span),
                }
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

    /// `templatefile(name, names)`.
    fn template(&self, scope: &Scope, name: &Val, names: &Val, span: Span) -> Val {
        let Some(name) = name.scalar() else {
            return unknown(std::slice::from_ref(name), span);
        };
        let Some((place, text)) = self.names.load(&name) else {
            return Val::opaque(format!("`{name}` is not a file of this project"), span);
        };
        let parsed = hcl::parse_template_file(&text, place);
        let bound = match &names.kind {
            ValKind::Map(map) => map.entries.iter().map(|entry| (Rc::clone(&entry.key), entry.value.clone())).collect(),
            _ => Vec::new(),
        };
        self.eval(&parsed, &Scope { names: bound, depth: scope.depth + 1, ..Scope::of(scope.module) })
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
                ("var", [Step::Attribute(name), rest @ ..]) => (self.names.variable(name, &deeper, span), rest),
                ("local", [Step::Attribute(name), rest @ ..]) => (self.names.local(name, &deeper, span), rest),
                ("module", [Step::Attribute(name), rest @ ..]) => {
                    let kind =
                        ValKind::Module(ModuleRef { caller: scope.module, call: name.as_str().into(), key: None });
                    (Val::new(kind, span), rest)
                }
                ("path", [Step::Attribute(name), rest @ ..]) => {
                    let dir = if name == "module" { self.names.path_of(scope.module) } else { ".".to_owned() };
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
                    let items = self.names.instances_of(&value, span);
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
        if scope.depth > MAX_DEPTH || !self.names.spend() {
            return Val::opaque("too many nested references", span);
        }
        match &value.kind {
            ValKind::Map(map) => match (map.get(name), &map.open) {
                (Some(entry), _) => entry.value.clone().seen_at(span, value.origin.clone()),
                (None, Some(reason)) => Val::opaque(Rc::clone(reason), span),
                (None, None) => Val::null(span),
            },
            ValKind::Resource(reference) => self.names.attribute(reference, name, scope, span),
            ValKind::Module(module) => self.names.output(module, name, scope, span),
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
                None => match self.names.instances_of(value, span).as_deref() {
                    Some([only]) => only.clone(),
                    _ => unknown(std::slice::from_ref(index), span),
                },
            },
            ValKind::Module(module) if module.key.is_none() => {
                let key = index.scalar().map(Rc::from);
                Val::new(ValKind::Module(ModuleRef { key, ..module.clone() }), span)
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

fn resource(module: ModuleId, data: bool, kind: &str, name: &str, span: Span) -> Val {
    Val::new(ValKind::Resource(ResourceRef { module, data, kind: kind.into(), name: name.into(), key: None }), span)
}
