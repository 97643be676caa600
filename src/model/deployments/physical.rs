//! Resources by the physical names that templates fix. Names repeat: one template may be deployed as another's copy,
//! and whole directories are. What a name means depends on who says it.

use super::{ResourceId, StackId};
use std::collections::HashMap;

/// The resources that have a name.
#[derive(Debug, Default)]
pub struct PhysicalNames {
    of: HashMap<String, Vec<ResourceId>>,
}

/// What a name means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// No resource of the project.
    Nothing,
    /// One.
    One(ResourceId),
    /// Any of several: nothing tells which.
    Several(Vec<ResourceId>),
}

/// Who says a name: a stack, with the stack that ties it to those it is nested in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Home {
    /// The stack.
    pub stack: StackId,
    /// The same for all stacks that are nested in one another.
    pub family: StackId,
}

impl PhysicalNames {
    /// Adds a resource with the name its template fixes.
    pub fn add(&mut self, name: &str, id: ResourceId) {
        self.of.entry(name.to_owned()).or_default().push(id);
    }

    /// What a name means to a stack, among resources that fit: its own resource, else one of the stacks it is nested
    /// with, else one of any other stack. Two that are equally near are ambiguous.
    pub fn find(
        &self,
        name: &str,
        from: Home,
        fits: impl Fn(ResourceId) -> bool,
        home: impl Fn(ResourceId) -> Home,
    ) -> Named {
        let distance = |id: ResourceId| match home(id) {
            home if home.stack == from.stack => 0,
            home if home.family == from.family => 1,
            _ => 2,
        };
        let found: Vec<ResourceId> = self.of.get(name).into_iter().flatten().copied().filter(|&id| fits(id)).collect();
        let Some(nearest) = found.iter().map(|&id| distance(id)).min() else { return Named::Nothing };
        let near: Vec<ResourceId> = found.into_iter().filter(|&id| distance(id) == nearest).collect();
        match near.as_slice() {
            [one] => Named::One(*one),
            _ => Named::Several(near),
        }
    }
}

/// The last part of an ARN, a URL or a name: what people call the resource. Of a function's ARN without its qualifier.
pub fn called(text: &str) -> &str {
    let parts: Vec<&str> = text.splitn(8, ':').collect();
    match parts.as_slice() {
        ["arn", _, "lambda", _, _, "function", name, ..] => name,
        _ => text.rsplit([':', '/']).next().unwrap_or(text),
    }
}

/// The service that an ARN or the URL of a queue names.
pub fn service_of(text: &str) -> Option<&str> {
    match text.strip_prefix("arn:") {
        Some(rest) => rest.split(':').nth(1),
        None => text.starts_with("https://sqs.").then_some("sqs"),
    }
}

/// Whether a resource of a type belongs to a service, by the word of an ARN or of the SDK. Of other services nothing is
/// known, and any type may be theirs.
pub fn is_of_service(type_name: &str, service: &str) -> bool {
    let (starts, also): (&str, &[&str]) = match service {
        "lambda" => ("AWS::Lambda::", &["AWS::Serverless::Function"]),
        "sqs" => ("AWS::SQS::", &[]),
        "sns" => ("AWS::SNS::", &[]),
        "dynamodb" => ("AWS::DynamoDB::", &["AWS::Serverless::SimpleTable"]),
        "s3" => ("AWS::S3::", &[]),
        "kinesis" => ("AWS::Kinesis::", &[]),
        "firehose" => ("AWS::KinesisFirehose::", &[]),
        "states" | "sfn" => ("AWS::StepFunctions::", &["AWS::Serverless::StateMachine"]),
        "events" | "eventbridge" => ("AWS::Events::", &[]),
        _ => return true,
    };
    type_name.starts_with(starts) || also.contains(&type_name)
}

/// The property that holds the physical name of a type. Mappings, permissions and aliases name a function as well, but
/// are not it.
pub fn name_property(type_name: &str) -> &'static str {
    match type_name {
        "AWS::Lambda::Function" | "AWS::Serverless::Function" => "FunctionName",
        "AWS::SQS::Queue" => "QueueName",
        "AWS::SNS::Topic" => "TopicName",
        "AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable" | "AWS::Serverless::SimpleTable" => "TableName",
        "AWS::S3::Bucket" => "BucketName",
        "AWS::KinesisFirehose::DeliveryStream" => "DeliveryStreamName",
        _ => "Name",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_counts_and_two_equally_near_are_ambiguous() {
        let mut names = PhysicalNames::default();
        for id in [0, 1, 2, 3] {
            names.add("orders", ResourceId(id));
        }
        // Stacks 0 and 1 are nested; 2 and 3 stand alone.
        let home = |stack: u32| Home { stack: StackId(stack), family: StackId(if stack < 2 { 0 } else { stack }) };
        let find =
            |from: u32, there: &[u32]| names.find("orders", home(from), |id| there.contains(&id.0), |id| home(id.0));
        assert_eq!(find(0, &[0, 1, 2, 3]), Named::One(ResourceId(0)));
        assert_eq!(find(0, &[1, 2, 3]), Named::One(ResourceId(1)));
        assert_eq!(find(3, &[2]), Named::One(ResourceId(2)));
        assert_eq!(find(3, &[0, 2]), Named::Several(vec![ResourceId(0), ResourceId(2)]));
        assert_eq!(find(3, &[]), Named::Nothing);
    }

    #[test]
    fn texts_say_the_name_and_the_service() {
        assert_eq!(called("arn:aws:lambda:eu-west-1:1:function:orders:live"), "orders");
        assert_eq!(called("arn:aws:sqs:eu-west-1:1:jobs"), "jobs");
        assert_eq!(called("https://sqs.eu-west-1.amazonaws.com/1/jobs"), "jobs");
        assert_eq!(called("arn:aws:dynamodb:eu-west-1:1:table/orders"), "orders");
        assert_eq!(service_of("arn:aws:sqs:eu-west-1:1:jobs"), Some("sqs"));
        assert_eq!(service_of("https://sqs.eu-west-1.amazonaws.com/1/jobs"), Some("sqs"));
        assert_eq!(service_of("jobs"), None);
        assert!(is_of_service("AWS::SQS::Queue", "sqs") && !is_of_service("AWS::Lambda::Function", "sqs"));
        assert!(is_of_service("AWS::MSK::Cluster", "kafka"));
    }
}
