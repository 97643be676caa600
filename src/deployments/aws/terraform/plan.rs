//! A plan (`terraform show -json`): values that only the run knew, laid over what the configuration says.

use super::value::{Map, MapEntry, Val, ValKind};
use crate::text::Span;
use serde_json::Value;
use std::collections::HashMap;

/// Planned values by resource address.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    values: HashMap<String, Value>,
    /// Variables of the root module.
    pub(crate) variables: Vec<(String, Value)>,
}

impl Plan {
    /// Reads the plan's JSON.
    ///
    /// # Errors
    /// If it is not the JSON of a plan.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let plan: Value = serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
        let Some(root) = plan.pointer("/planned_values/root_module") else {
            return Err("has no `planned_values`; make it with `terraform show -json PLAN`".to_owned());
        };
        let mut read = Self::default();
        let mut modules = vec![root];
        while let Some(module) = modules.pop() {
            let list = |key: &str| module.get(key).and_then(Value::as_array).into_iter().flatten();
            for resource in list("resources") {
                if let (Some(address), Some(values)) = (resource["address"].as_str(), resource.get("values")) {
                    read.values.insert(address.to_owned(), values.clone());
                }
            }
            modules.extend(list("child_modules"));
        }
        for (name, variable) in plan["variables"].as_object().into_iter().flatten() {
            if let Some(value) = variable.get("value") {
                read.variables.push((name.clone(), value.clone()));
            }
        }
        Ok(read)
    }

    /// Fills in what the configuration leaves open and what a variable's default only supposed.
    pub(crate) fn complete(&self, address: &str, body: &mut Map) {
        let Some(Value::Object(values)) = self.values.get(address) else {
            return;
        };
        for (name, planned) in values {
            // What the configuration does not set stays unset: a provider's default is nobody's choice.
            let Some(known) = body.get(name).filter(|entry| !settled(&entry.value)) else { continue };
            // An empty list stands for a block that is not there.
            let empty = matches!(planned, Value::Array(items) if items.is_empty());
            if !planned.is_null() && !empty {
                let entry = MapEntry { value: value(planned, known.value.span), ..known.clone() };
                body.set(entry);
            }
        }
    }

    /// The addresses a block has in the plan, when the configuration alone does not tell its keys.
    pub(crate) fn instances(&self, address: &str) -> Vec<String> {
        let mut found: Vec<String> = self
            .values
            .keys()
            .filter(|known| known.strip_prefix(address).is_some_and(|rest| rest.starts_with('[')))
            .cloned()
            .collect();
        found.sort();
        found
    }
}

/// Whether a value needs no help: known, or a reference the model follows.
fn settled(value: &Val) -> bool {
    let own = value.origin.is_none();
    match &value.kind {
        ValKind::Null | ValKind::Opaque(_) | ValKind::External(_) | ValKind::Either(_) => false,
        ValKind::Attribute(..) | ValKind::Parts(_) | ValKind::Resource(_) | ValKind::Module(_) => true,
        ValKind::Bool(_) | ValKind::Number(_) | ValKind::Text(_) => own,
        ValKind::List(items) => items.iter().all(settled),
        ValKind::Map(map) => map.open.is_none() && map.entries.iter().all(|entry| settled(&entry.value)),
    }
}

/// A JSON value at a place. serde_json bounds nesting at 128, and with it this recursion.
pub(crate) fn value(json: &Value, span: Span) -> Val {
    match json {
        Value::Null => Val::null(span),
        Value::Bool(truth) => Val::truth(*truth, span),
        Value::Number(number) => Val::number(number.as_f64().unwrap_or(f64::NAN), span),
        Value::String(text) => Val::text(text.as_str(), span),
        Value::Array(items) => Val::list(items.iter().map(|item| value(item, span)).collect(), span),
        Value::Object(entries) => {
            let entries = entries.iter().map(|(key, inner)| MapEntry {
                key: key.as_str().into(),
                key_span: span,
                value: value(inner, span),
            });
            Val::map(Map { entries: entries.collect(), open: None }, span)
        }
    }
}
