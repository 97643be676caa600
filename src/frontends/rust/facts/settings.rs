//! Settings read from the environment into a struct: `envy`, `envconfig`, and `clap` with `env`.

use super::super::ir::{ExprId, Field, Kind, Lit, Ty, TypeKind};
use super::super::names::{Index, Res, TypeId};
use super::super::types::{Context, Head};
use super::fate::{Next, next};

/// How field names become variable names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Style {
    /// The name in capitals behind a prefix.
    Prefixed(String),
    /// Only fields that name their variable.
    Attribute,
}

/// The struct an expression fills from the environment.
pub(super) fn deserialised(context: &Context<'_, '_>, id: ExprId) -> Option<(TypeId, Style)> {
    match context.body.kind(id) {
        Kind::Call { callee, .. } => {
            let Kind::Path { path, generic } = context.body.kind(*callee) else { return None };
            if context.outside(*callee).is_some_and(|path| path == "envy::from_env") {
                return Some((wanted(context, id, generic.as_deref())?, Style::Prefixed(String::new())));
            }
            let (last, owner) = path.split_last()?;
            if !matches!(last.as_str(), "parse" | "try_parse" | "init_from_env" | "init") || owner.is_empty() {
                return None;
            }
            match context.resolve(owner) {
                Res::Type(owner) => Some((owner, Style::Attribute)),
                _ => None,
            }
        }
        Kind::Method { receiver, name, generic, .. } if name == "from_env" => {
            let Kind::Call { callee, args } = context.body.kind(context.body.peeled(*receiver)) else { return None };
            if context.outside(*callee).as_deref() != Some("envy::prefixed") {
                return None;
            }
            match args.first().map(|&arg| context.body.kind(arg)) {
                Some(Kind::Lit(Lit::Str(prefix))) => {
                    Some((wanted(context, id, generic.as_deref())?, Style::Prefixed(prefix.clone())))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// The type asked for: `from_env::<T>()`, or the one of the binding it ends in.
fn wanted(context: &Context<'_, '_>, id: ExprId, generic: Option<&Ty>) -> Option<TypeId> {
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
pub(super) fn keys(index: &Index<'_>, owner: TypeId, style: &Style) -> Vec<(String, bool)> {
    let TypeKind::Struct(fields) = &index.type_item(owner).kind else { return Vec::new() };
    fields.iter().filter_map(|field| Some((key(field, style)?, is_required(field)))).collect()
}

/// The variable a field of such a struct holds.
pub(super) fn key_of(index: &Index<'_>, owner: TypeId, style: &Style, name: &str) -> Option<String> {
    let TypeKind::Struct(fields) = &index.type_item(owner).kind else { return None };
    key(fields.iter().find(|field| field.name == name)?, style)
}

fn key(field: &Field, style: &Style) -> Option<String> {
    match style {
        Style::Prefixed(prefix) => {
            let name = field.rename.as_deref().unwrap_or(&field.name);
            Some(format!("{prefix}{}", name.to_uppercase()))
        }
        Style::Attribute => match field.env.as_deref()? {
            "" => Some(field.name.to_uppercase()),
            named => Some(named.to_owned()),
        },
    }
}

fn is_required(field: &Field) -> bool {
    let optional = matches!(&field.ty, Ty::Path { path, .. }
        if path.last().is_some_and(|name| matches!(name.as_str(), "Option" | "bool" | "Vec")));
    !field.default && !optional
}
