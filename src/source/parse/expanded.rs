//! Expansions of the workspace's macros in bodies: as a value, or as statements of the block they stand in.

use super::body::Builder;
use super::ir::{ExprId, Kind};
use super::lowering::path_of;
use crate::knowledge::lexicon;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::parse::Parser as _;
use syn::{Block, Expr, Macro, Stmt};

impl Builder<'_> {
    /// An expansion where an expression stands: the value of it, or of the block it is the inside of.
    pub(super) fn expanded_value(&mut self, call: ExprId, tokens: TokenStream) -> Kind {
        let start = self.enter_expansion();
        let kind = match syn::parse2::<Expr>(tokens.clone()) {
            Ok(expression) => Kind::Wrap(self.lower(&expression)),
            Err(_) => match Block::parse_within.parse2(tokens.clone()) {
                Ok(statements) => Kind::Wrap(self.lower_statements(&statements)),
                Err(_) => {
                    self.leave_unread(call, &tokens);
                    Kind::Other(Vec::new())
                }
            },
        };
        self.leave_expansion(start);
        kind
    }

    /// A macro where a statement stands: its statements belong to the block around it, and names that the call gave
    /// are in sight after it; those the macro made up are not. None if it is no macro of the workspace or its expansion
    /// is not a list of statements.
    pub(super) fn macro_statement(&mut self, node: &Macro, lowered: &mut Vec<ExprId>) -> Option<Option<ExprId>> {
        // Most files know no macro; those that stand for a value are asked about where values are.
        if self.lowering.macros.is_empty() {
            return None;
        }
        let path = path_of(&node.path);
        let meant = !lexicon().macro_of(&path).is_empty();
        let expanded = self.lowering.expansion(node, &path, meant)?;
        let statements = Block::parse_within.parse2(expanded.tokens).ok()?;
        let own: Vec<String> = statements.iter().flat_map(|statement| self.made_up(statement, expanded.by)).collect();
        let scope = self.names.len();
        let start = self.enter_expansion();
        let tail = self.statements(&statements, lowered);
        self.leave_expansion(start);
        self.names.keep(scope, |name| !own.iter().any(|made| made == name));
        Some(tail)
    }

    fn enter_expansion(&mut self) -> ExprId {
        self.lowering.macros.depth += 1;
        self.body.exprs.len() as ExprId
    }

    fn leave_expansion(&mut self, start: ExprId) {
        self.lowering.macros.depth -= 1;
        if self.lowering.macros.depth == 0 {
            let made = start..self.body.exprs.len() as ExprId;
            self.body.expanded.push((made, self.lowering.macros.call));
        }
    }

    /// The names a `let` of an expansion binds that are the macro's own: they stand among its rules.
    fn made_up(&self, statement: &Stmt, by: Option<usize>) -> Vec<String> {
        let Stmt::Local(local) = statement else { return Vec::new() };
        let tokens = local.pat.to_token_stream().into_iter();
        tokens
            .filter_map(|token| match token {
                TokenTree::Ident(name) if self.lowering.macros.place(self.range(name.span()).0) == by => {
                    Some(name.to_string())
                }
                _ => None,
            })
            .collect()
    }
}
