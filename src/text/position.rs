//! The only conversion from byte offsets to 1-based lines and columns.

/// A place as people and editors count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// 1-based line.
    pub line: u32,
    /// 1-based column, in characters.
    pub column: u32,
}

/// Offsets of line starts; always begins with 0.
pub(super) fn line_starts(text: &str) -> Vec<u32> {
    let mut starts = vec![0];
    starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1));
    starts
}

/// Line and column of a byte; a byte inside a character counts as that character.
pub(super) fn locate(text: &str, starts: &[u32], byte: u32) -> Position {
    let byte = byte.min(text.len() as u32);
    let line = starts.partition_point(|&start| start <= byte) - 1;
    let mut end = byte as usize;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut start = starts[line] as usize;
    if line == 0 && text.starts_with('\u{feff}') && end >= 3 {
        start = 3;
    }
    let column = text[start.min(end)..end].chars().count();
    Position { line: line as u32 + 1, column: column as u32 + 1 }
}

#[cfg(test)]
mod tests {
    use super::{line_starts, locate};

    fn at(text: &str, byte: u32) -> (u32, u32) {
        let found = locate(text, &line_starts(text), byte);
        (found.line, found.column)
    }

    #[test]
    fn counts_characters_not_bytes() {
        assert_eq!(at("日本: x\ny", 8), (1, 5));
        assert_eq!(at("日本: x\ny", 10), (2, 1));
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        assert_eq!(at("\u{feff}ab", 3), (1, 1));
        assert_eq!(at("\u{feff}ab", 4), (1, 2));
    }

    #[test]
    fn offsets_past_the_end_and_inside_characters_are_tamed() {
        assert_eq!(at("é", 1), (1, 1));
        assert_eq!(at("a\n", 99), (2, 1));
        assert_eq!(at("", 0), (1, 1));
    }
}
