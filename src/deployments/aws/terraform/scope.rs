//! Where a Terraform expression is evaluated: the module instance and the names bound around it.

use super::value::{Map, MapEntry, ModuleId, Val};
use std::rc::Rc;

/// Where an expression is evaluated.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    /// The module instance.
    pub(crate) module: ModuleId,
    /// `each`, `count` and the names `for` binds.
    pub(crate) names: Vec<(Rc<str>, Val)>,
    pub(crate) depth: u32,
}

impl Scope {
    pub(crate) fn of(module: ModuleId) -> Self {
        Self { module, names: Vec::new(), depth: 0 }
    }

    fn with(&self, name: &str, value: Val) -> Self {
        let mut scope = self.clone();
        scope.names.push((name.into(), value));
        scope
    }

    /// The scope with `each.key` and `each.value` bound.
    pub(crate) fn each(&self, key: Val, value: Val) -> Self {
        let span = key.span;
        let entry = |name: &str, value: Val| MapEntry { key: name.into(), key_span: span, value };
        let map = Map { entries: vec![entry("key", key), entry("value", value)], open: None };
        self.with("each", Val::map(map, span))
    }

    /// The scope with `count.index` bound.
    pub(crate) fn counted(&self, index: Val) -> Self {
        let span = index.span;
        let map = Map { entries: vec![MapEntry { key: "index".into(), key_span: span, value: index }], open: None };
        self.with("count", Val::map(map, span))
    }
}
