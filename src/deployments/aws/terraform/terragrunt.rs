//! Terragrunt: a unit calls a module with inputs, some of them outputs of other units. Units that depend on each other
//! are read as one root that calls their modules; `terragrunt` is not run.

use super::source::Source;
use crate::document::hcl::{self, Attribute, Block, Body, Expr, ExprKind, Step};
use crate::model::{Gap, Project};
use crate::text::{FileId, Span, path};
use crate::tree::Tree;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The file that makes a directory a unit.
const FILE: &str = "terragrunt.hcl";
/// Levels of an expression that are rewritten; the parser allows fewer.
const MAX_DEPTH: u32 = 400;
/// The function that stands for what is not followed: nothing knows it.
const UNKNOWN: &str = "terragrunt";

/// A directory with a `terragrunt.hcl` that calls a module of the tree.
struct Unit {
    path: String,
    /// What the units that depend on it call it.
    label: String,
    module: String,
    file: FileId,
    body: Body,
}

/// What a unit hands its module.
struct Inputs {
    entries: BTreeMap<String, (Span, Expr)>,
    /// Whether there may be more of them.
    open: bool,
    locals: Vec<Attribute>,
}

/// The roots that units make, and the directories whose modules they call.
pub(crate) fn roots(
    tree: &dyn Tree,
    sources: &BTreeMap<String, Source>,
    project: &mut Project,
) -> (Vec<Source>, BTreeSet<String>) {
    let mut units = units(tree, sources, project);
    let called = units.iter().map(|unit| unit.module.clone()).collect();
    let labels: BTreeMap<String, (usize, String)> = units
        .iter()
        .enumerate()
        .map(|(at, unit)| (path::parent(&unit.path).to_owned(), (at, unit.label.clone())))
        .collect();
    let mut tied = petgraph::unionfind::UnionFind::<usize>::new(units.len());
    let mut blocks: Vec<(Vec<Attribute>, Block)> = Vec::new();
    for (at, unit) in units.iter_mut().enumerate() {
        let others = dependencies(unit, &labels);
        for (other, _) in others.values() {
            tied.union(at, *other);
        }
        let Inputs { mut entries, open, locals } = inputs(tree, unit, &others, project);
        let place = Span::new(unit.file, 0, 0);
        if let (true, Some(module)) = (open, sources.get(&unit.module)) {
            // What else is handed over may set any other variable.
            for name in module.blocks("variable").filter_map(|block| block.labels.first()) {
                entries.entry(name.clone()).or_insert_with(|| (place, unknown(place)));
            }
        }
        let source = Expr { kind: ExprKind::Text(format!("./{}", unit.module)), span: place };
        let mut attributes = vec![attribute("source".to_owned(), place, source)];
        attributes.extend(entries.into_iter().map(|(name, (key, value))| attribute(name, key, value)));
        let block = Block {
            kind: "module".to_owned(),
            labels: vec![unit.label.clone()],
            span: place,
            whole: place,
            body: Body { attributes, blocks: Vec::new() },
        };
        blocks.push((locals, block));
    }
    let mut made: BTreeMap<usize, Source> = BTreeMap::new();
    for (at, (locals, block)) in blocks.into_iter().enumerate() {
        let source = made.entry(tied.find_mut(at)).or_default();
        source.files.push(units[at].path.clone());
        source.place.get_or_insert(block.span);
        let (span, whole) = (block.span, block.whole);
        let body = Body { attributes: locals, blocks: Vec::new() };
        let locals = Block { kind: "locals".to_owned(), labels: Vec::new(), span, whole, body };
        source.bodies.push(Arc::new(Body { attributes: Vec::new(), blocks: vec![locals, block] }));
    }
    (made.into_values().collect(), called)
}

fn units(tree: &dyn Tree, sources: &BTreeMap<String, Source>, project: &mut Project) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut elsewhere: Vec<&String> = Vec::new();
    let files = tree.files().iter().filter(|file| file.rsplit('/').next() == Some(FILE));
    for file in files {
        let Some((id, body)) = read(tree, file, project) else { continue };
        let dir = path::parent(file);
        let source = body.blocks.iter().find(|block| block.kind == "terraform");
        let source = source.and_then(|block| block.body.attribute("source"));
        let module = match source {
            // A unit whose own directory is the module.
            None => dir.to_owned(),
            Some(source) => match local(&source.value, dir) {
                Some(module) => module,
                None => {
                    elsewhere.push(file);
                    continue;
                }
            },
        };
        if !sources.contains_key(&module) {
            continue;
        }
        let name = dir.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("root");
        let taken = units.iter().any(|unit| unit.label == name);
        let label = if taken { dir.to_owned() } else { name.to_owned() };
        units.push(Unit { path: file.clone(), label, module, file: id, body });
    }
    if let Some(first) = elsewhere.first() {
        let more = if elsewhere.len() == 1 { String::new() } else { format!(" ({} units)", elsewhere.len()) };
        let reason = format!("Terragrunt takes this module from elsewhere: what it makes is unknown{more}");
        project.gaps.push(Gap::file(*first, reason));
    }
    units
}

/// A parsed file; one that cannot be read is said.
fn read(tree: &dyn Tree, file: &str, project: &mut Project) -> Option<(FileId, Body)> {
    let text = match tree.text(file) {
        Ok(text) => text,
        Err(error) => {
            project.gaps.push(Gap::file(file, error.to_string()));
            return None;
        }
    };
    let id = match project.sources.find(file) {
        Some(id) => id,
        None => project.sources.add(file, text.as_str().into()),
    };
    match hcl::parse(id, &text) {
        Ok(body) => Some((id, body)),
        Err((reason, span)) => {
            project.gaps.push(Gap::at(&project.sources, span, format!("not valid HCL: {reason}")));
            None
        }
    }
}

/// The directory a source names, if it is in the tree.
fn local(source: &Expr, dir: &str) -> Option<String> {
    let (start, rest) = match &source.kind {
        ExprKind::Text(text) if text.starts_with('.') => (dir, text.clone()),
        ExprKind::Template(parts) => match parts.as_slice() {
            [Expr { kind: ExprKind::Call { name, .. }, .. }, Expr { kind: ExprKind::Text(rest), .. }] => {
                let start = match name.as_str() {
                    "get_terragrunt_dir" | "get_original_terragrunt_dir" => dir,
                    "get_repo_root" => "",
                    _ => return None,
                };
                (start, rest.trim_start_matches('/').to_owned())
            }
            _ => return None,
        },
        _ => return None,
    };
    // What follows the double slash is a module of the same copy.
    path::join(start, &rest.replace("//", "/"))
}

/// The units a unit depends on, by the name it has for each.
fn dependencies(unit: &Unit, labels: &BTreeMap<String, (usize, String)>) -> BTreeMap<String, (usize, String)> {
    let dir = path::parent(&unit.path);
    let blocks = unit.body.blocks.iter().filter(|block| block.kind == "dependency");
    let found = blocks.filter_map(|block| {
        let name = block.labels.first()?;
        let target = match &block.body.attribute("config_path")?.value.kind {
            ExprKind::Text(text) => path::join(dir, text.trim_end_matches(FILE).trim_end_matches('/'))?,
            _ => local(&block.body.attribute("config_path")?.value, dir)?,
        };
        Some((name.clone(), labels.get(&target)?.clone()))
    });
    found.collect()
}

/// The inputs of a unit, those of the files it includes among them.
fn inputs(
    tree: &dyn Tree,
    unit: &mut Unit,
    others: &BTreeMap<String, (usize, String)>,
    project: &mut Project,
) -> Inputs {
    let mut all = Inputs { entries: BTreeMap::new(), open: false, locals: Vec::new() };
    let included: Vec<Option<String>> = unit
        .body
        .blocks
        .iter()
        .filter(|block| block.kind == "include")
        .map(|block| included(tree, unit, block))
        .collect();
    let body = std::mem::take(&mut unit.body);
    take(body, &unit.label, others, &mut all);
    for file in included {
        let Some(file) = file else {
            all.open = true;
            continue;
        };
        match read(tree, &file, project) {
            Some((_, body)) => {
                all.open |= body.blocks.iter().any(|block| block.kind == "include");
                take(body, &format!("{} {file}", unit.label), &BTreeMap::new(), &mut all);
            }
            None => all.open = true,
        }
    }
    all
}

/// The file an `include` names: one of the directories above, as they are searched.
fn included(tree: &dyn Tree, unit: &Unit, block: &Block) -> Option<String> {
    let dir = path::parent(&unit.path);
    match &block.body.attribute("path")?.value.kind {
        ExprKind::Text(text) => path::join(dir, text).filter(|file| tree.contains(file)),
        ExprKind::Call { name, arguments, .. } if name == "find_in_parent_folders" => {
            let wanted = match arguments.first().map(|argument| &argument.kind) {
                None => FILE,
                Some(ExprKind::Text(text)) => text,
                Some(_) => return None,
            };
            let mut at = dir;
            while !at.is_empty() {
                at = path::parent(at);
                let file = path::join(at, wanted)?;
                if tree.contains(&file) {
                    return Some(file);
                }
            }
            None
        }
        _ => None,
    }
}

/// Takes what a file hands over; what is there already wins.
fn take(body: Body, label: &str, others: &BTreeMap<String, (usize, String)>, all: &mut Inputs) {
    for block in body.blocks.into_iter().filter(|block| block.kind == "locals") {
        for mut local in block.body.attributes {
            local.name = format!("{label} {}", local.name);
            rewrite(&mut local.value, label, others, 0);
            all.locals.push(local);
        }
    }
    let Some(inputs) = body.attributes.into_iter().find(|attribute| attribute.name == "inputs") else { return };
    let ExprKind::Object(entries) = inputs.value.kind else {
        all.open = true;
        return;
    };
    for (key, mut value) in entries {
        let name = match key.kind {
            ExprKind::Text(name) | ExprKind::Variable(name) => name,
            _ => {
                all.open = true;
                continue;
            }
        };
        rewrite(&mut value, label, others, 0);
        all.entries.entry(name).or_insert((key.span, value));
    }
}

/// Turns the names of a unit into those of the root it is read in.
fn rewrite(expr: &mut Expr, label: &str, others: &BTreeMap<String, (usize, String)>, depth: u32) {
    let span = expr.span;
    if depth > MAX_DEPTH {
        *expr = unknown(span);
        return;
    }
    let each = |inner: &mut Expr| rewrite(inner, label, others, depth + 1);
    match &mut expr.kind {
        ExprKind::Traversal(start, steps) => {
            for step in steps.iter_mut() {
                if let Step::Index(index) = step {
                    each(index);
                }
            }
            let ExprKind::Variable(root) = &start.kind else { return each(start) };
            match (root.as_str(), steps.as_mut_slice()) {
                ("local", [Step::Attribute(name), ..]) => *name = format!("{label} {name}"),
                ("dependency", [Step::Attribute(name), Step::Attribute(outputs), ..]) if outputs == "outputs" => {
                    match others.get(name.as_str()) {
                        Some((_, unit)) => {
                            *name = unit.clone();
                            steps.remove(1);
                            start.kind = ExprKind::Variable("module".to_owned());
                        }
                        None => *expr = unknown(span),
                    }
                }
                ("dependency" | "include" | "feature" | "unit" | "stack" | "values", _) => *expr = unknown(span),
                _ => {}
            }
        }
        ExprKind::List(items) | ExprKind::Template(items) => items.iter_mut().for_each(each),
        ExprKind::Call { arguments, .. } => arguments.iter_mut().for_each(each),
        ExprKind::Object(entries) => {
            for (_, value) in entries {
                each(value);
            }
        }
        ExprKind::Conditional(parts) => parts.iter_mut().for_each(each),
        ExprKind::Unary(_, inner) => each(inner),
        ExprKind::Binary(_, sides) => sides.iter_mut().for_each(each),
        ExprKind::For(over) => {
            each(&mut over.collection);
            each(&mut over.value);
            for inner in over.key.iter_mut().chain(over.condition.iter_mut()) {
                each(inner);
            }
        }
        _ => {}
    }
}

fn unknown(span: Span) -> Expr {
    Expr { kind: ExprKind::Call { name: UNKNOWN.to_owned(), arguments: Vec::new(), spread: false }, span }
}

fn attribute(name: String, key: Span, value: Expr) -> Attribute {
    let whole = key.to(value.span);
    Attribute { name, key, value, whole }
}
