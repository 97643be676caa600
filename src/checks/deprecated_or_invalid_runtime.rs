//! Runtimes without a language that are not what one should begin with any more, or that do not exist.

use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Edit, Finding, Fix, Severity};
use crate::knowledge::platforms;
use crate::model::deployments::{BuildTool, PackageType};
use crate::model::{Known, Verdict};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(function), Some(lambda), Some(name)) = (unit.function(), unit.lambda(), unit.name()) else { return };
        let image = function.package.kind == PackageType::Image;
        let runtime = function.runtime.one().filter(|_| !image);
        let provided = runtime.is_some_and(|runtime| runtime.starts_with("provided"));
        if (image || provided) && lambda.snap_start.value.holds(|word| word == "PublishedVersions") == Verdict::Yes {
            let what = if image { "a container image" } else { "a runtime without a language" };
            let message = format!("`{name}` is {what}, which SnapStart does not support: the deployment is refused");
            let place = lambda.snap_start.place().unwrap_or(unit.project.deploy.resource(function.resource).span);
            let finding = sink.report(place, "SnapStart", message);
            finding.severity = Severity::Error;
            finding.confidence = Confidence::High;
        }
        let (Some(runtime), Some(place)) = (runtime, function.runtime.place()) else { return };
        let known = &platforms().aws_lambda.runtimes;
        let rust = unit.program().is_some();
        if !provided && !(rust && runtime == "rust" && function.package.tool != BuildTool::ServerlessPlugin) {
            return;
        }
        let Some(life) = known.known.get(runtime) else {
            let message =
                format!("there is no runtime `{runtime}`, which `{name}` asks for: the deployment is refused");
            let finding = sink.report(place, "unknown", message);
            finding.severity = Severity::Error;
            finding.confidence = Confidence::High.min(function.runtime.origin.ceiling());
            replace(&unit, finding, runtime, &known.newest);
            return;
        };
        // ISO 8601: days compare as texts.
        let today = known.date.as_str();
        if life.deprecated.as_str() > today || *runtime == known.newest {
            return;
        }
        let blocked = life.create_blocked.as_str() <= today;
        let (when, then) = match blocked {
            true => ("no function has been created with it", "existing ones are not updated"),
            false => ("no function can be created with it", "none updated"),
        };
        let message = format!(
            "`{name}` runs on `{runtime}`, which has had no updates since {}; {when} from {} on, and {then} from {}",
            life.deprecated, life.create_blocked, life.update_blocked
        );
        let finding = sink.report(place, format!("deprecated, {}", function.runtime.origin.describe()), message);
        finding.severity = if blocked { Severity::Error } else { Severity::Warning };
        finding.confidence = Confidence::High.min(function.runtime.origin.ceiling());
        replace(&unit, finding, runtime, &known.newest);
    }
}

/// Writes the newest runtime where the other is written, for all who inherit it.
fn replace(unit: &UnitRef<'_>, finding: &mut Finding, runtime: &str, newest: &str) {
    let Some(function) = unit.function() else { return };
    let Known::Is(written) = &function.runtime.value else { return };
    let text = unit.project.sources.slice(written.span);
    let layered = unit.lambda().is_some_and(|lambda| lambda.layered);
    if text.trim_matches(['"', '\'']) == runtime {
        let edit = Edit { span: written.span, text: text.replace(runtime, newest) };
        finding.fixes.push(Fix::edits(format!("Run on `{newest}`"), !layered, vec![edit]));
    }
}
