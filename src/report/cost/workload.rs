//! `cost` of one workload, beside what runs all month.

use super::plot;
use super::words::{Row, columns, dollars, known, quantity, rate, short, trimmed};
use crate::exact::Exact;
use crate::knowledge::price;
use crate::report::clean::clean;
use crate::verdicts::cost::curve::of_workload;
use crate::verdicts::cost::{
    Architecture, Bill, Comparison, DEFAULT_REGION, Front, Line, SECONDS_OF_A_MONTH, SYSTEM_MIB, Workload,
    azure_consumption, cloud_run_concurrency, cloud_run_request, compare, logs, oldest_price, workers,
    worthwhile_utilisation,
};
use serde_json::json;
use std::io::{self, Write};

/// What to print.
pub struct CostInput<'a> {
    /// The workload.
    pub workload: &'a Workload,
    /// The busiest moment over the mean.
    pub peak: &'a Exact,
    /// CPU time of a request in milliseconds, for platforms that bill it.
    pub cpu_ms: Option<&'a Exact>,
    /// Whether a region was named.
    pub region_named: bool,
    /// Whether the prices are older than a year.
    pub stale: bool,
}

fn rows_of(bill: &Bill, region: &str) -> Vec<Row> {
    let row = |line: &Line| vec![line.kind.to_owned(), quantity(line), rate(line, region), known(line.usd.as_ref())];
    bill.lines.iter().map(row).collect()
}

/// The words before the amount of an incomplete total.
fn total(bill: &Bill) -> String {
    match bill.total() {
        Some(total) => dollars(&total),
        None => format!("at least {}", dollars(&bill.known())),
    }
}

/// The same function with the other instruction set.
fn other_architecture(workload: &Workload) -> (&'static str, Option<Exact>) {
    let architecture = match workload.architecture {
        Architecture::X86 => Architecture::Arm,
        Architecture::Arm => Architecture::X86,
    };
    (architecture.as_str(), Workload { architecture, ..workload.clone() }.cost(false))
}

/// Where a machine and the function cost the same, without and with the free tier, and what is to be said of it.
fn verdict(comparison: &Comparison, workload: &Workload) -> [String; 3] {
    let none = |why: &str| ["–".to_owned(), "–".to_owned(), why.to_owned()];
    let Some(even) = &comparison.break_even else {
        let idle = workload.with_requests(Exact::zero()).cost(false);
        let dearer = idle.is_some_and(|idle| idle > comparison.least_usd);
        return none(if dearer { "Lambda costs more at any volume" } else { "no break-even is known" });
    };
    if !comparison.stands() {
        return none(&format!("carries at most {}, and Lambda costs less for that", short(&comparison.carries.burst)));
    }
    let free = comparison.break_even_after_free.as_ref().map_or_else(|| "–".to_owned(), short);
    let mut notes = Vec::new();
    if *even < workload.requests {
        notes.push("already passed");
    }
    if comparison.spends_credits() {
        notes.push("needs CPU credits above its baseline there");
    }
    [short(even), free, notes.join("; ")]
}

fn comparison_rows(all: &[Comparison], workload: &Workload) -> Vec<Row> {
    let row = |one: &Comparison| {
        let count = if one.machines == 1 { String::new() } else { format!("{} × ", one.machines) };
        let [even, free, note] = verdict(one, workload);
        let pair = one.pair.as_ref().map_or_else(|| "–".to_owned(), short);
        vec![format!("{count}{}", one.machine.name), dollars(&one.usd), even, free, pair, note]
    };
    all.iter().map(row).collect()
}

/// What stands above these columns.
const COMPARED: [&str; 6] =
    ["", "a month", "Lambda is cheaper up to", "with the free tier", "with two and a balancer", ""];

/// Requests a second, and how many are in flight.
fn load(workload: &Workload) -> (Exact, Exact) {
    let rate = &workload.requests * &Exact::fraction(1, SECONDS_OF_A_MONTH);
    let flying = &(&rate * &workload.duration_ms) * &Exact::fraction(1, 1000);
    (rate, flying)
}

/// The workload on other platforms that bill by use, at list prices.
fn elsewhere(input: &CostInput<'_>) -> Vec<(String, Option<Exact>)> {
    let workload = input.workload;
    let gb = Exact::fraction(workload.memory_mb, 1024);
    let at_least = gb.clone().max(Exact::fraction(1, 2));
    let one = Exact::from(1);
    let run = |concurrency: &Exact| {
        let size = (&one, &at_least);
        let parts = cloud_run_request(&workload.requests, &workload.duration_ms, size, concurrency, false)?;
        Some(parts.into_iter().sum())
    };
    let concurrency = cloud_run_concurrency(&(&load(workload).1 * input.peak));
    let size = format!("1 vCPU, {} GiB", at_least.places(1));
    let mut rows = vec![(format!("Cloud Run in tier 1, by request, {size}, one at a time"), run(&one))];
    if concurrency > one {
        let name =
            format!("Cloud Run in tier 1, by request, {size}, {} at a time that mostly wait", concurrency.places(1));
        rows.push((name, run(&concurrency)));
    }
    if workload.memory_mb <= 1536 {
        let name = "Azure Functions in East US, Consumption plan, if it uses all of the memory".to_owned();
        rows.push((name, azure_consumption(&workload.requests, &workload.duration_ms, &gb, false)));
    }
    if let Some(cpu) = input.cpu_ms {
        let name = format!("Cloudflare Workers, paid plan, {} ms of CPU time", cpu.places(1));
        rows.push((name, workers(&workload.requests, cpu)));
    }
    rows
}

fn header(input: &CostInput<'_>) -> Vec<String> {
    let workload = input.workload;
    let mut lines = vec![format!(
        "AWS Lambda, {}, {}, {} MB, {} ms: list prices as of {}",
        clean(&workload.region),
        workload.architecture.as_str(),
        workload.memory_mb,
        trimmed(&workload.duration_ms),
        oldest_price()
    )];
    if !input.region_named {
        lines.push(format!("no region was given: prices of {DEFAULT_REGION}"));
    }
    if input.stale {
        lines.push("warning: these prices are older than a year".to_owned());
    }
    lines
}

fn notes(input: &CostInput<'_>, compared: bool) -> Vec<String> {
    let workload = input.workload;
    let region = &workload.region;
    let mut notes = Vec::new();
    if let Some(share) = workload.provisioned.as_ref().and(worthwhile_utilisation(region, workload.architecture)) {
        notes.push(if share > Exact::from(1) {
            format!("Provisioned concurrency cannot pay for itself in {} at any load.", clean(region))
        } else {
            let percent = (share * Exact::from(100)).places(0);
            format!(
                "Provisioned concurrency costs less than on demand only while its environments are busy {percent} % of \
                 the time."
            )
        });
    }
    if !compared {
        notes.push(format!("No price of an always-on machine in {} is known.", clean(region)));
    }
    let mut beside = Vec::new();
    let mut more = |name: &str, cost: Option<Exact>| {
        if let Some(cost) = cost {
            beside.push(format!("{name} {}", dollars(&cost)));
        }
    };
    if workload.front == Front::None {
        for (name, row) in [("an HTTP API", "apigateway-http"), ("a REST API", "apigateway-rest")] {
            more(name, price(row).and_then(|row| row.cost(region, &workload.requests)));
        }
    }
    more("logs for each KB a request writes", logs(region, &workload.requests, 1024));
    beside.push("data transfer, taxes, discounts".to_owned());
    notes.push(format!("Not counted: {}.", beside.join(", ")));
    notes
}

/// Writes a cost.
///
/// # Errors
/// If the writer fails.
pub fn write(format: &str, input: &CostInput<'_>, to: &mut dyn Write) -> io::Result<()> {
    match format {
        "json" => write_json(input, to),
        "markdown" => write_markdown(input, to),
        "svg" => plot::write(&of_workload(input.workload, input.peak), to),
        _ => write_text(input, to),
    }
}

/// Writes a table for the terminal.
fn write_text(input: &CostInput<'_>, to: &mut dyn Write) -> io::Result<()> {
    let workload = input.workload;
    let bill = workload.bill();
    for line in header(input) {
        writeln!(to, "{line}")?;
    }
    let mut rows = rows_of(&bill, &workload.region);
    let after = bill.after_free.as_ref();
    let after = after.map(|after| format!("{} if the account's free tier is not used elsewhere", dollars(after)));
    rows.push(vec!["total a month".to_owned(), String::new(), String::new(), total(&bill)]);
    let (architecture, other) = other_architecture(workload);
    rows.push(vec![format!("on {architecture}"), String::new(), String::new(), known(other.as_ref())]);
    columns(&rows, &[false, true, false, true], to)?;
    if let Some(after) = after {
        writeln!(to, "  {after}")?;
    }
    let all = compare(workload, input.peak);
    let (rate, flying) = load(workload);
    if !all.is_empty() {
        let peak = match trimmed(input.peak).as_str() {
            "1" => String::new(),
            peak => format!(", {peak} times that at the busiest"),
        };
        writeln!(to, "\nAlways on, carrying {} requests/s with {} in flight{peak}:", rate.places(1), flying.places(1))?;
        let mut rows = vec![COMPARED.map(str::to_owned).to_vec()];
        rows.extend(comparison_rows(&all, workload));
        columns(&rows, &[false, true, true, true, true, false], to)?;
        writeln!(
            to,
            "  Capacity: {SYSTEM_MIB} MiB for the system; a request uses the CPU its memory gives it on Lambda."
        )?;
    }
    writeln!(to, "\nElsewhere, by use:")?;
    let rows: Vec<Row> = elsewhere(input).into_iter().map(|(name, usd)| vec![name, known(usd.as_ref())]).collect();
    columns(&rows, &[false, true], to)?;
    writeln!(to)?;
    for note in notes(input, !all.is_empty()) {
        writeln!(to, "{note}")?;
    }
    Ok(())
}

/// Writes Markdown.
fn write_markdown(input: &CostInput<'_>, to: &mut dyn Write) -> io::Result<()> {
    let workload = input.workload;
    let bill = workload.bill();
    let lines = header(input);
    writeln!(to, "### {}\n", lines[0])?;
    for line in &lines[1..] {
        writeln!(to, "{line}.\n")?;
    }
    writeln!(to, "| | quantity | price | a month |\n| --- | ---: | --- | ---: |")?;
    for row in rows_of(&bill, &workload.region) {
        writeln!(to, "| {} |", row.join(" | "))?;
    }
    writeln!(to, "| **total** | | | **{}** |", total(&bill))?;
    if let Some(after) = &bill.after_free {
        writeln!(to, "| if the account's free tier is not used elsewhere | | | {} |", dollars(after))?;
    }
    let (architecture, other) = other_architecture(workload);
    writeln!(to, "| on {architecture} | | | {} |", known(other.as_ref()))?;
    let all = compare(workload, input.peak);
    if !all.is_empty() {
        writeln!(to, "\n| {} |\n| --- | ---: | ---: | ---: | ---: | --- |", COMPARED.join(" | "))?;
        for row in comparison_rows(&all, workload) {
            writeln!(to, "| {} |", row.join(" | "))?;
        }
    }
    writeln!(to, "\n| elsewhere, by use | a month |\n| --- | ---: |")?;
    for (name, usd) in elsewhere(input) {
        writeln!(to, "| {name} | {} |", known(usd.as_ref()))?;
    }
    for note in notes(input, !all.is_empty()) {
        writeln!(to, "\n{note}")?;
    }
    Ok(())
}

/// Writes JSON; amounts are texts, because numbers would be rounded.
fn write_json(input: &CostInput<'_>, to: &mut dyn Write) -> io::Result<()> {
    let workload = input.workload;
    let bill = workload.bill();
    let text = |amount: Option<&Exact>| amount.map(Exact::to_string);
    let lines: Vec<_> = bill
        .lines
        .iter()
        .map(|line| {
            let unit = price(&line.price).and_then(|row| row.first(&workload.region));
            json!({"kind": line.kind, "price": line.price, "quantity": line.quantity.to_string(),
                   "unit_price": text(unit), "usd": text(line.usd.as_ref())})
        })
        .collect();
    let unknown: Vec<&str> = bill.unknown().map(|line| line.kind).collect();
    let break_even: Vec<_> = compare(workload, input.peak)
        .iter()
        .map(|one| {
            json!({"against": one.machine.name, "fixed_usd": one.least_usd.to_string(),
                   "requests": one.break_even.as_ref().map(|requests| requests.places(0)),
                   "with_free_tier": one.break_even_after_free.as_ref().map(|requests| requests.places(0)),
                   "two_with_balancer": one.pair.as_ref().map(|requests| requests.places(0)),
                   "carries": one.stands(), "cpu_credits": one.spends_credits(),
                   "capacity_requests": {
                       "sustained": one.carries.sustained.places(0), "burst": one.carries.burst.places(0)
                   },
                   "machines": one.machines, "usd": one.usd.to_string()})
        })
        .collect();
    let elsewhere: Vec<_> =
        elsewhere(input).into_iter().map(|(name, usd)| json!({"platform": name, "usd": text(usd.as_ref())})).collect();
    let value = json!({
        "schema": 1, "prices": {"oldest": oldest_price(), "older_than_a_year": input.stale},
        "region": workload.region, "architecture": workload.architecture.as_str(),
        "memory_mb": workload.memory_mb, "duration_ms": workload.duration_ms.to_string(),
        "requests": workload.requests.places(0), "gb_s": workload.all_gb_s().to_string(),
        "lines": lines, "unknown": unknown,
        "total": {"usd": text(bill.total().as_ref()), "known_usd": bill.known().to_string(),
                  "free_tier_usd": text(bill.after_free.as_ref())},
        "break_even": break_even, "elsewhere": elsewhere,
    });
    serde_json::to_writer_pretty(&mut *to, &value)?;
    writeln!(to)
}
