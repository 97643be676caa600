//! The files construct programs are in: found, read, parsed once.

use super::settings::Aliases;
use super::syntax::Module;
use super::syntax::{Expr, ExprKind, Stmt, StmtKind};
use super::{go, java, python, typescript};
use crate::text::Span;
use crate::text::{FileId, SourceMap, path};
use crate::tree::Tree;
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// Extensions of the languages that are read.
const EXTENSIONS: &[&str] = &[".ts", ".mts", ".js", ".mjs", ".cjs", ".py", ".go", ".java"];
/// Programs larger than this are bundles, not written by hand.
const MAX_BYTES: usize = 1 << 20;

/// Classes of one package that are looked at.
const MAX_SIBLINGS: usize = 200;

/// A parsed file.
pub(crate) type Parsed = (FileId, Arc<Module>);

/// The programs of a tree.
pub(crate) struct Programs<'t> {
    pub(crate) tree: &'t dyn Tree,
    pub(crate) sources: &'t mut SourceMap,
    parsed: HashMap<String, Option<Parsed>>,
    /// What names of modules stand for, by directory.
    aliases: RefCell<HashMap<String, Rc<Aliases>>>,
    /// Files of Java by their names, each list in the order of the tree.
    classes: OnceCell<HashMap<&'t str, Vec<&'t str>>>,
}

/// Whether a file is in a language that is read, and is no declaration.
pub(crate) fn is_program(file: &str) -> bool {
    EXTENSIONS.iter().any(|extension| file.ends_with(extension)) && !file.ends_with(".d.ts")
}

/// Whether a file is in a language whose modules may say what they export while they run.
pub(crate) fn is_script(file: &str) -> bool {
    [".js", ".cjs", ".ts"].iter().any(|extension| file.ends_with(extension))
}

impl<'t> Programs<'t> {
    pub(crate) fn new(tree: &'t dyn Tree, sources: &'t mut SourceMap) -> Self {
        Self { tree, sources, parsed: HashMap::new(), aliases: RefCell::default(), classes: OnceCell::new() }
    }

    /// The program a file holds.
    pub(crate) fn parse(&mut self, file: &str) -> Option<Parsed> {
        if let Some(known) = self.parsed.get(file) {
            return known.clone();
        }
        let parsed = self.read(file);
        self.parsed.insert(file.to_owned(), parsed.clone());
        parsed
    }

    fn read(&mut self, file: &str) -> Option<Parsed> {
        if file.ends_with(".go") {
            return self.package(file);
        }
        let text = self.text(file)?;
        let id = self.id(file, &text);
        if file.ends_with(".java") {
            return Some((id, Arc::new(java::read(id, &text, &self.siblings(file)))));
        }
        let module = if file.ends_with(".py") { python::read(id, &text) } else { typescript::read(id, &text) };
        Some((id, Arc::new(module)))
    }

    /// The classes beside one of Java.
    fn siblings(&self, file: &str) -> Vec<String> {
        let own = |other: &&String| *other != file && other.ends_with(".java");
        let names = beside(self.tree, path::parent(file)).filter(own).filter_map(|other| other.rsplit('/').next());
        names.filter_map(|name| name.strip_suffix(".java")).take(MAX_SIBLINGS).map(str::to_owned).collect()
    }

    fn classes(&self) -> &HashMap<&'t str, Vec<&'t str>> {
        self.classes.get_or_init(|| {
            let mut classes: HashMap<&str, Vec<&str>> = HashMap::new();
            for file in self.tree.files().iter().filter(|file| file.ends_with(".java")) {
                classes.entry(file.rsplit('/').next().unwrap_or(file)).or_default().push(file);
            }
            classes
        })
    }

    fn text(&self, file: &str) -> Option<String> {
        self.tree.text(file).ok().filter(|text| text.len() <= MAX_BYTES)
    }

    fn id(&mut self, file: &str, text: &str) -> FileId {
        match self.sources.find(file) {
            Some(id) => id,
            None => self.sources.add(file, text.into()),
        }
    }

    /// The files of a directory are one package of Go, known by the first of them.
    fn package(&mut self, file: &str) -> Option<Parsed> {
        let mut body: Vec<Stmt> = Vec::new();
        let mut first = None;
        for file in go_files(self.tree, path::parent(file)) {
            let Some(text) = self.text(&file) else { continue };
            let id = self.id(&file, &text);
            first.get_or_insert(id);
            body.extend(go::read(id, &text));
        }
        let first = first?;
        let is_main = |name: Option<&str>| name == Some("main");
        let main = |stmt: &Stmt| matches!(&stmt.kind, StmtKind::Function(known) if is_main(known.name.as_deref()));
        if body.iter().any(main) {
            let span = Span::new(first, 0, 0);
            let main = Expr::new(ExprKind::Name("main".into()), span);
            let call = Expr::new(ExprKind::Call(Box::new(main), Vec::new()), span);
            body.push(Stmt { kind: StmtKind::Expr(call), span });
        }
        Some((first, Arc::new(Module { body })))
    }

    /// The file a module is known by.
    pub(crate) fn canonical(&self, file: &str) -> String {
        match file.ends_with(".go") {
            true => go_files(self.tree, path::parent(file)).into_iter().next().unwrap_or_else(|| file.to_owned()),
            false => file.to_owned(),
        }
    }

    /// The file a module of the project is in, as another names it; none for libraries.
    pub(crate) fn resolve(&self, from: &str, importer: &str, app: &str) -> Option<String> {
        let dir = path::parent(importer);
        if importer.ends_with(".py") {
            let dots = from.len() - from.trim_start_matches('.').len();
            let rest = from[dots..].replace('.', "/");
            let starts = match dots {
                0 => vec![app.to_owned(), dir.to_owned()],
                _ => vec![(1..dots).fold(dir.to_owned(), |dir, _| path::parent(&dir).to_owned())],
            };
            return starts.iter().find_map(|start| {
                let base = path::join(start, &rest)?;
                [format!("{base}.py"), format!("{base}/__init__.py")].into_iter().find(|file| self.tree.contains(file))
            });
        }
        if importer.ends_with(".java") {
            if from.starts_with('.') {
                return path::join(dir, &format!("{from}.java")).filter(|file| self.tree.contains(file));
            }
            let end = format!("/{}.java", from.replace('.', "/"));
            let name = end.rsplit('/').next()?;
            return self.classes().get(name)?.iter().find(|file| file.ends_with(&end)).map(|&file| file.to_owned());
        }
        if importer.ends_with(".go") {
            // What stands before the directory is the name of the module in `go.mod`.
            let mut rest = from;
            while let Some((_, inner)) = rest.split_once('/') {
                let dir = path::join(app, inner)?;
                if let Some(file) = go_files(self.tree, &dir).into_iter().next() {
                    return Some(file);
                }
                rest = inner;
            }
            return None;
        }
        if !from.starts_with('.') {
            let known = self.aliases.borrow().get(dir).map(Rc::clone);
            let aliases = known.unwrap_or_else(|| {
                let read = Rc::new(Aliases::above(self.tree, dir));
                self.aliases.borrow_mut().insert(dir.to_owned(), Rc::clone(&read));
                read
            });
            return aliases.places(from).into_iter().find_map(|place| self.script(&place));
        }
        self.script(&path::join(dir, from)?)
    }

    /// A file that a program names from where it stands, if there is one.
    pub(crate) fn beside(&self, from: &str, importer: &str) -> Option<String> {
        path::join(path::parent(importer), from).filter(|file| from.starts_with('.') && self.tree.contains(file))
    }

    /// The file a path without its extension means.
    fn script(&self, base: &str) -> Option<String> {
        let stem = [".js", ".mjs", ".cjs"].iter().find_map(|extension| base.strip_suffix(extension)).unwrap_or(base);
        let exact = self.tree.contains(base).then(|| base.to_owned()).filter(|file| is_program(file));
        exact.or_else(|| {
            let direct = EXTENSIONS.iter().map(|extension| format!("{stem}{extension}"));
            let index = EXTENSIONS.iter().map(|extension| format!("{base}/index{extension}"));
            direct.chain(index).find(|file| self.tree.contains(file))
        })
    }
}

/// The files of a package of Go.
fn go_files(tree: &dyn Tree, dir: &str) -> Vec<String> {
    beside(tree, dir).filter(|file| file.ends_with(".go") && !file.ends_with("_test.go")).cloned().collect()
}

/// The files of a directory itself. The list is sorted, so that those below it stand together.
fn beside<'t>(tree: &'t dyn Tree, dir: &str) -> impl Iterator<Item = &'t String> {
    let (files, below) = (tree.files(), if dir.is_empty() { String::new() } else { format!("{dir}/") });
    let first = files.partition_point(|file| file.as_str() < below.as_str());
    let inside = files[first..].iter().map_while(move |file| Some((file, file.strip_prefix(&below)?)));
    inside.filter(|(_, rest)| !rest.contains('/')).map(|(file, _)| file)
}

/// The path under which a module of the AWS CDK or of a library is known here, in whatever language it is named:
/// `lambda` for `aws-cdk-lib/aws-lambda`, `@aws-cdk/aws-lambda` and `aws_cdk.aws_lambda`.
pub(crate) fn library(from: &str) -> String {
    let core = [
        "aws-cdk-lib",
        "@aws-cdk/core",
        "aws_cdk",
        "aws_cdk.core",
        "constructs",
        "software.constructs",
        "aws-cdk-lib/core",
    ];
    if core.contains(&from) {
        return "core".to_owned();
    }
    if let Some(rest) = from.strip_prefix("github.com/aws/aws-cdk-go/awscdk") {
        let module = rest.trim_start_matches('/').split('/').find(|part| part.starts_with("aws"));
        return module.map_or_else(|| "core".to_owned(), service);
    }
    if let Some(rest) = from.strip_prefix("software.amazon.awscdk") {
        let module = rest.strip_prefix(".services.").map(|module| service(&module.replace('.', "")));
        return module.unwrap_or_else(|| "core".to_owned());
    }
    let module = ["aws-cdk-lib/", "@aws-cdk/", "aws_cdk."].iter().find_map(|prefix| from.strip_prefix(prefix));
    match module {
        Some(module) => service(module.split(['/', '.']).next().unwrap_or(module)),
        None => match from {
            "cargo-lambda-cdk" | "cargo_lambda_cdk" => "cargolambda".to_owned(),
            "path" | "node:path" | "path/posix" => "node.path".to_owned(),
            "github.com/cargo-lambda/cargo-lambda-cdk/cargolambdacdk" => "cargolambda".to_owned(),
            _ if from.starts_with("github.com/aws/constructs-go/") => "core".to_owned(),
            "path/filepath" => "node.path".to_owned(),
            "fs" | "node:fs" | "fs-extra" => "node.fs".to_owned(),
            "url" | "node:url" => "node.url".to_owned(),
            "os.path" => "py.os.path".to_owned(),
            "os" | "pathlib" | "json" | "tomllib" => format!("py.{from}"),
            _ => format!("other:{from}"),
        },
    }
}

/// `aws-lambda-event-sources`, `aws_lambda_event_sources` and `awsLambdaEventSources` as one.
pub(crate) fn service(module: &str) -> String {
    let plain: String = module.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    plain.strip_prefix("aws").map_or(plain.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::library;

    #[test]
    fn a_module_has_one_name_in_all_languages() {
        for from in ["aws-cdk-lib/aws-lambda-event-sources", "aws_cdk.aws_lambda_event_sources"] {
            assert_eq!(library(from), "lambdaeventsources");
        }
        assert_eq!(library("@aws-cdk/aws-sqs"), "sqs");
        assert_eq!(library("constructs"), "core");
        assert_eq!(library("lodash"), "other:lodash");
    }
}
