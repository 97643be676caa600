//! Resources in CloudFormation's terms on their way to a template: properties by dotted paths.

use super::encoded;
use super::value::{Map, MapEntry, Val, ValKind};
use crate::knowledge::TerraformAttributes;
use crate::text::Span;
use std::rc::Rc;

/// A resource in CloudFormation's terms.
pub(crate) struct Made {
    pub(crate) address: String,
    pub(crate) type_name: String,
    pub(crate) span: Span,
    pub(crate) properties: Map,
}

/// What a root module makes.
#[derive(Default)]
pub(crate) struct Output {
    pub(crate) made: Vec<Made>,
    pub(crate) gaps: Vec<(Span, String)>,
}

/// Adds an item to the list at a dotted path, in place: many policies may belong to one role.
pub(crate) fn append(map: &mut Map, path: &str, span: Span, value: Val) {
    if let Some(ValKind::List(items)) = dig_mut(map, path) {
        Rc::make_mut(items).push(value);
        return;
    }
    set_path(map, path, span, Val::list(vec![value], span));
}

fn dig_mut<'m>(map: &'m mut Map, path: &str) -> Option<&'m mut ValKind> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let kind = &mut map.entries.iter_mut().find(|entry| &*entry.key == first)?.value.kind;
    match (rest, kind) {
        (None, kind) => Some(kind),
        (Some(rest), ValKind::Map(inner)) => dig_mut(Rc::make_mut(inner), rest),
        (Some(_), _) => None,
    }
}

/// The entry a dotted path leads to; blocks that occur once count as objects.
pub(crate) fn dig<'m>(map: &'m Map, path: &str) -> Option<&'m MapEntry> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let entry = map.get(first)?;
    match (rest, entry.value.object()) {
        (None, _) => Some(entry),
        (Some(rest), Some(inner)) => dig(inner, rest),
        // A block nobody can see through makes the attribute unknown, not absent.
        (Some(_), None) => matches!(entry.value.kind, ValKind::Opaque(_) | ValKind::External(_) | ValKind::Either(_))
            .then_some(entry)
            .or_else(|| unseen_block(entry)),
    }
}

/// A `dynamic` block over unknown values.
fn unseen_block(entry: &MapEntry) -> Option<&MapEntry> {
    match &entry.value.kind {
        ValKind::List(items) if items.iter().any(|item| matches!(item.kind, ValKind::Opaque(_))) => Some(entry),
        _ => None,
    }
}

pub(crate) fn set_path(map: &mut Map, path: &str, key_span: Span, value: Val) {
    match path.split_once('.') {
        None => map.set(MapEntry { key: path.into(), key_span, value }),
        Some((first, rest)) => {
            let mut inner = match map.get(first).map(|entry| &entry.value.kind) {
                Some(ValKind::Map(inner)) => Map::clone(inner),
                _ => Map::default(),
            };
            let span = value.span;
            set_path(&mut inner, rest, key_span, value);
            map.set(MapEntry { key: first.into(), key_span, value: Val::map(inner, span) });
        }
    }
}

impl TerraformAttributes {
    /// Copies the attributes that are set to their properties.
    pub(crate) fn write(&self, body: &Map, out: &mut Map) {
        for (attribute, property) in &self.attributes {
            let Some(entry) = dig(body, attribute) else { continue };
            if self.unset.get(attribute).is_some_and(|unset| entry.value.scalar().as_ref() == Some(unset)) {
                continue;
            }
            let mut value = entry.value.clone();
            if self.encoded.contains(attribute)
                && let Some(structure) = encoded::structure(&value)
            {
                value = structure;
            }
            // `Rules[prefix]` is an item with a name and a value.
            match property.strip_suffix(']').and_then(|property| property.split_once('[')) {
                Some((list, name)) => {
                    let entry = |key: &str, value: Val| MapEntry { key: key.into(), key_span: entry.key_span, value };
                    let name = Val::text(name, entry("", Val::null(value.span)).key_span);
                    let span = value.span;
                    let item = Map { entries: vec![entry("Name", name), entry("Value", value)], open: None };
                    append(out, list, span, Val::map(item, span));
                }
                None => set_path(out, property, entry.key_span, value),
            }
        }
    }
}
