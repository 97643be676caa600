//! Whether a value is a secret, or all of something that holds one: back through conversions that keep it to where it
//! was fetched, sent by the caller or read from the environment. What hides itself when it is written is none.

use super::fate::is_error;
use super::requests::operation;
use super::view::Here;
use crate::knowledge::{Lexicon, Meaning};
use crate::model::source::SecretKind;
use crate::source::names::kinds::{Head, Type, TypeId};
use crate::source::parse::declared::TypeKind;
use crate::source::parse::ir::{ExprId, Kind, Lit, Projection, Source};
use crate::text::Span;

/// Steps one question may take.
const MAX_STEPS: u32 = 24;
/// Words of a name that are looked at.
const MAX_WORDS: usize = 8;
/// Values a field is given that are looked at.
const MAX_GIVEN: usize = 4;

/// A secret.
#[derive(Debug, Clone)]
pub(crate) struct Secret {
    pub(crate) kind: SecretKind,
    /// What it is called.
    pub(crate) name: String,
    pub(crate) from: Span,
}

/// The secret that writing an expression shows.
pub(crate) fn shown(here: Here<'_>) -> Option<Secret> {
    secret(here, MAX_STEPS).or_else(|| held(here))
}

/// A secret in a field of the struct that is written whole.
fn held(here: Here<'_>) -> Option<Secret> {
    let context = here.context();
    // The type of what an adapter for errors hands to its closure is that of the value.
    if let Kind::Local(local) = context.body.kind(context.body.peeled(here.id))
        && (matches!(context.body.locals[*local as usize].source, Source::Closure { .. })
            || is_error(context.body, *local))
    {
        return None;
    }
    let Head::Local(owner) = context.peel(context.type_of(here.body().peeled(here.id))).head else { return None };
    let name = secret_field(here, owner)?;
    if here.is_event_data(here.id) && context.index.type_item(owner).deserialize {
        return Some(Secret { kind: SecretKind::Caller, name, from: here.span() });
    }
    if let Some(found) = whole(here, MAX_STEPS) {
        return Some(Secret { name, ..found });
    }
    let given = here.tracer().given(owner, &name);
    given.iter().take(MAX_GIVEN).find_map(|&(region, id)| secret(Here { region, id, ..here }, MAX_STEPS / 2))
}

/// The name of a field of a struct that holds a secret and shows it: nothing writes the struct in another way, and the
/// field's type does not hide it.
fn secret_field(here: Here<'_>, owner: TypeId) -> Option<String> {
    let context = here.context();
    let lexicon = context.index.lexicon;
    if !context.index.methods(owner, "fmt").is_empty() {
        return None;
    }
    let TypeKind::Struct(fields) = &context.index.type_item(owner).kind else { return None };
    let shows = |ty: &Type| ty.path().is_none_or(|path| !lexicon.means(path, Meaning::Redacts));
    let found = fields.iter().find(|field| {
        let ty = context.lower(&field.ty);
        names_secret(lexicon, &field.name) && shows(&ty) && ty.args.iter().all(shows)
    });
    found.map(|field| field.name.clone())
}

/// Whether a name ends in the words of a secret: `DB_PASSWORD`, `stripeApiKey`.
pub(crate) fn names_secret(lexicon: &Lexicon, name: &str) -> bool {
    let mut words = String::new();
    let mut lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && lower {
            words.push('_');
        }
        lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        words.push(if c == '-' { '_' } else { c.to_ascii_lowercase() });
    }
    let mut rest = words.as_str();
    for _ in 0..MAX_WORDS {
        if lexicon.field(rest).has(Meaning::SecretName) {
            return true;
        }
        let Some((_, behind)) = rest.split_once('_') else { return false };
        rest = behind;
    }
    false
}

/// Whether a header, field or key holds what a caller proves itself by.
fn is_of_caller(lexicon: &Lexicon, name: &str) -> bool {
    lexicon.field(&name.to_ascii_lowercase()).has(Meaning::CallerSecret)
}

fn secret(here: Here<'_>, steps: u32) -> Option<Secret> {
    let steps = steps.checked_sub(1)?;
    let context = here.context();
    let lexicon = context.index.lexicon;
    let body = context.body;
    let here = here.on(body.peeled(here.id));
    if context.type_of(here.id).path().is_some_and(|path| lexicon.means(path, Meaning::Redacts)) {
        return None;
    }
    let next = |id: ExprId| secret(here.on(id), steps);
    match here.kind() {
        Kind::Local(local) => binding(here, *local, steps),
        Kind::Field { base, name } => {
            if is_of_caller(lexicon, name) && here.is_event_data(*base) {
                return Some(Secret { kind: SecretKind::Caller, name: name.clone(), from: here.span() });
            }
            if names_secret(lexicon, name)
                && let Some(found) = whole(here.on(*base), steps)
            {
                return Some(Secret { name: name.clone(), ..found });
            }
            if lexicon.method(name).has(Meaning::SecretPart)
                && let Some(found) = answer(here.on(*base), steps)
            {
                return Some(found);
            }
            let (region, id) = here.tracer().origin(here.at());
            if (region, id) == here.at() { None } else { secret(Here { region, id, ..here }, steps) }
        }
        Kind::Method { receiver, name, args, .. } => {
            let means = lexicon.method(name);
            if let Some(found) =
                looked_up(here, *receiver, args.first().copied()).filter(|_| means.has(Meaning::LooksUp))
            {
                return Some(found);
            }
            if means.has(Meaning::SecretPart)
                && let Some(found) = answer(here.on(*receiver), steps)
            {
                return Some(found);
            }
            let keeps = [Meaning::KeepsValue, Meaning::SameText, Meaning::GivesText, Meaning::KeepsSecret];
            if means.any(&keeps) {
                return next(*receiver);
            }
            // `.and_then(|value| value.to_str().ok())`.
            if let Some(&closure) = args.first().filter(|_| means.has(Meaning::OnValue)) {
                match hands_on(here, closure) {
                    Some(Handed::Value) => return next(*receiver),
                    Some(Handed::Part) => return answer(here.on(*receiver), steps),
                    None => {}
                }
            }
            returned(here, steps)
        }
        Kind::Index { base, index } => looked_up(here, *base, Some(*index)),
        Kind::Call { callee, args } => {
            let means = context.meaning(*callee);
            if means.has(Meaning::ReadsEnv) {
                let Some(Lit::Str(key)) = here.tracer().constant(here.of(*args.first()?)) else { return None };
                let named = names_secret(lexicon, &key);
                return named.then(|| Secret { kind: SecretKind::Environment, name: key, from: here.span() });
            }
            // The document itself, as any JSON value: everything in it is written.
            let json = means.has(Meaning::ReadsDocument)
                && context.type_of(here.id).path().is_some_and(|path| lexicon.means(path, Meaning::Json));
            if json || means.any(&[Meaning::Wraps, Meaning::MakesText]) {
                return next(*args.first()?);
            }
            returned(here, steps)
        }
        Kind::Macro { path, args, .. } if lexicon.macro_of(path).has(Meaning::FormatsText) => {
            args.iter().find_map(|&arg| next(arg))
        }
        Kind::Match { .. } | Kind::Block { .. } => {
            let (region, id) = here.tracer().origin(here.at());
            if (region, id) == here.at() { None } else { secret(Here { region, id, ..here }, steps) }
        }
        _ => None,
    }
}

/// What a closure hands on of what it is given.
#[derive(Clone, Copy)]
enum Handed {
    /// It, or most of it.
    Value,
    /// The part of an answer that may be secret.
    Part,
}

/// What a closure or function hands on of what it is given.
fn hands_on(here: Here<'_>, function: ExprId) -> Option<Handed> {
    let body = here.body();
    let lexicon = here.context().index.lexicon;
    let keeps = |name: &str| {
        lexicon.method(name).any(&[Meaning::KeepsValue, Meaning::SameText, Meaning::GivesText, Meaning::KeepsSecret])
    };
    match body.kind(function) {
        Kind::Path { path, .. } => path.last().filter(|name| keeps(name)).map(|_| Handed::Value),
        Kind::Closure { body: inner } => {
            let mut at = body.peeled(*inner);
            let mut handed = Handed::Value;
            for _ in 0..MAX_WORDS {
                at = match body.kind(at) {
                    Kind::Method { receiver: base, name, .. } | Kind::Field { base, name }
                        if lexicon.method(name).has(Meaning::SecretPart) =>
                    {
                        handed = Handed::Part;
                        body.peeled(*base)
                    }
                    Kind::Method { receiver, name, .. } if keeps(name) => body.peeled(*receiver),
                    Kind::Local(local) => {
                        let source = &body.locals[*local as usize].source;
                        return matches!(source, Source::Closure { closure } if *closure == function).then_some(handed);
                    }
                    _ => return None,
                };
            }
            None
        }
        _ => None,
    }
}

/// What a function of the workspace returns.
fn returned(here: Here<'_>, steps: u32) -> Option<Secret> {
    let callee = *here.view.remote.callees(here.at()).first()?;
    let (region, id) = here.tracer().result_of(callee, here.phase())?;
    secret(Here { region, id, ..here }, steps)
}

fn binding(here: Here<'_>, local: u32, steps: u32) -> Option<Secret> {
    let context = here.context();
    let local = &context.body.locals[local as usize];
    let fields = |way: &[Projection]| {
        way.iter().rev().find_map(|step| match step {
            Projection::Field(name) => Some(name.clone()),
            _ => None,
        })
    };
    match &local.source {
        Source::Init { init, projection } => {
            let of = here.on(*init);
            match fields(projection) {
                Some(name) if is_of_caller(context.index.lexicon, &name) && here.is_event_data(*init) => {
                    Some(Secret { kind: SecretKind::Caller, name, from: here.span() })
                }
                Some(name) if names_secret(context.index.lexicon, &name) => {
                    whole(of, steps).map(|found| Secret { name, ..found })
                }
                Some(_) => None,
                None if projection.iter().any(|step| matches!(step, Projection::Payload(name) if name == "Err")) => {
                    None
                }
                None if projection.iter().any(|step| matches!(step, Projection::Index(_))) => None,
                None => {
                    let ty = local.ty.as_ref().map(|ty| context.peel(context.lower(ty)));
                    let json = ty.is_some_and(|ty| {
                        ty.path().is_some_and(|path| context.index.lexicon.means(path, Meaning::Json))
                    });
                    secret(of, steps).or_else(|| whole(of, steps).filter(|_| json))
                }
            }
        }
        Source::Param(index) if local.way.is_empty() => {
            let (region, id) = here.tracer().argument(here.region, *index)?;
            secret(Here { region, id, ..here }, steps)
        }
        _ => None,
    }
}

/// A secret that is a document, or a struct read from it.
fn whole(here: Here<'_>, steps: u32) -> Option<Secret> {
    let steps = steps.checked_sub(1)?;
    let context = here.context();
    let body = context.body;
    let here = here.on(body.peeled(here.id));
    match here.kind() {
        Kind::Call { callee, args } if context.meaning(*callee).has(Meaning::ReadsDocument) => {
            secret(here.on(*args.first()?), steps)
        }
        Kind::Method { receiver, name, .. } if context.index.lexicon.method(name).has(Meaning::KeepsValue) => {
            whole(here.on(*receiver), steps)
        }
        _ => {
            let (region, id) = here.tracer().origin(here.at());
            if (region, id) == here.at() { None } else { whole(Here { region, id, ..here }, steps) }
        }
    }
}

/// `headers.get("authorization")`, `body["password"]`: something the caller sent, by its name.
fn looked_up(here: Here<'_>, of: ExprId, key: Option<ExprId>) -> Option<Secret> {
    let body = here.body();
    let lexicon = here.context().index.lexicon;
    let key = key?;
    let name = match body.kind(body.peeled(key)) {
        Kind::Lit(Lit::Str(text)) => text.clone(),
        Kind::Path { path, .. } => path.last()?.clone(),
        _ => return None,
    };
    if names_secret(lexicon, &name)
        && let Some(found) = whole(here.on(of), MAX_STEPS / 2)
    {
        return Some(Secret { name, ..found });
    }
    let found = is_of_caller(lexicon, &name) && here.is_event_data(of);
    found.then(|| Secret { kind: SecretKind::Caller, name: name.to_ascii_lowercase(), from: here.span() })
}

/// The answer of an operation that gives a secret.
fn answer(here: Here<'_>, steps: u32) -> Option<Secret> {
    let mut here = here;
    for _ in 0..steps.min(16) {
        let context = here.context();
        let lexicon = context.index.lexicon;
        here = here.on(context.body.peeled(here.id));
        match here.kind() {
            Kind::Method { receiver, name, .. } => {
                let owner = context.receiver(*receiver, name);
                let path = owner.path().map(|owner| format!("{owner}::{name}"));
                let means = path.map(|path| lexicon.of(&path)).unwrap_or_default();
                let gives = means.has(Meaning::GivesSecret) || means.has(Meaning::GivesSecretIfDecrypted);
                if gives && let Some(operation) = operation(&context, here.id) {
                    let clear = |name: &str, args: &[ExprId]| {
                        let no = args
                            .first()
                            .is_some_and(|&arg| matches!(here.tracer().constant(here.of(arg)), Some(Lit::Bool(false))));
                        lexicon.method(name).has(Meaning::AsksDecrypted) && !no
                    };
                    let asked = operation.calls.iter().any(|(name, args, _)| clear(name, args));
                    return (means.has(Meaning::GivesSecret) || asked).then(|| Secret {
                        kind: SecretKind::Fetched,
                        name: name.clone(),
                        from: here.on(*receiver).span(),
                    });
                }
                here = here.on(*receiver);
            }
            Kind::Field { base, .. } => here = here.on(*base),
            _ => {
                let (region, id) = here.tracer().origin(here.at());
                if (region, id) == here.at() {
                    let callee = *here.view.remote.callees(here.at()).first()?;
                    let (region, id) = here.tracer().result_of(callee, here.phase())?;
                    here = Here { region, id, ..here };
                } else {
                    here = Here { region, id, ..here };
                }
            }
        }
    }
    None
}
