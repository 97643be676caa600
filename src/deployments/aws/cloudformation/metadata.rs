//! `Metadata: {faaslint: {allow: {RULE: REASON}}}` of a template or of one of its resources.

use super::template::{Registry, Template};
use crate::document::tree::NodeId;
use crate::model::deployments::Deploy;
use crate::model::suppression::{Scope, Suppression};
use crate::text::Span;

/// The suppressions that templates hold.
pub(crate) fn suppressions(registry: &Registry, deploy: &mut Deploy) {
    let mut found = Vec::new();
    for template in &registry.templates {
        if let Some(metadata) = template.section("Metadata") {
            allowed(template, metadata, Scope::File(template.doc.file), &mut found);
        }
    }
    for id in registry.ids() {
        let declared = registry.resource(id);
        let template = registry.template(declared.place.template);
        let Some(metadata) = template.doc.get(declared.place.node, "Metadata") else { continue };
        let extent = declared.span.to(registry.span(declared.place));
        let scope = match deploy.function_of(id) {
            Some(function) => Scope::Function(function, extent),
            None => Scope::Within(extent),
        };
        allowed(template, metadata, scope, &mut found);
    }
    deploy.suppressions = found;
}

fn allowed(template: &Template, metadata: NodeId, scope: Scope, into: &mut Vec<Suppression>) {
    let doc = &template.doc;
    let Some(entry) = doc.entry(metadata, "faaslint") else { return };
    let suppression = |rules: Vec<String>, reason: &str, span: Span, problem: Option<&str>| Suppression {
        rules,
        reason: reason.trim().to_owned(),
        span,
        scope: scope.clone(),
        problem: problem.map(str::to_owned),
    };
    let Some(allow) = doc.get(entry.value, "allow") else {
        let problem = "only `allow: {rule: reason}` is understood";
        into.push(suppression(Vec::new(), "", entry.key_span, Some(problem)));
        return;
    };
    for rule in doc.entries(allow) {
        let reason = doc.text(rule.value).unwrap_or("");
        into.push(suppression(vec![rule.key.clone()], reason, rule.key_span, None));
    }
    // A list names rules without reasons.
    for &item in doc.items(allow) {
        if let Some(rule) = doc.text(item) {
            into.push(suppression(vec![rule.to_owned()], "", doc.span(item), None));
        }
    }
}
