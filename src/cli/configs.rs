//! The configs that apply: that of the scanned root, and those of folders below it.

use super::args::ScanArgs;
use super::rule_files::placed;
use crate::config;
use crate::config::Config;
use crate::engine::ConfigFile;
use crate::text::path;
use crate::tree;
use crate::tree::{Disk, Tree};
use anyhow::{anyhow, bail};

/// Configs of folders below the root, outer ones first.
pub(super) fn nested(args: &ScanArgs, tree: &Disk, keep: &[String]) -> anyhow::Result<Vec<(String, Config)>> {
    if args.no_config || args.config.is_some() {
        return Ok(Vec::new());
    }
    let named = |file: &&String| {
        file.rsplit_once('/').is_some_and(|(_, name)| config::FILE_NAMES.contains(&name))
            && (keep.is_empty() || keep.iter().any(|only| path::is_within(file, only)))
    };
    let read = |file: &String| -> anyhow::Result<(String, Config)> {
        let text = tree.text(file).map_err(|error| anyhow!("`{file}` {error}"))?;
        let config = config::parse(&text).map_err(|error| placed(file, error.at, &error))?;
        Ok((file.clone(), config))
    };
    let mut nested = tree.files().iter().filter(named).map(read).collect::<anyhow::Result<Vec<_>>>()?;
    nested.sort_by(|(a, _), (b, _)| (path::parent(a), a).cmp(&(path::parent(b), b)));
    let twice = nested.windows(2).find(|pair| path::parent(&pair[0].0) == path::parent(&pair[1].0));
    if let Some([(first, _), (second, _)]) = twice {
        bail!("`{first}` and `{second}` both configure one folder; keep one");
    }
    Ok(nested)
}

/// The config, and the file it was read from if that lies in the tree.
pub(super) fn load_config(args: &ScanArgs, tree: &Disk) -> anyhow::Result<(Config, Option<ConfigFile>)> {
    let read = |name: &str| -> anyhow::Result<String> { tree.text(name).map_err(|error| anyhow!("`{name}` {error}")) };
    if args.no_config {
        return Ok((Config::default(), None));
    }
    if let Some(path) = &args.config {
        let text = tree::named(tree.root(), path).map_err(|error| anyhow!("`{}` {error}", path.display()))?;
        let config = config::parse(&text).map_err(|error| placed(&path.display().to_string(), error.at, &error))?;
        let inside = path.canonicalize().ok().and_then(|full| {
            let inside = full.strip_prefix(tree.root()?).ok()?.to_str()?.replace(std::path::MAIN_SEPARATOR, "/");
            Some(ConfigFile { path: inside, text })
        });
        return Ok((config, inside));
    }
    let manifest = if tree.contains("Cargo.toml") { read("Cargo.toml").ok() } else { None };
    let in_manifest = match &manifest {
        Some(text) => config::parse_manifest(text).map_err(|error| placed("Cargo.toml", error.at, &error))?,
        None => None,
    };
    match (config::FILE_NAMES.iter().find(|name| tree.contains(name)), in_manifest) {
        (Some(name), Some(_)) => bail!("`{name}` and the metadata of `Cargo.toml` both configure faaslint; keep one"),
        (Some(name), None) => {
            let text = read(name)?;
            let config = config::parse(&text).map_err(|error| placed(name, error.at, &error))?;
            Ok((config, Some(ConfigFile { path: (*name).to_owned(), text })))
        }
        (None, Some(config)) => {
            let text = manifest.unwrap_or_default();
            Ok((config, Some(ConfigFile { path: "Cargo.toml".to_owned(), text })))
        }
        (None, None) => Ok((Config::default(), None)),
    }
}
