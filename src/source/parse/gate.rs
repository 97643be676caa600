//! Lexes first and refuses what would overflow the parser's stack: `syn` recurses over its input.

use super::scan::{Scan, Token};
use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree, token_stream};

/// Source files larger than this are gaps; the largest hand-written file we know has a tenth of it.
pub(crate) const MAX_BYTES: usize = 2 << 20;
/// Deepest nesting of delimiters; real code stays under 50.
const MAX_DEPTH: usize = 256;
/// Tokens on one path that make the parser recurse without a delimiter: prefix operators, open `<`, `::`, `->`,
/// `=`, `|` and keywords that take an expression. Summed over the enclosing groups, since the stack is.
const MAX_PREFIX: usize = 4096;
/// Operators and calls behind a value in one statement: the tree of `a.b.c` is as deep as it is long.
const MAX_SUFFIX: usize = 20_000;
/// Bytes of a number; parsing one takes time that grows with the square of its length.
const MAX_NUMBER: usize = 512;

/// The tokens of a file.
///
/// # Errors
/// The reason, with the 1-based line where it is known.
pub(crate) fn lex(text: &str) -> Result<TokenStream, (String, usize)> {
    let fits = fits(text);
    let tokens: TokenStream = text.parse().map_err(|error: proc_macro2::LexError| {
        ("not valid Rust: unbalanced delimiter or unfinished literal".to_owned(), error.span().start().line)
    })?;
    // Tokens are copied to be looked at, which takes a third of what lexing them does.
    if !fits {
        measure(tokens.clone())?;
    }
    Ok(tokens)
}

/// Whether a text passes by what can be told without its tokens.
fn fits(text: &str) -> bool {
    let mut open = vec![Level::default()];
    let mut around = 0usize;
    let mut scan = Scan::new(text);
    for (token, bytes) in scan.by_ref() {
        let nested = open.len();
        let Some(level) = open.last_mut() else { return false };
        match token {
            Token::Open(bracket) => {
                level.group(bracket == b'{');
                if level.suffixes > MAX_SUFFIX || nested > MAX_DEPTH {
                    return false;
                }
                around += level.depth();
                open.push(Level::default());
                continue;
            }
            Token::Close(_) => {
                open.pop();
                around -= open.last().map_or(0, Level::depth);
                continue;
            }
            Token::Punct(sign, glued) => level.punct(char::from(sign), glued),
            Token::Word(word) => level.word(word),
            Token::Literal => {
                if bytes.len() > MAX_NUMBER && text.as_bytes()[bytes.start].is_ascii_digit() {
                    return false;
                }
                level.literal();
            }
        }
        if around + level.depth() > MAX_PREFIX || level.suffixes > MAX_SUFFIX {
            return false;
        }
    }
    !scan.failed && open.len() == 1
}

/// What was read last in a group, as far as what follows depends on it.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Last {
    /// Where an item or statement may begin: the start of the group, `;`, a block, and modifiers behind those.
    #[default]
    Border,
    /// A `-` or a `=` that is glued to what follows: a `>` behind it closes nothing.
    Minus,
    Equals,
    Literal,
    Other,
}

/// What the unfinished statement of an open group holds so far.
#[derive(Default)]
struct Level {
    last: Last,
    /// Prefixes since the last comma that separates anything.
    prefixes: usize,
    /// `<` that no `>` has closed, and `|`: commas inside their pairs end nothing.
    angles: usize,
    pipes: usize,
    /// Operators behind values.
    suffixes: usize,
}

impl Level {
    fn depth(&self) -> usize {
        self.prefixes + self.angles + self.pipes
    }

    /// A statement, an item or an arm has ended: the parser is back where the group began.
    fn end(&mut self) {
        (self.prefixes, self.angles, self.pipes, self.suffixes) = (0, 0, 0, 0);
    }

    /// A group begins.
    fn group(&mut self, is_block: bool) {
        // An attribute stands before an item, as does the `(crate)` of `pub`.
        let border = is_block || self.last == Last::Border;
        self.last = if border { Last::Border } else { Last::Other };
        self.suffixes += 1;
    }

    fn literal(&mut self) {
        // `extern "C"` may begin an item.
        if self.last != Last::Border {
            self.last = Last::Literal;
        }
    }

    fn punct(&mut self, sign: char, glued: bool) {
        let last = std::mem::replace(&mut self.last, Last::Other);
        match sign {
            ';' => {
                self.end();
                self.last = Last::Border;
            }
            ',' if self.angles == 0 && self.pipes == 0 => (self.prefixes, self.suffixes) = (0, 0),
            '<' => {
                self.prefixes += 1;
                // `1 << 4` opens nothing.
                if glued && last == Last::Literal {
                    self.last = Last::Literal;
                } else if last != Last::Literal {
                    self.angles += 1;
                }
            }
            // `=>` stands in no expression: behind it the parser is back at an arm of this group.
            '>' if last == Last::Equals => self.end(),
            '>' if last != Last::Minus => self.angles = self.angles.saturating_sub(1),
            '|' => self.pipes += 1,
            '!' | '&' | '*' | '@' => self.prefixes += 1,
            '-' | '=' => {
                self.prefixes += 1;
                if glued {
                    self.last = if sign == '-' { Last::Minus } else { Last::Equals };
                }
            }
            ':' if glued => self.prefixes += 1,
            '.' | '?' | '+' | '/' | '%' | '^' => self.suffixes += 1,
            // The `#` of an attribute.
            '#' if last == Last::Border => self.last = Last::Border,
            _ => {}
        }
    }

    fn word(&mut self, word: &str) {
        let last = std::mem::replace(&mut self.last, Last::Other);
        let border = last == Last::Border;
        match word {
            "pub" | "async" | "unsafe" | "const" | "extern" | "default" if border => self.last = Last::Border,
            // Items and blocks end without a separator. Inside a type or an expression these words count on.
            "fn" | "impl" | "struct" | "enum" | "mod" | "use" | "let" | "trait" | "static" | "type" | "union"
                if border =>
            {
                self.end();
            }
            "if" | "match" | "for" | "while" | "loop" => {
                if border {
                    self.end();
                }
                self.prefixes += 1;
            }
            "return" | "break" | "yield" | "box" => self.prefixes += 1,
            "as" => self.suffixes += 1,
            _ => {}
        }
    }
}

fn too_long() -> String {
    format!("chains more than {MAX_SUFFIX} calls in one statement; not analysed")
}

/// Walks the token tree without recursion.
///
/// # Errors
/// The reason, with the 1-based line.
pub(crate) fn measure(tokens: TokenStream) -> Result<(), (String, usize)> {
    let mut open: Vec<(token_stream::IntoIter, Level)> = vec![(tokens.into_iter(), Level::default())];
    // What the groups around the current one hold.
    let mut around = 0usize;
    while let Some((tokens, level)) = open.last_mut() {
        let Some(token) = tokens.next() else {
            open.pop();
            around -= open.last().map_or(0, |(_, level)| level.depth());
            continue;
        };
        let line = |token: &TokenTree| token.span().start().line;
        match &token {
            TokenTree::Group(group) => {
                level.group(group.delimiter() == Delimiter::Brace);
                if level.suffixes > MAX_SUFFIX {
                    return Err((too_long(), line(&token)));
                }
                around += level.depth();
                if open.len() > MAX_DEPTH {
                    return Err((format!("nests deeper than {MAX_DEPTH} levels; not analysed"), line(&token)));
                }
                open.push((group.stream().into_iter(), Level::default()));
                continue;
            }
            TokenTree::Punct(punct) => level.punct(punct.as_char(), punct.spacing() == Spacing::Joint),
            TokenTree::Ident(ident) => level.word(&ident.to_string()),
            TokenTree::Literal(literal) => {
                let (start, end) = (literal.span().start(), literal.span().end());
                // Only texts go over lines.
                let bytes = if start.line == end.line { end.column - start.column } else { 0 };
                if bytes > MAX_NUMBER && literal.to_string().starts_with(|first: char| first.is_ascii_digit()) {
                    return Err((format!("has a number of {bytes} characters; not analysed"), line(&token)));
                }
                level.literal();
            }
        }
        if around + level.depth() > MAX_PREFIX {
            let reason = format!("chains more than {MAX_PREFIX} operators in one statement; not analysed");
            return Err((reason, line(&token)));
        }
        if level.suffixes > MAX_SUFFIX {
            return Err((too_long(), line(&token)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{fits, lex};

    #[test]
    fn ordinary_code_passes() {
        let text = "fn f<T: A<B>>(x: &T) -> bool { if !x.ok() && -1 < 2 { return a::b::c(|y| y * 2); } false }\n";
        assert!(lex(&text.repeat(5000)).is_ok());
    }

    #[test]
    fn what_is_refused_does_not_pass_unlexed() {
        let many = |one: &str| one.repeat(20_000);
        assert!(fits("fn f<T: A<B>>(x: &T) -> bool { if !x.ok() && -1 < 2 { return a::b::c(|y| y * 2); } false }"));
        let deep = format!("fn f() {{ {}{} }}", "(".repeat(5000), ")".repeat(5000));
        for text in [&deep, &many("!"), &many("use a::"), &format!("x{}", many(".a.b")), "\"", "(", ")"] {
            assert!(!fits(text));
        }
    }

    #[test]
    fn hostile_nesting_is_refused() {
        let deep = format!("fn f() {{ {}{} }}", "(".repeat(5000), ")".repeat(5000));
        assert!(lex(&deep).is_err());
        assert!(lex(&format!("fn f() {{ {}1 }}", "!".repeat(20_000))).is_err());
        assert!(lex(&format!("type A = {}u8{};", "V<".repeat(20_000), ">".repeat(20_000))).is_err());
        assert!(lex(&format!("use {}x;", "a::".repeat(20_000))).is_err());
    }

    #[test]
    fn words_of_items_inside_types_and_commas_inside_generics_start_no_new_count() {
        let chains = ["fn() -> ", "impl Fn() -> ", "V<impl V<", "V<u8, V<", "for<'a, 'b> fn() -> "];
        for chain in chains {
            assert!(lex(&format!("type T = {}u8;", chain.repeat(20_000))).is_err(), "{chain}");
            assert!(lex(&format!("fn f() {{ let x = y as {}u8; }}", chain.repeat(20_000))).is_err(), "{chain}");
        }
        for chain in ["if let A = ", "if let A = match ", "|a, b| ", "|a, b| x | ", "static || ", "x @ "] {
            assert!(lex(&format!("fn f() {{ {}1 }}", chain.repeat(20_000))).is_err(), "{chain}");
        }
        for link in [".a", "?", "()", "[0]", ".await", " as u8", " + 1"] {
            assert!(lex(&format!("fn f() {{ x{} }}", link.repeat(200_000))).is_err(), "{link}");
        }
    }

    #[test]
    fn long_lists_and_many_arms_pass() {
        let many = |one: &str| one.repeat(20_000);
        for body in [many("a < b || c > -1 => 1,"), many("A | B if x < 3 => { y } "), many("if a < b { c }\n")] {
            assert!(lex(&format!("fn f() {{ match x {{ {body} }} }}")).is_ok());
        }
        assert!(lex(&format!("const A: [i32; 9] = [{}];", many("-1 << 2, &x, !0,"))).is_ok());
        assert!(lex(&many("#[a] pub(crate) unsafe extern \"C\" fn f<T: A<B>>(x: &T) -> bool { a < b }\n")).is_ok());
    }

    #[test]
    fn numbers_nobody_wrote_are_refused() {
        assert!(lex(&format!("const A: u8 = {};", "1".repeat(100_000))).is_err());
        assert!(lex(&format!("const A: &str = \"{}\";", "1".repeat(100_000))).is_ok());
    }

    #[test]
    fn the_sum_over_enclosing_groups_counts() {
        let layer = format!("{}(", "!".repeat(100));
        let text = format!("fn f() {{ {}1{} }}", layer.repeat(200), ")".repeat(200));
        assert!(lex(&text).is_err());
    }

    #[test]
    fn broken_tokens_name_their_line() {
        let (_, line) = lex("fn f() {\n  \"open\n").expect_err("unfinished");
        assert!(line >= 1);
    }
}
