//! Programs of the CDK as they are written: what they say is read without running them, and what is not literal is
//! unknown.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

mod values;

use faaslint::deployments::{self, Choices};
use faaslint::knowledge::platforms;
use faaslint::model::deployments::machine::StateKind;
use faaslint::model::deployments::{Function, Target, Trigger, TriggerKind};
use faaslint::model::{Known, Project};
use faaslint::tree::Memory;

fn project(files: &[(&str, &str)]) -> Project {
    let tree = Memory::new(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
    let mut project = Project::default();
    deployments::read(&tree, platforms(), &Choices::default(), &mut project);
    project
}

const IMPORTS: &str = "import * as cdk from 'aws-cdk-lib';
import { aws_lambda as lambda, aws_sqs as sqs, aws_sns as sns, aws_s3 as s3 } from 'aws-cdk-lib';
import * as sources from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { RustFunction } from 'cargo-lambda-cdk';
import { Construct } from 'constructs';
";

/// A stack whose constructor has these statements, after these declarations.
fn stack_with(before: &str, body: &str) -> Project {
    let text = format!(
        "{IMPORTS}{before}
        type Props = cdk.StackProps & {{ seconds: number, prod: boolean }};
        export class Orders extends cdk.Stack {{
          constructor(scope: Construct, id: string, props: Props) {{
            super(scope, id, props);
            {body}
          }}
        }}"
    );
    project(&[("cdk.json", "{\"app\": \"npx tsx app.ts\"}"), ("app.ts", &text)])
}

fn stack(body: &str) -> Project {
    stack_with("", body)
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

/// What the timeout of a function is when it is written so.
fn timeout_of(before: &str, expression: &str) -> Known<i64> {
    let project = stack_with(before, &format!("new RustFunction(this, 'F', {{ timeout: {expression} }});"));
    function(&project, "F").timeout_s.value.clone()
}

#[test]
fn literal_expressions_have_the_value_the_program_gives_them() {
    for (expression, wanted) in [
        ("cdk.Duration.seconds(7)", 7),
        ("cdk.Duration.minutes(2)", 120),
        ("LIMITS.short", 9),
        ("cdk.Duration.seconds(2 * 5)", 10),
        ("undefined ?? cdk.Duration.seconds(11)", 11),
        ("true ? cdk.Duration.seconds(12) : cdk.Duration.seconds(13)", 12),
        ("seconds(14)", 14),
        ("[cdk.Duration.seconds(15), cdk.Duration.seconds(16)][1]", 16),
        ("Limits.LONG", 17),
    ] {
        let before = "const LIMITS = { short: cdk.Duration.seconds(9) };
            const seconds = (n: number) => cdk.Duration.seconds(n);
            class Limits { static readonly LONG = cdk.Duration.seconds(17); }";
        assert_eq!(timeout_of(before, expression).one(), Some(&wanted), "{expression}");
    }
}

#[test]
fn what_is_not_literal_is_unknown_and_not_absent() {
    for expression in ["cdk.Duration.seconds(props.seconds)", "timeouts()[id]", "props.seconds > 3 ? far() : near()"] {
        let known = timeout_of("declare function timeouts(): any; declare const far: any, near: any;", expression);
        assert!(matches!(known, Known::Opaque(..)), "{expression}: {known:?}");
    }
    // Either of two is one of two.
    let either = timeout_of("", "props.prod ? cdk.Duration.seconds(30) : cdk.Duration.seconds(10)");
    assert_eq!(either.candidates().count(), 2);
    // What is spread may hold the setting, and may overwrite what stands before it.
    let spread = stack("new RustFunction(this, 'F', { timeout: cdk.Duration.seconds(3), ...(props as any).options });");
    assert!(matches!(function(&spread, "F").timeout_s.value, Known::Opaque(..)));
    assert!(function(&spread, "F").env.open.is_some());
    let after = stack("new RustFunction(this, 'F', { ...(props as any).options, timeout: cdk.Duration.seconds(3) });");
    assert_eq!(function(&after, "F").timeout_s.one(), Some(&3));
    assert!(matches!(function(&after, "F").memory_mb.value, Known::Opaque(..)));
}

#[test]
fn helpers_wrappers_and_loops_are_followed() {
    let before = "
        class Fast extends RustFunction {
          constructor(scope: Construct, id: string, props: { environment: Record<string, string> }) {
            super(scope, id, { ...props, memorySize: 512, timeout: cdk.Duration.seconds(4) });
          }
        }
        class Pair extends Construct {
          readonly worker: lambda.Function;
          constructor(scope: Construct, id: string) {
            super(scope, id);
            this.worker = make(this, 'Worker');
          }
        }
        function make(scope: Construct, name: string) {
          return new RustFunction(scope, name, { binaryName: name.toLowerCase(), timeout: cdk.Duration.seconds(6) });
        }";
    let project = stack_with(
        before,
        "const fast = new Fast(this, 'Fast', { environment: { MODE: 'fast' } });
         const pair = new Pair(this, 'Pair');
         pair.worker.addEnvironment('QUEUE', 'q');
         for (const name of ['a', 'b']) { new RustFunction(this, `${name}-loop`, { memorySize: 256 }); }
         ['c'].forEach((name) => make(this, name));
         for (const [name, size] of Object.entries({ d: 1024 })) {
           new RustFunction(this, name, { memorySize: size });
         }",
    );
    assert_eq!(names(&project), ["Fast", "Pair/Worker", "a-loop", "b-loop", "c", "d"]);
    assert_eq!(function(&project, "Fast").memory_mb.one(), Some(&512));
    assert!(function(&project, "Fast").env.vars.contains_key("MODE"));
    assert!(function(&project, "Pair/Worker").env.vars.contains_key("QUEUE"));
    assert_eq!(function(&project, "d").memory_mb.one(), Some(&1024));
}

#[test]
fn a_loop_nobody_can_count_is_said() {
    let project = stack("for (const name of (props as any).names) { new RustFunction(this, name, {}); }");
    assert_eq!(names(&project).len(), 1);
    assert!(project.gaps.iter().any(|gap| gap.reason.contains("how often")), "{:?}", project.gaps);
}

#[test]
fn triggers_keep_their_options() {
    let project = stack(
        "const dead = new sqs.Queue(this, 'Dead');
         const jobs = new sqs.Queue(this, 'Jobs', {
           visibilityTimeout: cdk.Duration.minutes(3), deadLetterQueue: { queue: dead, maxReceiveCount: 4 },
         });
         const f = new RustFunction(this, 'F', { timeout: cdk.Duration.seconds(20) });
         f.addEventSource(new sources.SqsEventSource(jobs, { batchSize: 5, reportBatchItemFailures: true }));
         const bucket = new s3.Bucket(this, 'Files');
         f.addEventSource(new sources.S3EventSource(bucket, {
           events: [s3.EventType.OBJECT_CREATED], filters: [{ prefix: 'in/' }],
         }));",
    );
    let queue = project.deploy.queues.iter().find(|queue| queue.visibility_s.one() == Some(&180)).expect("the queue");
    assert_eq!(queue.max_receive.one(), Some(&4));
    assert!(matches!(queue.redrive.one(), Some(Target::Resource(_))));
    let found = triggers(&project, "F");
    let kinds: Vec<TriggerKind> = found.iter().map(|trigger| trigger.kind).collect();
    assert_eq!(kinds, [TriggerKind::Sqs, TriggerKind::S3]);
    let mapping = found[0].mapping().expect("a mapping");
    assert_eq!((mapping.batch_size.one(), mapping.partial_batch.one()), (Some(&5), Some(&true)));
}

#[test]
fn states_become_a_definition() {
    let project = stack(
        "const f = new RustFunction(this, 'F', {});
         const call = new tasks.LambdaInvoke(this, 'Call', { lambdaFunction: f, retryOnServiceExceptions: false });
         call.addCatch(new sfn.Fail(this, 'Failed'), { errors: [sfn.Errors.ALL] });
         const each = new sfn.Map(this, 'Each', { maxConcurrency: 3 });
         each.itemProcessor(new sfn.Pass(this, 'Inner'));
         const definitionBody = sfn.DefinitionBody.fromChainable(call.next(each));
         new sfn.StateMachine(this, 'Machine', { definitionBody });",
    );
    let machine = &project.deploy.machines[0];
    let kinds: Vec<(&str, StateKind)> = machine.states.iter().map(|state| (state.name.as_str(), state.kind)).collect();
    assert!(kinds.contains(&("Call", StateKind::Task)) && kinds.contains(&("Each", StateKind::Map)), "{kinds:?}");
    let call = machine.states.iter().find(|state| state.name == "Call").expect("the task");
    assert_eq!((call.retry.len(), call.catch.len()), (0, 1));
    assert_eq!(triggers(&project, "F")[0].kind, TriggerKind::StepFunctions);
}

#[test]
fn stacks_made_twice_are_read_once_and_differ_where_they_differ() {
    let text = format!(
        "{IMPORTS}
        class Orders extends cdk.Stack {{
          constructor(scope: Construct, id: string, props: {{ memory: number }}) {{
            super(scope, id);
            new RustFunction(this, 'F', {{ memorySize: props.memory, timeout: cdk.Duration.seconds(8) }});
          }}
        }}
        const app = new cdk.App();
        new Orders(app, 'Dev', {{ memory: 128 }});
        new Orders(app, 'Prod', {{ memory: 512 }});"
    );
    let project = project(&[("cdk.json", "{}"), ("app.ts", &text)]);
    assert_eq!(names(&project), ["F"]);
    assert_eq!(function(&project, "F").timeout_s.one(), Some(&8));
    assert_eq!(function(&project, "F").memory_mb.value.candidates().count(), 2);
}

#[test]
fn modules_import_each_other_in_both_languages() {
    let stack = "from aws_cdk import Stack, Duration, aws_lambda as _lambda
from . import names
from .names import limits

class Orders(Stack):
    def __init__(self, scope, construct_id, **kwargs):
        super().__init__(scope, construct_id, **kwargs)
        for name in names.ALL:
            self.make(name, environment={'NAME': name})

    def make(self, name, **more):
        return _lambda.Function(self, name, runtime=_lambda.Runtime.PROVIDED_AL2023, handler='bootstrap',
            code=_lambda.Code.from_asset(f'target/lambda/{name}'), timeout=Duration.seconds(limits['all']), **more)
";
    let project = project(&[
        ("cdk.json", "{\"app\": \"python3 app.py\"}"),
        ("app.py", "import aws_cdk as cdk\nfrom stacks.orders import Orders\napp = cdk.App()\nOrders(app, 'Orders')\n"),
        ("stacks/__init__.py", ""),
        ("stacks/orders.py", stack),
        ("stacks/names.py", "ALL = ['one', 'two']\nlimits = {'all': 21}\n"),
    ]);
    assert_eq!(names(&project), ["one", "two"]);
    let one = function(&project, "one");
    assert_eq!(one.timeout_s.one(), Some(&21));
    assert_eq!(one.runtime.one().map(String::as_str), Some("provided.al2023"));
    assert_eq!(one.package.path.one().map(String::as_str), Some("target/lambda/one"));
    assert!(one.env.vars.contains_key("NAME"));
}

#[test]
fn apps_without_cdk_json_are_found_and_assemblies_win() {
    let text = format!(
        "{IMPORTS}export class A extends cdk.Stack {{ constructor(s: Construct, id: string) {{ super(s, id); new \
         RustFunction(this, 'Here', {{}}); }} }}"
    );
    let found = project(&[("package.json", "{}"), ("lib/a.ts", &text)]);
    assert_eq!(names(&found), ["Here"]);
    assert!(found.gaps.iter().any(|gap| gap.reason.contains("cdk synth")));
    let template = "{\"Resources\": {\"There\": {\"Type\": \"AWS::Lambda::Function\", \"Properties\": {}}}}";
    let synthesised = project(&[
        ("cdk.json", "{}"),
        ("lib/a.ts", &text),
        ("cdk.out/manifest.json", "{}"),
        ("cdk.out/A.template.json", template),
    ]);
    assert_eq!(names(&synthesised), ["There"]);
}

#[test]
fn hostile_programs_end() {
    let deep = format!("const x = {}1{};", "[".repeat(5_000), "]".repeat(5_000));
    let doubling = "let x = 'ab'; for (let i = 0; i < 100; i++) { x = x + x; }
        [1,2,3,4,5,6,7,8,9,10].forEach(a => [1,2,3,4,5,6,7,8,9,10].forEach(b => [1,2,3,4,5,6,7,8,9,10].forEach(c =>
        [1,2,3,4,5,6,7,8,9,10].forEach(d => { x = x + x; new RustFunction(this, 'F' + a + b + c + d, {}); }))));";
    let endless = "const again = (n: number): number => again(n + 1); again(0);
        class Loop extends Construct { constructor(s: Construct) { super(s, 'x'); new Loop(this); } } new Loop(this);";
    for body in [deep.as_str(), doubling, endless] {
        stack(body);
    }
}

#[test]
fn go_spells_the_same_otherwise() {
    let stack = r#"package main

import (
	"fmt"
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambdaeventsources"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

type OrdersProps struct {
	awscdk.StackProps
	Stage string
}

func NewOrders(scope constructs.Construct, id string, props *OrdersProps) awscdk.Stack {
	var sprops awscdk.StackProps
	if props != nil {
		sprops = props.StackProps
	}
	stack := awscdk.NewStack(scope, &id, &sprops)
	queue := awssqs.NewQueue(stack, jsii.String("Jobs"), &awssqs.QueueProps{
		VisibilityTimeout: awscdk.Duration_Minutes(jsii.Number(2)),
	})
	fn := awslambda.NewFunction(stack, jsii.String(fmt.Sprintf("%s-worker", props.Stage)), &awslambda.FunctionProps{
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: awslambda.Architecture_ARM_64(),
		Handler:      jsii.String("bootstrap"),
		Code:         awslambda.Code_FromAsset(jsii.String("../target/lambda/worker"), nil),
		Timeout:      awscdk.Duration_Seconds(jsii.Number(limit)),
		Environment:  &map[string]*string{"QUEUE_URL": queue.QueueUrl()},
	})
	fn.AddEventSource(awslambdaeventsources.NewSqsEventSource(queue, &awslambdaeventsources.SqsEventSourceProps{
		BatchSize: jsii.Number(3),
	}))
	for _, name := range []string{"a", "b"} {
		awssqs.NewQueue(stack, jsii.String(name), nil)
	}
	return stack
}
"#;
    let main = r#"package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

const limit = 19

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	NewOrders(app, "Orders", &OrdersProps{Stage: "dev"})
	app.Synth(nil)
}
"#;
    let project = project(&[
        ("infra/cdk.json", "{\"app\": \"go run .\"}"),
        ("infra/go.mod", "module infra"),
        ("infra/main.go", main),
        ("infra/orders.go", stack),
    ]);
    assert_eq!(names(&project), ["dev-worker"]);
    let worker = function(&project, "dev-worker");
    assert_eq!(worker.timeout_s.one(), Some(&19));
    assert_eq!(worker.architecture.one().map(String::as_str), Some("arm64"));
    assert_eq!(worker.package.path.one().map(String::as_str), Some("../target/lambda/worker"));
    assert!(worker.env.vars["QUEUE_URL"].value.one().is_some());
    let found = triggers(&project, "dev-worker");
    assert_eq!(found[0].mapping().expect("a mapping").batch_size.one(), Some(&3));
    assert_eq!(project.deploy.queues.len(), 3);
}

#[test]
fn modules_know_their_own_place() {
    let text = "import { App, Stack } from 'aws-cdk-lib';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import path from 'path';
import { fileURLToPath } from 'url';
const here = path.dirname(fileURLToPath(import.meta.url));
const stack = new Stack(new App(), 'Orders');
new Function(stack, 'F', {
  runtime: Runtime.PROVIDED_AL2023, handler: 'bootstrap',
  code: Code.fromAsset(path.join(here, '..', 'target', 'lambda', 'f')),
});
";
    let project = project(&[("infra/cdk.json", "{}"), ("infra/bin/app.ts", text)]);
    assert_eq!(function(&project, "F").package.path.one().map(String::as_str), Some("target/lambda/f"));
}

#[test]
fn java_builds_what_others_write() {
    let app = "package shop;
import software.amazon.awscdk.App;

public class ShopApp {
    public static void main(final String[] args) {
        App app = new App();
        new OrdersStack(app, \"Orders\", null);
        app.synth();
    }
}
";
    let stack = "package shop;
import software.amazon.awscdk.*;
import software.amazon.awscdk.services.lambda.*;
import software.amazon.awscdk.services.lambda.eventsources.SqsEventSource;
import software.amazon.awscdk.services.lambda.eventsources.SqsEventSourceProps;
import software.amazon.awscdk.services.sqs.Queue;
import software.constructs.Construct;
import java.util.Map;
import shop.parts.Limits;

public class OrdersStack extends Stack {
    private final Queue queue;
    private static final int MEMORY = 256;

    public OrdersStack(final Construct scope, final String id) {
        this(scope, id, null);
    }

    public OrdersStack(final Construct scope, final String id, final StackProps props) {
        super(scope, id, props);
        this.queue = Queue.Builder.create(this, \"Jobs\").visibilityTimeout(Duration.minutes(2)).build();
        Function fn = worker(\"Worker\");
        fn.addEventSource(new SqsEventSource(queue, SqsEventSourceProps.builder().batchSize(4).build()));
    }

    private Function worker(String name) {
        return Function.Builder.create(this, name)
            .runtime(Runtime.PROVIDED_AL2023)
            .handler(\"bootstrap\")
            .code(Code.fromAsset(\"../target/lambda/worker\"))
            .memorySize(MEMORY)
            .timeout(Duration.seconds(Limits.SECONDS))
            .environment(Map.of(\"QUEUE_URL\", queue.getQueueUrl()))
            .build();
    }
}
";
    let limits = "package shop.parts;
public class Limits { public static final int SECONDS = 18; }
";
    let project = project(&[
        ("infra/cdk.json", "{\"app\": \"mvn -e -q compile exec:java\"}"),
        ("infra/pom.xml", "<project/>"),
        ("infra/src/main/java/shop/ShopApp.java", app),
        ("infra/src/main/java/shop/OrdersStack.java", stack),
        ("infra/src/main/java/shop/parts/Limits.java", limits),
    ]);
    assert_eq!(names(&project), ["Worker"]);
    let worker = function(&project, "Worker");
    assert_eq!((worker.timeout_s.one(), worker.memory_mb.one()), (Some(&18), Some(&256)));
    assert_eq!(worker.package.path.one().map(String::as_str), Some("../target/lambda/worker"));
    assert!(worker.env.vars["QUEUE_URL"].value.one().is_some());
    assert_eq!(triggers(&project, "Worker")[0].mapping().expect("a mapping").batch_size.one(), Some(&4));
    assert_eq!(project.deploy.queues[0].visibility_s.one(), Some(&120));
}
