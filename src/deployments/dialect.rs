//! What a dialect is to the reading of deployments. What else is known of it is data, in `rules/data/dialects/`.

use super::aws::cloudformation::Translated;
use super::choices::Choices;
use crate::model::Project;
use crate::model::deployments::DialectId;
use crate::tree::Tree;

/// A way to write a deployment down.
pub(crate) trait Dialect: Sync {
    /// The files of `rules/data/dialects/` that say what else is known of what it reads.
    fn ids(&self) -> &[DialectId];

    /// Whether a file may be a config of it, by its path; the content decides.
    fn claims(&self, path: &str) -> bool;

    /// Adds what its configs declare. Dialects are asked in the order of their list, and see what came before.
    fn read(&self, reading: &mut Reading<'_>);
}

/// A tree whose deployments are being read.
pub(crate) struct Reading<'r> {
    pub(crate) tree: &'r dyn Tree,
    pub(crate) choices: &'r Choices,
    pub(crate) project: &'r mut Project,
    /// What ends in CloudFormation, so far.
    pub(crate) templates: Vec<Translated>,
    /// How many nodes evaluation may still make.
    pub(crate) left: usize,
}

impl<'r> Reading<'r> {
    /// The files a dialect may have written.
    pub(crate) fn claimed(&self, dialect: &dyn Dialect) -> Vec<&'r String> {
        self.tree.files().iter().filter(|path| dialect.claims(path)).collect()
    }
}
