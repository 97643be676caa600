//! Where the definition of a state machine is: inline, in a string with references, or in a file beside the template.

use super::asl;
use crate::deployments::aws::cloudformation::Files;
use crate::deployments::aws::cloudformation::eval::{Value, concat, literal};
use crate::deployments::aws::cloudformation::resources::Reader;
use crate::deployments::aws::cloudformation::setting::Found;
use crate::deployments::aws::cloudformation::template::Registry;
use crate::document::tree::{Doc, NodeId};
use crate::document::{json, yaml};
use crate::model::deployments::{Deploy, Text};
use crate::text::{FileId, Span, path};

/// Private-use characters around the number of a reference inside an assembled text.
const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

/// A definition that can be walked: a document, its root, and what its texts may refer to.
pub(crate) struct Definition<'r> {
    pub(crate) registry: &'r Registry,
    /// The template whose names it sees.
    template: usize,
    own: Option<Doc>,
    pub(crate) root: NodeId,
    /// References between pieces of an assembled text.
    pieces: Vec<Value>,
    /// `DefinitionSubstitutions`.
    names: Option<(usize, NodeId)>,
    /// The text it was assembled from, for finding names in it.
    assembled: Option<(Span, String)>,
}

impl Definition<'_> {
    pub(crate) fn doc(&self) -> &Doc {
        self.own.as_ref().unwrap_or_else(|| &self.registry.templates[self.template].doc)
    }

    /// The value of a scalar, references followed.
    pub(crate) fn value(&self, node: NodeId) -> Value {
        let doc = self.doc();
        let span = doc.span(node);
        let (value, text) = match (&self.own, doc.text(node)) {
            (None, _) => match self.registry.value(self.template, node) {
                Value::Text { text: Text::Literal(text), span, origin } if text.contains("${") => {
                    (Value::Text { text: Text::Literal(text.clone()), span, origin }, text)
                }
                other => return other,
            },
            (Some(_), Some(text)) => (literal(text.to_owned(), span), text.to_owned()),
            // A document of its own has no intrinsic functions.
            (Some(_), None) => return Value::Opaque { reason: "is not a plain value".to_owned(), span },
        };
        if !text.contains(OPEN) && !text.contains("${") {
            return value;
        }
        let mut parts = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once(OPEN) {
            parts.extend(self.substituted(before, span));
            let (number, after) = after.split_once(CLOSE).unwrap_or((after, ""));
            if let Some(piece) = number.parse::<usize>().ok().and_then(|number| self.pieces.get(number)) {
                parts.push(piece.clone());
            }
            rest = after;
        }
        parts.extend(self.substituted(rest, span));
        concat(parts, span)
    }

    /// A text with the names of `DefinitionSubstitutions` replaced; other `${…}` stays.
    fn substituted(&self, text: &str, span: Span) -> Vec<Value> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find("${") {
            let Some(length) = rest[open..].find('}') else { break };
            let name = &rest[open + 2..open + length];
            let known = self.names.and_then(|(template, node)| {
                let node = self.registry.templates[template].doc.get(node, name)?;
                Some(self.registry.value(template, node))
            });
            if open > 0 {
                parts.push(literal(rest[..open].to_owned(), span));
            }
            parts.push(known.unwrap_or_else(|| {
                let text = Text::Template(format!("${{{name}}}"), Vec::new());
                Value::Text { text, span, origin: None }
            }));
            rest = &rest[open + length + 1..];
        }
        if !rest.is_empty() {
            parts.push(literal(rest.to_owned(), span));
        }
        parts
    }

    /// The place of a state's name.
    pub(crate) fn place(&self, name: &str, span: Span) -> Span {
        let Some((whole, source)) = &self.assembled else { return span };
        let is_key = |at: usize| {
            let before = source[..at].ends_with('"');
            let after = source[at + name.len()..].trim_start_matches(['\\', '"']).trim_start();
            before && after.starts_with(':')
        };
        match source.match_indices(name).map(|(at, _)| at).find(|&at| is_key(at)) {
            Some(at) => {
                let start = whole.start + at as u32;
                Span::new(whole.file, start, start + name.len() as u32)
            }
            None => *whole,
        }
    }
}

impl<'r> Reader<'r> {
    /// Adds the state machine a resource is.
    pub(crate) fn machine(
        &self,
        deploy: &mut Deploy,
        files: &mut Files<'_>,
        gaps: &mut Vec<crate::deployments::aws::cloudformation::Unresolved>,
    ) {
        if !matches!(
            self.registry.type_name(self.id),
            "AWS::StepFunctions::StateMachine" | "AWS::Serverless::StateMachine"
        ) {
            return;
        }
        match self.definition(files) {
            Ok(definition) => {
                let name = self.registry.names[self.id.0 as usize].0.clone();
                let kind = ["StateMachineType", "Type"]
                    .iter()
                    .map(|key| self.properties.text(&[key], None))
                    .find(|setting| setting.value.span().is_some())
                    // Step Functions API reference, CreateStateMachine: `type` defaults to STANDARD.
                    .unwrap_or_else(|| crate::model::Setting::platform_default("STANDARD".to_owned(), self.span));
                let mut machine = asl::read(&definition, name, self.span, kind);
                machine.resource = Some(self.id);
                deploy.machines.push(machine);
            }
            Err((span, reason)) => {
                let name = &self.registry.names[self.id.0 as usize].0;
                gaps.push((span, format!("definition of state machine `{name}` is unknown: it {reason}")));
            }
        }
    }

    fn definition(
        &self,
        files: &mut Files<'_>,
    ) -> Result<Definition<'r>, crate::deployments::aws::cloudformation::Unresolved> {
        let names = match self.properties.find(&["DefinitionSubstitutions"]) {
            Found::At { template, node, .. } => Some((template, node)),
            _ => None,
        };
        let base = |template: usize, root: NodeId| Definition {
            registry: self.registry,
            template,
            own: None,
            root,
            pieces: Vec::new(),
            names,
            assembled: None,
        };
        for key in ["DefinitionUri", "DefinitionS3Location"] {
            let Some((value, _)) = self.properties.value(&[key]) else { continue };
            let Value::Text { text: Text::Literal(reference), span, .. } = value else {
                return Err((self.span, "lies in a bucket".to_owned()));
            };
            let dir = path::parent(&self.registry.templates[self.properties.template].path);
            let found = path::join(dir, &reference).and_then(|path| files.load(&path));
            let Some((file, text)) = found else {
                return Err((span, format!("is in `{reference}`, which is not a file of this project")));
            };
            let doc = parse(file, &text)?;
            let root = doc.roots.first().copied().ok_or((span, "is empty".to_owned()))?;
            return Ok(Definition { own: Some(doc), ..base(self.properties.template, root) });
        }
        for key in ["Definition", "DefinitionString"] {
            let Found::At { template, node, .. } = self.properties.find(&[key]) else { continue };
            let span = self.registry.templates[template].doc.span(node);
            let pieces = match self.registry.value(template, node) {
                Value::Node { template, node } => return Ok(base(template, node)),
                Value::Opaque { reason, span } => return Err((span, reason)),
                Value::External { symbol, span } => return Err((span, format!("is set by {symbol}"))),
                _ => self.registry.pieces(template, node),
            };
            let (mut text, mut references) = (String::new(), Vec::new());
            for piece in pieces {
                match piece {
                    Value::Text { text: Text::Literal(piece), .. } => text.push_str(&piece),
                    other => {
                        text.push_str(&format!("{OPEN}{}{CLOSE}", references.len()));
                        references.push(other);
                    }
                }
            }
            let doc = parse(span.file, &text).map_err(|(_, reason)| (span, reason))?;
            let root = doc.roots.first().copied().ok_or((span, "is empty".to_owned()))?;
            let assembled = Some((span, files.slice(span).to_owned()));
            return Ok(Definition { own: Some(doc), pieces: references, assembled, ..base(template, root) });
        }
        Err((self.span, "is not in the template".to_owned()))
    }
}

/// Definitions in files of their own (`*.asl.json`, `*.asl.yaml`) that nothing read so far names.
pub(crate) fn orphans(
    registry: &Registry,
    files: &mut Files<'_>,
    deploy: &mut Deploy,
    gaps: &mut Vec<crate::deployments::aws::cloudformation::Unresolved>,
) {
    let suffixes = [".asl.json", ".asl.yaml", ".asl.yml"];
    let paths: Vec<String> = files
        .tree
        .files()
        .iter()
        .filter(|path| suffixes.iter().any(|suffix| path.ends_with(suffix)) && files.sources.find(path).is_none())
        .cloned()
        .collect();
    for path in paths {
        let Some((file, text)) = files.load(&path) else { continue };
        let doc = match parse(file, &text) {
            Ok(doc) => doc,
            Err(unresolved) => {
                gaps.push(unresolved);
                continue;
            }
        };
        let Some(root) = doc.roots.first().copied().filter(|&root| doc.get(root, "States").is_some()) else { continue };
        let span = doc.entry(root, "StartAt").map_or(doc.span(root), |entry| entry.key_span);
        let name = path.rsplit('/').next().and_then(|file| file.split('.').next()).unwrap_or(&path).to_owned();
        let definition = Definition {
            registry,
            template: 0,
            own: Some(doc),
            root,
            pieces: Vec::new(),
            names: None,
            assembled: None,
        };
        // Whether it is deployed as Express is not known here.
        let kind = crate::model::Setting::absent();
        deploy.machines.push(asl::read(&definition, name, span, kind));
    }
}

fn parse(file: FileId, text: &str) -> Result<Doc, crate::deployments::aws::cloudformation::Unresolved> {
    let json = text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
    let mut doc = if json { json::read(file, text) } else { yaml::read(file, text) };
    match doc.error.take() {
        Some((reason, span)) => Err((span, format!("is not valid: {reason}"))),
        None => Ok(doc),
    }
}
