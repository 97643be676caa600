//! Functions and classes the program defines: parameters, instances, what is inherited.

use super::machine::Machine;
use super::run::{Flow, Frame};
use super::syntax::{Function, Pattern, Rest, Word};
use super::value::{Args, ClassValue, Closure, Instance, Kind, Scope, Value};
use crate::text::Span;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

impl Machine<'_, '_> {
    pub(crate) fn static_member(&mut self, class: &Rc<ClassValue>, name: &Word, span: Span) -> Value {
        let mut next = Some(Rc::clone(class));
        while let Some(class) = next {
            if let Some(found) = class.statics.borrow().get(name) {
                return found.clone();
            }
            let mut statics = class.class.methods.iter().filter(|method| method.is_static);
            if let Some(method) = statics.find(|method| method.name.as_ref() == Some(name)) {
                let this = Some(Value::new(Kind::Class(Rc::clone(&class)), span));
                return self.method(method, &class, this, span);
            }
            next = match &class.base {
                Some(Value { kind: Kind::Class(base), .. }) => Some(Rc::clone(base)),
                Some(Value { kind: Kind::Library(path), .. }) => {
                    return self.library_member(&Rc::clone(path), name, span);
                }
                _ => None,
            };
        }
        Value::null(span)
    }

    fn method(&mut self, function: &Arc<Function>, class: &Rc<ClassValue>, this: Option<Value>, span: Span) -> Value {
        let closure = Closure {
            function: Arc::clone(function),
            scope: Rc::clone(&class.scope),
            this,
            class: Some(Rc::clone(class)),
        };
        Value::new(Kind::Closure(Rc::new(closure)), span)
    }

    pub(crate) fn instance_member(
        &mut self,
        object: &Value,
        instance: &Rc<Instance>,
        name: &Word,
        span: Span,
    ) -> Value {
        if let Some(found) = instance.fields.borrow().get(name) {
            return found.clone();
        }
        if let Some(found) = self.method_of(Some(Rc::clone(&instance.class)), name, object, span) {
            return found;
        }
        let made = instance.made.borrow().clone();
        match made {
            Some(made) => self.member(&made, name, span),
            None => Value::null(span),
        }
    }

    /// A method of a class or of what it extends; one that is read like a field is called.
    fn method_of(&mut self, class: Option<Rc<ClassValue>>, name: &Word, this: &Value, span: Span) -> Option<Value> {
        let mut next = class;
        while let Some(class) = next {
            if let Some(method) = class.class.methods.iter().find(|method| method.name.as_ref() == Some(name)) {
                let value = self.method(method, &class, Some(this.clone()), span);
                return Some(if method.is_getter { self.call(&value, Args::default(), span) } else { value });
            }
            if let Some(found) = class.statics.borrow().get(name) {
                return Some(found.clone());
            }
            next = match &class.base {
                Some(Value { kind: Kind::Class(base), .. }) => Some(Rc::clone(base)),
                _ => None,
            };
        }
        None
    }

    /// `super.name`.
    pub(crate) fn inherited(&mut self, name: &Word, frame: &Frame, span: Span) -> Value {
        let Some(this) = frame.this.clone() else { return Value::opaque("has no instance", span) };
        let base = frame.class.as_ref().and_then(|class| class.base.clone());
        if let Some(Value { kind: Kind::Class(base), .. }) = base
            && let Some(found) = self.method_of(Some(base), name, &this, span)
        {
            return found;
        }
        let made = match &this.kind {
            Kind::Instance(instance) => instance.made.borrow().clone(),
            _ => None,
        };
        made.map_or_else(|| Value::null(span), |made| self.member(&made, name, span))
    }

    pub(crate) fn call_closure(&mut self, closure: &Rc<Closure>, args: Args, span: Span) -> Value {
        if !self.enter(span) {
            return Value::opaque("is beyond what is followed", span);
        }
        let scope = Scope::inside(&closure.scope);
        scope.set("\u{0}".into(), Value::null(span));
        let frame = Frame {
            this: closure.this.clone(),
            class: closure.class.clone(),
            maybe: Rc::new(RefCell::new(Vec::new())),
            ..Frame::of(scope)
        };
        self.pass(&closure.function, args, &frame, span);
        let flow = self.statements(&closure.function.body, &frame);
        self.leave();
        let mut returned = std::mem::take(&mut *frame.maybe.borrow_mut());
        match flow {
            Flow::Return(value) => returned.push(value),
            Flow::Next if !returned.is_empty() => returned.push(Value::null(span)),
            Flow::Next | Flow::Stop => {}
        }
        Value::either(returned, span)
    }

    /// Binds parameters.
    fn pass(&mut self, function: &Function, args: Args, frame: &Frame, span: Span) {
        let mut items = args.items.into_iter();
        let mut named = args.named;
        for param in &function.params {
            let value = match param.rest {
                Rest::Items => Value::list(items.by_ref().collect(), span),
                Rest::Named => Value::map(std::mem::take(&mut named), span),
                Rest::No => {
                    let by_name = match &param.pattern {
                        Pattern::Name(name) => {
                            let at = named.entries.iter().position(|entry| *entry.key == **name);
                            at.map(|at| named.entries.remove(at).value)
                        }
                        _ => None,
                    };
                    let found = items.next().filter(|value| !value.is_null()).or(by_name);
                    match (found, &param.default) {
                        (Some(value), _) => value,
                        (None, Some(default)) => match &named.open {
                            Some(reason) => Value::opaque(Rc::clone(reason), span),
                            None => self.eval(default, frame),
                        },
                        (None, None) => match &named.open {
                            Some(reason) => Value::opaque(Rc::clone(reason), span),
                            None => Value::null(span),
                        },
                    }
                }
            };
            if let (true, Pattern::Name(name), Some(Value { kind: Kind::Instance(this), .. })) =
                (param.field, &param.pattern, &frame.this)
            {
                this.fields.borrow_mut().insert(name.clone(), value.clone());
            }
            match &param.pattern {
                Pattern::Name(name) => frame.scope.set(name.clone(), value),
                pattern => self.bind(pattern, value, frame),
            }
        }
    }

    /// Makes an instance of a class of the project.
    pub(crate) fn instantiate(&mut self, class: &Rc<ClassValue>, args: Args, span: Span) -> Value {
        if !self.enter(span) {
            return Value::opaque("is beyond what is followed", span);
        }
        class.used.set(true);
        let instance =
            Instance { class: Rc::clone(class), fields: RefCell::new(HashMap::new()), made: RefCell::new(None) };
        let this = Value::new(Kind::Instance(Rc::new(instance)), span);
        self.initialise(&this, class, args, span);
        self.fragment(&this);
        self.leave();
        this
    }

    fn initialise(&mut self, this: &Value, class: &Rc<ClassValue>, args: Args, span: Span) {
        if !self.enter(span) {
            return;
        }
        class.used.set(true);
        let Some(constructor) = &class.class.constructor else {
            self.initialise_base(this, class, args, span);
            self.leave();
            return;
        };
        let scope = Scope::inside(&class.scope);
        scope.set("\u{0}".into(), Value::null(span));
        let frame = Frame { this: Some(this.clone()), class: Some(Rc::clone(class)), ..Frame::of(scope) };
        if class.base.is_none() {
            self.fields(this, class);
        }
        self.pass(constructor, args, &frame, span);
        self.statements(&constructor.body, &frame);
        self.leave();
    }

    /// `super(…)`: the base, and then the class's own fields.
    pub(crate) fn initialise_base(&mut self, this: &Value, class: &Rc<ClassValue>, args: Args, span: Span) {
        match class.base.clone().map(|base| base.kind) {
            Some(Kind::Class(base)) => self.initialise(this, &base, args, span),
            Some(Kind::Library(path)) => {
                let made = self.call_library(&path, args, span);
                if let Kind::Instance(instance) = &this.kind {
                    *instance.made.borrow_mut() = Some(made);
                }
            }
            _ => {}
        }
        self.fields(this, class);
    }

    fn fields(&mut self, this: &Value, class: &Rc<ClassValue>) {
        let frame =
            Frame { this: Some(this.clone()), class: Some(Rc::clone(class)), ..Frame::of(Rc::clone(&class.scope)) };
        for field in class.class.fields.iter().filter(|field| !field.is_static) {
            let value = self.eval(&field.value, &frame);
            if let Kind::Instance(instance) = &this.kind {
                instance.fields.borrow_mut().insert(field.name.clone(), value);
            }
        }
    }
}
