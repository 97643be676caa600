//! `cost`: what a workload or a project costs, as text, JSON, Markdown and a picture.

mod plot;
mod project;
mod stub;
mod words;
mod workload;

pub use self::plot::write as write_cost_plot;
pub use self::project::{ProjectInput, write as write_project_cost};
pub use self::stub::stub;
pub use self::words::dollars;
pub use self::workload::{CostInput, write};

/// The formats of a cost.
pub const COST_FORMATS: [&str; 4] = ["text", "json", "markdown", "svg"];
