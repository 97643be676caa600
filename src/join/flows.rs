//! Edges of the application: from triggers, and from calls in source whose target resolves through
//! literals, environment variables or the function's only permission of that kind.

use crate::finding::Confidence;
use crate::knowledge::{Role, lexicon, sdk_operations};
use crate::model::deployments::physical::Named;
use crate::model::deployments::{Deploy, Function, FunctionId, Invocation, ResourceId, Target, Text, TriggerKind};
use crate::model::source::{InvocationType, Operand, Phase, SdkCall};
use crate::model::{Cause, Flow, FlowEnd, Known, Mode, Project};
use crate::text::Span;

/// The event bus every account has.
pub const DEFAULT_BUS: &str = "default event bus";

/// Fills `project.flows`.
pub fn flows(project: &mut Project) {
    let mut flows = Vec::new();
    for (index, trigger) in project.deploy.triggers.iter().enumerate() {
        let from = match trigger.source.one() {
            Some(Target::Resource(source)) => end(&project.deploy, *source),
            // A rule without a bus listens to the default one.
            None if trigger.kind == TriggerKind::EventBridgeRule && matches!(trigger.source, Known::Absent) => {
                FlowEnd::External(DEFAULT_BUS.to_owned())
            }
            _ => continue,
        };
        let mode = match trigger.invocation() {
            Invocation::Sync => Mode::Sync,
            Invocation::Async | Invocation::Unknown => Mode::Async,
            Invocation::Poll => Mode::Queue,
        };
        flows.push(Flow {
            from,
            to: FlowEnd::Function(trigger.function),
            mode,
            cause: Cause::Trigger(index),
            site: trigger.span,
            proof: Vec::new(),
            confidence: Confidence::High,
        });
    }
    for (index, link) in project.deploy.links.iter().enumerate() {
        flows.push(Flow {
            from: end(&project.deploy, link.from),
            to: end(&project.deploy, link.to),
            mode: Mode::Async,
            cause: Cause::Link(index),
            site: link.span,
            proof: Vec::new(),
            confidence: Confidence::High,
        });
    }
    for unit in &project.units {
        let (Some(id), Some(target), Some(evidence)) = (unit.function(), unit.target(), unit.evidence()) else {
            continue;
        };
        let Some(program) = project.program(target) else {
            continue;
        };
        for call in program.facts::<SdkCall>().iter().filter(|call| call.site.phase == Phase::Invoke) {
            let Some((to, proof, sure)) = resolve(&project.deploy, id, call) else {
                continue;
            };
            let Some(mode) = mode(call) else { continue };
            flows.push(Flow {
                from: FlowEnd::Function(id),
                to,
                mode,
                cause: Cause::Call,
                site: call.site.span,
                proof,
                confidence: sure.min(call.site.confidence).min(evidence.ceiling()),
            });
        }
    }
    project.set_flows(flows);
}

fn end(deploy: &Deploy, id: ResourceId) -> FlowEnd {
    match deploy.function_of(id) {
        Some(function) => FlowEnd::Function(function),
        None => FlowEnd::Resource(id),
    }
}

/// How a call flows; none for calls that move nothing (control-plane operations, dry runs).
pub(crate) fn mode(call: &SdkCall) -> Option<Mode> {
    if call.service == "lambda" {
        return match (call.operation.as_str(), call.invocation()) {
            ("invoke", InvocationType::Event) | ("invoke_async", _) => Some(Mode::Async),
            ("invoke", InvocationType::RequestResponse) | ("invoke_with_response_stream", _) => Some(Mode::Sync),
            _ => None,
        };
    }
    Some(match sdk_operations().flow(&call.service, &call.operation)? {
        "async" => Mode::Async,
        "sync" => Mode::Sync,
        "queue" => Mode::Queue,
        "stream" => Mode::Stream,
        _ if lexicon().says(&call.operation, Role::Reads) => Mode::Read,
        _ => Mode::Write,
    })
}

/// What a call acts on, the places that prove it, and how sure that is.
pub(crate) fn resolve(deploy: &Deploy, id: FunctionId, call: &SdkCall) -> Option<(FlowEnd, Vec<Span>, Confidence)> {
    let function = deploy.function(id);
    match &call.target {
        Operand::Env(key) => {
            if let Some(variable) = function.env.vars.get(key) {
                let mut proof: Vec<Span> = call.target_span.into_iter().collect();
                proof.push(variable.key);
                match &variable.value {
                    Known::Is(text) => match &text.value {
                        Text::Attribute(target, _) => {
                            return Some((end(deploy, *target), proof, Confidence::High));
                        }
                        Text::Template(_, ids) if ids.len() == 1 => {
                            return Some((end(deploy, ids[0]), proof, Confidence::High));
                        }
                        Text::Literal(name) => {
                            if let Some(to) = named(deploy, id, &call.service, name) {
                                return Some((to, proof, Confidence::High));
                            }
                        }
                        Text::Template(..) => {}
                    },
                    Known::Opaque(_, symbol) => {
                        return Some((FlowEnd::External(symbol.clone()), proof, Confidence::Medium));
                    }
                    _ => {}
                }
            }
        }
        Operand::Literal(name) => {
            if let Some(to) = named(deploy, id, &call.service, name) {
                return Some((to, call.target_span.into_iter().collect(), Confidence::High));
            }
        }
        Operand::Unknown if call.on_bucket_of_record => {
            // What a record of a notification names is what notifies.
            let triggers = deploy.triggers_of(id).filter(|trigger| trigger.kind == TriggerKind::S3);
            let sources: Vec<_> = triggers.map(|trigger| (trigger.source.one(), trigger.span)).collect();
            if let [(Some(Target::Resource(bucket)), span), rest @ ..] = sources.as_slice()
                && rest.iter().all(|(source, _)| *source == Some(&Target::Resource(*bucket)))
            {
                return Some((end(deploy, *bucket), vec![*span], Confidence::Medium));
            }
        }
        Operand::Unknown => {}
    }
    permitted(function, &call.service).map(|(target, span)| (end(deploy, target), vec![span], Confidence::Medium))
}

/// A literal name, ARN or URL that a function says: a resource with that physical name, else something outside; none if
/// several could be meant.
fn named(deploy: &Deploy, id: FunctionId, service: &str, name: &str) -> Option<FlowEnd> {
    if service == "eventbridge" && name == "default" {
        return Some(FlowEnd::External(DEFAULT_BUS.to_owned()));
    }
    let stack = deploy.resource(deploy.function(id).resource).stack;
    match deploy.named(name, stack, service) {
        Named::One(id) => Some(end(deploy, id)),
        Named::Nothing => Some(FlowEnd::External(name.to_owned())),
        Named::Several(_) => None,
    }
}

/// The one resource the function may use with a service, if there is exactly one.
fn permitted(function: &Function, service: &str) -> Option<(ResourceId, Span)> {
    let prefix = match service {
        "sfn" => "states:",
        "eventbridge" => "events:",
        other => &format!("{other}:"),
    };
    let role = &function.aws()?.role;
    let mut found: Option<(ResourceId, Span)> = None;
    for statement in &role.statements {
        if !statement.actions.iter().any(|action| action == "*" || action.starts_with(prefix)) {
            continue;
        }
        for target in &statement.resources {
            match target {
                Target::Resource(id) if found.is_none_or(|(known, _)| known == *id) => {
                    found = Some((*id, statement.span));
                }
                _ => return None,
            }
        }
    }
    found.filter(|_| role.closed)
}
