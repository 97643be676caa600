//! Evaluated blocks as CloudFormation resources; `rules/data/dialects/terraform.yaml` says which attribute is which
//! property.

use super::code::ignores;
use super::made::{Made, Output, append, dig, set_path};
use super::modules::{Configuration, Copy};
use super::plan::Plan;
use super::scope::Scope;
use super::source::{ModuleKind, module_kind};
use super::value::{Map, MapEntry, ModuleId, Val, ValKind};
use crate::document::hcl::{Attribute, Block};
use crate::knowledge::{TerraformList, TerraformResource, terraform};
use crate::model::Origin;
use crate::text::Span;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// Properties that belong to a resource declared elsewhere.
struct Addition {
    owner: Val,
    rule: &'static TerraformResource,
    span: Span,
    value: Val,
}

/// Translates every resource of every module instance.
pub(crate) fn translate(configuration: &Configuration<'_>, plan: Option<&Plan>) -> Output {
    let mut output = Output::default();
    let mut additions = Vec::new();
    let mut handed = Vec::new();
    let mut next = 0;
    // Asking for the children of a module makes their instances, so the list grows while it is walked.
    while next < configuration.instances.borrow().len() {
        let module = ModuleId(next);
        let instance = configuration.instance(module);
        for block in instance.source.blocks("module") {
            let [name] = block.labels.as_slice() else { continue };
            match module_kind(&instance.source.dir, block) {
                ModuleKind::Local(dir) if configuration.sources.contains_key(&dir) => {
                    configuration.children(module, name);
                }
                ModuleKind::Local(dir) => {
                    output.gaps.push((block.span, format!("module `{name}`: there is no configuration in `{dir}`")));
                }
                ModuleKind::Registry(known) if terraform().modules.contains_key(&known) => {
                    super::published::read(configuration, module, block, &known, &mut output);
                }
                ModuleKind::Registry(other) | ModuleKind::Other(other) => {
                    let reason = format!(
                        "module `{name}` comes from `{other}`, which is not part of this project: what it makes is \
                         unknown"
                    );
                    output.gaps.push((block.span, reason));
                    handed_over(configuration, module, block, &mut handed);
                }
            }
        }
        for block in instance.source.blocks("resource") {
            let [kind, name] = block.labels.as_slice() else { continue };
            for copy in configuration.copies(block, module).iter() {
                let address = format!("{}{kind}.{name}{}", instance.address, copy.suffix);
                let planned = plan.map_or_else(Vec::new, |plan| plan.instances(&address));
                let addresses = if planned.is_empty() { vec![address] } else { planned };
                for address in addresses {
                    resource(configuration, kind, address, block, copy, plan, &mut output, &mut additions);
                }
            }
        }
        next += 1;
    }
    let owners = Owners::of(&output.made);
    let owned: Vec<Option<usize>> =
        additions.iter().map(|addition| owners.find(&addition.owner, addition.rule)).collect();
    for (addition, owner) in additions.into_iter().zip(owned) {
        if let Some(index) = owner {
            add(&mut output.made[index].properties, addition);
        }
    }
    super::code::note_handed(handed, &mut output);
    output
}

/// The resources that the arguments of a module name, which is not part of the project.
fn handed_over(configuration: &Configuration<'_>, module: ModuleId, block: &Block, handed: &mut Vec<(Rc<str>, Span)>) {
    for copy in configuration.copies(block, module).iter() {
        let mut queue: Vec<Val> =
            configuration.body(&block.body, &copy.scope).entries.into_iter().map(|entry| entry.value).collect();
        while let Some(value) = queue.pop() {
            match &value.kind {
                ValKind::Attribute(address, _) => handed.push((Rc::clone(address), block.span)),
                ValKind::List(items) | ValKind::Parts(items) | ValKind::Either(items) => {
                    queue.extend(items.iter().cloned());
                }
                ValKind::Map(map) => queue.extend(map.entries.iter().map(|entry| entry.value.clone())),
                _ => {}
            }
        }
    }
}

#[allow(clippy::too_many_arguments)] // one call site; the parts have nothing in common
fn resource(
    configuration: &Configuration<'_>,
    kind: &str,
    address: String,
    block: &Block,
    copy: &Copy,
    plan: Option<&Plan>,
    output: &mut Output,
    additions: &mut Vec<Addition>,
) {
    let Some(rule) = terraform().resources.get(kind) else {
        // Other resources are nodes that references may lead to.
        output.made.push(Made { address, type_name: kind.to_owned(), span: block.span, properties: Map::default() });
        return;
    };
    let mut body = configuration.body(&block.body, &copy.scope);
    if let Some(plan) = plan {
        plan.complete(&address, &mut body);
    }
    let mut properties = rule.properties(&body);
    if ignores(block, "environment") && type_of(rule, kind) == "AWS::Lambda::Function" {
        let unknown = Val::opaque("is managed outside (`ignore_changes`)", block.span);
        set_path(&mut properties, "Environment.Variables", block.span, unknown);
    }
    open_defaults(&mut properties);
    if type_of(rule, kind) == "AWS::Lambda::Function" {
        super::code::hash(configuration, block, copy, &mut properties);
    }
    if let Some(owner) = &rule.into {
        if rule.exclusive {
            output.made.push(exclusive(configuration, (kind, address), block, copy, body.get(owner)));
        }
        if let Some(entry) = body.get(owner) {
            let value = match &rule.item {
                Some(item) => body.get(item).map(|entry| entry.value.clone()),
                None => Some(Val::map(properties, block.span)),
            };
            if let Some(value) = value {
                // `roles = [a, b]` belongs to each of them.
                let owners = match &entry.value.kind {
                    ValKind::List(owners) => owners.as_slice(),
                    _ => std::slice::from_ref(&entry.value),
                };
                let made = owners.iter().map(|owner| (owner.clone(), value.clone()));
                additions.extend(made.map(|(owner, value)| Addition { owner, rule, span: block.span, value }));
            }
        }
        return;
    }
    let type_name = type_of(rule, kind).to_owned();
    output.made.push(Made { address, type_name, span: block.span, properties });
}

fn type_of<'r>(rule: &'r TerraformResource, kind: &'r str) -> &'r str {
    rule.type_name.as_deref().unwrap_or(kind)
}

/// A configuration of which its owner has one, as a resource of its own: what it configures, and whether a deployment
/// decides if it is there.
fn exclusive(
    configuration: &Configuration<'_>,
    (kind, address): (&str, String),
    block: &Block,
    copy: &Copy,
    owner: Option<&MapEntry>,
) -> Made {
    let mut properties = Map::default();
    if let Some(owner) = owner {
        set_path(&mut properties, "Owner", owner.key_span, owner.value.clone());
    }
    let conditional = ["count", "for_each"].iter().find_map(|key| block.body.attribute(key));
    let outside = Scope::of(copy.scope.module);
    let decided = |condition: &Attribute| {
        let value = configuration.eval(&condition.value, &outside);
        matches!(value.kind, ValKind::Number(_) | ValKind::Text(_) | ValKind::List(_) | ValKind::Map(_))
    };
    if let Some(condition) = conditional.filter(|condition| !decided(condition)) {
        set_path(&mut properties, "Conditional", condition.key, Val::truth(true, condition.key));
    }
    Made { address, type_name: kind.to_owned(), span: block.span, properties }
}

/// A map of environment variables that a variable's default supplies may have more keys in a real deployment.
fn open_defaults(properties: &mut Map) {
    let Some(entry) = dig(properties, "Environment.Variables").cloned() else { return };
    if let (Some(Origin::ParameterDefault(name, _)), ValKind::Map(map)) = (&entry.value.origin, &entry.value.kind) {
        let open = Map { open: Some(format!("may be extended through {name}").into()), ..Map::clone(map) };
        let value = entry.value.with_kind(ValKind::Map(Rc::new(open)));
        set_path(properties, "Environment.Variables", entry.key_span, value);
    }
}

/// Adds properties to the resource an attribute leads to, by reference or by its name.
fn add(properties: &mut Map, addition: Addition) {
    match &addition.rule.list {
        Some(list) => append(properties, list, addition.span, addition.value),
        None => {
            if let ValKind::Map(map) = &addition.value.kind {
                for entry in &map.entries {
                    overlay(properties, entry.clone());
                }
            }
        }
    }
}

/// Resources by address, and by the physical name the configuration fixes.
struct Owners<'m> {
    made: &'m [Made],
    by_address: HashMap<Rc<str>, usize>,
    by_name: HashMap<(&'static str, String), Vec<usize>>,
}

impl<'m> Owners<'m> {
    fn of(made: &'m [Made]) -> Self {
        let mut owners = Self { made, by_address: HashMap::new(), by_name: HashMap::new() };
        for (index, resource) in made.iter().enumerate() {
            owners.by_address.insert(resource.address.as_str().into(), index);
            // Mappings, permissions and aliases name a function as well, but are not it.
            let key = match resource.type_name.as_str() {
                "AWS::Lambda::Function" => "FunctionName",
                "AWS::SQS::Queue" => "QueueName",
                "AWS::S3::Bucket" => "BucketName",
                "AWS::IAM::Role" => "RoleName",
                "AWS::Lambda::Alias" => continue,
                _ => "Name",
            };
            if let Some(name) = resource.properties.get(key).and_then(|entry| entry.value.scalar()) {
                owners.by_name.entry((key, name)).or_default().push(index);
            }
        }
        owners
    }

    /// The resource a value leads to; an alias leads on to its function.
    fn find(&self, value: &Val, rule: &TerraformResource) -> Option<usize> {
        // Which kind of resource the attribute of a name means: a role may be called as its function is.
        let key = match rule.into.as_deref() {
            Some("function_name") => "FunctionName",
            Some("queue_url") => "QueueName",
            Some("bucket") => "BucketName",
            Some("role" | "roles") => "RoleName",
            _ => "Name",
        };
        let index = self.named(value, key)?;
        match self.made[index].type_name.as_str() {
            "AWS::Lambda::Alias" => self.named(&self.made[index].properties.get("FunctionName")?.value, "FunctionName"),
            _ => Some(index),
        }
    }

    /// Of several that have a name none is meant for certain.
    fn named(&self, value: &Val, key: &'static str) -> Option<usize> {
        match &value.kind {
            ValKind::Attribute(address, _) => self.by_address.get(address).copied(),
            ValKind::Text(name) => match self.by_name.get(&(key, name.to_string()))?.as_slice() {
                [only] => Some(*only),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Puts an entry into a map; maps inside are merged.
fn overlay(map: &mut Map, entry: MapEntry) {
    if let ValKind::Map(inner) = &entry.value.kind
        && let Some(known) = map.entries.iter_mut().find(|known| known.key == entry.key)
        && let ValKind::Map(before) = &known.value.kind
    {
        let mut merged = Map::clone(before);
        for entry in &inner.entries {
            overlay(&mut merged, entry.clone());
        }
        known.value = known.value.with_kind(ValKind::Map(Rc::new(merged)));
        return;
    }
    map.set(entry);
}

impl TerraformResource {
    /// The CloudFormation properties of a block body.
    fn properties(&self, body: &Map) -> Map {
        let mut out = Map::default();
        self.own.write(body, &mut out);
        lists(&self.lists, body, &mut out);
        for (property, value) in &self.defaults {
            if dig(&out, property).is_none() {
                let place = body.entries.first().map(|entry| entry.key_span);
                if let Some(place) = place {
                    let origin = Some(Origin::ToolDefault("the Terraform AWS provider".to_owned()));
                    set_path(&mut out, property, place, Val::text(value.as_str(), place).seen_at(place, origin));
                }
            }
        }
        out
    }
}

/// Adds the items that repeated blocks make. Blocks in blocks are as deep as the data names them.
fn lists(known: &BTreeMap<String, TerraformList>, body: &Map, out: &mut Map) {
    for (name, list) in known {
        let Some(entry) = body.get(name) else { continue };
        for item in entry.value.items().unwrap_or_default() {
            let value = match item.object() {
                Some(inner) => {
                    let mut made = Map::default();
                    list.own.write(inner, &mut made);
                    lists(&list.lists, inner, &mut made);
                    Val::map(made, item.span)
                }
                None => item.clone(),
            };
            append(out, &list.to, item.span, value);
        }
    }
}
