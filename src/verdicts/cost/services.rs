//! What stands around a function.

use super::{gigabytes, seconds};
use crate::exact::Exact;
use crate::knowledge::price;

/// Calls of a queue: sent, received and deleted in batches. Empty receives of pollers are left out.
pub fn messages_of_queue(region: &str, messages: &Exact, sent: u64, received: u64, deleted: u64) -> Option<Exact> {
    let calls: Exact = [sent, received, deleted].into_iter().map(|batch| messages * &Exact::fraction(1, batch)).sum();
    price("sqs-standard")?.cost(region, &calls)
}

/// An express state machine: its memory is billed in steps of 64 MB, its duration in steps of 100 ms.
pub fn state_machine_express(region: &str, executions: &Exact, duration_ms: &Exact, memory_mb: u64) -> Option<Exact> {
    let step = Exact::from(100);
    let billed = &(duration_ms / &step).ceil() * &step;
    let memory = memory_mb.div_ceil(64) * 64;
    let gb_h = &(&(executions * &seconds(&billed)) * &gigabytes(memory)) / &Exact::from(3600);
    let requests = price("stepfunctions-express-request")?.cost(region, executions)?;
    Some(requests + price("stepfunctions-express-duration")?.cost(region, &gb_h)?)
}

/// Logs of so many bytes for each invocation.
pub fn logs(region: &str, invocations: &Exact, bytes: u64) -> Option<Exact> {
    price("logs-ingested")?.cost(region, &(invocations * &Exact::fraction(bytes, 1 << 30)))
}
