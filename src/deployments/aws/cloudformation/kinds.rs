//! What CloudFormation's types are.

use crate::model::deployments::ResourceKind;

/// The kind of resource a type is; types of other providers keep their own names and are `Other`.
pub(crate) fn kind_of(type_name: &str) -> ResourceKind {
    match type_name {
        "AWS::Lambda::Function" | "AWS::Serverless::Function" => ResourceKind::Function,
        "AWS::SQS::Queue" => ResourceKind::Queue,
        "AWS::SNS::Topic" => ResourceKind::Topic,
        "AWS::Events::EventBus" => ResourceKind::Bus,
        "AWS::Events::Rule" => ResourceKind::Rule,
        "AWS::Scheduler::Schedule" => ResourceKind::Schedule,
        "AWS::S3::Bucket" => ResourceKind::Bucket,
        "AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable" | "AWS::Serverless::SimpleTable" => ResourceKind::Table,
        "AWS::Kinesis::Stream"
        | "AWS::Kinesis::StreamConsumer"
        | "AWS::KinesisFirehose::DeliveryStream"
        | "AWS::MSK::Cluster" => ResourceKind::Stream,
        "AWS::Serverless::Api" | "AWS::Serverless::HttpApi" | "AWS::ApiGateway::RestApi" | "AWS::ApiGatewayV2::Api" => {
            ResourceKind::Api
        }
        "AWS::Lambda::Url" => ResourceKind::FunctionUrl,
        "AWS::StepFunctions::StateMachine" | "AWS::Serverless::StateMachine" => ResourceKind::StateMachine,
        _ if type_name.starts_with("AWS::RDS::DBProxy") => ResourceKind::DatabaseProxy,
        _ => ResourceKind::Other,
    }
}
