//! Modules of CommonJS: what `require` gives, and what `module.exports` says.

use super::machine::Machine;
use super::programs::library;
use super::syntax::Module;
use super::value::{Kind, Map, Scope, Value};
use crate::text::Span;
use std::rc::Rc;

/// The names a module finds bound: its own object, and what that exports.
const OWN: [&str; 2] = ["module", "exports"];

/// Whether a name is one that each module has for itself.
pub(crate) fn is_own(name: &str) -> bool {
    OWN.contains(&name)
}

/// Binds what a module finds bound before it runs.
pub(crate) fn prepare(scope: &Rc<Scope>, module: &Module) {
    let Some(span) = module.body.first().map(|stmt| Span::new(stmt.span.file, 0, 0)) else { return };
    let exports = Value::map(Map::default(), span);
    let own = Map::default().with("exports", span, exports.clone());
    scope.set("module".into(), Value::map(own, span));
    scope.set("exports".into(), exports);
}

impl Machine<'_, '_> {
    /// What `require` gives: what a module of the project exports, or a library.
    pub(crate) fn required(&mut self, from: &str, importer: &str, span: Span) -> Value {
        let app = self.app.clone();
        let file = self.programs.resolve(from, importer, &app);
        let Some(scope) = file.and_then(|file| self.module(&file)) else {
            return Value::library(library(from), span);
        };
        let exports = scope.get("module").and_then(|module| module.property("exports"));
        let empty = |exports: &Value| match &exports.kind {
            Kind::Map(map) => map.borrow().entries.is_empty() && map.borrow().open.is_none(),
            _ => false,
        };
        exports.filter(|exports| !empty(exports)).unwrap_or_else(|| Value::new(Kind::Module(scope), span))
    }
}
