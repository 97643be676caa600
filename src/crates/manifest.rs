//! `Cargo.toml`: package, dependencies, targets and release profile, with the spans people edit.

use crate::model::crates::{Declaration, Dependency, DependencyKind, Form, Profile};
use crate::text::{FileId, Span};
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

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

type Value<'a, 'i> = &'a Spanned<DeValue<'i>>;

struct Reader<'t> {
    file: FileId,
    base: u32,
    text: &'t str,
}

/// Reads a manifest.
///
/// # Errors
/// The reason and place if it is not valid TOML.
pub(crate) fn read(file: FileId, path: &str, text: &str) -> Result<Manifest, (String, Span)> {
    let (body, base) = text.strip_prefix('\u{feff}').map_or((text, 0), |rest| (rest, 3));
    let reader = Reader { file, base, text: body };
    let root = DeTable::parse(body).map_err(|error| {
        let range = error.span().unwrap_or(0..0);
        (error.message().to_owned(), reader.span(&range))
    })?;
    let root = root.get_ref();
    let dir = crate::text::path::parent(path).to_owned();
    let package = table(root, "package");
    let name = package.and_then(|package| {
        let (_, value) = package.get_key_value("name")?;
        Some((string(value)?.to_owned(), reader.span(&value.span())))
    });
    let mut dependencies = Vec::new();
    reader.dependency_tables(root, None, &mut dependencies);
    if let Some(targets) = table(root, "target") {
        for (platform, value) in targets {
            if let DeValue::Table(inner) = value.get_ref() {
                reader.dependency_tables(inner, Some(platform.get_ref()), &mut dependencies);
            }
        }
    }
    let workspace = table(root, "workspace").map(|workspace| {
        let mut shared = Vec::new();
        reader.dependency_table(workspace, "dependencies", DependencyKind::Normal, None, &mut shared);
        WorkspaceTable {
            members: strings(workspace.get("members")),
            exclude: strings(workspace.get("exclude")),
            dependencies: shared,
        }
    });
    let metadata = |holder: Option<&DeTable<'_>>| {
        let metadata = holder.and_then(|holder| table(holder, "metadata"))?;
        let (key, _) = metadata.get_key_value("lambda")?;
        Some(reader.span(&key.span()))
    };
    Ok(Manifest {
        file,
        autobins: package.and_then(|package| boolean(package.get("autobins"))).unwrap_or(true),
        lib: table(root, "lib").map(|lib| {
            (lib.get("name").and_then(string).map(str::to_owned), lib.get("path").and_then(string).map(str::to_owned))
        }),
        bins: reader.bins(root),
        features: features(root),
        release: reader.release(root),
        lambda_metadata: metadata(package).or_else(|| metadata(table(root, "workspace"))),
        lambda_architecture: package.and_then(|package| reader.lambda_architecture(package)),
        package: name,
        dependencies,
        workspace,
        dir,
    })
}

impl Reader<'_> {
    /// `arm64 = true` or the architecture of `target`; cargo-lambda builds for x86_64 otherwise.
    fn lambda_architecture(&self, package: &DeTable<'_>) -> Option<(String, Span)> {
        let build = table(table(table(package, "metadata")?, "lambda")?, "build")?;
        if let Some((key, value)) = build.get_key_value("arm64") {
            let word = if boolean(Some(value))? { "arm64" } else { "x86_64" };
            return Some((word.to_owned(), self.span(&key.span())));
        }
        let (key, value) = build.get_key_value("target")?;
        let word = if string(value)?.starts_with("aarch64") { "arm64" } else { "x86_64" };
        Some((word.to_owned(), self.span(&key.span())))
    }

    fn span(&self, range: &std::ops::Range<usize>) -> Span {
        Span::new(self.file, range.start as u32 + self.base, range.end as u32 + self.base)
    }

    fn dependency_tables(&self, holder: &DeTable<'_>, platform: Option<&str>, into: &mut Vec<Raw>) {
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
        holder: &DeTable<'_>,
        key: &str,
        kind: DependencyKind,
        platform: Option<&str>,
        into: &mut Vec<Raw>,
    ) {
        let Some(dependencies) = table(holder, key) else {
            return;
        };
        for (name, value) in dependencies {
            into.push(self.dependency(name, value, kind, platform));
        }
    }

    fn dependency(
        &self,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        value: Value<'_, '_>,
        kind: DependencyKind,
        platform: Option<&str>,
    ) -> Raw {
        let name = key.get_ref().to_string();
        let span = self.span(&key.span()).to(self.span(&value.span()));
        let mut dependency = Dependency {
            alias: name.replace('-', "_"),
            package: name,
            kind,
            path: None,
            optional: false,
            default_features: true,
            features: Vec::new(),
            platform: platform.map(str::to_owned),
            span,
            declared: Declaration { span, form: self.form(value) },
        };
        let mut inherits = false;
        let mut defaults_written = false;
        if let DeValue::Table(detail) = value.get_ref() {
            if let Some(package) = detail.get("package").and_then(string) {
                dependency.package = package.to_owned();
            }
            dependency.path = detail.get("path").and_then(string).map(str::to_owned);
            dependency.optional = boolean(detail.get("optional")).unwrap_or(false);
            let defaults = detail.get("default-features").or_else(|| detail.get("default_features"));
            defaults_written = defaults.is_some();
            dependency.default_features = boolean(defaults).unwrap_or(true);
            dependency.features = strings(detail.get("features"));
            inherits = boolean(detail.get("workspace")).unwrap_or(false);
        }
        Raw { dependency, inherits, defaults_written }
    }

    fn form(&self, value: Value<'_, '_>) -> Form {
        let range = value.span();
        match value.get_ref() {
            DeValue::String(_) => Form::Version(self.span(&range)),
            DeValue::Table(detail) if self.text[range.clone()].starts_with('{') => {
                let place = |key: &str| detail.get(key).map(|value| self.span(&value.span()));
                Form::Inline {
                    inside: self.span(&(range.start + 1..range.start + 1)),
                    defaults: place("default-features").or_else(|| place("default_features")),
                    features: place("features"),
                }
            }
            _ => Form::Table,
        }
    }

    fn bins(&self, root: &DeTable<'_>) -> Vec<BinEntry> {
        let Some(DeValue::Array(entries)) = root.get("bin").map(Spanned::get_ref) else {
            return Vec::new();
        };
        entries
            .iter()
            .filter_map(|entry| match entry.get_ref() {
                DeValue::Table(detail) => Some(BinEntry {
                    name: detail
                        .get("name")
                        .and_then(|value| Some((string(value)?.to_owned(), self.span(&value.span())))),
                    path: detail.get("path").and_then(string).map(str::to_owned),
                }),
                _ => None,
            })
            .collect()
    }

    fn release(&self, root: &DeTable<'_>) -> Profile {
        let Some(profiles) = table(root, "profile") else {
            return Profile::default();
        };
        let Some((key, value)) = profiles.get_key_value("release") else {
            return Profile::default();
        };
        let mut profile = Profile { span: Some(self.span(&key.span())), keys: BTreeMap::new() };
        if let DeValue::Table(detail) = value.get_ref() {
            for (name, value) in detail {
                let text = match value.get_ref() {
                    DeValue::String(text) => text.to_string(),
                    DeValue::Boolean(truth) => truth.to_string(),
                    DeValue::Integer(number) => number.to_string(),
                    _ => continue,
                };
                profile.keys.insert(name.get_ref().to_string(), (text, self.span(&value.span())));
            }
        }
        profile
    }
}

fn features(root: &DeTable<'_>) -> BTreeMap<String, Vec<String>> {
    let Some(features) = table(root, "features") else {
        return BTreeMap::new();
    };
    features.iter().map(|(name, value)| (name.get_ref().to_string(), strings(Some(value)))).collect()
}

fn table<'a, 'i>(holder: &'a DeTable<'i>, key: &str) -> Option<&'a DeTable<'i>> {
    match holder.get(key)?.get_ref() {
        DeValue::Table(inner) => Some(inner),
        _ => None,
    }
}

fn string<'a>(value: Value<'a, '_>) -> Option<&'a str> {
    match value.get_ref() {
        DeValue::String(text) => Some(text),
        _ => None,
    }
}

fn boolean(value: Option<Value<'_, '_>>) -> Option<bool> {
    match value?.get_ref() {
        DeValue::Boolean(truth) => Some(*truth),
        _ => None,
    }
}

fn strings(value: Option<Value<'_, '_>>) -> Vec<String> {
    match value.map(Spanned::get_ref) {
        Some(DeValue::Array(items)) => items.iter().filter_map(string).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
