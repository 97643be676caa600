//! Checks of other tools with the subject of a rule.

use serde::{Deserialize, Serialize};

/// What another tool has that looks for the same.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(from = "Written")]
pub struct Peer {
    /// The tool, as `rules/data/peers.yaml` names it.
    pub tool: String,
    /// Its ids of the checks.
    pub checks: Vec<String>,
    /// Whether who runs them needs this rule no more, in the languages they read.
    pub same: bool,
    /// The dialects these checks read, where that is not all that the tool reads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<String>,
    /// Where they differ, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// As a rule file has it: all of it, or `TOOL CHECK, CHECK (note)` in short.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Short(String),
    Whole(Whole),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    tool: String,
    checks: Vec<String>,
    #[serde(default)]
    same: bool,
    #[serde(default)]
    reads: Vec<String>,
    #[serde(default)]
    note: Option<String>,
}

impl From<Written> for Peer {
    fn from(written: Written) -> Self {
        match written {
            Written::Whole(Whole { tool, checks, same, reads, note }) => Self { tool, checks, same, reads, note },
            Written::Short(text) => {
                let (said, note) = match text.split_once(" (") {
                    Some((said, note)) => (said, Some(note.trim_end_matches(')').to_owned())),
                    None => (text.as_str(), None),
                };
                let (tool, checks) = said.split_once([' ', ':']).unwrap_or((said, ""));
                let checks = checks.split(',').flat_map(|checks| checks.split(" and "));
                let checks = checks.map(|check| check.trim_matches([' ', ':']).to_owned());
                let checks = checks.filter(|check| !check.is_empty()).collect();
                Self { tool: tool.to_owned(), checks, same: false, reads: Vec::new(), note }
            }
        }
    }
}

impl Peer {
    /// The checks in words.
    pub fn words(&self) -> String {
        let note = self.note.as_ref().map_or_else(String::new, |note| format!(" ({note})"));
        format!("{} {}{note}", self.tool, self.checks.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::Peer;

    #[test]
    fn the_short_form_says_tool_checks_and_note() {
        let read = |text: &str| serde_json::from_str::<Peer>(text).expect("a peer");
        let peer = read(r#""checkov CKV_AWS_1, CKV_AWS_2 (every function)""#);
        assert_eq!((peer.tool.as_str(), peer.checks.len(), peer.same), ("checkov", 2, false));
        assert_eq!(peer.note.as_deref(), Some("every function"));
        assert_eq!(read(r#""clippy::exit""#).checks, ["exit"]);
        assert_eq!(read(r#""checkov CKV_AWS_1 and CKV_AWS_2""#).checks, ["CKV_AWS_1", "CKV_AWS_2"]);
        assert!(read(r#"{"tool": "checkov", "checks": ["CKV_AWS_1"], "same": true}"#).same);
        assert!(serde_json::from_str::<Peer>(r#"{"tool": "checkov", "check": "CKV_AWS_1"}"#).is_err());
    }
}
