//! A file in the making: its facts so far, how its spans are counted, and which code is left out.

use super::declared::FileFacts;
use super::expand::{Expanded, Macros};
use super::ir::Range;
use super::places::Places;
use syn::spanned::Spanned;

/// The facts of one file in the making.
pub(crate) struct Lowering {
    /// Bytes before the first token the parser counts.
    pub(super) base: u32,
    pub(super) places: Places,
    pub(super) facts: FileFacts,
    /// The macros of the workspace that are in sight.
    pub(super) macros: Macros,
}

impl Lowering {
    pub(super) fn range(&self, span: proc_macro2::Span) -> Range {
        let range = self.places.bytes(span);
        (range.start as u32 + self.base, range.end as u32 + self.base)
    }

    /// What a call of a macro of the workspace expands to. A macro the lexicon gives a meaning is taken for that one
    /// unless the file defines its own; the others that are not known are noted.
    pub(super) fn expansion(&mut self, node: &syn::Macro, path: &[String], meant: bool) -> Option<Expanded> {
        if !self.macros.knows(path) {
            self.facts.unexpanded.extend(path.last().filter(|_| !meant).cloned());
            return None;
        }
        let first = node.path.segments.first()?.ident.span();
        let range = (self.range(first).0, self.range(node.delimiter.span().close()).1);
        let expanded = self.macros.expand(path, &node.tokens);
        if expanded.is_some() && self.macros.depth == 0 {
            self.macros.call = range;
            self.facts.expanded.push(range);
        }
        if self.macros.exhausted {
            self.facts.too_much.get_or_insert(range);
        }
        expanded
    }

    /// Whether attributes keep code out of a release build of the program.
    pub(super) fn excluded(&self, attrs: &[syn::Attribute]) -> bool {
        attrs.iter().any(|attr| {
            let path = attr.path();
            if path.is_ident("test") || path.is_ident("bench") {
                return true;
            }
            if path.segments.last().is_some_and(|last| last.ident == "test") && path.segments.len() == 2 {
                return true;
            }
            path.is_ident("cfg") && attr.parse_args::<proc_macro2::TokenStream>().is_ok_and(test_only)
        })
    }
}

/// Whether a `cfg` predicate can only hold in tests or debug builds: `test`, `debug_assertions`, `all(test, …)`,
/// `any(test, debug_assertions)`.
pub(crate) fn test_only(tokens: proc_macro2::TokenStream) -> bool {
    use proc_macro2::TokenTree;
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Ident(word)] => word == "test" || word == "debug_assertions",
        [TokenTree::Ident(word), TokenTree::Group(group)] if word == "all" || word == "any" => {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            let mut parts = inner
                .split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ','))
                .filter(|part| !part.is_empty());
            let holds = |part: &[TokenTree]| match part {
                [TokenTree::Ident(word)] => word == "test" || word == "debug_assertions",
                _ => false,
            };
            if word == "all" { parts.any(holds) } else { !inner.is_empty() && parts.all(holds) }
        }
        _ => false,
    }
}

/// The words of a macro's or expression's path.
pub(super) fn path_of(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

/// The span of a whole node; only for small ones, since it walks the node's tokens.
pub(crate) fn whole(node: &impl Spanned) -> proc_macro2::Span {
    node.span()
}
