//! Calls of macros that other files of the workspace define: such files are lowered again, with the definitions.

use super::crates::{CrateId, Crates, Extern, Krate, LoadedFile, ParsedId};
use crate::knowledge::Lexicon;
use crate::model::Project;
use crate::source::parse;
use crate::source::parse::declared::{Definition, FileFacts};
use crate::source::parse::expand::Foreign;
use crate::text::FileId;
use foldhash::HashMap;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// A definition with the file it stands in.
type Defined<'d> = (FileId, &'d Definition);

/// Lowers files again that call macros of other files; whether there were any.
pub(super) fn expand(crates: &mut Crates, lexicon: &Lexicon, project: &Project) -> bool {
    if crates.files.iter().all(|(_, file)| file.facts.definitions.is_empty()) {
        return false;
    }
    let defined: HashMap<CrateId, Vec<Defined<'_>>> = crates
        .krates
        .iter()
        .map(|(id, krate)| (id, definitions(crates, krate, lexicon)))
        .filter(|(_, found)| !found.is_empty())
        .collect();
    let mut callers: BTreeMap<ParsedId, Vec<Foreign<'_>>> = BTreeMap::new();
    let mut named: Vec<(CrateId, CrateId, String)> = Vec::new();
    for (id, krate) in crates.krates.iter() {
        let homes = homes(id, crates, project);
        let before = callers.len();
        for module in krate.modules.iter().filter(|module| module.inner.is_empty()) {
            let called = &crates.files[module.file].facts.unexpanded;
            if called.is_empty() || callers.contains_key(&module.file) {
                continue;
            }
            let mut foreign = in_sight(&homes, &defined, |name| called.contains(name));
            foreign.retain(|foreign| foreign.file != crates.files[module.file].id);
            if !foreign.is_empty() {
                callers.insert(module.file, foreign);
            }
        }
        if callers.len() > before {
            named.extend(homes.into_iter().skip(1).map(|(other, name)| (id, other, name)));
        }
    }
    let lowered: Vec<(ParsedId, FileFacts)> = callers
        .par_iter()
        .filter_map(|(&file, foreign)| {
            Some((file, parse::file(project.sources.text(crates.files[file].id), foreign).ok()?))
        })
        .collect();
    let any = !lowered.is_empty();
    for (id, other, name) in named {
        crates.krates[id].externs.entry(name).or_insert(Extern::Workspace(other));
    }
    for (file, facts) in lowered {
        crates.files[file].facts = Arc::new(facts);
    }
    any
}

/// What a crate defines that the lexicon does not know by its name; names with two meanings are left out.
fn definitions<'c>(crates: &'c Crates, krate: &Krate, lexicon: &Lexicon) -> Vec<Defined<'c>> {
    let files: HashSet<ParsedId> = krate.modules.iter().map(|module| module.file).collect();
    let mut found: BTreeMap<&str, Option<Defined<'_>>> = BTreeMap::new();
    for file in files {
        let LoadedFile { id, facts } = &crates.files[file];
        for definition in &facts.definitions {
            if !lexicon.macro_of(std::slice::from_ref(&definition.name)).is_empty() {
                continue;
            }
            let known = found.entry(&definition.name).or_insert(Some((*id, definition)));
            if known.is_some_and(|(_, other)| other.rules != definition.rules) {
                *known = None;
            }
        }
    }
    found.into_values().flatten().collect()
}

/// The crates a crate consists of, nearest first: itself, those it depends on, then theirs. Each has the name that
/// `$crate` of its macros stands for; what a crate does not name itself is known by its library name.
fn homes(id: CrateId, crates: &Crates, project: &Project) -> Vec<(CrateId, String)> {
    let mut found = vec![(id, "crate".to_owned())];
    let mut seen = HashSet::from([id]);
    let mut at = 0;
    while let Some((next, _)) = found.get(at) {
        let mut others: Vec<(&str, CrateId)> = crates.krates[*next]
            .externs
            .iter()
            .filter_map(|(name, found)| match found {
                Extern::Workspace(other) => Some((name.as_str(), *other)),
                Extern::Outside(_) => None,
            })
            .collect();
        others.sort_unstable();
        for (name, other) in others {
            if seen.insert(other) {
                let library = &project.cargo.target(crates.krates[other].target).name;
                found.push((other, if at == 0 { name.to_owned() } else { library.clone() }));
            }
        }
        at += 1;
    }
    found
}

/// The macros a file of a crate may call: all that its crates define, if it calls one of them by name.
fn in_sight<'d>(
    homes: &[(CrateId, String)],
    defined: &HashMap<CrateId, Vec<Defined<'d>>>,
    called: impl Fn(&str) -> bool,
) -> Vec<Foreign<'d>> {
    let mut found: Vec<Foreign<'_>> = Vec::new();
    for (at, (home, name)) in homes.iter().enumerate() {
        let definitions = defined.get(home).map_or(&[][..], Vec::as_slice);
        found.extend(
            definitions
                .iter()
                .filter(|(_, definition)| at == 0 || definition.exported)
                .map(|&(file, definition)| Foreign { definition, file, home: name.clone() }),
        );
    }
    if found.iter().any(|foreign| called(&foreign.definition.name)) { found } else { Vec::new() }
}
