//! What ends in CloudFormation: every way to deploy to AWS that is read.

pub(crate) mod cargo_lambda;
pub(crate) mod cdk;
pub(crate) mod cloudformation;
pub(crate) mod serverless;
pub(crate) mod steps;
pub(crate) mod terraform;
