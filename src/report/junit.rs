//! JUnit XML: a test suite for each file, a failed test for each finding; gaps are skipped tests.

use super::clean::clean;
use super::input::{Input, Report, heading};
use crate::finding::Finding;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::collections::BTreeMap;
use std::io::{self, Write};

pub(super) struct JUnit;

impl Report for JUnit {
    fn write(&self, input: &Input<'_>, to: &mut dyn Write) -> io::Result<()> {
        let mut suites: BTreeMap<String, (Vec<&Finding>, Vec<String>)> = BTreeMap::new();
        for finding in input.findings {
            suites.entry(input.place(finding.primary.span).path).or_default().0.push(finding);
        }
        for gap in &input.project.gaps {
            let text = format!("line {}: {}", gap.line, clean(&gap.reason));
            suites.entry(clean(&input.path(&gap.path))).or_default().1.push(text);
        }
        let mut xml = Writer::new_with_indent(&mut *to, b' ', 2);
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let (failures, skipped) = (input.findings.len(), input.project.gaps.len());
        let tests = (failures + skipped).max(1);
        let counts = [("tests", tests), ("failures", failures), ("errors", 0)];
        let counts: Vec<(&str, String)> = counts.iter().map(|(name, count)| (*name, count.to_string())).collect();
        let attributes = counts.iter().map(|(name, count)| (*name, count.as_str()));
        let root = xml.create_element("testsuites").with_attribute(("name", "faaslint")).with_attributes(attributes);
        root.write_inner_content(|xml| {
            for (path, (findings, gaps)) in &suites {
                suite(input, xml, path, findings, gaps)?;
            }
            if suites.is_empty() {
                // Some readers take a report without tests for a broken one.
                xml.create_element("testsuite")
                    .with_attributes([
                        ("name", "faaslint"),
                        ("tests", "1"),
                        ("failures", "0"),
                        ("errors", "0"),
                        ("skipped", "0"),
                    ])
                    .write_inner_content(|xml| {
                        let case = xml.create_element("testcase");
                        case.with_attributes([("name", "no findings"), ("classname", "faaslint")]).write_empty()?;
                        Ok(())
                    })?;
            }
            Ok(())
        })?;
        writeln!(to)
    }
}

fn suite<W: Write>(
    input: &Input<'_>,
    xml: &mut Writer<W>,
    path: &str,
    findings: &[&Finding],
    gaps: &[String],
) -> io::Result<()> {
    let counts = [findings.len() + gaps.len(), findings.len(), gaps.len()].map(|count| count.to_string());
    xml.create_element("testsuite")
        .with_attributes([
            ("name", path),
            ("tests", counts[0].as_str()),
            ("failures", counts[1].as_str()),
            ("errors", "0"),
            ("skipped", counts[2].as_str()),
        ])
        .write_inner_content(|xml| {
            for finding in findings {
                case(input, xml, path, finding)?;
            }
            for gap in gaps {
                let case = xml.create_element("testcase");
                case.with_attributes([("name", "gap"), ("classname", path)]).write_inner_content(|xml| {
                    xml.create_element("skipped").with_attribute(("message", gap.as_str())).write_empty()?;
                    Ok(())
                })?;
            }
            Ok(())
        })?;
    Ok(())
}

fn case<W: Write>(input: &Input<'_>, xml: &mut Writer<W>, path: &str, finding: &Finding) -> io::Result<()> {
    let place = input.place(finding.primary.span);
    let name = match finding.subject {
        Some(subject) => format!("{} ({}), line {}", finding.rule, heading(input, subject), place.start.line),
        None => format!("{}, line {}", finding.rule, place.start.line),
    };
    let message = clean(&finding.text());
    let mut text = format!("{path}:{}:{}: {message}\n", place.start.line, place.start.column);
    for label in &finding.related {
        let place = input.place(label.span);
        text.push_str(&format!("{}:{}: {}\n", place.path, place.start.line, clean(&label.note)));
    }
    if let Some(advice) = input.advice(finding) {
        text.push_str(&format!("fix: {advice}\n"));
    }
    xml.create_element("testcase")
        .with_attributes([("name", name.as_str()), ("classname", path)])
        .write_inner_content(|xml| {
            xml.create_element("failure")
                .with_attributes([("message", message.as_str()), ("type", finding.severity.as_str())])
                .write_text_content(BytesText::new(&text))?;
            Ok(())
        })?;
    Ok(())
}
