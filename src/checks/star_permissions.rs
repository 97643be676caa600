//! Roles of functions that may do everything, or everything of a service: one finding for each statement.

use super::support::grouped::listed;
use super::{Check, Sink};
use crate::finding::{Confidence, Subject};
use crate::knowledge::lambda_policies;
use crate::model::Project;
use crate::model::deployments::Statement;
use crate::rule::Params;
use std::collections::BTreeSet;

pub(super) struct Rule;

impl Check for Rule {
    fn project(&self, project: &Project, _: &Params, sink: &mut Sink<'_>) {
        let deploy = &project.deploy;
        let mut seen = BTreeSet::new();
        for id in deploy.function_ids() {
            let Some(lambda) = deploy.function(id).aws() else { continue };
            // What functions share is said once.
            if lambda.role.shared.is_some_and(|shared| !seen.insert(shared)) {
                continue;
            }
            for statement in &lambda.role.statements {
                let Some(what) = everything(statement) else { continue };
                sink.enter(Some(Subject::Function(id)), Confidence::High);
                let message = format!("the role of `{}` allows {what}", deploy.function_label(id));
                sink.report(statement.span, "granted here", message);
            }
        }
    }
}

/// What a statement allows without naming it: of services whose actions do more than keep a function running.
fn everything(statement: &Statement) -> Option<String> {
    let known = lambda_policies();
    if let Some(policy) = &statement.via {
        let service = known.full_access.get(policy)?;
        return Some(format!("{}, by `{policy}`", every(&[service])));
    }
    let wide = statement.actions.iter().filter(|action| is_everything(action) && !known.is_housekeeping(action));
    let services: Vec<&str> = wide.map(|action| action.split_once(':').map_or("*", |(service, _)| service)).collect();
    (!services.is_empty()).then(|| every(&services))
}

fn every(services: &[&str]) -> String {
    if services.contains(&"*") {
        return "every action of every service".to_owned();
    }
    let names: Vec<String> = services.iter().map(|service| format!("`{service}`")).collect();
    format!("every action of {}", listed(&names))
}

fn is_everything(action: &str) -> bool {
    action == "*" || action.split_once(':').is_some_and(|(_, name)| name == "*")
}
