//! What checks ask about a unit: how it is invoked, with what, and where facts lie.

use crate::checks::{Sink, UnitRef};
use crate::exact::Exact;
use crate::finding::Finding;
use crate::knowledge::{Dialect, EventType, Meaning, dialect, event_types, lexicon, platforms};
use crate::model::deployments::{Invocation, Mapping, Queue, Text, Trigger, TriggerKind};
use crate::model::source::{Operand, Phase, Site};
use crate::text::Span;
use crate::text::path::{is_within, parent};
use crate::verdicts::cost::HOURS_OF_A_MONTH;
use crate::verdicts::cost::schedule::per_month;

impl<'p> UnitRef<'p> {
    /// The triggers config ties to the function.
    pub(crate) fn triggers(&self) -> impl Iterator<Item = &'p Trigger> {
        let deploy = &self.project.deploy;
        self.unit.function().into_iter().flat_map(|id| deploy.triggers_of(id))
    }

    /// What is known of the dialect the function is declared in.
    pub(crate) fn dialect(&self) -> Option<&'static Dialect> {
        dialect(self.project.deploy.dialect_of(self.function()?.resource).0)
    }

    /// Whether the config of the function would say what invokes it.
    fn knows_triggers(&self) -> bool {
        self.dialect().is_some_and(|dialect| !dialect.silent_about_triggers)
    }

    /// The kinds of trigger: from config, or from the event type of a handler that no config deploys.
    pub(crate) fn trigger_kinds(&self) -> Vec<TriggerKind> {
        let configured: Vec<TriggerKind> = self.triggers().map(|trigger| trigger.kind).collect();
        if !configured.is_empty() || self.knows_triggers() {
            return configured;
        }
        let handlers = self.code().map_or(&[][..], |program| program.handlers.as_slice());
        let accepted = handlers.iter().filter_map(|handler| event_type(&handler.event));
        let accepted = accepted.flat_map(|(_, known)| &known.accepts).filter_map(|word| TriggerKind::of_word(word));
        accepted.chain(handlers.iter().filter_map(|handler| handler.reads_like)).collect()
    }

    /// How it is invoked, as far as that is known.
    pub(crate) fn invocations(&self) -> Vec<Invocation> {
        let configured: Vec<Invocation> = self.triggers().map(Trigger::invocation).collect();
        if !configured.is_empty() || self.knows_triggers() {
            return configured;
        }
        self.trigger_kinds().into_iter().map(TriggerKind::invocation).collect()
    }

    /// Whether it runs so rarely that each run is a cold start, and nobody waits for it: on schedules that fire less
    /// than hourly, and by nothing else.
    pub(crate) fn runs_rarely(&self) -> bool {
        let rare = |trigger: &Trigger| {
            let often = trigger.schedule().and_then(|schedule| per_month(schedule.expression.one()?));
            often.is_some_and(|often| often < Exact::from(HOURS_OF_A_MONTH))
        };
        self.triggers().next().is_some() && self.triggers().all(rare)
    }

    /// The event source mappings that are on.
    pub(crate) fn mappings(&self) -> impl Iterator<Item = (&'p Trigger, &'p Mapping)> {
        let on = |mapping: &Mapping| mapping.enabled.one() != Some(&false);
        self.triggers()
            .filter_map(|trigger| Some((trigger, trigger.mapping()?)))
            .filter(move |(_, mapping)| on(mapping))
    }

    /// The queue a mapping polls, if it is one of the project.
    pub(crate) fn queue_of(&self, trigger: &Trigger) -> Option<&'p Queue> {
        self.project.deploy.queue_at(&trigger.source)
    }

    /// Whether one environment may serve several requests at once.
    pub(crate) fn is_concurrent(&self) -> bool {
        let several = self.function().and_then(|function| function.concurrency.one()).is_some_and(|&n| n > 1);
        several || self.code().is_some_and(|program| program.handlers.iter().any(|handler| handler.concurrent))
    }

    /// Extensions and sidecars on the same host answer or fail at once.
    pub(crate) fn is_same_host(&self, url: &Operand) -> bool {
        let local = |text: &str| platforms().aws_lambda.is_same_host(text);
        match url {
            Operand::Literal(text) => local(text),
            Operand::Env(key) if key == "AWS_LAMBDA_RUNTIME_API" => true,
            Operand::Env(key) => self
                .function()
                .and_then(|function| function.env.vars.get(key))
                .and_then(|variable| variable.value.one())
                .is_some_and(|text| matches!(text, Text::Literal(text) if local(text))),
            Operand::Unknown => false,
        }
    }

    /// Whether a config that could not be read may say how the binary is deployed: one above its package, or in a
    /// directory beside it. An app of another part of the tree says nothing about it.
    pub(crate) fn may_be_deployed_elsewhere(&self) -> bool {
        let (None, Some(target)) = (self.unit.function(), self.unit.target()) else { return false };
        let cargo = &self.project.cargo;
        let package = &cargo.package(cargo.target(target).package).dir;
        self.project.deploy.unread.iter().any(|config| is_within(package, parent(parent(config))))
    }
}

/// What is known of an event type, by its canonical path.
pub(crate) fn event_type(path: &str) -> Option<(&'static str, &'static EventType)> {
    let aws = lexicon().means(path, Meaning::EventType);
    let matches = |name: &str| path == name || path.ends_with(&format!("::{name}"));
    let found = event_types().types.iter().filter(|_| aws).find(|(name, _)| matches(name))?;
    Some((found.0.as_str(), found.1))
}

/// How often what an invocation runs happens, in words.
pub(crate) fn how_often(site: &Site) -> &'static str {
    if site.conditional { "again by each invocation that gets there" } else { "on every invocation" }
}

/// Whether a fact lies on the path of an invocation.
pub(crate) fn invoked(site: &Site) -> bool {
    site.phase == Phase::Invoke
}

impl Sink<'_> {
    /// Reports something at the place of a fact, with the way that leads there.
    pub(crate) fn at(&mut self, site: &Site, note: impl Into<String>, message: impl Into<String>) -> &mut Finding {
        self.at_span(site, site.span, note, message)
    }

    /// The same, at another place that the fact is about.
    pub(crate) fn at_span(
        &mut self,
        site: &Site,
        span: Span,
        note: impl Into<String>,
        message: impl Into<String>,
    ) -> &mut Finding {
        let finding = self.report(span, note, message);
        finding.cap(site.confidence).also(site.entered_at, "the handler gets there from here");
        finding.trail.clone_from(&site.trail);
        finding
    }
}
