//! Whether the tokens of a call fit the pattern of a rule, and what its variables then stand for.

use super::rules::{Part, plain};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::HashMap;
use syn::ext::IdentExt as _;
use syn::parse::discouraged::Speculative as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Error, Result};

/// What the variables of a pattern stand for.
pub(super) type Bound = HashMap<String, Value>;

/// What a variable stands for.
pub(super) enum Value {
    One(TokenStream),
    /// One for each repetition.
    Many(Vec<Self>),
}

/// Matches all tokens; every token looked at costs a step.
pub(super) fn all(pattern: &[Part], tokens: &TokenStream, steps: &mut usize) -> Option<Bound> {
    let mut bound = Bound::new();
    whole(pattern, tokens.clone(), &mut bound, steps).ok()?;
    Some(bound)
}

fn whole(pattern: &[Part], tokens: TokenStream, bound: &mut Bound, steps: &mut usize) -> Result<()> {
    let matcher = |input: ParseStream<'_>| {
        sequence(pattern, input, bound, steps)?;
        if input.is_empty() { Ok(()) } else { Err(input.error("more than the pattern takes")) }
    };
    matcher.parse2(tokens)
}

fn sequence(pattern: &[Part], input: ParseStream<'_>, bound: &mut Bound, steps: &mut usize) -> Result<()> {
    for part in pattern {
        *steps = steps.checked_sub(1).ok_or_else(|| input.error("too many steps"))?;
        match part {
            Part::Token(expected) => {
                let found: TokenTree = input.parse()?;
                if !same(expected, &found) {
                    return Err(Error::new(found.span(), "another token"));
                }
            }
            Part::Group(delimiter, _, inner) => {
                let found: Group = input.parse()?;
                if found.delimiter() != *delimiter {
                    return Err(Error::new(found.span(), "another delimiter"));
                }
                whole(inner, found.stream(), bound, steps)?;
            }
            Part::Variable { name, fragment } => {
                let value = fragment_of(fragment.as_deref().unwrap_or_default(), input)?;
                *steps = steps.saturating_sub(value.clone().into_iter().count());
                bound.insert(name.clone(), Value::One(value));
            }
            Part::Repeat { parts, separator, operator } => {
                repeat(parts, separator, *operator, input, bound, steps)?;
            }
            Part::Crate(_) => return Err(input.error("`$crate` in a pattern")),
        }
    }
    Ok(())
}

fn repeat(
    parts: &[Part],
    separator: &[TokenTree],
    operator: char,
    input: ParseStream<'_>,
    bound: &mut Bound,
    steps: &mut usize,
) -> Result<()> {
    let mut rounds: Vec<Bound> = Vec::new();
    while !(input.is_empty() || operator == '?' && !rounds.is_empty()) {
        let ahead = input.fork();
        let separated = rounds.is_empty() || separator.iter().all(|expected| takes(expected, &ahead));
        let mut inner = Bound::new();
        let before = ahead.cursor();
        if !separated || sequence(parts, &ahead, &mut inner, steps).is_err() || ahead.cursor() == before {
            break;
        }
        input.advance_to(&ahead);
        rounds.push(inner);
    }
    if operator == '+' && rounds.is_empty() {
        return Err(input.error("at least one is needed"));
    }
    let mut names = Vec::new();
    variables(parts, &mut names);
    for name in names {
        let values = rounds.iter_mut().filter_map(|round| round.remove(name)).collect();
        bound.insert(name.to_owned(), Value::Many(values));
    }
    Ok(())
}

fn takes(expected: &TokenTree, input: ParseStream<'_>) -> bool {
    input.parse::<TokenTree>().is_ok_and(|found| same(expected, &found))
}

/// The names of the variables among parts.
pub(super) fn variables<'p>(parts: &'p [Part], into: &mut Vec<&'p str>) {
    for part in parts {
        match part {
            Part::Variable { name, .. } => into.push(name),
            Part::Group(_, _, inner) | Part::Repeat { parts: inner, .. } => variables(inner, into),
            Part::Token(_) | Part::Crate(_) => {}
        }
    }
}

fn same(expected: &TokenTree, found: &TokenTree) -> bool {
    match (expected, found) {
        (TokenTree::Ident(a), TokenTree::Ident(b)) => plain(a) == plain(b),
        (TokenTree::Punct(a), TokenTree::Punct(b)) => a.as_char() == b.as_char(),
        (TokenTree::Literal(a), TokenTree::Literal(b)) => a.to_string() == b.to_string(),
        _ => false,
    }
}

/// Takes a fragment from the input (The Rust Reference, "Metavariables").
fn fragment_of(kind: &str, input: ParseStream<'_>) -> Result<TokenStream> {
    if input.is_empty() && kind != "vis" {
        return Err(input.error("nothing left"));
    }
    Ok(match kind {
        "tt" => {
            let token: TokenTree = input.parse()?;
            match &token {
                // A lifetime is one tree.
                TokenTree::Punct(tick) if tick.as_char() == '\'' => {
                    let name: TokenTree = input.parse()?;
                    TokenStream::from_iter([token, name])
                }
                _ => token.into(),
            }
        }
        "ident" => input.call(syn::Ident::parse_any)?.into_token_stream(),
        "expr" | "expr_2021" => together(input.parse::<syn::Expr>()?.into_token_stream()),
        "ty" => input.parse::<syn::Type>()?.into_token_stream(),
        "path" => input.parse::<syn::Path>()?.into_token_stream(),
        "pat" => input.call(syn::Pat::parse_multi_with_leading_vert)?.into_token_stream(),
        "pat_param" => input.call(syn::Pat::parse_single)?.into_token_stream(),
        "stmt" => statement(input)?,
        "block" => input.parse::<syn::Block>()?.into_token_stream(),
        "item" => input.parse::<syn::Item>()?.into_token_stream(),
        "meta" => input.parse::<syn::Meta>()?.into_token_stream(),
        "vis" => input.parse::<syn::Visibility>()?.into_token_stream(),
        "lifetime" => input.parse::<syn::Lifetime>()?.into_token_stream(),
        "literal" => {
            let minus = input.parse::<Option<syn::Token![-]>>()?.into_token_stream();
            TokenStream::from_iter([minus, input.parse::<syn::Lit>()?.into_token_stream()])
        }
        _ => return Err(input.error("a fragment we do not know")),
    })
}

/// A statement without the semicolon that ends it.
fn statement(input: ParseStream<'_>) -> Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(syn::Token![;]) {
        // `stmt` may be followed by `=>`, `,` and `;` only.
        if input.peek(syn::Token![,]) || input.peek(syn::Token![=>]) {
            break;
        }
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    if tokens.is_empty() { Err(input.error("a statement")) } else { Ok(tokens) }
}

/// An expression as one operand, whatever stands around it.
fn together(tokens: TokenStream) -> TokenStream {
    if tokens.clone().into_iter().nth(1).is_none() {
        return tokens;
    }
    TokenTree::Group(Group::new(Delimiter::None, tokens)).into()
}
