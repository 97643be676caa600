//! What names stand for in a configuration: variables, locals, outputs of modules.

use super::modules::{Configuration, Copy};
use super::names::Names;
use super::scope::Scope;
use super::source::{ModuleKind, module_kind};
use super::value::{Map, MapEntry, ModuleId, ModuleRef, ResourceRef, Val, ValKind};
use crate::document::hcl::{Expr, ExprKind};
use crate::knowledge::{TerraformModule, terraform};
use crate::model::Origin;
use crate::text::{Span, path};
use std::rc::Rc;

impl Names for Configuration<'_> {
    fn spend(&self) -> bool {
        self.step()
    }

    fn load(&self, reference: &str) -> Option<(Span, String)> {
        let path = path::join(&self.root.dir, reference)?;
        if !self.tree.contains(&path) {
            return None;
        }
        (self.loader.borrow_mut())(&path)
    }

    fn path_of(&self, module: ModuleId) -> String {
        self.instance(module).path.clone()
    }

    fn variable(&self, name: &str, scope: &Scope, span: Span) -> Val {
        let instance = self.instance(scope.module);
        let declared = instance.source.labelled("variable", &[name]);
        let value = self.once(scope.module, format!("var.{name}"), span, || {
            let given = match &instance.call {
                None => self.given.get(name).cloned(),
                Some((call, outer)) => call.body.attribute(name).map(|attribute| {
                    let deeper = Scope { depth: scope.depth + 1, ..outer.clone() };
                    let value = self.eval(&attribute.value, &deeper);
                    let origin =
                        Origin::Inherited("the module call".to_owned(), attribute.key.to(attribute.value.span));
                    value.seen_at(attribute.value.span, Some(origin))
                }),
            };
            let default = || declared.and_then(|block| block.body.attribute("default"));
            let value = given.or_else(|| {
                let default = default()?;
                let place = default.value.span;
                let origin = match &instance.call {
                    None => Origin::ParameterDefault(format!("variable `{name}`"), place),
                    Some(_) => Origin::Inherited(format!("the module's variable `{name}`"), place),
                };
                Some(self.eval(&default.value, &Scope::of(scope.module)).seen_at(place, Some(origin)))
            });
            let value = value.unwrap_or_else(|| {
                let symbol = format!("variable {name} of {}", or_dot(&instance.source.dir));
                Val::new(ValKind::External(symbol.into()), span)
            });
            match declared.and_then(|block| block.body.attribute("type")) {
                Some(kind) => with_optional(self, &kind.value, value, &Scope::of(scope.module)),
                None => value,
            }
        });
        let origin = value.origin.clone();
        inherit(value, &origin).seen_at(span, None)
    }

    fn local(&self, name: &str, scope: &Scope, span: Span) -> Val {
        let instance = self.instance(scope.module);
        let value = self.once(scope.module, format!("local.{name}"), span, || {
            let found = instance.source.blocks("locals").find_map(|block| block.body.attribute(name));
            match found {
                Some(attribute) => {
                    let deeper = Scope { names: Vec::new(), ..scope.clone() };
                    self.eval(&attribute.value, &deeper)
                }
                None => Val::opaque(format!("`local.{name}` is not defined"), span),
            }
        });
        let origin = value.origin.clone();
        value.seen_at(span, origin)
    }

    fn output(&self, module: &ModuleRef, name: &str, scope: &Scope, span: Span) -> Val {
        let ModuleRef { caller, call, key } = module;
        let parent = self.instance(*caller);
        let Some(block) = parent.source.labelled("module", &[call]) else {
            return Val::opaque(format!("`module.{call}` is not called here"), span);
        };
        let kind = module_kind(&parent.source.dir, block);
        let published = match &kind {
            ModuleKind::Registry(known) => terraform().modules.get(known),
            _ => None,
        };
        if let Some(module) = published {
            let copies = self.copies(block, *caller);
            let copy = copies.iter().find(|copy| copy.key == *key).or(copies.first());
            let suffix = copy.map_or("", |copy| copy.suffix.as_str());
            let address = format!("{}module.{call}{suffix}", parent.address);
            return published_output(module, &address, name, span);
        }
        if !matches!(kind, ModuleKind::Local(_)) {
            let symbol = format!("{}module.{call}.{name}", parent.address);
            return Val::new(ValKind::External(symbol.into()), span);
        }
        let children = self.children(*caller, call);
        let child = match children.as_slice() {
            [only] => Some(only),
            several => several.iter().find(|(copy, _)| copy.key == *key),
        };
        let Some((_, child)) = child else {
            return Val::opaque(format!("`module.{call}` has no such instance"), span);
        };
        let source = self.instance(*child).source;
        let Some(attribute) = source.labelled("output", &[name]).and_then(|block| block.body.attribute("value")) else {
            return Val::opaque(format!("`module.{call}` has no output `{name}`"), span);
        };
        let value = self.once(*child, format!("output.{name}"), span, || {
            self.eval(&attribute.value, &Scope { depth: scope.depth + 1, ..Scope::of(*child) })
        });
        let origin = value.origin.clone();
        value.seen_at(span, origin)
    }

    fn attribute(&self, reference: &ResourceRef, name: &str, scope: &Scope, span: Span) -> Val {
        self.resource_attribute(reference, name, scope, span)
    }

    fn instances_of(&self, value: &Val, span: Span) -> Option<Vec<Val>> {
        match &value.kind {
            ValKind::Resource(reference) if reference.key.is_none() => {
                let block = self.block(reference)?;
                let copies = self.copies(block, reference.module);
                Some(
                    copies
                        .iter()
                        .map(|copy| {
                            let reference = ResourceRef { key: copy.key.clone(), ..reference.clone() };
                            Val::new(ValKind::Resource(reference), span)
                        })
                        .collect(),
                )
            }
            ValKind::Module(module) if module.key.is_none() => {
                let children = self.children(module.caller, &module.call);
                let each = |(copy, _): &(Copy, ModuleId)| {
                    let one = ModuleRef { key: copy.key.clone(), ..module.clone() };
                    Val::new(ValKind::Module(one), span)
                };
                (!children.is_empty()).then(|| children.iter().map(each).collect())
            }
            ValKind::Resource(_) => Some(vec![value.clone()]),
            _ => None,
        }
    }
}

/// Fills in the defaults of `optional(type, default)` in a type constraint.
fn with_optional(configuration: &Configuration<'_>, constraint: &Expr, value: Val, scope: &Scope) -> Val {
    let ExprKind::Call { name, arguments, .. } = &constraint.kind else {
        return value;
    };
    let Some(inner) = arguments.first() else { return value };
    match (name.as_str(), &value.kind) {
        ("optional", _) => with_optional(configuration, inner, value, scope),
        ("list" | "set", ValKind::List(items)) => {
            let items = items.iter().map(|item| with_optional(configuration, inner, item.clone(), scope)).collect();
            value.with_kind(ValKind::List(Rc::new(items)))
        }
        ("map", ValKind::Map(map)) => {
            let mut map = Map::clone(map);
            for entry in &mut map.entries {
                entry.value = with_optional(configuration, inner, entry.value.clone(), scope);
            }
            value.with_kind(ValKind::Map(Rc::new(map)))
        }
        ("object", ValKind::Map(map)) => {
            let ExprKind::Object(fields) = &inner.kind else { return value };
            let mut map = Map::clone(map);
            for (field, kind) in fields {
                let ExprKind::Text(field) = &field.kind else { continue };
                let known = map.get(field).map(|entry| entry.value.clone()).filter(|value| !value.is_null());
                let default = match &kind.kind {
                    ExprKind::Call { name, arguments, .. } if name == "optional" => arguments.get(1),
                    _ => None,
                };
                let filled = match (known, default) {
                    (Some(known), _) => with_optional(configuration, kind, known, scope),
                    (None, Some(default)) => configuration.eval(default, scope),
                    (None, None) => continue,
                };
                map.set(MapEntry { key: field.as_str().into(), key_span: filled.span, value: filled });
            }
            value.with_kind(ValKind::Map(Rc::new(map)))
        }
        _ => value,
    }
}

/// What an output of a published module stands for: the function, or something that is not modelled.
fn published_output(module: &TerraformModule, address: &str, name: &str, span: Span) -> Val {
    if module.outputs.iter().any(|output| output == name) {
        return Val::new(ValKind::Attribute(address.into(), name.into()), span);
    }
    Val::new(ValKind::External(format!("{address}.{name}").into()), span)
}

/// Attributes of a value that was handed over come from the same place.
fn inherit(value: Val, origin: &Option<Origin>) -> Val {
    let Some(origin) = origin else { return value };
    let kind = match &value.kind {
        ValKind::Map(map) => {
            let mut map = Map::clone(map);
            for entry in &mut map.entries {
                entry.value = inherit(entry.value.clone(), &Some(origin.clone()));
                entry.value.origin.get_or_insert_with(|| origin.clone());
            }
            ValKind::Map(Rc::new(map))
        }
        other => other.clone(),
    };
    value.with_kind(kind)
}

fn or_dot(dir: &str) -> &str {
    if dir.is_empty() { "." } else { dir }
}
