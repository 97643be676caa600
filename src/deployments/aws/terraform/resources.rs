//! What attributes of resources and data sources stand for: a configured value, a reference, or unknown.

use super::combine::pairs;
use super::modules::{Configuration, Copy};
use super::names::Names;
use super::scope::Scope;
use super::value::{Map, MapEntry, ResourceRef, Val, ValKind};
use crate::document::hcl::{Block, Body};
use crate::text::Span;
use std::rc::Rc;

/// Attributes that stand for the resource itself, even where the configuration fixes their text.
const IDENTITY: &[&str] = &[
    "arn",
    "id",
    "name",
    "function_name",
    "bucket",
    "url",
    "invoke_arn",
    "qualified_arn",
    "qualified_invoke_arn",
    "function_arn",
    "stream_arn",
    "table_name",
    "topic_arn",
    "queue_url",
    "state_machine_name",
];

/// Names a block body has that are Terraform's, not the resource's.
const META: &[&str] =
    &["for_each", "count", "depends_on", "provider", "lifecycle", "provisioner", "connection", "dynamic"];

impl Configuration<'_> {
    /// `kind.name.attribute` or `data.kind.name.attribute`.
    pub(crate) fn resource_attribute(&self, reference: &ResourceRef, name: &str, scope: &Scope, span: Span) -> Val {
        let parent = self.instance(reference.module);
        let plain = format!(
            "{}{}{}.{}",
            parent.address,
            if reference.data { "data." } else { "" },
            reference.kind,
            reference.name
        );
        let Some(block) = self.block(reference) else {
            return Val::opaque(format!("`{plain}` is not declared"), span);
        };
        let Some(copy) = self.copy_of(reference, block) else {
            // `aws_x.y["key"]` with `each` is an attribute of the map of instances.
            return Val::opaque(format!("`{plain}` has several instances"), span);
        };
        if reference.data {
            return self.data(&plain, block, reference, &copy, name, span);
        }
        let address: Rc<str> = format!("{plain}{}", copy.suffix).into();
        let declared = block.body.attribute(name);
        if declared.is_none() || IDENTITY.contains(&name) || scope.depth > 60 {
            return Val::new(ValKind::Attribute(address, name.into()), span);
        }
        let inner = Scope { depth: scope.depth + 1, ..copy.scope };
        match declared {
            Some(attribute) => {
                let value = self.eval(&attribute.value, &inner);
                let origin = value.origin.clone();
                value.seen_at(span, origin)
            }
            None => Val::null(span),
        }
    }

    fn data(&self, plain: &str, block: &Block, reference: &ResourceRef, copy: &Copy, name: &str, span: Span) -> Val {
        let scope = Scope { depth: copy.scope.depth + 1, ..copy.scope.clone() };
        match (&*reference.kind, name) {
            ("aws_iam_policy_document", "json" | "minified_json") => self.policy_document(block, &scope),
            ("archive_file", "output_path") => {
                // What is zipped names the binary; the archive itself does not exist yet.
                let source = ["source_file", "source_dir"].iter().find_map(|key| block.body.attribute(key));
                match source {
                    Some(attribute) => self.eval(&attribute.value, &scope),
                    None => Val::opaque("is an archive of several sources", span),
                }
            }
            ("template_file", "rendered") => match block.body.attribute("template") {
                Some(attribute) => self.eval(&attribute.value, &scope),
                None => Val::null(span),
            },
            ("local_file", "content") => match block.body.attribute("filename") {
                Some(attribute) => match self.eval(&attribute.value, &scope).scalar().and_then(|path| self.load(&path))
                {
                    Some((place, text)) => Val::text(text, place),
                    None => Val::opaque("is the content of a file outside this project", span),
                },
                None => Val::null(span),
            },
            _ => Val::new(ValKind::External(format!("{plain}{}.{name}", copy.suffix).into()), span),
        }
    }

    /// `data "aws_iam_policy_document"` as the document it renders.
    fn policy_document(&self, block: &Block, scope: &Scope) -> Val {
        let body = self.body(&block.body, scope);
        let mut statements = Vec::new();
        let mut open = None;
        for key in ["source_policy_documents", "override_policy_documents"] {
            let Some(entry) = body.get(key) else { continue };
            match entry.value.items() {
                Some(documents) => documents.iter().for_each(|document| match document.object() {
                    Some(document) => {
                        let inner = document.get("Statement").and_then(|entry| entry.value.items());
                        statements.extend(inner.unwrap_or_default());
                    }
                    None => open = Some(document.clone()),
                }),
                None => open = Some(entry.value.clone()),
            }
        }
        for statement in body.get("statement").and_then(|entry| entry.value.items()).unwrap_or_default() {
            let Some(map) = statement.object() else { continue };
            let mut out = Map::default();
            for (key, property) in [("effect", "Effect"), ("actions", "Action"), ("resources", "Resource")] {
                if let Some(entry) = map.get(key) {
                    out.set(MapEntry { key: property.into(), ..entry.clone() });
                }
            }
            statements.push(Val::map(out, statement.span));
        }
        statements.extend(open);
        let statement =
            MapEntry { key: "Statement".into(), key_span: block.span, value: Val::list(statements, block.span) };
        Val::map(Map { entries: vec![statement], open: None }, block.span)
    }

    /// A body as an object: attributes, and a list for each kind of nested block, `dynamic` ones included.
    pub(crate) fn body(&self, body: &Body, scope: &Scope) -> Map {
        let mut map = Map::default();
        if !self.step() {
            return map;
        }
        for attribute in &body.attributes {
            if META.contains(&attribute.name.as_str()) {
                continue;
            }
            let value = self.eval(&attribute.value, scope);
            if !value.is_null() {
                map.set(MapEntry { key: attribute.name.as_str().into(), key_span: attribute.key, value });
            }
        }
        for block in &body.blocks {
            let (kind, made) = if block.kind == "dynamic" {
                let Some(kind) = block.labels.first() else { continue };
                (kind.as_str(), self.dynamic(kind, block, scope))
            } else if META.contains(&block.kind.as_str()) {
                continue;
            } else {
                (block.kind.as_str(), vec![Val::map(self.body(&block.body, scope), block.span)])
            };
            let before = map.get(kind).and_then(|entry| entry.value.items()).unwrap_or_default();
            let all: Vec<Val> = before.into_iter().chain(made).collect();
            if !all.is_empty() {
                map.set(MapEntry { key: kind.into(), key_span: block.span, value: Val::list(all, block.span) });
            }
        }
        map
    }

    /// `dynamic "kind" { for_each … content { … } }`.
    fn dynamic(&self, kind: &str, block: &Block, scope: &Scope) -> Vec<Val> {
        let content = block.body.blocks.iter().find(|inner| inner.kind == "content");
        let (Some(each), Some(content)) = (block.body.attribute("for_each"), content) else {
            return Vec::new();
        };
        let iterator = block.body.attribute("iterator").and_then(|attribute| match &attribute.value.kind {
            crate::document::hcl::ExprKind::Variable(name) => Some(name.clone()),
            _ => None,
        });
        let iterator = iterator.unwrap_or_else(|| kind.to_owned());
        let collection = self.eval(&each.value, scope);
        let Some(pairs) = pairs(&collection) else {
            // Whether there is such a block is unknown; an unknown block keeps checks from taking it for absent.
            return vec![Val::opaque("is made by a `dynamic` block over a value decided at deploy time", block.span)];
        };
        pairs
            .into_iter()
            .take(500)
            .map(|(key, value)| {
                let entry = |name: &str, value: Val| MapEntry { key: name.into(), key_span: block.span, value };
                let bound = Map { entries: vec![entry("key", key), entry("value", value)], open: None };
                let mut inner = scope.clone();
                inner.depth += 1;
                inner.names.push((iterator.as_str().into(), Val::map(bound, block.span)));
                Val::map(self.body(&content.body, &inner), content.span)
            })
            .collect()
    }
}
