//! Findings as text, one file for each format. All formats see the same sorted findings.

mod clean;
mod concise;
mod cost;
mod coverage;
mod deps;
mod github;
mod gitlab;
mod graph;
mod html;
mod human;
mod input;
mod json;
mod junit;
mod log;
mod markdown;
mod markup;
mod model;
mod place;
mod rdjson;
mod sarif;

pub use self::clean::clean;
pub use self::cost::{
    COST_FORMATS, CostInput, ProjectInput, dollars, stub, write as write_cost, write_cost_plot, write_project_cost,
};
pub use self::deps::{DepsInput, write_json as write_deps_json, write_text as write_deps_text};
pub use self::graph::{Drawing, GRAPH_FORMATS, write_graph};
pub use self::input::{Input, Report, rule_page};
pub use self::json::schema;
pub use self::log::{Log, harmless_lines};
pub use self::model::{has_unit, write as write_model};

/// Every format by its name.
pub const FORMATS: &[(&str, &dyn Report)] = &[
    ("human", &human::Human),
    ("concise", &concise::Concise),
    ("json", &json::Json),
    ("jsonl", &json::Lines),
    ("sarif", &sarif::Sarif),
    ("github", &github::GitHub),
    ("gitlab", &gitlab::GitLab),
    ("junit", &junit::JUnit),
    ("rdjson", &rdjson::Rdjson),
    ("markdown", &markdown::Markdown),
    ("html", &html::Html),
];

/// The format that an output file's extension stands for; the first if none does.
pub const FILE_FORMATS: &[(&str, &str)] = &[
    ("", "human"),
    ("json", "json"),
    ("jsonl", "jsonl"),
    ("sarif", "sarif"),
    ("xml", "junit"),
    ("md", "markdown"),
    ("html", "html"),
    ("htm", "html"),
];

/// The same for graphs.
pub const GRAPH_FILES: &[(&str, &str)] =
    &[("", "mermaid"), ("mmd", "mermaid"), ("svg", "svg"), ("dot", "dot"), ("gv", "dot"), ("json", "json")];

/// Names of the formats.
pub fn format_names() -> Vec<&'static str> {
    FORMATS.iter().map(|(name, _)| *name).collect()
}

/// The format of a name.
pub fn format(name: &str) -> Option<&'static dyn Report> {
    FORMATS.iter().find(|(known, _)| *known == name).map(|(_, report)| *report)
}
