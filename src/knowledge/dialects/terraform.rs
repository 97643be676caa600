//! How Terraform's resources correspond to CloudFormation's: `rules/data/dialects/terraform.yaml`.

use super::sheet::{Dialect, Word};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The whole table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terraform {
    /// What is known of every dialect.
    pub dialect: Dialect,
    /// The documents it was taken from.
    pub source: String,
    /// When they were read, ISO 8601.
    pub date: String,
    /// Resource types by name.
    pub resources: BTreeMap<String, TerraformResource>,
    /// Published modules by registry address.
    pub modules: BTreeMap<String, TerraformModule>,
    /// Paths of code.
    pub code: TerraformCode,
}

/// What names say of the path of code.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerraformCode {
    /// Parts of names, in small letters, of what changes with the code.
    pub changing: Vec<String>,
    /// Parts of names of files that stand in for the code until something else deploys it.
    pub placeholders: Vec<String>,
    /// What it was taken from.
    pub source: String,
    /// When it was read, ISO 8601.
    pub date: String,
}

impl Terraform {
    /// The attribute of the block with this header that is a property.
    pub(super) fn word(&self, header: &str, property: &str) -> Option<Word> {
        let mut words = header.split_whitespace().map(|word| word.trim_matches('"'));
        let attributes = match (words.next(), words.next()) {
            (Some("resource"), Some(kind)) => &self.resources.get(kind)?.own.attributes,
            (Some("module"), _) => &self.modules.values().next()?.function,
            // The JSON form names the resource only; the model's type says what it is.
            _ => return None,
        };
        attributes.iter().find(|(_, known)| *known == property).map(|(attribute, _)| Word::of(attribute))
    }
}

/// Which attributes are which properties.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct TerraformAttributes {
    /// Dotted attribute path to dotted property path.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// Attributes that hold JSON text.
    #[serde(default)]
    pub encoded: Vec<String>,
    /// Values that mean the same as an absent attribute.
    #[serde(default)]
    pub unset: BTreeMap<String, String>,
}

/// One resource type.
#[derive(Debug, Clone, Deserialize)]
pub struct TerraformResource {
    /// The CloudFormation type; none for one that only configures another resource.
    #[serde(rename = "type")]
    pub type_name: Option<String>,
    /// The attribute that leads to the resource it configures.
    pub into: Option<String>,
    /// The list property of that resource it adds an item to.
    pub list: Option<String>,
    /// The attribute that is that item; all of its properties otherwise.
    pub item: Option<String>,
    /// Its attributes.
    #[serde(flatten)]
    pub own: TerraformAttributes,
    /// Blocks that repeat.
    #[serde(default)]
    pub lists: BTreeMap<String, TerraformList>,
    /// Properties the provider sets when the attribute is absent.
    #[serde(default)]
    pub defaults: BTreeMap<String, String>,
    /// Whether what it configures has one such configuration, so that several overwrite one another.
    #[serde(default)]
    pub exclusive: bool,
}

/// A block that repeats.
#[derive(Debug, Clone, Deserialize)]
pub struct TerraformList {
    /// The list property it becomes an item of.
    pub to: String,
    /// Its attributes.
    #[serde(flatten)]
    pub own: TerraformAttributes,
    /// Blocks in it that repeat.
    #[serde(default)]
    pub lists: BTreeMap<String, Self>,
}

/// A published module that makes functions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerraformModule {
    /// The files it was read from.
    pub source: String,
    /// The repository it may be taken from instead of the registry.
    pub repository: String,
    /// Inputs that are properties of the function.
    pub function: BTreeMap<String, String>,
    /// Values of inputs that mean the same as an absent one.
    pub unset: BTreeMap<String, String>,
    /// Inputs that turn it off when false.
    pub switches: Vec<String>,
    /// The input that makes it a layer instead.
    pub layers: String,
    /// The input with event source mappings.
    pub mappings: String,
    /// The input with services that may invoke it.
    pub triggers: String,
    /// Its function URL.
    pub url: TerraformModuleUrl,
    /// Its asynchronous invocation settings.
    #[serde(rename = "async")]
    pub asynchronous: TerraformModuleAsync,
    /// Outputs that stand for the function.
    pub outputs: Vec<String>,
}

/// The function URL of a published module.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerraformModuleUrl {
    /// The input that turns it on.
    pub switch: String,
    /// The input with the authorization type.
    pub authorization: String,
    /// What the module uses when that is absent.
    pub default: String,
    /// The input with the invoke mode.
    pub invoke_mode: String,
}

/// Asynchronous invocation settings of a published module.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerraformModuleAsync {
    /// The input that turns them on.
    pub switch: String,
    /// Inputs that are properties.
    pub attributes: BTreeMap<String, String>,
}
