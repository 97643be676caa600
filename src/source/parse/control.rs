//! Closures, conditionals and matches: the expressions that open a scope of bindings.

use super::body::Builder;
use super::ir::{Arm, ExprId, Kind, Range, Source};
use super::lowering::test_only;
use super::pattern::heads;
use syn::Expr;

impl Builder<'_> {
    pub(crate) fn closure(&mut self, id: ExprId, node: &syn::ExprClosure) -> (Kind, Range) {
        let scope = self.names.len();
        for input in &node.inputs {
            self.bind(input, &Source::Closure { closure: id }, None, &mut Vec::new());
        }
        let body = self.lower(&node.body);
        self.names.truncate(scope);
        let start = node.capture.map_or(node.inputs_begin.spans[0], |token| token.span);
        let start = node.asyncness.map_or(start, |token| token.span);
        let span = (self.range(start).0, self.span(body).1);
        (Kind::Closure { body }, span)
    }

    pub(crate) fn conditional(&mut self, node: &syn::ExprIf) -> (Kind, Range) {
        let scope = self.names.len();
        let condition = self.lower(&node.cond);
        let then = if is_test_only(&node.cond) {
            self.leaf(Kind::Other(Vec::new()), (0, 0))
        } else {
            self.block(&node.then_branch)
        };
        self.names.truncate(scope);
        let other = node.else_branch.as_ref().map(|(_, other)| self.lower(other));
        let start = self.range(node.if_token.span).0;
        let end = self.range(node.then_branch.brace_token.span.close()).1;
        let end = other.map_or(end, |other| self.span(other).1);
        (Kind::If { condition, then, other }, (start, end))
    }

    pub(crate) fn matching(&mut self, node: &syn::ExprMatch) -> (Kind, Range) {
        let scrutinee = self.lower(&node.expr);
        let mut arms = Vec::new();
        for arm in &node.arms {
            if self.lowering.excluded(&arm.attrs) {
                continue;
            }
            let scope = self.names.len();
            let source = Source::Init { init: scrutinee, projection: Vec::new() };
            let block = self.open();
            self.bind(&arm.pat, &source, None, &mut Vec::new());
            let mut statements = Vec::new();
            if let syn::Pat::Guard(guarded) = &arm.pat {
                statements.push(self.lower(&guarded.guard));
            }
            let tail = self.lower(&arm.body);
            self.names.truncate(scope);
            let span = self.span(tail);
            let body = self.close(block, Kind::Block { statements, tail: Some(tail) }, span);
            arms.push(Arm { heads: heads(&arm.pat), body });
        }
        let start = self.range(node.match_token.span).0;
        let end = self.range(node.brace_token.span.close()).1;
        (Kind::Match { scrutinee, arms }, (start, end))
    }
}

/// `cfg!(test)` and `cfg!(debug_assertions)`.
fn is_test_only(condition: &Expr) -> bool {
    match condition {
        Expr::Macro(node) => node.mac.path.is_ident("cfg") && test_only(node.mac.tokens.clone()),
        _ => false,
    }
}
