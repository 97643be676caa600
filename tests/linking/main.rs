//! Which binary a deployed function runs, where nothing names it: entry points, names, and being the only ones there.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

mod adapter;
mod names;
mod scripts;

use faaslint::config::Selected;
use faaslint::engine::{self, Options};
use faaslint::model::Project;
use faaslint::rule::{self, Params};
use faaslint::source::STACK_BYTES;
use faaslint::tree::Memory;

const TOOL: &str = "fn main() { println!(\"a tool\") }";
const FUNCTION: &str = "use lambda_runtime::{Error, LambdaEvent, run, service_fn};\n\
    async fn main() -> Result<(), Error> { run(service_fn(answer)).await }\n\
    async fn answer(_: LambdaEvent<serde_json::Value>) -> Result<(), Error> { Ok(()) }\n";

/// A package with a runtime among its dependencies and binaries of these names.
fn package(dir: &str, name: &str, binaries: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut manifest =
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n[dependencies]\nlambda_runtime = \"1\"\n");
    let mut files = Vec::new();
    for (binary, code) in binaries {
        manifest += &format!("[[bin]]\nname = \"{binary}\"\npath = \"src/{binary}.rs\"\n");
        files.push((format!("{dir}/src/{binary}.rs"), (*code).to_owned()));
    }
    files.push((format!("{dir}/Cargo.toml"), manifest));
    files
}

/// A Terraform function of a name with more attributes.
fn function(name: &str, more: &str) -> String {
    format!(
        "resource \"aws_lambda_function\" \"{name}\" {{\n function_name = \"{name}\"\n runtime = \"provided.al2023\"\n \
         handler = \"bootstrap\"\n {more}\n}}\n"
    )
}

fn file(path: &str, text: impl Into<String>) -> Vec<(String, String)> {
    vec![(path.to_owned(), text.into())]
}

fn project(parts: &[Vec<(String, String)>]) -> Project {
    let rules = rule::embedded().into_iter().map(|spec| Selected { params: Params::defaults(&spec.params), spec });
    let options = Options::new(rules.collect());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).stack_size(STACK_BYTES).build().expect("threads start");
    pool.install(|| engine::run(&Memory::new(parts.concat()), None, &options, &|_| {})).project
}

/// `function: package/binary evidence` of each function, and binaries without one.
fn links(project: &Project) -> Vec<String> {
    let binary = |id| {
        let target = project.cargo.target(id);
        format!("{}/{}", project.cargo.package(target.package).name, target.name)
    };
    let line = |unit: &faaslint::model::Unit| {
        let name = unit
            .function()
            .map_or("-", |id| project.deploy.function_name(id).trim_start_matches("aws_lambda_function."));
        match (unit.target(), unit.evidence()) {
            (Some(id), Some(evidence)) => format!("{name}: {} {}", binary(id), evidence.as_str()),
            (Some(id), None) => format!("{name}: {}", binary(id)),
            (None, _) => format!("{name}: none"),
        }
    };
    project.units.iter().map(line).collect()
}

fn reasons(project: &Project) -> Vec<&str> {
    project.gaps.iter().map(|gap| gap.reason.as_str()).filter(|reason| reason.starts_with("no binary")).collect()
}

const ZIP: &str = "filename = \"build/code.zip\"";

#[test]
fn a_binary_where_a_function_begins_wins_over_a_tool_of_the_same_name() {
    let parts = [
        package("tools", "tools", &[("orders", TOOL)]),
        package("service", "service", &[("orders", FUNCTION), ("other", FUNCTION)]),
        file("infra/main.tf", function("orders", ZIP)),
    ];
    assert_eq!(links(&project(&parts)), ["orders: service/orders same-name", "-: service/other"]);
    let parts = [
        package("tools", "tools", &[("orders", TOOL)]),
        package("service", "service", &[("orders", FUNCTION)]),
        file("infra/main.tf", function("f", "filename = \"target/lambda/orders/bootstrap.zip\"")),
    ];
    assert_eq!(links(&project(&parts)), ["f: service/orders declared"]);
}

#[test]
fn a_tool_called_like_the_function_is_not_it_when_its_package_has_one() {
    let parts =
        [package("app", "digest", &[("digest", TOOL), ("lambda", FUNCTION)]), file("main.tf", function("digest", ZIP))];
    assert_eq!(links(&project(&parts)), ["digest: digest/lambda same-name"]);
}

#[test]
fn the_only_function_runs_the_only_binary() {
    let binary = package("app", "publisher", &[("web-publisher", FUNCTION)]);
    let found = project(&[binary.clone(), file("infra/main.tf", function("site", ZIP))]);
    assert_eq!(links(&found), ["site: publisher/web-publisher same-name"]);

    // Several roots that use one block deploy one function.
    let block = function("site", ZIP);
    let root = "module \"app\" {\n source = \"../modules/app\"\n}\n";
    let parts =
        [binary.clone(), file("modules/app/main.tf", block), file("dev/main.tf", root), file("prod/main.tf", root)];
    let all = links(&project(&parts));
    assert!(all.len() == 2 && all.iter().all(|link| link.ends_with("web-publisher same-name")), "{all:?}");
}

#[test]
fn it_does_not_when_something_else_may() {
    let binary = package("app", "publisher", &[("web-publisher", FUNCTION)]);
    let two = function("site", ZIP) + &function("feed", ZIP);
    let found = project(&[binary.clone(), file("infra/main.tf", two)]);
    assert_eq!(links(&found), ["site: none", "feed: none", "-: publisher/web-publisher"]);
    assert_eq!(reasons(&found).len(), 2);

    // Another template may describe another function of the same name.
    let block = function("site", ZIP);
    let parts = [binary.clone(), file("one/main.tf", block.clone()), file("two/main.tf", block.clone())];
    assert!(links(&project(&parts)).iter().all(|link| !link.ends_with("same-name")));

    let image = "resource \"aws_lambda_function\" \"other\" {\n function_name = \"other\"\n package_type = \"Image\"\n \
                 image_uri = var.image\n}\nvariable \"image\" {}\n";
    let parts = [binary.clone(), file("infra/main.tf", block.clone() + image)];
    assert!(links(&project(&parts)).iter().all(|link| !link.ends_with("same-name")), "the image may be the binary");

    let go = function("site", "filename = data.archive_file.z.output_path")
        + "data \"archive_file\" \"z\" {\n type = \"zip\"\n source_dir = \"hello\"\n output_path = \"z.zip\"\n}\n";
    let parts = [binary.clone(), file("infra/main.tf", go), file("infra/hello/main.go", "package main")];
    assert!(links(&project(&parts)).contains(&"site: none".to_owned()), "its directory holds other code");

    let node = block.replace("provided.al2023", "nodejs20.x");
    let found = project(&[binary, file("infra/main.tf", node)]);
    assert_eq!(links(&found), ["site: none", "-: publisher/web-publisher"]);
    assert!(reasons(&found).is_empty(), "nothing is missing: another runtime runs no binary");
}

#[test]
fn examples_beside_each_other_have_a_function_and_a_binary_each() {
    let one = |dir: &str, name: &str| {
        let mut files = package(&format!("{dir}/app"), name, &[("bootstrap", FUNCTION)]);
        files.extend(file(&format!("{dir}/infra/main.tf"), function("site", ZIP)));
        files
    };
    let found = project(&[one("a", "first"), one("b", "second")]);
    assert_eq!(links(&found), ["site: first/bootstrap same-name", "site: second/bootstrap same-name"]);
}

#[test]
fn what_all_names_share_does_not_keep_them_apart() {
    let parts = [
        package("app", "shop", &[("web-lambda-list", FUNCTION), ("web-lambda-publish", FUNCTION)]),
        file("main.tf", function("acme_list", ZIP) + &function("acme_publish", ZIP)),
    ];
    assert_eq!(
        links(&project(&parts)),
        ["acme_list: shop/web-lambda-list same-name", "acme_publish: shop/web-lambda-publish same-name"]
    );
}

#[test]
fn a_binary_called_bootstrap_goes_by_its_package() {
    let parts = [
        package("a", "ledger-admin", &[("bootstrap", FUNCTION)]),
        package("b", "ledger-poll", &[("bootstrap", FUNCTION)]),
        file(
            "main.tf",
            function("x", "filename = \"target/lambda/ledger-admin/bootstrap.zip\"") + &function("ledger_poll", ZIP),
        ),
    ];
    assert_eq!(
        links(&project(&parts)),
        ["x: ledger-admin/bootstrap artifact", "ledger_poll: ledger-poll/bootstrap same-name"]
    );
}

#[test]
fn images_and_objects_by_reference_say_what_is_missing() {
    let image = |name: &str| {
        format!(
            "resource \"aws_lambda_function\" \"{name}\" {{\n function_name = \"{name}\"\n package_type = \"Image\"\n \
             image_uri = \"1.dkr.ecr.eu-west-1.amazonaws.com/{name}:1\"\n}}\n"
        )
    };
    let binaries = package("app", "shop", &[("list", FUNCTION), ("publish", FUNCTION)]);
    let found = project(&[binaries.clone(), file("infra/main.tf", image("acme_list") + &image("acme_publish"))]);
    assert!(links(&found).contains(&"acme_list: none".to_owned()));
    assert!(reasons(&found).iter().all(|reason| reason.contains("image is named by reference")), "{:?}", found.gaps);
    assert_eq!(reasons(&found).len(), 2);

    let docker = |name: &str| {
        let text = format!(
            "FROM rust AS build\nRUN cargo build --release\nFROM public.ecr.aws/lambda/provided:al2023\n\
             COPY --from=build /tmp/target/release/{name} /var/runtime/bootstrap\n"
        );
        file(&format!("docker/{name}/Dockerfile"), text)
    };
    let config = file("infra/main.tf", image("acme_list") + &image("acme_publish"));
    let found = project(&[binaries.clone(), docker("list"), docker("publish"), config]);
    assert_eq!(links(&found), ["acme_list: shop/list same-name", "acme_publish: shop/publish same-name"]);

    let object = function("feed", "s3_bucket = \"b\"\n s3_key = \"v1/code.zip\"");
    let found = project(&[binaries, file("infra/main.tf", object)]);
    assert!(reasons(&found)[0].contains("object of S3"), "{:?}", found.gaps);
}

#[test]
fn deploy_metadata_is_no_function_of_its_own() {
    let mut app = package("app", "quota-store", &[("quota-store", FUNCTION)]);
    app[1].1 += "[package.metadata.lambda.deploy]\ntimeout = 10\n";
    let found = project(&[app, file("infra/main.tf", function("quota", ZIP))]);
    assert!(links(&found).contains(&"quota: quota-store/quota-store same-name".to_owned()), "{:?}", links(&found));
}
