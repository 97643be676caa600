//! The boundary of Markdown: text stays text, whatever a tree calls its things, and mentions nobody.

use super::clean::clean;

/// A message of ours as Markdown. Code spans stay; nothing else of it is markup.
pub(super) fn text(message: &str) -> String {
    let message = clean(message);
    let mut out = String::with_capacity(message.len() + 16);
    let mut rest = message.as_str();
    let run_of = |text: &str| text.bytes().take_while(|&byte| byte == b'`').count();
    while let Some(at) = rest.find('`') {
        plain(&rest[..at], &mut out);
        let run = run_of(&rest[at..]);
        let after = &rest[at + run..];
        match after.find('`') {
            Some(end) if run == 1 && end > 0 && run_of(&after[end..]) == 1 => {
                out.push_str(&code(&after[..end]));
                rest = &after[end + 1..];
            }
            // Our messages have no such thing; a name of the tree does.
            _ => {
                out.push_str(&"\\`".repeat(run));
                rest = after;
            }
        }
    }
    plain(rest, &mut out);
    out
}

/// Text with everything escaped that a renderer takes for markup, a link, a mention or a formula.
fn plain(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        match c {
            '*' | '_' | '[' | ']' | '|' | '~' | '\\' | '#' | '$' | '!' => out.extend(['\\', c]),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A character of no width: who is called so is not told.
            '@' => out.push_str("@\u{2060}"),
            ':' if rest.starts_with("://") => out.push_str(":\u{2060}"),
            '.' if ends_in_www(out) => out.push_str(".\u{2060}"),
            _ => out.push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
}

fn ends_in_www(text: &str) -> bool {
    text.len() >= 3 && text.as_bytes()[text.len() - 3..].eq_ignore_ascii_case(b"www")
}

/// A code span that its text cannot end: the fence is longer than any run of backticks inside.
pub(super) fn code(text: &str) -> String {
    let text = clean(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let room = if text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() { " " } else { "" };
    format!("{fence}{room}{text}{room}{fence}")
}

#[cfg(test)]
mod tests {
    use super::{code, text};

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(text("a *b* `c_d` <img> [x](y)"), "a \\*b\\* `c_d` &lt;img&gt; \\[x\\](y)");
        assert_eq!(text("odd ` tick <b>"), "odd \\` tick &lt;b&gt;");
        assert_eq!(
            text("`a` <i> `b` @all https://x.y www.x.y"),
            "`a` &lt;i&gt; `b` @\u{2060}all https:\u{2060}//x.y www.\u{2060}x.y"
        );
        assert_eq!(text("a\n# b"), "a \\# b");
        assert_eq!(text("`` <b> ``"), "\\`\\` &lt;b&gt; \\`\\`");
    }

    #[test]
    fn code_cannot_be_ended() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`` <img src=x> ``"), "``` `` <img src=x> `` ```");
        assert_eq!(code("a\n# b\u{1b}"), "`a # b?`");
        assert_eq!(code("`"), "`` ` ``");
    }
}
