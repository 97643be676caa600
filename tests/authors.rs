//! `rules new` and `rules test`, as somebody who writes a rule meets them.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use faaslint::{checks, rule};
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// Exit code, what is printed, what is complained of.
fn run(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-faaslint"));
    let output = command.args(args).current_dir(dir).env_remove("CARGO").output().expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().expect("an exit code"), text(&output.stdout), text(&output.stderr))
}

fn change(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).expect("reads");
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replace(from, to)).expect("writes");
}

#[test]
fn a_new_rule_works_as_it_stands_and_its_examples_judge_it() {
    let dir = TempDir::new().expect("a directory");
    let (code, said, _) = run(dir.path(), &["rules", "new", "too-much-memory"]);
    assert_eq!(code, 0);
    assert!(said.contains("wrote") && said.contains("rules test ."), "{said}");
    let path = dir.path().join("too-much-memory.yaml");
    let (code, said, _) = run(dir.path(), &["rules", "test", "."]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("ok      too-much-memory::bad::more than agreed"), "{said}");
    assert!(said.ends_with("2 examples of 1 rule: 2 ok, 0 failed\n"), "{said}");

    change(&path, "default: 3008", "default: 4097");
    let (code, said, _) = run(dir.path(), &["rules", "test", "."]);
    assert_eq!(code, 1);
    assert!(said.contains("FAILED  too-much-memory::bad::more than agreed"), "{said}");
    assert!(said.contains("marked, but not found: template.yaml:10"), "{said}");
    assert!(said.ends_with("1 ok, 1 failed\n"), "{said}");

    change(&path, "default: 4097", "default: 64");
    let (code, said, _) = run(dir.path(), &["rules", "test", "."]);
    assert_eq!(code, 1);
    assert!(said.contains("FAILED  too-much-memory::good::"), "{said}");
    assert!(
        said.contains("not marked, but found: template.yaml:3: too-much-memory: `Orders` may use 128 MB"),
        "{said}"
    );

    change(&path, " #~ here", "");
    let (_, said, _) = run(dir.path(), &["rules", "test", "."]);
    assert!(said.contains("it marks no line"), "{said}");

    change(&path, "at-least: $megabytes", "at-least: $kilobytes");
    let (code, _, errors) = run(dir.path(), &["rules", "test", "."]);
    assert_eq!(code, 2);
    assert!(errors.contains("too-much-memory.yaml:25:43: the rule has no parameter `$kilobytes`"), "{errors}");
}

#[test]
fn nothing_is_overwritten_and_ids_are_checked() {
    let dir = TempDir::new().expect("a directory");
    fs::write(dir.path().join("my-rule.yaml"), "mine").expect("writes");
    let (code, _, errors) = run(dir.path(), &["rules", "new", "my-rule"]);
    assert_eq!(code, 2, "{errors}");
    assert_eq!(fs::read_to_string(dir.path().join("my-rule.yaml")).expect("reads"), "mine");
    for (id, reason) in [
        ("My_Rule", "is no id of a rule"),
        ("a--b", "is no id of a rule"),
        ("../a", "is no id of a rule"),
        ("heavy-dependency", "there is a rule `heavy-dependency` already"),
    ] {
        let (code, _, errors) = run(dir.path(), &["rules", "new", id]);
        assert_eq!(code, 2, "{id}");
        assert!(errors.contains(reason), "{errors}");
    }
    let (code, _, errors) = run(dir.path(), &["rules", "new", "with-code", "--builtin"]);
    assert_eq!(code, 2);
    assert!(errors.contains("checkout"), "{errors}");
}

#[test]
fn the_folder_of_the_config_is_where_rules_go_and_are_tested() {
    let dir = TempDir::new().expect("a directory");
    fs::write(dir.path().join("faaslint.yaml"), "rules: [./lint-rules]\n").expect("writes");
    let (code, _, errors) = run(dir.path(), &["rules", "test"]);
    assert_eq!(code, 2);
    assert!(errors.contains("no rule file in `lint-rules`; `cargo faaslint rules new ID`"), "{errors}");
    assert_eq!(run(dir.path(), &["rules", "new", "first-rule"]).0, 0);
    let path = dir.path().join("lint-rules/first-rule.yaml");
    assert!(path.exists());
    let (code, said, _) = run(dir.path(), &["rules", "test"]);
    assert_eq!(code, 0, "{said}");
    let text = fs::read_to_string(&path).expect("reads");
    fs::write(&path, text.split_once("examples:").expect("examples").0).expect("writes");
    let (code, said, _) = run(dir.path(), &["rules", "test"]);
    assert_eq!(code, 0);
    assert!(said.starts_with("none    first-rule: it has no examples"), "{said}");
}

#[test]
fn a_config_cannot_send_a_new_rule_elsewhere() {
    let dir = TempDir::new().expect("a directory");
    let inner = dir.path().join("checkout");
    fs::create_dir(&inner).expect("creates");
    fs::write(inner.join("faaslint.yaml"), "rules: [../outside]\n").expect("writes");
    let (code, _, errors) = run(&inner, &["rules", "new", "my-rule"]);
    assert_eq!(code, 2);
    assert!(errors.contains("`../outside` lies outside the scanned directory"), "{errors}");
    assert!(!dir.path().join("outside").exists());
}

#[test]
fn in_a_checkout_of_faaslint_a_check_comes_with_the_rule() {
    let dir = TempDir::new().expect("a directory");
    fs::create_dir_all(dir.path().join("src/checks")).expect("creates");
    fs::create_dir(dir.path().join("rules")).expect("creates");
    fs::write(dir.path().join("src/checks/mod.rs"), "").expect("writes");
    fs::write(dir.path().join("rules/TEMPLATE.yaml"), "").expect("writes");
    let (code, said, errors) = run(dir.path(), &["rules", "new", "with-code", "--builtin"]);
    assert_eq!(code, 0, "{errors}");
    assert!(said.contains("cargo test with-code"), "{said}");
    let text = fs::read_to_string(dir.path().join("rules/with-code.yaml")).expect("reads");
    let spec = rule::parse("with-code", &text).expect("a rule");
    assert_eq!(spec.builtin.as_deref(), Some("with_code"));
    let check = fs::read_to_string(dir.path().join("src/checks/with_code.rs")).expect("reads");
    assert!(check.contains("impl Check for Rule"), "{check}");
    let errors = checks::read("with-code", &text).expect_err("the build has not seen it yet");
    assert!(errors.len() == 1 && errors[0].reason.contains("no built-in check `with_code`"), "{errors:?}");
    assert_eq!(run(dir.path(), &["rules", "new", "declarative-one"]).0, 0);
    assert!(dir.path().join("rules/declarative-one.yaml").exists());
}

#[test]
fn our_own_rules_are_tested_by_the_same_command() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let dir = TempDir::new().expect("a directory");
    for name in ["queue-without-dead-letter-queue.yaml", "TEMPLATE.yaml"] {
        fs::copy(root.join("rules").join(name), dir.path().join(name)).expect("copies");
    }
    fs::create_dir(dir.path().join("data")).expect("creates");
    fs::write(dir.path().join("data/facts.yaml"), "no: rule\n").expect("writes");
    let (code, said, errors) = run(dir.path(), &["rules", "test", "."]);
    assert_eq!(code, 0, "{said}{errors}");
    assert!(said.contains("queue-without-dead-letter-queue::good::only written to"), "{said}");
}
