//! Text of the tree in what people and runners read.

use super::*;

/// Names that would be workflow commands, escape sequences or markup.
const NAMES: [&str; 4] =
    ["::stop-commands::x.yaml", "  ::error::y.yaml", "a##[add-matcher]z.yaml", "\u{1b}[2J\u{202e}.yaml"];

/// What the runner takes for a command (actions/runner, `ActionCommand.cs`).
fn is_command(line: &str) -> bool {
    line.trim_start().starts_with("::") || line.contains("##[")
}

fn is_clean(text: &str) -> bool {
    !text
        .chars()
        .any(|c| matches!(c, '\u{1b}' | '\u{9b}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{7}'))
}

#[test]
fn names_do_not_become_commands_or_sequences() {
    let dir = TempDir::new().expect("temporary directory");
    for name in NAMES {
        write(dir.path(), name, TEMPLATE);
        write(dir.path(), &format!("broken-{}", name.trim()), "a: [");
        write(dir.path(), &format!("{name}d/x.yaml"), TEMPLATE);
    }
    // More than are annotated, so that the rest is listed.
    (0..12).for_each(|at| write(dir.path(), &format!("f{at}/template.yaml"), TEMPLATE));
    for args in [
        &["check", "--format", "human", "-v"][..],
        &["check", "--format", "concise"],
        &["check", "--format", "github"],
        &["model"],
        &["graph"],
        &["check", "--rules-that-do-not-exist"],
        &["check", "--format", "human", "--diff", "--fix=unsafe", "--audience", "auditor"],
    ] {
        let no_cargo = if args[1..].iter().any(|arg| arg.contains("exist")) { &[][..] } else { &["--no-cargo"] };
        let output = program().args(args).args(no_cargo).current_dir(dir.path()).env("CI", "true").output();
        let output = output.expect("the program runs");
        let said = said(&output);
        assert!(is_clean(&said), "{args:?}: {said:?}");
        let ours = ["::error file=", "::warning file=", "::notice file=", "::group::", "::endgroup::"];
        let foreign = said.lines().filter(|line| is_command(line) && !ours.iter().any(|own| line.starts_with(own)));
        // A message of ours is data, whatever it holds.
        let foreign: Vec<&str> = foreign.collect();
        assert!(foreign.is_empty(), "{args:?}: {foreign:?}");
    }
}

#[test]
fn errors_about_a_config_are_text() {
    let dir = project(&[("template.yaml", TEMPLATE)]);
    for config in [
        "\"\\e[2J\\n::error::x\": 1\n",
        "ignore: [\"x\\n::error::x\\e[2J\"]\n",
        "exclude: [\"[\\n::error::x\\e[2J\"]\n",
        "rules: [\"x\\n::error::x\\e[2J\"]\n",
        "baseline: \"x\\n::error::x\\e[2J\"\n",
    ] {
        write(dir.path(), "faaslint.yaml", config);
        let output = run(dir.path(), &["--no-cargo"]);
        let said = said(&output);
        assert!(output.status.code() == Some(2) && is_clean(&said) && !said.lines().any(is_command), "{said:?}");
    }
}

#[test]
fn logical_ids_are_no_markdown() {
    let hostile = [
        "A\n\n# All checks passed\n\n<img src=https://evil.example/beacon>",
        "B` <img src=x> `",
        "C`` ](https://evil.example) @everyone",
        "`D",
    ];
    let resources: Vec<String> = hostile
        .iter()
        .map(|id| {
            let id = serde_json::to_string(id).expect("JSON");
            format!(
                "{id}: {{\"Type\": \"AWS::Serverless::Function\", \"Properties\": {{\"Runtime\": \"provided.al2023\", \
                 \"Handler\": \"bootstrap\", \"CodeUri\": \".\"}}}}"
            )
        })
        .collect();
    let text = format!("{{\"Transform\": \"AWS::Serverless-2016-10-31\", \"Resources\": {{{}}}}}", resources.join(","));
    let dir = project(&[("template.json", &text)]);
    let summary = dir.path().join("summary.md");
    let output = run(dir.path(), &["--no-cargo", "--format", "markdown"]);
    let mut command = program();
    command.args(["--no-cargo", "--format", "github"]).current_dir(dir.path()).env("GITHUB_STEP_SUMMARY", &summary);
    command.output().expect("the program runs");
    for markdown in [said(&output), fs::read_to_string(&summary).expect("reads")] {
        for line in markdown.lines() {
            assert!(!line.starts_with('#') || line.starts_with("## faaslint") || line.starts_with("### "), "{line}");
            assert!(outside_code(line).iter().all(|part| !part.contains("<img") && !part.contains("@e")), "{line}");
        }
        assert!(markdown.contains("All checks passed"), "{markdown}");
    }
}

/// The parts of a line that are not in code spans (CommonMark 0.31, section 6.1).
fn outside_code(line: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        let run = rest[at..].bytes().take_while(|&byte| byte == b'`').count();
        let escaped = rest[..at].ends_with('\\');
        parts.push(&rest[..at]);
        let after = &rest[at + run..];
        let fence = "`".repeat(run);
        let mut from = 0;
        let end = loop {
            let Some(found) = after[from..].find(&fence).map(|found| from + found) else { break None };
            let length = after[found..].bytes().take_while(|&byte| byte == b'`').count();
            if length == run {
                break Some(found);
            }
            from = found + length;
        };
        rest = match end {
            Some(end) if !escaped => &after[end + run..],
            _ => after,
        };
    }
    parts.push(rest);
    parts
}
