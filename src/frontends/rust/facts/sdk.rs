//! Calls of AWS service operations: what they act on and whether they wait.

use super::super::ir::{ExprId, Kind, Lit};
use super::super::types::Context;
use super::trace::{Tracer, chain};
use crate::model::source::{InvocationType, Operand, SdkCall};

/// SDK calls of a region.
pub(super) fn collect(tracer: &Tracer<'_, '_, '_>, region: usize, id: ExprId, into: &mut Vec<SdkCall>) {
    let context = tracer.context(region);
    let Kind::Method { receiver, name, name_span, .. } = context.body.kind(id) else {
        return;
    };
    let owner = context.type_of(*receiver);
    let Some(service) = owner.path().and_then(|path| path.strip_prefix("aws_sdk_")?.strip_suffix("::Client")) else {
        return;
    };
    let calls = chain(&context, id);
    if name.starts_with("from_")
        || name == "config"
        || !calls.iter().any(|(name, ..)| matches!(*name, "send" | "into_paginator" | "send_with" | "customize"))
    {
        return;
    }
    let setters = context.index.apis.sdk_targets.get(service).map_or(&[][..], Vec::as_slice);
    let wanted = |name: &str| setters.iter().any(|setter| setter == name || name.strip_prefix("set_") == Some(setter));
    let target = calls.iter().find(|(name, ..)| wanted(name)).and_then(|(_, args, _)| args.first());
    let (target, target_at) = match target {
        Some(&arg) => tracer.operand((region, arg)),
        None => (Operand::Unknown, None),
    };
    let target_span = target_at.map(|(region, id)| {
        let code = tracer.reach.regions[region].code;
        tracer.reach.span(code, tracer.reach.body(code).expr(id).span)
    });
    let range = (context.body.expr(*receiver).span.0, name_span.1);
    into.push(SdkCall {
        service: service.to_owned(),
        operation: name.clone(),
        site: tracer.reach.site(region, id, range),
        target,
        target_span,
        invocation_type: invocation_type(&context, &calls),
    });
}

fn invocation_type(context: &Context<'_, '_>, calls: &[(&str, &[ExprId], ExprId)]) -> InvocationType {
    let Some((_, args, _)) = calls.iter().find(|(name, ..)| matches!(*name, "invocation_type" | "set_invocation_type"))
    else {
        return InvocationType::RequestResponse;
    };
    let Some(&arg) = args.first() else {
        return InvocationType::Unknown;
    };
    for id in context.body.subtree(arg) {
        let word = match context.body.kind(id) {
            Kind::Path { path, .. } => path.last().map(String::as_str).unwrap_or_default(),
            Kind::Lit(Lit::Str(text)) => text.as_str(),
            _ => continue,
        };
        match word {
            "Event" => return InvocationType::Event,
            "DryRun" => return InvocationType::DryRun,
            "RequestResponse" => return InvocationType::RequestResponse,
            _ => {}
        }
    }
    InvocationType::Unknown
}
