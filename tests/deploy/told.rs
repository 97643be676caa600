//! What files beside a template say of it: override files, `samconfig.toml`, included files; macros and pipes; what is
//! switched off.

use super::{function, project, timeout, triggers};
use faaslint::model::deployments::{Invocation, TriggerKind};

const SAM: &str = "Transform: AWS::Serverless-2016-10-31\n";

#[test]
fn override_files_replace_what_the_others_say() {
    let project = project(&[
        (
            "main.tf",
            "locals {
  a = 1
  b = 2
}
resource \"aws_lambda_function\" \"f\" {
  function_name = \"f\"
  runtime = \"provided.al2023\"
  timeout = local.a
  memory_size = local.b
  environment {
    variables = { A = \"1\" }
  }
}
",
        ),
        (
            "b_override.tf",
            "locals {
  b = 300
}
resource \"aws_lambda_function\" \"f\" {
  environment {
    variables = { B = \"2\" }
  }
}
",
        ),
        ("override.tf", "resource \"aws_lambda_function\" \"f\" {\n  timeout = 90\n}\n"),
    ]);
    assert_eq!(project.deploy.function_ids().count(), 1);
    let found = function(&project, "aws_lambda_function.f");
    assert_eq!((found.timeout_s.one(), found.memory_mb.one()), (Some(&90), Some(&300)));
    assert_eq!(found.env.vars.keys().collect::<Vec<_>>(), ["B"]);
    assert_eq!(found.runtime.one().map(String::as_str), Some("provided.al2023"));
}

#[test]
fn environments_of_samconfig_give_parameters_their_values() {
    let template = format!(
        "{SAM}Parameters: {{T: {{Type: Number, Default: 3}}, M: {{Type: Number, Default: 128}}}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {{Runtime: provided.al2023, Timeout: !Ref T, MemorySize: !Ref M}}
"
    );
    let config = "version = 0.1
[default.deploy.parameters]
parameter_overrides = \"T=45 M=256\"
[prod.deploy.parameters]
parameter_overrides = [\"T=45\", \"M=1024\"]
";
    let told = project(&[("template.yaml", &template), ("samconfig.toml", config)]);
    let found = function(&told, "F");
    assert_eq!(found.timeout_s.one(), Some(&45));
    let memory: Vec<i64> = found.memory_mb.value.candidates().map(|value| value.value).collect();
    assert_eq!(memory, [256, 1024]);
    let other = project(&[("other.yaml", &template), ("samconfig.toml", config)]);
    assert_eq!(timeout(&other, "F"), Some(3), "the file is not for this template");
}

#[test]
fn loops_over_written_lists_and_included_files_are_expanded() {
    let template = format!(
        "{SAM}Resources:
  Fn::ForEach::Functions:
    - Name
    - [Load, Send]
    - F${{Name}}:
        Type: AWS::Serverless::Function
        Properties: {{Runtime: provided.al2023, Timeout: 9, FunctionName: !Sub 'x-${{Name}}', Description: !Ref Name}}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      DefinitionBody: {{'Fn::Transform': {{Name: AWS::Include, Parameters: {{Location: ./api.yaml}}}}}}
"
    );
    let api = "paths:
  /x:
    get:
      x-amazon-apigateway-integration:
        type: aws_proxy
        uri: {Fn::Sub: 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${FLoad.Arn}/invocations'}
";
    let project = project(&[("template.yaml", &template), ("api.yaml", api)]);
    assert_eq!((timeout(&project, "FLoad"), timeout(&project, "FSend")), (Some(9), Some(9)));
    let route = triggers(&project, "FLoad").into_iter().find_map(|trigger| trigger.route()).expect("the route");
    assert_eq!(route.path.one().map(String::as_str), Some("/x"));
    assert!(triggers(&project, "FSend").is_empty());
}

#[test]
fn pipes_invoke_their_target_and_their_enrichment() {
    let function = "{Type: AWS::Serverless::Function, Properties: {Runtime: provided.al2023, Timeout: 9}}";
    let template = format!(
        "{SAM}Resources:
  A: {function}
  B: {function}
  C: {function}
  Q: {{Type: AWS::SQS::Queue}}
  P: {{Type: AWS::Pipes::Pipe, Properties: {{Source: !GetAtt Q.Arn, Enrichment: !GetAtt A.Arn, Target: !GetAtt B.Arn}}}}
  R:
    Type: AWS::Pipes::Pipe
    Properties:
      Source: !GetAtt Q.Arn
      Target: !GetAtt C.Arn
      DesiredState: STOPPED
      TargetParameters: {{LambdaFunctionParameters: {{InvocationType: FIRE_AND_FORGET}}}}
"
    );
    let project = project(&[("template.yaml", &template)]);
    let of =
        |name: &str| triggers(&project, name).first().map(|found| (found.kind, found.invocation(), found.is_off()));
    assert_eq!(of("A"), Some((TriggerKind::Pipe, Invocation::Sync, false)));
    assert_eq!(of("B"), Some((TriggerKind::Pipe, Invocation::Sync, false)));
    assert_eq!(of("C"), Some((TriggerKind::PipeEvent, Invocation::Async, true)));
}

#[test]
fn what_is_switched_off_is_said_in_every_dialect() {
    let sam = format!(
        "{SAM}Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: provided.al2023
      Events:
        A: {{Type: EventBridgeRule, Properties: {{Pattern: {{source: [x]}}, State: DISABLED}}}}
        B: {{Type: Schedule, Properties: {{Schedule: rate(1 hour), Enabled: false}}}}
        C: {{Type: SQS, Properties: {{Queue: 'arn:aws:sqs:eu-west-1:111111111111:q', Enabled: false}}}}
"
    );
    let terraform = "resource \"aws_lambda_function\" \"f\" {
  function_name = \"f\"
}
resource \"aws_cloudwatch_event_rule\" \"r\" {
  event_pattern = jsonencode({ source = [\"x\"] })
  state = \"DISABLED\"
}
resource \"aws_cloudwatch_event_target\" \"t\" {
  rule = aws_cloudwatch_event_rule.r.name
  arn = aws_lambda_function.f.arn
}
";
    let serverless = "service: s
provider: {name: aws, runtime: provided.al2023}
functions:
  f:
    handler: x
    events:
      - eventBridge: {pattern: {source: [x]}, enabled: false}
      - schedule: {rate: rate(1 hour), enabled: false}
";
    for (file, text, name) in [
        ("template.yaml", sam.as_str(), "F"),
        ("main.tf", terraform, "aws_lambda_function.f"),
        ("serverless.yml", serverless, "f"),
    ] {
        let project = project(&[(file, text)]);
        let found = triggers(&project, name);
        assert!(!found.is_empty() && found.iter().all(|trigger| trigger.is_off()), "{file}: {found:?}");
    }
}
