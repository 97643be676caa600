//! What the CDK's constructs are in CloudFormation: `rules/data/dialects/cdk.yaml`.

use super::sheet::Dialect;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The whole table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cdk {
    /// What is known of every dialect.
    pub dialect: Dialect,
    /// The documents it was taken from.
    pub source: String,
    /// When they were read, ISO 8601.
    pub date: String,
    /// Classes by module and name.
    pub constructs: BTreeMap<String, CdkConstruct>,
    /// Constants whose text is not their name.
    pub values: BTreeMap<String, String>,
    /// The actions that methods of a class give.
    pub grants: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

/// One class.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CdkConstruct {
    /// The CloudFormation type of its resource.
    #[serde(rename = "type")]
    pub type_name: Option<String>,
    /// A class whose type, properties and behaviour it has as well.
    pub like: Option<String>,
    /// What else it does.
    pub behaves: Option<String>,
    /// Properties of the class and the paths of its resource they are written to.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// What it writes when nothing else does.
    #[serde(default)]
    pub defaults: BTreeMap<String, String>,
}

impl Cdk {
    /// The class and those it is like, nearest first.
    pub fn lineage<'c>(&'c self, class: &str) -> impl Iterator<Item = &'c CdkConstruct> {
        let mut next = self.constructs.get(class);
        std::iter::from_fn(move || {
            let found = next?;
            next = found.like.as_deref().and_then(|like| self.constructs.get(like));
            Some(found)
        })
        .take(4)
    }
}
