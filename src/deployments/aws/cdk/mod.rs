//! The CDK: templates of an assembly, shown where the constructs are written; without an assembly, what the program
//! says. It is not run.

mod source;

use super::cloudformation::Translated;
use crate::deployments::dialect::{Dialect, Reading};
use crate::document::tree::{Doc, Kind, NodeId};
use crate::model::deployments::{Construct, DialectId};
use crate::model::{Gap, Project};
use crate::text::{FileId, Span, path};
use crate::tree::Tree;
use memchr::memmem;
use std::collections::{BTreeMap, HashMap};

/// The dialect.
pub(crate) const ID: DialectId = DialectId("cdk");

/// Languages CDK apps are written in.
const EXTENSIONS: &[&str] = &[".ts", ".js", ".mjs", ".py", ".java", ".go", ".cs"];
/// Arguments longer than this are not searched.
const MAX_ARGUMENTS: usize = 20_000;

/// Assemblies of CDK apps.
pub(crate) struct Cdk;

impl Dialect for Cdk {
    fn ids(&self) -> &[DialectId] {
        &[ID]
    }

    fn claims(&self, path: &str) -> bool {
        path == "cdk.json" || path.ends_with("/cdk.json")
    }

    fn read(&self, reading: &mut Reading<'_>) {
        let apps = reading.claimed(self);
        mark(reading.tree, &mut reading.templates, reading.project);
        let assemblies: Vec<String> = reading
            .templates
            .iter()
            .filter(|template| template.dialect == ID)
            .map(|template| template.path.clone())
            .collect();
        let synthesised = |dir: &str| {
            assemblies
                .iter()
                .any(|path| dir.is_empty() || path.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/')))
        };
        let followed = source::read(reading.tree, ID, &synthesised, reading.project);
        note_missing(&apps, &followed, &synthesised, reading.project);
        reading.templates.extend(followed.into_iter().filter_map(|app| app.template));
    }
}

/// Marks the templates of assemblies, and moves what they say to the source it comes from.
fn mark(tree: &dyn Tree, templates: &mut [Translated], project: &mut Project) {
    let in_assembly = |path: &str| {
        let manifest = match path::parent(path) {
            "" => "manifest.json".to_owned(),
            dir => format!("{dir}/manifest.json"),
        };
        path.ends_with(".template.json") && tree.contains(&manifest)
    };
    let mut any = false;
    for template in templates.iter_mut().filter(|template| in_assembly(&template.path)) {
        template.dialect = ID;
        any = true;
    }
    if !any {
        return;
    }
    // Assets are referred to from the app's directory, which is where `cdk.out` lies.
    let constructs = constructs(tree, project);
    let mut by_id: HashMap<&str, Vec<&Construct>> = HashMap::new();
    for construct in &constructs {
        by_id.entry(construct.id.as_str()).or_default().push(construct);
    }
    for template in templates.iter_mut().filter(|template| template.dialect == ID) {
        relocate(template, &by_id, project);
    }
    project.deploy.constructs = constructs;
}

/// Apps that were not synthesised: what their programs say may be less than they deploy.
fn note_missing(
    apps: &[&String],
    followed: &[source::Followed],
    synthesised: &dyn Fn(&str) -> bool,
    project: &mut Project,
) {
    let functions = |app: &source::Followed| app.template.is_some();
    for app in followed.iter().filter(|app| functions(app)) {
        let reason = "this CDK app has no `cdk.out`: what it deploys is read from its program as far as that is \
                      literal; `cdk synth` makes all of it known";
        project.gaps.push(Gap::file(&app.mark, reason));
    }
    let nothing = |mark: &str| !followed.iter().any(|app| app.mark == mark && functions(app));
    for &app in apps.iter().filter(|app| !synthesised(path::parent(app)) && nothing(app)) {
        let reason = "this CDK app has no `cdk.out`: run `cdk synth`, so that what it deploys is known";
        project.gaps.push(Gap::file(app, reason));
        project.deploy.unread.push(app.clone());
    }
}

/// Every construct with a literal id in the program texts.
fn constructs(tree: &dyn Tree, project: &mut Project) -> Vec<Construct> {
    let mut found = Vec::new();
    for path in tree.files().iter().filter(|path| EXTENSIONS.iter().any(|extension| path.ends_with(extension))) {
        let Ok(bytes) = tree.read(path) else { continue };
        let names = [&b"aws-cdk"[..], b"aws_cdk", b"awscdk", b"Amazon.CDK", b"software.amazon.awscdk"];
        if !names.iter().any(|name| memmem::find(&bytes, name).is_some()) {
            continue;
        }
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let file = project.sources.add(path, text.as_str().into());
        scan(file, path, &text, &mut found);
    }
    found
}

/// Calls whose second argument is a literal id: `new Queue(this, 'Jobs', {…})`, `Queue(self, "Jobs", …)`,
/// `Queue.Builder.create(this, "Jobs")`, `awssqs.NewQueue(stack, jsii.String("Jobs"), …)`.
fn scan(file: FileId, path: &str, text: &str, found: &mut Vec<Construct>) {
    let bytes = text.as_bytes();
    for (open, _) in text.match_indices('(') {
        let callee_start = text[..open]
            .rfind(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.'))
            .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
        let callee = &text[callee_start..open];
        let name = match callee.rsplit_once('.') {
            Some((rest, "create" | "Create")) => rest.trim_end_matches(".Builder").rsplit('.').next().unwrap_or(rest),
            Some((_, last)) => last,
            None => callee,
        };
        let name = name.strip_prefix("New").filter(|rest| rest.starts_with(char::is_uppercase)).unwrap_or(name);
        if !name.starts_with(char::is_uppercase) {
            continue;
        }
        // The scope is a bare word; anything longer is no construct.
        let Some(comma) = text[open + 1..].find(',').filter(|&at| at <= 60) else { continue };
        let scope = text[open + 1..open + 1 + comma].trim();
        if scope.is_empty() || !scope.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.')) {
            continue;
        }
        let after = open + 1 + comma + 1;
        let Some((id, start, end)) = leading_literal(text, after) else { continue };
        let close = closing(bytes, open).unwrap_or(end);
        // A builder goes on with its setters up to `build()`.
        let close = match text[close..].find(".build()") {
            Some(at) if callee.ends_with("create") && at < MAX_ARGUMENTS => close + at,
            _ => close,
        };
        let arguments = Span::new(file, end as u32, close as u32);
        let (manifest, binary, asset) = build(&text[end..close.max(end)]);
        let dir = path::parent(path).to_owned();
        let id_span = Span::new(file, start as u32, end as u32);
        found.push(Construct {
            kind: name.to_owned(),
            id: id.to_owned(),
            span: id_span,
            arguments,
            dir,
            manifest,
            binary,
            asset,
        });
    }
}

/// A string literal at the beginning of an argument, `jsii.String("…")` and `id="…"` included.
fn leading_literal(text: &str, from: usize) -> Option<(&str, usize, usize)> {
    let rest = &text[from..];
    let mut at = from + (rest.len() - rest.trim_start().len());
    for prefix in ["jsii.String(", "id=", "id:"] {
        if text[at..].starts_with(prefix) {
            at += prefix.len();
            at += text[at..].len() - text[at..].trim_start().len();
        }
    }
    let quote = text[at..].chars().next().filter(|c| matches!(c, '\'' | '"' | '`'))?;
    let length = text[at + 1..].find(quote)?;
    let id = &text[at + 1..at + 1 + length];
    let plain = !id.is_empty() && length <= 200 && !id.contains(['\n', '$', '{']);
    plain.then_some((id, at, at + 2 + length))
}

/// The parenthesis that closes the one at `open`, outside string literals.
fn closing(bytes: &[u8], open: usize) -> Option<usize> {
    let (mut depth, mut quote) = (0usize, None);
    let mut at = open;
    while at < bytes.len() && at < open + MAX_ARGUMENTS {
        match (quote, bytes[at]) {
            (Some(_), b'\\') => at += 1,
            (Some(open), byte) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, byte @ (b'"' | b'\'' | b'`')) => quote = Some(byte),
            (None, b'(') => depth += 1,
            (None, b')') => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// `manifestPath`, `binaryName` and the path of an asset, in any language's spelling.
fn build(arguments: &str) -> (Option<String>, Option<String>, Option<String>) {
    let manifest = setting(arguments, &["manifestPath", "manifest_path", "ManifestPath"]);
    let binary = setting(arguments, &["binaryName", "binary_name", "BinaryName"]);
    let asset = setting(arguments, &["fromAsset", "from_asset", "FromAsset", "AssetCode_FromAsset", "Code_FromAsset"]);
    (manifest, binary, asset)
}

/// The literals that follow a name, joined as `path.join` would.
fn setting(arguments: &str, names: &[&str]) -> Option<String> {
    let (at, name) = names.iter().find_map(|name| Some((arguments.find(name)?, name)))?;
    let rest = &arguments[at + name.len()..];
    let end = rest.find([';', '\n']).unwrap_or(rest.len());
    let line = &rest[..end];
    // Up to the next setting.
    let line = line.split(", bundling").next().unwrap_or(line);
    let mut parts: Vec<&str> = Vec::new();
    let mut left = line;
    while let Some(start) = left.find(['\'', '"', '`']) {
        let quote = left[start..].chars().next()?;
        let Some(length) = left[start + 1..].find(quote) else { break };
        parts.push(&left[start + 1..start + 1 + length]);
        left = &left[start + 2 + length..];
        // Another literal counts only if it continues a path.
        let joins =
            left.trim_start().starts_with(',') && line.contains("join(") && !left.trim_start().starts_with(", {");
        if !joins {
            break;
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// Moves the spans of a template's resources to their constructs.
fn relocate(template: &mut Translated, by_id: &HashMap<&str, Vec<&Construct>>, project: &Project) {
    let Some(section) = template.doc.get(template.root, "Resources") else { return };
    let resources = template.doc.entries(section).to_vec();
    let mut moved: BTreeMap<usize, Span> = BTreeMap::new();
    for (index, entry) in resources.iter().enumerate() {
        let Some((construct, own)) = construct_of(&template.doc, entry.value, by_id) else { continue };
        moved.insert(index, construct.span);
        if !own {
            move_all(&mut template.doc, entry.value, construct.span, 0);
            continue;
        }
        let arguments = project.sources.slice(construct.arguments).to_owned();
        move_all(&mut template.doc, entry.value, construct.span, 0);
        let Some(properties) = template.doc.get(entry.value, "Properties") else { continue };
        for index in 0..template.doc.entries(properties).len() {
            let property = template.doc.entries(properties)[index].clone();
            let place = written_at(&arguments, &property.key)
                .map(|(start, end)| {
                    let base = construct.arguments.start;
                    Span::new(construct.arguments.file, base + start as u32, base + end as u32)
                })
                .unwrap_or(construct.span);
            move_all(&mut template.doc, property.value, place, 0);
            if let Kind::Map(entries) = &mut template.doc.nodes[properties as usize].kind {
                entries[index].key_span = place;
            }
        }
    }
    if let Kind::Map(entries) = &mut template.doc.nodes[section as usize].kind {
        for (index, span) in moved {
            entries[index].key_span = span;
        }
    }
}

/// The construct a resource comes from, the nearest to the end of its path whose id occurs once in the sources, and
/// whether that is the resource's own and not one around it.
fn construct_of<'c>(
    doc: &Doc,
    node: NodeId,
    by_id: &HashMap<&str, Vec<&'c Construct>>,
) -> Option<(&'c Construct, bool)> {
    let path = doc.get(doc.get(node, "Metadata")?, "aws:cdk:path").and_then(|id| doc.text(id))?;
    let mut segments: Vec<&str> = path.split('/').collect();
    // The last segment is the resource itself, the first the stack.
    while matches!(segments.last(), Some(&("Resource" | "Default"))) {
        segments.pop();
    }
    segments.iter().skip(1).rev().enumerate().find_map(|(up, segment)| match by_id.get(segment).map(Vec::as_slice) {
        Some([only]) => Some((*only, up == 0)),
        _ => None,
    })
}

/// Where a property is written among the arguments: `visibilityTimeout:`, `visibility_timeout=`, `.visibilityTimeout(`.
fn written_at(arguments: &str, property: &str) -> Option<(usize, usize)> {
    let mut camel = property.to_owned();
    if let Some(first) = camel.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    let snake: String = camel
        .chars()
        .flat_map(|c| if c.is_uppercase() { vec!['_', c.to_ascii_lowercase()] } else { vec![c] })
        .collect();
    // Names under which the CDK takes what CloudFormation calls otherwise (AWS CDK API reference).
    let other = match property {
        "RedrivePolicy" | "DeadLetterConfig" => "deadLetterQueue",
        "MessageRetentionPeriod" => "retentionPeriod",
        "Architectures" => "architecture",
        "FifoQueue" => "fifo",
        "TracingConfig" => "tracing",
        "MaximumBatchingWindowInSeconds" => "maxBatchingWindow",
        _ => "",
    };
    [camel.as_str(), snake.as_str(), property, other].iter().filter(|name| name.len() > 2).find_map(|name| {
        arguments.match_indices(name).map(|(at, _)| at).find_map(|at| {
            let before = arguments[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_');
            let rest = &arguments[at + name.len()..];
            let after = rest.trim_start().starts_with([':', '=', '(']);
            (before && after).then_some((at, at + name.len()))
        })
    })
}

fn move_all(doc: &mut Doc, node: NodeId, span: Span, depth: u32) {
    if depth > 200 {
        return;
    }
    let target = &mut doc.nodes[node as usize];
    target.span = span;
    let children: Vec<NodeId> = match &mut target.kind {
        Kind::Seq(items) => items.clone(),
        Kind::Map(entries) => entries
            .iter_mut()
            .map(|entry| {
                entry.key_span = span;
                entry.value
            })
            .collect(),
        _ => Vec::new(),
    };
    for child in children {
        move_all(doc, child, span, depth + 1);
    }
}
