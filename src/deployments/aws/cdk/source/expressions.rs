//! Expressions: names, members, calls of what the program itself defines.

use super::machine::Machine;
use super::run::{Frame, WILDCARDS};
use super::syntax::{Arg, Expr, ExprKind, Function, Operator, Prop, Word};
use super::value::{Args, Closure, Entry, Kind, Map, Value, owner};
use super::{alternatives, objects};
use crate::knowledge::cdk;
use crate::text::Span;
use std::rc::Rc;
use std::sync::Arc;

impl Machine<'_, '_> {
    /// Evaluates an expression.
    pub(crate) fn eval(&mut self, expr: &Expr, frame: &Frame) -> Value {
        if !self.enter(expr.span) {
            return Value::opaque("is beyond what is followed", expr.span);
        }
        let value = self.shallow(expr, frame);
        self.leave();
        value
    }

    fn shallow(&mut self, expr: &Expr, frame: &Frame) -> Value {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Null => Value::null(span),
            ExprKind::Bool(truth) => Value::truth(*truth, span),
            ExprKind::Number(number) => Value::number(*number, span),
            ExprKind::Text(text) => Value::text(&**text, span),
            ExprKind::Parts(parts) => {
                let parts = parts.iter().map(|part| self.eval(part, frame)).collect();
                Value::joined(parts, span)
            }
            ExprKind::Name(name) => match frame.scope.get(name) {
                Some(Value { kind: Kind::Member(module, name), .. }) if matches!(module.kind, Kind::Module(_)) => {
                    self.member(&module, &(&*name).into(), span)
                }
                Some(value) => value,
                None => self.unbound(name, frame, span),
            },
            ExprKind::This | ExprKind::Super => frame.this.clone().unwrap_or_else(|| Value::null(span)),
            ExprKind::Member(object, name) => {
                if matches!(object.kind, ExprKind::Super) {
                    return self.inherited(name, frame, span);
                }
                let object = self.eval(object, frame);
                self.member(&object, name, span)
            }
            ExprKind::Index(object, index) => {
                let object = self.eval(object, frame);
                let index = self.eval(index, frame);
                self.index(&object, &index, span)
            }
            ExprKind::Call(callee, args) => self.call_expr(callee, args, frame, span),
            ExprKind::New(callee, args) => {
                let callee = self.eval(callee, frame);
                let args = self.args(args, frame);
                self.call(&callee, args, span)
            }
            ExprKind::List(items) => {
                let Args { items, .. } = self.args(items, frame);
                Value::list(items, span)
            }
            ExprKind::Object(entries) => self.object(entries, frame, span),
            ExprKind::Closure(function) => self.closure(function, frame, span),
            ExprKind::Class(class) => self.class(class, frame, span),
            ExprKind::Binary(operator, left, right) => self.binary(*operator, left, right, frame, span),
            ExprKind::Not(inner) => match self.eval(inner, frame).truthy() {
                Some(truth) => Value::truth(!truth, span),
                None => Value::opaque("depends on what is decided when the program runs", span),
            },
            ExprKind::Conditional(condition, then, other) => match self.eval(condition, frame).truthy() {
                Some(true) => self.eval(then, frame),
                Some(false) => self.eval(other, frame),
                None => {
                    let arms = vec![self.eval(then, frame), self.eval(other, frame)];
                    Value::either(arms, span)
                }
            },
            ExprKind::Assign(target, value) => {
                let value = self.eval(value, frame);
                self.assign(target, value.clone(), frame);
                value
            }
            ExprKind::Unknown(reason) => Value::opaque(*reason, span),
        }
    }

    /// A name no scope has: a member of the instance or class around, something of a library, or the language's own.
    fn unbound(&mut self, name: &Word, frame: &Frame, span: Span) -> Value {
        let own = match &frame.this {
            Some(Value { kind: Kind::Instance(instance), .. }) => instance.fields.borrow().get(name).cloned(),
            _ => None,
        };
        let fixed = || frame.class.as_ref().and_then(|class| class.statics.borrow().get(name).cloned());
        if let Some(found) = own.or_else(fixed) {
            return found;
        }
        let libraries = frame.scope.get(WILDCARDS).and_then(|list| list.items()).unwrap_or_default();
        let known = libraries.iter().filter_map(|library| match &library.kind {
            Kind::Library(path) => Some(format!("{path}.{name}")),
            _ => None,
        });
        match known.into_iter().find(|path| knows(path)) {
            Some(path) => Value::library(path, span),
            None => self.global(name, &frame.scope, span),
        }
    }

    fn closure(&mut self, function: &Arc<Function>, frame: &Frame, span: Span) -> Value {
        let closure = Closure {
            function: Arc::clone(function),
            scope: Rc::clone(&frame.scope),
            this: frame.this.clone(),
            class: frame.class.clone(),
        };
        Value::new(Kind::Closure(Rc::new(closure)), span)
    }

    fn object(&mut self, entries: &[Prop], frame: &Frame, span: Span) -> Value {
        let mut map = Map::default();
        for entry in entries {
            match entry {
                Prop::Entry(key, key_span, value) => {
                    let value = self.eval(value, frame);
                    map.set(Entry { key: (&**key).into(), key_span: *key_span, value });
                }
                Prop::Computed(key, value) => {
                    let key_span = key.span;
                    let key = self.eval(key, frame);
                    let value = self.eval(value, frame);
                    match &key.kind {
                        Kind::Text(key) => map.set(Entry { key: Rc::clone(key), key_span, value }),
                        _ => map.open = Some("has keys that are decided when the program runs".into()),
                    }
                }
                Prop::Spread(value) => {
                    let value = self.eval(value, frame);
                    self.spread(&mut map, &value);
                }
            }
        }
        Value::map(map, span)
    }

    /// What is written after unknown keys may be; what is written before them may be overwritten.
    fn spread(&mut self, map: &mut Map, value: &Value) {
        match &value.kind {
            Kind::Map(more) => map.extend(&more.borrow()),
            Kind::Null => {}
            // `...(condition && {…})`: with or without.
            Kind::Bool(false) => {}
            Kind::Either(arms) => alternatives::spread(map, arms),
            _ => {
                let reason = value.reason();
                for entry in &mut map.entries {
                    entry.value = Value::opaque("may be overwritten by what is spread after it", entry.value.span);
                }
                map.open = Some(reason);
            }
        }
    }

    /// The arguments of a call.
    pub(crate) fn args(&mut self, args: &[Arg], frame: &Frame) -> Args {
        let mut out = Args::default();
        for arg in args {
            match arg {
                Arg::Value(value) => {
                    let value = self.eval(value, frame);
                    out.items.push(value);
                }
                Arg::Spread(value) => {
                    let value = self.eval(value, frame);
                    match value.items() {
                        Some(items) => out.items.extend(items),
                        None => out.items.push(Value::opaque(value.reason(), value.span)),
                    }
                }
                Arg::Named(name, key_span, value) => {
                    let value = self.eval(value, frame);
                    out.named.set(Entry { key: (&**name).into(), key_span: *key_span, value });
                }
                Arg::NamedSpread(value) => {
                    let value = self.eval(value, frame);
                    // Keys of a dictionary that is spread are names of parameters.
                    let value = match &value.kind {
                        Kind::Map(map) => {
                            let mut map = map.borrow().clone();
                            for entry in &mut map.entries {
                                entry.key = (&*super::python::camel(&entry.key)).into();
                            }
                            Value::map(map, value.span)
                        }
                        _ => value,
                    };
                    self.spread(&mut out.named, &value);
                }
            }
        }
        out
    }

    fn binary(&mut self, operator: Operator, left: &Expr, right: &Expr, frame: &Frame, span: Span) -> Value {
        let left = self.eval(left, frame);
        let unknown = || Value::opaque("is computed from what is decided when the program runs", span);
        match operator {
            Operator::And => match left.truthy() {
                Some(false) => left,
                Some(true) => self.eval(right, frame),
                None => {
                    let arms = vec![Value::null(span), self.eval(right, frame)];
                    Value::either(arms, span)
                }
            },
            Operator::Or => match left.truthy() {
                Some(true) => left,
                Some(false) => self.eval(right, frame),
                None => {
                    let right = self.eval(right, frame);
                    self.otherwise(&left, true, right, span)
                }
            },
            Operator::Else => match &left.kind {
                Kind::Null => self.eval(right, frame),
                Kind::Opaque(_) | Kind::External(_) | Kind::Either(_) => {
                    let right = self.eval(right, frame);
                    self.otherwise(&left, false, right, span)
                }
                _ => left,
            },
            _ => {
                let right = self.eval(right, frame);
                if let Some(value) = self.arithmetic(operator, &left, &right, span) {
                    return value;
                }
                match operator {
                    Operator::Add => match (left.items(), right.items()) {
                        (Some(a), Some(b)) => Value::list(a.into_iter().chain(b).collect(), span),
                        _ if is_textual(&left) || is_textual(&right) => Value::joined(vec![left, right], span),
                        _ => unknown(),
                    },
                    // `Path(…) / "name"`.
                    Operator::Divide => self.joined_path(&[left, right], span),
                    Operator::Equal => left.same(&right).map_or_else(unknown, |same| Value::truth(same, span)),
                    Operator::Unequal => left.same(&right).map_or_else(unknown, |same| Value::truth(!same, span)),
                    Operator::IsA => self.is_instance(&left, &right).map_or_else(unknown, |is| Value::truth(is, span)),
                    Operator::In => match (&left.kind, &right.kind) {
                        (Kind::Text(key), Kind::Map(map)) if map.borrow().open.is_none() => {
                            Value::truth(map.borrow().slot(key).is_some(), span)
                        }
                        (_, Kind::List(items)) => {
                            let found: Vec<Option<bool>> = items.borrow().iter().map(|item| item.same(&left)).collect();
                            if found.contains(&Some(true)) {
                                Value::truth(true, span)
                            } else if found.contains(&None) {
                                unknown()
                            } else {
                                Value::truth(false, span)
                            }
                        }
                        _ => unknown(),
                    },
                    _ => unknown(),
                }
            }
        }
    }

    fn assign(&mut self, target: &Expr, value: Value, frame: &Frame) {
        match &target.kind {
            ExprKind::Name(name) => match owner(&frame.scope, name) {
                Some(scope) => self.rebind(&scope, name, value),
                None => frame.scope.set(name.clone(), value),
            },
            ExprKind::Member(object, name) => {
                let object = self.eval(object, frame);
                self.set_member(&object, name, value, target.span);
            }
            ExprKind::Index(object, index) => {
                let object = self.eval(object, frame);
                let index = self.eval(index, frame);
                match (&object.kind, &index.kind) {
                    (Kind::Map(_), Kind::Text(key)) => {
                        let key: Word = (&**key).into();
                        self.set_member(&object, &key, value, target.span);
                    }
                    (Kind::Map(map), _) => {
                        map.borrow_mut().open = Some("has keys that are decided when the program runs".into());
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn set_member(&mut self, object: &Value, name: &Word, value: Value, span: Span) {
        let doubtful = !self.branches.is_empty();
        match &object.kind {
            Kind::Instance(instance) => {
                let before = instance.fields.borrow().get(name).cloned();
                let value = match before {
                    Some(before) if doubtful => Value::either(vec![before, value], span),
                    _ => value,
                };
                instance.fields.borrow_mut().insert(name.clone(), value);
            }
            Kind::Map(map) => {
                let mut map = map.borrow_mut();
                let value = match map.get(name) {
                    Some(entry) if doubtful => Value::either(vec![entry.value.clone(), value], span),
                    _ => value,
                };
                map.set(Entry { key: (&**name).into(), key_span: span, value });
            }
            Kind::Class(class) => {
                class.statics.borrow_mut().insert(name.clone(), value);
            }
            _ => self.override_property(object, name, value, span),
        }
    }

    fn index(&mut self, object: &Value, index: &Value, span: Span) -> Value {
        match (&object.kind, &index.kind) {
            (Kind::Map(map), Kind::Text(key)) => {
                let found = map.borrow().lookup(key, span);
                found.unwrap_or_else(|| Value::null(span))
            }
            (_, Kind::Text(key)) => {
                let key: Word = (&**key).into();
                self.member(object, &key, span)
            }
            (Kind::List(items), Kind::Number(at)) => {
                let items = items.borrow();
                let at = if *at < 0.0 { *at + items.len() as f64 } else { *at };
                items.get(at as usize).cloned().unwrap_or_else(|| Value::null(span))
            }
            _ if object.is_unknown() => Value::opaque(object.reason(), span),
            // A key nobody can tell is one of those there are.
            _ if index.is_unknown() => alternatives::any_of(object, span)
                .unwrap_or_else(|| Value::opaque("is chosen when the program runs", span)),
            _ => Value::opaque("is chosen when the program runs", span),
        }
    }

    /// A member of a value.
    pub(crate) fn member(&mut self, object: &Value, name: &Word, span: Span) -> Value {
        match &object.kind {
            Kind::Map(map) => {
                let map = map.borrow();
                match (map.get(name), &map.open) {
                    (Some(entry), _) => entry.value.clone(),
                    (None, Some(reason)) => Value::opaque(Rc::clone(reason), span),
                    // Methods of dictionaries.
                    (None, None) if objects::is_method(name) => {
                        Value::new(Kind::Member(Rc::new(object.clone()), (&**name).into()), span)
                    }
                    (None, None) => Value::null(span),
                }
            }
            Kind::Module(scope) => scope.names.borrow().get(name).cloned().unwrap_or_else(|| Value::null(span)),
            Kind::Library(path) => self.library_member(path, name, span),
            Kind::Class(class) => self.static_member(class, name, span),
            Kind::Instance(instance) => self.instance_member(object, instance, name, span),
            Kind::Construct(id) => self.construct_member(*id, object, name, span),
            Kind::Opaque(_) | Kind::External(_) => Value::opaque(object.reason(), span),
            Kind::Either(arms) => {
                let arms = arms.iter().map(|arm| self.member(arm, name, span)).collect();
                Value::either(arms, span)
            }
            Kind::List(items) if &**name == "length" => Value::number(items.borrow().len() as f64, span),
            Kind::Text(text) if &**name == "parent" => Value::text(super::paths::dirname(text), span),
            Kind::Text(text) if &**name == "length" => Value::number(text.chars().count() as f64, span),
            Kind::Null => Value::null(span),
            // A construct and its resource are one here.
            Kind::Member(inner, node) if &**node == "node" && &**name == "defaultChild" => (**inner).clone(),
            _ => Value::new(Kind::Member(Rc::new(object.clone()), (&**name).into()), span),
        }
    }

    fn call_expr(&mut self, callee: &Expr, args: &[Arg], frame: &Frame, span: Span) -> Value {
        if matches!(callee.kind, ExprKind::Super) {
            let args = self.args(args, frame);
            if let (Some(this), Some(class)) = (frame.this.clone(), frame.class.clone()) {
                self.initialise_base(&this, &class, args, span);
            }
            return Value::null(span);
        }
        let callee = self.eval(callee, frame);
        let mut args = self.args(args, frame);
        // Python's older `Base.__init__(self, …)`.
        if let Kind::Member(base, name) = &callee.kind
            && &**name == "__init__"
            && let (Some(this), Some(class)) = (frame.this.clone(), frame.class.clone())
            && matches!(base.kind, Kind::Library(_) | Kind::Class(_))
            && !args.items.is_empty()
        {
            args.items.remove(0);
            self.initialise_base(&this, &class, args, span);
            return Value::null(span);
        }
        self.call(&callee, args, span)
    }

    /// Calls what may be called.
    pub(crate) fn call(&mut self, callee: &Value, args: Args, span: Span) -> Value {
        match &callee.kind {
            Kind::Closure(closure) => self.call_closure(closure, args, span),
            Kind::Class(class) => self.instantiate(class, args, span),
            Kind::Library(path) => self.call_library(&Rc::clone(path), args, span),
            Kind::Member(object, name) => self.call_member(&Rc::clone(object), &Rc::clone(name), args, span),
            Kind::Either(arms) => {
                let results = arms.iter().map(|arm| self.call(arm, args.clone(), span)).collect();
                Value::either(results, span)
            }
            Kind::Null => Value::null(span),
            // What is a property elsewhere is a function without parameters in Go.
            Kind::Attribute(..) | Kind::Construct(_) if args.items.is_empty() => callee.clone(),
            _ => {
                self.unfollowed(&args, span);
                Value::opaque(callee.reason(), span)
            }
        }
    }

    /// Arguments of a call that is not followed: constructs may be changed, closures may run.
    pub(crate) fn unfollowed(&mut self, args: &Args, span: Span) {
        for value in args.items.iter().chain(args.named.entries.iter().map(|entry| &entry.value)) {
            self.escape(value, span);
            if let Kind::Closure(closure) = &value.kind {
                let unknown = Value::opaque("is passed when the program runs", span);
                let items = closure.function.params.iter().map(|_| unknown.clone()).collect();
                self.branches.push(Vec::new());
                self.call_closure(closure, Args { items, ..Args::default() }, span);
                self.branches.pop();
            }
        }
    }
}

/// Whether the library is known to have a class.
fn knows(path: &str) -> bool {
    let values = &cdk().values;
    let inner = format!("{path}.");
    let core =
        ["core.App", "core.Stack", "core.Stage", "core.Construct", "core.Duration", "core.Size", "core.StackProps"];
    cdk().constructs.contains_key(path)
        || core.contains(&path)
        || values.keys().any(|value| value.starts_with(&inner))
        || ["lambda.Code", "lambda.StartingPosition", "events.Schedule"].contains(&path)
}

/// Whether a value is text, or becomes text when text is added to it.
fn is_textual(value: &Value) -> bool {
    matches!(value.kind, Kind::Text(_) | Kind::Parts(_))
}
