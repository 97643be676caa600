//! The Cargo side: packages, targets, dependencies, profiles and the resolved graph.

pub mod artifact;
pub mod closure;

pub use crate::text::{PackageId, TargetId, WorkspaceId};

use super::value::Known;
use crate::text::{Arena, FileId, Span};
use std::collections::{BTreeMap, BTreeSet};

/// What a target compiles to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetKind {
    /// An executable.
    Bin,
    /// A library.
    Lib,
}

/// A target whose root file exists.
#[derive(Debug, Clone)]
pub struct CrateTarget {
    /// Its package.
    pub package: PackageId,
    /// Its name: the binary's name, or the library's crate name.
    pub name: String,
    /// Kind.
    pub kind: TargetKind,
    /// Root file, relative to the scanned root.
    pub root: String,
    /// Where the manifest names it; the package name if it is discovered.
    pub span: Span,
}

/// When a dependency is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DependencyKind {
    /// In the program.
    Normal,
    /// In tests only.
    Development,
    /// In the build script only.
    Build,
}

/// A dependency line of a manifest.
#[derive(Debug, Clone)]
pub struct Dependency {
    /// The name used in source: key of the table, `-` as `_`.
    pub alias: String,
    /// The package name in the registry.
    pub package: String,
    /// When it is used.
    pub kind: DependencyKind,
    /// The version asked for, as written.
    pub requirement: Option<String>,
    /// Directory of a path dependency, relative to the scanned root.
    pub path: Option<String>,
    /// Whether a feature must switch it on.
    pub optional: bool,
    /// Whether default features are on.
    pub default_features: bool,
    /// Features asked for.
    pub features: Vec<String>,
    /// `cfg(…)` or triple it is limited to.
    pub platform: Option<String>,
    /// The line of this package.
    pub span: Span,
    /// The line that chooses version and features: this package's, or the workspace's that it inherits.
    pub declared: Declaration,
}

/// How a dependency line chooses version and features, with what an edit of it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declaration {
    /// The line a reader would edit.
    pub span: Span,
    /// Its form.
    pub form: Form,
}

/// The form of a dependency line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `name = "1"`: the value, quotes included.
    Version(Span),
    /// `name = { … }`.
    Inline {
        /// Just after the opening brace.
        inside: Span,
        /// The value of `default-features`.
        defaults: Option<Span>,
        /// The value of `features`.
        features: Option<Span>,
    },
    /// A table of its own, or dotted keys.
    Table,
}

/// A `[profile.release]` table with its spans.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    /// The header, when the table exists.
    pub span: Option<Span>,
    /// Keys as text, with the spans of their values.
    pub keys: BTreeMap<String, (String, Span)>,
    /// Keys with a comment beside or above them.
    pub explained: BTreeSet<String>,
}

/// A package of a workspace.
#[derive(Debug, Clone)]
pub struct CargoPackage {
    /// Package name.
    pub name: String,
    /// Its directory, relative to the scanned root; empty for the root itself.
    pub dir: String,
    /// Its manifest.
    pub manifest: FileId,
    /// The name in the manifest.
    pub span: Span,
    /// The workspace it belongs to.
    pub workspace: WorkspaceId,
    /// Dependency lines.
    pub dependencies: Vec<Dependency>,
    /// Features and what they switch on.
    pub features: BTreeMap<String, Vec<String>>,
    /// Whether it carries `[package.metadata.lambda]`.
    pub cargo_lambda_metadata: Option<Span>,
    /// A release profile in its manifest, which cargo ignores because the manifest is not the workspace's.
    pub ignored_profile: Option<Span>,
    /// The manifest of a workspace above it that does not have it as a member: cargo refuses to build it there.
    pub disowned_by: Option<FileId>,
    /// Architecture that `[package.metadata.lambda.build]` builds for, and where it says so.
    pub lambda_architecture: Option<(String, Span)>,
}

/// A workspace: a root manifest, its members, its lock file.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Directory of the root manifest, relative to the scanned root.
    pub dir: String,
    /// The root manifest.
    pub manifest: FileId,
    /// The release profile.
    pub release: Profile,
    /// Whether it has a lock file, readable or not.
    pub locked: bool,
    /// The resolved graph, when there is a lock file or `cargo metadata` answered.
    pub graph: Option<CrateGraph>,
}

/// Where a graph came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphSource {
    /// `Cargo.lock`: no features, no platforms; build dependencies mixed in.
    LockFile,
    /// `cargo metadata`: normal dependencies for the Lambda targets.
    Metadata,
}

/// One resolved crate version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrateNode {
    /// Package name.
    pub name: String,
    /// Version.
    pub version: String,
    /// The name of its library in source; lock files do not say, so theirs is made from the package's.
    pub library: String,
    /// Whether it is a package of the workspace, or one that lies beside it.
    pub local: bool,
    /// Whether it is a macro that runs in the compiler; lock files do not say, so theirs is a guess by name.
    pub is_proc_macro: bool,
    /// The features that are on; lock files do not say.
    pub features: Option<Vec<String>>,
    /// What its feature `default` switches on; lock files do not say.
    pub defaults: Option<Vec<String>>,
}

/// The resolved dependency graph of a workspace.
#[derive(Debug, Clone)]
pub struct CrateGraph {
    /// Where it came from.
    pub source: GraphSource,
    /// Crates, workspace members included.
    pub nodes: Vec<CrateNode>,
    /// Outgoing edges of each node, by index.
    pub edges: Vec<Vec<usize>>,
}

impl CrateGraph {
    /// The node of a package of the workspace, by name.
    pub fn local(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.local && node.name == name)
    }
}

/// Everything the manifests and lock files say.
#[derive(Debug, Default)]
pub struct Cargo {
    /// Workspaces.
    pub workspaces: Arena<WorkspaceId, Workspace>,
    /// Packages of all workspaces.
    pub packages: Vec<CargoPackage>,
    /// Targets of all packages.
    pub targets: Vec<CrateTarget>,
    /// `build-<LogicalId>` recipes of makefiles, by directory.
    pub recipes: Vec<Recipe>,
    /// Commands that build Rust, in makefiles, scripts and workflows.
    pub builds: Vec<BuildCommand>,
    /// Where scripts put binaries.
    pub deliveries: Vec<Delivery>,
    /// Dockerfiles.
    pub dockerfiles: Vec<Dockerfile>,
    /// Directories below which cargo builds statically by its own config: for musl, or with the C library inside.
    pub static_below: Vec<String>,
    /// Whether `sam build` runs in the image of the runtime.
    pub builds_in_container: bool,
}

/// What a script does with a binary that was built.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Directory of the script.
    pub dir: String,
    /// Where it goes.
    pub to: Destination,
    /// The binary, by the artifact that it was built to.
    pub binary: String,
    /// The command.
    pub span: Span,
}

/// Where a script puts a binary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Into an archive of a name.
    Archive(String),
    /// Into the function of a name.
    Function(String),
}

/// A command that builds Rust.
#[derive(Debug, Clone)]
pub struct BuildCommand {
    /// Directory of its file.
    pub dir: String,
    /// The command line, continued lines joined.
    pub text: String,
    /// Names of the artifacts that the lines behind it take from a target directory.
    pub packs: Vec<String>,
    /// The image or machine it runs on, where the file says so above it.
    pub machine: Option<String>,
    /// Where it is written.
    pub span: Span,
}

impl BuildCommand {
    /// Whether a line builds Rust.
    pub fn is_one(line: &str) -> bool {
        ["cargo build", "cargo lambda build", "cross build", "cargo zigbuild", "cargo-lambda lambda build"]
            .iter()
            .any(|command| line.contains(command))
    }

    /// Whether it may build a binary: it names that one, or none.
    pub fn may_build(&self, package: &str, binary: &str) -> bool {
        let words: Vec<&str> = self.text.split_whitespace().collect();
        let named = |flags: &[&str], name: &str| {
            let mut values = words.windows(2).filter(|pair| flags.contains(&pair[0])).map(|pair| pair[1]).peekable();
            values.peek().is_none()
                || values.any(|value| value.trim_matches(['"', '\'']) == name || value.contains('$'))
        };
        named(&["--bin"], binary) && named(&["-p", "--package"], package)
    }

    /// Whether it builds for debugging; unknown variables may hold anything.
    pub fn is_debug(&self) -> bool {
        let release = ["--release", "--profile", " -r ", "$"].iter().any(|word| self.text.contains(word));
        !release && !self.text.ends_with(" -r")
    }

    /// Whether cargo-lambda runs it.
    pub fn is_cargo_lambda(&self) -> bool {
        self.text.contains("lambda build")
    }
}

/// A Dockerfile.
#[derive(Debug, Clone)]
pub struct Dockerfile {
    /// Its path.
    pub path: String,
    /// The binary its final stage runs, by the artifact that it was built to.
    pub binary: Option<(String, Span)>,
    /// The name of the program its final stage starts.
    pub command: Option<(String, Span)>,
    /// Where that is a debug build.
    pub debug: Option<Span>,
    /// The image its final stage begins from, seen through stages of the file, and where that is written.
    pub base: Option<(String, Span)>,
    /// Where its final stage gets the Lambda Web Adapter.
    pub adapter: Option<Span>,
    /// Variables that its final stage sets.
    pub variables: BTreeSet<String>,
}

/// A makefile recipe that builds a function.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// Directory of the makefile.
    pub dir: String,
    /// The target, without `build-`.
    pub function: String,
    /// Its lines.
    pub lines: Vec<(String, Span)>,
    /// The targets that are made before it, with its own line.
    pub prerequisites: Vec<(String, Span)>,
    /// The binary it builds or copies, if a line tells.
    pub binary: Known<String>,
}

impl Cargo {
    /// The package of an id.
    pub fn package(&self, id: PackageId) -> &CargoPackage {
        &self.packages[id.0 as usize]
    }

    /// The target of an id.
    pub fn target(&self, id: TargetId) -> &CrateTarget {
        &self.targets[id.0 as usize]
    }

    /// Every target id.
    pub fn target_ids(&self) -> impl Iterator<Item = TargetId> + use<> {
        (0..self.targets.len()).map(|index| TargetId(index as u32))
    }

    /// The package in a directory.
    pub fn package_in(&self, dir: &str) -> Option<PackageId> {
        let index = self.packages.iter().position(|package| package.dir == dir)?;
        Some(PackageId(index as u32))
    }

    /// The library target of a package.
    pub fn library_of(&self, package: PackageId) -> Option<TargetId> {
        self.target_ids().find(|&id| {
            let target = self.target(id);
            target.package == package && target.kind == TargetKind::Lib
        })
    }

    /// The binaries of a package.
    pub fn binaries_of(&self, package: PackageId) -> impl Iterator<Item = TargetId> {
        self.target_ids().filter(move |&id| {
            let target = self.target(id);
            target.package == package && target.kind == TargetKind::Bin
        })
    }
}

/// The binary a build artifact's path names: `target/lambda/NAME/…`, `target/[triple/]release/NAME`.
pub fn artifact_binary(path: &str) -> Option<&str> {
    binary_in_target(path).or_else(|| binary_in_lambda_dir(path))
}

/// `<lambda_dir>/<binary>/bootstrap[.zip]`: cargo-lambda's layout in a directory of the user's choice.
fn binary_in_lambda_dir(path: &str) -> Option<&str> {
    let (dir, file) = path.rsplit_once('/')?;
    let name = dir.rsplit('/').next().filter(|name| !name.is_empty() && !name.contains(['$', '.', '}']))?;
    (matches!(file, "bootstrap" | "bootstrap.zip") && !matches!(name, "lambda" | "target" | "release" | "debug"))
        .then_some(name)
}

fn binary_in_target(path: &str) -> Option<&str> {
    let mut parts = path.split('/').skip_while(|part| *part != "target").skip(1);
    let mut part = parts.next()?;
    if part == "lambda" {
        return parts.next().filter(|name| !name.is_empty() && !name.contains('.'));
    }
    if !matches!(part, "release" | "debug") {
        part = parts.next()?;
    }
    if !matches!(part, "release" | "debug") {
        return None;
    }
    parts.next().map(|name| name.trim_end_matches(".zip")).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::artifact_binary as artifact;

    #[test]
    fn artifact_paths_name_their_binary() {
        assert_eq!(artifact("target/lambda/orders/bootstrap.zip"), Some("orders"));
        assert_eq!(artifact("../target/lambda/orders/"), Some("orders"));
        assert_eq!(artifact("target/aarch64-unknown-linux-musl/release/orders"), Some("orders"));
        assert_eq!(artifact("target/release/orders"), Some("orders"));
        assert_eq!(artifact("target/lambda/bootstrap.zip"), None);
        assert_eq!(artifact("${variable dir}/orders/bootstrap.zip"), Some("orders"));
        assert_eq!(artifact("../dist/bootstrap.zip"), Some("dist"));
        assert_eq!(artifact("src/orders"), None);
    }
}
