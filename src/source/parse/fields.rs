//! Fields of structs and variants, with what derives read from their attributes.

use super::declared::Field;
use super::ty::ty;
use syn::{Attribute, Expr, Fields};

/// The fields of a struct or variant.
pub(crate) fn fields(node: &Fields) -> Vec<Field> {
    node.iter()
        .enumerate()
        .map(|(index, field)| {
            let name = field.ident.as_ref().map_or_else(|| index.to_string(), ToString::to_string);
            let mut found = Field { name, ty: ty(&field.ty), rename: None, default: false, env: None };
            for attr in &field.attrs {
                configure(attr, &mut found);
            }
            found
        })
        .collect()
}

/// `#[serde(rename = "X", default)]`, `#[arg(env = "X", default_value = "…")]`, `#[envconfig(from = "X")]`.
fn configure(attr: &Attribute, field: &mut Field) {
    let words = ["serde", "arg", "clap", "envconfig", "structopt", "env"];
    if !words.iter().any(|word| attr.path().is_ident(word)) {
        return;
    }
    let Ok(list) = attr.parse_args_with(syn::punctuated::Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated)
    else {
        return;
    };
    for meta in &list {
        let name = meta.path().segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        let text = text_of(meta);
        match name.as_str() {
            "rename" => field.rename = text,
            "env" | "from" => field.env = Some(text.unwrap_or_default()),
            // What has another name or another place as well is not missing when one name is not set.
            "alias" | "flatten" | "skip" => field.default = true,
            name if name.starts_with("default") => field.default = true,
            _ => {}
        }
    }
}

/// What an attribute is given, by name: `skip(a, b)` and `level = "debug"`, with the words and texts that follow it.
pub(crate) fn settings(tokens: &proc_macro2::TokenStream) -> Vec<(String, Vec<String>)> {
    use proc_macro2::TokenTree;
    let word = |token: &TokenTree| match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        TokenTree::Literal(literal) => match syn::Lit::new(literal.clone()) {
            syn::Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    };
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    let mut begins = true;
    for token in tokens.clone() {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => {
                begins = true;
                continue;
            }
            TokenTree::Group(group) if !begins => {
                if let Some((_, words)) = found.last_mut() {
                    words.extend(group.stream().into_iter().filter_map(|token| word(&token)));
                }
            }
            _ => match (begins, word(&token)) {
                (true, Some(name)) => found.push((name, Vec::new())),
                (false, Some(value)) => {
                    if let Some((_, words)) = found.last_mut() {
                        words.push(value);
                    }
                }
                _ => {}
            },
        }
        begins = false;
    }
    found
}

/// The text of `name = "text"`.
pub(crate) fn text_of(meta: &syn::Meta) -> Option<String> {
    let syn::Meta::NameValue(pair) = meta else { return None };
    match &pair.value {
        Expr::Lit(lit) => match &lit.lit {
            syn::Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// String literals of a `#[serde(…)]` attribute.
pub(crate) fn serde_strings(attr: &Attribute) -> Vec<String> {
    if !attr.path().is_ident("serde") {
        return Vec::new();
    }
    let Ok(tokens) = attr.parse_args::<proc_macro2::TokenStream>() else {
        return Vec::new();
    };
    tokens
        .into_iter()
        .filter_map(|token| match token {
            proc_macro2::TokenTree::Literal(literal) => match syn::Lit::new(literal) {
                syn::Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

pub(crate) fn camel_case(name: &str) -> String {
    let mut parts = name.split('_');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut letters = part.chars();
        out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    out
}
