//! How much was followed: calls that lead to functions of the workspace, and those that may and were left, with why.
//! Asked where the walk finds nothing to follow, so that it costs nothing where it does.

use super::regions::{Code, Missed, Reach, RegionId};
use crate::model::source::{Coverage, LostCall, Unfollowed};
use crate::source::names::kinds::{FnId, Head, Res, Type};
use crate::source::parse::ir::{ExprId, Kind};
use crate::source::types::infer::Context;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

/// Candidates that are kept of one call.
const MAX_CANDIDATES: usize = 64;

impl Reach<'_> {
    /// Notes a method call that nothing was found to follow for, if a method of the workspace may be meant.
    pub(super) fn miss_method(&mut self, at: RegionId, call: ExprId, receiver: &Type, name: &str, common: bool) {
        let reason = match &receiver.head {
            Head::Local(_) if self.index.is_overloaded(name) => Unfollowed::TooMany,
            // A derive or a trait from outside gave it the method.
            Head::Local(_) => return,
            Head::Bounds(traits) if traits.iter().any(|&of| self.index.declares(of, name)) => {
                Unfollowed::NoImplementation
            }
            Head::Bounds(_) => return,
            Head::Outside(path) if !super::walk::is_parameter(path) => return,
            Head::Outside(_) => Unfollowed::Generic,
            Head::Unknown if common => Unfollowed::CommonName,
            Head::Unknown => Unfollowed::UnknownType,
        };
        let candidates: Vec<FnId> = self.index.methods_named(name).filter(|&id| self.is_part(id)).collect();
        if candidates.is_empty() && reason != Unfollowed::NoImplementation {
            return;
        }
        self.miss(at, call, reason, candidates);
    }

    /// Notes a call of a path in a module of the workspace that has no such function.
    pub(super) fn miss_path(&mut self, at: RegionId, call: ExprId, context: &Context<'_>, path: &[String]) {
        let Some((last, module)) = path.split_last().filter(|(_, module)| !module.is_empty()) else { return };
        // Variants and tuple structs are called too.
        if last.starts_with(|c: char| c.is_ascii_uppercase()) {
            return;
        }
        if let Res::Module { .. } = context.resolve_type(module) {
            self.miss(at, call, Unfollowed::NoFunction, Vec::new());
        }
    }

    /// Notes a macro of the workspace that was not expanded, or one from outside with code that could not be read, if
    /// its words call functions of the workspace.
    fn miss_macros(&mut self) {
        let unread: Vec<(Code, ExprId, Vec<String>)> = self
            .followed()
            .flat_map(|id| {
                let body = self.body(Code::Fn(id));
                body.unread.iter().map(move |(at, called)| (Code::Fn(id), *at, called.clone()))
            })
            .collect();
        if unread.is_empty() {
            return;
        }
        let mut by_name: HashMap<&str, Vec<FnId>> = HashMap::new();
        for &part in &self.parts {
            for id in self.index.functions_of(part) {
                if !self.index.function(id).body.exprs.is_empty() {
                    by_name.entry(&self.index.function(id).name).or_default().push(id);
                }
            }
        }
        for (code, call, called) in unread {
            let named = called.iter().filter_map(|name| by_name.get(name.as_str())).flatten();
            let candidates: Vec<FnId> = named.copied().take(MAX_CANDIDATES).collect();
            if !candidates.is_empty() {
                self.missed.push(Missed { code, call, reason: Unfollowed::Macro, candidates });
            }
        }
    }

    /// Notes that there was no room for a function.
    pub(super) fn miss_for_room(&mut self, at: RegionId, call: ExprId, callee: FnId) {
        if self.is_full() && !self.follows(callee) {
            self.miss(at, call, Unfollowed::Budget, vec![callee]);
        }
    }

    fn miss(&mut self, at: RegionId, call: ExprId, reason: Unfollowed, mut candidates: Vec<FnId>) {
        candidates.truncate(MAX_CANDIDATES);
        let code = self.regions[at].code;
        self.missed.push(Missed { code, call, reason, candidates });
    }

    /// Whether a function belongs to what the binary consists of.
    pub(super) fn is_part(&self, id: FnId) -> bool {
        self.parts.contains(&self.index.def(id).krate)
    }

    /// How much was followed. Asked once, when everything is.
    pub(crate) fn coverage(&mut self) -> Coverage {
        self.miss_macros();
        let calls: HashSet<(Code, ExprId)> = self
            .calls
            .iter()
            .filter(|(.., callee)| self.follows(*callee))
            .map(|(region, call, _)| (self.regions[*region].code, *call))
            .collect();
        let mut seen: HashSet<(Code, ExprId)> = HashSet::new();
        let mut lost: Vec<LostCall> = Vec::new();
        let mut unseen: HashSet<FnId> = HashSet::new();
        for missed in &self.missed {
            if calls.contains(&(missed.code, missed.call)) || !seen.insert((missed.code, missed.call)) {
                continue;
            }
            let left: Vec<FnId> = missed.candidates.iter().copied().filter(|&id| !self.follows(id)).collect();
            let behind = left.len();
            if missed.reason != Unfollowed::CommonName {
                unseen.extend(left);
            }
            // Where everything that may be meant was followed anyway, most likely a library is meant.
            if behind == 0 && missed.reason == Unfollowed::CommonName {
                continue;
            }
            let expr = self.body(missed.code).expr(missed.call);
            let (name, range) = match &expr.kind {
                Kind::Method { name, name_span, .. } => (name.clone(), *name_span),
                Kind::Path { path, .. } => (path.join("::"), expr.span),
                Kind::Macro { path, .. } => (format!("{}!", path.join("::")), expr.span),
                _ => ("macro".to_owned(), expr.span),
            };
            lost.push(LostCall { name, reason: missed.reason, behind, span: self.span(missed.code, range) });
        }
        lost.sort_by_key(|call| (call.is_doubtful(), Reverse(call.behind), call.reason, call.span));
        Coverage { functions: self.followed().count(), calls: calls.len(), lost, behind: unseen.len() }
    }
}
