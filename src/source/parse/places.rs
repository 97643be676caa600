//! Bytes of spans, from their lines and columns. The lexer counts characters, and asking it for bytes walks a tree for
//! each span.

use proc_macro2::{LineColumn, Span};
use std::ops::Range;

/// Where the lines of a text begin.
pub(crate) struct Places {
    /// The text, if columns of it are not bytes.
    text: Option<Box<str>>,
    starts: Vec<usize>,
}

impl Places {
    /// The places of a text as it was given to the lexer.
    pub(crate) fn of(text: &str) -> Self {
        let starts = memchr::memchr_iter(b'\n', text.as_bytes()).map(|end| end + 1);
        let starts = std::iter::once(0).chain(starts).collect();
        Self { text: (!text.is_ascii()).then(|| text.into()), starts }
    }

    /// The bytes of a span; none of what stands in no file.
    pub(crate) fn bytes(&self, span: Span) -> Range<usize> {
        self.byte(span.start())..self.byte(span.end())
    }

    fn byte(&self, at: LineColumn) -> usize {
        let Some(&start) = at.line.checked_sub(1).and_then(|line| self.starts.get(line)) else { return 0 };
        let plain = start + at.column;
        let Some(text) = &self.text else { return plain };
        if text.as_bytes().get(start..plain).is_some_and(<[u8]>::is_ascii) {
            return plain;
        }
        let rest = &text[start..];
        start + rest.char_indices().nth(at.column).map_or(rest.len(), |(byte, _)| byte)
    }
}

#[cfg(test)]
mod tests {
    use super::Places;
    use proc_macro2::{Span, TokenStream, TokenTree};

    fn compare(stream: TokenStream, places: &Places, seen: &mut usize) {
        for tree in stream {
            let mut spans = vec![tree.span()];
            if let TokenTree::Group(group) = &tree {
                spans.extend([group.span_open(), group.span_close()]);
                compare(group.stream(), places, seen);
            }
            for span in spans {
                assert_eq!(places.bytes(span), span.byte_range());
                *seen += 1;
            }
        }
    }

    #[test]
    fn bytes_are_those_the_lexer_counts() {
        let text = "fn a() { b(\"ö\", 'x'); }\r\n// ü — \u{1f980}\n\
                    /* é */ fn ö() { \"\u{1f980}\n é\" ; c(1) }\n\n#[x] struct Z;";
        proc_macro2::extra::invalidate_current_thread_spans();
        let _before: TokenStream = "fn other() { é }".parse().expect("lexes");
        let (mut seen, places) = (0, Places::of(text));
        compare(text.parse().expect("lexes"), &places, &mut seen);
        assert!(seen > 30);
        assert_eq!(places.bytes(Span::call_site()), 0..0);
    }
}
