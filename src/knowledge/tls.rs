//! Stacks for TLS, and the features by which clients choose one: `rules/data/tls-stacks.yaml`.

use super::data::embedded;
use super::features::compare;
use serde::Deserialize;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The features by which a client chooses its stack.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsClient {
    /// Those that bring OpenSSL.
    pub openssl: Vec<String>,
    /// Those that bring rustls; the first is what to say.
    pub rustls: Vec<String>,
    /// The first version in which they mean something else.
    #[serde(default)]
    pub before: Option<String>,
}

impl TlsClient {
    /// Whether a version has these features in this meaning.
    pub fn holds(&self, version: &str) -> bool {
        self.before.as_deref().is_none_or(|before| compare(version, before) == Ordering::Less)
    }
}

/// What is known of stacks for TLS.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsStacks {
    /// Where it comes from.
    pub source: String,
    /// When that was read, ISO 8601.
    pub date: String,
    /// Crates that mark OpenSSL's.
    pub openssl: Vec<String>,
    /// Crates that mark rustls.
    pub rustls: Vec<String>,
    /// Crates that only connect a client with OpenSSL.
    pub bridges: Vec<String>,
    /// Words of source that need it.
    pub unless: Vec<String>,
    /// Clients by package name.
    pub clients: BTreeMap<String, TlsClient>,
}

/// What is known of stacks for TLS.
pub fn tls_stacks() -> &'static TlsStacks {
    static STACKS: LazyLock<TlsStacks> = LazyLock::new(|| embedded!("tls-stacks"));
    &STACKS
}
