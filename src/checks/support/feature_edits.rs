//! Edits of manifest lines that drop default features: whether they apply, what they save, how they are written.

use crate::checks::UnitRef;
use crate::finding::{Edit, Fix};
use crate::knowledge::{FeatureEdit, crate_weights};
use crate::model::crates::closure::Closure;
use crate::model::crates::{CrateGraph, CrateNode, Dependency, Form};
use memchr::memmem;

/// A manifest line whose default features could go.
pub(crate) struct Trim<'p> {
    /// What is known of it.
    pub(crate) edit: &'static FeatureEdit,
    /// The line.
    pub(crate) line: &'p Dependency,
    /// The crate it asks for, as a member of the closure.
    pub(crate) member: usize,
    /// The features that stay.
    pub(crate) keep: Vec<String>,
}

/// The lines of a closure that a row is about, with the row's features still on.
pub(crate) fn trims<'p>(
    unit: UnitRef<'p>,
    closure: &'p Closure,
    graph: &'p CrateGraph,
    edit: &'static FeatureEdit,
) -> Vec<Trim<'p>> {
    let cargo = &unit.project.cargo;
    let asked = |(member, node): (usize, &'p CrateNode)| {
        let (line, asked) = closure.line(cargo, graph, member)?;
        let wanted = line.default_features && asked == member && edit.is_about(&node.name);
        let keep = keep(unit, edit, node, line)?;
        (wanted && is_on(edit, node)).then_some(Trim { edit, line, member, keep })
    };
    let found: Vec<Trim<'p>> =
        closure.crates(graph).filter(|(_, node)| edit.is_about(&node.name)).filter_map(asked).collect();
    if found.is_empty() || needed(unit, edit) { Vec::new() } else { found }
}

/// Whether the features in question are on, whoever asked for them.
fn is_on(edit: &FeatureEdit, node: &CrateNode) -> bool {
    node.features.as_ref().is_none_or(|on| edit.drops.iter().all(|feature| on.contains(feature)))
}

/// Whether source of the workspace names what the features are for.
fn needed(unit: UnitRef<'_>, edit: &FeatureEdit) -> bool {
    let sources = &unit.project.sources;
    let rust =
        sources.ids().filter(|&file| sources.path(file).ends_with(".rs")).map(|file| sources.text(file).as_bytes());
    let mut rust = rust.filter(|_| !edit.unless.is_empty());
    rust.any(|text| edit.unless.iter().any(|word| memmem::find(text, word.as_bytes()).is_some()))
}

/// The default features that stay, and those the line asks for; none if it cannot be told.
fn keep(unit: UnitRef<'_>, edit: &FeatureEdit, node: &CrateNode, line: &Dependency) -> Option<Vec<String>> {
    let mut keep: Vec<String> = if edit.event_modules {
        event_modules(unit, node)?
    } else if let Some(defaults) = &node.defaults {
        defaults.iter().filter(|feature| !edit.drops.contains(feature)).cloned().collect()
    } else {
        edit.keep_of.get(&node.name).unwrap_or(&edit.keep).clone()
    };
    for feature in &line.features {
        if !keep.contains(feature) {
            keep.push(feature.clone());
        }
    }
    Some(keep)
}

/// The modules of event types that source of the workspace names: each is a feature of its own.
fn event_modules(unit: UnitRef<'_>, node: &CrateNode) -> Option<Vec<String>> {
    let defaults = node.defaults.as_ref()?;
    let sources = &unit.project.sources;
    let mut found = std::collections::BTreeSet::new();
    for file in sources.ids().filter(|&file| sources.path(file).ends_with(".rs")) {
        let text = sources.text(file);
        for rest in text.split("aws_lambda_events::").skip(1) {
            let rest = rest.strip_prefix("event::").unwrap_or(rest);
            let name: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            // A group, a glob or a re-exported type: which modules it needs is not written.
            let is_module = rest[name.len()..].starts_with("::") && defaults.contains(&name);
            if !is_module {
                return None;
            }
            found.insert(name);
        }
    }
    (!found.is_empty()).then(|| found.into_iter().collect())
}

impl Trim<'_> {
    /// What the edit saved when it was measured: bytes, crates, and a sentence; none before it was.
    pub(crate) fn gain(&self) -> Option<(i64, i64, String)> {
        let rows = &crate_weights().rows;
        let (with, without) = (rows.get(&self.edit.weighed)?, rows.get(&self.edit.lighter)?);
        let (bytes, crates) = (with.bytes - without.bytes, with.crates - without.crates);
        let sentence = if bytes < 100_000 {
            format!("{} had {crates} crates fewer to compile, and the same size", self.edit.measured)
        } else {
            let whole = |bytes: u64| bytes as f64 / 1e6;
            format!(
                "{} went from {:.1} to {:.1} MB",
                self.edit.measured,
                whole(with.function_bytes),
                whole(without.function_bytes)
            )
        };
        Some((bytes, crates, sentence))
    }

    /// The features that stay, as a manifest writes them.
    fn features(&self) -> String {
        let names: Vec<String> = self.keep.iter().map(|name| format!("\"{name}\"")).collect();
        format!("[{}]", names.join(", "))
    }

    /// What the line is to say.
    pub(crate) fn advice(&self) -> String {
        format!("`default-features = false, features = {}`", self.features())
    }

    /// The edits of its line; none for a table of its own.
    pub(crate) fn edits(&self, text: &str) -> Vec<Edit> {
        let features = self.features();
        match self.line.declared.form {
            Form::Version(span) => {
                let text = format!("{{ version = {text}, default-features = false, features = {features} }}");
                vec![Edit { span, text }]
            }
            Form::Inline { inside, defaults, features: written } => {
                let mut edits = Vec::new();
                let mut inserted = String::new();
                match defaults {
                    Some(span) => edits.push(Edit { span, text: "false".to_owned() }),
                    None => inserted.push_str(" default-features = false,"),
                }
                match written {
                    Some(span) => edits.push(Edit { span, text: features }),
                    None => inserted.push_str(&format!(" features = {features},")),
                }
                if !inserted.is_empty() {
                    edits.push(Edit { span: inside, text: inserted });
                }
                edits
            }
            Form::Table => Vec::new(),
        }
    }
}

/// One fix for the lines of several trims; none if one of them cannot be edited.
pub(crate) fn fix(unit: UnitRef<'_>, trims: &[Trim<'_>], safe: bool) -> Option<Fix> {
    let sources = &unit.project.sources;
    let mut edits = Vec::new();
    for trim in trims {
        let written = match trim.line.declared.form {
            Form::Version(span) => sources.slice(span),
            _ => "",
        };
        let own = trim.edits(written);
        if own.is_empty() {
            return None;
        }
        edits.extend(own);
    }
    edits.sort_by_key(|edit| (edit.span.file, edit.span.start));
    edits.dedup();
    Some(Fix::edits("Drop the default features that are not used", safe, edits))
}
