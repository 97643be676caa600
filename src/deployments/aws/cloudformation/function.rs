//! Functions: `AWS::Serverless::Function` with its `Globals`, and `AWS::Lambda::Function`.

use super::eval::Value;
use super::setting::{Found, GLOBALS, Properties};
use super::template::{Place, Registry};
use super::{adapter, logs, network, policies, scope};
use crate::knowledge::{Platforms, dialect};
use crate::model::deployments::{
    AsyncConfig, BuildTool, CodeHash, EnvVar, Environment, Extra, Function, FunctionUrl, Lambda, Package, PackageType,
    Qualifier, ResourceId, Text, Versions,
};
use crate::model::{Known, Origin, Platform, Setting};
use crate::text::{Spanned, path};

/// Reads a function declared by a template.
pub(crate) fn read(registry: &Registry, id: ResourceId, limits: &Platforms) -> Function {
    let declaration = registry.declaration(id);
    let sam = registry.type_name(id) == "AWS::Serverless::Function";
    let properties = scope::of_function(registry, id);
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
    let (tool, binary) = build(registry, declaration);
    let known = dialect(registry.template(declaration.template).dialect.0);
    let uploads = known.is_some_and(|known| known.uploads_directly);
    let in_bucket = properties.presence(&["S3Bucket"]).or(properties.presence(&["Code", "S3Key"])).is_some();
    let env = environment(&properties);
    let lambda_only = Lambda {
        handler: properties.text(&["Handler"], None),
        ephemeral_mb: properties.int(&["EphemeralStorage", "Size"], Some(lambda.ephemeral_mb.default)),
        reserved_concurrency: properties.int(&["ReservedConcurrentExecutions"], None),
        provisioned_concurrency: properties
            .int(&["ProvisionedConcurrencyConfig", "ProvisionedConcurrentExecutions"], None),
        provisioned_qualifier: properties.text(&["ProvisionedConcurrencyConfig", "Qualifier"], None),
        versions: if known.is_some_and(|known| known.publishes_versions) {
            Versions::ByTool
        } else if sam {
            Versions::ByAlias
        } else {
            Versions::Declared
        },
        alias: properties.text(&["AutoPublishAlias"], None),
        async_config: async_config(&properties, sam, limits),
        url: url(&properties),
        vpc: network::vpc(&properties),
        tracing: if sam {
            properties.text(&["Tracing"], Some("PassThrough"))
        } else {
            properties.text(&["TracingConfig", "Mode"], Some("PassThrough"))
        },
        log_retention_days: logs::own(&properties),
        log_format: properties.text(&["LoggingConfig", "LogFormat"], Some("Text")),
        recursive_loop: properties.text(&["RecursiveLoop"], Some("Terminate")),
        layered: properties.presence(&["Layers"]).is_some(),
        snap_start: properties.text(&["SnapStart", "ApplyOn"], Some("None")),
        handed: properties.presence(&["HandedToModule"]),
        web_adapter: adapter::read(&properties, &env, &lambda.web_adapter),
        durable: properties.presence(&["DurableConfig"]),
        role: {
            let mut role = policies::read(&properties, sam);
            policies::connectors(registry, declaration, &mut role);
            role
        },
    };
    Function {
        resource: id,
        platform: Platform::AwsLambda,
        runtime: properties.text(&["Runtime"], None),
        package: Package {
            kind: if image { PackageType::Image } else { PackageType::Zip },
            direct_upload: uploads && !image && !in_bucket && !matches!(path.value, Known::Absent),
            path,
            in_bucket,
            tool,
            binary,
            hash: hash(&properties),
            dockerfile: dockerfile(registry, declaration),
        },
        architecture: architecture(&properties, &lambda.architecture.value),
        timeout_s: properties.int(&["Timeout"], Some(lambda.timeout_s.default)),
        memory_mb: properties.int(&["MemorySize"], Some(lambda.memory_mb.default)),
        env,
        concurrency: environment_concurrency(&properties, lambda.managed_instance_concurrency.value),
        extra: Extra::Aws(Box::new(lambda_only)),
    }
}

/// `Metadata.Dockerfile` in `Metadata.DockerContext` (AWS SAM developer guide, building container images).
fn dockerfile(registry: &Registry, declaration: Place) -> Option<String> {
    let metadata = registry.get(declaration, "Metadata")?;
    let text = |key: &str| registry.get(metadata, key).and_then(|place| registry.plain(place));
    let context = text("DockerContext")?;
    let dir = path::join(path::parent(&registry.template(declaration.template).path), context)?;
    path::join(&dir, text("Dockerfile").unwrap_or("Dockerfile"))
}

fn build(registry: &Registry, declaration: Place) -> (BuildTool, Known<String>) {
    let Some(metadata) = registry.get(declaration, "Metadata") else {
        return (BuildTool::Unstated, Known::Absent);
    };
    let tool = match registry.get(metadata, "BuildMethod").and_then(|method| registry.plain(method)) {
        Some("rust-cargolambda") => BuildTool::SamCargoLambda,
        Some("makefile") => BuildTool::Makefile,
        Some("serverless-rust") => BuildTool::ServerlessPlugin,
        _ => BuildTool::Unstated,
    };
    let binary = registry.get(metadata, "BuildProperties").and_then(|inner| registry.get(inner, "Binary"));
    let binary = match binary {
        Some(place) => match registry.plain(place) {
            Some(name) if registry.doc(place).node(place.node).tag.is_none() => {
                Known::Is(Spanned::new(name.to_owned(), registry.span(place)))
            }
            _ => Known::Opaque(registry.span(place), "is not a plain name".to_owned()),
        },
        None => Known::Absent,
    };
    (tool, binary)
}

fn architecture(properties: &Properties<'_>, default: &str) -> Setting<String> {
    let Found::At { place, key, inherited } = properties.find(&["Architectures"]) else {
        return Setting::platform_default(default.to_owned(), properties.span);
    };
    let registry = properties.registry;
    let Some(first) = registry.items(place).next() else {
        let reason = "is decided at deploy time".to_owned();
        let value = Known::Opaque(registry.span(place), reason);
        return Setting { value, origin: Origin::Explicit, key: Some(key) };
    };
    let mut setting = scalar(registry, first);
    setting.key = Some(key);
    if inherited && setting.origin == Origin::Explicit {
        setting.origin = Origin::Inherited(GLOBALS.to_owned(), key);
    }
    setting
}

/// A node that is itself the text.
fn scalar(registry: &Registry, place: Place) -> Setting<String> {
    let (value, origin) = match registry.value(place) {
        Value::Text { text: Text::Literal(text), origin, span } => {
            (Known::Is(Spanned::new(text, span)), origin.unwrap_or(Origin::Explicit))
        }
        Value::NoValue => (Known::Absent, Origin::PlatformDefault),
        _ => (Known::Opaque(registry.span(place), "is decided at deploy time".to_owned()), Origin::Explicit),
    };
    Setting { value, origin, key: None }
}

/// Managed instances serve several requests in one environment; classic functions serve one.
fn environment_concurrency(properties: &Properties<'_>, per_vcpu: i64) -> Setting<i64> {
    if properties.presence(&["CapacityProviderConfig"]).is_none() {
        return Setting::platform_default(1, properties.span);
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
        // SAM's are for the alias that its events invoke.
        qualifier: Qualifier::Unknown,
    }
}

fn url(properties: &Properties<'_>) -> Option<FunctionUrl> {
    let span = properties.presence(&["FunctionUrlConfig"])?;
    Some(FunctionUrl {
        span,
        auth: properties.text(&["FunctionUrlConfig", "AuthType"], None),
        invoke_mode: properties.text(&["FunctionUrlConfig", "InvokeMode"], Some("BUFFERED")),
        permitted: true,
    })
}

/// What Terraform's configuration says of the hash of the code.
fn hash(properties: &Properties<'_>) -> CodeHash {
    if properties.presence(&["CodeHash", "Absent"]).is_some() {
        return CodeHash::Absent;
    }
    let other = properties.text(&["CodeHash", "Other"], None);
    match (other.place(), other.one()) {
        (Some(place), Some(path)) => CodeHash::OfOther(place, path.clone()),
        _ => CodeHash::ByTool,
    }
}

/// Variables, `Globals` first, the function's own over them.
fn environment(properties: &Properties<'_>) -> Environment {
    let mut env = Environment::default();
    for (start, inherited) in [(properties.globals, true), (properties.start, false)] {
        if inherited && !properties.inherits(&["Environment"]) {
            continue;
        }
        let scope = Properties { start, globals: None, ..*properties };
        match scope.find(&["Environment", "Variables"]) {
            Found::Absent => {}
            Found::Opaque(span, _) => env.open = Some(span),
            Found::At { place, key, .. } => {
                if !inherited || env.span.is_none() {
                    env.span = Some(key);
                }
                variables(properties.registry, place, &mut env);
            }
        }
    }
    env
}

fn variables(registry: &Registry, place: Place, env: &mut Environment) {
    let map = match registry.value(place) {
        Value::Node(map) => map,
        Value::NoValue => return,
        _ => {
            env.open = Some(registry.span(place));
            return;
        }
    };
    for entry in registry.doc(map).entries(map.node) {
        if entry.key.starts_with("Fn::") {
            env.open = Some(entry.key_span);
            continue;
        }
        let value = map.to(entry.value);
        let value = registry.value(value).text(registry.span(value));
        env.vars.insert(entry.key.clone(), EnvVar { key: entry.key_span, value });
    }
}
