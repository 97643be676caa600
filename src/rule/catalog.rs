//! The rules that ship with the program, and the reader for rules users bring.

use super::RuleSpec;

/// Why a rule file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct SpecError {
    /// What is wrong.
    pub reason: String,
    /// 1-based line and column, where the parser knows them.
    pub at: Option<(u32, u32)>,
}

macro_rules! catalog {
    ($($id:literal),+ $(,)?) => {
        const CATALOG: &[(&str, &str)] = &[
            $(($id, include_str!(concat!("../../rules/", $id, ".yaml")))),+
        ];
    };
}

catalog![
    "architecture-mismatch",
    "async-invocation-without-failure-destination",
    "batch-failure-swallowed",
    "blocking-call-in-async-handler",
    "client-constructed-per-invocation",
    "client-timeout-exceeds-function-timeout",
    "connection-pool-oversized",
    "deployment-package-too-large",
    "duplicate-heavy-crate-versions",
    "dynamodb-scan-in-handler",
    "eager-init-of-conditional-resource",
    "event-payload-logged",
    "event-type-trigger-mismatch",
    "expensive-value-built-per-invocation",
    "fifo-partial-batch-ordering",
    "function-orchestrates-saga",
    "function-timeout-at-platform-maximum",
    "function-timeout-exceeds-integration-timeout",
    "function-timeout-not-configured",
    "guard-held-across-await",
    "heavy-dependency",
    "http-api-payload-version-mismatch",
    "iam-permission-missing-for-call",
    "managed-instance-without-concurrent-runtime",
    "missing-event-filter",
    "missing-idempotency-guard",
    "monolithic-function",
    "n-plus-one-remote-calls",
    "only-first-record-processed",
    "overly-broad-event-pattern",
    "panic-in-handler",
    "partial-batch-response-not-enabled",
    "partial-batch-response-not-returned",
    "partial-failure-response-ignored",
    "process-exit-in-handler",
    "provisioned-concurrency-misconfigured",
    "provisioned-concurrency-not-justified",
    "queue-visibility-timeout-too-short",
    "queue-without-dead-letter-queue",
    "recursive-trigger-loop",
    "remote-call-without-timeout",
    "s3-object-key-not-decoded",
    "saga-step-without-compensation",
    "secret-fetched-per-invocation",
    "sequential-independent-awaits",
    "shared-mutable-state",
    "spawned-task-outlives-invocation",
    "state-machine-callback-without-timeout",
    "state-machine-task-without-error-handling",
    "stream-without-failure-destination",
    "subscriber-init-per-invocation",
    "suppression-without-reason",
    "synchronous-call-chain",
    "synchronous-lambda-invocation",
    "temporary-file-not-cleaned",
    "unbounded-fan-out",
    "unbounded-retry-loop",
    "undefined-env-var",
    "unoptimized-function-build",
    "unpaginated-list-result",
    "unstructured-logging",
    "unused-default-features",
    "unused-suppression",
    "vpc-function-without-egress",
    "waiting-inside-function",
    "write-outside-tmp",
];

/// Every rule that ships with the program, sorted by id.
///
/// # Panics
/// If an embedded rule file is broken; a test reads them all.
pub fn embedded() -> Vec<RuleSpec> {
    CATALOG
        .iter()
        .map(|(id, text)| match parse(id, text) {
            Ok(spec) => spec,
            Err(error) => panic!("rules/{id}.yaml: {error}"),
        })
        .collect()
}

/// Reads a rule file; `stem` is its file name without extension.
///
/// # Errors
/// If it is not valid YAML, says something no rule file may say, or contradicts itself.
pub fn parse(stem: &str, text: &str) -> Result<RuleSpec, SpecError> {
    let spec: RuleSpec = serde_yaml::from_str(text).map_err(|error| SpecError {
        at: error.location().map(|at| (at.line() as u32, at.column() as u32)),
        reason: error.to_string(),
    })?;
    let fail = |reason: String| Err(SpecError { reason, at: None });
    if spec.id != stem {
        return fail(format!("the id is `{}` but the file is named `{stem}`", spec.id));
    }
    match (&spec.matches, &spec.report, &spec.builtin) {
        (Some(_), Some(_), None) | (None, None, Some(_)) => Ok(spec),
        _ => fail("a rule has either `match` and `report`, or `builtin`".to_owned()),
    }
}
