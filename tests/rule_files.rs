//! What a rule file may say, and what is said about one that says something else: what, and at which line and column.

use faaslint::checks;

const RULE: &str = "\
id: test-rule
title: function is a test
category: cost
status: preview
severity: warning
confidence: high
audience: regular
platforms: [aws-lambda]
needs: [deploy]
what: x
why: y
fix: z
params:
  seconds: {default: 5, doc: seconds}
  words: {default: [a, b], doc: words}
match:
  each: function
  when:
    all:
      - {fact: function.timeout, at-least: $seconds}
      - not: {fact: function.runtime, in: $words}
      - {fact: function.timeout-origin, is: explicit}
      - {fact: function.durable, set: false}
report:
  primary: function.timeout
  related: [function, function.memory]
  note: \"{function.timeout} s\"
  message: \"`{function}` runs for {function.timeout} s\"
  raise:
    - when: {fact: function.memory, at-most: 128}
      severity: error
      because: it has {function.memory} MB
";

/// What is said of the rule with one text in place of another: `line:column: reason` for each complaint.
fn said(from: &str, to: &str) -> Vec<String> {
    assert!(RULE.contains(from), "{from}");
    let errors = checks::read("test-rule", &RULE.replacen(from, to, 1)).err().unwrap_or_default();
    let place = |at: Option<(u32, u32)>| at.map_or("?".to_owned(), |(line, column)| format!("{line}:{column}"));
    errors.into_iter().map(|error| format!("{}: {}", place(error.at), error.reason)).collect()
}

#[track_caller]
fn complains(from: &str, to: &str, place: &str, reason: &str) {
    let said = said(from, to);
    assert!(said.len() == 1 && said[0].starts_with(&format!("{place}: ")) && said[0].contains(reason), "{said:#?}");
}

#[test]
fn what_is_right_is_accepted() {
    assert_eq!(said("id", "id"), [""; 0]);
    assert_eq!(said("set: false", "is: true"), [""; 0]);
    assert_eq!(said("is: explicit", "in: [explicit, inherited]"), [""; 0]);
    assert_eq!(said("in: $words", "starts-with: provided"), [""; 0]);
}

#[test]
fn facts_that_do_not_exist_are_refused_wherever_they_are_named() {
    let none = "there is no fact `function.nonsense` here; there are: function, function.timeout";
    complains("fact: function.timeout,", "fact: function.nonsense,", "20:16", none);
    complains("not: {fact: function.runtime", "not: {fact: function.nonsense", "21:21", none);
    complains("primary: function.timeout", "primary: function.nonsense", "25:12", none);
    complains("[function, function.memory]", "[function, function.nonsense]", "26:23", none);
    complains("when: {fact: function.memory", "when: {fact: function.nonsense", "30:20", none);
    let of_queues = said("each: function", "each: queue");
    assert!(
        of_queues[0].contains("20:16: there is no fact `function.timeout` here; there are: queue,"),
        "{of_queues:?}"
    );
}

#[test]
fn placeholders_that_do_not_exist_are_refused_in_every_text() {
    let none = "there is no fact `function.nonsense`";
    complains("{function.timeout} s\"\n  message", "{function.nonsense} s\"\n  message", "27:9", none);
    complains("for {function.timeout}", "for {function.nonsense}", "28:12", none);
    complains("has {function.memory}", "has {function.nonsense}", "32:16", none);
    complains("has {function.memory}", "has {function.memory", "32:16", "a brace stands alone");
}

#[test]
fn operands_have_the_type_of_the_fact() {
    complains("at-least: $seconds", "at-least: \"5\"", "20:44", "`at-least` takes a whole number here, not text");
    complains("at-least: $seconds", "at-least: 2.5", "20:44", "2.5");
    complains("at-least: $seconds", "starts-with: x", "20:47", "cannot compare it: it is a whole number");
    complains("at-least: $seconds", "is: true", "20:38", "`is` takes a whole number here, not true or false");
    complains("set: false", "set: 3", "23:39", "`set` takes true or false here, not a whole number");
    complains("set: false", "at-most: 3", "23:43", "it is true or false");
    complains("in: $words", "in: x86_64", "21:43", "`in` takes a list of texts here, not text");
    complains("in: $words", "in: [1, 2]", "21:44", "invalid type: integer `1`, expected text");
    complains("in: $words", "starts-with: [a]", "21:52", "`starts-with` takes text here, not a list");
    complains("is: explicit", "is: explict", "22:45", "never `explict`, but one of explicit, inherited");
    complains("is: explicit", "in: [explicit, mine]", "22:45", "never `mine`");
}

#[test]
fn parameters_exist_and_have_the_type_of_the_fact() {
    complains("$seconds", "$second", "20:44", "no parameter `$second`; it has: seconds, words");
    complains("$seconds", "$words", "20:44", "`at-least` takes a whole number here, not a list of texts");
    complains("in: $words", "in: $seconds", "21:43", "`in` takes a list of texts here");
    complains("in: $words", "in: [$words, c]", "21:43", "stands for the whole list");
    complains("is: explicit", "is: $none", "22:45", "no parameter `$none`");
}

#[test]
fn names_of_platforms_fixes_and_checks_exist() {
    complains("[aws-lambda]", "[aws-lambda, aws-lamda]", "8:25", "there is no platform `aws-lamda`");
    complains(
        "  raise:",
        "  fix: add-dead-letter-queue\n  raise:",
        "29:8",
        "no fix `add-dead-letter-queue` for a function",
    );
    let (head, _) = RULE.split_once("match:").expect("both parts");
    let builtin = format!("{head}builtin: no_such_check\n");
    let errors = checks::read("test-rule", &builtin).expect_err("there is no such check");
    assert_eq!(errors[0].at, Some((16, 10)));
    assert!(errors[0].reason.contains("no built-in check `no_such_check`"), "{errors:?}");
}

#[test]
fn every_complaint_is_listed_at_once() {
    let text =
        RULE.replace("function.timeout, at-least", "function.nonsense, at-least").replace("set: false", "set: 3");
    let errors = checks::read("test-rule", &text).expect_err("two mistakes");
    assert_eq!(errors.iter().map(|error| error.at).collect::<Vec<_>>(), [Some((20, 16)), Some((23, 39))]);
}

#[test]
fn the_shape_of_a_rule_is_checked_with_a_place() {
    complains("id: test-rule", "id: other-rule", "1:5", "the id is `other-rule` but the file is named `test-rule`");
    complains("report:\n", "reports:\n", "24:1", "unknown field `reports`");
    complains("all:\n", "every:\n", "19:5", "unknown field `every`");
    let both = said("match:", "builtin: panic_in_handler\nmatch:");
    assert!(both.len() == 1 && both[0].starts_with("16:10: ") && both[0].contains("either"), "{both:?}");
}
