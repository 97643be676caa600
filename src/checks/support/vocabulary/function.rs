//! Facts of a deployed function; rules about mappings and routes may name those of their function too.

use super::fact::Fact;
use super::operations;
use super::row::{About, Find, Row};
use crate::checks::support::routes::late_routes;
use crate::finding::Confidence;
use crate::knowledge::{compare_versions, dialect, platforms};
use crate::model::deployments::{Deploy, Function, FunctionId, Invocation, Target, Trigger, TriggerKind};
use crate::model::source::{CodeRoute, DeadlineRead, OutsideWork, Phase, Program, SdkCall};
use crate::model::{Evidence, Flow, Mode, Origin, Project, Setting, Verdict};
use crate::text::Span;

/// Calls of other functions that a fact shows.
const MAX_CALLS: usize = 3;

/// A function of a project.
pub(crate) struct OfFunction<'p> {
    pub(crate) project: &'p Project,
    pub(crate) id: FunctionId,
}

impl<'p> OfFunction<'p> {
    fn deploy(&self) -> &'p Deploy {
        &self.project.deploy
    }

    fn function(&self) -> &'p Function {
        self.deploy().function(self.id)
    }

    /// Whether its config deploys code and says nothing of what is around it.
    fn is_deployed_alone(&self) -> bool {
        dialect(self.deploy().dialect_of(self.function().resource).0).is_some_and(|known| known.silent_about_triggers)
    }

    fn place(&self) -> Option<Span> {
        Some(self.deploy().function_span(self.id))
    }

    fn program(&self) -> Option<(&'p Program, Evidence)> {
        let unit = self.project.unit_of(self.id)?;
        Some((self.project.program(unit.target()?)?, unit.evidence()?))
    }

    /// The version of `aws-config` it is built with: as locked, else the lowest one its manifest allows.
    fn sdk_version(&self) -> Option<String> {
        let target = self.project.unit_of(self.id)?.target()?;
        if let Some((closure, graph)) = self.project.closure(target) {
            let locked = closure.crates(graph).find(|(_, node)| node.name == "aws-config");
            return locked.map(|(_, node)| node.version.clone());
        }
        let cargo = &self.project.cargo;
        let lines = &cargo.package(cargo.target(target).package).dependencies;
        let asked = lines.iter().find(|line| line.package == "aws-config")?.requirement.as_ref()?;
        Some(asked.trim_start_matches(|c: char| !c.is_ascii_digit()).to_owned())
    }

    /// What its code says; unknown if the code was not read.
    fn code(&self, ask: impl Fn(&Program) -> Fact<bool>) -> Fact<bool> {
        match self.program() {
            Some((program, evidence)) => ask(program).capped(evidence.ceiling()),
            None => Fact::unknown(),
        }
    }
}

/// Functions as a subject.
pub(crate) enum Functions {}

impl About for Functions {
    type Of<'p> = OfFunction<'p>;
}

/// Where a setting comes from, as rules name it.
const ORIGINS: &[&str] = &["explicit", "inherited", "parameter-default", "tool-default", "platform-default"];

/// Metrics that tell that a function fails or is not run (AWS Lambda developer guide, types of metrics).
const FAILURES: &[&str] = &["Errors", "Throttles", "DeadLetterErrors", "DestinationDeliveryFailures"];

fn origin(origin: &Origin) -> &'static str {
    match origin {
        Origin::Explicit => "explicit",
        Origin::Inherited(..) => "inherited",
        Origin::ParameterDefault(..) => "parameter-default",
        Origin::ToolDefault(_) => "tool-default",
        Origin::PlatformDefault => "platform-default",
    }
}

pub(crate) static ROWS: &[Row<Functions>] = &[
    Row {
        name: "function",
        doc: "Its name.",
        find: Find::Text(|of| Fact::value(of.deploy().function_name(of.id).to_owned()).at(of.place(), "the function")),
    },
    Row {
        name: "function.timeout",
        doc: "Its timeout in seconds.",
        find: Find::Number(|of| Fact::setting(&of.function().timeout_s, "timeout", |&seconds| seconds)),
    },
    Row {
        name: "function.timeout-origin",
        doc: "Who chose the timeout.",
        find: Find::Word(ORIGINS, |of| Fact::value(origin(&of.function().timeout_s.origin))),
    },
    Row {
        name: "function.timeout-is-maximum",
        doc: "Whether the timeout is the longest the platform allows.",
        find: Find::Truth(|of| {
            let timeout = &of.function().timeout_s;
            let maximum = platforms().aws_lambda.timeout_s.max;
            Fact::verdict(timeout.value.holds(|&seconds| seconds >= maximum)).capped(timeout.origin.ceiling())
        }),
    },
    Row {
        name: "function.memory",
        doc: "Its memory size in MB.",
        find: Find::Number(|of| Fact::setting(&of.function().memory_mb, "memory size", |&megabytes| megabytes)),
    },
    Row {
        name: "function.memory-origin",
        doc: "Who chose the memory size.",
        find: Find::Word(ORIGINS, |of| match &of.function().memory_mb.origin {
            chosen if chosen.is_default() && of.is_deployed_alone() => Fact::unknown(),
            chosen => Fact::value(origin(chosen)),
        }),
    },
    Row {
        name: "function.log-retention",
        doc: "Days for which its log group keeps what it logs.",
        find: Find::Number(|of| match of.function().aws() {
            Some(lambda) if !of.is_deployed_alone() || lambda.log_retention_days.key.is_some() => {
                Fact::setting(&lambda.log_retention_days, "retention", |&days| days)
            }
            _ => Fact::unknown(),
        }),
    },
    Row {
        name: "function.invoking-services",
        doc: "How many services push events to it: by an event, or by a permission.",
        find: Find::Number(|of| operations::invoking_services(of.deploy(), of.id)),
    },
    Row {
        name: "function.alarm",
        doc: "Whether an alarm of the project watches its errors or throttles.",
        find: Find::Truth(|of| match of.is_deployed_alone() {
            true => Fact::unknown(),
            false => operations::alarmed(of.deploy(), of.function().resource, FAILURES),
        }),
    },
    Row {
        name: "function.runtime",
        doc: "The identifier of its runtime.",
        find: Find::Text(|of| Fact::setting(&of.function().runtime, "runtime", String::clone)),
    },
    Row {
        name: "function.architecture",
        doc: "The processor it runs on, as the platform names it.",
        find: Find::Text(|of| Fact::setting(&of.function().architecture, "architecture", String::clone)),
    },
    Row {
        name: "function.invoked-asynchronously",
        doc: "Whether some trigger, or another function of the project, invokes it and waits for no response.",
        find: Find::Truth(|of| {
            let triggers = of.deploy().triggers_of(of.id);
            let triggers = triggers.filter(|trigger| trigger.invocation() == Invocation::Async && !trigger.off);
            let triggers: Vec<&Trigger> = triggers.collect();
            let flows = of
                .project
                .calls_to(of.id)
                .filter(|flow| flow.mode == Mode::Async && flow.confidence >= Confidence::Medium);
            let mut calls: Vec<&Flow> = flows.collect();
            calls.dedup_by_key(|flow| flow.site);
            let mut fact = Fact::verdict((!triggers.is_empty() || !calls.is_empty()).into());
            for call in calls.iter().take(MAX_CALLS) {
                fact = fact.at(Some(call.site), "invoked here, and nobody waits");
            }
            // What invokes it, and what becomes of its failures, may stand elsewhere for what only deploys code.
            if triggers.is_empty() && of.is_deployed_alone() {
                return Fact::unknown();
            }
            if triggers.is_empty() && !calls.is_empty() {
                fact = fact.capped(calls.iter().map(|call| call.confidence).max().unwrap_or(Confidence::Medium));
            }
            if calls.is_empty() && triggers.iter().all(|trigger| !trigger.proved) {
                fact = fact.capped(Confidence::Low);
            }
            for trigger in &triggers {
                fact = fact.at(Some(trigger.span), format!("{} invokes it asynchronously", trigger.kind.name()));
            }
            fact.places.dedup();
            fact
        }),
    },
    Row {
        name: "function.only-scheduled",
        doc: "Whether schedules, and nothing else, invoke it asynchronously.",
        find: Find::Truth(|of| {
            let modes = of.deploy().triggers_of(of.id);
            let mut modes = modes.filter(|trigger| trigger.invocation() == Invocation::Async && !trigger.off);
            let scheduled =
                |trigger: &Trigger| matches!(trigger.kind, TriggerKind::Schedule | TriggerKind::SchedulerV2);
            let called = of.project.calls_to(of.id).any(|flow| flow.mode == Mode::Async);
            Fact::verdict((!called && modes.all(scheduled)).into())
        }),
    },
    Row {
        name: "function.outlasts-its-api",
        doc: "Whether it may run longer than an API waits that invokes it.",
        find: Find::Truth(|of| Fact::verdict((!late_routes(of.deploy(), of.id).is_empty()).into())),
    },
    Row {
        name: "function.is-waited-for",
        doc: "Whether a caller waits for it, or what it polls stands still while it runs.",
        find: Find::Truth(|of| {
            let waits = |trigger: &Trigger| {
                matches!(trigger.invocation(), Invocation::Sync | Invocation::Poll)
                    && trigger.kind != TriggerKind::StepFunctions
            };
            Fact::verdict(of.deploy().triggers_of(of.id).any(waits).into())
        }),
    },
    Row {
        name: "function.only-batch-work",
        doc: "Whether it has triggers and nobody waits for any of them.",
        find: Find::Truth(|of| {
            let mut modes = of.deploy().triggers_of(of.id).map(Trigger::invocation).peekable();
            let any = modes.peek().is_some();
            Fact::verdict((any && modes.all(|mode| mode == Invocation::Async)).into())
        }),
    },
    Row {
        name: "function.on-failure",
        doc: "The destination of asynchronous invocations that failed.",
        find: Find::Text(|of| match of.function().aws() {
            Some(lambda) => target(of.deploy(), &lambda.async_config.on_failure, "failure destination"),
            None => Fact::unknown(),
        }),
    },
    Row {
        name: "function.dead-letter-queue",
        doc: "The dead-letter queue of the function itself.",
        find: Find::Text(|of| match of.function().aws() {
            Some(lambda) => target(of.deploy(), &lambda.async_config.dead_letter, "dead-letter queue"),
            None => Fact::unknown(),
        }),
    },
    Row {
        name: "function.made",
        doc: "Its name, at the line that makes it: that of the helper, unless another function of it has a timeout.",
        find: Find::Text(|of| {
            let deploy = of.deploy();
            let made = |id| deploy.resource(deploy.function(id).resource).made;
            let chosen = |id| matches!(deploy.function(id).timeout_s.origin, Origin::Explicit | Origin::Inherited(..));
            let helper =
                made(of.id).filter(|&own| !deploy.function_ids().any(|id| made(id) == Some(own) && chosen(id)));
            Fact::value(deploy.function_name(of.id).to_owned()).at(helper.or(of.place()), "made here")
        }),
    },
    Row {
        name: "function.makes-sdk-calls",
        doc: "Whether its handler calls an AWS service; unknown without its code.",
        find: Find::Truth(|of| {
            of.code(|program| {
                let call = program.facts::<SdkCall>().iter().find(|call| call.site.phase == Phase::Invoke);
                Fact::verdict(call.is_some().into()).at(call.map(|call| call.site.span), "calls an AWS service here")
            })
        }),
    },
    Row {
        name: "function.waits-outside",
        doc: "Whether its handler calls or awaits anything outside its program; unknown without its code.",
        find: Find::Truth(|of| match of.program() {
            // Routers hand requests to code that may not have been seen.
            Some((program, _)) if program.handlers.is_empty() || program.has::<CodeRoute>() => Fact::unknown(),
            Some((program, evidence)) => Fact::verdict(program.has::<OutsideWork>().into()).capped(evidence.ceiling()),
            None => Fact::unknown(),
        }),
    },
    Row {
        name: "function.is-foreign",
        doc: "Whether its code is of another language, or Rust that its config names and nobody can build.",
        find: Find::Truth(|of| {
            let other = !of.function().may_run_rust() && of.program().is_none();
            Fact::verdict((other || of.project.unbuildable.contains(&of.id)).into())
        }),
    },
    Row {
        name: "function.timeout-covers-connect",
        doc: "Whether the timeout is longer than the AWS SDK waits for a connection; unknown if it waits without end.",
        find: Find::Truth(|of| {
            let lambda = &platforms().aws_lambda;
            let since = |version: &str| compare_versions(version, &lambda.sdk_connect_timeout_since.value).is_ge();
            // Of `0.*` or `*` nothing is known.
            if !of.sdk_version().is_some_and(|version| since(&version)) {
                return Fact::unknown();
            }
            let connect = lambda.sdk_connect_timeout_ms.value;
            Fact::verdict(of.function().timeout_s.value.holds(|&seconds| seconds * 1000 > connect))
        }),
    },
    Row {
        name: "function.reads-deadline",
        doc: "Whether its handler reads the deadline of the invocation; unknown without its code.",
        find: Find::Truth(|of| match of.program() {
            Some((program, _)) => Fact::verdict(program.has::<DeadlineRead>().into()),
            None => Fact::unknown(),
        }),
    },
    Row {
        name: "function.durable",
        doc: "Whether it is a durable function.",
        find: Find::Truth(|of| {
            let durable = of.function().aws().and_then(|lambda| lambda.durable);
            Fact::verdict(durable.is_some().into()).at(durable, "durable")
        }),
    },
    Row {
        name: "handler.returns-batch-response",
        doc: "Whether its handler returns the failures of a batch; unknown without its code.",
        find: Find::Truth(|of| {
            of.code(|program| {
                let verdict = Verdict::any(program.handlers.iter().map(|handler| handler.returns_batch_response));
                let handler = program.handlers.iter().find(|handler| handler.returns_batch_response == Verdict::Yes);
                let note = "the handler returns the failures of a batch";
                Fact::verdict(verdict).at(handler.map(|handler| handler.span), note)
            })
        }),
    },
];

/// Where something is sent, by name.
pub(super) fn target(deploy: &Deploy, setting: &Setting<Target>, name: &str) -> Fact<String> {
    Fact::setting(setting, name, |target| match target {
        Target::Resource(id) => deploy.resource(*id).logical_id.clone(),
        Target::External(symbol) => symbol.clone(),
    })
}
