//! What a change can do to hide findings, and that it is seen.

use super::*;
use crate::repository::git;

fn gaps(report: &Value) -> Vec<String> {
    let list = report["gaps"].as_array().into_iter().flatten();
    list.map(|gap| format!("{}:{} {}", gap["path"].as_str().unwrap_or(""), gap["line"], gap["reason"])).collect()
}

#[test]
fn ignore_files_do_not_hide_what_git_tracks() {
    let dir = project(&[("a/template.yaml", TEMPLATE), ("a-b/other.yaml", "a: 1\n"), ("b.yaml", TEMPLATE)]);
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "-A"]);
    git(dir.path(), &["commit", "-qm", "a"]);
    write(dir.path(), ".gitignore", "a/\nb.yaml\nnew/\n");
    write(dir.path(), "new/template.yaml", TEMPLATE);
    write(dir.path(), "a/untracked.yaml", TEMPLATE);
    let found = report(dir.path(), &["--select", RULE]);
    assert_eq!(rules(&found), [RULE, RULE], "{found}");
    assert!(found.get("unread").is_none(), "{found}");
    // Also from a directory below, whose ignore files lie above it.
    write(dir.path(), ".gitignore", "untracked.yaml\ntemplate.yaml\n");
    assert_eq!(rules(&report(&dir.path().join("a"), &["--select", RULE])), [RULE]);
    // Other tools' ignore files hide what is tracked, and the summary says how much.
    fs::remove_file(dir.path().join(".gitignore")).expect("removes");
    fs::remove_dir_all(dir.path().join("new")).expect("removes");
    write(dir.path(), ".ignore", "a/\n");
    write(dir.path(), "faaslint.yaml", "exclude: [b.yaml]\n");
    write(dir.path(), "c.yaml", TEMPLATE);
    let found = report(dir.path(), &["--select", RULE]);
    assert_eq!(rules(&found), [RULE]);
    assert_eq!((&found["unread"]["ignored_files"], &found["unread"]["excluded"]), (&1.into(), &1.into()), "{found}");
    let said = said(&run(dir.path(), &["--no-cargo"]));
    assert!(
        said.contains("1 file that the config excludes") && said.contains("1 file hidden by ignore files"),
        "{said}"
    );
    assert_eq!(rules(&report(dir.path(), &["--select", RULE, "--no-config"])).len(), 2);
}

#[test]
fn without_a_repository_what_is_hidden_is_counted() {
    let dir = project(&[("a/template.yaml", TEMPLATE), ("b.yaml", TEMPLATE), ("c.yaml", TEMPLATE)]);
    write(dir.path(), ".gitignore", "a/\nb.yaml\n");
    let found = report(dir.path(), &["--select", RULE]);
    let unread = &found["unread"];
    assert_eq!(
        (rules(&found).len(), &unread["ignored_files"], &unread["ignored_directories"]),
        (1, &1.into(), &1.into())
    );
}

#[test]
fn ignore_files_that_are_no_files_are_not_read() {
    for (name, target) in [(".gitignore", "/dev/zero"), (".ignore", "/dev/zero"), (".gitignore", "pipe")] {
        let dir = project(&[("template.yaml", TEMPLATE)]);
        assert!(Command::new("mkfifo").arg(dir.path().join("pipe")).status().expect("mkfifo runs").success());
        link(dir.path(), name, target);
        let found = report(dir.path(), &["--select", RULE]);
        assert_eq!(rules(&found), [RULE]);
        assert!(gaps(&found).iter().any(|gap| gap.starts_with(name) && gap.contains("not followed")), "{found}");
    }
    let dir = project(&[("template.yaml", TEMPLATE), (".gitignore", &"a?[b-z]**/c\n".repeat(100_000))]);
    let found = report(dir.path(), &["--select", RULE]);
    assert!(rules(&found) == [RULE] && gaps(&found)[0].contains("are not read"), "{found}");
}

#[test]
fn each_edit_of_what_hides_findings_is_said() {
    let dir = project(&[
        ("template.yaml", TEMPLATE),
        ("faaslint.yaml", "severity: info\nbaseline: b.json\n"),
        ("b.json", "{\"version\": 1, \"findings\": []}"),
        ("Cargo.toml", "[workspace]\nmembers = []\n"),
    ]);
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "-A"]);
    git(dir.path(), &["commit", "-qm", "a"]);
    let since = ["--since", "HEAD", "--select", RULE];
    write(dir.path(), "new.yaml", TEMPLATE);
    let found = report(dir.path(), &since);
    assert_eq!((rules(&found), gaps(&found)), (vec![RULE], Vec::new()));
    let edits = [
        ("faaslint.yaml", format!("severity: info\nbaseline: b.json\nignore: [{RULE}]\n"), "edits"),
        (".ignore", "new.yaml\n".to_owned(), "adds"),
        ("sub/.ignore", "*\n".to_owned(), "adds"),
        ("b.json", "{\"version\": 1,  \"findings\": []}".to_owned(), "edits"),
        ("Cargo.toml", format!("[workspace]\n[workspace.metadata.faaslint]\nignore = [\"{RULE}\"]\n"), "edits"),
        ("new.yaml", TEMPLATE.replace("  A:", &format!("  A: # faaslint: allow({RULE}) fine")), "suppresses"),
    ];
    for (path, text, what) in edits {
        let before = fs::read_to_string(dir.path().join(path)).ok();
        let config = fs::read_to_string(dir.path().join("faaslint.yaml")).expect("reads");
        if path == "Cargo.toml" {
            fs::remove_file(dir.path().join("faaslint.yaml")).expect("removes");
        }
        write(dir.path(), path, &text);
        let found = report(dir.path(), &since);
        let gaps = gaps(&found);
        assert!(gaps.iter().any(|gap| gap.starts_with(path) && gap.contains(what)), "{path}: {gaps:?}");
        let said = said(&run(dir.path(), &[&["--no-cargo"][..], &since].concat()));
        assert!(said.contains(what), "{said}");
        write(dir.path(), "faaslint.yaml", &config);
        match before {
            Some(text) => write(dir.path(), path, &text),
            None => fs::remove_file(dir.path().join(path)).expect("removes"),
        }
    }
    write(dir.path(), "new.yaml", &TEMPLATE.replace("  A:", &format!("  A: # faaslint: allow({RULE}) fine")));
    assert_eq!(rules(&report(dir.path(), &since)), [""; 0]);
    assert_eq!(rules(&report(dir.path(), &[&since[..], &["--no-suppressions"]].concat())), [RULE]);
}
