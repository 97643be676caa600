//! Which part of a Rust file says what stands at a place: the clauses that it touches of the block it lies in. A file
//! need not be taken apart for a few places of it.

use crate::source::{Scan, Token};
use std::ops::Range;

/// Clauses of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Clauses {
    pub(super) start: usize,
    pub(super) end: usize,
    /// How many groups are around them.
    pub(super) depth: usize,
}

/// What came before in a group, as far as it may end a clause.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// `;` and `,`, and `=>` as a whole.
    End,
    /// A `=` that touches what follows.
    Equals,
    Block,
    Other,
}

/// A group that is open.
struct Group {
    is_block: bool,
    before: Before,
    /// Where the clause at hand begins.
    clause: usize,
    /// The places that lie in it, and in none of its blocks, with the clause each begins in.
    places: Vec<(usize, usize)>,
}

impl Group {
    fn new(is_block: bool, clause: usize) -> Self {
        Self { is_block, before: Before::Other, clause, places: Vec::new() }
    }

    /// Whether a clause ends before a token.
    fn ends(&self, next: Token<'_>) -> bool {
        match self.before {
            Before::End => true,
            Before::Block => match next {
                Token::Word(word) => word != "else" && word != "as",
                Token::Literal => true,
                Token::Punct(sign, _) => sign == b'#',
                Token::Open(_) | Token::Close(_) => false,
            },
            Before::Equals | Before::Other => false,
        }
    }

    fn met(&mut self, token: Token<'_>) {
        self.before = match (token, self.before) {
            (Token::Punct(b';' | b',', _), _) | (Token::Punct(b'>', _), Before::Equals) => Before::End,
            (Token::Punct(b'=', true), _) => Before::Equals,
            _ => Before::Other,
        };
    }
}

/// The clauses that each of some places touches; the places are sorted by where they begin. None of a text that is not
/// Rust.
pub(super) fn around(text: &str, places: &[Range<usize>]) -> Option<Vec<Clauses>> {
    let mut found = vec![Clauses { start: 0, end: text.len(), depth: 0 }; places.len()];
    let mut open = vec![Group::new(true, 0)];
    let mut next = 0;
    let mut scan = Scan::new(text);
    for (token, bytes) in scan.by_ref() {
        if let Token::Close(_) = token {
            let closed = open.pop().filter(|_| !open.is_empty())?;
            let block = open.iter().rposition(|group| group.is_block)?;
            for (place, clause) in closed.places {
                // What goes on behind the block lies in the one around it.
                if places[place].end > bytes.start {
                    let clause = open[block].clause;
                    open[block].places.push((place, clause));
                } else {
                    found[place] = Clauses { start: clause, end: bytes.start, depth: open.len() };
                }
            }
            open.last_mut()?.before = if closed.is_block { Before::Block } else { Before::Other };
        } else {
            let depth = open.len() - 1;
            let group = open.last_mut()?;
            if group.ends(token) {
                group.clause = bytes.start;
                group.places.retain(|&(place, clause)| {
                    let done = places[place].end <= bytes.start;
                    if done {
                        found[place] = Clauses { start: clause, end: bytes.start, depth };
                    }
                    !done
                });
            }
            group.met(token);
        }
        while places.get(next).is_some_and(|place| place.start < bytes.end) {
            let block = open.iter_mut().rfind(|group| group.is_block)?;
            block.places.push((next, block.clause));
            next += 1;
        }
        if let Token::Open(bracket) = token {
            open.push(Group::new(bracket == b'{', bytes.end));
        }
    }
    if scan.failed || open.len() != 1 {
        return None;
    }
    for (place, clause) in open.pop()?.places {
        found[place] = Clauses { start: clause, end: text.len(), depth: 0 };
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::{Clauses, around};

    /// What is around the place between `«` and `»`, and how deep.
    fn of(marked: &str) -> (String, usize) {
        let start = marked.find('«').expect("a mark");
        let text = marked.replace('«', "");
        let end = text.find('»').expect("a mark");
        let text = text.replace('»', "");
        let place = start..end;
        let Clauses { start, end, depth } = around(&text, std::slice::from_ref(&place)).expect("Rust")[0];
        (text[start..end].trim().to_owned(), depth)
    }

    #[test]
    fn places_lie_in_clauses_of_blocks() {
        let found = |marked: &str| of(marked).0;
        assert_eq!(of("fn a() {} fn f() { a(); b(«c», { d(); }); e() }"), ("b(c, { d(); });".to_owned(), 1));
        assert_eq!(of("fn f() { a(|| { b(); «c()»; d() }); e() }"), ("c();".to_owned(), 3));
        assert_eq!(found("use a; /// Says.\nfn «f»() { x() } fn g() {}"), "/// Says.\nfn f() { x() }");
        assert_eq!(found("fn f() { match a { A => «g()», B => h() } }"), "g(),");
        assert_eq!(found("fn f() { if a { b() } else { «c()» } d() }"), "c()");
        assert_eq!(found("fn f() { a(); «if b { c() }» d(); e() }"), "if b { c() }");
        assert_eq!(found("fn f() { «a(); { b() }» c(); d() }"), "a(); { b() }");
        assert_eq!(found("fn f() { { a(); «b() } c()»; d() }"), "{ a(); b() } c();");
        assert_eq!(found("«static A: u8 = 1»;"), "static A: u8 = 1;");
    }

    #[test]
    fn what_is_no_rust_has_no_clauses() {
        for text in ["fn f() {", "}", "\"a"] {
            assert!(around(text, &[]).is_none(), "{text}");
        }
    }
}
