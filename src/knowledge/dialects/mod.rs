//! The dialects configs are written in: a file of `rules/data/dialects/` each. Which key or attribute is which property
//! of CloudFormation stands there once, for the readers and for what fixes write.

mod cargo_lambda;
mod cdk;
mod serverless;
mod sheet;
mod terraform;

pub use self::cargo_lambda::{CargoLambda, CargoLambdaSetting};
pub use self::cdk::Cdk;
pub use self::serverless::{ServerlessEvent, ServerlessFramework};
pub use self::sheet::{Declared, Dialect, Resources, Word, Writes};
pub use self::terraform::{Terraform, TerraformAttributes, TerraformList, TerraformModule, TerraformResource};

use serde::Deserialize;
use std::sync::LazyLock;

macro_rules! embedded {
    ($file:literal) => {
        serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/rules/data/dialects/", $file, ".json")))
            .expect(concat!("rules/data/dialects/", $file, ".yaml is valid; a test reads it"))
    };
}

/// The file of a dialect that has CloudFormation's words.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plain {
    dialect: Dialect,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "date")]
    _date: String,
}

/// A dialect with its words. Each file is read when it is first asked for: most trees speak one or two.
struct Row {
    id: &'static str,
    dialect: fn() -> &'static Dialect,
    words: fn(Declared, &str, &str) -> Option<Word>,
}

static CLOUDFORMATION: LazyLock<Plain> = LazyLock::new(|| embedded!("cloudformation"));
static SAM: LazyLock<Plain> = LazyLock::new(|| embedded!("sam"));

/// Every dialect there is.
static ROWS: &[Row] = &[
    Row { id: "cloudformation", dialect: || &CLOUDFORMATION.dialect, words: |_, _, name| Some(Word::raw(name)) },
    Row { id: "sam", dialect: || &SAM.dialect, words: |_, _, name| Some(Word::raw(name)) },
    Row { id: "terraform", dialect: || &terraform().dialect, words: |_, at, name| terraform().word(at, name) },
    Row {
        id: "serverless-framework",
        dialect: || &serverless_framework().dialect,
        words: |declared, at, name| serverless_framework().word(declared, at, name),
    },
    Row { id: "cargo-lambda", dialect: || &cargo_lambda().dialect, words: |_, _, name| cargo_lambda().word(name) },
    Row { id: "cdk", dialect: || &cdk().dialect, words: |_, _, name| Some(Word::raw(name)) },
];

/// A dialect by its id.
pub fn dialect(id: &str) -> Option<&'static Dialect> {
    ROWS.iter().find(|row| row.id == id).map(|row| (row.dialect)())
}

/// Every dialect with its id.
pub fn dialects() -> impl Iterator<Item = (&'static str, &'static Dialect)> {
    ROWS.iter().map(|row| (row.id, (row.dialect)()))
}

impl Dialect {
    /// Its word for a property, named as CloudFormation does, dotted; none if it has none. `header` is the text that
    /// declares the owner: a key, or the header of a block.
    pub fn word(&self, declared: Declared, header: &str, property: &str) -> Option<Word> {
        let row = ROWS.iter().find(|row| std::ptr::eq((row.dialect)(), self))?;
        (row.words)(declared, header, property)
    }
}

/// How Terraform's resources correspond to CloudFormation's.
pub fn terraform() -> &'static Terraform {
    static TABLE: LazyLock<Terraform> = LazyLock::new(|| embedded!("terraform"));
    &TABLE
}

/// What the CDK's constructs are in CloudFormation.
pub fn cdk() -> &'static Cdk {
    static TABLE: LazyLock<Cdk> = LazyLock::new(|| embedded!("cdk"));
    &TABLE
}

/// Defaults, settings and events of the Serverless Framework.
pub fn serverless_framework() -> &'static ServerlessFramework {
    static TABLE: LazyLock<ServerlessFramework> = LazyLock::new(|| embedded!("serverless-framework"));
    &TABLE
}

/// What `cargo lambda deploy` reads.
pub fn cargo_lambda() -> &'static CargoLambda {
    static TABLE: LazyLock<CargoLambda> = LazyLock::new(|| embedded!("cargo-lambda"));
    &TABLE
}

#[cfg(test)]
mod tests {
    use super::{Declared, Word, dialect};

    fn word(id: &str, declared: Declared, header: &str, property: &str) -> Option<String> {
        let found: Word = dialect(id).expect("a dialect").word(declared, header, property)?;
        Some(format!("{}{}", found.path.join("."), if found.single { "[]" } else { "" }))
    }

    #[test]
    fn each_dialect_has_its_word_for_a_timeout() {
        let block = "resource \"aws_lambda_function\" \"f\"";
        for (id, header, expected) in [
            ("sam", "F", "Properties.Timeout"),
            ("serverless-framework", "f", "timeout"),
            ("terraform", block, "timeout"),
            ("cargo-lambda", "f", "timeout"),
        ] {
            assert_eq!(word(id, Declared::Function, header, "Timeout").as_deref(), Some(expected), "{id}");
        }
        assert_eq!(word("cargo-lambda", Declared::Function, "f", "Nonsense"), None);
        assert_eq!(word("terraform", Declared::Function, block, "Nonsense"), None);
    }

    #[test]
    fn lists_of_one_are_single_where_the_dialect_says_so() {
        let found = word("serverless-framework", Declared::Function, "f", "Architectures");
        assert_eq!(found.as_deref(), Some("architecture[]"));
        let found = word("serverless-framework", Declared::Event, "\"sqs\"", "FunctionResponseTypes");
        assert_eq!(found.as_deref(), Some("functionResponseType[]"));
        let found = word("serverless-framework", Declared::Resource, "Jobs", "VisibilityTimeout");
        assert_eq!(found.as_deref(), Some("Properties.VisibilityTimeout"));
    }
}
