//! Stands for the rule among the checks: which suppression is used is known only after all rules have run, so
//! `engine::silence` makes its findings.

pub(super) struct Rule;

impl super::Check for Rule {}
