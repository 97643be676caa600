//! Who may invoke a function, and what else is declared about one apart from it: associations with the edge,
//! configurations that exclude each other, deliveries to what is no function of the project.

use super::target::Target;
use super::trigger::Qualifier;
use crate::model::value::{Known, Setting, Verdict};
use crate::text::{FunctionId, ResourceId, Span, StackId};

/// A permission in the policy of a function.
#[derive(Debug, Clone)]
pub struct Permission {
    /// The template it is in.
    pub stack: StackId,
    /// Where it is declared.
    pub span: Span,
    /// The function; none if no file tells which.
    pub function: Option<FunctionId>,
    /// What of the function it is for.
    pub qualifier: Qualifier,
    /// The service or account that may invoke.
    pub principal: Known<String>,
    /// The action, for example `lambda:InvokeFunction`.
    pub action: Known<String>,
}

impl Permission {
    /// Whether a service may invoke by it, by the first part of its name: some principals have a region in theirs.
    pub fn lets(&self, service: &str) -> Verdict {
        let principal = match &self.principal {
            Known::Absent => Verdict::Unknown,
            known => known.holds(|name| name == "*" || name.split('.').next() == Some(service)),
        };
        Verdict::all([principal, self.allows("invokefunction")])
    }

    /// Whether it is for an action, in small letters and without the service.
    pub fn allows(&self, action: &str) -> Verdict {
        match &self.action {
            Known::Absent => Verdict::Unknown,
            known => known.holds(|name| {
                let name = name.to_lowercase();
                let name = name.strip_prefix("lambda:").unwrap_or(&name);
                name == action || name.strip_suffix('*').is_some_and(|start| action.starts_with(start))
            }),
        }
    }
}

/// A function that a content delivery network runs at its edge.
#[derive(Debug, Clone)]
pub struct EdgeAssociation {
    /// Where it is declared.
    pub span: Span,
    /// The function.
    pub function: FunctionId,
    /// Whether it names the function without a version.
    pub unversioned: Verdict,
    /// `viewer-request`, `origin-response`, ….
    pub event: Known<String>,
}

/// A configuration of which its owner has one: of several the last that is applied stays.
#[derive(Debug, Clone)]
pub struct Exclusive {
    /// Its declaration.
    pub resource: ResourceId,
    /// What it configures.
    pub owner: Known<Target>,
    /// Whether it certainly exists, not only under a condition that a deployment decides.
    pub certain: bool,
}

/// A delivery to something that is no function of the project.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The subscription, or the target of a rule or schedule.
    pub span: Span,
    /// What delivers, in words.
    pub by: &'static str,
    /// Where to.
    pub to: Known<Target>,
    /// The protocol of a subscription.
    pub protocol: Known<String>,
    /// Where goes what cannot be delivered.
    pub dead_letter: Setting<Target>,
    /// Whether it is on.
    pub enabled: Verdict,
}

/// The name of a stage of an API, which stands before the paths of its routes, except where it is the default.
#[derive(Debug, Clone)]
pub struct StageName {
    /// The API.
    pub api: ResourceId,
    /// Where it is declared.
    pub span: Span,
    /// Its name.
    pub name: Known<String>,
}
