//! Provisioned concurrency that cannot be deployed, or that nothing invokes.

use super::support::writes::Owner;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Value};
use crate::model::Verdict;
use crate::model::application::graph::{EdgeKind, NodeId};
use crate::model::deployments::{Lambda, Qualifier, Trigger, Versions};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(id), Some(function), Some(name)) = (unit.unit.function(), unit.lambda(), unit.name()) else { return };
        let deploy = &unit.project.deploy;
        let settings = unit.provisioned();
        let Some(place) = settings.iter().find_map(|setting| setting.place()) else { return };
        if function.versions == Versions::ByTool {
            return;
        }
        let total: Option<i64> = settings.iter().map(|setting| setting.one().copied()).sum();
        if let (Some(total), Some(&reserved)) = (total, function.reserved_concurrency.one())
            && total > reserved
        {
            let message =
                format!("`{name}` provisions {total} environments, but reserves {reserved}: the deployment fails");
            sink.report(place, format!("{total} provisioned"), message)
                .also(function.reserved_concurrency.place(), format!("{reserved} reserved"));
            return;
        }
        if let Some(reason) = no_version(&unit, function) {
            let message = format!("`{name}` has provisioned concurrency, {reason}: the deployment fails");
            let finding = sink.report(place, "provisioned here", message);
            if function.versions == Versions::ByAlias && function.alias.value.is_set() == Verdict::No {
                let alias = Value::Text("live".to_owned());
                let owner = Owner::function(unit.project, id);
                finding.fix("Publish an alias", true, [owner.set("AutoPublishAlias", alias)]);
            }
            return;
        }
        let triggers: Vec<&Trigger> = deploy.triggers_of(id).collect();
        let invoked_otherwise = function.url.is_some() || is_called(&unit);
        if triggers.is_empty()
            || invoked_otherwise
            || triggers.iter().any(|trigger| trigger.qualifier != Qualifier::Unqualified)
        {
            return;
        }
        let message = format!(
            "provisioned concurrency of `{name}` belongs to a version or alias, but what invokes it names the function \
             itself: it is paid for and never used"
        );
        let finding = sink.report(place, "provisioned here", message);
        // Callers outside the project may name the alias.
        finding.cap(Confidence::Medium);
        for trigger in triggers.iter().take(3) {
            finding.also(Some(trigger.span), "invokes the unpublished version");
        }
    }
}

/// Why there is no version that environments could be provisioned for.
fn no_version(unit: &UnitRef<'_>, function: &Lambda) -> Option<&'static str> {
    let deploy = &unit.project.deploy;
    let own = function.provisioned_concurrency.value.is_set() == Verdict::Yes;
    if own && function.versions == Versions::ByAlias && function.alias.value.is_set() == Verdict::No {
        return Some("but no `AutoPublishAlias`");
    }
    if function.provisioned_qualifier.one().is_some_and(|name| name == "$LATEST") {
        return Some("but for `$LATEST`, which cannot have it");
    }
    let of_function = deploy.aliases.iter().filter(|alias| Some(alias.function) == unit.unit.function());
    let mut provisioned = of_function.filter(|alias| alias.provisioned_concurrency.value.is_set() == Verdict::Yes);
    let latest = provisioned.any(|alias| alias.version.one().is_some_and(|version| version == "$LATEST"));
    latest.then_some("but its alias is for `$LATEST`, which cannot have it")
}

/// Whether code or a state machine invokes it; which version they name is not known.
fn is_called(unit: &UnitRef<'_>) -> bool {
    let graph = &unit.project.graph;
    let Some(id) = unit.unit.function() else { return false };
    let node = graph.nodes.iter().position(|node| node.id == NodeId::Function(id));
    graph.edges.iter().any(|edge| Some(edge.to) == node && edge.kind == EdgeKind::Call)
}
