//! Finds what a contributor adds as a file: every `rules/<id>.yaml`, every file of `rules/data/{libraries,prices}` and
//! every `src/checks/<name>.rs`. Writes the tables that `rule::catalog`, `knowledge` and `checks` include, so that
//! none is a list kept by hand; and writes rules and data as JSON, because reading YAML was half of a small run.

#![allow(clippy::disallowed_methods)] // it runs before there is a program

use std::env;
use std::fmt::{Display, Write};
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::io;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed=Cargo.lock");
    println!("cargo::rustc-env=FAASLINT_BUILD={:016x}", build(&root)?);
    let rules = stems(&root.join("rules"), "yaml", "TEMPLATE")?;
    let checks = stems(&root.join("src/checks"), "rs", "mod")?;
    let libraries = stems(&root.join("rules/data/libraries"), "yaml", "")?;
    let prices = stems(&root.join("rules/data/prices"), "yaml", "")?;
    compile(&root.join("rules"), &out.join("rules"))?;
    write(&out.join("rules.rs"), &catalog(&rules, &out)?)?;
    let name = "/// The files of libraries that ship with the program, by name, as JSON.\npub const LIBRARIES";
    write(&out.join("libraries.rs"), &table(name, &libraries, &out.join("rules/data/libraries")))?;
    let name = "/// The files of prices, by name, as JSON.\nconst PRICE_FILES";
    write(&out.join("prices.rs"), &table(name, &prices, &out.join("rules/data/prices")))?;
    write(&out.join("checks.rs"), &builtins(&checks))
}

/// What tells this build from others: what runs keep for each other is of one build.
fn build(root: &Path) -> io::Result<u64> {
    fn add(path: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
        if path.is_dir() {
            let mut paths = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
            paths.sort();
            return paths.iter().try_for_each(|path| add(path, hasher));
        }
        hasher.write(path.as_os_str().as_encoded_bytes());
        hasher.write(&fs::read(path).unwrap_or_default());
        Ok(())
    }
    let mut hasher = DefaultHasher::new();
    for name in ["src", "rules", "Cargo.toml", "Cargo.lock"] {
        add(&root.join(name), &mut hasher)?;
    }
    Ok(hasher.finish())
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

/// Writes every YAML file below a folder as JSON, under the same name.
fn compile(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_owned();
        if path.is_dir() {
            compile(&path, &to.join(name))?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            let broken = |error: &dyn Display| io::Error::other(format!("{}: {error}", path.display()));
            let value: serde_yaml::Value =
                serde_yaml::from_str(&fs::read_to_string(&path)?).map_err(|error| broken(&error))?;
            let json = serde_json::to_string(&untagged(value)).map_err(|error| broken(&error))?;
            write(&to.join(name).with_extension("json"), &json)?;
        }
    }
    Ok(())
}

/// A value in which `!name` is the key of what it stands before: variants of enums, as JSON spells them.
fn untagged(value: serde_yaml::Value) -> serde_yaml::Value {
    use serde_yaml::Value;
    match value {
        Value::Tagged(tagged) => {
            let name = tagged.tag.to_string().trim_start_matches('!').to_owned();
            Value::Mapping([(Value::String(name), untagged(tagged.value))].into_iter().collect())
        }
        Value::Mapping(map) => Value::Mapping(map.into_iter().map(|(key, value)| (key, untagged(value))).collect()),
        Value::Sequence(items) => Value::Sequence(items.into_iter().map(untagged).collect()),
        other => other,
    }
}

/// A table of names with the JSON of their files.
fn table(name: &str, files: &[(String, PathBuf)], compiled: &Path) -> String {
    let mut text = format!("{name}: &[(&str, &str)] = &[\n");
    for (id, _) in files {
        let path = compiled.join(format!("{id}.json")).display().to_string();
        let _ = writeln!(text, "    ({id:?}, include_str!({path:?})),");
    }
    text.push_str("];\n");
    text
}

/// A table of the rules: what each says, and its examples apart, which a run that checks something does not read.
fn catalog(rules: &[(String, PathBuf)], out: &Path) -> io::Result<String> {
    let (said, shown) = (out.join("said"), out.join("shown"));
    fs::create_dir_all(&said)?;
    fs::create_dir_all(&shown)?;
    let mut text = "const CATALOG: &[(&str, &str, &str)] = &[\n".to_owned();
    for (id, _) in rules {
        let json = fs::read_to_string(out.join("rules").join(format!("{id}.json")))?;
        let mut rule: serde_json::Value = serde_json::from_str(&json)?;
        let examples = rule.as_object_mut().and_then(|rule| rule.remove("examples")).unwrap_or_default();
        let (said, shown) = (said.join(format!("{id}.json")), shown.join(format!("{id}.json")));
        write(&said, &rule.to_string())?;
        write(&shown, &if examples.is_null() { String::new() } else { examples.to_string() })?;
        let (said, shown) = (said.display().to_string(), shown.display().to_string());
        let _ = writeln!(text, "    ({id:?}, include_str!({said:?}), include_str!({shown:?})),");
    }
    text.push_str("];\n");
    Ok(text)
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
