//! State machines whose states are constructs: chains, choices, maps and branches as a definition.

use super::machine::Machine;
use super::paths;
use super::value::{Args, ConstructId, Kind, Made, Map, Value};
use crate::text::Span;
use std::collections::HashSet;
use std::rc::Rc;

/// The class that parts of machines extend.
const FRAGMENT: &str = "stepfunctions.StateMachineFragment";
/// Branches and maps inside each other that are followed.
const MAX_LEVELS: u32 = 16;

/// Integrations of tasks by their class (AWS CDK API reference, aws-stepfunctions-tasks).
const INTEGRATIONS: &[(&str, &str)] = &[
    ("DynamoPutItem", "dynamodb:putItem"),
    ("DynamoGetItem", "dynamodb:getItem"),
    ("DynamoUpdateItem", "dynamodb:updateItem"),
    ("DynamoDeleteItem", "dynamodb:deleteItem"),
    ("EventBridgePutEvents", "events:putEvents"),
    ("EcsRunTask", "ecs:runTask"),
    ("BatchSubmitJob", "batch:submitJob"),
    ("GlueStartJobRun", "glue:startJobRun"),
    ("SnsPublish", "sns:publish"),
    ("SqsSendMessage", "sqs:sendMessage"),
    ("StepFunctionsStartExecution", "states:startExecution"),
];

impl Machine<'_, '_> {
    pub(crate) fn state_machine(&mut self, id: ConstructId, props: &Value) {
        let span = self.construct(id).span;
        let role = self.below(id, "Role", "AWS::IAM::Role", Map::default(), span);
        self.construct_mut(id).parts.insert("role", role);
        let body = props.property("definitionBody").or_else(|| props.property("definition"));
        let made = match &body {
            Some(Value { kind: Kind::Made(made), .. }) => Some(Rc::clone(made)),
            _ => None,
        };
        let from = made.as_ref().and_then(|made| made.path.rsplit('.').next().map(str::to_owned));
        let first = made.as_ref().and_then(|made| made.args.items.first().cloned());
        let definition = match (from.as_deref(), first) {
            (Some("fromFile"), Some(path)) => {
                let text = path.as_text().and_then(|text| paths::from_app(&text, &self.app));
                let value =
                    text.map_or_else(|| Value::opaque(path.reason(), path.span), |text| Value::text(text, path.span));
                self.construct_mut(id).properties.set_path("DefinitionUri", span, value);
                if let Some(names) = props.property("definitionSubstitutions") {
                    let names = self.plain(&names, 0);
                    self.construct_mut(id).properties.set_path("DefinitionSubstitutions", span, names);
                }
                return;
            }
            (Some("fromString"), Some(text)) => self.plain(&text, 0),
            (Some("fromChainable"), Some(chain)) => self.definition(&chain, span),
            _ => match &body {
                Some(chain) => self.definition(chain, span),
                None => Value::opaque("is decided when the program runs", span),
            },
        };
        if let (Kind::Map(map), Some(timeout)) = (&definition.kind, props.property("timeout")) {
            let timeout = self.plain(&timeout, 0);
            map.borrow_mut().set_path("TimeoutSeconds", timeout.span, timeout);
        }
        self.construct_mut(id).properties.set_path("Definition", span, definition);
    }

    fn definition(&mut self, chain: &Value, span: Span) -> Value {
        match self.start_of(chain) {
            Some(start) => self.level(start, 0),
            None => Value::opaque("is decided when the program runs", span),
        }
    }

    fn start_of(&self, value: &Value) -> Option<ConstructId> {
        match &value.kind {
            Kind::Made(made) if &*made.path == "chain" => made.args.items.first()?.construct(),
            // `chain.startState`.
            Kind::Member(of, name) if &**name == "startState" => self.start_of(of),
            // A part of a machine that is a class of its own.
            _ => {
                let id = value.construct()?;
                self.construct(id).metadata.at("start").map_or(Some(id), |start| start.construct())
            }
        }
    }

    fn ends_of(&self, value: &Value) -> Vec<ConstructId> {
        match &value.kind {
            Kind::Made(made) if &*made.path == "chain" => {
                let ends = made.args.items.get(1).and_then(Value::items).unwrap_or_default();
                ends.iter().filter_map(Value::construct).collect()
            }
            Kind::Member(of, name) if &**name == "endStates" => self.ends_of(of),
            _ => {
                let id = value.construct();
                if let Some(ends) = id.and_then(|id| self.construct(id).metadata.at("ends")) {
                    return ends.items().unwrap_or_default().iter().filter_map(Value::construct).collect();
                }
                id.into_iter().filter(|&id| &*self.construct(id).class != "stepfunctions.Choice").collect()
            }
        }
    }

    /// Where an instance of `StateMachineFragment` starts and ends.
    pub(crate) fn fragment(&mut self, this: &Value) {
        let Kind::Instance(instance) = &this.kind else { return };
        let Some(id) = this.construct().filter(|&id| &*self.construct(id).class == FRAGMENT) else { return };
        let field = |name: &str| instance.fields.borrow().get(name).cloned();
        let (Some(start), Some(ends)) = (field("startState"), field("endStates")) else { return };
        let Some(start) = self.start_of(&start) else { return };
        let ends = match ends.items() {
            Some(items) => items.iter().flat_map(|item| self.ends_of(item)).collect(),
            None => self.ends_of(&ends),
        };
        let here = |id: ConstructId| Value::new(Kind::Construct(id), this.span);
        let ends = Value::list(ends.into_iter().map(here).collect(), this.span);
        let metadata = &mut self.construct_mut(id).metadata;
        metadata.set_path("start", this.span, here(start));
        metadata.set_path("ends", this.span, ends);
    }

    fn chain(&self, start: ConstructId, ends: Vec<ConstructId>, span: Span) -> Value {
        let here = |id: ConstructId| Value::new(Kind::Construct(id), span);
        let ends = Value::list(ends.into_iter().map(here).collect(), span);
        let args = Args { items: vec![here(start), ends], ..Args::default() };
        Value::new(Kind::Made(Rc::new(Made { path: "chain".into(), args })), span)
    }

    /// Methods of states and chains; none if it is not one.
    pub(crate) fn state_method(&mut self, object: &Value, name: &str, args: &Args, span: Span) -> Option<Value> {
        let start = self.start_of(object)?;
        let target =
            || args.items.first().cloned().or_else(|| args.named.entries.first().map(|entry| entry.value.clone()));
        let own = Value::new(Kind::Construct(start), span);
        match name {
            "next" => {
                let target = target()?;
                let to = self.start_of(&target)?;
                for end in self.ends_of(object) {
                    let to = Value::new(Kind::Construct(to), span);
                    self.construct_mut(end).metadata.set_path("next", span, to);
                }
                let ends = self.ends_of(&target);
                return Some(self.chain(start, ends, span));
            }
            "addRetry" => {
                let props = args.props(0, span);
                self.construct_mut(start).metadata.append("retries", span, props);
            }
            "addCatch" => {
                let target = target()?;
                let to = Value::new(Kind::Construct(self.start_of(&target)?), span);
                let item = Map::default().with("to", span, to).with("props", span, args.props(1, span));
                self.construct_mut(start).metadata.append("catches", span, Value::map(item, span));
            }
            "when" => {
                let target = args.items.get(1).cloned()?;
                let to = Value::new(Kind::Construct(self.start_of(&target)?), span);
                self.construct_mut(start).metadata.append("choices", span, to);
            }
            "otherwise" => {
                let to = Value::new(Kind::Construct(self.start_of(&target()?)?), span);
                self.construct_mut(start).metadata.set_path("otherwise", span, to);
            }
            "afterwards" => {
                let ends = self.leaves(start);
                return Some(self.chain(start, ends, span));
            }
            "branch" => {
                for branch in &args.items {
                    if let Some(to) = self.start_of(branch) {
                        let to = Value::new(Kind::Construct(to), span);
                        self.construct_mut(start).metadata.append("branches", span, to);
                    }
                }
            }
            "iterator" | "itemProcessor" => {
                let to = Value::new(Kind::Construct(self.start_of(&target()?)?), span);
                self.construct_mut(start).metadata.set_path("processor", span, to);
            }
            "prefixStates" => return Some(object.clone()),
            "toSingleState" => {
                let whole = self.add("stepfunctions.Parallel", object.construct(), None, span, Value::null(span));
                self.construct_mut(whole).metadata.append("branches", span, own);
                return Some(Value::new(Kind::Construct(whole), span));
            }
            _ => return None,
        }
        Some(own)
    }

    /// Where the ways from a choice end.
    fn leaves(&self, start: ConstructId) -> Vec<ConstructId> {
        let (mut seen, mut open, mut ends) = (HashSet::from([start]), self.follows(start), Vec::new());
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            let next = self.follows(id);
            let class = &*self.construct(id).class;
            if next.is_empty() && !class.ends_with(".Fail") && !class.ends_with(".Succeed") {
                ends.push(id);
            }
            open.extend(next);
        }
        ends.sort_by_key(|id| id.0);
        ends
    }

    /// The states of the same level a state leads to, without those that catch its errors.
    fn follows(&self, id: ConstructId) -> Vec<ConstructId> {
        let metadata = &self.construct(id).metadata;
        let one = |key: &str| metadata.at(key).and_then(|to| to.construct());
        let choices = metadata.at("choices").and_then(|list| list.items()).unwrap_or_default();
        let choices = choices.iter().filter_map(Value::construct);
        one("next").into_iter().chain(one("otherwise")).chain(choices).collect()
    }

    fn name(&self, id: ConstructId) -> Value {
        let construct = self.construct(id);
        let named = construct.props.property("stateName").filter(|name| name.as_text().is_some());
        named.unwrap_or_else(|| {
            Value::text(construct.path.rsplit('/').next().unwrap_or(&construct.path), construct.span)
        })
    }

    /// A mapping with `StartAt` and `States`.
    fn level(&mut self, start: ConstructId, depth: u32) -> Value {
        let span = self.construct(start).span;
        if depth > MAX_LEVELS {
            return Value::opaque("is nested too deeply", span);
        }
        let mut states = Map::default();
        let (mut seen, mut open) = (HashSet::new(), vec![start]);
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            let state = self.state(id, depth);
            let (name, at) = (self.name(id), self.construct(id).span);
            if let Some(name) = name.as_text() {
                states.set_path(&name.replace('.', " "), at, state);
            }
            open.extend(self.follows(id));
            let catches = self.construct(id).metadata.at("catches").and_then(|list| list.items()).unwrap_or_default();
            open.extend(catches.iter().filter_map(|item| item.property("to")?.construct()));
        }
        let level =
            Map::default().with("StartAt", span, self.name(start)).with("States", span, Value::map(states, span));
        Value::map(level, span)
    }

    fn state(&mut self, id: ConstructId, depth: u32) -> Value {
        let construct = self.construct(id);
        let (span, props, metadata) = (construct.span, construct.props.clone(), construct.metadata.clone());
        let class = construct.class.rsplit('.').next().unwrap_or_default().to_owned();
        let mut out = Map::default();
        let mut set = |key: &str, value: Value| out.set_path(key, span, value);
        match class.as_str() {
            "Pass" | "Wait" | "Succeed" | "Fail" | "Choice" | "Parallel" | "Map" => {
                set("Type", Value::text(class.as_str(), span));
            }
            "DistributedMap" => set("Type", Value::text("Map", span)),
            _ => {
                set("Type", Value::text("Task", span));
                self.task(&class, &props, &mut out, span);
            }
        }
        for (names, key) in [
            (["taskTimeout", "timeout"], "TimeoutSeconds"),
            (["heartbeatTimeout", "heartbeat"], "HeartbeatSeconds"),
            (["maxConcurrency", "maxConcurrency"], "MaxConcurrency"),
        ] {
            let Some(value) = names.iter().find_map(|name| props.property(name)) else { continue };
            let value = match &value.kind {
                // `Timeout.duration(…)`.
                Kind::Made(made) if made.path.ends_with(".Timeout.duration") => {
                    made.args.items.first().cloned().unwrap_or(value)
                }
                _ => value,
            };
            let value = self.plain(&value, 0);
            out.set_path(key, span, value);
        }
        for retry in metadata.at("retries").and_then(|list| list.items()).unwrap_or_default() {
            let mut item = Map::default().with("ErrorEquals", span, self.errors(&retry, span));
            for (name, key) in
                [("maxAttempts", "MaxAttempts"), ("interval", "IntervalSeconds"), ("backoffRate", "BackoffRate")]
            {
                if let Some(value) = retry.property(name) {
                    let value = self.plain(&value, 0);
                    item.set_path(key, span, value);
                }
            }
            out.append("Retry", span, Value::map(item, span));
        }
        for caught in metadata.at("catches").and_then(|list| list.items()).unwrap_or_default() {
            let Some(to) = caught.property("to").and_then(|to| to.construct()) else { continue };
            let props = caught.property("props").unwrap_or_else(|| Value::null(span));
            let errors = self.errors(&props, span);
            let item = Map::default().with("ErrorEquals", span, errors).with("Next", span, self.name(to));
            out.append("Catch", span, Value::map(item, span));
        }
        match metadata.at("next").and_then(|to| to.construct()) {
            Some(to) => out.set_path("Next", span, self.name(to)),
            None if !matches!(class.as_str(), "Choice" | "Succeed" | "Fail") => {
                out.set_path("End", span, Value::truth(true, span));
            }
            None => {}
        }
        for choice in metadata.at("choices").and_then(|list| list.items()).unwrap_or_default() {
            if let Some(to) = choice.construct() {
                let item = Map::default().with("Next", span, self.name(to));
                out.append("Choices", span, Value::map(item, span));
            }
        }
        if let Some(to) = metadata.at("otherwise").and_then(|to| to.construct()) {
            out.set_path("Default", span, self.name(to));
        }
        for branch in metadata.at("branches").and_then(|list| list.items()).unwrap_or_default() {
            if let Some(start) = branch.construct() {
                let level = self.level(start, depth + 1);
                out.append("Branches", span, level);
            }
        }
        if let Some(start) = metadata.at("processor").and_then(|to| to.construct()) {
            let level = self.level(start, depth + 1);
            out.set_path("ItemProcessor", span, level);
            if class == "DistributedMap" {
                out.set_path("ItemProcessor.ProcessorConfig.Mode", span, Value::text("DISTRIBUTED", span));
            }
        }
        Value::map(out, span)
    }

    fn errors(&mut self, props: &Value, span: Span) -> Value {
        match props.property("errors") {
            Some(errors) => {
                let items = errors.items().unwrap_or_default();
                let items = items.iter().map(|error| match &error.kind {
                    // `Errors.ALL` is `States.ALL`.
                    Kind::Library(path) => Value::text(error_name(path), error.span),
                    _ => error.clone(),
                });
                Value::list(items.collect(), span)
            }
            None => Value::list(vec![Value::text("States.ALL", span)], span),
        }
    }

    fn task(&mut self, class: &str, props: &Value, out: &mut Map, span: Span) {
        let pattern = match props.property("integrationPattern") {
            None => "",
            Some(Value { kind: Kind::Library(path), .. }) if path.ends_with("WAIT_FOR_TASK_TOKEN") => {
                ".waitForTaskToken"
            }
            Some(Value { kind: Kind::Library(path), .. }) if path.ends_with("RUN_JOB") => ".sync",
            Some(_) => "",
        };
        if class == "LambdaInvoke" {
            let function = props.property("lambdaFunction").map(|function| self.plain(&function, 0));
            let function = function.unwrap_or_else(|| Value::opaque("is not known", span));
            if props.property("payloadResponseOnly").is_some_and(|only| only.truthy() == Some(true)) {
                out.set_path("Resource", span, function);
            } else {
                out.set_path("Resource", span, Value::text(format!("arn:aws:states:::lambda:invoke{pattern}"), span));
                out.set_path("Parameters.FunctionName", span, function);
            }
            if props.property("retryOnServiceExceptions").is_none_or(|retry| retry.truthy() != Some(false)) {
                let errors = [
                    "Lambda.ClientExecutionTimeoutException",
                    "Lambda.ServiceException",
                    "Lambda.AWSLambdaException",
                    "Lambda.SdkClientException",
                ];
                let errors = errors.iter().map(|error| Value::text(*error, span)).collect();
                let item = Map::default().with("ErrorEquals", span, Value::list(errors, span)).with(
                    "MaxAttempts",
                    span,
                    Value::number(6.0, span),
                );
                out.append("Retry", span, Value::map(item, span));
            }
            return;
        }
        let resource = match INTEGRATIONS.iter().find(|(known, _)| *known == class) {
            Some((_, integration)) => {
                let version = if class == "StepFunctionsStartExecution" && pattern == ".sync" { ":2" } else { "" };
                Value::text(format!("arn:aws:states:::{integration}{pattern}{version}"), span)
            }
            None if class == "CallAwsService" => {
                let (service, action) = (props.property("service"), props.property("action"));
                match (service.and_then(|text| text.as_text()), action.and_then(|text| text.as_text())) {
                    (Some(service), Some(action)) => {
                        Value::text(format!("arn:aws:states:::aws-sdk:{service}:{action}{pattern}"), span)
                    }
                    _ => Value::opaque("is decided when the program runs", span),
                }
            }
            None => Value::opaque("is an integration that is not followed", span),
        };
        out.set_path("Resource", span, resource);
    }
}

fn error_name(path: &str) -> String {
    let name = path.rsplit('.').next().unwrap_or_default();
    match name {
        "ALL" => "States.ALL".to_owned(),
        "TIMEOUT" => "States.Timeout".to_owned(),
        "TASKS_FAILED" => "States.TaskFailed".to_owned(),
        "PERMISSIONS" => "States.Permissions".to_owned(),
        other => format!("States.{other}"),
    }
}
