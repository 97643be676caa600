//! What a collector is: when and where it wants to be asked, and what it does then.

use crate::model::source::{Facts, Phase};
use crate::source::flow::view::Here;
use crate::source::parse::nodes::Nodes;

/// A set of phases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Phases(u8);

impl Phases {
    pub(crate) const INIT: Self = Self(1 << Phase::Init as u8);
    pub(crate) const INVOKE: Self = Self(1 << Phase::Invoke as u8);
    pub(crate) const ANY: Self = Self(1 << Phase::Init as u8 | 1 << Phase::Once as u8 | 1 << Phase::Invoke as u8);

    const fn has(self, phase: Phase) -> bool {
        self.0 >> phase as u8 & 1 == 1
    }
}

/// Looks at one expression and adds what it finds.
type Run = fn(Here<'_>, &mut Facts);

/// Finds the facts of one kind, or of kinds that are told in one look.
pub(crate) struct Collector {
    /// When the code runs that it looks at.
    pub(crate) phases: Phases,
    /// The kinds of expressions it is asked about.
    pub(crate) nodes: Nodes,
    pub(crate) run: Run,
}

/// The collectors by phase and kind of expression, so that nobody is asked in vain.
pub(crate) struct Table([[Vec<Run>; Nodes::COUNT]; 3]);

impl Table {
    pub(crate) fn new(collectors: &[Collector]) -> Self {
        let wanting = |phase: Phase, position: usize| {
            let wanting = collectors.iter().filter(|of| of.phases.has(phase) && of.nodes.has(position));
            wanting.map(|of| of.run).collect()
        };
        let phases = [Phase::Init, Phase::Once, Phase::Invoke];
        Self(phases.map(|phase| std::array::from_fn(|position| wanting(phase, position))))
    }

    /// Asks every collector that wants an expression.
    pub(crate) fn collect(&self, phase: Phase, here: Here<'_>, facts: &mut Facts) {
        if let Some(position) = Nodes::position(here.kind()) {
            self.0[phase as usize][position].iter().for_each(|run| run(here, facts));
        }
    }
}
