//! Applications in several parts: what acts on parts made elsewhere, what another file says, and which parts belong.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use faaslint::deployments::{self, Choices};
use faaslint::knowledge::platforms;
use faaslint::model::Project;
use faaslint::model::deployments::{Function, Trigger, TriggerKind};
use faaslint::tree::Memory;

fn project(files: &[(&str, &str)]) -> Project {
    let tree = Memory::new(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
    let mut project = Project::default();
    deployments::read(&tree, platforms(), &Choices::default(), &mut project);
    project
}

const IMPORTS: &str = "import * as cdk from 'aws-cdk-lib';
import { aws_lambda as lambda, aws_sqs as sqs } from 'aws-cdk-lib';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { RustFunction } from 'cargo-lambda-cdk';
import { Construct, IConstruct } from 'constructs';
";

/// A stack whose constructor has these statements, after these declarations.
fn stack_with(before: &str, body: &str) -> Project {
    let text = format!(
        "{IMPORTS}{before}
        export class Orders extends cdk.Stack {{
          constructor(scope: Construct, id: string, props: {{ prod: boolean }}) {{ super(scope, id); {body} }}
        }}"
    );
    project(&[("cdk.json", "{\"app\": \"npx tsx app.ts\"}"), ("app.ts", &text)])
}

fn names(project: &Project) -> Vec<&str> {
    project.deploy.function_ids().map(|id| project.deploy.function_name(id)).collect()
}

fn function<'p>(project: &'p Project, name: &str) -> &'p Function {
    let id = project.deploy.function_ids().find(|&id| project.deploy.function_name(id) == name);
    project.deploy.function(id.unwrap_or_else(|| panic!("`{name}` is among {:?}; {:?}", names(project), project.gaps)))
}

fn triggers<'p>(project: &'p Project, name: &str) -> Vec<&'p Trigger> {
    let id = project.deploy.function_ids().find(|&id| project.deploy.function_name(id) == name).expect("the function");
    project.deploy.triggers_of(id).collect()
}

#[test]
fn aspects_change_what_is_below_them() {
    let aspects = "class Memory implements cdk.IAspect {
          visit(node: IConstruct) {
            if (node instanceof lambda.CfnFunction) { node.memorySize = 512; }
            if (node instanceof lambda.Function) { node.addEnvironment('STAGE', 'x'); }
            if (node instanceof sqs.CfnQueue) { node.addPropertyOverride('VisibilityTimeout', 90); }
          }
        }";
    let project = stack_with(
        aspects,
        "new RustFunction(this, 'F', {}); new sqs.Queue(this, 'Q'); cdk.Aspects.of(this).add(new Memory());",
    );
    let found = function(&project, "F");
    assert_eq!(found.memory_mb.one(), Some(&512));
    assert!(found.env.vars.iter().any(|(name, _)| name == "STAGE"));
    assert_eq!(project.deploy.queues[0].visibility_s.one(), Some(&90));
}

#[test]
fn what_a_branch_may_change_is_one_of_two() {
    let project = stack_with(
        "",
        "const f = new RustFunction(this, 'F', { memorySize: 256 });
         if (props.prod) { (f.node.defaultChild as lambda.CfnFunction).memorySize = 1024; }",
    );
    assert!(function(&project, "F").memory_mb.one().is_none());
}

#[test]
fn parts_of_machines_are_classes_of_their_own() {
    let part = "class Work extends sfn.StateMachineFragment {
          public readonly startState: sfn.State; public readonly endStates: sfn.INextable[];
          constructor(scope: Construct, id: string, f: lambda.IFunction) {
            super(scope, id);
            const first = new tasks.LambdaInvoke(this, 'Invoke', { lambdaFunction: f });
            const last = new sfn.Pass(this, 'Shape');
            this.startState = first;
            this.endStates = first.next(last).endStates;
          }
        }";
    let project = stack_with(
        part,
        "const f = new RustFunction(this, 'F', {});
         const chain = new sfn.Pass(this, 'Before').next(new Work(this, 'Work', f)).next(new sfn.Succeed(this, 'Done'));
         new sfn.StateMachine(this, 'M', { definitionBody: sfn.DefinitionBody.fromChainable(chain) });",
    );
    assert_eq!(project.deploy.machines[0].states.len(), 4);
    assert_eq!(triggers(&project, "F")[0].kind, TriggerKind::StepFunctions);
}

#[test]
fn functions_that_authorize_are_triggered_by_it() {
    let project = stack_with(
        "import * as api from 'aws-cdk-lib/aws-apigateway'; import * as v2 from 'aws-cdk-lib/aws-apigatewayv2';
         import { HttpLambdaAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
         import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';",
        "const rest = new RustFunction(this, 'Rest', {}); const http = new RustFunction(this, 'Http', {});
         new api.TokenAuthorizer(this, 'A', { handler: rest });
         const authorizer = new HttpLambdaAuthorizer('B', http);
         const routes = new v2.HttpApi(this, 'Api');
         for (const path of ['/a', '/b']) {
           routes.addRoutes({ path, integration: new HttpLambdaIntegration('I', rest), authorizer });
         }",
    );
    let kinds = |name: &str| triggers(&project, name).iter().map(|trigger| trigger.kind).collect::<Vec<_>>();
    assert_eq!(kinds("Http"), [TriggerKind::Authorizer]);
    assert!(kinds("Rest").contains(&TriggerKind::Authorizer));
}

#[test]
fn an_app_is_what_its_first_file_leads_to() {
    let stack = |name: &str, id: &str| {
        format!(
            "{IMPORTS} export class {name} extends cdk.Stack {{ constructor(scope: Construct, id: string) {{
               super(scope, id); new RustFunction(this, '{id}', {{}}); }} }}"
        )
    };
    let app = "import * as cdk from 'aws-cdk-lib'; import { Used } from '@stacks/used';
               new Used(new cdk.App(), 'Used');";
    let project = project(&[
        ("cdk.json", "{\"app\": \"npx ts-node --prefer-ts-exts bin/app.ts\"}"),
        ("tsconfig.json", "{ // aliases\n \"compilerOptions\": {\"paths\": {\"@stacks/*\": [\"./lib/*\"]}} }"),
        ("bin/app.ts", app),
        ("lib/used.ts", &stack("Used", "Now")),
        ("lib/left-over.ts", &stack("LeftOver", "Before")),
    ]);
    assert_eq!(names(&project), ["Now"]);
}

#[test]
fn what_one_template_exports_another_imports() {
    let project = project(&[
        (
            "functions.yaml",
            "Resources:
  Worker: {Type: AWS::Lambda::Function, Properties: {Runtime: provided.al2023, Timeout: 5}}
Outputs:
  Arn: {Value: !GetAtt Worker.Arn, Export: {Name: worker-arn}}",
        ),
        (
            "events.yaml",
            "Resources:
  Jobs: {Type: AWS::SQS::Queue}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !ImportValue worker-arn, EventSourceArn: !GetAtt Jobs.Arn}",
        ),
    ]);
    assert_eq!(triggers(&project, "Worker")[0].kind, TriggerKind::Sqs);
}

const UNITS: &[(&str, &str)] = &[
    ("mod/queue/main.tf", "resource \"aws_sqs_queue\" \"jobs\" {}\noutput \"arn\" { value = aws_sqs_queue.jobs.arn }"),
    (
        "mod/worker/main.tf",
        "variable \"arn\" {}
variable \"seconds\" { default = 3 }
variable \"megabytes\" { default = 128 }
resource \"aws_lambda_function\" \"worker\" {
  timeout     = var.seconds
  memory_size = var.megabytes
}
resource \"aws_lambda_event_source_mapping\" \"jobs\" {
  event_source_arn = var.arn
  function_name    = aws_lambda_function.worker.arn
}",
    ),
    ("live/queue/terragrunt.hcl", "terraform { source = \"../../mod//queue\" }"),
];

/// The units, and one that calls the worker with these inputs.
fn unit(more: &[(&str, &str)], inputs: &str) -> Project {
    let text = format!(
        "terraform {{ source = \"${{get_terragrunt_dir()}}/../../mod/worker\" }}
        dependency \"jobs\" {{ config_path = \"../queue\" }}
        {inputs}"
    );
    let mut files = UNITS.to_vec();
    files.push(("live/worker/terragrunt.hcl", &text));
    files.extend(more);
    project(&files)
}

#[test]
fn units_of_terragrunt_hand_each_other_outputs() {
    let inputs = "locals { limit = 40 }
        inputs = { arn = dependency.jobs.outputs.arn, seconds = local.limit }";
    let project = unit(&[], inputs);
    assert_eq!(names(&project), ["module.worker.aws_lambda_function.worker"]);
    let found = function(&project, "module.worker.aws_lambda_function.worker");
    assert_eq!(found.timeout_s.one(), Some(&40));
    assert_eq!(found.memory_mb.one(), Some(&128));
    assert_eq!(project.deploy.queues.len(), 1);
    let mapping = triggers(&project, "module.worker.aws_lambda_function.worker")[0];
    assert!(mapping.mapping().expect("a mapping").source.value.one().is_some());
}

#[test]
fn what_a_unit_includes_may_set_more() {
    let include = "include \"root\" { path = find_in_parent_folders(\"root.hcl\") }
        inputs = { arn = \"a\" }";
    let written = unit(&[("live/root.hcl", "inputs = { seconds = 20 }")], include);
    let name = "module.worker.aws_lambda_function.worker";
    assert_eq!(function(&written, name).timeout_s.one(), Some(&20));
    // What cannot be followed may set any variable: its default is no more than that.
    let merged = unit(&[("live/root.hcl", "inputs = merge(read_terragrunt_config(\"x\").inputs, {})")], include);
    assert!(function(&merged, name).timeout_s.one().is_none());
}
