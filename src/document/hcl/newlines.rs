//! Line breaks inside `for` expressions: HCL ignores them there (HCL native syntax specification, "For Expressions"),
//! the parser does not everywhere.

use std::ops::Range;

/// The text with the line breaks and comments inside `for` expressions as spaces, so that all places stay; none if
/// there are none.
pub(super) fn joined(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    // Whether line breaks mean nothing, for each open bracket.
    let mut open: Vec<bool> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let ignored = open.last() == Some(&true);
        match bytes[at] {
            b'"' => at = behind_string(bytes, at),
            b'<' if bytes[at..].starts_with(b"<<") => match behind_heredoc(text, at) {
                Some(end) => at = end,
                None => at += 1,
            },
            b'#' => at = comment(bytes, &mut out, at, ignored),
            b'/' if bytes.get(at + 1) == Some(&b'/') => at = comment(bytes, &mut out, at, ignored),
            b'{' | b'[' => {
                // An object inside has items of its own, one on a line.
                open.push(begins_for(&text[at + 1..]) || ignored && bytes[at] == b'[');
                at += 1;
            }
            b'(' => {
                open.push(ignored);
                at += 1;
            }
            b'}' | b']' | b')' => {
                open.pop();
                at += 1;
            }
            b'\n' | b'\r' if ignored => {
                out[at] = b' ';
                at += 1;
            }
            _ => at += 1,
        }
    }
    let out = String::from_utf8(out).ok()?;
    (out != text).then_some(out)
}

/// A text in pieces of about so many bytes, each with whole attributes and blocks.
pub(super) fn pieces(text: &str, about: usize) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut pieces = Vec::new();
    let (mut start, mut at, mut depth) = (0, 0, 0usize);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at = behind_string(bytes, at),
            b'<' if bytes[at..].starts_with(b"<<") => at = behind_heredoc(text, at).unwrap_or(at + 1),
            b'#' => at = line_end(bytes, at),
            b'/' if bytes.get(at + 1) == Some(&b'/') => at = line_end(bytes, at),
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at = text[at..].find("*/").map_or(bytes.len(), |length| at + length + 2)
            }
            b'{' | b'[' | b'(' => (at, depth) = (at + 1, depth + 1),
            b'}' | b']' | b')' => (at, depth) = (at + 1, depth.saturating_sub(1)),
            b'\n' if depth == 0 && at - start >= about => {
                pieces.push(start..at + 1);
                (start, at) = (at + 1, at + 1);
            }
            _ => at += 1,
        }
    }
    pieces.push(start..bytes.len());
    pieces
}

fn line_end(bytes: &[u8], start: usize) -> usize {
    memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |length| start + length)
}

fn begins_for(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.strip_prefix("for").is_some_and(|rest| rest.starts_with(|c: char| c.is_whitespace()))
}

/// The end of a string; quotes inside `${…}` belong to it.
fn behind_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    let mut depth = 0usize;
    let mut inner = false;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'$' | b'%' if !inner && bytes.get(at + 1) == Some(&b'{') => {
                depth += 1;
                at += 1;
            }
            b'{' if depth > 0 && !inner => depth += 1,
            b'}' if depth > 0 && !inner => depth -= 1,
            b'"' if depth == 0 => return at + 1,
            b'"' => inner = !inner,
            b'\n' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// The end of a heredoc that begins here.
fn behind_heredoc(text: &str, start: usize) -> Option<usize> {
    let rest = &text[start + 2..];
    let rest = rest.strip_prefix('-').unwrap_or(rest);
    let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    if name.is_empty() {
        return None;
    }
    let mut end = start + text[start..].find('\n')? + 1;
    for line in text[end..].split_inclusive('\n') {
        end += line.len();
        if line.trim() == name {
            break;
        }
    }
    Some(end)
}

/// The end of a comment, which becomes spaces where the line break behind it does.
fn comment(bytes: &[u8], out: &mut [u8], start: usize, ignored: bool) -> usize {
    let end = line_end(bytes, start);
    if ignored {
        out[start..end].fill(b' ');
    }
    end
}

#[cfg(test)]
mod tests {
    use super::{joined, pieces};

    #[test]
    fn pieces_hold_whole_blocks() {
        let text = "a = \"}{\"\nb \"x\" {\n  c = <<E\n}\nE\n  d = [ # }\n  ]\n}\n/* {\n */\ne = 1\n";
        let parts: Vec<&str> = pieces(text, 1).into_iter().map(|piece| &text[piece]).collect();
        assert_eq!(parts.concat(), text);
        let heads: Vec<&str> = parts.iter().filter_map(|part| part.split_whitespace().next()).collect();
        assert_eq!(heads, ["a", "b", "/*", "e"]);
    }

    #[test]
    fn breaks_inside_for_are_joined_and_others_stay() {
        let text = "a = { for n in l : n => x == # why\n  \"}\\n\" ? [1,\n 2] : {\n b = 1\n c = 2 }\n}\n\
                    b = {\n c = 1\n d = 2\n}\n";
        let out = joined(text).expect("has some");
        let lines: Vec<&str> = out.lines().map(str::trim_end).collect();
        assert_eq!(out.len(), text.len());
        assert_eq!(
            lines,
            [
                "a = { for n in l : n => x ==         \"}\\n\" ? [1,  2] : {",
                " b = 1",
                " c = 2 } }",
                "b = {",
                " c = 1",
                " d = 2",
                "}"
            ]
        );
    }

    #[test]
    fn texts_are_left_alone() {
        assert_eq!(joined("a = <<EOT\n{ for x in y :\n z }\nEOT\nb = \"{ for ${f(\"}\")} \"\n"), None);
    }
}
