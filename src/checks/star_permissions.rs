//! Roles of functions that may do everything, or everything of a service: one finding for each statement.

use super::{Check, Sink};
use crate::finding::{Confidence, Subject};
use crate::model::Project;
use crate::model::deployments::Statement;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn project(&self, project: &Project, _: &Params, sink: &mut Sink<'_>) {
        let deploy = &project.deploy;
        for id in deploy.function_ids() {
            let Some(lambda) = deploy.function(id).aws() else { continue };
            for statement in &lambda.role.statements {
                let Some(what) = everything(statement) else { continue };
                sink.enter(Some(Subject::Function(id)), Confidence::High);
                let message = format!("the role of `{}` allows {what}", deploy.function_label(id));
                sink.report(statement.span, "granted here", message);
            }
        }
    }
}

/// What a statement allows without naming it.
fn everything(statement: &Statement) -> Option<String> {
    let action = statement.actions.iter().find(|action| is_everything(action))?;
    let what = match action.split_once(':') {
        Some((service, _)) => format!("every action of `{service}`"),
        None => "every action of every service".to_owned(),
    };
    Some(match &statement.via {
        None => what,
        Some(policy) => format!("{what}, by `{policy}`"),
    })
}

fn is_everything(action: &str) -> bool {
    action == "*" || action.split_once(':').is_some_and(|(_, name)| name == "*")
}
