//! What the deployment says: what starts a function, and how long it may take.

use super::evidence::{Class, Fit, Item, Row, Strength, Subject};
use crate::knowledge::platforms;
use crate::model::deployments::machine::{Pattern, Service};
use crate::model::deployments::{Invocation, Target, Trigger, TriggerKind};
use crate::model::{Cause, FlowEnd, Verdict as Truth};
use crate::verdicts::cost::schedule;

/// Seconds of a timeout that is worth an eye: a third of what the platform allows.
pub(super) const WATCHED_S: i64 = 300;

/// Evidence of the deployment.
pub(super) fn evidence(of: &Subject<'_>, fit: &mut Fit) {
    let deploy = &of.project.deploy;
    for trigger in deploy.triggers_of(of.id).filter(|trigger| trigger.proved) {
        started_by(of, trigger, fit);
    }
    if let Some(url) = of.function.aws().and_then(|lambda| lambda.url.as_ref()) {
        fit.items.push(Item::supports(Row::Requests, Class::Config, "answers requests of its URL", url.span));
    }
    let callers = of.project.flows.iter().filter(|flow| flow.to == FlowEnd::Function(of.id));
    for flow in callers.filter(|flow| matches!(flow.cause, Cause::Call)) {
        let FlowEnd::Function(caller) = flow.from else { continue };
        let text = format!("is invoked by `{}`", deploy.function_label(caller));
        fit.items.push(Item::supports(Row::EventDriven, Class::Code, text, flow.site));
    }
    task_limits(of, fit);
    may_run_for_long(of, fit);
}

/// What a trigger says for a function.
fn started_by(of: &Subject<'_>, trigger: &Trigger, fit: &mut Fit) {
    let deploy = &of.project.deploy;
    let source = match trigger.source.one() {
        Some(Target::Resource(id)) => format!(" `{}`", deploy.resource_label(*id)),
        _ => String::new(),
    };
    let kind = trigger.kind.name();
    let (row, text) = match trigger.kind {
        TriggerKind::Schedule | TriggerKind::SchedulerV2 => {
            let expression = trigger.schedule().and_then(|schedule| schedule.expression.one());
            let when = expression.map_or_else(String::new, |when| format!(", {}", when.trim()));
            (Row::Scheduled, format!("runs on a schedule{when}"))
        }
        TriggerKind::Pipe => {
            (Row::EventDriven, format!("runs on what a pipe takes{}", source.replacen(" ", " from ", 1)))
        }
        TriggerKind::StepFunctions => (Row::EventDriven, format!("is a step of the state machine{source}")),
        _ => match trigger.invocation() {
            Invocation::Async => (Row::EventDriven, format!("is started by events of {}{source}", article(kind))),
            Invocation::Poll => (Row::EventDriven, format!("runs on batches of {}{source}", article(kind))),
            Invocation::Sync => (Row::Requests, format!("answers {}{source}", article(kind))),
            Invocation::Unknown => return,
        },
    };
    if fit.items.iter().any(|known| known.text == text) {
        return;
    }
    fit.items.push(Item::supports(row, Class::Config, text, trigger.span));
    overlaps(of, trigger, fit);
}

/// A kind of trigger with its article.
fn article(kind: &str) -> String {
    let word = kind.split(' ').next().unwrap_or(kind);
    // Letters that are said one by one: an SQS queue, an HTTP API; a REST API is said as a word.
    let letters = word.len() > 1 && word == word.to_uppercase() && word.starts_with(['S', 'H']);
    let vowel = letters || kind.starts_with(['A', 'E', 'I', 'O', 'a', 'e', 'i', 'o']);
    format!("{} {kind}", if vowel { "an" } else { "a" })
}

/// A schedule that fires before the last run may be over.
fn overlaps(of: &Subject<'_>, trigger: &Trigger, fit: &mut Fit) {
    let Some(schedule) = trigger.schedule() else { return };
    let reserved = of.function.aws().and_then(|lambda| lambda.reserved_concurrency.one());
    let Some(rate) = schedule.expression.one().filter(|text| text.trim().starts_with("rate")) else { return };
    let (Some(often), Some(&timeout)) = (schedule::per_month(rate), of.function.timeout_s.one()) else { return };
    let between = &crate::exact::Exact::from(crate::verdicts::cost::SECONDS_OF_A_MONTH) / &often;
    if reserved == Some(&1) || between >= crate::exact::Exact::from(u64::try_from(timeout).unwrap_or(0)) {
        return;
    }
    let text = format!("may run {timeout} s, and begins again every {} s: runs may overlap", between.places(0));
    let place = of.function.timeout_s.place().unwrap_or(trigger.span);
    let item = Item::new(Row::LongRunning, Class::Config, Strength::Weak, text, place);
    fit.items
        .push(item.also(schedule.expression.place()).cured_by("a reserved concurrency of 1, or a shorter timeout"));
}

/// A task of a state machine that is given more time than a function may have.
fn task_limits(of: &Subject<'_>, fit: &mut Fit) {
    let limit = platforms().aws_lambda.timeout_s.max;
    for (id, machine) in of.project.deploy.machines() {
        for state in &machine.states {
            let Some(task) = state.task.as_ref().filter(|task| task.pattern != Pattern::TaskToken) else { continue };
            let Service::Lambda(target) = &task.service else { continue };
            let Some(Target::Resource(resource)) = target.one() else { continue };
            if of.project.deploy.function_of(*resource) != Some(of.id) || is_durable(of) {
                continue;
            }
            for (what, seconds) in [("TimeoutSeconds", &state.timeout_s), ("HeartbeatSeconds", &state.heartbeat_s)] {
                if seconds.holds(|&seconds| seconds > limit) == Truth::Yes
                    && let (Some(asked), Some(place)) = (seconds.one(), seconds.span())
                {
                    let name = of.project.label(crate::finding::Subject::Machine(id));
                    let text = format!(
                        "state `{}` of `{name}` waits {asked} s ({what}) for what ends after {limit} s",
                        state.name
                    );
                    let item = Item::new(Row::LongRunning, Class::Config, Strength::Contradiction, text, place);
                    fit.items.push(item.belongs_to("an ECS `.sync` task, or a task token that somebody sends back"));
                }
            }
        }
    }
}

/// A durable function may last for a year; each of its invocations is short.
pub(super) fn is_durable(of: &Subject<'_>) -> bool {
    of.function.aws().is_some_and(|lambda| lambda.durable.is_some())
}

/// Functions that a library brought along, and those that stream their answers, may take long on purpose.
pub(super) fn is_exempt(of: &Subject<'_>) -> bool {
    let resource = of.project.deploy.resource(of.function.resource);
    let known = &platforms().aws_lambda.library_functions.value;
    let library = resource.construct.is_some() && known.iter().any(|part| resource.logical_id.contains(part.as_str()));
    let url = of.function.aws().and_then(|lambda| lambda.url.as_ref());
    let streams = url.is_some_and(|url| url.invoke_mode.one().is_some_and(|mode| mode == "RESPONSE_STREAM"));
    is_durable(of) || library || streams
}

/// A timeout is permission, and no more.
fn may_run_for_long(of: &Subject<'_>, fit: &mut Fit) {
    let timeout = &of.function.timeout_s;
    if is_exempt(of) || timeout.value.holds(|&seconds| seconds >= WATCHED_S) != Truth::Yes {
        return;
    }
    let (Some(seconds), Some(place)) = (timeout.one(), timeout.place()) else { return };
    let limit = platforms().aws_lambda.timeout_s.max;
    let text = format!("may run {seconds} of the {limit} s there are");
    fit.items.push(Item::new(Row::LongRunning, Class::Config, Strength::Weak, text, place));
}
