//! What a release profile lacks or sets against the needs of a function.

use super::feature_edits;
use crate::checks::{Sink, UnitRef};
use crate::finding::{Edit, Fix, Severity, Value};
use crate::knowledge::{HeavyCrate, heavy_crates};
use crate::model::crates::{Dependency, Profile};

/// What cargo-lambda sets by itself and plain cargo does not.
pub(crate) fn missing_keys(profile: &Profile, strips: bool) -> Vec<&'static str> {
    let keys = ["lto", "codegen-units", "strip"].into_iter().filter(|key| !profile.keys.contains_key(*key));
    keys.filter(|key| !(strips && *key == "strip")).map(quoted).collect()
}

/// The key and the value that cargo-lambda gives it.
pub(crate) fn setting(quoted: &str) -> Option<(String, Value)> {
    let (key, value) = match quoted {
        "`lto`" => ("lto", Value::Text("thin".to_owned())),
        "`codegen-units = 1`" => ("codegen-units", Value::Int(1)),
        "`strip`" => ("strip", Value::Text("symbols".to_owned())),
        _ => return None,
    };
    Some((key.to_owned(), value))
}

fn quoted(key: &'static str) -> &'static str {
    match key {
        "lto" => "`lto`",
        "codegen-units" => "`codegen-units = 1`",
        _ => "`strip`",
    }
}

/// Keys that switch off what a small, fast binary needs.
pub(crate) fn contrary(unit: UnitRef<'_>, name: &str, profile: &Profile, sink: &mut Sink<'_>) {
    for (key, bad, better, effect) in [
        ("opt-level", &["0", "1"][..], "3", "hardly optimises"),
        ("lto", &["off"][..], "\"thin\"", "switches link-time optimisation off"),
        (
            "debug",
            &["true", "1", "2", "full", "limited"][..],
            "false",
            "keeps debug information, and cargo-lambda then keeps the symbols too",
        ),
    ] {
        let Some((value, span)) = profile.keys.get(key) else { continue };
        if bad.contains(&value.as_str()) && !(key == "debug" && profile.keys.contains_key("strip")) {
            let message = format!("`{key} = {value}` in the release profile of `{name}` {effect}");
            let finding = sink.report(*span, "set here", message);
            finding.severity = if key == "opt-level" { Severity::Warning } else { Severity::Info };
            finding
                .also(unit.unit.function().map(|id| unit.project.deploy.function_span(id)), "the function it is for");
            // Who wrote down why has chosen.
            if profile.explained.contains(key) {
                finding.pedantic();
                continue;
            }
            let edit = Edit { span: *span, text: better.to_owned() };
            finding.fixes.push(Fix::edits(format!("Set `{key} = {better}`"), true, vec![edit]));
        }
    }
}

/// Says that a function which computes is built for size.
pub(crate) fn small_before_fast(unit: UnitRef<'_>, name: &str, profile: &Profile, sink: &mut Sink<'_>) {
    let Some((value, span)) = profile.keys.get("opt-level").filter(|(value, _)| matches!(value.as_str(), "s" | "z"))
    else {
        return;
    };
    let Some(target) = unit.unit.target() else { return };
    let reached = |heavy: &HeavyCrate| heavy.compute && !heavy.built_elsewhere;
    let computes = |name: &str| {
        heavy_crates().iter().any(|heavy| reached(heavy) && heavy.features.is_empty() && heavy.is_about(name, ""))
    };
    let by_closure = unit.project.closure(target).and_then(|(closure, graph)| {
        closure.crates(graph).map(|(_, node)| node.name.as_str()).find(|name| computes(name))
    });
    let found = by_closure.or_else(|| {
        let lines = feature_edits::local_packages(unit, target).into_iter().flat_map(feature_edits::normal_lines);
        let asks = |line: &Dependency| {
            let with = |heavy: &HeavyCrate| heavy.features.iter().any(|feature| line.features.contains(feature));
            let known = heavy_crates().iter().filter(|heavy| reached(heavy) && heavy.is_about(&line.package, ""));
            known.into_iter().any(|heavy| heavy.features.is_empty() || with(heavy))
        };
        lines.map(|(_, line)| line).find(|line| asks(line)).map(|line| line.package.as_str())
    });
    if let Some(found) = found {
        let message = format!("`opt-level = \"{value}\"` makes `{name}` small, and what `{found}` computes slow");
        let finding = sink.report(*span, "set here", message);
        finding.severity = Severity::Info;
        finding.advise(format!(
            "Measure with `opt-level = 3`, for all or, under `[profile.release.package.{found}]`, for what computes."
        ));
    }
}
