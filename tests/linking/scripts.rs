//! What scripts, features and `cfg` say of where functions begin and which binary runs.

use super::{FUNCTION, TOOL, ZIP, file, function, links, package, project, reasons};

#[test]
fn scripts_say_what_is_in_an_archive() {
    let binaries = package("app", "shop", &[("api", FUNCTION), ("worker", FUNCTION)]);
    let config = file("infra/main.tf", function("front", "filename = \"../dist/front.zip\"") + &function("back", ZIP));
    let makefile = file(
        "Makefile",
        "zips:\n\tcargo lambda build --release\n\tzip -j dist/front.zip target/lambda/worker/bootstrap\n",
    );
    let found = project(&[binaries.clone(), config.clone(), makefile]);
    assert!(links(&found).contains(&"front: shop/worker artifact".to_owned()), "{:?}", links(&found));
    // Two scripts that disagree say nothing.
    let scripts = [
        file("a.sh", "cargo build\nzip -j dist/front.zip target/lambda/worker/bootstrap\n"),
        file("b.sh", "cargo build\nzip -j dist/front.zip target/lambda/api/bootstrap\n"),
    ];
    let found = project(&[binaries, config, scripts.concat()]);
    assert!(links(&found).contains(&"front: none".to_owned()), "{:?}", links(&found));
}

#[test]
fn workflows_say_which_binary_a_function_gets() {
    let binaries = package("app", "shop", &[("api", FUNCTION), ("worker", FUNCTION)]);
    let config = file("infra/main.tf", function("front", ZIP) + &function("back", ZIP));
    let steps = "jobs:\n  d:\n    steps:\n      - run: cargo lambda deploy --binary-name api front\n      - run: \
                 |\n          aws lambda \
                 update-function-code --function-name back --zip-file fileb://target/lambda/worker/bootstrap.zip\n";
    let found = project(&[binaries, config, file(".github/workflows/deploy.yml", steps)]);
    assert_eq!(links(&found), ["front: shop/api artifact", "back: shop/worker artifact"]);
}

#[test]
fn one_of_two_mains_is_chosen_by_a_feature() {
    let code = format!("#[cfg(feature = \"lambda\")]\n{FUNCTION}");
    let local = "#[cfg(not(feature = \"lambda\"))]\nfn main() { println!(\"local\") }\n";
    for whole in [format!("{code}{local}"), format!("{local}{code}")] {
        // The attribute stands before the first item of the text; the entry point is the second.
        let whole = whole
            .replace("#[cfg(feature = \"lambda\")]\nuse", "use")
            .replace("async fn main", "#[cfg(feature = \"lambda\")] async fn main");
        let found = project(&[package("app", "shop", &[("shop", &whole)])]);
        assert_eq!(links(&found), ["-: shop/shop"]);
        assert_eq!(found.programs[0].handlers.len(), 1);
    }
}

#[test]
fn an_entry_point_in_a_library_that_nobody_calls_is_a_gap() {
    let manifest = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[features]\nserverless = \
                    [\"dep:lambda_runtime\"]\n[dependencies]\nlambda_runtime = { version = \"1\", optional = true }\n";
    let library = "#[cfg(feature = \"serverless\")]\npub async fn start() -> Result<(), lambda_runtime::Error> {\n \
                   lambda_runtime::run(lambda_runtime::service_fn(answer)).await }\n\
                   async fn answer(_: lambda_runtime::LambdaEvent<String>) -> Result<(), lambda_runtime::Error> { \
                   Ok(()) }\n";
    let parts =
        |main: &str| [file("Cargo.toml", manifest), file("src/lib.rs", library), file("src/main.rs", main)].concat();
    let gap = |found: &faaslint::model::Project| {
        found.gaps.iter().map(|gap| gap.reason.clone()).find(|reason| reason.contains("of a library starts"))
    };
    let found = project(&[parts(TOOL)]);
    let reason = gap(&found).expect("is said");
    assert!(reason.contains("`start`") && reason.contains("behind the feature `serverless` of `shop`"), "{reason}");
    let found = project(&[parts("async fn main() { shop::start().await; }")]);
    assert_eq!((gap(&found), links(&found)), (None, vec!["-: shop/shop".to_owned()]));
    assert!(reasons(&found).is_empty());
}

#[test]
fn a_recipe_may_leave_the_build_to_another_rule() {
    let binaries = package("app", "shop", &[("front", FUNCTION), ("back", FUNCTION)]);
    let function = |name: &str| {
        format!(
            "  {name}:\n    Type: AWS::Serverless::Function\n    Metadata:\n      BuildMethod: makefile\n    \
             Properties:\n      CodeUri: app\n      Handler: bootstrap\n      Runtime: provided.al2023\n"
        )
    };
    let template = format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n{}{}",
        function("FrontFunction"),
        function("OtherFunction")
    );
    let makefile = "%: target/lambda/%/bootstrap\n\tcargo lambda build --release\nbuild-FrontFunction: front\n\
                    build-OtherFunction: page\n";
    let found = project(&[binaries, file("template.yaml", template), file("app/Makefile", makefile)]);
    assert!(links(&found).contains(&"FrontFunction: shop/front artifact".to_owned()), "{:?}", links(&found));
    assert!(links(&found).contains(&"OtherFunction: none".to_owned()), "{:?}", links(&found));
}
