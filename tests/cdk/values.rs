//! Values that programs of the CDK compute: chosen by a key, read from a file, passed on by keyword, counted.

use super::{IMPORTS, function, names, project, stack_with, triggers};
use faaslint::model::deployments::TriggerKind;

#[test]
fn what_a_key_nobody_knows_chooses_is_one_of_what_there_is() {
    let project = stack_with(
        "const SIZES = { dev: { memory: 256, seconds: 9 }, prod: { memory: 1024, seconds: 9 } };",
        "const stage = this.node.tryGetContext('stage') || 'dev';
         const size = SIZES[stage];
         const f = new RustFunction(this, 'F', {
           memorySize: size.memory * 2,
           timeout: cdk.Duration.seconds(size.seconds),
           ...(props.prod && { reservedConcurrentExecutions: 3 }),
         });",
    );
    let found = function(&project, "F");
    assert_eq!(found.timeout_s.one(), Some(&9));
    let memory: Vec<i64> = found.memory_mb.value.candidates().map(|value| value.value).collect();
    assert_eq!(memory, [512, 2048]);
}

#[test]
fn data_beside_a_program_is_read_and_context_is_what_cdk_json_says() {
    let text = format!(
        "{IMPORTS}import config from './config.json';
        export class S extends cdk.Stack {{
          constructor(scope: Construct, id: string) {{
            super(scope, id);
            const jobs = new Map<string, RustFunction>();
            for (const job of config.jobs) {{
              jobs.set(job.name, new RustFunction(this, job.name, {{ timeout: cdk.Duration.seconds(job.seconds) }}));
            }}
            for (let i = 0; i < 2; i++) {{
              const queue = new sqs.Queue(this, `Q${{i}}`);
              jobs.get('load')!.addEventSource(new sources.SqsEventSource(queue, {{ batchSize: 2 + i }}));
            }}
            new RustFunction(this, 'Rest', {{ memorySize: this.node.tryGetContext('memory') }});
          }}
        }}
        new S(new cdk.App(), 'S');"
    );
    let project = project(&[
        ("cdk.json", "{\"app\": \"npx tsx app.ts\", \"context\": {\"memory\": 640}}"),
        ("config.json", "{\"jobs\": [{\"name\": \"load\", \"seconds\": 40}, {\"name\": \"send\", \"seconds\": 50}]}"),
        ("app.ts", &text),
    ]);
    assert_eq!(names(&project), ["load", "send", "Rest"]);
    assert_eq!(function(&project, "send").timeout_s.one(), Some(&50));
    assert_eq!(function(&project, "Rest").memory_mb.one(), Some(&640));
    let batches: Vec<_> = triggers(&project, "load").iter().filter_map(|trigger| trigger.mapping()).collect();
    assert_eq!(batches.iter().map(|mapping| mapping.batch_size.one().copied()).collect::<Vec<_>>(), [Some(2), Some(3)]);
    let place = function(&project, "Rest").memory_mb.value.span().map(|span| span.file);
    assert_eq!(place.map(|file| project.sources.path(file)), Some("cdk.json"));
}

#[test]
fn records_dictionaries_and_keywords_of_python_keep_their_values() {
    let project = project(&[
        ("cdk.json", "{\"app\": \"python3 app.py\"}"),
        (
            "app.py",
            "from dataclasses import dataclass, field
import aws_cdk as cdk
from aws_cdk import Duration, aws_lambda as lambda_
from cargo_lambda_cdk import RustFunction

@dataclass(frozen=True)
class Config:
    name: str
    memory: int = 256
    env: dict = field(default_factory=dict)

class Worker(RustFunction):
    def __init__(self, scope, id, **kwargs):
        kwargs.setdefault(\"memory_size\", 512)
        env = {\"A\": \"1\", **kwargs.pop(\"environment\", {})}
        super().__init__(scope, id, environment=env, **kwargs)

class S(cdk.Stack):
    def __init__(self, scope, id, config):
        super().__init__(scope, id)
        limits = {\"a\": 5, \"b\": 6, \"c\": 7}
        self.made = {
            n: RustFunction(self, n, timeout=Duration.seconds(s)) for n, s in limits.items() if n != \"c\"
        }
        Worker(self, \"Given\", memory_size=config.memory, environment={\"B\": \"2\"})
        Worker(self, \"Plain\")
        last = [7, 8, 9][1:]
        RustFunction(self, \"Last\", timeout=Duration.seconds(last[0]))

S(cdk.App(), \"S\", Config(\"x\", memory=1024))
",
        ),
    ]);
    assert_eq!(names(&project), ["a", "b", "Given", "Plain", "Last"]);
    assert_eq!(function(&project, "b").timeout_s.one(), Some(&6));
    assert_eq!(function(&project, "Given").memory_mb.one(), Some(&1024));
    assert_eq!(function(&project, "Plain").memory_mb.one(), Some(&512));
    assert_eq!(function(&project, "Last").timeout_s.one(), Some(&8));
    let keys: Vec<&str> = function(&project, "Given").env.vars.keys().map(String::as_str).collect();
    assert_eq!(keys, ["A", "B"]);
}

#[test]
fn other_services_invoke_what_they_are_given() {
    let project = stack_with(
        "import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
         import { LambdaTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2-targets';
         import * as appsync from 'aws-cdk-lib/aws-appsync';
         import * as logs from 'aws-cdk-lib/aws-logs';
         import { LambdaDestination } from 'aws-cdk-lib/aws-logs-destinations';
         import * as events from 'aws-cdk-lib/aws-events';
         import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';",
        "const f = new RustFunction(this, 'F', {});
         const balancer = new elbv2.ApplicationLoadBalancer(this, 'B', {});
         balancer.addListener('L', { port: 80 }).addTargets('T', { targets: [new LambdaTarget(f)] });
         new appsync.GraphqlApi(this, 'G', {}).addLambdaDataSource('D', f);
         new logs.LogGroup(this, 'O').addSubscriptionFilter('S', { destination: new LambdaDestination(f) });
         new events.Rule(this, 'R', {
           enabled: false, schedule: events.Schedule.rate(cdk.Duration.hours(1)), targets: [new LambdaFunction(f)],
         });",
    );
    let found = triggers(&project, "F");
    let kinds: Vec<TriggerKind> = found.iter().map(|trigger| trigger.kind).collect();
    for kind in [TriggerKind::Alb, TriggerKind::AppSync, TriggerKind::Logs, TriggerKind::Schedule] {
        assert!(kinds.contains(&kind), "{kind:?} is among {kinds:?}; {:?}", project.gaps);
    }
    let schedule = found.iter().find_map(|trigger| trigger.schedule()).expect("the schedule");
    assert_eq!(schedule.enabled.one(), Some(&false));
}

#[test]
fn fields_given_by_position_are_unknown() {
    let project = project(&[
        ("cdk.json", "{\"app\": \"go run main.go\"}"),
        ("go.mod", "module m\n"),
        (
            "main.go",
            "package main
import (
	\"github.com/aws/aws-cdk-go/awscdk/v2\"
	\"github.com/aws/aws-cdk-go/awscdk/v2/awslambda\"
	\"github.com/aws/jsii-runtime-go\"
)
type P struct { Memory float64 }
func main() {
	app := awscdk.NewApp(nil)
	props := &P{256}
	stack := awscdk.NewStack(app, jsii.String(\"S\"), nil)
	awslambda.NewFunction(stack, jsii.String(\"F\"), &awslambda.FunctionProps{
		Runtime: awslambda.Runtime_PROVIDED_AL2023(), MemorySize: jsii.Number(props.Memory),
	})
}
",
        ),
    ]);
    assert_eq!(function(&project, "F").memory_mb.one(), None, "{:?}", function(&project, "F").memory_mb);
}

#[test]
fn modules_that_are_required_say_what_they_export() {
    let project = project(&[
        ("cdk.json", "{\"app\": \"node bin/app.js\"}"),
        (
            "bin/app.js",
            "const cdk = require('aws-cdk-lib');
             const { Orders } = require('../lib/orders');
             new Orders(new cdk.App(), 'S', { seconds: 8 });",
        ),
        (
            "lib/orders.js",
            "const { Stack } = require('aws-cdk-lib');
             const { Worker } = require('./worker');
             const make = require('./make');
             class Orders extends Stack {
               constructor(scope, id, props) {
                 super(scope, id, props);
                 new Worker(this, 'Worker', props.seconds);
                 make(this, 'Made');
               }
             }
             module.exports = { Orders };",
        ),
        (
            "lib/worker.js",
            "const { Duration } = require('aws-cdk-lib');
             const { Construct } = require('constructs');
             const lambda = require('aws-cdk-lib/aws-lambda');
             exports.Worker = class extends Construct {
               constructor(scope, id, seconds) {
                 super(scope, id);
                 new lambda.Function(this, 'Fn', { timeout: Duration.seconds(seconds) });
               }
             };",
        ),
        (
            "lib/make.js",
            "const lambda = require('aws-cdk-lib/aws-lambda');
             module.exports = (scope, id) => new lambda.Function(scope, id, { memorySize: 320 });",
        ),
    ]);
    assert_eq!(function(&project, "Worker/Fn").timeout_s.one(), Some(&8));
    assert_eq!(function(&project, "Made").memory_mb.one(), Some(&320));
    assert_eq!(names(&project).len(), 2, "{:?}", names(&project));
}
