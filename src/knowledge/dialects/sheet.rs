//! What every dialect says of itself, and how it writes a property.

use serde::Deserialize;

/// What is known of a dialect, whatever else its file holds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Dialect {
    /// The name its users know.
    pub name: String,
    /// How a setting is written into a declaration; none if its files are not to be edited.
    pub writes: Option<Writes>,
    /// How a resource is added beside another one; none if it cannot be.
    pub resources: Option<Resources>,
    /// Whether the tool sends archives in the API call rather than through S3.
    #[serde(default)]
    pub uploads_directly: bool,
    /// Whether the tool takes the architecture from the binary it deploys.
    #[serde(default)]
    pub architecture_of_binary: bool,
    /// Whether the tool publishes a version and an alias of a function, and lets its events invoke that.
    #[serde(default)]
    pub publishes_versions: bool,
    /// Whether the tool makes an API of a template for the HTTP events that name none.
    #[serde(default)]
    pub implicit_apis: bool,
    /// Whether the tool writes the permissions that a public function URL needs.
    #[serde(default)]
    pub permits_urls: bool,
    /// Whether the tool leaves out of a function for the edge what the edge does not take.
    #[serde(default)]
    pub adapts_to_the_edge: bool,
    /// Whether a deployment replaces the environment a function has by what is written there, unless told otherwise.
    #[serde(default)]
    pub replaces_environment: bool,
    /// Whether the one who deploys chooses among stages or contexts of one configuration.
    #[serde(default)]
    pub stages: bool,
    /// Whether its configs never say what invokes a function.
    #[serde(default)]
    pub silent_about_triggers: bool,
}

/// How a setting is written into a declaration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Writes {
    /// As an entry of a YAML or JSON mapping.
    Entries,
    /// As an attribute or block of an HCL block.
    Attributes,
    /// As a key of a TOML table of this name.
    Table(String),
}

/// How a resource is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resources {
    /// CloudFormation beside CloudFormation.
    Entries,
    /// An HCL block after a block.
    Blocks,
}

/// What a setting is written into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declared {
    /// A function.
    Function,
    /// An event of a function.
    Event,
    /// Any other resource.
    Resource,
}

/// The dialect's word for a property of CloudFormation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Keys or attributes from the declaration.
    pub path: Vec<String>,
    /// Whether it takes one value where CloudFormation has a list of one.
    pub single: bool,
    /// The key that the declaration's short form stands for.
    pub short: Option<String>,
}

impl Word {
    /// A dotted path.
    pub fn of(path: &str) -> Self {
        Self { path: path.split('.').map(str::to_owned).collect(), single: false, short: None }
    }

    /// CloudFormation's own path below its `Properties`.
    pub fn raw(property: &str) -> Self {
        Self::of(&format!("Properties.{property}"))
    }
}
