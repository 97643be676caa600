//! Published modules that make functions, known by their inputs: `terraform-aws-modules/lambda`.

use super::combine::pairs;
use super::made::{Made, Output, dig, set_path};
use super::modules::Configuration;
use super::value::{Map, ModuleId, Val, ValKind};
use crate::document::hcl::Block;
use crate::knowledge::{TerraformAttributes, TerraformModule, terraform};
use crate::model::Origin;
use crate::text::Span;

/// Adds what a call makes.
pub(crate) fn read(
    configuration: &Configuration<'_>,
    module: ModuleId,
    block: &Block,
    known: &str,
    output: &mut Output,
) {
    let Some(rule) = terraform().modules.get(known) else { return };
    let instance = configuration.instance(module);
    let name = block.labels.first().map_or("", String::as_str);
    for copy in configuration.copies(block, module).iter() {
        let inputs = configuration.body(&block.body, &copy.scope);
        let address = format!("{}module.{name}{}", instance.address, copy.suffix);
        let off = |switch: &String| truth(&inputs, switch) == Some(false);
        if rule.switches.iter().any(off) || truth(&inputs, &rule.layers) == Some(true) {
            continue;
        }
        one((known, rule), &inputs, &address, block.span, output);
    }
}

fn truth(inputs: &Map, name: &str) -> Option<bool> {
    inputs.get(name).and_then(|entry| entry.value.as_bool())
}

fn one((name, rule): (&str, &TerraformModule), inputs: &Map, address: &str, span: Span, output: &mut Output) {
    let mut properties = Map::default();
    let attributes =
        TerraformAttributes { attributes: rule.function.clone(), unset: rule.unset.clone(), ..Default::default() };
    attributes.write(inputs, &mut properties);
    // `source_path` may be a list of paths or of objects with a path.
    if let Some(entry) = dig(&properties, "Code").cloned() {
        let first = match &entry.value.kind {
            ValKind::List(items) => items.first().cloned(),
            _ => Some(entry.value.clone()),
        };
        let path = first.map(|value| match value.object().and_then(|map| map.get("path")) {
            Some(inner) => inner.value.clone(),
            None => value,
        });
        if let Some(path) = path {
            properties.set(super::value::MapEntry { value: path, ..entry });
        }
    }
    output.made.push(Made {
        address: address.to_owned(),
        type_name: "AWS::Lambda::Function".to_owned(),
        span,
        properties,
    });
    let function = || Val::new(ValKind::Attribute(address.into(), "lambda_function_arn".into()), span);
    mappings(rule, inputs, address, &function, output);
    triggers(rule, inputs, address, span, &function, output);
    if truth(inputs, &rule.url.switch) == Some(true) {
        let mut url = Map::default();
        set_path(&mut url, "TargetFunctionArn", span, function());
        let auth = inputs.get(&rule.url.authorization).map(|entry| (entry.key_span, entry.value.clone()));
        let (key, auth) = auth.unwrap_or_else(|| {
            let origin = Origin::ToolDefault(format!("the module {name}"));
            (span, Val::text(rule.url.default.as_str(), span).seen_at(span, Some(origin)))
        });
        set_path(&mut url, "AuthType", key, auth);
        if let Some(entry) = inputs.get(&rule.url.invoke_mode) {
            set_path(&mut url, "InvokeMode", entry.key_span, entry.value.clone());
        }
        push(output, format!("{address}.function_url"), "AWS::Lambda::Url", span, url);
    }
    if truth(inputs, &rule.asynchronous.switch) == Some(true) {
        let mut config = Map::default();
        set_path(&mut config, "FunctionName", span, function());
        let attributes = TerraformAttributes { attributes: rule.asynchronous.attributes.clone(), ..Default::default() };
        attributes.write(inputs, &mut config);
        push(output, format!("{address}.event_invoke_config"), "AWS::Lambda::EventInvokeConfig", span, config);
    }
}

fn push(output: &mut Output, address: String, type_name: &str, span: Span, properties: Map) {
    output.made.push(Made { address, type_name: type_name.to_owned(), span, properties });
}

/// `event_source_mapping = { name = { … } }`, with the attributes of the resource of that name.
fn mappings(rule: &TerraformModule, inputs: &Map, address: &str, function: &dyn Fn() -> Val, output: &mut Output) {
    let Some(attributes) = terraform().resources.get("aws_lambda_event_source_mapping") else { return };
    let Some(entry) = inputs.get(&rule.mappings) else { return };
    let Some(list) = pairs(&entry.value) else {
        output
            .gaps
            .push((entry.value.span, format!("the event source mappings of `{address}` are decided at deploy time")));
        return;
    };
    for (key, value) in list {
        let Some(body) = value.object() else { continue };
        let mut properties = Map::default();
        attributes.own.write(body, &mut properties);
        // The module flattens the destination (main.tf, aws_lambda_event_source_mapping).
        if let Some(destination) = body.get("destination_arn_on_failure") {
            let path = "DestinationConfig.OnFailure.Destination";
            set_path(&mut properties, path, destination.key_span, destination.value.clone());
        }
        set_path(&mut properties, "FunctionName", key.span, function());
        let name = key.scalar().unwrap_or_default();
        push(
            output,
            format!("{address}.event_source_mapping[\"{name}\"]"),
            "AWS::Lambda::EventSourceMapping",
            key.span,
            properties,
        );
    }
}

/// `allowed_triggers = { name = { service = "sns" } }`.
fn triggers(
    rule: &TerraformModule,
    inputs: &Map,
    address: &str,
    span: Span,
    function: &dyn Fn() -> Val,
    output: &mut Output,
) {
    let Some(entry) = inputs.get(&rule.triggers) else { return };
    let Some(list) = pairs(&entry.value) else {
        let mut properties = Map::default();
        set_path(&mut properties, "FunctionName", span, function());
        push(output, format!("{address}.allowed_triggers"), "AWS::Lambda::Permission", entry.key_span, properties);
        return;
    };
    for (key, value) in list {
        let Some(body) = value.object() else { continue };
        let principal = body.get("principal").map(|entry| entry.value.clone()).or_else(|| {
            let service = body.get("service")?.value.scalar()?;
            Some(Val::text(format!("{service}.amazonaws.com"), key.span))
        });
        let Some(principal) = principal else { continue };
        let mut properties = Map::default();
        set_path(&mut properties, "FunctionName", span, function());
        set_path(&mut properties, "Principal", key.span, principal);
        if let Some(source) = body.get("source_arn") {
            set_path(&mut properties, "SourceArn", source.key_span, source.value.clone());
        }
        let name = key.scalar().unwrap_or_default();
        push(
            output,
            format!("{address}.allowed_triggers[\"{name}\"]"),
            "AWS::Lambda::Permission",
            key.span,
            properties,
        );
    }
}
