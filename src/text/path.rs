//! Paths inside the scanned root: relative, `/`-separated, never leaving it.

/// Joins a reference to a directory; `None` if it is absolute or leaves the root.
pub fn join(dir: &str, reference: &str) -> Option<String> {
    if reference.starts_with('/') || reference.contains("://") {
        return None;
    }
    let mut parts: Vec<&str> = dir.split('/').filter(|part| !part.is_empty()).collect();
    for part in reference.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}

/// The directory of a path; empty for the root.
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

/// Whether a directory is another one or lies below it.
pub fn is_within(dir: &str, outer: &str) -> bool {
    outer.is_empty() || dir == outer || dir.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a file is what the CDK made of its source: version control does not have it, and edits of it are lost.
pub fn is_synthesised(path: &str) -> bool {
    path.split('/').any(|part| part == "cdk.out")
}

#[cfg(test)]
mod tests {
    use super::{join, parent};

    #[test]
    fn references_stay_inside_the_root() {
        assert_eq!(join("a/b", "../c/./d").as_deref(), Some("a/c/d"));
        assert_eq!(join("a", "../.."), None);
        assert_eq!(join("", "/etc/passwd"), None);
        assert_eq!(join("", "https://example.com/t.yaml"), None);
        assert_eq!(join("", "."), Some(String::new()));
        assert_eq!(parent("a/b/c"), "a/b");
        assert_eq!(parent("c"), "");
    }
}
