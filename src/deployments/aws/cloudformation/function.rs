//! Functions: `AWS::Serverless::Function` with its `Globals`, and `AWS::Lambda::Function`.

use super::setting::GLOBALS;
use super::setting::{Found, Properties};
use super::template::Registry;
use super::{network, policies};
use crate::knowledge::Platforms;
use crate::model::deployments::{
    AsyncConfig, BuildTool, Dialect, EnvVar, Environment, Function, FunctionUrl, Package, PackageType, ResourceId, Text,
};
use crate::model::{Known, Origin, Setting};
use crate::text::{Spanned, path};

/// Reads a function declared by a template.
pub(crate) fn read(registry: &Registry, id: ResourceId, limits: &Platforms) -> Function {
    let (template, declaration) = registry.declaration(id);
    let place = registry.names[id.0 as usize].2;
    let sam = registry.type_name(id) == "AWS::Serverless::Function";
    let mut properties = Properties::of(registry, template, declaration, place);
    if sam {
        properties.globals = globals(registry, template, declaration);
        properties.ignored = registry.templates[template].doc.get(declaration, "IgnoreGlobals");
    }
    let lambda = &limits.aws_lambda;
    let image = properties.text(&["PackageType"], Some("Zip")).one().map(String::as_str) == Some("Image");
    let code = |paths: &[&[&str]]| {
        paths
            .iter()
            .map(|path| properties.path(path))
            .find(|setting| !matches!(setting.value, Known::Absent))
            .unwrap_or_else(Setting::absent)
    };
    let path = if image {
        code(&[&["ImageUri"], &["Code", "ImageUri"]])
    } else if sam {
        code(&[&["CodeUri"]])
    } else {
        code(&[&["Code"], &["Code", "S3Key"]])
    };
    let (tool, binary) = build(registry, template, declaration);
    // Sources: Terraform AWS provider, `aws_lambda_function`, `filename`; cargo-lambda, `deploy.md`, `--s3-bucket`.
    let uploads = matches!(registry.templates[template].dialect, Dialect::Terraform | Dialect::CargoLambda);
    let in_bucket = properties.presence(&["S3Bucket"]).or(properties.presence(&["Code", "S3Key"])).is_some();
    Function {
        resource: id,
        runtime: properties.text(&["Runtime"], None),
        handler: properties.text(&["Handler"], None),
        package: Package {
            kind: if image { PackageType::Image } else { PackageType::Zip },
            direct_upload: uploads && !image && !in_bucket && !matches!(path.value, Known::Absent),
            path,
            tool,
            binary,
            dockerfile: dockerfile(registry, template, declaration),
        },
        architecture: architecture(&properties, &lambda.architecture.value),
        timeout_s: properties.int(&["Timeout"], Some(lambda.timeout_s.default)),
        memory_mb: properties.int(&["MemorySize"], Some(lambda.memory_mb.default)),
        ephemeral_mb: properties.int(&["EphemeralStorage", "Size"], Some(lambda.ephemeral_mb.default)),
        env: environment(&properties),
        reserved_concurrency: properties.int(&["ReservedConcurrentExecutions"], None),
        provisioned_concurrency: properties
            .int(&["ProvisionedConcurrencyConfig", "ProvisionedConcurrentExecutions"], None),
        provisioned_qualifier: properties.text(&["ProvisionedConcurrencyConfig", "Qualifier"], None),
        alias: properties.text(&["AutoPublishAlias"], None),
        environment_concurrency: environment_concurrency(&properties, lambda.managed_instance_concurrency.value),
        async_config: async_config(&properties, sam, limits),
        url: url(&properties),
        vpc: network::vpc(&properties),
        tracing: if sam {
            properties.text(&["Tracing"], Some("PassThrough"))
        } else {
            properties.text(&["TracingConfig", "Mode"], Some("PassThrough"))
        },
        log_format: properties.text(&["LoggingConfig", "LogFormat"], Some("Text")),
        recursive_loop: properties.text(&["RecursiveLoop"], Some("Terminate")),
        durable: properties.presence(&["DurableConfig"]),
        role: {
            let mut role = policies::read(&properties, sam);
            policies::connectors(registry, template, declaration, &mut role);
            role
        },
    }
}

/// `Globals.Function`, unless the function opts out of all of it.
fn globals(registry: &Registry, template: usize, declaration: u32) -> Option<u32> {
    let here = &registry.templates[template];
    // `IgnoreGlobals: "*"` cuts the inheritance (SAM translator, plugins/globals/globals.py).
    let ignored = here.doc.get(declaration, "IgnoreGlobals").and_then(|id| here.doc.text(id));
    if ignored == Some("*") {
        return None;
    }
    here.section("Globals").and_then(|section| here.doc.get(section, "Function"))
}

/// `Metadata.Dockerfile` in `Metadata.DockerContext` (AWS SAM developer guide, building container images).
fn dockerfile(registry: &Registry, template: usize, declaration: u32) -> Option<String> {
    let here = &registry.templates[template];
    let metadata = here.doc.get(declaration, "Metadata")?;
    let text = |key: &str| here.doc.get(metadata, key).and_then(|id| here.doc.text(id));
    let context = text("DockerContext")?;
    let dir = path::join(path::parent(&here.path), context)?;
    path::join(&dir, text("Dockerfile").unwrap_or("Dockerfile"))
}

fn build(registry: &Registry, template: usize, declaration: u32) -> (BuildTool, Known<String>) {
    let doc = &registry.templates[template].doc;
    let Some(metadata) = doc.get(declaration, "Metadata") else {
        return (BuildTool::Unstated, Known::Absent);
    };
    let tool = match doc.get(metadata, "BuildMethod").and_then(|id| doc.text(id)) {
        Some("rust-cargolambda") => BuildTool::SamCargoLambda,
        Some("makefile") => BuildTool::Makefile,
        Some("serverless-rust") => BuildTool::ServerlessPlugin,
        _ => BuildTool::Unstated,
    };
    let binary = doc.get(metadata, "BuildProperties").and_then(|node| doc.get(node, "Binary"));
    let binary = match binary {
        Some(node) => match doc.text(node) {
            Some(name) if doc.node(node).tag.is_none() => Known::Is(Spanned::new(name.to_owned(), doc.span(node))),
            _ => Known::Opaque(doc.span(node), "is not a plain name".to_owned()),
        },
        None => Known::Absent,
    };
    (tool, binary)
}

fn architecture(properties: &Properties<'_>, default: &str) -> Setting<String> {
    let Found::At { template, node, key, inherited } = properties.find(&["Architectures"]) else {
        return Setting::platform_default(default.to_owned(), properties.place);
    };
    let registry = properties.registry;
    let doc = &registry.templates[template].doc;
    let Some(&first) = doc.items(node).first() else {
        let reason = "is decided at deploy time".to_owned();
        let value = Known::Opaque(doc.span(node), reason);
        return Setting { value, origin: Origin::Explicit, key: Some(key) };
    };
    let mut setting = Properties::at(registry, template, Some(first), properties.place).scalar(template, first);
    setting.key = Some(key);
    if inherited && setting.origin == Origin::Explicit {
        setting.origin = Origin::Inherited(GLOBALS.to_owned(), key);
    }
    setting
}

impl Properties<'_> {
    /// A node that is itself the text.
    fn scalar(&self, template: usize, node: u32) -> Setting<String> {
        use super::eval::Value;
        let span = self.registry.templates[template].doc.span(node);
        let (value, origin) = match self.registry.value(template, node) {
            Value::Text { text: Text::Literal(text), origin, span } => {
                (Known::Is(Spanned::new(text, span)), origin.unwrap_or(Origin::Explicit))
            }
            Value::NoValue => (Known::Absent, Origin::PlatformDefault),
            _ => (Known::Opaque(span, "is decided at deploy time".to_owned()), Origin::Explicit),
        };
        Setting { value, origin, key: None }
    }
}

/// Managed instances serve several requests in one environment; classic functions serve one.
fn environment_concurrency(properties: &Properties<'_>, per_vcpu: i64) -> Setting<i64> {
    if properties.presence(&["CapacityProviderConfig"]).is_none() {
        return Setting::platform_default(1, properties.place);
    }
    let nested = [
        "CapacityProviderConfig",
        "LambdaManagedInstancesCapacityProviderConfig",
        "PerExecutionEnvironmentMaxConcurrency",
    ];
    let deep = properties.int(&nested, None);
    if !matches!(deep.value, Known::Absent) {
        return deep;
    }
    properties.int(&["CapacityProviderConfig", "PerExecutionEnvironmentMaxConcurrency"], Some(per_vcpu))
}

fn async_config(properties: &Properties<'_>, sam: bool, limits: &Platforms) -> AsyncConfig {
    let defaults = &limits.aws_lambda;
    let (retries, age, failure, dead_letter): (&[&str], &[&str], &[&str], &[&str]) = if sam {
        (
            &["EventInvokeConfig", "MaximumRetryAttempts"],
            &["EventInvokeConfig", "MaximumEventAgeInSeconds"],
            &["EventInvokeConfig", "DestinationConfig", "OnFailure", "Destination"],
            &["DeadLetterQueue", "TargetArn"],
        )
    } else {
        (&["-"], &["-"], &["-"], &["DeadLetterConfig", "TargetArn"])
    };
    let mut on_failure = properties.target(failure);
    // SAM creates the queue or topic itself when only a type is given.
    if sam && matches!(on_failure.value, Known::Absent) {
        let kind = properties.text(&["EventInvokeConfig", "DestinationConfig", "OnFailure", "Type"], None);
        if let Some(span) = kind.value.span() {
            let made = crate::model::deployments::Target::External("created by SAM".to_owned());
            on_failure =
                Setting { value: Known::Is(Spanned::new(made, span)), origin: Origin::Explicit, key: kind.key };
        }
    }
    AsyncConfig {
        max_retries: properties.int(retries, Some(defaults.async_max_retries.default)),
        max_event_age_s: properties.int(age, Some(defaults.async_max_event_age_s.default)),
        on_failure,
        dead_letter: properties.target(dead_letter),
    }
}

fn url(properties: &Properties<'_>) -> Option<FunctionUrl> {
    let span = properties.presence(&["FunctionUrlConfig"])?;
    Some(FunctionUrl {
        span,
        auth: properties.text(&["FunctionUrlConfig", "AuthType"], None),
        invoke_mode: properties.text(&["FunctionUrlConfig", "InvokeMode"], Some("BUFFERED")),
    })
}

/// Variables, `Globals` first, the function's own over them.
fn environment(properties: &Properties<'_>) -> Environment {
    let mut env = Environment::default();
    for (start, inherited) in [(properties.globals, true), (properties.node, false)] {
        if inherited && !properties.inherits(&["Environment"]) {
            continue;
        }
        let scope = Properties { node: start, globals: None, ..*properties };
        match scope.find(&["Environment", "Variables"]) {
            Found::Absent => {}
            Found::Opaque(span, _) => env.open = Some(span),
            Found::At { template, node, key, .. } => {
                if !inherited || env.span.is_none() {
                    env.span = Some(key);
                }
                variables(properties, template, node, &mut env);
            }
        }
    }
    env
}

fn variables(properties: &Properties<'_>, template: usize, node: u32, env: &mut Environment) {
    use super::eval::Value;
    let registry = properties.registry;
    let (template, node) = match registry.value(template, node) {
        Value::Node { template, node } => (template, node),
        Value::NoValue => return,
        _ => {
            env.open = Some(registry.templates[template].doc.span(node));
            return;
        }
    };
    let doc = &registry.templates[template].doc;
    for entry in doc.entries(node) {
        if entry.key.starts_with("Fn::") {
            env.open = Some(entry.key_span);
            continue;
        }
        let value = registry.value(template, entry.value).text(doc.span(entry.value));
        env.vars.insert(entry.key.clone(), EnvVar { key: entry.key_span, value });
    }
}
