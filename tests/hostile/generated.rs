//! Input that grows: of each kind more than anybody writes, in a child with bounds on time, memory and stack. What is
//! generated is the same each time.

use super::*;

/// Seconds of processor time, of a build without optimisation.
const SECONDS: u32 = 30;
/// KiB of address space.
const MEMORY: u32 = 1_500 << 10;

/// Runs over a tree: it ends by itself, in time, with an answer.
fn holds(name: &str, dir: &Path) {
    let limits = format!("ulimit -v {MEMORY}; ulimit -t {SECONDS}; ulimit -c 0; exec \"$0\" \"$@\"");
    let output = Command::new("/bin/sh")
        .args(["-c", &limits, env!("CARGO_BIN_EXE_cargo-faaslint")])
        .args(["check", "--no-cargo", "--audience", "auditor", "--format", "json", "--jobs", "2"])
        .current_dir(dir)
        .output()
        .expect("the shell runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0..=2)), "{name}: {:?} {errors}", output.status);
    assert!(!errors.contains("panicked"), "{name}: {errors}");
}

const MANIFEST: &str = "[package]\nname = \"f\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n\
                        lambda_runtime = \"*\"\naws-sdk-s3 = \"*\"\nserde_json = \"*\"\ntokio = \"*\"\n";

fn rust(name: &str, items: &str, body: &str) {
    let main = format!(
        "use lambda_runtime::{{service_fn, Error, LambdaEvent}};\nuse serde_json::Value;\n{items}\nasync fn handler(e: \
         LambdaEvent<Value>) -> Result<Value, Error> {{\n{body}\nOk(e.payload)\n}}\n#[tokio::main]\nasync fn main() -> \
         Result<(), Error> {{ lambda_runtime::run(service_fn(handler)).await }}\n"
    );
    holds(name, project(&[("Cargo.toml", MANIFEST), ("src/main.rs", &main), ("template.yaml", TEMPLATE)]).path());
}

/// A text for each number, in lines.
fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(|at| line(at) + "\n").collect()
}

const CLIENT: &str = "let c = aws_sdk_s3::Client::new(&aws_config::load_from_env().await);\n";

#[test]
fn statements() {
    let calls = |line: &dyn Fn(usize) -> String| CLIENT.to_owned() + &lines(2_000, line);
    rust("unwraps", "", &lines(4_000, |at| format!("e.payload.get(\"{at}\").unwrap();")));
    rust("indices", "", &lines(2_000, |at| format!("let x{at} = e.payload[\"k{at}\"].as_str().unwrap().len();")));
    rust("headers", "", &lines(2_000, |at| format!("let x{at} = e.headers()[\"k{at}\"].len();")));
    rust("awaits", "", &calls(&|at| format!("c.get_object().bucket(\"b\").key(\"{at}\").send().await?;")));
    rust("futures", "", &calls(&|at| format!("let f{at} = c.get_object().key(\"{at}\").send();")));
    rust("loops", "", &calls(&|at| format!("for k in &keys {{ c.get_object().key(\"{at}\").send().await?; }}")));
    rust("clones", "", &lines(4_000, |at| format!("let a{at} = e.payload.clone();")));
    rust("logs", "", &lines(4_000, |_| "tracing::info!(\"event {:?}\", e.payload);".to_owned()));
    rust("bindings of one name", "", &lines(2_000, |at| format!("let v = e.payload.get(\"{at}\"); let w{at} = v;")));
    rust(
        "a chain of bindings",
        "",
        &format!("let v0 = e.payload.clone();\n{}", lines(2_000, |at| { format!("let v{} = v{at}.clone();", at + 1) })),
    );
    rust("tasks", "", &lines(2_000, |at| format!("tokio::spawn(async move {{ work({at}).await }});")));
    rust("divisions", "", &lines(2_000, |at| format!("let x{at} = 100u64 / e.payload.n{at};")));
    rust(
        "suppressions",
        "",
        &lines(4_000, |at| format!("// faaslint: allow(panic-in-handler) r{at}\ne.payload.get(\"{at}\").unwrap();")),
    );
}

#[test]
fn expressions() {
    rust("a chain of methods", "", &format!("let x = e.payload{};", ".clone()".repeat(10_000)));
    rust("arms", "", &format!("match k {{\n{}_ => {{}} }}", lines(4_000, |at| format!("\"{at}\" => work({at}),"))));
    rust("arms of select", "", &format!("tokio::select! {{\n{}}}", lines(2_000, |at| format!("_ = f({at}) => {{}}"))));
    rust("blocks", "", &format!("{}{}", "if a {".repeat(240), "}".repeat(240)));
    rust("too many blocks", "", &format!("{}{}", "{".repeat(100_000), "}".repeat(100_000)));
    rust("a function of functions", "", &format!("let x: {}u8 = 1;", "fn() -> ".repeat(60_000)));
    rust("conditions", "", &format!("let x = {} 1 {{}};", "if let A = ".repeat(30_000)));
    rust("one number", "", &format!("let x = {};", "9".repeat(200_000)));
    rust("arguments", "", &format!("f({});", "e.payload.clone(), ".repeat(4_000)));
    rust("operators", "", &format!("let x = 1{};", " + 1".repeat(50_000)));
}

#[test]
fn items() {
    rust("an alias of itself", "type C<T> = C<C<T>>;\nfn g(c: C<u8>) { c.x(); }", "");
    let aliases = lines(60, |at| format!("type T{at}<A> = (T{}<A>, T{}<A>);", at + 1, at + 1));
    rust("aliases that double", &format!("{aliases}fn g(c: T0<u8>) {{ c.x(); }}"), "");
    let calls = lines(2_000, |at| format!("async fn f{at}() {{ f{}().await; }}", at + 1));
    rust("a chain of functions", &calls, "f0().await;");
    let all = lines(2_000, |at| format!("async fn f{at}(v: &Value) {{ v.get(\"x\").unwrap(); }}"));
    rust("many functions", &all, &lines(2_000, |at| format!("f{at}(&e.payload).await;")));
    rust("fields", &format!("struct S {{ {} }}", lines(4_000, |at| format!("f{at}: u64,"))), "let s = S { f0: 1 };");
    rust("modules", &lines(4_000, |at| format!("mod m{at} {{ pub fn f() {{}} }}")), "");
    rust("modules of one file", &lines(400, |at| format!("#[path = \"main.rs\"] mod a{at};")), "");
    let doubling = "macro_rules! d { ($($x:tt)*) => { d!($($x)* $($x)*); } }";
    rust("a macro without end", doubling, "d!(a b c);");
    rust("constants", &lines(4_000, |at| format!("const C{}: &str = C{at};", at + 1)), "f(C4000);");
}

#[test]
fn terraform() {
    let module = |dir: &str, inner: &str| {
        let calls = lines(10, |at| format!("module \"m{at}\" {{\n  source = \"{inner}\"\n  count = 400\n}}"));
        (format!("{dir}/main.tf"), calls)
    };
    let leaf = "resource \"aws_lambda_function\" \"f\" {\n  count = 400\n  function_name = \"f\"\n}\n".to_owned();
    let levels = [module(".", "./a"), module("a", "../b"), module("b", "../c"), ("c/main.tf".to_owned(), leaf)];
    let levels: Vec<(&str, &str)> =
        levels.iter().map(|(path, text)| (path.trim_start_matches("./"), &**text)).collect();
    holds("copies of modules", project(&levels).path());
    let locals = lines(60, |at| format!("  l{} = [local.l{at}, local.l{at}]", at + 1));
    let locals = format!("locals {{\n  l0 = \"x\"\n{locals}}}\noutput \"o\" {{ value = jsonencode(local.l60) }}\n");
    holds("locals that double", project(&[("main.tf", &locals)]).path());
    let deep = format!("locals {{ a = {}1{} }}\n", "[".repeat(100_000), "]".repeat(100_000));
    holds("deep lists", project(&[("main.tf", &deep)]).path());
    let cycle =
        [("main.tf", "module \"m\" { source = \"./m\" }\n"), ("m/main.tf", "module \"m\" { source = \"..\" }\n")];
    let dir = project(&cycle);
    holds("modules of each other", dir.path());
}

#[test]
fn templates() {
    let functions = lines(400, |at| format!("  f{at}:\n    handler: x"));
    let files = lines(400, |_| "  - ${file(./big.yml)}".to_owned());
    let service = format!("service: s\nprovider: {{name: aws}}\nfunctions:\n{files}");
    holds("files of files", project(&[("serverless.yml", &service), ("big.yml", &functions)]).path());
    let machine = |at: usize| {
        format!("  M{at}:\n    Type: AWS::Serverless::StateMachine\n    Properties: {{DefinitionUri: asl.json}}")
    };
    let template = format!("Transform: AWS::Serverless-2016-10-31\nResources:\n{}", lines(300, machine));
    let states = (0..3_000).map(|at| format!("\"S{at}\": {{\"Type\": \"Pass\", \"Next\": \"S{}\"}}", at + 1));
    let states: Vec<String> = states.collect();
    let asl = format!("{{\"StartAt\": \"S0\", \"States\": {{{}}}}}", states.join(","));
    holds("machines of one definition", project(&[("template.yaml", &template), ("asl.json", &asl)]).path());
    let aliases = lines(60, |at| format!("  a{}: &a{} [*a{at}, *a{at}]", at + 1, at + 1));
    let bomb = format!("{TEMPLATE}Metadata:\n  a0: &a0 [x]\n{aliases}");
    holds("aliases of aliases", project(&[("template.yaml", &bomb)]).path());
    let events = lines(500, |at| format!("      E{at}: {{Type: Schedule, Properties: {{Schedule: rate(1 day)}}}}"));
    let shared = lines(100, |at| format!("  F{at}: *f"));
    let shared = format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  F: &f\n    Type: AWS::Serverless::Function\n    \
         Properties:\n     Handler: bootstrap\n     Events:\n{events}{shared}"
    );
    holds("functions of one text", project(&[("template.yaml", &shared)]).path());
    for (name, open, close) in [("lists", "[", "]"), ("maps", "{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        let text = format!("{{\"Transform\": \"AWS::Serverless-2016-10-31\", \"Resources\": {deep}}}");
        holds(name, project(&[("template.json", &text), ("template.yaml", &text)]).path());
    }
    let variables = lines(60, |at| format!("  v{}: ${{self:custom.v{at}}}${{self:custom.v{at}}}", at + 1));
    let service = format!(
        "service: s\nprovider: {{name: aws}}\ncustom:\n  v0: x\n{variables}functions:\n  f:\n    handler: x\n    \
         name: ${{self:custom.v60}}\n"
    );
    holds("variables that double", project(&[("serverless.yml", &service)]).path());
}

#[test]
fn trees() {
    let dir = project(&[("template.yaml", TEMPLATE)]);
    let deep = "d/".repeat(1_500);
    write(dir.path(), &format!("{deep}template.yaml"), TEMPLATE);
    holds("deep directories", dir.path());
    let dir = project(&[("template.yaml", TEMPLATE)]);
    (0..300).for_each(|at| write(dir.path(), &format!("{}.gitignore", "d/".repeat(at)), "a*b\n!c\n"));
    holds("ignore files in each other", dir.path());
    let dir = project(&[("template.yaml", TEMPLATE)]);
    link(dir.path(), "a/b/loop", "../..");
    link(dir.path(), "zero.tf", "/dev/zero");
    link(dir.path(), "src/main.rs", "/dev/zero");
    holds("links", dir.path());
    let comments = lines(20_000, |_| "# faaslint: allow(function-timeout-not-configured) x".to_owned());
    holds("comments", project(&[("template.yaml", &format!("{TEMPLATE}{comments}"))]).path());
}
