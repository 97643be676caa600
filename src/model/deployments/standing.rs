//! What is paid for while it exists, whether anything happens or not.

use super::ResourceId;
use crate::model::value::{Known, Setting};

/// A resource that is billed by the hour or the month.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The resource.
    pub resource: ResourceId,
    /// What people call it.
    pub kind: String,
    /// The name of its price in `rules/data/prices/`; none if none is known.
    pub price: Option<String>,
    /// Whether an hour is billed; else a month.
    pub hourly: bool,
    /// How many of what is billed.
    pub count: Setting<i64>,
    /// Whether it is there as it is billed, where a setting decides.
    pub certain: Known<bool>,
}
