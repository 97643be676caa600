//! Where templates are: any YAML or JSON that speaks of AWS resources.

use super::files::Files;
use super::samconfig::{Given, SamConfig};
use super::transforms;
use super::translated::{CLOUDFORMATION, SAM, Translated};
use super::{packaged, template};
use crate::deployments::dialect::{Dialect, Reading};
use crate::deployments::evaluated::Evaluated;
use crate::document;
use crate::document::tree::{Doc, NodeId};
use crate::model::deployments::DialectId;
use crate::model::{Gap, Project};
use crate::text::{FileId, path};
use crate::tree::{ReadError, Tree};
use memchr::memmem;
use rayon::prelude::*;
use std::sync::Arc;

/// SAM and raw CloudFormation.
pub(crate) struct CloudFormation;

impl Dialect for CloudFormation {
    fn ids(&self) -> &[DialectId] {
        &[CLOUDFORMATION, SAM]
    }

    fn claims(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        matches!(extension, "yaml" | "yml" | "json" | "template")
            && !matches!(name, "package-lock.json" | "npm-shrinkwrap.json")
    }

    fn read(&self, reading: &mut Reading<'_>) {
        let (tree, paths) = (reading.tree, reading.claimed(self));
        let candidates: Vec<Candidate> = paths.into_par_iter().filter_map(|path| sniff(tree, path)).collect();
        let project = &mut *reading.project;
        let mut files: Vec<(String, FileId)> = Vec::new();
        for candidate in candidates {
            match candidate {
                Candidate::Text(path, text) => {
                    let file = project.sources.add(&path, text);
                    files.push((path, file));
                }
                Candidate::Unreadable(gap) => project.gaps.push(gap),
            }
        }
        let (sources, known) = (&project.sources, &project.documents);
        let documents: Vec<(String, Arc<Doc>)> = files
            .into_par_iter()
            .map(|(path, file)| {
                let text = sources.text(file);
                let known = known.known(document::format_of(text), file, text);
                (path, known.unwrap_or_else(|| Arc::new(document::read(file, text))))
            })
            .collect();
        let first = reading.templates.len();
        for (path, doc) in documents {
            if let Some((reason, span)) = &doc.error {
                project.gaps.push(Gap::at(&project.sources, *span, format!("not valid: {reason}")));
            }
            let macros = doc.error.is_none() && transforms::has_macros(project.sources.text(doc.file));
            let evaluated: Evaluated = match macros {
                true => expanded(&doc, &path, &mut reading.left, tree, project),
                false => Arc::clone(&doc).into(),
            };
            if let Some((root, dialect)) = template_in(&evaluated) {
                // Nothing is written to what was synthesised, and its places move.
                if !path::is_synthesised(&path) {
                    project.documents.keep(&doc);
                }
                let config = SamConfig::beside(tree, &path, project);
                let region = config.as_ref().and_then(SamConfig::region);
                let given = config.map_or_else(Given::new, |config| config.given(&path));
                let doc = evaluated;
                reading.templates.push(Translated { path, dialect, doc, root, region, given, aliases: Vec::new() });
            }
        }
        packaged::leave_out(&mut reading.templates, first, &mut project.gaps);
    }
}

/// A document with its macros expanded, and the files they name.
fn expanded(doc: &Doc, template: &str, left: &mut usize, tree: &dyn Tree, project: &mut Project) -> Evaluated {
    let mut files = Files { tree, sources: &mut project.sources, documents: &mut project.documents, states_left: 0 };
    let mut load = |location: &str| files.load(&path::join(path::parent(template), location)?);
    let expanded = transforms::expand(doc, *left, &mut load);
    *left = expanded.left();
    expanded
}

/// A file that may be a template.
enum Candidate {
    Text(String, Arc<str>),
    Unreadable(Gap),
}

/// Keeps files that speak of AWS resources; the rest is not even decoded.
fn sniff(tree: &dyn Tree, path: &str) -> Option<Candidate> {
    let bytes = match tree.read(path) {
        Ok(bytes) => bytes,
        Err(error) => return Some(Candidate::Unreadable(Gap::file(path, error.to_string()))),
    };
    if memmem::find(&bytes, b"Resources").is_none() || memmem::find(&bytes, b"AWS::").is_none() {
        return None;
    }
    match ReadError::decode(bytes) {
        Ok(text) => Some(Candidate::Text(path.to_owned(), text.into())),
        Err(error) => {
            let mut gap = Gap::file(path, error.to_string());
            if let ReadError::NotUtf8 { line, .. } = error {
                gap.line = line;
            }
            Some(Candidate::Unreadable(gap))
        }
    }
}

/// The template in a document, a mapping of resources with AWS types, and its dialect.
fn template_in(doc: &Doc) -> Option<(NodeId, DialectId)> {
    let root = doc.roots.iter().copied().find(|&root| {
        let Some(section) = doc.get(root, "Resources") else {
            return false;
        };
        doc.entries(section).iter().any(|entry| {
            let kind = doc.get(entry.value, "Type").and_then(|id| doc.text(id));
            kind.is_some_and(|kind| kind.starts_with("AWS::"))
        })
    })?;
    Some((root, if template::is_sam(doc, root) { SAM } else { CLOUDFORMATION }))
}
