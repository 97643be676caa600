//! What a drawing is made from, and what findings colour in it.

use crate::finding::{Finding, Severity, Subject};
use crate::model::Project;
use crate::model::application::graph::{Edge, Graph, Node, NodeId, Pattern};
use crate::report::clean::clean;

/// What a drawing is made from.
pub struct Drawing<'a> {
    /// The project the graph belongs to.
    pub project: &'a Project,
    /// The graph, or the part of it to draw.
    pub graph: &'a Graph,
    /// Findings that colour what they touch; empty for none.
    pub findings: &'a [Finding],
}

impl Drawing<'_> {
    /// A pattern in a line: its name, its centre, what it lacks.
    pub(super) fn describe(&self, pattern: &Pattern) -> String {
        let centre = pattern.nodes.first().map_or("", |&node| self.graph.nodes[node].label.as_str());
        let lacks =
            if pattern.missing.is_empty() { String::new() } else { format!(": {}", pattern.missing.join("; ")) };
        clean(&format!("{} at {centre}{lacks}", pattern.name))
    }

    /// The worst severity of findings about a node.
    pub(super) fn of_node(&self, node: &Node) -> Option<Severity> {
        let named = |finding: &&Finding| match &node.id {
            NodeId::Function(id) => finding.subject == Some(Subject::Function(*id)),
            NodeId::Resource(id) => match finding.subject {
                Some(Subject::Resource(about)) => about == *id,
                Some(Subject::Machine(about)) => self.project.deploy.machine(about).resource == Some(*id),
                _ => node.span.is_some_and(|span| finding.primary.span == span),
            },
            NodeId::Api(..) | NodeId::Source(..) | NodeId::Local(..) | NodeId::Named(_) => false,
        };
        self.findings.iter().filter(named).map(|finding| finding.severity).max()
    }

    /// The worst severity of findings about an edge: those that point at what makes it.
    pub(super) fn of_edge(&self, edge: &Edge) -> Option<Severity> {
        let touches = |finding: &&Finding| finding.primary.span == edge.span;
        self.findings.iter().filter(touches).map(|finding| finding.severity).max()
    }
}
