//! Classes of Python, those whose constructor is written for them among them, and comprehensions.

use super::{Arg, Expr, ExprKind, Function, Param, Pattern, Reader, Rest, Stmt, StmtKind};
use crate::deployments::aws::cdk::source::lower::{FrontEnd, Lower, children};
use crate::deployments::aws::cdk::source::syntax::{Class, Field, Word};
use crate::text::Span;
use std::sync::Arc;
use tree_sitter::Node;

/// Bases that give a class a constructor with a parameter for each of its annotated fields.
const RECORDS: &[&str] = &["NamedTuple", "BaseModel", "BaseSettings", "TypedDict"];

/// What stands before a definition.
fn decorators<'t>(lower: &Lower<'t>, node: Node<'_>) -> Vec<&'t str> {
    let found = children(node).into_iter().filter(|child| child.kind() == "decorator");
    found.map(|decorator| lower.slice(decorator).trim_start_matches('@').trim()).collect()
}

impl Reader<'_> {
    pub(super) fn class(&mut self, node: Node<'_>) -> Class {
        let span = self.lower.span(node);
        let decorated = node.child_by_field_name("definition");
        let data = decorated.is_some() && decorators(&self.lower, node).iter().any(|name| name.contains("dataclass"));
        let node = decorated.unwrap_or(node);
        let name = node.child_by_field_name("name").map_or_else(|| "".into(), |name| self.lower.word(name));
        let bases = node.child_by_field_name("superclasses").map_or_else(Vec::new, children);
        let named = |base: &Node<'_>| RECORDS.contains(&self.lower.slice(*base).rsplit('.').next().unwrap_or_default());
        let record = bases.iter().any(named);
        let bases = bases.into_iter().filter(|base| !named(base)).collect::<Vec<_>>();
        let base = bases.into_iter().find(|base| base.kind() != "keyword_argument").map(|base| self.expression(base));
        let mut class = Class { name, base, constructor: None, methods: Vec::new(), fields: Vec::new(), span };
        let mut given: Vec<Param> = Vec::new();
        for member in node.child_by_field_name("body").map_or_else(Vec::new, children) {
            let (member, decorators) = match member.kind() {
                "decorated_definition" => {
                    let names = decorators(&self.lower, member);
                    match member.child_by_field_name("definition") {
                        Some(definition) => (definition, names),
                        None => continue,
                    }
                }
                _ => (member, Vec::new()),
            };
            match member.kind() {
                "expression_statement" if data || record => given.extend(self.given(member)),
                "function_definition" => {
                    let Some(function) = self.deeper(|reader| Arc::new(reader.function(member, true, &decorators)))
                    else {
                        continue;
                    };
                    // The spelling of `__init__` is kept: it has no part that could be joined.
                    if function.name.as_deref() == Some("__init__") {
                        class.constructor = Some(function);
                    } else {
                        class.methods.push(function);
                    }
                }
                "expression_statement" => {
                    for assignment in children(member) {
                        let (Some(left), Some(right)) =
                            (assignment.child_by_field_name("left"), assignment.child_by_field_name("right"))
                        else {
                            continue;
                        };
                        let (name, value) = (self.name(left), self.expression(right));
                        class.fields.push(Field { name, value, is_static: true });
                    }
                }
                _ => {}
            }
        }
        if (data || record) && class.constructor.is_none() {
            class.constructor = Some(Arc::new(self.constructor(given, class.base.is_some(), span)));
        }
        class
    }

    /// Fields of a record as parameters of its constructor.
    fn given(&mut self, member: Node<'_>) -> Vec<Param> {
        let mut params = Vec::new();
        for field in children(member) {
            let (Some(name), Some(_)) = (field.child_by_field_name("left"), field.child_by_field_name("type")) else {
                continue;
            };
            let default = field.child_by_field_name("right").map(|value| self.default(value));
            let pattern = Pattern::Name(self.name(name));
            params.push(Param { pattern, default, rest: Rest::No, field: true });
        }
        params
    }

    /// The default of a field: `field(default=…)` and `field(default_factory=…)` say it in their arguments.
    fn default(&mut self, node: Node<'_>) -> Expr {
        let value = self.expression(node);
        let span = value.span;
        let ExprKind::Call(callee, args) = value.kind else { return value };
        let is_field = match &callee.kind {
            ExprKind::Name(name) | ExprKind::Member(_, name) => matches!(&**name, "field" | "Field"),
            _ => false,
        };
        if !is_field {
            return Expr::new(ExprKind::Call(callee, args), span);
        }
        for arg in args {
            match arg {
                Arg::Named(name, _, value) if &*name == "default" => return value,
                Arg::Named(name, _, made) if &*name == "defaultFactory" => {
                    return Expr::new(ExprKind::Call(Box::new(made), Vec::new()), span);
                }
                Arg::Value(value) => return value,
                _ => {}
            }
        }
        Expr::unknown("is given when the object is made", span)
    }

    /// The constructor of a record; what it does not know goes to the record it extends.
    fn constructor(&mut self, mut params: Vec<Param>, extends: bool, span: Span) -> Function {
        let mut body = Vec::new();
        if extends {
            let rest: Word = "\u{2}rest".into();
            params.push(Param { pattern: Pattern::Name(rest.clone()), default: None, rest: Rest::Named, field: false });
            let args = vec![Arg::NamedSpread(Expr::new(ExprKind::Name(rest), span))];
            let call = ExprKind::Call(Box::new(Expr::new(ExprKind::Super, span)), args);
            body.push(Stmt { kind: StmtKind::Expr(Expr::new(call, span)), span });
        }
        Function { name: Some("__init__".into()), params, body, ..Function::default() }
    }

    /// `[value for name in items if condition]` is `items.filter(name => condition).map(name => value)`, and a
    /// dictionary is made of the pairs of its keys and values.
    pub(super) fn comprehension(&mut self, node: Node<'_>) -> ExprKind {
        let span = self.lower.span(node);
        let clauses: Vec<Node<'_>> = children(node).into_iter().skip(1).collect();
        let Some(body) = node.child_by_field_name("body") else { return ExprKind::Unknown("is computed") };
        let dictionary = body.kind() == "pair";
        let body = if dictionary {
            let (key, value) = (body.child_by_field_name("key"), body.child_by_field_name("value"));
            let pair = vec![Arg::Value(*self.boxed(key, body)), Arg::Value(*self.boxed(value, body))];
            Expr::new(ExprKind::List(pair), span)
        } else {
            self.expression(body)
        };
        let Some(list) = self.passes(&clauses, body, span) else { return ExprKind::Unknown("is computed") };
        if !dictionary {
            return list.kind;
        }
        let object = Box::new(Expr::new(ExprKind::Name("Object".into()), span));
        let made = Expr::new(ExprKind::Member(object, "fromEntries".into()), span);
        ExprKind::Call(Box::new(made), vec![Arg::Value(list)])
    }

    /// The clauses from the innermost out.
    fn passes(&mut self, clauses: &[Node<'_>], body: Expr, span: Span) -> Option<Expr> {
        let mut body = body;
        let mut inner = true;
        let mut rest = clauses;
        while !rest.is_empty() {
            let at = rest.iter().rposition(|clause| clause.kind() == "for_in_clause")?;
            let clause = rest[at];
            let (left, right) = (clause.child_by_field_name("left")?, clause.child_by_field_name("right")?);
            let mut items = self.expression(right);
            for condition in &rest[at + 1..] {
                let condition = children(*condition).first().copied();
                let condition = *self.boxed(condition, clause);
                items = self.method(items, "filter", left, condition, span);
            }
            body = self.method(items, if inner { "map" } else { "flatMap" }, left, body, span);
            (inner, rest) = (false, &rest[..at]);
        }
        Some(body)
    }

    /// `items.name(pattern => value)`.
    fn method(&mut self, items: Expr, name: &str, pattern: Node<'_>, value: Expr, span: Span) -> Expr {
        let param = Param { pattern: self.pattern(pattern), default: None, rest: Rest::No, field: false };
        let body = vec![Stmt { kind: StmtKind::Return(Some(value)), span }];
        let closure = ExprKind::Closure(Arc::new(Function { params: vec![param], body, ..Function::default() }));
        let method = Expr::new(ExprKind::Member(Box::new(items), name.into()), span);
        Expr::new(ExprKind::Call(Box::new(method), vec![Arg::Value(Expr::new(closure, span))]), span)
    }
}
