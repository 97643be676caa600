//! Whether another look at the disk sees what a run has seen.

use super::Tree;
use super::disk::Disk;
use super::seen::{NEVER, Read, Seen, hash};
use super::tracked::Repository;
use crate::cache::{Stamp, Stamped, now};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Looks at the disk that are divided among threads.
const MANY: usize = 512;

/// What another look found.
#[derive(Debug)]
pub enum Again {
    /// The same, at one glance.
    Same,
    /// The same, and what to keep to see it at one glance the next time.
    After(Box<Seen>),
    /// Something else, and the walk if there was one.
    Other(Option<Box<Disk>>),
}

impl Disk {
    /// What was looked at since `watch`. None if not everything could be listed.
    pub fn seen(&self) -> Option<Seen> {
        let (notes, places) = (self.notes.as_ref()?, &self.places);
        if !self.problems().is_empty() {
            return None;
        }
        let root = self.root()?;
        let copy = |text: &Mutex<BTreeMap<String, Read>>| text.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Some(Seen {
            moment: places.moment,
            top: places.top.clone(),
            list: places.list,
            decides: Stamped::as_of(places.moment, places.decide(root)),
            read: copy(&notes.read),
            built: notes.built.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        })
    }
}

impl Seen {
    /// Looks again.
    pub fn again(mut self, root: &Path) -> Again {
        let moment = now();
        let built = self.built.iter().all(|(path, known)| {
            let stamp = Stamp::at(&root.join(path));
            known.is_none_or(|known| known.holds_since(self.moment)) && stamp == *known
        });
        if !built {
            return Again::Other(None);
        }
        let around = Repository::around(root).map(|repository| repository.top);
        let mut disk = None;
        if around != self.top || !self.decides.holds() {
            let Ok(walked) = Disk::open(root) else { return Again::Other(None) };
            if walked.places.list != self.list || !walked.problems().is_empty() {
                return Again::Other(Some(Box::new(walked)));
            }
            self.decides = Stamped::as_of(moment, walked.places.decide(root));
            self.top = around;
            disk = Some(Box::new(walked));
        }
        let files: Vec<(&String, &Read)> = self.read.iter().collect();
        let look = |files: &[(&String, &Read)]| -> Option<Vec<(String, Stamp)>> {
            let mut moved = Vec::new();
            for (path, read) in files {
                let full = root.join(path);
                let stamp = Stamp::at(&full);
                let same = read.stamp.is_some_and(|known| known.holds_since(self.moment)) && stamp == read.stamp;
                if same {
                    continue;
                }
                // Another stamp may be that of the same bytes: a checkout writes them all anew.
                let result = Disk::bytes_of(root, path);
                if **read == NEVER || hash(&result) != read.hash {
                    return None;
                }
                moved.extend(stamp.filter(|_| result.is_ok()).map(|stamp| ((*path).clone(), stamp)));
            }
            Some(moved)
        };
        let moved: Option<Vec<_>> = if files.len() < MANY {
            look(&files)
        } else {
            let threads = std::thread::available_parallelism().map_or(1, usize::from);
            let parts: Vec<_> = std::thread::scope(|scope| {
                let parts: Vec<_> =
                    files.chunks(files.len().div_ceil(threads)).map(|part| scope.spawn(|| look(part))).collect();
                parts.into_iter().map(|part| part.join().ok().flatten()).collect()
            });
            parts.into_iter().collect::<Option<Vec<_>>>().map(|parts| parts.into_iter().flatten().collect())
        };
        let Some(moved) = moved else { return Again::Other(disk) };
        if moved.is_empty() && disk.is_none() {
            return Again::Same;
        }
        // What held at one glance holds as of now as well: nothing of it changed since.
        for (path, stamp) in moved {
            if let Some(read) = self.read.get_mut(&path) {
                read.stamp = Some(stamp);
            }
        }
        self.moment = moment;
        Again::After(Box::new(self))
    }
}
