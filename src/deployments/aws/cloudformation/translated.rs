//! The one form all dialects of AWS are read in: a document with CloudFormation resources.

use super::samconfig::Given;
use crate::deployments::evaluated::Evaluated;
use crate::document::tree::NodeId;
use crate::model::deployments::{DialectId, Region};

/// A key beside `Type`: where a helper makes a resource with an id that its caller gives. No key of CloudFormation.
pub(crate) const MADE: &str = "CDK::Made";
/// SAM.
pub(crate) const SAM: DialectId = DialectId("sam");
/// Raw CloudFormation.
pub(crate) const CLOUDFORMATION: DialectId = DialectId("cloudformation");

/// A template to read, whether it was written as one or translated from another dialect.
#[derive(Debug)]
pub(crate) struct Translated {
    /// The file it is known by, relative to the scanned root; paths in it are relative to its directory.
    pub(crate) path: String,
    pub(crate) dialect: DialectId,
    pub(crate) doc: Evaluated,
    /// The mapping that has `Resources`.
    pub(crate) root: NodeId,
    /// The region it is deployed to, where a file says so.
    pub(crate) region: Option<Region>,
    /// Values of its parameters that a deployment is told.
    pub(crate) given: Given,
    /// Other names by which references mean a resource.
    pub(crate) aliases: Vec<(String, String)>,
}
