//! A report is printed again only if nothing it depends on has changed.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xxhash_rust::xxh3::xxh3_64;

const TEMPLATE: &str = "Resources:\n  Orders:\n    Type: AWS::Lambda::Function\n    Properties:\n      Runtime: \
                        provided.al2023\n      Handler: bootstrap\n      Code: src\n";

/// A project and a cache of its own.
struct Place {
    _dir: tempfile::TempDir,
    root: PathBuf,
    cache: PathBuf,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let (root, cache) = (dir.path().join("project"), dir.path().join("cache"));
        fs::create_dir_all(root.join("sub")).expect("made");
        fs::write(root.join("template.yaml"), TEMPLATE).expect("written");
        Self { _dir: dir, root, cache }
    }

    fn run(&self, more: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_cargo-faaslint"))
            .args(["check", "--format", "json", "--no-cargo"])
            .arg(&self.root)
            .args(more)
            .env("XDG_CACHE_HOME", &self.cache)
            .env("HOME", &self.cache)
            .env("LOCALAPPDATA", &self.cache)
            .output()
            .expect("runs");
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    /// The report of now, which is what a run without a cache prints.
    fn check(&self) -> String {
        let report = self.run(&[]);
        assert_eq!(report, self.run(&["--no-cache"]));
        report
    }

    fn entries(&self) -> Vec<PathBuf> {
        fn below(dir: &Path, into: &mut Vec<PathBuf>) {
            for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() { below(&path, into) } else { into.push(path) }
            }
        }
        let mut all = Vec::new();
        below(&self.cache, &mut all);
        all
    }

    /// Makes the kept report say something else, and whole.
    fn plant(&self) {
        let entries = self.entries();
        let [entry] = entries.as_slice() else { panic!("{entries:?}") };
        let mut bytes = fs::read(entry).expect("readable");
        let at = memchr::memmem::find(&bytes, b"Orders").expect("the report");
        bytes[at..at + 6].copy_from_slice(b"Orders".map(|byte| byte.to_ascii_uppercase()).as_slice());
        let sum = xxh3_64(&bytes[16..]).to_le_bytes();
        bytes[8..16].copy_from_slice(&sum);
        fs::write(entry, bytes).expect("written");
    }
}

#[test]
fn a_report_is_kept_and_used_while_nothing_changes() {
    let place = Place::new();
    let first = place.run(&[]);
    place.plant();
    let second = place.run(&[]);
    assert!(second.contains("ORDERS") && first.contains("Orders") && first.len() == second.len());
    assert!(!place.run(&["--no-cache"]).contains("ORDERS"));
    // Other arguments are another run.
    assert!(!place.run(&["--quiet"]).contains("ORDERS"));
}

#[test]
fn every_change_is_seen() {
    let place = Place::new();
    let template = place.root.join("template.yaml");
    let first = place.check();
    // Of the same length, with the old time.
    let modified = fs::metadata(&template).and_then(|meta| meta.modified()).expect("a time");
    fs::write(&template, TEMPLATE.replace("Orders", "Ordres")).expect("written");
    fs::File::options().write(true).open(&template).and_then(|file| file.set_modified(modified)).expect("set");
    let second = place.check();
    assert!(second != first && second.contains("Ordres"));
    fs::write(place.root.join("sub/more.yaml"), TEMPLATE).expect("written");
    let third = place.check();
    assert!(third.contains("sub/more.yaml"));
    fs::write(place.root.join("sub/.gitignore"), "more.yaml\n").expect("written");
    let fourth = place.check();
    assert!(!fourth.contains("sub/more.yaml"));
    fs::write(place.root.join("sub/.gitignore"), "less.yaml\n").expect("written");
    assert_eq!(place.check(), third);
    fs::write(place.root.join("faaslint.yaml"), "ignore: [function-timeout-not-configured]\n").expect("written");
    assert_ne!(place.check(), third);
    fs::remove_file(place.root.join("faaslint.yaml")).expect("removed");
    fs::remove_file(place.root.join("sub/more.yaml")).expect("removed");
    assert_eq!(place.check(), second);
    fs::remove_file(&template).expect("removed");
    fs::write(&template, TEMPLATE).expect("written");
    assert_eq!(place.check(), first);
}

#[test]
fn damaged_entries_and_runs_beside_each_other_change_nothing() {
    let place = Place::new();
    let first = place.run(&[]);
    for entry in place.entries() {
        let bytes = fs::read(&entry).expect("readable");
        fs::write(&entry, &bytes[..bytes.len() / 2]).expect("written");
    }
    assert_eq!(place.run(&[]), first);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(place.run(&[]), first));
        }
    });
}

#[test]
fn without_a_cache_nothing_is_written() {
    let place = Place::new();
    place.run(&["--no-cache"]);
    assert!(place.entries().is_empty());
}
