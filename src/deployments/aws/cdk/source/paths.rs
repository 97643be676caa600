//! Paths in programs: those that start where a file of the project is, and those that start where the app runs.

use super::value::{Kind, Text, Value};
use crate::text::{Span, path};

/// Stands before a path from the root of the project; no path of a program begins with it.
const ROOT: char = '\u{e002}';

/// A directory or file of the project as programs see it.
pub(crate) fn rooted(path: &str) -> String {
    format!("{ROOT}{path}")
}

/// The parts of a path, joined as `path.join` does it; one that starts at the root starts anew.
pub(crate) fn joined(parts: &[Value], span: Span) -> Value {
    let mut whole = String::new();
    for part in parts {
        match &part.kind {
            Kind::Text(text) if text.starts_with(ROOT) => whole = text.to_string(),
            Kind::Text(text) if whole.is_empty() => whole = text.to_string(),
            Kind::Text(text) => whole = format!("{}/{}", whole.trim_end_matches('/'), text.trim_start_matches('/')),
            _ => return Value::opaque(part.reason(), span),
        }
    }
    Value::text(normal(&whole), span)
}

/// A path without `.` and, where it can be told, without `..`.
fn normal(whole: &str) -> String {
    let (start, rest) = match whole.strip_prefix(ROOT) {
        Some(rest) => (ROOT.to_string(), rest),
        None if whole.starts_with('/') => ("/".to_owned(), whole),
        None => (String::new(), whole),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|&last| last != "..") => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    let joined = parts.join("/");
    if start.is_empty() && joined.is_empty() { ".".to_owned() } else { format!("{start}{joined}") }
}

/// The directory of a path.
pub(crate) fn dirname(text: &str) -> String {
    match text.strip_prefix(ROOT) {
        Some(rest) => rooted(path::parent(rest)),
        None => match text.rsplit_once('/') {
            Some((dir, _)) => dir.to_owned(),
            None => ".".to_owned(),
        },
    }
}

/// A path as one that starts in the directory the app runs in; none if it leads out of the project.
pub(crate) fn from_app(text: &Text, app: &str) -> Option<String> {
    let Some(rest) = text.strip_prefix(ROOT) else {
        return Some(normal(text)).filter(|path| !path.starts_with('/'));
    };
    if rest.split('/').next() == Some("..") {
        return None;
    }
    let (mut from, mut to): (Vec<&str>, Vec<&str>) = (
        app.split('/').filter(|part| !part.is_empty()).collect(),
        rest.split('/').filter(|part| !part.is_empty()).collect(),
    );
    while let (Some(a), Some(b)) = (from.first(), to.first())
        && a == b
    {
        from.remove(0);
        to.remove(0);
    }
    let up = vec![".."; from.len()];
    let whole: Vec<&str> = up.into_iter().chain(to).collect();
    Some(if whole.is_empty() { ".".to_owned() } else { whole.join("/") })
}

#[cfg(test)]
mod tests {
    use super::{from_app, joined, rooted};
    use crate::deployments::aws::cdk::source::value::Value;
    use crate::text::{SourceMap, Span};

    #[test]
    fn paths_lead_from_where_the_app_runs() {
        let span = Span::new(SourceMap::default().add("a.ts", "".into()), 0, 0);
        let part = |text: &str| Value::text(text, span);
        let text = |parts: &[Value]| joined(parts, span).as_text().expect("a text");
        let found = text(&[part(&rooted("infra/lib")), part("../../services/a")]);
        assert_eq!(from_app(&found, "infra").as_deref(), Some("../services/a"));
        assert_eq!(from_app(&text(&[part("../a"), part("./b")]), "infra").as_deref(), Some("../a/b"));
        assert_eq!(from_app(&text(&[part(&rooted("")), part("../x")]), ""), None);
    }
}
