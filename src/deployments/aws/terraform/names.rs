//! What names in an expression stand for: what evaluating needs of a whole configuration.

use super::scope::Scope;
use super::value::{ModuleId, ModuleRef, ResourceRef, Val};
use crate::text::Span;

/// Answers for the names of the language. Answers are remembered; a value that needs itself is unknown.
pub(crate) trait Names {
    /// Takes one step of the budget; false when it is used up.
    fn spend(&self) -> bool;

    /// The text of a file named from the root's directory, with its place.
    fn load(&self, reference: &str) -> Option<(Span, String)>;

    /// `path.module`, as it is written from the root's directory.
    fn path_of(&self, module: ModuleId) -> String;

    /// `var.name`.
    fn variable(&self, name: &str, scope: &Scope, span: Span) -> Val;

    /// `local.name`.
    fn local(&self, name: &str, scope: &Scope, span: Span) -> Val;

    /// `module.call.name`, or `module.call[key].name`.
    fn output(&self, call: &ModuleRef, name: &str, scope: &Scope, span: Span) -> Val;

    /// `kind.name.attribute` or `data.kind.name.attribute`.
    fn attribute(&self, reference: &ResourceRef, name: &str, scope: &Scope, span: Span) -> Val;

    /// The instances of a whole resource or module call, for splats.
    fn instances_of(&self, value: &Val, span: Span) -> Option<Vec<Val>>;
}
