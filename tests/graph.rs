//! The graph: the same application gives the same edges in every dialect, and every format holds them all.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// From, how, what, to; sources that dialects name differently are left out.
const EDGES: &[(&str, &str, &str, &str)] = &[
    ("audit", "queue", "failures", "unaudited"),
    ("checkout", "sync", "invoke", "pricing"),
    ("default event bus", "async", "rule", "audit"),
    ("jobs", "queue", "polls", "worker"),
    ("orders", "queue", "polls", "projector"),
    ("pricing", "sync", "invoke", "tax"),
    ("quote", "sync", "task", "pricing"),
    ("shipped", "async", "messages", "notify"),
    ("tax", "async", "invoke", "audit"),
    ("worker", "queue", "send_message", "jobs"),
];

fn graph(paths: &[&str], more: &[&str]) -> (String, Option<i32>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-faaslint"))
        .args(["graph", "--no-cargo"])
        .args(more)
        .args(paths.iter().map(|path| root.join(path)))
        .output()
        .expect("the program runs");
    (String::from_utf8(output.stdout).expect("UTF-8"), output.status.code())
}

fn bare(name: &str) -> String {
    let keyed = name.split_once("[\"").and_then(|(_, rest)| rest.split_once("\"]")).map(|(key, _)| key);
    keyed.unwrap_or_else(|| name.rsplit('.').next().unwrap_or(name)).to_lowercase()
}

#[test]
fn every_dialect_gives_the_same_graph() {
    for dialect in
        ["sam", "cloudformation", "terraform", "terraform-modules", "serverless", "cdk", "cdk-source", "cdk-python"]
    {
        let paths = ["dialects/Cargo.toml", "dialects/services", &format!("dialects/{dialect}")];
        let (text, code) = graph(&paths, &["--format", "json"]);
        assert_eq!(code, Some(0), "{dialect}");
        let graph: Value = serde_json::from_str(&text).expect("JSON");
        let word = |value: &Value| value.as_str().expect("text").to_owned();
        let name = |at: &Value| bare(&word(&graph["nodes"][at.as_u64().expect("an index") as usize]["name"]));
        let edges = graph["edges"].as_array().expect("edges");
        assert!(edges.iter().all(|edge| edge["resolved"] == true), "{dialect}");
        let found: BTreeSet<(String, String, String, String)> = edges
            .iter()
            .map(|edge| (name(&edge["from"]), word(&edge["mode"]), word(&edge["label"]), name(&edge["to"])))
            .filter(|(_, _, label, _)| !label.contains('/') && label != "schedule")
            .collect();
        let wanted: BTreeSet<_> = EDGES
            .iter()
            .map(|(a, b, c, d)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned(), (*d).to_owned()))
            .collect();
        assert_eq!(found, wanted, "{dialect}");
        let patterns: Vec<&Value> = graph["patterns"].as_array().into_iter().flatten().collect();
        assert_eq!(patterns.len(), 2, "{dialect}: {patterns:?}");
        assert!(
            patterns.iter().any(|pattern| pattern["missing"].as_array().is_some_and(|list| list.len() == 3)),
            "{dialect}"
        );
    }
}

#[test]
fn every_format_draws_every_node_and_edge() {
    let (text, _) = graph(&["orders-sam"], &["--format", "json"]);
    let whole: Value = serde_json::from_str(&text).expect("JSON");
    let names: Vec<&str> =
        whole["nodes"].as_array().expect("nodes").iter().filter_map(|node| node["name"].as_str()).collect();
    let edges = whole["edges"].as_array().expect("edges").len();
    for (format, arrow) in [("mermaid", ">|"), ("dot", " -> ")] {
        let (text, code) = graph(&["orders-sam"], &["--format", format]);
        assert_eq!(code, Some(0));
        // Mermaid has no tooltips: there, what stands before one function needs no name of its own.
        let named = |name: &&str| format == "mermaid" && name.contains(" of ") || text.contains(name);
        assert!(names.iter().all(named), "{format}");
        let boxes = if format == "dot" { "tooltip=" } else { "<br/><small>" };
        assert_eq!(text.matches(boxes).count(), names.len(), "{format}");
        assert_eq!(text.matches(arrow).count(), edges, "{format}");
    }
    let (svg, _) = graph(&["orders-sam"], &["--format", "svg", "--findings"]);
    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
    assert!(names.iter().all(|name| svg.contains(name)));
    // Nothing is fetched from elsewhere, nothing is run.
    assert_eq!(svg.matches("http").count(), svg.matches("http://www.w3.org").count());
    assert!(!svg.contains("<script") && svg.contains(" error"));
}

#[test]
fn parts_of_a_graph_can_be_drawn() {
    let (text, _) = graph(&["orders-sam"], &["--function", "PricingFunction"]);
    assert!(text.contains("CheckoutFunction") && text.contains("TaxFunction") && !text.contains("ReportFunction"));
    let (text, code) = graph(&["orders-sam"], &["--pattern", "event-processing"]);
    assert!(code == Some(0) && text.contains("FulfilmentQueue") && !text.contains("TaxFunction"));
    assert_eq!(graph(&["orders-sam"], &["--function", "Nobody"]).1, Some(2));
    assert_eq!(graph(&["orders-sam"], &["--pattern", "monolith"]).1, Some(2));
}
