//! Override files: what they say replaces what the other files of the directory say (Terraform language, "Override
//! Files").

use super::source::Source;
use crate::document::hcl::{Block, Body};
use std::sync::Arc;

/// Whether a file overrides the others beside it.
pub(crate) fn is_override(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = [".tf.json", ".tofu.json", ".tf", ".tofu"].iter().find_map(|extension| name.strip_suffix(extension));
    stem.is_some_and(|stem| stem == "override" || stem.ends_with("_override"))
}

/// Merges an override file into the files that were read before it.
pub(crate) fn apply(source: &mut Source, over: &Arc<Body>) {
    for block in &over.blocks {
        let alike = |known: &Block| known.kind == block.kind && known.labels == block.labels;
        // Locals are overridden one by one, wherever each is written.
        let found = source.bodies.iter().position(|body| match block.kind.as_str() {
            "locals" => body.blocks.iter().any(|known| alike(known) && shares(known, block)),
            _ => body.blocks.iter().any(alike),
        });
        let Some(at) = found else {
            let alone = Body { attributes: Vec::new(), blocks: vec![block.clone()] };
            source.bodies.push(Arc::new(alone));
            continue;
        };
        let body = Arc::make_mut(&mut source.bodies[at]);
        for known in body.blocks.iter_mut().filter(|known| alike(known)) {
            if block.kind != "locals" || shares(known, block) {
                merge(&mut known.body, &block.body);
            }
        }
    }
}

fn shares(known: &Block, over: &Block) -> bool {
    over.body.attributes.iter().any(|attribute| known.body.attribute(&attribute.name).is_some())
}

/// Arguments replace those of their name; nested blocks replace all of their kind.
fn merge(known: &mut Body, over: &Body) {
    for attribute in &over.attributes {
        match known.attributes.iter_mut().find(|other| other.name == attribute.name) {
            Some(other) => *other = attribute.clone(),
            None => known.attributes.push(attribute.clone()),
        }
    }
    known.blocks.retain(|block| !over.blocks.iter().any(|other| other.kind == block.kind));
    known.blocks.extend(over.blocks.iter().cloned());
}
