//! What scripts do with the binaries that were built: archives they zip, functions they deploy. Found by the words of
//! their commands; what depends on variables is left out.

use crate::model::crates::{Delivery, Destination, artifact_binary};
use crate::text::{Span, path};

/// The deliveries among the lines of a script.
pub(super) fn read(path: &str, lines: &[(String, Span)], into: &mut Vec<Delivery>) {
    let dir = path::parent(path);
    let first = into.len();
    // The binary that was last copied to a place of its own, to be zipped there.
    let mut copied: Option<String> = None;
    for (line, span) in lines.iter().filter(|(line, _)| speaks(line)) {
        let mut entered: Option<String> = None;
        for command in line.split("&&").flat_map(|part| part.split(';')) {
            let words: Vec<&str> = command
                .split_whitespace()
                .map(|word| word.trim_matches(['"', '\'', '@', '(', ')']))
                .filter(|word| !word.is_empty() && !matches!(*word, "sudo" | "run:" | "-"))
                .collect();
            let built = || words.iter().find_map(|word| artifact(word));
            let mut deliver = |to: Destination, binary: String| {
                into.push(Delivery { dir: dir.to_owned(), to, binary, span: *span });
            };
            match words.first().copied() {
                Some("cd") => {
                    let dir = words.get(1).map(|to| format!("{to}/")).unwrap_or_default();
                    entered = artifact(&dir).map(str::to_owned);
                }
                Some("cp" | "mv" | "install") => copied = built().map(str::to_owned).or(copied.take()),
                Some("zip") => {
                    let inside = || words.iter().any(|word| word.rsplit('/').next() == Some("bootstrap"));
                    let moved = || entered.clone().or_else(|| copied.clone()).filter(|_| inside());
                    if let (Some(to), Some(binary)) = (archive(&words), built().map(str::to_owned).or_else(moved)) {
                        deliver(Destination::Archive(to), binary);
                    }
                }
                Some("cargo") if words.starts_with(&["cargo", "lambda", "deploy"]) => {
                    let name = words[3..].last().filter(|word| is_name(word));
                    let binary = value(&words, "--binary-name").or(name.copied());
                    if let (Some(name), Some(binary)) = (name, binary) {
                        deliver(Destination::Function((*name).to_owned()), binary.to_owned());
                    }
                }
                _ if words.iter().any(|word| matches!(*word, "update-function-code" | "create-function")) => {
                    let zip = value(&words, "--zip-file").map(|file| file.trim_start_matches("fileb://"));
                    let (Some(name), Some(zip)) = (value(&words, "--function-name"), zip) else { continue };
                    let made = Destination::Archive(file_name(zip).to_owned());
                    let binary = artifact(zip).map(str::to_owned).or_else(|| {
                        let of_script = into[first..].iter().rev();
                        of_script.filter(|known| known.to == made).map(|known| known.binary.clone()).next()
                    });
                    if let Some(binary) = binary.filter(|_| is_name(name)) {
                        let to = Destination::Function(name.to_owned());
                        into.push(Delivery { dir: dir.to_owned(), to, binary, span: *span });
                    }
                }
                _ => {}
            }
        }
    }
}

/// Whether a line may be about a delivery.
fn speaks(line: &str) -> bool {
    ["zip", "cp ", "mv ", "install ", "lambda deploy", "-function"].iter().any(|word| line.contains(word))
}

fn artifact(word: &str) -> Option<&str> {
    let in_target = word.split('/').any(|part| part == "target");
    artifact_binary(word).filter(|name| in_target && is_name(name))
}

/// The archive that `zip [flags] archive files…` writes.
fn archive(words: &[&str]) -> Option<String> {
    let name = file_name(words[1..].iter().find(|word| !word.starts_with('-'))?);
    let whole = if name.contains('.') { name.to_owned() } else { format!("{name}.zip") };
    is_name(&whole).then_some(whole)
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// What follows a flag, or is written behind its `=`.
fn value<'w>(words: &[&'w str], flag: &str) -> Option<&'w str> {
    let apart = words.windows(2).find(|pair| pair[0] == flag).map(|pair| pair[1]);
    apart.or_else(|| words.iter().find_map(|word| word.strip_prefix(flag)?.strip_prefix('=')))
}

/// Whether a word is a name as it is written, and no flag or variable.
fn is_name(word: &str) -> bool {
    !word.is_empty() && !word.starts_with('-') && word.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::crates::builds::lines;
    use crate::model::crates::Destination;
    use crate::text::SourceMap;

    fn deliveries(text: &str) -> Vec<String> {
        let mut sources = SourceMap::default();
        let file = sources.add("Makefile", text.into());
        let mut found = Vec::new();
        read("Makefile", &lines(file, text), &mut found);
        let show = |to: &Destination| match to {
            Destination::Archive(name) => format!("archive {name}"),
            Destination::Function(name) => format!("function {name}"),
        };
        found.iter().map(|found| format!("{}: {}", show(&found.to), found.binary)).collect()
    }

    #[test]
    fn archives_hold_what_is_zipped_or_was_copied() {
        assert_eq!(deliveries("\tzip -j dist/a.zip target/lambda/orders/bootstrap\n"), ["archive a.zip: orders"]);
        let copied = "cp ./target/x86_64-unknown-linux-musl/release/user ./bootstrap && zip user.zip bootstrap";
        assert_eq!(deliveries(copied), ["archive user.zip: user"]);
        let apart = "cp target/release/user bootstrap\nzip user bootstrap\n";
        assert_eq!(deliveries(apart), ["archive user.zip: user"]);
        assert_eq!(deliveries("cd target/lambda/poll && zip -j ../p.zip bootstrap"), ["archive p.zip: poll"]);
        assert!(deliveries("zip $(OUT) target/lambda/orders/bootstrap").is_empty());
        assert!(deliveries("zip site.zip index.html").is_empty());
    }

    #[test]
    fn functions_get_what_is_deployed_to_them() {
        assert_eq!(deliveries("run: cargo lambda deploy --binary-name api shop-api"), ["function shop-api: api"]);
        assert_eq!(deliveries("cargo lambda deploy --iam-role x api"), ["function api: api"]);
        let by_path = "aws lambda update-function-code --function-name shop \\\n --zip-file \
                       fileb://target/lambda/api/bootstrap.zip";
        assert_eq!(deliveries(by_path), ["function shop: api"]);
        let by_archive = "zip -j a.zip target/release/api\naws lambda update-function-code --function-name shop \
                          --zip-file fileb://a.zip";
        assert_eq!(deliveries(by_archive), ["archive a.zip: api", "function shop: api"]);
        assert!(deliveries("cargo lambda deploy $(NAME)").is_empty());
    }
}
