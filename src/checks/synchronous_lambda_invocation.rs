//! Functions that call another function and wait for it.

use super::support::money::Rates;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Severity};
use crate::model::FlowEnd;
use crate::model::deployments::{ResourceKind, Text};
use crate::model::source::{HttpCall, InvocationType, Operand, Phase, SdkCall};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        for call in program.facts::<SdkCall>().iter().filter(|call| call.site.phase == Phase::Invoke) {
            sdk_call(unit, call, sink);
        }
        for call in program.facts::<HttpCall>().iter().filter(|call| call.site.phase == Phase::Invoke) {
            let Operand::Env(key) = &call.url else { continue };
            let Some((api, span)) = own_endpoint(unit, key) else { continue };
            let message = format!(
                "calls `{api}` of the same application over HTTP and waits; both functions are billed meanwhile"
            );
            let finding = sink.report(call.site.span, "waits here", message);
            finding.cap(Confidence::Medium).cap(call.site.confidence).also(Some(span), "the URL comes from here");
            finding.trail.clone_from(&call.site.trail);
        }
    }
}

fn sdk_call(unit: UnitRef<'_>, call: &SdkCall, sink: &mut Sink<'_>) {
    let waits = match (call.service.as_str(), call.operation.as_str()) {
        ("lambda", "invoke") => call.invocation() == InvocationType::RequestResponse,
        ("lambda", "invoke_with_response_stream") => true,
        ("sfn", "start_sync_execution") => true,
        _ => false,
    };
    if !waits {
        return;
    }
    let project = unit.project;
    let flow = project.flows.iter().find(|flow| flow.site == call.site.span);
    let callee = match flow.map(|flow| &flow.to) {
        Some(FlowEnd::Function(id)) => format!("`{}`", project.deploy.function_label(*id)),
        Some(FlowEnd::Resource(id)) => format!("`{}`", project.deploy.resource(*id).logical_id),
        _ if call.service == "sfn" => "a state machine".to_owned(),
        _ => "another function".to_owned(),
    };
    let message =
        format!("invokes {callee} and waits for it; both are billed meanwhile, and its failure becomes this one's");
    let finding = sink.report(call.site.span, "waits for the result", message);
    if call.service == "sfn" {
        finding.severity = Severity::Info;
    }
    finding.notes.extend(unit.unit.function().and_then(|id| Rates::of(project, id)?.waiting(1000)));
    finding.cap(call.site.confidence).also(call.site.entered_at, "the handler gets there from here");
    finding.trail.clone_from(&call.site.trail);
    if let Some(flow) = flow {
        for span in &flow.proof {
            finding.also(Some(*span), "which function is decided here");
        }
        if let FlowEnd::Function(id) = flow.to {
            finding.also(Some(project.deploy.function_span(id)), "the function it waits for");
        }
    }
}

/// The API or function URL of this project that an environment variable holds.
fn own_endpoint(unit: UnitRef<'_>, key: &str) -> Option<(String, crate::text::Span)> {
    let variable = unit.function()?.env.vars.get(key)?;
    let ids = match variable.value.one()? {
        Text::Attribute(id, _) => vec![*id],
        Text::Template(_, ids) => ids.clone(),
        Text::Literal(_) => return None,
    };
    ids.into_iter().find_map(|id| {
        let resource = unit.project.deploy.resource(id);
        let endpoint = matches!(resource.kind, ResourceKind::Api | ResourceKind::FunctionUrl);
        endpoint.then(|| (resource.logical_id.clone(), variable.key))
    })
}
