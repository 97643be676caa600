//! What `sam deploy` is told by the `samconfig.toml` beside a template (SAM developer guide, AWS SAM CLI configuration
//! file): the region, and values of parameters in each of its environments.

use crate::document::toml;
use crate::document::tree::{Doc, NodeId};
use crate::model::Project;
use crate::model::deployments::Region;
use crate::text::{Span, path};
use crate::tree::Tree;
use std::collections::HashMap;

/// Values of parameters: one for each environment, none where the default of the template stays.
pub(crate) type Given = HashMap<String, Vec<Option<(String, Span)>>>;

/// Commands whose parameters count for a deployment, the closest first.
const COMMANDS: &[&str] = &["deploy", "global"];
/// Environments of one file.
const MAX_ENVIRONMENTS: usize = 16;

/// The file beside a template, read.
pub(crate) struct SamConfig {
    doc: Doc,
    root: NodeId,
    path: String,
}

impl SamConfig {
    pub(crate) fn beside(tree: &dyn Tree, template: &str, project: &mut Project) -> Option<Self> {
        let path = path::join(path::parent(template), "samconfig.toml").filter(|path| tree.contains(path))?;
        let text = tree.text(&path).ok()?;
        let known = project.sources.find(&path);
        let file = known.unwrap_or_else(|| project.sources.add(&path, text.as_str().into()));
        let doc = toml::read(file, &text);
        let root = *doc.roots.first().filter(|_| doc.error.is_none())?;
        Some(Self { doc, root, path })
    }

    /// A parameter of a command in an environment.
    fn parameter(&self, environment: NodeId, name: &str) -> Option<NodeId> {
        COMMANDS.iter().find_map(|command| {
            let command = self.doc.get(environment, command)?;
            self.doc.get(self.doc.get(command, "parameters")?, name)
        })
    }

    /// Where the stack of the default environment is deployed to.
    pub(crate) fn region(&self) -> Option<Region> {
        let found = self.parameter(self.doc.get(self.root, "default")?, "region")?;
        Some(Region { name: self.doc.text(found)?.to_owned(), path: self.path.clone() })
    }

    /// Values of the parameters of a template that the file is for.
    pub(crate) fn given(&self, template: &str) -> Given {
        let name = template.rsplit('/').next().unwrap_or(template);
        let usual = ["template.yaml", "template.yml", "template.json"].contains(&name);
        let mut environments: Vec<HashMap<String, (String, Span)>> = Vec::new();
        for entry in self.doc.entries(self.root).iter().take(MAX_ENVIRONMENTS) {
            if self.doc.entries(entry.value).is_empty() {
                continue;
            }
            let named =
                self.parameter(entry.value, "template_file").or_else(|| self.parameter(entry.value, "template"));
            let named = named.and_then(|named| self.doc.text(named)).filter(|named| !named.contains(".aws-sam"));
            let its = named.map_or(usual, |named| named.rsplit('/').next() == Some(name));
            let deployed = self.doc.get(entry.value, "deploy").is_some();
            if its && (deployed || entry.key == "default") {
                environments.push(self.overrides(entry.value));
            }
        }
        let mut given = Given::new();
        for name in environments.iter().flat_map(HashMap::keys) {
            given.entry(name.clone()).or_insert_with(|| {
                let mut values: Vec<Option<(String, Span)>> = Vec::new();
                for value in environments.iter().map(|environment| environment.get(name).cloned()) {
                    let same = |known: &Option<(String, Span)>| {
                        known.as_ref().map(|(text, _)| text) == value.as_ref().map(|(text, _)| text)
                    };
                    if !values.iter().any(same) {
                        values.push(value);
                    }
                }
                values
            });
        }
        given
    }

    /// `parameter_overrides`: one text, or a list of them.
    fn overrides(&self, environment: NodeId) -> HashMap<String, (String, Span)> {
        let Some(node) = self.parameter(environment, "parameter_overrides") else { return HashMap::new() };
        let nodes = match self.doc.text(node) {
            Some(_) => std::slice::from_ref(&node),
            None => self.doc.items(node),
        };
        let texts = nodes.iter().filter_map(|&node| Some((self.doc.text(node)?, self.doc.span(node))));
        texts.flat_map(|(text, span)| pairs(text).into_iter().map(move |(name, value)| (name, (value, span)))).collect()
    }
}

/// `Name=value Other="a b"`, or `ParameterKey=Name,ParameterValue=value`.
fn pairs(text: &str) -> Vec<(String, String)> {
    let mut words: Vec<String> = vec![String::new()];
    let mut quote: Option<char> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let Some(word) = words.last_mut() else { break };
        match c {
            '\\' => word.extend(chars.next()),
            _ if quote == Some(c) => quote = None,
            '"' | '\'' if quote.is_none() => quote = Some(c),
            _ if c.is_whitespace() && quote.is_none() => words.push(String::new()),
            _ => word.push(c),
        }
    }
    let pair = |word: String| {
        if let Some(rest) = word.strip_prefix("ParameterKey=") {
            let (name, value) = rest.split_once(",ParameterValue=")?;
            return Some((name.to_owned(), value.to_owned()));
        }
        word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    words.into_iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::pairs;

    #[test]
    fn overrides_are_written_in_two_ways() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(pairs("A=1 B=\"x y\"  C=\\\"2\\\""), [pair("A", "1"), pair("B", "x y"), pair("C", "\"2\"")]);
        assert_eq!(pairs("ParameterKey=A,ParameterValue=b=c junk"), [pair("A", "b=c")]);
    }
}
