//! Functions in subnets that lead nowhere, calling something outside.

use super::support::money::Rates;
use super::{Check, Sink, UnitRef};
use crate::finding::Confidence;
use crate::knowledge::sdk_operations;
use crate::model::source::{HttpCall, Operand, Program, SdkCall, Site};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(program), Some(function)) = (unit.program(), unit.lambda()) else { return };
        let Some(vpc) = function.vpc.as_ref().filter(|vpc| vpc.complete) else { return };
        let deploy = &unit.project.deploy;
        // A subnet whose route table is not in the project may lead anywhere.
        if !vpc.subnets.iter().all(|subnet| deploy.ways_out.get(subnet) == Some(&false)) {
            return;
        }
        let Some((site, what)) = outside(unit, program) else { return };
        let message = format!(
            "`{}` runs in subnets without a way out and calls {what}: the connection hangs until the function's \
             timeout",
            unit.name().unwrap_or_default()
        );
        let finding = sink.report(vpc.span, "no route of these subnets leads out", message);
        finding.notes.extend(unit.unit.function().and_then(|id| Rates::of(unit.project, id)?.nat_gateway()));
        finding.cap(Confidence::Medium).cap(site.confidence).also(Some(site.span), "called here");
        for subnet in vpc.subnets.iter().take(2) {
            finding.also(Some(deploy.resource(*subnet).span), "its route table has no NAT gateway");
        }
    }
}

/// The first call that leaves the VPC, before the first event or for one: a host with a public name, or a service
/// without an endpoint.
fn outside<'p>(unit: UnitRef<'p>, program: &'p Program) -> Option<(&'p Site, String)> {
    let endpoints = &unit.project.deploy.endpoints;
    if endpoints.iter().any(|known| known == "*") {
        return None;
    }
    let http = program.facts::<HttpCall>().iter().find_map(|call| {
        let Operand::Literal(url) = &call.url else { return None };
        let host = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest).split(['/', ':', '?']).next()?;
        let public =
            host.contains('.') && !host.ends_with(".internal") && !host.ends_with(".local") && !host.starts_with("10.");
        (public && !unit.is_same_host(&call.url)).then(|| (&call.site, format!("`{host}`")))
    });
    http.or_else(|| {
        let service = |name: &str| sdk_operations().endpoint_names.get(name).map_or(name.to_owned(), Clone::clone);
        let mut calls = program.facts::<SdkCall>().iter();
        calls
            .find(|call| !endpoints.contains(&service(&call.service)))
            .map(|call| (&call.site, format!("the service `{}`", call.service)))
    })
}
