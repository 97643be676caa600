//! The three independent axes of a finding.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $name {
            /// The word used in configs and reports.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Every level, from least to most.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(word: &str) -> Result<Self, String> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!("expected one of: {}", [$($word),+].join(", "))),
                }
            }
        }
    };
}

/// How bad it is if it is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Advice or cost.
    Info,
    /// A recognised anti-pattern with a plausible bad outcome.
    Warning,
    /// Loses data, fails, or is rejected at deploy.
    Error,
}
words!(Severity { Info = "info", Warning = "warning", Error = "error" });

/// How likely it is to be true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Names or shapes suggest it.
    Low,
    /// One heuristic step: call graph, type name, parameter default.
    Medium,
    /// Every input is literal or a default.
    High,
}
words!(Confidence { Low = "low", Medium = "medium", High = "high" });

/// Who wants to hear it. Each level hears everything the levels above it hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Everyone.
    Regular,
    /// Teams that want best practice spelled out.
    Pedantic,
    /// Reviews that want everything, noise included.
    Auditor,
}
words!(Audience { Regular = "regular", Pedantic = "pedantic", Auditor = "auditor" });
