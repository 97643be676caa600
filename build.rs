//! Finds what a contributor adds as a file: every `rules/<id>.yaml` and every `src/checks/<name>.rs`. Writes the tables
//! that `rule::catalog` and `checks` include, so that neither is a list kept by hand.

#![allow(clippy::disallowed_methods)] // it runs before there is a program

use std::env;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/checks");
    let rules = stems(&root.join("rules"), "yaml", "TEMPLATE")?;
    let checks = stems(&root.join("src/checks"), "rs", "mod")?;
    write(&out.join("rules.rs"), &catalog(&rules))?;
    write(&out.join("checks.rs"), &builtins(&checks))
}

/// Names without extension and paths of the files directly in a folder, sorted by name.
fn stems(dir: &Path, extension: &str, but: &str) -> io::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        if path.extension().is_some_and(|found| found == extension) && stem != but {
            found.push((stem, path));
        }
    }
    found.sort();
    Ok(found)
}

fn catalog(rules: &[(String, PathBuf)]) -> String {
    let mut text = String::from("const CATALOG: &[(&str, &str)] = &[\n");
    for (id, path) in rules {
        let _ = writeln!(text, "    ({id:?}, include_str!({:?})),", path.display().to_string());
    }
    text.push_str("];\n");
    text
}

fn builtins(checks: &[(String, PathBuf)]) -> String {
    let mut text = String::new();
    for (name, path) in checks {
        let _ = writeln!(text, "#[path = {:?}]\nmod {name};", path.display().to_string());
    }
    text.push_str("\n/// Names of all built-in checks.\npub const BUILTINS: &[&str] = &[\n");
    for (name, _) in checks {
        let _ = writeln!(text, "    {name:?},");
    }
    text.push_str("];\n\nfn builtin(name: &str) -> Option<&'static dyn Check> {\n    match name {\n");
    for (name, _) in checks {
        let _ = writeln!(text, "        {name:?} => Some(&{name}::Rule),");
    }
    text.push_str("        _ => None,\n    }\n}\n");
    text
}

/// Writes a file unless it says so already: what depends on it is not built again for nothing.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|found| found == text) {
        return Ok(());
    }
    fs::write(path, text)
}
