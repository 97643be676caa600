//! The JSON form of the language (`.tf.json`) as the bodies that `.tf` files have.

use crate::document::hcl::{Attribute, Block, Body, Expr, ExprKind, parse_template};
use crate::document::tree::{Doc, Kind, NodeId};
use crate::text::Span;

/// The body of a `.tf.json` document: every block kind is a mapping, nested by its labels.
pub(crate) fn body(doc: &Doc) -> Body {
    let mut body = Body::default();
    let Some(&root) = doc.roots.first() else {
        return body;
    };
    for entry in doc.entries(root) {
        // How many labels a block of this kind has (Terraform language, "JSON Configuration Syntax").
        let labels = match entry.key.as_str() {
            "resource" | "data" => 2,
            "variable" | "output" | "module" | "provider" => 1,
            "locals" | "terraform" => 0,
            _ => continue,
        };
        json_blocks(doc, &entry.key, entry.value, labels, &[], entry.key_span, &mut body.blocks);
    }
    body
}

/// A JSON object as attributes, for files of variable values.
pub(crate) fn object(doc: &Doc) -> Body {
    let mut blocks = Vec::new();
    if let Some(&root) = doc.roots.first() {
        json_blocks(doc, "variables", root, 0, &[], doc.span(root), &mut blocks);
    }
    blocks.pop().map(|block| block.body).unwrap_or_default()
}

fn json_blocks(doc: &Doc, kind: &str, node: NodeId, depth: usize, labels: &[String], span: Span, out: &mut Vec<Block>) {
    if let Kind::Seq(items) = &doc.node(node).kind {
        for &item in items {
            json_blocks(doc, kind, item, depth, labels, span, out);
        }
        return;
    }
    if depth > 0 {
        for entry in doc.entries(node) {
            let mut labels = labels.to_vec();
            labels.push(entry.key.clone());
            json_blocks(doc, kind, entry.value, depth - 1, &labels, entry.key_span, out);
        }
        return;
    }
    let attributes = doc.entries(node).iter().map(|entry| Attribute {
        name: entry.key.clone(),
        key: entry.key_span,
        value: json_expr(doc, entry.value),
        whole: entry.key_span.to(doc.span(entry.value)),
    });
    let body = Body { attributes: attributes.collect(), blocks: Vec::new() };
    let whole = span.to(doc.span(node));
    out.push(Block { kind: kind.to_owned(), labels: labels.to_vec(), span, whole, body });
}

fn json_expr(doc: &Doc, node: NodeId) -> Expr {
    let span = doc.span(node);
    let kind = match &doc.node(node).kind {
        Kind::Scalar { text } => return parse_template(text, span),
        Kind::Seq(items) => ExprKind::List(items.iter().map(|&item| json_expr(doc, item)).collect()),
        Kind::Map(entries) => ExprKind::Object(
            entries
                .iter()
                .map(|entry| {
                    let key = Expr { kind: ExprKind::Text(entry.key.clone()), span: entry.key_span };
                    (key, json_expr(doc, entry.value))
                })
                .collect(),
        ),
        _ => ExprKind::Null,
    };
    Expr { kind, span }
}
