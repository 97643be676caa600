//! The cost model against numbers that were worked out by hand, and the data it rests on.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use faaslint::exact::Exact;
use faaslint::knowledge::{machines, price, prices};
use faaslint::verdicts::cost::{
    Architecture, Front, Provisioned, SECONDS_OF_A_MONTH, Workload, azure_consumption, break_even, break_even_with,
    cloud_run_instance, cloud_run_request, is_stale, logs, machine_month, messages_of_queue, state_machine_express,
    workers, worthwhile_utilisation,
};
use std::collections::BTreeMap;
use std::path::Path;

const REGION: &str = "us-east-1";

fn exact(text: &str) -> Exact {
    Exact::parse(text).unwrap_or_else(|| panic!("{text} is a number"))
}

fn workload(requests: &str, memory_mb: u64, duration_ms: &str) -> Workload {
    Workload {
        requests: exact(requests),
        memory_mb,
        duration_ms: exact(duration_ms),
        architecture: Architecture::X86,
        region: REGION.to_owned(),
        ephemeral_mb: 512,
        cold_share: Exact::zero(),
        init_ms: Exact::zero(),
        provisioned: None,
        front: Front::None,
    }
}

/// The columns of a line, which may be quoted.
fn columns(line: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => all.push(String::new()),
            _ => all.last_mut().expect("one").push(letter),
        }
    }
    all
}

fn pairs(text: &str) -> BTreeMap<String, String> {
    let split = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key.to_owned(), value.to_owned())
    };
    text.split(';').map(split).collect()
}

type Row = BTreeMap<String, String>;

fn shape(input: &Row) -> Workload {
    let text = |key: &str, default: &str| input.get(key).cloned().unwrap_or_else(|| default.to_owned());
    let number = |key: &str, default: &str| text(key, default).parse::<u64>().expect("a number");
    let arm = text("arch", "x86_64") == "arm64";
    Workload {
        architecture: if arm { Architecture::Arm } else { Architecture::X86 },
        ephemeral_mb: number("ephemeral_mb", "512"),
        cold_share: exact(&text("cold_share", "0")),
        init_ms: exact(&text("init_ms", "0")),
        ..workload(&text("requests", "0"), number("memory_mb", "128"), &text("duration_ms", "0"))
    }
}

fn line(workload: &Workload, kinds: &[&str]) -> String {
    let lines = workload.bill().lines.into_iter().filter(|line| kinds.contains(&line.kind));
    lines.map(|line| line.usd.expect("known")).sum::<Exact>().places(2)
}

fn lambda(input: &Row) -> Row {
    let workload = shape(input);
    let free = input["free_tier"] == "true";
    let total = workload.cost(free).expect("known");
    let after_free = |name: &str, quantity: &Exact| {
        let row = price(name).expect(name);
        let cost = if free { row.cost_after_free(REGION, quantity) } else { row.cost(REGION, quantity) };
        cost.expect("known").places(2)
    };
    let duration = format!("lambda-duration-{}", workload.architecture.as_str());
    Row::from([
        ("gb_s".to_owned(), workload.all_gb_s().places(4)),
        ("requests_usd".to_owned(), after_free("lambda-requests", &workload.requests)),
        ("duration_usd".to_owned(), after_free(&duration, &workload.all_gb_s())),
        ("total_usd".to_owned(), total.places(2)),
        ("total_exact".to_owned(), total.places(6)),
    ])
}

/// What a machine of a row costs: its name as the table writes it, with how many and what is added.
fn fixed(against: &str) -> Exact {
    let (against, balancer) = match against.strip_suffix(" + alb(1 lcu)") {
        Some(rest) => (rest, exact("22.265")),
        None => (against, Exact::zero()),
    };
    let against = against.split(',').next().unwrap_or(against);
    let (count, against) = against.strip_prefix("2x ").map_or((1, against), |rest| (2, rest));
    let name = match against.split_once(' ') {
        Some(("ec2", kind)) => format!("EC2 {kind}"),
        Some(("fargate", size)) => format!("Fargate {} GB", size.replace('/', " vCPU/")),
        Some(("fargate-arm", size)) => format!("Fargate {} GB arm64", size.replace('/', " vCPU/")),
        _ => panic!("{against}"),
    };
    let machine = machines().iter().find(|machine| machine.name == name).unwrap_or_else(|| panic!("{name}"));
    machine_month(machine, REGION).expect("known") * Exact::from(count) + balancer
}

fn even(input: &Row) -> Row {
    if input.contains_key("lmi") {
        let machine = machines().iter().find(|machine| machine.name.contains("Managed")).expect("a row");
        let month = machine_month(machine, REGION).expect("known") * Exact::from(3);
        let on_demand = Workload { architecture: Architecture::Arm, ..shape(input) };
        let fee = price("lambda-requests").expect("a row");
        let same = break_even_with(&on_demand, false, |requests| Some(fee.cost(REGION, requests)? + &month));
        let millions = same.expect("some") * Exact::fraction(1, 1_000_000);
        return Row::from([("millions".to_owned(), millions.places(1))]);
    }
    let front = match input["per_request_extra_usd_per_m"].as_str() {
        "0.00" => Front::None,
        "1.00" => Front::HttpApi,
        "3.50" => Front::RestApi,
        other => panic!("{other}"),
    };
    let workload = Workload { front, ..shape(input) };
    let fixed = fixed(&input["against"]);
    assert_eq!(fixed.places(2), input["fixed_usd"], "{input:?}");
    let requests = break_even(&workload, &fixed, input["free_tier"] == "true").expect("some");
    let rate = &requests * &Exact::fraction(1, SECONDS_OF_A_MONTH);
    Row::from([
        ("requests_per_month".to_owned(), requests.places(0)),
        ("millions".to_owned(), (requests * Exact::fraction(1, 1_000_000)).places(3)),
        ("rps".to_owned(), rate.places(2)),
        ("mean_concurrency".to_owned(), (&(&rate * &workload.duration_ms) * &Exact::fraction(1, 1000)).places(3)),
    ])
}

fn provisioned(input: &Row) -> Row {
    let kept =
        Provisioned { environments: input["envs"].parse().expect("a number"), seconds: exact(&input["seconds"]) };
    let workload = Workload { provisioned: Some(kept), ..shape(input) };
    Row::from([
        ("pc_usd".to_owned(), line(&workload, &["provisioned"])),
        ("requests_usd".to_owned(), line(&workload, &["requests"])),
        ("duration_usd".to_owned(), line(&workload, &["duration", "duration on provisioned"])),
        ("total_usd".to_owned(), workload.cost(false).expect("known").places(2)),
    ])
}

fn usd(amount: Option<Exact>) -> Row {
    Row::from([("usd".to_owned(), amount.expect("known").places(2))])
}

fn flat(name: &str, quantity: &str) -> Row {
    usd(price(name).unwrap_or_else(|| panic!("{name}")).cost(REGION, &exact(quantity)))
}

fn answer(kind: &str, input: &Row) -> Row {
    let number = |key: &str| exact(&input[key]);
    let whole = |key: &str| input[key].parse::<u64>().expect("a number");
    let free = input.get("free_tier").is_some_and(|free| free == "true");
    match kind {
        "lambda" => lambda(input),
        "break-even" => even(input),
        "provisioned" => provisioned(input),
        "ephemeral" => {
            let lines = shape(input).bill().lines;
            let cost = lines.into_iter().filter(|line| line.kind == "ephemeral storage");
            let cost: Exact = cost.map(|line| line.usd.expect("known")).sum();
            Row::from([("usd".to_owned(), cost.places(2)), ("usd_exact".to_owned(), cost.places(6))])
        }
        "init" => {
            let lines = shape(input).bill().lines;
            let cost = lines.into_iter().find(|line| line.kind == "cold starts").expect("a line");
            Row::from([("usd".to_owned(), cost.usd.expect("known").places(4))])
        }
        "sfn-standard" => {
            let transitions = number("executions") * number("transitions_each");
            usd(price("stepfunctions-transition").expect("a row").cost(REGION, &transitions))
        }
        "sfn-express" => {
            usd(state_machine_express(REGION, &number("requests"), &number("duration_ms"), whole("memory_mb")))
        }
        "sqs-standard" if input.contains_key("sent_singly") => {
            let (received, deleted) = (whole("receive_batch"), whole("delete_batch"));
            usd(messages_of_queue(REGION, &number("messages"), 1, received, deleted))
        }
        "sqs-standard" => usd(messages_of_queue(REGION, &number("messages"), 1, 1, 1)),
        "apigw-http" => flat("apigateway-http", &input["requests"]),
        "apigw-rest" => flat("apigateway-rest", &input["requests"]),
        "eventbridge-custom" => flat("eventbridge-custom", &input["events"]),
        "dynamodb-on-demand" => {
            let cost = |name: &str, key: &str| price(name).expect(name).cost(REGION, &number(key)).expect("known");
            let units = cost("dynamodb-write", "write_units") + cost("dynamodb-read", "read_units");
            usd(Some(units + cost("dynamodb-storage", "storage_gb")))
        }
        "nat-gateway" => {
            let hours = number("gateways") * Exact::from(730);
            let hours = price("nat-gateway-hour").expect("a row").cost(REGION, &hours).expect("known");
            usd(Some(hours + price("nat-gateway-data").expect("a row").cost(REGION, &number("gb")).expect("known")))
        }
        "cloudwatch-logs" => usd(logs(REGION, &number("invocations"), whole("bytes_each"))),
        "workers" => usd(workers(&number("requests"), &number("cpu_ms"))),
        "cloud-run-request" => {
            let (cpu, memory) = (number("vcpu"), number("gib"));
            let concurrency = number("effective_concurrency");
            let parts =
                cloud_run_request(&number("requests"), &number("duration_ms"), (&cpu, &memory), &concurrency, free);
            let parts = parts.expect("known");
            let total: Exact = parts.iter().cloned().sum();
            let keys = ["cpu_usd", "memory_usd", "requests_usd"].into_iter().map(str::to_owned);
            let mut row: Row = keys.zip(parts.iter().map(|part| part.places(2))).collect();
            row.insert("total_usd".to_owned(), total.places(2));
            row
        }
        "cloud-run-instance" => {
            let (cpu, memory) = (number("vcpu"), number("gib"));
            usd(cloud_run_instance(whole("instances"), &number("seconds"), (&cpu, &memory), free))
        }
        "azure-consumption" => {
            usd(azure_consumption(&number("executions"), &number("duration_ms"), &number("gb"), free))
        }
        "lambda-managed-instances" => {
            let machine = machines().iter().find(|machine| machine.name.contains("Managed")).expect("a row");
            usd(machine_month(machine, REGION).map(|month| month * number("instances")))
        }
        other => panic!("no answer for {other}"),
    }
}

#[test]
fn every_number_that_was_worked_out_by_hand() {
    let text = include_str!("data/cost-vectors.csv");
    let mut wrong = Vec::new();
    let rows: Vec<Vec<String>> = text.lines().filter(|line| !line.starts_with('#')).skip(1).map(columns).collect();
    assert_eq!(rows.len(), 102);
    for row in rows {
        let given = answer(&row[1], &pairs(&row[2]));
        for (key, expected) in pairs(&row[3]) {
            let got = given.get(&key).cloned().unwrap_or_else(|| "nothing".to_owned());
            if got != expected {
                wrong.push(format!("{}: {key} is {got}, not {expected}", row[0]));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_published_example() {
    let ten = workload("10000000", 256, "200");
    assert_eq!(line(&ten, &["requests"]), "2.00");
    assert_eq!(line(&ten, &["duration"]), "8.33");
    let lambda = ten.cost(false).expect("known");
    assert_eq!(lambda.places(2), "10.33");
    assert_eq!(ten.with_requests(exact("100000000")).cost(false).expect("known").places(2), "103.33");
    let machine = fixed("ec2 t3.medium");
    assert_eq!(machine.places(2), "30.37");
    let saved = &(&machine - &lambda) / &machine;
    assert_eq!((saved * Exact::from(100)).places(0), "66");
    let even = break_even(&ten, &machine, false).expect("some") * Exact::fraction(1, 1_000_000);
    assert_eq!(even.places(1), "29.4");
}

#[test]
fn unknown_prices_stay_unknown() {
    let ten = workload("10000000", 256, "200");
    let elsewhere = |region: &str| Workload { region: region.to_owned(), ..ten.clone() };
    assert_eq!(elsewhere("mx-central-1").cost(false), None);
    assert_eq!(elsewhere("me-south-1").cost(false).expect("known").places(2), "12.83");
    let http = Workload { front: Front::HttpApi, ..elsewhere("eu-west-1") };
    let bill = http.bill();
    assert_eq!((bill.total(), bill.known().places(2).as_str()), (None, "10.33"));
    assert_eq!(bill.unknown().map(|line| line.kind).collect::<Vec<_>>(), ["front door"]);
    // The second tier was read for one region only.
    let huge = workload("100000000000", 1024, "1000");
    assert!(huge.cost(false).is_some());
    assert_eq!(Workload { region: "eu-west-1".to_owned(), ..huge }.cost(false), None);
}

#[test]
fn provisioned_concurrency_never_pays_in_ten_regions() {
    let regions = price("lambda-provisioned-x86_64").expect("a row").regions.keys();
    let share = |region: &str| worthwhile_utilisation(region, Architecture::X86).expect("known");
    let never: Vec<&String> = regions.filter(|region| share(region) > Exact::from(1)).collect();
    assert_eq!(never.len(), 10, "{never:?}");
    assert_eq!(share("us-east-1").places(2), "0.60");
    assert_eq!(share("sa-east-1").places(1), "5.6");
    assert_eq!(worthwhile_utilisation("eu-west-1", Architecture::Arm), None);
}

#[test]
fn more_never_costs_less() {
    let cost = |requests: u64, memory: u64, ms: &str, free: bool| {
        workload(&requests.to_string(), memory, ms).cost(free).expect("known")
    };
    for free in [false, true] {
        let steps = [0, 1, 999_999, 1_000_000, 29_388_339, 120_000_000_000, 120_000_000_001, 700_000_000_000];
        for pair in steps.windows(2) {
            assert!(cost(pair[0], 256, "200", free) <= cost(pair[1], 256, "200", free), "{pair:?}");
        }
        assert!(cost(1_000_000, 256, "200", free) <= cost(1_000_000, 257, "200", free));
        assert!(cost(1_000_000, 256, "200", free) <= cost(1_000_000, 256, "200.001", free));
    }
    let sum = cost(1_000_000, 256, "200", false) + cost(2_000_000, 256, "200", false);
    assert_eq!(sum, cost(3_000_000, 256, "200", false));
    // Nobody pays more for a step over the border of a tier than for a request.
    let step = cost(120_000_000_001, 256, "200", false) - cost(120_000_000_000, 256, "200", false);
    assert!(step < cost(1, 256, "200", false) * Exact::from(2));
    for region in price("lambda-requests").expect("a row").regions.keys() {
        let with = |architecture| Workload { architecture, region: region.clone(), ..workload("1000000", 512, "90") };
        assert!(with(Architecture::Arm).cost(false) <= with(Architecture::X86).cost(false), "{region}");
    }
}

#[test]
fn break_evens_cost_what_they_are_compared_with() {
    let small = workload("0", 256, "200");
    let one = workload("1", 256, "200").cost(false).expect("known");
    for machine in machines().iter().filter(|machine| machine.per_request.is_none()) {
        let month = machine_month(machine, REGION).expect("known");
        let requests = break_even(&small, &month, false).expect("some");
        let there = small.with_requests(requests).cost(false).expect("known");
        let off = if there > month { &there - &month } else { &month - &there };
        assert!(off < one, "{}", machine.name);
    }
}

#[test]
fn tiers_ascend_and_machines_have_prices() {
    for (name, row) in prices() {
        assert!(!row.regions.is_empty() && row.per > 0, "{name}");
        for (region, tiers) in &row.regions {
            let borders: Vec<u64> = tiers.iter().filter_map(|tier| tier.to).collect();
            assert!(borders.is_sorted() && !tiers.is_empty(), "{name} in {region}");
            assert!(tiers[..tiers.len() - 1].iter().all(|tier| tier.to.is_some()), "{name} in {region}");
            assert!(tiers.iter().all(|tier| tier.usd > Exact::zero()), "{name} in {region}");
        }
    }
    for machine in machines() {
        assert!(machine_month(machine, REGION).is_some(), "{}", machine.name);
        assert_eq!(machine_month(machine, "eu-west-1"), None, "{}", machine.name);
    }
}

#[test]
fn prices_grow_old_after_a_year() {
    assert!(!is_stale("2026-11-25", "2027-11-25"));
    assert!(is_stale("2026-11-25", "2027-11-26"));
    assert!(!is_stale("soon", "2027-11-26"));
}

#[path = "../benches/prices/offer.rs"]
mod offer;

/// A price list in the form AWS publishes: what is free is no price, a region that is not in it keeps its own.
#[test]
fn a_published_price_list_is_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect("a file");
    let list = offer::Offer::read(&read("tests/data/aws-lambda-offer.json")).expect("an offer");
    assert_eq!((list.published.as_str(), list.prices.len()), ("2026-09-19", 6));
    let rows = read("rules/data/prices/aws-lambda.yaml");
    let (same, said) = offer::merged(&rows, &[]).expect("rows");
    let parse = |text: &str| serde_yaml::from_str::<serde_yaml::Value>(text).expect("YAML");
    assert_eq!((parse(&same), said), (parse(&rows), Vec::<String>::new()));
    // What the data has is what the list says, so the list changes nothing.
    let (text, said) = offer::merged(&rows, std::slice::from_ref(&list)).expect("rows");
    assert!(!said.iter().any(|line| line.contains(" in us-east-1:")), "the same price is no change: {said:?}");
    assert!(said.iter().any(|line| line == "lambda-requests: some regions were not read; its date stays 2026-11-25"));
    assert_eq!(parse(&text)["lambda-requests"], parse(&rows)["lambda-requests"]);
    assert_eq!(text.matches("source: \"AWS Price List, offer file AWSLambda\"\n  date: 2026-09-19").count(), 1);
    // Other prices, and tiers that were not known, are replaced.
    let tiers =
        "[{to: 6000000000, usd: \"0.0000166667\"}, {to: 15000000000, usd: \"0.000015\"}, {usd: \"0.0000133334\"}]";
    assert!(rows.contains(&format!("us-east-1: {tiers}")));
    let old = rows.replace(tiers, "[{to: 6000000000, usd: \"0.0000166667\"}]").replace("0.0000033334", "0.0000033");
    let (text, said) = offer::merged(&old, &[list]).expect("rows");
    assert!(text.contains(&format!("    us-east-1: {tiers}\n")), "{text}");
    assert!(said.contains(&format!("lambda-duration-x86_64 in us-east-1: {tiers}")), "{said:?}");
    assert!(said.contains(&"lambda-provisioned-arm64 in us-east-1: [{usd: \"0.0000033334\"}]".to_owned()), "{said:?}");
    assert!(text.contains("eu-west-2: [{usd: \"0.20\"}]"));
}
