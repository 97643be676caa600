//! One of several values, decided by what no file decides: each is followed as if it were the one.

use super::machine::Machine;
use super::syntax::Operator;
use super::value::{Entry, Kind, Map, Text, Value};
use crate::text::Span;

/// The values something may have: the alternatives, or itself.
pub(crate) fn arms(value: &Value) -> Vec<Value> {
    match &value.kind {
        Kind::Either(arms) => arms.to_vec(),
        _ => vec![value.clone()],
    }
}

/// What a key nobody can tell leads to: one of the values there are.
pub(crate) fn any_of(object: &Value, span: Span) -> Option<Value> {
    let values: Vec<Value> = match &object.kind {
        Kind::Map(map) if map.borrow().open.is_none() => {
            map.borrow().entries.iter().map(|entry| entry.value.clone()).collect()
        }
        Kind::List(items) => items.borrow().clone(),
        _ => return None,
    };
    let same_kind = |value: &Value| matches!(value.kind, Kind::Map(_)) == matches!(values[0].kind, Kind::Map(_));
    (!values.is_empty() && values.iter().all(same_kind)).then(|| Value::either(values.clone(), span))
}

/// Takes over the keys of what is one of several objects, or none.
pub(crate) fn spread(map: &mut Map, alternatives: &[Value]) {
    let object = |value: &Value| match &value.kind {
        Kind::Map(more) => Some(more.borrow().clone()),
        _ => None,
    };
    let objects: Vec<Option<Map>> = alternatives.iter().map(object).collect();
    let mut keys: Vec<Entry> = Vec::new();
    for entry in objects.iter().flatten().flat_map(|object| &object.entries) {
        if !keys.iter().any(|known| known.key == entry.key) {
            keys.push(entry.clone());
        }
    }
    for entry in keys {
        let span = entry.value.span;
        let before = map.get(&entry.key).map(|entry| entry.value.clone()).unwrap_or_else(|| Value::null(span));
        let each = objects.iter().map(|object| {
            let own = object.as_ref().and_then(|object| object.get(&entry.key));
            own.map_or_else(|| before.clone(), |own| own.value.clone())
        });
        let value = Value::either(each.collect(), span);
        map.set(Entry { value, ..entry });
    }
    let reason: Option<Text> = objects.iter().flatten().find_map(|object| object.open.clone());
    if let (Some(reason), None) = (reason, &map.open) {
        map.open = Some(reason);
    }
}

impl Machine<'_, '_> {
    /// A number made of two, for each alternative of both; none if one of them is no number.
    pub(crate) fn arithmetic(&mut self, operator: Operator, left: &Value, right: &Value, span: Span) -> Option<Value> {
        let (left, right) = (arms(left), arms(right));
        let mut made = Vec::with_capacity(left.len() * right.len());
        for a in &left {
            for b in &right {
                let (a, b) = a.as_number().zip(b.as_number())?;
                made.push(match operator {
                    Operator::Add => Value::number(a + b, span),
                    Operator::Subtract => Value::number(a - b, span),
                    Operator::Multiply => Value::number(a * b, span),
                    Operator::Divide if b != 0.0 => Value::number(a / b, span),
                    Operator::Less => Value::truth(a < b, span),
                    Operator::Greater => Value::truth(a > b, span),
                    Operator::LessEqual => Value::truth(a <= b, span),
                    Operator::GreaterEqual => Value::truth(a >= b, span),
                    _ => return None,
                });
            }
        }
        Some(Value::either(made, span))
    }

    /// `a ?? b` and `a || b` for what may be missing: what is there of the one, and the other where it is not.
    pub(crate) fn otherwise(&mut self, left: &Value, falsy: bool, right: Value, span: Span) -> Value {
        let Kind::Either(known) = &left.kind else { return Value::opaque(left.reason(), span) };
        let missing = |arm: &Value| if falsy { arm.truthy() } else { Some(!arm.is_null()) };
        if known.iter().any(|arm| missing(arm).is_none()) {
            return Value::opaque(left.reason(), span);
        }
        let kept: Vec<Value> = known.iter().filter(|arm| missing(arm) == Some(true)).cloned().collect();
        let all = kept.len() == known.len();
        Value::either(kept.into_iter().chain((!all).then_some(right)).collect(), span)
    }
}
