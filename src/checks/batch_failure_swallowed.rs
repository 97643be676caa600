//! Errors of work on events that Lambda never hears of, so that it counts the event as done.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Label, Severity};
use crate::knowledge::{Role, lexicon};
use crate::model::deployments::Invocation;
use crate::model::source::{ErrorDrop, ErrorDropKind};
use crate::rule::Params;
use crate::text::FileId;

/// Other places of one function that a finding names.
const MAX_PLACES: usize = 8;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        let invocations = unit.invocations();
        let retried = |wanted: Invocation| invocations.contains(&wanted);
        let (severity, consequence) = if retried(Invocation::Poll) {
            (Severity::Error, "the record counts as processed and is gone")
        } else if retried(Invocation::Async) {
            (Severity::Error, "the event counts as handled: no retry, no failure destination")
        } else if retried(Invocation::Sync) {
            (Severity::Info, "the caller is told that it went well")
        } else {
            return;
        };
        let mut functions: Vec<((FileId, &[String]), Severity)> = Vec::new();
        let function = |of: &'_ ErrorDrop| (of.site.span.file, of.site.trail.clone());
        let all = program.facts::<ErrorDrop>();
        for dropped in all.iter().filter(|dropped| counts(dropped, severity)) {
            // What was only unreadable is less of a loss than work that was not done.
            let own = if dropped.parses { severity.min(Severity::Warning) } else { severity };
            let of = ((dropped.site.span.file, dropped.site.trail.as_slice()), own);
            if functions.contains(&of) {
                continue;
            }
            functions.push(of);
            let places = all.iter().filter(|other| counts(other, severity) && function(other) == function(dropped));
            let same = places.filter(|other| other.parses == dropped.parses && other.site.span != dropped.site.span);
            report(unit, dropped, own, consequence, same, sink);
        }
    }
}

/// Whether a dropped error is worth a word: a caller can be answered without every side effect, but for lost writes.
fn counts(dropped: &ErrorDrop, severity: Severity) -> bool {
    let lost = dropped.remote && !dropped.answers;
    let kind = !matches!(dropped.kind, ErrorDropKind::Joined | ErrorDropKind::Counted);
    invoked(&dropped.site) && (severity != Severity::Info || lost && kind)
}

fn report<'p>(
    unit: UnitRef<'_>,
    dropped: &ErrorDrop,
    severity: Severity,
    consequence: &str,
    same: impl Iterator<Item = &'p ErrorDrop>,
    sink: &mut Sink<'_>,
) {
    let how = how(dropped.kind);
    let takes_away = dropped.remote && lexicon().says(&dropped.work, Role::TakesAway);
    let aside = dropped.aside && severity != Severity::Info;
    let severity = if aside { severity.min(Severity::Warning) } else { severity };
    let message = match dropped.kind {
        _ if dropped.looks => {
            format!("an error of `{}` {how}: the work goes on without what it asks for", dropped.work)
        }
        _ if takes_away => format!("an error of `{}` {how}; what it was to take away stays", dropped.work),
        _ if aside => format!("an error of `{}` {how}; nobody hears that this part was not done", dropped.work),
        ErrorDropKind::Joined => format!("the outcome of the tasks {how}; when one fails or panics, {consequence}"),
        _ if dropped.parses && severity != Severity::Info => {
            format!("an error of `{}` {how}: what cannot be read is dropped, and nobody hears of it", dropped.work)
        }
        _ => format!("an error of `{}` {how}; {consequence}", dropped.work),
    };
    let note = match dropped.kind {
        ErrorDropKind::Logged | ErrorDropKind::TurnedIntoSuccess => "the error ends here",
        ErrorDropKind::Counted => "the failure is noted here, and nothing depends on it",
        ErrorDropKind::Ignored => "there is no error branch",
        ErrorDropKind::Joined => "the results are dropped here",
    };
    let finding = sink.at(&dropped.site, note, message);
    finding.severity = severity;
    finding.cap(Confidence::Medium);
    // A caller may be answered although something beside it failed; what could not be taken away is not lost.
    if severity == Severity::Info || takes_away || dropped.looks {
        finding.pedantic();
    }
    // Only what is polled takes a list of failed records.
    if unit.triggers().all(|trigger| trigger.invocation() != Invocation::Poll) {
        finding.advise("Return the error, so that whoever invokes the function hears of it.");
    }
    for other in same.take(MAX_PLACES) {
        let what = match other.kind {
            ErrorDropKind::Joined => "the tasks".to_owned(),
            _ => format!("`{}`", other.work),
        };
        finding.related.push(Label::new(other.site.span, format!("an error of {what} {}", self::how(other.kind))));
    }
    for trigger in unit.triggers().filter(|trigger| trigger.invocation() != Invocation::Sync).take(2) {
        finding.also(Some(trigger.span), format!("invoked by this {}", trigger.kind.name()));
    }
}

fn how(kind: ErrorDropKind) -> &'static str {
    match kind {
        ErrorDropKind::Logged => "is only logged",
        ErrorDropKind::Counted => "is only counted or listed",
        ErrorDropKind::Ignored => "is ignored",
        ErrorDropKind::Joined => "is not looked at after joining",
        ErrorDropKind::TurnedIntoSuccess => "is turned into success",
    }
}
