//! Suppressions that do not say why the rule does not apply.

use super::{Check, Sink};
use crate::model::Project;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn project(&self, project: &Project, _: &Params, sink: &mut Sink<'_>) {
        let understood = project.suppressions.iter().filter(|suppression| suppression.problem.is_none());
        for suppression in understood.filter(|suppression| suppression.reason.is_empty()) {
            let message = format!("nothing says why `{}` does not apply here", suppression.rules.join("`, `"));
            sink.report(suppression.span, "written here", message);
        }
    }
}
