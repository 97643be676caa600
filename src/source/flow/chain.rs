//! The methods called one after the other on a value, through the names a builder is bound to.

use crate::source::parse::ir::{ExprId, Kind, LocalId};
use crate::source::types::infer::Context;

/// A method of a chain: its name, its arguments, the call.
pub(crate) type Link<'p> = (&'p str, &'p [ExprId], ExprId);

/// The methods called one after the other on a value, from an expression outwards, with their arguments.
/// A builder bound to a variable is followed through the variable.
pub(crate) fn chain<'p>(context: &Context<'p>, start: ExprId) -> Vec<Link<'p>> {
    let body = context.body;
    let mut found: Vec<Link<'p>> = Vec::new();
    let mut at = start;
    let mut locals: Vec<LocalId> = Vec::new();
    for _ in 0..512 {
        let parent = body.expr(at).parent;
        let Some(node) = body.exprs.get(parent as usize) else {
            break;
        };
        match &node.kind {
            Kind::Method { receiver, name, args, .. } if *receiver == at => found.push((name, args, parent)),
            Kind::Wrap(_) | Kind::Try(_) | Kind::Await(_) => {}
            Kind::Let { init, .. } if *init == at => {
                locals.extend(body.bound(at));
                break;
            }
            _ => break,
        }
        at = parent;
    }
    // `let request = request.limit(1);` goes on under another name.
    let mut next = 0;
    while let Some(&local) = locals.get(next).filter(|_| next < 16) {
        next += 1;
        for &id in &body.locals[local as usize].uses {
            let mut at = id;
            while let Some(node) = body.exprs.get(body.expr(at).parent as usize) {
                match &node.kind {
                    Kind::Method { receiver, name, args, .. } if *receiver == at => {
                        found.push((name, args, body.expr(at).parent));
                    }
                    Kind::Wrap(_) | Kind::Try(_) | Kind::Await(_) => {}
                    Kind::Let { init, .. } if *init == at && at != id => {
                        locals.extend(body.bound(at).filter(|bound| !locals.contains(bound)).collect::<Vec<_>>());
                        break;
                    }
                    _ => break,
                }
                at = body.expr(at).parent;
            }
        }
    }
    found
}
