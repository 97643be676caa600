//! Terraform's functions, as far as deployment configs use them. Unknown arguments give an unknown result.

use super::combine::{MAX_TEXT, join, unknown};
use super::names::Names;
use super::value::{Map, MapEntry, Val, ValKind};
use crate::text::Span;
use std::rc::Rc;

/// Calls a function by name.
pub(crate) fn call<N: Names + ?Sized>(names: &N, name: &str, arguments: Vec<Val>, span: Span) -> Val {
    let origin = arguments.iter().find_map(|argument| argument.origin.clone());
    let found = match (name, arguments.as_slice()) {
        // JSON and YAML are kept as the values they encode: what reads them wants those.
        (
            "jsonencode" | "yamlencode" | "sensitive" | "nonsensitive" | "tostring" | "tonumber" | "tobool" | "tomap"
            | "tolist" | "trimspace",
            [only],
        ) if !matches!(only.kind, ValKind::Text(_)) || !name.starts_with("trim") => Some(only.clone()),
        ("jsondecode" | "yamldecode", [only]) => match &only.kind {
            ValKind::Text(_) | ValKind::Parts(_) => super::encoded::structure(only),
            _ => Some(only.clone()),
        },
        ("toset" | "distinct", [only]) => only.items().map(|items| Val::list(distinct(items), span)),
        ("try" | "coalesce", _) => return first(&arguments, name == "coalesce", span),
        ("can", [only]) => only.is_known().then(|| Val::truth(true, span)),
        ("one", [only]) => only.items().map(|items| items.into_iter().next().unwrap_or_else(|| Val::null(span))),
        ("coalescelist", _) => {
            arguments.iter().find(|list| list.items().is_some_and(|items| !items.is_empty())).cloned()
        }
        ("merge", _) => Some(merge(&arguments, span)),
        ("concat", _) => concat(&arguments, span),
        ("flatten", [only]) => flatten(only).map(|items| Val::list(items, span)),
        ("compact", [only]) => only.items().map(|items| {
            let full = |item: &Val| !item.is_null() && item.scalar().as_deref() != Some("");
            Val::list(items.into_iter().filter(full).collect(), span)
        }),
        ("keys", [only]) => map_of(only).map(|map| {
            let mut keys: Vec<_> = map.entries.iter().map(|entry| Rc::clone(&entry.key)).collect();
            keys.sort();
            Val::list(keys.into_iter().map(|key| Val::text(key, span)).collect(), span)
        }),
        ("values", [only]) => {
            map_of(only).map(|map| Val::list(map.entries.iter().map(|entry| entry.value.clone()).collect(), span))
        }
        ("lookup", [map, key, rest @ ..]) => lookup(map, key, rest.first(), span),
        ("element", [list, index]) => list.items().zip(index.as_number()).and_then(|(items, index)| {
            (!items.is_empty()).then(|| items[(index.max(0.0) as usize) % items.len()].clone())
        }),
        ("length", [only]) => match &only.kind {
            ValKind::Text(text) => Some(Val::number(text.chars().count() as f64, span)),
            _ => only.items().map(|items| Val::number(items.len() as f64, span)),
        },
        ("contains", [list, item]) => contains(list, item, span),
        ("zipmap", [keys, values]) => zipmap(keys, values, span),
        ("setproduct", [left, right]) => {
            left.items().zip(right.items()).filter(|(a, b)| a.len() * b.len() <= 10_000).map(|(left, right)| {
                let pair = |a: &Val, b: &Val| Val::list(vec![a.clone(), b.clone()], span);
                Val::list(left.iter().flat_map(|a| right.iter().map(move |b| pair(a, b))).collect(), span)
            })
        }
        ("range", [end]) => end
            .as_number()
            .filter(|end| *end <= 1000.0)
            .map(|end| Val::list((0..end as usize).map(|index| Val::number(index as f64, span)).collect(), span)),
        ("min", _) => numbers(&arguments).map(|all| Val::number(all.into_iter().fold(f64::INFINITY, f64::min), span)),
        ("max", _) => {
            numbers(&arguments).map(|all| Val::number(all.into_iter().fold(f64::NEG_INFINITY, f64::max), span))
        }
        ("floor", [only]) => only.as_number().map(|number| Val::number(number.floor(), span)),
        ("ceil", [only]) => only.as_number().map(|number| Val::number(number.ceil(), span)),
        ("abs", [only]) => only.as_number().map(|number| Val::number(number.abs(), span)),
        ("format", [pattern, rest @ ..]) => format(pattern, rest, span),
        ("join", [separator, lists @ ..]) => join_list(separator, lists, span),
        ("split", [separator, text]) => separator.scalar().zip(text.scalar()).map(|(separator, text)| {
            Val::list(text.split(separator.as_str()).map(|part| Val::text(part, span)).collect(), span)
        }),
        ("file", [name]) => return file(names, name, span),
        ("fileexists", [name]) => name.scalar().map(|name| Val::truth(names.load(&name).is_some(), span)),
        ("abspath" | "pathexpand", [only]) => Some(only.clone()),
        _ => text_function(name, &arguments, span),
    };
    match found {
        Some(value) => value.seen_at(span, origin),
        None => {
            let mut value = unknown(&arguments, span);
            if let ValKind::Opaque(reason) = &value.kind
                && &**reason == "is decided at deploy time"
            {
                value = Val::opaque(format!("`{name}` is evaluated at deploy time"), span);
            }
            value
        }
    }
}

/// Functions of known texts.
fn text_function(name: &str, arguments: &[Val], span: Span) -> Option<Val> {
    let texts: Vec<String> = arguments.iter().map(Val::scalar).collect::<Option<_>>()?;
    if texts.iter().map(String::len).sum::<usize>() > MAX_TEXT >> 4 && name == "replace" {
        return None;
    }
    let text = |text: String| Some(Val::text(text, span));
    match (name, texts.as_slice()) {
        ("lower", [only]) => text(only.to_lowercase()),
        ("upper", [only]) => text(only.to_uppercase()),
        ("title", [only]) => {
            let words = only.split(' ').map(|word| {
                let mut letters = word.chars();
                letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
            });
            text(words.collect::<Vec<String>>().join(" "))
        }
        ("trimspace", [only]) => text(only.trim().to_owned()),
        ("chomp", [only]) => text(only.trim_end_matches(['\n', '\r']).to_owned()),
        ("trimprefix", [whole, prefix]) => text(whole.strip_prefix(prefix.as_str()).unwrap_or(whole).to_owned()),
        ("trimsuffix", [whole, suffix]) => text(whole.strip_suffix(suffix.as_str()).unwrap_or(whole).to_owned()),
        ("trim", [whole, set]) => text(whole.trim_matches(|c| set.contains(c)).to_owned()),
        // A pattern between slashes is a regular expression.
        ("replace", [whole, from, to]) if !(from.len() > 1 && from.starts_with('/') && from.ends_with('/')) => {
            text(whole.replace(from.as_str(), to))
        }
        ("basename", [path]) => text(path.rsplit('/').next().unwrap_or(path).to_owned()),
        ("dirname", [path]) => text(path.rsplit_once('/').map_or(".", |(dir, _)| dir).to_owned()),
        ("startswith", [whole, prefix]) => Some(Val::truth(whole.starts_with(prefix.as_str()), span)),
        ("endswith", [whole, suffix]) => Some(Val::truth(whole.ends_with(suffix.as_str()), span)),
        ("strcontains", [whole, part]) => Some(Val::truth(whole.contains(part.as_str()), span)),
        ("parseint", [digits, base]) => {
            let number = i64::from_str_radix(digits, base.parse().ok().filter(|base| (2..=36).contains(base))?).ok()?;
            Some(Val::number(number as f64, span))
        }
        ("substr", [whole, from, count]) => {
            let (from, count) = (from.parse::<usize>().ok()?, count.parse::<i64>().ok()?);
            let rest = whole.chars().skip(from);
            text(if count < 0 { rest.collect() } else { rest.take(count as usize).collect() })
        }
        _ => None,
    }
}

/// The first argument that is something. An unknown one before it may be nothing, so both stay possible.
fn first(arguments: &[Val], skip_empty: bool, span: Span) -> Val {
    let mut maybe = Vec::new();
    for argument in arguments {
        let empty = argument.is_null() || (skip_empty && argument.scalar().as_deref() == Some(""));
        match &argument.kind {
            _ if empty => {}
            ValKind::Opaque(_) | ValKind::External(_) if arguments.len() > 1 => maybe.push(argument.clone()),
            _ if maybe.is_empty() => return argument.clone().seen_at(span, None),
            _ => {
                maybe.push(argument.clone());
                break;
            }
        }
    }
    match maybe.len() {
        0 => Val::null(span),
        1 => maybe.remove(0).seen_at(span, None),
        _ => unknown(&maybe, span),
    }
}

fn map_of(value: &Val) -> Option<Rc<Map>> {
    match &value.kind {
        ValKind::Map(map) if map.open.is_none() => Some(Rc::clone(map)),
        _ => None,
    }
}

/// Later maps win; an unknown one leaves the result open.
fn merge(arguments: &[Val], span: Span) -> Val {
    let mut merged = Map::default();
    for argument in arguments {
        match &argument.kind {
            ValKind::Map(map) => {
                map.entries.iter().for_each(|entry| merged.set(entry.clone()));
                if let Some(reason) = &map.open {
                    merged.open = Some(Rc::clone(reason));
                }
            }
            ValKind::Null => {}
            // Of a map under a condition each key may be there or not.
            ValKind::Either(_) | ValKind::Opaque(_) | ValKind::External(_) => {
                merged.open = Some("is merged with a map decided at deploy time".into());
            }
            _ => return unknown(std::slice::from_ref(argument), span),
        }
    }
    Val::map(merged, span)
}

fn concat(arguments: &[Val], span: Span) -> Option<Val> {
    let mut all = Vec::new();
    for argument in arguments {
        all.extend(argument.items()?);
    }
    Some(Val::list(all, span))
}

fn flatten(value: &Val) -> Option<Vec<Val>> {
    let mut flat = Vec::new();
    let mut queue: Vec<Val> = value.items()?.into_iter().rev().collect();
    while let Some(next) = queue.pop() {
        match &next.kind {
            ValKind::List(items) => queue.extend(items.iter().rev().cloned()),
            _ => flat.push(next),
        }
    }
    Some(flat)
}

fn distinct(items: Vec<Val>) -> Vec<Val> {
    let mut seen = std::collections::HashSet::new();
    items.into_iter().filter(|item| item.scalar().is_none_or(|text| seen.insert(text))).collect()
}

fn lookup(map: &Val, key: &Val, default: Option<&Val>, span: Span) -> Option<Val> {
    let (ValKind::Map(map), Some(key)) = (&map.kind, key.scalar()) else {
        return None;
    };
    match (map.get(&key), &map.open) {
        (Some(entry), _) => Some(entry.value.clone()),
        (None, None) => Some(default.cloned().unwrap_or_else(|| Val::null(span))),
        (None, Some(_)) => None,
    }
}

fn contains(list: &Val, item: &Val, span: Span) -> Option<Val> {
    let verdicts: Vec<Option<bool>> = list.items()?.iter().map(|known| known.same(item)).collect();
    match verdicts.contains(&Some(true)) {
        true => Some(Val::truth(true, span)),
        false => verdicts.iter().all(Option::is_some).then(|| Val::truth(false, span)),
    }
}

fn zipmap(keys: &Val, values: &Val, span: Span) -> Option<Val> {
    let mut map = Map::default();
    for (key, value) in keys.items()?.into_iter().zip(values.items()?) {
        map.set(MapEntry { key: key.scalar()?.into(), key_span: key.span, value });
    }
    Some(Val::map(map, span))
}

fn numbers(arguments: &[Val]) -> Option<Vec<f64>> {
    arguments.iter().map(Val::as_number).collect()
}

/// `%s`, `%d` and `%v`; references stay references.
fn format(pattern: &Val, arguments: &[Val], span: Span) -> Option<Val> {
    let pattern = pattern.scalar()?;
    let mut parts = Vec::new();
    let mut rest = pattern.as_str();
    let mut next = arguments.iter();
    while let Some(at) = rest.find('%') {
        parts.push(Val::text(&rest[..at], span));
        let verb = rest[at + 1..].chars().next()?;
        match verb {
            '%' => parts.push(Val::text("%", span)),
            's' | 'd' | 'v' => parts.push(next.next()?.clone()),
            _ => return None,
        }
        rest = &rest[at + 1 + verb.len_utf8()..];
    }
    parts.push(Val::text(rest, span));
    parts.retain(|part| part.scalar().as_deref() != Some(""));
    Some(join(parts, span))
}

fn join_list(separator: &Val, lists: &[Val], span: Span) -> Option<Val> {
    let separator = separator.scalar()?;
    let mut parts = Vec::new();
    for item in lists.iter().map(Val::items).collect::<Option<Vec<_>>>()?.into_iter().flatten() {
        if !parts.is_empty() && !separator.is_empty() {
            parts.push(Val::text(separator.as_str(), span));
        }
        parts.push(item);
    }
    Some(if parts.is_empty() { Val::text("", span) } else { join(parts, span) })
}

fn file<N: Names + ?Sized>(names: &N, name: &Val, span: Span) -> Val {
    let Some(name) = name.scalar() else {
        return unknown(std::slice::from_ref(name), span);
    };
    match names.load(&name) {
        Some((place, text)) => Val::text(text, place),
        None => Val::opaque(format!("`{name}` is not a file of this project"), span),
    }
}
