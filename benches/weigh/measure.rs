//! Builds one function and counts: bytes, crates, instructions until the first request for an event.

use super::project::{self, output};
use super::{Error, Subject};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A start under valgrind takes seconds; one that takes minutes waits for something.
const PATIENCE: Duration = Duration::from_secs(180);

/// What was counted of one function.
#[derive(Debug, Clone, Default)]
pub(super) struct Measured {
    /// Of the stripped executable.
    pub(super) bytes: u64,
    /// The same, compressed as a deployment package is.
    pub(super) gzip_bytes: u64,
    /// Packages in its closure.
    pub(super) versions_count: usize,
    /// Their versions by name.
    pub(super) versions: BTreeMap<String, String>,
    /// Median of three starts.
    pub(super) init_instructions: u64,
    /// Between the least and the most of them.
    pub(super) init_spread_percent: f64,
    /// Of cargo.
    pub(super) build_seconds: f64,
}

/// Builds and measures a subject.
pub(super) fn measure(workbench: &Path, id: &str, subject: &Subject) -> Result<Measured, Error> {
    let dir = workbench.join(id);
    let built = workbench.join("built");
    project::write(&dir, id, subject)?;
    let started = Instant::now();
    output(
        Command::new("cargo").args(["build", "--release", "--quiet"]).current_dir(&dir).env("CARGO_TARGET_DIR", &built),
    )?;
    let build_seconds = (started.elapsed().as_secs_f64() * 10.0).round() / 10.0;
    let program = built.join("release").join(format!("weigh-{id}"));
    let versions = closure(&dir)?;
    let mut counts = Vec::new();
    for _ in 0..3 {
        counts.push(instructions(&program)?);
    }
    counts.sort_unstable();
    let spread = 100.0 * (counts[2] - counts[0]) as f64 / counts[1] as f64;
    let gzip = Command::new("gzip").args(["-9", "--stdout"]).arg(&program).output()?;
    Ok(Measured {
        bytes: std::fs::metadata(&program)?.len(),
        gzip_bytes: gzip.stdout.len() as u64,
        versions_count: versions.len(),
        versions: versions.into_iter().collect(),
        init_instructions: counts[1],
        init_spread_percent: (spread * 100.0).round() / 100.0,
        build_seconds,
    })
}

/// The packages that are linked: normal dependencies for the host, as cargo resolves features.
fn closure(dir: &Path) -> Result<Vec<(String, String)>, Error> {
    let text = output(
        Command::new("cargo")
            .args(["tree", "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"])
            .current_dir(dir),
    )?;
    let mut found: Vec<(String, String)> = text
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?.to_owned(), words.next()?.trim_start_matches('v').to_owned()))
        })
        .collect();
    found.sort();
    found.dedup();
    Ok(found)
}

/// Instructions executed from the start until the program asks for its first event.
fn instructions(program: &Path) -> Result<u64, Error> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let mut child = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
        .arg(program)
        .env("AWS_LAMBDA_RUNTIME_API", listener.local_addr()?.to_string())
        .envs([
            ("AWS_LAMBDA_FUNCTION_NAME", "weighed"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "none"),
            ("AWS_SECRET_ACCESS_KEY", "none"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let asked = wait_for_request(&listener, &mut child);
    // The default action of SIGTERM ends the program; valgrind then prints what it has counted.
    let _ = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    let done = child.wait_with_output()?;
    let text = String::from_utf8_lossy(&done.stderr);
    asked.map_err(|error| format!("{error}\n{text}"))?;
    let line = text.lines().find_map(|line| line.split("refs:").nth(1)).ok_or("valgrind printed no count")?;
    Ok(line.trim().replace(',', "").parse()?)
}

/// Waits until the program has asked for its first event.
fn wait_for_request(listener: &TcpListener, child: &mut Child) -> Result<(), Error> {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if let Ok((stream, _)) = listener.accept() {
            stream.set_nonblocking(false)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            let mut line = String::new();
            BufReader::new(stream).read_line(&mut line)?;
            if line.contains("/runtime/invocation/next") {
                return Ok(());
            }
            return Err(format!("the first request is {line}").into());
        }
        if let Some(status) = child.try_wait()? {
            return Err(format!("the function ended before it asked for an event: {status}").into());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Err("the function asked for no event".into())
}
