//! Functions and binaries that belong together although nothing names one at the other: alike names, and being the
//! only ones there. What is found here is a guess, and is never more than low confidence.

use super::scope::{Scope, one};
use crate::model::Verdict;
use crate::model::crates::{TargetId, artifact_binary};
use crate::model::deployments::{DialectId, FunctionId, PackageType};
use crate::model::source::Platform;
use crate::text::path::{is_within, join, parent};
use crate::words;
use std::collections::BTreeSet;

/// The binary that is called like a function, or whose package is; else how many are.
pub(super) fn by_names(scope: &Scope<'_>, id: FunctionId) -> Result<TargetId, usize> {
    let wanted: Vec<String> = names(scope, id).iter().map(|name| normalized(name)).collect();
    let fits = scope.binaries().filter(|&target| wanted.contains(&normalized(&scope.cargo.target(target).name)));
    // A tool of that name is no function.
    let fits: Vec<TargetId> = fits.filter(|&target| scope.begins(target) != Verdict::No).collect();
    if fits.is_empty() {
        let package = scope.of_package(scope.dir_of(id), |name| wanted.contains(&normalized(name)));
        let bins: Vec<TargetId> = scope.binaries().filter(|&bin| is_lambda(scope, bin)).collect();
        return package.or_else(|| by_own_words(scope, id, &bins)).ok_or(0);
    }
    scope.nearest(scope.dir_of(id), fits)
}

/// The names a function goes by: its logical id, its construct, its physical name, the label of its block, its archive.
fn names(scope: &Scope<'_>, id: FunctionId) -> Vec<String> {
    let function = scope.deploy.function(id);
    let resource = scope.deploy.resource(function.resource);
    let label = label(&resource.logical_id);
    let mut names = vec![resource.logical_id.clone()];
    names.extend(label.map(str::to_owned));
    names.extend(resource.construct.clone());
    names.extend(resource.name.one().cloned());
    // `dist/orders.zip`
    let archive = function.package.path.one().and_then(|path| path.rsplit('/').next());
    names.extend(
        archive.and_then(|file| file.strip_suffix(".zip")).filter(|stem| *stem != "bootstrap").map(str::to_owned),
    );
    names
}

/// `module.orders.aws_lambda_function.this["x"]` is called `this` inside and `orders` outside.
fn label(logical_id: &str) -> Option<&str> {
    let bare = logical_id.split('[').next().unwrap_or("");
    bare.rsplit('.').next().filter(|label| *label != "this")
}

/// The only one of some binaries that agrees with a function in the words that are its own: those that are left without
/// some of what all binaries, and all functions, of the place begin or end with.
///
/// ```text
/// web-lambda-list, web-lambda-publish     the binaries' own words: list, publish
/// shop-prod-list, shop-prod-publish       the functions' own words: list, publish
/// ```
fn by_own_words(scope: &Scope<'_>, id: FunctionId, bins: &[TargetId]) -> Option<TargetId> {
    let dir = scope.dir_of(id);
    let here: Vec<FunctionId> = scope.deploy.function_ids().filter(|&other| scope.dir_of(other) == dir).collect();
    let of_bins: Vec<Vec<String>> = bins.iter().map(|&bin| words::lower(&scope.cargo.target(bin).name)).collect();
    let resource = |id: FunctionId| scope.deploy.resource(scope.deploy.function(id).resource);
    let physical = |id: FunctionId| resource(id).name.one().map_or(&*resource(id).logical_id, String::as_str);
    let labels = |id: FunctionId| label(&resource(id).logical_id).unwrap_or(&resource(id).logical_id);
    let at = here.iter().position(|&other| other == id)?;
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    let physical: Vec<Vec<String>> = here.iter().map(|&id| words::lower(physical(id))).collect();
    let labels: Vec<Vec<String>> = here.iter().map(|&id| words::lower(labels(id))).collect();
    wanted.extend(own(&physical, at).into_iter().chain(own(&labels, at)));
    // What all binaries of a workspace share says nothing; others may be called as they like.
    let workspace = |at: usize| scope.cargo.package(scope.cargo.target(bins[at]).package).workspace;
    let own_of = |at: usize| {
        let beside: Vec<usize> = (0..bins.len()).filter(|&other| workspace(other) == workspace(at)).collect();
        let names: Vec<Vec<String>> = beside.iter().map(|&other| of_bins[other].clone()).collect();
        own(&names, beside.iter().position(|&other| other == at).unwrap_or(0))
    };
    let fits = (0..bins.len()).filter(|&at| own_of(at).iter().any(|name| wanted.contains(name)));
    one(fits).map(|at| bins[at])
}

/// A name whole and without some of the words that all of several begin or end with.
fn own(names: &[Vec<String>], at: usize) -> Vec<String> {
    let name = &names[at];
    let common = |of: &dyn Fn(&[String], usize) -> Option<&String>| {
        (0..name.len()).take_while(|&n| names.iter().all(|other| of(other, n) == of(name, n))).count()
    };
    let (mut first, mut last) = (0, 0);
    if names.len() > 1 {
        first = common(&|words, n| words.get(n));
        last = common(&|words, n| words.len().checked_sub(n + 1).map(|at| &words[at]));
        // Something has to be left of each of them.
        if names.iter().any(|other| other.len() <= first + last) {
            (first, last) = (0, 0);
        }
    }
    let cuts = (0..=first).flat_map(|from| (0..=last).map(move |to| (from, to)));
    cuts.map(|(from, to)| normalized(&name[from..name.len() - to].concat())).collect()
}

/// Whether a Lambda function begins in a binary.
fn is_lambda(scope: &Scope<'_>, bin: TargetId) -> bool {
    scope.platform(bin) == Some(Platform::AwsLambda)
}

/// The only Lambda binary, for the only function that may run one, of the nearest directory that holds both. Other
/// runtimes run no Rust; an image may, so it is counted, but only its Dockerfile says what it runs.
pub(super) fn only_one(scope: &Scope<'_>, id: FunctionId) -> Option<TargetId> {
    let image = is_image(scope, id);
    if !scope.is_read() || image || holds_other_code(scope, id) {
        return None;
    }
    let bins: Vec<TargetId> = scope.binaries().filter(|&bin| is_lambda(scope, bin)).collect();
    let around = around(scope.dir_of(id), |dir| bins.iter().any(|&bin| is_within(scope.home(bin), dir)))?;
    let only = one(bins.into_iter().filter(|&bin| is_within(scope.home(bin), around)))?;
    is_alone(scope, id, around).then_some(only)
}

/// The binary of the only Dockerfile near an image that the config names by reference, if it is the only image there;
/// of several, the one called like the function.
pub(super) fn only_image(scope: &Scope<'_>, id: FunctionId) -> Option<TargetId> {
    let files = scope.cargo.dockerfiles.iter();
    let built: Vec<(&str, TargetId)> = files
        .filter_map(|file| {
            let target = scope.run_by(file)?.0.ok()?;
            (scope.begins(target) != Verdict::No).then_some((parent(&file.path), target))
        })
        .collect();
    let wanted: Vec<String> = names(scope, id).iter().map(|name| normalized(name)).collect();
    let bins: BTreeSet<TargetId> = built.iter().map(|(_, bin)| *bin).collect();
    let alike = bins.iter().filter(|bin| wanted.contains(&normalized(&scope.cargo.target(**bin).name)));
    let bins: Vec<TargetId> = bins.iter().copied().collect();
    if let Some(found) = one(alike.copied()).or_else(|| by_own_words(scope, id, &bins)) {
        return Some(found);
    }
    let around = around(scope.dir_of(id), |dir| built.iter().any(|(home, _)| is_within(home, dir)))?;
    let near: BTreeSet<TargetId> =
        built.iter().filter(|(home, _)| is_within(home, around)).map(|(_, bin)| *bin).collect();
    let only = one(near.into_iter())?;
    is_alone(scope, id, around).then_some(only)
}

/// The nearest directory around another for which something holds.
fn around(mut dir: &str, holds: impl Fn(&str) -> bool) -> Option<&str> {
    loop {
        if holds(dir) {
            return Some(dir);
        }
        if dir.is_empty() {
            return None;
        }
        dir = parent(dir);
    }
}

/// Whether no other function below a directory may run a Rust binary. One block that several roots use is one function;
/// deploy metadata of a package describes its binary and is none of its own.
fn is_alone(scope: &Scope<'_>, id: FunctionId, dir: &str) -> bool {
    let place = scope.deploy.function_span(id);
    scope.deploy.function_ids().all(|other| {
        let function = scope.deploy.function(other);
        let may_run = function.platform == Platform::AwsLambda && function.may_run_rust();
        !may_run
            || !is_within(scope.dir_of(other), dir)
            || scope.deploy.function_span(other) == place
            || scope.deploy.dialect_of(function.resource) == DialectId("cargo-lambda")
    })
}

fn is_image(scope: &Scope<'_>, id: FunctionId) -> bool {
    scope.deploy.function(id).package.kind == PackageType::Image
}

/// Whether the code directory of a function holds something else than a Rust package or what builds leave.
fn holds_other_code(scope: &Scope<'_>, id: FunctionId) -> bool {
    let function = scope.deploy.function(id);
    let Some(path) = function.package.path.one().filter(|_| !function.package.in_bucket) else { return false };
    let Some(dir) = join(scope.dir_of(id), path).filter(|dir| !dir.is_empty() && artifact_binary(path).is_none())
    else {
        return false;
    };
    let inside = format!("{dir}/");
    let packages = &scope.cargo.packages;
    if packages
        .iter()
        .any(|package| is_within(&package.dir, &dir) || is_within(&dir, &package.dir) && !package.dir.is_empty())
    {
        return false;
    }
    let left = |name: &str| name == "bootstrap" || name.ends_with(".zip") || name.starts_with('.');
    let mut files = scope.tree.files().iter().filter(|file| file.starts_with(&inside));
    files.any(|file| !left(file.rsplit('/').next().unwrap_or(file)))
}

/// A name without the words that only say that it is a function, in one spelling.
pub(super) fn normalized(name: &str) -> String {
    let mut out: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    for suffix in ["function", "lambda", "handler"] {
        if let Some(rest) = out.strip_suffix(suffix).filter(|rest| !rest.is_empty()) {
            out.truncate(rest.len());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{normalized, own};
    use crate::words;

    #[test]
    fn names_agree_across_spellings() {
        assert_eq!(normalized("PutOrderFunction"), normalized("put-order"));
        assert_eq!(normalized("put_order_lambda"), "putorder");
        assert_eq!(normalized("Function"), "function");
    }

    #[test]
    fn what_all_names_share_is_not_their_own() {
        let own_of = |names: &[&str], at: usize| {
            let split: Vec<Vec<String>> = names.iter().map(|name| words::lower(name)).collect();
            own(&split, at)
        };
        let list = own_of(&["web-lambda-blog-list", "web-lambda-publish"], 0);
        assert_eq!(list, ["weblambdabloglist", "lambdabloglist", "bloglist"]);
        assert_eq!(own_of(&["list_orders_fn", "put_fn"], 0), ["listordersfn", "listorders"]);
        assert_eq!(own_of(&["shop-list", "shop"], 0), ["shoplist"], "nothing would be left of one");
        assert_eq!(own_of(&["shop-list"], 0), ["shoplist"], "one name shares nothing");
    }
}
