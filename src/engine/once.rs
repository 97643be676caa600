//! What the rules say, said once: findings of one rule with one cause become one with their places, and the worst come
//! first, those of one function together.

use crate::finding::{Audience, Finding, Fix, Label, Repeat, Severity, Subject};
use crate::model::Project;
use crate::text::Edit;
use std::cmp::Reverse;
use std::collections::HashMap;

/// One finding for each cause, in the order people read them: by severity, then by what they are about, then by place.
pub(super) fn once(project: &Project, findings: Vec<Finding>) -> Vec<Finding> {
    let mut groups: Vec<Vec<Finding>> = Vec::new();
    let mut at: HashMap<(String, Audience, String), usize> = HashMap::new();
    for finding in findings {
        let Some(cause) = finding.cause.clone() else {
            groups.push(vec![finding]);
            continue;
        };
        let index = *at.entry((finding.rule.clone(), finding.audience, cause)).or_insert(groups.len());
        match groups.get_mut(index) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    let findings: Vec<Finding> = groups.into_iter().filter_map(|group| one(project, group)).collect();
    let mut findings = few(findings, project);
    findings.iter_mut().for_each(|finding| name_others(project, finding));
    // They are in the order of paths; what a path begins, its other findings of the same severity follow.
    let mut first: HashMap<Subject, usize> = HashMap::new();
    for (index, finding) in findings.iter().enumerate() {
        if let Some(subject) = finding.subject {
            first.entry(subject).or_insert(index);
        }
    }
    findings.sort_by_cached_key(|finding| {
        (Reverse(finding.severity), finding.subject.map_or(usize::MAX, |subject| first[&subject]))
    });
    findings
}

/// Findings of one rule that a person reads one by one; where there are more, they are a habit, and told as one.
const MAX_ALIKE: usize = 40;

/// One finding with its places for what a rule found more often than anyone reads, for each severity and advice.
fn few(findings: Vec<Finding>, project: &Project) -> Vec<Finding> {
    let mut count: HashMap<(&str, Audience), usize> = HashMap::new();
    for finding in &findings {
        *count.entry((&finding.rule, finding.audience)).or_default() += 1;
    }
    let many: Vec<bool> =
        findings.iter().map(|finding| count[&(finding.rule.as_str(), finding.audience)] > MAX_ALIKE).collect();
    let mut groups: Vec<Vec<Finding>> = Vec::new();
    let mut at: HashMap<(String, Audience, Severity, String), usize> = HashMap::new();
    for (finding, many) in findings.into_iter().zip(many) {
        let advice = format!("{:?}", finding.advice);
        let key = (finding.rule.clone(), finding.audience, finding.severity, advice);
        match at.get(&key).filter(|_| many) {
            Some(&index) => groups[index].push(finding),
            None => {
                at.insert(key, groups.len());
                groups.push(vec![finding]);
            }
        }
    }
    groups.into_iter().filter_map(|group| one(project, group)).collect()
}

/// The worst finding of a group, for all of them.
fn one(project: &Project, mut group: Vec<Finding>) -> Option<Finding> {
    let worst = (0..group.len()).max_by_key(|&index| (group[index].weight(), Reverse(index)))?;
    let fixes: Vec<Vec<Fix>> = group.iter_mut().map(|finding| std::mem::take(&mut finding.fixes)).collect();
    let mut finding = group.remove(worst);
    for other in group {
        let label = other.subject.filter(|_| other.subject != finding.subject).map(|subject| project.label(subject));
        let note = label.map_or(other.primary.note.clone(), |label| format!("`{label}`: {}", other.primary.note));
        finding.also(Some(other.primary.span), note);
        // An edit of a manifest is made on all of its lines.
        let manifest = |label: &&Label| project.sources.path(label.span.file).ends_with("Cargo.toml");
        for label in other.related.iter().filter(manifest) {
            finding.also(Some(label.span), label.note.clone());
        }
        let repeated = |label: &&Label| other.repeats.iter().any(|repeat| repeat.span == label.span);
        for label in other.related.iter().filter(repeated) {
            finding.also(Some(label.span), label.note.clone());
        }
        finding.repeats.push(Repeat { span: other.primary.span, fingerprint: other.fingerprint });
        finding.repeats.extend(other.repeats);
        finding.others.extend(other.subject);
        finding.others.extend(other.others);
    }
    finding.fixes = merged(worst, fixes);
    Some(finding)
}

/// Says for whom else a finding holds.
fn name_others(project: &Project, finding: &mut Finding) {
    let own = finding.subject;
    let mut named = Vec::new();
    finding.others.retain(|&other| {
        let new = Some(other) != own && !named.contains(&other);
        named.extend(new.then_some(other));
        new
    });
    // Two stacks may give functions one name: nobody is told twice of the same.
    let label = own.map(|own| project.label(own));
    let others: Vec<Subject> =
        finding.others.iter().copied().filter(|&other| Some(project.label(other)) != label).collect();
    if let [first, rest @ ..] = others.as_slice() {
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        let clause = format!("the same holds for `{}`{more}", project.label(*first));
        finding.note(clause);
    }
}

/// The fixes of a group: one that is safe and one that is not, each for all that have such a one.
fn merged(worst: usize, mut fixes: Vec<Vec<Fix>>) -> Vec<Fix> {
    if fixes.len() == 1 {
        return fixes.remove(0);
    }
    // The worst speaks for the rest, so its titles come first.
    fixes.swap(0, worst);
    let mut found: Vec<Fix> = Vec::new();
    for safe in [true, false] {
        let mut all: Option<Fix> = None;
        for fix in fixes.iter().filter_map(|fixes| fixes.iter().find(|fix| fix.safe == safe)) {
            let Some(whole) = &mut all else {
                all = Some(fix.clone());
                continue;
            };
            let new: Vec<&Edit> = fix.edits.iter().filter(|edit| !whole.edits.contains(edit)).collect();
            let meets = |edit: &Edit, other: &Edit| {
                let (one, two) = (edit.span, other.span);
                one.file == two.file && (one == two || (one.start < two.end && two.start < one.end))
            };
            if !new.iter().any(|edit| whole.edits.iter().any(|other| meets(edit, other))) {
                let new: Vec<Edit> = new.into_iter().cloned().collect();
                whole.edits.extend(new);
            }
        }
        found.extend(all);
    }
    found
}
