//! TypeScript and JavaScript.

mod loops;

pub(crate) use self::loops::RANGE;
use super::lower::{FrontEnd, Lower, children, has, number, parse, unescape};
use super::syntax::{
    Arg, Class, Expr, ExprKind, Field, Function, Import, Module, Operator, Param, Pattern, Prop, Rest, Stmt, StmtKind,
    Word,
};
use crate::text::FileId;
use std::sync::Arc;
use tree_sitter::Node;

/// The program a file holds.
pub(crate) fn read(file: FileId, text: &str) -> Module {
    let Some(tree) = parse(&tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(), text) else {
        return Module::default();
    };
    let mut lower = Lower::new(file, text);
    Module { body: lower.statements(tree.root_node()) }
}

impl<'t> FrontEnd<'t> for Lower<'t> {
    fn lower(&mut self) -> &mut Self {
        self
    }

    fn shallow(&mut self, node: Node<'_>) -> Expr {
        let field = |name: &str| node.child_by_field_name(name);
        let kind = match node.kind() {
            "identifier" | "undefined" if self.slice(node) == "undefined" => ExprKind::Null,
            "identifier" => ExprKind::Name(self.word(node)),
            "meta_property" => ExprKind::Name(self.word(node)),
            "null" => ExprKind::Null,
            "this" => ExprKind::This,
            "super" => ExprKind::Super,
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "number" => number(self.slice(node)).map_or(ExprKind::Unknown("is no number"), ExprKind::Number),
            "string" => ExprKind::Text(self.string(node)),
            "template_string" => self.template(node),
            "array" => ExprKind::List(self.args(node)),
            "object" => ExprKind::Object(self.entries(node)),
            "call_expression" => {
                let callee = self.boxed(field("function"), node);
                let args = field("arguments").map_or_else(Vec::new, |args| self.args(args));
                ExprKind::Call(callee, args)
            }
            "new_expression" => {
                let callee = self.boxed(field("constructor"), node);
                let args = field("arguments").map_or_else(Vec::new, |args| self.args(args));
                ExprKind::New(callee, args)
            }
            "member_expression" => match field("property") {
                Some(property) => ExprKind::Member(self.boxed(field("object"), node), self.word(property)),
                None => ExprKind::Unknown("is incomplete"),
            },
            "subscript_expression" => {
                ExprKind::Index(self.boxed(field("object"), node), self.boxed(field("index"), node))
            }
            "arrow_function" | "function_expression" => ExprKind::Closure(Arc::new(self.function(node))),
            "class" => ExprKind::Class(Arc::new(self.class(node))),
            "binary_expression" => match field("operator").and_then(|sign| Operator::of(sign.kind())) {
                Some(operator) => {
                    ExprKind::Binary(operator, self.boxed(field("left"), node), self.boxed(field("right"), node))
                }
                None => ExprKind::Unknown("is computed"),
            },
            "unary_expression" => match (field("operator").map(|sign| sign.kind()), field("argument")) {
                (Some("!"), argument) => ExprKind::Not(self.boxed(argument, node)),
                (Some("-"), Some(argument)) if argument.kind() == "number" => {
                    number(self.slice(argument)).map_or(ExprKind::Unknown("is no number"), |n| ExprKind::Number(-n))
                }
                (Some("void"), _) => ExprKind::Null,
                _ => ExprKind::Unknown("is computed"),
            },
            "ternary_expression" => ExprKind::Conditional(
                self.boxed(field("condition"), node),
                self.boxed(field("consequence"), node),
                self.boxed(field("alternative"), node),
            ),
            "assignment_expression" => {
                ExprKind::Assign(self.boxed(field("left"), node), self.boxed(field("right"), node))
            }
            "augmented_assignment_expression" | "update_expression" => self.changed(node),
            // What types and brackets add is nothing.
            "parenthesized_expression"
            | "as_expression"
            | "satisfies_expression"
            | "non_null_expression"
            | "await_expression"
            | "instantiation_expression" => match children(node).first() {
                Some(&inner) => return self.expression(inner),
                None => ExprKind::Unknown("is incomplete"),
            },
            "type_assertion" => match children(node).last() {
                Some(&inner) => return self.expression(inner),
                None => ExprKind::Unknown("is incomplete"),
            },
            "sequence_expression" => match children(node).last() {
                Some(&inner) => return self.expression(inner),
                None => ExprKind::Unknown("is incomplete"),
            },
            _ => ExprKind::Unknown("is computed"),
        };
        self.expr(kind, node)
    }
}

impl Lower<'_> {
    fn statements(&mut self, node: Node<'_>) -> Vec<Stmt> {
        let mut body = Vec::new();
        for child in children(node) {
            self.statement(child, &mut body);
        }
        body
    }

    /// A block, or one statement where a block may stand.
    fn block(&mut self, node: Option<Node<'_>>) -> Vec<Stmt> {
        let Some(node) = node else { return Vec::new() };
        match node.kind() {
            "statement_block" | "else_clause" => self.deeper(|lower| lower.statements(node)).unwrap_or_default(),
            _ => {
                let mut body = Vec::new();
                self.deeper(|lower| lower.statement(node, &mut body));
                body
            }
        }
    }

    fn statement(&mut self, node: Node<'_>, into: &mut Vec<Stmt>) {
        let span = self.span(node);
        let mut push = |kind: StmtKind| into.push(Stmt { kind, span });
        match node.kind() {
            "expression_statement" => {
                for child in children(node) {
                    push(StmtKind::Expr(self.expression(child)));
                }
            }
            "lexical_declaration" | "variable_declaration" => {
                for child in children(node).into_iter().filter(|child| child.kind() == "variable_declarator") {
                    let Some(name) = child.child_by_field_name("name") else { continue };
                    let pattern = self.pattern(name);
                    let value = child.child_by_field_name("value").map(|value| self.expression(value));
                    push(StmtKind::Let(pattern, value));
                }
            }
            "export_statement" => {
                if let Some(source) = node.child_by_field_name("source") {
                    let from = self.string(source);
                    let clause = children(node).into_iter().find(|child| child.kind() == "export_clause");
                    let names = clause.map_or_else(Vec::new, |clause| self.specifiers(clause));
                    let all = clause.is_none();
                    push(StmtKind::Import(Import { from, whole: None, names, all }));
                } else if let Some(declaration) = node.child_by_field_name("declaration") {
                    self.statement(declaration, into);
                    if has(node, "default")
                        && let Some(name) = declaration.child_by_field_name("name")
                    {
                        let name = self.expr(ExprKind::Name(self.word(name)), name);
                        into.push(Stmt { kind: StmtKind::Let(Pattern::Name("default".into()), Some(name)), span });
                    }
                } else if let Some(value) = node.child_by_field_name("value") {
                    push(StmtKind::Let(Pattern::Name("default".into()), Some(self.expression(value))));
                }
            }
            "import_statement" => {
                if let Some(import) = self.import(node) {
                    push(StmtKind::Import(import));
                }
            }
            "function_declaration" | "generator_function_declaration" => {
                push(StmtKind::Function(Arc::new(self.function(node))));
            }
            "class_declaration" | "abstract_class_declaration" => push(StmtKind::Class(Arc::new(self.class(node)))),
            "enum_declaration" => {
                let Some(name) = node.child_by_field_name("name") else { return };
                let members = node.child_by_field_name("body").map_or_else(Vec::new, children);
                let entries = members.into_iter().filter_map(|member| self.member_of_enum(member)).collect();
                push(StmtKind::Let(Pattern::Name(self.word(name)), Some(Expr::new(ExprKind::Object(entries), span))));
            }
            "if_statement" => {
                let Some(condition) = node.child_by_field_name("condition") else { return };
                let condition = self.expression(condition);
                let then = self.block(node.child_by_field_name("consequence"));
                let other = self.block(node.child_by_field_name("alternative"));
                push(StmtKind::If(condition, then, other));
            }
            "for_in_statement" => {
                let body = self.block(node.child_by_field_name("body"));
                let (Some(left), Some(right)) = (node.child_by_field_name("left"), node.child_by_field_name("right"))
                else {
                    return;
                };
                let pattern = self.pattern(left);
                let mut items = self.expression(right);
                // `in` goes over the keys.
                if has(node, "in") {
                    let span = items.span;
                    let keys = Expr::new(ExprKind::Name("Object".into()), span);
                    let keys = Expr::new(ExprKind::Member(Box::new(keys), "keys".into()), span);
                    items = Expr::new(ExprKind::Call(Box::new(keys), vec![Arg::Value(items)]), span);
                }
                push(StmtKind::Each(pattern, items, body));
            }
            "for_statement" | "while_statement" | "do_statement" => {
                let counted = if node.kind() == "for_statement" { self.counted(node) } else { None };
                if let Some(counted) = counted {
                    return push(counted);
                }
                push(StmtKind::Loop(self.block(node.child_by_field_name("body"))));
            }
            "return_statement" => {
                let value = children(node).first().map(|&value| self.expression(value));
                push(StmtKind::Return(value));
            }
            "throw_statement" => push(StmtKind::Throw),
            "break_statement" | "continue_statement" => push(StmtKind::Jump),
            "statement_block" => push(StmtKind::Block(self.block(Some(node)))),
            "try_statement" => {
                push(StmtKind::Block(self.block(node.child_by_field_name("body"))));
            }
            "switch_statement" => self.switch(node, into),
            _ => {}
        }
    }

    /// Each case is an alternative; which is taken follows from comparing.
    fn switch(&mut self, node: Node<'_>, into: &mut Vec<Stmt>) {
        let span = self.span(node);
        let Some(value) = node.child_by_field_name("value") else { return };
        let cases = node.child_by_field_name("body").map_or_else(Vec::new, children);
        let mut rest: Vec<Stmt> = Vec::new();
        for case in cases.into_iter().rev() {
            let tested = case.child_by_field_name("value");
            let mut body = Vec::new();
            for child in children(case).into_iter().filter(|child| Some(child.id()) != tested.map(|node| node.id())) {
                self.deeper(|lower| lower.statement(child, &mut body));
            }
            body.retain(|stmt| !matches!(stmt.kind, StmtKind::Jump));
            match tested {
                None => rest = body,
                Some(tested) => {
                    let equal = ExprKind::Binary(
                        Operator::Equal,
                        Box::new(self.expression(value)),
                        Box::new(self.expression(tested)),
                    );
                    let kind = StmtKind::If(Expr::new(equal, span), body, std::mem::take(&mut rest));
                    rest = vec![Stmt { kind, span }];
                }
            }
        }
        into.extend(rest);
    }

    fn member_of_enum(&mut self, member: Node<'_>) -> Option<Prop> {
        let span = self.span(member);
        let name = member.child_by_field_name("name").unwrap_or(member);
        let key: Word = self.slice(name).trim_matches(['\'', '"']).into();
        let value = match member.child_by_field_name("value") {
            Some(value) => self.expression(value),
            None => Expr::new(ExprKind::Unknown("is the number of an enum's member"), span),
        };
        Some(Prop::Entry(key, span, value))
    }

    fn import(&mut self, node: Node<'_>) -> Option<Import> {
        let parts = children(node);
        // `import x = require('…')`.
        if let Some(required) = parts.iter().find(|part| part.kind() == "import_require_clause") {
            let name = children(*required).into_iter().find(|child| child.kind() == "identifier")?;
            let from = self.string(required.child_by_field_name("source")?);
            return Some(Import { from, whole: Some(self.word(name)), names: Vec::new(), all: false });
        }
        let from = self.string(node.child_by_field_name("source")?);
        let mut import = Import { from, whole: None, names: Vec::new(), all: false };
        let clause = parts.into_iter().find(|part| part.kind() == "import_clause")?;
        for part in children(clause) {
            match part.kind() {
                "identifier" => import.names.push(("default".into(), self.word(part))),
                "namespace_import" => import.whole = children(part).first().map(|&name| self.word(name)),
                "named_imports" => import.names.extend(self.specifiers(part)),
                _ => {}
            }
        }
        Some(import)
    }

    fn specifiers(&self, node: Node<'_>) -> Vec<(Word, Word)> {
        let pairs = children(node).into_iter().filter_map(|specifier| {
            let name = specifier.child_by_field_name("name")?;
            let alias = specifier.child_by_field_name("alias").unwrap_or(name);
            Some((self.word(name), self.word(alias)))
        });
        pairs.collect()
    }

    fn string(&self, node: Node<'_>) -> Word {
        unescape(self.slice(node).trim_matches(['\'', '"', '`'])).into()
    }

    fn function(&mut self, node: Node<'_>) -> Function {
        let name = node.child_by_field_name("name").map(|name| self.word(name));
        let params = match (node.child_by_field_name("parameters"), node.child_by_field_name("parameter")) {
            (Some(list), _) => children(list).into_iter().filter_map(|param| self.param(param)).collect(),
            (None, Some(only)) => {
                vec![Param { pattern: self.pattern(only), default: None, rest: Rest::No, field: false }]
            }
            _ => Vec::new(),
        };
        let body = match node.child_by_field_name("body") {
            Some(body) if body.kind() == "statement_block" => self.block(Some(body)),
            Some(body) => {
                let span = self.span(body);
                vec![Stmt { kind: StmtKind::Return(Some(self.expression(body))), span }]
            }
            None => Vec::new(),
        };
        Function { name, params, body, is_static: has(node, "static"), is_getter: has(node, "get") }
    }

    fn param(&mut self, node: Node<'_>) -> Option<Param> {
        let pattern = node.child_by_field_name("pattern").unwrap_or(node);
        let default = node.child_by_field_name("value").map(|value| self.expression(value));
        let field = has(node, "accessibility_modifier") || has(node, "readonly");
        if pattern.kind() == "rest_pattern" {
            let name = children(pattern).into_iter().next()?;
            return Some(Param { pattern: self.pattern(name), default, rest: Rest::Items, field });
        }
        if pattern.kind() == "this" {
            return None;
        }
        Some(Param { pattern: self.pattern(pattern), default, rest: Rest::No, field })
    }

    fn class(&mut self, node: Node<'_>) -> Class {
        let span = self.span(node);
        let name = node.child_by_field_name("name").map_or_else(|| "".into(), |name| self.word(name));
        let heritage = children(node).into_iter().find(|child| child.kind() == "class_heritage");
        let extends = heritage.and_then(|heritage| {
            let clause = children(heritage).into_iter().find(|child| child.kind() == "extends_clause");
            // JavaScript's own grammar has no clause around it.
            clause.and_then(|clause| clause.child_by_field_name("value")).or_else(|| {
                children(heritage).into_iter().find(|child| child.kind() != "implements_clause" && clause.is_none())
            })
        });
        let base = extends.map(|base| self.expression(base));
        let mut class = Class { name, base, constructor: None, methods: Vec::new(), fields: Vec::new(), span };
        for member in node.child_by_field_name("body").map_or_else(Vec::new, children) {
            match member.kind() {
                "method_definition" => {
                    let Some(function) = self.deeper(|lower| Arc::new(lower.function(member))) else { continue };
                    if function.name.as_deref() == Some("constructor") {
                        class.constructor = Some(function);
                    } else {
                        class.methods.push(function);
                    }
                }
                "public_field_definition" => {
                    let (Some(name), Some(value)) =
                        (member.child_by_field_name("name"), member.child_by_field_name("value"))
                    else {
                        continue;
                    };
                    let (name, value) = (self.word(name), self.expression(value));
                    class.fields.push(Field { name, value, is_static: has(member, "static") });
                }
                _ => {}
            }
        }
        class
    }

    fn pattern(&mut self, node: Node<'_>) -> Pattern {
        match node.kind() {
            "identifier" | "shorthand_property_identifier_pattern" => Pattern::Name(self.word(node)),
            "object_pattern" => {
                let (mut entries, mut rest) = (Vec::new(), None);
                for child in children(node) {
                    match child.kind() {
                        "shorthand_property_identifier_pattern" => {
                            let name = self.word(child);
                            entries.push((name.clone(), Pattern::Name(name), None));
                        }
                        "object_assignment_pattern" => {
                            let parts = children(child);
                            let [name, default] = parts.as_slice() else { continue };
                            let word = self.word(*name);
                            let default = self.expression(*default);
                            entries.push((word.clone(), Pattern::Name(word), Some(default)));
                        }
                        "pair_pattern" => {
                            let (Some(key), Some(value)) =
                                (child.child_by_field_name("key"), child.child_by_field_name("value"))
                            else {
                                continue;
                            };
                            let key: Word = self.slice(key).trim_matches(['\'', '"']).into();
                            let (value, default) = match (value.kind(), value.child_by_field_name("left")) {
                                ("assignment_pattern", Some(left)) => (left, value.child_by_field_name("right")),
                                _ => (value, None),
                            };
                            let default = default.map(|default| self.expression(default));
                            let inner = self.deeper(|lower| lower.pattern(value)).unwrap_or(Pattern::Nothing);
                            entries.push((key, inner, default));
                        }
                        "rest_pattern" => rest = children(child).first().map(|&name| self.word(name)),
                        _ => {}
                    }
                }
                Pattern::Object(entries, rest)
            }
            "array_pattern" => {
                let items = children(node).into_iter();
                Pattern::List(
                    items.map(|item| self.deeper(|lower| lower.pattern(item)).unwrap_or(Pattern::Nothing)).collect(),
                )
            }
            _ => Pattern::Nothing,
        }
    }

    fn template(&mut self, node: Node<'_>) -> ExprKind {
        let mut parts = Vec::new();
        for child in children(node) {
            let part = match child.kind() {
                "string_fragment" => self.expr(ExprKind::Text(self.word(child)), child),
                "escape_sequence" => self.expr(ExprKind::Text(unescape(self.slice(child)).into()), child),
                "template_substitution" => *self.boxed(children(child).first().copied(), child),
                _ => continue,
            };
            parts.push(part);
        }
        match parts.as_slice() {
            [] => ExprKind::Text("".into()),
            [Expr { kind: ExprKind::Text(text), .. }] => ExprKind::Text(text.clone()),
            _ => ExprKind::Parts(parts),
        }
    }

    fn args(&mut self, node: Node<'_>) -> Vec<Arg> {
        let args = children(node).into_iter().map(|child| match child.kind() {
            "spread_element" => Arg::Spread(*self.boxed(children(child).first().copied(), child)),
            _ => Arg::Value(self.expression(child)),
        });
        args.collect()
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
                    let span = self.span(key);
                    entries.push(match key.kind() {
                        "computed_property_name" => {
                            Prop::Computed(*self.boxed(children(key).first().copied(), key), value)
                        }
                        "string" => Prop::Entry(self.string(key), span, value),
                        _ => Prop::Entry(self.word(key), span, value),
                    });
                }
                "shorthand_property_identifier" => {
                    let name = self.word(child);
                    let value = self.expr(ExprKind::Name(name.clone()), child);
                    entries.push(Prop::Entry(name, self.span(child), value));
                }
                "spread_element" => entries.push(Prop::Spread(*self.boxed(children(child).first().copied(), child))),
                "method_definition" => {
                    let function = self.function(child);
                    if let Some(name) = function.name.clone() {
                        let value = self.expr(ExprKind::Closure(Arc::new(function)), child);
                        entries.push(Prop::Entry(name, self.span(child), value));
                    }
                }
                _ => {}
            }
        }
        entries
    }
}
