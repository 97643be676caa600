//! Roles that several functions share, so that each may do what any of them needs: one finding for each role.

use super::{Check, Sink};
use crate::checks::named;
use crate::finding::{Confidence, Subject};
use crate::knowledge::lambda_policies;
use crate::model::Project;
use crate::model::deployments::{FunctionId, Role, RoleId};
use crate::rule::Params;
use crate::text::Span;
use std::collections::BTreeMap;

pub(super) struct Rule;

/// Functions that are shown.
const MAX_SHOWN: usize = 8;

impl Check for Rule {
    fn project(&self, project: &Project, _: &Params, sink: &mut Sink<'_>) {
        let deploy = &project.deploy;
        let mut sharing: BTreeMap<(Span, RoleId), Vec<FunctionId>> = BTreeMap::new();
        for id in deploy.function_ids() {
            let Some(lambda) = deploy.function(id).aws() else { continue };
            if let Some((role, declared)) = lambda.role.shared.filter(|_| !only_housekeeping(&lambda.role)) {
                sharing.entry((declared, role)).or_default().push(id);
            }
        }
        for ((declared, _), functions) in sharing {
            let [first, second, rest @ ..] = functions.as_slice() else { continue };
            let who = match rest.len() {
                0 => format!("{} and {}", named(project, *first), named(project, *second)),
                more => format!("{}, {} and {more} more", named(project, *first), named(project, *second)),
            };
            sink.enter(Some(Subject::Function(*first)), Confidence::High);
            let message = format!("{who} share one role: each may do what any of them needs");
            let finding = sink.report(declared, "the role they share", message);
            for &id in functions.iter().take(MAX_SHOWN) {
                finding.also(Some(deploy.function_span(id)), "runs with it");
            }
        }
    }
}

/// Whether all that a role allows is what every function needs to run: writing logs and traces, being in a VPC.
fn only_housekeeping(role: &Role) -> bool {
    let known = lambda_policies();
    let harmless = |action: &String| known.is_housekeeping(action);
    role.closed
        && role.statements.iter().all(|statement| {
            let managed = statement.via.as_ref().is_some_and(|name| known.housekeeping.policies.contains(name));
            managed || !statement.actions.is_empty() && statement.actions.iter().all(harmless)
        })
}
