//! Handlers that stream their response to a URL that collects it, and URLs that stream of handlers that do not.

use super::{Check, Sink, UnitRef};
use crate::finding::Confidence;
use crate::knowledge::{Meaning, lexicon};
use crate::model::Verdict;
use crate::model::application::graph::{EdgeKind, NodeId};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(id), Some(lambda), Some(program)) = (unit.unit.function(), unit.lambda(), unit.program()) else {
            return;
        };
        let (Some(url), [handler]) = (&lambda.url, program.handlers.as_slice()) else { return };
        // The adapter has a setting of its own for it.
        if lambda.web_adapter.is_some() || handler.served {
            return;
        }
        let streams = lexicon().means(&handler.entry, Meaning::Streams);
        // Other runtimes stream where the response is a stream; this one never does.
        let buffers = !streams && lexicon().means(&handler.event, Meaning::IsEvent);
        let mode = &url.invoke_mode;
        let name = unit.name().unwrap_or_default();
        let place = mode.key.and(mode.place()).unwrap_or(url.span);
        let (message, note) = if streams && mode.value.holds(|mode| mode == "BUFFERED") == Verdict::Yes {
            // Another way in may stream: a route that says so, a caller that asks for it.
            let graph = &unit.project.graph;
            let node = graph.nodes.iter().position(|node| node.id == NodeId::Function(id));
            let called = graph.edges.iter().any(|edge| Some(edge.to) == node && edge.kind == EdgeKind::Call);
            let routes = unit.triggers().filter_map(|trigger| trigger.route());
            if called || routes.into_iter().any(|route| route.streaming.one() != Some(&false)) {
                return;
            }
            let origin = mode.origin.describe();
            let message = format!(
                "`{name}` sends its response as a stream, but its URL is BUFFERED, {origin}: the caller gets nothing \
                 before the response is complete, and what the runtime writes before it is not read as its head"
            );
            (message, "BUFFERED")
        } else if buffers && mode.value.holds(|mode| mode == "RESPONSE_STREAM") == Verdict::Yes {
            let message = format!(
                "the URL of `{name}` streams, but its runtime is started by `{}`, which sends the response when it is \
                 complete",
                handler.entry
            );
            (message, "RESPONSE_STREAM")
        } else {
            return;
        };
        let finding = sink.report(place, note, message);
        finding.confidence = finding.confidence.min(Confidence::High);
        finding.also(Some(handler.span), "started here");
        finding.also(Some(url.span), "the URL");
    }
}
