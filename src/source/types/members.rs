//! Types of members: fields, payloads of variants, and what newtypes deref to.

use super::infer::Context;
use crate::knowledge::Meaning;
use crate::source::names::kinds::{Head, Type, TypeId};
use crate::source::parse::declared::TypeKind;
use crate::source::parse::ir::{ExprId, Ty};

/// Newtypes around newtypes that are followed; it ends cycles in broken source.
const MAX_DEREFS: u32 = 4;

impl Context<'_> {
    /// The type of a field; an event's `payload` is the event.
    pub(crate) fn field(&self, base: &Type, name: &str) -> Type {
        self.field_at(base, name, MAX_DEREFS)
    }

    fn field_at(&self, base: &Type, name: &str, hops: u32) -> Type {
        match &base.head {
            Head::Local(id) => match &self.index.type_item(*id).kind {
                TypeKind::Struct(fields) => {
                    match fields.iter().find(|field| field.name == name) {
                        Some(field) => self.lower_member(*id, &field.ty, &base.args),
                        // A newtype that derefs has the fields of what it holds.
                        None => match self.deref(base) {
                            Some(inner) if hops > 0 => self.field_at(&inner, name, hops - 1),
                            _ => Type::unknown(),
                        },
                    }
                }
                _ => Type::unknown(),
            },
            Head::Outside(path) if name == "payload" && self.index.lexicon.means(path, Meaning::WrapsEvent) => {
                base.args.first().cloned().unwrap_or_else(Type::unknown)
            }
            Head::Outside(_) if name == "0" => base.args.first().cloned().unwrap_or_else(|| base.clone()),
            _ => Type::unknown(),
        }
    }

    /// The type of a member, its generics given by the owner's arguments, its bounds, or the `impl` at hand.
    fn lower_member(&self, owner: TypeId, ty: &Ty, args: &[Type]) -> Type {
        let item = self.index.type_item(owner);
        let context = Self { def: self.index.type_def(owner), function: None, ..*self };
        if let Ty::Path { path, .. } = ty
            && let [name] = path.as_slice()
            && let Some(at) = item.generics.iter().position(|generic| generic.name == *name)
        {
            if let Some(given) = args.get(at) {
                return given.clone();
            }
            let bounds = &item.generics[at].bounds;
            let found = context.bounds(bounds);
            if found.head != Head::Unknown {
                return found;
            }
            let own = self.function.and_then(|function| function.generics.iter().find(|own| own.name == *name));
            return own.map_or_else(Type::unknown, |own| self.bounds(&own.bounds));
        }
        context.peel(context.lower(ty))
    }

    /// The payload of a variant.
    pub(crate) fn payload(&self, base: &Type, variant: &str, field: &str) -> Type {
        let Head::Local(id) = &base.head else { return self.peel(base.clone()) };
        match &self.index.type_item(*id).kind {
            TypeKind::Enum(variants) => {
                let fields = variants.iter().find(|(name, _)| name == variant).map(|(_, fields)| fields);
                let found = fields.and_then(|fields| fields.iter().find(|known| known.name == field));
                found.map_or_else(Type::unknown, |found| self.lower_member(*id, &found.ty, &base.args))
            }
            // The pattern of a tuple struct.
            TypeKind::Struct(_) if variant == self.index.type_item(*id).name => self.field(base, field),
            _ => base.clone(),
        }
    }

    /// What a type derefs to: the only field of a newtype that implements `Deref`.
    pub(crate) fn deref(&self, ty: &Type) -> Option<Type> {
        let Head::Local(id) = &ty.head else { return None };
        if self.index.methods(*id, "deref").is_empty() {
            return None;
        }
        let TypeKind::Struct(fields) = &self.index.type_item(*id).kind else { return None };
        match fields.as_slice() {
            [only] => Some(self.lower_member(*id, &only.ty, &ty.args)),
            _ => None,
        }
    }

    /// The type a method is called on, through newtypes that deref to the one that has it.
    pub(crate) fn receiver(&self, id: ExprId, method: &str) -> Type {
        self.through_deref(self.type_of(id), method)
    }

    /// A type, or what it derefs to, whichever has a method of the workspace or comes from outside.
    pub(crate) fn through_deref(&self, ty: Type, method: &str) -> Type {
        let mut ty = ty;
        for _ in 0..MAX_DEREFS {
            match &ty.head {
                Head::Local(own) if self.index.methods(*own, method).is_empty() => match self.deref(&ty) {
                    Some(inner) => ty = inner,
                    None => break,
                },
                _ => break,
            }
        }
        ty
    }
}
