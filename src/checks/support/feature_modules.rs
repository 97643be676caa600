//! Which modules of a crate a package names, where each module is a feature.

use crate::checks::UnitRef;
use crate::knowledge::FeatureModules;
use crate::model::crates::{CargoPackage, Dependency};
use std::collections::BTreeSet;

/// The modules that source of the package names, or of every package that inherits a line of the workspace; none if
/// one is named in a way that does not tell.
pub(crate) fn named(
    unit: UnitRef<'_>,
    package: &CargoPackage,
    line: &Dependency,
    (modules, features): (&FeatureModules, &[String]),
) -> Option<Vec<String>> {
    let inherits = |other: &CargoPackage| {
        other.workspace == package.workspace
            && other.dependencies.iter().any(|other| other.declared.span == line.declared.span)
    };
    let holders = unit.project.cargo.packages.iter().filter(|other| other.dir == package.dir || inherits(other));
    let dirs: Vec<String> =
        holders.map(|other| if other.dir.is_empty() { String::new() } else { format!("{}/", other.dir) }).collect();
    let sources = &unit.project.sources;
    let mut found = BTreeSet::new();
    for file in sources.ids() {
        let path = sources.path(file);
        if path.ends_with(".rs") && dirs.iter().any(|dir| path.starts_with(dir.as_str())) {
            for rest in sources.text(file).split(modules.root.as_str()).skip(1) {
                first_segments(rest, &modules.through, 0, &mut found)?;
            }
        }
    }
    let comes_with =
        |name: &str| modules.with.get(name).is_some_and(|with| with.iter().any(|it| found.contains(it.as_str())));
    let bare = |name: &str| modules.always.iter().any(|known| known == name) || comes_with(name);
    let named: Vec<&str> = found.iter().copied().filter(|name| !bare(name)).collect();
    let known = named.iter().all(|name| features.iter().any(|feature| feature == name));
    (known && !named.is_empty()).then(|| named.into_iter().map(str::to_owned).collect())
}

/// The first segments of a path or of a group of paths behind the crate's name.
fn first_segments<'t>(rest: &'t str, through: &str, depth: usize, into: &mut BTreeSet<&'t str>) -> Option<()> {
    let rest = rest.trim_start();
    if let Some(inside) = rest.strip_prefix(through).filter(|_| depth < 3) {
        return first_segments(inside, through, depth, into);
    }
    if let Some(group) = rest.strip_prefix('{') {
        if depth > 2 {
            return None;
        }
        let (mut level, mut start) = (0usize, 0usize);
        for (at, byte) in group.bytes().enumerate() {
            let ends = level == 0 && matches!(byte, b',' | b'}');
            if ends && !group[start..at].trim().is_empty() {
                first_segments(&group[start..at], through, depth + 1, into)?;
            }
            match byte {
                b',' if level == 0 => start = at + 1,
                b'}' if level == 0 => return Some(()),
                b'{' => level += 1,
                b'}' => level -= 1,
                _ => {}
            }
        }
        return None;
    }
    let end = rest.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')).unwrap_or(rest.len());
    let name = &rest[..end];
    let after = rest[end..].trim_start();
    // A glob or a re-exported type: which modules it needs is not written.
    let plain = !name.is_empty() && name != "self" && name != through.trim_end_matches(':');
    let ends =
        after.is_empty() || after.starts_with("::") || after.starts_with([';', ',', '}']) || after.starts_with("as ");
    (plain && ends).then(|| {
        into.insert(name);
    })
}

#[cfg(test)]
mod tests {
    use super::first_segments;
    use std::collections::BTreeSet;

    fn of(text: &str) -> Option<Vec<&str>> {
        let mut found = BTreeSet::new();
        first_segments(text, "event::", 0, &mut found)?;
        Some(found.into_iter().collect())
    }

    #[test]
    fn modules_are_read_from_paths_and_groups() {
        assert_eq!(of("event::sqs::SqsEvent;"), Some(vec!["sqs"]));
        assert_eq!(of("{event::s3::S3Event, sqs::{SqsEvent, SqsMessage}};"), Some(vec!["s3", "sqs"]));
        assert_eq!(of("event::{sns::SnsMessage, sqs};"), Some(vec!["sns", "sqs"]));
        assert_eq!(of("apigw;"), Some(vec!["apigw"]));
        assert_eq!(of("SqsEvent"), None);
        assert_eq!(of("*;"), None);
        assert_eq!(of("{sqs::SqsEvent"), None);
    }
}
