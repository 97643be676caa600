//! Patterns into bindings with the way from the matched value to each.

use super::body::Builder;
use super::ir::{Heads, Local, Projection, Source, Ty};
use super::ty::ty;
use syn::{Member, Pat};

impl Builder<'_> {
    /// Declares the bindings of a pattern in the current scope.
    pub(crate) fn bind(&mut self, pattern: &Pat, source: &Source, declared: Option<&Ty>, way: &mut Vec<Projection>) {
        match pattern {
            Pat::Ident(ident) => {
                // `None` and constants parse as bindings too; a capital tells them apart.
                let name = ident.ident.to_string();
                if ident.subpat.is_none() && name.starts_with(|c: char| c.is_ascii_uppercase()) {
                    return;
                }
                let whole = projected(declared, way).is_none() && !matches!(source, Source::Init { .. });
                let source = match source {
                    Source::Init { init, projection } => {
                        let mut projection = projection.clone();
                        projection.extend(way.iter().cloned());
                        Source::Init { init: *init, projection }
                    }
                    other => other.clone(),
                };
                // Where the written type does not show the part, the whole type and the way to it do.
                let ty = if way.is_empty() || whole { declared.cloned() } else { projected(declared, way) };
                let way_left = if whole { way.clone() } else { Vec::new() };
                self.declare(Local { name, ty, source, way: way_left, uses: Vec::new() });
                if let Some((_, inner)) = &ident.subpat {
                    let source = Source::Unset;
                    self.bind(inner, &source, None, way);
                }
            }
            Pat::Type(typed) => {
                let declared = ty(&typed.ty);
                let declared = if declared == Ty::Unknown { None } else { Some(declared) };
                self.bind(&typed.pat, source, declared.as_ref(), way);
            }
            Pat::Reference(inner) => self.bind(&inner.pat, source, declared, way),
            Pat::Paren(inner) => self.bind(&inner.pat, source, declared, way),
            Pat::Guard(inner) => self.bind(&inner.pat, source, declared, way),
            Pat::Tuple(tuple) => {
                for (index, inner) in tuple.elems.iter().enumerate() {
                    self.step(inner, source, declared, way, Projection::Index(index));
                }
            }
            Pat::Slice(slice) => {
                for (index, inner) in slice.elems.iter().enumerate() {
                    self.step(inner, source, declared, way, Projection::Index(index));
                }
            }
            Pat::TupleStruct(variant) => {
                let name = variant.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
                for (index, inner) in variant.elems.iter().enumerate() {
                    let step = if variant.elems.len() == 1 {
                        Projection::Payload(name.clone())
                    } else {
                        Projection::Field(index.to_string())
                    };
                    self.step(inner, source, declared, way, step);
                }
            }
            Pat::Struct(record) => {
                for field in &record.fields {
                    let name = match &field.member {
                        Member::Named(name) => name.to_string(),
                        Member::Unnamed(index) => index.index.to_string(),
                    };
                    self.step(&field.pat, source, declared, way, Projection::Field(name));
                }
            }
            Pat::Or(alternatives) => {
                if let Some(first) = alternatives.cases.first() {
                    self.bind(first, source, declared, way);
                }
            }
            _ => {}
        }
    }

    fn step(
        &mut self,
        pattern: &Pat,
        source: &Source,
        declared: Option<&Ty>,
        way: &mut Vec<Projection>,
        step: Projection,
    ) {
        way.push(step);
        self.bind(pattern, source, declared, way);
        way.pop();
    }
}

/// Alternatives and nesting of one pattern that are followed; code has few, hostile input may have many.
const MAX_HEADS: usize = 64;

/// What a pattern asks for.
pub(crate) fn heads(pattern: &Pat) -> Heads {
    let mut at = pattern;
    let mut words = Vec::new();
    loop {
        at = match at {
            Pat::Reference(inner) => &inner.pat,
            Pat::Paren(inner) => &inner.pat,
            Pat::Guard(inner) => &inner.pat,
            Pat::Type(inner) => &inner.pat,
            Pat::TupleStruct(variant) => {
                words.extend(variant.path.segments.last().map(|last| last.ident.to_string()));
                match variant.elems.first() {
                    Some(inner) if words.len() < MAX_HEADS => inner,
                    _ => break,
                }
            }
            Pat::Or(alternatives) if words.is_empty() => {
                let cases = alternatives.cases.iter().take(MAX_HEADS);
                return cases.filter(|case| !matches!(case, Pat::Or(_))).flat_map(heads).collect();
            }
            Pat::Path(path) => {
                words.extend(path.path.segments.last().map(|last| last.ident.to_string()));
                break;
            }
            Pat::Struct(record) => {
                words.extend(record.path.segments.last().map(|last| last.ident.to_string()));
                break;
            }
            Pat::Ident(ident) => {
                let name = ident.ident.to_string();
                if ident.subpat.is_none() && name.starts_with(|c: char| c.is_ascii_uppercase()) {
                    words.push(name);
                }
                break;
            }
            Pat::Lit(literal) => {
                if let syn::Lit::Str(text) = &literal.lit {
                    words.push(format!("\"{}\"", text.value()));
                }
                break;
            }
            Pat::Wild(_) => {
                words.push("_".to_owned());
                break;
            }
            _ => break,
        }
    }
    vec![words]
}

/// The part of a declared type a projection leads to: `State<T>` through one payload is `T`.
fn projected(declared: Option<&Ty>, way: &[Projection]) -> Option<Ty> {
    let mut at = declared?.clone();
    for step in way {
        at = match (step, at) {
            (Projection::Index(index), Ty::Tuple(items)) => items.get(*index)?.clone(),
            (Projection::Payload(_), Ty::Path { args, .. }) => args.first()?.clone(),
            _ => return None,
        };
    }
    Some(at)
}
