//! Where in a config something is written, for messages.

use granit_parser::{Event, Parser};

/// 1-based line and column of the first scalar with this text.
pub(super) fn scalar(text: &str, wanted: &str) -> Option<(usize, usize)> {
    let mut parser = Parser::new_from_str(text);
    while let Some(Ok((event, span))) = parser.next_event() {
        if matches!(&event, Event::Scalar(found, ..) if found == wanted) {
            return Some((span.start.line(), span.start.col() + 1));
        }
    }
    None
}

/// Bytes of the first key of each item of the list at a key of the root.
pub(super) fn items(text: &str, key: &str) -> Vec<(usize, usize)> {
    let mut parser = Parser::new_from_str(text);
    let (mut depth, mut in_list, mut is_next, mut is_fresh) = (0usize, false, false, false);
    let mut found = Vec::new();
    while let Some(Ok((event, span))) = parser.next_event() {
        match event {
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                if depth == 1 {
                    in_list = is_next && matches!(event, Event::SequenceStart(..));
                }
                is_next = false;
                is_fresh = in_list && depth == 2;
                depth += 1;
            }
            Event::MappingEnd | Event::SequenceEnd => {
                depth = depth.saturating_sub(1);
                in_list &= depth > 1;
            }
            Event::Scalar(..) if is_fresh => {
                let range = span.byte_range().unwrap_or(0..0);
                found.push((range.start, range.end));
                is_fresh = false;
            }
            // At the root, keys and plain values alternate.
            Event::Scalar(word, ..) if depth == 1 => is_next = !is_next && word == key,
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{items, scalar};

    #[test]
    fn items_and_scalars_are_found() {
        let text = "select: [a]\nallow:\n  - rules: [x]\n    reason: y\n  - reason: z\n    rules: [x]\nplan: p\n";
        let words: Vec<&str> = items(text, "allow").into_iter().map(|(start, end)| &text[start..end]).collect();
        assert_eq!(words, ["rules", "reason"]);
        assert_eq!(scalar(text, "z"), Some((5, 13)));
    }
}
