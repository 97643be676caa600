//! Repositories inside the tree, and variables that lead git elsewhere.

use super::*;

pub(crate) fn git(dir: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"])
        .args(args)
        .current_dir(dir)
        .output()
        .expect("git runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A repository whose `services` has a finding that a change brought, and the commit before the change.
fn changed(dir: &Path) -> String {
    git(dir, &["init", "-q"]);
    write(dir, "services/template.yaml", &TEMPLATE.replace("CodeUri: .", "CodeUri: ., Timeout: 5"));
    git(dir, &["add", "-A"]);
    git(dir, &["commit", "-qm", "base"]);
    write(dir, "services/template.yaml", TEMPLATE);
    git(dir, &["add", "-A"]);
    git(dir, &["commit", "-qm", "change"]);
    git(dir, &["rev-parse", "HEAD~1"])
}

#[test]
fn a_repository_inside_the_tree_does_not_answer_for_the_one_around_it() {
    let dir = TempDir::new().expect("temporary directory");
    let (up, bare) = (dir.path().join("up"), dir.path().join("bare"));
    fs::create_dir(&up).expect("creates");
    let base = changed(&up);
    let since = ["services", "--select", RULE, "--since", &base];
    assert_eq!(rules(&report(&up, &since)), [RULE]);
    // A bare repository in the scanned directory, in which the base is what the change made of it.
    git(dir.path(), &["clone", "-q", "--bare", "up", "bare"]);
    let tree = git(&bare, &["rev-parse", "HEAD:services"]);
    let made = git(&bare, &["commit-tree", &tree, "-m", "x"]);
    git(&bare, &["update-ref", "refs/heads/main", &made]);
    git(&bare, &["replace", "-f", &base, &made]);
    for name in ["HEAD", "config", "objects", "refs", "packed-refs"] {
        let copied = Command::new("cp").arg("-r").arg(bare.join(name)).arg(up.join("services")).status();
        assert!(copied.expect("cp runs").success() || name == "packed-refs");
    }
    let output = run(&up, &[&["check", "--no-cargo"][..], &since].concat());
    let said = said(&output);
    let fails_closed = output.status.code() == Some(2) && said.contains("error: --since");
    assert!(fails_closed || said.contains(RULE), "{said}");
}

#[test]
fn replaced_objects_and_variables_do_not_change_what_is_compared_with() {
    let dir = TempDir::new().expect("temporary directory");
    let base = changed(dir.path());
    let head = git(dir.path(), &["rev-parse", "HEAD"]);
    git(dir.path(), &["replace", "-f", &base, &head]);
    let since = ["services", "--select", RULE, "--since", &base];
    assert_eq!(rules(&report(dir.path(), &since)), [RULE]);
    let empty = TempDir::new().expect("temporary directory");
    git(empty.path(), &["init", "-q"]);
    let elsewhere = empty.path().join(".git");
    for (name, value) in
        [("GIT_DIR", &*elsewhere), ("GIT_COMMON_DIR", &elsewhere), ("GIT_OBJECT_DIRECTORY", &elsewhere)]
    {
        let mut command = program();
        command.args(["--no-cargo"]).args(since).current_dir(dir.path()).env(name, value);
        let output = command.output().expect("the program runs");
        assert!(said(&output).contains(RULE), "{name}: {output:?}");
    }
}

#[test]
fn a_configuration_of_the_repository_runs_nothing() {
    let dir = TempDir::new().expect("temporary directory");
    let base = changed(dir.path());
    let mark = dir.path().join("RAN");
    let command = format!("touch {}", mark.display());
    for key in ["core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "diff.external", "alias.ls-tree"] {
        git(dir.path(), &["config", key, &command]);
    }
    git(dir.path(), &["config", "core.hooksPath", "hooks"]);
    write(dir.path(), "hooks/post-index-change", &format!("#!/bin/sh\n{command}\n"));
    let found = report(dir.path(), &["services", "--select", RULE, "--since", &base]);
    assert_eq!(rules(&found), [RULE]);
    assert!(!mark.exists());
}
