//! Words a shell completes: the shell asks this program, which knows its rules and what the working directory deploys.

use super::args::{Cli, ScanArgs};
use super::scan::Scan;
use crate::finding::{Audience, Severity};
use crate::rule;
use crate::rule::World;
use clap::CommandFactory;
use clap_complete::env::{CompleteEnv, Shells};
use clap_complete::{ArgValueCandidates, CompletionCandidate, Shell};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, Write};

/// The environment variable by which a shell asks.
const ASKED: &str = "FAASLINT_COMPLETE";
/// The program a shell calls.
const PROGRAM: &str = "cargo-faaslint";

/// Answers a shell; says whether one asked.
#[allow(clippy::disallowed_methods)] // file names are completed below the working directory
pub(super) fn answer(args: &[OsString]) -> anyhow::Result<bool> {
    // `cargo faaslint …` is completed as the program's own words.
    let words = args.iter().position(|word| word == "--").map_or(args.len(), |at| at + 1);
    let mut args = args.to_vec();
    if args.get(words).is_some_and(|word| word == "cargo") && args.get(words + 1).is_some_and(|word| word == "faaslint")
    {
        args.splice(words..words + 2, [PROGRAM.into()]);
    }
    let here = std::env::current_dir().ok();
    let environment = CompleteEnv::with_factory(command).var(ASKED).bin(PROGRAM).completer(PROGRAM);
    Ok(environment.try_complete(args, here.as_deref())?)
}

/// Prints what a shell needs to complete our words, in both spellings.
pub(super) fn script(shell: Shell) -> anyhow::Result<u8> {
    let name = shell.to_string();
    let mut text = Vec::new();
    if let Some(completer) = Shells::builtins().completer(&name) {
        completer.write_registration(ASKED, PROGRAM, PROGRAM, PROGRAM, &mut text)?;
    }
    match shell {
        Shell::Bash => text.extend_from_slice(BASH.as_bytes()),
        Shell::Zsh => text.extend_from_slice(ZSH.as_bytes()),
        Shell::Fish => text.extend_from_slice(FISH.as_bytes()),
        _ => {}
    }
    io::stdout().lock().write_all(&text)?;
    Ok(0)
}

/// `cargo faaslint …`: cargo's own completion, if there is one, keeps everything else.
/// Source: cargo, src/etc/cargo.bashcomp.sh: it has no place where a subcommand could hook in.
const BASH: &str = r#"
_faaslint_of_cargo() {
    if [[ $COMP_CWORD -gt 1 && ${COMP_WORDS[1]} == faaslint ]]; then
        local -a rest=("${COMP_WORDS[@]:2}")
        local -a COMP_WORDS=(cargo-faaslint "${rest[@]}")
        local COMP_CWORD=$((COMP_CWORD - 1))
        _clap_complete_cargo_faaslint "$@"
    elif [[ -n ${_FAASLINT_CARGO-} ]]; then
        "$_FAASLINT_CARGO" "$@"
    fi
}
if ! complete -p cargo &> /dev/null; then
    if declare -F _comp_load &> /dev/null; then _comp_load cargo &> /dev/null
    elif declare -F _completion_loader &> /dev/null; then _completion_loader cargo &> /dev/null; fi
fi
if [[ $(complete -p cargo 2> /dev/null) =~ \ -F\ ([^\ ]+) && ${BASH_REMATCH[1]} != _faaslint_of_cargo ]]; then
    _FAASLINT_CARGO=${BASH_REMATCH[1]}
fi
complete -o nospace -o bashdefault -o default -F _faaslint_of_cargo cargo
"#;

/// Source: cargo, src/etc/_cargo: it calls `_cargo-NAME` for a subcommand it does not know, with `words` from there on.
const ZSH: &str = r#"
_cargo-faaslint() {
    words[1]=cargo-faaslint
    _clap_dynamic_completer_cargo_faaslint
}
"#;

/// Source: fish, `complete`: completions of several scripts for one command add up.
const FISH: &str = r#"
complete --keep-order --exclusive --command cargo --condition "__fish_seen_subcommand_from faaslint" --arguments \
    "(FAASLINT_COMPLETE=fish cargo-faaslint -- (commandline -p -o --cut-at-cursor) (commandline -t))"
complete --command cargo --condition "__fish_use_subcommand" --arguments faaslint \
    --description "Find serverless anti-patterns"
"#;

/// The command line, with what its arguments may be.
fn command() -> clap::Command {
    with_candidates(Cli::command().name(PROGRAM).bin_name(PROGRAM))
}

fn with_candidates(command: clap::Command) -> clap::Command {
    let add = |arg: clap::Arg| match arg.get_id().as_str() {
        "select" | "ignore" | "rule" => arg.add(ArgValueCandidates::new(rules)),
        "stack" => arg.add(ArgValueCandidates::new(stacks)),
        "function" => arg.add(ArgValueCandidates::new(functions)),
        _ => arg,
    };
    command.mut_args(add).mut_subcommands(with_candidates)
}

/// The ids of the rules, with what each finds.
fn rules() -> Vec<CompletionCandidate> {
    let rules = rule::embedded().into_iter();
    rules.map(|rule| CompletionCandidate::new(rule.id).help(Some(rule.title.into()))).collect()
}

/// The stacks of the working directory.
fn stacks() -> Vec<CompletionCandidate> {
    let names = deployed(|project| project.deploy.stacks.iter().map(|stack| stack.path.clone()).collect());
    names.into_iter().map(CompletionCandidate::new).collect()
}

/// The functions of the working directory.
fn functions() -> Vec<CompletionCandidate> {
    let names = deployed(|project| {
        let named = project.units.iter().filter_map(|unit| unit.function());
        named.map(|id| project.deploy.function_name(id).to_owned()).collect()
    });
    names.into_iter().map(CompletionCandidate::new).collect()
}

/// What the configuration below the working directory deploys; nothing if it cannot be read.
fn deployed(names: impl Fn(&crate::model::Project) -> BTreeSet<String>) -> BTreeSet<String> {
    let args = ScanArgs { no_cargo: true, ..ScanArgs::default() };
    let read = || -> anyhow::Result<BTreeSet<String>> {
        let scan = Scan::open(&args)?;
        let mut options = scan.options(&args, Severity::Info, Audience::Regular, BTreeSet::from([World::Deploy]))?;
        options.rules.clear();
        Ok(names(&scan.run(&args, None, &options)?.project))
    };
    read().unwrap_or_default()
}
