//! Where the definition of a state machine is: inline, in a string with references, or in a file beside the template.

use super::asl;
use super::source::{Assembled, CLOSE, Definition, OPEN};
use super::unquoted::{Unquoted, masked};
use crate::deployments::aws::cloudformation::eval::Value;
use crate::deployments::aws::cloudformation::resources::Reader;
use crate::deployments::aws::cloudformation::setting::Found;
use crate::deployments::aws::cloudformation::template::Registry;
use crate::deployments::aws::cloudformation::{Files, Unresolved};
use crate::document;
use crate::document::tree::{Doc, NodeId};
use crate::model::Setting;
use crate::model::deployments::{Deploy, StackId, Text};
use crate::text::path;
use std::sync::Arc;

/// Why a machine is left out.
const BEYOND: &str = "has, with those before it, more states than are followed, or they nest too deep; not analysed";

impl<'r> Reader<'r> {
    /// Adds the state machine a resource is.
    pub(crate) fn machine(&self, deploy: &mut Deploy, files: &mut Files<'_>, gaps: &mut Vec<Unresolved>) {
        if !matches!(
            self.registry.type_name(self.id),
            "AWS::StepFunctions::StateMachine" | "AWS::Serverless::StateMachine"
        ) {
            return;
        }
        match self.definition(files) {
            Ok(definition) => {
                let name = deploy.resource(self.id).logical_id.clone();
                let kind = ["StateMachineType", "Type"]
                    .iter()
                    .map(|key| self.properties.text(&[key], None))
                    .find(|setting| setting.value.span().is_some())
                    // Step Functions API reference, CreateStateMachine: `type` defaults to STANDARD.
                    .unwrap_or_else(|| Setting::platform_default("STANDARD".to_owned(), self.span));
                match asl::read(&definition, name, self.span, kind, &mut files.states_left) {
                    Some(mut machine) => {
                        machine.resource = Some(self.id);
                        deploy.machines.push(machine);
                    }
                    None => {
                        let name = &self.registry.resource(self.id).logical_id;
                        gaps.push((self.span, format!("state machine `{name}` {BEYOND}")));
                    }
                }
            }
            Err((span, reason)) => {
                let name = &deploy.resource(self.id).logical_id;
                gaps.push((span, format!("definition of state machine `{name}` is unknown: it {reason}")));
            }
        }
    }

    fn definition(&self, files: &mut Files<'_>) -> Result<Definition<'r>, Unresolved> {
        let names = match self.properties.find(&["DefinitionSubstitutions"]) {
            Found::At { place, .. } => Some(place),
            _ => None,
        };
        let base = |template: StackId, root: NodeId| Definition {
            registry: self.registry,
            template,
            said_in: Some(self.registry.declaration(self.id).template),
            own: None,
            root,
            pieces: Vec::new(),
            names,
            unquoted: Vec::new(),
            assembled: None,
        };
        for key in ["DefinitionUri", "DefinitionS3Location"] {
            let Some((value, _)) = self.properties.value(&[key]) else { continue };
            let Value::Text { text: Text::Literal(reference), span, .. } = value else {
                return Err((self.span, "lies in a bucket".to_owned()));
            };
            let own = self.registry.declaration(self.id).template;
            let dir = path::parent(&self.registry.template(own).path);
            let found = path::join(dir, &reference).and_then(|path| files.load(&path));
            let Some(doc) = found else {
                return Err((span, format!("is in `{reference}`, which is not a file of this project")));
            };
            let (doc, unquoted) = substituted(doc, files)?;
            let root = doc.roots.first().copied().ok_or((span, "is empty".to_owned()))?;
            return Ok(Definition { own: Some(doc), unquoted, ..base(own, root) });
        }
        for key in ["Definition", "DefinitionString"] {
            let Found::At { place, .. } = self.properties.find(&[key]) else { continue };
            let span = self.registry.span(place);
            let pieces = match self.registry.value(place) {
                Value::Node(found) => return Ok(base(found.template, found.node)),
                Value::Opaque { reason, span } => return Err((span, reason)),
                Value::External { symbol, span } => return Err((span, format!("is set by {symbol}"))),
                _ => self.registry.pieces(place),
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
            let doc = whole(Arc::new(document::read(span.file, &text))).map_err(|(_, reason)| (span, reason))?;
            let root = doc.roots.first().copied().ok_or((span, "is empty".to_owned()))?;
            let assembled = Some(Assembled::of(span, files.slice(span)));
            return Ok(Definition { own: Some(doc), pieces: references, assembled, ..base(place.template, root) });
        }
        Err((self.span, "is not in the template".to_owned()))
    }
}

/// Definitions in files of their own (`*.asl.json`, `*.asl.yaml`) that nothing read so far names.
pub(crate) fn orphans(registry: &Registry, files: &mut Files<'_>, deploy: &mut Deploy, gaps: &mut Vec<Unresolved>) {
    let suffixes = [".asl.json", ".asl.yaml", ".asl.yml"];
    let paths: Vec<String> = files
        .tree
        .files()
        .iter()
        .filter(|path| suffixes.iter().any(|suffix| path.ends_with(suffix)) && files.sources.find(path).is_none())
        .cloned()
        .collect();
    for path in paths {
        let Some(doc) = files.load(&path) else { continue };
        let (doc, unquoted) = match substituted(doc, files) {
            Ok(found) => found,
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
            template: StackId(0),
            said_in: None,
            own: Some(doc),
            root,
            pieces: Vec::new(),
            names: None,
            unquoted,
            assembled: None,
        };
        // Whether it is deployed as Express is not known here.
        let kind = Setting::absent();
        match asl::read(&definition, name, span, kind, &mut files.states_left) {
            Some(machine) => deploy.machines.push(machine),
            None => gaps.push((span, format!("this state machine {BEYOND}"))),
        }
    }
}

/// A definition in a file of its own, with the names in it that stand unquoted.
fn substituted(doc: Arc<Doc>, files: &Files<'_>) -> Result<(Arc<Doc>, Unquoted), Unresolved> {
    let file = doc.error.as_ref().map(|(_, span)| span.file);
    let text = file.map(|file| (file, files.sources.text(file)));
    match text.and_then(|(file, text)| Some((file, masked(text)?))) {
        Some((file, (text, names))) => Ok((whole(Arc::new(document::read(file, &text)))?, names)),
        None => Ok((whole(doc)?, Vec::new())),
    }
}

/// A document that was read to its end.
fn whole(doc: Arc<Doc>) -> Result<Arc<Doc>, Unresolved> {
    match &doc.error {
        Some((reason, span)) => Err((*span, format!("is not valid: {reason}"))),
        None => Ok(doc),
    }
}
