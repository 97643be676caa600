//! Text from a repository may hold bytes that move the cursor or reverse the reading direction.
//! Replaced by harmless characters of the same length, so that spans keep fitting.

use std::borrow::Cow;

/// The text with control and direction characters replaced, byte for byte.
pub(super) fn same_length(text: &str) -> Cow<'_, str> {
    if !text.chars().zip(following(text)).any(|(c, next)| replacement(c, next).is_some()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().zip(following(text)).map(|(c, next)| replacement(c, next).unwrap_or(c)).collect())
}

/// A single line for messages, paths and ids.
pub fn clean(text: &str) -> String {
    same_length(text).replace(['\n', '\r', '\t'], " ")
}

fn following(text: &str) -> impl Iterator<Item = Option<char>> + '_ {
    text.chars().skip(1).map(Some).chain(std::iter::once(None))
}

/// What stands for a character that is not to be written; none if it may be.
pub(super) fn replacement(c: char, next: Option<char>) -> Option<char> {
    match c {
        '\n' | '\t' => None,
        '\r' if next == Some('\n') => None,
        '\u{0}'..='\u{1f}' | '\u{7f}' => Some('?'),
        '\u{80}'..='\u{9f}' | '\u{61c}' => Some('\u{bf}'),
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => Some('\u{fffd}'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{clean, same_length};

    #[test]
    fn hostile_characters_go_and_lengths_stay() {
        for text in ["a\u{1b}[31mb", "a\u{202e}b", "a\u{9b}b", "a\rb", "plain\r\n\ttext é日"] {
            let out = same_length(text);
            assert_eq!(out.len(), text.len(), "{text:?}");
            assert!(!out.contains('\u{1b}') && !out.contains('\u{202e}') && !out.contains('\u{9b}'));
        }
        assert_eq!(same_length("plain\r\n\ttext é日"), "plain\r\n\ttext é日");
        assert_eq!(clean("a\nb"), "a b");
    }
}
