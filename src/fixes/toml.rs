//! Keys of TOML tables.

use crate::finding::Edit;
use crate::text::{FileId, Span};

/// Sets keys of a table: behind its header, or in a new table at the end of the file. A single key that is there gets
/// the new value; of several, none may be there.
pub(super) fn set(file: FileId, text: &str, name: &str, keys: &[(String, String)]) -> Option<Edit> {
    let edit = |start: usize, end: usize, text: String| Edit { span: Span::new(file, start as u32, end as u32), text };
    let header = format!("[{name}]");
    let lines: String = keys.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
    let mut at = 0;
    let mut behind = None;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let code = line.split('#').next().unwrap_or("").trim_end();
        if behind.is_some() {
            if code.trim_start().starts_with('[') {
                break;
            }
            let Some((key, value)) = code.split_once('=') else { continue };
            let Some((_, new)) = keys.iter().find(|(known, _)| *known == key.trim()) else { continue };
            let from = start + key.len() + 1 + value.len() - value.trim_start().len();
            return (keys.len() == 1).then(|| edit(from, start + code.len(), new.clone()));
        }
        if code.replace(' ', "") == header {
            let lines = if line.ends_with('\n') { lines.clone() } else { format!("\n{}", lines.trim_end()) };
            behind = Some(edit(at, at, lines));
        }
    }
    // Below another header of the same table, such as `profile.release.package`, it would be a new one as well.
    let gap = match text {
        "" => "",
        text if text.ends_with("\n\n") => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    Some(behind.unwrap_or_else(|| edit(text.len(), text.len(), format!("{gap}{header}\n{lines}"))))
}

#[cfg(test)]
mod tests {
    use super::set;
    use crate::text::SourceMap;

    fn after(text: &str, value: &str) -> String {
        let mut sources = SourceMap::default();
        let file = sources.add("Cargo.toml", text.into());
        let edit = set(file, text, "profile.release", &[("lto".to_owned(), value.to_owned())]).expect("an edit");
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        format!("{}{}{}", &text[..start], edit.text, &text[end..])
    }

    #[test]
    fn a_table_grows_or_is_added() {
        let thin = "\"thin\"";
        let text = "[profile.release] # r\nopt-level = 3\n";
        assert_eq!(after(text, thin), "[profile.release] # r\nlto = \"thin\"\nopt-level = 3\n");
        let text = "[package]\nname = \"a\"\n";
        assert_eq!(after(text, thin), "[package]\nname = \"a\"\n\n[profile.release]\nlto = \"thin\"\n");
        assert_eq!(after("[profile.release]", thin), "[profile.release]\nlto = \"thin\"");
    }

    #[test]
    fn a_key_of_the_table_gets_the_new_value() {
        let text = "[profile.release]\nlto  = \"off\"   # why\n[profile.dev]\nlto = 1\n";
        assert_eq!(after(text, "true"), "[profile.release]\nlto  = true   # why\n[profile.dev]\nlto = 1\n");
        let text = "[profile.release]\n[profile.dev]\nlto = 1\n";
        assert_eq!(after(text, "true"), "[profile.release]\nlto = true\n[profile.dev]\nlto = 1\n");
    }
}
