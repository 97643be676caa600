//! What the settings beside a program say: which file an app starts with, and what aliases of modules stand for.

use crate::text::path;
use crate::tree::Tree;
use jsonc_parser::ast::{Object, Value};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

/// Settings that extend each other are followed this far.
const MAX_EXTENDED: usize = 4;

/// The program that the `app` of a `cdk.json` runs, if it is one in a file of the tree.
pub(crate) fn entry(tree: &dyn Tree, mark: &str, is_program: impl Fn(&str) -> bool) -> Option<String> {
    let dir = path::parent(mark);
    let text = tree.text(mark).ok().filter(|_| mark.ends_with("cdk.json"))?;
    let app = with_object(&text, |settings| settings.get_string("app").map(|app| app.value.to_string()))??;
    app.split_whitespace().find_map(|word| {
        let file = path::join(dir, word.trim_matches(['"', '\'']))?;
        let written = ["", ".ts", ".js", ".py"].iter().map(|extension| format!("{file}{extension}"));
        written.into_iter().find(|file| is_program(file) && tree.contains(file))
    })
}

/// Whether the `context` of a `cdk.json` turns something on.
pub(crate) fn is_on(tree: &dyn Tree, mark: &str, name: &str) -> bool {
    let text = tree.text(mark).ok().filter(|text| mark.ends_with("cdk.json") && text.contains(name));
    let on = |settings: &Object<'_>| {
        let context = settings.get_object("context");
        context.and_then(|context| context.get_boolean(name)).is_some_and(|on| on.value)
    };
    text.and_then(|text| with_object(&text, on)).unwrap_or(false)
}

/// `compilerOptions` of a `tsconfig.json`: from where modules are named, and patterns with what they stand for.
#[derive(Debug, Default)]
pub(crate) struct Aliases {
    base: Option<String>,
    patterns: Vec<(String, Vec<String>)>,
}

impl Aliases {
    /// Those of the nearest `tsconfig.json` above a directory.
    pub(crate) fn above(tree: &dyn Tree, dir: &str) -> Self {
        let mut at = dir;
        loop {
            let file = if at.is_empty() { "tsconfig.json".to_owned() } else { format!("{at}/tsconfig.json") };
            if tree.contains(&file) {
                return Self::read(tree, &file);
            }
            if at.is_empty() {
                return Self::default();
            }
            at = path::parent(at);
        }
    }

    fn read(tree: &dyn Tree, file: &str) -> Self {
        let mut found = Self::default();
        let mut next = Some(file.to_owned());
        for _ in 0..MAX_EXTENDED {
            let Some(file) = next.take().filter(|file| tree.contains(file)) else { break };
            let Ok(text) = tree.text(&file) else { break };
            let dir = path::parent(&file).to_owned();
            let extended = with_object(&text, |settings| {
                if let Some(options) = settings.get_object("compilerOptions") {
                    found.add(options, &dir);
                }
                settings.get_string("extends").map(|extends| extends.value.to_string())
            });
            next = extended.flatten().filter(|from| from.starts_with('.')).and_then(|from| {
                let file = if from.ends_with(".json") { from } else { format!("{from}.json") };
                path::join(&dir, &file)
            });
        }
        found
    }

    /// What a file says wins over what it extends.
    fn add(&mut self, options: &Object<'_>, dir: &str) {
        let base = options.get_string("baseUrl").and_then(|base| path::join(dir, &base.value));
        if self.patterns.is_empty()
            && let Some(paths) = options.get_object("paths")
        {
            let start = base.as_deref().or(self.base.as_deref()).unwrap_or(dir);
            for property in &paths.properties {
                let Value::Array(targets) = &property.value else { continue };
                let texts = targets.elements.iter().filter_map(|target| match target {
                    Value::StringLit(text) => path::join(start, &text.value),
                    _ => None,
                });
                self.patterns.push((property.name.as_str().to_owned(), texts.collect()));
            }
        }
        if self.base.is_none() {
            self.base = base;
        }
    }

    /// Where a module of the project may be that is named without a path.
    pub(crate) fn places(&self, from: &str) -> Vec<String> {
        let fits = self.patterns.iter().filter_map(|(pattern, targets)| {
            let part = match pattern.split_once('*') {
                Some((before, after)) => from.strip_prefix(before)?.strip_suffix(after)?,
                None => Some("").filter(|_| pattern == from)?,
            };
            Some(targets.iter().map(move |target| target.replace('*', part)))
        });
        let mut places: Vec<String> = fits.flatten().collect();
        places.extend(self.base.as_deref().and_then(|base| path::join(base, from)));
        places
    }
}

/// Asks the object that a text with comments holds.
fn with_object<T>(text: &str, ask: impl FnOnce(&Object<'_>) -> T) -> Option<T> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default()).ok()?;
    match parsed.value? {
        Value::Object(object) => Some(ask(&object)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Aliases, with_object};

    #[test]
    fn aliases_stand_for_places() {
        let text = r#"{ /* types */
            "compilerOptions": {"baseUrl": "src", "paths": {"@stacks/*": ["stacks/*"], "~": ["main"]}} }"#;
        let mut aliases = Aliases::default();
        with_object(text, |settings| aliases.add(settings.get_object("compilerOptions").expect("options"), "infra"));
        assert_eq!(aliases.places("@stacks/jobs")[0], "infra/src/stacks/jobs");
        assert_eq!(aliases.places("~")[0], "infra/src/main");
        assert_eq!(aliases.places("constructs/queue"), ["infra/src/constructs/queue"]);
    }
}
