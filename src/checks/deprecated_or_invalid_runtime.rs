//! Runtimes without a language that are not what one should begin with any more, or that do not exist.

use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Edit, Finding, Fix, Severity, Subject};
use crate::knowledge::platforms;
use crate::model::deployments::{BuildTool, FunctionId, PackageType};
use crate::model::{Known, Project, Verdict};
use crate::rule::Params;
use std::collections::BTreeMap;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(id), Some(function), Some(lambda), Some(name)) =
            (unit.unit.function(), unit.function(), unit.lambda(), unit.name())
        else {
            return;
        };
        let image = function.package.kind == PackageType::Image;
        let runtime = function.runtime.one().filter(|_| !image);
        let known = &platforms().aws_lambda.runtimes;
        let provided = runtime.is_some_and(|runtime| runtime.starts_with(known.prefix.as_str()));
        if (image || provided) && lambda.snap_start.value.holds(|word| word == "PublishedVersions") == Verdict::Yes {
            let what = if image { "a container image" } else { "a runtime without a language" };
            let message = format!("`{name}` is {what}, which SnapStart does not support: the deployment is refused");
            let place = lambda.snap_start.place().unwrap_or(unit.project.deploy.resource(function.resource).span);
            let finding = sink.report(place, "SnapStart", message);
            finding.severity = Severity::Error;
            finding.confidence = Confidence::High;
        }
        let (Some(runtime), Some(place)) = (runtime, function.runtime.place()) else { return };
        let rust = unit.program().is_some();
        let by_tool = rust && runtime == "rust" && function.package.tool != BuildTool::ServerlessPlugin;
        if !(provided || by_tool) {
            return;
        }
        if !known.known.contains_key(runtime) {
            let message =
                format!("there is no runtime `{runtime}`, which `{name}` asks for: the deployment is refused");
            let finding = sink.report(place, "unknown", message);
            finding.severity = Severity::Error;
            finding.confidence = Confidence::High.min(function.runtime.origin.ceiling());
            replace(unit.project, id, finding, &[id], &known.newest);
        }
    }

    fn project(&self, project: &Project, _: &Params, sink: &mut Sink<'_>) {
        let deploy = &project.deploy;
        // One upgrade, one finding for each template.
        let mut groups: BTreeMap<(u32, &str), Vec<FunctionId>> = BTreeMap::new();
        for id in deploy.function_ids() {
            let function = deploy.function(id);
            if let Some(runtime) = function.runtime.one().filter(|_| function.package.kind != PackageType::Image) {
                groups.entry((deploy.resource(function.resource).stack.0, runtime)).or_default().push(id);
            }
        }
        let known = &platforms().aws_lambda.runtimes;
        // ISO 8601: days compare as texts.
        let today = known.date.as_str();
        for ((_, runtime), functions) in groups {
            let Some(life) = known.known.get(runtime).filter(|life| life.deprecated.as_str() <= today) else {
                continue;
            };
            let Some(&first) = functions.first() else { continue };
            let setting = &deploy.function(first).runtime;
            let Some(place) = setting.place() else { continue };
            let name = deploy.function_label(first);
            let who = match functions.len() - 1 {
                0 => format!("`{name}` runs"),
                more => format!("`{name}` and {more} more run"),
            };
            let blocked = life.create_blocked.as_str() <= today;
            let when = match blocked {
                true => format!("new functions with it are refused since {}", life.create_blocked),
                false => format!("new functions with it are refused from {} on", life.create_blocked),
            };
            let message = format!(
                "{who} on `{runtime}`, which has had no updates since {}; {when}, and updates of old ones from {}",
                life.deprecated, life.update_blocked
            );
            let finding = sink.report(place, format!("deprecated, {}", setting.origin.describe()), message);
            finding.subject = Some(Subject::Function(first));
            finding.severity = if blocked { Severity::Error } else { Severity::Warning };
            finding.cap(setting.origin.ceiling());
            let others = functions.iter().skip(1).filter_map(|&id| deploy.function(id).runtime.place());
            finding.places(others, "here as well");
            replace(project, first, finding, &functions, &known.newest);
        }
    }
}

/// Writes the newest runtime where the other is written, for all who inherit it.
fn replace(project: &Project, first: FunctionId, finding: &mut Finding, functions: &[FunctionId], newest: &str) {
    let deploy = &project.deploy;
    let mut edits: Vec<Edit> = Vec::new();
    for &id in functions {
        let Known::Is(written) = &deploy.function(id).runtime.value else { continue };
        let text = project.sources.slice(written.span);
        let plain = text.trim_matches(['"', '\'']) == written.value;
        let same_file = deploy.function_span(first).file == written.span.file;
        if plain && same_file && edits.iter().all(|edit| edit.span != written.span) {
            edits.push(Edit { span: written.span, text: text.replace(written.value.as_str(), newest) });
        }
    }
    // A layer may have been built for the other system.
    let layered = functions.iter().any(|&id| deploy.function(id).aws().is_some_and(|lambda| lambda.layered));
    if !edits.is_empty() {
        finding.fixes.push(Fix::edits(format!("Run on `{newest}`"), !layered, edits));
    }
}
