//! Apps that were not synthesised: their programs are followed as far as what they say is literal, and what they
//! construct is read as the template it would become.

mod alternatives;
mod aspects;
mod builtins;
mod calls;
mod common;
mod data;
mod deliveries;
mod document;
mod expressions;
mod functions;
mod go;
mod http;
mod java;
mod level1;
mod library;
mod lower;
mod machine;
mod merge;
mod methods;
mod objects;
mod paths;
mod policies;
mod programs;
mod python;
mod run;
mod settings;
mod states;
mod syntax;
mod targets;
mod typescript;
mod value;

use self::machine::Machine;
use self::programs::{Programs, is_program};
use self::value::{Args, ClassValue, Kind, Value};
use crate::deployments::aws::cloudformation::Translated;
use crate::model::deployments::DialectId;
use crate::model::{Gap, Project};
use crate::text::{FileId, Span, path};
use crate::tree::Tree;
use memchr::memmem;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

/// Directories that hold what is installed, generated, or tests.
const OTHERS: &[&str] = &[
    "node_modules",
    "cdk.out",
    "dist",
    "test",
    "tests",
    "__tests__",
    "site-packages",
    ".venv",
    "venv",
    "target",
    "__mocks__",
];
/// Files that say where a program of their directory runs, the likeliest first.
const MARKS: &[&str] = &[
    "cdk.json",
    "package.json",
    "pyproject.toml",
    "requirements.txt",
    "setup.py",
    "go.mod",
    "pom.xml",
    "build.gradle",
];
/// What a program that uses the library says.
const NAMES: &[&[u8]] = &[
    b"aws-cdk-lib",
    b"@aws-cdk/",
    b"aws_cdk",
    b"cargo-lambda-cdk",
    b"cargo_lambda_cdk",
    b"aws-cdk-go",
    b"software.amazon.awscdk",
];

/// An app that was followed.
pub(crate) struct Followed {
    /// The file it is known by.
    pub(crate) mark: String,
    /// What it constructs; none if that is nothing.
    pub(crate) template: Option<Translated>,
}

/// Whether a file may be a part of an app's program.
fn is_candidate(tree: &dyn Tree, file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    let test =
        name.contains(".test.") || name.contains(".spec.") || name.starts_with("test_") || name.ends_with("_test.go");
    is_program(file)
        && !test
        && !path::parent(file).split('/').any(|part| OTHERS.contains(&part))
        && tree.read(file).is_ok_and(|bytes| NAMES.iter().any(|name| memmem::find(&bytes, name).is_some()))
}

/// The programs of apps by the file each app is known by.
fn apps(tree: &dyn Tree) -> BTreeMap<(bool, String), Vec<String>> {
    let files: Vec<&String> = tree.files().par_iter().filter(|file| is_candidate(tree, file)).collect();
    let mut apps: BTreeMap<(bool, String), Vec<String>> = BTreeMap::new();
    for file in files {
        let at = |dir: &str, mark: &str| if dir.is_empty() { mark.to_owned() } else { format!("{dir}/{mark}") };
        let found = MARKS.iter().find_map(|mark| {
            let mut dir = path::parent(file);
            loop {
                let marked = at(dir, mark);
                if tree.contains(&marked) {
                    return Some(marked);
                }
                if dir.is_empty() {
                    return None;
                }
                dir = path::parent(dir);
            }
        });
        let mark = found.unwrap_or_else(|| file.clone());
        // Those that say how they are run come first: what they import is theirs.
        apps.entry((!mark.ends_with("cdk.json"), mark)).or_default().push(file.clone());
    }
    apps
}

/// Follows every app but those whose directory was synthesised.
pub(crate) fn read(
    tree: &dyn Tree,
    dialect: DialectId,
    synthesised: &dyn Fn(&str) -> bool,
    project: &mut Project,
) -> Vec<Followed> {
    let mut followed = Vec::new();
    let mut gaps: Vec<(Span, String)> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    {
        let mut programs = Programs::new(tree, &mut project.sources);
        for ((_, mark), files) in apps(tree) {
            let dir = path::parent(&mark);
            if synthesised(dir) || files.iter().all(|file| seen.contains(file)) {
                continue;
            }
            let mut machine = Machine::new(&mut programs, dir.to_owned());
            let file = follow(&mut machine, &mark, &files, &seen);
            merge::stacks(&mut machine);
            let template = file.and_then(|file| document::document(&machine, file)).map(|(doc, root)| Translated {
                path: mark.clone(),
                dialect,
                doc,
                root,
                region: None,
                aliases: Vec::new(),
                given: Default::default(),
            });
            let files = machine.modules.keys().filter_map(|file| machine.programs.sources.find(file));
            project.deploy.followed.extend(files);
            seen.extend(machine.modules.keys().cloned());
            gaps.append(&mut machine.gaps);
            followed.push(Followed { mark, template });
        }
    }
    gaps.sort_by_key(|(span, _)| (span.file, span.start));
    gaps.dedup();
    for (span, reason) in gaps {
        let gap = Gap::at(&project.sources, span, reason);
        project.gaps.push(gap);
    }
    followed
}

/// The context with which the library makes a log group for each function (aws-cdk-lib, cx-api/lib/features.ts).
const LOG_GROUPS: &str = "@aws-cdk/aws-lambda:useCdkManagedLogGroup";

/// Runs the modules of an app, and then makes the stacks that nothing made.
fn follow(machine: &mut Machine<'_, '_>, mark: &str, files: &[String], seen: &HashSet<String>) -> Option<FileId> {
    machine.log_groups = settings::is_on(machine.programs.tree, mark, LOG_GROUPS);
    let entry = settings::entry(machine.programs.tree, mark, is_program);
    if let Some(entry) = &entry {
        machine.module(entry);
    }
    // An app whose first file makes its functions is what that file leads to. What else makes an app is one too.
    let is_whole = machine.constructs.iter().any(|made| made.type_name.as_deref() == Some("AWS::Lambda::Function"));
    for file in files.iter().filter(|file| !seen.contains(*file)) {
        if !is_whole || makes_app(machine.programs.tree, file) {
            machine.module(file);
        }
    }
    let file = files.iter().find_map(|file| machine.programs.sources.find(file))?;
    let place = Span::new(file, 0, 0);
    let left: Vec<Rc<ClassValue>> = machine.classes.iter().filter(|class| !class.used.get()).cloned().collect();
    let extended = |class: &Rc<ClassValue>| {
        left.iter()
            .any(|other| matches!(&other.base, Some(Value { kind: Kind::Class(base), .. }) if Rc::ptr_eq(base, class)))
    };
    let mut root = None;
    for kind in ["core.Stage", "core.Stack"] {
        for class in left.iter().filter(|class| is_a(class, kind) && !extended(class)) {
            // A stage makes stacks.
            let own = class.scope.path();
            if class.used.get() || !files.iter().any(|file| **file == *own) {
                continue;
            }
            if is_whole && !is_named_elsewhere(machine, &class.class.name, &own) {
                continue;
            }
            let root = *root.get_or_insert_with(|| {
                let app = machine.add("core.App", None, None, place, Value::null(place));
                machine.construct_mut(app).path = "".into();
                app
            });
            let span = class.class.span;
            let unknown = Value::opaque("is passed when the stack is made", span);
            let items = vec![Value::new(Kind::Construct(root), span), Value::text(&*class.class.name, span), unknown];
            // Further parameters are no more known than the properties.
            let more = class.class.constructor.as_ref().map_or(0, |constructor| constructor.params.len());
            let unknown = Value::opaque("is passed when the stack is made", span);
            let items = items.into_iter().chain((3..more.max(3)).map(|_| unknown.clone())).collect();
            machine.instantiate(class, Args { items, ..Args::default() }, span);
        }
    }
    machine.visit();
    Some(file)
}

/// Whether a program makes an app of its own.
fn makes_app(tree: &dyn Tree, file: &str) -> bool {
    tree.read(file).is_ok_and(|bytes| [&b"App("[..], b"App::"].iter().any(|call| memmem::find(&bytes, call).is_some()))
}

/// Whether another module that ran names a class.
fn is_named_elsewhere(machine: &Machine<'_, '_>, name: &str, own: &str) -> bool {
    let others = machine.modules.keys().filter(|file| file.as_str() != own);
    let texts = others.filter_map(|file| machine.programs.sources.find(file));
    texts.into_iter().any(|id| memmem::find(machine.programs.sources.text(id).as_bytes(), name.as_bytes()).is_some())
}

/// Whether a class extends one of the library.
fn is_a(class: &Rc<ClassValue>, wanted: &str) -> bool {
    let mut next = Some(Rc::clone(class));
    for _ in 0..16 {
        let Some(class) = next else { return false };
        next = match &class.base {
            Some(Value { kind: Kind::Class(base), .. }) => Some(Rc::clone(base)),
            Some(Value { kind: Kind::Library(path), .. }) => return &**path == wanted,
            _ => None,
        };
    }
    false
}
