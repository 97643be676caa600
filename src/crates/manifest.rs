//! `Cargo.toml`: package, dependencies, targets and release profile, with the spans people edit.

use crate::document::tree::{Doc, Entry, Kind, NodeId, Style};
use crate::model::crates::{Declaration, Dependency, DependencyKind, Form, Profile};
use crate::text::{FileId, Span};
use std::collections::BTreeMap;

/// A `[[bin]]` entry.
#[derive(Debug, Clone)]
pub(crate) struct BinEntry {
    pub(crate) name: Option<(String, Span)>,
    pub(crate) path: Option<String>,
}

/// What one manifest says, before workspaces are put together.
#[derive(Debug, Clone)]
pub(crate) struct Manifest {
    pub(crate) file: FileId,
    pub(crate) dir: String,
    /// Package name with its place; none for a virtual workspace.
    pub(crate) package: Option<(String, Span)>,
    pub(crate) autobins: bool,
    pub(crate) lib: Option<(Option<String>, Option<String>)>,
    pub(crate) bins: Vec<BinEntry>,
    pub(crate) dependencies: Vec<Raw>,
    pub(crate) features: BTreeMap<String, Vec<String>>,
    pub(crate) workspace: Option<WorkspaceTable>,
    pub(crate) release: Profile,
    pub(crate) lambda_metadata: Option<Span>,
    /// The architecture `[package.metadata.lambda.build]` asks for.
    pub(crate) lambda_architecture: Option<(String, Span)>,
}

/// `[workspace]`.
#[derive(Debug, Clone, Default)]
pub(crate) struct WorkspaceTable {
    pub(crate) members: Vec<String>,
    pub(crate) exclude: Vec<String>,
    pub(crate) dependencies: Vec<Raw>,
}

/// A dependency line that may inherit from the workspace.
#[derive(Debug, Clone)]
pub(crate) struct Raw {
    pub(crate) dependency: Dependency,
    pub(crate) inherits: bool,
    /// Whether `default-features` is written on the line.
    pub(crate) defaults_written: bool,
}

struct Reader<'d> {
    doc: &'d Doc,
    text: &'d str,
}

/// Reads a manifest.
///
/// # Errors
/// The reason and place if it is not valid TOML.
pub(crate) fn read(path: &str, doc: &Doc, text: &str) -> Result<Manifest, (String, Span)> {
    if let Some(error) = &doc.error {
        return Err(error.clone());
    }
    let reader = Reader { doc, text };
    let root = doc.roots.first().copied();
    let table = |name: &str| root.and_then(|root| reader.table(root, name));
    let (package, workspace) = (table("package"), table("workspace"));
    let mut dependencies = Vec::new();
    if let Some(root) = root {
        reader.dependency_tables(root, None, &mut dependencies);
    }
    for platform in table("target").map_or(&[][..], |targets| doc.entries(targets)) {
        reader.dependency_tables(platform.value, Some(&platform.key), &mut dependencies);
    }
    let metadata = |holder: Option<NodeId>| {
        let metadata = reader.table(holder?, "metadata")?;
        Some(doc.entry(metadata, "lambda")?.key_span)
    };
    Ok(Manifest {
        file: doc.file,
        dir: crate::text::path::parent(path).to_owned(),
        autobins: package.and_then(|package| reader.boolean(package, "autobins")).unwrap_or(true),
        lib: table("lib").map(|lib| (reader.string(lib, "name"), reader.string(lib, "path"))),
        bins: reader.bins(root),
        features: table("features").map_or_else(BTreeMap::new, |features| {
            doc.entries(features).iter().map(|entry| (entry.key.clone(), reader.strings(Some(entry.value)))).collect()
        }),
        release: reader.release(table("profile")),
        lambda_metadata: metadata(package).or_else(|| metadata(workspace)),
        lambda_architecture: package.and_then(|package| reader.lambda_architecture(package)),
        package: package.and_then(|package| reader.placed(package, "name")),
        dependencies,
        workspace: workspace.map(|workspace| {
            let mut shared = Vec::new();
            reader.dependency_table(workspace, "dependencies", DependencyKind::Normal, None, &mut shared);
            WorkspaceTable {
                members: reader.strings(doc.get(workspace, "members")),
                exclude: reader.strings(doc.get(workspace, "exclude")),
                dependencies: shared,
            }
        }),
    })
}

impl Reader<'_> {
    fn table(&self, holder: NodeId, key: &str) -> Option<NodeId> {
        self.doc.get(holder, key).filter(|&node| self.is_table(node))
    }

    fn is_table(&self, node: NodeId) -> bool {
        matches!(self.doc.node(node).kind, Kind::Map(_))
    }

    fn string(&self, holder: NodeId, key: &str) -> Option<String> {
        Some(self.placed(holder, key)?.0)
    }

    fn placed(&self, holder: NodeId, key: &str) -> Option<(String, Span)> {
        let node = self.doc.get(holder, key)?;
        Some((self.doc.text(node)?.to_owned(), self.doc.span(node)))
    }

    fn boolean(&self, holder: NodeId, key: &str) -> Option<bool> {
        self.doc.text(self.doc.get(holder, key)?)?.parse().ok()
    }

    fn strings(&self, list: Option<NodeId>) -> Vec<String> {
        let items = list.map_or(&[][..], |list| self.doc.items(list));
        items.iter().filter_map(|&item| self.doc.text(item)).map(str::to_owned).collect()
    }

    /// `arm64 = true` or the architecture of `target`; cargo-lambda builds for x86_64 otherwise.
    fn lambda_architecture(&self, package: NodeId) -> Option<(String, Span)> {
        let build = self.table(self.table(self.table(package, "metadata")?, "lambda")?, "build")?;
        if let Some(entry) = self.doc.entry(build, "arm64") {
            let word = if self.boolean(build, "arm64")? { "arm64" } else { "x86_64" };
            return Some((word.to_owned(), entry.key_span));
        }
        let entry = self.doc.entry(build, "target")?;
        let word = if self.doc.text(entry.value)?.starts_with("aarch64") { "arm64" } else { "x86_64" };
        Some((word.to_owned(), entry.key_span))
    }

    fn dependency_tables(&self, holder: NodeId, platform: Option<&str>, into: &mut Vec<Raw>) {
        for (key, kind) in [
            ("dependencies", DependencyKind::Normal),
            ("dev-dependencies", DependencyKind::Development),
            ("dev_dependencies", DependencyKind::Development),
            ("build-dependencies", DependencyKind::Build),
            ("build_dependencies", DependencyKind::Build),
        ] {
            self.dependency_table(holder, key, kind, platform, into);
        }
    }

    fn dependency_table(
        &self,
        holder: NodeId,
        key: &str,
        kind: DependencyKind,
        platform: Option<&str>,
        into: &mut Vec<Raw>,
    ) {
        let Some(dependencies) = self.table(holder, key) else {
            return;
        };
        into.extend(self.doc.entries(dependencies).iter().map(|entry| self.dependency(entry, kind, platform)));
    }

    fn dependency(&self, entry: &Entry, kind: DependencyKind, platform: Option<&str>) -> Raw {
        let (name, detail) = (entry.key.clone(), entry.value);
        let span = entry.key_span.to(self.doc.span(detail));
        let defaults = self.boolean(detail, "default-features").or_else(|| self.boolean(detail, "default_features"));
        let dependency = Dependency {
            alias: name.replace('-', "_"),
            package: self.string(detail, "package").unwrap_or(name),
            kind,
            requirement: self.doc.text(detail).map(str::to_owned).or_else(|| self.string(detail, "version")),
            path: self.string(detail, "path"),
            optional: self.boolean(detail, "optional").unwrap_or(false),
            default_features: defaults.unwrap_or(true),
            features: self.strings(self.doc.get(detail, "features")),
            platform: platform.map(str::to_owned),
            span,
            declared: Declaration { span, form: self.form(detail) },
        };
        Raw {
            dependency,
            inherits: self.boolean(detail, "workspace").unwrap_or(false),
            defaults_written: ["default-features", "default_features"]
                .iter()
                .any(|key| self.doc.get(detail, key).is_some()),
        }
    }

    fn form(&self, value: NodeId) -> Form {
        let node = self.doc.node(value);
        let place = |key: &str| self.doc.get(value, key).map(|value| self.doc.span(value));
        match (&node.kind, node.style) {
            (Kind::Scalar { .. }, _) => Form::Version(node.span),
            (Kind::Map(_), Style::Flow) => Form::Inline {
                inside: Span::new(node.span.file, node.span.start + 1, node.span.start + 1),
                defaults: place("default-features").or_else(|| place("default_features")),
                features: place("features"),
            },
            _ => Form::Table,
        }
    }

    fn bins(&self, root: Option<NodeId>) -> Vec<BinEntry> {
        let entries = root.and_then(|root| self.doc.get(root, "bin")).map_or(&[][..], |bins| self.doc.items(bins));
        let tables = entries.iter().copied().filter(|&entry| self.is_table(entry));
        tables.map(|bin| BinEntry { name: self.placed(bin, "name"), path: self.string(bin, "path") }).collect()
    }

    fn release(&self, profiles: Option<NodeId>) -> Profile {
        let Some(entry) = profiles.and_then(|profiles| self.doc.entry(profiles, "release")) else {
            return Profile::default();
        };
        let settings = self.doc.entries(entry.value).iter().filter_map(|setting| {
            let text = self.doc.text(setting.value)?;
            Some((setting.key.clone(), (text.to_owned(), self.doc.span(setting.value))))
        });
        let entries = self.doc.entries(entry.value).iter();
        let explained = entries.filter(|setting| is_explained(self.text, setting.key_span));
        Profile {
            span: Some(entry.key_span),
            explained: explained.map(|setting| setting.key.clone()).collect(),
            keys: settings.collect(),
        }
    }
}

/// Whether a comment stands on the line of a key, or directly above it; a setting that is commented out says nothing.
fn is_explained(text: &str, key: Span) -> bool {
    let (Some(before), Some(from)) = (text.get(..key.start as usize), text.get(key.start as usize..)) else {
        return false;
    };
    let words = |line: &str| {
        let comment = line.split_once('#').map(|(_, comment)| comment.trim());
        comment.is_some_and(|words| words.contains(' ') && !words.contains('='))
    };
    let above = before.lines().rev().nth(usize::from(!before.ends_with('\n')));
    let above = above.filter(|line| line.trim_start().starts_with('#'));
    above.is_some_and(words) || from.lines().next().is_some_and(words)
}
