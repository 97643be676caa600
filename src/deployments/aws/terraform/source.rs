//! One directory of `.tf` files, and where the modules it calls come from.

use crate::document::hcl::{Attribute, Block, Body, Expr, ExprKind};
use crate::knowledge::terraform;
use crate::text::{Span, path};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// The configuration in one directory.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) dir: String,
    /// Its files, sorted.
    pub(crate) files: Vec<String>,
    pub(crate) bodies: Vec<Arc<Body>>,
    /// A place for what has no place of its own.
    pub(crate) place: Option<Span>,
    /// Blocks by kind and labels.
    index: OnceLock<HashMap<String, (usize, usize)>>,
}

impl Source {
    pub(crate) fn of(dir: String) -> Self {
        Self { dir, ..Self::default() }
    }

    /// Blocks of a kind, in the order of files.
    pub(crate) fn blocks<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = &'s Block> {
        self.bodies.iter().flat_map(|body| &body.blocks).filter(move |block| block.kind == kind)
    }

    /// The block of a kind with these labels; of several the first.
    pub(crate) fn labelled(&self, kind: &str, labels: &[&str]) -> Option<&Block> {
        let index = self.index.get_or_init(|| {
            let mut index = HashMap::new();
            for (body, parsed) in self.bodies.iter().enumerate() {
                for (at, block) in parsed.blocks.iter().enumerate() {
                    let labels: Vec<&str> = block.labels.iter().map(String::as_str).collect();
                    index.entry(key_of(&block.kind, &labels)).or_insert((body, at));
                }
            }
            index
        });
        index.get(&key_of(kind, labels)).map(|&(body, at)| &self.bodies[body].blocks[at])
    }
}

fn key_of(kind: &str, labels: &[&str]) -> String {
    format!("{kind}\n{}", labels.join("\n"))
}

/// What the source of a module call is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ModuleKind {
    /// A directory of this tree.
    Local(String),
    /// A published module, by `NAMESPACE/NAME/PROVIDER`.
    Registry(String),
    /// Anything else, as written.
    Other(String),
}

/// Where a module call gets its code.
pub(crate) fn module_kind(dir: &str, block: &Block) -> ModuleKind {
    let source = block.body.attribute("source");
    let Some(Attribute { value: Expr { kind: ExprKind::Text(text), .. }, .. }) = source else {
        return ModuleKind::Other("a source that is not plain text".to_owned());
    };
    if text.starts_with("./") || text.starts_with("../") || text == "." || text == ".." {
        return match path::join(dir, text) {
            Some(dir) => ModuleKind::Local(dir),
            None => ModuleKind::Other(text.clone()),
        };
    }
    let bare = text.split("//").next().unwrap_or(text).trim_start_matches("registry.terraform.io/");
    // The same module taken from its repository.
    if let Some((known, _)) = terraform().modules.iter().find(|(_, module)| text.contains(&module.repository)) {
        return ModuleKind::Registry(known.clone());
    }
    match bare.split('/').count() {
        3 if text == bare || !text.contains("//") => ModuleKind::Registry(bare.to_owned()),
        _ => ModuleKind::Other(text.clone()),
    }
}
