//! Where a run looks, which config applies where, and what is shown of it.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const WORKSPACE: &str = "[workspace]\nmembers = [\"api\", \"worker\"]\nresolver = \"2\"\n";
const TEMPLATE: &str = "Transform: AWS::Serverless-2016-10-31\nResources:\n";

fn function(name: &str, package: &str) -> String {
    format!(
        "  {name}:\n    Type: AWS::Serverless::Function\n    Metadata: {{BuildMethod: rust-cargolambda}}\n    \
         Properties:\n      Runtime: provided.al2023\n      Handler: bootstrap\n      CodeUri: ../services/{package}\n"
    )
}

fn manifest(package: &str) -> String {
    format!(
        "[package]\nname = \"{package}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\nlambda_runtime = \
         \"1\"\ntokio = {{ version = \"1\", features = [\"macros\"] }}\n"
    )
}

const HANDLER: &str = "use lambda_runtime::{run, service_fn, Error, LambdaEvent};
#[tokio::main]
async fn main() -> Result<(), Error> {
    run(service_fn(handler)).await
}
async fn handler(_: LambdaEvent<serde_json::Value>) -> Result<(), Error> {
    std::env::var(\"TABLE\")?;
    Ok(())
}
";

/// A repository whose deployment lies beside its workspace.
fn repository(more: &[(&str, &str)]) -> TempDir {
    let template = format!("{TEMPLATE}{}{}", function("Api", "api"), function("Worker", "worker"));
    let (api, worker) = (manifest("api"), manifest("worker"));
    let files = [
        (".git/HEAD", "ref: refs/heads/main\n"),
        ("services/Cargo.toml", WORKSPACE),
        ("services/api/Cargo.toml", &api),
        ("services/api/src/main.rs", HANDLER),
        ("services/worker/Cargo.toml", &worker),
        ("services/worker/src/main.rs", HANDLER),
        ("deploy/template.yaml", &template),
    ];
    let dir = TempDir::new().expect("temporary directory");
    for (path, text) in files.iter().chain(more) {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().expect("parent")).expect("creates");
        fs::write(path, text).expect("writes");
    }
    dir
}

fn run(dir: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-faaslint"));
    command.args(args).arg("--no-cargo").current_dir(dir).env_remove("CARGO").output().expect("the program runs")
}

/// Places and rules of what is found, as `concise` has them.
fn found(dir: &Path, args: &[&str]) -> Vec<String> {
    let output = run(dir, &[&["--format", "concise"], args].concat());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let place = |line: &str| Some(format!("{} {}", line.split(':').next()?, line.split(['[', ']']).nth(1)?));
    text.lines().filter_map(place).collect()
}

#[test]
fn a_file_or_a_member_is_judged_with_its_deployment() {
    let dir = repository(&[]);
    let rule = ["--select", "undefined-env-var"];
    let whole = found(dir.path(), &rule);
    let (api, worker) = ("services/api/src/main.rs undefined-env-var", "services/worker/src/main.rs undefined-env-var");
    assert_eq!(whole, [api, worker]);
    for path in ["services/api/src/main.rs", "services/api"] {
        assert_eq!(found(dir.path(), &[&rule[..], &[path]].concat()), [api], "{path}");
    }
    // Paths are those one can open from where one stands.
    assert_eq!(found(&dir.path().join("services/api"), &rule), ["src/main.rs undefined-env-var"]);
    let both = found(&dir.path().join("deploy"), &rule);
    assert_eq!(both, [format!("../{api}"), format!("../{worker}")], "the template is the other end of both");
    let output = run(&dir.path().join("services/api"), &["--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(report["silenced"]["elsewhere"].as_u64().is_some_and(|count| count > 0), "{}", report["silenced"]);
}

#[test]
fn the_config_is_looked_for_up_to_the_top_and_nested_ones_apply_to_their_folders() {
    let top = ("faaslint.yaml", "ignore: [function-timeout-not-configured]\n");
    let nested = (
        "services/worker/faaslint.yaml",
        "overrides:\n  undefined-env-var: {severity: info}\nallow:\n- {rules: [heavy-dependency], reason: measured}\n\
         stage: production\n",
    );
    let dir = repository(&[top, nested]);
    let output = run(&dir.path().join("services/api"), &["--format", "json"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!text.contains("function-timeout-not-configured"), "{text}");
    let report: Value = serde_json::from_slice(&run(dir.path(), &["--format", "json"]).stdout).expect("JSON");
    let severity = |path: &str| {
        let findings = report["findings"].as_array().expect("findings").iter();
        let mut here =
            findings.filter(|finding| finding["primary"]["path"] == path && finding["rule"] == "undefined-env-var");
        here.next().map(|finding| finding["severity"].clone())
    };
    assert_eq!(severity("services/api/src/main.rs"), Some("error".into()));
    assert_eq!(severity("services/worker/src/main.rs"), Some("info".into()));
    let gap = report["gaps"].as_array().expect("gaps").iter().find(|gap| gap["path"] == nested.0).expect("a gap");
    assert!(gap["reason"].as_str().is_some_and(|reason| reason.contains("`stage`")), "{gap}");
    let silent = repository(&[("services/worker/faaslint.yaml", "ignore: [undefined-env-var]\n")]);
    assert_eq!(found(silent.path(), &["--select", "undefined-env-var"]).len(), 1);
    let wrong = repository(&[("services/worker/faaslint.yaml", "ignore: [undefined-env-vars]\n")]);
    let output = run(wrong.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("services/worker/faaslint.yaml:1:10") && said.contains("did you mean"), "{said}");
}

#[test]
fn parameters_of_a_nested_config_hold_in_its_folder() {
    let second = "services/worker/faaslint.yaml";
    let params = |number: u32| {
        format!(
            "overrides: {{unused-suppression: {{}}, function-timeout-at-platform-maximum: \
                                        {{params: {{allowed_s: {number}}}}}}}\n"
        )
    };
    let wrong = repository(&[(second, &params(1))]);
    let output = run(wrong.path(), &[]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(2) && said.contains("allowed_s"), "an unknown parameter is an error: {said}");
}

#[test]
fn what_cannot_be_parsed_is_not_an_application_without_findings() {
    for (file, text) in [("main.tf", "resource \"aws_lambda_function\" \"f\" {\n"), ("template.yaml", "Resources: [\n")]
    {
        let dir = TempDir::new().expect("temporary directory");
        fs::write(dir.path().join(file), text).expect("writes");
        let output = run(dir.path(), &[]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{file}: {said}");
        assert!(said.contains("nothing to analyse"), "{file}: {said}");
    }
}
