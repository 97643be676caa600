//! `fit`: whether each function is work for its platform, and whether that is as good as the config expects.

use super::args::FitArgs;
use super::cost_project::{check, traffic};
use super::save;
use super::scan::Scan;
use crate::finding::{Audience, Severity};
use crate::report::{FitInput, clean, write_fit};
use crate::rule::World;
use crate::verdicts::cost::Traffic;
use crate::verdicts::fit::{Fit, Row, Verdict, Wanted, judge};
use anyhow::{anyhow, bail};
use globset::Glob;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

/// Prints what fits; 1 if something is worse than it may be.
pub(super) fn fit(args: &FitArgs) -> anyhow::Result<u8> {
    let scan = Scan::open(&args.scan)?;
    let read = BTreeSet::from([World::Source, World::Crates, World::Deploy]);
    let mut options = scan.options(&args.scan, Severity::Info, Audience::Regular, read)?;
    options.rules.clear();
    let mut outcome = scan.run(&args.scan, None, &options)?;
    scan.demand(&outcome, false)?;
    let known = traffic(&scan, args.traffic.as_deref(), &mut outcome.project)?;
    let traffic = known.map_or_else(Traffic::default, |(_, traffic)| traffic);
    check(&outcome.project, &traffic)?;
    let config = &scan.config.fit;
    if let Some(wrong) = config.allow.iter().find(|row| !Row::ALL.iter().any(|known| known.as_str() == **row)) {
        let known: Vec<&str> = Row::ALL.iter().map(|row| row.as_str()).collect();
        bail!("`fit.allow`: there is no `{wrong}`; there are: {}", known.join(", "));
    }
    let wanted = Wanted { latency_ms: config.latency_target_ms, allow: config.allow.clone() };
    let fits = judge(&outcome.project, &traffic, &wanted);
    if fits.is_empty() {
        bail!("nothing to judge in `{}`: no function was found", scan.shown());
    }
    let input = FitInput { project: &outcome.project, fits: &fits, prefix: &scan.prefix, verbose: args.verbose };
    let mut text = Vec::new();
    write_fit(&args.format, &input, &mut text)?;
    match &args.output {
        Some(path) => save::whole(Some(Path::new(".")), path, &text)?,
        None => io::stdout().lock().write_all(&text)?,
    }
    let worse = unexpected(&scan, &fits)?;
    for line in &worse {
        super::complain::complain(line);
    }
    let most = args.fail_on.as_deref().map(|word| {
        Verdict::of_word(word).ok_or_else(|| anyhow!("`--fail-on {word}`: watch, fits-with-change or poor-fit"))
    });
    let failed = most.transpose()?.is_some_and(|most| fits.iter().any(|fit| fit.verdict >= most));
    Ok(u8::from(failed || !worse.is_empty()))
}

/// Functions that are worse than the config expects, a line each.
fn unexpected(scan: &Scan, fits: &[Fit]) -> anyhow::Result<Vec<String>> {
    let mut worse = Vec::new();
    for (name, word) in &scan.config.fit.expect {
        let expected = Verdict::of_word(word)
            .ok_or_else(|| anyhow!("`fit.expect.{name}: {word}`: fits, watch, fits with change or poor fit"))?;
        let pattern = Glob::new(name).map_err(|error| anyhow!("`fit.expect`: {error}"))?.compile_matcher();
        let mut matched = fits.iter().filter(|fit| fit.name == *name || pattern.is_match(&fit.name)).peekable();
        if matched.peek().is_none() {
            bail!("`fit.expect`: no function is called `{name}`");
        }
        for fit in matched.filter(|fit| fit.verdict > expected) {
            worse.push(format!(
                "`{}` is `{}`, and the config expects `{}`: {}",
                clean(&fit.name),
                fit.verdict.as_str(),
                expected.as_str(),
                clean(&fit.because)
            ));
        }
    }
    Ok(worse)
}
