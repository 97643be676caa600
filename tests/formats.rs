//! Report formats as their readers see them: by the official schema, a parser, or the rules of the service.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const FIXTURES: [&str; 3] = ["fixtures/orders-sam", "fixtures/media-sam", "fixtures/broken-inputs"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn report(dir: &Path, paths: &[&str], format: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-faaslint"))
        .args(["check", "--no-cargo", "--format", format])
        .args(paths)
        .current_dir(dir)
        .env_remove("GITHUB_STEP_SUMMARY")
        .output()
        .expect("the program runs");
    assert!(output.status.code().is_some_and(|code| code < 2), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn json(format: &str) -> Value {
    serde_json::from_str(&report(&root(), &FIXTURES, format)).expect("JSON")
}

/// A function whose names and texts try to break out of every format.
fn hostile() -> TempDir {
    let dir = TempDir::new().expect("temporary directory");
    let name = "a b#%<x>\"'&é日\u{202e}`|*.yaml";
    let function = "\"Fn<script>alert(1)</script>&]]>%0A::error::x\\e[31m\"";
    let text = format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  {function}: # 日本語\n    Type: \
         AWS::Serverless::Function\n    \
         Properties: {{Runtime: provided.al2023, Handler: bootstrap, CodeUri: .}}\n"
    );
    fs::write(dir.path().join(name), text).expect("writes");
    dir
}

fn findings() -> usize {
    json("json")["findings"].as_array().map_or(0, Vec::len)
}

/// The schema that OASIS publishes (SARIF 2.1.0, errata 01), with one bracket less: a pattern of it ends in one that
/// closes nothing, which strict engines refuse.
fn sarif_schema() -> Value {
    serde_json::from_str(include_str!("schemas/sarif-2.1.0.json")).expect("JSON")
}

#[test]
fn sarif_is_valid_by_the_official_schema() {
    let validator = jsonschema::validator_for(&sarif_schema()).expect("a schema");
    let dir = hostile();
    let hostile: Value = serde_json::from_str(&report(dir.path(), &["."], "sarif")).expect("JSON");
    for log in [json("sarif"), hostile] {
        let errors: Vec<String> = validator.iter_errors(&log).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        let results = run["results"].as_array().expect("results");
        assert!(!results.is_empty());
        for result in results {
            let rule = &rules[result["ruleIndex"].as_u64().expect("an index") as usize];
            assert_eq!(rule["id"], result["ruleId"]);
        }
    }
    let mut broken = json("sarif");
    broken["runs"][0]["results"][0]["level"] = "fatal".into();
    assert!(!validator.is_valid(&broken), "the validator looks");
}

#[test]
fn json_is_valid_by_its_published_schema() {
    let schema = fs::read_to_string(root().join("docs/report.schema.json")).expect("reads");
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).expect("JSON")).expect("a schema");
    let dir = hostile();
    let hostile: Value = serde_json::from_str(&report(dir.path(), &["."], "json")).expect("JSON");
    for found in [json("json"), hostile] {
        let errors: Vec<String> = validator.iter_errors(&found).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    let mut broken = json("json");
    broken["findings"][0]["primary"]["line"] = "three".into();
    assert!(!validator.is_valid(&broken), "the validator looks");
}

#[test]
fn sarif_messages_link_to_the_other_end_of_a_join() {
    let log = json("sarif");
    let results = log["runs"][0]["results"].as_array().expect("results").clone();
    let related = |result: &Value| result["relatedLocations"].as_array().cloned().unwrap_or_default();
    let mut linked = 0;
    for result in &results {
        let text = result["message"]["text"].as_str().expect("text");
        for (at, place) in related(result).iter().enumerate().take(4) {
            assert_eq!(place["id"], at);
            let Some(note) = place["message"]["text"].as_str() else { continue };
            assert!(text.contains(&format!("]({at})")), "{text} has no link to {note}");
            linked += 1;
        }
    }
    assert!(linked > 20, "{linked}");
}

#[test]
fn sarif_has_fingerprints_flows_fixes_and_gaps() {
    let log = json("sarif");
    let run = &log["runs"][0];
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), findings());
    let prints: BTreeSet<&str> =
        results.iter().filter_map(|result| result["partialFingerprints"]["faaslint/v1"].as_str()).collect();
    assert_eq!(prints.len(), results.len(), "each finding has an identity of its own");
    for part in ["codeFlows", "fixes", "relatedLocations"] {
        assert!(results.iter().any(|result| result[part].as_array().is_some_and(|list| !list.is_empty())), "{part}");
    }
    let notes = run["invocations"][0]["toolExecutionNotifications"].as_array().expect("notifications");
    assert!(!notes.is_empty(), "gaps are told");
}

#[test]
fn fingerprints_survive_edits_elsewhere() {
    let dir = TempDir::new().expect("temporary directory");
    let text = "Transform: AWS::Serverless-2016-10-31\nResources:\n  A:\n    Type: AWS::Serverless::Function\n    \
                Properties: {Runtime: provided.al2023, Handler: bootstrap, CodeUri: .}\n";
    let prints = |text: &str| {
        fs::write(dir.path().join("template.yaml"), text).expect("writes");
        let log: Value = serde_json::from_str(&report(dir.path(), &["."], "sarif")).expect("JSON");
        let results = log["runs"][0]["results"].as_array().cloned().expect("results");
        results.iter().map(|result| result["partialFingerprints"].to_string()).collect::<BTreeSet<_>>()
    };
    let before = prints(text);
    assert!(!before.is_empty());
    assert_eq!(before, prints(&format!("# moved down\n\n{}", text.replace("  A:", "  A:   "))));
    assert_ne!(before, prints(&text.replace("  A:", "  B:")));
}

#[test]
fn gitlab_reads_the_array() {
    let issues = json("gitlab");
    let issues = issues.as_array().expect("an array");
    assert_eq!(issues.len(), findings());
    for issue in issues {
        assert!(["description", "check_name", "fingerprint"].iter().all(|key| issue[*key].is_string()), "{issue}");
        assert!(["info", "minor", "major", "critical", "blocker"].iter().any(|known| issue["severity"] == *known));
        let path = issue["location"]["path"].as_str().expect("a path");
        assert!(!path.starts_with("./") && root().join(path).exists(), "{path}");
        assert!(issue["location"]["lines"]["begin"].as_u64().is_some_and(|line| line > 0));
    }
}

#[test]
fn junit_is_well_formed_and_adds_up() {
    let dir = hostile();
    for text in [
        report(&root(), &FIXTURES, "junit"),
        report(dir.path(), &["."], "junit"),
        report(&root(), &["fixtures/clean"], "junit"),
    ] {
        let mut reader = quick_xml::Reader::from_str(&text);
        let (mut tests, mut cases) = (None, 0);
        loop {
            match reader.read_event().expect("well-formed") {
                quick_xml::events::Event::Eof => break,
                quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => {
                    let attributes: Vec<_> =
                        tag.attributes().map(|attribute| attribute.expect("an attribute")).collect();
                    match tag.name().as_ref() {
                        "testsuites" => {
                            let count = attributes.iter().find(|attribute| attribute.key.as_ref() == "tests");
                            tests = count.map(|count| count.value.to_string());
                        }
                        "testcase" => cases += 1,
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        assert_eq!(tests, Some(cases.to_string()));
        assert!(cases > 0 && !text.chars().any(|c| c.is_control() && c != '\n'), "readable everywhere");
    }
}

#[test]
fn rdjson_counts_columns_in_bytes() {
    let dir = hostile();
    let document: Value = serde_json::from_str(&report(dir.path(), &["."], "rdjson")).expect("JSON");
    let first = &document["diagnostics"][0];
    assert_eq!(document["source"]["name"], "faaslint");
    assert_eq!(first["location"]["range"]["start"], serde_json::json!({"line": 3, "column": 3}));
    let diagnostics = json("rdjson");
    for diagnostic in diagnostics["diagnostics"].as_array().expect("diagnostics") {
        assert!(["ERROR", "WARNING", "INFO"].iter().any(|known| diagnostic["severity"] == *known));
        let location = &diagnostic["location"];
        let text = fs::read_to_string(root().join(location["path"].as_str().expect("a path"))).expect("reads");
        let (line, column) = (&location["range"]["start"]["line"], &location["range"]["start"]["column"]);
        let line = text.lines().nth(line.as_u64().expect("a line") as usize - 1).expect("the line");
        assert!(line.is_char_boundary(column.as_u64().expect("a column") as usize - 1));
    }
}

/// A workflow command: name, properties, message.
type WorkflowCommand = (String, Vec<(String, String)>, String);

/// A line as the runner parses it.
fn command(line: &str) -> Option<WorkflowCommand> {
    let rest = line.strip_prefix("::")?;
    let (head, message) = rest.split_once("::")?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let unescape = |text: &str| {
        let text = text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",");
        text.replace("%25", "%")
    };
    let properties = properties.split(',').filter(|part| !part.is_empty()).map(|part| {
        let (key, value) = part.split_once('=').expect("key=value");
        (key.to_owned(), unescape(value))
    });
    Some((name.to_owned(), properties.collect(), unescape(message)))
}

#[test]
fn github_gets_as_many_annotations_as_it_shows_and_the_rest_in_a_group() {
    let text = report(&root(), &FIXTURES, "github");
    let commands: Vec<_> = text.lines().filter_map(command).collect();
    for kind in ["error", "warning", "notice"] {
        let of_kind: Vec<_> = commands.iter().filter(|(name, ..)| name == kind).collect();
        assert!(of_kind.len() <= 10, "{kind}: {}", of_kind.len());
        for (_, properties, message) in of_kind {
            let get = |key: &str| properties.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str());
            assert!(
                root().join(get("file").expect("a file")).exists() && get("title").is_some() && !message.is_empty()
            );
            assert!(get("line").and_then(|line| line.parse::<u32>().ok()).is_some_and(|line| line > 0));
        }
    }
    let open = commands.iter().filter(|(name, ..)| name == "group").count();
    assert!(open > 0 && open == commands.iter().filter(|(name, ..)| name == "endgroup").count());
    let dir = hostile();
    let text = report(dir.path(), &["."], "github");
    let errors = text.lines().filter_map(command).filter(|(name, ..)| name == "error").count();
    assert_eq!(errors, 0, "nothing in the repository makes a command: {text}");
}

#[test]
fn the_job_summary_is_appended() {
    let dir = TempDir::new().expect("temporary directory");
    let summary = dir.path().join("summary.md");
    fs::write(&summary, "before\n").expect("writes");
    Command::new(env!("CARGO_BIN_EXE_cargo-faaslint"))
        .args(["--no-cargo", "--format", "github", "fixtures/orders-sam"])
        .current_dir(root())
        .env("GITHUB_STEP_SUMMARY", &summary)
        .output()
        .expect("the program runs");
    let text = fs::read_to_string(&summary).expect("reads");
    assert!(text.starts_with("before\n## faaslint\n") && text.contains("`FulfilmentFunction`"), "{text}");
}

#[test]
fn markdown_and_html_escape_what_the_repository_says() {
    let dir = hostile();
    let markdown = report(dir.path(), &["."], "markdown");
    assert!(!markdown.contains("<script>") || markdown.contains("`Fn<script>"), "{markdown}");
    let html = report(dir.path(), &["."], "html");
    assert_eq!(html.matches("<script>").count(), 1, "only the page's own");
    assert!(html.contains("Fn&lt;script&gt;") && !html.contains('\u{1b}') && !html.contains('\u{202e}'));
}

#[test]
fn html_is_one_page_with_every_finding() {
    let html = report(&root(), &FIXTURES, "html");
    assert_eq!(html.matches("<article ").count(), findings());
    assert!(html.contains("<svg ") && html.contains("data-page=\"function-0\""));
    for outside in ["src=\"http", "<link ", "@import", "url(http"] {
        assert!(!html.contains(outside), "{outside}");
    }
}
