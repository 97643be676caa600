//! Lexes first and refuses what would overflow the parser's stack: `syn` recurses over its input.

use proc_macro2::{Spacing, TokenStream, TokenTree, token_stream};

/// Source files larger than this are gaps; the largest hand-written file we know has a tenth of it.
pub(crate) const MAX_BYTES: usize = 2 << 20;
/// Deepest nesting of delimiters; real code stays under 50.
const MAX_DEPTH: usize = 256;
/// Tokens on one path that make the parser recurse without a delimiter: prefix operators, `<`, `::`,
/// `=`, `|` and keywords that take an expression. Summed over the enclosing groups, since the stack is.
const MAX_PREFIX: usize = 8192;

/// The tokens of a file.
///
/// # Errors
/// The reason, with the 1-based line where it is known.
pub(crate) fn lex(text: &str) -> Result<TokenStream, (String, usize)> {
    let tokens: TokenStream = text.parse().map_err(|error: proc_macro2::LexError| {
        ("not valid Rust: unbalanced delimiter or unfinished literal".to_owned(), error.span().start().line)
    })?;
    measure(tokens.clone())?;
    Ok(tokens)
}

struct Level {
    tokens: token_stream::IntoIter,
    prefixes: usize,
}

/// Whether tokens can be parsed on the stack there is; walks the token tree without recursion.
///
/// # Errors
/// The reason, with the 1-based line where it is known.
pub(super) fn measure(tokens: TokenStream) -> Result<(), (String, usize)> {
    let mut open = vec![Level { tokens: tokens.into_iter(), prefixes: 0 }];
    let mut total = 0usize;
    while let Some(level) = open.last_mut() {
        let Some(token) = level.tokens.next() else {
            total -= level.prefixes;
            open.pop();
            continue;
        };
        match token {
            TokenTree::Group(group) => {
                if open.len() > MAX_DEPTH {
                    let line = group.span().start().line;
                    return Err((format!("nests deeper than {MAX_DEPTH} levels; not analysed"), line));
                }
                open.push(Level { tokens: group.stream().into_iter(), prefixes: 0 });
                continue;
            }
            TokenTree::Punct(punct) => match punct.as_char() {
                ';' | ',' => {
                    total -= level.prefixes;
                    level.prefixes = 0;
                }
                '<' | '!' | '&' | '*' | '-' | '=' | '|' => level.prefixes += 1,
                ':' if punct.spacing() == Spacing::Joint => level.prefixes += 1,
                _ => continue,
            },
            TokenTree::Ident(ident) => {
                // Items end without a separator; their keyword starts a new count.
                match ident.to_string().as_str() {
                    "return" | "break" | "if" | "match" | "yield" | "box" | "for" | "while" | "loop" => {
                        level.prefixes += 1;
                    }
                    "fn" | "impl" | "struct" | "enum" | "mod" | "use" | "let" | "trait" | "static" => {
                        total -= level.prefixes;
                        level.prefixes = 0;
                        continue;
                    }
                    _ => continue,
                }
            }
            TokenTree::Literal(_) => continue,
        }
        let Some(level) = open.last() else { break };
        if level.prefixes > 0 {
            total += 1;
        }
        if total > MAX_PREFIX {
            return Err((format!("chains more than {MAX_PREFIX} operators in one statement; not analysed"), 1));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::lex;

    #[test]
    fn ordinary_code_passes() {
        let text = "fn f<T: A<B>>(x: &T) -> bool { if !x.ok() && -1 < 2 { return a::b::c(|y| y * 2); } false }\n";
        assert!(lex(&text.repeat(5000)).is_ok());
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
