//! Log groups: for how long what a function logs is kept.

use super::eval::Value;
use super::scope;
use super::setting::Properties;
use super::template::Registry;
use crate::model::deployments::{Deploy, Function, FunctionId, StackId, Target, Text};
use crate::model::{Known, Origin, Setting};
use crate::text::Span;
use std::collections::{HashMap, HashSet};

/// What Lambda calls the group of a function begins with.
const GROUP: &str = "/aws/lambda/";

/// What the function itself says, in dialects whose tool makes the group: a group of its own, with its retention.
pub(super) fn own(properties: &Properties<'_>) -> Setting<i64> {
    kept(properties.int(&["LogRetentionInDays"], None))
}

/// Zero days stand for ever.
fn kept(retention: Setting<i64>) -> Setting<i64> {
    match retention.one() {
        Some(&days) if days <= 0 => Setting { value: Known::Absent, origin: Origin::Explicit, key: retention.place() },
        _ => retention,
    }
}

/// What a log group is called.
enum Called {
    /// After functions of the project.
    After(Vec<FunctionId>),
    /// By a text that may be that of a function's group.
    Text(String),
    /// By something decided at deploy time.
    Unclear,
    /// As no function's group is.
    Other,
}

/// The groups of all templates.
#[derive(Default)]
struct Groups {
    after: HashMap<FunctionId, Vec<Setting<i64>>>,
    called: HashMap<String, Vec<Setting<i64>>>,
    /// Stacks with groups of functions that nobody can tell.
    unclear: HashSet<StackId>,
}

/// Ties log groups to the functions that write to them.
pub(super) fn read(registry: &Registry, deploy: &mut Deploy) {
    let groups = groups(registry, deploy);
    for index in 0..deploy.functions.len() {
        let Some(lambda) = deploy.functions[index].aws() else { continue };
        let own = &lambda.log_retention_days;
        if !matches!(own.value, Known::Absent) || own.key.is_some() {
            continue;
        }
        let found = retention(registry, deploy, FunctionId(index as u32), &groups);
        if let Some(lambda) = deploy.functions[index].aws_mut() {
            lambda.log_retention_days = found;
        }
    }
}

fn groups(registry: &Registry, deploy: &Deploy) -> Groups {
    let mut groups = Groups::default();
    for id in registry.ids() {
        // The CDK has a resource of its own that changes the group Lambda makes.
        if !matches!(registry.type_name(id), "AWS::Logs::LogGroup" | "Custom::LogRetention") {
            continue;
        }
        let group = Properties::of(registry, registry.declaration(id), registry.resource(id).span);
        let retention = of_group(&group);
        match called(&group, deploy) {
            Called::After(functions) => {
                for function in functions {
                    groups.after.entry(function).or_default().push(retention.clone());
                }
            }
            Called::Text(text) => groups.called.entry(text).or_default().push(retention),
            Called::Unclear => {
                groups.unclear.insert(registry.home(Some(registry.declaration(id).template)).family);
            }
            Called::Other => {}
        }
    }
    groups
}

/// The retention of a group; where there is none, the place of the group.
fn of_group(group: &Properties<'_>) -> Setting<i64> {
    let retention = kept(group.int(&["RetentionInDays"], None));
    match (&retention.value, retention.key) {
        (Known::Absent, None) => Setting { key: Some(group.span), ..retention },
        _ => retention,
    }
}

fn called(group: &Properties<'_>, deploy: &Deploy) -> Called {
    match group.value(&["LogGroupName"]) {
        None | Some((Value::NoValue, _)) => Called::Other,
        Some((Value::Text { text: Text::Attribute(id, _), .. }, _)) => match deploy.function_of(id) {
            Some(function) => Called::After(vec![function]),
            None => Called::Other,
        },
        Some((Value::Text { text: Text::Template(text, ids), .. }, _)) => {
            let functions: Vec<FunctionId> = ids.iter().filter_map(|&id| deploy.function_of(id)).collect();
            match text.strip_prefix(GROUP) {
                _ if !functions.is_empty() => Called::After(functions),
                None if !text.starts_with("${") => Called::Other,
                _ if text.contains("${…}") => Called::Unclear,
                _ => Called::Text(text),
            }
        }
        Some((Value::Text { text: Text::Literal(text), .. }, _)) => Called::Text(text),
        Some((Value::External { symbol, .. }, _)) => Called::Text(format!("${{{symbol}}}")),
        Some(_) => Called::Unclear,
    }
}

fn retention(registry: &Registry, deploy: &Deploy, id: FunctionId, groups: &Groups) -> Setting<i64> {
    let Function { resource, .. } = *deploy.function(id);
    let properties = scope::of_function(registry, resource);
    if properties.part {
        return properties.int(&["LogRetentionInDays"], None);
    }
    let named = properties.target(&["LoggingConfig", "LogGroup"]);
    match (&named.value, named.one()) {
        (_, Some(Target::Resource(group))) if registry.type_name(*group) == "AWS::Logs::LogGroup" => {
            return of_group(&Properties::of(registry, registry.declaration(*group), registry.resource(*group).span));
        }
        (Known::Absent, _) => {}
        (known, _) => return elsewhere(known.span().unwrap_or(properties.span)),
    }
    let name = match properties.value(&["FunctionName"]) {
        Some((Value::Text { text: Text::Literal(text) | Text::Template(text, _), .. }, _)) => Some(text),
        Some((Value::External { symbol, .. }, _)) => Some(format!("${{{symbol}}}")),
        _ => None,
    };
    let by_name = name.and_then(|name| groups.called.get(&format!("{GROUP}{name}")));
    let mut found = groups.after.get(&id).into_iter().chain(by_name).flatten();
    // One that is kept for some time speaks for the function.
    let (first, set) = (found.clone().next(), found.find(|setting| !matches!(setting.value, Known::Absent)));
    match set.or(first) {
        Some(setting) => setting.clone(),
        None if groups.unclear.contains(&registry.home(Some(registry.declaration(resource).template)).family) => {
            elsewhere(properties.span)
        }
        None => Setting::absent(),
    }
}

fn elsewhere(span: Span) -> Setting<i64> {
    let reason = "is that of a log group no file decides".to_owned();
    Setting { value: Known::Opaque(span, reason), origin: Origin::Explicit, key: None }
}
