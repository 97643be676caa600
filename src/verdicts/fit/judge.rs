//! From evidence to a word.

use super::evidence::{Class, Fit, Item, Row, Strength, Subject, Verdict, Wanted};
use super::{config, hints, source, traffic};
use crate::finding::Confidence;
use crate::model::source::Program;
use crate::model::{Evidence, Platform, Project, Unit};
use crate::verdicts::cost::Traffic;

/// Judges every function of a project.
pub fn judge(project: &Project, traffic: &Traffic, wanted: &Wanted) -> Vec<Fit> {
    project.units.iter().filter_map(|unit| one(project, unit, traffic, wanted)).collect()
}

/// Judges what the join made of one function.
pub fn one(project: &Project, unit: &Unit, traffic: &Traffic, wanted: &Wanted) -> Option<Fit> {
    let program = unit.target().and_then(|target| project.program(target));
    let Some(id) = unit.function() else { return undeployed(project, unit, program?) };
    let function = project.deploy.function(id);
    let platform = program.and_then(Program::platform).unwrap_or(function.platform);
    let mut fit = Fit {
        function: Some(id),
        name: project.deploy.function_label(id),
        platform: Some(platform),
        declared: project.deploy.function_span(id),
        verdict: Verdict::NotJudged,
        because: String::new(),
        items: Vec::new(),
        unknown: Vec::new(),
        hints: Vec::new(),
    };
    let subject = Subject { project, unit, id, function, program };
    config::evidence(&subject, &mut fit);
    if program.is_none() {
        fit.because = "no Rust source was found for it".to_owned();
        return Some(fit);
    }
    source::evidence(&subject, &mut fit);
    traffic::evidence(&subject, traffic, wanted, &mut fit);
    hints::hints(&subject, &mut fit);
    let ceiling = unit.evidence().map_or(Confidence::High, Evidence::ceiling);
    for item in &mut fit.items {
        item.confidence = item.confidence.min(ceiling);
        item.places.dedup();
    }
    decide(&mut fit, &wanted.allow);
    Some(fit)
}

/// A binary that no config deploys: its source says what it is, its settings nobody knows.
fn undeployed(project: &Project, unit: &Unit, program: &Program) -> Option<Fit> {
    let handler = program.handlers.first()?;
    let target = project.cargo.target(unit.target()?);
    let mut fit = Fit {
        function: None,
        name: project.label(crate::finding::Subject::Binary(unit.target()?)),
        platform: program.platform(),
        declared: handler.span,
        verdict: Verdict::NotJudged,
        because: "no config that was read deploys it".to_owned(),
        items: Vec::new(),
        unknown: Vec::new(),
        hints: Vec::new(),
    };
    debug_assert!(!target.name.is_empty());
    if program.platform() == Some(Platform::CloudflareWorkers) {
        source::of_worker(program, &mut fit);
        fit.because.clear();
        decide(&mut fit, &[]);
    }
    Some(fit)
}

/// One word for all evidence.
fn decide(fit: &mut Fit, allowed: &[String]) {
    // Who hands work over does not do it itself.
    if fit.supporting().any(|item| item.row == Row::ControlPlane) {
        for item in fit.items.iter_mut().filter(|item| !item.speaks_for && item.row == Row::LongRunning) {
            if item.strength == Strength::Strong {
                item.strength = Strength::Note;
            }
        }
    }
    for item in &mut fit.items {
        if !item.speaks_for && allowed.iter().any(|row| row == item.row.as_str()) {
            item.strength = Strength::Note;
        }
    }
    fit.items.sort_by_key(|item| (item.speaks_for, std::cmp::Reverse(item.strength), item.row));
    let strong: Vec<&Item> = fit.against().filter(|item| item.strength == Strength::Strong).collect();
    let lasting: Vec<&&Item> = strong.iter().filter(|item| item.cure.is_none()).collect();
    let classes = |row: Row| {
        let mut classes: Vec<Class> = lasting.iter().filter(|item| item.row == row).map(|item| item.class).collect();
        classes.sort_unstable();
        classes.dedup();
        classes.len()
    };
    let mut rows: Vec<Row> = lasting.iter().map(|item| item.row).collect();
    rows.sort_unstable();
    rows.dedup();
    let poor = rows.len() > 1 || rows.iter().any(|row| classes(*row) > 1);
    let strongest = |fit: &Fit| fit.against().next().map(|item| item.text.clone()).unwrap_or_default();
    let contradicts = fit.against().any(|item| item.strength == Strength::Contradiction);
    let (verdict, because) = if contradicts || poor {
        (Verdict::PoorFit, strongest(fit))
    } else if !strong.is_empty() {
        (Verdict::FitsWithChange, strongest(fit))
    } else if fit.against().any(|item| item.strength == Strength::Weak) {
        (Verdict::Watch, strongest(fit))
    } else if let Some(first) = fit.supporting().next() {
        (Verdict::Fits, first.text.clone())
    } else {
        (Verdict::NotJudged, "nothing in its config says what it is for".to_owned())
    };
    fit.verdict = verdict;
    fit.because = because;
}
