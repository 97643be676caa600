//! `rules` and `explain`: what the program looks for, and why.

use super::args::{ListFormat, RulesFilter};
use crate::checks;
use crate::config;
use crate::report;
use crate::rule;
use crate::rule::{Example, Operator, Peer, RuleSpec, Subject};
use anyhow::bail;
use std::fmt::Write as _;
use std::io::{self, Write as _};

/// Lists the rules that are asked for.
pub(super) fn list(only: &RulesFilter, format: ListFormat) -> anyhow::Result<u8> {
    let mut specs = rule::embedded();
    specs.retain(|rule| {
        only.category.as_ref().is_none_or(|category| rule.category.as_str() == category)
            && only.platform.as_ref().is_none_or(|platform| rule.platforms.contains(platform))
            && only.audience.is_none_or(|audience| rule.audience == audience)
            && (!only.fixable || rule.edits.is_some())
    });
    let text = match format {
        ListFormat::Text => text(&specs),
        ListFormat::Json => json(&specs)?,
        ListFormat::Markdown => table(&specs),
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(0)
}

/// Explains one rule.
pub(super) fn explain(id: &str, markdown: bool, color: bool) -> anyhow::Result<u8> {
    let specs = rule::embedded();
    // As a report writes it, too: `error[id]`.
    let id = id.split_once('[').and_then(|(_, rest)| rest.strip_suffix(']')).unwrap_or(id).to_ascii_lowercase();
    let Some(rule) = specs.iter().find(|rule| rule.id == id) else {
        let id = id.as_str();
        let known: Vec<String> = specs.iter().map(|rule| rule.id.clone()).collect();
        bail!(config::unknown(id, &known));
    };
    let text = if markdown { page(rule) } else { plain(rule, color) };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(0)
}

fn text(specs: &[RuleSpec]) -> String {
    let mut out = String::new();
    for rule in specs {
        let _ = writeln!(
            out,
            "{:<48} {:<8} {:<17} {}",
            rule.id,
            rule.severity.as_str(),
            rule.category.as_str(),
            rule.title
        );
    }
    out
}

fn json(specs: &[RuleSpec]) -> anyhow::Result<String> {
    let row = |rule: &RuleSpec| {
        let params: serde_json::Map<String, serde_json::Value> = rule
            .params
            .iter()
            .map(|(name, param)| (name.clone(), serde_json::json!({"default": param.default, "doc": param.doc.trim()})))
            .collect();
        let links = rule.links.iter().map(|link| serde_json::json!({"title": link.title(), "url": link.url()}));
        let links: Vec<_> = links.collect();
        serde_json::json!({
            "id": rule.id, "url": report::rule_page(&rule.id), "title": rule.title, "category": rule.category.as_str(),
            "severity": rule.severity, "confidence": rule.confidence, "audience": rule.audience,
            "platforms": rule.platforms, "what": rule.what.trim(), "why": rule.why.trim(), "fix": rule.fix.trim(),
            "parameters": params, "links": links, "peers": rule.peers, "edits": rule.edits,
        })
    };
    let rows: Vec<_> = specs.iter().map(row).collect();
    Ok(format!("{}\n", serde_json::to_string_pretty(&rows)?))
}

/// The rules as a table.
pub fn table(specs: &[RuleSpec]) -> String {
    let mut out = String::from("| rule | severity | what it finds |\n| --- | --- | --- |\n");
    for rule in specs {
        let _ = writeln!(out, "| [`{0}`](docs/rules/{0}.md) | {1} | {2} |", rule.id, rule.severity, rule.title);
    }
    out
}

/// The list of rules by category, for the book.
pub fn index(specs: &[RuleSpec]) -> String {
    let mut out = String::from("# Rules\n\nEach has a page, made from its file in `rules/`.\n");
    let mut categories: Vec<&str> = specs.iter().map(|rule| rule.category.as_str()).collect();
    categories.sort_unstable();
    categories.dedup();
    for category in categories {
        let _ = writeln!(out, "\n## {}\n\n| rule | severity | what it finds |\n| --- | --- | --- |", capital(category));
        for rule in specs.iter().filter(|rule| rule.category.as_str() == category) {
            let _ = writeln!(out, "| [`{0}`]({0}.md) | {1} | {2} |", rule.id, rule.severity, rule.title);
        }
    }
    out
}

/// The lines of the book's summary that list the rules.
pub fn summary(specs: &[RuleSpec]) -> String {
    let mut out = String::new();
    for rule in specs {
        let _ = writeln!(out, "  - [{0}](rules/{0}.md)", rule.id);
    }
    out
}

/// What the predicate of a rule file may name: operators, facts of each kind of subject, fixes.
pub fn vocabulary() -> String {
    let mut out = String::from("\n## Operators\n\n| operator | what it asks |\n| --- | --- |\n");
    for operator in Operator::ALL {
        let _ = writeln!(out, "| `{}` | {} |", operator.word(), operator.doc());
    }
    for subject in Subject::ALL {
        let word = subject.word();
        let _ = writeln!(out, "\n## Facts for `each: {word}`\n\n| fact | type | what it holds |\n| --- | --- | --- |");
        let own = checks::entries(subject).into_iter();
        let own = own.filter(|fact| subject == Subject::Function || !OF_FUNCTIONS.contains(&prefix(fact.name)));
        for fact in own {
            let _ = writeln!(out, "| `{}` | {} | {} |", fact.name, fact.kind.describe(), fact.doc);
        }
        if matches!(subject, Subject::Mapping | Subject::Route) {
            out.push_str("\nThe facts of its function, too.\n");
        }
    }
    out.push_str("\n## Fixes\n\n| fix | for |\n| --- | --- |\n");
    for (name, subject) in checks::FIXES {
        let _ = writeln!(out, "| `{name}` | {} |", subject.word());
    }
    out
}

/// What the names of facts begin with that are about functions.
const OF_FUNCTIONS: [&str; 2] = ["function", "handler"];

fn prefix(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// The page of one rule.
pub fn page(rule: &RuleSpec) -> String {
    let mut out = format!("# {}\n\n{}.\n\n", rule.id, capital(&rule.title));
    let _ = writeln!(
        out,
        "*{}, {} confidence, for a {} audience, in `{}`.*\n",
        rule.severity,
        rule.confidence,
        rule.audience,
        rule.category.as_str()
    );
    for (name, body) in [("What", &rule.what), ("Why", &rule.why), ("Fix", &rule.fix)] {
        let _ = writeln!(out, "**{name}.** {}\n", body.trim());
    }
    if !rule.params.is_empty() {
        out.push_str("| parameter | default | meaning |\n| --- | --- | --- |\n");
        for (name, param) in &rule.params {
            let _ = writeln!(out, "| `{name}` | `{}` | {} |", param.default, param.doc.trim());
        }
        out.push('\n');
    }
    for example in &rule.examples.bad {
        examples(&mut out, "Reported", example);
    }
    for example in &rule.examples.good {
        examples(&mut out, "Not reported", example);
    }
    if !rule.links.is_empty() {
        out.push_str("Sources:\n\n");
        for link in &rule.links {
            let _ = writeln!(out, "- {}", link.markdown());
        }
        out.push('\n');
    }
    if !rule.peers.is_empty() {
        let elsewhere: Vec<String> = rule.peers.iter().map(Peer::words).collect();
        let _ = writeln!(out, "Elsewhere: {}\n", elsewhere.join(", "));
    }
    out
}

fn examples(out: &mut String, title: &str, example: &Example) {
    let _ = writeln!(out, "{title}: {}\n", example.name);
    for (path, text) in &example.files {
        let language = match path.rsplit('.').next() {
            Some("rs") => "rust",
            Some("toml" | "lock") => "toml",
            Some("json") => "json",
            _ => "yaml",
        };
        let _ = writeln!(out, "`{path}`\n\n```{language}\n{}\n```\n", text.trim_end());
    }
}

fn plain(rule: &RuleSpec, color: bool) -> String {
    let bold = |text: &str| if color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() };
    let mut out = format!("{}\n{}\n\n", bold(&rule.id), capital(&rule.title));
    let _ = writeln!(out, "severity {}, confidence {}, audience {}\n", rule.severity, rule.confidence, rule.audience);
    for (name, body) in [("what", &rule.what), ("why", &rule.why), ("fix", &rule.fix)] {
        let _ = writeln!(out, "{}\n  {}\n", bold(&format!("{name}:")), body.trim().replace('\n', "\n  "));
    }
    if !rule.params.is_empty() {
        let _ = writeln!(out, "{}", bold("parameters:"));
        for (name, param) in &rule.params {
            let _ = writeln!(out, "  {name} = {}: {}", param.default, param.doc.trim());
        }
        out.push('\n');
    }
    if !rule.links.is_empty() {
        let _ = writeln!(out, "{}", bold("sources:"));
        for link in &rule.links {
            let _ = writeln!(out, "  {}", link.title());
            if let Some(url) = link.url() {
                let _ = writeln!(out, "    {url}");
            }
        }
    }
    if let Some(example) = rule.examples.bad.first() {
        let _ = writeln!(out, "\nreported, for example: {}", example.name);
        for (path, text) in &example.files {
            let _ = writeln!(out, "\n  {path}\n    {}", text.trim_end().replace('\n', "\n    "));
        }
    }
    out
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
