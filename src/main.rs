//! Arguments in, exit code out.

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// What is read is allocated in small pieces on many threads, for which the usual allocator asks the system page by
/// page (docs/performance.md).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    faaslint::cli::run(std::env::args_os().collect())
}
