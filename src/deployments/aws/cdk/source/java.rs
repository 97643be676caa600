//! Java. Constructs are made with builders there, properties are read with getters, and every class is a file.

use super::lower::{FrontEnd, Lower, children, has, number, parse, unescape};
use super::syntax::{
    Arg, Class, Expr, ExprKind, Field, Function, Import, Module, Operator, Param, Pattern, Prop, Rest, Stmt, StmtKind,
    Word,
};
use crate::text::FileId;
use std::sync::Arc;
use tree_sitter::Node;

/// Calls whose builder goes on for longer are not followed.
const MAX_SETTERS: usize = 120;

/// The program a file holds; classes of the same package are there without an import.
pub(crate) fn read(file: FileId, text: &str, package: &[String]) -> Module {
    let Some(tree) = parse(&tree_sitter_java::LANGUAGE.into(), text) else { return Module::default() };
    let mut reader = Reader { lower: Lower::new(file, text) };
    let root = tree.root_node();
    let place = reader.lower.span(root);
    let mut body = Vec::new();
    for child in children(root) {
        reader.declaration(child, &mut body);
    }
    for name in package {
        let word: Word = name.as_str().into();
        let names = vec![(word.clone(), word)];
        let import = Import { from: format!("./{name}").into(), whole: None, names, all: false };
        body.insert(0, Stmt { kind: StmtKind::Import(import), span: place });
    }
    // The program starts in the method that says so.
    let starts: Vec<Word> = body
        .iter()
        .filter_map(|stmt| match &stmt.kind {
            StmtKind::Class(class) => {
                let main = |method: &Arc<Function>| method.is_static && method.name.as_deref() == Some("main");
                class.methods.iter().any(main).then(|| class.name.clone())
            }
            _ => None,
        })
        .collect();
    for class in starts {
        let class = Expr::new(ExprKind::Name(class), place);
        let main = Expr::new(ExprKind::Member(Box::new(class), "main".into()), place);
        let call = Expr::new(ExprKind::Call(Box::new(main), Vec::new()), place);
        body.push(Stmt { kind: StmtKind::Expr(call), span: place });
    }
    Module { body }
}

/// `getQueueUrl` is `queueUrl`.
fn property(getter: &str) -> Option<Word> {
    let rest = getter.strip_prefix("get").filter(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))?;
    let mut chars = rest.chars();
    Some(chars.next()?.to_lowercase().chain(chars).collect::<String>().into())
}

struct Reader<'t> {
    lower: Lower<'t>,
}

impl<'t> FrontEnd<'t> for Reader<'t> {
    fn lower(&mut self) -> &mut Lower<'t> {
        &mut self.lower
    }

    fn shallow(&mut self, node: Node<'_>) -> Expr {
        let field = |name: &str| node.child_by_field_name(name);
        let kind = match node.kind() {
            "identifier" | "type_identifier" => ExprKind::Name(self.lower.word(node)),
            "this" => ExprKind::This,
            "super" => ExprKind::Super,
            "null_literal" => ExprKind::Null,
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "decimal_integer_literal" | "decimal_floating_point_literal" => {
                number(self.lower.slice(node).trim_end_matches(['L', 'l', 'd', 'f']))
                    .map_or(ExprKind::Unknown("is no number"), ExprKind::Number)
            }
            "string_literal" => ExprKind::Text(unescape(self.lower.slice(node).trim_matches('"')).into()),
            "field_access" => match field("field") {
                Some(name) => ExprKind::Member(self.boxed(field("object"), node), self.lower.word(name)),
                None => ExprKind::Unknown("is incomplete"),
            },
            "array_access" => ExprKind::Index(self.boxed(field("array"), node), self.boxed(field("index"), node)),
            "object_creation_expression" => {
                let Some(made) = field("type") else { return Expr::unknown("is incomplete", self.lower.span(node)) };
                let args = field("arguments").map_or_else(Vec::new, |args| self.args(args));
                match self.lower.slice(made).split('<').next() {
                    Some("HashMap" | "TreeMap" | "LinkedHashMap") if args.is_empty() => ExprKind::Object(Vec::new()),
                    Some("ArrayList") if args.is_empty() => ExprKind::List(Vec::new()),
                    _ => ExprKind::New(Box::new(self.type_name(made)), args),
                }
            }
            "method_invocation" => return self.call(node),
            "lambda_expression" => {
                let params = match field("parameters") {
                    Some(only) if only.kind() == "identifier" => vec![only],
                    Some(list) => children(list),
                    None => Vec::new(),
                };
                let mut named = Vec::new();
                for param in params {
                    let name = param.child_by_field_name("name").unwrap_or(param);
                    let pattern = Pattern::Name(self.lower.word(name));
                    named.push(Param { pattern, default: None, rest: Rest::No, field: false });
                }
                let params = named;
                let body = match field("body") {
                    Some(body) if body.kind() == "block" => self.block(Some(body)),
                    Some(body) => {
                        let span = self.lower.span(body);
                        vec![Stmt { kind: StmtKind::Return(Some(self.expression(body))), span }]
                    }
                    None => Vec::new(),
                };
                ExprKind::Closure(Arc::new(Function { params, body, ..Function::default() }))
            }
            "binary_expression" => match field("operator").and_then(|sign| Operator::of(sign.kind())) {
                Some(operator) => {
                    ExprKind::Binary(operator, self.boxed(field("left"), node), self.boxed(field("right"), node))
                }
                None => ExprKind::Unknown("is computed"),
            },
            "unary_expression" if has(node, "!") => ExprKind::Not(self.boxed(field("operand"), node)),
            "ternary_expression" => ExprKind::Conditional(
                self.boxed(field("condition"), node),
                self.boxed(field("consequence"), node),
                self.boxed(field("alternative"), node),
            ),
            "assignment_expression" => {
                ExprKind::Assign(self.boxed(field("left"), node), self.boxed(field("right"), node))
            }
            "parenthesized_expression" => return *self.boxed(children(node).first().copied(), node),
            "cast_expression" => return *self.boxed(field("value"), node),
            "array_creation_expression" => return *self.boxed(field("value"), node),
            "array_initializer" => ExprKind::List(self.args(node)),
            _ => ExprKind::Unknown("is computed"),
        };
        self.lower.expr(kind, node)
    }
}

impl Reader<'_> {
    fn declaration(&mut self, node: Node<'_>, into: &mut Vec<Stmt>) {
        let span = self.lower.span(node);
        match node.kind() {
            "import_declaration" => {
                let all = has(node, "asterisk") || children(node).iter().any(|child| child.kind() == "asterisk");
                let Some(path) = children(node).into_iter().find(|child| child.kind() != "asterisk") else { return };
                let path = self.lower.slice(path);
                let (from, names) = match path.rsplit_once('.') {
                    Some((from, name)) if !all => (from, vec![(name.into(), name.into())]),
                    _ => (path, Vec::new()),
                };
                let import = Import { from: from.into(), whole: None, names, all };
                into.push(Stmt { kind: StmtKind::Import(import), span });
            }
            "class_declaration" => {
                if let Some(class) = self.deeper(|reader| reader.class(node)) {
                    into.push(Stmt { kind: StmtKind::Class(Arc::new(class)), span });
                }
            }
            _ => {}
        }
    }

    fn class(&mut self, node: Node<'_>) -> Class {
        let span = self.lower.span(node);
        let name = node.child_by_field_name("name").map_or_else(|| "".into(), |name| self.lower.word(name));
        let base = node.child_by_field_name("superclass").and_then(|base| children(base).first().copied());
        let base = base.map(|base| self.type_name(base));
        let mut class = Class { name, base, constructor: None, methods: Vec::new(), fields: Vec::new(), span };
        for member in node.child_by_field_name("body").map_or_else(Vec::new, children) {
            let modifiers = children(member).into_iter().find(|child| child.kind() == "modifiers");
            let is_static = modifiers.is_some_and(|modifiers| has(modifiers, "static"));
            match member.kind() {
                "constructor_declaration" => {
                    let Some(function) = self.deeper(|reader| reader.function(member)) else { continue };
                    // Of several the one that takes most is the one the others call.
                    let most = class.constructor.as_ref().map_or(0, |known| known.params.len() + 1);
                    if function.params.len() + 1 > most {
                        class.constructor = Some(Arc::new(function));
                    }
                }
                "method_declaration" => {
                    let Some(function) = self.deeper(|reader| reader.function(member)) else { continue };
                    class.methods.push(Arc::new(Function { is_static, ..function }));
                }
                "field_declaration" => {
                    for declarator in children(member).into_iter().filter(|part| part.kind() == "variable_declarator") {
                        let (Some(name), Some(value)) =
                            (declarator.child_by_field_name("name"), declarator.child_by_field_name("value"))
                        else {
                            continue;
                        };
                        let (name, value) = (self.lower.word(name), self.expression(value));
                        class.fields.push(Field { name, value, is_static });
                    }
                }
                _ => {}
            }
        }
        class
    }

    fn function(&mut self, node: Node<'_>) -> Function {
        let name = node.child_by_field_name("name").map(|name| self.lower.word(name));
        let list = node.child_by_field_name("parameters").map_or_else(Vec::new, children);
        let params = list.into_iter().filter_map(|param| {
            let rest = if param.kind() == "spread_parameter" { Rest::Items } else { Rest::No };
            let name = match (param.kind(), param.child_by_field_name("name")) {
                ("identifier", _) => Some(param),
                (_, Some(name)) => Some(name),
                _ => children(param).into_iter().rev().find(|child| child.kind() == "variable_declarator"),
            }?;
            let pattern = Pattern::Name(self.lower.word(name));
            Some(Param { pattern, default: None, rest, field: false })
        });
        let params = params.collect();
        let body = self.block(node.child_by_field_name("body"));
        Function { name, params, body, ..Function::default() }
    }

    fn block(&mut self, node: Option<Node<'_>>) -> Vec<Stmt> {
        let mut body = Vec::new();
        if let Some(node) = node {
            self.deeper(|reader| match node.kind() {
                "block" | "constructor_body" => {
                    for child in children(node) {
                        reader.statement(child, &mut body);
                    }
                }
                _ => reader.statement(node, &mut body),
            });
        }
        body
    }

    fn statement(&mut self, node: Node<'_>, into: &mut Vec<Stmt>) {
        let span = self.lower.span(node);
        let field = |name: &str| node.child_by_field_name(name);
        let mut push = |kind: StmtKind| into.push(Stmt { kind, span });
        match node.kind() {
            "expression_statement" => {
                for child in children(node) {
                    push(StmtKind::Expr(self.expression(child)));
                }
            }
            // `this(…)` leads to the constructor that is read anyway.
            "explicit_constructor_invocation" if field("constructor").is_some_and(|which| which.kind() == "super") => {
                let args = field("arguments").map_or_else(Vec::new, |args| self.args(args));
                let callee = Box::new(Expr::new(ExprKind::Super, span));
                push(StmtKind::Expr(Expr::new(ExprKind::Call(callee, args), span)));
            }
            "local_variable_declaration" => {
                for declarator in children(node).into_iter().filter(|part| part.kind() == "variable_declarator") {
                    let Some(name) = declarator.child_by_field_name("name") else { continue };
                    let value = declarator.child_by_field_name("value").map(|value| self.expression(value));
                    push(StmtKind::Let(Pattern::Name(self.lower.word(name)), value));
                }
            }
            "if_statement" => {
                let Some(condition) = field("condition") else { return };
                let condition = self.expression(condition);
                let then = self.block(field("consequence"));
                push(StmtKind::If(condition, then, self.block(field("alternative"))));
            }
            "enhanced_for_statement" => {
                let body = self.block(field("body"));
                let (Some(name), Some(value)) = (field("name"), field("value")) else { return };
                let items = self.expression(value);
                push(StmtKind::Each(Pattern::Name(self.lower.word(name)), items, body));
            }
            "for_statement" | "while_statement" | "do_statement" => push(StmtKind::Loop(self.block(field("body")))),
            "return_statement" => {
                let value = children(node).first().map(|&value| self.expression(value));
                push(StmtKind::Return(value));
            }
            "throw_statement" => push(StmtKind::Throw),
            "break_statement" | "continue_statement" => push(StmtKind::Jump),
            "block" => push(StmtKind::Block(self.block(Some(node)))),
            "try_statement" | "try_with_resources_statement" => push(StmtKind::Block(self.block(field("body")))),
            _ => {}
        }
    }

    /// A class by its name, whole or with what is around it; parameters of types say nothing here.
    fn type_name(&mut self, node: Node<'_>) -> Expr {
        let span = self.lower.span(node);
        let text = self.lower.slice(node).split('<').next().unwrap_or_default().trim();
        let mut parts = text.split('.');
        let first = Expr::new(ExprKind::Name(parts.next().unwrap_or_default().into()), span);
        parts.fold(first, |inner, part| Expr::new(ExprKind::Member(Box::new(inner), part.into()), span))
    }

    fn args(&mut self, node: Node<'_>) -> Vec<Arg> {
        children(node).into_iter().map(|child| Arg::Value(self.expression(child))).collect()
    }

    fn call(&mut self, node: Node<'_>) -> Expr {
        let span = self.lower.span(node);
        let (Some(name), object) = (node.child_by_field_name("name"), node.child_by_field_name("object")) else {
            return Expr::unknown("is incomplete", span);
        };
        let name = self.lower.slice(name);
        if name == "build"
            && let Some(built) = object.and_then(|object| self.builder(object, node))
        {
            return built;
        }
        let args = node.child_by_field_name("arguments").map_or_else(Vec::new, |args| self.args(args));
        let class = object.map_or("", |object| self.lower.slice(object));
        match (class, name) {
            ("Map", "of") => {
                let mut entries = Vec::new();
                let mut args = args.into_iter();
                while let (Some(Arg::Value(key)), Some(Arg::Value(value))) = (args.next(), args.next()) {
                    entries.push(match key.kind {
                        ExprKind::Text(text) => Prop::Entry(text, key.span, value),
                        kind => Prop::Computed(Expr::new(kind, key.span), value),
                    });
                }
                return Expr::new(ExprKind::Object(entries), span);
            }
            ("List" | "Set" | "Stream", "of") | ("Arrays", "asList") | ("Collections", "singletonList") => {
                return Expr::new(ExprKind::List(args), span);
            }
            _ => {}
        }
        let Some(object) = object else {
            // A method of the class around.
            let this = Box::new(Expr::new(ExprKind::This, span));
            let method = Expr::new(ExprKind::Member(this, name.into()), span);
            return Expr::new(ExprKind::Call(Box::new(method), args), span);
        };
        let object = self.expression(object);
        match (name, args.as_slice()) {
            ("put", [_, _]) => {
                let mut args = args.into_iter();
                let (Some(Arg::Value(key)), Some(Arg::Value(value))) = (args.next(), args.next()) else {
                    return Expr::unknown("is incomplete", span);
                };
                let target = Expr::new(ExprKind::Index(Box::new(object), Box::new(key)), span);
                Expr::new(ExprKind::Assign(Box::new(target), Box::new(value)), span)
            }
            ("add", [_]) => {
                let push = Expr::new(ExprKind::Member(Box::new(object), "push".into()), span);
                Expr::new(ExprKind::Call(Box::new(push), args), span)
            }
            (_, []) if property(name).is_some() => {
                let property = property(name).unwrap_or_else(|| name.into());
                let getter = Expr::new(ExprKind::Member(Box::new(object), property), span);
                Expr::new(ExprKind::Call(Box::new(getter), Vec::new()), span)
            }
            _ => {
                let method = Expr::new(ExprKind::Member(Box::new(object), name.into()), span);
                Expr::new(ExprKind::Call(Box::new(method), args), span)
            }
        }
    }

    /// `Queue.Builder.create(this, "Jobs").fifo(true).build()` is `new Queue(this, "Jobs", { fifo: true })`, and
    /// `QueueProps.builder().fifo(true).build()` an object.
    fn builder(&mut self, from: Node<'_>, whole: Node<'_>) -> Option<Expr> {
        let span = self.lower.span(whole);
        let mut setters: Vec<(Node<'_>, Node<'_>)> = Vec::new();
        let mut at = from;
        loop {
            if at.kind() != "method_invocation" || setters.len() > MAX_SETTERS {
                return None;
            }
            let name = at.child_by_field_name("name")?;
            let object = at.child_by_field_name("object")?;
            let arguments = at.child_by_field_name("arguments")?;
            let around = self.lower.slice(object);
            let word = self.lower.slice(name);
            let create = (word == "create").then(|| around.strip_suffix(".Builder")).flatten();
            if create.is_none() && word != "builder" {
                setters.push((name, arguments));
                at = object;
                continue;
            }
            let entries = setters.into_iter().rev().filter_map(|(name, arguments)| {
                let value = children(arguments).first().map(|value| self.expression(*value))?;
                Some(Prop::Entry(self.lower.word(name), self.lower.span(name), value))
            });
            let props = Expr::new(ExprKind::Object(entries.collect()), span);
            if create.is_none() {
                return Some(props);
            }
            let mut args = self.args(arguments);
            args.push(Arg::Value(props));
            let class = children(object).first().copied().unwrap_or(object);
            let class = self.expression(class);
            return Some(Expr::new(ExprKind::New(Box::new(class), args), span));
        }
    }
}
