//! What the languages and their own libraries bring: lists, texts, objects, paths, JSON, the environment.

use super::data::is_data;
use super::machine::Machine;
use super::paths;
use super::syntax::Word;
use super::value::{Args, Entry, Kind, Map, Scope, Text, Value};
use crate::text::{Span, path};
use std::rc::Rc;

/// Names that every module sees.
const GLOBALS: &[&str] = &[
    "Object",
    "JSON",
    "process",
    "Math",
    "String",
    "Number",
    "Boolean",
    "Array",
    "console",
    "require",
    "Promise",
    "str",
    "int",
    "float",
    "bool",
    "list",
    "tuple",
    "dict",
    "set",
    "range",
    "enumerate",
    "zip",
    "len",
    "sorted",
    "print",
    "isinstance",
    "getattr",
    "open",
    "Set",
    "Map",
    "Error",
    "sum",
    "min",
    "max",
];

impl Machine<'_, '_> {
    /// A name nothing in the program binds.
    pub(crate) fn global(&mut self, name: &Word, scope: &Rc<Scope>, span: Span) -> Value {
        let file = scope.path();
        match &**name {
            "__dirname" => Value::text(paths::rooted(path::parent(&file)), span),
            "__filename" | "__file__" => Value::text(paths::rooted(&file), span),
            // What a module of the newer kind knows of itself.
            "import.meta" => {
                let own = Value::text(paths::rooted(&file), span);
                let dir = Value::text(paths::rooted(path::parent(&file)), span);
                let map = Map::default().with("url", span, own.clone()).with("filename", span, own);
                Value::map(map.with("dirname", span, dir), span)
            }
            "__name__" => Value::text("__main__", span),
            super::typescript::RANGE => Value::library("js.range", span),
            name if GLOBALS.contains(&name) => Value::library(format!("js.{name}"), span),
            name => Value::opaque(format!("`{name}` is not defined in this program"), span),
        }
    }

    /// Parts of a path, joined.
    pub(crate) fn joined_path(&mut self, parts: &[Value], span: Span) -> Value {
        paths::joined(parts, span)
    }

    /// A function of a language's own library; none if it is not known.
    pub(crate) fn builtin(&mut self, path: &str, args: &Args, span: Span) -> Option<Value> {
        let first = args.items.first();
        let text = |index: usize| args.items.get(index).and_then(Value::as_text);
        Some(match path {
            "node.path.join" | "node.path.resolve" | "py.os.path.join" => paths::joined(&args.items, span),
            "node.path.dirname" | "py.os.path.dirname" => match text(0) {
                Some(text) => Value::text(paths::dirname(&text), span),
                None => return None,
            },
            "node.path.basename" | "py.os.path.basename" => {
                let text = text(0)?;
                Value::text(text.rsplit('/').next().unwrap_or(&text), span)
            }
            "node.url.fileURLToPath"
            | "py.os.path.abspath"
            | "py.os.path.realpath"
            | "py.os.path.normpath"
            | "py.pathlib.Path" => first?.clone(),
            "js.process.cwd" | "py.os.getcwd" | "py.pathlib.Path.cwd" => Value::text(paths::rooted(&self.app), span),
            "py.os.getenv" | "py.os.environ.get" => {
                let name = text(0)?;
                Value::new(Kind::External(format!("environment variable {name}").into()), span)
            }
            "js.JSON.parse"
            | "py.json.load"
            | "py.json.loads"
            | "py.tomllib.load"
            | "py.tomllib.loads"
            | "other:js-yaml.load"
            | "other:yaml.load"
            | "other:yaml.safeLoad"
            | "other:yaml.parse"
            | "other:yaml.fullLoad" => self.parsed(first?)?,
            "node.fs.readFileSync" | "js.open" => self.content(first?)?,
            "js.JSON.stringify" | "py.json.dumps" | "js.String" | "js.str" | "js.Object.freeze" | "js.list"
            | "js.tuple" | "js.sorted" => first?.clone(),
            "js.int" | "js.Number" | "js.float" => match &first?.kind {
                Kind::Number(_) => first?.clone(),
                Kind::Text(text) => Value::number(text.trim().parse().ok()?, span),
                _ => return None,
            },
            "js.Object.keys" => self.pairs(first?, |key, _| key, span)?,
            "js.Object.values" => self.pairs(first?, |_, value| value, span)?,
            "js.Object.entries" => self.pairs(first?, |key, value| Value::list(vec![key, value], span), span)?,
            "js.Object.assign" => {
                let mut all = Map::default();
                for item in &args.items {
                    match &item.kind {
                        Kind::Map(map) => all.extend(&map.borrow()),
                        _ => all.open = Some(item.reason()),
                    }
                }
                // The first is changed in place.
                if let Kind::Map(map) = &first?.kind {
                    *map.borrow_mut() = all;
                    return Some(first?.clone());
                }
                Value::map(all, span)
            }
            "js.Object.fromEntries" | "js.dict" => {
                let mut map = args.named.clone();
                match first {
                    None => {}
                    Some(Value { kind: Kind::Map(more), .. }) => map.extend(&more.borrow()),
                    Some(list) => {
                        for pair in list.items()? {
                            let pair = pair.items()?;
                            let [key, value] = pair.as_slice() else { return None };
                            let (key, key_span) = (key.as_text()?, key.span);
                            map.set(Entry { key, key_span, value: value.clone() });
                        }
                    }
                }
                Value::map(map, span)
            }
            "js.range" => {
                let numbers: Option<Vec<f64>> = args.items.iter().map(Value::as_number).collect();
                let (from, to) = match numbers?.as_slice() {
                    [to] => (0.0, *to),
                    [from, to] => (*from, *to),
                    _ => return None,
                };
                // Counted before they are made.
                let count = (to - from).max(0.0);
                if count > super::value::MAX_ITEMS as f64 {
                    return None;
                }
                Value::list((0..count as u32).map(|at| Value::number(from + f64::from(at), span)).collect(), span)
            }
            // Go's `range`: positions and items of a list, keys and values of a map.
            "js.range.entries" => match first?.items() {
                Some(items) => {
                    let pair = |(at, item)| Value::list(vec![Value::number(at as f64, span), item], span);
                    Value::list(items.into_iter().enumerate().map(pair).collect(), span)
                }
                None => self.pairs(first?, |key, value| Value::list(vec![key, value], span), span)?,
            },
            "js.enumerate" => {
                let items = first?.items()?.into_iter().enumerate();
                let pair = |(at, item)| Value::list(vec![Value::number(at as f64, span), item], span);
                Value::list(items.map(pair).collect(), span)
            }
            "js.zip" => {
                let (a, b) = (first?.items()?, args.items.get(1)?.items()?);
                let pair = |(a, b)| Value::list(vec![a, b], span);
                Value::list(a.into_iter().zip(b).map(pair).collect(), span)
            }
            "js.isinstance" => Value::truth(self.is_instance(first?, args.items.get(1)?)?, span),
            "js.len" => Value::number(first?.items()?.len() as f64, span),
            "js.Math.max" | "js.Math.min" | "js.max" | "js.min" => {
                let one = args.items.len() == 1;
                let items = if one { first?.items()? } else { args.items.clone() };
                let numbers: Option<Vec<f64>> = items.iter().map(Value::as_number).collect();
                let numbers = numbers?.into_iter();
                let found = if path.ends_with("max") { numbers.reduce(f64::max) } else { numbers.reduce(f64::min) };
                Value::number(found?, span)
            }
            "js.Math.floor" => Value::number(first?.as_number()?.floor(), span),
            "js.Math.ceil" => Value::number(first?.as_number()?.ceil(), span),
            "js.Math.round" => Value::number(first?.as_number()?.round(), span),
            "js.Array" => {
                let count = Args { items: vec![Value::number(0.0, span), first?.clone()], ..Args::default() };
                self.builtin("js.range", &count, span)?
            }
            "js.Array.from" => {
                let list = match first?.property("length") {
                    Some(length) => self.builtin("js.Array", &Args { items: vec![length], ..Args::default() }, span)?,
                    None => first?.clone(),
                };
                match (list.items()?, args.items.get(1)) {
                    (_, None) => list,
                    (items, Some(each)) => {
                        let holes = first?.property("length").is_some();
                        let made = items.into_iter().enumerate().map(|(at, item)| {
                            let item = if holes { Value::null(span) } else { item };
                            let items = vec![item, Value::number(at as f64, span)];
                            self.call(each, Args { items, ..Args::default() }, span)
                        });
                        Value::list(made.collect(), span)
                    }
                }
            }
            "js.Map" => match first {
                None => Value::map(Map::default(), span),
                Some(list) => {
                    self.builtin("js.Object.fromEntries", &Args { items: vec![list.clone()], ..Args::default() }, span)?
                }
            },
            "js.require" => {
                let from = text(0)?;
                let importer = self.programs.sources.path(span.file).to_owned();
                let file = is_data(&from).then(|| self.programs.beside(&from, &importer)).flatten();
                match file.and_then(|file| self.data(&file)) {
                    Some(data) => data,
                    None => self.required(&from, &importer, span),
                }
            }
            path if path.starts_with("js.console.") || path == "js.print" => Value::null(span),
            _ => return None,
        })
    }

    /// A method of a value that no class of the program has.
    pub(crate) fn call_member(&mut self, object: &Value, name: &Text, args: Args, span: Span) -> Value {
        match &object.kind {
            Kind::List(items) => {
                let items = Rc::clone(items);
                self.list_method(object, &items, name, args, span)
            }
            Kind::Map(map) => {
                let map = Rc::clone(map);
                self.map_method(object, &map, name, args, span)
            }
            Kind::Text(text) => text_method(text, name, &args, span),
            Kind::Closure(_) if &**name == "bind" => object.clone(),
            Kind::Closure(_) if &**name == "call" => {
                let args = Args { items: args.items.into_iter().skip(1).collect(), named: args.named };
                self.call(object, args, span)
            }
            _ => self.library_method(object, name, args, span),
        }
    }

    fn list_method(
        &mut self,
        list: &Value,
        items: &Rc<std::cell::RefCell<Vec<Value>>>,
        name: &str,
        args: Args,
        span: Span,
    ) -> Value {
        let known: Vec<Value> = items.borrow().clone();
        let first = args.items.first().cloned();
        let unknown = || Value::opaque("is computed when the program runs", span);
        match (name, first) {
            ("map" | "forEach" | "flatMap" | "filter" | "find", Some(each)) => {
                if !self.may_pass(known.len()) {
                    return unknown();
                }
                let mut made = Vec::new();
                for (at, item) in known.into_iter().enumerate() {
                    let args = vec![item.clone(), Value::number(at as f64, span)];
                    let result = self.call(&each, Args { items: args, ..Args::default() }, span);
                    match name {
                        "filter" | "find" => match result.truthy() {
                            Some(true) if name == "find" => return item,
                            Some(true) => made.push(item),
                            Some(false) => {}
                            None => return unknown(),
                        },
                        "flatMap" => match result.items() {
                            Some(inner) => made.extend(inner),
                            None => made.push(result),
                        },
                        _ => made.push(result),
                    }
                }
                if name == "find" { Value::null(span) } else { Value::list(made, span) }
            }
            ("push" | "append", Some(_)) => {
                if items.borrow().len() + args.items.len() <= super::value::MAX_ITEMS {
                    items.borrow_mut().extend(args.items);
                }
                Value::null(span)
            }
            ("extend", Some(more)) => {
                let more = more.items().unwrap_or_else(|| vec![Value::opaque(more.reason(), span)]);
                if items.borrow().len() + more.len() <= super::value::MAX_ITEMS {
                    items.borrow_mut().extend(more);
                }
                Value::null(span)
            }
            ("concat", _) => {
                let mut all = known;
                for more in args.items {
                    match more.items() {
                        Some(more) => all.extend(more),
                        None => all.push(more),
                    }
                }
                Value::list(all, span)
            }
            ("join", separator) => {
                let separator = separator.and_then(|text| text.as_text()).unwrap_or_else(|| ",".into());
                let mut parts = Vec::new();
                for (at, item) in known.into_iter().enumerate() {
                    if at > 0 {
                        parts.push(Value::text(Rc::clone(&separator), span));
                    }
                    parts.push(item);
                }
                Value::joined(parts, span)
            }
            ("entries", _) => {
                let pair = |(at, item)| Value::list(vec![Value::number(at as f64, span), item], span);
                Value::list(known.into_iter().enumerate().map(pair).collect(), span)
            }
            ("slice", Some(_)) => {
                let bounds: Option<Vec<f64>> = args.items.iter().map(Value::as_number).collect();
                let Some(bounds) = bounds else { return unknown() };
                let count = known.len() as f64;
                let place = |at: f64| if at < 0.0 { (count + at).max(0.0) } else { at.min(count) } as usize;
                let from = place(bounds[0]);
                let to = bounds.get(1).map_or(known.len(), |&to| place(to));
                Value::list(known.get(from..to.max(from)).unwrap_or_default().to_vec(), span)
            }
            ("keys", None) => Value::list((0..known.len()).map(|at| Value::number(at as f64, span)).collect(), span),
            ("values", None) => list.clone(),
            ("fill", Some(item)) => Value::list(known.iter().map(|_| item.clone()).collect(), span),
            ("slice", None) => Value::list(known, span),
            ("reverse", None) => {
                items.borrow_mut().reverse();
                list.clone()
            }
            ("sort", None) => list.clone(),
            ("at", Some(Value { kind: Kind::Number(at), .. })) => {
                let at = if at < 0.0 { at + known.len() as f64 } else { at };
                known.get(at as usize).cloned().unwrap_or_else(|| Value::null(span))
            }
            ("includes", Some(wanted)) => {
                let same: Vec<Option<bool>> = known.iter().map(|item| item.same(&wanted)).collect();
                match (same.contains(&Some(true)), same.contains(&None)) {
                    (true, _) => Value::truth(true, span),
                    (false, false) => Value::truth(false, span),
                    (false, true) => unknown(),
                }
            }
            _ => unknown(),
        }
    }
}

fn text_method(text: &Text, name: &str, args: &Args, span: Span) -> Value {
    let at = |index: usize| args.items.get(index).and_then(Value::as_text);
    let made = match (name, at(0), at(1)) {
        ("toString" | "trim" | "strip" | "resolve" | "absolute" | "asPosix", None, _) => Some(text.trim().to_owned()),
        ("toLowerCase" | "lower", ..) => Some(text.to_lowercase()),
        ("toUpperCase" | "upper", ..) => Some(text.to_uppercase()),
        ("capitalize", ..) => {
            let mut chars = text.chars();
            chars.next().map(|first| first.to_uppercase().chain(chars.flat_map(char::to_lowercase)).collect())
        }
        ("title", ..) if text.chars().all(char::is_alphabetic) => {
            let mut chars = text.chars();
            chars.next().map(|first| first.to_uppercase().chain(chars.flat_map(char::to_lowercase)).collect())
        }
        ("replaceAll", Some(from), Some(to)) if !from.is_empty() => Some(text.replace(&*from, &to)),
        // JavaScript's replaces the first only; where there is one at most both are the same.
        ("replace", Some(from), Some(to)) if text.matches(&*from).count() <= 1 => Some(text.replace(&*from, &to)),
        ("charAt", ..) => {
            args.items.first().and_then(Value::as_number).and_then(|at| text.chars().nth(at as usize).map(String::from))
        }
        ("slice" | "substring", ..) if args.items.len() == 1 => {
            let from = args.items.first().and_then(Value::as_number).filter(|from| *from >= 0.0);
            from.map(|from| text.chars().skip(from as usize).collect())
        }
        _ => None,
    };
    if let Some(made) = made {
        return Value::text(made, span);
    }
    match (name, at(0)) {
        ("joinpath", _) => {
            let first = Value::text(Rc::clone(text), span);
            let parts: Vec<Value> = std::iter::once(first).chain(args.items.iter().cloned()).collect();
            paths::joined(&parts, span)
        }
        ("startsWith" | "startswith", Some(start)) => Value::truth(text.starts_with(&*start), span),
        ("endsWith" | "endswith", Some(end)) => Value::truth(text.ends_with(&*end), span),
        ("includes", Some(part)) => Value::truth(text.contains(&*part), span),
        ("split", Some(separator)) if !separator.is_empty() => {
            Value::list(text.split(&*separator).map(|part| Value::text(part, span)).collect(), span)
        }
        _ => Value::opaque("is computed when the program runs", span),
    }
}
