//! Writes the corpus that fuzzing starts from: the files of the rules' examples and of the fixtures, by target.

use faaslint::rule;
use faaslint_fuzz::TARGETS;
use std::fs;
use std::path::{Path, PathBuf};

fn main() -> std::io::Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts: Vec<(String, Vec<u8>)> = Vec::new();
    for rule in rule::embedded() {
        for example in rule.examples.bad.iter().chain(&rule.examples.good) {
            texts.extend(example.files.iter().map(|(path, text)| (path.clone(), text.clone().into_bytes())));
        }
    }
    let mut left = vec![here.join("../fixtures")];
    while let Some(dir) = left.pop() {
        for entry in fs::read_dir(dir)?.flatten() {
            let path = entry.path();
            match entry.file_type()? {
                kind if kind.is_dir() && entry.file_name() != "target" => left.push(path),
                kind if kind.is_file() => texts.push((path.display().to_string(), fs::read(&path)?)),
                _ => {}
            }
        }
    }
    for (at, (path, text)) in texts.iter().enumerate() {
        let path = PathBuf::from(path);
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        for (target, file, _) in TARGETS {
            let wanted = Path::new(file).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            let alike = |a: &str| if a == "yml" { "yaml".to_owned() } else { a.to_owned() };
            if alike(extension) == alike(wanted) {
                let dir = here.join("corpus").join(target);
                fs::create_dir_all(&dir)?;
                fs::write(dir.join(format!("seed-{at}")), text)?;
            }
        }
    }
    Ok(())
}
