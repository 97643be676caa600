//! Methods of what the library made.

use super::level1;
use super::library::{IMPORTED, is_holder};
use super::machine::Machine;
use super::value::{Args, ConstructId, Kind, Text, Value};
use crate::text::Span;

impl Machine<'_, '_> {
    /// Calls a method of a construct or of an object of the library.
    pub(crate) fn library_method(&mut self, object: &Value, name: &Text, args: Args, span: Span) -> Value {
        if let Some(id) = object.construct() {
            return self.construct_method(id, object, name, &args, span);
        }
        if let Some(value) = self.state_method(object, name, &args, span) {
            return value;
        }
        match &object.kind {
            Kind::Made(made) if made.path.starts_with(IMPORTED) => {
                let class = made.path[IMPORTED.len()..].to_owned();
                if name.starts_with("grant") {
                    return self.grant(None, &class, name, &args, span);
                }
                if let Some(value) = self.delivery_method(object, &class, name, &args, span) {
                    return value;
                }
                Value::opaque("is asked of something that is not made here", span)
            }
            Kind::Made(made) if &*made.path == "core.Aspects.of" && &**name == "add" => {
                let scope = made.args.items.first().and_then(Value::construct);
                if let (Some(scope), Some(aspect)) = (scope, args.at(0, "aspect")) {
                    self.aspects.push((scope, aspect, span));
                }
                Value::null(span)
            }
            // A file that is opened, and its text.
            Kind::Made(made) if &*made.path == super::data::CONTENT => object.clone(),
            Kind::Made(_) if &**name == "toSeconds" => self.plain(object, 0),
            // A text that is made of an attribute still leads to it.
            Kind::Attribute(id, _) => {
                let class = self.construct(*id).class.to_string();
                self.target_method(*id, &class, name, &args, span).unwrap_or_else(|| object.clone())
            }
            Kind::Member(construct, member) if &**member == "node" => match (construct.construct(), &**name) {
                (Some(_), "tryGetContext" | "getContext") => match args.at(0, "key") {
                    Some(key) => self.context(&key, span),
                    None => Value::opaque("is context of the deployment", span),
                },
                (Some(id), "addMetadata") => Value::new(Kind::Construct(id), span),
                _ => Value::opaque("is decided when the program runs", span),
            },
            _ => {
                self.closures(&args, span);
                Value::opaque("is decided when the program runs", span)
            }
        }
    }

    /// Closures given to the library may run.
    fn closures(&mut self, args: &Args, span: Span) {
        let any = args.items.iter().any(|arg| matches!(arg.kind, Kind::Closure(_)));
        if any {
            self.unfollowed(args, span);
        }
    }

    fn construct_method(&mut self, id: ConstructId, object: &Value, name: &str, args: &Args, span: Span) -> Value {
        let class = self.construct(id).class.to_string();
        let type_name = self.construct(id).type_name.clone().unwrap_or_default();
        let found = match &*type_name {
            "AWS::Lambda::Function" | "AWS::Lambda::Alias" | "AWS::Lambda::Version" => {
                self.function_method(id, name, args, span)
            }
            "AWS::ApiGateway::RestApi" => {
                let root = self.construct(id).parts.get("root").copied();
                root.and_then(|root| self.rest_call(root, name, args, span))
            }
            "AWS::ApiGateway::Resource" => self.rest_call(id, name, args, span),
            "AWS::ApiGateway::Stage" | "AWS::ApiGatewayV2::Stage" if name == "urlForPath" => {
                let api = self.construct(id).parts.get("api").copied();
                api.map(|api| Value::new(Kind::Attribute(api, "Ref".into()), span))
            }
            "AWS::ApiGatewayV2::Api" => self.http_call(id, name, args, span),
            _ if class == "apigateway.Root" => self.rest_call(id, name, args, span),
            _ if class.starts_with("stepfunctions") => self.state_method(object, name, args, span),
            _ => None,
        };
        if let Some(value) = found {
            return value;
        }
        if let Some(value) = self.delivery_method(object, &class, name, args, span) {
            return value;
        }
        if let Some(value) = self.target_method(id, &class, name, args, span) {
            return value;
        }
        if name.starts_with("grant") {
            let of = self.function_of(id);
            let class = if of == id { class } else { "lambda.Function".to_owned() };
            return self.grant(Some(id), &class, name, args, span);
        }
        if let Some(value) = self.role_method(id, name, args, span) {
            return value;
        }
        match name {
            "addPropertyOverride" | "addOverride" => {
                let path = args.at(0, "propertyPath").or_else(|| args.at(0, "path")).and_then(|path| path.as_text());
                if let (Some(path), Some(value)) = (path, args.at(1, "value")) {
                    let path = if name == "addOverride" {
                        path.strip_prefix("Properties.").map(str::to_owned)
                    } else {
                        Some(path.to_string())
                    };
                    if let Some(path) = path {
                        let value = self.plain(&value, 0);
                        let value = self.settled(id, &path, value);
                        self.construct_mut(id).properties.set_path(&path, span, value);
                    }
                } else {
                    self.construct_mut(id).escaped = Some(span);
                }
                Value::null(span)
            }
            "addPropertyDeletionOverride" => {
                if let Some(path) = args.at(0, "propertyPath").and_then(|path| path.as_text()) {
                    self.construct_mut(id).properties.set_path(&path, span, Value::null(span));
                }
                Value::null(span)
            }
            // A method of another library may change what it is given.
            _ if class.starts_with("other:") => {
                self.unfollowed(args, span);
                Value::opaque("is made by a library that is not followed", span)
            }
            _ if is_holder(&class) || level1::type_of(&class).is_some() => {
                self.closures(args, span);
                Value::opaque("is decided when the program runs", span)
            }
            _ => {
                self.closures(args, span);
                Value::new(Kind::Attribute(id, name.into()), span)
            }
        }
    }
}
