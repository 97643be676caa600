//! Items into facts: functions, types, statics, uses, modules.

use super::body::Builder;
use super::declared::{self, Function, Generic, Import, ModDecl, StaticItem, TypeItem, TypeKind, Use};
use super::fields::{camel_case, fields, serde_strings, settings, text_of};
use super::ir::Ty;
use super::lowering::{Lowering, path_of, whole};
use super::macros::first_string;
use super::ty::{bounds_of, generics, output, path_ty, ty};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, FnArg, ImplItem, Item, Signature, Token, TraitItem, Type, UseTree};

/// What encloses an item.
#[derive(Clone)]
struct Owner {
    self_ty: Option<Ty>,
    of_trait: Option<Vec<String>>,
    in_trait: bool,
    generics: Vec<Generic>,
}

const FREE: Owner = Owner { self_ty: None, of_trait: None, in_trait: false, generics: Vec::new() };

impl Lowering {
    /// Lowers items of a module; inline modules nest as deep as the gate allows.
    pub(crate) fn items(&mut self, items: &[Item], module: &[String]) {
        for item in items {
            self.item(item, module);
        }
    }

    fn item(&mut self, item: &Item, module: &[String]) {
        match item {
            Item::Fn(node) if !self.excluded(&node.attrs) => {
                self.function(&node.sig, Some(&node.block), &node.attrs, module, &FREE);
            }
            Item::Impl(node) if !self.excluded(&node.attrs) => self.implementation(node, module),
            Item::Trait(node) if !self.excluded(&node.attrs) => self.declaration(node, module),
            Item::Mod(node) if !self.excluded(&node.attrs) => {
                let mut inner = module.to_vec();
                inner.push(node.ident.unraw().to_string());
                match &node.content {
                    Some((_, items)) => {
                        self.facts.inline.push(inner.clone());
                        self.items(items, &inner);
                    }
                    None => {
                        let span = self.range(node.ident.span());
                        let path = path_attribute(&node.attrs);
                        let name = node.ident.unraw().to_string();
                        self.facts.modules.push(ModDecl { name, module: module.to_vec(), path, span });
                    }
                }
            }
            Item::Use(node) if !self.excluded(&node.attrs) => {
                let mut prefix = Vec::new();
                self.use_tree(&node.tree, &mut prefix, module, is_public(&node.vis));
            }
            Item::ExternCrate(node) => {
                let name = node.rename.as_ref().map_or(&node.ident, |(_, rename)| rename).to_string();
                self.used(name, vec![node.ident.to_string()], module, is_public(&node.vis));
            }
            Item::Struct(node) if !self.excluded(&node.attrs) => self.structure(node, module),
            Item::Enum(node) => {
                let variants = node.variants.iter();
                let kind = TypeKind::Enum(variants.map(|it| (it.ident.to_string(), fields(&it.fields))).collect());
                self.type_item(node.ident.to_string(), module, generics(&node.generics), kind);
            }
            Item::Type(node) => {
                let target = ty(&node.ty);
                self.type_item(node.ident.to_string(), module, Vec::new(), TypeKind::Alias(target));
            }
            Item::Static(node) if !self.excluded(&node.attrs) => {
                let mutable = matches!(node.mutability, syn::StaticMutability::Mut(_));
                self.static_item(&node.ident, &node.ty, &node.expr, module, (mutable, false));
            }
            Item::Const(node) if !self.excluded(&node.attrs) => {
                self.static_item(&node.ident, &node.ty, &node.expr, module, (false, true));
            }
            Item::Macro(node) if !self.excluded(&node.attrs) => self.item_macro(node, module),
            _ => {}
        }
    }

    fn type_item(&mut self, name: String, module: &[String], generics: Vec<Generic>, kind: TypeKind) {
        let module = module.to_vec();
        let item = TypeItem {
            name,
            module,
            generics,
            kind,
            serde_names: Vec::new(),
            serialize: false,
            deserialize: false,
            read: true,
        };
        self.facts.types.push(item);
    }

    fn structure(&mut self, node: &syn::ItemStruct, module: &[String]) {
        let camel = node
            .attrs
            .iter()
            .any(|attr| attr.path().is_ident("serde") && serde_strings(attr).iter().any(|text| text == "camelCase"));
        let mut serde_names: Vec<String> =
            node.fields.iter().flat_map(|field| field.attrs.iter()).flat_map(serde_strings).collect();
        if camel {
            let named = node.fields.iter().filter_map(|field| field.ident.as_ref());
            serde_names.extend(named.map(|name| camel_case(&name.to_string())));
        }
        let derives: Vec<String> = node.attrs.iter().flat_map(derives).collect();
        self.facts.types.push(TypeItem {
            name: node.ident.to_string(),
            module: module.to_vec(),
            generics: generics(&node.generics),
            kind: TypeKind::Struct(fields(&node.fields)),
            serde_names,
            serialize: derives.iter().any(|name| name == "Serialize"),
            deserialize: derives.iter().any(|name| name == "Deserialize"),
            read: derives.iter().any(|name| !MAKES_NOTHING.contains(&name.as_str())),
        });
    }

    fn static_item(
        &mut self,
        name: &syn::Ident,
        declared: &Type,
        value: &Expr,
        module: &[String],
        (mutable, constant): (bool, bool),
    ) {
        let mut builder = Builder::new(self);
        builder.lower(value);
        let (body, nested) = builder.finish();
        let name_span = self.range(name.span());
        let (name, ty) = (name.to_string(), ty(declared));
        let module_path = module.to_vec();
        self.facts.statics.push(StaticItem { name, name_span, module: module_path, ty, mutable, constant, body });
        self.items(&nested, module);
    }

    fn function(
        &mut self,
        sig: &Signature,
        block: Option<&syn::Block>,
        attrs: &[Attribute],
        module: &[String],
        owner: &Owner,
    ) {
        let mut builder = Builder::new(self);
        let mut params = Vec::new();
        for input in &sig.inputs {
            match input {
                FnArg::Receiver(_) => {
                    builder.receiver();
                }
                FnArg::Typed(typed) => {
                    let declared = ty(&typed.ty);
                    builder.parameter(&typed.pat, &declared, params.len());
                    params.push(declared);
                }
            }
        }
        if let Some(block) = block {
            builder.block(block);
        }
        let (body, nested) = builder.finish();
        let mut all = generics(&sig.generics);
        all.extend(owner.generics.iter().cloned());
        self.facts.functions.push(Function {
            name: sig.ident.to_string(),
            name_span: self.range(sig.ident.span()),
            module: module.to_vec(),
            self_ty: owner.self_ty.clone(),
            of_trait: owner.of_trait.clone(),
            in_trait: owner.in_trait,
            generics: all,
            params,
            output: output(&sig.output),
            is_async: sig.asyncness.is_some(),
            attributes: attrs.iter().map(|attr| self.attribute(attr)).collect(),
            body,
        });
        self.items(&nested, module);
    }

    /// The path of an attribute, and what it is given.
    fn attribute(&self, attr: &Attribute) -> declared::Attribute {
        let path = match path_ty(attr.path()) {
            Ty::Path { path, .. } => path,
            _ => Vec::new(),
        };
        let settings = match &attr.meta {
            syn::Meta::List(list) => settings(&list.tokens),
            _ => Vec::new(),
        };
        declared::Attribute { path, settings, span: self.range(whole(attr.path())) }
    }

    fn implementation(&mut self, node: &syn::ItemImpl, module: &[String]) {
        let owner = Owner {
            self_ty: Some(ty(&node.self_ty)),
            of_trait: node
                .trait_
                .as_ref()
                .map(|(path, _)| path.segments.iter().map(|segment| segment.ident.to_string()).collect()),
            in_trait: false,
            generics: generics(&node.generics),
        };
        for item in &node.items {
            match item {
                ImplItem::Fn(method) if !self.excluded(&method.attrs) => {
                    self.function(&method.sig, Some(&method.block), &method.attrs, module, &owner);
                }
                ImplItem::Const(constant) => {
                    self.static_item(&constant.ident, &constant.ty, &constant.expr, module, (false, true));
                }
                _ => {}
            }
        }
    }

    fn declaration(&mut self, node: &syn::ItemTrait, module: &[String]) {
        let name = node.ident.to_string();
        let owner = Owner {
            self_ty: None,
            of_trait: Some(vec![name.clone()]),
            in_trait: true,
            generics: generics(&node.generics),
        };
        let supertraits = bounds_of(&node.supertraits);
        self.type_item(name, module, Vec::new(), TypeKind::Trait(supertraits));
        for item in &node.items {
            if let TraitItem::Fn(method) = item {
                self.function(&method.sig, method.default.as_ref(), &method.attrs, module, &owner);
            }
        }
    }

    fn used(&mut self, name: String, path: Vec<String>, module: &[String], public: bool) {
        self.facts.uses.push(Use { module: module.to_vec(), name, import: Import { path, public } });
    }

    fn use_tree(&mut self, tree: &UseTree, prefix: &mut Vec<String>, module: &[String], public: bool) {
        match tree {
            UseTree::Path(node) => {
                prefix.push(node.ident.to_string());
                self.use_tree(&node.tree, prefix, module, public);
                prefix.pop();
            }
            UseTree::Group(node) => {
                for inner in &node.items {
                    self.use_tree(inner, prefix, module, public);
                }
            }
            UseTree::Name(node) => {
                let name = node.ident.to_string();
                let mut path = prefix.clone();
                if name == "self" {
                    let name = path.last().cloned().unwrap_or_default();
                    self.used(name, path, module, public);
                } else {
                    path.push(name.clone());
                    self.used(name, path, module, public);
                }
            }
            UseTree::Rename(node) => {
                let mut path = prefix.clone();
                if node.ident != "self" {
                    path.push(node.ident.to_string());
                }
                let name = node.rename.to_string();
                self.used(name, path, module, public);
            }
            UseTree::Glob(_) => {
                let path = prefix.clone();
                self.used(String::new(), path, module, public);
            }
        }
    }

    /// `lazy_static!`, `thread_local!` and `include!`; other item macros cannot be seen through.
    fn item_macro(&mut self, node: &syn::ItemMacro, module: &[String]) {
        let Some(name) = node.mac.path.segments.last().map(|segment| segment.ident.to_string()) else {
            return;
        };
        match name.as_str() {
            "lazy_static" | "thread_local" => {
                let Ok(statics) = lazy_statics.parse2(node.mac.tokens.clone()) else {
                    return;
                };
                for (name, declared, value) in &statics {
                    self.static_item(name, declared, value, module, (false, false));
                }
            }
            "include" => {
                if let Some(path) = first_string(&node.mac.tokens) {
                    self.facts.includes.push((module.to_vec(), path));
                }
            }
            _ if let Some(items) = self.expanded_items(node) => {
                self.macros.depth += 1;
                self.items(&items, module);
                self.macros.depth -= 1;
            }
            "macro_rules" => {}
            _ => {
                let path = path_of(&node.mac.path);
                let range = self.range(whole(&node.mac.path));
                self.facts.macros.push((module.to_vec(), path, range));
            }
        }
    }
}

impl Lowering {
    /// The items a macro of the workspace makes.
    fn expanded_items(&mut self, node: &syn::ItemMacro) -> Option<Vec<Item>> {
        if node.ident.is_some() {
            return None;
        }
        let tokens = self.expansion(&node.mac, &path_of(&node.mac.path), false)?.tokens;
        syn::parse2::<syn::File>(tokens).ok().map(|file| file.items)
    }
}

/// Whether a macro declares statics.
pub(super) fn declares_statics(node: &syn::Macro) -> bool {
    node.path.segments.last().is_some_and(|last| last.ident == "lazy_static" || last.ident == "thread_local")
}

/// `static ref NAME: Type = value;` and `static NAME: Type = value;`, repeated.
fn lazy_statics(input: ParseStream<'_>) -> syn::Result<Vec<(syn::Ident, Type, Expr)>> {
    let mut found = Vec::new();
    while !input.is_empty() {
        input.call(Attribute::parse_outer)?;
        input.parse::<syn::Visibility>()?;
        input.parse::<Token![static]>()?;
        if input.peek(Token![ref]) {
            input.parse::<Token![ref]>()?;
        }
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        let declared = input.parse()?;
        input.parse::<Token![=]>()?;
        found.push((name, declared, input.parse()?));
        if input.peek(Token![;]) {
            input.parse::<Token![;]>()?;
        }
    }
    Ok(found)
}

/// The file of `#[path = "…"]`.
fn path_attribute(attrs: &[Attribute]) -> Option<String> {
    attrs.iter().find(|attr| attr.path().is_ident("path")).and_then(|attr| text_of(&attr.meta))
}

/// Derives that make no value of the type out of something else.
const MAKES_NOTHING: [&str; 9] =
    ["Debug", "Clone", "Copy", "PartialEq", "Eq", "PartialOrd", "Ord", "Hash", "Serialize"];

/// The last names of what an attribute derives.
fn derives(attr: &Attribute) -> Vec<String> {
    if !attr.path().is_ident("derive") {
        return Vec::new();
    }
    let paths = syn::punctuated::Punctuated::<syn::Path, Token![,]>::parse_terminated;
    let derived = attr.parse_args_with(paths).into_iter().flatten();
    derived.filter_map(|path| path.segments.last().map(|last| last.ident.to_string())).collect()
}

/// Whether a `use` is seen from outside its module; how far is left open.
fn is_public(visibility: &syn::Visibility) -> bool {
    !matches!(visibility, syn::Visibility::Inherited)
}
