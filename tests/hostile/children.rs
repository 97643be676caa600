//! What a checkout can do to the programs that are run: which ones, with what, for how long.

use super::*;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

const MAIN: &str = "use lambda_runtime::{LambdaEvent, run, service_fn};\n#[tokio::main]\n\
                    async fn main() { run(service_fn(h)).await }\n\
                    async fn h(_: LambdaEvent<()>) -> Result<(), ()> { Ok(()) }\n";
const MANIFEST: &str = "[package]\nname = \"f\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n";
const LOCK: &str = "version = 3\n[[package]]\nname = \"f\"\nversion = \"0.1.0\"\n";

/// A crate with a function of its own, which cargo can resolve.
fn function() -> TempDir {
    project(&[("Cargo.toml", MANIFEST), ("Cargo.lock", LOCK), ("src/main.rs", MAIN), ("template.yaml", TEMPLATE)])
}

/// Runs with cargo, and says how long it took.
fn timed(dir: &Path, change: impl FnOnce(&mut Command)) -> (String, Duration) {
    let mut command = program();
    command.args(["check", "--audience", "auditor"]).current_dir(dir);
    change(&mut command);
    let started = Instant::now();
    let output = command.output().expect("the program runs");
    (said(&output), started.elapsed())
}

/// A program that leaves a mark when it is run.
fn planted(dir: &Path, path: &str, mark: &Path) {
    write(dir, path, &format!("#!/bin/sh\ntouch {}\n", mark.display()));
    fs::set_permissions(dir.join(path), fs::Permissions::from_mode(0o755)).expect("sets");
}

#[test]
fn cargo_reads_no_link_no_device_and_no_disk() {
    type Change<'c> = &'c dyn Fn(&Path);
    let changes: [(&str, Change<'_>); 6] = [
        ("Cargo.lock", &|dir| {
            fs::remove_file(dir.join("Cargo.lock")).expect("removes");
            link(dir, "Cargo.lock", "/dev/zero");
        }),
        ("evil/Cargo.toml", &|dir| {
            write(dir, "Cargo.toml", &format!("{MANIFEST}members = [\"evil\"]\n"));
            link(dir, "evil/Cargo.toml", "/dev/zero");
        }),
        ("evil/Cargo.toml", &|dir| {
            write(dir, "Cargo.toml", &format!("{MANIFEST}[dependencies]\nevil = {{path = \"evil\"}}\n"));
            link(dir, "evil/Cargo.toml", "/dev/zero");
        }),
        ("/**/*/**/*/**/x", &|dir| {
            write(dir, "Cargo.toml", &format!("{MANIFEST}members = [\"/**/*/**/*/**/x\"]\n"));
        }),
        ("link", &|dir| {
            write(dir, "Cargo.toml", &format!("{MANIFEST}members = [\"*/*/*/*/*/x\"]\n"));
            link(dir, "link", "/");
        }),
        ("link", &|dir| {
            write(dir, "Cargo.toml", &format!("{MANIFEST}members = [\"**/x\"]\n"));
            link(dir, "link", "/");
        }),
    ];
    for (name, change) in changes {
        let dir = function();
        change(dir.path());
        let (said, took) = timed(dir.path(), |_| {});
        assert!(took < Duration::from_secs(10), "{name}: {took:?}");
        // Without a lock file that can be read there is nothing to ask cargo about.
        assert!(name == "Cargo.lock" || (said.contains("could not resolve") && said.contains(name)), "{said}");
        assert!(said.contains(RULE), "{said}");
    }
}

#[test]
fn the_environment_leads_cargo_and_git_nowhere_in_the_tree() {
    let dir = function();
    let marks = TempDir::new().expect("temporary directory");
    let mark = marks.path().join("RAN");
    for name in ["cargo", "git", "rustc", "sh", "bin/cargo", "bin/git", "bin/rustc", "evil/bin/cargo", "evil/bin/rustc"]
    {
        planted(dir.path(), name, &mark);
    }
    let rustc = dir.path().join("rustc");
    let config =
        format!("[build]\nrustc = {rustc:?}\nrustc-wrapper = {rustc:?}\nrustflags = [\"--print=sysroot=x\"]\n");
    write(dir.path(), ".cargo/config.toml", &config);
    write(dir.path(), "rust-toolchain.toml", &format!("[toolchain]\npath = {:?}\n", dir.path().join("evil")));
    fs::create_dir(dir.path().join("tmp")).expect("creates");
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!(".:bin:{}:{path}", dir.path().join("bin").display());
    let git = |args: &[&str]| repository::git(dir.path(), args);
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "a"]);
    write(dir.path(), "new.yaml", TEMPLATE);
    let (said, _) = timed(dir.path(), |command| {
        command.env("PATH", path).env("TMPDIR", dir.path().join("tmp")).args(["--since", "HEAD"]);
        command.env("RUSTUP_TOOLCHAIN", dir.path().join("evil")).env("CARGO", rustc);
    });
    assert!(said.contains(RULE), "{said}");
    assert!(!mark.exists() && fs::read_dir(dir.path().join("tmp")).expect("lists").next().is_none());
    // The same with the manifest changed, so that cargo is asked.
    let (said, _) = timed(dir.path(), |command| {
        command.env("TMPDIR", dir.path().join("tmp"));
    });
    assert!(!said.contains("could not resolve") && !mark.exists(), "{said}");
}

#[test]
fn where_crates_are_missing_the_gap_says_what_to_run() {
    let dir = function();
    let home = TempDir::new().expect("temporary directory");
    write(dir.path(), "Cargo.toml", &format!("{MANIFEST}[dependencies]\nitoa = \"1\"\n"));
    let lock = "version = 3\n[[package]]\nname = \"f\"\nversion = \"0.1.0\"\ndependencies = [\"itoa\"]\n[[package]]\n\
                name = \"itoa\"\nversion = \"1.0.0\"\n\
                source = \"registry+https://github.com/rust-lang/crates.io-index\"\n\
                checksum = \"1aab8fc367588b89dcee83ab0fd66b72b50b72fa1904d7095045ace2b0c81c35\"\n";
    write(dir.path(), "Cargo.lock", lock);
    let (said, _) = timed(dir.path(), |command| {
        command.env("CARGO_HOME", home.path());
    });
    assert!(said.contains("cargo fetch --locked") && !said.contains("itoa v1"), "{said}");
}
