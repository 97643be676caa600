//! Spec and model to findings. Checks are pure and infallible; they cannot choose their own id.

pub(crate) mod support;

pub use self::support::sink::Sink;

use crate::finding::{Confidence, Finding, Subject};
use crate::model::crates::artifact::Artifact;
use crate::model::deployments::{Function, FunctionId, Lambda};
use crate::model::source::Program;
use crate::model::{Evidence, Platform, Project, Setting, Unit, Verdict};
use crate::rule::{Params, RuleSpec};
use crate::text::Span;
use std::collections::HashMap;

/// A unit with what is known of both sides.
#[derive(Clone, Copy)]
pub struct UnitRef<'p> {
    /// The whole project.
    pub project: &'p Project,
    /// The unit.
    pub unit: &'p Unit,
}

impl<'p> UnitRef<'p> {
    /// The deployed function.
    pub fn function(&self) -> Option<&'p Function> {
        self.unit.function().map(|id| self.project.deploy.function(id))
    }

    /// What the deployed function has as a Lambda function.
    pub fn lambda(&self) -> Option<&'p Lambda> {
        self.function()?.aws()
    }

    /// What the binary does, if its source was read, whether or not a handler was found in it.
    pub fn code(&self) -> Option<&'p Program> {
        self.project.program(self.unit.target()?)
    }

    /// What the binary does as a function: of a platform the rule is for, as the engine hands out no others.
    pub fn program(&self) -> Option<&'p Program> {
        self.code().filter(|program| program.platform().is_some())
    }

    /// The name the function is known by.
    pub fn name(&self) -> Option<&'p str> {
        self.unit.function().map(|id| self.project.deploy.function_name(id))
    }

    /// What a finding about it concerns: the deployed function, else the binary.
    pub fn subject(&self) -> Option<Subject> {
        self.unit.function().map(Subject::Function).or(self.unit.target().map(Subject::Binary))
    }

    /// The most a finding that rests on the join may claim.
    pub fn ceiling(&self) -> Confidence {
        self.unit.evidence().map_or(Confidence::High, Evidence::ceiling)
    }

    /// The platform: the one the code is written for, else the one the function is deployed to.
    pub fn platform(&self) -> Option<Platform> {
        self.code().and_then(Program::platform).or(self.function().map(|function| function.platform))
    }

    /// What a build for deployment left of the binary.
    pub fn artifact(&self) -> Option<&'p Artifact> {
        self.project.artifact(self.unit.target()?).filter(|artifact| !artifact.is_debug)
    }

    /// Settings of provisioned concurrency that are certainly for the function.
    pub fn provisioned(&self) -> Vec<&'p Setting<i64>> {
        let settings = self.unit.function().into_iter().flat_map(|id| self.project.deploy.provisioned(id));
        settings.filter(|setting| setting.value.is_set() == Verdict::Yes).collect()
    }
}

/// A built-in rule: overrides the one method that fits what it looks at.
pub trait Check: Send + Sync {
    /// One deployed function or binary.
    fn unit(&self, _unit: UnitRef<'_>, _params: &Params, _sink: &mut Sink<'_>) {}

    /// The whole project.
    fn project(&self, _project: &Project, _params: &Params, _sink: &mut Sink<'_>) {}
}

macro_rules! builtins {
    ($($name:ident),+ $(,)?) => {
        $(mod $name;)+

        /// Names of all built-in checks.
        pub const BUILTINS: &[&str] = &[$(stringify!($name)),+];

        fn builtin(name: &str) -> Option<&'static dyn Check> {
            match name {
                $(stringify!($name) => Some(&$name::Rule),)+
                _ => None,
            }
        }
    };
}

builtins![
    architecture_mismatch,
    batch_failure_swallowed,
    blocking_call_in_async_handler,
    client_constructed_per_invocation,
    client_timeout_exceeds_function_timeout,
    connection_pool_oversized,
    deployment_package_too_large,
    duplicate_heavy_crate_versions,
    dynamodb_scan_in_handler,
    eager_init_of_conditional_resource,
    event_payload_logged,
    event_type_trigger_mismatch,
    expensive_value_built_per_invocation,
    fifo_partial_batch_ordering,
    function_orchestrates_saga,
    function_timeout_exceeds_integration_timeout,
    guard_held_across_await,
    heavy_dependency,
    http_api_payload_version_mismatch,
    iam_permission_missing_for_call,
    managed_instance_without_concurrent_runtime,
    missing_event_filter,
    missing_idempotency_guard,
    monolithic_function,
    n_plus_one_remote_calls,
    only_first_record_processed,
    overly_broad_event_pattern,
    panic_in_handler,
    partial_failure_response_ignored,
    process_exit_in_handler,
    provisioned_concurrency_misconfigured,
    provisioned_concurrency_not_justified,
    queue_visibility_timeout_too_short,
    recursive_trigger_loop,
    remote_call_without_timeout,
    s3_object_key_not_decoded,
    saga_step_without_compensation,
    secret_fetched_per_invocation,
    sequential_independent_awaits,
    shared_mutable_state,
    spawned_task_outlives_invocation,
    state_machine_callback_without_timeout,
    state_machine_task_without_error_handling,
    subscriber_init_per_invocation,
    suppression_without_reason,
    synchronous_call_chain,
    synchronous_lambda_invocation,
    temporary_file_not_cleaned,
    unbounded_fan_out,
    unbounded_retry_loop,
    undefined_env_var,
    unoptimized_function_build,
    unpaginated_list_result,
    unstructured_logging,
    unused_default_features,
    unused_suppression,
    vpc_function_without_egress,
    waiting_inside_function,
    write_outside_tmp,
];

/// Whether a rule file names checks and facts that exist; the error says which does not.
///
/// # Errors
/// The name that does not exist, with the ones that do.
pub fn validate(spec: &RuleSpec) -> Result<(), String> {
    if let Some(name) = &spec.builtin {
        return match builtin(name) {
            Some(_) => Ok(()),
            None => Err(format!("there is no built-in check `{name}`; there are: {}", BUILTINS.join(", "))),
        };
    }
    support::predicate::validate(spec)
}

/// Runs one rule over a project.
pub fn run(spec: &RuleSpec, params: &Params, project: &Project) -> Vec<Finding> {
    let mut sink = Sink::new(spec);
    match spec.builtin.as_deref().and_then(builtin) {
        Some(check) => {
            for unit in &project.units {
                let unit = UnitRef { project, unit };
                let applies =
                    unit.platform().is_none_or(|platform| spec.platforms.iter().any(|known| known == platform.id()));
                if applies {
                    sink.enter(unit.subject(), unit.ceiling());
                    check.unit(unit, params, &mut sink);
                }
            }
            sink.enter(None, Confidence::High);
            check.project(project, params, &mut sink);
        }
        None => support::predicate::run(spec, params, project, &mut sink),
    }
    merge(project, sink.finish())
}

/// Shared code is reached from several functions, and a line of `Globals` belongs to all: one finding for
/// each place, the worst of them, naming the other functions.
fn merge(project: &Project, findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<(Finding, Vec<Subject>)> = Vec::new();
    let mut seen: HashMap<Span, usize> = HashMap::new();
    for mut finding in findings {
        let Some(&at) = seen.get(&finding.primary.span) else {
            seen.insert(finding.primary.span, kept.len());
            kept.push((finding, Vec::new()));
            continue;
        };
        let (first, others) = &mut kept[at];
        if (finding.severity, finding.confidence) > (first.severity, first.confidence) {
            std::mem::swap(first, &mut finding);
        }
        others.extend(finding.subject.filter(|other| first.subject != Some(*other) && !others.contains(other)));
    }
    kept.into_iter()
        .map(|(mut finding, mut others)| {
            others.retain(|other| finding.subject != Some(*other));
            if let [first, rest @ ..] = others.as_slice() {
                let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
                finding.message.push_str(&format!("; the same holds for `{}`{more}", project.label(*first)));
            }
            finding
        })
        .collect()
}

/// Megabytes, for messages.
pub(crate) fn mb(bytes: i64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// The function of an id, with its name, for messages.
pub(crate) fn named(project: &Project, id: FunctionId) -> String {
    format!("`{}`", project.deploy.function_label(id))
}
