//! What collectors of facts are handed: an expression of a region, and whom to ask about it.

use super::called::Called;
use super::remote::{Effect, Remote};
use super::trace::{At, Tracer};
use crate::model::Verdict;
use crate::model::source::{Phase, Site};
use crate::source::parse::ir::{Body, ExprId, Kind, Range};
use crate::source::reach::regions::{Code, RegionId};
use crate::source::types::infer::Context;
use crate::text::Span;
use std::cell::RefCell;
use std::collections::HashMap;

/// What collectors ask: where values come from, and which code is remote work.
pub(crate) struct View<'p> {
    pub(crate) tracer: &'p Tracer<'p>,
    pub(crate) remote: Remote,
    /// Loops around sleeps, by region.
    pub(crate) loops: RefCell<HashMap<At, Repeats>>,
    /// What the call at hand calls; all collectors of one expression ask, one after the other.
    called: RefCell<Option<(At, Option<Called>)>>,
}

impl<'p> View<'p> {
    /// The view of one binary.
    pub(crate) fn new(tracer: &'p Tracer<'p>) -> Self {
        Self { tracer, remote: Remote::new(tracer), loops: RefCell::default(), called: RefCell::default() }
    }
}

/// What a loop does over and over; looked at once for all the sleeps in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Repeats {
    /// The remote read at its end.
    pub(crate) read: Option<String>,
    /// Whether it ends as soon as a remote call succeeds.
    pub(crate) retries: bool,
}

/// An expression of a region, as a collector meets it.
#[derive(Clone, Copy)]
pub(crate) struct Here<'p> {
    pub(crate) view: &'p View<'p>,
    pub(crate) region: RegionId,
    pub(crate) id: ExprId,
}

impl<'p> Here<'p> {
    /// Answers about values.
    pub(crate) fn tracer(self) -> &'p Tracer<'p> {
        self.view.tracer
    }

    /// The body, and the names its paths are resolved in.
    pub(crate) fn context(self) -> Context<'p> {
        self.view.tracer.context(self.region)
    }

    /// The body the expression stands in.
    pub(crate) fn body(self) -> &'p Body {
        self.view.tracer.reach.body(self.code())
    }

    /// What the expression is.
    pub(crate) fn kind(self) -> &'p Kind {
        self.body().kind(self.id)
    }

    /// The expression with its region.
    pub(crate) fn at(self) -> At {
        (self.region, self.id)
    }

    /// Another expression of the region.
    pub(crate) fn of(self, id: ExprId) -> At {
        (self.region, id)
    }

    /// The same view of another expression of the region.
    pub(crate) fn on(self, id: ExprId) -> Self {
        Self { id, ..self }
    }

    /// What the expression calls, if it is a call whose path is known, with its arguments.
    pub(crate) fn called(self) -> Option<(Called, &'p [ExprId])> {
        let (Kind::Call { args, .. } | Kind::Method { args, .. }) = self.kind() else { return None };
        let mut known = self.view.called.borrow_mut();
        if known.as_ref().is_none_or(|(at, _)| *at != self.at()) {
            *known = Some((self.at(), Called::of(&self.context(), self.id)));
        }
        known.as_ref().and_then(|(_, called)| called.clone()).map(|called| (called, args.as_slice()))
    }

    /// Where the expression is written in its file.
    pub(crate) fn range(self) -> Range {
        self.body().expr(self.id).span
    }

    /// The place of the expression as a fact shows it, with the range to underline.
    pub(crate) fn site(self, range: Range) -> Site {
        self.view.tracer.reach.site(self.region, self.id, range)
    }

    /// The span of the expression.
    pub(crate) fn span(self) -> Span {
        self.view.tracer.reach.span(self.code(), self.range())
    }

    /// When the region runs.
    pub(crate) fn phase(self) -> Phase {
        self.view.tracer.reach.regions[self.region].phase
    }

    /// The function or static the region is part of.
    pub(crate) fn code(self) -> Code {
        self.view.tracer.reach.regions[self.region].code
    }

    /// The outermost expression of the region.
    pub(crate) fn root(self) -> ExprId {
        self.view.tracer.reach.regions[self.region].root
    }

    /// Whether the runtime calls the region with the event.
    pub(crate) fn is_handler(self) -> bool {
        self.view.tracer.reach.regions[self.region].handler
    }

    /// Whether an expression of the region is derived from the event.
    pub(crate) fn is_from_event(self, id: ExprId) -> Verdict {
        self.view.tracer.is_from_event(self.of(id))
    }

    /// Whether an expression of the region is data of the event, not what something remote answered.
    pub(crate) fn is_event_data(self, id: ExprId) -> bool {
        self.view.tracer.is_event_data(&self.view.remote, self.of(id))
    }

    /// What an expression of the region, or anything inside it, does to something outside the process.
    pub(crate) fn remote_within(self, id: ExprId) -> Option<Effect> {
        self.view.remote.within(self.body(), self.of(id))
    }

    /// The remote calls inside an expression of the region, in source order.
    pub(crate) fn remote_calls(self, id: ExprId) -> Vec<(ExprId, Effect)> {
        self.view.remote.calls(self.body(), self.of(id))
    }
}
