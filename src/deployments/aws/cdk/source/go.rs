//! Go. The library's classes are functions there (`NewQueue`), its constants and static methods have the class before
//! an underscore, and values are wrapped for the runtime that is shared with the other languages.

use super::lower::{FrontEnd, Lower, children, has, number, parse, unescape};
use super::syntax::{
    Arg, Expr, ExprKind, Function, Import, Operator, Param, Pattern, Prop, Rest, Stmt, StmtKind, Word,
};
use crate::text::FileId;
use std::collections::HashSet;
use std::sync::Arc;
use tree_sitter::Node;

/// Modules of the library.
const LIBRARIES: &[&str] =
    &["github.com/aws/aws-cdk-go/", "github.com/aws/constructs-go/", "github.com/cargo-lambda/cargo-lambda-cdk/"];

/// The statements of a file, and the call of `main` if it has one.
pub(crate) fn read(file: FileId, text: &str) -> Vec<Stmt> {
    let Some(tree) = parse(&tree_sitter_go::LANGUAGE.into(), text) else { return Vec::new() };
    let mut reader = Reader { lower: Lower::new(file, text), libraries: HashSet::new() };
    let mut body = Vec::new();
    for child in children(tree.root_node()) {
        reader.statement(child, &mut body);
    }
    body
}

/// A name with a small first letter, as it is in the library's own language.
fn camel(name: &str) -> Word {
    let mut chars = name.chars();
    match chars.next() {
        Some(first) if name.chars().any(|c| c.is_ascii_lowercase()) => {
            first.to_lowercase().chain(chars).collect::<String>().into()
        }
        _ => name.into(),
    }
}

struct Reader<'t> {
    lower: Lower<'t>,
    /// Local names of the library's modules.
    libraries: HashSet<String>,
}

impl<'t> FrontEnd<'t> for Reader<'t> {
    fn lower(&mut self) -> &mut Lower<'t> {
        &mut self.lower
    }

    fn shallow(&mut self, node: Node<'_>) -> Expr {
        let field = |name: &str| node.child_by_field_name(name);
        let kind = match node.kind() {
            "identifier" | "field_identifier" => ExprKind::Name(self.lower.word(node)),
            "nil" => ExprKind::Null,
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "int_literal" | "float_literal" => {
                number(self.lower.slice(node)).map_or(ExprKind::Unknown("is no number"), ExprKind::Number)
            }
            "interpreted_string_literal" => ExprKind::Text(unescape(self.lower.slice(node).trim_matches('"')).into()),
            "raw_string_literal" => ExprKind::Text(self.lower.slice(node).trim_matches('`').into()),
            "selector_expression" => self.selector(node),
            "index_expression" => ExprKind::Index(self.boxed(field("operand"), node), self.boxed(field("index"), node)),
            "call_expression" => return self.call(node),
            "composite_literal" => self.composite(node),
            "func_literal" => ExprKind::Closure(Arc::new(self.function(node))),
            // Pointers are what they point to.
            "unary_expression" if has(node, "&") || has(node, "*") => return *self.boxed(field("operand"), node),
            "unary_expression" if has(node, "!") => ExprKind::Not(self.boxed(field("operand"), node)),
            "parenthesized_expression" => return *self.boxed(children(node).first().copied(), node),
            "type_assertion_expression" => return *self.boxed(field("operand"), node),
            "binary_expression" => match field("operator").and_then(|sign| Operator::of(sign.kind())) {
                Some(operator) => {
                    ExprKind::Binary(operator, self.boxed(field("left"), node), self.boxed(field("right"), node))
                }
                None => ExprKind::Unknown("is computed"),
            },
            _ => ExprKind::Unknown("is computed"),
        };
        self.lower.expr(kind, node)
    }
}

impl Reader<'_> {
    fn block(&mut self, node: Option<Node<'_>>) -> Vec<Stmt> {
        let mut body = Vec::new();
        if let Some(node) = node {
            self.deeper(|reader| {
                for child in children(node) {
                    // Newer grammars have a list between.
                    if child.kind() == "statement_list" {
                        for inner in children(child) {
                            reader.statement(inner, &mut body);
                        }
                    } else {
                        reader.statement(child, &mut body);
                    }
                }
            });
        }
        body
    }

    fn statement(&mut self, node: Node<'_>, into: &mut Vec<Stmt>) {
        let span = self.lower.span(node);
        let field = |name: &str| node.child_by_field_name(name);
        match node.kind() {
            "import_declaration" => {
                let mut specs: Vec<Node<'_>> = Vec::new();
                for child in children(node) {
                    if child.kind() == "import_spec_list" { specs.extend(children(child)) } else { specs.push(child) }
                }
                for spec in specs {
                    let Some(path) = spec.child_by_field_name("path") else { continue };
                    let from = self.lower.slice(path).trim_matches(['"', '`']).to_owned();
                    let versioned =
                        |part: &str| part.len() > 1 && part.starts_with('v') && part[1..].parse::<u32>().is_ok();
                    let last = from.rsplit('/').find(|part| !versioned(part)).unwrap_or(&from).to_owned();
                    let last = last.trim_end_matches("-go").rsplit('-').next().unwrap_or(&last).to_owned();
                    let local = match spec.child_by_field_name("name") {
                        Some(name) => self.lower.slice(name).to_owned(),
                        None if from.ends_with("jsii-runtime-go") => "jsii".to_owned(),
                        None => last,
                    };
                    if LIBRARIES.iter().any(|library| from.starts_with(library)) {
                        self.libraries.insert(local.clone());
                    }
                    let import = Import { from: from.into(), whole: Some(local.into()), names: Vec::new(), all: false };
                    into.push(Stmt { kind: StmtKind::Import(import), span });
                }
            }
            "function_declaration" => {
                let function = self.function(node);
                into.push(Stmt { kind: StmtKind::Function(Arc::new(function)), span });
            }
            "short_var_declaration" | "assignment_statement" => {
                let left = field("left").map_or_else(Vec::new, children);
                let right = field("right").map_or_else(Vec::new, children);
                let declares = node.kind() == "short_var_declaration";
                for (at, target) in left.iter().enumerate() {
                    let value = match right.get(at) {
                        Some(value) => self.expression(*value),
                        // The second of what one call returns is an error, or whether it is there.
                        None => Expr::new(ExprKind::Null, span),
                    };
                    let kind = if declares || self.lower.slice(*target) == "_" {
                        StmtKind::Let(self.pattern(*target), Some(value))
                    } else {
                        let target = self.expression(*target);
                        StmtKind::Expr(Expr::new(ExprKind::Assign(Box::new(target), Box::new(value)), span))
                    };
                    into.push(Stmt { kind, span });
                }
            }
            "var_declaration" | "const_declaration" => {
                let mut specs: Vec<Node<'_>> = Vec::new();
                for child in children(node) {
                    if child.kind().ends_with("_list") { specs.extend(children(child)) } else { specs.push(child) }
                }
                for spec in specs {
                    let Some(name) = spec.child_by_field_name("name") else { continue };
                    let values = spec.child_by_field_name("value").map_or_else(Vec::new, children);
                    let value = values.first().map(|value| self.expression(*value));
                    into.push(Stmt { kind: StmtKind::Let(self.pattern(name), value), span });
                }
            }
            "expression_statement" => {
                for child in children(node) {
                    let value = self.expression(child);
                    into.push(Stmt { kind: StmtKind::Expr(value), span });
                }
            }
            "if_statement" => {
                if let Some(first) = field("initializer") {
                    self.statement(first, into);
                }
                let Some(condition) = field("condition") else { return };
                let condition = self.expression(condition);
                let then = self.block(field("consequence"));
                let other = match field("alternative") {
                    Some(next) if next.kind() == "if_statement" => {
                        let mut body = Vec::new();
                        self.deeper(|reader| reader.statement(next, &mut body));
                        body
                    }
                    next => self.block(next),
                };
                into.push(Stmt { kind: StmtKind::If(condition, then, other), span });
            }
            "for_statement" => {
                let body = self.block(field("body"));
                let range = children(node).into_iter().find(|child| child.kind() == "range_clause");
                let kind = match range.and_then(|range| Some((range, range.child_by_field_name("right")?))) {
                    Some((range, right)) => {
                        let names = range.child_by_field_name("left").map_or_else(Vec::new, children);
                        let names = names.into_iter().map(|name| self.pattern(name)).collect();
                        let entries = Expr::new(ExprKind::Name("range".into()), span);
                        let entries = Expr::new(ExprKind::Member(Box::new(entries), "entries".into()), span);
                        let items = vec![Arg::Value(self.expression(right))];
                        let items = Expr::new(ExprKind::Call(Box::new(entries), items), span);
                        StmtKind::Each(Pattern::List(names), items, body)
                    }
                    None => StmtKind::Loop(body),
                };
                into.push(Stmt { kind, span });
            }
            "return_statement" => {
                let values = children(node).first().map_or_else(Vec::new, |list| children(*list));
                let value = values.first().map(|value| self.expression(*value));
                into.push(Stmt { kind: StmtKind::Return(value), span });
            }
            "block" => {
                let body = self.block(Some(node));
                into.push(Stmt { kind: StmtKind::Block(body), span });
            }
            _ => {}
        }
    }

    fn function(&mut self, node: Node<'_>) -> Function {
        let name = node.child_by_field_name("name").map(|name| self.lower.word(name));
        let mut params = Vec::new();
        for list in node.child_by_field_name("parameters").map_or_else(Vec::new, children) {
            let rest = if list.kind() == "variadic_parameter_declaration" { Rest::Items } else { Rest::No };
            let mut cursor = list.walk();
            let names: Vec<Node<'_>> = list.children_by_field_name("name", &mut cursor).collect();
            for name in names {
                params.push(Param { pattern: self.pattern(name), default: None, rest, field: false });
            }
        }
        let body = self.block(node.child_by_field_name("body"));
        Function { name, params, body, ..Function::default() }
    }

    fn pattern(&self, node: Node<'_>) -> Pattern {
        match self.lower.slice(node) {
            "_" => Pattern::Nothing,
            name => Pattern::Name(name.into()),
        }
    }

    /// `awslambda.Runtime_PROVIDED_AL2023` is `lambda.Runtime.PROVIDED_AL2023`.
    fn selector(&mut self, node: Node<'_>) -> ExprKind {
        let (Some(operand), Some(name)) = (node.child_by_field_name("operand"), node.child_by_field_name("field"))
        else {
            return ExprKind::Unknown("is incomplete");
        };
        let word = self.lower.slice(name);
        let library = self.libraries.contains(self.lower.slice(operand));
        let object = self.expression(operand);
        let span = self.lower.span(node);
        if !library {
            return ExprKind::Member(Box::new(object), camel(word));
        }
        match word.split_once('_') {
            Some((class, member)) => {
                let class = Expr::new(ExprKind::Member(Box::new(object), class.into()), span);
                ExprKind::Member(Box::new(class), camel(member))
            }
            None => ExprKind::Member(Box::new(object), word.strip_prefix("New").unwrap_or(word).into()),
        }
    }

    fn call(&mut self, node: Node<'_>) -> Expr {
        let span = self.lower.span(node);
        let Some(function) = node.child_by_field_name("function") else { return Expr::unknown("is incomplete", span) };
        let args = node.child_by_field_name("arguments").map_or_else(Vec::new, children);
        let text = self.lower.slice(function);
        match (text, args.as_slice()) {
            ("jsii.String" | "jsii.Number" | "jsii.Bool" | "aws.String" | "string" | "float64" | "int", [only]) => {
                return self.expression(*only);
            }
            ("jsii.Strings" | "jsii.Numbers", items) => {
                let items = items.iter().map(|item| Arg::Value(self.expression(*item))).collect();
                return Expr::new(ExprKind::List(items), span);
            }
            ("fmt.Sprintf", [format, rest @ ..]) => return self.formatted(*format, rest, node),
            ("filepath.Join" | "path.Join", items) => {
                let name = Expr::new(ExprKind::Name("filepath".into()), span);
                let join = Expr::new(ExprKind::Member(Box::new(name), "join".into()), span);
                let items = items.iter().map(|item| Arg::Value(self.expression(*item))).collect();
                return Expr::new(ExprKind::Call(Box::new(join), items), span);
            }
            _ => {}
        }
        let callee = self.expression(function);
        // Constants are functions without parameters.
        if let (ExprKind::Member(_, name), []) = (&callee.kind, args.as_slice())
            && !name.chars().any(|c| c.is_ascii_lowercase())
        {
            return callee;
        }
        let mut args: Vec<Arg> = args.into_iter().map(|arg| Arg::Value(self.expression(arg))).collect();
        // `append(list, …)` makes a list.
        if text == "append"
            && let Some(Arg::Value(first)) = (!args.is_empty()).then(|| args.remove(0))
        {
            let concat = Expr::new(ExprKind::Member(Box::new(first), "concat".into()), span);
            return Expr::new(ExprKind::Call(Box::new(concat), args), span);
        }
        Expr::new(ExprKind::Call(Box::new(callee), args), span)
    }

    /// `fmt.Sprintf("%s-jobs", stage)`, of plain verbs.
    fn formatted(&mut self, format: Node<'_>, args: &[Node<'_>], node: Node<'_>) -> Expr {
        let span = self.lower.span(node);
        let text = unescape(self.lower.slice(format).trim_matches(['"', '`']));
        let mut parts = Vec::new();
        let mut left = text.as_str();
        let mut next = args.iter();
        while let Some(at) = left.find('%') {
            parts.push(Expr::new(ExprKind::Text(left[..at].into()), span));
            match (left[at + 1..].chars().next(), next.next()) {
                (Some('s' | 'v' | 'd'), Some(arg)) => parts.push(self.expression(*arg)),
                _ => return Expr::unknown("is formatted when the program runs", span),
            }
            left = &left[at + 2..];
        }
        parts.push(Expr::new(ExprKind::Text(left.into()), span));
        Expr::new(ExprKind::Parts(parts), span)
    }

    /// A structure, map or list.
    fn composite(&mut self, node: Node<'_>) -> ExprKind {
        let kind = node.child_by_field_name("type");
        let body = node.child_by_field_name("body").map_or_else(Vec::new, children);
        let maps = kind.is_some_and(|kind| kind.kind() == "map_type");
        if kind.is_some_and(|kind| matches!(kind.kind(), "slice_type" | "array_type" | "implicit_length_array_type")) {
            return ExprKind::List(body.into_iter().map(|item| Arg::Value(self.element(item))).collect());
        }
        let mut entries = Vec::new();
        for element in body.iter().filter(|element| element.kind() == "keyed_element") {
            let parts = children(*element);
            let [key, value] = parts.as_slice() else { continue };
            let value = self.element(*value);
            let span = self.lower.span(*key);
            if maps {
                let key = self.element(*key);
                entries.push(match key.kind {
                    ExprKind::Text(text) => Prop::Entry(text, span, value),
                    kind => Prop::Computed(Expr::new(kind, span), value),
                });
            } else {
                entries.push(Prop::Entry(camel(self.lower.slice(*key)), span, value));
            }
        }
        // Which field a value without a key is for is said where the type is declared.
        if let Some(element) = body.iter().find(|element| element.kind() != "keyed_element") {
            let span = self.lower.span(*element);
            entries.push(Prop::Spread(Expr::unknown("is given by its position", span)));
        }
        ExprKind::Object(entries)
    }

    fn element(&mut self, node: Node<'_>) -> Expr {
        match (node.kind(), children(node).first()) {
            ("literal_element", Some(&inner)) => self.element(inner),
            // A structure whose type is that of the list or map around it.
            ("literal_value", _) => {
                let span = self.lower.span(node);
                let mut entries = Vec::new();
                for element in children(node) {
                    let parts = children(element);
                    if let [key, value] = parts.as_slice() {
                        let value = self.element(*value);
                        entries.push(Prop::Entry(camel(self.lower.slice(*key)), self.lower.span(*key), value));
                    }
                }
                Expr::new(ExprKind::Object(entries), span)
            }
            _ => self.expression(node),
        }
    }
}
