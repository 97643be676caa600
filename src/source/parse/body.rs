//! The body of one function in the making: its arena, and the names in scope.

use super::ir::{Body, Expr as Node, ExprId, Kind, Local, LocalId, Range, Source};
use super::lowering::Lowering;
use super::scopes::Scopes;
use proc_macro2::Span;

/// Builds the body of one function or initialiser.
pub(crate) struct Builder<'l> {
    pub(crate) lowering: &'l mut Lowering,
    pub(crate) body: Body,
    pub(crate) names: Scopes,
    /// Items declared inside the body; lowered after it.
    pub(crate) nested: Vec<syn::Item>,
    /// How deep the expression at hand nests.
    pub(super) depth: u32,
}

impl<'l> Builder<'l> {
    pub(crate) fn new(lowering: &'l mut Lowering) -> Self {
        Self { lowering, body: Body::default(), names: Scopes::default(), nested: Vec::new(), depth: 0 }
    }

    /// Finishes the body: parents are known only now.
    pub(crate) fn finish(mut self) -> (Body, Vec<syn::Item>) {
        for id in 0..self.body.exprs.len() {
            let mut children = Vec::new();
            self.body.exprs[id].kind.children(&mut children);
            for child in children {
                self.body.exprs[child as usize].parent = id as ExprId;
            }
            if let Kind::Local(local) = self.body.exprs[id].kind {
                self.body.locals[local as usize].uses.push(id as ExprId);
            }
        }
        let made_of = |local: &Local| match &local.source {
            Source::Init { init: of, .. } | Source::Closure { closure: of } | Source::Item { iterable: of } => {
                Some(*of)
            }
            Source::Param(_) | Source::Receiver | Source::Unset => None,
        };
        let locals = self.body.locals.iter().enumerate();
        self.body.bindings = locals.filter_map(|(id, local)| Some((made_of(local)?, id as LocalId))).collect();
        self.body.bindings.sort_unstable();
        (self.body, self.nested)
    }

    pub(crate) fn open(&mut self) -> ExprId {
        self.body.exprs.push(Node { kind: Kind::Continue, span: (0, 0), parent: u32::MAX, end: 0 });
        (self.body.exprs.len() - 1) as ExprId
    }

    pub(crate) fn close(&mut self, id: ExprId, kind: Kind, span: Range) -> ExprId {
        let end = self.body.exprs.len() as ExprId;
        let span = self.lowering.macros.whole(span);
        let node = &mut self.body.exprs[id as usize];
        node.kind = kind;
        node.span = (span.0, span.1.max(span.0));
        node.end = end;
        id
    }

    pub(crate) fn leaf(&mut self, kind: Kind, span: Range) -> ExprId {
        let id = self.open();
        self.close(id, kind, span)
    }

    pub(crate) fn range_of(&self, span: Option<Span>) -> Range {
        span.map_or((0, 0), |span| self.lowering.range(span))
    }

    pub(crate) fn range(&self, span: Span) -> Range {
        self.lowering.range(span)
    }

    pub(crate) fn span(&self, id: ExprId) -> Range {
        self.body.exprs[id as usize].span
    }

    /// The innermost binding of a name.
    pub(crate) fn lookup(&self, name: &str) -> Option<LocalId> {
        self.names.find(name)
    }

    /// Adds a binding to the innermost scope.
    pub(crate) fn declare(&mut self, local: Local) -> LocalId {
        let id = self.body.locals.len() as LocalId;
        self.names.push(local.name.clone(), id);
        self.body.locals.push(local);
        id
    }
}
