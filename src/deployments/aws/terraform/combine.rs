//! Values made of other values: text of several parts, alternatives, operators.

use super::value::{Val, ValKind};
use crate::model::Origin;
use crate::text::Span;
use hcl_edit::expr::BinaryOperator;
use std::rc::Rc;

/// Bytes of one text.
pub(crate) const MAX_TEXT: usize = 1 << 20;

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

/// The value of an operator with two sides.
pub(crate) fn binary(operator: BinaryOperator, left: Val, right: Val, span: Span) -> Val {
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
