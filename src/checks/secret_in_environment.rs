//! Credentials that are written into the environment of a function. What they are is never told.

use super::{Check, Sink, UnitRef};
use crate::knowledge::secrets;
use crate::model::Known;
use crate::model::deployments::{EnvVar, Text};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(function) = unit.function() else { return };
        for (name, variable) in &function.env.vars {
            let Some(value) = written(unit, variable) else { continue };
            let known = secrets();
            let what = match known.format_of(&value) {
                Some(format) => format!("holds {format}"),
                None if known.tells(name) && known.is_random(&value) => "holds what looks like a credential".to_owned(),
                None => continue,
            };
            let message = format!("the variable `{name}` {what}, in plain text");
            sink.report(variable.key, "written here", message);
        }
    }
}

/// The value of a variable, if it is written where the variable is: what a parameter supplies is written elsewhere.
fn written(unit: UnitRef<'_>, variable: &EnvVar) -> Option<String> {
    let Known::Is(text) = &variable.value else { return None };
    let Text::Literal(value) = &text.value else { return None };
    let source = unit.project.sources.text(text.span.file);
    let there = source.get(text.span.start as usize..text.span.end as usize)?;
    // Quotes and escapes stand around it; a reference is a name.
    let first = value.lines().next()?.trim();
    (!first.is_empty() && there.contains(first)).then(|| value.clone())
}
