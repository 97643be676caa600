//! Loops of TypeScript that count, and what counts in them.

use super::has;
use crate::deployments::aws::cdk::source::lower::{FrontEnd, Lower, children};
use crate::deployments::aws::cdk::source::syntax::{Arg, Expr, ExprKind, Operator, Pattern, StmtKind};
use tree_sitter::Node;

/// The name under which the numbers of a range are asked for, whatever the program calls its own functions.
pub(crate) const RANGE: &str = "\u{3}range";

impl Lower<'_> {
    /// `for (let i = from; i < to; i++)` goes through a range of numbers.
    pub(super) fn counted(&mut self, node: Node<'_>) -> Option<StmtKind> {
        let span = self.span(node);
        let declared = children(node.child_by_field_name("initializer")?)
            .into_iter()
            .find(|part| part.kind() == "variable_declarator")?;
        let name = declared.child_by_field_name("name").filter(|name| name.kind() == "identifier")?;
        let condition = node.child_by_field_name("condition")?;
        let condition =
            if condition.kind() == "expression_statement" { *children(condition).first()? } else { condition };
        let counter = self.slice(name);
        let left = condition.child_by_field_name("left").filter(|left| self.slice(*left) == counter)?;
        let step = node.child_by_field_name("increment")?;
        let by_one = self.slice(step).replace(' ', "");
        if left.kind() != "identifier"
            || ![format!("{counter}++"), format!("++{counter}"), format!("{counter}+=1")].contains(&by_one)
        {
            return None;
        }
        let from = self.expression(declared.child_by_field_name("value")?);
        let to = self.expression(condition.child_by_field_name("right")?);
        let to = match condition.child_by_field_name("operator")?.kind() {
            "<" => to,
            "<=" => {
                let one = Box::new(Expr::new(ExprKind::Number(1.0), span));
                Expr::new(ExprKind::Binary(Operator::Add, Box::new(to), one), span)
            }
            _ => return None,
        };
        let range = Box::new(Expr::new(ExprKind::Name(RANGE.into()), span));
        let range = Expr::new(ExprKind::Call(range, vec![Arg::Value(from), Arg::Value(to)]), span);
        let name = self.word(name);
        let body = self.block(node.child_by_field_name("body"));
        Some(StmtKind::Each(Pattern::Name(name), range, body))
    }

    /// `n += value` and `n++`.
    pub(super) fn changed(&mut self, node: Node<'_>) -> ExprKind {
        let span = self.span(node);
        let (target, sign, value) = match node.kind() {
            "update_expression" => {
                let sign = if has(node, "++") { "+" } else { "-" };
                (node.child_by_field_name("argument"), Some(sign), Expr::new(ExprKind::Number(1.0), span))
            }
            _ => {
                let sign = node.child_by_field_name("operator").and_then(|sign| sign.kind().strip_suffix('='));
                (node.child_by_field_name("left"), sign, *self.boxed(node.child_by_field_name("right"), node))
            }
        };
        let value = match sign.and_then(Operator::of) {
            Some(operator) => ExprKind::Binary(operator, self.boxed(target, node), Box::new(value)),
            None => ExprKind::Unknown("is computed"),
        };
        ExprKind::Assign(self.boxed(target, node), Box::new(Expr::new(value, span)))
    }
}
