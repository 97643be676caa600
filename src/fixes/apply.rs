//! Several fixes as one text for each file. A fix is applied whole or not at all.

use crate::finding::{Edit, Finding};
use crate::text::{FileId, SourceMap};
use std::collections::BTreeMap;

/// What came of applying fixes.
#[derive(Debug, Default)]
pub struct Applied {
    /// New texts of files that change, by path.
    pub files: BTreeMap<String, String>,
    /// Indices of the findings whose fix went in.
    pub findings: Vec<usize>,
    /// Fixes that did not go in.
    pub skipped: Vec<Skipped>,
}

/// A fix that did not go in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The index of its finding.
    pub finding: usize,
    /// Why.
    pub reason: String,
}

/// Edits of one file by start, end and the order they came in.
type Known<'f> = BTreeMap<(u32, u32, usize), &'f Edit>;

/// Applies the first fix of each finding that is allowed, in the order of findings.
pub fn apply(sources: &SourceMap, findings: &[Finding], unsafe_too: bool, excluded: &[usize]) -> Applied {
    let mut edits: BTreeMap<FileId, Known<'_>> = BTreeMap::new();
    let mut applied = Applied::default();
    for (index, finding) in findings.iter().enumerate() {
        let Some(fix) = finding.fix_to_apply(unsafe_too) else { continue };
        if excluded.contains(&index) {
            continue;
        }
        let clash = fix.edits.iter().find(|edit| {
            edits.get(&edit.span.file).is_some_and(|known| near(known, edit).any(|other| conflict(other, edit)))
        });
        if let Some(edit) = clash {
            let reason = format!("another fix changes the same place, {}", sources.place(edit.span));
            applied.skipped.push(Skipped { finding: index, reason });
            continue;
        }
        for edit in &fix.edits {
            let known = edits.entry(edit.span.file).or_default();
            if !near(known, edit).any(|other| other == edit) {
                // Insertions at one place stay in the order of their findings.
                known.insert((edit.span.start, edit.span.end, known.len()), edit);
            }
        }
        applied.findings.push(index);
    }
    for (file, edits) in edits {
        let edits: Vec<&Edit> = edits.into_values().collect();
        applied.files.insert(sources.path(file).to_owned(), rewrite(sources.text(file), &edits));
    }
    applied
}

/// The edits that touch the range of another one. Those of a file do not overlap, so their ends are in order too.
fn near<'k>(known: &'k Known<'_>, edit: &'k Edit) -> impl Iterator<Item = &'k Edit> {
    let before = known.range(..=(edit.span.end, u32::MAX, usize::MAX)).rev();
    before.map(|(_, edit)| *edit).take_while(|other| other.span.end >= edit.span.start)
}

/// Whether two edits cannot both be made. The same edit asked for twice is made once.
fn conflict(a: &Edit, b: &Edit) -> bool {
    if a == b {
        return false;
    }
    let (x, y) = (a.span, b.span);
    if x.start == x.end || y.start == y.end {
        if x == y {
            // Both would add the same key; the later one has to see what the earlier one made.
            let key = |edit: &Edit| edit.text.split([':', '=']).next().map(str::to_owned);
            return key(a) == key(b);
        }
        // An insertion at either end of a replacement is beside it.
        return x.start < y.end && y.start < x.end;
    }
    x.start < y.end && y.start < x.end
}

/// The text with edits made, in the line endings it has.
fn rewrite(text: &str, edits: &[&Edit]) -> String {
    let windows = text.contains("\r\n");
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        let (Some(before), true) = (text.get(at..start), text.is_char_boundary(end)) else { continue };
        out.push_str(before);
        if windows {
            out.push_str(&edit.text.replace('\n', "\r\n"))
        } else {
            out.push_str(&edit.text)
        }
        at = end;
    }
    out.push_str(&text[at..]);
    out
}
