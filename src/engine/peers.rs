//! Findings that another tool makes in the same project, as its config says: they are left to that tool, in the files
//! it reads.

use super::options::Options;
use crate::config::Selected;
use crate::finding::Finding;
use crate::model::Project;
use crate::rule::peers;
use std::collections::HashMap;

/// Takes out what a peer finds as well. Gives the number taken out.
pub(super) fn leave(project: &Project, rules: &[&Selected], options: &Options, findings: &mut Vec<Finding>) -> usize {
    if options.peers.is_empty() {
        return 0;
    }
    let known = peers();
    // The dialects a rule is not needed in.
    let mut left: HashMap<&str, Vec<&str>> = HashMap::new();
    for rule in rules {
        for peer in rule.spec.peers.iter().filter(|peer| peer.same && options.peers.contains(&peer.tool)) {
            let of_tool = known.tools.get(&peer.tool).map_or(&[][..], |tool| tool.reads.as_slice());
            let reads = if peer.reads.is_empty() { of_tool } else { &peer.reads };
            left.entry(rule.spec.id.as_str()).or_default().extend(reads.iter().map(String::as_str));
        }
    }
    let dialects: HashMap<&str, &str> =
        project.deploy.stacks.iter().map(|stack| (stack.path.as_str(), stack.dialect.0)).collect();
    let before = findings.len();
    findings.retain(|finding| {
        let Some(reads) = left.get(finding.rule.as_str()) else { return true };
        let written = dialects.get(project.sources.path(finding.primary.span.file)).copied();
        // A root of Terraform has its path for all of its files, and an app of the CDK for its program.
        let written = written.or_else(|| {
            let id = finding.function().map(|id| project.deploy.function(id).resource);
            let id = id.or(match finding.subject {
                Some(crate::finding::Subject::Resource(id)) => Some(id),
                _ => None,
            })?;
            Some(project.deploy.dialect_of(id).0)
        });
        !written.is_some_and(|dialect| reads.contains(&dialect))
    });
    before - findings.len()
}
