//! What people are told beside the report.

use crate::report::harmless_lines;
use std::io::{self, Write};

/// Says something on standard error; nobody may be listening.
pub(super) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{}", harmless_lines(text));
}
