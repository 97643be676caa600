//! `cost --init`: a first traffic file, with everything the config says already, and no numbers.

use crate::exact::Exact;
use crate::model::Project;
use crate::model::deployments::{FunctionId, ResourceKind, Target, Trigger};
use crate::verdicts::cost::{DEFAULT_REGION, Traffic, Volumes};
use std::collections::BTreeSet;
use std::fmt::Write;

/// A traffic file for the functions that none says anything of; none if there is nothing to say.
pub fn stub(project: &Project, traffic: &Traffic, whole: bool) -> Option<String> {
    let volumes = Volumes::new(project, traffic);
    let mut functions = String::new();
    for id in project.deploy.function_ids() {
        let said = volumes.said(id);
        if said.requests.is_none() && said.duration_ms.is_none() {
            function(project, &volumes, id, &mut functions);
        }
    }
    if functions.is_empty() {
        return None;
    }
    let mut out = String::new();
    if whole {
        let region = project.deploy.stacks.iter().find_map(|stack| stack.region.as_ref());
        let (region, by) = region.map_or((DEFAULT_REGION, "no file says which"), |region| (&region.name, &region.path));
        out.push_str(
            "# What happens in a month, for `cargo faaslint cost`. A function without numbers is listed, and never\n\
             # counted as free.\n\
             #   requests   10M/month, 300k/day, 20/s, or the name of a profile\n\
             #   duration   mean billed duration: 80ms, 1.5s\n\
             #   also       peak: 40/s   failing: 0.1%   cold_share: 0.5%   init: 60ms   logs: 1KB   cpu: 5ms\n\
             #              latency_target: 50ms (for `fit`)\n\
             version: 1\n",
        );
        let _ = writeln!(out, "# region: {region}   # {by}");
        out.push_str(
            "# defaults: {duration: 80ms, cold_share: 0.5%}\n\
             # profiles:\n\
             #   office-hours: {days: mon-fri, hours: 8-18, per_second: 12, peak: 40}\n",
        );
    }
    out.push_str("functions:\n");
    out.push_str(&functions);
    if whole {
        out.push_str(&sources(project));
    }
    Some(out)
}

fn function(project: &Project, volumes: &Volumes<'_>, id: FunctionId, out: &mut String) {
    let deploy = &project.deploy;
    let function = deploy.function(id);
    let mut known: Vec<String> = Vec::new();
    known.extend(function.memory_mb.one().map(|memory| {
        let default = if function.memory_mb.origin.is_default() { ", the default" } else { "" };
        format!("{memory} MB{default}")
    }));
    known.extend(function.architecture.one().cloned());
    known.extend(function.timeout_s.one().map(|timeout| format!("timeout {timeout} s")));
    let kinds: BTreeSet<&str> = deploy.triggers_of(id).map(|trigger| trigger.kind.name()).collect();
    known.extend(kinds.into_iter().map(str::to_owned));
    if function.aws().is_some_and(|lambda| lambda.url.is_some()) {
        known.push("function URL".to_owned());
    }
    let at = deploy.function_span(id);
    let place = project.sources.position(at.file, at.start);
    known.push(format!("{}:{}", project.sources.path(at.file), place.line));
    let _ = writeln!(out, "  {}:   # {}", key(&deploy.function_label(id)), comment(&known.join(", ")));
    match (volumes.scheduled(id), volumes.of(id)) {
        (Some(exact), _) => {
            let _ = writeln!(out, "    # requests: {} a month, from {}", shown(&exact.amount), comment(&exact.because));
        }
        (None, Ok(follows)) => {
            let _ = writeln!(
                out,
                "    # requests: {} a month follow: {}",
                shown(&follows.amount),
                comment(&follows.because)
            );
        }
        (None, Err(_)) if polled(project, id) => {
            let _ = writeln!(out, "    # requests: follow from `sources` below, or");
            out.push_str("    requests:\n");
        }
        (None, Err(_)) => out.push_str("    requests:\n"),
    }
    out.push_str("    duration:\n");
}

fn shown(amount: &Exact) -> String {
    amount.grouped(if amount.floor() == *amount { 0 } else { 1 })
}

/// Whether a queue or stream of the project feeds it.
fn polled(project: &Project, id: FunctionId) -> bool {
    let deploy = &project.deploy;
    let carries = |trigger: &Trigger| match trigger.source.one() {
        Some(Target::Resource(id)) => {
            trigger.mapping().is_some()
                && matches!(deploy.resource(*id).kind, ResourceKind::Queue | ResourceKind::Stream)
        }
        _ => false,
    };
    deploy.triggers_of(id).any(carries)
}

/// Queues and streams that functions consume.
fn sources(project: &Project) -> String {
    let deploy = &project.deploy;
    let mut names = BTreeSet::new();
    for trigger in deploy.triggers.iter().filter(|trigger| trigger.mapping().is_some()) {
        if let Some(Target::Resource(id)) = trigger.source.one()
            && matches!(deploy.resource(*id).kind, ResourceKind::Queue | ResourceKind::Stream)
        {
            names.insert(deploy.resource_label(*id));
        }
    }
    if names.is_empty() {
        return String::new();
    }
    let mut out = "# Messages a month, and how many arrive in one batch on average.\nsources:\n".to_owned();
    for name in names {
        let _ = writeln!(out, "  {}:\n    messages:\n    batch:", key(&name));
    }
    out
}

/// A key of YAML.
fn key(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.');
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    let word = ["true", "false", "yes", "no", "on", "off", "null"].iter().any(|word| name.eq_ignore_ascii_case(word));
    if begins && !word && name.chars().all(plain) { name.to_owned() } else { serde_json::json!(name).to_string() }
}

/// What may stand in a comment: one line.
fn comment(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
