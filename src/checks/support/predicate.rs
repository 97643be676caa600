//! Evaluates declarative rules with three-valued logic; only `Yes` becomes a finding.

use super::mend;
use super::sink::Sink;
use super::vocabulary;
use super::vocabulary::{Datum, Fact, Instance};
use crate::finding::Confidence;
use crate::model::{Project, Verdict};
use crate::rule::{Literal, Once, Operator, Params, Predicate, RuleSpec};

/// Runs a declarative rule over every subject it asks for.
pub(crate) fn run(spec: &RuleSpec, params: &Params, project: &Project, sink: &mut Sink<'_>) {
    let (Some(matches), Some(placement)) = (&spec.matches, &spec.report) else {
        return;
    };
    for instance in vocabulary::instances(matches.each, project) {
        if instance.platform().is_some_and(|platform| !spec.platforms.iter().any(|known| known == platform.id())) {
            continue;
        }
        let mut used = Vec::new();
        if evaluate(&matches.when, params, &instance, &mut used) != Verdict::Yes {
            continue;
        }
        let mut ceiling = used.iter().map(|fact| fact.ceiling).min().unwrap_or(Confidence::High);
        let mut message = fill(&placement.message, &instance);
        let (mut severity, mut audience) = (spec.severity, spec.audience);
        for raise in &placement.raise {
            let mut more = Vec::new();
            if evaluate(&raise.when, params, &instance, &mut more) == Verdict::Yes {
                severity = raise.severity;
                audience = audience.max(raise.audience.unwrap_or(audience));
                ceiling = ceiling.min(more.iter().map(|fact| fact.ceiling).min().unwrap_or(ceiling));
                if !raise.because.is_empty() {
                    message.push_str(&format!("; {}", fill(&raise.because, &instance)));
                }
                break;
            }
        }
        let primary = instance.fact(&placement.primary);
        let place = primary.places.first().map_or_else(|| instance.place(), |(span, _)| *span);
        sink.enter(Some(instance.about()), Confidence::High);
        let finding = sink.report(place, fill(&placement.note, &instance), message);
        finding.severity = severity;
        finding.audience = audience;
        finding.cap(ceiling);
        if placement.once == Some(Once::Stack) {
            finding.because_of(instance.stack().to_owned());
        }
        if let Some(name) = &placement.fix
            && let Some((title, safe, writes)) = mend::mend(&instance, name)
        {
            finding.fix(title, safe, writes);
        }
        for name in &placement.related {
            for (span, note) in instance.fact(name).places {
                finding.also(Some(span), note);
            }
        }
    }
}

fn evaluate(predicate: &Predicate, params: &Params, instance: &Instance<'_>, used: &mut Vec<Fact>) -> Verdict {
    match predicate {
        Predicate::All(parts) => {
            Verdict::all(parts.iter().map(|part| evaluate(part, params, instance, used)).collect::<Vec<_>>())
        }
        Predicate::Any(parts) => {
            Verdict::any(parts.iter().map(|part| evaluate(part, params, instance, used)).collect::<Vec<_>>())
        }
        Predicate::Not(part) => evaluate(part, params, instance, used).negate(),
        Predicate::Atom { fact, operator, operand } => {
            let operand = match operand {
                Literal::Text(name) if name.starts_with('$') => params.get(&name[1..]).unwrap_or(operand),
                other => other,
            };
            let fact = instance.fact(fact);
            let verdict = compare(&fact.datum, *operator, operand);
            used.push(fact);
            verdict
        }
    }
}

fn compare(datum: &Datum<Literal>, operator: Operator, operand: &Literal) -> Verdict {
    let values = match datum {
        Datum::Unknown => return Verdict::Unknown,
        Datum::Absent if operator == Operator::Set => {
            return (*operand == Literal::Bool(false)).into();
        }
        Datum::Absent => return Verdict::No,
        Datum::Values(values) => values,
    };
    if operator == Operator::Set {
        return (*operand == Literal::Bool(true)).into();
    }
    let holds = |value: &Literal| match (operator, value, operand) {
        (Operator::Is, value, operand) => value == operand,
        (Operator::In, Literal::Text(text), Literal::List(items)) => items.contains(text),
        (Operator::AtLeast, Literal::Int(value), Literal::Int(bound)) => value >= bound,
        (Operator::AtMost, Literal::Int(value), Literal::Int(bound)) => value <= bound,
        (Operator::StartsWith, Literal::Text(text), Literal::Text(prefix)) => text.starts_with(prefix.as_str()),
        _ => false,
    };
    let yes = values.iter().filter(|value| holds(value)).count();
    match yes {
        0 => Verdict::No,
        n if n == values.len() => Verdict::Yes,
        _ => Verdict::Unknown,
    }
}

/// Replaces `{fact}` by the fact's value.
fn fill(template: &str, instance: &Instance<'_>) -> String {
    let parts = parts(template).into_iter().map(|part| match part {
        Part::Text(text) => text.to_owned(),
        Part::Fact(name) => instance.fact(name).text(),
    });
    parts.collect()
}

/// A piece of a message.
pub(super) enum Part<'t> {
    Text(&'t str),
    /// The name of a fact that stood in braces.
    Fact(&'t str),
}

/// A message in pieces; a brace that nothing closes is text.
pub(super) fn parts(template: &str) -> Vec<Part<'_>> {
    let mut found = Vec::new();
    let mut rest = template;
    while let Some((before, (name, tail))) =
        rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)))
    {
        found.extend([Part::Text(before), Part::Fact(name)]);
        rest = tail;
    }
    found.push(Part::Text(rest));
    found
}
