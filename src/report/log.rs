//! The boundary of text for people: what goes to a terminal or to the log of a runner. Whatever a format writes into
//! it, no line becomes a workflow command, and no byte moves the cursor or turns the reading direction.
//! Source: actions/runner, `ActionCommand.cs`: a line that begins with `::` after white space, or holds `##[`.

use super::clean::replacement;
use std::io::{self, Write};

/// Writes lines that are text and nothing else.
pub struct Log<W: Write> {
    to: W,
    line: Vec<u8>,
    /// Whether the format colours and links by escape sequences of its own; it cleans what it puts between them.
    escapes: bool,
}

impl<W: Write> Log<W> {
    /// A log that knows whether escape sequences are the format's own.
    pub fn new(to: W, escapes: bool) -> Self {
        Self { to, line: Vec::new(), escapes }
    }

    /// Writes a command of ours, whose parts are escaped.
    pub(super) fn command(&mut self, line: &str) -> io::Result<()> {
        self.end()?;
        writeln!(self.to, "{line}")
    }

    /// Writes what has no line ending yet.
    fn end(&mut self) -> io::Result<()> {
        if self.line.is_empty() {
            return Ok(());
        }
        let line = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line);
        self.to.write_all(harmless(&text, self.escapes).as_bytes())
    }
}

impl<W: Write> Write for Log<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|&byte| byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.end()?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.end()?;
        self.to.flush()
    }
}

impl<W: Write> Drop for Log<W> {
    fn drop(&mut self) {
        let _ = self.flush();
    }
}

/// A text whose lines are text and nothing else.
pub fn harmless_lines(text: &str) -> String {
    text.split_inclusive('\n').map(|line| harmless(line, false)).collect()
}

fn harmless(line: &str, escapes: bool) -> String {
    let mut out = String::with_capacity(line.len() + 1);
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        let own = escapes && c == '\u{1b}';
        out.push(if own { c } else { replacement(c, rest.peek().copied()).unwrap_or(c) });
    }
    let indent = out.len() - out.trim_start().len();
    if out[indent..].starts_with("::") {
        out.insert(indent + 1, ' ');
    }
    if out.contains("##[") { out.replace("##[", "# #[") } else { out }
}

#[cfg(test)]
mod tests {
    use super::{Log, harmless_lines};
    use std::io::Write;

    #[test]
    fn lines_are_no_commands_and_move_nothing() {
        let text =
            "a\n::error::x\n \t::add-mask::y\nz ##[add-matcher]p\n\u{a0}::debug::\nc\u{1b}[2Jd\u{202e}e\r\nf::g\n";
        let expected =
            "a\n: :error::x\n \t: :add-mask::y\nz # #[add-matcher]p\n\u{a0}: :debug::\nc?[2Jd\u{fffd}e\r\nf::g\n";
        assert_eq!(harmless_lines(text), expected);
        let mut to = Vec::new();
        let mut log = Log::new(&mut to, false);
        // However the format cuts what it writes.
        text.as_bytes().chunks(3).for_each(|part| log.write_all(part).expect("writes"));
        log.command("::error::ours").expect("writes");
        write!(log, "::stop").expect("writes");
        drop(log);
        assert_eq!(String::from_utf8_lossy(&to), format!("{expected}::error::ours\n: :stop"));
    }
}
