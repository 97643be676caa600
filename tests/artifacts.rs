//! What builds leave under `target/`: rules that look at it, and `deps`.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use object::write::{Object, StandardSection, Symbol, SymbolSection};
use object::{Architecture, BinaryFormat, Endianness, SectionKind, SymbolFlags, SymbolKind, SymbolScope};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

const MANIFEST: &str = "[package]\nname = \"worker\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\
                        [dependencies]\nlambda_runtime = \"1\"\nserde_json = \"1\"\n";
const LOCK: &str = "version = 4\n\
    [[package]]\nname = \"worker\"\nversion = \"0.1.0\"\ndependencies = [\"lambda_runtime\", \"serde_json\"]\n\
    [[package]]\nname = \"lambda_runtime\"\nversion = \"1.5.0\"\ndependencies = [\"serde_json\"]\n\
    [[package]]\nname = \"serde_json\"\nversion = \"1.0.151\"\ndependencies = [\"itoa\"]\n\
    [[package]]\nname = \"itoa\"\nversion = \"1.0.18\"\n";
const MAIN: &str = "use lambda_runtime::{run, service_fn, Error, LambdaEvent};\n#[tokio::main]\n\
    async fn main() -> Result<(), Error> { run(service_fn(handler)).await }\n\
    async fn handler(event: LambdaEvent<serde_json::Value>) -> Result<(), Error> { Ok(()) }\n";
const TERRAFORM: &str = "resource \"aws_lambda_function\" \"worker\" {\n  function_name = \"worker\"\n  \
    role = \"arn:aws:iam::123456789012:role/worker\"\n  runtime = \"provided.al2023\"\n  handler = \"bootstrap\"\n  \
    timeout = 10\n  memory_size = 512\n  filename = \"target/lambda/worker/bootstrap.zip\"\n}\n";

/// A function that Terraform deploys from what cargo-lambda built.
fn project() -> TempDir {
    let dir = TempDir::new().expect("temporary directory");
    for (path, text) in [("Cargo.toml", MANIFEST), ("Cargo.lock", LOCK), ("src/main.rs", MAIN), ("main.tf", TERRAFORM)]
    {
        write(dir.path(), path, text.as_bytes());
    }
    dir
}

fn write(dir: &Path, path: &str, bytes: &[u8]) {
    let path = dir.join(path);
    fs::create_dir_all(path.parent().expect("parent")).expect("creates");
    fs::write(path, bytes).expect("writes");
}

/// An ELF file with functions of the given names and sizes, and that much debug information.
fn executable(architecture: Architecture, functions: &[(&str, u64)], debug: usize) -> Vec<u8> {
    let mut object = Object::new(BinaryFormat::Elf, architecture, Endianness::Little);
    let text = object.section_id(StandardSection::Text);
    for (name, size) in functions {
        let value = object.append_section_data(text, &vec![0; *size as usize], 16);
        object.add_symbol(Symbol {
            name: name.as_bytes().to_vec(),
            value,
            size: *size,
            kind: SymbolKind::Text,
            scope: SymbolScope::Linkage,
            weak: false,
            section: SymbolSection::Section(text),
            flags: SymbolFlags::None,
        });
    }
    let section = object.add_section(Vec::new(), b".debug_info".to_vec(), SectionKind::Debug);
    object.append_section_data(section, &vec![0; debug], 1);
    object.write().expect("an ELF file")
}

/// An ELF file that asks for versions of symbols of `libc.so.6`; the flag marks those it can do without.
fn asking_for(versions: &[(&str, bool)]) -> Vec<u8> {
    let mut names = b"\0libc.so.6\0".to_vec();
    let mut needs = [&1u16.to_le_bytes()[..], &(versions.len() as u16).to_le_bytes()].concat();
    needs.extend([1u32, 16, 0].iter().flat_map(|word| word.to_le_bytes()));
    for (at, (version, weak)) in versions.iter().enumerate() {
        let name = names.len() as u32;
        names.extend(version.bytes().chain([0]));
        let next = if at + 1 < versions.len() { 16u32 } else { 0 };
        needs.extend(0u32.to_le_bytes());
        needs.extend(u16::from(*weak).wrapping_mul(2).to_le_bytes());
        needs.extend(2u16.to_le_bytes());
        needs.extend([name, next].iter().flat_map(|word| word.to_le_bytes()));
    }
    let sections = b"\0.dynstr\0.gnu.version_r\0.shstrtab\0";
    // The header, then what the sections hold, then the table of sections.
    let (names_at, needs_at) = (64, 64 + names.len() as u64);
    let sections_at = needs_at + needs.len() as u64;
    let table_at = sections_at + sections.len() as u64;
    let mut bytes = b"\x7fELF\x02\x01\x01".to_vec();
    bytes.resize(16, 0);
    bytes.extend([3u16, 62].iter().flat_map(|half| half.to_le_bytes()));
    bytes.extend(1u32.to_le_bytes());
    bytes.extend([0, 0, table_at].iter().flat_map(|long: &u64| long.to_le_bytes()));
    bytes.extend(0u32.to_le_bytes());
    bytes.extend([64u16, 56, 0, 64, 4, 3].iter().flat_map(|half| half.to_le_bytes()));
    bytes.extend(names.iter().chain(&needs).chain(sections));
    let rows = [
        (0u32, 0u32, 0u64, 0u64, 0u32, 0u32),
        (1, 3, names_at, names.len() as u64, 0, 0),
        (9, 0x6fff_fffe, needs_at, needs.len() as u64, 1, 1),
        (24, 3, sections_at, sections.len() as u64, 0, 0),
    ];
    for (name, kind, at, size, link, info) in rows {
        bytes.extend([name, kind].iter().flat_map(|word| word.to_le_bytes()));
        bytes.extend([0, 0, at, size].iter().flat_map(|long: &u64| long.to_le_bytes()));
        bytes.extend([link, info].iter().flat_map(|word| word.to_le_bytes()));
        bytes.extend([1u64, 0].iter().flat_map(|long| long.to_le_bytes()));
    }
    bytes
}

fn archive(executable: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("bootstrap", zip::write::SimpleFileOptions::default()).expect("starts");
    archive.write_all(executable).expect("writes");
    archive.finish().expect("finishes").into_inner()
}

fn run(dir: &Path, args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-faaslint")).args(args).current_dir(dir).output().expect("runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// `rule at line: message` of the findings of one rule.
fn findings(dir: &Path, rule: &str) -> Vec<String> {
    let report = run(dir, &["check", "--no-cargo", "--format", "json", "--select", rule]);
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let list = report["findings"].as_array().expect("findings");
    list.iter()
        .map(|finding| {
            let at = &finding["primary"];
            format!(
                "{}:{}: {}",
                at["path"].as_str().unwrap_or(""),
                at["line"],
                finding["message"].as_str().unwrap_or("")
            )
        })
        .collect()
}

#[test]
fn an_executable_for_another_architecture_is_found_in_the_open_and_in_an_archive() {
    let built = executable(Architecture::Aarch64, &[("main", 64)], 0);
    for (path, bytes) in
        [("target/lambda/worker/bootstrap", built.clone()), ("target/lambda/worker/bootstrap.zip", archive(&built))]
    {
        let dir = project();
        write(dir.path(), path, &bytes);
        let found = findings(dir.path(), "architecture-mismatch");
        assert!(
            found.len() == 1 && found[0].starts_with("main.tf:8:") && found[0].contains("arm64"),
            "{path}: {found:?}"
        );
    }
}

#[test]
fn an_executable_that_asks_for_a_newer_c_library_does_not_start() {
    let rule = "built-for-newer-glibc";
    let newer = asking_for(&[("GLIBC_2.2.5", false), ("GLIBC_2.38", false), ("GLIBC_2.39", true)]);
    for (path, bytes) in
        [("target/lambda/worker/bootstrap", newer.clone()), ("target/lambda/worker/bootstrap.zip", archive(&newer))]
    {
        let dir = project();
        write(dir.path(), path, &bytes);
        let found = findings(dir.path(), rule);
        assert!(found.len() == 1 && found[0].contains("asks for 2.38"), "{path}: {found:?}");
    }
    // What it can do without, and what the runtime has.
    let fine = asking_for(&[("GLIBC_2.34", false), ("GLIBC_2.39", true), ("GLIBC_PRIVATE", false)]);
    let dir = project();
    write(dir.path(), "target/lambda/worker/bootstrap", &fine);
    assert_eq!(findings(dir.path(), rule), [""; 0]);
    // A recipe is not asked where the executable answers.
    write(dir.path(), "Makefile", b"build:\n\tcargo lambda build --release --target x86_64-unknown-linux-gnu.2.40\n");
    assert_eq!(findings(dir.path(), rule), [""; 0]);
}

#[test]
fn what_is_older_than_the_lock_file_or_elsewhere_says_nothing() {
    let built = executable(Architecture::Aarch64, &[("main", 64)], 4096);
    let dir = project();
    write(dir.path(), "target/lambda/worker/bootstrap", &built);
    let lock = fs::File::options().write(true).open(dir.path().join("Cargo.lock")).expect("opens");
    lock.set_modified(SystemTime::now() + Duration::from_secs(3600)).expect("sets the time");
    for rule in ["architecture-mismatch", "unoptimized-function-build"] {
        assert_eq!(findings(dir.path(), rule), [""; 0], "{rule}");
    }
    let dir = project();
    write(dir.path(), "target/debug/worker", &built);
    for rule in ["architecture-mismatch", "unoptimized-function-build"] {
        assert_eq!(findings(dir.path(), rule), [""; 0], "{rule}");
    }
}

#[test]
fn more_debug_information_than_code_is_no_release_build() {
    let dir = project();
    write(dir.path(), "target/lambda/worker/bootstrap", &executable(Architecture::X86_64, &[("main", 1000)], 4000));
    let found = findings(dir.path(), "unoptimized-function-build");
    assert!(found.len() == 1 && found[0].contains("debug information"), "{found:?}");
    let dir = project();
    write(dir.path(), "target/lambda/worker/bootstrap", &executable(Architecture::X86_64, &[("main", 4000)], 1000));
    assert_eq!(findings(dir.path(), "unoptimized-function-build"), [""; 0]);
}

#[test]
fn files_that_are_no_executables_do_no_harm() {
    let whole = executable(Architecture::X86_64, &[("main", 64)], 64);
    for bytes in [&b""[..], b"\x7fELF", b"#!/bin/sh\n", &whole[..80], &whole[..whole.len() / 2], b"PK\x03\x04junk"] {
        for path in ["target/lambda/worker/bootstrap", "target/lambda/worker/bootstrap.zip"] {
            let dir = project();
            write(dir.path(), path, bytes);
            assert!(run(dir.path(), &["deps", "--no-cargo"]).contains("binary worker"), "{path}: {bytes:?}");
            assert!(run(dir.path(), &["check", "--no-cargo", "--format", "json"]).contains("\"findings\""));
        }
    }
}

#[test]
fn deps_adds_up_symbols_by_crate_along_the_dominators() {
    let functions = [
        ("_ZN4itoa6Buffer6format17h0123456789abcdefE", 300),
        ("_ZN10serde_json2de10from_slice17h0123456789abcdefE", 1000),
        ("_ZN14lambda_runtime3run17h0123456789abcdefE", 2000),
        ("_ZN6worker7handler17h0123456789abcdefE", 50),
        ("_ZN3std2io5print17h0123456789abcdefE", 700),
        ("memcpy", 90),
    ];
    let dir = project();
    write(dir.path(), "target/lambda/worker/bootstrap", &executable(Architecture::X86_64, &functions, 0));
    let report: Value =
        serde_json::from_str(&run(dir.path(), &["deps", "--no-cargo", "--format", "json"])).expect("JSON");
    let binary = &report["binaries"][0];
    assert_eq!((&binary["binary"], &binary["weights"]), (&"worker".into(), &"symbols".into()));
    assert_eq!(
        (&binary["artifact"]["architecture"], &binary["artifact"]["stripped"]),
        (&"x86_64".into(), &false.into())
    );
    assert_eq!((&binary["standard_library"], &binary["crates"]), (&700.into(), &3.into()));
    assert!(binary["unnamed"].as_u64().is_some_and(|bytes| (90..200).contains(&bytes)), "{}", binary["unnamed"]);
    let tops: Vec<(&str, u64, u64)> = binary["dependencies"]
        .as_array()
        .expect("a tree")
        .iter()
        .map(|node| {
            (
                node["name"].as_str().unwrap_or(""),
                node["bytes"].as_u64().unwrap_or(0),
                node["own_bytes"].as_u64().unwrap_or(0),
            )
        })
        .collect();
    // `serde_json` is reached through both, so it goes with neither; `itoa` goes with it.
    assert_eq!(tops, [("lambda_runtime", 2000, 2000), ("serde_json", 1300, 1000)]);
    let text = run(dir.path(), &["deps", "--no-cargo", "--depth", "2"]);
    assert!(text.contains("by the symbols of the executable") && text.contains("itoa 1.0.18"), "{text}");
}

#[test]
fn without_an_executable_deps_says_that_it_estimates() {
    let dir = project();
    let text = run(dir.path(), &["deps", "--no-cargo", "--bin", "worker"]);
    assert!(text.contains("no executable below target/") && text.contains("estimated"), "{text}");
    let report: Value =
        serde_json::from_str(&run(dir.path(), &["deps", "--no-cargo", "--format", "json"])).expect("JSON");
    assert_eq!(report["binaries"][0]["weights"], "estimate");
    assert_eq!(report["binaries"][0]["artifact"], Value::Null);
}
