//! Facts of one binary, one file for each kind, collected in one walk over what it reaches.

pub(crate) mod api;
pub(crate) mod clients;
pub(crate) mod discards;
pub(crate) mod eager;
pub(crate) mod env;
pub(crate) mod errors;
pub(crate) mod guards;
pub(crate) mod http;
pub(crate) mod logs;
pub(crate) mod panics;
pub(crate) mod pools;
pub(crate) mod records;
pub(crate) mod sdk;
pub(crate) mod sequence;
pub(crate) mod state;
pub(crate) mod tasks;
pub(crate) mod waits;

use super::flow::trace::Tracer;
use super::flow::view::{Here, View};
use super::names::index::Index;
use super::names::modules::CrateId;
use super::parse::ir::{Kind, Lit, TypeKind};
use super::reach::regions::Reach;
use crate::finding::Confidence;
use crate::knowledge::Meaning;
use crate::model::Verdict;
use crate::model::crates::TargetId;
use crate::model::source::{CodeRoute, EnvRead, Handler, Phase, Platform, Program, Site};
use crate::source::names::kinds::{Head, Type};

/// What a binary does.
pub(crate) fn program(index: &Index<'_>, krate: CrateId, target: TargetId) -> Program {
    let reach = Reach::of_binary(index, krate);
    let tracer = Tracer::new(&reach);
    let mut program = Program::new(target);
    let view = View::new(&tracer);
    let (builds_batch_json, reads_deadline) = calls(&view, &mut program);
    for region in reach.regions.ids() {
        let phase = reach.regions[region].phase;
        for id in reach.expressions(region) {
            let here = Here { view: &view, region, id };
            api::collect(here, &mut program);
            pools::collect(here, &mut program);
            program.subscriber_seen |= logs::installs(&here.context(), id);
            match phase {
                Phase::Init => {
                    eager::collect(here, &mut program);
                    eager::waits(here, &mut program);
                }
                Phase::Once => {}
                Phase::Invoke => {
                    discards::collect(here, &mut program);
                    waits::collect(here, &mut program);
                    tasks::collect(here, &mut program);
                    errors::collect(here, &mut program);
                    panics::collect(here, &mut program);
                    records::collect(here, &mut program);
                    guards::collect(here, &mut program);
                    sequence::collect(here, &mut program);
                    logs::collect(here, &mut program);
                }
            }
        }
    }
    let read_like = super::flow::shape::of_json(&tracer);
    for entry in &reach.entries {
        program.handlers.push(Handler {
            name: entry.name.clone(),
            span: entry.span,
            platform: entry.platform,
            entry: entry.path.clone(),
            concurrent: index.lexicon.means(&entry.path, Meaning::Concurrent),
            event: name_of(index, &entry.event),
            response: name_of(index, &entry.response),
            reads_like: super::flow::shape::of_event(index, &entry.event).or(read_like),
            returns_batch_response: returns_batch(index, &entry.response, builds_batch_json),
            reads_deadline,
        });
    }
    if program.handlers.is_empty() {
        program.handlers.extend(custom_handler(&program));
    }
    settle(&mut program);
    program
}

/// A server on the port that the Azure Functions host hands over (Azure Functions documentation, custom handlers).
fn custom_handler(program: &Program) -> Option<Handler> {
    let port = program.env_reads.iter().find(|read| read.key == "FUNCTIONS_CUSTOMHANDLER_PORT")?;
    Some(Handler {
        name: "server".to_owned(),
        span: port.site.span,
        platform: Platform::AzureFunctions,
        entry: "custom handler".to_owned(),
        concurrent: true,
        event: String::new(),
        response: String::new(),
        reads_like: None,
        returns_batch_response: Verdict::No,
        reads_deadline: false,
    })
}

/// The first walk: clients, calls that leave the process, environment, state.
fn calls(view: &View<'_>, program: &mut Program) -> (bool, bool) {
    let reach = view.tracer.reach;
    let lexicon = reach.index.lexicon;
    let is_change = |text: &str| lexicon.field(text).has(Meaning::ChangeKind);
    let mut builds_batch_json = false;
    let mut reads_deadline = false;
    for region in reach.regions.ids() {
        let invoke = reach.regions[region].phase == Phase::Invoke;
        for id in reach.expressions(region) {
            let here = Here { view, region, id };
            match here.kind() {
                Kind::Call { .. } => {
                    env::collect(here, &mut program.env_reads);
                    clients::collect(here, &mut program.clients);
                    state::collect(here, &mut program.state);
                    http::collect(here, &mut program.http_calls);
                }
                Kind::Method { name, args, .. } => {
                    env::collect(here, &mut program.env_reads);
                    clients::collect(here, &mut program.clients);
                    http::collect(here, &mut program.http_calls);
                    sdk::collect(here, &mut program.sdk_calls);
                    if lexicon.method(name).has(Meaning::NamesRoute)
                        && let Some(&arg) = args.first()
                        && let Kind::Lit(Lit::Str(path)) = here.on(arg).kind()
                        && path.starts_with('/')
                    {
                        program.routes.push(CodeRoute { path: path.clone(), span: here.on(arg).span() });
                    }
                }
                Kind::Path { .. } => {
                    clients::collect(here, &mut program.clients);
                    state::collect(here, &mut program.state);
                }
                Kind::Local(_) => state::collect(here, &mut program.state),
                Kind::Lit(Lit::Str(text)) => program.tells_changes_apart |= invoke && is_change(text),
                Kind::Match { arms, .. } => {
                    let words = arms.iter().flat_map(|arm| arm.heads.iter()).filter_map(|head| head.last());
                    let mut words = words.map(|word| word.trim_matches('"'));
                    program.tells_changes_apart |= invoke && words.any(is_change);
                }
                Kind::Field { name, .. } => {
                    reads_deadline |= invoke && lexicon.field(name).has(Meaning::Deadline);
                    state::collect(here, &mut program.state);
                }
                Kind::Macro { path, text, .. } => {
                    let failures = |text: &str| lexicon.field(text).has(Meaning::BatchFailure);
                    builds_batch_json |=
                        lexicon.macro_of(path).has(Meaning::Json) && text.as_deref().is_some_and(failures);
                }
                _ => {}
            }
        }
    }
    (builds_batch_json, reads_deadline)
}

/// Each place once, in the order of the source.
fn settle(program: &mut Program) {
    program.env_reads.sort_by(|a, b| a.key.cmp(&b.key));
    program.env_reads = by_variable(std::mem::take(&mut program.env_reads)).into_iter().flatten().collect();
    program.env_reads.sort_by_key(|read| read.site.span);
    once_each(&mut program.clients, |fact| &mut fact.site);
    once_each(&mut program.http_calls, |fact| &mut fact.site);
    once_each(&mut program.sdk_calls, |fact| &mut fact.site);
    once_each(&mut program.state, |fact| &mut fact.site);
    once_each(&mut program.api_calls, |fact| &mut fact.site);
    once_each(&mut program.time_limits, |fact| &mut fact.site);
    once_each(&mut program.waits, |fact| &mut fact.site);
    once_each(&mut program.spawns, |fact| &mut fact.site);
    once_each(&mut program.error_drops, |fact| &mut fact.site);
    once_each(&mut program.panics, |fact| &mut fact.site);
    once_each(&mut program.logs, |fact| &mut fact.site);
    once_each(&mut program.file_writes, |fact| &mut fact.site);
    once_each(&mut program.record_uses, |fact| &mut fact.site);
    once_each(&mut program.held_guards, |fact| &mut fact.site);
    once_each(&mut program.fan_outs, |fact| &mut fact.site);
    once_each(&mut program.sequences, |fact| &mut fact.site);
    once_each(&mut program.retry_loops, |fact| &mut fact.site);
    once_each(&mut program.pools, |fact| &mut fact.site);
    once_each(&mut program.key_uses, |fact| &mut fact.site);
    once_each(&mut program.recorded_failures, |fact| &mut fact.site);
    once_each(&mut program.conditional, |fact| &mut fact.site);
    once_each(&mut program.orchestrations, |fact| &mut fact.site);
    program.routes.sort_by(|a, b| (a.span, &a.path).cmp(&(b.span, &b.path)));
    program.routes.dedup_by(|a, b| a.span == b.span);
}

/// The reads of each variable, each place once; one place may read several.
fn by_variable(reads: Vec<EnvRead>) -> Vec<Vec<EnvRead>> {
    let mut runs: Vec<Vec<EnvRead>> = Vec::new();
    for read in reads {
        match runs.last_mut() {
            Some(run) if run[0].key == read.key => run.push(read),
            _ => runs.push(vec![read]),
        }
    }
    for run in &mut runs {
        once_each(run, |fact| &mut fact.site);
    }
    runs
}

/// A helper reached during init and during invocations counts as invocation, with less confidence.
fn once_each<T>(facts: &mut Vec<T>, site: fn(&mut T) -> &mut Site) {
    let mut keyed: Vec<_> = facts
        .drain(..)
        .map(|mut fact| {
            let at = site(&mut fact);
            ((at.span, std::cmp::Reverse(at.phase)), fact)
        })
        .collect();
    keyed.sort_by_key(|(key, _)| *key);
    let mut kept: Vec<T> = Vec::new();
    for (_, mut fact) in keyed {
        if let Some(last) = kept.last_mut()
            && site(last).span == site(&mut fact).span
        {
            if site(last).phase != site(&mut fact).phase {
                let sure = site(last).confidence.min(Confidence::Medium);
                site(last).confidence = sure;
            }
            continue;
        }
        kept.push(fact);
    }
    *facts = kept;
}

fn returns_batch(index: &Index<'_>, response: &Type, builds_json: bool) -> Verdict {
    match &response.head {
        Head::Outside(path) => {
            let means = index.lexicon.of(path);
            (means.has(Meaning::BatchResponse) || (means.has(Meaning::Json) && builds_json)).into()
        }
        Head::Local(id) => {
            let item = index.type_item(*id);
            let failures = |name: &String| index.lexicon.field(name).has(Meaning::BatchFailure);
            let named = item.serde_names.iter().any(failures);
            let written = matches!(&item.kind, TypeKind::Struct(fields) if fields.iter().any(|field| field.name == "batchItemFailures"));
            (item.serialize && (named || written)).into()
        }
        Head::Bounds(_) | Head::Unknown => Verdict::Unknown,
    }
}

fn name_of(index: &Index<'_>, ty: &Type) -> String {
    match &ty.head {
        Head::Outside(path) => path.clone(),
        Head::Local(id) => index.type_item(*id).name.clone(),
        Head::Bounds(_) | Head::Unknown => String::new(),
    }
}
