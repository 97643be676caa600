//! What fuzzing does with an input: a tree in memory that holds it as a file of its kind is read, linked, judged and
//! mended, and what comes of it is held to what always has to be true.
//!
//! With nightly, or `RUSTC_BOOTSTRAP=1`: `cargo run --bin seed`, then `cargo fuzz run TARGET`.

use faaslint::config::Selected;
use faaslint::engine::{self, Options, Outcome};
use faaslint::finding::Finding;
use faaslint::fixes;
use faaslint::rule::{self, Params};
use faaslint::source::STACK_BYTES;
use faaslint::tree::Memory;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Targets by name, with the file that holds the input and what stands beside it.
pub const TARGETS: &[(&str, &str, &[(&str, &str)])] = &[
    ("rust", "src/main.rs", &[("Cargo.toml", MANIFEST), ("template.yaml", TEMPLATE)]),
    ("cloudformation", "template.yaml", &[("Cargo.toml", MANIFEST), ("src/main.rs", MAIN)]),
    ("terraform", "main.tf", &[("Cargo.toml", MANIFEST), ("src/main.rs", MAIN), ("m/main.tf", MODULE)]),
    ("serverless", "serverless.yml", &[("Cargo.toml", MANIFEST), ("src/main.rs", MAIN)]),
    ("machine", "machine.asl.json", &[("template.yaml", MACHINE)]),
    ("cargo", "Cargo.toml", &[("src/main.rs", MAIN), ("template.yaml", TEMPLATE)]),
    ("cdk_typescript", "lib/app.ts", &[("cdk.json", "{\"app\": \"npx ts-node lib/app.ts\"}")]),
    ("cdk_python", "app.py", &[("cdk.json", "{\"app\": \"python app.py\"}")]),
    ("cdk_go", "app.go", &[("cdk.json", "{\"app\": \"go run app.go\"}")]),
    ("cdk_java", "src/main/java/App.java", &[("cdk.json", "{\"app\": \"mvn exec:java\"}")]),
];

const MANIFEST: &str = "[package]\nname = \"f\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n\
                        lambda_runtime = \"0.13\"\naws-sdk-s3 = \"1\"\nserde_json = \"1\"\n";
const TEMPLATE: &str = "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    \
                        Metadata: {BuildMethod: rust-cargolambda}\n    Properties: {Runtime: provided.al2023, Handler: \
                        bootstrap, CodeUri: .}\n";
const MACHINE: &str = "Transform: AWS::Serverless-2016-10-31\nResources:\n  M:\n    Type: \
                       AWS::Serverless::StateMachine\n    Properties: {DefinitionUri: machine.asl.json}\n";
const MODULE: &str = "variable \"x\" {}\noutput \"y\" { value = var.x }\n";
const MAIN: &str = "use lambda_runtime::{service_fn, Error, LambdaEvent};\nuse serde_json::Value;\nasync fn handler(e: \
                    LambdaEvent<Value>) -> Result<Value, Error> {\n    e.payload.get(\"a\").unwrap();\n    \
                    Ok(e.payload)\n}\n#[tokio::main]\nasync fn main() -> Result<(), Error> {\n    \
                    lambda_runtime::run(service_fn(handler)).await\n}\n";

static POOL: LazyLock<rayon::ThreadPool> = LazyLock::new(|| {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(STACK_BYTES).build();
    pool.expect("a thread starts")
});

static OPTIONS: LazyLock<Options> = LazyLock::new(|| {
    let rules = rule::embedded().into_iter();
    Options::new(rules.map(|spec| Selected { params: Params::defaults(&spec.params), spec }).collect())
});

type Files = BTreeMap<String, String>;

fn analyse(files: &Files) -> Outcome {
    let tree = Memory::new(files.clone());
    POOL.install(|| engine::run(&tree, None, &OPTIONS, &|_| {}))
}

/// Runs a target on an input.
pub fn one(target: &str, data: &[u8]) {
    let (_, path, beside) = TARGETS.iter().find(|(name, ..)| *name == target).expect("a target");
    let mut files: Vec<(&str, &[u8])> = beside.iter().map(|(path, text)| (*path, text.as_bytes())).collect();
    files.push((path, data));
    mend(&files);
}

/// Reads and judges a tree, mends what can be, and reads what comes of it.
pub fn mend(files: &[(&str, &[u8])]) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut files: Files = files.iter().map(|(path, bytes)| ((*path).to_owned(), text(bytes))).collect();
    let outcome = analyse(&files);
    hold(&outcome);
    let applied = fixes::apply(&outcome.project.sources, &outcome.findings, true, &[]);
    if !applied.files.is_empty() {
        files.extend(applied.files);
        hold(&analyse(&files));
    }
}

/// What is always true: every place lies in its file, and an edit does.
fn hold(outcome: &Outcome) {
    let sources = &outcome.project.sources;
    let inside = |span: faaslint::text::Span| {
        let text = sources.text(span.file);
        let (start, end) = (span.start as usize, span.end as usize);
        assert!(start <= end && text.is_char_boundary(start) && text.is_char_boundary(end), "{span:?}");
    };
    let places = |finding: &Finding| {
        inside(finding.primary.span);
        finding.related.iter().for_each(|label| inside(label.span));
        finding.fixes.iter().flat_map(|fix| &fix.edits).for_each(|edit| inside(edit.span));
    };
    outcome.findings.iter().for_each(places);
    outcome.project.gaps.iter().filter_map(|gap| gap.span).for_each(inside);
}
