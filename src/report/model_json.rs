//! `model --format json`: what `model` prints, for programs. Lines are 1-based; version 1, new fields may come.

use super::model::is_called;
use crate::finding::Subject;
use crate::model::deployments::machine::{Service, StateMachine};
use crate::model::deployments::{FunctionId, MachineId, Queue, Target, Text, Trigger};
use crate::model::source::{ClientBuild, EnvRead, HttpCall, Operand, SdkCall, Site, StateWrite};
use crate::model::{FlowEnd, Known, Project, Setting, Unit};
use crate::text::Span;
use serde_json::{Map, Value, json};
use std::fmt::Display;
use std::io::{self, Write};

/// Writes what is known of each unit, or of the one whose function or binary has a name.
///
/// # Errors
/// If the writer fails.
pub fn write(project: &Project, only: Option<&str>, to: &mut dyn Write) -> io::Result<()> {
    let model = Model { project };
    let wanted = |unit: &&Unit| only.is_none_or(|only| is_called(project, unit, only));
    let units: Vec<Value> = project.units.iter().filter(wanted).map(|unit| model.unit(unit)).collect();
    let all = only.is_none();
    let queues: Vec<Value> = project.deploy.queues.iter().filter(|_| all).map(|queue| model.queue(queue)).collect();
    let machines = project.deploy.machines().filter(|_| all).map(|(id, machine)| model.machine(id, machine));
    let gaps = project.gaps.iter().map(|gap| json!({"path": gap.path, "line": gap.line, "reason": gap.reason}));
    let whole = json!({
        "version": 1,
        "units": units,
        "queues": queues,
        "state_machines": machines.collect::<Vec<_>>(),
        "gaps": gaps.collect::<Vec<_>>(),
    });
    serde_json::to_writer_pretty(&mut *to, &whole)?;
    writeln!(to)
}

struct Model<'p> {
    project: &'p Project,
}

impl Model<'_> {
    fn at(&self, span: Span) -> Value {
        let sources = &self.project.sources;
        json!({"path": sources.path(span.file), "line": sources.position(span.file, span.start).line})
    }

    /// A value with who set it; null if it is absent.
    fn setting<T: Display>(&self, setting: &Setting<T>) -> Value {
        let values: Vec<String> = setting.value.candidates().map(|value| value.value.to_string()).collect();
        let mut row = Map::new();
        match &setting.value {
            Known::Absent => return Value::Null,
            Known::Opaque(_, reason) => row.insert("unknown".to_owned(), reason.as_str().into()),
            _ => row.insert("values".to_owned(), values.into()),
        };
        row.insert("origin".to_owned(), setting.origin.describe().into());
        row.extend(setting.key.map(|key| ("at".to_owned(), self.at(key))));
        row.into()
    }

    fn target(&self, setting: &Setting<Target>) -> Value {
        let mut row = Map::new();
        match &setting.value {
            Known::Absent => return Value::Null,
            Known::Opaque(_, reason) => row.insert("unknown".to_owned(), reason.as_str().into()),
            known => {
                let names: Vec<String> = known.candidates().map(|value| self.target_name(&value.value)).collect();
                row.insert("values".to_owned(), names.into())
            }
        };
        row.extend(setting.key.map(|key| ("at".to_owned(), self.at(key))));
        row.into()
    }

    fn target_name(&self, target: &Target) -> String {
        match target {
            Target::Resource(id) => self.project.deploy.resource_label(*id),
            Target::External(symbol) => symbol.clone(),
        }
    }

    fn unit(&self, unit: &Unit) -> Value {
        let function = unit.function().map_or(Value::Null, |id| self.function(id));
        let binary = unit.target().map_or(Value::Null, |id| {
            let target = self.project.cargo.target(id);
            let package = &self.project.cargo.package(target.package).name;
            json!({
                "name": target.name, "package": package, "at": self.at(target.span),
                "evidence": unit.evidence().map(|evidence| evidence.as_str()), "source": self.program(id),
            })
        });
        json!({"function": function, "binary": binary})
    }

    fn function(&self, id: FunctionId) -> Value {
        let deploy = &self.project.deploy;
        let function = deploy.function(id);
        let mut settings = Map::new();
        let mut set = |name: &str, value: Value| {
            if !value.is_null() {
                settings.insert(name.to_owned(), value);
            }
        };
        set("runtime", self.setting(&function.runtime));
        set("architecture", self.setting(&function.architecture));
        set("timeout_s", self.setting(&function.timeout_s));
        set("memory_mib", self.setting(&function.memory_mb));
        set("requests_per_environment", self.setting(&function.concurrency));
        if let Some(lambda) = function.aws() {
            set("ephemeral_storage_mib", self.setting(&lambda.ephemeral_mb));
            set("reserved_concurrency", self.setting(&lambda.reserved_concurrency));
            set("provisioned_concurrency", self.setting(&lambda.provisioned_concurrency));
            set("async_retries", self.setting(&lambda.async_config.max_retries));
            set("on_failure", self.target(&lambda.async_config.on_failure));
            set("dead_letter_queue", self.target(&lambda.async_config.dead_letter));
        }
        let env: Vec<Value> = function
            .env
            .vars
            .iter()
            .map(|(name, variable)| {
                let value = match &variable.value {
                    Known::Is(text) => match &text.value {
                        // Values may be secrets; who sets them is what matters.
                        Text::Literal(_) => json!("literal"),
                        Text::Attribute(id, attribute) => {
                            json!({"resource": deploy.resource_label(*id), "attribute": attribute})
                        }
                        Text::Template(text, _) => json!({"template": text}),
                    },
                    Known::Opaque(_, reason) => json!({"unknown": reason.as_str()}),
                    _ => json!("conditional"),
                };
                json!({"name": name, "value": value, "at": self.at(variable.key)})
            })
            .collect();
        let flows = self.project.flows.iter().filter(|flow| flow.from == FlowEnd::Function(id)).map(|flow| {
            let end = match &flow.to {
                FlowEnd::Function(id) => deploy.function_label(*id),
                FlowEnd::Resource(id) => deploy.resource_label(*id),
                FlowEnd::External(symbol) => symbol.clone(),
            };
            let mode = format!("{:?}", flow.mode).to_lowercase();
            json!({"to": end, "mode": mode, "confidence": flow.confidence.to_string(), "at": self.at(flow.site)})
        });
        json!({
            "name": deploy.function_label(id), "at": self.at(deploy.function_span(id)), "settings": settings,
            "environment": env, "environment_may_hold_more": function.env.open.is_some(),
            "triggers": deploy.triggers_of(id).map(|trigger| self.trigger(trigger)).collect::<Vec<_>>(),
            "flows": flows.collect::<Vec<_>>(),
            "permissions": function.aws().map(|lambda| {
                json!({"statements": lambda.role.statements.len(), "complete": lambda.role.closed})
            }),
        })
    }

    fn trigger(&self, trigger: &Trigger) -> Value {
        let source = match &trigger.source {
            Known::Is(target) => self.target_name(&target.value).into(),
            Known::Opaque(_, reason) => json!({"unknown": reason.as_str()}),
            _ => Value::Null,
        };
        let mut row = json!({
            "kind": trigger.kind.name(), "source": source, "at": self.at(trigger.span),
            "invocation": format!("{:?}", trigger.invocation()).to_lowercase(),
        });
        if trigger.is_off() {
            row["off"] = true.into();
        }
        if let Some(route) = trigger.route() {
            row["integration_timeout_ms"] = self.setting(&route.integration_timeout_ms);
        }
        if let Some(mapping) = trigger.mapping() {
            row["batch_size"] = self.setting(&mapping.batch_size);
            row["batching_window_s"] = self.setting(&mapping.batch_window_s);
            row["partial_batch_response"] = self.setting(&mapping.partial_batch);
            row["maximum_retry_attempts"] = self.setting(&mapping.max_retries);
            row["on_failure"] = self.target(&mapping.on_failure);
        }
        row
    }

    fn program(&self, target: crate::model::crates::TargetId) -> Value {
        let Some(program) = self.project.program(target) else { return Value::Null };
        let row = |site: &Site, more: Value| {
            let mut row = json!({"phase": site.phase.as_str(), "at": self.at(site.span)});
            if let (Some(row), Value::Object(more)) = (row.as_object_mut(), more) {
                row.extend(more);
            }
            row
        };
        let handlers = program.handlers.iter().map(|handler| {
            json!({
                "name": handler.name, "entry": handler.entry.to_string(), "at": self.at(handler.span),
                "event": handler.event, "response": handler.response,
            })
        });
        let env = program.facts::<EnvRead>().iter();
        let clients = program.facts::<ClientBuild>().iter();
        let requests = program.facts::<HttpCall>().iter();
        let writes = program.facts::<StateWrite>().iter();
        let calls = program.facts::<SdkCall>().iter().map(|call| {
            let target = match &call.target {
                Operand::Literal(text) => json!({"literal": text}),
                Operand::Env(key) => json!({"variable": key}),
                Operand::Unknown => Value::Null,
            };
            row(&call.site, json!({"service": call.service, "operation": call.operation, "target": target}))
        });
        json!({
            "handlers": handlers.collect::<Vec<_>>(),
            "environment": env
                .map(|read| row(&read.site, json!({"name": read.key, "required": read.required})))
                .collect::<Vec<_>>(),
            "clients": clients.map(|client| row(&client.site, json!({"path": client.path}))).collect::<Vec<_>>(),
            "requests": requests.map(|call| row(&call.site, json!({"path": call.path}))).collect::<Vec<_>>(),
            "sdk_calls": calls.collect::<Vec<_>>(),
            "state_writes": writes
                .map(|write| row(&write.site, json!({"name": write.name, "kind": format!("{:?}", write.kind)})))
                .collect::<Vec<_>>(),
        })
    }

    fn queue(&self, queue: &Queue) -> Value {
        json!({
            "name": self.project.deploy.resource_label(queue.resource),
            "at": self.at(self.project.deploy.resource(queue.resource).span),
            "visibility_timeout_s": self.setting(&queue.visibility_s), "redrive": self.target(&queue.redrive),
            "max_receive_count": self.setting(&queue.max_receive), "is_dead_letter_queue": queue.is_dead_letter,
        })
    }

    fn machine(&self, id: MachineId, machine: &StateMachine) -> Value {
        let names = |indices: &[usize]| -> Vec<&str> {
            indices.iter().map(|&index| machine.states[index].name.as_str()).collect()
        };
        let state = |state: &crate::model::deployments::machine::State| {
            let calls = match state.task.as_ref().map(|task| &task.service) {
                Some(Service::Lambda(target)) => {
                    json!({"function": target.one().map(|target| self.target_name(target))})
                }
                Some(Service::Activity) => json!("activity"),
                Some(Service::Other(service, action)) => json!({"service": service, "action": action}),
                Some(Service::Unknown) => json!("unknown"),
                None => Value::Null,
            };
            let caught: Vec<usize> = state.catch.iter().filter_map(|catcher| catcher.next).collect();
            json!({
                "name": state.name, "at": self.at(state.span), "calls": calls, "next": names(&state.next),
                "runs": names(&state.branches), "catch": names(&caught),
            })
        };
        json!({
            "name": self.project.label(Subject::Machine(id)), "at": self.at(machine.span),
            "type": self.setting(&machine.kind), "states": machine.states.iter().map(state).collect::<Vec<_>>(),
        })
    }
}
