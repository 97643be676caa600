//! What the bodies of messages are read as, and whether anything looks at the envelope they may come in.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{EnvelopeRead, Facts, MessageParse};
use crate::source::flow::branch::begins;
use crate::source::flow::error_branch::{Branch, judge};
use crate::source::flow::view::Here;
use crate::source::names::kinds::{Head, Type};
use crate::source::parse::declared::TypeKind;
use crate::source::parse::ir::{ExprId, Kind, Lit, Ty};
use crate::source::parse::nodes::Nodes;
use crate::source::types::infer::Context;

/// What stands around a call before its value gets a name.
const MAX_AROUND: usize = 12;

/// Documents read from bodies of messages, and looks at envelopes.
pub(crate) const COLLECTOR: Collector = Collector {
    phases: Phases::INVOKE,
    nodes: Nodes::CALL.or(Nodes::LIT).or(Nodes::MATCH).or(Nodes::FIELD),
    run: collect,
};

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let lexicon = context.index.lexicon;
    match here.kind() {
        Kind::Lit(Lit::Str(text)) => read(here, text, into),
        Kind::Field { name, .. } if lexicon.field(name).has(Meaning::TestEvent) => read(here, name, into),
        Kind::Match { arms, .. } => {
            let texts = arms.iter().flat_map(|arm| &arm.heads).flatten().filter(|word| word.starts_with('"'));
            texts.for_each(|text| read(here, text.trim_matches('"'), into));
        }
        Kind::Call { callee, args } if context.meaning(*callee).has(Meaning::ReadsDocument) => {
            if !args.first().is_some_and(|&from| is_body(here, from)) {
                return;
            }
            parse(here, *callee, into);
        }
        _ => {}
    }
}

fn read(here: Here<'_>, text: &str, into: &mut Facts) {
    let means = here.context().index.lexicon.field(text);
    // `message` in small letters is a word like others.
    let key = means.has(Meaning::EnvelopeKey) && text.starts_with(char::is_uppercase);
    if key || means.has(Meaning::TestEvent) {
        into.push(EnvelopeRead { test: means.has(Meaning::TestEvent), site: here.site(here.range()) });
    }
}

/// Whether a text is the body of a message of a queue.
fn is_body(here: Here<'_>, id: ExprId) -> bool {
    let found = here.tracer().ingredient(here.of(id), |(region, id)| {
        let context = here.tracer().context(region);
        match context.body.kind(id) {
            Kind::Field { name, .. } => (context.index.lexicon.record_of(name) == Some("sqs")).then_some(()),
            _ => None,
        }
    });
    found.is_some() && here.is_event_data(id)
}

fn parse(here: Here<'_>, callee: ExprId, into: &mut Facts) {
    let context = here.context();
    let lexicon = context.index.lexicon;
    let generic = match context.body.kind(callee) {
        Kind::Path { generic: Some(generic), .. } if **generic != Ty::Unknown => Some(context.lower(generic)),
        _ => None,
    };
    let (around, fails) = outcome(here);
    let ty = generic.or_else(|| named(&context, around)).unwrap_or_else(Type::unknown);
    let ty = context.peel(ty);
    let site = here.site(here.range());
    match &ty.head {
        Head::Outside(path) if lexicon.means(path, Meaning::EventType) => {
            let name = path.rsplit("::").next().unwrap_or(path);
            if lexicon.field(name).has(Meaning::EnvelopeKey) {
                into.push(EnvelopeRead { test: false, site });
            } else {
                let notification = lexicon.means(path, Meaning::S3Object);
                into.push(MessageParse { of: name.to_owned(), notification, needs_more: true, fails, site });
            }
        }
        Head::Local(id) => {
            let item = context.index.type_item(*id);
            let TypeKind::Struct(fields) = &item.kind else { return };
            let key = |name: &str| name.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect::<String>();
            let of_envelope = |name: &str| lexicon.field(&key(name)).has(Meaning::EnvelopeKey);
            let written = |field: &crate::source::parse::declared::Field| {
                of_envelope(field.rename.as_deref().unwrap_or(&field.name))
            };
            if fields.iter().any(written) {
                into.push(EnvelopeRead { test: false, site });
                return;
            }
            let optional = |ty: &Ty| {
                let lowered = context.lower(ty);
                lowered.path().is_none_or(|path| lexicon.means(path, Meaning::Optional))
                    && !matches!(lowered.head, Head::Local(_))
            };
            let needs_more = fields.iter().any(|field| !field.default && !optional(&field.ty));
            let notification = fields
                .iter()
                .any(|field| lexicon.field(field.rename.as_deref().unwrap_or(&field.name)).has(Meaning::Batch));
            let needs_more = needs_more && item.deserialize;
            into.push(MessageParse { of: item.name.clone(), notification, needs_more, fails, site });
        }
        _ => {}
    }
}

/// What a value is once its error is dealt with, and whether the error is handed on or panics.
fn outcome(here: Here<'_>) -> (ExprId, bool) {
    let body = here.body();
    let lexicon = here.context().index.lexicon;
    let mut at = here.id;
    let mut fails = false;
    for _ in 0..MAX_AROUND {
        let parent = body.expr(at).parent;
        match body.exprs.get(parent as usize).map(|expr| &expr.kind) {
            Some(Kind::Try(_)) => fails = true,
            Some(Kind::Method { receiver, name, .. }) if *receiver == at => {
                let means = lexicon.method(name);
                fails |= means.has(Meaning::Unwraps);
                if !means.any(&[Meaning::Unwraps, Meaning::FailsOn, Meaning::KeepsValue]) {
                    break;
                }
            }
            Some(Kind::Wrap(_)) => {}
            // `Err(error) => return Err(error)`: the error is handed on, or the message counts as failed.
            Some(Kind::Match { scrutinee, arms }) if *scrutinee == at => {
                let mut failed = arms.iter().filter(|arm| begins(&arm.heads, "Err"));
                fails |= failed.any(|arm| judge(here, arm.body, true) == Branch::Handles);
                break;
            }
            _ => break,
        }
        at = parent;
    }
    (at, fails)
}

/// The type of the name that a value is bound to, or of what the function returns if the value is its last.
fn named(context: &Context<'_>, id: ExprId) -> Option<Type> {
    let body = context.body;
    match body.parent_kind(id) {
        Some(Kind::Let { init, .. }) if *init == id => {
            let local = body.bound(id).next()?;
            Some(context.type_of_local(local))
        }
        _ => None,
    }
}
