//! Every example of every rule is a test of its own, named `RULE::bad::NAME` or `RULE::good::NAME`: `cargo test RULE`
//! runs those of one rule. A bad one gives exactly the marked findings, a good one none, and no rule speaks up on
//! another rule's good examples.

use faaslint::engine::examples::cases;
use faaslint::rule::{self, RuleSpec};
use faaslint::source::STACK_BYTES;
use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    let rules: Arc<Vec<RuleSpec>> = Arc::new(rule::embedded());
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build().expect("threads start");
    let pool = Arc::new(pool);
    let mut trials = Vec::new();
    for (of, rule) in rules.iter().enumerate() {
        for (index, case) in cases(rule).iter().enumerate() {
            let (rules, pool) = (Arc::clone(&rules), Arc::clone(&pool));
            let judge = move || pool.install(|| cases(&rules[of])[index].judge(&rules)).map_err(Failed::from);
            trials.push(Trial::test(case.name(), judge));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
