//! How Terraform learns that the code of a function has changed: a hash beside the file, a path that changes with it,
//! or somebody else who deploys it. What a function is handed to, which may do all that too.

use super::made::{Output, set_path};
use super::modules::{Configuration, Copy};
use super::value::{Map, Val, ValKind};
use crate::document::hcl::{Block, Expr, ExprKind, Step};
use crate::knowledge::terraform;
use crate::text::Span;
use std::collections::HashMap;
use std::rc::Rc;

/// Attributes with the hash of the code.
const HASHES: &[&str] = &["source_code_hash", "code_sha256"];
/// Expressions inside one another that are looked at.
const MAX_DEPTH: usize = 40;

/// Says in the properties of a function what its configuration lacks: `CodeHash.Absent`, or `CodeHash.Other` with the
/// archive that is hashed in place of the one that is deployed.
pub(super) fn hash(configuration: &Configuration<'_>, block: &Block, copy: &Copy, properties: &mut Map) {
    let Some(filename) = block.body.attribute("filename") else { return };
    if HASHES.iter().chain(&["filename"]).any(|name| ignores(block, name)) {
        return;
    }
    let value = configuration.eval(&filename.value, &copy.scope);
    let ValKind::Text(path) = &value.kind else { return };
    let Some(given) = HASHES.iter().find_map(|name| block.body.attribute(name)) else {
        let known = &terraform().code;
        let stands_in = |word: &String| path.rsplit('/').next().unwrap_or_default().contains(word.as_str());
        if !changes(configuration, &filename.value, copy, MAX_DEPTH) && !known.placeholders.iter().any(stands_in) {
            set_path(properties, "CodeHash.Absent", filename.key, Val::truth(true, filename.whole));
        }
        return;
    };
    let ExprKind::Call { name, arguments, .. } = &given.value.kind else { return };
    let [argument] = arguments.as_slice() else { return };
    // The path of an archive that Terraform makes stands for what is in it.
    if !name.contains("sha256") || names_archive(&filename.value) || names_archive(argument) {
        return;
    }
    if let ValKind::Text(hashed) = &configuration.eval(argument, &copy.scope).kind
        && archive(hashed)
        && archive(path)
        && hashed.trim_start_matches("./") != path.trim_start_matches("./")
    {
        set_path(properties, "CodeHash.Other", given.key, Val::text(Rc::clone(hashed), given.whole));
    }
}

fn archive(path: &str) -> bool {
    path.to_lowercase().ends_with(".zip")
}

fn names_archive(expr: &Expr) -> bool {
    let ExprKind::Traversal(start, _) = &expr.kind else { return false };
    matches!(&start.kind, ExprKind::Variable(name) if name == "data")
}

/// Whether a path changes with what it leads to: a name in it says so, or a hash is part of it.
fn changes(configuration: &Configuration<'_>, expr: &Expr, copy: &Copy, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return true };
    let inner = |expr: &Expr| changes(configuration, expr, copy, depth);
    match &expr.kind {
        ExprKind::Text(text) => says_so(text),
        ExprKind::Variable(name) => says_so(name),
        ExprKind::Template(parts) | ExprKind::List(parts) => parts.iter().any(inner),
        ExprKind::Call { name, arguments, .. } => says_so(name) || arguments.iter().any(inner),
        ExprKind::Conditional(parts) => parts.iter().any(inner),
        ExprKind::Traversal(start, steps) => {
            let names: Vec<&str> = std::iter::once(&start.kind)
                .filter_map(|kind| if let ExprKind::Variable(name) = kind { Some(name.as_str()) } else { None })
                .chain(
                    steps
                        .iter()
                        .filter_map(|step| if let Step::Attribute(name) = step { Some(name.as_str()) } else { None }),
                )
                .collect();
            if names.iter().skip(1).any(|name| says_so(name)) {
                return true;
            }
            let source = configuration.instance(copy.scope.module).source;
            match names.as_slice() {
                ["local", name, ..] => source
                    .blocks("locals")
                    .find_map(|block| block.body.attribute(name))
                    .is_some_and(|attribute| inner(&attribute.value)),
                ["data", kind, name, "output_path"] => source
                    .labelled("data", &[kind, name])
                    .and_then(|block| block.body.attribute("output_path"))
                    .is_some_and(|attribute| inner(&attribute.value)),
                _ => false,
            }
        }
        _ => false,
    }
}

fn says_so(name: &str) -> bool {
    let name = name.to_lowercase();
    terraform().code.changing.iter().any(|word| name.contains(word.as_str()))
}

/// Whether `lifecycle { ignore_changes = […] }` leaves an attribute to someone else.
pub(super) fn ignores(block: &Block, attribute: &str) -> bool {
    let names = |expr: &Expr| match &expr.kind {
        ExprKind::Variable(name) => name == attribute || name == "all",
        ExprKind::Traversal(start, _) => matches!(&start.kind, ExprKind::Variable(name) if name == attribute),
        _ => false,
    };
    let lifecycle = block.body.blocks.iter().filter(|inner| inner.kind == "lifecycle");
    lifecycle.filter_map(|inner| inner.body.attribute("ignore_changes")).any(|changes| match &changes.value.kind {
        ExprKind::List(items) => items.iter().any(names),
        _ => names(&changes.value),
    })
}

/// Says of functions that a module from outside gets to know them.
pub(super) fn note_handed(handed: Vec<(Rc<str>, Span)>, output: &mut Output) {
    let handed: HashMap<Rc<str>, Span> = handed.into_iter().collect();
    if handed.is_empty() {
        return;
    }
    for made in &mut output.made {
        if let Some(&span) = handed.get(made.address.as_str())
            && made.type_name == "AWS::Lambda::Function"
        {
            set_path(&mut made.properties, "HandedToModule", span, Val::truth(true, span));
        }
    }
}
