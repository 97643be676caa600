//! `model`: every effective value with its provenance, for people who wonder why a rule fired or did not.

use super::clean::clean;
use super::coverage::{followed, lost};
use crate::finding::Subject;
use crate::model::deployments::machine::{Service, StateMachine};
use crate::model::deployments::{FunctionId, MachineId, Target, Text};
use crate::model::source::{ClientBuild, Coverage, EnvRead, HttpCall, Operand, Phase, SdkCall, StateWrite};
use crate::model::{Evidence, FlowEnd, Known, Project, Setting, Unit};
use crate::text::Span;
use std::fmt::Display;
use std::io::{self, Write};

/// Writes what is known of each unit, or of the one whose function or binary has a name.
///
/// # Errors
/// If the writer fails.
pub fn write(project: &Project, only: Option<&str>, to: &mut dyn Write) -> io::Result<()> {
    let printer = Printer { project };
    for unit in project.units.iter().filter(|unit| only.is_none_or(|only| is_called(project, unit, only))) {
        let function = unit.function().map(|id| project.deploy.function_label(id));
        match (unit.function(), function) {
            (Some(id), Some(name)) => {
                writeln!(to, "function {}  {}", clean(&name), printer.at(project.deploy.function_span(id)))?;
                printer.function(id, to)?;
            }
            _ => writeln!(to, "binary without deployment")?,
        }
        match (unit.target(), unit.evidence()) {
            (Some(id), evidence) => {
                let target = project.cargo.target(id);
                let package = &project.cargo.package(target.package).name;
                write!(to, "  binary {} of package {}  {}", target.name, package, printer.at(target.span))?;
                match evidence {
                    Some(Evidence::Declared(span)) => writeln!(to, "  declared at {}", printer.at(span))?,
                    Some(Evidence::Artifact(span)) => writeln!(to, "  by artifact at {}", printer.at(span))?,
                    Some(Evidence::SameName) => writeln!(to, "  by name only")?,
                    None => writeln!(to)?,
                }
                printer.program(id, to)?;
            }
            _ => writeln!(to, "  binary: none found")?,
        }
        if let Some(id) = unit.function() {
            printer.flows(id, to)?;
        }
        writeln!(to)?;
    }
    for queue in &project.deploy.queues {
        let resource = project.deploy.resource(queue.resource);
        if only.is_some() {
            continue;
        }
        writeln!(to, "queue {}  {}", clean(&project.deploy.resource_label(queue.resource)), printer.at(resource.span))?;
        printer.setting("visibility timeout (s)", &queue.visibility_s, to)?;
        printer.target("redrive", &queue.redrive, to)?;
        printer.setting("max receive count", &queue.max_receive, to)?;
        writeln!(to, "  is a dead-letter queue: {}", queue.is_dead_letter)?;
        writeln!(to)?;
    }
    for (id, machine) in project.deploy.machines().filter(|_| only.is_none()) {
        printer.machine(id, machine, to)?;
    }
    Ok(())
}

/// Whether there is a unit whose function or binary has a name.
pub fn has_unit(project: &Project, name: &str) -> bool {
    project.units.iter().any(|unit| is_called(project, unit, name))
}

/// Whether the function or the binary of a unit has a name, plain or as reports write it.
pub(super) fn is_called(project: &Project, unit: &Unit, name: &str) -> bool {
    let function = |id| project.deploy.function_name(id) == name || project.deploy.function_label(id) == name;
    unit.function().is_some_and(function) || unit.target().is_some_and(|id| project.cargo.target(id).name == name)
}

/// Calls that were not followed are listed up to here.
const MOST_LOST: usize = 20;

struct Printer<'p> {
    project: &'p Project,
}

impl Printer<'_> {
    /// States with what they call and where they lead.
    fn machine(&self, id: MachineId, machine: &StateMachine, to: &mut dyn Write) -> io::Result<()> {
        let name = self.project.label(Subject::Machine(id));
        writeln!(to, "state machine {}  {}", clean(&name), self.at(machine.span))?;
        self.setting("type", &machine.kind, to)?;
        for state in &machine.states {
            let calls = match state.task.as_ref().map(|task| &task.service) {
                Some(Service::Lambda(target)) => match target.one() {
                    Some(target) => format!(" calls {}", clean(&self.target_name(target))),
                    None => " calls an unknown function".to_owned(),
                },
                Some(Service::Activity) => " waits for an activity".to_owned(),
                Some(Service::Other(service, action)) => format!(" calls {}:{}", clean(service), clean(action)),
                Some(Service::Unknown) => " calls something unknown".to_owned(),
                None => String::new(),
            };
            let names = |indices: &[usize]| {
                let names: Vec<&str> = indices.iter().map(|&index| machine.states[index].name.as_str()).collect();
                clean(&names.join(", "))
            };
            let caught: Vec<usize> = state.catch.iter().filter_map(|catcher| catcher.next).collect();
            let mut leads = String::new();
            for (word, to) in [("then", &state.next), ("runs", &state.branches), ("on error", &caught)] {
                if !to.is_empty() {
                    leads += &format!("; {word} {}", names(to));
                }
            }
            writeln!(to, "  state {}{calls}{leads}  {}", clean(&state.name), self.at(state.span))?;
        }
        writeln!(to)
    }

    fn at(&self, span: Span) -> String {
        let at = self.project.sources.position(span.file, span.start);
        format!("{}:{}", clean(self.project.sources.path(span.file)), at.line)
    }

    fn setting<T: Display>(&self, name: &str, setting: &Setting<T>, to: &mut dyn Write) -> io::Result<()> {
        let values: Vec<String> = setting.value.candidates().map(|value| value.value.to_string()).collect();
        let value = match &setting.value {
            Known::Absent => return Ok(()),
            Known::Opaque(_, reason) => format!("unknown: {reason}"),
            _ => values.join(" or "),
        };
        let place = setting.key.map(|key| format!("  {}", self.at(key))).unwrap_or_default();
        writeln!(to, "  {name}: {}  ({}){place}", clean(&value), setting.origin.describe())
    }

    fn target(&self, name: &str, setting: &Setting<Target>, to: &mut dyn Write) -> io::Result<()> {
        let value = match &setting.value {
            Known::Absent => "none".to_owned(),
            Known::Opaque(_, reason) => format!("unknown: {reason}"),
            known => known.candidates().map(|value| self.target_name(&value.value)).collect::<Vec<_>>().join(" or "),
        };
        let place = setting.key.map(|key| format!("  {}", self.at(key))).unwrap_or_default();
        writeln!(to, "  {name}: {}{place}", clean(&value))
    }

    fn target_name(&self, target: &Target) -> String {
        match target {
            Target::Resource(id) => self.project.deploy.resource_label(*id),
            Target::External(symbol) => symbol.clone(),
        }
    }

    fn function(&self, id: FunctionId, to: &mut dyn Write) -> io::Result<()> {
        let deploy = &self.project.deploy;
        let function = deploy.function(id);
        self.setting("runtime", &function.runtime, to)?;
        self.setting("architecture", &function.architecture, to)?;
        self.setting("timeout (s)", &function.timeout_s, to)?;
        self.setting("memory (MiB)", &function.memory_mb, to)?;
        if let Some(lambda) = function.aws() {
            self.setting("ephemeral storage (MiB)", &lambda.ephemeral_mb, to)?;
            self.setting("reserved concurrency", &lambda.reserved_concurrency, to)?;
            self.setting("provisioned concurrency", &lambda.provisioned_concurrency, to)?;
        }
        self.setting("requests per environment", &function.concurrency, to)?;
        if let Some(lambda) = function.aws() {
            self.setting("async retries", &lambda.async_config.max_retries, to)?;
            self.target("on failure", &lambda.async_config.on_failure, to)?;
            self.target("dead-letter queue", &lambda.async_config.dead_letter, to)?;
        }
        for (name, variable) in &function.env.vars {
            let value = match &variable.value {
                Known::Is(text) => match &text.value {
                    Text::Literal(_) => "literal".to_owned(),
                    Text::Attribute(id, attribute) => {
                        let attribute = attribute.as_deref().map(|name| format!(".{name}")).unwrap_or_default();
                        format!("{}{attribute}", deploy.resource_label(*id))
                    }
                    Text::Template(text, _) => text.clone(),
                },
                Known::Opaque(_, reason) => format!("unknown: {reason}"),
                _ => "conditional".to_owned(),
            };
            writeln!(to, "  env {}: {}  {}", clean(name), clean(&value), self.at(variable.key))?;
        }
        if let Some(span) = function.env.open {
            writeln!(to, "  env: may hold more  {}", self.at(span))?;
        }
        for trigger in deploy.triggers_of(id) {
            let source = match &trigger.source {
                Known::Is(target) => format!(" {}", self.target_name(&target.value)),
                Known::Opaque(_, reason) => format!(" (source unknown: it {reason})"),
                _ => String::new(),
            };
            let mode = format!("{:?}", trigger.invocation()).to_lowercase();
            let off = if trigger.is_off() { ", switched off" } else { "" };
            let (kind, source) = (trigger.kind.name(), clean(&source));
            writeln!(to, "  trigger {kind}{source}: {mode}{off}  {}", self.at(trigger.span))?;
            if let Some(route) = trigger.route() {
                self.setting("  integration timeout (ms)", &route.integration_timeout_ms, to)?;
            }
            if let Some(mapping) = trigger.mapping() {
                self.setting("  batch size", &mapping.batch_size, to)?;
                self.setting("  batching window (s)", &mapping.batch_window_s, to)?;
                self.setting("  partial batch response", &mapping.partial_batch, to)?;
                self.setting("  maximum retry attempts", &mapping.max_retries, to)?;
                self.target("  on failure", &mapping.on_failure, to)?;
            }
        }
        let Some(lambda) = function.aws() else { return Ok(()) };
        let closed = if lambda.role.closed { "complete" } else { "may hold more" };
        writeln!(to, "  permissions: {} statements, {closed}", lambda.role.statements.len())
    }

    fn program(&self, target: crate::model::crates::TargetId, to: &mut dyn Write) -> io::Result<()> {
        let Some(program) = self.project.program(target) else {
            return Ok(());
        };
        for handler in &program.handlers {
            writeln!(to, "  handler {} by {}  {}", handler.name, handler.entry, self.at(handler.span))?;
            let or_open = |text: &str| {
                if text.is_empty() { "unknown".to_owned() } else { clean(text) }
            };
            writeln!(to, "    event {}, response {}", or_open(&handler.event), or_open(&handler.response))?;
        }
        self.coverage(&program.coverage, to)?;
        for read in program.facts::<EnvRead>() {
            let required = if read.required { "required" } else { "optional" };
            writeln!(
                to,
                "  reads {} ({required}, {})  {}",
                clean(&read.key),
                read.site.phase.as_str(),
                self.at(read.site.span)
            )?;
        }
        for client in program.facts::<ClientBuild>() {
            writeln!(to, "  builds {} ({})  {}", client.path, client.site.phase.as_str(), self.at(client.site.span))?;
        }
        for call in program.facts::<HttpCall>() {
            writeln!(to, "  requests {} ({})  {}", call.path, call.site.phase.as_str(), self.at(call.site.span))?;
        }
        for call in program.facts::<SdkCall>() {
            let phase = call.site.phase.as_str();
            let target = match &call.target {
                Operand::Literal(text) => format!(" on `{}`", clean(text)),
                Operand::Env(key) => format!(" on the value of {}", clean(key)),
                Operand::Unknown => String::new(),
            };
            writeln!(to, "  calls {}:{}{target} ({phase})  {}", call.service, call.operation, self.at(call.site.span))?;
        }
        for write in program.facts::<StateWrite>().iter().filter(|write| write.site.phase == Phase::Invoke) {
            writeln!(to, "  changes {} ({:?})  {}", clean(&write.name), write.kind, self.at(write.site.span))?;
        }
        Ok(())
    }

    /// How much of the program's own code was followed, and what was not.
    fn coverage(&self, coverage: &Coverage, to: &mut dyn Write) -> io::Result<()> {
        writeln!(to, "  {}", followed(coverage))?;
        for call in coverage.lost.iter().take(MOST_LOST) {
            writeln!(to, "    {}  {}", lost(call), self.at(call.span))?;
        }
        match coverage.lost.len().saturating_sub(MOST_LOST) {
            0 => Ok(()),
            more => writeln!(to, "    … and {more} more"),
        }
    }

    fn flows(&self, id: FunctionId, to: &mut dyn Write) -> io::Result<()> {
        let deploy = &self.project.deploy;
        let name = |end: &FlowEnd| match end {
            FlowEnd::Function(id) => deploy.function_label(*id),
            FlowEnd::Resource(id) => deploy.resource_label(*id),
            FlowEnd::External(symbol) => symbol.clone(),
        };
        for flow in self.project.flows.iter().filter(|flow| flow.from == FlowEnd::Function(id)) {
            let mode = format!("{:?}", flow.mode).to_lowercase();
            writeln!(to, "  edge to {} ({mode}, {})  {}", clean(&name(&flow.to)), flow.confidence, self.at(flow.site))?;
        }
        Ok(())
    }
}
