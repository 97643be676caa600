//! Facts of one binary, one file for each kind, collected in one walk over what it reaches.

mod clients;
mod env;
mod http;
mod sdk;
mod state;
mod trace;

use super::ir::{Kind, Lit, TypeKind};
use super::names::Index;
use super::reach::Reach;
use super::types::{Head, Type};
use crate::finding::Confidence;
use crate::model::Verdict;
use crate::model::crates::TargetId;
use crate::model::source::{CodeRoute, Handler, Phase, Program, Site};
use trace::Tracer;

/// What a binary does.
pub(super) fn program(index: &Index<'_>, krate: usize, target: TargetId) -> Program {
    let reach = Reach::of_binary(index, krate);
    let tracer = Tracer::new(&reach);
    let mut program = Program {
        target,
        handlers: Vec::new(),
        env_reads: Vec::new(),
        clients: Vec::new(),
        http_calls: Vec::new(),
        sdk_calls: Vec::new(),
        state: Vec::new(),
        routes: Vec::new(),
    };
    let mut reads_deadline = false;
    let mut builds_batch_json = false;
    for region in 0..reach.regions.len() {
        let invoke = reach.regions[region].phase == Phase::Invoke;
        let context = tracer.context(region);
        for id in reach.expressions(region) {
            match context.body.kind(id) {
                Kind::Call { .. } => {
                    env::collect(&tracer, region, id, &mut program.env_reads);
                    clients::collect(&tracer, region, id, &mut program.clients);
                    http::collect(&tracer, region, id, &mut program.http_calls);
                    state::collect(&tracer, region, id, &mut program.state);
                }
                Kind::Method { name, args, .. } => {
                    clients::collect(&tracer, region, id, &mut program.clients);
                    http::collect(&tracer, region, id, &mut program.http_calls);
                    sdk::collect(&tracer, region, id, &mut program.sdk_calls);
                    if matches!(name.as_str(), "route" | "at")
                        && let Some(Kind::Lit(Lit::Str(path))) = args.first().map(|&arg| context.body.kind(arg))
                        && path.starts_with('/')
                    {
                        let span = reach.span(reach.regions[region].code, context.body.expr(args[0]).span);
                        program.routes.push(CodeRoute { path: path.clone(), span });
                    }
                }
                Kind::Path { .. } => {
                    clients::collect(&tracer, region, id, &mut program.clients);
                    state::collect(&tracer, region, id, &mut program.state);
                }
                Kind::Local(_) => state::collect(&tracer, region, id, &mut program.state),
                Kind::Field { name, .. } => reads_deadline |= invoke && name == "deadline",
                Kind::Macro { path, text, .. } => {
                    let json = path.last().is_some_and(|name| name == "json");
                    builds_batch_json |= json && text.as_deref() == Some("batchItemFailures");
                }
                _ => {}
            }
        }
    }
    for entry in &reach.entries {
        program.handlers.push(Handler {
            name: entry.name.clone(),
            span: entry.span,
            platform: entry.platform,
            entry: entry.path.clone(),
            concurrent: entry.path.ends_with("run_concurrent"),
            event: name_of(index, &entry.event),
            response: name_of(index, &entry.response),
            returns_batch_response: returns_batch(index, &entry.response, builds_batch_json),
            reads_deadline,
        });
    }
    once_each(&mut program.env_reads, |fact| &mut fact.site);
    once_each(&mut program.clients, |fact| &mut fact.site);
    once_each(&mut program.http_calls, |fact| &mut fact.site);
    once_each(&mut program.sdk_calls, |fact| &mut fact.site);
    once_each(&mut program.state, |fact| &mut fact.site);
    program.routes.sort_by(|a, b| (a.span, &a.path).cmp(&(b.span, &b.path)));
    program.routes.dedup_by(|a, b| a.span == b.span);
    program
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
            let name = path.rsplit("::").next().unwrap_or(path);
            let known = index.apis.batch_responses.iter().any(|known| known == name);
            let open = path.starts_with("serde_json::") && name == "Value";
            (known || (open && builds_json)).into()
        }
        Head::Local(id) => {
            let item = index.type_item(*id);
            let named = item.serde_names.iter().any(|name| name == "batchItemFailures");
            let written = matches!(&item.kind, TypeKind::Struct(fields) if fields.iter().any(|(name, _)| name == "batchItemFailures"));
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
