//! What reads the environment: single variables, and settings read into a struct by `envy`, `envconfig`, `config`,
//! `figment`, and `clap` with `env`.

use super::fate::{Next, next};
use crate::knowledge::{Lexicon, Meaning};
use crate::source::names::index::Index;
use crate::source::names::kinds::{Head, Res, TypeId};
use crate::source::parse::declared::{Field, TypeKind};
use crate::source::parse::ir::{ExprId, Kind, Lit, Source, Ty};
use crate::source::types::infer::Context;

/// How field names become variable names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Style {
    /// The name in capitals behind a prefix.
    Prefixed(String),
    /// The same, but other sources may supply a field: `config`, `figment`.
    Layered(String),
    /// Only fields that name their variable.
    Attribute,
}

/// The struct an expression fills from the environment.
pub(crate) fn deserialised(context: &Context<'_>, id: ExprId) -> Option<(TypeId, Style)> {
    let lexicon = context.index.lexicon;
    match context.body.kind(id) {
        Kind::Call { callee, .. } => {
            let Kind::Path { path, generic } = context.body.kind(*callee) else { return None };
            if context.meaning(*callee).has(Meaning::ReadsSettings) {
                return Some((wanted(context, id, generic.as_deref())?, Style::Prefixed(String::new())));
            }
            let (last, owner) = path.split_last()?;
            if !context.index.lexicon.method(last).has(Meaning::ParsesArguments) || owner.is_empty() {
                return None;
            }
            match context.resolve_type(owner) {
                Res::Type(owner) => Some((owner, Style::Attribute)),
                _ => None,
            }
        }
        Kind::Method { receiver, name, generic, .. } if lexicon.method(name).has(Meaning::ReadsSettings) => {
            let Kind::Call { callee, args } = context.body.kind(context.body.peeled(*receiver)) else { return None };
            if !context.meaning(*callee).has(Meaning::SettingsPrefix) {
                return None;
            }
            match args.first().map(|&arg| context.body.kind(arg)) {
                Some(Kind::Lit(Lit::Str(prefix))) => {
                    Some((wanted(context, id, generic.as_deref())?, Style::Prefixed(prefix.clone())))
                }
                _ => None,
            }
        }
        Kind::Method { receiver, name, generic, .. } if lexicon.method(name).has(Meaning::ExtractsSettings) => {
            let style = layers(context, *receiver)?;
            Some((wanted(context, id, generic.as_deref())?, style))
        }
        _ => None,
    }
}

/// The environment among the sources of `config::Config::builder()…` or `figment::Figment::new()…`.
fn layers(context: &Context<'_>, end: ExprId) -> Option<Style> {
    let body = context.body;
    let mut at = body.peeled(end);
    let (mut prefix, mut others) = (None, false);
    for _ in 0..64 {
        match body.kind(at) {
            Kind::Method { receiver, name, args, .. } => {
                if context.index.lexicon.method(name).has(Meaning::AddsSource) {
                    match args.first().and_then(|&arg| environment(context, arg)) {
                        Some(found) => prefix = Some(found),
                        None => others = true,
                    }
                }
                at = body.peeled(*receiver);
            }
            Kind::Try(inner) | Kind::Await(inner) | Kind::Wrap(inner) => at = body.peeled(*inner),
            Kind::Local(local) => match &body.locals[*local as usize].source {
                Source::Init { init, .. } => at = body.peeled(*init),
                _ => return None,
            },
            _ => break,
        }
    }
    let prefix = prefix?;
    Some(if others { Style::Layered(prefix) } else { Style::Prefixed(prefix) })
}

/// The prefix of an environment source: `Environment::with_prefix("APP")`, `Env::prefixed("APP_")`, `Env::raw()`.
fn environment(context: &Context<'_>, source: ExprId) -> Option<String> {
    let body = context.body;
    let mut at = body.peeled(source);
    loop {
        match body.kind(at) {
            Kind::Method { receiver, .. } => at = body.peeled(*receiver),
            Kind::Call { callee, args } => {
                let path = context.outside(*callee)?;
                let given = match args.first().map(|&arg| body.kind(arg)) {
                    Some(Kind::Lit(Lit::Str(prefix))) => prefix.clone(),
                    _ => String::new(),
                };
                let lexicon = context.index.lexicon;
                let separator = lexicon.detail(&path, |row| row.separator.clone()).unwrap_or_default();
                return lexicon.means(&path, Meaning::EnvSource).then(|| given + &separator);
            }
            _ => return None,
        }
    }
}

/// The type asked for: `from_env::<T>()`, or the one of the binding it ends in.
fn wanted(context: &Context<'_>, id: ExprId, generic: Option<&Ty>) -> Option<TypeId> {
    if let Some(Head::Local(owner)) = generic.map(|ty| context.lower(ty).head) {
        return Some(owner);
    }
    let body = context.body;
    let mut at = id;
    for _ in 0..16 {
        match next(body, at) {
            Next::Try(outer) | Next::Method(outer) => at = outer,
            Next::Bound { locals, .. } => {
                let declared = body.locals[*locals.first()? as usize].ty.as_ref()?;
                return match context.peel(context.lower(declared)).head {
                    Head::Local(owner) => Some(owner),
                    _ => None,
                };
            }
            Next::Returned => {
                let output = context.function.map(|function| context.peel(context.lower(&function.output)).head);
                return match output {
                    Some(Head::Local(owner)) => Some(owner),
                    _ => None,
                };
            }
            _ => return None,
        }
    }
    None
}

/// The variables a struct takes its fields from, and whether it cannot be made without each.
pub(crate) fn keys(index: &Index<'_>, owner: TypeId, style: &Style) -> Vec<(String, bool)> {
    let TypeKind::Struct(fields) = &index.type_item(owner).kind else { return Vec::new() };
    let sole = !matches!(style, Style::Layered(_));
    fields.iter().filter_map(|field| Some((key(field, style)?, sole && is_required(index.lexicon, field)))).collect()
}

/// The variable a field of such a struct holds.
pub(crate) fn key_of(index: &Index<'_>, owner: TypeId, style: &Style, name: &str) -> Option<String> {
    let TypeKind::Struct(fields) = &index.type_item(owner).kind else { return None };
    key(fields.iter().find(|field| field.name == name)?, style)
}

fn key(field: &Field, style: &Style) -> Option<String> {
    match style {
        Style::Prefixed(prefix) | Style::Layered(prefix) => {
            let name = field.rename.as_deref().unwrap_or(&field.name);
            Some(format!("{prefix}{}", name.to_uppercase()))
        }
        Style::Attribute => match field.env.as_deref()? {
            "" => Some(field.name.to_uppercase()),
            named => Some(named.to_owned()),
        },
    }
}

fn is_required(lexicon: &Lexicon, field: &Field) -> bool {
    let optional = matches!(&field.ty, Ty::Path { path, .. }
        if path.last().is_some_and(|name| lexicon.means(name, Meaning::Optional)));
    !field.default && !optional
}
