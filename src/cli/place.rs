//! Where a run looks: from the paths of the command line to the directory that is read and what of it is shown.
//!
//! A folder that is an application of its own is read by itself, and so are several folders. Of any other folder, and
//! of files, the repository is read, and findings are shown that touch it: joins do not end where one stands.

#![allow(clippy::disallowed_methods)] // looks for names of files, and reads manifests

use crate::config::FILE_NAMES;
use crate::tree::repository;
use anyhow::{Context, anyhow, bail};
use std::path::{Path, PathBuf};

/// Files by which a deployment is told without reading it.
const DEPLOYMENTS: [&str; 12] = [
    "template.yaml",
    "template.yml",
    "template.json",
    "samconfig.toml",
    "serverless.yml",
    "serverless.yaml",
    "serverless.ts",
    "serverless.js",
    "serverless.json",
    "cdk.json",
    "CargoLambda.toml",
    "main.tf",
];
/// Folders below one that are looked into for a deployment.
const MOST_DEPTH: usize = 6;
/// A manifest larger than this is none.
const MOST_BYTES: u64 = 1 << 20;

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The directory to read.
    pub(super) root: PathBuf,
    /// The only paths below it to read; all if there are none.
    pub(super) read: Vec<String>,
    /// Paths below it that findings must touch; all do if there are none.
    pub(super) shown: Vec<String>,
}

/// The place of some paths; of the working directory if there are none.
pub(super) fn of(paths: &[PathBuf]) -> anyhow::Result<Place> {
    let asked = if paths.is_empty() { vec![PathBuf::from(".")] } else { paths.to_vec() };
    let asked = asked.iter().map(|path| whole(path)).collect::<anyhow::Result<Vec<_>>>()?;
    // Who names folders beside others says what is to be read; a hook or an editor names files.
    let chosen = asked.len() > 1 && asked.iter().any(|path| path.is_dir());
    let homes: Vec<PathBuf> = if chosen { asked.clone() } else { asked.iter().map(|path| home(path)).collect() };
    let mut root = homes.first().cloned().ok_or_else(|| anyhow!("nothing is asked for"))?;
    while !root.is_dir() || !homes.iter().all(|path| path.starts_with(&root)) {
        if !root.pop() {
            bail!("the paths have no directory in common");
        }
    }
    if let Some(configured) = configured(&root) {
        root = configured;
    }
    let below = |path: &PathBuf| -> anyhow::Result<String> {
        let relative = path.strip_prefix(&root).unwrap_or(path);
        let text = relative.to_str().ok_or_else(|| anyhow!("`{}` is not UTF-8", path.display()))?;
        Ok(text.replace(std::path::MAIN_SEPARATOR, "/"))
    };
    let mut below = asked.iter().map(below).collect::<anyhow::Result<Vec<String>>>()?;
    if below.iter().any(String::is_empty) {
        below.clear();
    }
    let (read, shown) = if chosen { (below, Vec::new()) } else { (Vec::new(), below) };
    Ok(Place { root, read, shown })
}

/// A path that is there, without links and relative parts.
fn whole(path: &Path) -> anyhow::Result<PathBuf> {
    let full = path.canonicalize().with_context(|| format!("cannot read `{}`", path.display()))?;
    if !full.is_dir() && !full.is_file() {
        bail!("`{}` is neither a file nor a directory", path.display());
    }
    Ok(full)
}

/// The directory to read for a path.
fn home(path: &Path) -> PathBuf {
    let dir = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let Some(top) = repository(dir) else { return dir.to_path_buf() };
    let alone = path.is_dir() && (path == top || stands_alone(dir, &top));
    if alone { dir.to_path_buf() } else { top }
}

/// The outermost folder with a config, from a directory up to the top of its repository: who has one has said where the
/// project begins.
fn configured(dir: &Path) -> Option<PathBuf> {
    let top = repository(dir)?;
    let has_config = |above: &&Path| FILE_NAMES.iter().any(|name| above.join(name).is_file());
    dir.ancestors().take_while(|above| above.starts_with(&top)).filter(has_config).last().map(Path::to_path_buf)
}

/// Whether nothing around a folder can belong to what it holds: it has a deployment and Rust of its own, there is no
/// deployment right above, and cargo would not look further up.
fn stands_alone(dir: &Path, top: &Path) -> bool {
    let above = || dir.ancestors().skip(1).take_while(|above| above.starts_with(top));
    let apart = is_workspace(dir) || !above().any(|above| above.join("Cargo.toml").is_file());
    apart && !above().any(deploys) && holds_both(dir)
}

/// Whether the manifest of a folder is that of a workspace, where cargo stops looking.
/// Source: the Cargo book, "Workspaces", `package.workspace`.
fn is_workspace(dir: &Path) -> bool {
    let manifest = dir.join("Cargo.toml");
    let small = manifest.metadata().is_ok_and(|data| data.is_file() && data.len() <= MOST_BYTES);
    let text = if small { std::fs::read_to_string(manifest).ok() } else { None };
    text.and_then(|text| toml::from_str::<toml::Table>(&text).ok()).is_some_and(|table| table.contains_key("workspace"))
}

fn deploys(dir: &Path) -> bool {
    DEPLOYMENTS.iter().any(|name| dir.join(name).is_file())
}

/// Whether both ends of a join lie in a folder: a deployment and a manifest.
fn holds_both(dir: &Path) -> bool {
    let walk = ignore::WalkBuilder::new(dir).follow_links(false).max_depth(Some(MOST_DEPTH)).build();
    let (mut deployment, mut manifest) = (false, false);
    for entry in walk.flatten() {
        let name = entry.file_name().to_str().unwrap_or_default();
        deployment |= DEPLOYMENTS.contains(&name) || name.ends_with(".tf");
        manifest |= name == "Cargo.toml";
        if deployment && manifest {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{Place, of};
    use std::path::Path;

    fn make(root: &Path, files: &[(&str, &str)]) {
        for (path, text) in files {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("makes it");
            std::fs::write(path, text).expect("writes");
        }
    }

    /// Where the run looks for some paths of a repository, and what it shows.
    fn asked(files: &[(&str, &str)], paths: &[&str]) -> (String, Vec<String>, Vec<String>) {
        let dir = tempfile::tempdir().expect("a folder");
        make(dir.path(), files);
        make(dir.path(), &[(".git/HEAD", "ref: refs/heads/main\n")]);
        let paths: Vec<_> = paths.iter().map(|path| dir.path().join(path)).collect();
        let Place { root, read, shown } = of(&paths).expect("they are there");
        let top = dir.path().canonicalize().expect("it is there");
        (root.strip_prefix(top).expect("below").display().to_string(), read, shown)
    }

    const ONE: &[(&str, &str)] = &[
        ("Cargo.toml", "[workspace]\nmembers = [\"api\"]\n"),
        ("infra/main.tf", ""),
        ("api/Cargo.toml", "[package]\nname = \"api\"\n"),
        ("api/src/main.rs", ""),
    ];
    const TWO: &[(&str, &str)] = &[
        ("a/Cargo.toml", "[workspace]\n"),
        ("a/template.yaml", ""),
        ("a/api/src/main.rs", ""),
        ("b/Cargo.toml", "[package]\nname = \"b\"\n"),
        ("b/template.yaml", ""),
    ];

    #[test]
    fn of_a_file_and_of_a_part_the_repository_is_read() {
        let shown = |path: &str| (String::new(), Vec::new(), vec![path.to_owned()]);
        assert_eq!(asked(ONE, &["api/src/main.rs"]), shown("api/src/main.rs"));
        assert_eq!(asked(ONE, &["api"]), shown("api"));
        assert_eq!(asked(ONE, &["infra"]), shown("infra"));
        assert_eq!(asked(ONE, &["."]), (String::new(), Vec::new(), Vec::new()));
    }

    #[test]
    fn an_application_is_read_by_itself() {
        assert_eq!(asked(TWO, &["a"]), ("a".to_owned(), Vec::new(), Vec::new()));
        assert_eq!(asked(TWO, &["b"]).0, "b");
        let both = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(asked(TWO, &["a", "b"]), (String::new(), both, Vec::new()));
        let named = vec!["template.yaml".to_owned(), "api".to_owned()];
        assert_eq!(asked(TWO, &["a/template.yaml", "a/api"]), ("a".to_owned(), named, Vec::new()));
        let files = vec!["a/template.yaml".to_owned(), "b/template.yaml".to_owned()];
        assert_eq!(asked(TWO, &["a/template.yaml", "b/template.yaml"]), (String::new(), Vec::new(), files));
        assert_eq!(asked(TWO, &["a/api"]), (String::new(), Vec::new(), vec!["a/api".to_owned()]));
    }

    #[test]
    fn a_config_above_says_where_the_project_begins() {
        let files = [TWO, &[("faaslint.yaml", "ignore: []\n")]].concat();
        assert_eq!(asked(&files, &["a"]), (String::new(), Vec::new(), vec!["a".to_owned()]));
    }

    #[test]
    fn without_a_repository_nothing_above_is_looked_at() {
        let dir = tempfile::tempdir().expect("a folder");
        make(dir.path(), ONE);
        let place = of(&[dir.path().join("api")]).expect("it is there");
        assert!(place.root.ends_with("api") && place.shown.is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn devices_are_refused() {
        assert!(of(&["/dev/null".into()]).expect_err("no file").to_string().contains("neither a file"));
    }
}
