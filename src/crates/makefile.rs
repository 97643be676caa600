//! `build-<LogicalId>` recipes of makefiles, which `sam build` runs for `BuildMethod: makefile`.

use crate::model::Known;
use crate::model::crates::{Recipe, artifact_binary};
use crate::text::{FileId, Span, Spanned};

/// The build recipes of one makefile.
pub(crate) fn read(file: FileId, dir: &str, text: &str) -> Vec<Recipe> {
    let mut recipes: Vec<Recipe> = Vec::new();
    let mut open = false;
    let mut start = 0u32;
    for line in text.split_inclusive('\n') {
        let span = Span::new(file, start, start + line.trim_end().len() as u32);
        start += line.len() as u32;
        let bare = line.trim_end();
        if bare.starts_with('\t') || (bare.starts_with(' ') && open) {
            if let (true, Some(recipe)) = (open, recipes.last_mut()) {
                recipe.lines.push((bare.trim().to_owned(), span));
            }
            continue;
        }
        if bare.is_empty() {
            continue;
        }
        open = false;
        if let Some((targets, after)) = bare.split_once(':') {
            let needs = || after.split_whitespace().map(|name| (name.to_owned(), span)).collect();
            for target in targets.split_whitespace() {
                if let Some(function) = target.strip_prefix("build-") {
                    open = true;
                    recipes.push(Recipe {
                        dir: dir.to_owned(),
                        function: function.to_owned(),
                        lines: Vec::new(),
                        prerequisites: needs(),
                        binary: Known::Absent,
                    });
                }
            }
        }
    }
    for recipe in &mut recipes {
        recipe.binary = binary(&recipe.lines);
    }
    recipes
}

/// The binary a recipe builds (`--bin X`) or copies (`target/lambda/X/bootstrap`, `…/release/X`).
fn binary(lines: &[(String, Span)]) -> Known<String> {
    for (line, span) in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        let named = words.windows(2).find(|pair| pair[0] == "--bin").map(|pair| pair[1]);
        let named = named.or_else(|| words.iter().find_map(|word| word.strip_prefix("--bin=")));
        let copied = words.iter().find_map(|word| artifact_binary(word));
        if let Some(name) = named.or(copied) {
            return if name.contains('$') {
                Known::Opaque(*span, "is a make variable".to_owned())
            } else {
                Known::Is(Spanned::new(name.to_owned(), *span))
            };
        }
    }
    Known::Absent
}
