//! Expressions and statements into the arena. Bindings are resolved here, while scopes are known.

use super::body::Builder;
use super::ir::{ExprId, Kind, Lit, Local, LoopKind, Range, Source, Ty};
use super::items::declares_statics;
use super::lowering::whole;
use super::pattern::heads;
use super::ty::{arguments, path_ty, ty};
use proc_macro2::Span;
use syn::{Attribute, Block, Expr, Member, RangeLimits, Stmt};

/// Nesting of expressions we follow; the gate bounds delimiters, this bounds chains.
const MAX_DEPTH: u32 = 2000;

impl Builder<'_> {
    pub(crate) fn block(&mut self, block: &Block) -> ExprId {
        let span = self.range(block.brace_token.span.join());
        let id = self.lower_statements(&block.stmts);
        self.body.exprs[id as usize].span = span;
        id
    }

    pub(crate) fn lower_statements(&mut self, statements: &[Stmt]) -> ExprId {
        let id = self.open();
        let scope = self.names.len();
        let mut lowered = Vec::new();
        let tail = self.statements(statements, &mut lowered);
        let mut span = (0, 0);
        if let (Some(&first), Some(last)) = (lowered.first().or(tail.as_ref()), tail.or(lowered.last().copied())) {
            span = (self.span(first).0, self.span(last).1);
        }
        self.names.truncate(scope);
        self.close(id, Kind::Block { statements: lowered, tail }, span)
    }

    /// Lowers statements into the scope at hand; the result is the value of the last.
    pub(super) fn statements(&mut self, statements: &[Stmt], lowered: &mut Vec<ExprId>) -> Option<ExprId> {
        let mut tail = None;
        for (index, statement) in statements.iter().enumerate() {
            let last = index + 1 == statements.len();
            match statement {
                Stmt::Local(local) => {
                    if !self.lowering.excluded(&local.attrs) {
                        lowered.extend(self.local(local));
                    }
                }
                Stmt::Item(item) => self.nested.push(item.clone()),
                Stmt::Expr(expression, semicolon) => {
                    if self.lowering.excluded(attributes(expression)) {
                        continue;
                    }
                    match semicolon {
                        None if last => tail = Some(self.lower(expression)),
                        None => lowered.push(self.lower(expression)),
                        Some(_) => lowered.push(self.discard(expression)),
                    }
                }
                Stmt::Macro(node) => {
                    if self.lowering.excluded(&node.attrs) {
                        continue;
                    }
                    let value = last && node.semi_token.is_none();
                    match self.macro_statement(&node.mac, lowered) {
                        Some(end) if value => tail = end,
                        Some(end) => lowered.extend(end),
                        // Its statics are items, wherever they stand.
                        None if declares_statics(&node.mac) => {
                            let item = syn::ItemMacro {
                                attrs: Vec::new(),
                                ident: None,
                                mac: node.mac.clone(),
                                semi_token: node.semi_token,
                            };
                            self.nested.push(syn::Item::Macro(item));
                        }
                        None => {
                            let mac = self.open();
                            let kind = self.macro_call(&node.mac);
                            let range = self.range(whole(&node.mac.path));
                            let mac = self.close(mac, kind, range);
                            if value { tail = Some(mac) } else { lowered.push(mac) }
                        }
                    }
                }
            }
        }
        tail
    }

    fn discard(&mut self, expression: &Expr) -> ExprId {
        let id = self.open();
        let inner = self.lower(expression);
        let span = self.span(inner);
        self.close(id, Kind::Discard(inner), span)
    }

    fn local(&mut self, local: &syn::Local) -> Option<ExprId> {
        let Some(init) = &local.init else {
            self.bind(&local.pat, &Source::Unset, None, &mut Vec::new());
            return None;
        };
        let id = self.open();
        let value = self.lower(&init.expr);
        let diverge = init.diverge.as_ref().map(|(_, other)| self.lower(other));
        let source = Source::Init { init: value, projection: Vec::new() };
        self.bind(&local.pat, &source, None, &mut Vec::new());
        let start = self.range(local.let_token.span).0;
        let end = self.span(diverge.unwrap_or(value)).1;
        let kind = Kind::Let { init: value, diverge, heads: heads(&local.pat) };
        Some(self.close(id, kind, (start, end)))
    }

    /// Lowers an expression; what nests too deep becomes an empty `Other` and is noted.
    pub(crate) fn lower(&mut self, expression: &Expr) -> ExprId {
        if self.depth >= MAX_DEPTH {
            let at = (self.lowering.base, self.lowering.base);
            self.lowering.facts.too_deep.get_or_insert(at);
            return self.leaf(Kind::Other(Vec::new()), at);
        }
        self.depth += 1;
        let id = self.lower_inner(expression);
        self.depth -= 1;
        id
    }

    fn lower_inner(&mut self, expression: &Expr) -> ExprId {
        match expression {
            Expr::Paren(inner) => return self.lower(&inner.expr),
            Expr::Group(inner) => return self.lower(&inner.expr),
            Expr::Block(block) => {
                return if self.lowering.excluded(&block.attrs) {
                    self.leaf(Kind::Other(Vec::new()), (0, 0))
                } else {
                    self.block(&block.block)
                };
            }
            Expr::Unsafe(block) => return self.block(&block.block),
            Expr::TryBlock(block) => return self.block(&block.block),
            Expr::Path(path) => return self.path(path),
            Expr::Lit(lit) => {
                let span = self.range(lit.lit.span());
                return self.leaf(Kind::Lit(literal(&lit.lit)), span);
            }
            _ => {}
        }
        let id = self.open();
        let (kind, span) = self.compound(id, expression);
        self.close(id, kind, span)
    }

    fn compound(&mut self, id: ExprId, expression: &Expr) -> (Kind, Range) {
        match expression {
            Expr::Call(call) => {
                let callee = self.lower(&call.func);
                let args = self.all(&call.args);
                let end = self.range(call.paren_token.span.close()).1;
                (Kind::Call { callee, args }, (self.span(callee).0, end))
            }
            Expr::MethodCall(call) => {
                let receiver = self.lower(&call.receiver);
                let args = self.all(&call.args);
                let name_span = self.range(call.method.span());
                let end = self.range(call.paren_token.span.close()).1;
                let name = call.method.to_string();
                let start = self.span(receiver).0;
                let generic = call.turbofish.as_ref().and_then(|given| {
                    arguments(&syn::PathArguments::AngleBracketed(given.clone())).into_iter().next().map(Box::new)
                });
                (Kind::Method { receiver, name, name_span, args, generic }, (start, end))
            }
            Expr::Field(field) => {
                let base = self.lower(&field.base);
                let (name, end) = match &field.member {
                    Member::Named(name) => (name.to_string(), self.range(name.span()).1),
                    Member::Unnamed(index) => (index.index.to_string(), self.range(index.span).1),
                };
                (Kind::Field { base, name }, (self.span(base).0, end))
            }
            Expr::Index(index) => {
                let base = self.lower(&index.expr);
                let at = self.lower(&index.index);
                let end = self.range(index.bracket_token.span.close()).1;
                (Kind::Index { base, index: at }, (self.span(base).0, end))
            }
            Expr::Await(node) => {
                let inner = self.lower(&node.base);
                let end = self.range(node.await_token.span).1;
                (Kind::Await(inner), (self.span(inner).0, end))
            }
            Expr::Try(node) => {
                let inner = self.lower(&node.expr);
                let end = self.range(node.question_token.span).1;
                (Kind::Try(inner), (self.span(inner).0, end))
            }
            Expr::Reference(node) => self.wrap(node.and_token.span, &node.expr),
            Expr::RawAddr(node) => self.wrap(node.and_token.span, &node.expr),
            Expr::Cast(node) => {
                let inner = self.lower(&node.expr);
                (Kind::Wrap(inner), self.span(inner))
            }
            Expr::Unary(node) => {
                let start = self.range(whole(&node.op)).0;
                let inner = self.lower(&node.expr);
                let span = (start, self.span(inner).1);
                let kind = if matches!(node.op, syn::UnOp::Not(_)) { Kind::Not(inner) } else { Kind::Wrap(inner) };
                (kind, span)
            }
            Expr::Binary(node) => {
                let left = self.lower(&node.left);
                let right = self.lower(&node.right);
                let span = (self.span(left).0, self.span(right).1);
                let kind = if is_assignment(&node.op) {
                    Kind::Assign { target: left, value: right }
                } else {
                    match node.op {
                        syn::BinOp::Div(_) | syn::BinOp::Rem(_) => Kind::Divide(left, right),
                        _ => Kind::Binary(left, right),
                    }
                };
                (kind, span)
            }
            Expr::Assign(node) => {
                let target = self.lower(&node.left);
                let value = self.lower(&node.right);
                (Kind::Assign { target, value }, (self.span(target).0, self.span(value).1))
            }
            Expr::Let(node) => {
                let init = self.lower(&node.expr);
                let source = Source::Init { init, projection: Vec::new() };
                self.bind(&node.pat, &source, None, &mut Vec::new());
                let kind = Kind::LetCondition { init, heads: heads(&node.pat) };
                (kind, (self.range(node.let_token.span).0, self.span(init).1))
            }
            Expr::Async(node) => {
                let inner = self.block(&node.block);
                (Kind::Async(inner), (self.range(node.async_token.span).0, self.span(inner).1))
            }
            Expr::Closure(node) => self.closure(id, node),
            Expr::If(node) => self.conditional(node),
            Expr::Match(node) => self.matching(node),
            Expr::Loop(node) => {
                let body = self.block(&node.body);
                let start = self.range(node.loop_token.span).0;
                (Kind::Loop { kind: LoopKind::Loop, head: None, body }, (start, self.span(body).1))
            }
            Expr::While(node) => {
                let scope = self.names.len();
                let head = self.lower(&node.cond);
                let body = self.block(&node.body);
                self.names.truncate(scope);
                let start = self.range(node.while_token.span).0;
                (Kind::Loop { kind: LoopKind::While, head: Some(head), body }, (start, self.span(body).1))
            }
            Expr::ForLoop(node) => {
                let head = self.lower(&node.expr);
                let scope = self.names.len();
                self.bind(&node.pat, &Source::Item { iterable: head }, None, &mut Vec::new());
                let body = self.block(&node.body);
                self.names.truncate(scope);
                let start = self.range(node.for_token.span).0;
                (Kind::Loop { kind: LoopKind::For, head: Some(head), body }, (start, self.span(body).1))
            }
            Expr::Struct(node) => {
                let fields = node
                    .fields
                    .iter()
                    .map(|field| {
                        let name = match &field.member {
                            Member::Named(name) => name.to_string(),
                            Member::Unnamed(index) => index.index.to_string(),
                        };
                        (name, self.lower(&field.expr))
                    })
                    .collect();
                let rest = node.rest.as_ref().map(|rest| self.lower(rest));
                let path = node.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
                let start = self.range_of(node.path.segments.first().map(|segment| segment.ident.span())).0;
                let end = self.range(node.brace_token.span.close()).1;
                (Kind::Struct { path, fields, rest }, (start, end))
            }
            Expr::Tuple(node) => {
                let items = self.all(&node.elems);
                (Kind::Tuple(items), self.range(node.paren_token.span.join()))
            }
            Expr::Array(node) => {
                let items = self.all(&node.elems);
                (Kind::Array(items), self.range(node.bracket_token.span.join()))
            }
            Expr::Repeat(node) => {
                let items = vec![self.lower(&node.expr), self.lower(&node.len)];
                (Kind::Array(items), self.range(node.bracket_token.span.join()))
            }
            Expr::Return(node) => {
                let value = node.expr.as_ref().map(|value| self.lower(value));
                let start = self.range(node.return_token.span);
                (Kind::Return(value), (start.0, value.map_or(start.1, |value| self.span(value).1)))
            }
            Expr::Break(node) => {
                let value = node.expr.as_ref().map(|value| self.lower(value));
                let start = self.range(node.break_token.span);
                (Kind::Break(value), (start.0, value.map_or(start.1, |value| self.span(value).1)))
            }
            Expr::Continue(node) => (Kind::Continue, self.range(node.continue_token.span)),
            Expr::Range(node) => {
                let parts: Vec<ExprId> =
                    [&node.start, &node.end].into_iter().flatten().map(|part| self.lower(part)).collect();
                let (limits, inclusive) = match &node.limits {
                    RangeLimits::HalfOpen(token) => (token.spans[0], false),
                    RangeLimits::Closed(token) => (token.spans[0], true),
                };
                (Kind::Range { bounds: parts, inclusive }, self.range(limits))
            }
            Expr::Macro(node) => {
                let kind = self.macro_call(&node.mac);
                let close = match &node.mac.delimiter {
                    syn::MacroDelimiter::Paren(token) => token.span.close(),
                    syn::MacroDelimiter::Brace(token) => token.span.close(),
                    syn::MacroDelimiter::Bracket(token) => token.span.close(),
                };
                let start = self.range_of(node.mac.path.segments.first().map(|segment| segment.ident.span())).0;
                (kind, (start, self.range(close).1))
            }
            _ => (Kind::Other(Vec::new()), (0, 0)),
        }
    }

    fn wrap(&mut self, token: Span, inner: &Expr) -> (Kind, Range) {
        let start = self.range(token).0;
        let inner = self.lower(inner);
        (Kind::Wrap(inner), (start, self.span(inner).1))
    }

    fn all<'a>(&mut self, expressions: impl IntoIterator<Item = &'a Expr>) -> Vec<ExprId> {
        expressions.into_iter().map(|expression| self.lower(expression)).collect()
    }

    fn path(&mut self, node: &syn::ExprPath) -> ExprId {
        let first = node.path.segments.first().map(|segment| segment.ident.span());
        let last = node.path.segments.last().map(|segment| segment.ident.span());
        let span = (self.range_of(first).0, self.range_of(last).1);
        let Ty::Path { path, args } = path_ty(&node.path) else {
            return self.leaf(Kind::Other(Vec::new()), span);
        };
        if let ([name], None) = (path.as_slice(), &node.qself)
            && let Some(local) = self.lookup(name)
        {
            return self.leaf(Kind::Local(local), span);
        }
        let generic = args.into_iter().next().map(Box::new);
        // `<T>::name` and `<T as Trait>::name` are what `T` has under that name.
        let path = match &node.qself {
            None => path,
            Some(of) => match (ty(&of.ty), path.last()) {
                (Ty::Path { path: owner, .. }, Some(name)) => [owner.as_slice(), std::slice::from_ref(name)].concat(),
                _ => return self.leaf(Kind::Other(Vec::new()), span),
            },
        };
        self.leaf(Kind::Path { path, generic }, span)
    }

    /// Declares a parameter of the function itself.
    pub(crate) fn parameter(&mut self, pattern: &syn::Pat, declared: &Ty, index: usize) {
        let declared = if *declared == Ty::Unknown { None } else { Some(declared) };
        self.bind(pattern, &Source::Param(index), declared, &mut Vec::new());
    }

    /// Declares `self`.
    pub(crate) fn receiver(&mut self) {
        self.declare(Local {
            name: "self".to_owned(),
            ty: None,
            source: Source::Receiver,
            way: Vec::new(),
            uses: Vec::new(),
        });
    }
}

fn is_assignment(operator: &syn::BinOp) -> bool {
    use syn::BinOp::{
        AddAssign, BitAndAssign, BitOrAssign, BitXorAssign, DivAssign, MulAssign, RemAssign, ShlAssign, ShrAssign,
        SubAssign,
    };
    matches!(
        operator,
        AddAssign(_)
            | SubAssign(_)
            | MulAssign(_)
            | DivAssign(_)
            | RemAssign(_)
            | BitXorAssign(_)
            | BitAndAssign(_)
            | BitOrAssign(_)
            | ShlAssign(_)
            | ShrAssign(_)
    )
}

fn literal(lit: &syn::Lit) -> Lit {
    match lit {
        syn::Lit::Str(text) => Lit::Str(text.value()),
        syn::Lit::Int(number) => number.base10_parse().map_or(Lit::Other, Lit::Int),
        syn::Lit::Bool(truth) => Lit::Bool(truth.value),
        _ => Lit::Other,
    }
}

/// Attributes of the expressions that carry them in practice.
fn attributes(expression: &Expr) -> &[Attribute] {
    match expression {
        Expr::Block(node) => &node.attrs,
        Expr::Call(node) => &node.attrs,
        Expr::MethodCall(node) => &node.attrs,
        Expr::Macro(node) => &node.attrs,
        Expr::If(node) => &node.attrs,
        Expr::Match(node) => &node.attrs,
        Expr::Assign(node) => &node.attrs,
        Expr::Unsafe(node) => &node.attrs,
        _ => &[],
    }
}
