//! Calls that leave the process: operations of AWS services and requests through HTTP client libraries.

use super::trace::{Link, chain};
use crate::source::parse::ir::{ExprId, Kind};
use crate::source::types::infer::Context;

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
    let Kind::Method { receiver, name, .. } = context.body.kind(id) else { return None };
    let owner = context.receiver(*receiver, name);
    let service = owner.path()?.strip_prefix("aws_sdk_")?.strip_suffix("::Client")?;
    let calls = chain(context, id);
    let sent = calls.iter().find(|(name, ..)| matches!(*name, "send" | "into_paginator" | "send_with" | "customize"));
    let &(_, _, sent) = sent.filter(|_| !name.starts_with("from_") && name != "config")?;
    Some(Operation { service: service.to_owned(), calls, sent })
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
    let calls = &context.index.apis.calls;
    match context.body.kind(id) {
        Kind::Call { callee, args } => {
            let path = context.outside(*callee).filter(|path| calls.request.contains(path))?;
            Some(Request { path, url: args.first().copied(), client: None })
        }
        Kind::Method { receiver, name, args, .. } => {
            let owner = context.receiver(*receiver, name);
            let verb =
                matches!(name.as_str(), "get" | "post" | "put" | "patch" | "delete" | "head" | "request" | "execute");
            let owner = owner.path().filter(|owner| verb && calls.request_client.iter().any(|known| known == owner))?;
            let url = if name == "request" { args.get(1) } else { args.first() };
            Some(Request { path: format!("{owner}::{name}"), url: url.copied(), client: Some(*receiver) })
        }
        _ => None,
    }
}
