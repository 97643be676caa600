//! Types and generics into facts. Nesting is bounded by the gate.

use super::declared::Generic;
use super::ir::Ty;
use syn::{GenericArgument, GenericParam, PathArguments, ReturnType, Type, TypeParamBound, WherePredicate};

/// A type as written; references, pointers and slices are seen through.
pub(crate) fn ty(node: &Type) -> Ty {
    match node {
        Type::Path(path) => {
            let mut lowered = path_ty(&path.path);
            if let (Some(qself), Ty::Path { path: segments, .. }) = (&path.qself, &mut lowered) {
                // `<T as Trait>::Name`: the name says too little to resolve.
                if qself.as_token.is_some() {
                    return Ty::Unknown;
                }
                segments.insert(0, "Self".to_owned());
            }
            lowered
        }
        Type::Reference(reference) => ty(&reference.elem),
        Type::Ptr(pointer) => ty(&pointer.elem),
        Type::Paren(inner) => ty(&inner.elem),
        Type::Group(inner) => ty(&inner.elem),
        Type::Slice(slice) => Ty::Path { path: vec!["Vec".to_owned()], args: vec![ty(&slice.elem)] },
        // Its length is checked by the compiler, unlike that of a list.
        Type::Array(array) => Ty::Path { path: vec!["Array".to_owned()], args: vec![ty(&array.elem)] },
        Type::Tuple(tuple) => Ty::Tuple(tuple.elems.iter().map(ty).collect()),
        Type::ImplTrait(bounds) => Ty::Bounds(bounds_of(&bounds.bounds)),
        Type::TraitObject(bounds) => Ty::Bounds(bounds_of(&bounds.bounds)),
        _ => Ty::Unknown,
    }
}

/// A path as a type, with the generic arguments of its last segment.
pub(crate) fn path_ty(path: &syn::Path) -> Ty {
    let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let args = path.segments.last().map(|segment| arguments(&segment.arguments)).unwrap_or_default();
    Ty::Path { path: segments, args }
}

/// Generic type arguments; `Fn(A) -> B` gives its output, as does `Future<Output = B>`.
pub(crate) fn arguments(arguments: &PathArguments) -> Vec<Ty> {
    match arguments {
        PathArguments::None => Vec::new(),
        PathArguments::AngleBracketed(list) => list
            .args
            .iter()
            .filter_map(|argument| match argument {
                GenericArgument::Type(inner) => Some(ty(inner)),
                GenericArgument::AssocType(assoc) => Some(ty(&assoc.ty)),
                _ => None,
            })
            .collect(),
        PathArguments::Parenthesized(list) => vec![output(&list.output)],
    }
}

/// A return type; none is `()`.
pub(crate) fn output(node: &ReturnType) -> Ty {
    match node {
        ReturnType::Default => Ty::Tuple(Vec::new()),
        ReturnType::Type(_, inner) => ty(inner),
    }
}

pub(crate) fn bounds_of<'a>(bounds: impl IntoIterator<Item = &'a TypeParamBound>) -> Vec<Ty> {
    bounds
        .into_iter()
        .filter_map(|bound| match bound {
            TypeParamBound::Trait(bound) => Some(path_ty(&bound.path)),
            _ => None,
        })
        .collect()
}

/// Type parameters with the bounds of the list and of the `where` clause.
pub(crate) fn generics(node: &syn::Generics) -> Vec<Generic> {
    let mut found: Vec<Generic> = node
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Type(param) => {
                Some(Generic { name: param.ident.to_string(), bounds: bounds_of(&param.bounds) })
            }
            _ => None,
        })
        .collect();
    if let Some(clause) = &node.where_clause {
        for predicate in &clause.predicates {
            let WherePredicate::Type(predicate) = predicate else {
                continue;
            };
            let Ty::Path { path, .. } = ty(&predicate.bounded_ty) else {
                continue;
            };
            if let Some(generic) = found.iter_mut().find(|generic| [generic.name.clone()] == path[..]) {
                generic.bounds.extend(bounds_of(&predicate.bounds));
            }
        }
    }
    found
}
