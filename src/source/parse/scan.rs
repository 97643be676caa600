//! Where the tokens of a Rust text stand, without making any: what can be told of a text before, or instead of, lexing
//! it. Of what no lexer takes it only says that it is none.

use std::ops::Range;

/// A token, as far as brackets and signs go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'t> {
    Open(u8),
    Close(u8),
    /// A sign, and whether another one touches it.
    Punct(u8, bool),
    /// A name or keyword; `r#` belongs to it.
    Word(&'t str),
    Literal,
}

/// Bytes of the longest escape, `\u{1_0_F_F_F_F}`, with room.
const MAX_ESCAPE: usize = 32;

/// What documentation stands for: `#[doc = "…"]`, with `!` inside the thing it is about.
const OUTER: &[Token<'static>] = &[
    Token::Punct(b'#', false),
    Token::Open(b'['),
    Token::Word("doc"),
    Token::Punct(b'=', false),
    Token::Literal,
    Token::Close(b']'),
];
const INNER: &[Token<'static>] = &[
    Token::Punct(b'#', false),
    Token::Punct(b'!', false),
    Token::Open(b'['),
    Token::Word("doc"),
    Token::Punct(b'=', false),
    Token::Literal,
    Token::Close(b']'),
];

/// The tokens of a text with their bytes.
pub(crate) struct Scan<'t> {
    text: &'t str,
    at: usize,
    /// What is left of the documentation that was met last.
    documented: (&'static [Token<'static>], Range<usize>),
    /// Whether something was met that no lexer takes.
    pub(crate) failed: bool,
}

impl<'t> Scan<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, at: 0, documented: (&[], 0..0), failed: false }
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    fn starts(&self, with: &str) -> bool {
        self.text.as_bytes()[self.at..].starts_with(with.as_bytes())
    }

    /// Whether a comment stands here that is passed over, or documentation that stands for tokens.
    fn comment(&mut self) -> Option<bool> {
        let (line, block) = (self.starts("//"), self.starts("/*"));
        if !line && !block {
            return None;
        }
        let start = self.at;
        let inner = self.byte(start + 2) == b'!';
        let marked = self.byte(start + 2) == self.byte(start + 1) && self.byte(start + 3) != self.byte(start + 1);
        let outer = marked && !(block && self.byte(start + 3) == b'/');
        self.at = if line { self.line_end() } else { self.block_end()? };
        if !inner && !outer {
            return Some(false);
        }
        self.documented = (if inner { INNER } else { OUTER }, start..self.at);
        Some(true)
    }

    fn line_end(&self) -> usize {
        memchr::memchr(b'\n', &self.text.as_bytes()[self.at..]).map_or(self.text.len(), |length| self.at + length)
    }

    /// The end of a block comment, with those inside it; none if it has none, which is noted.
    fn block_end(&mut self) -> Option<usize> {
        let (mut at, mut depth) = (self.at, 0usize);
        while at < self.text.len() {
            match (self.byte(at), self.byte(at + 1)) {
                (b'/', b'*') => (at, depth) = (at + 2, depth + 1),
                (b'*', b'/') => (at, depth) = (at + 2, depth - 1),
                _ => at += 1,
            }
            if depth == 0 {
                return Some(at);
            }
        }
        self.failed = true;
        None
    }

    /// The end of what is quoted, behind the quote that opens it.
    fn quoted(&self, mut at: usize) -> Option<usize> {
        loop {
            at += memchr::memchr2(b'"', b'\\', self.text.as_bytes().get(at..)?)?;
            if self.byte(at) == b'"' {
                return Some(at + 1);
            }
            at += 2;
        }
    }

    /// The end of a raw string whose `#` or `"` stands at a byte.
    fn raw(&self, at: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let hashes = bytes[at..].iter().take_while(|&&byte| byte == b'#').count();
        let mut at = at + hashes;
        if self.byte(at) != b'"' {
            return None;
        }
        loop {
            at += 1 + memchr::memchr(b'"', bytes.get(at + 1..)?)?;
            let behind = bytes.get(at + 1..at + 1 + hashes)?;
            if behind.iter().all(|&byte| byte == b'#') {
                return Some(at + 1 + hashes);
            }
        }
    }

    /// The end of a character whose quote stands at a byte; none for a lifetime.
    fn character(&self, quote: usize) -> Option<usize> {
        let rest = self.text.get(quote + 1..)?;
        let first = rest.chars().next()?;
        let mut at = quote + 1 + first.len_utf8();
        if first == '\\' {
            at += 1;
            match self.byte(at - 1) {
                b'x' => at += 2,
                b'u' => at += rest.as_bytes().iter().take(MAX_ESCAPE).position(|&byte| byte == b'}')? - 1,
                _ => {}
            }
        }
        (self.byte(at) == b'\'').then_some(at + 1)
    }

    /// The end of a literal that begins here, which is here if there is none; none if it does not end.
    fn literal(&self) -> Option<usize> {
        let at = self.at;
        let next = self.byte(at + 1);
        match self.byte(at) {
            b'"' => self.quoted(at + 1),
            // Else it is a lifetime.
            b'\'' => Some(self.character(at).unwrap_or(at)),
            b'0'..=b'9' => Some(self.number()),
            b'r' if next == b'"' || (next == b'#' && matches!(self.byte(at + 2), b'"' | b'#')) => self.raw(at + 1),
            b'b' | b'c' if next == b'"' => self.quoted(at + 2),
            b'b' if next == b'\'' => self.character(at + 1),
            b'b' | b'c' if next == b'r' && matches!(self.byte(at + 2), b'"' | b'#') => self.raw(at + 2),
            _ => Some(at),
        }
    }

    fn number(&self) -> usize {
        let word = |at: usize| self.byte(at).is_ascii_alphanumeric() || self.byte(at) == b'_';
        let mut at = self.at;
        while word(at) {
            at += 1;
        }
        let radix = matches!(self.byte(self.at + 1), b'x' | b'o' | b'b');
        let named = |at: usize| self.byte(at).is_ascii_alphabetic() || self.byte(at) == b'_' || self.byte(at) >= 0x80;
        // `1.5` and `1.`, but not `1..5` or `1.max(5)`.
        if !radix && self.byte(at) == b'.' && self.byte(at + 1) != b'.' && !named(at + 1) {
            at += 1;
            while word(at) {
                at += 1;
            }
        }
        if !radix && matches!(self.byte(at - 1), b'e' | b'E') && matches!(self.byte(at), b'+' | b'-') {
            at += 1;
            while word(at) {
                at += 1;
            }
        }
        at
    }

    /// The end of a word that begins here, which is here if there is none.
    fn word(&self) -> usize {
        let start = self.at + if self.starts("r#") { 2 } else { 0 };
        let end = self.word_from(start);
        if end == start { self.at } else { end }
    }

    fn word_from(&self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let plain = bytes[start..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let end = start + plain;
        if self.byte(end) < 0x80 {
            return end;
        }
        let rest = self.text[end..].char_indices().find(|(_, c)| !(c.is_alphanumeric() || *c == '_'));
        rest.map_or(self.text.len(), |(length, _)| end + length)
    }
}

fn is_sign(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'\'' | b'*'..=b'/' | b':'..=b'@' | b'^' | b'|' | b'~')
}

impl<'t> Iterator for Scan<'t> {
    type Item = (Token<'t>, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((&token, rest)) = self.documented.0.split_first() {
                self.documented.0 = rest;
                return Some((token, self.documented.1.clone()));
            }
            let bytes = self.text.as_bytes();
            while matches!(bytes.get(self.at), Some(b' ' | 0x09..=0x0d)) {
                self.at += 1;
            }
            let start = self.at;
            let &byte = bytes.get(start).filter(|_| !self.failed)?;
            // Most tokens are words that cannot begin a literal.
            if matches!(byte, b'a' | b'd'..=b'q' | b's'..=b'z' | b'A'..=b'Z' | b'_') {
                self.at = self.word_from(start);
                return Some((Token::Word(&self.text[start..self.at]), start..self.at));
            }
            if byte == b'/' && self.comment().is_some() {
                continue;
            }
            if self.failed {
                return None;
            }
            let (token, end) = match byte {
                b'(' | b'[' | b'{' => (Token::Open(byte), start + 1),
                b')' | b']' | b'}' => (Token::Close(byte), start + 1),
                _ => {
                    let Some(literal) = self.literal() else {
                        self.failed = true;
                        return None;
                    };
                    if literal > start {
                        // What is glued to it is a part of it.
                        (Token::Literal, self.word_from(literal))
                    } else if is_sign(byte) {
                        let next = self.byte(start + 1);
                        let comment = next == b'/' && matches!(self.byte(start + 2), b'/' | b'*');
                        // The quote of a lifetime touches its name.
                        (Token::Punct(byte, byte == b'\'' || is_sign(next) && !comment), start + 1)
                    } else {
                        let end = self.word();
                        (Token::Word(self.text.get(start..end).unwrap_or("")), end)
                    }
                }
            };
            if end == start {
                let space = self.text[start..].chars().next().filter(|c| c.is_whitespace() || is_mark(*c));
                self.failed = space.is_none();
                self.at += space.map_or(0, char::len_utf8);
                continue;
            }
            self.at = end;
            return Some((token, start..end));
        }
    }
}

/// Marks of direction, which Rust takes for spaces (The Rust Reference, "Whitespace").
fn is_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}')
}

#[cfg(test)]
mod tests {
    use super::{Scan, Token};
    use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

    fn lexed(stream: TokenStream, into: &mut Vec<String>) {
        for tree in stream {
            match tree {
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::Bracket => ("[", "]"),
                        _ => ("{", "}"),
                    };
                    into.push(open.to_owned());
                    lexed(group.stream(), into);
                    into.push(close.to_owned());
                }
                TokenTree::Punct(punct) => {
                    let glued = punct.spacing() == Spacing::Joint;
                    into.push(format!("{}{}", punct.as_char(), if glued { "+" } else { "" }));
                }
                TokenTree::Ident(word) => into.push(word.to_string()),
                TokenTree::Literal(_) => into.push("literal".to_owned()),
            }
        }
    }

    fn scanned(text: &str) -> Option<Vec<String>> {
        let mut scan = Scan::new(text);
        let found: Vec<String> = scan
            .by_ref()
            .map(|(token, _)| match token {
                Token::Open(byte) | Token::Close(byte) => char::from(byte).to_string(),
                Token::Punct(byte, glued) => format!("{}{}", char::from(byte), if glued { "+" } else { "" }),
                Token::Word(word) => word.to_owned(),
                Token::Literal => "literal".to_owned(),
            })
            .collect();
        (!scan.failed).then_some(found)
    }

    fn same(text: &str) {
        let mut wanted = Vec::new();
        lexed(text.parse().expect("lexes"), &mut wanted);
        assert_eq!(scanned(text), Some(wanted), "{text}");
    }

    #[test]
    fn tokens_are_those_of_the_lexer() {
        for text in [
            "fn f<'a>(x: &'a str) -> u8 { let c = '\\''; let d = '\"'; g('a', b'\\x41', '\\u{1F600}', 'é') }",
            "let s = \"a \\\" // no comment\"; let r = r#\"a \" b\"#;",
            "let b = br##\"x\"# \"##; let c = c\"z\"; let d = b\"(\";",
            "/// one\n//! two\n//// none\n/** three */ /*! four */ /*** none */ /**/ /* a /* b */ c */ fn r#fn() {}",
            "let x = 1..2; let y = 1.5e3_f64; let z = 0x1f_u8; 1.max(2); t.0.1; 1e+5;",
            "a=>b; a>>=b; x!=-1; a/b; a//c\n/b",
            "héllo::wörld(\"日本\", '日') \u{200e} ; #![a] macro_rules! m { ($($x:expr),* $(,)?) => { $($x)* } }",
            "loop { break 'outer; } 'outer: loop {} x as u8 <y; r; b; c; br; crate::r::b(c) b'a'; \"suffix\"us",
        ] {
            same(text);
        }
    }

    #[test]
    fn sources_of_our_own_are_scanned_as_they_are_lexed() {
        for text in [
            include_str!("scan.rs"),
            include_str!("gate.rs"),
            include_str!("places.rs"),
            include_str!("../../text/mod.rs"),
        ] {
            let plain: String = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .fold(String::new(), |all, line| all + line + "\n");
            same(text);
            same(&plain);
        }
    }

    #[test]
    fn what_does_not_end_is_no_text() {
        for text in ["\"open", "r#\"open\"", "/* open", "a \u{7}"] {
            assert_eq!(scanned(text), None, "{text}");
        }
    }
}
