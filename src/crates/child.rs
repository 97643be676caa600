//! Cargo as a child: one at a time, all of them before one deadline, in a directory of the system's, with bounded
//! memory, and what it says made short.

#![allow(clippy::disallowed_methods)] // runs a program, hardened

use super::trust::Trust;
use crate::tree::program;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Longer than all workspaces of any project we have seen together.
const PATIENCE: Duration = Duration::from_secs(20);
/// KiB of address space; the compiler that cargo asks for its version takes half a gigabyte.
const MAX_MEMORY: u64 = 8 << 20;
/// Bytes of an answer: a workspace of a thousand crates takes five million.
const MAX_ANSWER: u64 = 256 << 20;

/// The questions of a run to cargo: they do not wait for each other's lock of the package cache, and end together.
#[derive(Debug)]
pub(crate) struct Turn {
    deadline: Instant,
    one: Mutex<()>,
}

impl Turn {
    /// The time starts to run.
    pub(crate) fn new() -> Self {
        Self { deadline: Instant::now() + PATIENCE, one: Mutex::new(()) }
    }

    /// Whether no more questions are answered.
    pub(super) fn is_over(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// What cargo prints when its turn has come.
    ///
    /// # Errors
    /// A sentence saying why it could not answer.
    pub(super) fn ask(&self, root: &Path, dir: &str, trust: Trust, args: &[&str]) -> Result<String, String> {
        let _mine = self.one.lock().unwrap_or_else(PoisonError::into_inner);
        let late = || format!("cargo gave no answers in {} s", PATIENCE.as_secs());
        if self.is_over() {
            return Err(late());
        }
        run(command(root, dir, trust, args)?, self.deadline).ok_or_else(late)?
    }
}

fn command(root: &Path, dir: &str, trust: Trust, args: &[&str]) -> Result<Command, String> {
    let mut command = if trust == Trust::Yes {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(root.join(dir));
        command
    } else {
        let mut command = limited(program("cargo", root)?);
        // Where only the system's owner can leave a configuration; that of the checkout and of others' temporary
        // files is not looked up.
        command.current_dir(root.ancestors().last().unwrap_or(root));
        // Before any configuration, also one of a directory for downloads that lies in the checkout.
        for (name, value) in [
            ("RUSTC", "rustc"),
            ("RUSTC_WRAPPER", ""),
            ("RUSTC_WORKSPACE_WRAPPER", ""),
            ("CARGO_ENCODED_RUSTFLAGS", ""),
            ("CARGO_NET_GIT_FETCH_WITH_CLI", "false"),
        ] {
            command.env(name, value);
        }
        command
    };
    command.env("CARGO_TERM_COLOR", "never").env("CARGO_TERM_PROGRESS_WHEN", "never").args(args);
    Ok(command)
}

/// The same program with bounded memory, where a shell can bound it.
fn limited(command: Command) -> Command {
    if !cfg!(target_os = "linux") {
        return command;
    }
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(format!("ulimit -v {MAX_MEMORY} 2>/dev/null; exec \"$0\" \"$@\"")).arg(command.get_program());
    shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell
}

/// Runs to the end, or to the deadline: then there is nothing. Output is drained meanwhile, so the child cannot block.
fn run(mut command: Command, deadline: Instant) -> Option<Result<String, String>> {
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => return Some(Err(format!("cargo cannot be run: {error}"))),
    };
    let drain = |pipe: Option<Box<dyn Read + Send>>| {
        std::thread::spawn(move || {
            let mut text = Vec::new();
            if let Some(mut pipe) = pipe {
                let _ = pipe.by_ref().take(MAX_ANSWER).read_to_end(&mut text);
                let _ = std::io::copy(&mut pipe, &mut std::io::sink());
            }
            String::from_utf8_lossy(&text).into_owned()
        })
    };
    let output = drain(child.stdout.take().map(|pipe| Box::new(pipe) as _));
    let errors = drain(child.stderr.take().map(|pipe| Box::new(pipe) as _));
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(2)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
            Err(error) => return Some(Err(format!("cargo cannot be waited for: {error}"))),
        }
    };
    let (output, errors) = (output.join().unwrap_or_default(), errors.join().unwrap_or_default());
    Some(if status.success() { Ok(output) } else { Err(reason(&errors)) })
}

/// Why cargo could not answer, from what it said: not its progress, and the same whichever crate it missed first.
fn reason(said: &str) -> String {
    if said.contains("--offline") || said.contains("offline mode") {
        return "crates of the lock file are not on this machine; `cargo fetch --locked` brings them".to_owned();
    }
    if said.contains("--locked") {
        return "`Cargo.lock` does not fit the manifests; `cargo update --workspace` mends that".to_owned();
    }
    // Progress is indented, warnings come before what is wrong.
    let plain = |line: &&str| !line.trim().is_empty() && !line.starts_with(' ') && !line.starts_with("warning");
    let error = said.lines().find(|line| line.starts_with("error"));
    let line = error.or_else(|| said.lines().find(plain)).unwrap_or("no reason given");
    line.trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::{reason, run};
    use std::process::Command;
    use std::time::{Duration, Instant};

    #[test]
    fn what_cargo_says_is_made_short() {
        let said = "    Blocking waiting for file lock on package cache\nwarning: unused\nerror: no such thing\n";
        assert_eq!(reason(said), "no such thing");
        let other = |name: &str| {
            format!(
                "    Updating index\nerror: failed to download `{name} v1.0.0`\n\nCaused by:\n  attempting to make an \
                 HTTP request, but --offline was specified"
            )
        };
        assert_eq!(reason(&other("a")), reason(&other("b")));
        assert!(reason(&other("a")).contains("cargo fetch --locked"));
        let unfit = "error: cannot update the lock file /x/Cargo.lock because --locked was passed to prevent this";
        assert!(reason(unfit).contains("does not fit"));
        assert_eq!(reason("   Blocking waiting\n"), "no reason given");
    }

    #[cfg(unix)]
    #[test]
    fn the_deadline_ends_a_child() {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "exec sleep 60"]);
        let started = Instant::now();
        assert!(run(command, started + Duration::from_millis(100)).is_none());
        assert!(started.elapsed() < Duration::from_secs(10));
    }
}
