//! Arguments in, exit code out.

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// Trees of many small nodes are made and dropped on every core.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    faaslint::cli::run(std::env::args_os().collect())
}
