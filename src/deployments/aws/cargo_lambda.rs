//! `cargo lambda deploy`: packages whose manifest, workspace or `CargoLambda.toml` says how they are deployed, as a
//! template of functions. Nothing there says what invokes them.

use super::cloudformation::Translated;
use crate::deployments::Choices;
use crate::deployments::dialect::{Dialect, Reading};
use crate::deployments::evaluated::{Evaluated, MAX_MADE};
use crate::document::tree::{Doc, Entry, Format, Kind, NodeId};
use crate::knowledge::cargo_lambda;
use crate::model::deployments::DialectId;
use crate::model::{Gap, Origin, Project};
use crate::text::path::{join, parent};
use crate::text::{FileId, Span};
use crate::tree::Tree;
use memchr::memmem;
use std::sync::Arc;

/// The dialect.
pub(crate) const ID: DialectId = DialectId("cargo-lambda");

/// A parsed file and the table of settings in it.
struct Source {
    dir: String,
    doc: Arc<Doc>,
    /// How messages name its settings.
    scope: &'static str,
    /// The `deploy` and `env` tables, the context's before the general ones.
    deploy: Vec<NodeId>,
    lambda: Option<NodeId>,
}

/// `cargo lambda deploy`.
pub(crate) struct CargoLambda;

impl Dialect for CargoLambda {
    fn ids(&self) -> &[DialectId] {
        &[ID]
    }

    fn claims(&self, path: &str) -> bool {
        named(path, "Cargo.toml") || named(path, "CargoLambda.toml")
    }

    fn read(&self, reading: &mut Reading<'_>) {
        let paths = reading.claimed(self);
        let translated = translated(reading.tree, paths, reading.choices, reading.project);
        reading.templates.extend(translated);
    }
}

fn named(path: &str, name: &str) -> bool {
    path.strip_suffix(name).is_some_and(|dir| dir.is_empty() || dir.ends_with('/'))
}

/// Reads every package that is deployed with cargo-lambda.
fn translated(tree: &dyn Tree, paths: Vec<&String>, choices: &Choices, project: &mut Project) -> Vec<Translated> {
    let mut shared: Vec<Source> = Vec::new();
    let mut packages: Vec<(String, FileId, Arc<Doc>)> = Vec::new();
    for path in paths {
        let manifest = named(path, "Cargo.toml");
        let Ok(bytes) = tree.read(path) else { continue };
        // Most manifests say nothing of Lambda; those are not parsed here.
        if manifest && memmem::find(&bytes, b"lambda").is_none() {
            continue;
        }
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let file = project.sources.find(path).unwrap_or_else(|| project.sources.add(path, text.as_str().into()));
        let doc = project.documents.read(Format::Toml, file, &text);
        if let Some((reason, span)) = &doc.error {
            if !manifest {
                project.gaps.push(Gap::at(&project.sources, *span, format!("not valid: {reason}")));
            }
            continue;
        }
        if !manifest {
            shared.extend(config(parent(path), doc, choices));
            continue;
        }
        if let Some(source) = metadata(parent(path), Arc::clone(&doc), "workspace", "the workspace's metadata") {
            shared.push(source);
        }
        packages.push((path.clone(), file, doc));
    }
    packages.into_iter().filter_map(|(path, file, doc)| package(tree, &path, file, doc, &shared)).collect()
}

/// `CargoLambda.toml`, the chosen context over the rest.
fn config(dir: &str, doc: Arc<Doc>, choices: &Choices) -> Option<Source> {
    let root = *doc.roots.first()?;
    let context = choices.stage.as_deref().and_then(|stage| doc.get(root, stage));
    let deploy = [context, Some(root)].into_iter().flatten().filter_map(|table| doc.get(table, "deploy")).collect();
    Some(Source { dir: dir.to_owned(), scope: "`CargoLambda.toml`", deploy, lambda: Some(root), doc })
}

/// `[package.metadata.lambda]` or `[workspace.metadata.lambda]`.
fn metadata(dir: &str, doc: Arc<Doc>, holder: &str, scope: &'static str) -> Option<Source> {
    let root = *doc.roots.first()?;
    let lambda = ["metadata", "lambda"].iter().try_fold(doc.get(root, holder)?, |node, key| doc.get(node, key))?;
    let deploy = doc.get(lambda, "deploy").into_iter().collect();
    Some(Source { dir: dir.to_owned(), scope, deploy, lambda: Some(lambda), doc })
}

fn package(tree: &dyn Tree, path: &str, file: FileId, doc: Arc<Doc>, shared: &[Source]) -> Option<Translated> {
    let root = *doc.roots.first()?;
    let package = doc.get(root, "package")?;
    let name = doc.get(package, "name").and_then(|id| doc.text(id))?.to_owned();
    let place = doc.entry(package, "name").map_or(doc.span(package), |entry| entry.key_span);
    let dir = parent(path);
    let bins = binaries(tree, dir, &doc, root, &name, place);
    let dependencies = doc.get(root, "dependencies");
    let runs = dependencies
        .is_some_and(|node| doc.entries(node).iter().any(|entry| cargo_lambda().runtimes.names.contains(&entry.key)));
    let own = metadata(dir, doc, "package", "the package's metadata");
    let around =
        |source: &&Source| source.dir.is_empty() || dir == source.dir || dir.starts_with(&format!("{}/", source.dir));
    // Nearer files come first, metadata before `CargoLambda.toml`.
    let mut sources: Vec<&Source> = shared.iter().filter(around).collect();
    sources.sort_by_key(|source| (usize::MAX - source.dir.len(), source.scope == "`CargoLambda.toml`"));
    let sources: Vec<&Source> = own.iter().chain(sources).collect();
    if !runs || !sources.iter().any(|source| !source.deploy.is_empty()) {
        return None;
    }
    let mut made = Made { out: Evaluated::new(file, MAX_MADE), sources };
    let only = made.scalar("binary_name").map(|(text, ..)| text);
    let mut resources = Vec::new();
    for (bin, span) in bins.into_iter().filter(|(bin, _)| only.as_ref().is_none_or(|only| only == bin)) {
        let value = made.function(&bin, span);
        resources.push(Entry { key: bin, key_span: span, value });
    }
    let mut out = made.out;
    let section = out.push(Kind::Map(resources), place, None);
    let entry = Entry { key: "Resources".to_owned(), key_span: place, value: section };
    let root = out.push(Kind::Map(vec![entry]), place, None);
    out.roots.push(root);
    Some(Translated {
        path: path.to_owned(),
        dialect: ID,
        doc: out,
        root,
        region: None,
        aliases: Vec::new(),
        given: Default::default(),
    })
}

/// The binaries of a package: `[[bin]]`, `src/main.rs`, `src/bin/*.rs`.
fn binaries(tree: &dyn Tree, dir: &str, doc: &Doc, root: NodeId, name: &str, place: Span) -> Vec<(String, Span)> {
    let mut bins: Vec<(String, Span)> = Vec::new();
    for &entry in doc.get(root, "bin").map_or(&[][..], |list| doc.items(list)) {
        if let Some(id) = doc.get(entry, "name")
            && let Some(text) = doc.text(id)
        {
            bins.push((text.to_owned(), doc.span(id)));
        }
    }
    if bins.is_empty() && join(dir, "src/main.rs").is_some_and(|main| tree.contains(&main)) {
        bins.push((name.to_owned(), place));
    }
    let folder = join(dir, "src/bin").unwrap_or_default();
    for file in tree.files().iter().filter(|file| parent(file) == folder) {
        if let Some(stem) = file.rsplit('/').next().and_then(|name| name.strip_suffix(".rs"))
            && !bins.iter().any(|(known, _)| known == stem)
        {
            bins.push((stem.to_owned(), place));
        }
    }
    bins
}

struct Made<'s> {
    out: Evaluated,
    sources: Vec<&'s Source>,
}

impl Made<'_> {
    /// The first source that sets a key: its text, its value's place, its key and its scope.
    fn scalar(&self, key: &str) -> Option<(String, Span, Span, &'static str)> {
        self.sources.iter().find_map(|source| {
            source.deploy.iter().find_map(|&table| {
                let entry = source.doc.entry(table, key)?;
                let text = source.doc.text(entry.value)?;
                Some((text.to_owned(), source.doc.span(entry.value), entry.key_span, source.scope))
            })
        })
    }

    fn push(&mut self, text: &str, span: Span, origin: Option<Origin>) -> NodeId {
        self.out.text_of(text.to_owned(), span, origin)
    }

    fn nest(&mut self, path: &str, key_span: Span, value: NodeId) -> Entry {
        match path.split_once('.') {
            None => Entry { key: path.to_owned(), key_span, value },
            Some((first, rest)) => {
                let inner = self.nest(rest, key_span, value);
                let value = self.out.push(Kind::Map(vec![inner]), key_span, None);
                Entry { key: first.to_owned(), key_span, value }
            }
        }
    }

    fn function(&mut self, bin: &str, span: Span) -> NodeId {
        let tool = || Some(Origin::ToolDefault("cargo-lambda".to_owned()));
        let mut properties = Vec::new();
        let path = self.push(&format!("target/lambda/{bin}/bootstrap.zip"), span, tool());
        properties.push(Entry { key: "CodeUri".to_owned(), key_span: span, value: path });
        let name = self.push(bin, span, None);
        properties.push(Entry { key: "FunctionName".to_owned(), key_span: span, value: name });
        for setting in &cargo_lambda().settings {
            let found = std::iter::once(&setting.key).chain(&setting.aliases).find_map(|key| self.scalar(key));
            let entry = match (found, &setting.default) {
                (Some((text, value, key, scope)), _) => {
                    let inherited = scope != "the package's metadata";
                    let origin = inherited.then(|| Origin::Inherited(scope.to_owned(), key));
                    let text = setting.words.get(&text).cloned().unwrap_or(text);
                    // Another file's value is shown where the function is.
                    let (key, value) = if key.file == span.file { (key, value) } else { (span, span) };
                    let node = self.push(&text, value, origin);
                    self.nest(&setting.property, key, node)
                }
                (None, Some(default)) => {
                    let node = self.push(default, span, tool());
                    self.nest(&setting.property, span, node)
                }
                (None, None) => match &setting.elsewhere {
                    Some(reason) => {
                        let node = self.out.opaque(reason.clone(), span);
                        self.nest(&setting.property, span, node)
                    }
                    None => continue,
                },
            };
            properties.push(entry);
        }
        if self.sources.iter().any(|source| source.deploy.iter().any(|&table| source.doc.get(table, "vpc").is_some())) {
            let node = self.out.push(Kind::Map(Vec::new()), span, None);
            properties.push(Entry { key: "VpcConfig".to_owned(), key_span: span, value: node });
        }
        if self.scalar("enable_function_url").is_some_and(|(text, ..)| text == "true") {
            // cargo-lambda, crates/cargo-lambda-deploy/src/functions.rs: the URL has no authorization.
            let node = self.push("NONE", span, tool());
            properties.push(self.nest("FunctionUrlConfig.AuthType", span, node));
        }
        let environment = self.environment(bin, span);
        properties.push(self.nest("Environment.Variables", span, environment));
        let kind = self.push("AWS::Serverless::Function", span, None);
        let properties = self.out.push(Kind::Map(properties), span, None);
        let entries = vec![
            Entry { key: "Type".to_owned(), key_span: span, value: kind },
            Entry { key: "Properties".to_owned(), key_span: span, value: properties },
        ];
        self.out.push(Kind::Map(entries), span, None)
    }

    /// Variables of `deploy.env`, `env` and `bin.NAME.env`; open when a file or the command line may add more.
    fn environment(&mut self, bin: &str, span: Span) -> NodeId {
        let mut entries: Vec<Entry> = Vec::new();
        let mut open = true;
        for source in &self.sources {
            let doc = &source.doc;
            let of_bin = source.lambda.and_then(|node| doc.get(node, "bin")).and_then(|node| doc.get(node, bin));
            let tables = source.deploy.iter().copied().chain(source.lambda).chain(of_bin);
            for table in tables {
                for &pair in doc.get(table, "env_var").map_or(&[][..], |list| doc.items(list)) {
                    if let Some((name, _)) = doc.text(pair).and_then(|text| text.split_once('=')) {
                        open = false;
                        let value = self.out.push(doc.node(pair).kind.clone(), doc.span(pair), None);
                        entries.push(Entry { key: name.to_owned(), key_span: doc.span(pair), value });
                    }
                }
                let Some(env) = doc.get(table, "env") else { continue };
                for entry in doc.entries(env) {
                    open = false;
                    if !entries.iter().any(|known| known.key == entry.key) {
                        let value = self.out.push(doc.node(entry.value).kind.clone(), doc.span(entry.value), None);
                        entries.push(Entry { value, ..entry.clone() });
                    }
                }
            }
        }
        if open
            || self.scalar("env_file").is_some()
            || self.scalar("merge_env").is_some_and(|(text, ..)| text == "true")
        {
            let reason = "may be given on the command line or in a file".to_owned();
            let value = self.out.opaque(reason, span);
            entries.push(Entry { key: "Fn::Transform".to_owned(), key_span: span, value });
        }
        self.out.push(Kind::Map(entries), span, None)
    }
}
