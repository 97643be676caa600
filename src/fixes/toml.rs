//! Keys of TOML tables.

use crate::finding::Edit;
use crate::text::{FileId, Span};

/// Sets keys of a table: behind its header, or in a new table at the end of the file. Keys that are there are replaced.
pub(super) fn set(file: FileId, text: &str, name: &str, keys: &[(String, String)]) -> Option<Edit> {
    let header = format!("[{name}]");
    let lines: String = keys.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        let code = line.split('#').next().unwrap_or("").trim();
        if code.replace(' ', "") == header {
            let lines = if line.ends_with('\n') { lines } else { format!("\n{}", lines.trim_end()) };
            return Some(Edit { span: Span::new(file, at as u32, at as u32), text: lines });
        }
    }
    // Below another header of the same table, such as `profile.release.package`, it would be a new one as well.
    let gap = if text.is_empty() || text.ends_with("\n\n") {
        ""
    } else if text.ends_with('\n') {
        "\n"
    } else {
        "\n\n"
    };
    let end = text.len() as u32;
    Some(Edit { span: Span::new(file, end, end), text: format!("{gap}{header}\n{lines}") })
}

#[cfg(test)]
mod tests {
    use super::set;
    use crate::text::SourceMap;

    fn after(text: &str) -> String {
        let mut sources = SourceMap::default();
        let file = sources.add("Cargo.toml", text.into());
        let edit = set(file, text, "profile.release", &[("lto".to_owned(), "\"thin\"".to_owned())]).expect("an edit");
        let at = edit.span.start as usize;
        format!("{}{}{}", &text[..at], edit.text, &text[at..])
    }

    #[test]
    fn a_table_grows_or_is_added() {
        assert_eq!(
            after("[profile.release] # r\nopt-level = 3\n"),
            "[profile.release] # r\nlto = \"thin\"\nopt-level = 3\n"
        );
        assert_eq!(
            after("[package]\nname = \"a\"\n"),
            "[package]\nname = \"a\"\n\n[profile.release]\nlto = \"thin\"\n"
        );
        assert_eq!(after("[profile.release]"), "[profile.release]\nlto = \"thin\"");
    }
}
