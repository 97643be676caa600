//! Calls that the function's role does not allow.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::Confidence;
use crate::knowledge::sdk_operations;
use crate::model::deployments::{Role, Statement, Target};
use crate::model::source::SdkCall;
use crate::model::{FlowEnd, Project};
use crate::rule::Params;
use std::collections::BTreeSet;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(program), Some(function)) = (unit.program(), unit.lambda()) else { return };
        // A role that may hold more than what is seen allows whatever it likes; so does a policy nobody can read.
        if !function.role.closed || function.role.statements.iter().any(|statement| statement.actions.is_empty()) {
            return;
        }
        let mut told = BTreeSet::new();
        for call in program.facts::<SdkCall>().iter().filter(|call| invoked(&call.site)) {
            let actions = actions(call);
            if actions.is_empty()
                || allowed(&function.role, &actions, target(unit.project, unit, call))
                || !told.insert(actions.clone())
            {
                continue;
            }
            let message = format!(
                "calls `{}`, but no policy of `{}` allows `{}` here: the call fails with AccessDenied",
                call.operation,
                unit.name().unwrap_or_default(),
                actions[0]
            );
            let finding = sink.at(&call.site, "not allowed", message);
            finding.cap(Confidence::Medium).also(
                unit.unit.function().map(|id| unit.project.deploy.function_span(id)),
                "whose role is all there is",
            );
            for statement in function.role.statements.iter().filter(|statement| names(statement, &actions)).take(2) {
                finding.also(Some(statement.span), "allows it on something else");
            }
        }
    }
}

/// The IAM actions of a call; any one of them will do.
fn actions(call: &SdkCall) -> Vec<String> {
    let data = sdk_operations();
    let Some(prefix) = data.iam_prefixes.get(&call.service) else { return Vec::new() };
    match data.iam_actions.get(&call.data_key()) {
        Some(names) => names.iter().map(|name| format!("{prefix}:{name}")).collect(),
        None => {
            let pascal = call.operation.split('_').map(|word| {
                let mut letters = word.chars();
                letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
            });
            vec![format!("{prefix}:{}", pascal.collect::<String>())]
        }
    }
}

/// The resource a call acts on, where the graph knows it.
fn target(project: &Project, unit: UnitRef<'_>, call: &SdkCall) -> Option<Target> {
    let from = FlowEnd::Function(unit.unit.function()?);
    let flow = project.flows.iter().find(|flow| flow.site == call.site.span && flow.from == from)?;
    match &flow.to {
        FlowEnd::Resource(id) => Some(Target::Resource(*id)),
        FlowEnd::Function(id) => Some(Target::Resource(project.deploy.function(*id).resource)),
        FlowEnd::External(_) => None,
    }
}

fn allowed(role: &Role, actions: &[String], target: Option<Target>) -> bool {
    role.statements.iter().filter(|statement| names(statement, actions)).any(|statement| match &target {
        // An ARN that leads to no resource of the project may still be this one.
        Some(target) => {
            statement.resources.iter().any(|known| known == target || matches!(known, Target::External(_)))
                || statement.resources.is_empty()
        }
        None => true,
    })
}

fn names(statement: &Statement, actions: &[String]) -> bool {
    statement
        .actions
        .iter()
        .any(|pattern| actions.iter().any(|action| matches(&pattern.to_lowercase(), &action.to_lowercase())))
}

/// `*` and `?` in an action, as IAM matches them.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => {
            pattern == text
                || (pattern.contains('?')
                    && pattern.len() == text.len()
                    && pattern.bytes().zip(text.bytes()).all(|(p, t)| p == b'?' || p == t))
        }
        Some((head, tail)) => text
            .strip_prefix(head)
            .is_some_and(|rest| (0..=rest.len()).any(|at| rest.is_char_boundary(at) && matches(tail, &rest[at..]))),
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn actions_match_as_in_iam() {
        assert!(matches("dynamodb:*item", "dynamodb:getitem") && matches("*", "s3:getobject"));
        assert!(!matches("dynamodb:put*", "dynamodb:getitem") && !matches("s3:getobject", "s3:getobjectacl"));
    }
}
