//! How much of a program was followed: what is counted, what is lost and why.

use super::{program, run};
use faaslint::model::source::Program;

/// `name reason behind` of the calls that were not followed.
fn lost(program: &Program) -> Vec<String> {
    let all = program.coverage.lost.iter();
    all.map(|call| format!("{} {} {}", call.name, call.reason.word(), call.behind)).collect()
}

/// A Lambda function whose handler has a body, with more items.
fn function(body: &str, items: &str) -> String {
    format!(
        "use lambda_runtime::{{run, service_fn, LambdaEvent, Error}};\nasync fn main() -> Result<(), Error> {{ \
         run(service_fn(answer)).await }}\nasync fn answer(event: LambdaEvent<String>) -> Result<(), Error> {{ {body} \
         }}\n{items}"
    )
}

#[test]
fn functions_and_calls_are_counted_once() {
    let found = program(&function("one(); one(); two(); Ok(())", "fn one() { two() }\nfn two() {}\nfn unused() {}"));
    // `main` and `answer` are followed; nothing of the program calls them.
    assert_eq!((found.coverage.functions, found.coverage.calls), (4, 4));
    assert!(found.coverage.lost.is_empty());
}

#[test]
fn unknown_types_lose_what_several_methods_have() {
    let items = "struct A; struct B; impl A { fn settle(&self) {} } impl B { fn settle(&self) {} }";
    let found = program(&function("opaque().settle(); Ok(())", items));
    assert_eq!(lost(&found), ["settle unknown-type 2"]);
    // One that is followed elsewhere is no longer behind it.
    let found = program(&function("opaque().settle(); A.settle(); Ok(())", items));
    assert_eq!(lost(&found), ["settle unknown-type 1"]);
    let found = program(&function("A.settle(); B.settle(); Ok(())", items));
    assert!(lost(&found).is_empty());
}

#[test]
fn names_that_libraries_have_are_lost_only_with_something_behind() {
    let items = "struct Cache; impl Cache { fn get(&self) {} }";
    assert_eq!(lost(&program(&function("opaque().get(); Ok(())", items))), ["get common-name 1"]);
    assert!(lost(&program(&function("opaque().get(); Cache.get(); Ok(())", items))).is_empty());
    assert!(lost(&program(&function("opaque().get(); Ok(())", ""))).is_empty(), "nothing of the program is called so");
}

#[test]
fn traits_without_implementation_are_lost() {
    let items = "trait Store { fn keep(&self); }\nfn with(store: &dyn Store) { store.keep() }";
    let found = program(&function("with(opaque()); Ok(())", items));
    assert_eq!(lost(&found), ["keep no-implementation 0"]);
    let found = program(&function(
        "with(opaque()); Ok(())",
        &format!("{items}\nstruct S; impl Store for S {{ fn keep(&self) {{}} }}"),
    ));
    assert!(lost(&found).is_empty(), "any implementation is followed");
}

#[test]
fn functions_that_a_module_does_not_have_are_lost() {
    let found = program(&function(
        "made::call(); made::Kind::Variant(1); Ok(())",
        "mod made { pub enum Kind { Variant(u8) } }",
    ));
    assert_eq!(lost(&found), ["made::call no-function 0"]);
}

#[test]
fn macros_that_were_not_read_are_lost_with_what_they_call() {
    let items = "fn deliver() {}";
    let found = program(&function("wire! { on event => deliver(), }; Ok(())", items));
    assert_eq!(lost(&found), ["wire! macro 1"]);
    let found = program(&function("wire! { on event => other(), }; Ok(())", items));
    assert!(lost(&found).is_empty(), "nothing of the program is called in it");
    let own = "macro_rules! wire { (on $e:ident => $f:expr,) => { $f; } }\nfn deliver() {}";
    let found = program(&function("wire! { on event => deliver(), }; Ok(())", own));
    assert!(lost(&found).is_empty() && found.coverage.functions == 3, "it is expanded: {:?}", found.coverage);
}

#[test]
fn associated_functions_of_traits_are_followed_to_their_implementations() {
    let items = "trait Load { fn load() -> Self; }\nstruct A; struct B;\n\
                 impl Load for A { fn load() -> Self { A } }\nimpl Load for B { fn load() -> Self { B } }\n\
                 fn make<T: Load>() { let _ = T::load(); }";
    let found = program(&function("make::<A>(); Ok(())", items));
    assert_eq!(found.coverage.functions, 4, "main, answer, make and the implementation of what is made");
    let found = program(&function("let a: A = Load::load(); Ok(())", items));
    assert_eq!(found.coverage.functions, 4);
}

#[test]
fn reports_carry_it() {
    use faaslint::report::write_model;
    let items = "struct A; struct B; impl A { fn settle(&self) {} } impl B { fn settle(&self) {} }";
    let code = function("opaque().settle(); Ok(())", items);
    let outcome = run(&[("src/main.rs", &code)]);
    let mut model = Vec::new();
    write_model(&outcome.project, None, &mut model).expect("written");
    let model = String::from_utf8(model).expect("text");
    assert!(model.contains("followed: 2 functions through 0 calls, not through 1 with 2 functions behind"), "{model}");
    assert!(model.contains("not followed: `settle`: the type it is called on is not known"), "{model}");
}

#[test]
fn methods_of_demanded_traits_are_followed() {
    let items = "trait Keep { fn keep(&self); }\n\
                 trait Log { fn log(&self) { self.keep_log() } fn keep_log(&self) {} }\n\
                 trait Store: Keep + Log {}\nstruct S; impl Keep for S { fn keep(&self) { deep() } } impl Log for S {} \
                 impl Store for S {}\nfn deep() {}\nfn with(store: &dyn Store) { store.keep(); store.log() }";
    let found = program(&function("with(&S); Ok(())", items));
    assert!(lost(&found).is_empty());
    // `main`, `answer`, `with`, `keep`, `deep`, `log`, and what `log` calls on itself.
    assert_eq!(found.coverage.functions, 7);
}

#[test]
fn what_a_module_uses_for_itself_is_no_re_export() {
    let items = "mod models { pub use self::draft::*; pub use self::order::*; pub use self::run::*;\n\
                 mod draft { use crate::models::Order; pub struct Draft { order: Order } }\n\
                 mod run { use crate::Order; use super::*; pub struct Run { order: Order } }\n\
                 mod order { pub struct Order { pub lines: Vec<Line> } pub struct Line; pub struct Other;\n\
                 impl Line { pub fn settle(&self) {} } impl Other { pub fn settle(&self) {} } } }\npub use models::*;\n\
                 fn with(order: Order) { for line in &order.lines { line.settle() } }";
    let found = program(&function("with(opaque()); Ok(())", items));
    assert!(lost(&found).is_empty(), "{:?}", lost(&found));
    assert_eq!(found.coverage.functions, 4);
}
