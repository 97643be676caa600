//! Lists of which only the first page is read.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::Confidence;
use crate::knowledge::sdk_operations;
use crate::model::source::{Operand, SdkCall};
use crate::rule::Params;

pub(super) struct Rule;

/// Whether a key condition fixes both parts of the key, so that at most one item matches.
fn is_single_item(condition: &Operand) -> bool {
    let Operand::Literal(text) = condition else { return false };
    let text = text.to_lowercase();
    let ranges = ["begins_with", "between", "<", ">"].iter().any(|word| text.contains(word));
    text.contains(" and ") && !ranges
}

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        for call in program.facts::<SdkCall>().iter().filter(|call| invoked(&call.site)) {
            let Some(tokens) = sdk_operations().paginated.get(&call.data_key()) else {
                continue;
            };
            let deliberate =
                call.setters().any(|setter| sdk_operations().page_setters.iter().any(|known| known == setter));
            let reads = |wanted: &dyn Fn(&String) -> bool| call.output.reads.iter().any(wanted);
            let follows = reads(&|read| tokens.contains(read));
            let single = reads(&|read| sdk_operations().single_reads.contains(read));
            // Nothing read at all is a call for its effect, or a check that something exists.
            if is_single_item(call.operand("key_condition_expression")) {
                continue;
            }
            if deliberate || follows || single || call.output.escapes || call.output.reads.is_empty() {
                continue;
            }
            let scan = call.operation == "scan";
            let filters = call.sets("filter_expression") || call.sets("set_filter_expression");
            // The items of one key, or the objects below a prefix, seldom fill a page.
            let known = sdk_operations();
            let narrow = known.narrow_setters.iter().any(|setter| call.sets(setter))
                || known.short_lists.contains(&call.service);
            let message = format!(
                "`{}` returns one page and `{}()` is never read; what is on the next pages is silently left out",
                call.operation, tokens[0]
            );
            let finding = sink.at(&call.site, "only the first page", message);
            finding.cap(Confidence::Medium);
            // A scan for a few items is told of by the rule about scans.
            if narrow || scan && filters {
                finding.pedantic();
            }
        }
    }
}
