//! Typed settings of a resource: explicit, inherited from `Globals`, or default, with provenance.

use super::eval::Value;
use super::template::Registry;
use crate::document::tree::NodeId;
use crate::model::deployments::{Target, Text};
use crate::model::{Known, Origin, Setting};
use crate::text::{Span, Spanned};

/// The section SAM functions inherit from, as messages name it.
pub(crate) const GLOBALS: &str = "`Globals`";

/// The properties of one resource, with the `Globals` section behind them.
#[derive(Clone, Copy)]
pub(crate) struct Properties<'r> {
    pub(crate) registry: &'r Registry,
    pub(crate) template: usize,
    /// The mapping the paths start at.
    pub(crate) node: Option<NodeId>,
    /// The same mapping under `Globals`.
    pub(crate) globals: Option<NodeId>,
    /// Top-level keys that do not inherit (`IgnoreGlobals`).
    pub(crate) ignored: Option<NodeId>,
    /// Where defaults are shown: the resource's own key.
    pub(crate) place: Span,
}

/// What a path leads to.
pub(crate) enum Found {
    Absent,
    /// A value and its key.
    At {
        template: usize,
        node: NodeId,
        key: Span,
        inherited: bool,
    },
    /// A step on the way cannot be followed.
    Opaque(Span, String),
}

impl<'r> Properties<'r> {
    /// The properties of a declared resource; no `Globals`.
    pub(crate) fn of(registry: &'r Registry, template: usize, declaration: NodeId, place: Span) -> Self {
        let node = registry.templates[template].doc.get(declaration, "Properties");
        Self { registry, template, node, globals: None, ignored: None, place }
    }

    /// A mapping inside a document, for events and policies; no `Globals`.
    pub(crate) fn at(registry: &'r Registry, template: usize, node: Option<NodeId>, place: Span) -> Self {
        Self { registry, template, node, globals: None, ignored: None, place }
    }

    /// Follows keys from the resource, then from `Globals`.
    pub(crate) fn find(&self, path: &[&str]) -> Found {
        match self.walk(self.template, self.node, path, false) {
            Found::Absent if self.inherits(path) => self.walk(self.template, self.globals, path, true),
            found => found,
        }
    }

    pub(crate) fn inherits(&self, path: &[&str]) -> bool {
        let doc = &self.registry.templates[self.template].doc;
        let ignored = self.ignored.map_or(&[][..], |node| doc.items(node));
        !ignored.iter().any(|&item| doc.text(item) == path.first().copied())
    }

    fn walk(&self, template: usize, start: Option<NodeId>, path: &[&str], inherited: bool) -> Found {
        let (Some(mut node), mut owner, mut key) = (start, template, None) else {
            return Found::Absent;
        };
        for name in path {
            let doc = &self.registry.templates[owner].doc;
            if self.registry.intrinsic(owner, node).is_some() {
                match self.registry.value(owner, node) {
                    Value::Node { template, node: inner } => (owner, node) = (template, inner),
                    Value::NoValue => return Found::Absent,
                    _ => return Found::Opaque(doc.span(node), "depends on a condition".to_owned()),
                }
            }
            let doc = &self.registry.templates[owner].doc;
            let Some(entry) = doc.entry(node, name) else {
                return Found::Absent;
            };
            node = entry.value;
            key = Some(entry.key_span);
        }
        match key {
            Some(key) => Found::At { template: owner, node, key, inherited },
            None => Found::Absent,
        }
    }

    /// The evaluated value of a path with its key.
    pub(crate) fn value(&self, path: &[&str]) -> Option<(Value, Span)> {
        match self.find(path) {
            Found::Absent => None,
            Found::At { template, node, key, .. } => Some((self.registry.value(template, node), key)),
            Found::Opaque(span, reason) => Some((Value::Opaque { reason, span }, span)),
        }
    }

    fn setting<T: Clone>(
        &self,
        path: &[&str],
        default: Option<T>,
        read: impl Fn(&Text) -> Result<T, String>,
        external: impl Fn(&str) -> Option<T>,
    ) -> Setting<T> {
        let fallback = || match default.clone() {
            Some(value) => Setting::platform_default(value, self.place),
            None => Setting::absent(),
        };
        let (value, key, inherited) = match self.find(path) {
            Found::Absent => return fallback(),
            Found::Opaque(span, reason) => {
                return Setting { value: Known::Opaque(span, reason), origin: Origin::Explicit, key: None };
            }
            Found::At { template, node, key, inherited } => (self.registry.value(template, node), key, inherited),
        };
        let mut supplied = None;
        let known = known(&value, &default, self.place, &read, &external, &mut supplied);
        if matches!(known, Known::Absent) {
            return fallback();
        }
        let origin = match supplied {
            Some(origin) => origin,
            None if inherited => Origin::Inherited(GLOBALS.to_owned(), key),
            None => Origin::Explicit,
        };
        Setting { value: known, origin, key: Some(key) }
    }

    /// A whole number.
    pub(crate) fn int(&self, path: &[&str], default: Option<i64>) -> Setting<i64> {
        self.setting(path, default, parse_int, |_| None)
    }

    /// A truth value.
    pub(crate) fn flag(&self, path: &[&str], default: Option<bool>) -> Setting<bool> {
        let read = |text: &Text| match text {
            Text::Literal(word) => match word.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" => Ok(true),
                "false" | "no" | "off" => Ok(false),
                _ => Err(format!("`{word}` is not true or false")),
            },
            _ => Err("is decided at deploy time".to_owned()),
        };
        self.setting(path, default, read, |_| None)
    }

    /// Text without references.
    pub(crate) fn text(&self, path: &[&str], default: Option<&str>) -> Setting<String> {
        let read = |text: &Text| match text {
            Text::Literal(word) => Ok(word.clone()),
            _ => Err("contains references resolved at deploy time".to_owned()),
        };
        self.setting(path, default.map(str::to_owned), read, |_| None)
    }

    /// A path whose beginning may be decided at deploy time: `${…}` stands for what is not known.
    pub(crate) fn path(&self, path: &[&str]) -> Setting<String> {
        let read = |text: &Text| match text {
            Text::Literal(word) => Ok(word.clone()),
            Text::Template(word, ids)
                if ids.is_empty() && word.rsplit('}').next().is_some_and(|tail| tail.contains('/')) =>
            {
                Ok(word.clone())
            }
            _ => Err("contains references resolved at deploy time".to_owned()),
        };
        self.setting(path, None, read, |_| None)
    }

    /// A reference to a resource, or the name of something outside.
    pub(crate) fn target(&self, path: &[&str]) -> Setting<Target> {
        // A bare name says no service; this property takes functions only.
        let service = (path.last() == Some(&"FunctionName")).then_some("lambda");
        let text = |text: &Text| self.registry.target(text, self.template, service);
        self.setting(path, None, text, |symbol| Some(Target::External(symbol.to_owned())))
    }

    /// Whether a path holds something, without looking at what.
    pub(crate) fn presence(&self, path: &[&str]) -> Option<Span> {
        match self.find(path) {
            Found::At { template, node, key, .. } => match self.registry.value(template, node) {
                Value::NoValue => None,
                _ => Some(key),
            },
            Found::Opaque(span, _) => Some(span),
            Found::Absent => None,
        }
    }

    /// A list that must hold a word, such as `FunctionResponseTypes`.
    pub(crate) fn list_has(&self, path: &[&str], word: &str) -> Setting<bool> {
        let Found::At { template, node, key, .. } = self.find(path) else {
            return Setting::platform_default(false, self.place);
        };
        let span = self.registry.templates[template].doc.span(node);
        let value = match self.registry.value(template, node) {
            Value::NoValue => return Setting::platform_default(false, self.place),
            Value::Node { template, node } => {
                let items = self.registry.templates[template].doc.items(node).to_vec();
                let texts: Vec<Value> = items.iter().map(|&item| self.registry.value(template, item)).collect();
                let has =
                    |value: &Value| matches!(value, Value::Text { text: Text::Literal(text), .. } if text == word);
                if texts.iter().any(has) {
                    Known::Is(Spanned::new(true, span))
                } else if texts.iter().all(|value| matches!(value, Value::Text { text: Text::Literal(_), .. })) {
                    Known::Is(Spanned::new(false, span))
                } else {
                    Known::Opaque(span, "is decided at deploy time".to_owned())
                }
            }
            _ => Known::Opaque(span, "is decided at deploy time".to_owned()),
        };
        Setting { value, origin: Origin::Explicit, key: Some(key) }
    }
}

/// A value as knowledge of a type. Arms without a value take the default.
fn known<T: Clone>(
    value: &Value,
    default: &Option<T>,
    place: Span,
    read: &impl Fn(&Text) -> Result<T, String>,
    external: &impl Fn(&str) -> Option<T>,
    supplied: &mut Option<Origin>,
) -> Known<T> {
    match value {
        Value::NoValue => Known::Absent,
        Value::Text { text, span, origin } => {
            if let Some(origin) = origin {
                supplied.get_or_insert_with(|| origin.clone());
            }
            match read(text) {
                Ok(value) => Known::Is(Spanned::new(value, *span)),
                Err(reason) => Known::Opaque(*span, reason),
            }
        }
        Value::External { symbol, span } => match external(symbol) {
            Some(value) => Known::Is(Spanned::new(value, *span)),
            None => Known::Opaque(*span, format!("is set by {symbol}")),
        },
        Value::Either(arms) => {
            let mut found = Vec::new();
            for arm in arms {
                match known(arm, default, place, read, external, supplied) {
                    Known::Is(spanned) => found.push(spanned),
                    Known::Either(more) => found.extend(more),
                    Known::Opaque(span, reason) => return Known::Opaque(span, reason),
                    Known::Absent => match default {
                        Some(value) => found.push(Spanned::new(value.clone(), place)),
                        None => {
                            return Known::Opaque(place, "is set under a condition only".to_owned());
                        }
                    },
                }
            }
            match found.len() {
                0 => Known::Absent,
                1 => Known::Is(found.remove(0)),
                _ => Known::Either(found),
            }
        }
        Value::Node { .. } => Known::Opaque(place, "is not a single value".to_owned()),
        Value::Opaque { reason, span } => Known::Opaque(*span, reason.clone()),
    }
}

fn parse_int(text: &Text) -> Result<i64, String> {
    let Text::Literal(word) = text else {
        return Err("is decided at deploy time".to_owned());
    };
    let word = word.trim();
    word.parse::<i64>()
        .ok()
        .or_else(|| word.parse::<f64>().ok().filter(|number| number.fract() == 0.0).map(|number| number as i64))
        .ok_or_else(|| format!("`{word}` is not a whole number"))
}
