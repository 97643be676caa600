//! Paths that configs name.

use super::*;

const TERRAFORM: &str = "variable \"key\" {}\nresource \"aws_lambda_function\" \"a\" {\n  function_name = \"a\"\n  \
                         runtime = var.key\n  handler = \"x\"\n  role = \"r\"\n}\n";

#[test]
fn a_config_of_the_tree_names_nothing_outside_it() {
    let dir = project(&[
        ("outside.env", "key = \"hunter2\"\n"),
        ("outside.json", "\"hunter2\""),
        ("tree/main.tf", TERRAFORM),
        ("tree/template.yaml", TEMPLATE),
    ]);
    let absolute = dir.path().join("outside.env");
    for config in [
        "var_files: [../outside.env]".to_owned(),
        format!("var_files:\n  - {}", absolute.display()),
        "baseline: ../outside.json".to_owned(),
        "plan: ../outside.json".to_owned(),
        "rules: [..]".to_owned(),
        "libraries: [../x]".to_owned(),
    ] {
        write(dir.path(), "tree/faaslint.yaml", &format!("severity: info\n{config}\n"));
        for command in ["check", "model"] {
            let output = run(dir.path(), &[command, "tree", "--no-cargo"]);
            let said = said(&output);
            assert_eq!(output.status.code(), Some(2), "{config}: {said}");
            assert!(said.contains("lies outside the scanned directory") && said.contains("faaslint.yaml:"), "{said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
}

#[test]
fn links_devices_and_pipes_of_a_config_are_not_read() {
    let dir = project(&[
        ("outside.env", "key = \"hunter2\"\n"),
        ("tree/main.tf", TERRAFORM),
        ("tree/template.yaml", TEMPLATE),
    ]);
    let tree = dir.path().join("tree");
    link(&tree, "linked.tfvars", "../outside.env");
    link(&tree, "zero.tfvars", "/dev/zero");
    link(&tree, "zero.json", "/dev/zero");
    link(&tree, "dir", "..");
    assert!(Command::new("mkfifo").arg(tree.join("pipe")).status().expect("mkfifo runs").success());
    for name in ["linked.tfvars", "zero.tfvars", "dir/outside.env", "pipe"] {
        write(&tree, "faaslint.yaml", &format!("var_files: [{name}]\n"));
        let output = run(dir.path(), &["check", "tree", "--no-cargo"]);
        let said = said(&output);
        assert!(!said.contains("hunter2") && said.contains(name) && said.contains(RULE), "{said}");
    }
    for (key, name) in [("baseline", "zero.json"), ("baseline", "pipe"), ("plan", "zero.json"), ("plan", "pipe")] {
        write(&tree, "faaslint.yaml", &format!("{key}: {name}\n"));
        let said = said(&run(dir.path(), &["check", "tree", "--no-cargo"]));
        assert!(said.contains(name) && said.contains("cannot be read"), "{said}");
    }
    // The command line names a file of the tree: it could have become a link.
    fs::remove_file(tree.join("faaslint.yaml")).expect("removes");
    link(&tree, "own.yaml", dir.path().join("outside.env"));
    let said = said(&run(&tree, &["--config", "own.yaml"]));
    assert!(said.contains("not followed") && !said.contains("hunter2"), "{said}");
}

#[test]
fn what_a_parser_says_does_not_quote_a_baseline() {
    let dir = project(&[
        ("template.yaml", TEMPLATE),
        ("b.json", "{\"version\": \"hunter2\"}"),
        ("faaslint.yaml", "baseline: b.json\n"),
    ]);
    let said = said(&run(dir.path(), &[]));
    assert!(said.contains("is no baseline") && !said.contains("hunter2"), "{said}");
}
