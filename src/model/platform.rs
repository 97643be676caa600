//! The platforms functions run on; what holds on each is in `rules/data/platforms/`.

/// A serverless platform: what a program is written for, what a function is deployed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Platform {
    /// AWS Lambda.
    AwsLambda,
    /// Cloudflare Workers.
    CloudflareWorkers,
    /// Fermyon Spin.
    Spin,
    /// An Azure Functions custom handler.
    AzureFunctions,
}

impl Platform {
    /// Every platform.
    pub const ALL: [Self; 4] = [Self::AwsLambda, Self::CloudflareWorkers, Self::Spin, Self::AzureFunctions];

    /// The platform of an id.
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|platform| platform.id() == id)
    }

    /// The id used in rule files.
    pub fn id(self) -> &'static str {
        match self {
            Self::AwsLambda => "aws-lambda",
            Self::CloudflareWorkers => "cloudflare-workers",
            Self::Spin => "spin",
            Self::AzureFunctions => "azure-functions",
        }
    }
}
