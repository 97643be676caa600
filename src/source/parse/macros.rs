//! Macros whose arguments are expressions, so that calls inside them are seen.

use super::body::Builder;
use super::ir::{ExprId, Kind};
use super::lowering::path_of;
use crate::knowledge::{Meaning, Meanings, lexicon};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Macro, Stmt, Token};

impl Builder<'_> {
    /// What a macro of the workspace expands to; of others the arguments that could be read, and the first string
    /// literal among the tokens.
    pub(crate) fn macro_call(&mut self, node: &Macro) -> Kind {
        let path = path_of(&node.path);
        // The expression of the call itself is open.
        let own = self.body.exprs.len().saturating_sub(1) as ExprId;
        let means = lexicon().macro_of(&path);
        if let Some(expanded) = self.lowering.expansion(node, &path, !means.is_empty()) {
            return self.expanded_value(own, expanded.tokens);
        }
        let text = match means.has(Meaning::TakesTree) {
            true => first_in_tree(&node.tokens),
            false => first_string(&node.tokens),
        };
        let mut args = Vec::new();
        if !means.has(Meaning::TakesNoCode) {
            let found = expressions(means, &node.tokens);
            if found.is_none() || self.lowering.macros.knows(&path) {
                self.leave_unread(own, &node.tokens);
            }
            for expression in found.unwrap_or_default() {
                match expression {
                    Piece::Expr(expression) => args.push(self.lower(&expression)),
                    Piece::Block(statements) => args.push(self.lower_statements(&statements)),
                }
            }
            for implicit in text.iter().filter(|_| means.has(Meaning::Captures)).flat_map(|text| placeholders(text)) {
                let range = self.range_of(node.path.segments.first().map(|segment| segment.ident.span()));
                // What is no local is a constant or a static.
                let kind = match self.lookup(&implicit) {
                    Some(local) => Kind::Local(local),
                    None => Kind::Path { path: vec![implicit], generic: None },
                };
                let id: ExprId = self.leaf(kind, range);
                args.push(id);
            }
        }
        Kind::Macro { path, args, text }
    }
}

/// Names that are kept of code that was not read.
const MAX_CALLED: usize = 64;

impl Builder<'_> {
    /// Notes a macro whose code was not read, if anything is called in it.
    pub(super) fn leave_unread(&mut self, call: ExprId, tokens: &TokenStream) {
        let called = called(tokens);
        if !called.is_empty() {
            self.body.unread.push((call, called));
        }
    }
}

/// The names before parentheses, wherever in the tokens.
fn called(tokens: &TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![tokens.clone()];
    while let Some(stream) = open.pop().filter(|_| found.len() < MAX_CALLED) {
        let mut before = None;
        for token in stream {
            before = match token {
                TokenTree::Ident(word) => Some(word.to_string()),
                TokenTree::Group(group) => {
                    found.extend(before.filter(|_| group.delimiter() == Delimiter::Parenthesis));
                    open.push(group.stream());
                    None
                }
                _ => None,
            };
        }
    }
    found
}

/// Something a macro takes.
pub(crate) enum Piece {
    /// An expression.
    Expr(Box<Expr>),
    /// A list of statements.
    Block(Vec<Stmt>),
}

/// Reads the arguments of a macro, by the shape its name is known for or by trying; none if they are no code.
fn expressions(means: Meanings, tokens: &TokenStream) -> Option<Vec<Piece>> {
    let found = match () {
        // `pattern = future => handler,` and `else => …`.
        () if means.has(Meaning::Races) => select.parse2(tokens.clone()).ok(),
        // JSON-like trees: every value position may hold an expression.
        () if means.has(Meaning::TakesTree) => Some(nested(tokens)),
        () => list.parse2(tokens.clone()).ok(),
    };
    found.or_else(|| block.parse2(tokens.clone()).ok())
}

/// `a, b = c, %d, "…"`: comma-separated, with the decorations of log and format macros.
fn list(input: ParseStream<'_>) -> syn::Result<Vec<Piece>> {
    let mut found = Vec::new();
    while !input.is_empty() {
        if input.peek(Token![%]) {
            input.parse::<Token![%]>()?;
        } else if input.peek(Token![?]) {
            input.parse::<Token![?]>()?;
        }
        // `target: "x"` and `parent: &span` of tracing.
        if input.peek(syn::Ident) && input.peek2(Token![:]) && !input.peek2(Token![::]) {
            input.parse::<syn::Ident>()?;
            input.parse::<Token![:]>()?;
            continue;
        }
        // `field = ?value` of tracing.
        if input.peek(syn::Ident) && input.peek2(Token![=]) && (input.peek3(Token![%]) || input.peek3(Token![?])) {
            input.parse::<syn::Ident>()?;
            input.parse::<Token![=]>()?;
            continue;
        }
        found.push(Piece::Expr(Box::new(input.parse()?)));
        if input.is_empty() {
            break;
        }
        if input.peek(Token![;]) {
            input.parse::<Token![;]>()?;
        } else {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(found)
}

fn block(input: ParseStream<'_>) -> syn::Result<Vec<Piece>> {
    Ok(vec![Piece::Block(syn::Block::parse_within(input)?)])
}

fn select(input: ParseStream<'_>) -> syn::Result<Vec<Piece>> {
    let mut found = Vec::new();
    while !input.is_empty() {
        if input.peek(Token![else]) {
            input.parse::<Token![else]>()?;
        } else if input.peek(syn::Ident) && input.peek2(Token![;]) {
            input.parse::<syn::Ident>()?;
            input.parse::<Token![;]>()?;
            continue;
        } else {
            syn::Pat::parse_multi_with_leading_vert(input)?;
            input.parse::<Token![=]>()?;
            found.push(Piece::Expr(Box::new(input.parse()?)));
            if input.peek(Token![,]) {
                input.parse::<Token![,]>()?;
                input.parse::<Token![if]>()?;
                found.push(Piece::Expr(Box::new(input.parse()?)));
            }
        }
        input.parse::<Token![=>]>()?;
        found.push(Piece::Expr(Box::new(input.parse()?)));
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(found)
}

/// Values of a JSON-like tree, walked without recursion.
fn nested(tokens: &TokenStream) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut open = vec![tokens.clone()];
    while let Some(stream) = open.pop() {
        let mut value: Vec<TokenTree> = Vec::new();
        let mut flush = |value: &mut Vec<TokenTree>, open: &mut Vec<TokenStream>| {
            if let [TokenTree::Group(group)] = value.as_slice() {
                open.push(group.stream());
            } else if !value.is_empty()
                && let Ok(expression) = syn::parse2::<Expr>(value.drain(..).collect())
            {
                found.push(Piece::Expr(Box::new(expression)));
            }
            value.clear();
        };
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let mut index = 0;
        while index < tokens.len() {
            match &tokens[index] {
                TokenTree::Punct(punct) if punct.as_char() == ',' => flush(&mut value, &mut open),
                // A single colon ends a key; `::` belongs to a path.
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    let double = matches!(tokens.get(index + 1), Some(TokenTree::Punct(next)) if next.as_char() == ':');
                    if double {
                        value.push(tokens[index].clone());
                        value.push(tokens[index + 1].clone());
                        index += 1;
                    } else {
                        value.clear();
                    }
                }
                other => value.push(other.clone()),
            }
            index += 1;
        }
        flush(&mut value, &mut open);
    }
    found
}

/// Names captured by a format string: `{name}`, `{name:?}`.
fn placeholders(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for part in text.replace("{{", "").split('{').skip(1) {
        let name: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) {
            names.push(name);
        }
    }
    names
}

/// The first string literal of a JSON-like tree, its first key as a rule.
fn first_in_tree(tokens: &TokenStream) -> Option<String> {
    let mut tokens = tokens.clone();
    // The gate bounds how deep groups nest.
    loop {
        if let Some(text) = first_string(&tokens) {
            return Some(text);
        }
        tokens = tokens.into_iter().find_map(|token| match token {
            TokenTree::Group(group) => Some(group.stream()),
            _ => None,
        })?;
    }
}

/// The first string literal of a token stream, not looking into groups.
pub(crate) fn first_string(tokens: &TokenStream) -> Option<String> {
    tokens.clone().into_iter().find_map(|token| match token {
        TokenTree::Literal(literal) => match syn::Lit::new(literal) {
            syn::Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    })
}
