//! What the source says: computing, waiting, state, servers, what is handed over.

use super::config::{WATCHED_S, is_exempt};
use super::evidence::{Class, Fit, Item, Row, Strength, Subject};
use crate::knowledge::{engines, platforms, sdk_operations};
use crate::model::deployments::{PackageType, TriggerKind};
use crate::model::source::{
    ComputeCall, DeadlineRead, Phase, Program, SdkCall, ServerStart, Site, StateKind, StateLookup, StateWrite, Wait,
    WaitKind,
};
use crate::model::{FlowEnd, Mode, Verdict as Truth};

/// One wait of so many milliseconds is work for somebody else.
const LONG_WAIT_MS: i64 = 60_000;
/// Two thirds of what the platform allows; with something that waits or computes it is used.
const LONG_TIMEOUT_S: i64 = 600;

/// Evidence of the source.
pub(super) fn evidence(of: &Subject<'_>, fit: &mut Fit) {
    let Some(program) = of.program else { return };
    hands_over(program, fit);
    moves_data(of, program, fit);
    long_running(of, program, fit);
    compute(of, program, fit);
    gpu(of, fit);
    servers(of, program, fit);
    state(of, program, fit);
}

/// What a Worker is for; it has no config that is read.
pub(super) fn of_worker(program: &Program, fit: &mut Fit) {
    if let Some(handler) = program.handlers.first() {
        fit.items.push(Item::supports(Row::Requests, Class::Code, "answers events of Workers", handler.span));
    }
    if let Some(call) = first::<ComputeCall>(program, |call| call.engine.is_some()) {
        let text = format!("calls `{}`; a Worker has 128 MB and is billed for its CPU time", call.path);
        fit.items.push(
            Item::new(Row::Compute, Class::Code, Strength::Strong, text, call.site.span).belongs_to("a container"),
        );
    }
}

fn invoked(site: &Site) -> bool {
    site.phase == Phase::Invoke
}

/// The first fact of a kind during invocations that passes a test.
fn first<F: crate::model::source::Fact>(program: &Program, test: impl Fn(&F) -> bool) -> Option<&F> {
    program.facts::<F>().iter().find(|fact| invoked(fact.site()) && test(fact))
}

/// Starting work elsewhere is what a function is good at.
fn hands_over(program: &Program, fit: &mut Fit) {
    let known = |call: &SdkCall| sdk_operations().hands_over.contains(&call.data_key());
    if let Some(call) = first(program, known) {
        let text = format!("hands work over with `{}` of {}", call.operation, call.service);
        fit.items.push(Item::supports(Row::ControlPlane, Class::Code, text, call.site.span));
        return;
    }
    // Who asks once leaves the waiting to whoever invokes it.
    let polls = program.facts::<Wait>().iter().any(|wait| wait.kind != WaitKind::Sleep && invoked(&wait.site));
    let asks = |call: &SdkCall| sdk_operations().asks_about.contains(&call.data_key());
    if let Some(call) = first(program, asks).filter(|_| !polls) {
        let text = format!("asks once how far work elsewhere is, with `{}` of {}", call.operation, call.service);
        fit.items.push(Item::supports(Row::ControlPlane, Class::Code, text, call.site.span));
    }
}

/// Events in, data out.
fn moves_data(of: &Subject<'_>, program: &Program, fit: &mut Fit) {
    let Some(event) = fit.supporting().find(|item| item.row == Row::EventDriven).map(|item| item.places[0]) else {
        return;
    };
    let writes = of.project.flows.iter().find(|flow| {
        flow.from == FlowEnd::Function(of.id) && matches!(flow.mode, Mode::Write | Mode::Queue | Mode::Stream)
    });
    let written = writes.map(|flow| flow.site).or_else(|| {
        let moves = |call: &SdkCall| {
            let flow = sdk_operations().flow(&call.service, &call.operation);
            matches!(flow, Some("queue" | "stream"))
        };
        first(program, moves).map(|call| call.site.span)
    });
    if let Some(written) = written {
        let item = Item::supports(Row::Pipeline, Class::Code, "takes events and writes what it makes of them", written);
        fit.items.push(item.also(Some(event)));
    }
}

fn long_running(of: &Subject<'_>, program: &Program, fit: &mut Fit) {
    if is_exempt(of) {
        return;
    }
    let timeout = of.function.timeout_s.one().copied();
    let elsewhere = "a task: ECS `run_task`, or a Step Functions `.sync` task that the function only starts";
    for wait in program.facts::<Wait>().iter().filter(|wait| invoked(&wait.site)) {
        let Some(millis) = wait.millis else { continue };
        if timeout.is_some_and(|timeout| millis >= timeout * 1000) {
            let text = format!("waits {} s, and is ended after {} s", millis / 1000, timeout.unwrap_or_default());
            let mut item = Item::new(Row::LongRunning, Class::Code, Strength::Contradiction, text, wait.site.span);
            item.said_elsewhere = true;
            item.confidence = wait.site.confidence;
            fit.items.push(item.also(of.function.timeout_s.place()).belongs_to(elsewhere));
        } else if millis >= LONG_WAIT_MS {
            let text = format!("waits {} s and is billed for it", millis / 1000);
            let mut item = Item::new(Row::LongRunning, Class::Code, Strength::Strong, text, wait.site.span);
            item.confidence = wait.site.confidence;
            fit.items.push(item.belongs_to("a `Wait` state, a delayed message or a schedule"));
        }
    }
    let long = of.function.timeout_s.value.holds(|&seconds| seconds >= LONG_TIMEOUT_S) == Truth::Yes;
    let waits = |wait: &Wait| matches!(wait.kind, WaitKind::Poll | WaitKind::Waiter);
    if let (true, Some(wait)) = (long, first(program, waits)) {
        let what = wait.operation.as_deref().unwrap_or("something");
        let text = format!("may run {} s and asks `{what}` again and again", timeout.unwrap_or_default());
        let mut item = Item::new(Row::LongRunning, Class::Code, Strength::Strong, text, wait.site.span);
        item.confidence = wait.site.confidence;
        fit.items.push(item.also(of.function.timeout_s.place()).belongs_to(elsewhere));
        if let Some(place) = of.function.timeout_s.place() {
            let text = format!("its timeout leaves it {} of 900 s", timeout.unwrap_or_default());
            fit.items.push(Item::new(Row::LongRunning, Class::Config, Strength::Strong, text, place));
        }
    }
    let again = of.project.flows.iter().find(|flow| {
        flow.from == FlowEnd::Function(of.id) && flow.to == FlowEnd::Function(of.id) && flow.mode != Mode::Read
    });
    if let (Some(again), Some(deadline)) = (again, first::<DeadlineRead>(program, |_| true)) {
        let text = "looks at its deadline and invokes itself: its work is longer than an invocation";
        let item = Item::new(Row::LongRunning, Class::Code, Strength::Strong, text, again.site);
        fit.items.push(item.also(Some(deadline.site.span)).belongs_to(elsewhere));
    }
}

/// Engines and threads against the processor that the memory buys.
fn compute(of: &Subject<'_>, program: &Program, fit: &mut Fit) {
    let whole = platforms().aws_lambda.memory_per_vcpu_mb.value;
    let memory = &of.function.memory_mb;
    let share = |memory: i64| format!("{}.{:02} vCPU", memory / whole, memory % whole * 100 / whole);
    let engine = first::<ComputeCall>(program, |call| call.engine.is_some());
    if let Some(call) = engine {
        let engine = call.engine.as_ref().and_then(|name| Some((name, engines().get(name)?)));
        let Some((name, engine)) = engine else { return };
        let Some(&megabytes) = memory.one() else {
            fit.unknown.push((Row::Compute, format!("calls `{name}`, and its memory is decided at deploy time")));
            return;
        };
        let dependency = dependency_line(of, &engine.crates);
        let long = of.function.timeout_s.value.holds(|&seconds| seconds >= WATCHED_S) == Truth::Yes;
        let small = megabytes < whole;
        let text = format!("runs {} ({name}) with {megabytes} MB, {}", engine.is, share(megabytes));
        if !small && !long {
            // It has the processor that it needs.
            let item = Item::supports(Row::Compute, Class::Code, text, call.site.span);
            fit.items.push(item.also(memory.place()).also(dependency));
            return;
        }
        let mut item = Item::new(Row::Compute, Class::Code, Strength::Strong, text, call.site.span);
        item.confidence = call.site.confidence;
        item = item.also(memory.place()).also(dependency);
        fit.items.push(match small {
            true => item.cured_by(format!("{whole} MB or more, a whole vCPU")),
            false => item.belongs_to(engine.instead.clone()),
        });
        if let (false, true, Some(place)) = (small, long, of.function.timeout_s.place()) {
            let seconds = of.function.timeout_s.one().copied().unwrap_or_default();
            let text = format!("may take {seconds} s although it has a whole vCPU");
            let item = Item::new(Row::Compute, Class::Config, Strength::Strong, text, place);
            fit.items.push(item.belongs_to(engine.instead.clone()));
        }
        return;
    }
    let Some(call) = first::<ComputeCall>(program, |_| true) else { return };
    let Some(&megabytes) = memory.one() else { return };
    if megabytes >= whole * 2 {
        let text = format!("spreads work with `{}` over {}", call.path, share(megabytes));
        fit.items.push(Item::supports(Row::Compute, Class::Code, text, call.site.span).also(memory.place()));
    } else if megabytes < whole {
        let text = format!(
            "spreads work with `{}` over {}: threads of one processor's part gain nothing",
            call.path,
            share(megabytes)
        );
        let item = Item::new(Row::Compute, Class::Code, Strength::Note, text, call.site.span);
        fit.items.push(item.also(memory.place()));
    }
}

/// The line of a manifest that brings one of several crates in.
fn dependency_line(of: &Subject<'_>, crates: &[String]) -> Option<crate::text::Span> {
    let target = of.project.cargo.target(of.unit.target()?);
    let package = of.project.cargo.package(target.package);
    let is = |name: &str| crates.iter().any(|known| *known == name.replace('-', "_"));
    package.dependencies.iter().find(|line| is(&line.package)).map(|line| line.span)
}

/// A feature that needs a graphics processor.
fn gpu(of: &Subject<'_>, fit: &mut Fit) {
    let Some((closure, graph)) = of.unit.target().and_then(|target| of.project.closure(target)) else { return };
    for (member, node) in closure.crates(graph) {
        let name = node.name.replace('-', "_");
        let Some(engine) = engines().values().find(|engine| engine.crates.contains(&name)) else { continue };
        let Some(features) = closure.features(&of.project.cargo, graph, member) else { continue };
        let Some(feature) = engine.gpu.iter().find(|feature| features.contains(feature)) else { continue };
        let Some((line, _)) = closure.line(&of.project.cargo, graph, member) else { continue };
        let text = format!("builds `{}` with `{feature}`, and no function has a graphics processor", node.name);
        let item = Item::new(Row::Compute, Class::Dependency, Strength::Contradiction, text, line.span);
        fit.items.push(item.belongs_to(engine.instead.clone()));
        return;
    }
}

/// A server waits for connections that never reach a function.
fn servers(of: &Subject<'_>, program: &Program, fit: &mut Fit) {
    let deploy = &of.project.deploy;
    let kinds: Vec<TriggerKind> = deploy.triggers_of(of.id).map(|trigger| trigger.kind).collect();
    let http = |kind: &TriggerKind| {
        matches!(kind, TriggerKind::HttpRest | TriggerKind::HttpV2 | TriggerKind::Alb | TriggerKind::Url)
    };
    let url = of.function.aws().is_some_and(|lambda| lambda.url.is_some());
    let answered = url || kinds.iter().any(http);
    let keeps = program.facts::<ServerStart>().iter().find(|server| server.keeps_open);
    if let (Some(server), true, false) = (keeps, answered, kinds.contains(&TriggerKind::WebSocket)) {
        let text =
            format!("keeps connections open with `{}`; requests of its trigger end with their answers", server.path);
        let mut item = Item::new(Row::Stateful, Class::Code, Strength::Contradiction, text, server.site.span);
        item.confidence = server.site.confidence;
        fit.items.push(item.belongs_to("an API Gateway WebSocket API with connections in a table, or a container"));
    }
    let adapted =
        of.function.env.vars.keys().any(|name| name.starts_with("AWS_LWA_") || name == "AWS_LAMBDA_EXEC_WRAPPER")
            || of.function.env.open.is_some();
    let zip = of.function.package.kind == PackageType::Zip;
    let managed = of.function.concurrency.one().is_some_and(|&requests| requests > 1);
    let listens = program.facts::<ServerStart>().iter().find(|server| !server.keeps_open);
    if let (Some(server), true, true, false, false) =
        (listens, program.handlers.iter().all(|handler| handler.served), zip, adapted, managed)
        && !has_layers(of)
    {
        let text = format!("listens with `{}`, and nothing hands it the events of Lambda", server.path);
        let mut item = Item::new(Row::Stateful, Class::Code, Strength::Contradiction, text, server.site.span);
        item.confidence = server.site.confidence;
        fit.items.push(item.belongs_to("`lambda_http::run(app)`, the Lambda Web Adapter, or a container"));
    }
}

/// Whether something is laid under the function that may adapt it.
fn has_layers(of: &Subject<'_>) -> bool {
    of.function.aws().is_none_or(|lambda| lambda.layered)
}

/// State that belongs to somebody whom events name.
fn state(of: &Subject<'_>, program: &Program, fit: &mut Fit) {
    let websocket = of.project.deploy.triggers_of(of.id).find(|trigger| trigger.kind == TriggerKind::WebSocket);
    let table = first::<SdkCall>(program, |call| call.service == "dynamodb");
    if let (Some(trigger), Some(call)) = (websocket, table) {
        let text = "keeps what belongs to its connections in a table";
        fit.items.push(Item::supports(Row::Stateful, Class::Code, text, call.site.span).also(Some(trigger.span)));
        broadcasts(of, program, fit);
    }
    for write in program.facts::<StateWrite>().iter().filter(|write| invoked(&write.site)) {
        let (StateKind::Accumulator, true, true, Some(declared)) =
            (write.kind, write.keyed, write.event_data, write.declared)
        else {
            continue;
        };
        let looked = program.facts::<StateLookup>().iter().find(|look| look.declared == declared);
        let stored = first::<SdkCall>(
            program,
            |call| matches!(sdk_operations().flow(&call.service, &call.operation), Some(flow) if flow != "sync"),
        );
        if let (Some(look), None) = (looked, stored) {
            let text =
                format!("keeps `{}` in memory for whom events name: another environment has its own", write.name);
            let mut item = Item::new(Row::Stateful, Class::Code, Strength::Strong, text, write.site.span);
            item.confidence = write.site.confidence.min(look.site.confidence);
            fit.items.push(
                item.also(Some(look.site.span))
                    .also(Some(declared))
                    .belongs_to("a table, or a server in a container; on Workers a Durable Object"),
            );
            return;
        }
    }
}

/// A message to everybody: the table is read and each connection is posted to.
fn broadcasts(of: &Subject<'_>, program: &Program, fit: &mut Fit) {
    let scan = first::<SdkCall>(program, |call| call.service == "dynamodb" && call.operation == "scan");
    let post = first::<SdkCall>(program, |call| call.operation == "post_to_connection");
    if let (Some(scan), Some(post)) = (scan, post) {
        let timeout = of.function.timeout_s.one().map_or_else(String::new, |seconds| format!(" within {seconds} s"));
        let text = format!("reads the whole table for each message and posts to every connection{timeout}");
        let item = Item::new(Row::Stateful, Class::Code, Strength::Strong, text, post.site.span);
        fit.items.push(
            item.also(Some(scan.site.span))
                .also(of.function.timeout_s.place())
                .cured_by("a query for those concerned, several posts at once (`buffer_unordered`), and time for them"),
        );
    }
}
