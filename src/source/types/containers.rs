//! What the collections of the standard library hold, and what their methods hand out.

use crate::source::names::kinds::{Head, Type};

const LISTS: &[&str] = &["Vec", "Array", "VecDeque", "HashSet", "BTreeSet", "SmallVec"];
const MAPS: &[&str] = &["HashMap", "BTreeMap", "IndexMap", "DashMap"];

fn is_one_of(ty: &Type, names: &[&str]) -> bool {
    ty.path().is_some_and(|path| names.contains(&path.rsplit("::").next().unwrap_or(path)))
}

fn list(of: Type) -> Type {
    Type { head: Head::Outside("Vec".to_owned()), args: vec![of] }
}

/// What a loop over a collection binds: the items of a list, pairs of a map.
pub(crate) fn item_of(ty: &Type) -> Option<Type> {
    if is_one_of(ty, LISTS) {
        return ty.args.first().cloned();
    }
    let pairs = is_one_of(ty, MAPS) && ty.args.len() == 2;
    pairs.then(|| Type { head: Head::Outside("()".to_owned()), args: ty.args.clone() })
}

/// What a method of a collection returns, without the `Option` around it; none for methods that say nothing.
pub(crate) fn method(receiver: &Type, name: &str) -> Option<Type> {
    if is_one_of(receiver, LISTS) {
        return match name {
            "first" | "first_mut" | "last" | "last_mut" | "get" | "get_mut" | "pop" | "pop_front" | "pop_back"
            | "next" | "remove" | "swap_remove" | "nth" | "find" | "max_by_key" | "min_by_key" => {
                receiver.args.first().cloned()
            }
            "filter" | "take" | "skip" | "rev" | "skip_while" | "take_while" | "peekable" | "drain" | "to_vec"
            | "as_slice" | "inspect" | "iter" | "iter_mut" | "into_iter" | "cloned" | "copied" | "by_ref" => {
                Some(receiver.clone())
            }
            _ => None,
        };
    }
    if is_one_of(receiver, MAPS) {
        let [key, value] = receiver.args.as_slice() else { return None };
        return match name {
            "get" | "get_mut" | "remove" | "or_default" | "or_insert_with" => Some(value.clone()),
            "values" | "values_mut" | "into_values" => Some(list(value.clone())),
            "keys" | "into_keys" => Some(list(key.clone())),
            _ => None,
        };
    }
    None
}
