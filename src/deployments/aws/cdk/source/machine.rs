//! The state of a program that is followed: modules, constructs, what cannot be told, and how much may still be done.

use super::programs::Programs;
use super::syntax::Word;
use super::value::{ClassValue, ConstructId, Kind, Map, Scope, Text, Value};
use crate::text::Span;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Steps one app may take; the largest public one takes a fiftieth of it.
const MAX_STEPS: u32 = 400_000;
/// Expressions, calls and statements inside each other.
const MAX_DEPTH: u32 = 300;
/// Passes of all loops of an app together.
const MAX_PASSES: u32 = 4_000;
/// Constructs of one app.
const MAX_CONSTRUCTS: usize = 5_000;

/// A construct that the program makes.
pub(crate) struct Construct {
    /// The ids of those around it and its own.
    pub(crate) path: Text,
    /// The class of the library: `lambda.Function`.
    pub(crate) class: Text,
    /// Its id, where there is one.
    pub(crate) span: Span,
    /// What makes it: the expression, in a helper perhaps, that got the id from its caller.
    pub(crate) made: Span,
    pub(crate) scope: Option<ConstructId>,
    /// What it was made with.
    pub(crate) props: Value,
    /// The CloudFormation type of its resource, and the properties; none for what only holds others.
    pub(crate) type_name: Option<Text>,
    pub(crate) properties: Map,
    pub(crate) metadata: Map,
    /// Constructs that belong to it, by what they are to it: the role of a function, the root of an API.
    pub(crate) parts: HashMap<&'static str, ConstructId>,
    /// Whether it was handed to something that is not followed and may change it.
    pub(crate) escaped: Option<Span>,
}

/// Bindings that a branch changed: whose, which, and what they were.
pub(crate) type Changes = Vec<(Rc<Scope>, Word, Value)>;

/// A program that is followed.
pub(crate) struct Machine<'p, 't> {
    pub(crate) programs: &'p mut Programs<'t>,
    /// The directory the app runs in.
    pub(crate) app: String,
    pub(crate) modules: HashMap<String, Rc<Scope>>,
    /// Files of data, by path; none for what could not be read.
    pub(crate) files: HashMap<String, Option<Value>>,
    /// Whether the app's context has the library make a log group for each function.
    pub(crate) log_groups: bool,
    pub(crate) classes: Vec<Rc<ClassValue>>,
    pub(crate) constructs: Vec<Construct>,
    pub(crate) gaps: Vec<(Span, String)>,
    /// Aspects, the construct each is added to, and where.
    pub(crate) aspects: Vec<(ConstructId, Value, Span)>,
    /// What each branch around changed so far, of those that may not be taken.
    pub(crate) branches: Vec<Changes>,
    taken: HashSet<Text>,
    steps: u32,
    passes: u32,
    depth: u32,
}

impl<'p, 't> Machine<'p, 't> {
    pub(crate) fn new(programs: &'p mut Programs<'t>, app: String) -> Self {
        Self {
            programs,
            app,
            modules: HashMap::new(),
            files: HashMap::new(),
            log_groups: false,
            classes: Vec::new(),
            constructs: Vec::new(),
            gaps: Vec::new(),
            aspects: Vec::new(),
            branches: Vec::new(),
            taken: HashSet::new(),
            steps: 0,
            passes: 0,
            depth: 0,
        }
    }

    /// Whether one more step may be taken, a level deeper; the caller leaves again.
    pub(crate) fn enter(&mut self, span: Span) -> bool {
        if self.steps >= MAX_STEPS || self.depth >= MAX_DEPTH {
            if self.steps != u32::MAX {
                self.gaps.push((span, "this program goes on for longer than is followed".to_owned()));
                self.steps = u32::MAX;
            }
            return false;
        }
        self.steps += 1;
        self.depth += 1;
        true
    }

    pub(crate) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Whether a loop may make this many passes.
    pub(crate) fn may_pass(&mut self, count: usize) -> bool {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let after = self.passes.saturating_add(count);
        let may = after <= MAX_PASSES;
        if may {
            self.passes = after;
        }
        may
    }

    pub(crate) fn construct(&self, id: ConstructId) -> &Construct {
        &self.constructs[id.0]
    }

    pub(crate) fn construct_mut(&mut self, id: ConstructId) -> &mut Construct {
        &mut self.constructs[id.0]
    }

    /// Adds a construct below another. An id that is not known gets a name of its own.
    pub(crate) fn add(
        &mut self,
        class: &str,
        scope: Option<ConstructId>,
        id: Option<&str>,
        span: Span,
        props: Value,
    ) -> ConstructId {
        let around = scope.map_or("", |scope| &*self.constructs[scope.0].path);
        let id = id.map_or_else(|| class.rsplit('.').next().unwrap_or(class).to_owned(), str::to_owned);
        let base = if around.is_empty() { id } else { format!("{around}/{id}") };
        let mut path: Text = base.as_str().into();
        let mut count = 2;
        while !self.taken.insert(Rc::clone(&path)) {
            path = format!("{base}#{count}").into();
            count += 1;
        }
        let made = Construct {
            path,
            class: class.into(),
            span,
            made: span,
            scope,
            props,
            type_name: None,
            properties: Map::default(),
            metadata: Map::default(),
            parts: HashMap::new(),
            escaped: None,
        };
        if self.constructs.len() >= MAX_CONSTRUCTS {
            self.steps = MAX_STEPS;
        }
        self.constructs.push(made);
        ConstructId(self.constructs.len() - 1)
    }

    /// The nearest construct around, itself included, whose class fits.
    pub(crate) fn around(&self, id: ConstructId, fits: impl Fn(&Construct) -> bool) -> Option<ConstructId> {
        let mut next = Some(id);
        while let Some(id) = next {
            if fits(self.construct(id)) {
                return Some(id);
            }
            next = self.construct(id).scope;
        }
        None
    }

    /// Binds a name that exists, and remembers what it was for the branch around.
    pub(crate) fn rebind(&mut self, scope: &Rc<Scope>, name: &Word, value: Value) {
        let before = scope.names.borrow().get(name).cloned();
        if let (Some(changes), Some(before)) = (self.branches.last_mut(), before) {
            changes.push((Rc::clone(scope), name.clone(), before));
        }
        scope.set(name.clone(), value);
    }

    /// Constructs handed to something that is not followed may be changed there.
    pub(crate) fn escape(&mut self, value: &Value, span: Span) {
        let mut left = 64;
        let mut open = vec![value.clone()];
        while let (Some(value), true) = (open.pop(), left > 0) {
            left -= 1;
            if let Some(id) = value.construct() {
                self.constructs[id.0].escaped.get_or_insert(span);
                continue;
            }
            match &value.kind {
                Kind::List(items) => open.extend(items.borrow().iter().cloned()),
                Kind::Map(map) => open.extend(map.borrow().entries.iter().map(|entry| entry.value.clone())),
                _ => {}
            }
        }
    }
}
