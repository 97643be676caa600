//! What a function may do: SAM policies and templates, inline statements, roles of the same template.

use super::eval::Value;
use super::setting::{Found, Properties};
use super::template::Registry;
use crate::document::tree::NodeId;
use crate::knowledge::{sam_connectors, sam_policies};
use crate::model::Known;
use crate::model::deployments::{ResourceId, Role, Statement, Target, Text};
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
    let mut role = Role { statements: Vec::new(), closed: true };
    policies(properties, &mut role);
    Arc::new(role)
}

/// The permissions of a role of the project, read once.
fn declared(registry: &Registry, id: ResourceId) -> Arc<Role> {
    if let Some(known) = registry.roles.borrow().get(&id) {
        return Arc::clone(known);
    }
    let mut role = Role { statements: Vec::new(), closed: true };
    let (template, declaration) = registry.declaration(id);
    let properties = Properties::of(registry, template, declaration, registry.names[id.0 as usize].2);
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
    let (template, node) = match properties.find(&["Policies"]) {
        Found::Absent => return,
        Found::Opaque(..) => {
            role.closed = false;
            return;
        }
        Found::At { template, node, .. } => (template, node),
    };
    let doc = &registry.templates[template].doc;
    let items = match registry.value(template, node) {
        Value::Node { template: owner, node } if owner == template => {
            let items = doc.items(node);
            if items.is_empty() { vec![node] } else { items.to_vec() }
        }
        Value::NoValue => return,
        _ => vec![node],
    };
    for item in items {
        policy(registry, template, item, role);
    }
}

fn policy(registry: &Registry, template: usize, item: NodeId, role: &mut Role) {
    let _doc = &registry.templates[template].doc;
    let arms = match registry.value(template, item) {
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
            Value::Node { template: owner, node } => {
                let owner_doc = &registry.templates[owner].doc;
                if let Some(statements) = owner_doc.get(node, "Statement") {
                    document(registry, owner, statements, role);
                    continue;
                }
                for entry in owner_doc.entries(node) {
                    let Some(known) = sam_policies().get(&entry.key) else {
                        role.closed = false;
                        continue;
                    };
                    let names = Properties::at(registry, owner, Some(entry.value), entry.key_span);
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
    let Found::At { template, node, .. } = properties.find(path) else {
        return;
    };
    let registry = properties.registry;
    let items = registry.templates[template].doc.items(node).to_vec();
    for item in items {
        match registry.value(template, item) {
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
    let (template, declaration) = registry.declaration(policy);
    let properties = Properties::of(registry, template, declaration, registry.names[policy.0 as usize].2);
    match properties.find(&["PolicyDocument", "Statement"]) {
        Found::At { template, node, .. } => document(registry, template, node, role),
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
    let Found::At { template, node, .. } = properties.find(&["Policies"]) else {
        return;
    };
    let doc = &registry.templates[template].doc;
    for &item in doc.items(node) {
        let statements = doc.get(item, "PolicyDocument").and_then(|node| doc.get(node, "Statement"));
        match statements {
            Some(statements) => document(registry, template, statements, role),
            None => role.closed = false,
        }
    }
}

/// A statement or a list of statements.
fn document(registry: &Registry, template: usize, statements: NodeId, role: &mut Role) {
    let doc = &registry.templates[template].doc;
    let items = doc.items(statements);
    let items = if items.is_empty() { vec![statements] } else { items.to_vec() };
    for item in items {
        if registry.intrinsic(template, item).is_some() {
            role.closed = false;
            continue;
        }
        if doc.get(item, "Effect").and_then(|id| doc.text(id)) == Some("Deny") {
            continue;
        }
        let actions = list(registry, template, doc.get(item, "Action"), role)
            .into_iter()
            .filter_map(|text| match text {
                Text::Literal(action) => Some(action),
                _ => None,
            })
            .collect();
        let resources = list(registry, template, doc.get(item, "Resource"), role)
            .into_iter()
            .map(|text| registry.target(&text, template, None).unwrap_or_else(|_| Target::External(words(&text))))
            .collect();
        let span = doc.entry(item, "Action").map_or(doc.span(item), |entry| entry.key_span);
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

fn list(registry: &Registry, template: usize, node: Option<NodeId>, role: &mut Role) -> Vec<Text> {
    let Some(node) = node else { return Vec::new() };
    let doc = &registry.templates[template].doc;
    let items = doc.items(node);
    let nodes = if items.is_empty() || doc.node(node).tag.is_some() { vec![node] } else { items.to_vec() };
    let mut texts = Vec::new();
    for item in nodes {
        match registry.value(template, item).text(doc.span(item)) {
            Known::Is(text) => texts.push(text.value),
            Known::Absent => {}
            _ => role.closed = false,
        }
    }
    texts
}

/// `Connectors` embedded in a SAM function: permissions on the destinations they name.
pub(crate) fn connectors(registry: &Registry, template: usize, declaration: NodeId, shared: &mut Arc<Role>) {
    let doc = &registry.templates[template].doc;
    let Some(connectors) = doc.get(declaration, "Connectors") else {
        return;
    };
    let role = Arc::make_mut(shared);
    for entry in doc.entries(connectors) {
        let body = doc.get(entry.value, "Properties");
        let properties = Properties::at(registry, template, body, entry.key_span);
        let destination = properties.text(&["Destination", "Id"], None);
        let id = destination.one().and_then(|name| registry.lookup(template, name));
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
