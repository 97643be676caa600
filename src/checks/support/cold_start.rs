//! What a cold start of a function costs whom: somebody waits for it or nobody does, and how much processor it has.

use crate::checks::UnitRef;
use crate::finding::{Confidence, Finding};
use crate::knowledge::platforms;
use crate::model::crates::{CrateGraph, GraphSource};
use crate::model::deployments::{Invocation, TriggerKind};
use crate::model::source::Program;

/// Who notices a cold start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// A caller.
    Caller,
    /// Nobody: the platform queues or polls.
    Nobody,
    /// Nobody: environments are initialised before they are needed.
    Provisioned,
    /// It cannot be told.
    Unknown,
}

impl UnitRef<'_> {
    /// Adds to a finding about crates whose binary it is.
    pub(crate) fn of_handler(&self, finding: &mut Finding, program: &Program) {
        finding.also(program.handlers.first().map(|handler| handler.span), "the handler of this binary");
    }

    /// The same, and how sure the graph is.
    pub(crate) fn of_binary(&self, finding: &mut Finding, program: &Program, graph: &CrateGraph) {
        self.of_handler(finding, program);
        if graph.source == GraphSource::LockFile {
            finding.cap(Confidence::Medium);
        }
    }

    /// Whether nothing but custom resources of CloudFormation invoke the function: once a deployment, and nobody minds
    /// how long that takes.
    pub(crate) fn only_deploys(&self) -> bool {
        let kinds = self.trigger_kinds();
        !kinds.is_empty() && kinds.iter().all(|&kind| kind == TriggerKind::CustomResource)
    }

    /// Who notices a cold start of the function.
    pub(crate) fn waiting(&self) -> Waiting {
        if !self.provisioned().is_empty() {
            return Waiting::Provisioned;
        }
        let invocations = self.invocations();
        if invocations.contains(&Invocation::Sync) {
            Waiting::Caller
        } else if invocations.is_empty() || invocations.contains(&Invocation::Unknown) {
            Waiting::Unknown
        } else {
            Waiting::Nobody
        }
    }

    /// Puts a finding about cold starts in the light of who waits: none does, and it is only information.
    pub(crate) fn weigh(&self, finding: &mut Finding) {
        if self.only_deploys() {
            finding.pedantic().note("it runs once a deployment, for a custom resource");
            return;
        }
        match self.waiting() {
            Waiting::Nobody => {
                finding.pedantic().note("no caller waits for its cold starts");
            }
            Waiting::Provisioned => {
                finding.pedantic().note("provisioned concurrency hides it while it suffices");
            }
            Waiting::Caller => {
                let Some(function) = self.function() else { return };
                let whole = platforms().aws_lambda.memory_per_vcpu_mb.value;
                if let Some(&memory) = function.memory_mb.one().filter(|&&memory| memory * 2 < whole) {
                    let share = 100 * memory / whole;
                    finding.note(format!(
                        "callers wait for its cold starts, with {memory} MiB and so {share} % of a vCPU"
                    ));
                    finding.also(function.memory_mb.place(), "its memory");
                }
            }
            Waiting::Unknown => {}
        }
    }
}
