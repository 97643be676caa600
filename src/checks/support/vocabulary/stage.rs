//! Facts of a stage of an API.

use super::fact::Fact;
use super::row::{About, Find, Row};
use crate::model::deployments::{Stage, StageKind, Target};

/// A stage of a project.
pub(crate) struct OfStage<'p> {
    pub(crate) stage: &'p Stage,
}

/// Stages as a subject.
pub(crate) enum Stages {}

impl About for Stages {
    type Of<'p> = OfStage<'p>;
}

/// Kinds of API, as rules name them.
const KINDS: &[&str] = &[StageKind::Rest.word(), StageKind::Http.word(), StageKind::WebSocket.word()];

pub(crate) static ROWS: &[Row<Stages>] = &[
    Row {
        name: "stage",
        doc: "Its name, or that of the API which makes it.",
        find: Find::Text(|of| Fact::value(of.stage.name.clone()).at(Some(of.stage.span), "the stage")),
    },
    Row {
        name: "stage.api-kind",
        doc: "The kind of its API.",
        find: Find::Word(KINDS, |of| Fact::value(of.stage.kind.word())),
    },
    Row {
        name: "stage.is-private",
        doc: "Whether only a VPC reaches it.",
        find: Find::Truth(|of| Fact::known(&of.stage.private, |&private| private)),
    },
    Row {
        name: "stage.access-log",
        doc: "Where its access log goes.",
        find: Find::Text(|of| {
            Fact::setting(&of.stage.access_log, "access log", |target| match target {
                Target::Resource(_) => "a log group of the project".to_owned(),
                Target::External(symbol) => symbol.clone(),
            })
        }),
    },
    Row {
        name: "stage.access-log-is-json",
        doc: "Whether an entry of its access log is JSON once its variables are filled in.",
        find: Find::Truth(|of| Fact::setting(&of.stage.log_format, "format", |format| is_json(format))),
    },
    Row {
        name: "stage.throttled",
        doc: "Whether every route has a limit of its rate and of its bursts.",
        find: Find::Truth(|of| Fact::setting(&of.stage.throttled, "limits", |&both| both)),
    },
];

/// Whether a format is JSON with `$context.…` for values, quoted or not (API Gateway developer guide, variables for
/// access logging).
fn is_json(format: &str) -> bool {
    let format = format.trim();
    let unquoted = |quote: char| format.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    let format = unquoted('\'').or_else(|| unquoted('"')).unwrap_or(format);
    let mut plain = String::with_capacity(format.len());
    let mut rest = format;
    while let Some((before, after)) = rest.split_once("$context.") {
        plain.push_str(before);
        plain.push('0');
        rest = after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    }
    plain.push_str(rest);
    serde_json::from_str::<serde_json::Value>(&plain).is_ok_and(|value| value.is_object())
}

#[cfg(test)]
mod tests {
    use super::is_json;

    #[test]
    fn json_is_told_whether_its_variables_are_quoted_or_not() {
        assert!(is_json(r#"{"id": "$context.requestId", "latency": $context.integration.latency}"#));
        assert!(is_json("'{\"id\":\"$context.requestId\"}'"));
        assert!(is_json("{\"id\":\"$context.requestId\"}\n"));
        assert!(!is_json("$context.requestId"));
        assert!(!is_json("requestId=$context.requestId"));
        assert!(!is_json("<request id=\"$context.requestId\"/>"));
        assert!(!is_json(&"[".repeat(100_000)));
    }
}
