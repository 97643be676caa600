//! The bindings that are in scope: a stack, and where in it each name stands, so that a function of thousands of
//! bindings is not searched at each of their uses.

use super::ir::LocalId;
use foldhash::HashMap;

/// Bindings by name, the innermost last.
#[derive(Debug, Default)]
pub(crate) struct Scopes {
    stack: Vec<(String, LocalId)>,
    by_name: HashMap<String, Vec<LocalId>>,
}

impl Scopes {
    /// How many there are: what leads back to this scope.
    pub(crate) fn len(&self) -> usize {
        self.stack.len()
    }

    /// Adds a binding to the innermost scope.
    pub(crate) fn push(&mut self, name: String, id: LocalId) {
        self.by_name.entry(name.clone()).or_default().push(id);
        self.stack.push((name, id));
    }

    /// Leaves scopes.
    pub(crate) fn truncate(&mut self, len: usize) {
        while self.stack.len() > len {
            if let Some(ids) = self.stack.pop().and_then(|(name, _)| self.by_name.get_mut(&name)) {
                ids.pop();
            }
        }
    }

    /// Leaves scopes except for bindings that stay in sight.
    pub(crate) fn keep(&mut self, len: usize, stays: impl Fn(&str) -> bool) {
        let left: Vec<(String, LocalId)> = self.stack.get(len..).unwrap_or_default().to_vec();
        self.truncate(len);
        left.into_iter().filter(|(name, _)| stays(name)).for_each(|(name, id)| self.push(name, id));
    }

    /// The innermost binding of a name.
    pub(crate) fn find(&self, name: &str) -> Option<LocalId> {
        self.by_name.get(name)?.last().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::Scopes;

    #[test]
    fn the_innermost_binding_of_a_name_is_found() {
        let mut scopes = Scopes::default();
        scopes.push("a".to_owned(), 0);
        scopes.push("b".to_owned(), 1);
        let outer = scopes.len();
        scopes.push("a".to_owned(), 2);
        scopes.push("c".to_owned(), 3);
        assert_eq!((scopes.find("a"), scopes.find("b")), (Some(2), Some(1)));
        scopes.keep(outer, |name| name == "c");
        assert_eq!((scopes.find("a"), scopes.find("c"), scopes.len()), (Some(0), Some(3), 3));
        scopes.truncate(0);
        assert_eq!(scopes.find("a"), None);
    }
}
