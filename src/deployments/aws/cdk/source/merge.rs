//! One class of stack made several times: a stage, a region. What is written once is one resource; where the stacks
//! differ, a setting is one of several.

use super::library::is_stack;
use super::machine::Machine;
use super::value::{ConstructId, Entry, Kind, Map, Value};
use std::collections::HashMap;
use std::rc::Rc;

/// Levels of properties that are compared.
const MAX_DEPTH: u32 = 60;

/// Leaves the first of the constructs that several stacks make at the same place of the program.
pub(crate) fn stacks(machine: &mut Machine<'_, '_>) {
    let mut first: HashMap<(String, u32, u32, usize, String), ConstructId> = HashMap::new();
    let mut same: HashMap<ConstructId, ConstructId> = HashMap::new();
    for index in 0..machine.constructs.len() {
        let id = ConstructId(index);
        let construct = machine.construct(id);
        let Some(stack) = machine.around(id, is_stack).filter(|_| construct.type_name.is_some()) else { continue };
        let stack = machine.construct(stack);
        let below = construct.path.strip_prefix(&*stack.path).unwrap_or(&construct.path).to_owned();
        let class = construct.class.to_string();
        let file = machine.programs.sources.path(construct.span.file).len();
        let key = (class, construct.span.start, construct.span.end, file, below);
        match first.get(&key) {
            Some(&known) if machine.around(known, is_stack) != machine.around(id, is_stack) => {
                same.insert(id, known);
            }
            Some(_) => {}
            None => {
                first.insert(key, id);
            }
        }
    }
    if same.is_empty() {
        return;
    }
    for construct in &mut machine.constructs {
        construct.properties = redirected(&construct.properties, &same, 0);
    }
    let mut pairs: Vec<(ConstructId, ConstructId)> = same.into_iter().collect();
    pairs.sort_by_key(|(id, _)| id.0);
    for (id, known) in pairs {
        let other = std::mem::take(&mut machine.construct_mut(id).properties);
        let own = std::mem::take(&mut machine.construct_mut(known).properties);
        machine.construct_mut(known).properties = merged(own, &other, 0);
        machine.construct_mut(id).type_name = None;
    }
}

fn redirected(map: &Map, same: &HashMap<ConstructId, ConstructId>, depth: u32) -> Map {
    let mut out = Map { open: map.open.clone(), ..Map::default() };
    for entry in &map.entries {
        out.set(Entry { value: moved(&entry.value, same, depth), ..entry.clone() });
    }
    out
}

fn moved(value: &Value, same: &HashMap<ConstructId, ConstructId>, depth: u32) -> Value {
    let to = |id: &ConstructId| same.get(id).copied().unwrap_or(*id);
    let each = |items: &[Value]| items.iter().map(|item| moved(item, same, depth + 1)).collect::<Vec<Value>>();
    if depth > MAX_DEPTH {
        return value.clone();
    }
    let kind = match &value.kind {
        Kind::Construct(id) => Kind::Construct(to(id)),
        Kind::Attribute(id, name) => Kind::Attribute(to(id), Rc::clone(name)),
        Kind::List(items) => return Value::list(each(&items.borrow()), value.span),
        Kind::Map(map) => return Value::map(redirected(&map.borrow(), same, depth + 1), value.span),
        Kind::Parts(parts) => Kind::Parts(Rc::new(each(parts))),
        Kind::Either(arms) => Kind::Either(Rc::new(each(arms))),
        other => other.clone(),
    };
    Value::new(kind, value.span)
}

fn merged(own: Map, other: &Map, depth: u32) -> Map {
    let mut out = own.clone();
    for entry in &other.entries {
        let value = match own.get(&entry.key) {
            Some(known) => joined(&known.value, &entry.value, depth),
            None => Value::either(vec![Value::null(entry.value.span), entry.value.clone()], entry.value.span),
        };
        out.set(Entry { value, ..entry.clone() });
    }
    for entry in &own.entries {
        if other.get(&entry.key).is_none() {
            let value = Value::either(vec![entry.value.clone(), Value::null(entry.value.span)], entry.value.span);
            out.set(Entry { value, ..entry.clone() });
        }
    }
    if out.open.is_none() {
        out.open.clone_from(&other.open);
    }
    out
}

fn joined(a: &Value, b: &Value, depth: u32) -> Value {
    match (&a.kind, &b.kind) {
        (Kind::Map(x), Kind::Map(y)) if depth < MAX_DEPTH => {
            Value::map(merged(x.borrow().clone(), &y.borrow(), depth + 1), a.span)
        }
        (Kind::List(x), Kind::List(y)) if depth < MAX_DEPTH && x.borrow().len() == y.borrow().len() => {
            let pairs = x.borrow().iter().zip(y.borrow().iter()).map(|(x, y)| joined(x, y, depth + 1)).collect();
            Value::list(pairs, a.span)
        }
        (Kind::Parts(x), Kind::Parts(y)) if x.len() == y.len() => {
            let pairs = x.iter().zip(y.iter()).map(|(x, y)| joined(x, y, depth + 1)).collect();
            Value::joined(pairs, a.span)
        }
        (Kind::Attribute(x, n), Kind::Attribute(y, m)) if x == y && n == m => a.clone(),
        (Kind::External(x), Kind::External(y)) if x == y => a.clone(),
        (Kind::Opaque(_), _) => a.clone(),
        (_, Kind::Opaque(_)) => b.clone(),
        _ if a.same(b) == Some(true) => a.clone(),
        (Kind::List(_) | Kind::Map(_) | Kind::Parts(_), _) | (_, Kind::List(_) | Kind::Map(_) | Kind::Parts(_)) => {
            Value::opaque("differs between the stacks of this class", a.span)
        }
        _ => Value::either(vec![a.clone(), b.clone()], a.span),
    }
}
