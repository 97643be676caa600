//! Roles: the statements that are added to them, and what `grant…` methods give.

use super::machine::Machine;
use super::value::{Args, ConstructId, Kind, Map, Value};
use crate::knowledge::cdk;
use crate::text::Span;

impl Machine<'_, '_> {
    /// A role with the policies it is made with.
    pub(crate) fn role(&mut self, id: ConstructId, props: &Value) {
        let span = self.construct(id).span;
        for managed in props.property("managedPolicies").and_then(|list| list.items()).unwrap_or_default() {
            self.attach(id, &managed);
        }
        if props.is_unknown() {
            self.construct_mut(id).escaped = Some(span);
        }
        if let Some(policies) = props.property("inlinePolicies") {
            let documents = match &policies.kind {
                Kind::Map(map) if map.borrow().open.is_none() => {
                    map.borrow().entries.iter().map(|entry| entry.value.clone()).collect()
                }
                _ => vec![policies.clone()],
            };
            for document in documents {
                let statements = match &document.kind {
                    Kind::Made(made) => made.args.props(0, span).property("statements").and_then(|list| list.items()),
                    _ => None,
                };
                match statements {
                    Some(statements) => {
                        for statement in statements {
                            self.allow(id, &statement);
                        }
                    }
                    None => self.allow(id, &document),
                }
            }
        }
    }

    /// A policy of its own: its statements go to the roles it names.
    pub(crate) fn policy(&mut self, id: ConstructId, props: &Value) {
        let span = self.construct(id).span;
        let statements = props.property("statements").and_then(|list| list.items()).unwrap_or_default();
        let statements = statements.iter().map(|statement| self.allowed(statement)).collect();
        self.construct_mut(id).properties.set_path("PolicyDocument.Statement", span, Value::list(statements, span));
        for role in props.property("roles").and_then(|list| list.items()).unwrap_or_default() {
            let role = self.plain(&role, 0);
            self.construct_mut(id).properties.append("Roles", span, role);
        }
    }

    /// The role behind whatever may be granted something.
    fn role_of(&self, id: ConstructId) -> Option<ConstructId> {
        let id = self.function_of(id);
        let construct = self.construct(id);
        construct.parts.get("role").copied().or_else(|| (&*construct.class == "iam.Role").then_some(id))
    }

    fn attach(&mut self, id: ConstructId, managed: &Value) {
        let Some(role) = self.role_of(id) else { return };
        let span = managed.span;
        let value = match &managed.kind {
            Kind::Made(made) => made.args.items.iter().rev().find(|arg| arg.as_text().is_some()).cloned(),
            _ => managed.construct().map(|_| managed.clone()),
        };
        let value = value.unwrap_or_else(|| Value::opaque("is decided when the program runs", span));
        self.construct_mut(role).properties.append("ManagedPolicyArns", span, value);
    }

    /// Adds a statement to the role of a construct.
    pub(crate) fn allow(&mut self, id: ConstructId, statement: &Value) {
        let Some(role) = self.role_of(id) else { return };
        let span = statement.span;
        let statement = self.allowed(statement);
        let document = Map::default().with("Statement", span, Value::list(vec![statement], span));
        let policy = Map::default().with("PolicyDocument", span, Value::map(document, span));
        self.construct_mut(role).properties.append("Policies", span, Value::map(policy, span));
    }

    fn allowed(&mut self, statement: &Value) -> Value {
        let span = statement.span;
        let Kind::Made(made) = &statement.kind else { return Value::opaque(statement.reason(), span) };
        let props = made.args.props(0, span);
        if !made.path.ends_with(".PolicyStatement") || props.is_unknown() {
            return Value::opaque("is decided when the program runs", span);
        }
        let part = |name: &str| props.property(name);
        let mut out = Map::default();
        if let Some(effect) = part("effect") {
            let deny = matches!(&effect.kind, Kind::Library(path) if path.ends_with(".DENY"));
            out.set_path("Effect", span, Value::text(if deny { "Deny" } else { "Allow" }, span));
        }
        let (actions, resources) = (part("actions"), part("resources"));
        let actions = actions.unwrap_or_else(|| Value::opaque("is added when the program runs", span));
        let actions = self.plain(&actions, 0);
        out.set_path("Action", span, actions);
        if let Some(resources) = resources {
            let resources = self.plain(&resources, 0);
            out.set_path("Resource", span, resources);
        }
        Value::map(out, span)
    }

    /// `resource.grantRead(grantee)`: actions on the resource for the role of the grantee.
    pub(crate) fn grant(&mut self, of: Option<ConstructId>, class: &str, name: &str, args: &Args, span: Span) -> Value {
        let grantee = args.at(0, "grantee").or_else(|| args.at(0, "identity")).and_then(|grantee| grantee.construct());
        let Some(role) = grantee.and_then(|grantee| self.role_of(grantee)) else { return Value::null(span) };
        let actions: Option<Vec<Value>> = if name == "grant" {
            let given: Vec<Value> = args.items.iter().skip(1).cloned().collect();
            Some(given.iter().map(|action| self.plain(action, 0)).collect())
        } else {
            let mut next = Some(class);
            let mut found = None;
            while let (None, Some(class)) = (found, next) {
                found = cdk().grants.get(class).and_then(|methods| methods.get(name));
                next = cdk().constructs.get(class).and_then(|row| row.like.as_deref());
            }
            found.map(|actions| actions.iter().map(|action| Value::text(action.as_str(), span)).collect())
        };
        let statement = match actions {
            Some(actions) if !actions.is_empty() => {
                let resource = match of {
                    Some(id) => Value::new(Kind::Construct(id), span),
                    None => Value::text("*", span),
                };
                let statement = Map::default().with("Action", span, Value::list(actions, span)).with(
                    "Resource",
                    span,
                    Value::list(vec![resource], span),
                );
                Value::map(statement, span)
            }
            _ => Value::opaque("gives what is not known here", span),
        };
        let document = Map::default().with("Statement", span, Value::list(vec![statement], span));
        let policy = Map::default().with("PolicyDocument", span, Value::map(document, span));
        self.construct_mut(role).properties.append("Policies", span, Value::map(policy, span));
        Value::null(span)
    }

    /// A method of a role, or of what has one; none if it is not one.
    pub(crate) fn role_method(&mut self, id: ConstructId, name: &str, args: &Args, span: Span) -> Option<Value> {
        let first = args.items.first().cloned().or_else(|| args.named.entries.first().map(|entry| entry.value.clone()));
        match name {
            "addToPolicy" | "addToPrincipalPolicy" => self.allow(id, &first?),
            "addManagedPolicy" => self.attach(id, &first?),
            "attachInlinePolicy" => {
                let role = self.role_of(id)?;
                let policy = first?.construct()?;
                let role = Value::new(Kind::Construct(role), span);
                self.construct_mut(policy).properties.append("Roles", span, role);
            }
            _ => return None,
        }
        Some(Value::new(Kind::Construct(id), span))
    }
}
