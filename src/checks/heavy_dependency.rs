//! Crates that weigh on a function's binary although something lighter would do.

use super::support::feature_edits::{asking, local_packages, normal_lines};
use super::support::gain::{Gain, weight};
use super::{Check, Sink, UnitRef};
use crate::finding::{Advice, Confidence, Finding, Severity};
use crate::knowledge::{HeavyCrate, heavy_crates, lexicon};
use crate::model::crates::closure::Closure;
use crate::model::crates::{CrateGraph, CrateNode, Dependency, GraphSource};
use crate::model::source::{ClientBuild, ClientKind, HttpCall, Program};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, params: &Params, sink: &mut Sink<'_>) {
        let (Some(program), Some(target)) = (unit.program(), unit.unit.target()) else { return };
        let Some((closure, graph)) = unit.project.closure(target) else { return };
        let accepted = params.list("allow");
        for heavy in heavy_crates() {
            // Behind the Lambda Web Adapter the server is what answers.
            let answers = |name: &str| program.handlers.iter().any(|at| at.served) && lexicon().serves(name);
            let is_it = |node: &CrateNode| {
                heavy.is_about(&node.name, &node.version) && !accepted.contains(&node.name) && !answers(&node.name)
            };
            for (member, _) in closure.crates(graph).filter(|(_, node)| is_it(node)) {
                let Some(finding) = weigh(unit, (closure, graph), heavy, member, params, sink) else { continue };
                let cause = format!("{} {}", unit.project.cargo.package(closure.package).workspace.0, heavy.name);
                finding.because_of(cause).trail = closure.trail(graph, member);
                unit.of_binary(finding, program, graph);
                unit.weigh(finding);
                break;
            }
        }
        budgets(unit, closure, graph, params, sink);
    }
}

/// Says what one crate costs the function, if something can be done about it.
fn weigh<'s>(
    unit: UnitRef<'_>,
    (closure, graph): (&Closure, &CrateGraph),
    heavy: &'static HeavyCrate,
    member: usize,
    params: &Params,
    sink: &'s mut Sink<'_>,
) -> Option<&'s mut Finding> {
    let node = &graph.nodes[closure.members[member].node];
    let (line, asked) = closure.line(&unit.project.cargo, graph, member)?;
    let edges = &graph.edges[closure.members[member].node];
    let depends = |on: &Option<String>| on.as_ref().map(|on| edges.iter().any(|&next| graph.nodes[next].name == *on));
    if !applies(heavy, line, node, asked == member) || depends(&heavy.with) == Some(false) {
        return None;
    }
    if !heavy.if_linked.is_empty() && !links(closure, graph, &heavy.if_linked)
        || links(closure, graph, &heavy.unless_linked)
    {
        return None;
    }
    // No advice helps for sure while another path may keep the crate.
    let kept = is_kept(heavy, closure, graph, (member, asked));
    if depends(&heavy.without) == Some(true) || kept && !heavy.worth_anyway {
        return None;
    }
    let works = !heavy.at_client || unit.program().is_some_and(connects);
    let gain = Gain::of(heavy, works);
    let slow = gain.is_some_and(|gain| gain.instructions >= params.int("minimum_instructions"));
    let saves_less = |than: &str| !slow && gain.is_some_and(|gain| gain.bytes < params.int(than));
    if saves_less("ignore_below_bytes") {
        return None;
    }
    let brought_by = &graph.nodes[closure.members[asked].node].name;
    let advice = match heavy.choices.get(brought_by) {
        Some(choice) => Some(format!("ask `{brought_by}` for {choice}")),
        None => (!heavy.instead.is_empty()).then(|| heavy.instead.clone()),
    };
    let shared = heavy.stack.as_ref().map(|stack| {
        let makes = closure.crates(graph).filter(|(_, node)| node.name == *stack);
        !makes.into_iter().any(|(at, _)| closure.goes_with(at, member))
    });
    let own = if shared == Some(false) { ", with an HTTP and TLS stack of its own" } else { "" };
    let message = format!("`{}` {} {}{own}", node.name, node.version, heavy.reason);
    let beside = asked_beside(unit, &heavy.beside);
    let finding = sink.report(line.declared.span, "brought in here", message);
    // What was measured is a program that has the stack for nothing else.
    finding.notes.extend(weight(heavy, node, works).filter(|_| shared != Some(true)));
    let exclusive = closure.members[member].exclusive;
    finding.notes.extend((exclusive > 1).then(|| format!("{exclusive} crates are there only for it")));
    let saved = gain.filter(|_| !kept).map_or(String::new(), |gain| gain.saved(heavy));
    let too = match beside.first() {
        Some(line) => format!(", and take away the line of `{}`, which keeps OpenSSL", line.package),
        None => String::new(),
    };
    finding.advice = advice.map_or(Advice::OfRule, |advice| Advice::Step(format!("{advice}{saved}{too}")));
    for line in &beside {
        finding.also(Some(line.declared.span), "keeps it too");
    }
    if kept {
        finding.pedantic().note("another crate may keep it");
    }
    if heavy.minor || !heavy.native_build && saves_less("minimum_bytes") {
        finding.severity = Severity::Info;
    }
    if heavy.rewrite || !heavy.native_build && saves_less("minor_below_bytes") {
        finding.pedantic();
    }
    if finding.advice == Advice::OfRule && asked != member {
        finding.only_to_know();
    }
    // What only a lock file connects may be a build script's, or a feature's that is off.
    if graph.source == GraphSource::LockFile && asked != member && !heavy.choices.contains_key(brought_by) {
        finding.cap(Confidence::Low).pedantic();
    }
    finding.also((line.declared.span != line.span).then_some(line.span), "used by this package");
    for other in asking(unit, closure, graph, asked) {
        let same = other.default_features || !heavy.default_features_only;
        finding.also(same.then_some(other.declared.span), "this line asks for it as well");
    }
    Some(finding)
}

/// Whether the program builds a client that is not of the AWS SDK, or sends a request through one.
fn connects(program: &Program) -> bool {
    let other = |build: &ClientBuild| matches!(build.kind, ClientKind::HttpClient | ClientKind::Connection);
    program.has::<HttpCall>() || program.facts::<ClientBuild>().iter().any(other)
}

/// Whether the binary links one of these: a crate, or a crate with a feature that is known to be on.
fn links(closure: &Closure, graph: &CrateGraph, any: &[String]) -> bool {
    any.iter().any(|linked| {
        let (name, feature) = linked.split_once('/').map_or((linked.as_str(), None), |(name, on)| (name, Some(on)));
        let has = |node: &CrateNode| {
            feature.is_none_or(|on| node.features.as_ref().is_some_and(|known| known.iter().any(|name| name == on)))
        };
        closure.crates(graph).any(|(_, node)| node.name == name && has(node))
    })
}

/// The lines of the project that ask for one of these crates, also for another platform than a function's.
fn asked_beside<'p>(unit: UnitRef<'p>, names: &[String]) -> Vec<&'p Dependency> {
    let packages = unit.unit.target().map(|target| local_packages(unit, target)).unwrap_or_default();
    let lines = packages.into_iter().flat_map(normal_lines).map(|(_, line)| line);
    lines.filter(|line| names.contains(&line.package)).collect()
}

/// Whether another path keeps what an edit of the line would remove: one around the crate the line asks for, a crate of
/// the registry that asks for that as well, or one that asks for what holds the weight.
fn is_kept(heavy: &HeavyCrate, closure: &Closure, graph: &CrateGraph, (member, asked): (usize, usize)) -> bool {
    let others = closure.askers(graph, asked).any(|asker| !graph.nodes[asker].local);
    let weight = closure.crates(graph).filter(|(_, node)| heavy.weight_in.contains(&node.name));
    ((heavy.direct_only || asked != member) && others)
        || !closure.goes_with(member, asked)
        || weight.into_iter().any(|(at, _)| !closure.goes_with(at, asked))
}

/// Whether what is known of a crate holds for the way it is used. The features that are on decide, whoever asked for
/// them; where only the lock file is known, the line that asks for it does.
fn applies(heavy: &HeavyCrate, line: &Dependency, node: &CrateNode, direct: bool) -> bool {
    let has = |feature: &str| match &node.features {
        Some(on) => on.iter().any(|name| name == feature),
        None if feature == "default" => direct && line.default_features,
        None => direct && line.features.iter().any(|name| name == feature),
    };
    if heavy.direct_only && !direct {
        return false;
    }
    if heavy.default_features_only && !(has("default") && (!direct || line.default_features)) {
        return false;
    }
    heavy.features.is_empty() || heavy.features.iter().any(|feature| has(feature))
}

/// A limit on the number of crates, when the user sets one.
fn budgets(unit: UnitRef<'_>, closure: &Closure, graph: &CrateGraph, params: &Params, sink: &mut Sink<'_>) {
    let cargo = &unit.project.cargo;
    let package = cargo.package(closure.package);
    let count = closure.crates(graph).count() as i64;
    let limit = params.int_of("max_crates", unit.name().unwrap_or(&package.name));
    if limit > 0 && count > limit {
        let message = format!("`{}` pulls in {count} crates; the budget is {limit}", package.name);
        sink.report(package.span, "this package", message);
    }
}
