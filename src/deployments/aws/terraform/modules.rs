//! A root module and the instances it makes of modules and blocks, when something asks for them.

use super::combine::{either, pairs};
use super::eval::Evaluator;
use super::scope::Scope;
use super::source::{ModuleKind, Source, module_kind};
use super::value::{ModuleId, ResourceRef, Val, ValKind};
use crate::document::hcl::{Block, Expr, ExprKind};
use crate::text::Span;
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
/// Instances of all blocks of a run, beyond the first of each block of a root: modules in modules multiply them.
pub(crate) const MAX_COPIES: usize = 30_000;

/// One instance of a module.
#[derive(Debug)]
pub(crate) struct Instance<'a> {
    pub(crate) source: &'a Source,
    /// `module.a["x"].`, empty for the root.
    pub(crate) address: String,
    /// How its directory is written from the root's.
    pub(crate) path: String,
    /// The call and where it is evaluated.
    pub(crate) call: Option<(&'a Block, Scope)>,
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
type Children = Rc<Vec<(Copy, ModuleId)>>;

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
    children: RefCell<HashMap<(ModuleId, String), Children>>,
    memo: RefCell<HashMap<(ModuleId, String), Option<Val>>>,
    copies: RefCell<HashMap<(ModuleId, Span), Copies>>,
    pub(crate) loader: RefCell<&'a mut Loader<'a>>,
    left: Cell<u32>,
    /// Instances of blocks that the run may still make.
    copies_left: &'a Cell<usize>,
    /// The first place where there were more instances than are followed.
    pub(crate) beyond: Cell<Option<(Span, String)>>,
}

impl<'a> Configuration<'a> {
    pub(crate) fn new(
        sources: &'a BTreeMap<String, Source>,
        tree: &'a dyn Tree,
        root: &'a Source,
        given: HashMap<String, Val>,
        copies_left: &'a Cell<usize>,
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
            copies_left,
            beyond: Cell::new(None),
        }
    }

    /// Evaluates an expression with the names of this configuration.
    pub(crate) fn eval(&self, expr: &Expr, scope: &Scope) -> Val {
        Evaluator { names: self }.eval(expr, scope)
    }

    /// Takes one step of the budget; false when it is used up.
    pub(crate) fn step(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }

    pub(crate) fn instance(&self, module: ModuleId) -> Rc<Instance<'a>> {
        Rc::clone(&self.instances.borrow()[module.0])
    }

    /// Evaluates once; a value that needs itself is unknown.
    pub(crate) fn once(&self, module: ModuleId, name: String, span: Span, make: impl FnOnce() -> Val) -> Val {
        let key = (module, name);
        if let Some(known) = self.memo.borrow().get(&key) {
            return known.clone().unwrap_or_else(|| Val::opaque("depends on itself", span));
        }
        self.memo.borrow_mut().insert(key.clone(), None);
        let value = make();
        self.memo.borrow_mut().insert(key, Some(value.clone()));
        value
    }

    /// The instances a module call makes, each with the index of the module instance.
    pub(crate) fn children(&self, caller: ModuleId, name: &str) -> Children {
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
                    self.note_beyond(block.span);
                    break;
                }
                instances.push(Rc::new(Instance {
                    source,
                    address: format!("{}module.{name}{}.", parent.address, copy.suffix),
                    path: format!("{}/{}", parent.path, written.as_deref().unwrap_or(".")),
                    call: Some((block, copy.scope.clone())),
                    depth: parent.depth + 1,
                }));
                made.push((copy.clone(), ModuleId(instances.len() - 1)));
            }
        }
        let made = Rc::new(made);
        self.children.borrow_mut().insert(key, Rc::clone(&made));
        made
    }

    /// The copies `count` or `for_each` make of a block. Unknown keys give one copy whose `each` is unknown.
    pub(crate) fn copies(&self, block: &Block, module: ModuleId) -> Copies {
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

    /// Takes what instances of a block cost; gives how many may be made.
    fn allow(&self, wanted: usize, block: &Block, module: ModuleId) -> usize {
        let free = usize::from(module.0 == 0);
        let left = self.copies_left.get();
        let allowed = wanted.min(MAX_COUNT).min(left + free);
        self.copies_left.set(left - allowed.saturating_sub(free));
        if allowed < wanted {
            self.note_beyond(block.span);
        }
        allowed
    }

    fn note_beyond(&self, span: Span) {
        let reason = "makes more instances than are followed; those beyond are not analysed".to_owned();
        let known = self.beyond.take();
        self.beyond.set(known.or(Some((span, reason))));
    }

    fn make_copies(&self, block: &Block, module: ModuleId) -> Vec<Copy> {
        let scope = Scope::of(module);
        let single = |scope: Scope| match self.allow(1, block, module) {
            0 => Vec::new(),
            _ => vec![Copy { suffix: String::new(), key: None, scope }],
        };
        if let Some(attribute) = block.body.attribute("for_each") {
            let collection = self.eval(&attribute.value, &scope);
            let collection = one_arm(collection);
            let Some(pairs) = pairs(&collection) else {
                let reason = "depends on `for_each` over keys decided at deploy time";
                let unknown = Val::opaque(reason, attribute.value.span);
                return single(scope.each(unknown.clone(), unknown));
            };
            let is_set = matches!(collection.kind, ValKind::List(_));
            let allowed = self.allow(pairs.len(), block, module);
            return pairs
                .into_iter()
                .take(allowed)
                .map(|(key, value)| {
                    // The elements of a set are keys and values at once.
                    let key = if is_set { value.clone() } else { key };
                    let name: Option<Rc<str>> = key.scalar().map(Rc::from);
                    let suffix = name.as_ref().map_or(String::new(), |name| format!("[\"{name}\"]"));
                    Copy { suffix, key: name, scope: scope.each(key, value) }
                })
                .collect();
        }
        if let Some(attribute) = block.body.attribute("count") {
            let count = one_arm(self.eval(&attribute.value, &scope));
            let Some(number) = count.as_number() else {
                let unknown = Val::opaque("depends on a `count` decided at deploy time", attribute.value.span);
                return single(scope.counted(unknown));
            };
            return (0..self.allow(number.max(0.0) as usize, block, module))
                .map(|index| Copy {
                    suffix: format!("[{index}]"),
                    key: Some(index.to_string().into()),
                    scope: scope.counted(Val::number(index as f64, attribute.value.span)),
                })
                .collect();
        }
        single(scope)
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
