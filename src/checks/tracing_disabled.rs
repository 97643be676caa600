//! Functions, stages, state machines and GraphQL APIs whose requests nobody can follow: one finding for each file.

use super::{Check, Sink};
use crate::finding::{Confidence, Subject};
use crate::knowledge::dialect;
use crate::model::{Origin, Project, Setting, Verdict};
use crate::rule::Params;
use crate::text::Span;

pub(super) struct Rule;

impl Check for Rule {
    fn project(&self, project: &Project, _: &Params, sink: &mut Sink<'_>) {
        let deploy = &project.deploy;
        for id in deploy.function_ids() {
            let Some(lambda) = deploy.function(id).aws() else { continue };
            // What only deploys code leaves the rest of a function as it is.
            let alone = dialect(deploy.dialect_of(deploy.function(id).resource).0)
                .is_some_and(|dialect| dialect.silent_about_triggers);
            if alone && lambda.tracing.origin.is_default() {
                continue;
            }
            if lambda.tracing.value.holds(|mode| !mode.eq_ignore_ascii_case("active")) == Verdict::Yes {
                let what = format!("function `{}`", deploy.function_label(id));
                off(project, sink, Subject::Function(id), &what, &lambda.tracing, deploy.function_span(id));
            }
        }
        for traced in &deploy.traced {
            if traced.on.value.holds(|on| !on) == Verdict::Yes {
                let what = format!("{} `{}`", traced.kind, traced.name);
                // An API that an event makes has no resource of its own.
                let subject = deploy.function_of(traced.resource).map(Subject::Function);
                let subject = subject.unwrap_or(Subject::Resource(traced.resource));
                off(project, sink, subject, &what, &traced.on, traced.span);
            }
        }
    }
}

fn off<T>(project: &Project, sink: &mut Sink<'_>, subject: Subject, what: &str, setting: &Setting<T>, declared: Span) {
    sink.enter(Some(subject), Confidence::High);
    // What `Globals` say is of all; what a file says belongs to the one who says it.
    let place = match &setting.origin {
        Origin::Explicit => setting.key.or(setting.place()).unwrap_or(declared),
        _ => declared,
    };
    let message = format!("{what} does not trace its requests");
    let finding = sink.report(place, "not traced", message);
    finding.cap(setting.origin.ceiling()).because_of(project.sources.path(place.file));
}
