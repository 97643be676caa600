//! Typed settings of a resource: explicit, inherited from `Globals`, or default, with provenance.

use super::eval::Value;
use super::template::{Place, Registry};
use crate::model::deployments::{Target, Text};
use crate::model::{Known, Origin, Setting};
use crate::text::{Span, Spanned};

/// The section SAM functions inherit from, as messages name it.
pub(crate) const GLOBALS: &str = "`Globals`";

/// The properties of one resource, with the `Globals` section behind them.
#[derive(Clone, Copy)]
pub(crate) struct Properties<'r> {
    pub(crate) registry: &'r Registry,
    /// The mapping the paths start at.
    pub(crate) start: Option<Place>,
    /// The same mapping under `Globals`.
    pub(crate) globals: Option<Place>,
    /// Top-level keys that do not inherit (`IgnoreGlobals`).
    pub(crate) ignored: Option<Place>,
    /// Where defaults are shown: the resource's own key.
    pub(crate) span: Span,
    /// Whether what is absent may be set by a template that this one is a part of.
    pub(crate) part: bool,
}

/// What a path leads to.
pub(crate) enum Found {
    Absent,
    /// A value and its key.
    At {
        place: Place,
        key: Span,
        inherited: bool,
    },
    /// A step on the way cannot be followed.
    Opaque(Span, String),
}

impl<'r> Properties<'r> {
    /// The properties of a declared resource; no `Globals`.
    pub(crate) fn of(registry: &'r Registry, declaration: Place, span: Span) -> Self {
        Self::at(registry, registry.get(declaration, "Properties"), span)
    }

    /// A mapping inside a document, for events and policies; no `Globals`.
    pub(crate) fn at(registry: &'r Registry, start: Option<Place>, span: Span) -> Self {
        Self { registry, start, globals: None, ignored: None, span, part: false }
    }

    /// Follows keys from the resource, then from `Globals`.
    pub(crate) fn find(&self, path: &[&str]) -> Found {
        match self.walk(self.start, path, false) {
            Found::Absent if self.inherits(path) => self.walk(self.globals, path, true),
            found => found,
        }
    }

    pub(crate) fn inherits(&self, path: &[&str]) -> bool {
        let ignored = self.ignored.into_iter().flat_map(|list| self.registry.items(list));
        !ignored.into_iter().any(|item| self.registry.plain(item) == path.first().copied())
    }

    fn walk(&self, start: Option<Place>, path: &[&str], inherited: bool) -> Found {
        let (Some(mut place), mut key) = (start, None) else {
            return Found::Absent;
        };
        for name in path {
            let evaluated = self.registry.doc(place).found(place.node).is_some();
            if evaluated || self.registry.intrinsic(place).is_some() {
                match self.registry.value(place) {
                    Value::Node(inner) => place = inner,
                    Value::NoValue => return Found::Absent,
                    Value::Opaque { reason, span } if evaluated => return Found::Opaque(span, reason),
                    _ => return Found::Opaque(self.registry.span(place), "depends on a condition".to_owned()),
                }
            }
            let Some(entry) = self.registry.doc(place).entry(place.node, name) else {
                return Found::Absent;
            };
            place = place.to(entry.value);
            key = Some(entry.key_span);
        }
        match key {
            Some(key) => Found::At { place, key, inherited },
            None => Found::Absent,
        }
    }

    /// The evaluated value of a path with its key.
    pub(crate) fn value(&self, path: &[&str]) -> Option<(Value, Span)> {
        match self.find(path) {
            Found::Absent => None,
            Found::At { place, key, .. } => Some((self.registry.value(place), key)),
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
            _ if self.part => {
                let reason = "may be set by the template this part is merged into".to_owned();
                Setting { value: Known::Opaque(self.span, reason), origin: Origin::Explicit, key: None }
            }
            Some(value) => Setting::platform_default(value, self.span),
            None => Setting::absent(),
        };
        let (value, key, inherited) = match self.find(path) {
            Found::Absent => return fallback(),
            Found::Opaque(span, reason) => {
                return Setting { value: Known::Opaque(span, reason), origin: Origin::Explicit, key: None };
            }
            Found::At { place, key, inherited } => (self.registry.value(place), key, inherited),
        };
        let mut supplied = None;
        let known = known(&value, &default, self.span, &read, &external, &mut supplied);
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
        // A bare name says no service; these properties take resources of one only.
        let service = match path.last() {
            Some(&"FunctionName") => Some("lambda"),
            Some(&"EventBusName") => Some("events"),
            _ => None,
        };
        let said_in = self.start.or(self.globals).map(|place| place.template);
        let text = |text: &Text| self.registry.target(text, said_in, service);
        self.setting(path, None, text, |symbol| Some(Target::External(symbol.to_owned())))
    }

    /// Whether a path holds something, without looking at what.
    pub(crate) fn presence(&self, path: &[&str]) -> Option<Span> {
        match self.find(path) {
            Found::At { place, key, .. } => match self.registry.value(place) {
                Value::NoValue => None,
                _ => Some(key),
            },
            Found::Opaque(span, _) => Some(span),
            Found::Absent => None,
        }
    }

    /// A list that must hold a word, such as `FunctionResponseTypes`.
    pub(crate) fn list_has(&self, path: &[&str], word: &str) -> Setting<bool> {
        let Found::At { place, key, .. } = self.find(path) else {
            return Setting::platform_default(false, self.span);
        };
        let span = self.registry.span(place);
        let value = match self.registry.value(place) {
            Value::NoValue => return Setting::platform_default(false, self.span),
            Value::Node(list) => {
                let texts: Vec<Value> = self.registry.items(list).map(|item| self.registry.value(item)).collect();
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
        Value::Node(_) => Known::Opaque(place, "is not a single value".to_owned()),
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
        .ok_or_else(|| format!("is written `{word}`, which is no whole number"))
}
