//! The only conversion from byte offsets to 1-based lines and columns.

/// A place as people and editors count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// 1-based line.
    pub line: u32,
    /// 1-based column, in characters.
    pub column: u32,
}

/// Bytes between the marks of a [`Lines`].
const STRIDE: usize = 4096;

/// Where the lines of a text start, and how many characters come before every so many bytes: a line may be the whole
/// file, and places in it may be many.
#[derive(Debug)]
pub(super) struct Lines {
    /// Offsets of line starts; always begins with 0.
    pub(super) starts: Vec<u32>,
    marks: Vec<(usize, u32)>,
}

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1));
        let mut marks = vec![(0, 0)];
        for at in (STRIDE..=text.len()).step_by(STRIDE) {
            let (last, before) = marks[marks.len() - 1];
            let at = text.floor_char_boundary(at);
            marks.push((at, before + text[last..at].chars().count() as u32));
        }
        Self { starts, marks }
    }

    /// Characters before the one that begins at a byte.
    fn before(&self, text: &str, byte: usize) -> u32 {
        let (at, before) = self.marks[byte / STRIDE];
        before + text[at..byte].chars().count() as u32
    }

    /// Line and column of a byte; a byte inside a character counts as that character.
    pub(super) fn locate(&self, text: &str, byte: u32) -> Position {
        let byte = byte.min(text.len() as u32);
        let line = self.starts.partition_point(|&start| start <= byte) - 1;
        let end = text.floor_char_boundary(byte as usize);
        let mut start = self.starts[line] as usize;
        if line == 0 && text.starts_with('\u{feff}') && end >= 3 {
            start = 3;
        }
        let column = self.before(text, end) - self.before(text, start.min(end));
        Position { line: line as u32 + 1, column: column + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    fn at(text: &str, byte: u32) -> (u32, u32) {
        let found = Lines::of(text).locate(text, byte);
        (found.line, found.column)
    }

    #[test]
    fn counts_characters_not_bytes() {
        assert_eq!(at("日本: x\ny", 8), (1, 5));
        assert_eq!(at("日本: x\ny", 10), (2, 1));
    }

    #[test]
    fn columns_of_long_lines_are_counted_from_the_nearest_mark() {
        let text = "é".repeat(10_000);
        for byte in [0, 4095, 4096, 4098, 8191, 8192, 19_998] {
            assert_eq!(at(&text, byte), (1, byte / 2 + 1));
        }
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
