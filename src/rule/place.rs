//! Where in a rule file something is written, for messages.

use granit_parser::{Event, Parser};

/// A mapping or list that is open, with where in it the parser is.
enum Open {
    Map(Option<String>),
    List(usize),
}

/// 1-based line and column of the value at a path of keys and indices, or of the innermost part of it that is there.
pub(crate) fn place(text: &str, path: &[String]) -> Option<(u32, u32)> {
    let mut parser = Parser::new_from_str(text);
    let mut open: Vec<Open> = Vec::new();
    let mut best: Option<(usize, (u32, u32))> = None;
    while let Some(Ok((event, span))) = parser.next_event() {
        let node =
            matches!(event, Event::Scalar(..) | Event::Alias(..) | Event::MappingStart(..) | Event::SequenceStart(..));
        if node {
            match open.last_mut() {
                Some(Open::Map(key @ None)) => {
                    *key = Some(if let Event::Scalar(word, ..) = &event { word.to_string() } else { String::new() });
                    if matches!(event, Event::Scalar(..) | Event::Alias(..)) {
                        continue;
                    }
                }
                Some(Open::List(next)) => *next += 1,
                _ => {}
            }
            let depth = open.len();
            let leads = |(at, part): (usize, &Open)| {
                path.get(at).is_some_and(|wanted| match part {
                    Open::Map(key) => key.as_deref() == Some(wanted),
                    Open::List(next) => (next - 1).to_string() == *wanted,
                })
            };
            if depth <= path.len()
                && open.iter().enumerate().all(leads)
                && best.is_none_or(|(reached, _)| depth > reached || depth == 0)
            {
                best = Some((depth, (span.start.line() as u32, span.start.col() as u32 + 1)));
            }
        }
        match event {
            Event::MappingStart(..) => open.push(Open::Map(None)),
            Event::SequenceStart(..) => open.push(Open::List(0)),
            Event::MappingEnd | Event::SequenceEnd => {
                open.pop();
                close(&mut open);
            }
            Event::Scalar(..) | Event::Alias(..) => close(&mut open),
            _ => {}
        }
    }
    best.map(|(_, at)| at)
}

/// After a value, a mapping waits for its next key.
fn close(open: &mut [Open]) {
    if let Some(Open::Map(key)) = open.last_mut() {
        *key = None;
    }
}

#[cfg(test)]
mod tests {
    use super::place;

    const TEXT: &str =
        "id: a\nmatch:\n  when:\n    all:\n      - {fact: b, is: c}\n      - not: {fact: d, in: [e, f]}\nnote: g\n";

    fn at(path: &str) -> Option<(u32, u32)> {
        place(TEXT, &path.split('.').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn values_are_found_by_their_path() {
        assert_eq!(at("id"), Some((1, 5)));
        assert_eq!(at("match.when.all.0.is"), Some((5, 23)));
        assert_eq!(at("match.when.all.1.not.in.1"), Some((6, 32)));
        assert_eq!(at("note"), Some((7, 7)));
    }

    #[test]
    fn what_is_not_there_is_placed_at_what_should_hold_it() {
        assert_eq!(at("match.when.all.1.not.fact.x"), Some((6, 21)));
        assert_eq!(at("match.when.any"), Some((4, 5)));
        assert_eq!(at("report.message"), Some((1, 1)));
    }
}
