//! The command line: arguments, subcommands, exit codes. The only layer that prints.

mod args;
mod author;
mod check;
mod complain;
mod complete;
mod configs;
mod cost;
mod cost_output;
mod cost_project;
mod fit;
mod fix;
mod hook;
mod kept;
pub mod peers;
mod place;
mod rule_files;
pub mod rules;
mod save;
mod scan;
mod setup;

use self::args::{Cli, Command, RulesCommand};
use self::complain::complain;
use clap::Parser;
use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

/// Exit code of a usage error, or when nothing could be analysed.
const UNUSABLE: u8 = 2;

#[allow(clippy::disallowed_methods)] // cargo says that it is the caller
/// Runs the program with its arguments, the program's own name first.
pub fn run(mut args: Vec<OsString>) -> ExitCode {
    // `cargo faaslint …` runs `cargo-faaslint faaslint …`.
    if args.get(1).is_some_and(|word| word == "faaslint") && std::env::var_os("CARGO").is_some() {
        args.remove(1);
    }
    match complete::answer(&args) {
        Ok(true) => return ExitCode::SUCCESS,
        Ok(false) => {}
        Err(error) => {
            complain(&format!("error: {error:#}"));
            return ExitCode::from(UNUSABLE);
        }
    }
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(error.exit_code() as u8);
        }
    };
    let outcome = match cli.command {
        None if cli.check.hook => hook::settled(&cli.check).and_then(|args| check::check(&args)),
        None => check::check(&cli.check),
        Some(Command::Check(args)) if args.hook => hook::settled(&args).and_then(|args| check::check(&args)),
        Some(Command::Check(args)) => check::check(&args),
        Some(Command::Model(args)) => check::model(&args),
        Some(Command::Graph(args)) => check::graph(&args),
        Some(Command::Deps(args)) => check::deps(&args),
        Some(Command::Cost(args)) => cost::cost(&args),
        Some(Command::Fit(args)) => fit::fit(&args),
        Some(Command::Init(args)) => setup::init(&args),
        Some(Command::Completions { shell }) => complete::script(shell),
        Some(Command::Man { dir }) => setup::man(dir.as_deref()),
        Some(Command::Explain { rule, markdown, color }) => rules::explain(&rule, markdown, scan::colored(color)),
        Some(Command::Rules { action: None, only, format }) => rules::list(&only, format),
        Some(Command::Rules { action: Some(RulesCommand::New(args)), .. }) => author::new(&args),
        Some(Command::Rules { action: Some(RulesCommand::Test { dir }), .. }) => author::test(dir.as_deref()),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(error) => match error.downcast_ref::<io::Error>() {
            // The reader has seen enough (`| head`): not our failure.
            Some(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            _ => {
                complain(&format!("error: {error:#}"));
                ExitCode::from(UNUSABLE)
            }
        },
    }
}
