//! What cargo answers, asked while other things go on, and kept for the next run: an answer as long as the manifests,
//! the lock file and cargo are the same; that it could not answer as long as nothing was downloaded either.

use super::allowed;
use super::child::Turn;
use super::metadata::{self, Answer};
use super::trust::Trust;
use super::{at, named};
use crate::cache::{self, Cache, Reader, Stamped, Writer};
use crate::model::Project;
use crate::model::crates::{CrateGraph, CrateNode, GraphSource, WorkspaceId};
use crate::tree::Tree;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// What cargo says of workspaces.
type Answers = BTreeMap<WorkspaceId, Result<CrateGraph, String>>;

/// Questions that are being answered.
#[derive(Debug, Default)]
pub struct Asked {
    answers: Arc<Mutex<Answers>>,
    threads: Vec<JoinHandle<()>>,
}

/// A question to cargo.
struct Question {
    workspace: WorkspaceId,
    dir: String,
    /// Why cargo must not look at it.
    refused: Option<String>,
    /// What its answer is kept under.
    key: Option<u128>,
}

/// Asks cargo for the graphs of workspaces that have a lock file, and does not wait.
pub fn ask(
    tree: &dyn Tree,
    workspaces: &BTreeSet<WorkspaceId>,
    trust: Trust,
    cache: Option<&Cache>,
    project: &Project,
) -> Asked {
    let Some(root) = tree.root() else { return Asked::default() };
    let known = &project.cargo.workspaces;
    let locked = workspaces.iter().filter(|&&id| known[id].graph.is_some());
    // The checkout's own configuration may say anything.
    let cache = cache.filter(|_| trust == Trust::No).cloned();
    let common = cache.as_ref().map(|_| common(tree, project));
    let questions: Vec<Question> = locked
        .map(|&workspace| {
            let dir = known[workspace].dir.clone();
            let key = common.map(|common| key(tree, root, &dir, common));
            let refused = (trust == Trust::No).then(|| allowed::check(tree, &dir).err()).flatten();
            Question { workspace, dir, refused, key }
        })
        .collect();
    let threads = rayon::current_num_threads().min(questions.len());
    let (questions, next) = (Arc::new(questions), Arc::new(AtomicUsize::new(0)));
    let answers: Arc<Mutex<Answers>> = Arc::default();
    let turn = Arc::new(Turn::new());
    let threads = (0..threads).map(|_| {
        let (root, cache, turn) = (root.to_path_buf(), cache.clone(), Arc::clone(&turn));
        let (questions, next, answers) = (Arc::clone(&questions), Arc::clone(&next), Arc::clone(&answers));
        std::thread::spawn(move || {
            while let Some(question) = questions.get(next.fetch_add(1, Ordering::Relaxed)) {
                let answer = answer(&root, question, trust, &turn, cache.as_ref());
                answers.lock().unwrap_or_else(PoisonError::into_inner).insert(question.workspace, answer);
            }
        })
    });
    Asked { threads: threads.collect(), answers: Arc::clone(&answers) }
}

impl Asked {
    /// Waits for what cargo says.
    pub(super) fn wait(self) -> Answers {
        for thread in self.threads {
            let _ = thread.join();
        }
        std::mem::take(&mut *self.answers.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn answer(
    root: &Path,
    question: &Question,
    trust: Trust,
    turn: &Turn,
    cache: Option<&Cache>,
) -> Result<CrateGraph, String> {
    if let Some(reason) = &question.refused {
        return Err(reason.clone());
    }
    let ask = || metadata::read(root, &question.dir, trust, turn);
    let (Some(cache), Some(key)) = (cache, question.key) else { return ask().map(|answer| answer.graph) };
    if let Some(known) = cache.get(key).and_then(|bytes| read(&bytes)) {
        return known;
    }
    // What changes meanwhile is seen the next time.
    let (tools, downloads) = (Stamped::look(tools()), Stamped::look(downloads()));
    let answer = ask();
    let beside = match &answer {
        Ok(Answer { manifests, .. }) => {
            Stamped::look(manifests.iter().filter(|manifest| !manifest.starts_with(root)).cloned())
        }
        Err(_) => downloads,
    };
    let answer = answer.map(|answer| answer.graph);
    // What took too long may not the next time.
    if answer.is_ok() || !turn.is_over() {
        cache.put(key, &write(&answer, &tools, &beside));
    }
    answer
}

/// What the answers of all workspaces depend on: manifests, which files there are for targets, the environment.
fn common(tree: &dyn Tree, project: &Project) -> u128 {
    let mut all = Writer::default();
    for path in tree.files() {
        if named(path, &["Cargo.toml"]) {
            all.text(path);
            let text = project.sources.find(path).map(|file| project.sources.text(file));
            all.text(text.unwrap_or_default());
        } else if path.ends_with(".rs") {
            all.text(path);
        }
    }
    for (name, value) in metadata::environment() {
        all.bytes(name.as_encoded_bytes());
        all.bytes(value.as_encoded_bytes());
    }
    cache::key("manifests", &all.done())
}

fn key(tree: &dyn Tree, root: &Path, dir: &str, common: u128) -> u128 {
    let mut all = Writer::default();
    all.wide(common);
    all.bytes(root.as_os_str().as_encoded_bytes());
    all.text(dir);
    all.bytes(&tree.read(&at(dir, "Cargo.lock")).unwrap_or_default());
    cache::key("metadata", &all.done())
}

/// What decides how cargo answers, besides the workspace.
pub fn tools() -> Vec<PathBuf> {
    let (cargo, rustup) = (metadata::home("CARGO_HOME", ".cargo"), metadata::home("RUSTUP_HOME", ".rustup"));
    let in_cargo = cargo.into_iter().flat_map(|home| ["config", "config.toml"].map(|name| home.join(name)));
    let in_rustup = rustup
        .into_iter()
        .flat_map(|home| ["settings.toml", "toolchains", "update-hashes"].map(|name| home.join(name)));
    in_cargo.chain(in_rustup).chain(metadata::program()).collect()
}

/// What decides whether it can answer without the network.
pub fn downloads() -> Vec<PathBuf> {
    let Some(home) = metadata::home("CARGO_HOME", ".cargo") else { return Vec::new() };
    let dirs = ["registry/index", "registry/cache", "registry/src", "git/db", "git/checkouts"];
    dirs.iter().flat_map(|dir| metadata::with_children(home.join(dir))).collect()
}

fn write(answer: &Result<CrateGraph, String>, tools: &Stamped, beside: &Stamped) -> Vec<u8> {
    let mut to = Writer::default();
    tools.write(&mut to);
    beside.write(&mut to);
    to.flag(answer.is_ok());
    let graph = match answer {
        Ok(graph) => graph,
        Err(reason) => {
            to.text(reason);
            return to.done();
        }
    };
    let list = |to: &mut Writer, list: Option<&Vec<String>>| {
        to.flag(list.is_some());
        to.texts(list.map_or(&[][..], Vec::as_slice).iter().map(String::as_str));
    };
    to.number(graph.nodes.len() as u64);
    for (node, edges) in graph.nodes.iter().zip(&graph.edges) {
        for text in [&node.name, &node.version, &node.library] {
            to.text(text);
        }
        to.flag(node.local);
        to.flag(node.is_proc_macro);
        list(&mut to, node.features.as_ref());
        list(&mut to, node.defaults.as_ref());
        to.number(edges.len() as u64);
        edges.iter().for_each(|&edge| to.number(edge as u64));
    }
    to.done()
}

/// The answer that was kept, if it still holds.
fn read(bytes: &[u8]) -> Option<Result<CrateGraph, String>> {
    let mut from = Reader::new(bytes);
    let (tools, beside) = (Stamped::read(&mut from)?, Stamped::read(&mut from)?);
    if !tools.holds() || !beside.holds() {
        return None;
    }
    if !from.flag()? {
        return Some(Err(from.text()?.to_owned()));
    }
    let list = |from: &mut Reader<'_>| {
        let (known, texts) = (from.flag()?, from.texts()?);
        Some(known.then_some(texts))
    };
    let count = from.count()?;
    let (mut nodes, mut edges) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for _ in 0..count {
        nodes.push(CrateNode {
            name: from.text()?.to_owned(),
            version: from.text()?.to_owned(),
            library: from.text()?.to_owned(),
            local: from.flag()?,
            is_proc_macro: from.flag()?,
            features: list(&mut from)?,
            defaults: list(&mut from)?,
        });
        let ends = (0..from.count()?).map(|_| from.number().map(|end| end as usize).filter(|&end| end < count));
        edges.push(ends.collect::<Option<Vec<usize>>>()?);
    }
    Some(Ok(CrateGraph { source: GraphSource::Metadata, nodes, edges }))
}

#[cfg(test)]
mod tests {
    use super::{read, write};
    use crate::cache::Stamped;
    use crate::model::crates::{CrateGraph, CrateNode, GraphSource};

    #[test]
    fn answers_are_read_as_they_were_written_and_parts_of_them_not_at_all() {
        let node = |name: &str, features: Option<Vec<String>>| CrateNode {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            library: name.replace('-', "_"),
            local: features.is_none(),
            is_proc_macro: false,
            features,
            defaults: Some(vec!["std".to_owned()]),
        };
        let graph = CrateGraph {
            source: GraphSource::Metadata,
            nodes: vec![node("a-b", None), node("c", Some(vec!["x".to_owned()]))],
            edges: vec![vec![1], vec![]],
        };
        for answer in [Ok(graph), Err("no matching package".to_owned())] {
            let bytes = write(&answer, &Stamped::default(), &Stamped::default());
            let known = read(&bytes).expect("whole");
            assert_eq!(format!("{known:?}"), format!("{answer:?}"));
            assert!((0..bytes.len()).all(|end| read(&bytes[..end]).is_none()));
        }
    }
}
