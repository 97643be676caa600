//! Aspects: what a program does with every construct below one, after all of them are made.

use super::level1;
use super::library::is_holder;
use super::machine::Machine;
use super::value::{Args, ConstructId, Kind, Value};
use crate::knowledge::cdk;
use std::rc::Rc;

/// Aspects of one app that are followed.
const MAX_ASPECTS: usize = 64;
/// Classes that extend each other.
const MAX_BASES: usize = 16;
/// Libraries whose aspects look and change nothing (cdk-nag README, "annotations only").
const LOOKING: &[&str] = &["other:cdk-nag", "other:cdk_nag"];

impl Machine<'_, '_> {
    /// Shows every construct to the aspects that are added above it.
    pub(crate) fn visit(&mut self) {
        let aspects = std::mem::take(&mut self.aspects);
        for (scope, aspect, span) in aspects.into_iter().take(MAX_ASPECTS) {
            if let Kind::Made(made) = &aspect.kind
                && made.path.starts_with("other:")
                && !LOOKING.iter().any(|library| made.path.starts_with(library))
            {
                self.gaps.push((span, "this aspect is of a library that is not followed".to_owned()));
            }
            if !matches!(aspect.kind, Kind::Instance(_) | Kind::Map(_)) {
                continue;
            }
            let visit = self.member(&aspect, &"visit".into(), span);
            if !matches!(visit.kind, Kind::Closure(_)) {
                continue;
            }
            for index in 0..self.constructs.len() {
                let id = ConstructId(index);
                if !self.is_below(id, scope) {
                    continue;
                }
                if !self.enter(span) {
                    return;
                }
                let node = Value::new(Kind::Construct(id), self.construct(id).span);
                self.call(&visit, Args { items: vec![node], ..Args::default() }, span);
                self.leave();
            }
        }
    }

    fn is_below(&self, id: ConstructId, scope: ConstructId) -> bool {
        let mut next = Some(id);
        while let Some(id) = next {
            if id == scope {
                return true;
            }
            next = self.construct(id).scope;
        }
        false
    }

    /// Whether a value is of a class, where that can be told. A construct and its resource are one here.
    pub(crate) fn is_instance(&self, value: &Value, class: &Value) -> Option<bool> {
        if let Some(classes) = class.items() {
            let found: Vec<Option<bool>> = classes.iter().map(|class| self.is_instance(value, class)).collect();
            return match found.contains(&Some(true)) {
                true => Some(true),
                false => found.iter().all(|found| *found == Some(false)).then_some(false),
            };
        }
        let wanted = match (&class.kind, &value.kind) {
            (Kind::Library(wanted), _) => Rc::clone(wanted),
            (Kind::Class(wanted), Kind::Instance(instance)) => {
                let mut next = Some(Rc::clone(&instance.class));
                for _ in 0..MAX_BASES {
                    let Some(class) = next else { break };
                    if Rc::ptr_eq(&class, wanted) {
                        return Some(true);
                    }
                    next = match &class.base {
                        Some(Value { kind: Kind::Class(base), .. }) => Some(Rc::clone(base)),
                        _ => None,
                    };
                }
                return Some(false);
            }
            _ => return None,
        };
        let construct = self.construct(value.construct()?);
        if &*wanted == "core.CfnResource" {
            return Some(construct.type_name.is_some());
        }
        if let Some(type_name) = level1::type_of(&wanted) {
            return Some(construct.type_name.as_deref() == Some(type_name.as_str()));
        }
        let mut next = Some(&*construct.class);
        for _ in 0..MAX_BASES {
            let Some(class) = next else { break };
            if *class == *wanted {
                return Some(true);
            }
            next = cdk().constructs.get(class).and_then(|row| row.like.as_deref());
        }
        let known = cdk().constructs.contains_key(&*wanted) || is_holder(&wanted);
        (known && !construct.class.starts_with("other:")).then_some(false)
    }

    /// A value for what may have had another: in a branch that may not be taken it is one of two.
    pub(crate) fn settled(&self, id: ConstructId, path: &str, value: Value) -> Value {
        if self.branches.is_empty() {
            return value;
        }
        let span = value.span;
        let before = self.construct(id).properties.at(path).unwrap_or_else(|| Value::null(span));
        Value::either(vec![before, value], span)
    }
}
