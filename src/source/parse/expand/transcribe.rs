//! The body of a rule with its variables filled in.

use super::matching::{Bound, Value, variables};
use super::rules::Part;
use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use std::collections::HashMap;

/// What variables stand for at one place of a body.
type Env<'b> = HashMap<&'b str, &'b Value>;

/// Fills a body in; every token it makes is one of those that are `left`.
pub(super) fn all(body: &[Part], bound: &Bound, home: &str, left: &mut usize) -> Option<TokenStream> {
    let env = bound.iter().map(|(name, value)| (name.as_str(), value)).collect();
    let mut made = TokenStream::new();
    Writer { home, left }.parts(body, &env, &mut made)?;
    Some(made)
}

struct Writer<'w> {
    home: &'w str,
    left: &'w mut usize,
}

impl Writer<'_> {
    fn spend(&mut self, tokens: usize) -> Option<()> {
        let rest = self.left.checked_sub(tokens);
        *self.left = rest.unwrap_or(0);
        rest.map(|_| ())
    }

    fn parts(&mut self, parts: &[Part], env: &Env<'_>, made: &mut TokenStream) -> Option<()> {
        for part in parts {
            self.spend(1)?;
            match part {
                Part::Token(token) => {
                    made.extend([token.clone()]);
                }
                Part::Group(delimiter, span, inner) => {
                    let mut stream = TokenStream::new();
                    self.parts(inner, env, &mut stream)?;
                    let mut group = Group::new(*delimiter, stream);
                    group.set_span(*span);
                    made.extend([TokenTree::Group(group)]);
                }
                Part::Variable { name, .. } => match env.get(name.as_str()) {
                    Some(Value::One(tokens)) => {
                        self.spend(count(tokens))?;
                        made.extend(tokens.clone());
                    }
                    Some(Value::Many(_)) => return None,
                    // A `$` in front of what is no variable belongs to a macro this one defines.
                    None => return None,
                },
                Part::Repeat { parts, separator, .. } => self.repeat(parts, separator, env, made)?,
                Part::Crate(span) => made.extend([TokenTree::Ident(Ident::new(self.home, *span))]),
            }
        }
        Some(())
    }

    fn repeat(&mut self, parts: &[Part], separator: &[TokenTree], env: &Env<'_>, made: &mut TokenStream) -> Option<()> {
        let mut names = Vec::new();
        variables(parts, &mut names);
        let lists: Vec<(&str, &Vec<Value>)> = names
            .into_iter()
            .filter_map(|name| match env.get(name) {
                Some(Value::Many(values)) => Some((name, values)),
                _ => None,
            })
            .collect();
        let rounds = lists.iter().map(|(_, values)| values.len()).min()?;
        for round in 0..rounds {
            let mut inner = env.clone();
            for (name, values) in &lists {
                inner.insert(name, &values[round]);
            }
            if round > 0 {
                for token in separator {
                    self.spend(1)?;
                    made.extend([token.clone()]);
                }
            }
            self.parts(parts, &inner, made)?;
        }
        Some(())
    }
}

/// Tokens in a stream, those in groups included.
fn count(tokens: &TokenStream) -> usize {
    let mut open = vec![tokens.clone()];
    let mut found = 0;
    while let Some(stream) = open.pop() {
        for token in stream {
            found += 1;
            if let TokenTree::Group(group) = token {
                open.push(group.stream());
            }
        }
    }
    found
}
