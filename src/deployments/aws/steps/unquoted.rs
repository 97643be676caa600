//! `${Name}` without quotes in a JSON definition: substitution is textual, so a number needs none (AWS SAM developer
//! guide, `DefinitionSubstitutions`). The text is read with a number of the same length in its place.

/// The names that stand unquoted, with the bytes they begin at.
pub(crate) type Unquoted = Vec<(u32, String)>;

/// A JSON text whose unquoted substitutions are numbers; none if it has no such.
pub(super) fn masked(text: &str) -> Option<(String, Unquoted)> {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut found = Vec::new();
    let (mut at, mut copied, mut quoted) = (0, 0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b'$' if !quoted && bytes.get(at + 1) == Some(&b'{') => {
                let length = text[at..].find('}')? + 1;
                let name = &text[at + 2..at + length - 1];
                if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                    return None;
                }
                out.push_str(&text[copied..at]);
                out.extend(std::iter::repeat_n('1', length));
                found.push((u32::try_from(at).ok()?, name.to_owned()));
                at += length;
                copied = at;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    out.push_str(&text[copied..]);
    (!found.is_empty()).then_some((out, found))
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn only_what_stands_outside_of_strings_is_masked() {
        let (text, names) = masked(r#"{"a": ${Wait}, "b": "\"${Kept}", "c": ${N}}"#).expect("has some");
        assert_eq!(text, r#"{"a": 1111111, "b": "\"${Kept}", "c": 1111}"#);
        assert_eq!(names, [(6, "Wait".to_owned()), (38, "N".to_owned())]);
        assert_eq!(masked(r#"{"a": "${Wait}"}"#), None);
        assert_eq!(masked("{\"a\": ${open"), None);
    }
}
