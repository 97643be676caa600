//! How much was looked at, for tests of growth. Counted in builds with debug assertions only.

use std::cell::Cell;

thread_local! {
    static STEPS: Cell<u64> = const { Cell::new(0) };
}

/// Counts a look at something of which an input may have many: a node, a value, a resource.
#[inline]
pub(crate) fn step() {
    if cfg!(debug_assertions) {
        STEPS.with(|steps| steps.set(steps.get() + 1));
    }
}

/// Looks that this thread has taken.
pub fn steps() -> u64 {
    STEPS.with(Cell::get)
}
