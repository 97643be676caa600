//! The deployment frontends on what people write in each dialect: what a function's settings are in the end, what
//! invokes it, and what stays unknown.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

mod told;

use faaslint::deployments::{self, Choices};
use faaslint::knowledge::platforms;
use faaslint::model::deployments::machine::{Pattern, Service};
use faaslint::model::deployments::{Function, Lambda, Trigger};
use faaslint::model::{Known, Origin, Project};
use faaslint::tree::Memory;

fn project_with(choices: &Choices, files: &[(&str, &str)]) -> Project {
    let tree = Memory::new(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
    let mut project = Project::default();
    deployments::read(&tree, platforms(), choices, &mut project);
    project
}

fn project(files: &[(&str, &str)]) -> Project {
    project_with(&Choices::default(), files)
}

fn terraform(text: &str) -> Project {
    project(&[("main.tf", text)])
}

fn function<'p>(project: &'p Project, name: &str) -> &'p Function {
    let id = project.deploy.function_ids().find(|&id| project.deploy.function_name(id) == name);
    let names: Vec<&str> = project.deploy.function_ids().map(|id| project.deploy.function_name(id)).collect();
    project.deploy.function(id.unwrap_or_else(|| panic!("`{name}` is among {names:?}; gaps {:?}", project.gaps)))
}

/// What a function has as a Lambda function.
fn lambda<'p>(project: &'p Project, name: &str) -> &'p Lambda {
    function(project, name).aws().expect("a Lambda function")
}

fn timeout(project: &Project, name: &str) -> Option<i64> {
    function(project, name).timeout_s.one().copied()
}

fn triggers<'p>(project: &'p Project, name: &str) -> Vec<&'p Trigger> {
    let id = project.deploy.function_ids().find(|&id| project.deploy.function_name(id) == name).expect("the function");
    project.deploy.triggers_of(id).collect()
}

/// One function whose timeout is an expression.
fn timeout_of(expression: &str) -> Known<i64> {
    let text = format!(
        "variable \"given\" {{\n default = 7\n}}\nvariable \"open\" {{}}\n\
         locals {{\n n = {{ a = 1, b = 20 }}\n l = [3, 4, 5]\n}}\n\
         resource \"aws_lambda_function\" \"g\" {{}}\nresource \"aws_lambda_function\" \"f\" {{\n function_name \
         = \"f\"\n timeout = {expression}\n}}\n"
    );
    function(&terraform(&text), "aws_lambda_function.f").timeout_s.value.clone()
}

#[test]
fn terraform_expressions_have_the_value_terraform_gives_them() {
    for (expression, value) in [
        ("local.n.b", 20),
        ("local.n[\"a\"] + 1", 2),
        ("local.l[1]", 4),
        ("element(local.l, 4)", 4),
        ("length(local.l) * 2", 6),
        ("var.given > 5 ? 60 : 30", 60),
        ("max(local.l...)", 5),
        ("lookup(local.n, \"c\", 9)", 9),
        ("try(local.n.b, 1)", 20),
        ("coalesce(null, 12)", 12),
        ("tonumber(\"15\")", 15),
        ("[for k, v in local.n : v if k == \"b\"][0]", 20),
        ("{ for k, v in local.n : upper(k) => v * 2 }[\"B\"]", 40),
        ("sum_is_not_known_to_us_but_try(1) == 1 ? 5 : 5", 5),
        ("jsondecode(\"{\\\"t\\\": 33}\").t", 33),
        ("tonumber(split(\"-\", \"a-18\")[1])", 18),
        ("merge(local.n, { b = 21 }).b", 21),
        ("flatten([local.l, [6]])[3]", 6),
        ("values(local.n)[0]", 1),
        ("tonumber(trimsuffix(format(\"%d%s\", 4, \"s\"), \"s\"))", 4),
        ("ceil(6.2)", 7),
        ("contains(keys(local.n), \"a\") ? 8 : 9", 8),
        ("-(-11)", 11),
        ("900 % 7", 4),
        ("[var.open] != null ? 31 : 30", 31),
        ("lookup({ a = var.open }, \"b\", null) == null ? 17 : 18", 17),
        ("element(concat([aws_lambda_function.g.arn], [\"\"]), 0) == null ? 1 : 2", 2),
        ("try(local.n.zzz, 6)", 6),
    ] {
        assert_eq!(timeout_of(expression).one(), Some(&value), "{expression}");
    }
}

#[test]
fn what_terraform_decides_at_deploy_time_stays_unknown() {
    for expression in
        ["var.open", "data.external.x.result", "local.missing", "var.open + 1", "somefunction(3)", "local.l[9]"]
    {
        assert_eq!(timeout_of(expression).one(), None, "{expression}");
        assert!(matches!(timeout_of(expression), Known::Opaque(..)), "{expression}");
    }
    // Both arms are possible.
    assert_eq!(
        timeout_of("var.open == \"x\" ? 10 : 20").candidates().map(|arm| arm.value).collect::<Vec<_>>(),
        [10, 20]
    );
    // An absent value takes the platform's default.
    assert_eq!(timeout_of("null").one(), Some(&3));
}

#[test]
fn terraform_says_who_supplied_a_value() {
    let text = "variable \"t\" {\n default = 7\n}\nresource \"aws_lambda_function\" \"f\" {\n timeout = var.t\n}";
    let project_of_one = terraform(text);
    let origin = &function(&project_of_one, "aws_lambda_function.f").timeout_s.origin;
    assert!(matches!(origin, Origin::ParameterDefault(name, _) if name == "variable `t`"));
    let files = [
        ("main.tf", text),
        ("terraform.tfvars", "t = 9\n"),
        ("prod.tfvars", "t = 30\n"),
        ("a.auto.tfvars", "other = 1\n"),
    ];
    let project = project(&files);
    assert_eq!(timeout(&project, "aws_lambda_function.f"), Some(9));
    let origin = &function(&project, "aws_lambda_function.f").timeout_s.origin;
    assert!(matches!(origin, Origin::Inherited(scope, _) if scope.contains("tfvars")));
    let choices = Choices { var_files: vec!["prod.tfvars".to_owned()], ..Choices::default() };
    assert_eq!(timeout(&project_with(&choices, &files), "aws_lambda_function.f"), Some(30));
}

#[test]
fn terraform_blocks_multiply() {
    let project = terraform(
        "locals {\n fs = { a = 5, b = 6 }\n}\n\
         resource \"aws_lambda_function\" \"each\" {\n for_each = local.fs\n function_name = each.key\n timeout = \
         each.value\n}\n\
         resource \"aws_lambda_function\" \"some\" {\n count = 2\n timeout = count.index + 10\n}\n\
         resource \"aws_lambda_function\" \"none\" {\n count = 0\n}\n\
         resource \"aws_lambda_function\" \"set\" {\n for_each = toset([\"x\"])\n function_name = each.value\n}\n\
         resource \"aws_sqs_queue\" \"q\" {\n name = \"q\"\n}\n\
         resource \"aws_lambda_event_source_mapping\" \"m\" {\n event_source_arn = aws_sqs_queue.q.arn\n function_name \
         = aws_lambda_function.each[\"b\"].arn\n}\n",
    );
    assert_eq!(timeout(&project, "aws_lambda_function.each[\"a\"]"), Some(5));
    assert_eq!(timeout(&project, "aws_lambda_function.some[1]"), Some(11));
    assert_eq!(project.deploy.functions.len(), 5);
    assert_eq!(triggers(&project, "aws_lambda_function.each[\"b\"]").len(), 1);
    assert!(triggers(&project, "aws_lambda_function.each[\"a\"]").is_empty());
}

#[test]
fn terraform_modules_hand_values_in_and_out() {
    let project = project(&[
        (
            "main.tf",
            "module \"a\" {\n source = \"./mod\"\n settings = { timeout = 44 }\n queue = aws_sqs_queue.q.arn\n}\n\
             resource \"aws_sqs_queue\" \"q\" {\n name = \"q\"\n redrive_policy = jsonencode({ deadLetterTargetArn = \
             module.a.dead, maxReceiveCount = 3 })\n}\n\
             module \"remote\" {\n source = \"git::https://example.com/x.git\"\n}\n",
        ),
        (
            "mod/main.tf",
            "variable \"settings\" {\n type = object({ timeout = optional(number, 1), memory = optional(number, 512) \
             })\n}\nvariable \"queue\" {}\n\
             resource \"aws_lambda_function\" \"f\" {\n timeout = var.settings.timeout\n memory_size = \
             var.settings.memory\n}\n\
             resource \"aws_lambda_event_source_mapping\" \"m\" {\n event_source_arn = var.queue\n function_name = \
             aws_lambda_function.f.function_name\n}\n\
             resource \"aws_sqs_queue\" \"dead\" {}\noutput \"dead\" {\n value = aws_sqs_queue.dead.arn\n}\n",
        ),
    ]);
    assert_eq!(timeout(&project, "module.a.aws_lambda_function.f"), Some(44));
    assert_eq!(function(&project, "module.a.aws_lambda_function.f").memory_mb.one(), Some(&512));
    let source = triggers(&project, "module.a.aws_lambda_function.f")[0].source.clone();
    let queue = project.deploy.queue_at(&source).expect("the queue of the root");
    let dead = project.deploy.queue_at(&queue.redrive.value).expect("the queue of the module");
    assert!(dead.is_dead_letter && !queue.is_dead_letter);
    assert!(project.gaps.iter().any(|gap| gap.reason.contains("module `remote`")), "{:?}", project.gaps);
}

#[test]
fn the_published_lambda_module_is_known_by_its_inputs() {
    let project = terraform(
        "module \"orders\" {\n source = \"terraform-aws-modules/lambda/aws\"\n version = \"~> 7.0\"\n function_name \
         = \"orders\"\n timeout = 12\n\
         create_lambda_function_url = true\n event_source_mapping = {\n sqs = { event_source_arn = \
         aws_sqs_queue.q.arn, function_response_types = [\"ReportBatchItemFailures\"] }\n }\n\
         allowed_triggers = { topic = { service = \"sns\" } }\n}\n\
         module \"layer\" {\n source = \"terraform-aws-modules/lambda/aws\"\n create_layer = true\n create_function = \
         false\n}\n\
         resource \"aws_sqs_queue\" \"q\" {}\n\
         resource \"aws_cloudwatch_event_rule\" \"r\" {\n schedule_expression = \"rate(1 day)\"\n}\n\
         resource \"aws_cloudwatch_event_target\" \"t\" {\n rule = aws_cloudwatch_event_rule.r.name\n arn = \
         module.orders.lambda_function_arn\n input = \"{}\"\n}\n",
    );
    assert_eq!(project.deploy.functions.len(), 1);
    assert_eq!(timeout(&project, "module.orders"), Some(12));
    let url = lambda(&project, "module.orders").url.as_ref().expect("a function URL");
    assert_eq!(url.auth.one().map(String::as_str), Some("NONE"));
    let mut kinds: Vec<&str> = triggers(&project, "module.orders").iter().map(|trigger| trigger.kind.word()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["schedule", "sns", "sqs"]);
    let mapped = triggers(&project, "module.orders").into_iter().find_map(|trigger| trigger.mapping().cloned());
    assert_eq!(mapped.expect("a mapping").partial_batch.one(), Some(&true));
}

#[test]
fn terraform_in_json_and_permissions_written_apart() {
    let project = project(&[
        (
            "main.tf.json",
            r#"{"resource": {"aws_lambda_function": {"f": {"timeout": "${local.t * 2}", "role": "${aws_iam_role.r.arn}",
                "environment": {"variables": {"Q": "${aws_sqs_queue.q.url}"}}}}, "aws_sqs_queue": {"q": {}}},
                "locals": {"t": 4}}"#,
        ),
        (
            "iam.tf",
            "resource \"aws_iam_role\" \"r\" {}\n\
             resource \"aws_iam_role_policy\" \"p\" {\n role = aws_iam_role.r.id\n policy = <<EOF\n\
             {\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sqs:SendMessage\", \"Resource\": \
             \"${aws_sqs_queue.q.arn}\"}]}\nEOF\n}\n\
             resource \"aws_iam_policy\" \"m\" {\n policy = data.aws_iam_policy_document.d.json\n}\n\
             resource \"aws_iam_role_policy_attachment\" \"a\" {\n role = aws_iam_role.r.name\n policy_arn = \
             aws_iam_policy.m.arn\n}\n\
             data \"aws_iam_policy_document\" \"d\" {\n statement {\n actions = [\"s3:GetObject\"]\n resources = \
             [\"*\"]\n }\n}\n",
        ),
    ]);
    let lambda = lambda(&project, "aws_lambda_function.f");
    let function = function(&project, "aws_lambda_function.f");
    assert_eq!(function.timeout_s.one(), Some(&8));
    assert!(function.env.vars.contains_key("Q"));
    let actions: Vec<&str> =
        lambda.role.statements.iter().flat_map(|statement| &statement.actions).map(String::as_str).collect();
    assert_eq!(actions, ["s3:GetObject", "sqs:SendMessage"]);
    assert!(lambda.role.closed);
}

#[test]
fn a_plan_knows_what_the_configuration_leaves_open() {
    let text =
        "variable \"t\" {}\nresource \"aws_lambda_function\" \"f\" {\n for_each = var.names\n timeout = var.t\n}\n";
    let plan = r#"{"planned_values": {"root_module": {"resources": [
        {"address": "aws_lambda_function.f[\"a\"]", "type": "aws_lambda_function",
         "values": {"timeout": 25, "memory_size": 128}},
        {"address": "aws_lambda_function.f[\"b\"]", "type": "aws_lambda_function",
         "values": {"timeout": 26, "memory_size": 128}}]}}}"#;
    let choices = Choices { plan: Some("plan.json".to_owned()), ..Choices::default() };
    let project = project_with(&choices, &[("main.tf", text), ("plan.json", plan)]);
    assert_eq!(timeout(&project, "aws_lambda_function.f[\"b\"]"), Some(26));
    // The provider's default for memory is nobody's choice.
    assert!(function(&project, "aws_lambda_function.f[\"a\"]").memory_mb.origin.is_default());
    let broken = project_with(&choices, &[("main.tf", text), ("plan.json", "{}")]);
    assert!(broken.gaps.iter().any(|gap| gap.path == "plan.json"), "{:?}", broken.gaps);
}

#[test]
fn hostile_terraform_is_a_gap_and_ends() {
    let mut text = "locals {\n a0 = [\"x\"]\n t0 = \"xxxxxxxx\"\n".to_owned();
    for index in 1..200 {
        let before = index - 1;
        text += &format!(
            " a{index} = [local.a{before}, local.a{before}]\n t{index} = \"${{local.t{before}}}${{local.t{before}}}\"\n"
        );
    }
    text += " c = local.d\n d = local.c\n}\nresource \"aws_sqs_queue\" \"a\" {\n name = local.t199\n \
             visibility_timeout_seconds = local.c\n redrive_policy = jsonencode(local.a199)\n}\n\
             resource \"aws_sqs_queue\" \"self\" {\n for_each = aws_sqs_queue.self\n}\n\
             module \"m\" {\n source = \"./m\"\n}\n";
    let deep = format!("locals {{\n z = {}1{}\n}}\n", "[".repeat(5000), "]".repeat(5000));
    let project = project(&[
        ("main.tf", text.as_str()),
        ("deep.tf", deep.as_str()),
        ("broken.tf", "resource \"aws_x\" {{{{"),
        ("m/main.tf", "module \"again\" {\n source = \"../m\"\n for_each = toset([\"a\", \"b\", \"c\"])\n}\n"),
    ]);
    // A block that multiplies by itself is one of unknown number.
    assert_eq!(project.deploy.queues.len(), 2);
    for path in ["broken.tf", "deep.tf", "main.tf"] {
        assert!(project.gaps.iter().any(|gap| gap.path == path && gap.line > 0), "{path}: {:?}", project.gaps);
    }
}

const SERVICE: &str = "service: shop\nprovider: {name: aws, runtime: provided.al2023, memorySize: 256}\n";

#[test]
fn the_serverless_framework_resolves_its_variables() {
    let text = format!(
        "{SERVICE}custom:\n  t: {{dev: 8, prod: 40}}\n  other: ${{file(more.yml):deep}}\n\
         params: {{default: {{m: 300}}, prod: {{m: 900}}}}\n\
         functions:\n  a: {{handler: x, timeout: '${{self:custom.t.${{sls:stage}}}}'}}\n  b: {{handler: x, timeout: \
         '${{opt:nope, self:custom.other.t}}', memorySize: '${{param:m}}'}}\n\
         \x20 c: {{handler: x, timeout: '${{env:T}}'}}\n  d: {{handler: x, timeout: '${{env:T, 21}}'}}\n"
    );
    let files = [("serverless.yml", text.as_str()), ("more.yml", "deep: {t: 13}\n")];
    let dev = project(&files);
    assert_eq!(timeout(&dev, "a"), Some(8));
    assert_eq!(timeout(&dev, "b"), Some(13));
    assert_eq!(function(&dev, "b").memory_mb.one(), Some(&300));
    assert!(matches!(function(&dev, "c").timeout_s.value, Known::Opaque(..)));
    assert!(matches!(&function(&dev, "d").timeout_s.origin, Origin::ParameterDefault(name, _) if name.contains("`T`")));
    assert!(matches!(&function(&dev, "a").memory_mb.origin, Origin::Inherited(scope, _) if scope == "`provider`"));
    let choices = Choices { stage: Some("prod".to_owned()), ..Choices::default() };
    let prod = project_with(&choices, &files);
    assert_eq!(timeout(&prod, "a"), Some(40));
    assert_eq!(function(&prod, "b").memory_mb.one(), Some(&900));
}

#[test]
fn serverless_events_are_the_triggers_the_framework_makes() {
    let text = format!(
        "{SERVICE}functions:\n  put-order:\n    handler: x\n    onError: arn:aws:sns:eu-west-1:1:dead\n    url: \
         true\n    events:\n\
         \x20     - http: {{path: a, method: get, async: true}}\n      - httpApi: '*'\n      - sqs: \
         arn:aws:sqs:eu-west-1:1:jobs\n\
         \x20     - stream: arn:aws:dynamodb:eu-west-1:1:table/t/stream/x\n      - sns: topic\n      - schedule: \
         rate(1 hour)\n\
         \x20     - eventBridge: {{schedule: rate(1 day), input: {{a: 1}}}}\n      - s3: {{bucket: pics, event: \
         's3:ObjectRemoved:*', rules: [{{prefix: up/}}]}}\n\
         \x20     - websocket: $connect\n      - alb: {{listenerArn: x, priority: 1}}\n\
         resources:\n  extensions:\n    PutDashorderLambdaFunction: {{Properties: {{Timeout: 99}}}}\n"
    );
    let project = project(&[("serverless.yml", text.as_str())]);
    let found = triggers(&project, "put-order");
    let kinds: Vec<&str> = found.iter().map(|trigger| trigger.kind.word()).collect();
    assert_eq!(kinds, ["rest", "http", "sqs", "dynamodb", "sns", "schedule", "schedule", "s3", "websocket", "alb"]);
    assert_eq!(found[0].route().and_then(|route| route.asynchronous.one()), Some(&true));
    assert!(found[6].transformed && !found[5].transformed);
    assert_eq!(found[3].mapping().and_then(|mapping| mapping.batch_size.one()), Some(&10));
    assert!(found[7].objects().is_some_and(|filter| !filter.created && filter.prefix.as_deref() == Some("up/")));
    assert_eq!(timeout(&project, "put-order"), Some(99));
    assert!(lambda(&project, "put-order").async_config.dead_letter.value.one().is_some());
}

#[test]
fn other_providers_and_broken_services_are_gaps() {
    let project = project(&[
        ("a/serverless.yml", "service: x\nprovider: {name: google}\nfunctions: {f: {handler: x}}\n"),
        (
            "b/serverless.yml",
            "service: x\nprovider: {name: aws}\nfunctions: {f: {handler: x, timeout: '${self:custom.loop}'}}\n\
             custom: {loop: '${self:custom.loop}'}\n",
        ),
        ("c/serverless.yml", "service: [\n"),
    ]);
    assert_eq!(project.deploy.functions.len(), 1);
    for path in ["a/serverless.yml", "b/serverless.yml", "c/serverless.yml"] {
        assert!(project.gaps.iter().any(|gap| gap.path == path), "{path}: {:?}", project.gaps);
    }
}

#[test]
fn state_machines_are_read_wherever_their_definition_is() {
    let state = |resource: &str| {
        format!(r#"{{"StartAt": "A", "States": {{"A": {{"Type": "Task", "Resource": "{resource}", "End": true}}}}}}"#)
    };
    let (sub, file) = (state("${F.Arn}"), state("${Name}"));
    let template = format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {{Type: AWS::Lambda::Function, Properties: {{Runtime: \
         python3.13}}}}\n\
         \x20 Inline: {{Type: AWS::StepFunctions::StateMachine, Properties: {{DefinitionString: !Sub '{sub}'}}}}\n\
         \x20 Joined: {{Type: AWS::StepFunctions::StateMachine, Properties: {{DefinitionString: !Join ['', \
         ['{{\"StartAt\": \"A\", \"States\": {{\"A\": {{\"Type\": \"Task\", \"Resource\": \"', !GetAtt F.Arn, \
         '\", \"End\": true}}}}}}']]}}}}\n\
         \x20 Filed: {{Type: AWS::Serverless::StateMachine, Properties: {{Type: EXPRESS, DefinitionUri: \
         sfn/a.asl.json, DefinitionSubstitutions: {{Name: !GetAtt F.Arn}}}}}}\n\
         \x20 Lost: {{Type: AWS::Serverless::StateMachine, Properties: {{DefinitionUri: sfn/missing.json}}}}\n"
    );
    let project = project(&[("template.yaml", template.as_str()), ("sfn/a.asl.json", file.as_str())]);
    assert_eq!(project.deploy.machines.len(), 3, "{:?}", project.gaps);
    for machine in &project.deploy.machines {
        let task = machine.states[0].task.as_ref().expect("a task");
        assert!(matches!(&task.service, Service::Lambda(Known::Is(_))), "{}: {task:?}", machine.name);
        assert_eq!(machine.is_express(), machine.name == "Filed");
    }
    assert_eq!(triggers(&project, "F").len(), 3);
    assert!(project.gaps.iter().any(|gap| gap.reason.contains("missing.json")), "{:?}", project.gaps);
}

#[test]
fn states_know_where_they_lead() {
    let definition = "
StartAt: Choose
TimeoutSeconds: 60
States:
  Choose: {Type: Choice, Choices: [{Variable: $.a, IsNull: true, Next: Both}], Default: Ask}
  Ask: {Type: Task, Resource: 'arn:aws:states:::aws-sdk:sqs:sendMessage.waitForTaskToken', HeartbeatSeconds: 5, Next: \
  Each}
  Both:
    Type: Parallel
    Branches: [{StartAt: P, States: {P: {Type: Pass, End: true}}}]
    Catch: [{ErrorEquals: [States.ALL], Next: Failed}]
    Next: Ask
  Each:
    Type: Map
    MaxConcurrency: 4
    ItemProcessor: {ProcessorConfig: {Mode: DISTRIBUTED}, StartAt: Job, States: {Job: {Type: Task, Resource: \
    'arn:aws:states:::glue:startJobRun.sync', End: true}}}
    End: true
  Failed: {Type: Fail}
";
    let project = project(&[
        (
            "t.yaml",
            "Resources:\n  M: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: m.asl.yaml}}\n\
             Transform: AWS::Serverless-2016-10-31\n",
        ),
        ("m.asl.yaml", definition),
    ]);
    let machine = &project.deploy.machines[0];
    let at = |name: &str| machine.states.iter().position(|state| state.name == name).expect(name);
    assert_eq!(machine.start, Some(at("Choose")));
    assert_eq!(machine.states[at("Choose")].next, [at("Ask"), at("Both")]);
    assert_eq!(machine.states[at("P")].parent, Some(at("Both")));
    assert_eq!(machine.states[at("Both")].catch[0].next, Some(at("Failed")));
    assert!(machine.states[at("Each")].distributed && machine.states[at("Each")].max_concurrency.one() == Some(&4));
    let task = |name: &str| machine.states[at(name)].task.clone().expect("a task");
    assert_eq!(
        (task("Ask").pattern, task("Ask").service),
        (Pattern::TaskToken, Service::Other("sqs".to_owned(), "sendMessage".to_owned()))
    );
    assert_eq!(task("Job").pattern, Pattern::Sync);
}

#[test]
fn terraform_leaves_what_others_manage() {
    let project = terraform(
        "resource \"aws_lambda_function\" \"f\" {\n environment {\n variables = { A = \"1\" }\n }\n lifecycle {\n \
         ignore_changes = [environment[0].variables, filename]\n }\n}\n",
    );
    assert!(function(&project, "aws_lambda_function.f").env.open.is_some());
    // The default of a variable is not all there may be.
    let text = "variable \"more\" {\n default = {}\n}\nresource \"aws_lambda_function\" \"f\" {\n environment {\n \
                variables = merge({ A = \"1\" }, MORE)\n }\n}\n";
    let env = |more: &str| function(&terraform(&text.replace("MORE", more)), "aws_lambda_function.f").env.clone();
    assert!(env("var.more").open.is_some() && env("var.more").vars.contains_key("A"));
    assert!(env("{}").open.is_none());
}

#[test]
fn operations_of_an_openapi_document_are_routes() {
    let body = "paths: {'/orders/{id}': {get: {x-amazon-apigateway-integration: {type: aws_proxy, timeoutInMillis: \
                5000, uri: !Sub \
                'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations'}}}}";
    let text = format!(
        "Resources:\n  F: {{Type: AWS::Lambda::Function, Properties: {{Runtime: python3.13}}}}\n  A:\n    Type: \
         AWS::ApiGateway::RestApi\n    Properties:\n      Body: {{{body}}}\n"
    );
    let project = project(&[("template.yaml", text.as_str())]);
    let found = triggers(&project, "F");
    let route = found[0].route().expect("a route");
    assert_eq!(route.path.one().map(String::as_str), Some("/orders/{id}"));
    assert_eq!(route.method.one().map(String::as_str), Some("GET"));
    assert_eq!(route.integration_timeout_ms.one(), Some(&5000));
}

#[test]
fn subnets_know_whether_they_lead_out() {
    let network = |route: &str| {
        format!(
            "resource \"aws_lambda_function\" \"f\" {{\n vpc_config {{\n subnet_ids = aws_subnet.a[*].id\n }}\n}}\n\
             resource \"aws_subnet\" \"a\" {{\n count = 2\n}}\n\
             resource \"aws_route_table\" \"t\" {{\n route {{\n cidr_block = \"0.0.0.0/0\"\n {route} = \"x\"\n }}\n}}\n\
             resource \"aws_route_table_association\" \"t\" {{\n count = 2\n subnet_id = \
             aws_subnet.a[count.index].id\n route_table_id = aws_route_table.t.id\n}}\n\
             resource \"aws_vpc_endpoint\" \"s3\" {{\n service_name = \"com.amazonaws.${{var.region}}.s3\"\n}}\n"
        )
    };
    for (route, out) in [("nat_gateway_id", true), ("gateway_id", false)] {
        let project = terraform(&network(route));
        let vpc = lambda(&project, "aws_lambda_function.f").vpc.clone().expect("a VPC");
        assert!(vpc.complete && vpc.subnets.len() == 2, "{vpc:?}");
        assert!(vpc.subnets.iter().all(|subnet| project.deploy.ways_out.get(subnet) == Some(&out)), "{route}");
        assert_eq!(project.deploy.endpoints, ["s3"]);
    }
    let elsewhere =
        terraform("resource \"aws_lambda_function\" \"f\" {\n vpc_config {\n subnet_ids = var.subnets\n }\n}\n");
    assert!(!lambda(&elsewhere, "aws_lambda_function.f").vpc.clone().expect("a VPC").complete);
}

#[test]
fn a_definition_that_no_template_names_is_read_by_itself() {
    let text = r#"{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": {"odd": [1]}}, "End": true}}}"#;
    let project = project(&[("steps.asl.json", text), ("template.yaml", "Resources: [\n")]);
    assert_eq!(project.deploy.machines.len(), 1);
    assert_eq!(project.deploy.machines[0].states[0].name, "A");
}
