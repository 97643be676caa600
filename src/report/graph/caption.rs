//! What a node of a drawing is called: the name people use, with what it is and where its kind is in doubt. The whole
//! address is for tooltips.

use super::drawing::Drawing;
use crate::model::Known;
use crate::model::application::graph::{Node, NodeId};
use crate::report::clean::clean;

/// Names that modules give to the one resource they are for.
const SAYS_NOTHING: [&str; 6] = ["this", "main", "default", "function", "lambda", "lambda_function"];

/// Two lines: what a node is called, and what it is.
pub(super) struct Caption {
    pub(super) name: String,
    pub(super) about: String,
}

impl Caption {
    pub(super) fn of(drawing: &Drawing<'_>, node: &Node) -> Self {
        let deploy = &drawing.project.deploy;
        let resource = match node.id {
            NodeId::Function(id) => Some(deploy.function(id).resource),
            NodeId::Resource(id) => Some(id),
            _ => None,
        };
        let Some(resource) = resource.map(|id| deploy.resource(id)) else {
            let kind = node.kind.name();
            let (name, about) = match node.id {
                // "schedule of X" stands before X.
                NodeId::Source(..) => {
                    (node.label.split_once(" of ").map_or(node.label.as_str(), |(name, _)| name), None)
                }
                NodeId::Api(..) | NodeId::Local(..) => with_place(&node.label),
                _ => (node.label.as_str(), None),
            };
            let about = about.map_or(kind.to_owned(), |place| format!("{kind} · {}", folder(place)));
            return Self { name: clean(name), about: clean(&about) };
        };
        let plain = resource.logical_id.as_str();
        // An address of Terraform is no name; what the provider calls it is, else what the module or block is called.
        let name = match (&resource.name, address(plain)) {
            (Known::Is(name), Some(_)) if !name.value.contains(['$', '{']) => name.value.clone(),
            (_, Some(name)) => name,
            (_, None) => plain.to_owned(),
        };
        let mut about = node.kind.name().to_owned();
        if let (_, Some(place)) = with_place(&node.label) {
            about = format!("{about} · {}", folder(place));
        }
        Self { name: clean(&name), about: clean(&about) }
    }
}

/// A label without the template it is in, and that.
fn with_place(label: &str) -> (&str, Option<&str>) {
    let parts = label.strip_suffix(')').and_then(|label| label.rsplit_once(" ("));
    parts.map_or((label, None), |(name, place)| (name, Some(place)))
}

/// What distinguishes a template for people: the folder it lies in, or its name at the root.
fn folder(path: &str) -> &str {
    let (folder, _) = path.rsplit_once('/').unwrap_or((path, ""));
    folder.rsplit_once('/').map_or(folder, |(_, last)| last)
}

/// The name in an address of Terraform: `module.orders.aws_lambda_function.this[0]` is `orders`. None if it is none.
fn address(text: &str) -> Option<String> {
    let (path, key) = match text.split_once('[') {
        Some((path, key)) => (path, key.trim_end_matches(']').trim_matches('"')),
        None => (text, ""),
    };
    let parts: Vec<&str> = path.split('.').collect();
    let [modules @ .., kind, name] = parts.as_slice() else { return None };
    if !kind.contains('_') || modules.len() % 2 != 0 || modules.chunks(2).any(|pair| pair[0] != "module") {
        return None;
    }
    let module = modules.last().copied();
    let name = match module {
        Some(module) if SAYS_NOTHING.contains(name) => module.to_owned(),
        Some(module) => format!("{module}.{name}"),
        None => (*name).to_owned(),
    };
    Some(if key.is_empty() || key.bytes().all(|byte| byte.is_ascii_digit()) { name } else { format!("{name} {key}") })
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn addresses_become_names() {
        assert_eq!(address("module.orders.aws_lambda_function.this[0]").as_deref(), Some("orders"));
        assert_eq!(address("aws_lambda_function.resize").as_deref(), Some("resize"));
        assert_eq!(address("module.a.module.b.aws_sqs_queue.dlq").as_deref(), Some("b.dlq"));
        assert_eq!(address("aws_lambda_function.all[\"thumb\"]").as_deref(), Some("all thumb"));
        assert_eq!(address("OrdersFunction"), None);
        assert_eq!(address("Stack.Orders"), None);
    }
}
