//! Handlers as the model knows them: what they take, what they answer, whose they are.

use crate::knowledge::Meaning;
use crate::model::Verdict;
use crate::model::source::{EnvRead, Facts, Handler, Platform};
use crate::source::flow::trace::Tracer;
use crate::source::flow::{answer, shape};
use crate::source::names::index::Index;
use crate::source::names::kinds::{Head, Type};
use crate::source::parse::declared::TypeKind;

/// The handlers of a binary.
pub(crate) fn of_binary(tracer: &Tracer<'_>, facts: &Facts) -> Vec<Handler> {
    let index = tracer.reach.index;
    let read_like = shape::of_json(tracer);
    let builds_batch_json = shape::builds_batch_json(tracer);
    let of_handlers = tracer.reach.regions.iter().filter(|(_, region)| region.handler);
    let fails = Verdict::any(of_handlers.map(|(region, _)| answer::fails(tracer, region)));
    let entries = tracer.reach.entries.iter().map(|entry| Handler {
        name: entry.name.clone(),
        span: entry.span,
        platform: entry.platform,
        entry: entry.path.clone(),
        served: entry.served,
        concurrent: index.lexicon.means(&entry.path, Meaning::Concurrent),
        event: name_of(index, &entry.event),
        response: name_of(index, &entry.response),
        reads_like: shape::of_event(index, &entry.event).or(read_like),
        only_references: shape::holds_only_references(index, &entry.event),
        returns_batch_response: returns_batch(index, &entry.response, builds_batch_json),
        misnamed_failures: misnamed(index, &entry.response),
        fails,
    });
    let handlers: Vec<Handler> = entries.collect();
    if handlers.is_empty() { custom_handler(facts).into_iter().collect() } else { handlers }
}

/// A server on the port that the Azure Functions host hands over (Azure Functions documentation, custom handlers).
fn custom_handler(facts: &Facts) -> Option<Handler> {
    let port = facts.of::<EnvRead>().iter().find(|read| read.key == "FUNCTIONS_CUSTOMHANDLER_PORT")?;
    Some(Handler {
        name: "server".to_owned(),
        span: port.site.span,
        platform: Platform::AzureFunctions,
        entry: "custom handler".to_owned(),
        served: false,
        concurrent: true,
        event: String::new(),
        response: String::new(),
        reads_like: None,
        only_references: false,
        returns_batch_response: Verdict::No,
        misnamed_failures: None,
        fails: Verdict::Unknown,
    })
}

fn returns_batch(index: &Index<'_>, response: &Type, builds_json: bool) -> Verdict {
    match &response.head {
        Head::Outside(path) => {
            let means = index.lexicon.of(path);
            (means.has(Meaning::BatchResponse) || (means.has(Meaning::Json) && builds_json)).into()
        }
        Head::Local(id) => {
            let item = index.type_item(*id);
            let failures = |name: &String| index.lexicon.field(name).has(Meaning::BatchFailure);
            let named = item.serde_names.iter().any(failures);
            let written = match &item.kind {
                TypeKind::Struct(fields) => fields.iter().any(|field| field.name == "batchItemFailures"),
                _ => false,
            };
            (item.serialize && (named || written)).into()
        }
        Head::Bounds(_) | Head::Unknown => Verdict::Unknown,
    }
}

/// A field of a struct of the workspace that a serialiser writes as something else than it is named like.
fn misnamed(index: &Index<'_>, response: &Type) -> Option<String> {
    let Head::Local(id) = response.head else { return None };
    let TypeKind::Struct(fields) = &index.type_item(id).kind else { return None };
    let found = fields.iter().find(|field| index.lexicon.field(&field.name).has(Meaning::BatchFailure));
    found.filter(|_| returns_batch(index, response, false) == Verdict::No).map(|field| field.name.clone())
}

fn name_of(index: &Index<'_>, ty: &Type) -> String {
    match &ty.head {
        Head::Outside(path) => path.clone(),
        Head::Local(id) => index.type_item(*id).name.clone(),
        Head::Bounds(_) | Head::Unknown => String::new(),
    }
}
