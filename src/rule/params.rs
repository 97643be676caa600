//! Parameters of rules: declared with a default and a sentence, typed by the default.

use schemars::JsonSchema;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A value a rule file or a config may hold.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
#[schemars(untagged)]
#[serde(untagged)]
pub enum Literal {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text; `$name` stands for a parameter.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
    /// Whole numbers by name.
    Table(BTreeMap<String, i64>),
}

impl Literal {
    /// The type's name for error messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Bool(_) => "true or false",
            Self::Int(_) => "a whole number",
            Self::Text(_) => "text",
            Self::List(_) => "a list of texts",
            Self::Table(_) => "a map of whole numbers",
        }
    }
}

/// Read by hand and not as an untagged enum: the error then says which element is wrong, and where.
impl<'de> Deserialize<'de> for Literal {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Literal;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true or false, a whole number, text, a list of texts or a map of whole numbers")
            }

            fn visit_bool<E>(self, truth: bool) -> Result<Literal, E> {
                Ok(Literal::Bool(truth))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Literal, E> {
                Ok(Literal::Int(number))
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Literal, E> {
                i64::try_from(number).map(Literal::Int).map_err(|_| E::custom(format!("{number} is too large")))
            }

            fn visit_str<E>(self, text: &str) -> Result<Literal, E> {
                Ok(Literal::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Literal, A::Error> {
                let mut list = Vec::new();
                while let Some(Item(item)) = items.next_element()? {
                    list.push(item);
                }
                Ok(Literal::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut rows: A) -> Result<Literal, A::Error> {
                let mut table = BTreeMap::new();
                while let Some((name, number)) = rows.next_entry()? {
                    table.insert(name, number);
                }
                Ok(Literal::Table(table))
            }
        }
        from.deserialize_any(Reader)
    }
}

/// An element of a list: text, and no number that would pass for one.
struct Item(String);

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Item;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text, as all elements of a list are")
            }

            fn visit_str<E>(self, text: &str) -> Result<Item, E> {
                Ok(Item(text.to_owned()))
            }
        }
        from.deserialize_any(Reader)
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
            Self::List(items) => write!(f, "[{}]", items.join(", ")),
            Self::Table(rows) => {
                let rows: Vec<String> = rows.iter().map(|(name, number)| format!("{name}: {number}")).collect();
                write!(f, "{{{}}}", rows.join(", "))
            }
        }
    }
}

/// A parameter of a rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParamSpec {
    /// The value without a config; its type is the parameter's type.
    pub default: Literal,
    /// What it means, with its unit.
    pub doc: String,
}

/// The parameters of one rule after the user's overrides.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Params(BTreeMap<String, Literal>);

impl Params {
    /// The declared defaults.
    pub fn defaults(specs: &BTreeMap<String, ParamSpec>) -> Self {
        Self(specs.iter().map(|(name, spec)| (name.clone(), spec.default.clone())).collect())
    }

    /// Overrides a parameter.
    ///
    /// # Errors
    /// If the rule has no such parameter, or the value has another type than the default.
    pub fn set(&mut self, name: &str, value: Literal) -> Result<(), String> {
        let Some(current) = self.0.get_mut(name) else {
            let known: Vec<&str> = self.0.keys().map(String::as_str).collect();
            let known =
                if known.is_empty() { "it has none".to_owned() } else { format!("it has: {}", known.join(", ")) };
            return Err(format!("the rule has no parameter `{name}`; {known}"));
        };
        if std::mem::discriminant(current) != std::mem::discriminant(&value) {
            return Err(format!("parameter `{name}` must be {}, not {}", current.kind(), value.kind()));
        }
        *current = value;
        Ok(())
    }

    /// A parameter by name.
    pub fn get(&self, name: &str) -> Option<&Literal> {
        self.0.get(name)
    }

    /// A number; 0 if it is not declared as one.
    pub fn int(&self, name: &str) -> i64 {
        match self.0.get(name) {
            Some(Literal::Int(number)) => *number,
            _ => 0,
        }
    }

    /// Numbers by name; empty if it is not declared as such.
    pub fn table(&self, name: &str) -> &BTreeMap<String, i64> {
        static NONE: BTreeMap<String, i64> = BTreeMap::new();
        match self.0.get(name) {
            Some(Literal::Table(rows)) => rows,
            _ => &NONE,
        }
    }

    /// A number that `NAME_of` may give for a single function or package.
    pub fn int_of(&self, name: &str, of: &str) -> i64 {
        self.table(&format!("{name}_of")).get(of).copied().unwrap_or_else(|| self.int(name))
    }

    /// A list; empty if it is not declared as one.
    pub fn list(&self, name: &str) -> &[String] {
        match self.0.get(name) {
            Some(Literal::List(items)) => items,
            _ => &[],
        }
    }
}
