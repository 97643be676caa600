//! Which log lines the environment of a function lets through.

use crate::checks::UnitRef;
use crate::model::deployments::Text;

/// The words for levels of log lines, from the quietest setting on.
pub(crate) struct Levels<'p>(pub(crate) &'p [String]);

impl Levels<'_> {
    /// The position of a level: of `tracing::info`, `info`, `Info`.
    pub(crate) fn of(&self, path: &str) -> Option<usize> {
        let name = path.rsplit("::").next()?;
        self.0.iter().position(|level| name.eq_ignore_ascii_case(level))
    }

    /// The level up to which the environment of the function lets lines through, if it sets one.
    ///
    /// Of directives for several modules the most open one counts, since lines are not told apart by module.
    pub(crate) fn configured(&self, unit: UnitRef<'_>, variables: &[String]) -> Option<usize> {
        let function = unit.function()?;
        variables.iter().find_map(|name| {
            let Text::Literal(text) = function.env.vars.get(name.as_str())?.value.one()? else { return None };
            // A module without a level lets everything of it through.
            let levels = text.split(',').map(|directive| {
                let level = directive.rsplit('=').next().unwrap_or_default().trim();
                self.of(level).unwrap_or(self.0.len())
            });
            levels.max()
        })
    }
}
