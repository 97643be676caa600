//! Fixes that declarative rules may name.

use super::vocabulary::Instance;
use super::writes::Owner;
use crate::finding::{Value, Write};
use crate::knowledge::{Resources, platforms};
use crate::model::Project;
use crate::model::deployments::Queue;
use crate::rule::Subject;

/// The names, with what each mends.
pub const NAMES: [(&str, Subject); 2] =
    [("enable-partial-batch-response", Subject::Mapping), ("add-dead-letter-queue", Subject::Queue)];

/// A title, whether it is safe, and what to write.
type Mend = (String, bool, Vec<Option<Write>>);

/// The fix of a name for what a rule was found to hold for.
pub(crate) fn mend(instance: &Instance<'_>, name: &str) -> Option<Mend> {
    match (name, instance) {
        ("enable-partial-batch-response", Instance::Mapping(project, trigger, _)) => {
            let value = Value::List(vec![Value::Text("ReportBatchItemFailures".to_owned())]);
            let write = Owner::trigger(project, trigger).set("FunctionResponseTypes", value);
            Some(("Enable `ReportBatchItemFailures`".to_owned(), true, vec![write]))
        }
        ("add-dead-letter-queue", Instance::Queue(project, queue)) => dead_letter_queue(project, queue),
        _ => None,
    }
}

/// A queue for what fails, beside the queue, and the redrive policy that leads there.
fn dead_letter_queue(project: &Project, queue: &Queue) -> Option<Mend> {
    let owner = Owner::resource(project, queue.resource);
    let resource = project.deploy.resource(queue.resource);
    let fifo = queue.fifo.one() == Some(&true);
    // A reference to a queue whose kind is unknown may be refused at deployment.
    queue.fifo.one()?;
    let retention = platforms().aws_lambda.queue_retention_s.max;
    let receives = platforms().aws_lambda.queue_receives.value;
    let title = "Add a dead-letter queue".to_owned();
    let of = owner.declaration();
    match owner.dialect()?.resources? {
        Resources::Entries => {
            let name = format!("{}DeadLetterQueue", resource.logical_id);
            if project.deploy.declares(&name) {
                return None;
            }
            let mut properties = vec![("MessageRetentionPeriod".to_owned(), Value::Int(retention))];
            if fifo {
                properties.insert(0, ("FifoQueue".to_owned(), Value::Bool(true)));
            }
            let sibling = Value::Map(vec![
                ("Type".to_owned(), Value::Text("AWS::SQS::Queue".to_owned())),
                ("Properties".to_owned(), Value::Map(properties)),
            ]);
            let target = if project.sources.path(of.file).ends_with(".json") {
                let arn = [name.clone(), "Arn".to_owned()].map(Value::Text);
                Value::Map(vec![("Fn::GetAtt".to_owned(), Value::List(arn.into()))])
            } else {
                Value::Verbatim(format!("!GetAtt {name}.Arn"))
            };
            let policy = Value::Map(vec![
                ("deadLetterTargetArn".to_owned(), target),
                ("maxReceiveCount".to_owned(), Value::Int(receives)),
            ]);
            let sibling = Write::Sibling { of, key: name, value: sibling };
            Some((title, false, vec![owner.set("RedrivePolicy", policy), Some(sibling)]))
        }
        Resources::Blocks => {
            let header = project.sources.slice(of);
            let name = header.split('"').nth(3)?;
            let new = format!("{name}_dead_letter");
            let address = format!("aws_sqs_queue.{new}");
            if project.deploy.declares(&address) {
                return None;
            }
            let physical = queue_name(project, queue).unwrap_or_else(|| name.replace('_', "-"));
            let physical = physical.trim_end_matches(".fifo");
            let suffix = if fifo { ".fifo" } else { "" };
            let mut attributes = vec![("name".to_owned(), Value::Text(format!("{physical}-dead-letter{suffix}")))];
            if fifo {
                attributes.push(("fifo_queue".to_owned(), Value::Bool(true)));
            }
            attributes.push(("message_retention_seconds".to_owned(), Value::Int(retention)));
            let policy = format!(
                "jsonencode({{\n    deadLetterTargetArn = {address}.arn\n    maxReceiveCount     = {receives}\n  }})"
            );
            let redrive =
                Write::Attribute { of, path: vec!["redrive_policy".to_owned()], value: Value::Verbatim(policy) };
            let header = format!("resource \"aws_sqs_queue\" \"{new}\"");
            Some((title, false, vec![Some(redrive), Some(Write::Block { of, header, attributes })]))
        }
    }
}

fn queue_name(project: &Project, queue: &Queue) -> Option<String> {
    project.deploy.resource(queue.resource).name.one().cloned()
}
