//! What `sam package` and `aws cloudformation package` wrote: a copy of a template whose code was uploaded. The
//! template that people edit is read instead.

use super::translated::Translated;
use crate::document::tree::{Kind, NodeId};
use crate::model::Gap;
use crate::text::path::{is_within, parent};
use std::collections::BTreeMap;

/// Takes out of templates those that were made of another one of them, from `first` on.
pub(super) fn leave_out(templates: &mut Vec<Translated>, first: usize, gaps: &mut Vec<Gap>) {
    let codes: Vec<BTreeMap<&str, Code>> = templates[first..].iter().map(codes).collect();
    let made: Vec<bool> = (0..codes.len())
        .map(|at| {
            let (own, path) = (&codes[at], templates[first + at].path.as_str());
            let uploaded = !own.is_empty() && own.values().all(|code| *code == Code::Uploaded);
            let source = (0..codes.len()).find(|&other| {
                let (of, other_path) = (&codes[other], templates[first + other].path.as_str());
                other != at
                    && is_within(parent(path), parent(other_path))
                    && own.keys().all(|name| of.contains_key(name))
                    && of.values().any(|code| *code == Code::Local)
            });
            let source = source.filter(|_| uploaded).map(|other| templates[first + other].path.clone());
            if let Some(source) = &source {
                let reason = format!("made of {source} when its code was uploaded; that is read instead");
                gaps.push(Gap::file(path, reason));
            }
            source.is_some()
        })
        .collect();
    let mut at = 0;
    templates.retain(|_| {
        at += 1;
        at <= first || !made[at - 1 - first]
    });
}

/// Where the code of a function comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Code {
    /// A path of the project.
    Local,
    /// A bucket, by a name that is written out.
    Uploaded,
    /// Something else, or nothing that tells.
    Other,
}

/// The functions of a template by their logical ids.
fn codes(template: &Translated) -> BTreeMap<&str, Code> {
    let doc = &template.doc;
    let mut found = BTreeMap::new();
    let Some(section) = doc.get(template.root, "Resources") else { return found };
    for entry in doc.entries(section) {
        let property = match doc.get(entry.value, "Type").and_then(|id| doc.text(id)) {
            Some("AWS::Serverless::Function") => "CodeUri",
            Some("AWS::Lambda::Function") => "Code",
            _ => continue,
        };
        let code = doc.get(entry.value, "Properties").and_then(|properties| doc.get(properties, property));
        found.insert(entry.key.as_str(), code.map_or(Code::Other, |code| code_of(template, code)));
    }
    found
}

fn code_of(template: &Translated, code: NodeId) -> Code {
    let doc = &template.doc;
    let written = |keys: &[&str]| keys.iter().all(|key| doc.get(code, key).is_some_and(|id| doc.text(id).is_some()));
    match doc.text(code) {
        Some(text) if text.starts_with("s3://") => Code::Uploaded,
        Some(_) => Code::Local,
        None if matches!(doc.node(code).kind, Kind::Map(_))
            && (written(&["S3Bucket", "S3Key"]) || written(&["Bucket", "Key"])) =>
        {
            Code::Uploaded
        }
        None => Code::Other,
    }
}
