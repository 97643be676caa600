//! Edits of manifest lines that drop default features: whether they apply, what they save, how they are written.

use super::feature_modules;
use crate::checks::UnitRef;
use crate::finding::{Edit, Finding, Fix};
use crate::knowledge::{FeatureEdit, crate_weights, default_features};
use crate::model::crates::closure::Closure;
use crate::model::crates::{
    CargoPackage, CrateGraph, CrateNode, Dependency, DependencyKind, Form, TargetId, TargetKind,
};
use crate::model::deployments::TriggerKind;
use crate::text::WorkspaceId;
use crate::text::path::{is_within, parent};
use memchr::memmem;
use std::collections::BTreeSet;

/// Manifest lines whose default features could go, if all of them went: one crate in one version.
pub(crate) struct Trim<'p> {
    /// What is known of it.
    edit: &'static FeatureEdit,
    /// The crate.
    pub(crate) name: &'p str,
    /// The lines that ask for it with default features.
    lines: Vec<Line<'p>>,
    /// Whether a lock file or cargo said which version it is.
    pub(crate) locked: bool,
    /// The workspace.
    pub(crate) workspace: WorkspaceId,
    /// The most crates that can go with its features, if a graph tells: those that are there only for it.
    only_for_it: Option<i64>,
}

/// A line, with the features that stay.
struct Line<'p> {
    line: &'p Dependency,
    keep: Vec<String>,
}

/// The crates of a closure that a row is about, with the row's features still on; none if what leaves only when all of
/// them change cannot leave.
pub(crate) fn trims<'p>(
    unit: UnitRef<'p>,
    closure: &'p Closure,
    graph: &'p CrateGraph,
    edit: &'static FeatureEdit,
) -> Option<Vec<Trim<'p>>> {
    let candidates = closure.crates(graph).filter(|(_, node)| edit.is_about(&node.name));
    let mut found = Vec::new();
    for (at, node) in candidates {
        match trim(unit, closure, graph, edit, at, node) {
            Outcome::Trim(trim) => found.push(trim),
            Outcome::Stays if edit.through.is_some() => return None,
            Outcome::Stays | Outcome::Plain => {}
        }
    }
    if found.is_empty() || needed(unit, edit) {
        return Some(Vec::new());
    }
    match elsewhere(unit, closure, graph, edit, &found) {
        Some(more) => found.extend(more),
        None if edit.through.is_some() => return None,
        None => found.clear(),
    }
    Some(found)
}

/// What the rest of the workspace has to change as well: cargo unites the features of what it builds together, so that
/// another member's line keeps them. None if something there cannot be told to.
fn elsewhere<'p>(
    unit: UnitRef<'p>,
    closure: &Closure,
    graph: &'p CrateGraph,
    edit: &'static FeatureEdit,
    found: &[Trim<'p>],
) -> Option<Vec<Trim<'p>>> {
    let cargo = &unit.project.cargo;
    let workspace = cargo.package(closure.package).workspace;
    let about = |node: &usize| edit.is_about(&graph.nodes[*node].name);
    for (asker, targets) in graph.edges.iter().enumerate() {
        let asker = &graph.nodes[asker];
        if !asker.local && !edit.asked_plainly_by.contains(&asker.name) && targets.iter().any(about) {
            return None;
        }
    }
    let mut more: Vec<Trim<'p>> = Vec::new();
    let members = cargo.packages.iter().filter(|package| package.workspace == workspace);
    for (package, line) in members.flat_map(normal_lines) {
        let same = |trim: &Trim<'_>| trim.lines.iter().any(|own| own.line.declared.span == line.declared.span);
        let asks = edit.is_about(&line.package) && line.default_features && line.path.is_none();
        if !asks || found.iter().chain(&more).any(same) {
            continue;
        }
        // People sign in where they run a program.
        if edit.sign_in && serves_people(unit, package) {
            return None;
        }
        let Some(node) = graph.nodes.iter().find(|node| node.name == line.package) else { continue };
        let defaults = node.defaults.as_deref().or_else(|| default_features().of(&node.name, &node.version))?;
        if !edit.drops.is_empty() && !edit.drops.iter().all(|feature| defaults.contains(feature)) {
            continue;
        }
        let lines = lines(unit, edit, &[package], &line.package, defaults)?;
        more.push(Trim { edit, name: &line.package, lines, locked: true, workspace, only_for_it: None });
    }
    Some(more)
}

/// Whether a package has a binary that is no function.
pub(crate) fn serves_people(unit: UnitRef<'_>, package: &CargoPackage) -> bool {
    let cargo = &unit.project.cargo;
    let is_function = |id| unit.project.program(id).is_some_and(|program| !program.handlers.is_empty());
    cargo.target_ids().any(|id| {
        let target = cargo.target(id);
        target.kind == TargetKind::Bin && cargo.package(target.package).dir == package.dir && !is_function(id)
    })
}

/// The same where no lock file says what is built: the newest versions that the manifests allow.
pub(crate) fn unlocked<'p>(unit: UnitRef<'p>, edit: &'static FeatureEdit) -> Vec<Trim<'p>> {
    let Some(target) = unit.unit.target() else { return Vec::new() };
    let packages = local_packages(unit, target);
    let mut names = BTreeSet::new();
    let mut found = Vec::new();
    for (_, line) in packages.iter().flat_map(|package| normal_lines(package)) {
        if line.path.is_some() || !edit.is_about(&line.package) || !names.insert(&line.package) {
            continue;
        }
        let Some(defaults) =
            line.requirement.as_deref().and_then(|text| default_features().of_requirement(&line.package, text))
        else {
            continue;
        };
        let lines = lines(unit, edit, &packages, &line.package, defaults);
        let workspace = packages[0].workspace;
        let trim = |lines| Trim { edit, name: &line.package, lines, locked: false, workspace, only_for_it: None };
        found.extend(lines.map(trim));
    }
    if found.is_empty() || needed(unit, edit) { Vec::new() } else { found }
}

/// What can be done about a crate.
enum Outcome<'p> {
    /// Lines can be edited.
    Trim(Trim<'p>),
    /// Nobody asks for its default features.
    Plain,
    /// Somebody does who cannot be told to stop, or what is on is not known.
    Stays,
}

fn trim<'p>(
    unit: UnitRef<'p>,
    closure: &'p Closure,
    graph: &'p CrateGraph,
    edit: &'static FeatureEdit,
    at: usize,
    node: &'p CrateNode,
) -> Outcome<'p> {
    let cargo = &unit.project.cargo;
    let workspace = cargo.package(closure.package).workspace;
    let mut packages = Vec::new();
    for asker in closure.askers(graph, at) {
        let asker = &graph.nodes[asker];
        let member = |package: &&CargoPackage| package.workspace == workspace && package.name == asker.name;
        match cargo.packages.iter().find(member).filter(|_| asker.local) {
            Some(package) => packages.push(package),
            // Another crate keeps them on, for all we know.
            None if !edit.asked_plainly_by.contains(&asker.name) => return Outcome::Stays,
            None => {}
        }
    }
    let asks = |(_, line): (_, &Dependency)| line.package == node.name && line.default_features;
    if !packages.iter().flat_map(|package| normal_lines(package)).any(asks) {
        return Outcome::Plain;
    }
    let on = |feature: &String| node.features.as_ref().is_none_or(|on| on.contains(feature));
    if !edit.drops.iter().all(on) {
        return Outcome::Plain;
    }
    let defaults = node.defaults.as_deref().or_else(|| default_features().of(&node.name, &node.version));
    match defaults.and_then(|defaults| lines(unit, edit, &packages, &node.name, defaults)) {
        Some(lines) => {
            let only_for_it = Some(closure.members[at].exclusive as i64 - 1);
            Outcome::Trim(Trim { edit, name: &node.name, lines, locked: true, workspace, only_for_it })
        }
        None => Outcome::Stays,
    }
}

/// Lines of packages that ask for a crate with its default features, each once; none if one of them must stay as it is.
fn lines<'p>(
    unit: UnitRef<'p>,
    edit: &FeatureEdit,
    packages: &[&'p CargoPackage],
    name: &str,
    defaults: &[String],
) -> Option<Vec<Line<'p>>> {
    let known = |feature: &String| defaults.contains(feature);
    if !edit.drops.iter().all(known) {
        return None;
    }
    let mut found: Vec<Line<'p>> = Vec::new();
    for (package, line) in packages.iter().flat_map(|package| normal_lines(package)) {
        let same = |other: &Line<'_>| other.line.declared.span == line.declared.span;
        if line.package != name || !line.default_features || found.iter().any(same) {
            continue;
        }
        let mut keep: Vec<String> = match &edit.modules {
            Some(modules) => feature_modules::named(unit, package, line, (modules, defaults))?,
            None => defaults.iter().filter(|feature| !edit.drops.contains(feature)).cloned().collect(),
        };
        if !edit.by_trigger.is_empty() {
            let used = features_of_triggers(unit, edit, package, line)?;
            if !used.iter().all(known) {
                return None;
            }
            keep.retain(|feature| used.contains(feature) || !edit.by_trigger.values().any(|other| other == feature));
        }
        keep.extend(line.features.iter().filter(|feature| !keep.contains(feature)).cloned().collect::<Vec<_>>());
        // An edit that keeps everything is none.
        if defaults.iter().all(|feature| keep.contains(feature)) {
            return None;
        }
        found.push(Line { line, keep });
    }
    (!found.is_empty()).then_some(found)
}

/// Lines of a package for its program.
pub(crate) fn normal_lines(package: &CargoPackage) -> impl Iterator<Item = (&CargoPackage, &Dependency)> {
    let lines = package.dependencies.iter().filter(|line| line.kind == DependencyKind::Normal);
    lines.map(move |line| (package, line))
}

/// Lines of the workspace that ask for a crate of a closure.
pub(crate) fn asking<'p>(
    unit: UnitRef<'p>,
    closure: &Closure,
    graph: &CrateGraph,
    member: usize,
) -> Vec<&'p Dependency> {
    let cargo = &unit.project.cargo;
    let workspace = cargo.package(closure.package).workspace;
    let name = &graph.nodes[closure.members[member].node].name;
    let askers: Vec<&CrateNode> = closure.askers(graph, member).map(|node| &graph.nodes[node]).collect();
    let asks = |package: &&CargoPackage| {
        package.workspace == workspace && askers.iter().any(|node| node.local && node.name == package.name)
    };
    let lines = cargo.packages.iter().filter(asks).flat_map(normal_lines).map(|(_, line)| line);
    lines.filter(|line| line.package == *name).collect::<Vec<_>>()
}

/// The package of a binary and the packages it reaches by paths.
pub(crate) fn local_packages(unit: UnitRef<'_>, target: TargetId) -> Vec<&CargoPackage> {
    let cargo = &unit.project.cargo;
    let mut packages = vec![cargo.package(cargo.target(target).package)];
    let mut at = 0;
    while let Some(&package) = packages.get(at) {
        for dir in normal_lines(package).filter_map(|(_, line)| line.path.as_deref()) {
            let next = cargo.package_in(dir).map(|id| cargo.package(id));
            packages.extend(next.filter(|next| packages.iter().all(|known| known.dir != next.dir)));
        }
        at += 1;
    }
    packages
}

/// Features for the triggers of every function that a line may be compiled into; none if one of them is not known.
fn features_of_triggers(
    unit: UnitRef<'_>,
    edit: &FeatureEdit,
    package: &CargoPackage,
    line: &Dependency,
) -> Option<BTreeSet<String>> {
    let project = unit.project;
    let mut used = BTreeSet::new();
    let mut own = false;
    for other in &project.units {
        let Some(target) = other.target() else { continue };
        let shares = local_packages(unit, target).iter().any(|reached| {
            reached.dir == package.dir
                || reached.dependencies.iter().any(|other| other.declared.span == line.declared.span)
        });
        if !shares {
            continue;
        }
        let function = other.function()?;
        own = true;
        let mut some = false;
        for trigger in project.deploy.triggers_of(function) {
            some = true;
            used.insert(
                edit.by_trigger.get(trigger.kind.word()).filter(|_| trigger.kind != TriggerKind::Other)?.clone(),
            );
        }
        if !some {
            return None;
        }
    }
    own.then_some(used)
}

/// Whether source of the binary's packages has one of some words.
pub(crate) fn is_named(unit: UnitRef<'_>, words: &[String]) -> bool {
    let Some(target) = unit.unit.target() else { return false };
    let packages = local_packages(unit, target);
    let sources = &unit.project.sources;
    let own =
        |path: &str| path.ends_with(".rs") && packages.iter().any(|package| is_within(parent(path), &package.dir));
    let mut texts = sources.ids().filter(|&file| own(sources.path(file))).map(|file| sources.text(file).as_bytes());
    texts.any(|text| words.iter().any(|word| memmem::find(text, word.as_bytes()).is_some()))
}

/// Whether source of the workspace names what the features are for.
fn needed(unit: UnitRef<'_>, edit: &FeatureEdit) -> bool {
    let sources = &unit.project.sources;
    let rust =
        sources.ids().filter(|&file| sources.path(file).ends_with(".rs")).map(|file| sources.text(file).as_bytes());
    let mut rust = rust.filter(|_| !edit.unless.is_empty());
    rust.any(|text| edit.unless.iter().any(|word| memmem::find(text, word.as_bytes()).is_some()))
}

impl<'p> Trim<'p> {
    /// The first of its lines.
    pub(crate) fn line(&self) -> &'p Dependency {
        self.lines[0].line
    }

    /// What the features bring.
    pub(crate) fn reason(&self) -> &'static str {
        &self.edit.reason
    }

    /// Whether it saves little: by what is known of it, or because what stays needs most of what the features bring.
    pub(crate) fn is_minor(&self) -> bool {
        let bring = |name: &String| {
            self.edit.modules.as_ref().is_some_and(|modules| modules.with.values().any(|with| with.contains(name)))
        };
        self.edit.minor || self.lines.iter().flat_map(|line| &line.keep).any(bring)
    }

    /// Shows the lines beside the first.
    pub(crate) fn show_others(&self, finding: &mut Finding) {
        for other in &self.lines[1..] {
            let note = format!("this line keeps them too: say {}", say(&other.keep));
            finding.also(Some(other.line.declared.span), note);
        }
    }

    /// What the edit saved when it was measured: bytes, crates, and a sentence; none before it was.
    pub(crate) fn gain(&self) -> Option<(i64, i64, String)> {
        let rows = &crate_weights().rows;
        let (with, without) = (rows.get(&self.edit.weighed)?, rows.get(&self.edit.lighter)?);
        let bytes = with.bytes - without.bytes;
        let crates = with.crates - without.crates;
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

    /// Whether fewer crates than some can go, because others need them as well.
    pub(crate) fn stays(&self, least: i64) -> bool {
        self.only_for_it.is_some_and(|crates| crates < least)
    }

    /// What the first line is to say.
    pub(crate) fn advice(&self) -> String {
        say(&self.lines[0].keep)
    }

    /// The same, as a sentence.
    pub(crate) fn say(&self) -> String {
        format!("say {}", self.advice())
    }
}

/// What a line is to say.
pub(crate) fn say(keep: &[String]) -> String {
    format!("`default-features = false, features = {}`", features(keep))
}

/// Features as a manifest writes them.
fn features(keep: &[String]) -> String {
    let names: Vec<String> = keep.iter().map(|name| format!("\"{name}\"")).collect();
    format!("[{}]", names.join(", "))
}

/// The edits of a line; none for a table of its own.
fn edits(unit: UnitRef<'_>, line: &Line<'_>) -> Vec<Edit> {
    let features = features(&line.keep);
    match line.line.declared.form {
        Form::Version(span) => {
            let version = unit.project.sources.slice(span);
            vec![Edit {
                span,
                text: format!("{{ version = {version}, default-features = false, features = {features} }}"),
            }]
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

/// One fix for the lines of several trims; none if one of them cannot be edited: a part of it saves nothing.
pub(crate) fn fix(unit: UnitRef<'_>, trims: &[Trim<'_>], safe: bool) -> Option<Fix> {
    let mut all = Vec::new();
    for line in trims.iter().flat_map(|trim| &trim.lines) {
        let own = edits(unit, line);
        if own.is_empty() {
            return None;
        }
        all.extend(own);
    }
    all.sort_by_key(|edit| (edit.span.file, edit.span.start));
    all.dedup();
    Some(Fix::edits("Drop the default features that are not used", safe, all))
}
