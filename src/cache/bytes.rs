//! Entries as bytes: numbers and texts with their lengths, and nothing to interpret.

/// Writes an entry.
#[derive(Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// A number.
    pub fn number(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    /// A large number.
    pub fn wide(&mut self, number: u128) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    /// Yes or no.
    pub fn flag(&mut self, flag: bool) {
        self.0.push(u8::from(flag));
    }

    /// Bytes with their length.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Texts with their count.
    pub fn texts<'t>(&mut self, texts: impl ExactSizeIterator<Item = &'t str>) {
        self.number(texts.len() as u64);
        texts.for_each(|text| self.text(text));
    }

    /// What was written.
    pub fn done(self) -> Vec<u8> {
        self.0
    }
}

/// Reads an entry. Everything may be missing.
#[derive(Debug)]
pub struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    /// The bytes of an entry.
    pub fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    /// A number.
    pub fn number(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    /// A large number.
    pub fn wide(&mut self) -> Option<u128> {
        self.take().map(u128::from_le_bytes)
    }

    /// Yes or no.
    pub fn flag(&mut self) -> Option<bool> {
        self.take::<1>().map(|[byte]| byte == 1)
    }

    /// A count of things that take at least a byte each.
    pub fn count(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok().filter(|&count| count <= self.0.len())
    }

    /// Bytes with their length.
    pub fn bytes(&mut self) -> Option<&'b [u8]> {
        let length = self.count()?;
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// A text.
    pub fn text(&mut self) -> Option<&'b str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// Texts with their count.
    pub fn texts(&mut self) -> Option<Vec<String>> {
        let count = self.count()?;
        (0..count).map(|_| self.text().map(str::to_owned)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Reader, Writer};

    #[test]
    fn what_is_written_is_read_and_a_part_of_it_is_not() {
        let mut writer = Writer::default();
        writer.number(7);
        writer.wide(u128::MAX);
        writer.flag(true);
        writer.texts(["a", "ö"].into_iter());
        let bytes = writer.done();
        let read = |bytes: &[u8]| {
            let mut reader = Reader::new(bytes);
            Some((reader.number()?, reader.wide()?, reader.flag()?, reader.texts()?))
        };
        assert_eq!(read(&bytes), Some((7, u128::MAX, true, vec!["a".to_owned(), "ö".to_owned()])));
        assert!((0..bytes.len()).all(|end| read(&bytes[..end]).is_none()));
    }

    #[test]
    fn lengths_that_lie_reserve_nothing() {
        let mut writer = Writer::default();
        writer.number(u64::MAX);
        assert_eq!(Reader::new(&writer.done()).texts(), None);
    }
}
