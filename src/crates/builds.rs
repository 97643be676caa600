//! Commands that build Rust, wherever a project keeps them: makefiles, justfiles, Dockerfiles, buildspecs, workflows,
//! scripts. Found by their text; what runs when is not interpreted.

use crate::model::crates::{BuildCommand, artifact_binary};
use crate::text::{FileId, Span, path};

/// Artifacts that are kept of what follows a command.
const MAX_PACKS: usize = 64;

/// Whether a file may hold build commands, by the names tools insist on.
pub(crate) fn is_script(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    matches!(
        name,
        "Makefile"
            | "makefile"
            | "GNUmakefile"
            | "justfile"
            | "Justfile"
            | ".justfile"
            | "package.json"
            | "Taskfile.yml"
    ) || name.ends_with(".mk")
        || name.ends_with(".just")
        || name.ends_with(".sh")
        || !name.contains('.') && ["build", "deploy", "package"].iter().any(|verb| name.starts_with(verb))
        || is_dockerfile(path)
        || (yaml
            && (name.starts_with("buildspec") || name.starts_with(".gitlab-ci") || path.contains(".github/workflows/")))
}

/// Whether a file is a config of cargo's.
pub(super) fn is_cargo_config(path: &str) -> bool {
    let file = path.strip_suffix(".toml").unwrap_or(path);
    file == ".cargo/config" || file.ends_with("/.cargo/config")
}

/// Whether a file is a Dockerfile.
pub(crate) fn is_dockerfile(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == "Dockerfile"
        || name.starts_with("Dockerfile.")
        || name.ends_with(".Dockerfile")
        || name.ends_with(".dockerfile")
}

/// The lines of a script, joined where one ends with a backslash; comments are left out.
pub(super) fn lines(file: FileId, text: &str) -> Vec<(String, Span)> {
    let mut found = Vec::new();
    let mut start = 0usize;
    let mut open: Option<(String, usize)> = None;
    for line in text.split_inclusive('\n') {
        let begin = start;
        start += line.len();
        let bare = line.trim_end();
        let (mut whole, from) = open.take().unwrap_or((String::new(), begin + (bare.len() - bare.trim_start().len())));
        let continues = bare.ends_with('\\');
        whole.push_str(bare.trim().trim_end_matches('\\'));
        if continues && whole.len() < 10_000 {
            whole.push(' ');
            open = Some((whole, from));
            continue;
        }
        if !whole.trim_start_matches(['-', '@', ' ']).starts_with('#') {
            found.push((whole, Span::new(file, from as u32, (begin + bare.len()) as u32)));
        }
    }
    found
}

/// The image or machine that a line names for the lines below it; stages of Dockerfiles lead to what they begin from.
fn machine(path: &str, line: &str, stages: &mut Vec<(String, String)>) -> Option<String> {
    let mut words = line.split_whitespace().map(|word| word.trim_matches(['"', '\'']));
    let first = words.next()?;
    if is_dockerfile(path) {
        let mut words = words.filter(|word| !word.starts_with("--"));
        let image = words.next().filter(|_| first.eq_ignore_ascii_case("from"))?;
        let known = stages.iter().rfind(|(name, _)| name.eq_ignore_ascii_case(image));
        let image = known.map_or(image, |(_, image)| image).to_owned();
        if let Some(name) = words.nth(1).filter(|_| stages.len() < MAX_PACKS) {
            stages.push((name.to_owned(), image.clone()));
        }
        return Some(image);
    }
    let names = matches!(first, "runs-on:" | "image:" | "container:") && path.ends_with("ml");
    words.next().filter(|_| names).map(str::to_owned)
}

/// The build commands among the lines of a file, each with the artifacts that the lines after it take.
pub(crate) fn commands(path: &str, lines: &[(String, Span)], into: &mut Vec<BuildCommand>) {
    let first = into.len();
    let mut runs_on = None;
    let mut stages = Vec::new();
    for (line, span) in lines {
        runs_on = machine(path, line, &mut stages).or(runs_on);
        if BuildCommand::is_one(line) {
            into.push(BuildCommand {
                dir: path::parent(path).to_owned(),
                text: line.clone(),
                packs: Vec::new(),
                machine: runs_on.clone(),
                span: *span,
            });
        } else if let Some(before) = into[first..].last_mut().filter(|before| before.packs.len() < MAX_PACKS) {
            let artifacts = line.split_whitespace().filter(|word| word.contains("target/")).filter_map(artifact_binary);
            before.packs.extend(artifacts.map(str::to_owned));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{commands, lines};
    use crate::text::SourceMap;

    #[test]
    fn commands_may_go_on_over_lines() {
        let mut sources = SourceMap::default();
        let text = "all:\n\t@echo cargo\n\tcargo lambda build \\\n\t  --arm64\n# cargo build\n";
        let file = sources.add("Makefile", text.into());
        let mut found = Vec::new();
        commands("Makefile", &lines(file, text), &mut found);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].text, "cargo lambda build  --arm64");
        assert_eq!(sources.slice(found[0].span), "cargo lambda build \\\n\t  --arm64");
    }

    #[test]
    fn a_command_runs_where_the_file_says_above_it() {
        let mut sources = SourceMap::default();
        let mut of = |path: &str, text: &str| {
            let file = sources.add(path, text.into());
            let mut found = Vec::new();
            commands(path, &lines(file, text), &mut found);
            found.into_iter().map(|command| command.machine).collect::<Vec<_>>()
        };
        let docker = "FROM --platform=linux/amd64 rust:1.80 AS base\nFROM base AS build\nRUN cargo build --release\n";
        assert_eq!(of("Dockerfile", docker), [Some("rust:1.80".to_owned())]);
        let workflow = "jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo build --release\n";
        assert_eq!(of(".github/workflows/a.yml", workflow), [Some("ubuntu-latest".to_owned())]);
        assert_eq!(of("Makefile", "all:\n\tcargo build --release\n"), [None]);
    }

    #[test]
    fn what_follows_a_command_packs_what_it_built() {
        let text = "cd a\ncargo build --release\ncp target/release/one bootstrap\n# cp target/release/no bootstrap\n\
                    cd b\ncargo build --release\ncp ./target/x86_64-unknown-linux-musl/release/two bootstrap\n";
        let mut sources = SourceMap::default();
        let file = sources.add("release.sh", text.into());
        let mut found = Vec::new();
        commands("release.sh", &lines(file, text), &mut found);
        let packs: Vec<&[String]> = found.iter().map(|command| command.packs.as_slice()).collect();
        assert_eq!(packs, [["one".to_owned()].as_slice(), ["two".to_owned()].as_slice()]);
    }
}
