//! `macro_rules!` of the workspace: where they are defined, and what a call of one expands to, so that its code is read
//! where it is used (The Rust Reference, "Macros By Example").

mod matching;
mod rules;
mod transcribe;

use self::rules::Rules;
use super::declared::{Borrowed, Definition};
use super::gate;
use super::ir::Range;
use crate::text::FileId;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::HashMap;

/// Tokens that all expansions in a file may make together; generated code aside, files have a tenth of it.
const MAX_TOKENS: usize = 400_000;
/// Tokens that all attempts to match may look at together.
const MAX_STEPS: usize = 2_000_000;
/// Expansions inside expansions, as `recursion_limit` of rustc has it for half of that.
const MAX_DEPTH: u32 = 64;

/// A definition of another file, with what `$crate` stands for where it is used.
#[derive(Debug, Clone)]
pub(crate) struct Foreign<'d> {
    pub(crate) definition: &'d Definition,
    pub(crate) file: FileId,
    pub(crate) home: String,
}

/// The macros a file may call, and what is left to expand them.
#[derive(Default)]
pub(crate) struct Macros {
    /// By name, in the order they are looked up in.
    known: HashMap<String, Vec<Rules>>,
    /// Where the rules of the known macros stand, in order; they do not overlap.
    ranges: Vec<Range>,
    pub(super) depth: u32,
    /// The outermost call that is being expanded.
    pub(super) call: Range,
    tokens: usize,
    steps: usize,
    /// Whether a call was left because it would have made too much.
    pub(super) exhausted: bool,
}

/// What a call expands to.
pub(super) struct Expanded {
    pub(super) tokens: TokenStream,
    /// The macro's rules, by their place: what stands there the macro wrote itself.
    pub(super) by: Option<usize>,
}

/// A file with the definitions it borrows behind its end.
pub(super) fn append(text: &str, foreign: &[Foreign<'_>]) -> (String, Vec<Borrowed>) {
    let mut whole = text.to_owned();
    let mut borrowed = Vec::new();
    for Foreign { definition, file, .. } in foreign {
        whole.push_str(&format!("\nmacro_rules! {} {{", definition.name));
        let start = whole.len() as u32;
        whole.push_str(&definition.rules);
        borrowed.push(Borrowed { range: (start, whole.len() as u32), file: *file, start: definition.start });
        whole.push('}');
    }
    (whole, borrowed)
}

impl Macros {
    /// Collects the definitions of a file, wherever in it they stand. `base` bytes of `text` are not counted by the
    /// spans; `homes` are what `$crate` stands for in the definitions it borrows.
    pub(super) fn collect(
        &mut self,
        tokens: &TokenStream,
        (text, base): (&str, u32),
        homes: &[(Borrowed, &str)],
    ) -> Vec<Definition> {
        let mut found = Vec::new();
        let mut open = vec![tokens.clone()];
        while let Some(stream) = open.pop() {
            let tokens: Vec<TokenTree> = stream.into_iter().collect();
            let mut at = 0;
            while at < tokens.len() {
                let Some((name, body)) = defined(&tokens[at..]) else {
                    if let TokenTree::Group(group) = &tokens[at] {
                        open.push(group.stream());
                    }
                    at += 1;
                    continue;
                };
                let exported = is_exported(&tokens[..at]);
                let span = body.span().byte_range();
                // Both delimiters are one byte.
                let (start, end) = (span.start as u32 + 1 + base, (span.end as u32).saturating_sub(1) + base);
                let borrowed = homes.iter().find(|(borrowed, _)| borrowed.range.0 == start);
                let home = borrowed.map_or("crate", |(_, home)| *home);
                let named = syn::parse_str::<proc_macro2::Ident>(home).is_ok() || home == "crate";
                if let Some(rules) = Rules::read(body.stream(), home).filter(|_| named) {
                    let known = self.known.entry(name.clone()).or_default();
                    if borrowed.is_none() {
                        // The last before a call is in scope; of several we take the last.
                        known.clear();
                    }
                    known.push(rules.standing((start, end)));
                    self.ranges.push((start, end));
                }
                if borrowed.is_none() {
                    let rules = text.get(start as usize..end as usize).unwrap_or_default().to_owned();
                    found.push(Definition { name, exported, rules, start });
                }
                at += 4;
            }
        }
        self.ranges.sort_unstable();
        found
    }

    /// Which macro's rules a place lies in; none for the code around them.
    pub(super) fn place(&self, at: u32) -> Option<usize> {
        let before = self.ranges.partition_point(|(start, _)| *start <= at).checked_sub(1)?;
        (at <= self.ranges[before].1).then_some(before)
    }

    /// A range whose ends lie in different texts, as an argument of a macro and what the macro wrote behind it do,
    /// becomes the call that brought them together.
    pub(super) fn whole(&self, range: Range) -> Range {
        if self.depth == 0 || self.place(range.0) == self.place(range.1) { range } else { self.call }
    }

    /// The rules of the macro a path names: those of the crate before its name, else the first.
    fn rules(&self, path: &[String]) -> Option<&Rules> {
        let (name, before) = path.split_last()?;
        let rules = self.known.get(name)?;
        let named = before.last().and_then(|home| rules.iter().find(|rules| rules.home == *home));
        named.or(rules.first())
    }

    /// Whether no macro is known.
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Whether the macro of a path can be expanded.
    pub(super) fn knows(&self, path: &[String]) -> bool {
        self.rules(path).is_some()
    }

    /// What a call expands to.
    pub(super) fn expand(&mut self, path: &[String], tokens: &TokenStream) -> Option<Expanded> {
        let rules = self.rules(path)?;
        if self.depth >= MAX_DEPTH {
            self.exhausted = true;
            return None;
        }
        let by = self.place(rules.range.0);
        let mut steps = MAX_STEPS.saturating_sub(self.steps);
        let mut left = MAX_TOKENS.saturating_sub(self.tokens);
        let expanded = rules.arms.iter().find_map(|arm| {
            let bound = matching::all(&arm.pattern, tokens, &mut steps)?;
            Some(transcribe::all(&arm.body, &bound, &rules.home, &mut left))
        });
        self.exhausted |= steps == 0 || left == 0;
        self.steps = MAX_STEPS - steps;
        self.tokens = MAX_TOKENS - left;
        let tokens = expanded.flatten()?;
        gate::measure(tokens.clone()).is_ok().then_some(Expanded { tokens, by })
    }
}

/// The name and the rules of a definition that begins here: `macro_rules ! name { … }`.
fn defined(tokens: &[TokenTree]) -> Option<(String, &proc_macro2::Group)> {
    match tokens {
        [TokenTree::Ident(word), TokenTree::Punct(bang), TokenTree::Ident(name), TokenTree::Group(body), ..]
            if word == "macro_rules" && bang.as_char() == '!' && body.delimiter() != Delimiter::None =>
        {
            Some((name.to_string(), body))
        }
        _ => None,
    }
}

/// Whether the attributes right before an item export it.
fn is_exported(before: &[TokenTree]) -> bool {
    let mut rest = before;
    while let [earlier @ .., TokenTree::Punct(hash), TokenTree::Group(attribute)] = rest
        && hash.as_char() == '#'
    {
        let first = attribute.stream().into_iter().next();
        if matches!(first, Some(TokenTree::Ident(word)) if word == "macro_export") {
            return true;
        }
        rest = earlier;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{Definition, Macros};
    use proc_macro2::TokenStream;

    fn macros(definition: &str) -> (Macros, Vec<Definition>) {
        let mut macros = Macros::default();
        let tokens: TokenStream = definition.parse().expect("lexes");
        let found = macros.collect(&tokens, (definition, 0), &[]);
        (macros, found)
    }

    fn expanded(definition: &str, call: &str) -> Option<String> {
        let call: TokenStream = call.parse().expect("lexes");
        let expanded = macros(definition).0.expand(&["m".to_owned()], &call)?;
        Some(expanded.tokens.to_string().replace(' ', ""))
    }

    #[test]
    fn fragments_and_literal_tokens_match() {
        let rules = "macro_rules! m { (get $path:literal => $f:expr) => { route($path, get($f)) }; }";
        assert_eq!(expanded(rules, "get \"/\" => handlers::root").as_deref(), Some("route(\"/\",get(handlers::root))"));
        assert_eq!(expanded(rules, "post \"/\" => root"), None);
    }

    #[test]
    fn repetitions_repeat_with_their_separators() {
        let rules = "macro_rules! m { ($($k:ident = $v:expr),* $(,)?) => { $(set(stringify!($k), $v);)* } }";
        let found = expanded(rules, "a = 1, b = f(2),");
        assert_eq!(found.as_deref(), Some("set(stringify!(a),1);set(stringify!(b),f(2));"));
    }

    #[test]
    fn repetitions_nest() {
        let rules = "macro_rules! m { ($($k:ident [$($v:tt)*]);*) => { $($k($($v),*));* } }";
        assert_eq!(expanded(rules, "f [1 2]; g []").as_deref(), Some("f(1,2);g()"));
    }

    #[test]
    fn arms_are_tried_in_order() {
        let rules = "macro_rules! m { () => { none() }; ($one:expr) => { one($one) }; ($($t:tt)*) => { many() } }";
        assert_eq!(expanded(rules, "").as_deref(), Some("none()"));
        assert_eq!(expanded(rules, "a + b").as_deref(), Some("one(a+b)"));
        assert_eq!(expanded(rules, "a b").as_deref(), Some("many()"));
    }

    #[test]
    fn a_call_that_doubles_itself_ends() {
        let rules = "macro_rules! m { ($($t:tt)*) => { $($t)* $($t)* } }";
        let (mut macros, _) = macros(rules);
        let mut call: TokenStream = "a b c d".parse().expect("lexes");
        let mut rounds = 0;
        while let Some(next) = macros.expand(&["m".to_owned()], &call) {
            call = next.tokens;
            rounds += 1;
            assert!(rounds < 30, "never exhausted");
        }
        assert!(macros.exhausted);
    }

    #[test]
    fn definitions_are_kept_as_they_are_written() {
        let text = "#[macro_export] #[doc(hidden)] macro_rules! m { () => { $crate::run() } }";
        let rules = " () => { $crate::run() } ".to_owned();
        let start = text.find("{").expect("is there") as u32 + 1;
        assert_eq!(macros(text).1, [Definition { name: "m".to_owned(), exported: true, rules, start }]);
        assert_eq!(expanded(text, "").as_deref(), Some("crate::run()"));
    }
}
