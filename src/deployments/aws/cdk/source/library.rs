//! What a program says to the library: constructs it makes, members it asks for, objects that are no constructs.

use super::alternatives::arms;
use super::machine::{Construct, Machine};
use super::programs::service;
use super::syntax::Word;
use super::value::{Args, ConstructId, Entry, Kind, Made, Map, Text, Value};
use crate::knowledge::cdk;
use crate::text::Span;
use std::rc::Rc;

/// Classes that hold constructs and are no resources.
const HOLDERS: &[&str] = &["core.App", "core.Stage", "core.Stack", "core.NestedStack", "core.Construct"];

/// Stands before the class of what is named and not made here.
pub(crate) const IMPORTED: &str = "imported:";

/// Whether a class holds constructs and is no resource.
pub(crate) fn is_holder(class: &str) -> bool {
    HOLDERS.contains(&class)
}

impl Machine<'_, '_> {
    /// A member of a module, a class or a function of a library.
    pub(crate) fn library_member(&mut self, path: &str, name: &Word, span: Span) -> Value {
        match path {
            // `cdk.aws_lambda`, `{ aws_lambda as lambda }`.
            "core" if name.starts_with("aws") && name[3..].starts_with(|c: char| c == '_' || c.is_uppercase()) => {
                Value::library(service(name), span)
            }
            // The whole library under a name of its own.
            "core" if matches!(&**name, "core" | "constructs") => Value::library("core", span),
            "js.process.env" | "py.os.environ" if &**name != "get" => {
                Value::new(Kind::External(format!("environment variable {name}").into()), span)
            }
            _ => Value::library(format!("{path}.{name}"), span),
        }
    }

    /// Calls a class or a function of a library.
    pub(crate) fn call_library(&mut self, path: &str, args: Args, span: Span) -> Value {
        if let Some(value) = self.builtin(path, &args, span) {
            return value;
        }
        let Some((module, name)) = path.rsplit_once('.') else {
            self.unfollowed(&args, span);
            return Value::opaque("is made by a library that is not followed", span);
        };
        if ["js.", "py.", "node."].iter().any(|prefix| path.starts_with(prefix)) {
            self.unfollowed(&args, span);
            return Value::opaque("is computed when the program runs", span);
        }
        if name.starts_with(char::is_uppercase) {
            return self.new_of(path, args, span);
        }
        // Tasks have a class method for each query language.
        if matches!(name, "jsonata" | "jsonPath") {
            return self.new_of(module, args, span);
        }
        let scope = args.at(0, "scope").and_then(|scope| scope.construct());
        match (module, name) {
            ("core.Stack", "of") => {
                let within = args.items.first().and_then(Value::construct);
                let stack = within.and_then(|id| self.around(id, is_stack));
                stack.map_or_else(|| Value::opaque("is not known", span), |id| Value::new(Kind::Construct(id), span))
            }
            ("stepfunctions.Chain", "start") => args.items.into_iter().next().unwrap_or_else(|| Value::null(span)),
            ("stepfunctions.Chain", "sequence") => {
                let from = args.items.first().cloned().unwrap_or_else(|| Value::null(span));
                let rest = Args { items: args.items.into_iter().skip(1).collect(), ..Args::default() };
                let chain = self.state_method(&from, "next", &rest, span);
                chain.unwrap_or_else(|| Value::opaque("is decided when the program runs", span))
            }
            ("core.Fn", "importValue") => {
                let name = args.items.first().and_then(Value::as_text).unwrap_or_else(|| "…".into());
                Value::new(Kind::External(format!("import {name}").into()), span)
            }
            ("core.Fn", "join") => {
                let separator = args.items.first().and_then(Value::as_text).unwrap_or_default();
                let items = args.items.get(1).and_then(Value::items).unwrap_or_default();
                let mut parts = Vec::new();
                for (at, item) in items.into_iter().enumerate() {
                    if at > 0 {
                        parts.push(Value::text(Rc::clone(&separator), span));
                    }
                    parts.push(item);
                }
                Value::joined(parts, span)
            }
            (
                "ssm.StringParameter",
                "valueForStringParameter" | "valueFromLookup" | "valueForTypedStringParameterV2",
            ) => {
                let name = args.items.get(1).and_then(Value::as_text).unwrap_or_else(|| "…".into());
                Value::new(Kind::External(format!("SSM parameter {name}").into()), span)
            }
            _ if is_import(name) && scope.is_some() => {
                let made = Made { path: format!("{IMPORTED}{module}").into(), args };
                Value::new(Kind::Made(Rc::new(made)), span)
            }
            // A function of another library may do anything with what it is given.
            _ if path.starts_with("other:") => {
                self.unfollowed(&args, span);
                Value::opaque("is made by a library that is not followed", span)
            }
            _ => Value::new(Kind::Made(Rc::new(Made { path: path.into(), args })), span),
        }
    }

    /// `new` of a class of a library: a construct, if it is put somewhere, or an object.
    fn new_of(&mut self, path: &str, args: Args, span: Span) -> Value {
        if path == "core.App" || path == "core.Stage" && args.items.is_empty() {
            let id = self.add(path, None, None, span, Value::null(span));
            self.construct_mut(id).path = "".into();
            return Value::new(Kind::Construct(id), span);
        }
        let scope = args.at(0, "scope");
        let id = args.at(1, "id");
        let inside = scope.as_ref().and_then(Value::construct);
        let anywhere = scope.as_ref().is_some_and(Value::is_unknown);
        let known = cdk().constructs.get(path).is_some_and(|class| class.type_name.is_some() || class.like.is_some());
        let named = id.as_ref().is_some_and(|id| matches!(id.kind, Kind::Text(_) | Kind::Parts(_)));
        if inside.is_none() && !(anywhere && (known || is_holder(path) || named)) {
            return Value::new(Kind::Made(Rc::new(Made { path: path.into(), args })), span);
        }
        // `new SqsEventSource(queue, {…})` is put nowhere: what follows is no id.
        let object =
            |id: &Value| matches!(id.kind, Kind::Map(_) | Kind::List(_) | Kind::Closure(_)) || id.construct().is_some();
        if inside.is_some() && id.as_ref().is_none_or(object) && !is_holder(path) {
            return Value::new(Kind::Made(Rc::new(Made { path: path.into(), args })), span);
        }
        let mut props = args.props(2, span);
        if let Kind::Map(map) = &props.kind {
            map.borrow_mut().entries.retain(|entry| !matches!(&*entry.key, "scope" | "id"));
        }
        if props.is_null() {
            props = Value::map(Map::default(), span);
        }
        let text = id.as_ref().and_then(known_text);
        let place = id.as_ref().filter(|id| matches!(id.kind, Kind::Text(_) | Kind::Parts(_)));
        let place = place.map_or(span, |id| id.span);
        let made = self.add(path, inside, text.as_deref(), place, props.clone());
        self.construct_mut(made).made = span;
        self.resource(made, path, &props);
        Value::new(Kind::Construct(made), span)
    }

    /// The resource of a construct, with what its class is known to write.
    fn resource(&mut self, id: ConstructId, class: &str, props: &Value) {
        let span = self.construct(id).span;
        if let Some(type_name) = super::level1::type_of(class) {
            let mut properties = Map::default();
            super::level1::properties(props, &mut properties);
            let properties = self.plain_map(&properties, 0);
            let construct = self.construct_mut(id);
            construct.type_name = Some(type_name.into());
            construct.properties = properties;
            return;
        }
        let Some(type_name) = cdk().lineage(class).find_map(|row| row.type_name.as_deref()) else {
            // Something references may lead to.
            if let Some(behaviour) = cdk().constructs.get(class).and_then(|row| row.behaves.as_deref()) {
                return self.behave(id, behaviour, props);
            }
            if !is_holder(class) {
                self.construct_mut(id).type_name = Some(format!("CDK::{}", class.replace('.', "::")).into());
            }
            return;
        };
        let properties = self.written(class, props, span);
        let construct = self.construct_mut(id);
        construct.type_name = Some(type_name.into());
        construct.properties = properties;
        let behaviour = cdk().lineage(class).find_map(|row| row.behaves.as_deref());
        if let Some(behaviour) = behaviour {
            self.behave(id, behaviour, props);
        }
    }

    /// The properties a class writes for what it is given.
    pub(crate) fn written(&mut self, class: &str, props: &Value, span: Span) -> Map {
        let mut out = Map::default();
        for row in cdk().lineage(class) {
            for (property, path) in &row.properties {
                let Some((key_span, value)) = dig(props, property) else { continue };
                let mut value = self.plain(&value, 0);
                if value.is_null() {
                    continue;
                }
                let path = match path.strip_suffix("[]") {
                    Some(path) => {
                        if !value.is_unknown() {
                            value = Value::list(vec![value], key_span);
                        }
                        path
                    }
                    None => path,
                };
                if out.at(path).is_none() {
                    out.set_path(path, key_span, value);
                }
            }
        }
        for row in cdk().lineage(class) {
            for (path, text) in &row.defaults {
                if out.at(path).is_none() {
                    let value = match text.as_str() {
                        "?" => Value::opaque("is decided by the class", span),
                        text => Value::text(text, span),
                    };
                    out.set_path(path, span, value);
                }
            }
        }
        out
    }

    /// A member of a construct.
    pub(crate) fn construct_member(&mut self, id: ConstructId, object: &Value, name: &Word, span: Span) -> Value {
        let here = |id: ConstructId| Value::new(Kind::Construct(id), span);
        let holder = is_holder(&self.construct(id).class);
        match &**name {
            "stack" => return self.around(id, is_stack).map_or_else(|| Value::opaque("is not known", span), here),
            "region" if holder => return Value::library("core.Aws.REGION", span),
            "account" if holder => return Value::library("core.Aws.ACCOUNT_ID", span),
            "partition" if holder => return Value::library("core.Aws.PARTITION", span),
            "node" => return Value::new(Kind::Member(Rc::new(object.clone()), "node".into()), span),
            "latestVersion" | "lambda" => return object.clone(),
            "currentVersion" => return here(self.version(id, span)),
            // The URL of a stage leads to its API.
            "url" | "invokeUrl" if self.construct(id).class.starts_with("generated.") => {
                let api = self.construct(id).parts.get("api").copied().unwrap_or(id);
                return Value::new(Kind::Attribute(api, "Ref".into()), span);
            }
            "scope" => return self.construct(id).scope.map_or_else(|| Value::null(span), here),
            _ => {}
        }
        if let Some(&part) = self.construct(id).parts.get(&**name) {
            return here(part);
        }
        if self.construct(id).class.starts_with("core.CfnParameter") && name.starts_with("value") {
            let symbol = format!("parameter {}", self.construct(id).path);
            return Value::new(Kind::External(symbol.into()), span);
        }
        let attribute = match &**name {
            "tableStreamArn" => Some("StreamArn"),
            "apiEndpoint" => Some("ApiEndpoint"),
            "ref" | "url" | "deploymentStage" | "defaultStage" => Some("Ref"),
            name if name.ends_with("Arn") => Some("Arn"),
            name if ["Name", "Url", "Id", "Version"].iter().any(|end| name.ends_with(end)) => Some("Ref"),
            name if name.starts_with("attr") => name.get(4..),
            _ => None,
        };
        match attribute {
            Some(attribute) if !holder && !name.starts_with("add") => {
                Value::new(Kind::Attribute(id, attribute.into()), span)
            }
            _ => Value::new(Kind::Member(Rc::new(object.clone()), (&**name).into()), span),
        }
    }

    /// `construct.property = value` of a class that is a resource itself, or of the resource of another.
    pub(crate) fn override_property(&mut self, object: &Value, name: &Word, value: Value, span: Span) {
        let Some(id) = object.construct() else { return };
        if self.construct(id).type_name.as_deref().is_some_and(|name| name.starts_with("AWS::")) {
            let mut properties = Map::default();
            let given = Value::map(Map::default().with(name, span, value), span);
            super::level1::properties(&given, &mut properties);
            let mut properties = self.plain_map(&properties, 0);
            for entry in &mut properties.entries {
                entry.value = self.settled(id, &entry.key, entry.value.clone());
            }
            self.construct_mut(id).properties.extend(&properties);
        }
    }

    /// A value as a template has it: constants as their text, durations in seconds, constructs as references.
    pub(crate) fn plain(&mut self, value: &Value, depth: u32) -> Value {
        let span = value.span;
        if depth > 60 {
            return Value::opaque("is nested too deeply", span);
        }
        match &value.kind {
            Kind::Library(path) => match cdk().values.get(&**path) {
                Some(text) => Value::text(text.as_str(), span),
                None if path.starts_with("core.Aws.") => value.clone(),
                None => constant(path, span),
            },
            Kind::Made(made) => self.plain_made(made, span, depth),
            Kind::Member(object, name) => match object.construct() {
                Some(id) => Value::new(Kind::Attribute(id, Rc::clone(name)), span),
                None => Value::opaque("is decided when the program runs", span),
            },
            Kind::Instance(_) => match value.construct() {
                Some(id) => Value::new(Kind::Construct(id), span),
                None => Value::opaque("is decided when the program runs", span),
            },
            Kind::List(items) => {
                let items = items.borrow().clone();
                let items = items.iter().map(|item| self.plain(item, depth + 1)).collect();
                Value::list(items, span)
            }
            Kind::Map(map) => {
                let map = map.borrow().clone();
                Value::map(self.plain_map(&map, depth + 1), span)
            }
            Kind::Parts(parts) => {
                let parts = parts.iter().map(|part| self.plain(part, depth + 1)).collect();
                Value::joined(parts, span)
            }
            Kind::Either(arms) => {
                let arms = arms.iter().map(|arm| self.plain(arm, depth + 1)).collect();
                Value::either(arms, span)
            }
            Kind::Closure(_) | Kind::Class(_) | Kind::Module(_) => {
                Value::opaque("is decided when the program runs", span)
            }
            _ => value.clone(),
        }
    }

    fn plain_map(&mut self, map: &Map, depth: u32) -> Map {
        let mut out = Map { open: map.open.clone(), ..Map::default() };
        for entry in &map.entries {
            let value = self.plain(&entry.value, depth);
            out.set(Entry { value, ..entry.clone() });
        }
        out
    }

    fn plain_made(&mut self, made: &Made, span: Span, depth: u32) -> Value {
        let unknown = || Value::opaque("is decided when the program runs", span);
        let times = |factor: f64| {
            let given = made.args.items.first().map_or_else(Vec::new, arms);
            let each: Option<Vec<f64>> = given.iter().map(Value::as_number).collect();
            let each = each.unwrap_or_default().into_iter().map(|number| Value::number(number * factor, span));
            let all: Vec<Value> = each.collect();
            if all.is_empty() { unknown() } else { Value::either(all, span) }
        };
        match &*made.path {
            "core.Duration.seconds" => times(1.0),
            "core.Duration.minutes" => times(60.0),
            "core.Duration.hours" => times(3600.0),
            "core.Duration.days" => times(86_400.0),
            "core.Duration.millis" => times(0.001),
            "core.Size.mebibytes" => times(1.0),
            "core.Size.gibibytes" => times(1024.0),
            "lambda.Runtime" => match made.args.items.first() {
                Some(name) => self.plain(name, depth + 1),
                None => unknown(),
            },
            "events.Schedule.expression" | "scheduler.ScheduleExpression.expression" | "lambda.Architecture.custom" => {
                match made.args.items.first() {
                    Some(text) => self.plain(text, depth + 1),
                    None => unknown(),
                }
            }
            path if path.contains("Schedule") && path.ends_with(".rate") => {
                let every = made.args.at(0, "duration").map(|every| self.plain(&every, depth + 1));
                match every.and_then(|every| every.as_number()) {
                    Some(seconds) if seconds >= 60.0 => {
                        let minutes = (seconds / 60.0) as i64;
                        let unit = if minutes == 1 { "minute" } else { "minutes" };
                        Value::text(format!("rate({minutes} {unit})"), span)
                    }
                    _ => unknown(),
                }
            }
            path if path.contains("Schedule") && path.ends_with(".cron") => {
                let props = made.args.props(0, span);
                let part = |name: &str, absent: &str| match props.property(name) {
                    None => Some(absent.to_owned()),
                    Some(value) => value.as_text().map(|text| text.to_string()),
                };
                // A day of the week leaves the day of the month open, and the other way round.
                let days = match (part("day", ""), part("weekDay", "")) {
                    (Some(day), Some(week)) if day.is_empty() && week.is_empty() => {
                        Some(("*".to_owned(), "?".to_owned()))
                    }
                    (Some(day), Some(week)) if day.is_empty() => Some(("?".to_owned(), week)),
                    (Some(day), Some(_)) => Some((day, "?".to_owned())),
                    _ => None,
                };
                match (part("minute", "*"), part("hour", "*"), days, part("month", "*"), part("year", "*")) {
                    (Some(minute), Some(hour), Some((day, week)), Some(month), Some(year)) => {
                        Value::text(format!("cron({minute} {hour} {day} {month} {week} {year})"), span)
                    }
                    _ => unknown(),
                }
            }
            "lambda.FilterCriteria.filter" => {
                let props = made.args.props(0, span);
                let pattern = self.plain(&props, depth + 1);
                Value::map(Map::default().with("Pattern", span, pattern), span)
            }
            path if [
                "SqsDlq",
                "SnsDlq",
                "SqsDestination",
                "SnsDestination",
                "LambdaDestination",
                "EventBridgeDestination",
                "S3OnFailureDestination",
                "S3Destination",
            ]
            .iter()
            .any(|name| path.ends_with(&format!(".{name}"))) =>
            {
                match made.args.items.first().or_else(|| made.args.named.entries.first().map(|entry| &entry.value)) {
                    Some(target) => self.plain(target, depth + 1),
                    None => unknown(),
                }
            }
            path if path.starts_with(IMPORTED) => Value::new(Kind::External(imported(made)), span),
            // Python writes objects of options as classes.
            _ if made.args.items.is_empty() && !made.args.named.entries.is_empty() => {
                Value::map(self.plain_map(&made.args.named, depth + 1), span)
            }
            _ => unknown(),
        }
    }
}

/// Whether constructs of a template of its own are in it.
pub(crate) fn is_stack(construct: &Construct) -> bool {
    matches!(&*construct.class, "core.Stack" | "core.NestedStack")
}

/// A text as far as it is known.
fn known_text(value: &Value) -> Option<Text> {
    match &value.kind {
        Kind::Text(text) => Some(Rc::clone(text)),
        Kind::Parts(parts) => {
            let known: Vec<Text> = parts.iter().filter_map(Value::as_text).collect();
            Some(known.concat().trim_matches(['-', '_', '/']).into()).filter(|text: &Text| !text.is_empty())
        }
        _ => None,
    }
}

/// Whether a function names something that exists elsewhere.
fn is_import(name: &str) -> bool {
    let ends = ["Arn", "Arns", "Name", "Attributes", "Id", "Lookup", "Url", "V2", "CompleteArn", "PartialArn"];
    name.starts_with("from") && ends.iter().any(|end| name.ends_with(end))
}

/// What an imported resource is known by, in the form of an ARN that says its service.
fn imported(made: &Made) -> Text {
    let module = made.path[IMPORTED.len()..].split('.').next().unwrap_or_default();
    let name = made.args.items.get(2).and_then(Value::as_text);
    match name {
        Some(arn) if arn.starts_with("arn:") => arn,
        Some(name) => format!("arn:aws:{module}:::{name}").into(),
        None => format!("arn:aws:{module}:::{}", made.args.at(1, "id").and_then(|id| id.as_text()).unwrap_or_default())
            .into(),
    }
}

/// A constant that is not listed: its name, unless it is one of the runtimes, whose text follows from it.
fn constant(path: &str, span: Span) -> Value {
    let name = path.rsplit('.').next().unwrap_or(path);
    if !name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_') {
        return Value::opaque("is decided when the program runs", span);
    }
    if path.starts_with("lambda.Runtime.") {
        let lower = name.to_lowercase();
        // `NODEJS_20_X` is `nodejs20.x`, `PYTHON_3_12` is `python3.12`.
        let text = match lower.split_once('_') {
            Some((language, version)) => format!("{language}{}", version.replace('_', ".")),
            None => lower,
        };
        return Value::text(text, span);
    }
    Value::text(name, span)
}

/// What a dotted path of properties leads to, and its key. A property of an object nobody can see through is unknown.
fn dig(props: &Value, path: &str) -> Option<(Span, Value)> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let key_span = match &props.kind {
        Kind::Map(map) => map.borrow().get(first).map_or(props.span, |entry| entry.key_span),
        _ => props.span,
    };
    let value = props.property(first)?;
    match rest {
        None => Some((key_span, value)),
        Some(rest) => dig(&value, rest).map(|(_, inner)| (key_span, inner)),
    }
}
