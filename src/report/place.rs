//! Where a label stands, as formats write it.

use super::clean::clean;
use super::input::Input;
use crate::text::{Position, Span};

/// A path and the two ends of a range in it.
pub(super) struct Place {
    /// As it is reached from the working directory, `/`-separated.
    pub(super) path: String,
    /// Its first character.
    pub(super) start: Position,
    /// One past its last character.
    pub(super) end: Position,
}

impl Input<'_> {
    /// The place of a span.
    pub(super) fn place(&self, span: Span) -> Place {
        let sources = &self.project.sources;
        Place {
            path: clean(&self.path(sources.path(span.file))),
            start: sources.position(span.file, span.start),
            end: sources.position(span.file, span.end),
        }
    }
}

/// A path as a URI reference.
pub(super) fn uri(path: &str) -> String {
    use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
    const ESCAPED: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'#')
        .add(b'%')
        .add(b'<')
        .add(b'>')
        .add(b'?')
        .add(b'[')
        .add(b'\\')
        .add(b']')
        .add(b'^')
        .add(b'`')
        .add(b'{')
        .add(b'|')
        .add(b'}');
    let encoded = utf8_percent_encode(path, ESCAPED).to_string();
    // A colon in the first segment would make it a scheme.
    match encoded.split_once('/') {
        Some((first, rest)) if first.contains(':') => format!("{}/{rest}", first.replace(':', "%3A")),
        None => encoded.replace(':', "%3A"),
        _ => encoded,
    }
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("a b/c#d%.yaml"), "a%20b/c%23d%25.yaml");
        assert_eq!(uri("c:x/é"), "c%3Ax/%C3%A9");
    }
}
