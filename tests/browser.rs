//! The HTML report in a real browser. Needs Chromium; CI installs it and runs this with `-- --ignored`.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// The page as the browser has it after its script ran.
fn dom(page: &Path, fragment: &str) -> String {
    let profile = TempDir::new().expect("temporary directory");
    let output = Command::new("chromium")
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--virtual-time-budget=2000",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg("--dump-dom")
        .arg(format!("file://{}{fragment}", page.display()))
        .output()
        .expect("chromium runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Elements of a kind, and how many of them are hidden.
fn count(dom: &str, tag: &str) -> (usize, usize) {
    let start = format!("<{tag} ");
    let tags = dom.split(&start).skip(1).map(|rest| rest.split('>').next().unwrap_or(""));
    let hidden: Vec<bool> =
        tags.map(|attributes| attributes.split_whitespace().any(|word| word.starts_with("hidden"))).collect();
    (hidden.len(), hidden.iter().filter(|hidden| **hidden).count())
}

#[test]
#[ignore = "needs chromium"]
fn pages_of_functions_and_the_count_work() {
    let dir = TempDir::new().expect("temporary directory");
    let page = dir.path().join("report.html");
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-faaslint"))
        .args(["--no-cargo", "--format", "html", "fixtures/orders-sam", "-o"])
        .arg(&page)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    let whole = dom(&page, "");
    let (articles, hidden) = count(&whole, "article");
    assert!(articles > 10 && hidden == 0);
    assert!(whole.contains(&format!("{articles} shown")), "the script ran");
    let (sections, hidden) = count(&whole, "section");
    assert!(sections > 3 && hidden == 0);
    let one = dom(&page, "#function-1");
    assert_eq!(count(&one, "section"), (sections, sections - 1), "one page is shown");
    assert!(!one.contains(&format!("{articles} shown")));
    assert!(whole.contains("<svg ") && !whole.contains("Refused to"));
}
