//! What configuration left open, once handlers are known: a binary without an entry point is no function, names may
//! agree behind a prefix they all share, and the only function belongs to the only binary. The rest are gaps.

use super::binaries::{missing, names, normalized};
use crate::model::crates::{TargetId, TargetKind};
use crate::model::deployments::FunctionId;
use crate::model::{Evidence, Gap, Platform, Project, Unit};
use std::collections::BTreeSet;

/// Joins what is left by its names, notes functions no binary was found for, and adds binaries that have a handler but
/// that no config deploys.
pub fn settle(project: &mut Project) {
    let entries: BTreeSet<TargetId> =
        project.programs.iter().filter(|program| !program.handlers.is_empty()).map(|program| program.target).collect();
    let mut open: Vec<(FunctionId, String)> = Vec::new();
    for at in 0..project.units.len() {
        match project.units[at] {
            Unit::Joined { function, target, evidence: Evidence::SameName } if !entries.contains(&target) => {
                project.units[at] = Unit::Unjoined(function);
                open.push((function, "a binary has its name, but no entry point of a function runtime".to_owned()));
            }
            Unit::Unjoined(function) => {
                open.extend(missing(project, function).map(|reason| (function, reason)));
            }
            Unit::Joined { .. } | Unit::Undeployed(_) => {}
        }
    }
    let binaries: Vec<TargetId> = entries.iter().copied().filter(|&target| is_lambda(project, target)).collect();
    for (function, target) in pairs(project, &open, &binaries) {
        let joined = Unit::Joined { function, target, evidence: Evidence::SameName };
        project.units.iter_mut().filter(|unit| **unit == Unit::Unjoined(function)).for_each(|unit| *unit = joined);
        open.retain(|(other, _)| *other != function);
    }
    for (function, reason) in open {
        let span = project.deploy.function_span(function);
        let reason = format!("no binary found for function `{}`: {reason}", project.deploy.function_name(function));
        project.gaps.push(Gap::at(&project.sources, span, reason));
    }
    let linked = linked(project);
    project.units.extend(entries.difference(&linked).copied().map(Unit::Undeployed));
}

fn linked(project: &Project) -> BTreeSet<TargetId> {
    project.units.iter().filter_map(Unit::target).collect()
}

fn is_lambda(project: &Project, target: TargetId) -> bool {
    project.cargo.target(target).kind == TargetKind::Bin
        && project.program(target).and_then(|program| program.platform()) == Some(Platform::AwsLambda)
}

/// Functions and binaries that belong together although nothing but their names or their number says so.
fn pairs(project: &Project, open: &[(FunctionId, String)], binaries: &[TargetId]) -> Vec<(FunctionId, TargetId)> {
    let linked = linked(project);
    let free: Vec<TargetId> = binaries.iter().copied().filter(|target| !linked.contains(target)).collect();
    // One function and one binary, and nothing else of either kind.
    if let ([(function, _)], [target]) = (open, binaries)
        && free.contains(target)
        && project.deploy.function_ids().count() == 1
    {
        return vec![(*function, *target)];
    }
    let all: Vec<Vec<String>> = binaries.iter().map(|&target| words(&project.cargo.target(target).name)).collect();
    let shared = shared_words(&all);
    if shared == (0, 0) {
        return Vec::new();
    }
    let own = |target: TargetId| {
        let words = words(&project.cargo.target(target).name);
        normalized(&words[shared.0..words.len() - shared.1].concat())
    };
    let mut found = Vec::new();
    for (function, _) in open {
        let wanted: Vec<String> = names(&project.deploy, *function).iter().map(|name| normalized(name)).collect();
        let mut fits = free.iter().copied().filter(|&target| wanted.contains(&own(target)));
        if let (Some(only), None) = (fits.next(), fits.next()) {
            found.push((*function, only));
        }
    }
    // Two functions cannot be told apart by it.
    let targets: Vec<TargetId> = found.iter().map(|(_, target)| *target).collect();
    found.retain(|(_, target)| targets.iter().filter(|other| *other == target).count() == 1);
    found
}

/// The words of a crate's name.
fn words(name: &str) -> Vec<String> {
    name.split(['-', '_']).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// How many words all names begin with and end with; at least one word of each is its own.
fn shared_words(names: &[Vec<String>]) -> (usize, usize) {
    let [first, rest @ ..] = names else { return (0, 0) };
    if rest.is_empty() {
        return (0, 0);
    }
    let most = names.iter().map(|words| words.len().saturating_sub(1)).min().unwrap_or(0);
    let alike = |at: &dyn Fn(&[String]) -> Option<String>| rest.iter().all(|words| at(words) == at(first));
    let before = (0..most).take_while(|&at| alike(&|words| words.get(at).cloned())).count();
    let from_end = |at: usize| move |words: &[String]| words.iter().rev().nth(at).cloned();
    let behind = (0..most - before).take_while(|&at| alike(&from_end(at))).count();
    (before, behind)
}

#[cfg(test)]
mod tests {
    use super::{shared_words, words};

    #[test]
    fn what_all_names_share_is_found_at_both_ends() {
        let names = |all: &[&str]| all.iter().map(|name| words(name)).collect::<Vec<_>>();
        assert_eq!(
            shared_words(&names(&["web-lambda-publisher", "web_lambda_reader", "web-lambda-feed-maker"])),
            (2, 0)
        );
        assert_eq!(shared_words(&names(&["put-fn", "get-fn"])), (0, 1));
        assert_eq!(shared_words(&names(&["orders", "orders-api"])), (0, 0));
        assert_eq!(shared_words(&names(&["orders"])), (0, 0));
    }
}
