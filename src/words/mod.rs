//! Names as words: the one place that splits identifiers and looks for words and phrases in them.
//! `auth` is a word of `check_auth` and of `OAuth`, and none of `author`.

/// The words of a name as they are written, whatever its spelling: `snake_case`, `kebab-case`, `camelCase`,
/// `HTTPServer`, a path of several names. Digits belong to the word before them.
pub fn split(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
        let end = word_end(rest)?;
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

/// Bytes of the first word of a text that begins with one.
fn word_end(text: &str) -> Option<usize> {
    let mut chars = text.char_indices().peekable();
    let (_, mut last) = chars.next()?;
    while let Some((at, c)) = chars.next() {
        let next_is_lower = chars.peek().is_some_and(|(_, next)| next.is_lowercase());
        // `aB` and `2B` are two words, and `HTTPServer` ends its first one before the last capital.
        let begins = c.is_uppercase() && (!last.is_uppercase() || next_is_lower);
        if !c.is_alphanumeric() || begins {
            return Some(at);
        }
        last = c;
    }
    Some(text.len())
}

/// The words of a name in lower case.
pub fn lower(name: &str) -> Vec<String> {
    split(name).map(str::to_lowercase).collect()
}

/// Words and phrases to look for in names. `clean up` are two words that follow each other, `^get` begins the name,
/// `order$` ends it, and `^close$` is the whole name.
#[derive(Debug, Clone, Default)]
pub struct Phrases(Vec<Phrase>);

#[derive(Debug, Clone)]
struct Phrase {
    words: Vec<String>,
    begins: bool,
    ends: bool,
}

impl Phrases {
    /// Reads phrases as they are written in data.
    pub fn new<T: AsRef<str>>(written: impl IntoIterator<Item = T>) -> Self {
        let phrase = |text: T| {
            let text = text.as_ref().trim();
            let words = text.trim_start_matches('^').trim_end_matches('$').split_whitespace();
            Phrase {
                words: words.map(str::to_lowercase).collect(),
                begins: text.starts_with('^'),
                ends: text.ends_with('$'),
            }
        };
        Self(written.into_iter().map(phrase).filter(|phrase| !phrase.words.is_empty()).collect())
    }

    /// Whether one of them stands in a name.
    pub fn stand_in(&self, name: &str) -> bool {
        let words: Vec<&str> = split(name).collect();
        self.0.iter().any(|phrase| phrase.stands_in(&words))
    }

    /// Adds the phrases of another list.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }
}

impl Phrase {
    fn stands_in(&self, name: &[&str]) -> bool {
        let Some(last) = name.len().checked_sub(self.words.len()) else { return false };
        let first = if self.ends { last } else { 0 };
        let last = if self.begins { 0 } else { last };
        (first..=last).any(|at| self.words.iter().zip(&name[at..]).all(|(a, b)| a.eq_ignore_ascii_case(b)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Phrases, lower};

    #[test]
    fn names_of_any_spelling_have_words() {
        assert_eq!(lower("ReservePayment v2"), ["reserve", "payment", "v2"]);
        assert_eq!(lower("refund_order"), ["refund", "order"]);
        assert_eq!(lower("std::env::set_var"), ["std", "env", "set", "var"]);
        assert_eq!(lower("HTTPServer"), ["http", "server"]);
        assert_eq!(lower("S3Key"), ["s3", "key"]);
        assert_eq!(lower("get-EC2-instances"), ["get", "ec2", "instances"]);
        assert_eq!(lower("OAuth"), ["o", "auth"]);
        assert_eq!(lower("größe_Ändern"), ["größe", "ändern"]);
        assert_eq!(lower("__"), Vec::<String>::new());
    }

    #[test]
    fn phrases_are_whole_words() {
        let auth = Phrases::new(["auth"]);
        assert!(auth.stand_in("check_auth") && auth.stand_in("AuthGuard") && !auth.stand_in("load_author"));
        let phrases = Phrases::new(["clean up", "^get", "order$", "^close$"]);
        assert!(phrases.stand_in("clean_up_files") && phrases.stand_in("cleanUp") && !phrases.stand_in("clean_the_up"));
        assert!(phrases.stand_in("get_item") && !phrases.stand_in("forget") && !phrases.stand_in("try_get"));
        assert!(phrases.stand_in("store_order") && !phrases.stand_in("order_line") && !phrases.stand_in("border"));
        assert!(phrases.stand_in("close") && !phrases.stand_in("close_account"));
        assert!(!Phrases::new(["", "^$"]).stand_in("anything"));
    }
}
