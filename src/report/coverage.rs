//! How much of the functions' code was followed, in words.

use super::clean::clean;
use super::input::{Input, plural};
use crate::model::source::{Coverage, LostCall};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// So many calls that were not followed are shown over all functions.
const WORST: usize = 10;

/// How much of a program was followed.
pub(super) fn followed(coverage: &Coverage) -> String {
    let functions = plural(coverage.functions, "function");
    let mut said = format!("followed: {functions} through {}", plural(coverage.calls, "call"));
    let lost = coverage.certain().count();
    if lost > 0 {
        said += &format!(", not through {lost}");
        if coverage.behind > 0 {
            said += &format!(" with {} behind", plural(coverage.behind, "function"));
        }
    }
    let doubtful = coverage.lost.len() - lost;
    if doubtful > 0 {
        said += &format!("; {} by names that libraries have too", plural(doubtful, "call"));
    }
    said
}

/// A call that was not followed, and why.
pub(super) fn lost(call: &LostCall) -> String {
    let behind = match call.behind {
        0 => String::new(),
        behind => format!(" ({} behind it)", plural(behind, "function")),
    };
    format!("not followed: `{}`: {}{behind}", clean(&call.name), call.reason.describe())
}

/// The calls with most behind them that were not followed, over all functions, each place once.
pub(super) fn worst(input: &Input<'_>, to: &mut dyn Write) -> io::Result<()> {
    let project = input.project;
    let of_functions = project.unit_targets().into_iter().filter_map(|target| project.program(target));
    let mut all: Vec<&LostCall> =
        of_functions.flat_map(|program| program.coverage.certain()).filter(|call| call.behind > 0).collect();
    all.sort_by_key(|call| (std::cmp::Reverse(call.behind), call.span));
    let mut seen = BTreeSet::new();
    all.retain(|call| seen.insert(call.span));
    if all.is_empty() {
        return Ok(());
    }
    writeln!(to, "{} with code of the workspace behind were not followed:", plural(all.len(), "call"))?;
    for call in all.iter().take(WORST) {
        let place = input.place(call.span);
        writeln!(to, "  {}:{}: {}", place.path, place.start.line, lost(call))?;
    }
    if all.len() > WORST {
        writeln!(to, "  … and {} more; `model` lists those of each function", all.len() - WORST)?;
    }
    writeln!(to)
}
