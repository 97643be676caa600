//! What `fit` says against a function, as findings of the rule of one row.

use crate::checks::{Sink, UnitRef};
use crate::finding::Severity;
use crate::verdicts::cost::Traffic;
use crate::verdicts::fit::{Item, Row, Strength, Wanted, one};

/// Reports what speaks against a function in a row: the strongest, with the places of the rest.
pub(crate) fn report(unit: UnitRef<'_>, row: Row, least: Strength, sink: &mut Sink<'_>) {
    let Some(name) = unit.name() else { return };
    let traffic = Traffic::of_project(unit.project);
    let Some(fit) = one(unit.project, unit.unit, &traffic, &Wanted::default()) else { return };
    let said = |item: &&Item| item.row == row && item.strength >= least && !item.said_elsewhere;
    let against: Vec<&Item> = fit.against().filter(said).collect();
    let Some((first, rest)) = against.split_first() else { return };
    let mut message = format!("`{name}` {}", first.text);
    if first.strength > Strength::Note
        && let Some(change) = first.cure.as_ref().or(first.instead.as_ref())
    {
        let word = if first.cure.is_some() { "it needs" } else { "such work belongs to" };
        message.push_str(&format!("; {word} {change}"));
    }
    let Some((place, more)) = first.places.split_first() else { return };
    let finding = sink.report(*place, "seen here", message);
    finding.cap(first.confidence);
    finding.severity = match first.strength {
        Strength::Contradiction => Severity::Error,
        Strength::Strong => finding.severity,
        Strength::Weak | Strength::Note => Severity::Info,
    };
    for place in more {
        finding.also(Some(*place), "with this");
    }
    for item in rest {
        finding.also(item.places.first().copied(), item.text.clone());
    }
}
