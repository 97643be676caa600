//! Deployment configs of every dialect into one model. Found by content, not by file name.

pub(crate) mod aws;
mod choices;
pub(crate) mod dialect;
pub(crate) mod evaluated;
mod unread;

pub use self::choices::Choices;

use self::aws::cloudformation::Translated;
use self::dialect::{Dialect, Reading};
use crate::knowledge::{self, Platforms};
use crate::model::{Gap, Project};
use crate::text::path;
use crate::tree::Tree;

/// Every dialect that is read, in the order they are asked: synthesised templates are among CloudFormation's, and a
/// service of the Serverless Framework takes the files it includes away from it.
const DIALECTS: &[&dyn Dialect] = &[
    &aws::cloudformation::CloudFormation,
    &aws::cdk::Cdk,
    &aws::terraform::Terraform,
    &aws::serverless::ServerlessFramework,
    &aws::cargo_lambda::CargoLambda,
];

/// Reads every config under the root into `project.deploy`.
pub fn read(tree: &dyn Tree, limits: &Platforms, choices: &Choices, project: &mut Project) {
    unread::note(tree, project);
    let mut reading = Reading { tree, choices, project, templates: Vec::new(), left: evaluated::MAX_MADE };
    for dialect in DIALECTS {
        debug_assert!(dialect.ids().iter().all(|id| knowledge::dialect(id.0).is_some()));
        dialect.read(&mut reading);
    }
    let Reading { mut templates, project, .. } = reading;
    choose(&mut templates, choices, project);
    let unresolved = {
        let mut files = aws::cloudformation::Files {
            tree,
            sources: &mut project.sources,
            documents: &mut project.documents,
            states_left: aws::steps::MAX_STATES,
        };
        aws::cloudformation::read(templates, limits, &mut files, &mut project.deploy)
    };
    for (span, reason) in unresolved {
        let gap = Gap::at(&project.sources, span, reason);
        project.gaps.push(gap);
    }
}

/// Keeps the stacks the user chose; a name that fits none is said.
fn choose(templates: &mut Vec<Translated>, choices: &Choices, project: &mut Project) {
    if choices.stacks.is_empty() {
        return;
    }
    let fits = |template: &Translated, name: &str| {
        let name = name.trim_start_matches("./").trim_end_matches('/');
        let file = template.path.rsplit('/').next().unwrap_or(&template.path);
        let stem = file.trim_end_matches(".template.json").trim_end_matches(".nested");
        let dir = path::parent(&template.path);
        template.path == name || stem == name || dir == name || (dir.is_empty() && name == ".")
    };
    for name in &choices.stacks {
        if !templates.iter().any(|template| fits(template, name)) {
            let known: Vec<&str> = templates.iter().map(|template| template.path.as_str()).take(10).collect();
            let reason = format!("no stack is called `{name}`; there are: {}", known.join(", "));
            project.gaps.push(Gap::file(".", reason));
        }
    }
    templates.retain(|template| choices.stacks.iter().any(|name| fits(template, name)));
}

#[cfg(test)]
mod tests {
    use super::DIALECTS;
    use crate::knowledge::dialects;
    use std::collections::BTreeSet;

    #[test]
    fn every_reader_has_its_data_and_all_data_a_reader() {
        let read: BTreeSet<&str> = DIALECTS.iter().flat_map(|dialect| dialect.ids()).map(|id| id.0).collect();
        let known: BTreeSet<&str> = dialects().map(|(id, _)| id).collect();
        assert_eq!(read, known);
        assert!(dialects().all(|(_, dialect)| !dialect.name.is_empty()));
    }
}
