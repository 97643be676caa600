//! Deployment configs of every dialect into one model. Found by content, not by file name.

pub(crate) mod aws;
mod choices;
pub(crate) mod evaluated;

pub use self::choices::Choices;

use self::aws::cloudformation::Translated;
use crate::document::{self, tree::Doc};
use crate::knowledge::Platforms;
use crate::model::{Gap, Project};
use crate::text::{FileId, path};
use crate::tree::{ReadError, Tree};
use memchr::memmem;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A file that may be a template.
enum Candidate {
    Text(String, Arc<str>),
    Unreadable(Gap),
}

/// Reads every template under the root into `project.deploy`.
pub fn read(tree: &dyn Tree, limits: &Platforms, choices: &Choices, project: &mut Project) {
    let candidates: Vec<Candidate> =
        tree.files().par_iter().filter(|path| eligible(path)).filter_map(|path| sniff(tree, path)).collect();
    note_unread(tree, project);
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
    let sources = &project.sources;
    let documents: Vec<(String, Doc)> = files
        .into_par_iter()
        .map(|(path, file)| {
            let text = sources.text(file);
            (path, document::read(file, text))
        })
        .collect();
    let mut templates = Vec::new();
    for (path, doc) in documents {
        if let Some((reason, span)) = &doc.error {
            project.gaps.push(Gap::at(&project.sources, *span, format!("not valid: {reason}")));
        }
        if let Some((root, dialect)) = aws::cloudformation::claims(&doc) {
            let doc = Arc::new(doc);
            // Nothing is written to what was synthesised, and its places move.
            if !path::is_synthesised(&path) {
                project.documents.keep(&doc);
            }
            templates.push(Translated { path, dialect, doc: doc.into(), root, aliases: Vec::new() });
        }
    }
    aws::cdk::read(tree, &mut templates, project);
    templates.extend(aws::terraform::read(tree, choices, project));
    let services = aws::serverless::read(tree, choices, project);
    // A file of resources that a service includes belongs to that service alone.
    templates.retain(|template| !services.included.contains(&template.path));
    templates.extend(services.templates);
    templates.extend(aws::cargo_lambda::read(tree, choices, project));
    choose(&mut templates, choices, project);
    let unresolved = {
        let mut files =
            aws::cloudformation::Files { tree, sources: &mut project.sources, documents: &mut project.documents };
        aws::cloudformation::read(templates, limits, &mut files, &mut project.deploy)
    };
    for (span, reason) in unresolved {
        let gap = Gap::at(&project.sources, span, reason);
        project.gaps.push(gap);
    }
}

/// Keeps the stacks the user chose; a name that fits none is said.
fn choose(templates: &mut Vec<Translated>, choices: &Choices, project: &mut Project) {
    if choices.stacks.is_empty() {
        return;
    }
    let fits = |template: &Translated, name: &str| {
        let name = name.trim_start_matches("./").trim_end_matches('/');
        let file = template.path.rsplit('/').next().unwrap_or(&template.path);
        let stem = file.trim_end_matches(".template.json").trim_end_matches(".nested");
        let dir = path::parent(&template.path);
        template.path == name || stem == name || dir == name || (dir.is_empty() && name == ".")
    };
    for name in &choices.stacks {
        if !templates.iter().any(|template| fits(template, name)) {
            let known: Vec<&str> = templates.iter().map(|template| template.path.as_str()).take(10).collect();
            let reason = format!("no stack is called `{name}`; there are: {}", known.join(", "));
            project.gaps.push(Gap::file(".", reason));
        }
    }
    templates.retain(|template| choices.stacks.iter().any(|name| fits(template, name)));
}

/// Configs of tools whose dialect is not read yet: one gap for each tool, at its first file.
fn note_unread(tree: &dyn Tree, project: &mut Project) {
    let mut by_tool: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for path in tree.files() {
        if let Some(tool) = other_tool(path).filter(|_| speaks_of_provider(tree, path)) {
            by_tool.entry(tool).or_default().push(path);
        }
    }
    for (tool, paths) in by_tool {
        let more = if paths.len() == 1 { String::new() } else { format!(" ({} files)", paths.len()) };
        let reason = format!("{tool} is not read yet, so what it deploys is unknown{more}");
        project.gaps.push(Gap::file(paths[0], reason));
        project.deploy.unread.extend(paths.into_iter().cloned());
    }
}

/// Whether a config in a programming language is one: the framework's own launcher has the same name.
fn speaks_of_provider(tree: &dyn Tree, path: &str) -> bool {
    let program = path.ends_with(".ts") || path.ends_with(".js");
    !program
        || tree.read(path).is_ok_and(|bytes| {
            memmem::find(&bytes, b"provider").is_some() || memmem::find(&bytes, b"$config").is_some()
        })
}

/// The tool a config belongs to, by the names those tools insist on.
fn other_tool(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    Some(match name {
        "serverless.ts" | "serverless.js" => "the Serverless Framework in a programming language",
        "sst.config.ts" => "SST",
        "Pulumi.yaml" => "Pulumi",
        _ => return None,
    })
}

fn eligible(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    matches!(extension, "yaml" | "yml" | "json" | "template")
        && !matches!(name, "package-lock.json" | "npm-shrinkwrap.json")
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
