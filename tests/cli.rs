//! The program from outside: exit codes, formats, configs, hostile input.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const TEMPLATE: &str = "Transform: AWS::Serverless-2016-10-31\n\
                        Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    \
                        Properties: {Runtime: provided.al2023, Handler: bootstrap, CodeUri: .}\n";

fn project(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().expect("temporary directory");
    for (path, text) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().expect("parent")).expect("creates");
        fs::write(path, text).expect("writes");
    }
    dir
}

fn run(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cargo-faaslint"))
        .args(args)
        .current_dir(dir)
        .env_remove("NO_COLOR")
        .env_remove("CARGO")
        .output()
        .expect("the program runs")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn exit_codes_follow_the_contract() {
    let dir = project(&[("template.yaml", TEMPLATE)]);
    assert_eq!(run(dir.path(), &[]).status.code(), Some(1));
    assert_eq!(run(dir.path(), &["--ignore", "function-timeout-not-configured"]).status.code(), Some(0));
    let missing = run(dir.path(), &["check", "no/such/path"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(errors(&missing).contains("no/such/path"), "{}", errors(&missing));
    assert_eq!(run(dir.path(), &["--no-such-flag"]).status.code(), Some(2));
    let empty = project(&[("readme.txt", "nothing here")]);
    let nothing = run(empty.path(), &[]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(errors(&nothing).contains("nothing to analyse"));
    assert_eq!(run(dir.path(), &["--help"]).status.code(), Some(0));
}

#[test]
fn it_runs_as_a_cargo_subcommand() {
    let dir = project(&[("template.yaml", TEMPLATE)]);
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-faaslint"))
        .args(["faaslint", "--format", "concise"])
        .current_dir(dir.path())
        .env("CARGO", "cargo")
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).starts_with("template.yaml:3:3: warning[function-timeout-not-configured]"));
}

#[test]
fn strict_turns_gaps_into_a_failure() {
    let dir = project(&[
        ("template.yaml", "Resources:\n  Q: {Type: AWS::SQS::Queue}\n"),
        ("broken.yaml", "Resources:\n  Q: {Type: AWS::SQS::Queue\n"),
    ]);
    assert_eq!(run(dir.path(), &[]).status.code(), Some(0));
    assert_eq!(run(dir.path(), &["--strict"]).status.code(), Some(1));
}

#[test]
fn a_severity_below_the_threshold_does_not_fail_and_is_counted() {
    let dir = project(&[("template.yaml", TEMPLATE)]);
    let output = run(dir.path(), &["--severity", "error", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    let report: serde_json::Value = serde_json::from_str(&text(&output)).expect("JSON");
    assert_eq!(report["silenced"]["severity"], 1);
    assert_eq!(report["findings"], serde_json::json!([]));
}

#[test]
fn json_version_one_has_the_promised_shape() {
    let dir = project(&[("template.yaml", TEMPLATE)]);
    let report: serde_json::Value = serde_json::from_str(&text(&run(dir.path(), &["--format", "json"]))).expect("JSON");
    assert_eq!(report["version"], 1);
    assert_eq!(report["tool"]["name"], "faaslint");
    let finding = &report["findings"][0];
    for key in [
        "rule",
        "category",
        "severity",
        "confidence",
        "audience",
        "message",
        "function",
        "primary",
        "related",
        "trail",
        "fixes",
    ] {
        assert!(!finding[key].is_null(), "`{key}` is missing: {finding}");
    }
    assert_eq!(finding["primary"]["path"], "template.yaml");
    assert_eq!((&finding["primary"]["line"], &finding["primary"]["column"]), (&3.into(), &3.into()));
    assert_eq!((&finding["primary"]["end_line"], &finding["primary"]["end_column"]), (&3.into(), &5.into()));
    assert_eq!(report["units"][0]["declared"]["line"], 3);
    for key in ["files", "functions", "binaries", "rules"] {
        assert!(report["summary"][key].is_u64(), "`{key}`");
    }
    for key in ["suppressed", "baseline", "severity", "audience"] {
        assert!(report["silenced"][key].is_u64(), "`{key}`");
    }
}

#[test]
fn github_annotations_name_file_and_line() {
    let dir = project(&[("infra/template.yaml", TEMPLATE)]);
    let output = text(&run(dir.path(), &["infra", "--format", "github"]));
    let line = output.lines().next().expect("a line");
    let wanted = "::warning file=infra/template.yaml,line=3,endLine=3,col=3,endColumn=5,\
                  title=function-timeout-not-configured::";
    assert!(line.starts_with(wanted), "{line}");
}

#[test]
fn human_output_shows_the_source_and_neutralises_hostile_bytes() {
    let main = "use lambda_runtime::{run, service_fn, LambdaEvent};\n#[tokio::main]\n\
                async fn main() { run(service_fn(h)).await }\n\
                async fn h(_: LambdaEvent<()>) -> Result<(), ()> {\n    \
                reqwest::get(\"https://\u{1b}[31m\u{9b}\u{202e}red\u{7}\").await; Ok(())\n}\n";
    let manifest =
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\nlambda_runtime = \"1\"\nreqwest = \"0.12\"\n";
    let dir = project(&[("Cargo.toml", manifest), ("src/main.rs", main)]);
    let select = ["--select", "remote-call-without-timeout", "--color"];
    let output = text(&run(dir.path(), &[&select[..], &["never"]].concat()));
    assert!(output.contains("src/main.rs:5:5") && output.contains("requested without a timeout"), "{output}");
    for hostile in ['\u{1b}', '\u{9b}', '\u{202e}', '\u{7}'] {
        assert!(!output.contains(hostile), "{hostile:?} in {output}");
    }
    assert!(text(&run(dir.path(), &[&select[..], &["always"]].concat())).contains("\u{1b}["));
}

#[test]
fn one_long_line_is_shown_as_a_window() {
    let padding = "x".repeat(200_000);
    let line = format!(
        "{{\"Description\": \"{padding}\", \"Resources\": {{\"Fn\": \
         {{\"Type\": \"AWS::Lambda::Function\", \"Properties\": {{}}}}}}}}"
    );
    let dir = project(&[("stack.json", &line)]);
    let output = text(&run(dir.path(), &["--color", "never"]));
    assert!(output.contains("function-timeout-not-configured"), "{}", &output[..output.len().min(500)]);
    assert!(output.len() < 5_000, "{} bytes", output.len());
}

#[test]
fn a_config_selects_overrides_and_excludes() {
    let dir = project(&[
        ("template.yaml", TEMPLATE),
        ("old/template.yaml", TEMPLATE),
        ("faaslint.yaml", "exclude: [\"old/**\"]\noverrides:\n  function-timeout-not-configured: {severity: info}\n"),
    ]);
    let output = run(dir.path(), &["--format", "concise"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output).lines().filter(|line| line.contains("info[")).count(), 1, "{}", text(&output));
    let wrong = project(&[("template.yaml", TEMPLATE), ("faaslint.yaml", "overrides:\n  heavy-dependencie: {}\n")]);
    let output = run(wrong.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("did you mean `heavy-dependency`"), "{}", errors(&output));
    let wrong = project(&[
        ("template.yaml", TEMPLATE),
        ("faaslint.yaml", "overrides:\n  heavy-dependency: {params: {max_crates: many}}\n"),
    ]);
    assert!(errors(&run(wrong.path(), &[])).contains("must be a whole number"));
}

#[test]
fn rules_of_the_users_own_run_and_are_checked() {
    let rule = "id: no-x86\ntitle: function runs on x86\ncategory: cost\nstatus: preview\nseverity: warning\n\
                confidence: high\n\
                audience: regular\nplatforms: [aws-lambda]\nneeds: [deploy]\nwhat: x\nwhy: y\nfix: z\n\
                match: {each: function, when: {fact: function.architecture, is: x86_64}}\n\
                report: {primary: function, message: \"`{function}` runs on {function.architecture}\"}\n";
    let files =
        [("template.yaml", TEMPLATE), ("faaslint.yaml", "rules: [./lint-rules]\n"), ("lint-rules/no-x86.yaml", rule)];
    let dir = project(&files);
    let output = text(&run(dir.path(), &["--format", "concise"]));
    assert!(output.contains("warning[no-x86]: `Fn` runs on x86_64"), "{output}");
    let broken = rule.replace("function.architecture, is", "function.colour, is");
    let dir = project(&[files[0], files[1], ("lint-rules/no-x86.yaml", &broken)]);
    let output = run(dir.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("no fact `function.colour`"), "{}", errors(&output));
}

#[test]
fn explain_rules_and_model_answer() {
    let dir = project(&[("template.yaml", TEMPLATE)]);
    let output = text(&run(dir.path(), &["explain", "heavy-dependency"]));
    assert!(output.contains("why:") && output.contains("sources:"), "{output}");
    let output = run(dir.path(), &["explain", "heavy-dependencies"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("did you mean `heavy-dependency`"));
    assert!(text(&run(dir.path(), &["rules"])).contains("undefined-env-var"));
    let output = text(&run(dir.path(), &["model"]));
    assert!(output.contains("timeout (s): 3  (platform default)"), "{output}");
}

#[cfg(unix)]
#[test]
fn symbolic_link_loops_and_huge_files_do_no_harm() {
    let dir = project(&[("template.yaml", TEMPLATE)]);
    std::os::unix::fs::symlink(dir.path(), dir.path().join("loop")).expect("links");
    let huge = fs::File::create(dir.path().join("huge.yaml")).expect("creates");
    huge.set_len(1 << 30).expect("a sparse gigabyte");
    let output = run(dir.path(), &["--format", "concise"]);
    assert_eq!(output.status.code(), Some(1));
    let output = text(&output);
    assert_eq!(output.lines().filter(|line| line.contains("warning[")).count(), 1, "{output}");
    assert!(output.contains("huge.yaml:1: gap: is 1024 MiB"), "{output}");
}

#[cfg(unix)]
#[test]
fn the_scanned_checkout_cannot_make_cargo_run_its_programs() {
    use std::os::unix::fs::PermissionsExt;
    let dir = project(&[
        ("template.yaml", TEMPLATE),
        ("Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"),
        ("Cargo.lock", "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n"),
        (
            "src/main.rs",
            "use lambda_runtime::{run, service_fn, LambdaEvent};\n#[tokio::main]\n\
             async fn main() { run(service_fn(h)).await }\n\
             async fn h(_: LambdaEvent<()>) -> Result<(), ()> { Ok(()) }\n",
        ),
        (".cargo/config.toml", "[build]\nrustc = \"./mark.sh\"\nrustc-wrapper = \"./mark.sh\"\n"),
        ("mark.sh", "#!/bin/sh\ntouch \"$(dirname \"$0\")/marked\"\nexec rustc \"$@\"\n"),
    ]);
    let script = dir.path().join("mark.sh");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("executable");
    let output = run(dir.path(), &["--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&text(&output)).expect("JSON");
    assert_eq!(report["units"][0]["binary"], "app", "{report}");
    assert!(!dir.path().join("marked").exists(), "the checkout's rustc was run");
    assert!(!dir.path().join("target").exists());
}

#[test]
fn a_workload_is_priced() {
    let dir = project(&[]);
    let cost = |more: &[&str]| {
        let base = ["cost", "--requests", "10M", "--memory", "256", "--duration", "200ms"];
        run(dir.path(), &[&base, more].concat())
    };
    let output = cost(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    let shown = text(&output);
    for part in ["$2.00", "$8.33", "$10.33", "$3.47 if", "us-east-1"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let machine = shown.lines().find(|line| line.contains("EC2 t3.medium")).expect("a machine");
    let cells: Vec<&str> = machine.split_whitespace().collect();
    assert_eq!(cells, ["EC2", "t3.medium", "$30.37", "29.4M", "36.0M", "80.3M"], "{shown}");
    let json: serde_json::Value = serde_json::from_str(&text(&cost(&["--format", "json"]))).expect("JSON");
    assert_eq!(json["total"]["usd"], "10.333350");
    assert_eq!(json["total"]["free_tier_usd"], "3.466670");
    assert_eq!(json["unknown"], serde_json::json!([]));
    assert!(text(&cost(&["--format", "markdown"])).contains("| **total** | | | **$10.33** |"));
    let far = text(&cost(&["--region", "eu-west-1", "--front", "http-api"]));
    assert!(far.contains("at least $10.33") && far.contains("No price of an always-on machine in eu-west-1"), "{far}");
    assert!(
        text(&cost(&["--region", "sa-east-1", "--provisioned", "2"])).contains("cannot pay for itself in sa-east-1")
    );
    assert_eq!(cost(&["--max", "10"]).status.code(), Some(1));
    assert_eq!(cost(&["--max", "11"]).status.code(), Some(0));
    for wrong in [["--duration", "16m"], ["--duration", "901s"], ["--memory", "64"], ["--requests", "-1"]] {
        let mut args = vec!["cost", "--requests", "1M", "--memory", "256", "--duration", "200ms"];
        let at = args.iter().position(|word| *word == wrong[0]).expect("given");
        args[at + 1] = wrong[1];
        assert_eq!(run(dir.path(), &args).status.code(), Some(2), "{wrong:?}");
    }
    let old = Command::new(env!("CARGO_BIN_EXE_cargo-faaslint"))
        .args(["cost", "--requests", "1", "--memory", "128", "--duration", "1ms"])
        .env("SOURCE_DATE_EPOCH", "1900000000")
        .output()
        .expect("the program runs");
    assert!(text(&old).contains("these prices are older than a year"));
}
