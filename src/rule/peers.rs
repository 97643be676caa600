//! Other tools, and what they check about serverless applications: `rules/data/peers.yaml`.

use super::RuleSpec;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Other tools and their checks.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peers {
    /// Where it was read.
    pub source: String,
    /// When it was read, ISO 8601.
    pub date: String,
    /// Tools by name.
    pub tools: BTreeMap<String, PeerTool>,
    /// The union of what they check.
    pub checks: Vec<PeerCheck>,
    /// Why something will not be a rule, by word.
    pub reasons: BTreeMap<String, String>,
}

/// Another tool.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerTool {
    /// Where it is.
    pub url: String,
    /// The dialects whose files it reads; none if it runs beside something else.
    #[serde(default)]
    pub reads: Vec<String>,
}

/// One thing that is checked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerCheck {
    /// What.
    pub check: String,
    /// The ids of the checks, by tool.
    pub who: BTreeMap<String, Vec<String>>,
    /// Where they are wrong.
    #[serde(default)]
    pub wrong: String,
    /// The rules here with the same subject.
    #[serde(default)]
    pub rules: Vec<String>,
    /// Why there will be none, by the word of the reason.
    #[serde(default, rename = "not")]
    pub never: Option<String>,
}

/// Other tools and their checks.
pub fn peers() -> &'static Peers {
    static PEERS: LazyLock<Peers> = LazyLock::new(|| {
        serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/rules/data/peers.json")))
            .expect("rules/data/peers.yaml is valid; a test reads it")
    });
    &PEERS
}

impl PeerCheck {
    /// The rules with this subject: those that are named here, and those that name one of the checks.
    pub fn rules_of<'s>(&'s self, specs: &'s [RuleSpec]) -> Vec<&'s str> {
        let names = |rule: &RuleSpec| {
            rule.peers.iter().any(|peer| {
                let ids = self.who.get(&peer.tool);
                ids.is_some_and(|ids| peer.checks.iter().any(|check| ids.contains(check)))
            })
        };
        let found = specs.iter().filter(|rule| self.rules.contains(&rule.id) || names(rule));
        found.map(|rule| rule.id.as_str()).collect()
    }
}

impl Peers {
    /// Tools that a config may say run in the same project.
    pub fn beside(&self) -> impl Iterator<Item = &str> {
        self.tools.iter().filter(|(_, tool)| !tool.reads.is_empty()).map(|(name, _)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::peers;
    use crate::rule;

    #[test]
    fn tools_rules_and_reasons_exist() {
        let known = peers();
        let ids: Vec<String> = rule::embedded().into_iter().map(|rule| rule.id).collect();
        for tool in known.tools.values() {
            assert!(tool.url.starts_with("https://"));
        }
        for row in &known.checks {
            assert!(row.who.keys().all(|tool| known.tools.contains_key(tool)), "{}", row.check);
            assert!(row.rules.iter().all(|id| ids.contains(id)), "{}", row.check);
            assert!(row.rules.is_empty() || row.never.is_none(), "{}", row.check);
            assert!(row.never.as_ref().is_none_or(|word| known.reasons.contains_key(word)), "{}", row.check);
        }
    }

    #[test]
    fn what_rules_say_of_others_is_in_the_comparison() {
        let known = peers();
        for rule in rule::embedded() {
            for peer in &rule.peers {
                let has = |check: &String| {
                    let mut rows = known.checks.iter().filter_map(|row| row.who.get(&peer.tool));
                    rows.any(|ids| ids.is_empty() || ids.contains(check))
                };
                let missing: Vec<&String> = peer.checks.iter().filter(|check| !has(check)).collect();
                assert!(missing.is_empty(), "{}: {} {missing:?} is in no row", rule.id, peer.tool);
            }
        }
    }
}
