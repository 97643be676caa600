//! Secrets and parameters fetched again on every invocation.

use super::support::context::{how_often, invoked};
use super::{Check, Sink, UnitRef};
use crate::knowledge::sdk_operations;
use crate::model::Verdict;
use crate::model::source::SdkCall;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program().filter(|_| !unit.only_deploys()) else { return };
        for call in program.facts::<SdkCall>().iter().filter(|call| invoked(&call.site)) {
            let name = call.data_key();
            let tenant = call.target_from_event == Verdict::Yes;
            // Rotation asks for a stage, because it changes the secret.
            let rotates = call.sets("version_stage");
            if !sdk_operations().secrets.contains(&name) || call.remembered || tenant || rotates {
                continue;
            }
            // What is asked for without decryption is no secret; its present value may be what is wanted.
            let plain = call.service == "ssm" && !call.sets("with_decryption") && !call.sets("set_with_decryption");
            let message = format!(
                "`{}` runs {}: a round trip each time, a bill for each call, and throttling under load",
                call.operation,
                how_often(&call.site)
            );
            let finding = sink.at(&call.site, "fetched here, kept nowhere", message);
            if plain || unit.runs_rarely() {
                finding.pedantic();
            }
            if call.service == "appconfigdata" {
                finding.advise(
                    "Keep the configuration with its age in a `tokio::sync::RwLock`, or read it from the AWS AppConfig \
                     Agent extension, which polls and caches.",
                );
            } else if call.service == "kms" {
                finding.advise("Decrypt it once in a `tokio::sync::OnceCell`.");
            }
        }
    }
}
