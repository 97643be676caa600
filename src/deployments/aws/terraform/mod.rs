//! Terraform: each root module of the tree, evaluated without running `terraform`, as a template of resources.

mod code;
mod combine;
mod document;
pub(crate) mod encoded;
pub(crate) mod eval;
pub(crate) mod functions;
pub(crate) mod json_form;
mod lookup;
mod made;
pub(crate) mod modules;
mod names;
mod overrides;
pub(crate) mod plan;
pub(crate) mod published;
pub(crate) mod resources;
mod scope;
pub(crate) mod source;
mod terragrunt;
pub(crate) mod translate;
pub(crate) mod value;

use self::modules::Configuration;
use self::plan::Plan;
use self::scope::Scope;
use self::source::{ModuleKind, Source, module_kind};
use self::value::{ModuleId, Val};
use super::cloudformation::Translated;
use crate::deployments::Choices;
use crate::deployments::dialect::{Dialect, Reading};
use crate::document::hcl::{self, Body};
use crate::document::json;
use crate::model::deployments::{DialectId, Region};
use crate::model::{Gap, Origin, Project};
use crate::text::{FileId, Span, path};
use crate::tree::Tree;
use rayon::prelude::*;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The dialect.
pub(crate) const ID: DialectId = DialectId("terraform");

/// Terraform and OpenTofu.
pub(crate) struct Terraform;

impl Dialect for Terraform {
    fn ids(&self) -> &[DialectId] {
        &[ID]
    }

    fn claims(&self, path: &str) -> bool {
        [".tf", ".tf.json", ".tofu", ".tofu.json"].iter().any(|extension| path.ends_with(extension))
    }

    fn read(&self, reading: &mut Reading<'_>) {
        let paths = reading.claimed(self);
        let translated = translated(reading.tree, paths, reading.choices, &mut reading.left, reading.project);
        reading.templates.extend(translated);
    }
}

/// Reads every root module under the tree.
fn translated(
    tree: &dyn Tree,
    paths: Vec<&String>,
    choices: &Choices,
    left: &mut usize,
    project: &mut Project,
) -> Vec<Translated> {
    let sources = sources(tree, paths, project);
    let mut called: BTreeSet<String> = sources
        .values()
        .flat_map(|source| source.blocks("module").map(|block| module_kind(&source.dir, block)))
        .filter_map(|kind| match kind {
            ModuleKind::Local(dir) => Some(dir),
            _ => None,
        })
        .collect();
    let plan = choices.plan.as_deref().and_then(|path| read_plan(tree, path, project));
    let (units, of_units) = terragrunt::roots(tree, &sources, project);
    called.extend(of_units);
    let roots = sources.values().filter(|source| !called.contains(&source.dir));
    let roots: Vec<&Source> = roots.chain(&units).collect();
    let mut translated = Vec::new();
    let copies = Cell::new(modules::MAX_COPIES);
    for root in roots {
        let read = read_root(tree, &sources, root, choices, plan.as_ref(), &copies, *left, project);
        *left = read.as_ref().map_or(*left, |read| read.doc.left());
        translated.extend(read);
    }
    translated
}

/// Parses all files, grouped by directory.
fn sources(tree: &dyn Tree, paths: Vec<&String>, project: &mut Project) -> BTreeMap<String, Source> {
    let texts: Vec<_> = paths.into_par_iter().map(|path| (path, tree.text(path))).collect();
    let mut files: Vec<(String, FileId)> = Vec::new();
    for (path, text) in texts {
        match text {
            Ok(text) => files.push((path.clone(), project.sources.add(path, text.into()))),
            Err(error) => project.gaps.push(Gap::file(path, error.to_string())),
        }
    }
    let (texts, known) = (&project.sources, &project.documents);
    type Parsed = (String, FileId, Result<Arc<Body>, (String, Span)>);
    let parsed: Vec<Parsed> = files
        .into_par_iter()
        .map(|(path, file)| {
            let text = texts.text(file);
            let body = known.known_body(file, text).map_or_else(|| parse(file, text).map(Arc::new), Ok);
            (path, file, body)
        })
        .collect();
    let mut sources: BTreeMap<String, Source> = BTreeMap::new();
    let mut overriding: Vec<(String, Arc<Body>)> = Vec::new();
    for (path, file, body) in parsed {
        let dir = path::parent(&path).to_owned();
        let source = sources.entry(dir.clone()).or_insert_with(|| Source::of(dir.clone()));
        let overrides = overrides::is_override(&path);
        source.files.push(path);
        source.place.get_or_insert(Span::new(file, 0, 0));
        match body {
            Ok(body) => {
                project.documents.keep_body(file, &body);
                match overrides {
                    true => overriding.push((dir, body)),
                    false => source.bodies.push(body),
                }
            }
            Err((reason, span)) => {
                project.gaps.push(Gap::at(&project.sources, span, format!("not valid HCL: {reason}")))
            }
        }
    }
    // In the order of their names, as they were read.
    for (dir, body) in overriding {
        if let Some(source) = sources.get_mut(&dir) {
            overrides::apply(source, &body);
        }
    }
    sources
}

fn parse(file: FileId, text: &str) -> Result<Body, (String, Span)> {
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        let doc = json::read(file, text);
        return match doc.error {
            Some(error) => Err(error),
            None => Ok(json_form::body(&doc)),
        };
    }
    hcl::parse(file, text)
}

fn read_plan(tree: &dyn Tree, path: &str, project: &mut Project) -> Option<Plan> {
    let plan = tree.read(path).map_err(|error| error.to_string());
    let plan = plan.and_then(|bytes| Plan::parse(&String::from_utf8_lossy(&bytes)));
    match plan {
        Ok(plan) => Some(plan),
        Err(reason) => {
            project.gaps.push(Gap::file(path, format!("plan {reason}")));
            None
        }
    }
}

#[allow(clippy::too_many_arguments)] // one call site; the parts have nothing in common
fn read_root(
    tree: &dyn Tree,
    sources: &BTreeMap<String, Source>,
    root: &Source,
    choices: &Choices,
    plan: Option<&Plan>,
    copies: &Cell<usize>,
    left: usize,
    project: &mut Project,
) -> Option<Translated> {
    let place = root.place?;
    let mut given: HashMap<String, Val> = HashMap::new();
    let is_unit = root.files.iter().any(|file| file.ends_with(".hcl"));
    let files = if is_unit { Vec::new() } else { variable_files(tree, &root.dir, choices) };
    for path in files {
        variables(tree, &path, project, &mut given);
    }
    for (name, value) in plan.into_iter().flat_map(|plan| &plan.variables) {
        let origin = Some(Origin::Inherited("the plan's variables".to_owned(), place));
        given.entry(name.clone()).or_insert_with(|| plan::value(value, place).seen_at(place, origin));
    }
    let file_sources = &mut project.sources;
    let mut load = |path: &str| {
        let file = match file_sources.find(path) {
            Some(file) => file,
            None => {
                let text = tree.text(path).ok()?;
                file_sources.add(path, text.into())
            }
        };
        let text = file_sources.text(file).to_owned();
        Some((Span::new(file, 0, text.len() as u32), text))
    };
    let (output, region) = {
        let configuration = Configuration::new(sources, tree, root, given, copies, &mut load);
        let mut output = translate::translate(&configuration, plan);
        output.gaps.extend(configuration.beyond.take());
        (output, region(&configuration))
    };
    for (span, reason) in output.gaps {
        project.gaps.push(Gap::at(&project.sources, span, reason));
    }
    let (doc, node) = document::document(place.file, place, &output.made, left);
    if doc.is_full() {
        let reason = "the modules of this root make more than is followed; what is beyond is not analysed";
        project.gaps.push(Gap::at(&project.sources, place, reason));
    }
    let main = root.files.iter().find(|path| path.ends_with("main.tf")).or(root.files.first())?;
    let region = region.map(|(name, file)| Region { name, path: project.sources.path(file).to_owned() });
    Some(Translated {
        path: main.clone(),
        dialect: ID,
        doc,
        root: node,
        region,
        aliases: Vec::new(),
        given: Default::default(),
    })
}

/// The region of the provider that resources use unless they name another, and the file it is in.
fn region(configuration: &Configuration<'_>) -> Option<(String, FileId)> {
    let blocks = configuration.root.blocks("provider").filter(|block| block.labels == ["aws"]);
    let mut plain = blocks.filter(|block| block.body.attribute("alias").is_none());
    let attribute = plain.next()?.body.attribute("region")?;
    let value = configuration.eval(&attribute.value, &Scope::of(ModuleId(0)));
    Some((value.scalar().filter(|name| !name.is_empty())?.to_string(), attribute.key.file))
}

/// Files with values for variables, later ones win: `terraform.tfvars`, `*.auto.tfvars`, then the user's choice
/// (Terraform language, "Variable Definition Precedence").
fn variable_files(tree: &dyn Tree, dir: &str, choices: &Choices) -> Vec<String> {
    let prefix = if dir.is_empty() { String::new() } else { format!("{dir}/") };
    let below = tree.files().partition_point(|path| *path < prefix);
    let below = tree.files()[below..].iter().take_while(|path| path.starts_with(&prefix));
    // Nothing of a directory inside it: only what names a file of it, and of that only what may hold values.
    let here: Vec<&String> =
        below.filter(|path| !path[prefix.len()..].contains('/') && path.contains(".tfvars")).collect();
    let pick = |test: &dyn Fn(&str) -> bool| -> Vec<String> {
        here.iter().filter(|path| test(&path[prefix.len()..])).map(|path| (*path).clone()).collect()
    };
    let mut files = pick(&|name| name == "terraform.tfvars");
    files.extend(pick(&|name| name == "terraform.tfvars.json"));
    files.extend(pick(&|name| name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json")));
    files.extend(choices.var_files.iter().cloned());
    files
}

fn variables(tree: &dyn Tree, path: &str, project: &mut Project, given: &mut HashMap<String, Val>) {
    let text = match tree.text(path) {
        Ok(text) => text,
        Err(error) => return project.gaps.push(Gap::file(path, error.to_string())),
    };
    let file = project.sources.add(path, text.as_str().into());
    let body = if path.ends_with(".json") {
        let doc = json::read(file, &text);
        match doc.error {
            Some(error) => Err(error),
            None => Ok(json_form::object(&doc)),
        }
    } else {
        hcl::parse(file, &text)
    };
    match body {
        Ok(body) => {
            for attribute in body.attributes {
                let origin = Some(Origin::Inherited(format!("`{path}`"), attribute.key.to(attribute.value.span)));
                given.insert(attribute.name, literal(&attribute.value).seen_at(attribute.value.span, origin));
            }
        }
        Err((reason, span)) => project.gaps.push(Gap::at(&project.sources, span, format!("not valid HCL: {reason}"))),
    }
}

/// A literal: files of variable values hold nothing else.
fn literal(expr: &hcl::Expr) -> Val {
    use crate::document::hcl::ExprKind;
    let span = expr.span;
    match &expr.kind {
        ExprKind::Null => Val::null(span),
        ExprKind::Bool(truth) => Val::truth(*truth, span),
        ExprKind::Number(number) => Val::number(*number, span),
        ExprKind::Text(text) => Val::text(text.as_str(), span),
        ExprKind::List(items) => Val::list(items.iter().map(literal).collect(), span),
        ExprKind::Unary(_, inner) => match literal(inner).as_number() {
            Some(number) => Val::number(-number, span),
            None => Val::opaque("is not a literal", span),
        },
        ExprKind::Object(entries) => {
            let mut map = value::Map::default();
            for (key, item) in entries {
                if let Some(name) = literal(key).scalar() {
                    map.set(value::MapEntry { key: name.into(), key_span: key.span, value: literal(item) });
                }
            }
            Val::map(map, span)
        }
        _ => Val::opaque("is not a literal", span),
    }
}
