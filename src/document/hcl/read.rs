//! HCL from text, by the parser's tree.

use super::newlines::{joined, pieces};
use super::{Attribute, Block, Body, Expr, ExprKind, For, Step};
use crate::text::{FileId, Span};
use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey, TraversalOperator};
use hcl_edit::structure::{self, Structure};
use hcl_edit::template::{Directive, Element, Template};
use std::ops::Range;

/// Bytes of a file, and then of each piece, from which a file is parsed in pieces: the parser's tree takes a hundred
/// times what the text does.
const LARGE: usize = 64 << 10;

/// Parses a `.tf` file.
///
/// # Errors
/// The reason and the place where the text stops being HCL.
pub(crate) fn parse(file: FileId, text: &str) -> Result<Body, (String, Span)> {
    let (text, base) = text.strip_prefix('\u{feff}').map_or((text, 0), |rest| (rest, 3));
    if let Some(body) = (text.len() > LARGE).then(|| in_pieces(file, text, base)).flatten() {
        return Ok(body);
    }
    let lower = Lower { file, base, text };
    let parsed = hcl_edit::parser::parse_body(text);
    let parsed = parsed.or_else(|error| match joined(text) {
        Some(joined) => hcl_edit::parser::parse_body(&joined).map_err(|_| error),
        None => Err(error),
    });
    match parsed {
        Ok(body) => Ok(lower.body(&body)),
        Err(error) => {
            let at = error.location().offset() as u32 + base;
            Err((error.message().replace('\n', " "), Span::new(file, at, at)))
        }
    }
}

/// A body, parsed block by block; none if one of them cannot be parsed by itself.
fn in_pieces(file: FileId, text: &str, base: u32) -> Option<Body> {
    let mut whole = Body::default();
    for piece in pieces(text, LARGE) {
        let lower = Lower { file, base: base + piece.start as u32, text: &text[piece] };
        let body = lower.body(&hcl_edit::parser::parse_body(lower.text).ok()?);
        whole.attributes.extend(body.attributes);
        whole.blocks.extend(body.blocks);
    }
    Some(whole)
}

/// Parses the text of a template: a string of `.tf.json`, or a file read by `templatefile`. Everything in it has the
/// place given; text that is no template stands for itself.
pub(crate) fn parse_template(text: &str, span: Span) -> Expr {
    if !text.contains("${") && !text.contains("%{") {
        return Expr { kind: ExprKind::Text(text.to_owned()), span };
    }
    match hcl_edit::parser::parse_template(text) {
        Ok(template) => {
            let lower = Lower { file: span.file, base: 0, text };
            let mut expr = lower.template(&template, None, span);
            relocate(&mut expr, span);
            expr
        }
        Err(_) => Expr { kind: ExprKind::Text(text.to_owned()), span },
    }
}

/// Parses a template that is a whole file; its parts have their own places.
pub(crate) fn parse_template_file(text: &str, place: Span) -> Expr {
    let lower = Lower { file: place.file, base: place.start, text };
    match hcl_edit::parser::parse_template(text) {
        Ok(template) => lower.template(&template, None, place),
        Err(_) => Expr { kind: ExprKind::Text(text.to_owned()), span: place },
    }
}

/// Moves an expression, with all its parts, to one place.
fn relocate(expr: &mut Expr, span: Span) {
    expr.span = span;
    let each = |items: &mut [Expr]| items.iter_mut().for_each(|item| relocate(item, span));
    match &mut expr.kind {
        ExprKind::List(items) | ExprKind::Template(items) => each(items),
        ExprKind::Call { arguments, .. } => each(arguments),
        ExprKind::Conditional(parts) => each(parts.as_mut_slice()),
        ExprKind::Binary(_, parts) => each(parts.as_mut_slice()),
        ExprKind::Unary(_, inner) => relocate(inner, span),
        ExprKind::Object(entries) => entries.iter_mut().for_each(|(key, value)| {
            relocate(key, span);
            relocate(value, span);
        }),
        ExprKind::Traversal(start, steps) => {
            relocate(start, span);
            steps.iter_mut().for_each(|step| {
                if let Step::Index(index) = step {
                    relocate(index, span);
                }
            });
        }
        ExprKind::For(inner) => {
            relocate(&mut inner.collection, span);
            relocate(&mut inner.value, span);
            inner.key.iter_mut().chain(inner.condition.iter_mut()).for_each(|part| relocate(part, span));
        }
        ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Number(_)
        | ExprKind::Text(_)
        | ExprKind::Directive
        | ExprKind::Variable(_) => {}
    }
}

struct Lower<'t> {
    file: FileId,
    base: u32,
    text: &'t str,
}

impl Lower<'_> {
    fn span(&self, range: Option<Range<usize>>) -> Span {
        let range = range.unwrap_or(0..0);
        Span::new(self.file, range.start as u32 + self.base, range.end as u32 + self.base)
    }

    fn body(&self, body: &structure::Body) -> Body {
        let mut out = Body::default();
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => out.attributes.push(Attribute {
                    name: attribute.key.as_str().to_owned(),
                    key: self.span(attribute.key.span()),
                    value: self.expr(&attribute.value),
                    whole: self.span(attribute.span()),
                }),
                Structure::Block(block) => {
                    let start = self.span(block.ident.span());
                    let end = block.labels.last().map_or(start, |label| self.span(label.span()));
                    out.blocks.push(Block {
                        kind: block.ident.as_str().to_owned(),
                        labels: block.labels.iter().map(|label| label.as_str().to_owned()).collect(),
                        span: start.to(end),
                        whole: self.span(block.span()),
                        body: self.body(&block.body),
                    });
                }
            }
        }
        out
    }

    fn many<'e>(&self, items: impl IntoIterator<Item = &'e Expression>) -> Vec<Expr> {
        items.into_iter().map(|item| self.expr(item)).collect()
    }

    /// The parser bounds nesting at 64 and operator chains at 128, and with them this recursion.
    fn expr(&self, expr: &Expression) -> Expr {
        let span = self.span(expr.span());
        let kind = match expr {
            Expression::Null(_) => ExprKind::Null,
            Expression::Bool(truth) => ExprKind::Bool(*truth.value()),
            Expression::Number(number) => ExprKind::Number(number.value().as_f64().unwrap_or(f64::NAN)),
            Expression::String(text) => ExprKind::Text(text.value().clone()),
            Expression::Array(items) => ExprKind::List(self.many(items.iter())),
            Expression::Object(object) => {
                let entries = object.iter().map(|(key, value)| {
                    let key = match key {
                        ObjectKey::Ident(name) => {
                            let kind = ExprKind::Text(name.as_str().to_owned());
                            Expr { kind, span: self.span(name.span()) }
                        }
                        ObjectKey::Expression(expr) => self.expr(expr),
                    };
                    (key, self.expr(value.expr()))
                });
                ExprKind::Object(entries.collect())
            }
            Expression::StringTemplate(template) => return self.elements(template.iter(), None, span),
            Expression::HeredocTemplate(heredoc) => return self.template(&heredoc.template, heredoc.indent(), span),
            Expression::Parenthesis(inner) => return self.expr(inner.inner()),
            Expression::Variable(name) => ExprKind::Variable(name.as_str().to_owned()),
            Expression::Conditional(conditional) => ExprKind::Conditional(Box::new([
                self.expr(&conditional.cond_expr),
                self.expr(&conditional.true_expr),
                self.expr(&conditional.false_expr),
            ])),
            Expression::FuncCall(call) => ExprKind::Call {
                name: call.name.name.as_str().to_owned(),
                arguments: self.many(call.args.iter()),
                spread: call.args.expand_final(),
            },
            Expression::Traversal(traversal) => {
                let steps = traversal.operators.iter().map(|operator| match operator.value() {
                    TraversalOperator::GetAttr(name) => Step::Attribute(name.as_str().to_owned()),
                    TraversalOperator::Index(index) => Step::Index(self.expr(index)),
                    TraversalOperator::LegacyIndex(index) => {
                        Step::Index(Expr { kind: ExprKind::Number(*index.value() as f64), span })
                    }
                    TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => Step::Splat,
                });
                ExprKind::Traversal(Box::new(self.expr(&traversal.expr)), steps.collect())
            }
            Expression::UnaryOp(unary) => ExprKind::Unary(*unary.operator.value(), Box::new(self.expr(&unary.expr))),
            Expression::BinaryOp(binary) => ExprKind::Binary(
                *binary.operator.value(),
                Box::new([self.expr(&binary.lhs_expr), self.expr(&binary.rhs_expr)]),
            ),
            Expression::ForExpr(each) => ExprKind::For(Box::new(For {
                key_name: each.intro.key_var.as_ref().map(|name| name.as_str().to_owned()),
                value_name: each.intro.value_var.as_str().to_owned(),
                collection: self.expr(&each.intro.collection_expr),
                key: each.key_expr.as_ref().map(|key| self.expr(key)),
                value: self.expr(&each.value_expr),
                condition: each.cond.as_ref().map(|condition| self.expr(&condition.expr)),
                grouping: each.grouping,
            })),
        };
        Expr { kind, span }
    }

    fn template(&self, template: &Template, indent: Option<usize>, span: Span) -> Expr {
        self.elements(template.iter(), indent, span)
    }

    fn elements<'e>(&self, elements: impl Iterator<Item = &'e Element>, indent: Option<usize>, span: Span) -> Expr {
        let mut parts: Vec<Expr> = elements
            .map(|element| match element {
                Element::Literal(text) => {
                    let here = self.span(text.span());
                    let text = match indent {
                        Some(indent) => dedent(text.value(), indent, self.begins_line(here)),
                        None => text.value().clone(),
                    };
                    Expr { kind: ExprKind::Text(text), span: here }
                }
                Element::Interpolation(inner) => self.expr(&inner.expr),
                Element::Directive(directive) => {
                    let range = match directive.as_ref() {
                        Directive::If(inner) => inner.span(),
                        Directive::For(inner) => inner.span(),
                    };
                    Expr { kind: ExprKind::Directive, span: self.span(range) }
                }
            })
            .collect();
        match parts.len() {
            0 => Expr { kind: ExprKind::Text(String::new()), span },
            1 if matches!(parts[0].kind, ExprKind::Text(_)) => Expr { kind: parts.remove(0).kind, span },
            _ => Expr { kind: ExprKind::Template(parts), span },
        }
    }

    fn begins_line(&self, span: Span) -> bool {
        let start = (span.start - self.base) as usize;
        start == 0 || self.text.as_bytes().get(start - 1) == Some(&b'\n')
    }
}

/// Takes the common indentation of a `<<-` heredoc from each line.
fn dedent(text: &str, indent: usize, at_line_start: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let strip = index > 0 || at_line_start;
        let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
        out.push_str(if strip { &line[indent.min(blank)..] } else { line });
    }
    out
}
