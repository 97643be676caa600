//! What a change touches: lines that differ from a revision, and findings that the revision did not have.

use crate::finding::Finding;
use crate::model::Project;
use crate::rule::{RuleSpec, World};
use crate::text::Span;
use crate::tree::Tree;
use similar::{DiffOp, capture_diff_slices_deadline};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;
use std::time::{Duration, Instant};

/// A file whose difference takes longer to find counts as changed altogether.
const PATIENCE: Duration = Duration::from_secs(2);

/// The difference between the working tree and a revision.
pub(super) struct Change<'b> {
    /// 0-based lines of the working tree that are new or changed, by path.
    lines: BTreeMap<String, Vec<Range<usize>>>,
    /// Fingerprints of the findings that the revision had, for rules that could run there; none if no file that counts
    /// was changed, added or removed.
    before: Option<&'b BTreeSet<String>>,
    /// Places that make an edge of the graph.
    edges: HashSet<Span>,
}

impl<'b> Change<'b> {
    /// Compares the files that a run has read with those of a revision, and asks what that had `before` if they differ.
    pub(super) fn between(
        project: &Project,
        tree: &dyn Tree,
        base: &dyn Tree,
        before: impl FnOnce() -> &'b BTreeSet<String>,
    ) -> Self {
        let mut lines = BTreeMap::new();
        for file in project.sources.ids() {
            let path = project.sources.path(file);
            let text = project.sources.text(file);
            let changed = match base.read(path) {
                Ok(bytes) if bytes == text.as_bytes() => continue,
                Ok(bytes) => changed(&String::from_utf8_lossy(&bytes), text),
                Err(_) => std::iter::once(0..usize::MAX).collect(),
            };
            lines.insert(path.to_owned(), changed);
        }
        let nothing = lines.is_empty() && base.files().iter().all(|path| tree.contains(path));
        let edges = project.graph.edges.iter().map(|edge| edge.span).collect();
        Self { lines, before: (!nothing).then(before), edges }
    }

    /// Whether a finding stands on a changed line, at either end of what it joins, or was not there before.
    pub(super) fn touches(&self, project: &Project, finding: &Finding, spec: Option<&RuleSpec>) -> bool {
        let Some(before) = self.before else { return false };
        let sources = &project.sources;
        // What is wrong with a line of a manifest is wrong whoever handles events.
        let manifest = sources.path(finding.primary.span.file).ends_with("Cargo.toml");
        let labels = std::iter::once(&finding.primary).chain(finding.related.iter().filter(|_| !manifest));
        let on_changed_line = labels.into_iter().any(|label| {
            let Some(changed) = self.lines.get(sources.path(label.span.file)) else { return false };
            let line = |byte: u32| sources.position(label.span.file, byte).line as usize - 1;
            let first = line(label.span.start);
            let last =
                if self.is_edge(project, label.span) { block_end(project, label.span) } else { line(label.span.end) };
            changed.iter().any(|range| range.start <= last && first < range.end)
        });
        on_changed_line || (spec.is_some_and(comparable) && !before.contains(&finding.fingerprint))
    }

    /// Whether a place stands on a changed line.
    pub(super) fn adds(&self, project: &Project, span: Span) -> bool {
        let sources = &project.sources;
        let line = sources.position(span.file, span.start).line as usize - 1;
        self.lines.get(sources.path(span.file)).is_some_and(|changed| changed.iter().any(|range| range.contains(&line)))
    }

    /// Whether a place in a config makes an edge of the graph: a trigger, a delivery.
    fn is_edge(&self, project: &Project, span: Span) -> bool {
        self.edges.contains(&span) && !project.sources.path(span.file).ends_with(".rs")
    }
}

/// Whether manifests or lock files differ: whether the dependency graph may.
pub(super) fn manifests_differ(tree: &dyn Tree, base: &dyn Tree) -> bool {
    let is_manifest = |path: &&String| path.ends_with("Cargo.toml") || path.ends_with("Cargo.lock");
    let of = |tree: &dyn Tree| tree.files().iter().filter(is_manifest).cloned().collect::<Vec<String>>();
    let (here, there) = (of(tree), of(base));
    here != there || here.iter().any(|path| tree.read(path) != base.read(path))
}

/// The last line of the block that begins at a place: those below it that are indented more.
fn block_end(project: &Project, span: Span) -> usize {
    let text = project.sources.text(span.file);
    let first = project.sources.position(span.file, span.start).line as usize - 1;
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut lines = text.lines().enumerate().skip(first);
    let Some((_, head)) = lines.next() else { return first };
    let own = indent(head);
    lines
        .take_while(|(_, line)| line.trim().is_empty() || indent(line) > own || line.trim_start().starts_with('}'))
        .filter(|(_, line)| !line.trim().is_empty())
        .last()
        .map_or(first, |(index, _)| index)
}

/// Whether a rule finds in a revision what it finds in a working tree: not if it asks cargo or looks at what was built.
pub(super) fn comparable(spec: &RuleSpec) -> bool {
    !spec.needs.iter().any(|world| matches!(world, World::Crates | World::Binaries))
}

/// The lines of the new text that the old one does not have.
fn changed(old: &str, new: &str) -> Vec<Range<usize>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let deadline = Some(Instant::now() + PATIENCE);
    let operations = capture_diff_slices_deadline(similar::Algorithm::Myers, &old, &new, deadline);
    operations
        .into_iter()
        .filter_map(|operation| match operation {
            DiffOp::Equal { .. } | DiffOp::Delete { .. } => None,
            DiffOp::Insert { new_index, new_len, .. } | DiffOp::Replace { new_index, new_len, .. } => {
                Some(new_index..new_index + new_len)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::changed;

    #[test]
    fn lines_of_the_new_text_are_named() {
        assert_eq!(changed("a\nb\nc\n", "a\nx\nc\nd\n"), [1..2, 3..4]);
        assert!(changed("a\nb\n", "a\n").is_empty());
    }
}
