//! Functions behind the Lambda Web Adapter: a web server whose router is the handler.

use super::{file, links, project};
use faaslint::model::Project;
use faaslint::model::source::{EnvRead, Phase};

const AXUM: &str = "use axum::{Router, routing::get};\n\
    async fn main() {\n let app = Router::new().route(\"/orders\", get(list));\n\
    let listener = tokio::net::TcpListener::bind(\"0.0.0.0:8080\").await.unwrap();\n\
    axum::serve(listener, app).await.unwrap();\n}\n\
    async fn list() -> String { std::env::var(\"TABLE\").unwrap() }\n";

/// A web server of a framework, without a Lambda runtime.
fn server(dir: &str, name: &str, framework: &str, code: &str) -> Vec<(String, String)> {
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n{framework} = \"*\"\n"
    );
    [file(&format!("{dir}/Cargo.toml"), manifest), file(&format!("{dir}/src/main.rs"), code)].concat()
}

/// A SAM function of a code directory with more properties.
fn sam(dir: &str, properties: &str) -> Vec<(String, String)> {
    let text = format!(
        "AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\nResources:\n  Api:\n    Type: \
         AWS::Serverless::Function\n    Metadata:\n      BuildMethod: rust-cargolambda\n    Properties:\n      \
         CodeUri: \
         {dir}\n      Handler: bootstrap\n      Runtime: provided.al2023\n{properties}"
    );
    file("template.yaml", text)
}

const LAYER: &str =
    "      Layers:\n        - !Sub arn:aws:lambda:${AWS::Region}:753240598075:layer:LambdaAdapterLayerArm64:27\n";

/// `handler by entry, served` of each handler.
fn handlers(project: &Project) -> Vec<String> {
    let all = project.programs.iter().flat_map(|program| &program.handlers);
    all.map(|handler| format!("{} by {}{}", handler.name, handler.entry, if handler.served { ", served" } else { "" }))
        .collect()
}

#[test]
fn the_router_of_a_server_behind_the_adapter_is_the_handler() {
    let found = project(&[server("app", "shop", "axum", AXUM), sam("app", LAYER)]);
    assert_eq!(links(&found), ["Api: shop/shop declared"]);
    assert_eq!(handlers(&found), ["router by axum::serve, served"]);
    let reads = found.programs[0].facts::<EnvRead>();
    assert_eq!(reads[0].site.phase, Phase::Invoke, "a route runs on every invocation");
}

#[test]
fn frameworks_start_their_servers_in_their_ways() {
    let of = |framework: &str, code: &str| {
        let found = project(&[server("app", "shop", framework, code), sam("app", LAYER)]);
        let invoked = found.programs[0].facts::<EnvRead>().iter().all(|read| read.site.phase == Phase::Invoke);
        assert!(invoked && found.programs[0].facts::<EnvRead>().len() == 1, "{framework}");
        handlers(&found)
    };
    let read = "{ std::env::var(\"TABLE\").unwrap() }";
    let actix = format!(
        "use actix_web::{{web, App, HttpServer}};\nasync fn list() -> String {read}\nasync fn main() {{\n\
         HttpServer::new(|| App::new().route(\"/\", web::get().to(list))).bind((\"0.0.0.0\", 8080)).unwrap()\
         .run().await;\n}}"
    );
    assert_eq!(of("actix-web", &actix), ["router by actix_web::HttpServer::new, served"]);
    let warp = format!(
        "use warp::Filter;\nasync fn list() -> Result<String, warp::Rejection> {read}\nasync fn main() {{\n\
         let routes = warp::path(\"orders\").and(warp::get()).and_then(list);\n\
         warp::serve(routes).run(([0, 0, 0, 0], 8080)).await;\n}}"
    );
    assert_eq!(of("warp", &warp), ["router by warp::serve, served"]);
    let rocket = format!(
        "use rocket::{{get, launch, routes}};\n#[get(\"/\")]\nfn list() -> String {read}\n#[launch]\n\
         fn start() -> _ {{ \
         rocket::build().mount(\"/\", routes![list]) }}"
    );
    assert_eq!(of("rocket", &rocket), ["router by rocket::build, served"]);
    let hyper = format!(
        "use hyper::service::service_fn;\nasync fn list(_: Request) -> String {read}\nasync fn main() {{\n\
         hyper::server::conn::http1::Builder::new().serve_connection(io, service_fn(list)).await;\n}}"
    );
    assert_eq!(of("hyper", &hyper), ["list by hyper::server::conn::http1::Builder::serve_connection, served"]);
}

#[test]
fn a_server_without_the_adapter_is_no_function() {
    let found = project(&[server("app", "shop", "axum", AXUM), file("main.tf", super::function("site", super::ZIP))]);
    assert_eq!(links(&found), ["site: none"]);
    assert!(handlers(&found).is_empty());
}

#[test]
fn variables_and_the_wrapper_show_it_in_every_dialect() {
    let terraform = |more: &str| {
        let config = super::function("shop", &format!("{}\n{more}", super::ZIP));
        handlers(&project(&[server("app", "shop", "axum", AXUM), file("main.tf", config)]))
    };
    let served = ["router by axum::serve, served"];
    assert_eq!(terraform("environment { variables = { AWS_LWA_PORT = 3000 } }"), served);
    assert_eq!(terraform("environment { variables = { AWS_LAMBDA_EXEC_WRAPPER = \"/opt/bootstrap\" } }"), served);
    assert_eq!(
        terraform("layers = [\"arn:aws:lambda:eu-west-1:753240598075:layer:LambdaAdapterLayerX86:27\"]"),
        served
    );
    assert!(terraform("environment { variables = { AWS_LAMBDA_EXEC_WRAPPER = \"/opt/other\" } }").is_empty());
    assert!(terraform("environment { variables = { PORT = 3000 } }").is_empty());
}

#[test]
fn images_hold_it_as_an_extension() {
    let docker = |adapter: &str| {
        let text = format!(
            "FROM rust AS build\nRUN cargo build --release\nFROM debian\n{adapter}\
             COPY --from=build /app/target/release/shop /usr/local/bin/shop\nCMD [\"shop\"]\n"
        );
        file("app/Dockerfile", text)
    };
    let adapter =
        "COPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:0.9.1 /lambda-adapter /opt/extensions/lambda-adapter\n";
    let template = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Api:\n    Type: \
                    AWS::Serverless::Function\n    Metadata:\n      DockerContext: app\n      Dockerfile: \
                    Dockerfile\n    Properties:\n      PackageType: Image\n";
    let app = server("app", "shop", "axum", AXUM);
    let found = project(&[app.clone(), docker(adapter), file("template.yaml", template)]);
    assert_eq!(links(&found), ["Api: shop/shop artifact"]);
    assert_eq!(handlers(&found), ["router by axum::serve, served"]);
    // Nothing here deploys it; that it is an image for Lambda is certain.
    let found = project(&[app.clone(), docker(adapter)]);
    assert_eq!(links(&found), ["-: shop/shop"]);
    let found = project(&[app, docker("")]);
    assert!(links(&found).is_empty(), "any other image may run anywhere");
}

#[test]
fn a_server_beside_the_one_behind_the_adapter_stays_out() {
    let config =
        super::function("shop", &format!("{}\nenvironment {{ variables = {{ AWS_LWA_PORT = 1 }} }}", super::ZIP));
    let parts =
        [server("app", "shop", "axum", AXUM), server("admin", "admin-console", "axum", AXUM), file("main.tf", config)];
    let found = project(&parts);
    assert_eq!(links(&found), ["shop: shop/shop same-name"]);
    assert_eq!(found.programs.len(), 1);
}

#[test]
fn a_declared_binary_that_only_serves_is_served() {
    // The layer is the project's own; what it holds is not known.
    let layers = "      Layers:\n        - !Ref Own\n";
    let found = project(&[server("app", "shop", "axum", AXUM), sam("app", layers)]);
    assert_eq!(handlers(&found), ["router by axum::serve, served"]);
}
