//! What would do better with the same work, told without a measurement.

use super::evidence::{Class, Fit, Item, Row, Strength, Subject};
use crate::knowledge::platforms;
use crate::model::source::{ComputeCall, FileWrite};

/// Hints about settings.
pub(super) fn hints(of: &Subject<'_>, fit: &mut Fit) {
    let (Some(program), Some(lambda)) = (of.program, of.function.aws()) else { return };
    let known = &platforms().aws_lambda;
    let mut hint = |text: String, place: Option<crate::text::Span>| {
        if let Some(place) = place {
            fit.hints.push(Item::new(Row::Compute, Class::Config, Strength::Note, text, place));
        }
    };
    let whole = known.memory_per_vcpu_mb.value;
    let computes = program.has::<ComputeCall>();
    if let Some(&memory) = of.function.memory_mb.one().filter(|&&memory| memory >= whole && !computes) {
        let text = format!("{memory} MB buy a whole vCPU, and nothing in reach computes: measure with less");
        hint(text, of.function.memory_mb.place());
    }
    let written = program.has::<FileWrite>();
    if let Some(&disk) = lambda.ephemeral_mb.one().filter(|&&disk| disk > known.ephemeral_mb.default && !written) {
        let text = format!("{disk} MB of `/tmp`, and nothing in reach writes a file: the default is free");
        hint(text, lambda.ephemeral_mb.place());
    }
}
