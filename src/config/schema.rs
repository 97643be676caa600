//! The JSON Schema of the config, with the rules there are and their parameters, so that editors can complete them.

use super::Config;
use crate::rule;
use crate::rule::{Literal, ParamSpec, RuleSpec, peers};
use serde_json::{Value, json};

/// The schema. Rules of the user's own are allowed beside the known ones.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(Config).to_value();
    let rules = rule::embedded();
    let ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    let id = json!({"anyOf": [{"enum": ids}, {"type": "string"}]});
    let properties = &mut schema["properties"];
    for key in ["select", "ignore"] {
        properties[key]["items"] = id.clone();
    }
    let tools: Vec<&str> = peers().beside().collect();
    properties["peers"]["items"] = json!({"enum": tools});
    properties["overrides"]["properties"] =
        rules.iter().map(|rule| (rule.id.clone(), of_rule(rule))).collect::<serde_json::Map<_, _>>().into();
    schema["$defs"]["AllowEntry"]["properties"]["rules"]["items"] = id;
    schema
}

/// What may be changed of one rule.
fn of_rule(rule: &RuleSpec) -> Value {
    let params: serde_json::Map<String, Value> =
        rule.params.iter().map(|(name, param)| (name.clone(), of_param(param))).collect();
    json!({
        "description": rule.title,
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "severity": {"description": "Another severity", "enum": ["info", "warning", "error", null]},
            "params": {"type": "object", "additionalProperties": false, "properties": params},
        },
    })
}

fn of_param(param: &ParamSpec) -> Value {
    let (mut schema, default) = match &param.default {
        Literal::Bool(truth) => (json!({"type": "boolean"}), json!(truth)),
        Literal::Int(number) => (json!({"type": "integer"}), json!(number)),
        Literal::Text(text) => (json!({"type": "string"}), json!(text)),
        Literal::List(items) => (json!({"type": "array", "items": {"type": "string"}}), json!(items)),
        Literal::Table(rows) => (json!({"type": "object", "additionalProperties": {"type": "integer"}}), json!(rows)),
    };
    schema["description"] = json!(param.doc.trim());
    schema["default"] = default;
    schema
}
