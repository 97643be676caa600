//! `init` and `man`: what a project or a machine needs once.

use super::args::{Cli, InitArgs};
use super::scan::Scan;
use crate::config::{FILE_NAMES, schema};
use crate::engine;
use crate::finding::{Audience, Severity};
use crate::tree::Tree;
use anyhow::{Context, anyhow, bail};
use clap::CommandFactory;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

/// The name of a new baseline, beside the config.
const BASELINE: &str = "faaslint-baseline.json";

/// Writes a first config, and a baseline of what is found today.
pub(super) fn init(args: &InitArgs) -> anyhow::Result<u8> {
    if args.schema {
        writeln!(io::stdout().lock(), "{}", serde_json::to_string_pretty(&schema())?)?;
        return Ok(0);
    }
    let scan = Scan::open(&args.scan)?;
    let root = scan.tree.root().ok_or_else(|| anyhow!("there is no directory"))?.to_owned();
    if let Some(name) = FILE_NAMES.iter().find(|name| root.join(name).exists()) {
        bail!("there is a `{name}` already; nothing was changed");
    }
    let options = scan.options(&args.scan, Severity::Info, Audience::Regular, BTreeSet::new())?;
    let outcome = scan.run(&args.scan, None, &options)?;
    scan.demand(&outcome, false)?;
    let count = outcome.findings.len();
    let mut said = String::new();
    let shown = |name: &str| Path::new(scan.shown()).join(name).display().to_string();
    if count > 0 {
        let text = engine::write_baseline(&outcome.project.sources, &outcome.findings);
        scan.write(&root.join(BASELINE), text.as_bytes())?;
        let _ = writeln!(
            said,
            "wrote {}: the {count} findings of today. They are not reported again, wherever their lines move; new ones \
             are.\n  \
             `cargo faaslint --no-baseline` shows them all; `--baseline {BASELINE} --write-baseline` makes it anew.",
            shown(BASELINE)
        );
    }
    scan.write(&root.join(FILE_NAMES[0]), config(count > 0).as_bytes())?;
    let _ = writeln!(
        said,
        "wrote {}: every key it may have, with what it does. Commit it, so that everybody sees the same findings.",
        shown(FILE_NAMES[0])
    );
    io::stdout().lock().write_all(said.as_bytes())?;
    Ok(0)
}

/// A first config: what is set, and what could be, commented out.
fn config(with_baseline: bool) -> String {
    let baseline = if with_baseline {
        format!(
            "# Findings that were here when faaslint came. Mend them when you can, and write the file anew.\n\
             baseline: {BASELINE}\n\n"
        )
    } else {
        String::new()
    };
    format!(
        "# yaml-language-server: $schema={}/raw/main/docs/faaslint.schema.json\n\
         # What faaslint reports in this project. Every key is optional; `cargo faaslint rules` lists the rules.\n\n\
         {baseline}\
         # Least severity that is shown: info, warning or error. From warning on, the run fails.\n\
         severity: info\n\n\
         # Who listens: regular, pedantic (best practice spelled out) or auditor (everything).\n\
         audience: regular\n\n\
         # Rules that never apply here.\n\
         # ignore: [heavy-dependency]\n\n\
         # Tools that run here as well: what they find too, in the files they read, is left to them.\n\
         # peers: [cfn-lint-serverless, checkov]\n\n\
         # Files that are not read.\n\
         # exclude: [\"legacy/**\"]\n\n\
         # Rules that do not apply in some places, and why.\n\
         # allow:\n\
         #   - rules: [function-timeout-not-configured]\n\
         #     functions: [\"Nightly*\"]\n\
         #     reason: three seconds are plenty\n\n\
         # Other severities and parameters.\n\
         # overrides:\n\
         #   synchronous-lambda-invocation: {{severity: info}}\n\
         #   deployment-package-too-large: {{params: {{max_binary_mb: 20}}}}\n\n\
         # The stage of the Serverless Framework, the stacks of a CDK app, values of Terraform variables.\n\
         # stage: production\n\
         # stacks: [Orders]\n\
         # var_files: [infra/production.tfvars]\n",
        env!("CARGO_PKG_REPOSITORY")
    )
}

/// Prints the manual page, or writes one for each subcommand.
pub(super) fn man(dir: Option<&Path>) -> anyhow::Result<u8> {
    let command = Cli::command().name("cargo-faaslint").bin_name("cargo-faaslint");
    let Some(dir) = dir else {
        let mut text = Vec::new();
        clap_mangen::Man::new(command).render(&mut text)?;
        io::stdout().lock().write_all(&text)?;
        return Ok(0);
    };
    clap_mangen::generate_to(command, dir).with_context(|| format!("cannot write to `{}`", dir.display()))?;
    Ok(0)
}
