//! What a function may do: SAM policies and templates, inline statements, roles of the same template.

use super::eval::Value;
use super::setting::{Found, Properties};
use super::template::{Place, Registry};
use crate::knowledge::{sam_connectors, sam_policies};
use crate::model::Known;
use crate::model::deployments::{ResourceId, Role, RoleId, Statement, Target, Text};
use std::sync::Arc;

/// Collects the permissions of a function; `closed` is cleared by anything that cannot be read.
pub(crate) fn read(properties: &Properties<'_>, sam: bool) -> Arc<Role> {
    let registry = properties.registry;
    match properties.value(&["Role"]) {
        Some((Value::Text { text: Text::Attribute(id, _), .. }, _)) if registry.type_name(id) == "AWS::IAM::Role" => {
            return declared(registry, id);
        }
        None if sam => {}
        // No role in sight: whatever it may do is written elsewhere.
        _ => return Arc::default(),
    }
    // What a tool puts into one role for all of its functions.
    let shared = properties.presence(&["SharedRole"]).map(|key| (RoleId::Made(key), key));
    let mut role = Role { statements: Vec::new(), closed: true, shared };
    policies(properties, &mut role);
    Arc::new(role)
}

/// The permissions of a role of the project, read once.
fn declared(registry: &Registry, id: ResourceId) -> Arc<Role> {
    if let Some(known) = registry.roles.borrow().get(&id) {
        return Arc::clone(known);
    }
    let span = registry.resource(id).span;
    let mut role = Role { statements: Vec::new(), closed: true, shared: Some((RoleId::Declared(id), span)) };
    let declaration = registry.declaration(id);
    let properties = Properties::of(registry, declaration, span);
    managed(&properties, &["ManagedPolicyArns"], &mut role);
    inline(&properties, &mut role);
    for &policy in registry.policies_of.get(&id).map_or(&[][..], Vec::as_slice) {
        own_document(registry, policy, &mut role);
    }
    let role = Arc::new(role);
    registry.roles.borrow_mut().insert(id, Arc::clone(&role));
    role
}

/// The `Policies` property of a SAM function: names, templates, documents, in any mixture.
fn policies(properties: &Properties<'_>, role: &mut Role) {
    let registry = properties.registry;
    let place = match properties.find(&["Policies"]) {
        Found::Absent => return,
        Found::Opaque(..) => {
            role.closed = false;
            return;
        }
        Found::At { place, .. } => place,
    };
    let items = match registry.value(place) {
        Value::Node(list) if list.template == place.template => one_or_many(registry, list),
        Value::NoValue => return,
        _ => vec![place],
    };
    for item in items {
        policy(registry, item, role);
    }
}

/// The items of a list, or what stands in its place.
fn one_or_many(registry: &Registry, place: Place) -> Vec<Place> {
    let items: Vec<Place> = registry.items(place).collect();
    if items.is_empty() { vec![place] } else { items }
}

fn policy(registry: &Registry, item: Place, role: &mut Role) {
    let arms = match registry.value(item) {
        Value::Either(arms) => arms,
        one => vec![one],
    };
    for arm in arms {
        match arm {
            Value::NoValue => {}
            Value::Text { text: Text::Literal(name), span, .. } => {
                role.statements.push(managed_statement(&name, span));
                role.closed &= known_managed(&name);
            }
            Value::Node(body) => {
                if let Some(statements) = registry.get(body, "Statement") {
                    document(registry, statements, role);
                    continue;
                }
                for entry in registry.doc(body).entries(body.node) {
                    let Some(known) = sam_policies().get(&entry.key) else {
                        role.closed = false;
                        continue;
                    };
                    let names = Properties::at(registry, Some(body.to(entry.value)), entry.key_span);
                    let resource = known.parameters.first().map(|parameter| names.target(&[parameter]));
                    let resources = match resource.map(|setting| setting.value) {
                        Some(Known::Is(target)) => vec![target.value],
                        Some(_) => Vec::new(),
                        None => vec![Target::External("*".to_owned())],
                    };
                    role.statements.push(Statement {
                        span: entry.key_span,
                        actions: known.actions.clone(),
                        resources,
                        via: Some(entry.key.clone()),
                    });
                }
            }
            _ => {
                role.closed = false;
            }
        }
    }
}

fn managed(properties: &Properties<'_>, path: &[&str], role: &mut Role) {
    let Found::At { place, .. } = properties.find(path) else {
        return;
    };
    let registry = properties.registry;
    for item in registry.items(place) {
        match registry.value(item) {
            Value::Text { text: Text::Literal(name) | Text::Template(name, _), span, .. } => {
                role.closed &= known_managed(&name);
                role.statements.push(managed_statement(&name, span));
            }
            Value::Text { text: Text::Attribute(id, _), .. } if registry.type_name(id) == "AWS::IAM::ManagedPolicy" => {
                own_document(registry, id, role);
            }
            _ => role.closed = false,
        }
    }
}

/// The document of a policy that is a resource of its own.
fn own_document(registry: &Registry, policy: ResourceId, role: &mut Role) {
    let declaration = registry.declaration(policy);
    let properties = Properties::of(registry, declaration, registry.resource(policy).span);
    match properties.find(&["PolicyDocument", "Statement"]) {
        Found::At { place, .. } => document(registry, place, role),
        _ => role.closed = false,
    }
}

/// Managed policies that only let a function log, trace or attach to a VPC add nothing else.
fn known_managed(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or(name);
    matches!(
        name,
        "AWSLambdaBasicExecutionRole"
            | "AWSXRayDaemonWriteAccess"
            | "AWSLambdaVPCAccessExecutionRole"
            | "AWSLambdaSQSQueueExecutionRole"
            | "AWSLambdaKinesisExecutionRole"
            | "AWSLambdaDynamoDBExecutionRole"
            | "CloudWatchLambdaInsightsExecutionRolePolicy"
    )
}

fn managed_statement(name: &str, span: crate::text::Span) -> Statement {
    let short = name.rsplit('/').next().unwrap_or(name);
    let actions = match short {
        "AdministratorAccess" | "PowerUserAccess" => vec!["*".to_owned()],
        _ => short
            .strip_prefix("Amazon")
            .or_else(|| short.strip_prefix("AWS"))
            .and_then(|rest| rest.strip_suffix("FullAccess"))
            .map(|service| vec![format!("{}:*", service.to_ascii_lowercase().trim_end_matches('_'))])
            .unwrap_or_default(),
    };
    Statement { span, actions, resources: vec![Target::External("*".to_owned())], via: Some(short.to_owned()) }
}

/// The `Policies` of an `AWS::IAM::Role`.
fn inline(properties: &Properties<'_>, role: &mut Role) {
    let registry = properties.registry;
    let Found::At { place, .. } = properties.find(&["Policies"]) else {
        return;
    };
    for item in registry.items(place) {
        let statements = registry.get(item, "PolicyDocument").and_then(|document| registry.get(document, "Statement"));
        match statements {
            Some(statements) => document(registry, statements, role),
            None => role.closed = false,
        }
    }
}

/// A statement or a list of statements.
fn document(registry: &Registry, statements: Place, role: &mut Role) {
    for item in one_or_many(registry, statements) {
        if registry.intrinsic(item).is_some() {
            role.closed = false;
            continue;
        }
        if registry.get(item, "Effect").and_then(|effect| registry.plain(effect)) == Some("Deny") {
            continue;
        }
        let actions = list(registry, registry.get(item, "Action"), role)
            .into_iter()
            .filter_map(|text| match text {
                Text::Literal(action) => Some(action),
                _ => None,
            })
            .collect();
        let resources = list(registry, registry.get(item, "Resource"), role)
            .into_iter()
            .map(|text| {
                let said_in = Some(statements.template);
                registry.target(&text, said_in, None).unwrap_or_else(|_| Target::External(words(&text)))
            })
            .collect();
        let key = registry.doc(item).entry(item.node, "Action");
        let span = key.map_or(registry.span(item), |entry| entry.key_span);
        role.statements.push(Statement { span, actions, resources, via: None });
    }
}

/// A text that names several resources, as it is written.
fn words(text: &Text) -> String {
    match text {
        Text::Literal(text) | Text::Template(text, _) => text.clone(),
        Text::Attribute(..) => String::new(),
    }
}

fn list(registry: &Registry, list: Option<Place>, role: &mut Role) -> Vec<Text> {
    let Some(list) = list else { return Vec::new() };
    let tagged = registry.doc(list).node(list.node).tag.is_some();
    let items = if tagged { vec![list] } else { one_or_many(registry, list) };
    let mut texts = Vec::new();
    for item in items {
        match registry.value(item).text(registry.span(item)) {
            Known::Is(text) => texts.push(text.value),
            Known::Absent => {}
            _ => role.closed = false,
        }
    }
    texts
}

/// `Connectors` embedded in a SAM function: permissions on the destinations they name.
pub(crate) fn connectors(registry: &Registry, declaration: Place, shared: &mut Arc<Role>) {
    let Some(connectors) = registry.get(declaration, "Connectors") else {
        return;
    };
    let role = Arc::make_mut(shared);
    for entry in registry.doc(connectors).entries(connectors.node) {
        let body = registry.get(connectors.to(entry.value), "Properties");
        let properties = Properties::at(registry, body, entry.key_span);
        let destination = properties.text(&["Destination", "Id"], None);
        let id = destination.one().and_then(|name| registry.lookup(declaration.template, name));
        let Some(id) = id else {
            role.closed = false;
            continue;
        };
        for access in ["Read", "Write"] {
            let wanted = properties.list_has(&["Permissions"], access).one() == Some(&true);
            let actions = sam_connectors()
                .get(connector_type(registry.type_name(id)))
                .and_then(|categories| categories.get(access));
            if let (true, Some(actions)) = (wanted, actions) {
                role.statements.push(Statement {
                    span: entry.key_span,
                    actions: actions.clone(),
                    resources: vec![Target::Resource(id)],
                    via: Some("connector".to_owned()),
                });
            }
        }
    }
}

/// SAM's own types stand for the CloudFormation types they expand to.
fn connector_type(name: &str) -> &str {
    match name {
        "AWS::Serverless::Function" => "AWS::Lambda::Function",
        "AWS::Serverless::SimpleTable" => "AWS::DynamoDB::Table",
        "AWS::Serverless::StateMachine" => "AWS::StepFunctions::StateMachine",
        other => other,
    }
}
