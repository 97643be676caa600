//! Functions of which Terraform does not learn that their code has changed, one finding for each root.

use super::support::writes::Owner;
use super::{Check, Sink};
use crate::finding::{Subject, Value};
use crate::model::Project;
use crate::model::deployments::{CodeHash, FunctionId};
use crate::rule::Params;
use crate::text::Span;
use std::collections::BTreeMap;

pub(super) struct Rule;

impl Check for Rule {
    fn project(&self, project: &Project, _: &Params, sink: &mut Sink<'_>) {
        let deploy = &project.deploy;
        let mut roots: BTreeMap<u32, Vec<(Span, FunctionId)>> = BTreeMap::new();
        for id in deploy.function_ids() {
            let function = deploy.function(id);
            let stack = deploy.resource(function.resource).stack;
            match &function.package.hash {
                CodeHash::ByTool => {}
                CodeHash::Absent => {
                    let Some(place) = function.package.path.place() else { continue };
                    roots.entry(stack.0).or_default().push((place, id));
                }
                CodeHash::OfOther(place, other) => {
                    let message = format!(
                        "`{}` is deployed when `{other}` changes, which is another archive than its own",
                        deploy.function_label(id)
                    );
                    let finding = sink.report(*place, "hash of another file", message);
                    finding.also(function.package.path.place(), "what is deployed");
                    finding.subject = Some(Subject::Function(id));
                }
            }
        }
        for functions in roots.into_values() {
            let Some(&(place, first)) = functions.first() else { continue };
            let others: Vec<Span> = functions.iter().map(|(place, _)| *place).filter(|other| *other != place).collect();
            let name = deploy.function_label(first);
            let who = match others.len() {
                0 => format!("Terraform compares the path of the code of `{name}` only"),
                more => format!("Terraform compares the paths of the code of `{name}` and {more} more only"),
            };
            let message = format!("{who}, not what is in the file: a binary that was built again is not deployed");
            let finding = sink.report(place, "no `source_code_hash` beside it", message);
            finding.subject = Some(Subject::Function(first));
            finding.cap(deploy.function(first).package.path.origin.ceiling());
            finding.places(others, "nor here");
            let written = |&(_, id): &(Span, FunctionId)| {
                let path = &deploy.function(id).package.path;
                let text = project.sources.slice(path.place()?);
                let (_, value) = text.split_once('=')?;
                let hash = Value::Verbatim(format!("filebase64sha256({})", value.trim()));
                Owner::function(project, id).set("CodeSha256", hash)
            };
            finding.fix("Give the hash of the file", true, functions.iter().take(1).map(written));
        }
    }
}
