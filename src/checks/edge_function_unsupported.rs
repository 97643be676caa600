//! Functions that a CloudFront distribution is to run at its edge, with settings that Lambda@Edge refuses.

use super::{Check, Sink};
use crate::finding::Subject;
use crate::knowledge::{dialect, platforms};
use crate::model::deployments::{EdgeAssociation, PackageType};
use crate::model::{Project, Verdict};
use crate::rule::Params;
use crate::text::Span;

pub(super) struct Rule;

impl Check for Rule {
    fn project(&self, project: &Project, _: &Params, sink: &mut Sink<'_>) {
        for association in &project.deploy.edges {
            let reasons = reasons(project, association);
            if reasons.is_empty() {
                continue;
            }
            let name = project.deploy.function_label(association.function);
            let words: Vec<&str> = reasons.iter().map(|(words, _)| words.as_str()).collect();
            let message = format!(
                "CloudFront is to run `{name}` at its edge, but it has {}: the deployment is refused",
                words.join(", ")
            );
            let finding = sink.report(association.span, "the association", message);
            finding.subject = Some(Subject::Function(association.function));
            for (words, place) in &reasons {
                finding.also(*place, words.clone());
            }
            finding.also(Some(project.deploy.function_span(association.function)), "the function");
        }
    }
}

/// What of a function is not supported, with the places.
fn reasons(project: &Project, association: &EdgeAssociation) -> Vec<(String, Option<Span>)> {
    let deploy = &project.deploy;
    let function = deploy.function(association.function);
    let edge = &platforms().aws_lambda.edge;
    let mut found = Vec::new();
    let runtime = &function.runtime;
    let foreign = |name: &String| !edge.runtimes.iter().any(|known| name.starts_with(known.as_str()));
    if function.package.kind == PackageType::Image {
        found.push(("a container image".to_owned(), Some(deploy.function_span(association.function))));
    } else if runtime.value.holds(foreign) == Verdict::Yes {
        let name = runtime.one().map_or("another runtime", String::as_str);
        found.push((format!("the runtime {name}"), runtime.place()));
    }
    let architecture = &function.architecture;
    if architecture.value.holds(|name| name == "arm64") == Verdict::Yes {
        found.push(("the architecture arm64".to_owned(), architecture.place()));
    }
    // Some tools leave out what the edge does not take.
    if dialect(deploy.dialect_of(function.resource).0).is_some_and(|dialect| dialect.adapts_to_the_edge) {
        return found;
    }
    if let Some(variable) = function.env.vars.values().next() {
        found.push(("environment variables".to_owned(), function.env.span.or(Some(variable.key))));
    }
    let Some(lambda) = function.aws() else { return found };
    if let Some(vpc) = &lambda.vpc {
        found.push(("a VPC".to_owned(), Some(vpc.span)));
    }
    if lambda.layered {
        found.push(("layers".to_owned(), None));
    }
    if lambda.async_config.dead_letter.value.is_set() == Verdict::Yes {
        found.push(("a dead-letter queue".to_owned(), lambda.async_config.dead_letter.place()));
    }
    let viewer = association.event.one().is_some_and(|event| event.starts_with(edge.viewer_events.as_str()));
    let most = if viewer { edge.viewer_timeout_s } else { edge.origin_timeout_s };
    if association.event.one().is_some() && function.timeout_s.value.holds(|&seconds| seconds > most) == Verdict::Yes {
        found.push((format!("a timeout of more than {most} s"), function.timeout_s.place()));
    }
    if association.unversioned == Verdict::Yes {
        found.push(("no version in the association".to_owned(), Some(association.span)));
    }
    found
}
