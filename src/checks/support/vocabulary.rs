//! The closed list of facts a declarative rule may name, for each kind of subject.

use crate::finding::{Confidence, Subject as About};
use crate::knowledge::platforms;
use crate::model::deployments::{Deploy, Function, FunctionId, Invocation, Mapping, Queue, Route, Target, Trigger};
use crate::model::source::{DeadlineRead, Phase, Program, SdkCall};
use crate::model::{Evidence, Known, Origin, Platform, Project, Setting, Verdict};
use crate::rule::{Literal, Subject};
use crate::text::Span;

/// What is known of a fact.
pub(crate) enum Datum {
    Absent,
    Unknown,
    Values(Vec<Literal>),
}

/// A fact with its places and the most it allows to claim.
pub(crate) struct Fact {
    pub(crate) datum: Datum,
    pub(crate) places: Vec<(Span, String)>,
    pub(crate) ceiling: Confidence,
}

impl Fact {
    fn absent() -> Self {
        Self { datum: Datum::Absent, places: Vec::new(), ceiling: Confidence::High }
    }

    fn value(value: Literal) -> Self {
        Self { datum: Datum::Values(vec![value]), places: Vec::new(), ceiling: Confidence::High }
    }

    fn verdict(verdict: Verdict) -> Self {
        let datum = match verdict {
            Verdict::Unknown => Datum::Unknown,
            known => Datum::Values(vec![Literal::Bool(known == Verdict::Yes)]),
        };
        Self { datum, places: Vec::new(), ceiling: Confidence::High }
    }

    fn at(mut self, span: Option<Span>, note: impl Into<String>) -> Self {
        self.places.extend(span.map(|span| (span, note.into())));
        self
    }

    /// The value for messages.
    pub(crate) fn text(&self) -> String {
        match &self.datum {
            Datum::Absent => "none".to_owned(),
            Datum::Unknown => "unknown".to_owned(),
            Datum::Values(values) => values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "),
        }
    }

    fn setting<T: Clone>(setting: &Setting<T>, name: &str, literal: impl Fn(&T) -> Literal) -> Self {
        let note = format!("{name}, {}", setting.origin.describe());
        let mut fact = Self::known(&setting.value, literal).at(setting.place(), note);
        fact.ceiling = setting.origin.ceiling();
        match &setting.origin {
            Origin::ParameterDefault(_, span) => fact = fact.at(Some(*span), "the default used here"),
            Origin::Inherited(_, span) if Some(*span) != setting.key => {
                fact = fact.at(Some(*span), "the value used here")
            }
            _ => {}
        }
        fact
    }

    fn known<T: Clone>(known: &Known<T>, literal: impl Fn(&T) -> Literal) -> Self {
        let datum = match known {
            Known::Absent => Datum::Absent,
            Known::Opaque(..) => Datum::Unknown,
            known => Datum::Values(known.candidates().map(|value| literal(&value.value)).collect()),
        };
        Self { datum, places: Vec::new(), ceiling: Confidence::High }
    }
}

/// A subject a rule is evaluated for.
pub(crate) enum Instance<'p> {
    Function(&'p Project, FunctionId),
    Mapping(&'p Project, &'p Trigger, &'p Mapping),
    Queue(&'p Project, &'p Queue),
    Route(&'p Project, &'p Trigger, &'p Route),
}

/// Every subject of a kind.
pub(crate) fn instances(subject: Subject, project: &Project) -> Vec<Instance<'_>> {
    let triggers = project.deploy.triggers.iter();
    match subject {
        Subject::Function => project.deploy.function_ids().map(|id| Instance::Function(project, id)).collect(),
        Subject::Queue => project.deploy.queues.iter().map(|queue| Instance::Queue(project, queue)).collect(),
        Subject::Mapping => {
            triggers.filter_map(|t| t.mapping().map(|mapping| Instance::Mapping(project, t, mapping))).collect()
        }
        Subject::Route => triggers.filter_map(|t| t.route().map(|route| Instance::Route(project, t, route))).collect(),
    }
}

impl<'p> Instance<'p> {
    fn function_id(&self) -> Option<FunctionId> {
        match self {
            Self::Function(_, id) => Some(*id),
            Self::Mapping(_, trigger, _) | Self::Route(_, trigger, _) => Some(trigger.function),
            Self::Queue(..) => None,
        }
    }

    /// Where the function it is about runs.
    pub(crate) fn platform(&self) -> Option<Platform> {
        self.function_id().map(|id| self.project().deploy.function(id).platform)
    }

    fn project(&self) -> &'p Project {
        match self {
            Self::Function(project, _)
            | Self::Mapping(project, ..)
            | Self::Queue(project, _)
            | Self::Route(project, ..) => project,
        }
    }

    /// What a finding about it concerns.
    pub(crate) fn subject(&self) -> About {
        match self {
            Self::Function(_, id) => About::Function(*id),
            Self::Mapping(_, trigger, _) | Self::Route(_, trigger, _) => About::Function(trigger.function),
            Self::Queue(_, queue) => About::Resource(queue.resource),
        }
    }

    /// Where it is declared.
    pub(crate) fn place(&self) -> Span {
        let deploy = &self.project().deploy;
        match self {
            Self::Function(_, id) => deploy.function_span(*id),
            Self::Mapping(_, trigger, _) | Self::Route(_, trigger, _) => trigger.span,
            Self::Queue(_, queue) => deploy.resource(queue.resource).span,
        }
    }
}

macro_rules! vocabulary {
    ($($subject:ident { $($name:literal),+ $(,)? })+) => {
        /// Facts of a subject; those of its function come with mappings and routes.
        pub(crate) fn names(subject: Subject) -> Vec<&'static str> {
            let own: &[&str] = match subject { $(Subject::$subject => &[$($name),+]),+ };
            let mut all = own.to_vec();
            if matches!(subject, Subject::Mapping | Subject::Route) {
                all.extend(names(Subject::Function));
            }
            all
        }
    };
}

vocabulary! {
    Function {
        "function", "function.timeout", "function.timeout-origin", "function.timeout-is-maximum", "function.memory",
        "function.runtime", "function.architecture", "function.invoked-asynchronously", "function.only-batch-work",
        "function.on-failure", "function.dead-letter-queue", "function.makes-sdk-calls",
        "function.timeout-covers-connect", "function.reads-deadline", "function.durable",
        "handler.returns-batch-response",
    }
    Mapping {
        "mapping", "mapping.source-kind", "mapping.source", "mapping.on-failure", "mapping.maximum-retry-attempts",
        "mapping.maximum-record-age", "mapping.partial-batch", "mapping.enabled", "mapping.batch-size",
        "mapping.bisect",
    }
    Queue { "queue", "queue.consumers", "queue.redrive", "queue.is-dead-letter-queue", "queue.visibility-timeout" }
    Route { "route", "route.method", "route.path", "route.integration-timeout" }
}

/// A fact of a subject; unknown names are caught by `validate`.
pub(crate) fn fact(instance: &Instance<'_>, name: &str) -> Fact {
    match (instance, name) {
        (Instance::Mapping(project, trigger, mapping), name) if name.starts_with("mapping") => {
            of_mapping(project, trigger, mapping, name)
        }
        (Instance::Queue(project, queue), name) => of_queue(&project.deploy, queue, name),
        (Instance::Route(_, trigger, route), name) if name.starts_with("route") => of_route(trigger, route, name),
        (instance, name) => match instance.function_id() {
            Some(id) => of_function(instance.project(), id, name),
            None => Fact::absent(),
        },
    }
}

fn of_function(project: &Project, id: FunctionId, name: &str) -> Fact {
    let deploy = &project.deploy;
    let function: &Function = deploy.function(id);
    let place = Some(deploy.function_span(id));
    let limits = &platforms().aws_lambda;
    let int = |value: &i64| Literal::Int(*value);
    let word = |value: &String| Literal::Text(value.clone());
    match name {
        "function" => Fact::value(Literal::Text(deploy.function_name(id).to_owned())).at(place, "the function"),
        "function.timeout" => Fact::setting(&function.timeout_s, "timeout", int),
        "function.timeout-is-maximum" => {
            let maximum = limits.timeout_s.max;
            let mut fact = Fact::verdict(function.timeout_s.value.holds(|&timeout| timeout >= maximum));
            fact.ceiling = function.timeout_s.origin.ceiling();
            fact
        }
        "function.timeout-covers-connect" => {
            let connect = limits.sdk_connect_timeout_ms.value;
            Fact::verdict(function.timeout_s.value.holds(|&timeout| timeout * 1000 > connect))
        }
        "function.timeout-origin" => {
            let word = match function.timeout_s.origin {
                Origin::Explicit => "explicit",
                Origin::Inherited(..) => "inherited",
                Origin::ParameterDefault(..) => "parameter-default",
                Origin::ToolDefault(_) => "tool-default",
                Origin::PlatformDefault => "platform-default",
            };
            Fact::value(Literal::Text(word.to_owned()))
        }
        "function.memory" => Fact::setting(&function.memory_mb, "memory size", int),
        "function.runtime" => Fact::setting(&function.runtime, "runtime", word),
        "function.architecture" => Fact::setting(&function.architecture, "architecture", word),
        "function.durable" => {
            let durable = function.aws().and_then(|lambda| lambda.durable);
            Fact::verdict(durable.is_some().into()).at(durable, "durable")
        }
        "function.invoked-asynchronously" => {
            let triggers: Vec<&Trigger> =
                deploy.triggers_of(id).filter(|trigger| trigger.invocation() == Invocation::Async).collect();
            let mut fact = Fact::verdict((!triggers.is_empty()).into());
            for trigger in &triggers {
                fact = fact.at(Some(trigger.span), format!("{} invokes it asynchronously", trigger.kind.name()));
            }
            fact.places.dedup();
            fact
        }
        // Invoked only by schedules and events nobody waits for.
        "function.only-batch-work" => {
            let mut modes = deploy.triggers_of(id).map(Trigger::invocation).peekable();
            let any = modes.peek().is_some();
            Fact::verdict((any && modes.all(|mode| mode == Invocation::Async)).into())
        }
        "function.on-failure" => match function.aws() {
            Some(lambda) => target(&lambda.async_config.on_failure, "failure destination"),
            None => Fact::verdict(Verdict::Unknown),
        },
        "function.dead-letter-queue" => match function.aws() {
            Some(lambda) => target(&lambda.async_config.dead_letter, "dead-letter queue"),
            None => Fact::verdict(Verdict::Unknown),
        },
        "function.makes-sdk-calls" => match program(project, id) {
            Some((program, evidence)) => {
                let call = program.facts::<SdkCall>().iter().find(|call| call.site.phase == Phase::Invoke);
                let mut fact = Fact::verdict(call.is_some().into())
                    .at(call.map(|call| call.site.span), "calls an AWS service here");
                fact.ceiling = evidence.ceiling();
                fact
            }
            None => Fact::verdict(Verdict::Unknown),
        },
        "function.reads-deadline" => match program(project, id) {
            Some((program, _)) => Fact::verdict(program.has::<DeadlineRead>().into()),
            None => Fact::verdict(Verdict::Unknown),
        },
        "handler.returns-batch-response" => match program(project, id) {
            Some((program, evidence)) => {
                let verdict = Verdict::any(program.handlers.iter().map(|handler| handler.returns_batch_response));
                let handler = program.handlers.iter().find(|handler| handler.returns_batch_response == Verdict::Yes);
                let note = "the handler returns the failures of a batch";
                let mut fact = Fact::verdict(verdict).at(handler.map(|handler| handler.span), note);
                fact.ceiling = evidence.ceiling();
                fact
            }
            None => Fact::verdict(Verdict::Unknown),
        },
        _ => Fact::absent(),
    }
}

fn program(project: &Project, id: FunctionId) -> Option<(&Program, Evidence)> {
    let unit = project.units.iter().find(|unit| unit.function() == Some(id))?;
    Some((project.program(unit.target()?)?, unit.evidence()?))
}

fn target(setting: &Setting<Target>, name: &str) -> Fact {
    Fact::setting(setting, name, |target| match target {
        Target::Resource(id) => Literal::Int(i64::from(id.0)),
        Target::External(symbol) => Literal::Text(symbol.clone()),
    })
}

fn of_mapping(project: &Project, trigger: &Trigger, mapping: &Mapping, name: &str) -> Fact {
    let int = |value: &i64| Literal::Int(*value);
    let truth = |value: &bool| Literal::Bool(*value);
    match name {
        "mapping" => Fact::value(Literal::Text(trigger.kind.name().to_owned()))
            .at(Some(trigger.span), "the event source mapping"),
        "mapping.source-kind" => Fact::value(Literal::Text(trigger.kind.source_kind().to_owned())),
        "mapping.source" => match trigger.source.one() {
            Some(Target::Resource(id)) => {
                let resource = project.deploy.resource(*id);
                Fact::value(Literal::Text(resource.logical_id.clone())).at(Some(resource.span), "the source")
            }
            _ => Fact::absent(),
        },
        "mapping.on-failure" => target(&mapping.on_failure, "failure destination"),
        "mapping.maximum-retry-attempts" => Fact::setting(&mapping.max_retries, "maximum retry attempts", int),
        "mapping.maximum-record-age" => Fact::setting(&mapping.max_record_age_s, "maximum record age", int),
        "mapping.partial-batch" => Fact::setting(&mapping.partial_batch, "partial batch response", truth),
        "mapping.enabled" => Fact::setting(&mapping.enabled, "enabled", truth),
        "mapping.batch-size" => Fact::setting(&mapping.batch_size, "batch size", int),
        "mapping.bisect" => Fact::setting(&mapping.bisect, "bisect on error", truth),
        _ => Fact::absent(),
    }
}

fn of_queue(deploy: &Deploy, queue: &Queue, name: &str) -> Fact {
    let resource = deploy.resource(queue.resource);
    match name {
        "queue" => Fact::value(Literal::Text(resource.logical_id.clone())).at(Some(resource.span), "the queue"),
        "queue.consumers" => {
            let source = Known::Is(crate::text::Spanned::new(Target::Resource(queue.resource), resource.span));
            let consumers: Vec<&Trigger> = deploy
                .triggers
                .iter()
                .filter(|trigger| trigger.mapping().is_some() && trigger.source.one() == source.one())
                .collect();
            let mut fact = Fact::verdict((!consumers.is_empty()).into());
            for trigger in consumers {
                let note = format!("`{}` consumes it", deploy.function_label(trigger.function));
                fact = fact.at(Some(trigger.span), note);
            }
            fact
        }
        "queue.redrive" => target(&queue.redrive, "redrive policy"),
        "queue.is-dead-letter-queue" => Fact::verdict(queue.is_dead_letter.into()),
        "queue.visibility-timeout" => {
            Fact::setting(&queue.visibility_s, "visibility timeout", |value| Literal::Int(*value))
        }
        _ => Fact::absent(),
    }
}

fn of_route(trigger: &Trigger, route: &Route, name: &str) -> Fact {
    let word = |value: &String| Literal::Text(value.clone());
    match name {
        "route" => Fact::value(Literal::Text(trigger.kind.name().to_owned())).at(Some(trigger.span), "the route"),
        "route.method" => Fact::known(&route.method, word),
        "route.path" => Fact::known(&route.path, word),
        "route.integration-timeout" => {
            Fact::setting(&route.integration_timeout_ms, "integration timeout", |value| Literal::Int(*value))
        }
        _ => Fact::absent(),
    }
}
