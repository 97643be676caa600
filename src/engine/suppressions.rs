//! `faaslint: allow(rule) reason` in comments of any file that was read, and in text of JSON objects.

use crate::model::suppression::{Scope, Suppression};
use crate::text::{FileId, SourceMap, Span};
use memchr::memmem;

/// What a comment that addresses this program begins with.
const MARKER: &str = "faaslint:";

/// Every suppression of the files that were read.
pub fn read(sources: &SourceMap) -> Vec<Suppression> {
    let mut found = Vec::new();
    for file in sources.ids() {
        let text = sources.text(file);
        for at in memmem::find_iter(text.as_bytes(), MARKER) {
            found.extend(one(sources, file, at));
        }
    }
    found
}

fn one(sources: &SourceMap, file: FileId, at: usize) -> Option<Suppression> {
    let text = sources.text(file);
    let line_start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let line_end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    let before = text[line_start..at].trim_end();
    let opener = ["//", "/*", "#", "*"].into_iter().find(|opener| before.ends_with(opener));
    let is_json = sources.path(file).ends_with(".json");
    if opener.is_none() && !(is_json && before.ends_with('"')) {
        return None;
    }
    let end = match opener {
        Some(_) => line_end,
        None => at + text[at..line_end].find('"')?,
    };
    let said = text[at + MARKER.len()..end].trim().trim_end_matches("*/").trim();
    let span = Span::new(file, at as u32, (at + text[at..end].trim_end().len()) as u32);
    let code_before = opener.map_or("", |opener| before[..before.len() - opener.len()].trim());
    let line = sources.position(file, at as u32).line;
    let scope = if opener.is_none() {
        Scope::Within(object_around(text, file, at))
    } else if code_before.is_empty() {
        Scope::Line(file, next_line(text, line_end, line))
    } else {
        Scope::Line(file, line)
    };
    Some(parse(said, span, scope))
}

/// `allow(rule, …) reason` or `allow-file(rule, …) reason`.
fn parse(said: &str, span: Span, scope: Scope) -> Suppression {
    let broken = |problem: &str| Suppression {
        rules: Vec::new(),
        reason: String::new(),
        span,
        scope: scope.clone(),
        problem: Some(problem.to_owned()),
    };
    let (whole_file, rest) = match (said.strip_prefix("allow-file"), said.strip_prefix("allow")) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => return broken("only `allow(rule) reason` and `allow-file(rule) reason` are understood"),
    };
    let listed = rest.trim_start().strip_prefix('(').and_then(|rest| rest.split_once(')'));
    let Some((rules, reason)) = listed else {
        return broken("the rules it is about are missing: `allow(rule) reason`");
    };
    let rules: Vec<String> =
        rules.split(',').map(|rule| rule.trim().to_owned()).filter(|rule| !rule.is_empty()).collect();
    if rules.is_empty() {
        return broken("it names no rule: `allow(rule) reason`");
    }
    let reason = reason.trim_start_matches([' ', '\t', ':', '-', '–', '—']).trim().to_owned();
    let scope = if whole_file { Scope::File(span.file) } else { scope };
    Suppression { rules, reason, span, scope, problem: None }
}

/// The next line that holds code; comments between belong to the same remark.
fn next_line(text: &str, from: usize, line: u32) -> u32 {
    let rest = text.get(from + 1..).unwrap_or("");
    let skipped = rest
        .lines()
        .take_while(|line| {
            let line = line.trim_start();
            let hash = line.starts_with('#') && !line.starts_with("#!");
            line.is_empty() || hash || line.starts_with("//") || line.starts_with('*')
        })
        .count();
    line + 1 + skipped as u32
}

/// The JSON object a string stands in.
fn object_around(text: &str, file: FileId, at: usize) -> Span {
    let mut open: Vec<usize> = Vec::new();
    let mut in_string = false;
    let mut escaped = false;
    let mut start = None;
    for (index, byte) in text.bytes().enumerate() {
        if index == at {
            start = open.last().copied();
        }
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' if !in_string => open.push(index),
            b'}' if !in_string => {
                let closed = open.pop();
                if start.is_some() && closed == start {
                    return Span::new(file, start.unwrap_or(0) as u32, index as u32 + 1);
                }
            }
            _ => {}
        }
    }
    Span::new(file, start.unwrap_or(0) as u32, text.len() as u32)
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::model::suppression::Scope;
    use crate::text::SourceMap;

    fn of(path: &str, text: &str) -> Vec<(Vec<String>, String, Scope)> {
        let mut sources = SourceMap::default();
        sources.add(path, text.into());
        read(&sources).into_iter().map(|found| (found.rules, found.reason, found.scope)).collect()
    }

    #[test]
    fn a_comment_covers_its_own_line_or_the_next_with_code() {
        let text = "a: 1 # faaslint: allow(x) why\n# faaslint: allow(x, y): because\n# more\n\nb: 2\n";
        let found = of("t.yaml", text);
        assert!(matches!(found[0].2, Scope::Line(_, 1)) && found[0].1 == "why");
        assert!(matches!(found[1].2, Scope::Line(_, 5)) && found[1].0 == ["x", "y"] && found[1].1 == "because");
    }

    #[test]
    fn rust_comments_skip_attributes_and_close() {
        let found = of("m.rs", "/* faaslint: allow(x) why */\n#[tokio::main]\nfn main() {}\n");
        assert!(matches!(found[0].2, Scope::Line(_, 3)) && found[0].1 == "why", "{found:?}");
        assert!(of("m.rs", "let text = \"faaslint: allow(x)\";").is_empty());
    }

    #[test]
    fn text_in_json_covers_its_object() {
        let text = r#"{"a": {"Comment": "faaslint: allow(x) why", "b": {"c": "}"}}, "d": 1}"#;
        let found = of("t.json", text);
        let Scope::Within(span) = found[0].2 else { panic!("{found:?}") };
        assert_eq!(
            &text[span.start as usize..span.end as usize],
            r#"{"Comment": "faaslint: allow(x) why", "b": {"c": "}"}}"#
        );
        assert_eq!(found[0].1, "why");
    }
}
