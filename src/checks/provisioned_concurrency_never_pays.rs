//! Provisioned concurrency in regions where it costs more than invocations on demand however much it is used.

use super::{Check, Sink, UnitRef};
use crate::exact::Exact;
use crate::knowledge::price;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(function), Some(name)) = (unit.function(), unit.name()) else { return };
        let deploy = &unit.project.deploy;
        let Some(place) = unit.provisioned().iter().find_map(|setting| setting.place()) else { return };
        let Some(region) = &deploy.stack(deploy.resource(function.resource).stack).region else { return };
        let Some(architecture) = function.architecture.one() else { return };
        let first = |what: &str| price(&format!("lambda-{what}-{architecture}"))?.first(&region.name);
        let (Some(demand), Some(ready), Some(running)) =
            (first("duration"), first("provisioned"), first("provisioned-duration"))
        else {
            return;
        };
        // Kept ready and running all the time against running on demand all the time.
        let saved = demand.less(running);
        if saved.less(ready) > Exact::zero() {
            return;
        }
        let message = format!(
            "provisioned concurrency of `{name}` costs more in {} than the same work on demand, however much of it is \
             used: a GB-second kept ready is ${}, and running it saves ${}",
            region.name,
            ready.places(10),
            saved.places(10)
        );
        sink.report(place, "provisioned here", message).cap(function.architecture.origin.ceiling());
    }
}
