//! Directories of `.tf` files, the module instances a root makes of them, and what names in them stand for:
//! variables, locals, outputs, resources. Instances are made when something asks for them.

use super::ast::{Block, Expr, ExprKind};
use super::eval::{Scope, either, pairs};
use super::source::{ModuleKind, Source, module_kind};
use super::value::{Map, MapEntry, ResourceRef, Val, ValKind};
use crate::model::Origin;
use crate::text::{Span, path};
use crate::tree::Tree;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// Steps one root may take; large real roots stay under a tenth of it.
const BUDGET: u32 = 4_000_000;
/// Module instances of one root.
const MAX_INSTANCES: usize = 2_000;
/// Instances of one block; hostile counts would not end.
const MAX_COUNT: usize = 500;

/// One instance of a module.
#[derive(Debug)]
pub(crate) struct Instance<'a> {
    pub(crate) source: &'a Source,
    /// `module.a["x"].`, empty for the root.
    pub(crate) address: String,
    /// How its directory is written from the root's.
    path: String,
    /// The call and where it is evaluated.
    call: Option<(&'a Block, Scope)>,
    depth: u32,
}

/// One instance of a block with `count` or `for_each`, or the only one.
#[derive(Debug, Clone)]
pub(crate) struct Copy {
    /// `["x"]`, `[0]` or nothing.
    pub(crate) suffix: String,
    pub(crate) key: Option<Rc<str>>,
    pub(crate) scope: Scope,
}

/// The copies of a module call, each with the index of its instance.
type Children = Rc<Vec<(Copy, usize)>>;

/// The copies of one block.
type Copies = Rc<Vec<Copy>>;

/// Reads a file of the tree, and says where its text is.
pub(crate) type Loader<'a> = dyn FnMut(&str) -> Option<(Span, String)> + 'a;

/// A root module and all that hangs on it.
pub(crate) struct Configuration<'a> {
    pub(crate) sources: &'a BTreeMap<String, Source>,
    pub(crate) tree: &'a dyn Tree,
    pub(crate) root: &'a Source,
    /// Values given to the root's variables from outside: files and the plan.
    pub(crate) given: HashMap<String, Val>,
    pub(crate) instances: RefCell<Vec<Rc<Instance<'a>>>>,
    children: RefCell<HashMap<(usize, String), Children>>,
    memo: RefCell<HashMap<(usize, String), Option<Val>>>,
    copies: RefCell<HashMap<(usize, Span), Copies>>,
    loader: RefCell<&'a mut Loader<'a>>,
    left: Cell<u32>,
}

impl<'a> Configuration<'a> {
    pub(crate) fn new(
        sources: &'a BTreeMap<String, Source>,
        tree: &'a dyn Tree,
        root: &'a Source,
        given: HashMap<String, Val>,
        loader: &'a mut Loader<'a>,
    ) -> Self {
        let first = Instance { source: root, address: String::new(), path: ".".to_owned(), call: None, depth: 0 };
        Self {
            sources,
            tree,
            root,
            given,
            instances: RefCell::new(vec![Rc::new(first)]),
            children: RefCell::default(),
            memo: RefCell::default(),
            copies: RefCell::default(),
            loader: RefCell::new(loader),
            left: Cell::new(BUDGET),
        }
    }

    /// Takes one step of the budget; false when it is used up.
    pub(crate) fn spend(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }

    pub(crate) fn instance(&self, module: usize) -> Rc<Instance<'a>> {
        Rc::clone(&self.instances.borrow()[module])
    }

    /// `path.module`, as it is written from the root's directory.
    pub(crate) fn path_of(&self, module: usize) -> String {
        self.instance(module).path.clone()
    }

    /// The text of a file named from the root's directory, with its place.
    pub(crate) fn load(&self, reference: &str) -> Option<(Span, String)> {
        let path = path::join(&self.root.dir, reference)?;
        if !self.tree.contains(&path) {
            return None;
        }
        (self.loader.borrow_mut())(&path)
    }

    /// Evaluates once; a value that needs itself is unknown.
    fn once(&self, module: usize, name: String, span: Span, make: impl FnOnce() -> Val) -> Val {
        let key = (module, name);
        if let Some(known) = self.memo.borrow().get(&key) {
            return known.clone().unwrap_or_else(|| Val::opaque("depends on itself", span));
        }
        self.memo.borrow_mut().insert(key.clone(), None);
        let value = make();
        self.memo.borrow_mut().insert(key, Some(value.clone()));
        value
    }

    /// `var.name`.
    pub(crate) fn variable(&self, name: &str, scope: &Scope, span: Span) -> Val {
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
                Some(kind) => self.with_optional(&kind.value, value, &Scope::of(scope.module)),
                None => value,
            }
        });
        let origin = value.origin.clone();
        inherit(value, &origin).seen_at(span, None)
    }

    /// Fills in the defaults of `optional(type, default)` in a type constraint.
    fn with_optional(&self, constraint: &Expr, value: Val, scope: &Scope) -> Val {
        let ExprKind::Call { name, arguments, .. } = &constraint.kind else {
            return value;
        };
        let Some(inner) = arguments.first() else { return value };
        match (name.as_str(), &value.kind) {
            ("optional", _) => self.with_optional(inner, value, scope),
            ("list" | "set", ValKind::List(items)) => {
                let items = items.iter().map(|item| self.with_optional(inner, item.clone(), scope)).collect();
                value.with_kind(ValKind::List(Rc::new(items)))
            }
            ("map", ValKind::Map(map)) => {
                let mut map = Map::clone(map);
                for entry in &mut map.entries {
                    entry.value = self.with_optional(inner, entry.value.clone(), scope);
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
                        (Some(known), _) => self.with_optional(kind, known, scope),
                        (None, Some(default)) => self.eval(default, scope),
                        (None, None) => continue,
                    };
                    map.set(MapEntry { key: field.as_str().into(), key_span: filled.span, value: filled });
                }
                value.with_kind(ValKind::Map(Rc::new(map)))
            }
            _ => value,
        }
    }

    /// `local.name`.
    pub(crate) fn local(&self, name: &str, scope: &Scope, span: Span) -> Val {
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

    /// The instances a module call makes, each with the index of the module instance.
    pub(crate) fn children(&self, caller: usize, name: &str) -> Children {
        let key = (caller, name.to_owned());
        if let Some(known) = self.children.borrow().get(&key) {
            return Rc::clone(known);
        }
        // A call whose arguments need its own outputs sees none of them.
        self.children.borrow_mut().insert(key.clone(), Rc::default());
        let parent = self.instance(caller);
        let mut made = Vec::new();
        if let Some(block) = parent.source.labelled("module", &[name])
            && let ModuleKind::Local(dir) = module_kind(&parent.source.dir, block)
            && let Some(source) = self.sources.get(&dir)
            && parent.depth < 16
        {
            let written = block.body.attribute("source").and_then(|attribute| match &attribute.value.kind {
                ExprKind::Text(text) => Some(text.clone()),
                _ => None,
            });
            for copy in self.copies(block, caller).iter() {
                let mut instances = self.instances.borrow_mut();
                if instances.len() >= MAX_INSTANCES {
                    break;
                }
                instances.push(Rc::new(Instance {
                    source,
                    address: format!("{}module.{name}{}.", parent.address, copy.suffix),
                    path: format!("{}/{}", parent.path, written.as_deref().unwrap_or(".")),
                    call: Some((block, copy.scope.clone())),
                    depth: parent.depth + 1,
                }));
                made.push((copy.clone(), instances.len() - 1));
            }
        }
        let made = Rc::new(made);
        self.children.borrow_mut().insert(key, Rc::clone(&made));
        made
    }

    /// The copies `count` or `for_each` make of a block. Unknown keys give one copy whose `each` is unknown.
    pub(crate) fn copies(&self, block: &Block, module: usize) -> Copies {
        let key = (module, block.span);
        if let Some(known) = self.copies.borrow().get(&key) {
            return Rc::clone(known);
        }
        // A block whose keys need the block itself has none.
        self.copies.borrow_mut().insert(key, Rc::default());
        let copies = Rc::new(self.make_copies(block, module));
        self.copies.borrow_mut().insert(key, Rc::clone(&copies));
        copies
    }

    fn make_copies(&self, block: &Block, module: usize) -> Vec<Copy> {
        let scope = Scope::of(module);
        let single = |scope: Scope| vec![Copy { suffix: String::new(), key: None, scope }];
        if let Some(attribute) = block.body.attribute("for_each") {
            let collection = self.eval(&attribute.value, &scope);
            let collection = one_arm(collection);
            let Some(pairs) = pairs(&collection) else {
                let reason = "depends on `for_each` over keys decided at deploy time";
                let unknown = Val::opaque(reason, attribute.value.span);
                return single(Self::each(&scope, unknown.clone(), unknown));
            };
            let is_set = matches!(collection.kind, ValKind::List(_));
            return pairs
                .into_iter()
                .take(MAX_COUNT)
                .map(|(key, value)| {
                    // The elements of a set are keys and values at once.
                    let key = if is_set { value.clone() } else { key };
                    let name: Option<Rc<str>> = key.scalar().map(Rc::from);
                    let suffix = name.as_ref().map_or(String::new(), |name| format!("[\"{name}\"]"));
                    Copy { suffix, key: name, scope: Self::each(&scope, key, value) }
                })
                .collect();
        }
        if let Some(attribute) = block.body.attribute("count") {
            let count = one_arm(self.eval(&attribute.value, &scope));
            let Some(number) = count.as_number() else {
                let unknown = Val::opaque("depends on a `count` decided at deploy time", attribute.value.span);
                return single(Self::counted(&scope, unknown));
            };
            return (0..(number.max(0.0) as usize).min(MAX_COUNT))
                .map(|index| Copy {
                    suffix: format!("[{index}]"),
                    key: Some(index.to_string().into()),
                    scope: Self::counted(&scope, Val::number(index as f64, attribute.value.span)),
                })
                .collect();
        }
        single(scope)
    }

    /// The instances of a whole resource, for splats.
    pub(crate) fn instances_of(&self, value: &Val, span: Span) -> Option<Vec<Val>> {
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
            ValKind::Module { caller, call, key: None } => {
                let children = self.children(*caller, call);
                let each = |(copy, _): &(Copy, usize)| {
                    let kind = ValKind::Module { caller: *caller, call: Rc::clone(call), key: copy.key.clone() };
                    Val::new(kind, span)
                };
                (!children.is_empty()).then(|| children.iter().map(each).collect())
            }
            ValKind::Resource(_) => Some(vec![value.clone()]),
            _ => None,
        }
    }

    /// The block a reference names.
    pub(crate) fn block(&self, reference: &ResourceRef) -> Option<&'a Block> {
        let kind = if reference.data { "data" } else { "resource" };
        let source: &'a Source = self.instance(reference.module).source;
        source.labelled(kind, &[&reference.kind, &reference.name])
    }

    /// The copy of a block that a reference means; an index that fits no copy means the only one.
    pub(crate) fn copy_of(&self, reference: &ResourceRef, block: &Block) -> Option<Copy> {
        let copies = self.copies(block, reference.module);
        let found = copies.iter().find(|copy| copy.key == reference.key);
        match (found, copies.as_slice()) {
            (Some(found), _) => Some(found.clone()),
            (None, [only]) => Some(only.clone()),
            _ => None,
        }
    }

    /// `module.call.name`.
    pub(crate) fn output(
        &self,
        caller: usize,
        call: &str,
        key: Option<&str>,
        name: &str,
        scope: &Scope,
        span: Span,
    ) -> Val {
        let parent = self.instance(caller);
        let Some(block) = parent.source.labelled("module", &[call]) else {
            return Val::opaque(format!("`module.{call}` is not called here"), span);
        };
        let kind = module_kind(&parent.source.dir, block);
        if kind != ModuleKind::Registry(super::published::LAMBDA.to_owned()) && !matches!(kind, ModuleKind::Local(_)) {
            let symbol = format!("{}module.{call}.{name}", parent.address);
            return Val::new(ValKind::External(symbol.into()), span);
        }
        if matches!(kind, ModuleKind::Registry(_)) {
            let copies = self.copies(block, caller);
            let copy = copies.iter().find(|copy| copy.key.as_deref() == key).or(copies.first());
            let suffix = copy.map_or("", |copy| copy.suffix.as_str());
            let address = format!("{}module.{call}{suffix}", parent.address);
            return super::published::output(&address, name, span);
        }
        let children = self.children(caller, call);
        let child = match children.as_slice() {
            [only] => Some(only),
            several => several.iter().find(|(copy, _)| copy.key.as_deref() == key),
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

/// Under an unknown condition the copies of the arm that makes any are as good as there.
fn one_arm(value: Val) -> Val {
    match &value.kind {
        ValKind::Either(arms) => {
            let makes = |arm: &&Val| match &arm.kind {
                ValKind::List(items) => !items.is_empty(),
                ValKind::Map(map) => !map.entries.is_empty(),
                _ => arm.as_number() != Some(0.0),
            };
            match arms.iter().filter(makes).collect::<Vec<_>>().as_slice() {
                [only] => (*only).clone(),
                _ => either(arms.to_vec(), value.span),
            }
        }
        _ => value,
    }
}

fn or_dot(dir: &str) -> &str {
    if dir.is_empty() { "." } else { dir }
}
