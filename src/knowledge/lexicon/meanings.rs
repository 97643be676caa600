//! A set of meanings, as small as it can be: a path is asked for it again and again.

use super::meaning::Meaning;

const WORDS: usize = Meaning::ALL.len().div_ceil(64);

/// A set of meanings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Meanings([u64; WORDS]);

impl Meanings {
    /// Whether a meaning is among them.
    pub fn has(self, meaning: Meaning) -> bool {
        let at = meaning as usize;
        self.0[at / 64] >> (at % 64) & 1 == 1
    }

    /// Whether one of several is among them.
    pub fn any(self, wanted: &[Meaning]) -> bool {
        wanted.iter().any(|&meaning| self.has(meaning))
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Adds all of another set.
    pub fn extend(&mut self, others: Self) {
        self.0.iter_mut().zip(others.0).for_each(|(own, other)| *own |= other);
    }
}

impl FromIterator<Meaning> for Meanings {
    fn from_iter<T: IntoIterator<Item = Meaning>>(meanings: T) -> Self {
        let mut set = Self::default();
        for meaning in meanings {
            let at = meaning as usize;
            set.0[at / 64] |= 1 << (at % 64);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::{Meaning, Meanings};

    #[test]
    fn a_set_holds_what_was_put_into_it() {
        let (first, last) = (Meaning::ALL[0], Meaning::ALL[Meaning::ALL.len() - 1]);
        let mut set: Meanings = [first].into_iter().collect();
        assert!(set.has(first) && !set.has(last) && !set.is_empty());
        set.extend([last].into_iter().collect());
        assert!(Meaning::ALL.iter().all(|&meaning| set.has(meaning) == (meaning == first || meaning == last)));
    }
}
