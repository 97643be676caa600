//! Python. Names in it are spelled with underscores; here they get the spelling they have in the library's own
//! language, as the CDK's bindings do it.

mod classes;

use super::lower::{FrontEnd, Lower, children, number, parse, unescape};
use super::syntax::{
    Arg, Expr, ExprKind, Function, Import, Module, Operator, Param, Pattern, Prop, Rest, Stmt, StmtKind, Word,
};
use crate::text::FileId;
use std::sync::Arc;
use tree_sitter::Node;

/// The program a file holds.
pub(crate) fn read(file: FileId, text: &str) -> Module {
    let Some(tree) = parse(&tree_sitter_python::LANGUAGE.into(), text) else { return Module::default() };
    let mut reader = Reader { lower: Lower::new(file, text), itself: Vec::new() };
    Module { body: reader.statements(tree.root_node()) }
}

/// `snake_case` as `camelCase`; constants, and the underscores at either end, stay.
pub(crate) fn camel(name: &str) -> Word {
    if !name.contains('_') || !name.contains(|c: char| c.is_ascii_lowercase()) {
        return name.into();
    }
    let inner = name.trim_matches('_');
    let lead = &name[..name.len() - name.trim_start_matches('_').len()];
    let tail = &name[name.trim_end_matches('_').len()..];
    let mut out = String::from(lead);
    for (at, part) in inner.split('_').enumerate() {
        let mut chars = part.chars();
        match chars.next() {
            Some(first) if at > 0 => out.extend(first.to_uppercase().chain(chars)),
            Some(_) => out.push_str(part),
            None => {}
        }
    }
    out.push_str(tail);
    out.into()
}

struct Reader<'t> {
    lower: Lower<'t>,
    /// What the methods around call their instance.
    itself: Vec<Word>,
}

impl<'t> FrontEnd<'t> for Reader<'t> {
    fn lower(&mut self) -> &mut Lower<'t> {
        &mut self.lower
    }

    fn shallow(&mut self, node: Node<'_>) -> Expr {
        let field = |name: &str| node.child_by_field_name(name);
        let span = self.lower.span(node);
        let kind = match node.kind() {
            "identifier" => {
                let name = self.name(node);
                if self.itself.last() == Some(&name) { ExprKind::This } else { ExprKind::Name(name) }
            }
            "none" => ExprKind::Null,
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "integer" | "float" => {
                number(self.lower.slice(node)).map_or(ExprKind::Unknown("is no number"), ExprKind::Number)
            }
            "string" => self.string(node),
            "concatenated_string" => {
                ExprKind::Parts(children(node).into_iter().map(|part| self.expression(part)).collect())
            }
            "list" | "tuple" | "set" | "expression_list" => ExprKind::List(self.args(node)),
            "dictionary" => ExprKind::Object(self.entries(node)),
            "call" => return self.call(node),
            "attribute" => match field("attribute") {
                Some(attribute) => ExprKind::Member(self.boxed(field("object"), node), self.name(attribute)),
                None => ExprKind::Unknown("is incomplete"),
            },
            "subscript" if field("subscript").is_some_and(|index| index.kind() == "slice") => self.slice(node),
            "subscript" => ExprKind::Index(self.boxed(field("value"), node), self.boxed(field("subscript"), node)),
            "lambda" => {
                let list = field("parameters").map_or_else(Vec::new, children);
                let params = list.into_iter().filter_map(|param| self.param(param)).collect();
                let value = *self.boxed(field("body"), node);
                let body = vec![Stmt { kind: StmtKind::Return(Some(value)), span }];
                ExprKind::Closure(Arc::new(Function { params, body, ..Function::default() }))
            }
            "binary_operator" | "boolean_operator" => {
                match field("operator").and_then(|sign| Operator::of(sign.kind())) {
                    Some(operator) => {
                        ExprKind::Binary(operator, self.boxed(field("left"), node), self.boxed(field("right"), node))
                    }
                    None => ExprKind::Unknown("is computed"),
                }
            }
            "comparison_operator" => {
                let operands = children(node);
                let sign = field("operators").map_or("", |sign| self.lower.slice(sign));
                match (operands.as_slice(), Operator::of(sign)) {
                    ([left, right], Some(operator)) => {
                        let (left, right) = (self.expression(*left), self.expression(*right));
                        ExprKind::Binary(operator, Box::new(left), Box::new(right))
                    }
                    _ => ExprKind::Unknown("is computed"),
                }
            }
            "not_operator" => ExprKind::Not(self.boxed(field("argument"), node)),
            "unary_operator" => match (field("argument"), self.lower.slice(node).starts_with('-')) {
                (Some(argument), true) => number(self.lower.slice(argument))
                    .map_or(ExprKind::Unknown("is computed"), |number| ExprKind::Number(-number)),
                _ => ExprKind::Unknown("is computed"),
            },
            "conditional_expression" => match children(node).as_slice() {
                [then, condition, other] => {
                    let (condition, then) = (self.expression(*condition), self.expression(*then));
                    ExprKind::Conditional(Box::new(condition), Box::new(then), Box::new(self.expression(*other)))
                }
                _ => ExprKind::Unknown("is computed"),
            },
            "list_comprehension" | "generator_expression" | "set_comprehension" | "dictionary_comprehension" => {
                self.comprehension(node)
            }
            "parenthesized_expression" | "await" => match children(node).first() {
                Some(&inner) => return self.expression(inner),
                None => ExprKind::Unknown("is incomplete"),
            },
            _ => ExprKind::Unknown("is computed"),
        };
        Expr::new(kind, span)
    }
}

impl Reader<'_> {
    fn name(&self, node: Node<'_>) -> Word {
        camel(self.lower.slice(node))
    }

    fn statements(&mut self, node: Node<'_>) -> Vec<Stmt> {
        let mut body = Vec::new();
        for child in children(node) {
            self.statement(child, &mut body);
        }
        body
    }

    /// `items[from:to]` is `items.slice(from, to)`.
    fn slice(&mut self, node: Node<'_>) -> ExprKind {
        let span = self.lower.span(node);
        let Some(slice) = node.child_by_field_name("subscript") else { return ExprKind::Unknown("is incomplete") };
        let text = self.lower.slice(slice);
        let bounds = children(slice);
        let bounds = match (bounds.as_slice(), text.starts_with(':'), text.matches(':').count()) {
            ([], _, 1) => Vec::new(),
            ([from], false, 1) => vec![Arg::Value(self.expression(*from))],
            ([to], true, 1) => {
                let start = Expr::new(ExprKind::Number(0.0), span);
                vec![Arg::Value(start), Arg::Value(self.expression(*to))]
            }
            ([from, to], _, 1) => vec![Arg::Value(self.expression(*from)), Arg::Value(self.expression(*to))],
            _ => return ExprKind::Unknown("is computed"),
        };
        let items = self.boxed(node.child_by_field_name("value"), node);
        ExprKind::Call(Box::new(Expr::new(ExprKind::Member(items, "slice".into()), span)), bounds)
    }

    fn block(&mut self, node: Option<Node<'_>>) -> Vec<Stmt> {
        node.and_then(|node| self.deeper(|reader| reader.statements(node))).unwrap_or_default()
    }

    fn statement(&mut self, node: Node<'_>, into: &mut Vec<Stmt>) {
        let span = self.lower.span(node);
        let field = |name: &str| node.child_by_field_name(name);
        let mut push = |kind: StmtKind| into.push(Stmt { kind, span });
        match node.kind() {
            "expression_statement" => {
                for child in children(node) {
                    match (child.kind(), child.child_by_field_name("left")) {
                        ("assignment", Some(left)) => {
                            let value = child.child_by_field_name("right").map(|value| self.expression(value));
                            match left.kind() {
                                "attribute" | "subscript" => {
                                    let target = Box::new(self.expression(left));
                                    let Some(value) = value else { continue };
                                    push(StmtKind::Expr(Expr::new(ExprKind::Assign(target, Box::new(value)), span)));
                                }
                                _ if value.is_none() => {}
                                _ => push(StmtKind::Let(self.pattern(left), value)),
                            }
                        }
                        ("augmented_assignment", Some(left)) => {
                            let sign = child.child_by_field_name("operator").map(|sign| sign.kind());
                            let operator = sign.and_then(|sign| Operator::of(sign.strip_suffix('=')?));
                            let value = *self.boxed(child.child_by_field_name("right"), child);
                            let value = match operator {
                                Some(operator) => {
                                    ExprKind::Binary(operator, Box::new(self.expression(left)), Box::new(value))
                                }
                                None => ExprKind::Unknown("is computed"),
                            };
                            let (target, value) = (Box::new(self.expression(left)), Box::new(Expr::new(value, span)));
                            push(StmtKind::Expr(Expr::new(ExprKind::Assign(target, value), span)));
                        }
                        _ => push(StmtKind::Expr(self.expression(child))),
                    }
                }
            }
            "import_statement" => {
                for child in children(node) {
                    let (path, alias) = match child.kind() {
                        "aliased_import" => (child.child_by_field_name("name"), child.child_by_field_name("alias")),
                        _ => (Some(child), None),
                    };
                    let Some(path) = path else { continue };
                    let from: Word = self.lower.slice(path).into();
                    let whole = match alias {
                        Some(alias) => self.name(alias),
                        // `import a.b` binds `a`.
                        None => camel(from.split('.').next().unwrap_or(&from)),
                    };
                    let from = if alias.is_some() { from } else { from.split('.').next().unwrap_or(&from).into() };
                    push(StmtKind::Import(Import { from, whole: Some(whole), names: Vec::new(), all: false }));
                }
            }
            "import_from_statement" => {
                let Some(module) = field("module_name") else { return };
                let from: Word = self.lower.slice(module).into();
                let (mut names, mut all) = (Vec::new(), false);
                for child in children(node).into_iter().filter(|child| child.id() != module.id()) {
                    match child.kind() {
                        "wildcard_import" => all = true,
                        "aliased_import" => {
                            if let (Some(name), Some(alias)) =
                                (child.child_by_field_name("name"), child.child_by_field_name("alias"))
                            {
                                names.push((self.lower.word(name), self.name(alias)));
                            }
                        }
                        _ => names.push((self.lower.word(child), self.name(child))),
                    }
                }
                push(StmtKind::Import(Import { from, whole: None, names, all }));
            }
            "function_definition" => push(StmtKind::Function(Arc::new(self.function(node, false, &[])))),
            "class_definition" => push(StmtKind::Class(Arc::new(self.class(node)))),
            "decorated_definition" => match field("definition").map(|definition| (definition.kind(), definition)) {
                Some(("class_definition", _)) => push(StmtKind::Class(Arc::new(self.class(node)))),
                Some((_, definition)) => self.statement(definition, into),
                None => {}
            },
            "if_statement" => {
                let Some(condition) = field("condition") else { return };
                let condition = self.expression(condition);
                let then = self.block(field("consequence"));
                let mut cursor = node.walk();
                let rest: Vec<Node<'_>> = node.children_by_field_name("alternative", &mut cursor).collect();
                let mut other: Vec<Stmt> = Vec::new();
                for clause in rest.into_iter().rev() {
                    match clause.child_by_field_name("condition") {
                        Some(condition) => {
                            let condition = self.expression(condition);
                            let body = self.block(clause.child_by_field_name("consequence"));
                            let kind = StmtKind::If(condition, body, std::mem::take(&mut other));
                            other = vec![Stmt { kind, span: self.lower.span(clause) }];
                        }
                        None => other = self.block(clause.child_by_field_name("body")),
                    }
                }
                push(StmtKind::If(condition, then, other));
            }
            "for_statement" => {
                let body = self.block(field("body"));
                let (Some(left), Some(right)) = (field("left"), field("right")) else { return };
                let pattern = self.pattern(left);
                push(StmtKind::Each(pattern, self.expression(right), body));
            }
            "while_statement" => push(StmtKind::Loop(self.block(field("body")))),
            "return_statement" => {
                let value = children(node).first().map(|&value| self.expression(value));
                push(StmtKind::Return(value));
            }
            "raise_statement" => push(StmtKind::Throw),
            "break_statement" | "continue_statement" => push(StmtKind::Jump),
            "with_statement" => {
                // `with open(path) as file`: the name is what is opened.
                for item in children(node).into_iter().flat_map(children) {
                    let opened = item.child_by_field_name("value").filter(|value| value.kind() == "as_pattern");
                    let parts = opened.map_or_else(Vec::new, children);
                    if let [value, name] = parts.as_slice() {
                        let pattern = children(*name).first().map_or(Pattern::Nothing, |&name| self.pattern(name));
                        let value = self.expression(*value);
                        into.push(Stmt { kind: StmtKind::Let(pattern, Some(value)), span });
                    }
                }
                into.extend(self.block(field("body")));
            }
            "try_statement" => push(StmtKind::Block(self.block(field("body")))),
            _ => {}
        }
    }

    fn function(&mut self, node: Node<'_>, method: bool, decorators: &[&str]) -> Function {
        let name = node.child_by_field_name("name").map(|name| self.name(name));
        let is_static = decorators.contains(&"staticmethod");
        let mut params = Vec::new();
        let list = node.child_by_field_name("parameters").map_or_else(Vec::new, children);
        for (at, param) in list.into_iter().enumerate() {
            if at == 0 && method && !is_static {
                self.itself.push(self.name(param));
                continue;
            }
            params.extend(self.param(param));
        }
        let body = match node.child_by_field_name("body") {
            Some(body) if body.kind() == "block" => self.block(Some(body)),
            Some(body) => {
                let span = self.lower.span(body);
                vec![Stmt { kind: StmtKind::Return(Some(self.expression(body))), span }]
            }
            None => Vec::new(),
        };
        if method && !is_static {
            self.itself.pop();
        }
        let is_static = is_static || decorators.contains(&"classmethod");
        Function { name, params, body, is_static, is_getter: decorators.contains(&"property") }
    }

    fn param(&mut self, node: Node<'_>) -> Option<Param> {
        let plain = |pattern, default, rest| Param { pattern, default, rest, field: false };
        Some(match node.kind() {
            "identifier" => plain(Pattern::Name(self.name(node)), None, Rest::No),
            "default_parameter" | "typed_default_parameter" => {
                let name = self.name(node.child_by_field_name("name")?);
                let default = node.child_by_field_name("value").map(|value| self.expression(value));
                plain(Pattern::Name(name), default, Rest::No)
            }
            "typed_parameter" => return self.param(*children(node).first()?),
            "list_splat_pattern" => plain(Pattern::Name(self.name(*children(node).first()?)), None, Rest::Items),
            "dictionary_splat_pattern" => plain(Pattern::Name(self.name(*children(node).first()?)), None, Rest::Named),
            _ => return None,
        })
    }

    fn pattern(&mut self, node: Node<'_>) -> Pattern {
        match node.kind() {
            "identifier" => Pattern::Name(self.name(node)),
            "pattern_list" | "tuple_pattern" | "list_pattern" => {
                let items = children(node).into_iter();
                Pattern::List(
                    items.map(|item| self.deeper(|reader| reader.pattern(item)).unwrap_or(Pattern::Nothing)).collect(),
                )
            }
            _ => Pattern::Nothing,
        }
    }

    /// `super().method()` and `super().__init__()` are TypeScript's `super.method()` and `super()`.
    fn call(&mut self, node: Node<'_>) -> Expr {
        let span = self.lower.span(node);
        let args = node.child_by_field_name("arguments").map_or_else(Vec::new, |args| self.args(args));
        let Some(callee) = node.child_by_field_name("function") else {
            return Expr::unknown("is incomplete", span);
        };
        if callee.kind() == "identifier" && self.lower.slice(callee) == "super" {
            return Expr::new(ExprKind::Super, span);
        }
        let callee = self.expression(callee);
        let callee = match callee.kind {
            ExprKind::Member(object, name) if &*name == "__init__" && matches!(object.kind, ExprKind::Super) => *object,
            kind => Expr::new(kind, callee.span),
        };
        Expr::new(ExprKind::Call(Box::new(callee), args), span)
    }

    fn string(&mut self, node: Node<'_>) -> ExprKind {
        let mut parts: Vec<Expr> = Vec::new();
        let raw = self.lower.slice(node).split(['"', '\'']).next().is_some_and(|prefix| prefix.contains(['r', 'R']));
        for child in children(node) {
            match child.kind() {
                "string_content" => {
                    let text = self.lower.slice(child);
                    let text: Word = if raw { text.into() } else { unescape(text).into() };
                    parts.push(Expr::new(ExprKind::Text(text), self.lower.span(child)));
                }
                "interpolation" => {
                    let part = child.child_by_field_name("expression").or_else(|| children(child).first().copied());
                    parts.push(*self.boxed(part, child));
                }
                _ => {}
            }
        }
        match parts.as_slice() {
            [] => ExprKind::Text("".into()),
            [Expr { kind: ExprKind::Text(text), .. }] => ExprKind::Text(text.clone()),
            _ => ExprKind::Parts(parts),
        }
    }

    fn args(&mut self, node: Node<'_>) -> Vec<Arg> {
        let mut args = Vec::new();
        // A call of one generator has no list around it.
        let list = if node.kind() == "generator_expression" { vec![node] } else { children(node) };
        for child in list {
            let inner = children(child).first().copied();
            args.push(match child.kind() {
                "keyword_argument" => {
                    let (Some(name), value) = (child.child_by_field_name("name"), child.child_by_field_name("value"))
                    else {
                        continue;
                    };
                    Arg::Named(self.name(name), self.lower.span(name), *self.boxed(value, child))
                }
                "list_splat" => Arg::Spread(*self.boxed(inner, child)),
                "dictionary_splat" => Arg::NamedSpread(*self.boxed(inner, child)),
                _ => Arg::Value(self.expression(child)),
            });
        }
        args
    }

    fn entries(&mut self, node: Node<'_>) -> Vec<Prop> {
        let mut entries = Vec::new();
        for child in children(node) {
            match child.kind() {
                "pair" => {
                    let (Some(key), value) = (child.child_by_field_name("key"), child.child_by_field_name("value"))
                    else {
                        continue;
                    };
                    let value = *self.boxed(value, child);
                    let key = self.expression(key);
                    entries.push(match key.kind {
                        ExprKind::Text(text) => Prop::Entry(text, key.span, value),
                        kind => Prop::Computed(Expr::new(kind, key.span), value),
                    });
                }
                "dictionary_splat" => {
                    entries.push(Prop::Spread(*self.boxed(children(child).first().copied(), child)));
                }
                _ => {}
            }
        }
        entries
    }
}
