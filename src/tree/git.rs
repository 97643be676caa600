//! A revision of a git repository as a tree of files, read through plumbing commands that run no filter and no hook.

#![allow(clippy::disallowed_methods)] // asks git for objects, and nothing else

use super::child::program;
use super::{Disk, MAX_FILE_BYTES, ReadError, Tree};
use crate::text::path::is_synthesised;
use sha1::{Digest, Sha1};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

/// Longer than git takes to list the largest repositories.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes git may print: names of some million files.
const MAX_PRINTED: u64 = 256 << 20;

/// What a revision holds below the scanned root, with what version control ignores taken from the disk.
pub struct Revision<'d> {
    disk: &'d Disk,
    files: Vec<String>,
    objects: BTreeMap<String, String>,
    reader: Mutex<Reader>,
}

/// A running `git cat-file --batch`.
struct Reader {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl<'d> Revision<'d> {
    /// The commit where the working tree's branch left `revision`: what a pull request is compared with.
    ///
    /// # Errors
    /// If git is not there, the root is in no repository, or there is no such revision.
    pub fn open(disk: &'d Disk, revision: &str) -> Result<Self, String> {
        let root = disk.root().ok_or("there is no directory")?;
        if revision.starts_with('-') {
            return Err(format!("`{revision}` is no revision"));
        }
        let objects = match commit_of(root, revision)? {
            Some(commit) => objects(root, &commit)?,
            None => BTreeMap::new(),
        };
        let synthesised = disk.files().iter().filter(|path| is_synthesised(path)).cloned();
        let mut files: Vec<String> = objects.keys().cloned().chain(synthesised).collect();
        files.sort_unstable();
        files.dedup();
        Ok(Self { disk, files, objects, reader: Mutex::new(reader(root)?) })
    }

    /// Keeps the files a test holds for.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.files.retain(|path| keep(path));
    }
}

/// The commit that is checked out, shortened; none if the root is in no repository or git is not there.
pub fn head(root: &Path) -> Option<String> {
    line(root, &["rev-parse", "--short", "--verify", "--quiet", "HEAD"]).ok()
}

/// The commit to compare with. None for `HEAD` before the first commit: everything is new.
fn commit_of(root: &Path, revision: &str) -> Result<Option<String>, String> {
    match line(root, &["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")]) {
        // Without a common ancestor, the revision itself is compared with.
        Ok(commit) => Ok(Some(line(root, &["merge-base", &commit, "HEAD"]).unwrap_or(commit))),
        Err(error) if !error.is_empty() => Err(error),
        Err(_) if revision == "HEAD" && line(root, &["rev-parse", "--git-dir"]).is_ok() => Ok(None),
        Err(_) => {
            let shallow = line(root, &["rev-parse", "--is-shallow-repository"]).is_ok_and(|answer| answer == "true");
            let hint = if shallow { ": the clone is shallow; fetch the history (`fetch-depth: 0`)" } else { "" };
            Err(format!("there is no revision `{revision}`{hint}"))
        }
    }
}

/// The files of a commit below the root: object names by path.
fn objects(root: &Path, commit: &str) -> Result<BTreeMap<String, String>, String> {
    let listed = output(root, &["ls-tree", "-r", "-z", commit])?;
    let mut objects = BTreeMap::new();
    for entry in listed.split(|&byte| byte == 0) {
        // `mode type object<TAB>path`; symbolic links and submodules are not followed.
        let Ok(entry) = std::str::from_utf8(entry) else { continue };
        let Some((about, path)) = entry.split_once('\t') else { continue };
        let mut words = about.split(' ');
        if let (Some("100644" | "100755"), Some("blob"), Some(object)) = (words.next(), words.next(), words.next()) {
            objects.insert(path.to_owned(), object.to_owned());
        }
    }
    Ok(objects)
}

impl Tree for Revision<'_> {
    fn files(&self) -> &[String] {
        &self.files
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let Some(object) = self.objects.get(path) else {
            return if is_synthesised(path) { self.disk.read(path) } else { Err(ReadError::Missing) };
        };
        // Most of a revision is what lies on the disk; git unpacks one object after the other.
        if let Ok(bytes) = self.disk.read(path)
            && is_object(&bytes, object)
        {
            return Ok(bytes);
        }
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader.object(object)
    }
}

/// Whether bytes are the file that an object name stands for. Names of repositories with another hash are not compared.
fn is_object(bytes: &[u8], object: &str) -> bool {
    let mut hash = Sha1::new();
    hash.update(format!("blob {}\0", bytes.len()));
    hash.update(bytes);
    let name: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    name == object
}

impl Reader {
    fn object(&mut self, object: &str) -> Result<Vec<u8>, ReadError> {
        writeln!(self.to, "{object}").and_then(|()| self.to.flush())?;
        let mut header = String::new();
        self.from.read_line(&mut header)?;
        let bytes: u64 = header
            .trim_end()
            .rsplit(' ')
            .next()
            .and_then(|size| size.parse().ok())
            .ok_or_else(|| std::io::Error::other(format!("git says `{}`", header.trim_end())))?;
        let mut content = Vec::new();
        if bytes > MAX_FILE_BYTES {
            std::io::copy(&mut (&mut self.from).take(bytes + 1), &mut std::io::sink())?;
            return Err(ReadError::TooLarge { bytes, most: MAX_FILE_BYTES });
        }
        (&mut self.from).take(bytes + 1).read_to_end(&mut content)?;
        content.truncate(bytes as usize);
        Ok(content)
    }
}

/// Git, which no variable, repository or configuration of the tree can lead elsewhere. Variables of a hook's git name
/// its own paths, relative to another directory; none is handed on.
fn git(root: &Path) -> Result<Command, String> {
    let mut command = program("git", root)?;
    command.arg("-C").arg(root).args(["--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath="]);
    // A change can hold a bare repository of its own, whose objects are not those of the one around it.
    command.args(["-c", "safe.bareRepository=explicit"]);
    command.env("GIT_NO_REPLACE_OBJECTS", "1");
    // Missing objects of partial clones would be fetched over the network.
    command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "");
    command.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0");
    Ok(command)
}

/// What git prints: before the deadline, and no more than any repository has files.
fn output(root: &Path, args: &[&str]) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("git cannot be run: {error}");
    let mut command = git(root)?;
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(failed)?;
    let (mut from, mut errors) = (child.stdout.take(), child.stderr.take());
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut printed = Vec::new();
        let read = from.as_mut().map(|from| from.take(MAX_PRINTED + 1).read_to_end(&mut printed));
        let mut said = String::new();
        if let Some(errors) = &mut errors {
            let _ = errors.take(4096).read_to_string(&mut said);
        }
        // Nobody waits any more if it took too long.
        let _ = send.send((read.is_some_and(|read| read.is_ok()), printed, said));
    });
    let received = receive.recv_timeout(PATIENCE);
    if received.as_ref().map_or(true, |(_, printed, _)| printed.len() as u64 > MAX_PRINTED) {
        let _ = child.kill();
        let _ = child.wait();
        return Err("git gave no answer in time, or more than is read".to_owned());
    }
    let status = child.wait().map_err(failed)?;
    match received {
        Ok((true, printed, _)) if status.success() => Ok(printed),
        Ok((_, _, said)) => Err(said.lines().next().unwrap_or_default().to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn line(root: &Path, args: &[&str]) -> Result<String, String> {
    Ok(String::from_utf8_lossy(&output(root, args)?).trim().to_owned())
}

fn reader(root: &Path) -> Result<Reader, String> {
    let mut child = git(root)?
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("git cannot be run: {error}"))?;
    match (child.stdin.take(), child.stdout.take()) {
        (Some(to), Some(from)) => Ok(Reader { child, to, from: BufReader::new(from) }),
        _ => Err("git cannot be run".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::is_object;

    #[test]
    fn files_have_the_names_git_gives_them() {
        // `printf 'hello\n' | git hash-object --stdin`
        assert!(is_object(b"hello\n", "ce013625030ba8dba906f756967f9e9ca394464a"));
        assert!(!is_object(b"hello", "ce013625030ba8dba906f756967f9e9ca394464a"));
    }
}
