//! Remote calls started all at once for a collection of any size.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Subject};
use crate::model::deployments::Target;
use crate::model::deployments::machine::{Service, StateKind, StateMachine};
use crate::model::source::FanOut;
use crate::model::{Known, Project};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, params: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        // The records of a batch are as many as the batch size allows.
        let batch = unit.mappings().filter_map(|(_, mapping)| mapping.batch_size.one()).max().copied();
        for fan_out in program.facts::<FanOut>().iter().filter(|fan_out| invoked(&fan_out.site)) {
            if fan_out.is_batch && batch.is_none_or(|size| size <= params.int("max_batch")) {
                continue;
            }
            let message = "starts a remote call for every element at once; a large input exhausts sockets, memory and \
                           the limits of what it calls";
            sink.at(&fan_out.site, "as many at once as there are elements", message).cap(Confidence::Medium);
        }
    }

    fn project(&self, project: &Project, params: &Params, sink: &mut Sink<'_>) {
        for (id, machine) in project.deploy.machines() {
            sink.enter(Some(Subject::Machine(id)), Confidence::High);
            for (index, state) in machine.states.iter().enumerate() {
                if state.kind == StateKind::Map && matches!(state.max_concurrency, Known::Absent) {
                    map(project, machine, index, params, sink);
                }
            }
        }
    }
}

/// A map without a limit over a function that may run only so often at a time.
fn map(project: &Project, machine: &StateMachine, index: usize, params: &Params, sink: &mut Sink<'_>) {
    let map = &machine.states[index];
    for inner in machine.states.iter().filter(|state| state.parent == Some(index)) {
        let Some(Service::Lambda(target)) = inner.task.as_ref().map(|task| &task.service) else { continue };
        let Some(Target::Resource(id)) = target.one() else { continue };
        let Some(function) = project.deploy.function_of(*id) else { continue };
        let Some(lambda) = project.deploy.function(function).aws() else { continue };
        let reserved = &lambda.reserved_concurrency;
        let at_once = if map.distributed { params.int("distributed_map") } else { params.int("inline_map") };
        let Some(limit) = reserved.one().filter(|&&limit| limit < at_once) else { continue };
        let message = format!(
            "map `{}` runs up to {at_once} iterations at once, but `{}` may run {limit} times: the rest is throttled \
             and fails",
            map.name,
            project.deploy.function_label(function)
        );
        let finding = sink.report(map.span, "no `MaxConcurrency`", message);
        finding.cap(Confidence::Medium);
        finding.also(reserved.place(), "reserved concurrency").also(Some(inner.span), "invoked for every item");
    }
}
