//! Commands that build Rust, wherever a project keeps them: makefiles, justfiles, Dockerfiles, buildspecs, workflows,
//! scripts. Found by their text; what runs when is not interpreted.

use crate::model::crates::BuildCommand;
use crate::text::{FileId, Span, path};

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
        || is_dockerfile(path)
        || (yaml
            && (name.starts_with("buildspec") || name.starts_with(".gitlab-ci") || path.contains(".github/workflows/")))
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

/// The build commands among the lines of a file.
pub(crate) fn commands(path: &str, lines: &[(String, Span)], into: &mut Vec<BuildCommand>) {
    let found = lines.iter().filter(|(line, _)| builds(line));
    into.extend(found.map(|(line, span)| BuildCommand {
        dir: path::parent(path).to_owned(),
        text: line.clone(),
        span: *span,
    }));
}

fn builds(line: &str) -> bool {
    ["cargo build", "cargo lambda build", "cross build", "cargo zigbuild", "cargo-lambda lambda build"]
        .iter()
        .any(|command| line.contains(command))
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
}
