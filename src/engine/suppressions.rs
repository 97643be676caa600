//! `faaslint: allow(rule) reason` in comments of any file that was read, and in text of JSON objects.

use crate::model::suppression::{Scope, Suppression};
use crate::text::{FileId, SourceMap, Span};
use memchr::memmem;
use std::collections::HashMap;

/// What a comment that addresses this program begins with.
const MARKER: &str = "faaslint:";

/// Every suppression of the files that were read.
pub fn read(sources: &SourceMap) -> Vec<Suppression> {
    let mut found = Vec::new();
    for file in sources.ids() {
        let text = sources.text(file);
        let marked: Vec<usize> = memmem::find_iter(text.as_bytes(), MARKER).collect();
        if marked.is_empty() {
            continue;
        }
        let json = sources.path(file).ends_with(".json");
        let objects = if json { objects_around(text, file, &marked) } else { Vec::new() };
        let code = next_code(text);
        for (index, &at) in marked.iter().enumerate() {
            found.extend(one(sources, file, at, objects.get(index).copied(), &code));
        }
    }
    found
}

/// The suppression at a marker; `object` is the one around it in JSON, `code` the next line with code after each line.
fn one(sources: &SourceMap, file: FileId, at: usize, object: Option<Span>, code: &[u32]) -> Option<Suppression> {
    let text = sources.text(file);
    let line_start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let line_end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    let before = text[line_start..at].trim_end();
    let opener = ["//", "/*", "#", "*"].into_iter().find(|opener| before.ends_with(opener));
    if opener.is_none() && !(object.is_some() && before.ends_with('"')) {
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
    let scope = match (opener, object) {
        (None, Some(object)) => Scope::Within(object),
        _ if code_before.is_empty() => Scope::Line(file, code.get(line as usize).copied().unwrap_or(line + 1)),
        _ => Scope::Line(file, line),
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

/// For each line the next at or after it that holds code, 1-based; comments between belong to the same remark. Found
/// once for a file: there may be thousands of remarks.
fn next_code(text: &str) -> Vec<u32> {
    let is_remark = |line: &str| {
        let line = line.trim_start();
        let hash = line.starts_with('#') && !line.starts_with("#!");
        line.is_empty() || hash || line.starts_with("//") || line.starts_with('*')
    };
    let mut next: Vec<u32> = text.lines().zip(1..).map(|(line, at)| if is_remark(line) { 0 } else { at }).collect();
    let mut following = next.len() as u32 + 1;
    for at in next.iter_mut().rev() {
        following = if *at == 0 { following } else { *at };
        *at = following;
    }
    next
}

/// The JSON objects that strings stand in, in the order of the strings. Found in one pass over the file.
fn objects_around(text: &str, file: FileId, strings: &[usize]) -> Vec<Span> {
    let mut open: Vec<usize> = Vec::new();
    let (mut in_string, mut escaped) = (false, false);
    let mut starts: Vec<usize> = Vec::new();
    let mut ends: HashMap<usize, usize> = HashMap::new();
    for (index, byte) in text.bytes().enumerate() {
        if strings.get(starts.len()) == Some(&index) {
            let start = open.last().copied().unwrap_or(0);
            starts.push(start);
            ends.entry(start).or_insert(text.len());
        }
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' if !in_string => open.push(index),
            b'}' if !in_string => {
                if let Some(end) = open.pop().and_then(|start| ends.get_mut(&start)) {
                    *end = index + 1;
                }
            }
            _ => {}
        }
    }
    starts.iter().map(|start| Span::new(file, *start as u32, ends[start] as u32)).collect()
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
