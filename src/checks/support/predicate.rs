//! Evaluates declarative rules with three-valued logic; only `Yes` becomes a finding.

use super::mend;
use super::sink::Sink;
use super::vocabulary;
use super::vocabulary::{Datum, Fact, Instance};
use crate::finding::Confidence;
use crate::model::{Project, Verdict};
use crate::rule::{Literal, Operator, Params, Predicate, RuleSpec};

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
        let mut severity = spec.severity;
        for raise in &placement.raise {
            let mut more = Vec::new();
            if evaluate(&raise.when, params, &instance, &mut more) == Verdict::Yes {
                severity = raise.severity;
                ceiling = ceiling.min(more.iter().map(|fact| fact.ceiling).min().unwrap_or(ceiling));
                if !raise.because.is_empty() {
                    message.push_str(&format!("; {}", fill(&raise.because, &instance)));
                }
                break;
            }
        }
        let primary = vocabulary::fact(&instance, &placement.primary);
        let place = primary.places.first().map_or_else(|| instance.place(), |(span, _)| *span);
        sink.enter(Some(instance.subject()), Confidence::High);
        let finding = sink.report(place, fill(&placement.note, &instance), message);
        finding.severity = severity;
        finding.cap(ceiling);
        if let Some(name) = &placement.fix
            && let Some((title, safe, writes)) = mend::mend(&instance, name)
        {
            finding.fix(title, safe, writes);
        }
        for name in &placement.related {
            for (span, note) in vocabulary::fact(&instance, name).places {
                finding.also(Some(span), note);
            }
        }
    }
}

/// Whether every fact a rule names exists for its subject.
///
/// # Errors
/// The first name that does not.
pub(crate) fn validate(spec: &RuleSpec) -> Result<(), String> {
    let (Some(matches), Some(placement)) = (&spec.matches, &spec.report) else {
        return Ok(());
    };
    let known = vocabulary::names(matches.each);
    let mut wanted: Vec<String> = Vec::new();
    facts_of(&matches.when, &mut wanted);
    placement.raise.iter().for_each(|raise| facts_of(&raise.when, &mut wanted));
    wanted.push(placement.primary.clone());
    wanted.extend(placement.related.iter().cloned());
    for text in [&placement.message, &placement.note] {
        wanted.extend(text.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0.to_owned())));
    }
    if let Some(name) = placement.fix.as_ref().filter(|name| !mend::NAMES.contains(&name.as_str())) {
        return Err(format!("there is no fix `{name}`; there are: {}", mend::NAMES.join(", ")));
    }
    match wanted.iter().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(format!("there is no fact `{name}` here; there are: {}", known.join(", "))),
        None => Ok(()),
    }
}

fn facts_of(predicate: &Predicate, into: &mut Vec<String>) {
    match predicate {
        Predicate::All(parts) | Predicate::Any(parts) => parts.iter().for_each(|part| facts_of(part, into)),
        Predicate::Not(part) => facts_of(part, into),
        Predicate::Atom { fact, .. } => into.push(fact.clone()),
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
            let fact = vocabulary::fact(instance, fact);
            let verdict = compare(&fact.datum, *operator, operand);
            used.push(fact);
            verdict
        }
    }
}

fn compare(datum: &Datum, operator: Operator, operand: &Literal) -> Verdict {
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
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        out.push_str(&vocabulary::fact(instance, name).text());
        rest = tail;
    }
    out.push_str(rest);
    out
}
