//! What libraries mean is data: every file says where it was read, every meaning is asked for, and no code below the
//! facts knows the path of a library. `BLESS=1 cargo test --test lexicon` writes the tables of docs/libraries.md anew.

#![allow(clippy::disallowed_methods, clippy::print_stdout)] // tests read what they test, and say what they allow

use faaslint::config::Selected;
use faaslint::engine::{self, Options};
use faaslint::knowledge::{LIBRARIES, Lexicon, Library, Meaning, Role, lexicon};
use faaslint::rule::{self, Params};
use faaslint::source::STACK_BYTES;
use faaslint::tree::Memory;
use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Literals that stay in code. It only ever falls.
const ALLOWED: usize = 17;

/// Where collectors and checks live: they ask meanings.
const ROOMS: &[&str] = &["src/source/facts", "src/source/flow", "src/source/types", "src/source/reach", "src/checks"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("readable").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

fn libraries() -> Vec<(&'static str, Library)> {
    let read = |(name, text): &(&'static str, &str)| match Library::parse(text) {
        Ok(library) => (*name, library),
        Err(error) => panic!("rules/data/libraries/{name}.yaml: {error}"),
    };
    LIBRARIES.iter().map(read).collect()
}

#[test]
fn every_file_is_embedded_and_says_where_and_when_it_was_read() {
    let mut files: Vec<String> = std::fs::read_dir(root().join("rules/data/libraries"))
        .expect("readable")
        .flatten()
        .map(|entry| entry.path().file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    files.sort();
    assert_eq!(files, LIBRARIES.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for (name, library) in libraries() {
        let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
        let date: Vec<&str> = library.date.split('-').collect();
        let is_date =
            matches!(date.as_slice(), [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2));
        assert!(library.source.len() > 20 && is_date, "{name}: source and date");
    }
}

#[test]
fn every_row_says_something_and_stands_in_one_file() {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for (name, library) in libraries() {
        for (path, row) in library.paths.iter().chain(&library.types) {
            let means = row.means.iter().collect::<BTreeSet<_>>();
            let says = !row.means.is_empty() || row.returns.is_some() || row.like.is_some() || row.limit.is_some();
            assert!(says && means.len() == row.means.len(), "{name}: `{path}` says nothing, or something twice");
            if let Some(like) = &row.like {
                assert!(lexicon().knows(like), "{name}: `{path}` is like `{like}`, of which nothing is known");
            }
            // A type and a function of one name are two rows of one file.
            if let Some(other) = seen.insert(path.clone(), name) {
                assert_eq!(other, name, "`{path}` stands in two files");
            }
        }
    }
    assert!(seen.len() > 300, "{} rows", seen.len());
}

#[test]
fn every_meaning_is_given_and_asked_for() {
    let mut given: BTreeSet<Meaning> = BTreeSet::new();
    let mut said: BTreeSet<Role> = BTreeSet::new();
    for (_, library) in libraries() {
        given.extend(library.paths.values().chain(library.types.values()).flat_map(|row| row.means.iter().copied()));
        given.extend(library.methods.values().flat_map(|methods| methods.keys().copied()));
        given.extend(library.macros.keys().chain(library.fields.keys()).copied());
        said.extend(library.words.keys().copied());
    }
    let mut paths = Vec::new();
    sources(&root().join("src"), &mut paths);
    let read = |path: &PathBuf| std::fs::read_to_string(path).expect("readable");
    let code: String = paths.iter().filter(|path| !path.starts_with(root().join("src/knowledge"))).map(read).collect();
    let asked = |kind: &str, name: String| {
        code.split(&format!("{kind}::{name}")).skip(1).any(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
    };
    for &meaning in Meaning::ALL {
        assert!(given.contains(&meaning), "no row means `{}`", meaning.word());
        assert!(asked("Meaning", format!("{meaning:?}")), "nobody asks for `{}`", meaning.word());
    }
    for &role in Role::ALL {
        assert!(said.contains(&role), "no words say `{}`", role.word());
        assert!(asked("Role", format!("{role:?}")), "nobody asks for words that say `{}`", role.word());
    }
}

/// What a file says with literals that are knowledge of libraries: paths, beginnings and ends of names, lists of words.
fn knowledge_in(text: &str) -> Vec<String> {
    let tokens: TokenStream = text.parse().expect("Rust");
    let mut found = Vec::new();
    walk(tokens, &mut found);
    found
}

fn walk(tokens: TokenStream, into: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let word = |at: usize| match tokens.get(at) {
        Some(TokenTree::Ident(word)) => word.to_string(),
        _ => String::new(),
    };
    let mark = |at: usize| match tokens.get(at) {
        Some(TokenTree::Punct(mark)) => mark.as_char(),
        _ => ' ',
    };
    let mut run: Vec<String> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        // Attributes, doc comments among them, and modules of tests.
        if mark(at) == '#' {
            at += 2;
            continue;
        }
        if word(at) == "mod" && word(at + 1) == "tests" {
            at += 3;
            continue;
        }
        let asks = ["contains", "starts_with", "ends_with", "strip_prefix", "strip_suffix"];
        if let (true, '.', Some(TokenTree::Group(group))) =
            (asks.contains(&word(at).as_str()), mark(at.wrapping_sub(1)), tokens.get(at + 1))
            && let Some(TokenTree::Literal(literal)) = group.stream().into_iter().next()
            && is_name(literal.to_string().trim_matches('"'))
            && literal.to_string().starts_with('"')
        {
            into.push(format!("{}({literal})", word(at)));
        }
        match &tokens[at] {
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                let name = text.trim_matches('"');
                let is_path = name.contains("::")
                    && name.split("::").any(|part| !part.is_empty())
                    && !name.contains(' ')
                    && !is_resource(name);
                if text.starts_with('"') && is_path && !name.contains('{') {
                    into.push(text.clone());
                }
                let is_word =
                    !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
                if text.starts_with('"') && is_word {
                    run.push(text);
                }
            }
            TokenTree::Group(group) => walk(group.stream(), into),
            TokenTree::Punct(mark) if matches!(mark.as_char(), '|' | ',') => {}
            _ => flush(&mut run, into),
        }
        at += 1;
    }
    flush(&mut run, into);
}

/// Letters of a name or path; endings of files, addresses and command lines are none.
fn is_name(text: &str) -> bool {
    let letters = text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == ':');
    letters && text.contains(|c: char| c.is_alphabetic()) && !is_resource(text)
}

/// Types and functions of templates are written like paths, and are none.
fn is_resource(text: &str) -> bool {
    text.starts_with("AWS::") || text.starts_with("Fn::")
}

/// Three words beside each other are a list.
fn flush(run: &mut Vec<String>, into: &mut Vec<String>) {
    if run.len() >= 3 {
        into.push(format!("[{}]", run.join(", ")));
    }
    run.clear();
}

#[test]
fn no_code_below_the_facts_knows_a_library() {
    let allowed = include_str!("lexicon-allowed.txt");
    let rows = allowed.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut allowed: BTreeMap<(String, String), &str> = BTreeMap::new();
    for row in rows {
        let parts: Vec<&str> = row.split(" :: ").collect();
        let [file, literal, reason] = parts.as_slice() else { panic!("`{row}` is no `file :: literal :: reason`") };
        assert!(reason.len() > 10, "`{row}` has no reason");
        allowed.insert(((*file).to_owned(), (*literal).to_owned()), reason);
    }
    println!("{} literals of libraries or names are allowed below the facts", allowed.len());
    let mut paths = Vec::new();
    ROOMS.iter().for_each(|room| sources(&root().join(room), &mut paths));
    let mut found = BTreeSet::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("readable");
        let file = path.strip_prefix(root()).expect("below").to_string_lossy().replace('\\', "/");
        found.extend(knowledge_in(&text).into_iter().map(|literal| (file.clone(), literal)));
    }
    let new: Vec<_> = found.iter().filter(|key| !allowed.contains_key(key)).collect();
    let rows: Vec<String> = new.iter().map(|(file, literal)| format!("{file} :: {literal} :: ")).collect();
    assert!(new.is_empty(), "knowledge that belongs into rules/data/libraries:\n{}", rows.join("\n"));
    let stale: Vec<_> = allowed.keys().filter(|key| !found.contains(key)).collect();
    assert!(stale.is_empty(), "allowed and not there any more: {stale:#?}");
    assert!(allowed.len() <= ALLOWED, "{} literals are allowed; the limit is {ALLOWED}", allowed.len());
}

#[test]
fn planted_knowledge_is_found() {
    let code = "/// `x::y`\nfn f(path: &str) -> bool { path == \"tokio::spawn\" || path.starts_with(\"aws_sdk_\") \
                || matches!(path, \"get\" | \"put\" | \"head\") || path == \"one\" \
                || path.split(\"::\").count() > 1 }\n\
                #[cfg(test)]\nmod tests { fn g() { \"a::b\"; } }";
    assert_eq!(knowledge_in(code), ["\"tokio::spawn\"", "starts_with(\"aws_sdk_\")", "[\"get\", \"put\", \"head\"]"]);
}

/// The code block after a mark of the docs.
fn example(mark: &str) -> String {
    let text = std::fs::read_to_string(root().join("docs/libraries.md")).expect("readable");
    let (_, rest) = text.split_once(&format!("<!-- example: {mark} -->\n")).expect("the mark");
    let (_, rest) = rest.split_once('\n').expect("the fence");
    rest.split_once("```").expect("the end of the block").0.to_owned()
}

/// Findings of two rules in a project of one function, as `rule:line`.
fn findings(source: &str, manifest: &str, libraries: Vec<Library>) -> Vec<String> {
    let files = [("Cargo.toml", manifest), ("src/main.rs", source)];
    let tree = Memory::new(files.map(|(path, text)| (path.to_owned(), text.to_owned())));
    let wanted = [
        "blocking-call-in-async-handler",
        "client-constructed-per-invocation",
        "remote-call-without-timeout",
        "spawned-task-outlives-invocation",
    ];
    let rules = rule::embedded().into_iter().filter(|spec| wanted.contains(&spec.id.as_str()));
    let rules = rules.map(|spec| Selected { params: Params::defaults(&spec.params), spec }).collect();
    let options = Options { libraries, ..Options::new(rules) };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).stack_size(STACK_BYTES).build().expect("threads start");
    let outcome = pool.install(|| engine::run(&tree, None, &options, &|_| {}));
    let line = |finding: &faaslint::finding::Finding| {
        let span = finding.primary.span;
        outcome.project.sources.position(span.file, span.start).line
    };
    outcome.findings.iter().map(|finding| format!("{}:{}", finding.rule, line(finding))).collect()
}

const MANIFEST: &str = "[package]\nname = \"worker\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\n\
                        lambda_runtime = \"1\"\nacme_http = \"2\"\nserde_json = \"1\"\ntokio = \"1\"\n";

#[test]
fn the_example_of_the_docs_finds_what_it_says() {
    let (library, source) = (example("library"), example("source"));
    assert!(library.lines().count() <= 10, "ten lines of YAML");
    let library = lexicon().read_own(&library).expect("valid");
    assert_eq!(findings(&source, MANIFEST, Vec::new()), Vec::<String>::new(), "nothing is known of the crate");
    let line = |wanted: &str| source.lines().position(|line| line.contains(wanted)).expect("the line") + 1;
    let found = findings(&source, MANIFEST, vec![library.clone()]);
    let client = format!("client-constructed-per-invocation:{}", line("Client::new()"));
    // The timeout belongs on the client, so that is where it is missing.
    assert_eq!(found, [client, format!("remote-call-without-timeout:{}", line("Client::new()"))]);
    // What the wrapper says bounds a request does so.
    let bounded = source.replace(
        "client.fetch(\"https://prices.example.com/today\").send().await?",
        "acme_http::retry(client.fetch(\"https://prices.example.com/today\").send()).await?",
    );
    assert_ne!(bounded, source);
    let found = findings(&bounded, MANIFEST, vec![library.clone()]);
    assert_eq!(found, [format!("client-constructed-per-invocation:{}", line("Client::new()"))]);
    let timed =
        source.replace("Client::new()", "Client::builder().timeout(std::time::Duration::from_secs(2)).build()?");
    let found = findings(&timed, MANIFEST, vec![library]);
    assert_eq!(found, [format!("client-constructed-per-invocation:{}", line("Client::new()"))]);
}

/// A call of a constructor by its path, which may have wildcards.
fn construction(path: &str) -> Option<String> {
    let written: Vec<&str> = path.split("::").filter(|part| *part != "*").collect();
    let (method, owner) = written.split_last()?;
    let method = method.trim_end_matches('*');
    // Any crate of a family will do.
    let owner = owner.join("::").replace("_*", "_s3").replace('*', "");
    let of_type = owner.rsplit("::").next()?.starts_with(|c: char| c.is_ascii_uppercase());
    let is_method = of_type && !lexicon().means(path, Meaning::HttpClient);
    let called = if is_method { format!("made.{method}()") } else { format!("{owner}::{method}()") };
    let made = if is_method { format!("(made: {owner})") } else { "()".to_owned() };
    Some(format!("pub fn make{made} {{\n    {called};\n}}\n"))
}

#[test]
fn every_constructor_is_recognised_where_it_is_called() {
    let kinds = [Meaning::HttpClient, Meaning::Connection];
    let mut tried = 0;
    for (name, library) in libraries() {
        for (path, row) in &library.paths {
            // Free functions that send are reported as requests.
            if !row.means.iter().any(|meaning| kinds.contains(meaning)) || row.means.contains(&Meaning::Request) {
                continue;
            }
            let Some(code) = construction(path) else { continue };
            let given = if code.contains("made:") { "todo!()" } else { "" };
            let source = format!(
                "use lambda_runtime::{{run, service_fn, Error, LambdaEvent}};\n#[tokio::main]\nasync fn main() -> \
                 Result<(), Error> {{ run(service_fn(handler)).await }}\nasync fn handler(_: \
                 LambdaEvent<serde_json::Value>) -> Result<(), Error> {{ make({given}); Ok(()) }}\n{code}"
            );
            let found = findings(&source, MANIFEST, Vec::new());
            // What cannot stay on an async thread is not to be kept either; what only blocks is, and says both.
            let panics = [Meaning::BlocksAndPanics, Meaning::PanicsInDebugBuilds];
            let (blocks, built) = ("blocking-call-in-async-handler:6", "client-constructed-per-invocation:6");
            let expected: &[&str] = match &row.means {
                means if means.iter().any(|meaning| panics.contains(meaning)) => &[blocks],
                means if means.contains(&Meaning::Blocks) => &[built, blocks],
                _ => &[built],
            };
            assert_eq!(found, expected, "{name}: `{path}` in\n{source}");
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried} constructors");
}

#[test]
fn limits_hold_in_some_versions() {
    let limit = |path: &str| lexicon().detail(path, |row| row.limit.clone()).expect("a limit");
    let holds = |path: &str, versions: [&str; 4]| versions.map(|version| limit(path).holds(Some(version)));
    assert_eq!(holds("surf::get", ["2.3.2", "^2.3", "2.2.9", "2"]), [true, true, false, false]);
    // Where it is not known which version is used, it is taken for the newest.
    assert!(
        limit("surf::get").holds(None)
            && !limit("reqwest::get").holds(Some("*"))
            && !limit("reqwest::Client::get").holds(None)
    );
    assert_eq!(holds("reqwest::Client::get", ["0.9.24", "=0.9", "0.10.0-alpha.1", "0.12"]), [true, true, false, false]);
}

#[test]
fn mistakes_in_a_file_have_their_place() {
    let at = |text: &str| {
        let error = lexicon().read_own(text).expect_err("a mistake");
        (error.at, error.reason)
    };
    let (place, reason) = at("paths:\n  acme::go: {means: [slep]}\n");
    assert!(reason.contains("slep") && place.is_some_and(|(line, _)| line == 2), "{place:?} {reason}");
    let (place, reason) = at("types:\n  acme::Client:\n    like: reqwest::Clinet\n");
    assert!(reason.contains("reqwest::Clinet") && place == Some((3, 11)), "{place:?} {reason}");
    let (place, reason) = at("paths:\n  \"acme go\": {means: [sleep]}\n");
    assert!(reason.contains("is no path") && place == Some((2, 3)), "{place:?} {reason}");
    let (place, reason) = at("path: {}\n");
    assert!(reason.contains("unknown field") && place.is_some(), "{place:?} {reason}");
    let (_, reason) = at("words: {unimportant: [x]}\n");
    assert!(reason.contains("unimportant-work"), "{reason}");
}

#[test]
fn what_is_like_another_path_means_the_same_below_it() {
    let own = "types:\n  acme::Http: {like: reqwest::Client}\n  acme::Queue: {like: \"aws_sdk_sqs::Client\"}\n\
               paths:\n  acme::Http::fetch: {like: reqwest::Client::get, url: 2}\n  acme::go: {means: [spawn]}\n";
    let own = lexicon().read_own(own).expect("valid");
    let known = lexicon().with(std::slice::from_ref(&own));
    assert!(known.means("acme::Http::new", Meaning::HttpClient) && known.means("acme::Http::post", Meaning::Request));
    assert!(known.means("acme::Http::fetch", Meaning::Reads) && !known.means("acme::Http::fetch", Meaning::HttpClient));
    assert_eq!(known.detail("acme::Http::fetch", |row| row.url), Some(2));
    assert_eq!(
        known.detail("acme::Http::fetch", |row| row.returns.clone()).as_deref(),
        Some("reqwest::RequestBuilder")
    );
    assert_eq!(known.service("acme::Queue").as_deref(), Some("sqs"));
    assert_eq!(known.service("aws_sdk_dynamodb::Client").as_deref(), Some("dynamodb"));
    assert!(known.means("acme::go", Meaning::Spawn) && !lexicon().means("acme::go", Meaning::Spawn));
    assert!(Lexicon::default().of("tokio::spawn").is_empty());
}

#[test]
fn tables_of_the_docs_are_current() {
    let row = |word: &str, doc: &str| format!("| `{word}` | {doc} |\n");
    let table = |rows: String| format!("| word | what it says |\n|---|---|\n{rows}");
    let meanings = table(Meaning::ALL.iter().map(|meaning| row(meaning.word(), meaning.doc())).collect());
    let roles = table(Role::ALL.iter().map(|role| row(role.word(), role.doc())).collect());
    let path = root().join("docs/libraries.md");
    let text = std::fs::read_to_string(&path).expect("readable");
    let mut wanted = text.clone();
    for (name, table) in [("meanings", meanings), ("roles", roles)] {
        let (start, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
        let (head, rest) = wanted.split_once(&start).expect("the start of the table");
        let (_, tail) = rest.split_once(&end).expect("the end of the table");
        wanted = format!("{head}{start}{table}{end}{tail}");
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &wanted).expect("writes");
        return;
    }
    assert!(text == wanted, "docs/libraries.md is not current; BLESS=1 cargo test --test lexicon");
}

/// The program over a project with the files of the docs' example, and a library file of its own.
fn run_with(library: &str) -> std::process::Output {
    let dir = tempfile::TempDir::new().expect("temporary directory");
    let source = example("source");
    let files = [
        ("Cargo.toml", MANIFEST),
        ("src/main.rs", source.as_str()),
        ("faaslint.yaml", "libraries: [./lint-libraries]\n"),
        ("lint-libraries/acme.yaml", library),
    ];
    for (path, text) in files {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().expect("parent")).expect("creates");
        std::fs::write(path, text).expect("writes");
    }
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_cargo-faaslint"));
    program.args(["check", "--no-cargo", "--format", "concise"]).current_dir(dir.path()).output().expect("runs")
}

#[test]
fn the_config_names_the_folder() {
    let output = run_with(&example("library"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("[client-constructed-per-invocation]") && said.contains("[remote-call-without-timeout]"),
        "{said}"
    );
    assert!(said.contains("`acme_http` waits without end"), "{said}");
    let output = run_with("types:\n  acme_http::Client: {like: reqwest::Clinet}\n");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("lint-libraries/acme.yaml:2:29: `like: reqwest::Clinet`"), "{said}");
    let output = run_with("paths:\n  acme_http::get: {meens: [request]}\n");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("lint-libraries/acme.yaml:2:20: ") && said.contains("meens"), "{said}");
}
