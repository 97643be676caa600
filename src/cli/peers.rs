//! The page that compares this program with others.

use crate::rule::{PeerCheck, RuleSpec, peers};
use std::fmt::Write as _;

/// The comparison, for the book.
pub fn page(specs: &[RuleSpec]) -> String {
    let known = peers();
    let mut out = String::from(
        "# Beside other tools\n\nEverything that other tools check about serverless applications: who has it, where it \
         is wrong, and what there is here.\n\nWho runs one of them in the same project may say so, and what it finds \
         in the files it reads is left to it:\n\n```yaml\npeers: [cfn-lint-serverless, checkov]\n```\n\n",
    );
    let names: Vec<String> = known.beside().map(|name| format!("`{name}`")).collect();
    let _ = writeln!(
        out,
        "A rule is left out if the tool's check has the same subject; a rule that knows more stays. The page of a rule \
         says which. Names are {}.\n",
        names.join(", ")
    );
    let _ = writeln!(out, "Read on {}.\n", known.date);
    let _ = writeln!(out, "| check | who has it | where it is wrong | here |\n| --- | --- | --- | --- |");
    for row in &known.checks {
        let _ = writeln!(out, "| {} | {} | {} | {} |", row.check, who(row), row.wrong, here(row, specs));
    }
    out.push_str("\n## What will not be a rule, and why\n");
    for (word, reason) in &known.reasons {
        let rows: Vec<&str> = known
            .checks
            .iter()
            .filter(|row| row.never.as_ref() == Some(word) && row.rules_of(specs).is_empty())
            .map(|row| row.check.as_str())
            .collect();
        if !rows.is_empty() {
            let _ = writeln!(out, "\n<a id=\"{word}\"></a>{reason}\n\n{}.", rows.join("; "));
        }
    }
    out.push_str("\n## The tools\n\n");
    for (name, tool) in &known.tools {
        let reads = if tool.reads.is_empty() { String::new() } else { format!(": {}", tool.reads.join(", ")) };
        let _ = writeln!(out, "- [{name}]({}){reads}", tool.url);
    }
    out
}

fn who(row: &PeerCheck) -> String {
    let tools = row.who.iter().map(|(tool, ids)| match ids.as_slice() {
        [] => tool.clone(),
        ids => format!("{tool} {}", ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")),
    });
    tools.collect::<Vec<_>>().join("; ")
}

fn here(row: &PeerCheck, specs: &[RuleSpec]) -> String {
    let rules = row.rules_of(specs);
    match &row.never {
        _ if !rules.is_empty() => {
            rules.iter().map(|id| format!("[`{id}`](rules/{id}.md)")).collect::<Vec<_>>().join(", ")
        }
        Some(word) => format!("[no](#{word})"),
        None => "not yet".to_owned(),
    }
}
