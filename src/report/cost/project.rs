//! `cost` of a project: functions, what is paid for while it exists, what stands around, what is not known.

use super::words::{Row, columns, dollars, known, quantity, rate, short, trimmed};
use crate::exact::Exact;
use crate::knowledge::price;
use crate::model::Project;
use crate::report::clean::clean;
use crate::text::Span;
use crate::verdicts::cost::curve::of_project;
use crate::verdicts::cost::fleet::{self, Beside, Need};
use crate::verdicts::cost::{
    Architecture, Around, Chosen, DEFAULT_REGION, FunctionCost, Priced, ProjectCost, SYSTEM_MIB, oldest_price,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// What to print.
pub struct ProjectInput<'a> {
    /// The project.
    pub project: &'a Project,
    /// What it costs.
    pub cost: &'a ProjectCost,
    /// What leads from the working directory to the scanned root.
    pub prefix: &'a str,
    /// The traffic file; none if there is none.
    pub traffic: Option<&'a str>,
    /// Whether the prices are older than a year.
    pub stale: bool,
    /// Whether to show each line of each bill.
    pub verbose: bool,
}

/// A table with what stands above it.
struct Section {
    title: String,
    head: Vec<&'static str>,
    right: Vec<bool>,
    rows: Vec<Row>,
}

impl ProjectInput<'_> {
    fn at(&self, span: Span) -> String {
        let place = self.project.sources.position(span.file, span.start);
        let path = clean(self.project.sources.path(span.file));
        if self.prefix.is_empty() {
            format!("{path}:{}", place.line)
        } else {
            format!("{}/{path}:{}", self.prefix, place.line)
        }
    }

    fn name(&self, function: &FunctionCost) -> String {
        clean(&self.project.deploy.function_label(function.id))
    }
}

/// Writes what a project costs.
///
/// # Errors
/// If the writer fails.
pub fn write(format: &str, input: &ProjectInput<'_>, to: &mut dyn Write) -> io::Result<()> {
    match format {
        "json" => write_json(input, to),
        "svg" => match of_project(input.cost) {
            Some(plot) => super::plot::write(&plot, to),
            None => Err(io::Error::other(
                "no traffic is known that could be drawn; `cargo faaslint cost --init` begins a file",
            )),
        },
        "markdown" => {
            let mut lines = header(input).into_iter();
            writeln!(to, "### {}\n", lines.next().unwrap_or_default())?;
            for line in lines {
                writeln!(to, "{line}.\n")?;
            }
            for section in sections(input) {
                writeln!(to, "**{}**\n", section.title)?;
                let rules: Vec<&str> = section.right.iter().map(|right| if *right { "---:" } else { "---" }).collect();
                writeln!(to, "| {} |\n| {} |", section.head.join(" | "), rules.join(" | "))?;
                for row in section.rows {
                    let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
                    writeln!(to, "| {} |", cells.join(" | "))?;
                }
                writeln!(to)?;
            }
            writeln!(to, "{}", total(input))?;
            notes(input).iter().try_for_each(|note| writeln!(to, "\n{note}"))
        }
        _ => {
            for line in header(input) {
                writeln!(to, "{line}")?;
            }
            for mut section in sections(input) {
                writeln!(to, "\n{}", section.title)?;
                if section.head.iter().any(|head| !head.is_empty()) {
                    section.rows.insert(0, section.head.iter().map(|head| (*head).to_owned()).collect());
                }
                columns(&section.rows, &section.right, to)?;
            }
            writeln!(to, "\n{}", total(input))?;
            notes(input).iter().try_for_each(|note| writeln!(to, "{note}"))
        }
    }
}

fn header(input: &ProjectInput<'_>) -> Vec<String> {
    let mut regions: BTreeMap<(String, String), usize> = BTreeMap::new();
    for function in &input.cost.functions {
        let Chosen { name, by } = &function.region;
        *regions.entry((name.clone(), by.clone())).or_default() += 1;
    }
    let named: Vec<String> = regions
        .keys()
        .map(|(name, by)| match by.as_str() {
            "" => format!("{name} (no file says which)"),
            by => format!("{} ({})", clean(name), clean(by)),
        })
        .collect();
    let named = if named.is_empty() { DEFAULT_REGION.to_owned() } else { named.join(", ") };
    let mut lines = vec![format!("AWS Lambda, list prices as of {}, {named}", oldest_price())];
    lines.push(match input.traffic {
        Some(path) => format!("traffic: {}", clean(path)),
        None => "no traffic file: what is exact without one; `cargo faaslint cost --init` begins one".to_owned(),
    });
    if input.stale {
        lines.push("warning: these prices are older than a year".to_owned());
    }
    lines
}

fn sections(input: &ProjectInput<'_>) -> Vec<Section> {
    let mut all = vec![functions(input), without(input)];
    if input.verbose {
        all.extend(input.cost.functions.iter().filter(|function| function.load.is_some()).map(|of| bill(input, of)));
    }
    all.push(standing("Paid for while it exists", &input.cost.fixed, input));
    all.push(standing("Around the functions", &input.cost.around, input));
    all.push(Section {
        title: "Not known".to_owned(),
        head: vec!["what", "declared"],
        right: vec![false, false],
        rows: input.cost.unknown.iter().map(|missing| vec![clean(&missing.what), input.at(missing.at)]).collect(),
    });
    all.push(always_on(input));
    all.retain(|section| !section.rows.is_empty());
    all
}

/// Functions with a bill, the dearest first.
fn functions(input: &ProjectInput<'_>) -> Section {
    let mut billed: Vec<&FunctionCost> =
        input.cost.functions.iter().filter(|function| function.load.is_some()).collect();
    billed.sort_by_key(|function| std::cmp::Reverse(function.known()));
    let all: Exact = billed.iter().map(|function| function.known()).sum();
    let row = |function: &&FunctionCost| {
        let load = function.load.as_ref()?;
        let settings = input.project.deploy.function(function.id);
        let default = if settings.memory_mb.origin.is_default() { " (default)" } else { "" };
        let share = match all > Exact::zero() {
            true => format!("{} %", (&(&function.known() * &Exact::from(100)) / &all).places(0)),
            false => String::new(),
        };
        let place = settings.memory_mb.place().unwrap_or(input.project.deploy.function_span(function.id));
        Some(vec![
            input.name(function),
            format!("{} MB{default}", function.memory_mb?),
            function.architecture?.as_str().to_owned(),
            load.attempts.grouped(0),
            format!("{} ms", trimmed(&load.duration_ms)),
            sum(&function.lines),
            share,
            clean(&load.volume.because),
            input.at(place),
        ])
    };
    Section {
        title: "Functions".to_owned(),
        head: vec!["function", "memory", "", "requests a month", "duration", "a month", "", "because", "memory set at"],
        right: vec![false, true, false, true, true, true, true, false, false],
        rows: billed.iter().filter_map(row).collect(),
    }
}

/// The sum of lines; at least so much, if one has no price.
fn sum(lines: &[Priced]) -> String {
    let known: Exact = lines.iter().filter_map(|priced| priced.line.usd.clone()).sum();
    match lines.iter().all(|priced| priced.line.usd.is_some()) {
        true => dollars(&known),
        false => format!("at least {}", dollars(&known)),
    }
}

/// Functions without a bill, and why.
fn without(input: &ProjectInput<'_>) -> Section {
    let row = |function: &FunctionCost| {
        let why = function.missing.as_ref()?;
        let memory = function.memory_mb.map_or_else(|| "unknown".to_owned(), |memory| format!("{memory} MB"));
        let architecture = function.architecture.map_or("unknown", Architecture::as_str);
        let most = match &function.most_per_million {
            Some((timeout, most)) => format!("{} at its timeout of {timeout} s", dollars(most)),
            None => "unknown".to_owned(),
        };
        let place = input.at(input.project.deploy.function_span(function.id));
        Some(vec![input.name(function), memory, architecture.to_owned(), most, clean(why), place])
    };
    Section {
        title: "Functions without a bill".to_owned(),
        head: vec!["function", "memory", "", "a million cost at most", "why there is none", "declared"],
        right: vec![false, true, false, false, false, false],
        rows: input.cost.functions.iter().filter_map(row).collect(),
    }
}

/// One function, line by line.
fn bill(input: &ProjectInput<'_>, function: &FunctionCost) -> Section {
    let mut rows: Vec<Row> = function.lines.iter().map(|priced| line(priced.line.kind, priced)).collect();
    for (callee, usd) in &function.waits {
        let callee = clean(&input.project.deploy.function_label(*callee));
        rows.push(vec![format!("of that, waiting for {callee}"), String::new(), String::new(), dollars(usd)]);
    }
    Section {
        title: input.name(function),
        head: vec!["", "quantity", "price", "a month"],
        right: vec![false, true, false, true],
        rows,
    }
}

fn line(name: &str, Priced { line, region }: &Priced) -> Row {
    vec![name.to_owned(), quantity(line), rate(line, region), known(line.usd.as_ref())]
}

fn standing(title: &str, all: &[Around], input: &ProjectInput<'_>) -> Section {
    let row = |around: &Around| {
        let mut row = line(&clean(&around.name), &around.priced);
        row.push(input.at(around.at));
        row
    };
    Section {
        title: title.to_owned(),
        head: vec!["", "quantity", "price", "a month", "declared"],
        right: vec![false, true, false, true, false],
        rows: all.iter().map(row).collect(),
    }
}

/// The project on machines that carry it.
fn always_on(input: &ProjectInput<'_>) -> Section {
    let need = fleet::need(input.cost);
    let title = need.as_ref().map_or_else(String::new, |need| {
        format!(
            "Always on, carrying {} requests/s with {} in flight at the busiest ({} MB, {} vCPU), for what costs {} on \
             Lambda",
            need.rate.places(1),
            need.in_flight.places(1),
            need.memory_mb.places(0),
            need.peak_vcpus.places(2),
            dollars(&need.lambda_usd)
        )
    });
    let beside = fleet::beside(input.cost);
    let row = |one: &Beside| {
        let count = if one.machines == 1 { String::new() } else { format!("{} × ", one.machines) };
        let [even, note] = even(one, need.as_ref());
        vec![format!("{count}{}", one.machine.name), dollars(&one.usd), even, note]
    };
    Section {
        title,
        head: vec!["", "a month", "Lambda is cheaper up to", ""],
        right: vec![false, true, true, false],
        rows: beside.iter().map(row).collect(),
    }
}

/// Requests a month, the functions in the same proportion, and what is to be said of it.
fn even(one: &Beside, need: Option<&Need>) -> [String; 2] {
    let none = |why: &str| ["–".to_owned(), why.to_owned()];
    let Some(requests) = &one.break_even else { return none("no break-even is known") };
    if !one.stands {
        return none("Lambda costs less for all it carries");
    }
    let mut notes = Vec::new();
    if need.is_some_and(|need| *requests < need.requests) {
        notes.push("already passed");
    }
    if one.spends_credits {
        notes.push("needs CPU credits above its baseline there");
    }
    [short(requests), notes.join("; ")]
}

/// What is not known makes the total a lower bound.
fn total(input: &ProjectInput<'_>) -> String {
    let cost = input.cost;
    if cost.lines().next().is_none() {
        return "total a month: not known without traffic".to_owned();
    }
    let priced = cost.lines().all(|priced| priced.line.usd.is_some());
    let billed = cost.functions.iter().all(|function| function.load.is_some());
    let least = if priced && billed && cost.unknown.is_empty() { "" } else { "at least " };
    let mut text = format!("total a month: {least}{}", dollars(&cost.known_usd));
    if cost.after_free_usd < cost.known_usd {
        text.push_str(&format!(
            " ({} if the account's free tier is not used elsewhere)",
            dollars(&cost.after_free_usd)
        ));
    }
    text
}

fn notes(input: &ProjectInput<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let need = fleet::need(input.cost);
    let mut foreign: Vec<&str> = input.cost.functions.iter().map(|function| function.region.name.as_str()).collect();
    foreign.sort_unstable();
    foreign.dedup();
    foreign.retain(|region| price("lambda-requests").and_then(|row| row.first(region)).is_none());
    if !foreign.is_empty() {
        notes.push(format!("No list price of AWS Lambda in {} is known.", clean(&foreign.join(", "))));
    }
    if need.is_some() && fleet::beside(input.cost).is_empty() {
        let region = need.and_then(|need| need.region);
        notes.push(match region {
            Some(region) => format!("No price of an always-on machine in {} is known.", clean(&region)),
            None => "The functions are in several regions; they are not put beside machines.".to_owned(),
        });
    } else if need.is_some() {
        notes.push(format!(
            "Capacity: {SYSTEM_MIB} MiB for the system; a request uses the CPU its memory gives it on Lambda."
        ));
    }
    let mut left = vec!["data transfer", "storage", "taxes", "discounts"];
    let logged = |function: &FunctionCost| function.lines.iter().any(|priced| priced.line.kind == "logs");
    if input.cost.functions.iter().any(|function| function.load.is_some() && !logged(function)) {
        left.insert(0, "logs of functions without `logs` in the traffic file");
    }
    let sockets = |function: &FunctionCost| function.lines.iter().any(|one| one.line.price == "apigateway-websocket");
    if input.cost.functions.iter().any(sockets) {
        left.insert(0, "the minutes that WebSocket connections stay open");
    }
    notes.push(format!("Not counted: {}.", left.join(", ")));
    notes
}

fn text(amount: Option<&Exact>) -> Option<String> {
    amount.map(Exact::to_string)
}

fn line_json(Priced { line, region }: &Priced) -> Value {
    let unit = price(&line.price).and_then(|row| row.first(region));
    json!({"kind": line.kind, "price": line.price, "quantity": line.quantity.to_string(),
           "unit_price": text(unit), "usd": text(line.usd.as_ref())})
}

/// Writes JSON; amounts are texts, because numbers would be rounded.
fn write_json(input: &ProjectInput<'_>, to: &mut dyn Write) -> io::Result<()> {
    let cost = input.cost;
    let functions: Vec<Value> = cost
        .functions
        .iter()
        .map(|function| {
            let settings = input.project.deploy.function(function.id);
            let load = function.load.as_ref();
            let source = match settings.memory_mb.place() {
                Some(_) if settings.memory_mb.origin.is_default() => "default".to_owned(),
                Some(place) => input.at(place),
                None => "unknown".to_owned(),
            };
            let gb_s = load.zip(function.memory_mb).map(|(load, memory)| {
                (&(&load.attempts * &load.duration_ms) * &Exact::fraction(memory, 1_024_000)).to_string()
            });
            json!({"id": input.name(function), "declared": input.at(input.project.deploy.function_span(function.id)),
                   "memory_mb": function.memory_mb, "memory_source": source,
                   "architecture": function.architecture.map(Architecture::as_str),
                   "region": function.region.name,
                   "requests": load.map(|load| load.volume.amount.places(2)),
                   "attempts": load.map(|load| load.attempts.places(2)),
                   "because": load.map(|load| load.volume.because.clone()),
                   "traffic": load.map(|load| input.at(load.volume.at)),
                   "duration_ms": load.map(|load| load.duration_ms.to_string()),
                   "gb_s": gb_s, "missing": function.missing,
                   "lines": function.lines.iter().map(line_json).collect::<Vec<_>>(),
                   "known_usd": function.known().to_string(),
                   "most_per_million_usd": function.most_per_million.as_ref().map(|(_, most)| most.to_string())})
        })
        .collect();
    let around = |all: &[Around]| -> Vec<Value> {
        let one = |around: &Around| {
            let line = line_json(&around.priced);
            json!({"name": around.name, "declared": input.at(around.at), "line": line})
        };
        all.iter().map(one).collect()
    };
    let unknown: Vec<Value> =
        cost.unknown.iter().map(|missing| json!({"what": missing.what, "declared": input.at(missing.at)})).collect();
    let beside: Vec<Value> = fleet::beside(cost)
        .iter()
        .map(|one| {
            json!({"against": one.machine.name, "machines": one.machines, "usd": one.usd.to_string(),
                   "requests": one.break_even.as_ref().map(|requests| requests.places(0)),
                   "carries": one.stands, "cpu_credits": one.spends_credits})
        })
        .collect();
    let value = json!({
        "schema": 1, "prices": {"oldest": oldest_price(), "older_than_a_year": input.stale},
        "traffic": input.traffic, "functions": functions, "fixed": around(&cost.fixed),
        "around": around(&cost.around), "unknown": unknown,
        "total": {"known_usd": cost.known_usd.to_string(), "free_tier_usd": cost.after_free_usd.to_string(),
                  "requests": cost.requests().places(2)},
        "break_even": beside,
    });
    serde_json::to_writer_pretty(&mut *to, &value)?;
    writeln!(to)
}
