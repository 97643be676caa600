//! Statements: what they bind, which branch is taken, how often a loop runs.

use super::common;
use super::data::is_data;
use super::machine::{Changes, Machine};
use super::programs::{is_script, library};
use super::syntax::{Class, Expr, Import, Pattern, Stmt, StmtKind, Word};
use super::value::{ClassValue, Closure, Kind, Map, Scope, Value, owner};
use crate::text::Span;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// The name under which a module keeps the libraries it takes everything from.
pub(crate) const WILDCARDS: &str = "\u{1}";

/// Where the statements of a function see names, and what `this` is.
#[derive(Clone)]
pub(crate) struct Frame {
    pub(crate) scope: Rc<Scope>,
    pub(crate) this: Option<Value>,
    /// The class whose method it is.
    pub(crate) class: Option<Rc<ClassValue>>,
    /// What branches that may not be taken return.
    pub(crate) maybe: Rc<RefCell<Vec<Value>>>,
}

/// How a statement ends.
pub(crate) enum Flow {
    Next,
    Return(Value),
    /// Nothing after it happens.
    Stop,
}

impl Frame {
    pub(crate) fn of(scope: Rc<Scope>) -> Self {
        Self { scope, this: None, class: None, maybe: Rc::default() }
    }

    fn inner(&self) -> Self {
        Self { scope: Scope::inside(&self.scope), ..self.clone() }
    }
}

impl Machine<'_, '_> {
    /// The scope of a module of the project, run once.
    pub(crate) fn module(&mut self, file: &str) -> Option<Rc<Scope>> {
        let file = &*self.programs.canonical(file);
        if let Some(known) = self.modules.get(file) {
            return Some(Rc::clone(known));
        }
        let (_, module) = self.programs.parse(file)?;
        let scope = Rc::new(Scope { file: Some(file.into()), ..Scope::default() });
        if is_script(file) {
            common::prepare(&scope, &module);
        }
        // Known before it runs: modules may import each other.
        self.modules.insert(file.to_owned(), Rc::clone(&scope));
        // A module that is imported by a branch is there whichever is taken.
        let branches = std::mem::take(&mut self.branches);
        self.statements(&module.body, &Frame::of(Rc::clone(&scope)));
        self.branches = branches;
        Some(scope)
    }

    /// Functions and classes are there before the first statement runs.
    pub(crate) fn statements(&mut self, body: &[Stmt], frame: &Frame) -> Flow {
        for stmt in body {
            if let StmtKind::Function(function) = &stmt.kind
                && let Some(name) = function.name.clone()
            {
                let closure = Closure {
                    function: Arc::clone(function),
                    scope: Rc::clone(&frame.scope),
                    this: frame.this.clone(),
                    class: frame.class.clone(),
                };
                frame.scope.set(name, Value::new(Kind::Closure(Rc::new(closure)), stmt.span));
            }
        }
        for stmt in body {
            if !self.enter(stmt.span) {
                return Flow::Stop;
            }
            let flow = self.statement(stmt, frame);
            self.leave();
            if !matches!(flow, Flow::Next) {
                return flow;
            }
        }
        Flow::Next
    }

    fn statement(&mut self, stmt: &Stmt, frame: &Frame) -> Flow {
        match &stmt.kind {
            StmtKind::Expr(expr) => {
                self.eval(expr, frame);
            }
            StmtKind::Let(pattern, value) => {
                let value = match value {
                    Some(value) => self.eval(value, frame),
                    None => Value::null(stmt.span),
                };
                self.bind(pattern, value, frame);
            }
            StmtKind::Return(value) => {
                let value = match value {
                    Some(value) => self.eval(value, frame),
                    None => Value::null(stmt.span),
                };
                return Flow::Return(value);
            }
            StmtKind::Throw | StmtKind::Jump => return Flow::Stop,
            StmtKind::If(condition, then, other) => return self.branch(condition, then, other, frame),
            StmtKind::Each(pattern, items, body) => return self.each(pattern, items, body, frame),
            StmtKind::Loop(body) => return self.passes(body, frame, stmt.span),
            StmtKind::Block(body) => return self.statements(body, &frame.inner()),
            StmtKind::Class(class) => {
                let value = self.class(class, frame, stmt.span);
                frame.scope.set(class.name.clone(), value);
            }
            StmtKind::Function(_) => {}
            StmtKind::Import(import) => self.import(import, frame, stmt.span),
        }
        Flow::Next
    }

    /// A body of a loop whose passes nobody can tell; said if it makes constructs.
    fn passes(&mut self, body: &[Stmt], frame: &Frame, span: Span) -> Flow {
        let before = self.constructs.len();
        let flow = self.maybe(body, frame);
        if self.constructs.len() > before {
            let reason = "how often this loop makes its constructs is decided when the program runs; one pass is read";
            self.gaps.push((span, reason.to_owned()));
        }
        flow
    }

    fn branch(&mut self, condition: &Expr, then: &[Stmt], other: &[Stmt], frame: &Frame) -> Flow {
        match self.eval(condition, frame).truthy() {
            Some(true) => return self.statements(then, &frame.inner()),
            Some(false) => return self.statements(other, &frame.inner()),
            None => {}
        }
        let (first, changed) = self.tried(then, frame);
        let (second, changed_too) = self.tried(other, frame);
        self.join(changed, changed_too);
        match (first, second) {
            (Flow::Next, Flow::Next) => Flow::Next,
            (Flow::Stop, flow) | (flow, Flow::Stop) => flow,
            (Flow::Return(a), Flow::Return(b)) => {
                let span = a.span;
                Flow::Return(Value::either(vec![a, b], span))
            }
            (Flow::Return(value), Flow::Next) | (Flow::Next, Flow::Return(value)) => {
                frame.maybe.borrow_mut().push(value);
                Flow::Next
            }
        }
    }

    /// A body that runs nobody knows how often: what it binds further out may be anything after it.
    fn maybe(&mut self, body: &[Stmt], frame: &Frame) -> Flow {
        let (flow, changed) = self.tried(body, frame);
        for (scope, name, value) in changed {
            let again = value.construct().is_none() && !value.is_null();
            let unknown = Value::opaque("is changed in a loop", value.span);
            let before = scope.names.borrow().get(&name).cloned();
            let either = Value::either(before.into_iter().chain([value]).collect(), unknown.span);
            self.rebind(&scope, &name, if again { unknown } else { either });
        }
        if let Flow::Return(value) = flow {
            frame.maybe.borrow_mut().push(value);
        }
        Flow::Next
    }

    /// Runs a branch, takes back what it bound, and says what that was.
    fn tried(&mut self, body: &[Stmt], frame: &Frame) -> (Flow, Changes) {
        self.branches.push(Vec::new());
        let flow = self.statements(body, &frame.inner());
        let changes = self.branches.pop().unwrap_or_default();
        let mut after: Changes = Vec::new();
        for (scope, name, before) in changes.into_iter().rev() {
            let now = scope.names.borrow().get(&name).cloned();
            scope.set(name.clone(), before);
            let known = after.iter().any(|(other, named, _)| Rc::ptr_eq(other, &scope) && *named == name);
            if let (Some(now), false) = (now, known) {
                after.push((scope, name, now));
            }
        }
        // What a branch that ends binds, nobody sees.
        if !matches!(flow, Flow::Next) {
            after.clear();
        }
        (flow, after)
    }

    fn join(&mut self, first: Changes, second: Changes) {
        let mut second = second;
        for (scope, name, value) in first {
            let twin = second.iter().position(|(other, named, _)| Rc::ptr_eq(other, &scope) && *named == name);
            let other = match twin {
                Some(at) => Some(second.swap_remove(at).2),
                None => scope.names.borrow().get(&name).cloned(),
            };
            let span = value.span;
            let values = other.into_iter().chain([value]).collect();
            self.rebind(&scope, &name, Value::either(values, span));
        }
        for (scope, name, value) in second {
            let before = scope.names.borrow().get(&name).cloned();
            let span = value.span;
            self.rebind(&scope, &name, Value::either(before.into_iter().chain([value]).collect(), span));
        }
    }

    fn each(&mut self, pattern: &Pattern, items: &Expr, body: &[Stmt], frame: &Frame) -> Flow {
        let list = self.eval(items, frame);
        let python = frame.scope.path().ends_with(".py");
        let known = list.items().or_else(|| self.passes_of(&list, python));
        let known = known.filter(|items| self.may_pass(items.len()));
        let Some(known) = known else {
            let inner = frame.inner();
            self.bind(pattern, Value::opaque(list.reason(), items.span), &inner);
            return self.passes(body, &inner, items.span);
        };
        for item in known {
            let inner = frame.inner();
            self.bind(pattern, item, &inner);
            match self.statements(body, &inner) {
                Flow::Return(value) => return Flow::Return(value),
                Flow::Next | Flow::Stop => {}
            }
        }
        Flow::Next
    }

    /// Binds the names of a pattern in the frame's own scope; Python's assignment to a name that exists is one too.
    pub(crate) fn bind(&mut self, pattern: &Pattern, value: Value, frame: &Frame) {
        match pattern {
            Pattern::Name(name) => {
                // Blocks of Python are no scopes; a name bound further out within the function is meant.
                let python = frame.scope.path().ends_with(".py");
                match owner(&frame.scope, name).filter(|owner| python && owner.file.is_none()) {
                    Some(scope) => self.rebind(&scope, name, value),
                    None if python && !self.branches.is_empty() => {
                        let scope = function_scope(&frame.scope);
                        scope.names.borrow_mut().entry(name.clone()).or_insert_with(|| Value::null(value.span));
                        self.rebind(&scope, name, value);
                    }
                    None if python => function_scope(&frame.scope).set(name.clone(), value),
                    None => frame.scope.set(name.clone(), value),
                }
            }
            Pattern::Object(entries, rest) => {
                for (key, inner, default) in entries {
                    let found = self.member(&value, key, value.span);
                    let found = match default {
                        Some(default) if found.is_null() => self.eval(default, frame),
                        _ => found,
                    };
                    self.bind(inner, found, frame);
                }
                if let Some(name) = rest {
                    let left = match &value.kind {
                        Kind::Map(map) => {
                            let map = map.borrow();
                            let taken = |key: &str| entries.iter().any(|(name, ..)| &**name == key);
                            let left = map.entries.iter().filter(|entry| !taken(&entry.key)).cloned().collect();
                            Value::map(Map { entries: left, open: map.open.clone() }, value.span)
                        }
                        _ => Value::opaque(value.reason(), value.span),
                    };
                    frame.scope.set(name.clone(), left);
                }
            }
            Pattern::List(patterns) => {
                let items = value.items();
                for (at, inner) in patterns.iter().enumerate() {
                    let item = match &items {
                        Some(items) => items.get(at).cloned().unwrap_or_else(|| Value::null(value.span)),
                        None => Value::opaque(value.reason(), value.span),
                    };
                    self.bind(inner, item, frame);
                }
            }
            Pattern::Nothing => {}
        }
    }

    /// A class, with its base and what belongs to the class itself.
    pub(crate) fn class(&mut self, class: &Arc<Class>, frame: &Frame, span: Span) -> Value {
        let base = class.base.as_ref().map(|base| self.eval(base, frame));
        let made = Rc::new(ClassValue {
            class: Arc::clone(class),
            scope: Rc::clone(&frame.scope),
            base,
            statics: RefCell::new(HashMap::new()),
            used: Cell::new(false),
        });
        let value = Value::new(Kind::Class(Rc::clone(&made)), span);
        // A static field may name its own class.
        frame.scope.set(class.name.clone(), value.clone());
        for field in class.fields.iter().filter(|field| field.is_static) {
            let found = self.eval(&field.value, frame);
            made.statics.borrow_mut().insert(field.name.clone(), found);
        }
        self.classes.push(made);
        value
    }

    fn import(&mut self, import: &Import, frame: &Frame, span: Span) {
        let importer = frame.scope.path();
        let app = self.app.clone();
        let file = self.programs.resolve(&import.from, &importer, &app);
        let module = match &file {
            Some(file) => self.module(file),
            None => None,
        };
        let path = library(&import.from);
        let data = match is_data(&import.from) && module.is_none() {
            true => self.programs.beside(&import.from, &importer).and_then(|file| self.data(&file)),
            false => None,
        };
        let whole = match (&module, data) {
            (Some(scope), _) => Value::new(Kind::Module(Rc::clone(scope)), span),
            (None, Some(data)) => data,
            (None, None) => Value::library(path, span),
        };
        for (name, local) in &import.names {
            // Python's `from package import module`.
            let inner = format!("{}{}{name}", import.from, if import.from.ends_with('.') { "" } else { "." });
            let own = module.as_ref().and_then(|scope| scope.get(name).or_else(|| scope.get(local)));
            let nested = match own {
                None if importer.ends_with(".py") => {
                    let file = self.programs.resolve(&inner, &importer, &app);
                    file.and_then(|file| self.module(&file)).map(|scope| Value::new(Kind::Module(scope), span))
                }
                // A class of Java is what its file holds.
                None if importer.ends_with(".java") && module.is_none() => {
                    let file = self.programs.resolve(&inner, &importer, &app);
                    let scope = file.and_then(|file| self.module(&file));
                    scope.map(|scope| {
                        let module = Value::new(Kind::Module(Rc::clone(&scope)), span);
                        let later = Kind::Member(Rc::new(module), (&**name).into());
                        scope.get(name).unwrap_or_else(|| Value::new(later, span))
                    })
                }
                own => own,
            };
            let value = match nested {
                Some(value) => value,
                // A type, or a member of a library; the default of one is the library.
                None if module.is_none() && &**name == "default" => whole.clone(),
                None if module.is_none() => self.member(&whole, name, span),
                // Modules may import each other: what is not there yet is asked for when it is used.
                None => Value::new(Kind::Member(Rc::new(whole.clone()), (&**name).into()), span),
            };
            frame.scope.set(local.clone(), value);
        }
        if import.all && module.is_none() {
            // Which names a library has shows when one is used.
            let mut known = frame.scope.get(WILDCARDS).and_then(|list| list.items()).unwrap_or_default();
            known.push(whole.clone());
            frame.scope.set(WILDCARDS.into(), Value::list(known, span));
        }
        if let (true, Some(module)) = (import.all, &module) {
            let names: Vec<(Word, Value)> =
                module.names.borrow().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
            let names = names.into_iter().filter(|(name, _)| !common::is_own(name));
            for (name, value) in names {
                frame.scope.set(name, value);
            }
        }
        if let Some(name) = &import.whole {
            frame.scope.set(name.clone(), whole);
        }
    }
}

/// The scope of the function around: blocks have none of their own in Python. A function's scope is the one its
/// parameters are in, which holds `\u{0}`.
fn function_scope(scope: &Rc<Scope>) -> Rc<Scope> {
    let mut at = Rc::clone(scope);
    while at.file.is_none() && !at.names.borrow().contains_key("\u{0}") {
        match &at.outer {
            Some(outer) => at = Rc::clone(outer),
            None => break,
        }
    }
    at
}
