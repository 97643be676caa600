//! What people are told beside the report.

use std::io::{self, Write};

/// Says something on standard error; nobody may be listening.
pub(super) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
