//! SAM and CloudFormation: every template of a tree into the deployment model.

mod access;
mod adapter;
pub(crate) mod eval;
pub(crate) mod events;
mod files;
pub(crate) mod function;
pub(crate) mod http;
mod kinds;
pub(crate) mod links;
mod logs;
pub(crate) mod media;
pub(crate) mod metadata;
pub(crate) mod network;
pub(crate) mod openapi;
mod operations;
mod packaged;
mod physical;
pub(crate) mod policies;
pub(crate) mod resources;
mod samconfig;
mod scope;
mod search;
pub(crate) mod setting;
mod standing;
pub(crate) mod template;
mod transforms;
mod translated;
pub(crate) mod triggers;

pub(crate) use self::files::{Files, Unresolved};
pub(crate) use self::search::CloudFormation;
pub(crate) use self::translated::{CLOUDFORMATION, MADE, SAM, Translated};

use self::resources::Reader;
use self::template::{Declared, Registry};
use crate::knowledge::Platforms;
use crate::model::Known;
use crate::model::deployments::machine::Service;
use crate::model::deployments::physical::name_property;
use crate::model::deployments::{
    Deploy, Function, FunctionId, Resource, ResourceId, Stack, StackId, Target, Trigger, TriggerKind,
};
use crate::text::{Span, Spanned};
use std::collections::HashSet;

/// Reads all templates at once, so that nested stacks and references between them resolve.
pub(crate) fn read(
    templates: Vec<Translated>,
    limits: &Platforms,
    files: &mut Files<'_>,
    deploy: &mut Deploy,
) -> Vec<Unresolved> {
    let mut registry = Registry::default();
    for template in templates {
        registry.add(template);
    }
    registry.nest();
    attach_policies(&mut registry);
    let mut unresolved = Vec::new();
    for (id, template) in (0..).map(StackId).zip(&registry.templates) {
        let family = registry.home(Some(id)).family;
        let region = template.region.clone();
        deploy.stacks.push(Stack { path: template.path.clone(), dialect: template.dialect, family, region });
        unreadable(template, &mut unresolved);
    }
    let ids: Vec<ResourceId> = registry.ids().collect();
    for &id in &ids {
        deploy.add_resource(resource(&registry, id));
    }
    for &id in &ids {
        match registry.type_name(id) {
            "AWS::Serverless::Function" | "AWS::Lambda::Function" => {
                deploy.add_function(function::read(&registry, id, limits));
            }
            "AWS::SQS::Queue" => deploy.add_queue(Reader::new(&registry, limits, id).queue()),
            _ => {}
        }
    }
    for index in 0..deploy.functions.len() {
        let id = deploy.functions[index].resource;
        if registry.type_name(id) == "AWS::Serverless::Function" {
            for trigger in events::read(&registry, id, FunctionId(index as u32), limits) {
                deploy.add_trigger(trigger);
            }
            deploy.edges.extend(events::edges(&registry, id, FunctionId(index as u32)));
        }
    }
    for &id in &ids {
        let reader = Reader::new(&registry, limits, id);
        reader.read(deploy);
        reader.http(deploy);
        reader.open_api(deploy);
        reader.links(deploy);
        reader.standing(deploy);
    }
    for &id in &ids {
        let reader = Reader::new(&registry, limits, id);
        reader.permission(deploy);
        reader.access(deploy);
        reader.media(deploy);
    }
    network::read(&registry, limits, deploy);
    logs::read(&registry, deploy);
    operations::read(&registry, limits, deploy);
    for &id in &ids {
        Reader::new(&registry, limits, id).machine(deploy, files, &mut unresolved);
    }
    super::steps::definition::orphans(&registry, files, deploy, &mut unresolved);
    invoked_by_machines(&registry, limits, deploy);
    mark_dead_letter_queues(&registry, limits, deploy);
    opaque_settings(deploy, &mut unresolved);
    metadata::suppressions(&registry, deploy);
    unresolved
}

/// Ties `AWS::IAM::Policy` and its like to the roles in their `Roles`.
fn attach_policies(registry: &mut Registry) {
    let mut attached = Vec::new();
    for id in registry.ids() {
        if !matches!(registry.type_name(id), "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy") {
            continue;
        }
        let declaration = registry.declaration(id);
        let properties = setting::Properties::of(registry, declaration, registry.resource(id).span);
        let setting::Found::At { place, .. } = properties.find(&["Roles"]) else { continue };
        for item in registry.items(place) {
            if let eval::Value::Text { text, .. } = registry.value(item)
                && let Ok(Target::Resource(role)) = registry.target(&text, Some(place.template), None)
            {
                attached.push((role, id));
            }
        }
    }
    for (role, policy) in attached {
        registry.policies_of.entry(role).or_default().push(policy);
    }
}

/// The tasks of state machines invoke functions.
fn invoked_by_machines(registry: &Registry, limits: &Platforms, deploy: &mut Deploy) {
    let mut triggers = Vec::new();
    for machine in &deploy.machines {
        for state in &machine.states {
            let Some(Service::Lambda(target)) = state.task.as_ref().map(|task| &task.service) else { continue };
            let Some(Target::Resource(id)) = target.one() else { continue };
            let reader = Reader::new(registry, limits, *id);
            if let Some(function) = reader.function_behind(deploy, *id) {
                let source = match machine.resource {
                    Some(id) => Known::Is(Spanned::new(Target::Resource(id), machine.span)),
                    None => Known::Absent,
                };
                triggers.push(Trigger::new(function, TriggerKind::StepFunctions, state.span, source));
            }
        }
    }
    for trigger in triggers {
        deploy.add_trigger(trigger);
    }
}

fn resource(registry: &Registry, id: ResourceId) -> Resource {
    let declaration = registry.declaration(id);
    let Declared { logical_id, type_name, span, .. } = registry.resource(id);
    let properties = setting::Properties::of(registry, declaration, *span);
    let name = properties.text(&[name_property(type_name)], None).value;
    // A synthesised logical id ends with a hash; people know the path of the construct, below its stack.
    let path = registry.construct_path(declaration).map(|path| {
        let path = path.trim_end_matches("/Resource").trim_end_matches("/Default");
        path.split_once('/').map_or(path, |(_, path)| path)
    });
    let construct = path.and_then(|path| path.rsplit('/').next()).map(str::to_owned);
    let logical_id = path.unwrap_or(logical_id).to_owned();
    let made = registry.get(declaration, MADE).map(|place| registry.span(place));
    let kind = kinds::kind_of(type_name);
    let type_name = type_name.clone();
    Resource { stack: declaration.template, logical_id, kind, type_name, span: *span, made, construct, name }
}

/// Sections that expand at deploy time to resources we do not see.
fn unreadable(template: &template::Template, unresolved: &mut Vec<Unresolved>) {
    let doc = &template.doc;
    for (key, span) in &doc.duplicates {
        unresolved.push((*span, format!("key `{key}` occurs twice in this mapping; the last one counts")));
    }
    let Some(section) = template.section("Resources") else {
        return;
    };
    for entry in doc.entries(section) {
        if entry.key.starts_with("Fn::") {
            let reason = format!("`{}` makes resources at deploy time; they are not analysed", entry.key);
            unresolved.push((entry.key_span, reason));
        } else if doc.get(entry.value, "Type").and_then(|id| doc.text(id)).is_none() {
            unresolved.push((entry.key_span, format!("resource `{}` has no `Type`", entry.key)));
        }
    }
}

/// A queue is a dead-letter queue if anything sends its failures there.
fn mark_dead_letter_queues(registry: &Registry, limits: &Platforms, deploy: &mut Deploy) {
    let mut targets: HashSet<ResourceId> = HashSet::new();
    let mut note = |known: &Known<Target>| {
        for candidate in known.candidates() {
            if let Target::Resource(id) = candidate.value {
                targets.insert(id);
            }
        }
    };
    for queue in &deploy.queues {
        note(&queue.redrive.value);
    }
    for lambda in deploy.functions.iter().filter_map(Function::aws) {
        note(&lambda.async_config.on_failure.value);
        note(&lambda.async_config.dead_letter.value);
    }
    for mapping in deploy.triggers.iter().filter_map(Trigger::mapping) {
        note(&mapping.on_failure.value);
    }
    for id in registry.ids() {
        let reader = Reader::new(registry, limits, id);
        match registry.type_name(reader.id) {
            "AWS::SNS::Subscription" => {
                note(&reader.properties.target(&["RedrivePolicy", "deadLetterTargetArn"]).value);
            }
            "AWS::Events::Rule" => {
                for item in reader.list(&["Targets"]) {
                    let target = setting::Properties::at(registry, Some(item), reader.span);
                    note(&target.target(&["DeadLetterConfig", "Arn"]).value);
                }
            }
            "AWS::Scheduler::Schedule" => {
                note(&reader.properties.target(&["Target", "DeadLetterConfig", "Arn"]).value);
            }
            "AWS::Serverless::Function" => {
                let setting::Found::At { place: events, .. } = reader.properties.find(&["Events"]) else {
                    continue;
                };
                for entry in registry.doc(events).entries(events.node) {
                    let body = registry.get(events.to(entry.value), "Properties");
                    let event = setting::Properties::at(registry, body, entry.key_span);
                    for path in [&["DeadLetterConfig", "Arn"][..], &["RedrivePolicy", "deadLetterTargetArn"]] {
                        note(&event.target(path).value);
                    }
                }
            }
            _ => {}
        }
    }
    for queue in &mut deploy.queues {
        queue.is_dead_letter = targets.contains(&queue.resource);
    }
}

/// Settings that rules ask for and that no file resolves: worth a line each.
fn opaque_settings(deploy: &Deploy, unresolved: &mut Vec<Unresolved>) {
    let mut note = |name: &str, what: &str, span: Span, reason: &str| {
        unresolved.push((span, format!("{what} of `{name}` is unknown: it {reason}")));
    };
    for id in deploy.function_ids() {
        let (function, name) = (deploy.function(id), deploy.function_name(id));
        for (what, known) in [("timeout", &function.timeout_s.value), ("memory size", &function.memory_mb.value)] {
            if let Known::Opaque(span, reason) = known {
                note(name, what, *span, reason);
            }
        }
        if let Some(span) = function.env.open {
            note(name, "environment", span, "is decided at deploy time");
        }
    }
    for queue in &deploy.queues {
        let name = &deploy.resource(queue.resource).logical_id;
        if let Known::Opaque(span, reason) = &queue.visibility_s.value {
            note(name, "visibility timeout", *span, reason);
        }
        if let Known::Opaque(span, reason) = &queue.redrive.value {
            note(name, "redrive policy", *span, reason);
        }
    }
    for trigger in &deploy.triggers {
        if let Some(mapping) = trigger.mapping()
            && let Known::Opaque(span, reason) = &mapping.source.value
        {
            note(deploy.function_name(trigger.function), "event source", *span, reason);
        }
    }
}
