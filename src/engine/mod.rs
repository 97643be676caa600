//! Plan, load, link, run, silence, sort. Prints nothing.

mod baseline;
mod change;
mod clauses;
pub mod examples;
mod fingerprint;
mod folders;
mod once;
mod options;
mod peers;
mod silence;
mod silencers;
mod suppressions;
mod tokens;

pub use self::baseline::{read as read_baseline, write as write_baseline};
pub use self::options::{ConfigFile, Options, UseCargo};
pub use self::silence::Silenced;

use self::change::{Change, comparable, manifests_differ};
use crate::config::Selected;
use crate::crates;
use crate::crates::{Asked, built};
use crate::finding::Finding;
use crate::fixes;
use crate::join;
use crate::knowledge::{lexicon, platforms};
use crate::model::{Gap, Project, TRAFFIC_FILE};
use crate::rule::World;
use crate::source::Memory;
use crate::text::path;
use crate::tree::Tree;
use crate::{deployments, source};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// What a working tree is compared with. What the rules find there is asked once.
pub struct Base<'t> {
    tree: &'t dyn Tree,
    before: OnceLock<BTreeSet<String>>,
    /// What files said of which most are the same.
    memory: Memory,
}

impl<'t> Base<'t> {
    /// A revision's files.
    pub fn new(tree: &'t dyn Tree) -> Self {
        Self { tree, before: OnceLock::new(), memory: Memory::default() }
    }
}

/// What a run found.
#[derive(Debug)]
pub struct Outcome {
    /// What is known of the project, gaps included.
    pub project: Project,
    /// Findings, the worst first.
    pub findings: Vec<Finding>,
    /// What is not shown.
    pub silenced: Silenced,
    /// How many of the gaps say what a change edits of what hides findings.
    pub silencers: usize,
}

impl Outcome {
    /// Whether there was nothing to analyse: no deployment config that could be read, no state machine and no Rust
    /// function.
    pub fn is_empty(&self) -> bool {
        let Project { deploy, programs, gaps, .. } = &self.project;
        let unreadable = deploy.resources.is_empty() && !gaps.is_empty();
        (deploy.stacks.is_empty() || unreadable) && deploy.machines.is_empty() && programs.is_empty()
    }
}

/// Runs the rules over a tree. With a `base`, only what differs from it is shown. `progress` hears what is going on.
pub fn run(tree: &dyn Tree, base: Option<&Base<'_>>, options: &Options, progress: &(dyn Fn(&str) + Sync)) -> Outcome {
    // Where the dependency graph did not change, nobody has to ask cargo for it.
    let resolved = base.is_none_or(|base| manifests_differ(tree, base.tree));
    let use_cargo = if resolved { options.cargo } else { UseCargo::No };
    let rules: Vec<&Selected> = options.rules.iter().collect();
    let memory = base.map(|base| &base.memory);
    let (mut project, mut findings, suppressed) =
        find(tree, &rules, use_cargo, options, From { memory, before: None }, progress);
    let mut silenced = Silenced { suppressed, ..Silenced::default() };
    let change = base.map(|base| {
        progress("comparing with the revision");
        Change::between(&project, tree, base.tree, || {
            base.before.get_or_init(|| {
                let rules: Vec<&Selected> = rules.into_iter().filter(|rule| comparable(&rule.spec)).collect();
                let before =
                    find(base.tree, &rules, UseCargo::No, options, From { memory, before: Some(&project) }, &|_| {}).1;
                before.into_iter().map(|finding| finding.fingerprint).collect()
            })
        })
    });
    silence::hide(&project, options, change.as_ref(), &mut findings, &mut silenced);
    if !options.shown.is_empty() {
        project.gaps.retain(|gap| options.shown.iter().any(|only| path::is_within(&gap.path, only)));
    }
    let mut silencers = match (base, &change) {
        (Some(base), Some(change)) => silencers::changed(&project, tree, base.tree, change, options),
        _ => Vec::new(),
    };
    let edits = silencers.len();
    // They are what a reviewer has to see first.
    silencers.append(&mut project.gaps);
    project.gaps = silencers;
    fixes::resolve(&project.sources, &mut project.documents, &mut findings);
    let findings = once::once(&project, findings);
    Outcome { project, findings, silenced, silencers: edits }
}

/// What a run over nearly the same files left.
#[derive(Clone, Copy)]
struct From<'r> {
    memory: Option<&'r Memory>,
    before: Option<&'r Project>,
}

/// What the rules find and nobody suppressed, sorted, each with its identity; and how much was suppressed.
fn find(
    tree: &dyn Tree,
    rules: &[&Selected],
    use_cargo: UseCargo,
    options: &Options,
    from: From<'_>,
    progress: &(dyn Fn(&str) + Sync),
) -> (Project, Vec<Finding>, usize) {
    let mut needs: BTreeSet<World> = options.read.clone();
    needs.extend(rules.iter().flat_map(|rule| rule.spec.needs.iter().copied()));
    let project = load(tree, &needs, use_cargo, options, from, progress);
    progress("checking");
    let mut findings: Vec<Finding> =
        rules.par_iter().flat_map_iter(|rule| folders::run(rule, options, &project)).collect();
    let configured =
        folders::apply(options, &project, &mut findings) + peers::leave(&project, rules, options, &mut findings);
    let suppressed = configured + silence::suppress(&project, rules, use_cargo, options, &mut findings);
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| {
            let span = finding.primary.span;
            (project.sources.path(span.file).to_owned(), span.start, finding.rule.clone(), finding.subject)
        };
        key(a).cmp(&key(b))
    });
    fingerprint::stamp(&project, &mut findings);
    (project, findings, suppressed)
}

/// Reads what is needed and joins it.
fn load(
    tree: &dyn Tree,
    needs: &BTreeSet<World>,
    use_cargo: UseCargo,
    options: &Options,
    from: From<'_>,
    progress: &(dyn Fn(&str) + Sync),
) -> Project {
    let mut project = from.before.map_or_else(Project::default, Project::like);
    project.gaps.extend(tree.problems().iter().map(|(path, reason)| Gap::file(path, reason)));
    project.gaps.extend(folders::unused(options));
    if needs.contains(&World::Deploy) {
        progress("reading deployment configs");
        deployments::read(tree, platforms(), &options.choices, &mut project);
    }
    let lexicon = lexicon().with(&options.libraries);
    let reads_code = needs.contains(&World::Source) || needs.contains(&World::Crates);
    if reads_code {
        progress("reading manifests");
        crates::read(tree, &mut project);
    }
    join::units(&mut project, tree);
    if reads_code {
        let roots = source::roots(&project, &lexicon, tree);
        // Cargo takes longer than everything else: it answers meanwhile.
        let of = |target| project.cargo.package(project.cargo.target(target).package).workspace;
        let asked = match use_cargo {
            UseCargo::Yes(trust) if needs.contains(&World::Crates) => {
                let workspaces = roots.targets.iter().map(|&target| of(target)).collect();
                crates::ask(tree, &workspaces, trust, options.cache.as_ref(), &project)
            }
            _ => Asked::default(),
        };
        progress("reading Rust source");
        source::read(tree, &roots, &lexicon, from.memory, &mut project);
        join::settle(&mut project, tree);
        progress("waiting for cargo");
        let handle = project.programs.iter().filter(|program| !program.handlers.is_empty());
        let workspaces = handle
            .map(|program| project.cargo.package(project.cargo.target(program.target).package).workspace)
            .collect();
        crates::resolve(asked, &workspaces, &mut project);
        if needs.contains(&World::Crates) {
            join::closures(&mut project);
        }
        if needs.contains(&World::Binaries) {
            built::read(tree, options.depth, &mut project);
        }
        join::flows(&mut project);
    }
    if needs.contains(&World::Deploy) {
        join::graph(&mut project);
    }
    if let Some(config) = &options.config
        && project.sources.find(&config.path).is_none()
    {
        project.sources.add(&config.path, config.text.as_str().into());
    }
    let traffic = options.traffic.as_deref().unwrap_or(TRAFFIC_FILE);
    if tree.contains(traffic)
        && let Ok(text) = tree.text(traffic)
    {
        let known = project.sources.find(traffic);
        project.traffic = Some(known.unwrap_or_else(|| project.sources.add(traffic, text.into())));
    }
    project.suppressions = suppressions::read(&project.sources);
    project.suppressions.append(&mut project.deploy.suppressions);
    project.gaps.sort_by(|a, b| (&a.path, a.line, &a.reason).cmp(&(&b.path, b.line, &b.reason)));
    project.gaps.dedup();
    project
}
