//! The Lambda Web Adapter in the configuration of a function: its layer, its variables, its wrapper.

use super::eval::Value;
use super::setting::{Found, Properties};
use super::template::Place;
use crate::knowledge::WebAdapter;
use crate::model::Known;
use crate::model::deployments::{Environment, Text};
use crate::text::Span;

/// The variable that names a script to start the runtime with.
const EXEC_WRAPPER: &str = "AWS_LAMBDA_EXEC_WRAPPER";

/// What shows that a function has the adapter.
pub(super) fn read(properties: &Properties<'_>, env: &Environment, known: &WebAdapter) -> Option<Span> {
    layer(properties, known).or_else(|| variable(env, known))
}

/// SAM adds the layers of a function to those of its `Globals`.
fn layer(properties: &Properties<'_>, known: &WebAdapter) -> Option<Span> {
    [properties.start, properties.globals].into_iter().find_map(|start| {
        let scope = Properties { start, globals: None, ..*properties };
        let Found::At { place, .. } = scope.find(&["Layers"]) else { return None };
        let mut items = scope.registry.items(place);
        items.find(|&item| names_layer(&scope, item, known)).map(|item| scope.registry.span(item))
    })
}

/// Whether a layer is the adapter's: `arn:…:layer:NAME:VERSION`, whatever stands for the region.
fn names_layer(scope: &Properties<'_>, item: Place, known: &WebAdapter) -> bool {
    scope.registry.pieces(item).iter().any(|piece| match piece {
        Value::Text { text: Text::Literal(text) | Text::Template(text, _), .. } => {
            text.split(':').any(|part| known.layers.iter().any(|layer| layer == part))
        }
        _ => false,
    })
}

fn variable(env: &Environment, known: &WebAdapter) -> Option<Span> {
    env.vars.iter().find_map(|(name, variable)| {
        let wraps = || match &variable.value {
            Known::Is(text) => matches!(&text.value, Text::Literal(text) if *text == known.wrapper),
            _ => false,
        };
        (name.starts_with(&known.variables) || name == EXEC_WRAPPER && wraps()).then_some(variable.key)
    })
}
