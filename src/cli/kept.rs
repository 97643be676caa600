//! Whole runs that are kept: a report is printed again if nothing it depends on has changed.

use super::args::CheckArgs;
use super::scan;
use crate::cache::{self, Cache, Reader, Stamped, Writer};
use crate::crates;
use crate::engine::Outcome;
use crate::model::crates::GraphSource;
use crate::tree::{Again, Disk, Seen};
use std::io::{self, Write};
use std::path::Path;

/// Where the report of a run is kept.
pub(super) struct Kept {
    cache: Cache,
    key: u128,
    /// What cargo answers with, if it may be asked.
    tools: Stamped,
}

/// What is known of a run before it begins.
pub(super) enum Known {
    /// Its report was printed; the exit status.
    Shown(u8),
    /// Nothing: where to keep it, and the walk that was made to find that out.
    Not(Option<Box<Kept>>, Option<Box<Disk>>),
}

impl Kept {
    /// Looks for the report of a run with these arguments over what lies below a root.
    pub(super) fn look(args: &CheckArgs, root: &Path, format: &str) -> anyhow::Result<Known> {
        let writes =
            args.fix.is_some() || args.diff || args.write_baseline || args.since.is_some() || !args.also.is_empty();
        // A page says the revision and the day it was made.
        let shown = scan::output(args.output.as_deref()).is_none() && !matches!(format, "github" | "html");
        if args.scan.no_cache || writes || !shown {
            return Ok(Known::Not(None, None));
        }
        let Some(kept) = Self::of(args, root, format) else { return Ok(Known::Not(None, None)) };
        let found = kept.cache.get(kept.key).and_then(|bytes| {
            let mut from = Reader::new(&bytes);
            let seen = Seen::read(&mut from)?;
            let tools = Stamped::read(&mut from)?;
            let (code, report) = (from.number()?, from.bytes()?);
            Some((seen, tools, u8::try_from(code).ok()?, report.to_vec()))
        });
        let mut walked = None;
        if let Some((seen, tools, code, report)) = found
            && tools.same(&kept.tools)
        {
            match seen.again(root) {
                Again::Other(disk) => walked = disk,
                again => {
                    if let Again::After(seen) = again {
                        kept.put(&seen, code, &report);
                    }
                    print(&report)?;
                    return Ok(Known::Shown(code));
                }
            }
        }
        if let Some(disk) = &mut walked {
            disk.watch();
        }
        Ok(Known::Not(Some(Box::new(kept)), walked))
    }

    fn of(args: &CheckArgs, root: &Path, format: &str) -> Option<Self> {
        let cache = Cache::open(&[root])?;
        let mut all = Writer::default();
        all.bytes(root.as_os_str().as_encoded_bytes());
        all.bytes(scan::here()?.as_os_str().as_encoded_bytes());
        all.text(&format!("{args:?}"));
        all.text(format);
        // Files that the command line names may lie anywhere.
        for path in [&args.scan.config, &args.baseline].into_iter().flatten() {
            all.text(&scan::text_of(root, path)?);
        }
        let color = scan::colored(args.scan.color);
        all.text(&format!("{color} {:?} {:?}", color && scan::hyperlinks(), scan::width()));
        let mut paths = Vec::new();
        if !args.scan.no_cargo {
            for (name, value) in crates::environment() {
                all.bytes(name.as_encoded_bytes());
                all.bytes(value.as_encoded_bytes());
            }
            paths.extend(crates::tools());
            paths.extend(crates::downloads());
        }
        let key = cache::key("report", &all.done());
        Some(Self { cache, key, tools: Stamped::look(paths) })
    }

    /// Keeps the report of a run over a tree.
    pub(super) fn keep(&self, tree: &Disk, outcome: &Outcome, code: u8, report: &[u8]) {
        let cargo = &outcome.project.cargo;
        // Packages beside the scanned directory were read by cargo, and not by us.
        let outside = cargo.workspaces.ids().any(|id| {
            let graph = cargo.workspaces[id].graph.as_ref().filter(|graph| graph.source == GraphSource::Metadata);
            let mut nodes = graph.into_iter().flat_map(|graph| &graph.nodes);
            nodes.any(|node| node.local && !cargo.packages.iter().any(|package| package.name == node.name))
        });
        if let (false, Some(seen)) = (outside, tree.seen()) {
            self.put(&seen, code, report);
        }
    }

    fn put(&self, seen: &Seen, code: u8, report: &[u8]) {
        let mut to = Writer::default();
        seen.write(&mut to);
        self.tools.write(&mut to);
        to.number(u64::from(code));
        to.bytes(report);
        self.cache.put(self.key, &to.done());
    }
}

/// Prints a report.
pub(super) fn print(report: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(report)?;
    out.flush()
}

/// The tree below a root, watched if what is read of it decides whether a report is kept.
pub(super) fn open(root: &Path, watched: bool) -> Result<Disk, String> {
    let mut disk = Disk::open(root)?;
    if watched {
        disk.watch();
    }
    Ok(disk)
}
