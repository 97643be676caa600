//! Secrets in log lines, where they stay for as long as the log group keeps them.

use super::support::grouped::{function, grouped};
use super::support::levels::Levels;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Severity};
use crate::model::source::{SecretKind, SecretLog};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, params: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        let levels = Levels(params.list("levels"));
        let least = levels.configured(unit, params.list("level-variables"));
        let written = |log: &SecretLog| {
            log.prints || levels.of(&log.path).is_none_or(|level| least.is_none_or(|least| level <= least))
        };
        let all = program.facts::<SecretLog>().iter().filter(|log| written(log));
        // A function that writes one secret in several lines shows it once.
        for group in grouped(all, |log| (function(&log.site), log.from, &log.name)) {
            let Some((log, others)) = group.split_first() else { continue };
            let what = match log.kind {
                SecretKind::Fetched => format!("a secret that was fetched (`{}`)", log.name),
                SecretKind::Caller => format!("`{}` of the caller", log.name),
                SecretKind::Environment => format!("the value of `{}`", log.name),
            };
            let message =
                format!("`{}!` writes {what} to the log, where everyone who may read logs can read it", log.path);
            let finding = sink.at(&log.site, "writes a secret", message);
            finding.severity = if log.kind == SecretKind::Fetched { Severity::Error } else { Severity::Warning };
            finding.cap(Confidence::Medium);
            finding.also(log.from, "the secret");
            finding.places(others.iter().map(|other| other.site.span), "and here");
        }
    }
}
