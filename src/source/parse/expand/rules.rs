//! The rules of a macro, taken apart once: patterns and what they transcribe to.

use crate::source::parse::ir::Range;
use proc_macro2::{Delimiter, Ident, Spacing, Span, TokenStream, TokenTree};

/// The rules of one macro.
pub(super) struct Rules {
    pub(super) arms: Vec<Arm>,
    /// What `$crate` stands for.
    pub(super) home: String,
    /// Where they stand in the file.
    pub(super) range: Range,
}

/// A rule.
pub(super) struct Arm {
    pub(super) pattern: Vec<Part>,
    pub(super) body: Vec<Part>,
}

/// A part of a pattern or of a body.
pub(super) enum Part {
    /// A token that stands for itself.
    Token(TokenTree),
    /// Parts between delimiters.
    Group(Delimiter, Span, Vec<Self>),
    /// `$name:fragment` in a pattern, `$name` in a body.
    Variable { name: String, fragment: Option<String> },
    /// `$( … ) separator operator`.
    Repeat { parts: Vec<Self>, separator: Vec<TokenTree>, operator: char },
    /// `$crate`, where it stands.
    Crate(Span),
}

impl Rules {
    /// Reads `(pattern) => { body }; …`; none if a rule uses what we do not know (`${…}`, `macro` items).
    pub(super) fn read(tokens: TokenStream, home: &str) -> Option<Self> {
        let mut arms = Vec::new();
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            let TokenTree::Group(pattern) = token else { return None };
            let (Some(TokenTree::Punct(equals)), Some(TokenTree::Punct(greater))) = (tokens.next(), tokens.next())
            else {
                return None;
            };
            if (equals.as_char(), greater.as_char()) != ('=', '>') {
                return None;
            }
            let Some(TokenTree::Group(body)) = tokens.next() else { return None };
            arms.push(Arm { pattern: parts(pattern.stream(), true)?, body: parts(body.stream(), false)? });
            if matches!(tokens.peek(), Some(TokenTree::Punct(semicolon)) if semicolon.as_char() == ';') {
                tokens.next();
            }
        }
        Some(Self { arms, home: home.to_owned(), range: (0, 0) })
    }

    /// The same at their place.
    pub(super) fn standing(self, range: Range) -> Self {
        Self { range, ..self }
    }
}

/// Takes a stream apart; the gate has bounded how deep it nests.
fn parts(stream: TokenStream, pattern: bool) -> Option<Vec<Part>> {
    let mut found = Vec::new();
    let mut tokens = stream.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(dollar) if dollar.as_char() == '$' => match tokens.next()? {
                TokenTree::Ident(word) if word == "crate" => found.push(Part::Crate(word.span())),
                TokenTree::Ident(name) if pattern => {
                    let (TokenTree::Punct(colon), TokenTree::Ident(fragment)) = (tokens.next()?, tokens.next()?) else {
                        return None;
                    };
                    if colon.as_char() != ':' {
                        return None;
                    }
                    found.push(Part::Variable { name: plain(&name), fragment: Some(fragment.to_string()) });
                }
                TokenTree::Ident(name) => found.push(Part::Variable { name: plain(&name), fragment: None }),
                TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
                    let parts = parts(group.stream(), pattern)?;
                    let (separator, operator) = repetition(&mut tokens)?;
                    found.push(Part::Repeat { parts, separator, operator });
                }
                _ => return None,
            },
            TokenTree::Group(group) => {
                found.push(Part::Group(group.delimiter(), group.span(), parts(group.stream(), pattern)?));
            }
            token => found.push(Part::Token(token)),
        }
    }
    Some(found)
}

/// The separator and the operator behind `$( … )`.
fn repetition(tokens: &mut std::iter::Peekable<proc_macro2::token_stream::IntoIter>) -> Option<(Vec<TokenTree>, char)> {
    let mut separator = Vec::new();
    loop {
        let token = tokens.next()?;
        if let TokenTree::Punct(punct) = &token
            && matches!(punct.as_char(), '*' | '+' | '?')
            && !is_separator(punct, tokens.peek())
        {
            return Some((separator, punct.as_char()));
        }
        let joint = matches!(&token, TokenTree::Punct(punct) if punct.spacing() == Spacing::Joint);
        if !separator.is_empty() && !joint && separator.len() > 2 {
            return None;
        }
        separator.push(token);
    }
}

/// Whether an operator's sign stands for itself between repetitions: `$($x:expr)+*`.
fn is_separator(punct: &proc_macro2::Punct, next: Option<&TokenTree>) -> bool {
    punct.spacing() == Spacing::Joint
        && matches!(next, Some(TokenTree::Punct(operator)) if matches!(operator.as_char(), '*' | '+'))
}

/// A name without `r#`.
pub(super) fn plain(name: &Ident) -> String {
    let text = name.to_string();
    text.strip_prefix("r#").map(str::to_owned).unwrap_or(text)
}
