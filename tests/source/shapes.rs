//! Shapes of Rust that lead from a handler to a call: each is a handler's body with the items it needs.

use super::{handlers, program};
use faaslint::model::source::{Phase, SdkCall};

const HEAD: &str = r#"
use lambda_runtime::{run, service_fn, Error, LambdaEvent};
use std::collections::BTreeMap;
use std::sync::Arc;
type Db = aws_sdk_dynamodb::Client;
#[tokio::main]
async fn main() -> Result<(), Error> {
    let db = aws_sdk_dynamodb::Client::new(&aws_config::load_from_env().await);
    run(service_fn(|event: LambdaEvent<String>| handle(event, db.clone()))).await
}
struct Lookup { db: Db }
trait Step { async fn go(&self) -> Result<(), Error>; }
impl Step for Lookup {
    async fn go(&self) -> Result<(), Error> { self.db.get_item().send().await?; Ok(()) }
}
trait Fetch { async fn fetch(&self) -> Result<(), Error>; }
impl Fetch for Db {
    async fn fetch(&self) -> Result<(), Error> { self.get_item().send().await?; Ok(()) }
}
async fn handle(event: LambdaEvent<String>, db: Db) -> Result<(), Error> {
    BODY
    Ok(())
}
"#;

#[test]
fn calls_are_found_behind_shapes_of_the_language() {
    let shapes = [
        ("a qualified path", "<Lookup as Step>::go(&Lookup { db }).await?;"),
        ("a trait of the workspace for a client", "db.fetch().await?;"),
        (
            "values of a map made from pairs",
            "for (_, step) in &BTreeMap::from([(1, Arc::new(Lookup { db }))]) { step.go().await?; }",
        ),
        ("a tuple", "let (step, _) = (Lookup { db }, 1); step.go().await?;"),
        (
            "a request under another name",
            "let request = db.get_item(); let request = request.table_name(\"t\"); request.send().await?;",
        ),
    ];
    for (shape, body) in shapes {
        let program = program(&HEAD.replace("BODY", body));
        let calls: Vec<(&str, Phase)> =
            program.facts::<SdkCall>().iter().map(|call| (call.operation.as_str(), call.site.phase)).collect();
        assert_eq!(calls, [("get_item", Phase::Invoke)], "{shape}");
    }
}

#[test]
fn handlers_are_picked_boxed_and_built() {
    let head = "use lambda_runtime::{run, service_fn, Error, LambdaEvent};\n\
                use aws_lambda_events::sqs::SqsEvent;\n\
                async fn a(event: LambdaEvent<SqsEvent>) -> Result<(), Error> { Ok(()) }\n\
                async fn b(event: LambdaEvent<SqsEvent>) -> Result<(), Error> { Ok(()) }\n";
    let names = |rest: &str| handlers(&format!("{head}{rest}")).into_iter().map(|(name, ..)| name).collect::<Vec<_>>();
    let picked = "fn pick(name: &str) -> Job { match name { \"a\" => Box::new(|e| Box::pin(a(e))), _ => Box::new(|e| \
                  Box::pin(b(e))) } }\n\
                  async fn main() -> Result<(), Error> { let job = pick(&std::env::args().next().unwrap_or_default()); \
                  run(service_fn(job)).await }";
    assert_eq!(names(picked), ["a", "b"]);
    let branch = "async fn main() -> Result<(), Error> { let job = if cfg!(unix) { service_fn(a) } else { \
                  service_fn(b) }; run(job).await }";
    assert_eq!(names(branch), ["a", "b"]);
    let built = "struct Orders; impl tower::Service<LambdaEvent<SqsEvent>> for Orders { fn call(&mut self, event: \
                 LambdaEvent<SqsEvent>) -> Answer { answer() } }\n\
                 async fn main() -> Result<(), Error> { run(tower::ServiceBuilder::new().service(Orders)).await }";
    assert_eq!(names(built), ["call"]);
}
