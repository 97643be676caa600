//! What is written, in the style that is there.

#![allow(clippy::disallowed_methods)] // a test reads what it tests

use super::{add_behind, set, set_attribute, set_table};
use crate::document::tree::{Doc, Format, NodeId};
use crate::document::{hcl, json, toml, yaml};
use crate::text::{Edit, SourceMap, Value};
use std::fs;
use std::path::{Path, PathBuf};

fn read(format: Format, text: &str) -> Doc {
    let file = SourceMap::default().next();
    match format {
        Format::Json => json::read(file, text),
        Format::Toml => toml::read(file, text),
        _ => yaml::read(file, text),
    }
}

/// The text after an edit, which has to be valid.
fn after(format: Format, text: &str, edit: &Edit) -> String {
    let (start, end) = (edit.span.start as usize, edit.span.end as usize);
    let out = format!("{}{}{}", &text[..start], edit.text, &text[end..]);
    let error = read(format, &out).error;
    assert!(error.is_none(), "{error:?}\n{out}");
    out
}

fn words(path: &[&str]) -> Vec<String> {
    path.iter().map(|key| (*key).to_owned()).collect()
}

fn text(word: &str) -> Value {
    Value::Text(word.to_owned())
}

/// The text after setting a path below the first key that is written like this.
fn put(format: Format, source: &str, key: &str, path: &[&str], value: &Value, short: Option<&str>) -> Option<String> {
    let of = source.find(key)? as u32;
    let edit = set(&read(format, source), source, of, &words(path), value, short)?;
    Some(after(format, source, &edit))
}

fn in_yaml(source: &str, path: &[&str], value: &Value) -> Option<String> {
    put(Format::Yaml, source, "Fn", path, value, None)
}

fn in_json(source: &str, path: &[&str], value: &Value) -> Option<String> {
    put(Format::Json, source, "\"Fn\"", path, value, None)
}

fn beside(format: Format, source: &str, key: &str, value: &Value) -> String {
    let of = source.find(key).expect("the key") as u32;
    let edit = add_behind(&read(format, source), source, of, "New", value).expect("an edit");
    after(format, source, &edit)
}

fn in_toml(source: &str, key: &str, value: Value) -> String {
    let edit = set_table(&read(Format::Toml, source), source, "profile.release", &[(key.to_owned(), value)]);
    after(Format::Toml, source, &edit.expect("an edit"))
}

fn in_hcl(source: &str, path: &[&str], value: &Value) -> Option<String> {
    let file = SourceMap::default().next();
    let body = hcl::parse(file, source).expect("valid");
    let edit = set_attribute(file, &body, source, source.find("resource")? as u32, &words(path), value)?;
    let out = format!("{}{}{}", &source[..edit.span.start as usize], edit.text, &source[edit.span.end as usize..]);
    assert!(hcl::parse(file, &out).is_ok(), "{out}");
    Some(out)
}

fn queue() -> Value {
    let properties = Value::Map(vec![("Delay".to_owned(), Value::Int(1))]);
    Value::Map(vec![("Type".to_owned(), text("Q")), ("Properties".to_owned(), properties)])
}

#[test]
fn block_mappings_get_a_line_behind_their_last() {
    let source =
        "R:\n  Fn: # c\n    Type: X\n    Properties:\n      A: |\n        text\n      B: 1 # why\n\n  Other: {}\n";
    let out = in_yaml(source, &["Properties", "Timeout"], &Value::Int(5)).expect("set");
    assert_eq!(out, source.replace("B: 1 # why\n", "B: 1 # why\n      Timeout: 5\n"));
    let out = in_yaml(source, &["Metadata", "Deep"], &text("x: y")).expect("set");
    assert_eq!(out, source.replace("B: 1 # why\n", "B: 1 # why\n    Metadata:\n      Deep: \"x: y\"\n"));
    let out = beside(Format::Yaml, source, "Fn", &queue());
    let wanted = "B: 1 # why\n\n  New:\n    Type: Q\n    Properties:\n      Delay: 1\n";
    assert_eq!(out, source.replace("B: 1 # why\n", wanted));
}

#[test]
fn block_mappings_are_indented_as_the_file_is() {
    let source = "R:\n    Fn:\n        Type: X\n";
    let out = in_yaml(source, &["P", "A"], &Value::Int(5)).expect("set");
    assert_eq!(out, "R:\n    Fn:\n        Type: X\n        P:\n            A: 5\n");
    assert_eq!(in_yaml("Fn:\n  T:\n  U:\n", &["T"], &Value::Int(5)).as_deref(), Some("Fn:\n  T: 5\n  U:\n"));
    assert_eq!(in_yaml("Fn:\n  U:\n", &["T"], &Value::Int(5)).as_deref(), Some("Fn:\n  U:\n  T: 5\n"));
    assert_eq!(in_yaml("\u{feff}Fn: {A: 1}\n", &["T"], &Value::Int(5)).as_deref(), Some("\u{feff}Fn: {A: 1, T: 5}\n"));
    let out = beside(Format::Yaml, "\u{feff}Fn: 1\n", "Fn", &Value::Int(5));
    assert_eq!(out, "\u{feff}Fn: 1\nNew: 5\n");
}

#[test]
fn flow_mappings_stay_on_their_line_or_lines() {
    let source = "Fn: {Type: X, Properties: {A: 1}}\n";
    let out = in_yaml(source, &["Properties", "L"], &Value::List(vec![text("a")]));
    assert_eq!(out.as_deref(), Some("Fn: {Type: X, Properties: {A: 1, L: [a]}}\n"));
    let source = "Fn: {\n    Type: X,\n    Properties: {}\n  }\n";
    let out = in_yaml(source, &["Tags"], &Value::List(Vec::new())).expect("set");
    assert_eq!(out, "Fn: {\n    Type: X,\n    Properties: {},\n    Tags: []\n  }\n");
    let out = in_yaml(source, &["Properties", "A"], &Value::Bool(true)).expect("set");
    assert_eq!(out, source.replace("{}", "{A: true}"));
    let out = in_yaml("Fn:\n  L: [a, [b]] # c\n", &["L"], &Value::List(vec![text("c")]));
    assert_eq!(out.as_deref(), Some("Fn:\n  L: [c] # c\n"));
}

#[test]
fn values_are_replaced_but_references_are_not() {
    let out = in_yaml("Fn:\n  T: 3 # low\n", &["T"], &Value::Int(9));
    assert_eq!(out.as_deref(), Some("Fn:\n  T: 9 # low\n"));
    assert_eq!(in_yaml("Fn:\n  T: '3'\n", &["T"], &Value::Int(9)).as_deref(), Some("Fn:\n  T: \"9\"\n"));
    assert!(in_yaml("Fn:\n  T: !Ref X\n", &["T"], &Value::Int(9)).is_none());
    assert_eq!(
        in_json("{\"Fn\": {\"T\": \"3\"}}", &["T"], &Value::Int(9)).as_deref(),
        Some("{\"Fn\": {\"T\": \"9\"}}")
    );
    assert!(in_json("{\"Fn\": {\"T\": {\"Ref\": \"X\"}}}", &["T"], &Value::Int(9)).is_none());
}

#[test]
fn what_an_anchor_names_is_not_written_for_all_that_share_it() {
    assert!(in_yaml("B: &b {T: 1}\nFn: *b\n", &["T"], &Value::Int(9)).is_none());
    assert!(in_yaml("Fn: &b {T: 1}\nB: *b\n", &["T"], &Value::Int(9)).is_none());
    assert!(in_yaml("Fn: {P: &b {T: 1}}\nB: {<<: *b}\n", &["P", "U"], &Value::Int(9)).is_none());
    assert!(in_yaml("Fn: {P: &b {T: 1}}\n", &["P", "U"], &Value::Int(9)).is_some());
    assert!(in_yaml("B: &b {T: 1}\nFn: *b\n", &["U"], &Value::Int(9)).is_none());
    let source = "B: &b {T: 1}\nFn:\n  P: *b\n  Q: *b # last\n";
    let out = in_yaml(source, &["U"], &Value::Int(9)).expect("set");
    assert_eq!(out, format!("{source}  U: 9\n"), "behind the name, not behind what it names");
}

#[test]
fn what_a_merge_brings_is_overridden_in_place() {
    let source = "B: &b {T: 1}\nFn:\n  <<: *b\n";
    assert_eq!(in_yaml(source, &["T"], &Value::Int(9)).expect("set"), format!("{source}  T: 9\n"));
    let source = "B: &b {T: 1}\nFn: {<<: *b, U: 1}\n";
    assert_eq!(in_yaml(source, &["T"], &Value::Int(9)).expect("set"), source.replace("U: 1", "U: 1, T: 9"));
}

#[test]
fn short_forms_become_mappings() {
    let value = text("Report");
    let long = |source: &str| put(Format::Yaml, source, "sqs", &["kind"], &value, Some("arn")).expect("set");
    let wanted = "events:\n  - sqs:\n        arn: !GetAtt Q.Arn\n        kind: Report\n";
    assert_eq!(long("events:\n  - sqs: !GetAtt Q.Arn\n"), wanted);
    assert_eq!(long("[{sqs: !Ref Q}]\n"), "[{sqs: {arn: !Ref Q, kind: Report}}]\n");
    let source = "q: &q arn:x\nevents:\n  - sqs: *q\n";
    assert_eq!(long(source), source.replace("sqs: *q", "sqs:\n        arn: *q\n        kind: Report"));
    let long = |source: &str| put(Format::Json, source, "\"sqs\"", &["kind"], &value, Some("arn")).expect("set");
    assert_eq!(long("[{\"sqs\":\"a:b\"}]"), "[{\"sqs\":{\"arn\":\"a:b\",\"kind\":\"Report\"}}]");
}

#[test]
fn json_is_written_as_it_is_laid_out() {
    let compact = "{\"Fn\":{\"P\":{\"A\":[1,2]}},\"Z\":{}}";
    let out = in_json(compact, &["P", "B", "C"], &Value::Bool(true)).expect("set");
    assert_eq!(out, compact.replace("[1,2]", "[1,2],\"B\":{\"C\":true}"));
    let out = beside(Format::Json, compact, "\"Fn\"", &queue());
    assert_eq!(out, compact.replace(",\"Z\"", ",\"New\":{\"Type\":\"Q\",\"Properties\":{\"Delay\":1}},\"Z\""));
    assert_eq!(
        in_json("{\"Fn\": {\"P\": {}}}", &["P", "B"], &Value::Int(1)).as_deref(),
        Some("{\"Fn\": {\"P\": {\"B\": 1}}}")
    );
    let line = "{\n  \"Fn\": { \"P\": 1, \"Q\": [] }\n}\n";
    let out = in_json(line, &["L"], &Value::List(vec![text("a\"b")])).expect("set");
    assert_eq!(out, line.replace("[]", "[], \"L\": [\"a\\\"b\"]"));
}

#[test]
fn json_over_lines_is_indented_by_what_it_is_indented_by() {
    for step in ["  ", "    ", "\t"] {
        let pretty = |source: &str| source.replace('>', step);
        let source = pretty("{\n>\"R\": {\n>>\"Fn\": {\n>>>\"A\": [1, 2]\n>>}\n>}\n}\n");
        let out = in_json(&source, &["B", "C"], &Value::Bool(true)).expect("set");
        assert_eq!(out, source.replace("[1, 2]", &pretty("[1, 2],\n>>>\"B\": {\n>>>>\"C\": true\n>>>}")));
        let out = beside(Format::Json, &source, "\"Fn\"", &queue());
        let queue =
            ">>},\n>>\"New\": {\n>>>\"Type\": \"Q\",\n>>>\"Properties\": {\n>>>>\"Delay\": 1\n>>>}\n>>}\n>}\n}\n";
        assert_eq!(out, source.replace(&pretty(">>}\n>}\n}\n"), &pretty(queue)));
        let windows = source.replace('\n', "\r\n");
        let out = in_json(&windows, &["B"], &Value::Int(1)).expect("set");
        assert_eq!(out.replace("\r\n", "\n"), source.replace("[1, 2]", &pretty("[1, 2],\n>>>\"B\": 1")));
    }
}

#[test]
fn lines_are_added_before_what_ends_them() {
    let source = "R:\r\n  Fn:\r\n    A: 1 # why\r\n    B: {C: 1}\r\n";
    let out = in_yaml(source, &["D"], &Value::Int(2)).expect("set");
    assert_eq!(out, source.replace("{C: 1}\r\n", "{C: 1}\n    D: 2\r\n"), "`apply` makes the line endings one kind");
    let out = in_toml("[profile.release]\r\nlto = true\r\n", "strip", Value::Bool(true));
    assert_eq!(out, "[profile.release]\r\nstrip = true\nlto = true\r\n");
    let out = in_hcl("resource \"a\" \"b\" {\r\n  c = 1\r\n}\r\n", &["d"], &Value::Int(2)).expect("set");
    assert_eq!(out, "resource \"a\" \"b\" {\r\n  c = 1\n  d = 2\r\n}\r\n");
}

#[test]
fn a_toml_table_grows_or_is_added() {
    let thin = || text("thin");
    let source = "[profile.release] # r\nopt-level = 3\n";
    assert_eq!(in_toml(source, "lto", thin()), "[profile.release] # r\nlto = \"thin\"\nopt-level = 3\n");
    let source = "[package]\nname = \"a\"\n";
    assert_eq!(in_toml(source, "lto", thin()), "[package]\nname = \"a\"\n\n[profile.release]\nlto = \"thin\"\n");
    assert_eq!(in_toml("[profile.release]", "lto", thin()), "[profile.release]\nlto = \"thin\"");
    let source = "[profile.release.package.x]\nopt-level = 1\n";
    assert_eq!(in_toml(source, "lto", thin()), format!("{source}\n[profile.release]\nlto = \"thin\"\n"));
    let source = "[profile.\"release\"]\n[profile.dev]\nlto = 1\n";
    assert_eq!(in_toml(source, "lto", thin()), source.replace("]\n[profile.dev", "]\nlto = \"thin\"\n[profile.dev"));
    let source = "text = '''\n[profile.release]\n'''\n";
    assert_eq!(in_toml(source, "lto", thin()), format!("{source}\n[profile.release]\nlto = \"thin\"\n"));
}

#[test]
fn a_key_of_a_toml_table_gets_the_new_value_however_it_is_written() {
    let on = || Value::Bool(true);
    let source = "[profile.release]\nlto  = \"off # x\"   # why\n[profile.dev]\nlto = 1\n";
    assert_eq!(in_toml(source, "lto", on()), source.replace("\"off # x\"", "true"));
    let source = "profile.release.lto = 1\n";
    assert_eq!(in_toml(source, "lto", on()), "profile.release.lto = true\n");
    let source = "profile = {release = {lto = 1, strip = 2}}\n";
    assert_eq!(in_toml(source, "lto", on()), source.replace("lto = 1", "lto = true"));
}

#[test]
fn inline_toml_tables_and_dotted_keys_grow_as_they_are() {
    let on = || Value::Bool(true);
    let source = "profile = {release = {opt-level = 0}} # c\n";
    assert_eq!(in_toml(source, "lto", on()), source.replace("= 0}", "= 0, lto = true}"));
    let source = "[profile]\nrelease = { opt-level = 0 }\n";
    assert_eq!(in_toml(source, "lto", on()), source.replace("= 0 }", "= 0, lto = true }"));
    let source = "[profile]\nrelease = {}\n";
    assert_eq!(in_toml(source, "lto", on()), source.replace("{}", "{ lto = true }"));
    let source = "profile = { dev = {} }\n";
    assert_eq!(in_toml(source, "lto", on()), source.replace("{} }", "{}, release = { lto = true } }"));
    let source = "[profile]\nrelease.opt-level = 3 # c\nrelease.strip = true\ndev.lto = 1\n";
    let wanted = source.replace("strip = true\n", "strip = true\nrelease.lto = true\n");
    assert_eq!(in_toml(source, "lto", on()), wanted);
    let source = "profile = {release.opt-level = 3}\n";
    assert_eq!(in_toml(source, "lto", on()), source.replace("= 3", "= 3, release.lto = true"));
    assert_eq!(in_toml("", "lto", text("a\"b")), "[profile.release]\nlto = 'a\"b'\n");
}

#[test]
fn hcl_attributes_join_the_others_and_align() {
    let source =
        "resource \"a\" \"b\" {\n  name   = \"x\" # why\n  memory = 128\n\n  vpc_config {\n    ids = []\n  }\n}\n";
    let out = in_hcl(source, &["time"], &Value::Int(5)).expect("set");
    assert_eq!(out, source.replace("128\n", "128\n  time   = 5\n"));
    let out = in_hcl(source, &["memory"], &Value::Int(256)).expect("set");
    assert_eq!(out, source.replace("128", "256"));
    let out = in_hcl(source, &["vpc_config", "more"], &Value::Bool(true)).expect("set");
    assert_eq!(out, source.replace("ids = []\n", "ids = []\n    more = true\n"));
    let out = in_hcl(source, &["logging_config", "log_format"], &text("JSON")).expect("set");
    assert_eq!(out, source.replace("128\n", "128\n\n  logging_config {\n    log_format = \"JSON\"\n  }\n"));
    let tabs = "resource \"a\" \"b\" {\n\tpolicy = <<EOF\n{}\nEOF\n}\n";
    let out = in_hcl(tabs, &["time"], &Value::Int(5)).expect("set");
    assert_eq!(out, tabs.replace("EOF\n}", "EOF\n\ttime   = 5\n}"));
}

#[test]
fn empty_hcl_blocks_open_and_expressions_stay() {
    let out = in_hcl("resource \"a\" \"b\" {}\n", &["time"], &Value::Int(5)).expect("set");
    assert_eq!(out, "resource \"a\" \"b\" {\n  time = 5\n}\n");
    for value in ["var.x", "\"${var.x}\"", "<<EOF\n5\nEOF", "-f(1)"] {
        let source = format!("resource \"a\" \"b\" {{\n  time = {value}\n}}\n");
        assert!(in_hcl(&source, &["time"], &Value::Int(5)).is_none(), "{value}");
    }
    assert!(in_hcl("resource \"a\" \"b\" { name = \"x\" }\n", &["time"], &Value::Int(5)).is_none());
}

/// The configs below a folder, by language.
fn configs(dir: &Path, into: &mut Vec<(Format, PathBuf)>) {
    for path in fs::read_dir(dir).expect("a folder").flatten().map(|entry| entry.path()) {
        match path.extension().and_then(|extension| extension.to_str()) {
            _ if path.is_dir() => configs(&path, into),
            Some("yaml" | "yml") => into.push((Format::Yaml, path)),
            Some("json") => into.push((Format::Json, path)),
            _ => {}
        }
    }
}

#[test]
fn what_is_written_anywhere_in_the_fixtures_is_read_there() {
    let (mut files, mut made) = (Vec::new(), 0);
    configs(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"), &mut files);
    for (format, path) in files {
        let Ok(source) = fs::read_to_string(&path) else { continue };
        let doc = read(format, &source);
        if doc.error.is_some() || source.len() > 8_000 {
            continue;
        }
        let keys: Vec<u32> = (0..doc.nodes.len() as NodeId)
            .flat_map(|id| doc.own_entries(id))
            .map(|entry| entry.key_span.start)
            .collect();
        let below = words(&["Zz", "Yy"]);
        for key in keys.into_iter().step_by(3) {
            let Some(edit) = set(&doc, &source, key, &below, &Value::Int(7), None) else { continue };
            let out = after(format, &source, &edit);
            let read = read(format, &out);
            let (_, entry) = read.key_at(key).expect("the key");
            let value = read.get(entry.value, "Zz").and_then(|inner| read.get(inner, "Yy"));
            assert_eq!(value.and_then(|value| read.text(value)), Some("7"), "{path:?}: {edit:?}\n{out}");
            made += 1;
        }
    }
    assert!(made > 100, "{made} writes");
}
