//! Dockerfiles: which binary the final stage brings along and runs, what it sets, whether it holds the Lambda Web
//! Adapter (Dockerfile reference, docs.docker.com). Nothing is run; what arguments without defaults decide is not
//! known.

use crate::knowledge::WebAdapter;
use crate::model::crates::{Dockerfile, artifact_binary};
use crate::text::{FileId, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of one instruction that are looked at.
const MAX_INSTRUCTION: usize = 20_000;
/// Stages of one file, and binaries in one stage.
const MAX_PARTS: usize = 64;

/// A binary in a stage.
#[derive(Debug, Clone)]
struct Brought {
    /// Where the stage has it.
    to: String,
    binary: String,
    span: Span,
    debug: bool,
}

/// What a stage holds; one that begins from another one holds what that does.
#[derive(Debug, Clone, Default)]
struct Stage {
    name: String,
    brought: Vec<Brought>,
    entrypoint: Vec<String>,
    command: Vec<String>,
    runs_at: Option<Span>,
    base: Option<(String, Span)>,
    adapter: Option<Span>,
    variables: BTreeSet<String>,
}

/// What the final stage of a Dockerfile runs.
pub(super) fn read(file: FileId, path: &str, text: &str, known: &WebAdapter) -> Dockerfile {
    let mut stages: Vec<Stage> = Vec::new();
    let mut arguments: BTreeMap<String, String> = BTreeMap::new();
    for (instruction, span) in instructions(file, text) {
        let words = split(&instruction, &arguments);
        let Some((keyword, words)) = words.split_first() else { continue };
        let keyword = keyword.to_ascii_uppercase();
        match keyword.as_str() {
            "ARG" => arguments.extend(words.iter().filter_map(|word| {
                let (name, value) = word.split_once('=')?;
                Some((name.to_owned(), value.to_owned()))
            })),
            "FROM" if stages.len() < MAX_PARTS => stages.push(from(words, span, &stages)),
            _ => {
                let Some((stage, before)) = stages.split_last_mut() else { continue };
                match keyword.as_str() {
                    "COPY" | "ADD" => copy(words, span, stage, before, known),
                    "RUN" => run(words, span, stage),
                    "ENV" => stage.variables.extend(variables(words)),
                    "ENTRYPOINT" => {
                        // A new entry point resets the command of the image it begins from.
                        (stage.entrypoint, stage.command, stage.runs_at) = (words.to_vec(), Vec::new(), Some(span));
                    }
                    "CMD" => (stage.command, stage.runs_at) = (words.to_vec(), stage.runs_at.or(Some(span))),
                    _ => {}
                }
            }
        }
    }
    let last = stages.pop().unwrap_or_default();
    let run = chosen(&last);
    Dockerfile {
        path: path.to_owned(),
        debug: run.filter(|run| run.debug).map(|run| run.span),
        binary: run.map(|run| (run.binary.clone(), run.span)),
        command: last.runs_at.and_then(|span| Some((program(&last)?.to_owned(), span))),
        base: last.base,
        adapter: last.adapter,
        variables: last.variables,
    }
}

/// The instructions of a file: lines that end with a backslash go on, comments between them do not.
fn instructions(file: FileId, text: &str) -> Vec<(String, Span)> {
    let mut found = Vec::new();
    let mut open: Option<(String, usize)> = None;
    let mut start = 0usize;
    for line in text.split_inclusive('\n') {
        let begin = start;
        start += line.len();
        let bare = line.trim();
        if bare.starts_with('#') || bare.is_empty() {
            continue;
        }
        let (mut whole, from) = open.take().unwrap_or_default();
        let from = if whole.is_empty() { begin + (line.len() - line.trim_start().len()) } else { from };
        whole.push_str(bare.trim_end_matches(['\\', '`']));
        if bare.ends_with('\\') && whole.len() < MAX_INSTRUCTION {
            whole.push(' ');
            open = Some((whole, from));
            continue;
        }
        found.push((whole, Span::new(file, from as u32, (begin + line.trim_end().len()) as u32)));
    }
    found.extend(open.map(|(whole, from)| (whole, Span::new(file, from as u32, text.trim_end().len() as u32))));
    found
}

/// The words of an instruction, those of a list in brackets too, with arguments that have a default put in.
fn split(instruction: &str, arguments: &BTreeMap<String, String>) -> Vec<String> {
    let (keyword, rest) = instruction.split_once(char::is_whitespace).unwrap_or((instruction, ""));
    let list = rest.trim().starts_with('[');
    let separates = |c: char| c.is_whitespace() || list && matches!(c, ',' | '[' | ']');
    let words = rest.split(separates).map(|word| word.trim_matches(['"', '\'']));
    let words = words.filter(|word| !word.is_empty()).map(|word| put_in(word, arguments));
    std::iter::once(keyword.to_owned()).chain(words).collect()
}

fn put_in(word: &str, arguments: &BTreeMap<String, String>) -> String {
    if !word.contains('$') {
        return word.to_owned();
    }
    let mut whole = word.to_owned();
    for (name, value) in arguments.iter().take(MAX_PARTS) {
        whole = whole.replace(&format!("${{{name}}}"), value);
        if whole.len() > MAX_INSTRUCTION {
            return word.to_owned();
        }
    }
    match whole.strip_prefix('$').and_then(|name| arguments.get(name)) {
        Some(value) => value.clone(),
        None => whole,
    }
}

/// `FROM [--platform=…] image [AS name]`.
fn from(words: &[String], span: Span, before: &[Stage]) -> Stage {
    let mut plain = words.iter().filter(|word| !word.starts_with("--"));
    let image = plain.next().map_or("", String::as_str);
    let name = plain.find(|word| !word.eq_ignore_ascii_case("as")).cloned().unwrap_or_default();
    match stage(before, image).cloned() {
        Some(known) => Stage { name, ..known },
        None => Stage { name, base: Some((image.to_owned(), span)), ..Stage::default() },
    }
}

/// A stage by name or number.
fn stage<'s>(before: &'s [Stage], named: &str) -> Option<&'s Stage> {
    let number = || named.parse().ok().and_then(|at: usize| before.get(at));
    before.iter().rfind(|stage| !named.is_empty() && stage.name.eq_ignore_ascii_case(named)).or_else(number)
}

fn copy(words: &[String], span: Span, stage: &mut Stage, before: &[Stage], known: &WebAdapter) {
    let source = words.iter().find_map(|word| word.strip_prefix("--from="));
    let plain: Vec<&String> = words.iter().filter(|word| !word.starts_with("--")).collect();
    let Some((to, from)) = plain.split_last() else { return };
    let image = source.map(|source| source.split([':', '@']).next().unwrap_or(source));
    if **to == known.extension || image.is_some_and(|image| image.ends_with(&known.image)) {
        stage.adapter = Some(span);
        return;
    }
    let holder = source.and_then(|source| self::stage(before, source));
    for path in from {
        let copied = holder.and_then(|holder| holder.brought.iter().rfind(|brought| same(&brought.to, path)));
        let named = artifact(path).map(|binary| (binary.to_owned(), path.contains("/debug/")));
        // A stage may have moved what was built to a place of another name.
        let found = named.or_else(|| copied.map(|brought| (brought.binary.clone(), brought.debug)));
        if let Some((binary, debug)) = found {
            bring(stage, Brought { to: destination(path, to, from.len() > 1), binary, span, debug });
        }
    }
}

/// `cp target/release/orders /orders`, `strip … -o /orders`: what a command leaves where.
fn run(words: &[String], span: Span, stage: &mut Stage) {
    for (at, word) in words.iter().enumerate() {
        let in_target = word.split('/').any(|part| part == "target");
        let Some(binary) = artifact(word).filter(|_| in_target) else { continue };
        let rest = words[at + 1..].iter().take_while(|word| !matches!(word.as_str(), "&&" | ";" | "||" | "|"));
        let to = rest.map(String::as_str).find(|word| !word.starts_with('-'));
        let to = to.map_or_else(|| word.clone(), |to| destination(word, to.trim_end_matches(';'), false));
        let brought = Brought { to, binary: binary.to_owned(), span, debug: word.contains("/debug/") };
        bring(stage, brought);
    }
}

fn bring(stage: &mut Stage, brought: Brought) {
    if stage.brought.len() < MAX_PARTS {
        stage.brought.push(brought);
    }
}

fn artifact(path: &str) -> Option<&str> {
    artifact_binary(path.trim_end_matches('/')).filter(|name| !name.contains('$'))
}

/// Where a copy ends up: a directory keeps the name of the file.
fn destination(path: &str, to: &str, several: bool) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let dir = several || to.ends_with('/') || matches!(to, "." | "..");
    if dir { format!("{}/{name}", to.trim_end_matches('/')) } else { to.to_owned() }
}

/// Whether two paths lead to one file, as far as working directories that are not followed leave that open.
fn same(known: &str, asked: &str) -> bool {
    let parts = |path: &str| -> Vec<String> {
        path.split('/').filter(|part| !part.is_empty() && *part != ".").rev().map(str::to_owned).collect()
    };
    let (known, asked) = (parts(known), parts(asked));
    !known.is_empty() && !asked.is_empty() && known.iter().zip(&asked).all(|(a, b)| a == b)
}

/// `ENV NAME=value …`, or `ENV NAME value`.
fn variables(words: &[String]) -> impl Iterator<Item = String> + '_ {
    let assigned = words.first().is_some_and(|word| word.contains('='));
    let names = words.iter().take(if assigned { usize::MAX } else { 1 });
    names
        .filter(move |word| !assigned || word.contains('='))
        .filter_map(|word| word.split('=').next())
        .map(str::to_owned)
}

/// The program that a stage starts: the first word of its entry point, or else of its command.
fn program(stage: &Stage) -> Option<&str> {
    let words = if stage.entrypoint.is_empty() { &stage.command } else { &stage.entrypoint };
    words.first()?.rsplit('/').next().filter(|name| !name.is_empty() && !name.contains('$'))
}

/// The binary that a stage runs: the one that its entry point or command names, else the last one it brings along.
fn chosen(stage: &Stage) -> Option<&Brought> {
    let named = stage.entrypoint.iter().chain(&stage.command);
    let fits = |word: &String| stage.brought.iter().rfind(|brought| same(&brought.to, word));
    named.into_iter().find_map(fits).or(stage.brought.last())
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::knowledge::platforms;
    use crate::model::crates::Dockerfile;
    use crate::text::SourceMap;

    fn of(text: &str) -> Dockerfile {
        let mut sources = SourceMap::default();
        let file = sources.add("Dockerfile", text.into());
        read(file, "Dockerfile", text, &platforms().aws_lambda.web_adapter)
    }

    fn binary(text: &str) -> Option<String> {
        of(text).binary.map(|(name, _)| name)
    }

    #[test]
    fn the_last_stage_counts() {
        let text = "FROM rust AS build\nRUN cargo build --release\nFROM base\n\
                    COPY --from=build /app/target/release/orders ./bootstrap\n";
        assert_eq!(binary(text).as_deref(), Some("orders"));
        assert_eq!(binary(&format!("{text}FROM scratch\n")), None);
    }

    #[test]
    fn a_stage_holds_what_the_one_it_begins_from_does() {
        let text = "FROM base AS common\nCOPY target/release/orders /orders\nFROM common\nRUN true\n";
        assert_eq!(binary(text).as_deref(), Some("orders"));
    }

    #[test]
    fn entry_point_and_command_choose_among_several() {
        let text = "FROM base\nCOPY target/release/web target/release/worker /app/\n";
        assert_eq!(binary(&format!("{text}ENTRYPOINT [\"/app/web\"]\n")).as_deref(), Some("web"));
        assert_eq!(binary(&format!("{text}CMD ./web --port 1\n")).as_deref(), Some("web"));
        assert_eq!(binary(&format!("{text}CMD [\"worker\"]\n")).as_deref(), Some("worker"));
        assert_eq!(of("FROM base\nCOPY --from=x /bin/tool /bin/\nCMD [\"/bin/tool\"]\n").command.unwrap().0, "tool");
    }

    #[test]
    fn what_a_stage_moved_is_found_again() {
        let text = "FROM rust AS build\nRUN cargo build --release \\\n && cp target/release/orders /out/app\n\
                    FROM base\nCOPY --from=build /out/app /var/runtime/bootstrap\n";
        assert_eq!(binary(text).as_deref(), Some("orders"));
        let strip = "FROM rust AS build\nRUN strip /a/target/release/web -o /web\nFROM base\nCOPY --from=0 /web /\n";
        assert_eq!(binary(strip).as_deref(), Some("web"));
    }

    #[test]
    fn arguments_with_a_default_are_put_in() {
        let text = "ARG BIN=orders\nFROM base\nCOPY target/release/${BIN} bootstrap\n";
        assert_eq!(binary(text).as_deref(), Some("orders"));
        assert_eq!(binary("ARG BIN\nFROM base\nCOPY target/release/${BIN} bootstrap\n"), None);
    }

    #[test]
    fn the_adapter_and_the_variables_of_the_last_stage() {
        let text = "FROM base\nENV PORT=3000 AWS_LWA_PORT=3000\nENV MODE on\n\
                    COPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:0.9.1 \\\n  \
                    /lambda-adapter /opt/extensions/lambda-adapter\n";
        let found = of(text);
        assert!(found.adapter.is_some());
        assert_eq!(found.variables.iter().map(String::as_str).collect::<Vec<_>>(), ["AWS_LWA_PORT", "MODE", "PORT"]);
        assert!(of(&format!("{text}FROM base\n")).adapter.is_none());
        assert!(of("FROM base\n# COPY x /opt/extensions/lambda-adapter\n").adapter.is_none());
    }
}
