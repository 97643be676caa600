//! What a crate weighs, and what doing without it saves, as it was measured.

use crate::checks::mb;
use crate::knowledge::{CrateWeight, HeavyCrate, crate_weights};
use crate::model::crates::CrateNode;

/// What an edit saves, as it was measured; all that the crate weighs where there is nothing to compare it with.
#[derive(Clone, Copy)]
pub(crate) struct Gain {
    /// Bytes of the executable.
    pub(crate) bytes: i64,
    /// Instructions before the first event.
    pub(crate) instructions: i64,
    /// Whether what is used instead was measured too.
    is_edit: bool,
}

impl Gain {
    /// What leaving a crate saves; `works` if its work before the first event is done at all.
    pub(crate) fn of(heavy: &HeavyCrate, works: bool) -> Option<Self> {
        let (weighed, lighter) = (row(&heavy.weighed)?, row(&heavy.lighter));
        let instructions = weighed.steady_instructions() - lighter.map_or(0, |row| row.steady_instructions());
        Some(Self {
            bytes: weighed.bytes - lighter.map_or(0, |row| row.bytes),
            instructions: if works { instructions } else { 0 },
            is_edit: lighter.is_some(),
        })
    }

    /// What to add to advice.
    pub(crate) fn saved(self, heavy: &HeavyCrate) -> String {
        let mut saved = Vec::new();
        if self.is_edit && !heavy.instead.is_empty() {
            saved.extend((self.bytes > 0).then(|| mb(self.bytes)));
            let millions = self.instructions / 1_000_000;
            saved.extend((millions > 0).then(|| format!("{millions} million instructions")));
        }
        let more = self.bytes < -100_000;
        let price = if more { format!(" for {} more of code", mb(-self.bytes)) } else { String::new() };
        if saved.is_empty() { String::new() } else { format!(", which saves {}{price}", saved.join(" and ")) }
    }
}

fn row(id: &Option<String>) -> Option<&'static CrateWeight> {
    crate_weights().rows.get(id.as_ref()?)
}

/// What it weighs, in words; work before the first event where it is worth mentioning beside the runtime's own.
pub(crate) fn weight(heavy: &HeavyCrate, node: &CrateNode, works: bool) -> Option<String> {
    let (weighed, base) = (row(&heavy.weighed)?, crate_weights().rows.get("base")?.init_instructions);
    let exact = if weighed.fits(&node.name, &node.version) { "" } else { "about " };
    let (instructions, when) =
        (weighed.steady_instructions(), if heavy.at_client { "where a client is built" } else { "to a cold start" });
    let work = if works && instructions > 4 * base {
        format!(" and {:.0} million instructions {when}", instructions as f64 / 1e6)
    } else {
        String::new()
    };
    Some(format!("it adds {exact}{} to the executable{work}", mb(weighed.bytes)))
}
