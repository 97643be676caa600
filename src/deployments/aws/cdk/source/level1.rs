//! Classes that are resources themselves: `CfnFunction` takes what `AWS::Lambda::Function` has.

use super::value::{Entry, Kind, Map, Value};

/// Modules whose name in CloudFormation is not the module's with a capital.
const SERVICES: &[(&str, &str)] = &[
    ("apigateway", "ApiGateway"),
    ("apigatewayv2", "ApiGatewayV2"),
    ("appsync", "AppSync"),
    ("cloudfront", "CloudFront"),
    ("dynamodb", "DynamoDB"),
    ("ec2", "EC2"),
    ("ecs", "ECS"),
    ("elasticloadbalancingv2", "ElasticLoadBalancingV2"),
    ("iam", "IAM"),
    ("iot", "IoT"),
    ("kms", "KMS"),
    ("kinesisfirehose", "KinesisFirehose"),
    ("msk", "MSK"),
    ("rds", "RDS"),
    ("s3", "S3"),
    ("sam", "Serverless"),
    ("secretsmanager", "SecretsManager"),
    ("ses", "SES"),
    ("sns", "SNS"),
    ("sqs", "SQS"),
    ("ssm", "SSM"),
    ("stepfunctions", "StepFunctions"),
];

/// Properties whose keys are the user's own.
const FREE: &[&str] = &["variables", "requestParameters", "tags", "eventPattern", "definition", "policyDocument"];

/// The CloudFormation type of a class, if it is one of those.
pub(crate) fn type_of(class: &str) -> Option<String> {
    let (module, name) = class.rsplit_once('.')?;
    let name = name.strip_prefix("Cfn").filter(|name| name.starts_with(char::is_uppercase))?;
    if module.contains(':') || module == "core" {
        return None;
    }
    let service = match SERVICES.iter().find(|(known, _)| *known == module) {
        Some((_, service)) => (*service).to_owned(),
        None => pascal(module),
    };
    Some(format!("AWS::{service}::{name}"))
}

/// A name with a capital.
pub(crate) fn pascal(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// What the class is given, under CloudFormation's names.
pub(crate) fn properties(props: &Value, out: &mut Map) {
    match &props.kind {
        Kind::Map(map) => {
            let map = map.borrow();
            out.open.clone_from(&map.open);
            for entry in &map.entries {
                let value = if FREE.contains(&&*entry.key) { entry.value.clone() } else { renamed(&entry.value, 0) };
                out.set(Entry { key: pascal(&entry.key).into(), value, ..entry.clone() });
            }
        }
        Kind::Null => {}
        _ => out.open = Some(props.reason()),
    }
}

fn renamed(value: &Value, depth: u32) -> Value {
    if depth > 60 {
        return Value::opaque("is nested too deeply", value.span);
    }
    match &value.kind {
        Kind::Map(map) => {
            let map = map.borrow();
            let mut out = Map { open: map.open.clone(), ..Map::default() };
            for entry in &map.entries {
                let free = FREE.contains(&&*entry.key);
                let inner = if free { entry.value.clone() } else { renamed(&entry.value, depth + 1) };
                out.set(Entry { key: pascal(&entry.key).into(), value: inner, ..entry.clone() });
            }
            Value::map(out, value.span)
        }
        Kind::List(items) => {
            let items = items.borrow().iter().map(|item| renamed(item, depth + 1)).collect();
            Value::list(items, value.span)
        }
        _ => value.clone(),
    }
}
