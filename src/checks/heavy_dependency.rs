//! Crates that weigh on a function's binary although something lighter would do.

use super::{Check, Sink, UnitRef, mb};
use crate::finding::{Confidence, Finding, Severity};
use crate::knowledge::{CrateWeight, HeavyCrate, crate_weights, heavy_crates, lexicon};
use crate::model::crates::closure::Closure;
use crate::model::crates::{CrateGraph, CrateNode, Dependency, GraphSource};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, params: &Params, sink: &mut Sink<'_>) {
        let (Some(program), Some(target)) = (unit.program(), unit.unit.target()) else { return };
        let Some((closure, graph)) = unit.project.closure(target) else { return };
        let accepted = params.list("allow");
        for heavy in heavy_crates() {
            let is_it = |node: &CrateNode| {
                heavy.is_about(&node.name, &node.version)
                    && !accepted.contains(&node.name)
                    // Behind the Lambda Web Adapter the server is what answers.
                    && !(program.handlers.iter().any(|handler| handler.served) && lexicon().serves(&node.name))
            };
            for (member, _) in closure.crates(graph).filter(|(_, node)| is_it(node)) {
                let Some(finding) = weigh(unit, (closure, graph), heavy, member, params, sink) else { continue };
                finding.trail = closure.trail(graph, member);
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
    let depends = |on: &Option<String>| on.as_ref().map(|on| depends(graph, closure.members[member].node, on));
    if !applies(heavy, line, node, asked == member) || depends(&heavy.with) == Some(false) {
        return None;
    }
    if depends(&heavy.without) == Some(true) {
        return None;
    }
    let kept = is_kept(heavy, closure, graph, member);
    if kept && !heavy.native_build && !heavy.worth_anyway {
        return None;
    }
    let gain = Gain::of(heavy).filter(|_| !kept);
    let slow = gain.is_some_and(|gain| gain.instructions >= params.int("minimum_instructions"));
    if !slow && gain.is_some_and(|gain| gain.bytes < params.int("ignore_below_bytes")) {
        return None;
    }
    let brought_by = &graph.nodes[closure.members[asked].node].name;
    let advice = match heavy.choices.get(brought_by) {
        Some(choice) => Some(format!("ask `{brought_by}` for {choice}")),
        None => (!heavy.instead.is_empty()).then(|| heavy.instead.clone()),
    };
    let mut message = describe(heavy, node, closure.members[member].exclusive, gain, advice.as_deref());
    if kept {
        message.push_str("; another crate may keep it");
    }
    let finding = sink.report(line.declared.span, "brought in here", message);
    let small = !slow && !heavy.native_build && gain.is_some_and(|gain| gain.bytes < params.int("minimum_bytes"));
    if small || kept || heavy.minor {
        finding.severity = Severity::Info;
    }
    if advice.is_none() && asked != member {
        finding.only_to_know();
    }
    // What only a lock file connects may be a build script's, or a feature's that is off.
    if graph.source == GraphSource::LockFile && asked != member && !heavy.choices.contains_key(brought_by) {
        finding.cap(Confidence::Low).pedantic();
    }
    finding.also((line.declared.span != line.span).then_some(line.span), "used by this package");
    Some(finding)
}

/// Whether a crate depends on one of a name.
fn depends(graph: &CrateGraph, node: usize, name: &str) -> bool {
    graph.edges[node].iter().any(|&next| graph.nodes[next].name == name)
}

/// Whether another path keeps what an edit of the line would remove: a crate of the registry that asks for it as well,
/// or one that asks for what holds its weight.
fn is_kept(heavy: &HeavyCrate, closure: &Closure, graph: &CrateGraph, member: usize) -> bool {
    let others = closure.askers(graph, member).any(|asker| !graph.nodes[asker].local);
    let weight = closure.crates(graph).filter(|(_, node)| heavy.weight_in.contains(&node.name));
    (heavy.direct_only && others) || weight.into_iter().any(|(at, _)| !closure.goes_with(at, member))
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

/// What an edit saves, as it was measured; all that the crate weighs where there is nothing to compare it with.
#[derive(Clone, Copy)]
struct Gain {
    bytes: i64,
    instructions: i64,
    /// Whether what is used instead was measured too.
    is_edit: bool,
}

impl Gain {
    fn of(heavy: &HeavyCrate) -> Option<Self> {
        let (weighed, lighter) = (row(&heavy.weighed)?, row(&heavy.lighter));
        Some(Self {
            bytes: weighed.bytes - lighter.map_or(0, |row| row.bytes),
            instructions: weighed.steady_instructions() - lighter.map_or(0, |row| row.steady_instructions()),
            is_edit: lighter.is_some(),
        })
    }
}

fn row(id: &Option<String>) -> Option<&'static CrateWeight> {
    crate_weights().rows.get(id.as_ref()?)
}

fn describe(
    heavy: &HeavyCrate,
    node: &CrateNode,
    exclusive: usize,
    gain: Option<Gain>,
    advice: Option<&str>,
) -> String {
    let mut message = format!("`{}` {} {}", node.name, node.version, heavy.reason);
    if let Some(weighed) = row(&heavy.weighed) {
        let exact = if weighed.fits(&node.name, &node.version) { "" } else { "about " };
        message.push_str(&format!("; it adds {exact}{} to the executable", mb(weighed.bytes)));
        message.push_str(&slow_start(weighed).unwrap_or_default());
    }
    if exclusive > 1 {
        message.push_str(&format!("; {exclusive} crates are there only for it"));
    }
    let Some(advice) = advice else { return message };
    message.push_str(&format!("; {advice}"));
    if let Some(gain) = gain.filter(|gain| gain.is_edit && !heavy.instead.is_empty()) {
        let mut saved = Vec::new();
        saved.extend((gain.bytes > 0).then(|| mb(gain.bytes)));
        saved.extend(
            (gain.instructions >= 1_000_000).then(|| format!("{} million instructions", gain.instructions / 1_000_000)),
        );
        if !saved.is_empty() {
            message.push_str(&format!(", which saves {}", saved.join(" and ")));
        }
        if gain.bytes < -100_000 {
            message.push_str(&format!(" for {} more of code", mb(-gain.bytes)));
        }
    }
    message
}

/// Work before the first event that is worth mentioning beside the runtime's own.
fn slow_start(weighed: &CrateWeight) -> Option<String> {
    let base = crate_weights().rows.get("base")?.init_instructions;
    let instructions = weighed.steady_instructions();
    let millions = instructions as f64 / 1e6;
    (instructions > 4 * base).then(|| format!(" and {millions:.0} million instructions to a cold start"))
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
