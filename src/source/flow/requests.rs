//! Calls that leave the process: operations of AWS services, requests through HTTP client libraries, statements and
//! commands for databases and caches.

use super::called::Called;
use super::chain::{Link, chain};
use crate::knowledge::{Meaning, Role};
use crate::source::names::kinds::Res;
use crate::source::parse::ir::{ExprId, Kind, Lit, Source};
use crate::source::types::infer::Context;

/// Names a request is followed through.
const MAX_NAMES: usize = 8;

/// A call of an AWS service operation.
pub(crate) struct Operation<'p> {
    /// The service as its crate names it.
    pub(crate) service: String,
    /// The methods called on the request.
    pub(crate) calls: Vec<Link<'p>>,
    /// The one that sends it.
    pub(crate) sent: ExprId,
}

/// The operation an expression begins, if it is one and is sent.
pub(crate) fn operation<'p>(context: &Context<'p>, id: ExprId) -> Option<Operation<'p>> {
    let Kind::Method { receiver, name, args, .. } = context.body.kind(id) else { return None };
    let lexicon = context.index.lexicon;
    let owner = context.receiver(*receiver, name);
    let owner = owner.path()?;
    if !lexicon.means(owner, Meaning::Service) {
        return None;
    }
    let service = lexicon.service(owner)?;
    // What rusoto is given whole is sent by the call itself: `client.scan(ScanInput { table_name, .. })`.
    if lexicon.means(&format!("{owner}::{name}"), Meaning::SendsInput) {
        return Some(Operation { service, calls: input(context, args), sent: id });
    }
    let calls = chain(context, id);
    let &(_, _, sent) = calls.iter().find(|(name, ..)| lexicon.method(name).has(Meaning::Sends))?;
    // `cell.get().await.put_item()` begins its operation behind the cell.
    let hands_on = lexicon.method(name).has(Meaning::Identity);
    if hands_on || lexicon.means(&format!("{owner}::{name}"), Meaning::NoOperation) {
        return None;
    }
    Some(Operation { service, calls, sent })
}

/// The fields of the struct that an operation is given, each as if a method had set it.
fn input<'p>(context: &Context<'p>, args: &[ExprId]) -> Vec<Link<'p>> {
    let body = context.body;
    let Some(&arg) = args.first() else { return Vec::new() };
    let mut at = body.peeled(arg);
    for _ in 0..MAX_NAMES {
        at = match body.kind(at) {
            Kind::Local(local) => match &body.locals[*local as usize].source {
                Source::Init { init, .. } => body.peeled(*init),
                _ => break,
            },
            Kind::Method { receiver, name, .. } if context.index.lexicon.method(name).has(Meaning::Identity) => {
                body.peeled(*receiver)
            }
            _ => break,
        };
    }
    let Kind::Struct { fields, .. } = body.kind(at) else { return Vec::new() };
    fields.iter().map(|(name, value)| (name.as_str(), std::slice::from_ref(value), at)).collect()
}

/// A request through an HTTP client library.
pub(crate) struct Request {
    /// The canonical path that is called.
    pub(crate) path: String,
    /// The URL.
    pub(crate) url: Option<ExprId>,
    /// The client it goes through, if it has one of its own.
    pub(crate) client: Option<ExprId>,
}

/// The request an expression begins.
pub(crate) fn request(context: &Context<'_>, id: ExprId) -> Option<Request> {
    let lexicon = context.index.lexicon;
    let is_request = |path: &String| lexicon.means(path, Meaning::Request);
    match context.body.kind(id) {
        Kind::Call { callee, args } => {
            let path = context.outside(*callee).filter(is_request)?;
            Some(Request { path, url: args.first().copied(), client: None })
        }
        Kind::Method { receiver, name, args, .. } if lexicon.knows_name(name) => {
            let owner = context.receiver(*receiver, name);
            let path = Some(format!("{}::{name}", owner.path()?)).filter(is_request)?;
            let url = args.get(lexicon.detail(&path, |row| row.url).unwrap_or(0));
            Some(Request { path, url: url.copied(), client: Some(*receiver) })
        }
        _ => None,
    }
}

/// The statement or command that an expression sends to a database, cache or broker, if it is one.
pub(crate) fn query(context: &Context<'_>, id: ExprId) -> Option<Called> {
    let Kind::Method { name, .. } = context.body.kind(id) else { return None };
    let known = context.index.lexicon.knows_name(name).then(|| Called::of(context, id)).flatten();
    known.filter(|called| called.means.has(Meaning::Query))
}

/// Whether a statement that is written here changes one row, or looks for some.
pub(crate) fn is_statement(context: &Context<'_>, id: ExprId) -> bool {
    first_word(context, id).is_some_and(|word| context.index.lexicon.says(&word, Role::Statement))
}

/// The first word of the statement that a chain begins with or a call is given, in small letters.
fn first_word(context: &Context<'_>, id: ExprId) -> Option<String> {
    let body = context.body;
    let mut at = body.peeled(id);
    for _ in 0..64 {
        let (args, text) = match body.kind(at) {
            Kind::Method { receiver, args, .. } => {
                let given = args.first().and_then(|&arg| text_of(context, arg));
                if given.is_some() {
                    return given.and_then(word);
                }
                at = body.peeled(*receiver);
                continue;
            }
            Kind::Call { args, .. } => (args, None),
            Kind::Macro { args, text, .. } => (args, text.clone()),
            _ => return None,
        };
        return text.or_else(|| args.first().and_then(|&arg| text_of(context, arg))).and_then(word);
    }
    None
}

fn word(text: String) -> Option<String> {
    text.split_whitespace().next().map(str::to_ascii_lowercase)
}

/// A literal text, or the constant that holds one.
fn text_of(context: &Context<'_>, id: ExprId) -> Option<String> {
    let body = context.body;
    match body.kind(body.peeled(id)) {
        Kind::Lit(Lit::Str(text)) => Some(text.clone()),
        Kind::Path { path, .. } => match context.resolve(path) {
            Res::Static(id) => match context.index.static_item(id).body.exprs.first().map(|expr| &expr.kind) {
                Some(Kind::Lit(Lit::Str(text))) => Some(text.clone()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}
