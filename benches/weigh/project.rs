//! The package of one subject: its manifest, its source, and what cargo says of it.

use super::{Error, Subject, Weights};
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

/// What cargo-lambda sets for a release build unless the manifest does.
/// Source: cargo-lambda, `build.md`, "Release optimizations".
pub(super) const PROFILE: [&str; 4] =
    ["strip = \"symbols\"", "lto = \"thin\"", "codegen-units = 1", "panic = \"abort\""];

/// The runtime every function needs; the empty function is this and nothing else.
const RUNTIME: [&str; 3] = [
    "lambda_runtime = { version = \"1\", default-features = false }",
    "serde_json = \"1\"",
    "tokio = { version = \"1\", features = [\"macros\"] }",
];

/// Ends of the template that a subject leaves out.
const STATE: &str = "struct State;\n";
const INIT: &str = "async fn init() -> Result<State, Error> { Ok(State) }\n";
const MAIN: &str = "
#[tokio::main]
async fn main() -> Result<(), Error> {
    let state = init().await?;
    let state = &state;
    run(service_fn(move |event: LambdaEvent<Value>| async move { call(state, event.payload).await })).await
}
";

/// Writes the package; what is there already and equal is left, so that cargo builds it once.
pub(super) fn write(dir: &Path, id: &str, subject: &Subject) -> Result<(), Error> {
    let mut manifest =
        format!("[package]\nname = \"weigh-{id}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n");
    write!(manifest, "[[bin]]\nname = \"weigh-{id}\"\npath = \"main.rs\"\n\n[dependencies]\n")?;
    let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    let own: Vec<String> = subject.dependencies.iter().map(|line| name(line)).collect();
    let runtime = RUNTIME.iter().filter(|line| !own.contains(&name(line)));
    for line in runtime.copied().chain(subject.dependencies.iter().map(String::as_str)) {
        writeln!(manifest, "{line}")?;
    }
    write!(manifest, "\n[profile.release]\n{}\n", PROFILE.join("\n"))?;
    let mut source = String::from(
        "#![allow(unused)]\nuse lambda_runtime::{run, service_fn, Error, LambdaEvent};\n\
         use serde_json::{json, Value};\n",
    );
    for (part, default) in
        [(&["struct State", "type State"][..], STATE), (&["async fn init"], INIT), (&["async fn main"], MAIN)]
    {
        if !part.iter().any(|mark| subject.code.contains(mark)) {
            source.push_str(default);
        }
    }
    source.push_str(&subject.code);
    std::fs::create_dir_all(dir)?;
    for (name, text) in [("Cargo.toml", manifest), ("main.rs", source)] {
        let path = dir.join(name);
        if std::fs::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
            std::fs::write(path, text)?;
        }
    }
    Ok(())
}

/// Whether a dependency line keeps default features, and the features it names.
pub(super) fn features(line: &str) -> Result<(bool, Vec<String>), Error> {
    let table: toml::Table = toml::from_str(line)?;
    let value = table.values().next().ok_or("an empty dependency line")?;
    let default = value.get("default-features").and_then(toml::Value::as_bool).unwrap_or(true);
    let named = value.get("features").and_then(toml::Value::as_array).into_iter().flatten();
    Ok((default, named.filter_map(|name| Some(name.as_str()?.to_owned())).collect()))
}

/// The compiler's version and the target it builds for.
pub(super) fn toolchain() -> Result<(String, String), Error> {
    let text = output(Command::new("rustc").arg("-vV"))?;
    let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default().trim().to_owned();
    Ok((format!("rustc {}", value("release:")), value("host:")))
}

/// Today, ISO 8601.
pub(super) fn today() -> Result<String, Error> {
    Ok(output(Command::new("date").arg("+%F"))?.trim().to_owned())
}

/// What a program prints.
pub(super) fn output(command: &mut Command) -> Result<String, Error> {
    let done = command.output()?;
    if !done.status.success() {
        let text = String::from_utf8_lossy(&done.stderr).into_owned();
        let from = text.find("error").unwrap_or(0);
        return Err(text[from..].chars().take(1500).collect::<String>().into());
    }
    Ok(String::from_utf8(done.stdout)?)
}

/// The file's text: a header for readers, one line for a row.
pub(super) fn document(weights: &Weights) -> Result<String, Error> {
    let mut text = String::from(
        "# What crates add to a Lambda function; do not edit by hand.\n\
         # source: measured by benches/weigh, which says how; each row has its day\n\
         # bytes and gzip_bytes: of the stripped executable, over the function it is compared with (`over`, else the \
         empty one).\n\
         # crates: packages in the closure beyond those of that function. init_instructions: executed until the first \
         request\n\
         # for an event, median of three starts; init_spread_percent: between the least and the most of the three.\n\
         # function_bytes: the whole executable. build_seconds: from scratch as far as nothing was shared with an \
         earlier row.\n",
    );
    writeln!(
        text,
        "toolchain: {}\ntarget: {}\nprofile: '{}'\nrows:",
        weights.toolchain, weights.target, weights.profile
    )?;
    for (id, row) in &weights.rows {
        writeln!(text, "  {id}: {}", serde_json::to_string(row)?)?;
    }
    Ok(text)
}
