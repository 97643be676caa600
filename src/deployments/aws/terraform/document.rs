//! What a root module makes as a template document.

use super::made::Made;
use super::value::{Map, Val, ValKind};
use crate::deployments::evaluated::Evaluated;
use crate::document::tree::{Entry, Kind, NodeId};
use crate::text::{FileId, Span};

/// The resources as a template document.
pub(crate) fn document(file: FileId, place: Span, made: &[Made], left: usize) -> (Evaluated, NodeId) {
    let mut doc = Evaluated::new(file, left);
    let mut resources = Vec::new();
    for resource in made {
        if doc.is_full() {
            break;
        }
        let kind = doc.push(Kind::Scalar { text: resource.type_name.clone() }, resource.span, None);
        let properties = emit_map(&mut doc, &resource.properties, resource.span);
        let entries = vec![
            Entry { key: "Type".to_owned(), key_span: resource.span, value: kind },
            Entry { key: "Properties".to_owned(), key_span: resource.span, value: properties },
        ];
        let value = doc.push(Kind::Map(entries), resource.span, None);
        resources.push(Entry { key: resource.address.clone(), key_span: resource.span, value });
    }
    let whole = doc.doc_mut();
    let section = whole.push(Kind::Map(resources), place, None);
    let entries = vec![Entry { key: "Resources".to_owned(), key_span: place, value: section }];
    let root = whole.push(Kind::Map(entries), place, None);
    doc.roots.push(root);
    (doc, root)
}

fn emit_map(doc: &mut Evaluated, map: &Map, span: Span) -> NodeId {
    let mut entries: Vec<Entry> = Vec::with_capacity(map.entries.len());
    for entry in &map.entries {
        let value = emit(doc, &entry.value);
        entries.push(Entry { key: entry.key.to_string(), key_span: entry.key_span, value });
    }
    if let Some(reason) = &map.open {
        let value = doc.opaque(reason.to_string(), span);
        entries.push(Entry { key: "Fn::Transform".to_owned(), key_span: span, value });
    }
    doc.push(Kind::Map(entries), span, None)
}

/// Values are as deep as the expressions that made them, which the parser and the evaluator bound.
fn emit(doc: &mut Evaluated, value: &Val) -> NodeId {
    let span = value.span;
    let call = |doc: &mut Evaluated, name: &str, items: Vec<NodeId>| {
        let list = doc.push(Kind::Seq(items), span, None);
        doc.push(Kind::Map(vec![Entry { key: name.to_owned(), key_span: span, value: list }]), span, None)
    };
    let word = |doc: &mut Evaluated, text: &str| doc.push(Kind::Scalar { text: text.to_owned() }, span, None);
    match &value.kind {
        ValKind::Null => doc.push(Kind::Null, span, None),
        ValKind::Bool(_) | ValKind::Number(_) | ValKind::Text(_) => {
            doc.text_of(value.scalar().unwrap_or_default(), span, value.origin.clone())
        }
        ValKind::List(items) => {
            let items = items.iter().map(|item| emit(doc, item)).collect();
            doc.push(Kind::Seq(items), span, None)
        }
        ValKind::Map(map) => emit_map(doc, map, span),
        ValKind::Parts(parts) => {
            let separator = word(doc, "");
            let parts: Vec<NodeId> = parts.iter().map(|part| emit(doc, part)).collect();
            let list = doc.push(Kind::Seq(parts), span, None);
            call(doc, "Fn::Join", vec![separator, list])
        }
        ValKind::Attribute(address, attribute) => {
            let items = vec![word(doc, address), word(doc, attribute)];
            call(doc, "Fn::GetAtt", items)
        }
        ValKind::Either(arms) => {
            let mut arms = arms.iter().rev();
            let Some(last) = arms.next() else { return doc.push(Kind::Null, span, None) };
            let mut node = emit(doc, last);
            for arm in arms {
                let condition = word(doc, "decided at deploy time");
                let then = emit(doc, arm);
                node = call(doc, "Fn::If", vec![condition, then, node]);
            }
            node
        }
        ValKind::External(symbol) => doc.external(symbol.to_string(), span),
        ValKind::Resource(reference) => {
            let reason = format!("is the whole of `{}.{}`", reference.kind, reference.name);
            doc.opaque(reason, span)
        }
        ValKind::Module(module) => doc.opaque(format!("is all of `module.{}`", module.call), span),
        ValKind::Opaque(reason) => doc.opaque(reason.to_string(), span),
    }
}
