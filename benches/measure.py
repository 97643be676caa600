#!/usr/bin/env python3
"""Measures what `docs/performance.md` shows. Needs Python 3 and nothing else; peers are run where they are installed.

    measure.py floor --bin cargo-faaslint --floor floor DIR...      full runs beside the floor, cold and kept
    measure.py since --bin cargo-faaslint DIR FILE                  one changed file of a git checkout
    measure.py growth --bin cargo-faaslint                          generated inputs of 1, 2, 4 and 8 times the size
    measure.py peers --bin cargo-faaslint DIR                       other tools on the same templates

Every row is of one interleaved run: the commands take turns, and the fastest of their turns counts. CPU is user and
system time of the whole process and of what it starts, as the operating system accounts for it.
"""
import argparse
import math
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time


def run(command, stdin=None, env=None):
    """CPU seconds, wall seconds, peak KiB and exit status of a command."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": env}
    with open(stdin or os.devnull, "rb") as source:
        start = time.perf_counter()
        child = subprocess.Popen(command, stdin=source, **quiet)
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime, wall, used.ru_maxrss, child.returncode


def in_turn(commands, times, done={}):
    """The fastest of several turns of each command: name -> (cpu, wall, KiB), none if it did not end as it should."""
    best = {}
    for turn in range(times + 1):
        for name, (command, stdin, env) in commands.items():
            cpu, wall, memory, code = run(command, stdin, env)
            # A tool that ends with an error of its own did not do its work.
            if code not in done.get(name, range(15)) or best.get(name, ()) is None:
                best[name] = None
                continue
            if turn == 0:
                continue
            old = best.get(name, (math.inf, math.inf, math.inf))
            best[name] = (min(old[0], cpu), min(old[1], wall), min(old[2], memory))
    return best


def ms(seconds):
    return f"{seconds * 1000:.1f}"


def table(header, rows):
    print("| " + " | ".join(header) + " |")
    print("|" + " --- |" * len(header))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print()


def floor(args):
    rows = []
    for root in args.paths:
        with tempfile.TemporaryDirectory() as scratch:
            listed = pathlib.Path(scratch, "list")
            listed.write_bytes(subprocess.run([args.floor, "list", root], check=True, capture_output=True).stdout)
            read = sum(os.path.getsize(os.path.join(root, line[2:])) for line in listed.read_text().splitlines()
                       if os.path.isfile(os.path.join(root, line[2:])))
            kept = dict(os.environ, XDG_CACHE_HOME=scratch, HOME=scratch)
            base = [args.bin, "check", root, "--no-cargo", "--format", "json"]
            # What was just written may change again without a trace, so it is not trusted for two seconds.
            run(base, env=kept)
            time.sleep(2.5)
            run(base, env=kept)
            best = in_turn({
                "floor": ([args.floor, "parse", root], listed, None),
                "cold": (base + ["--no-cache"], None, None),
                "kept": (base, None, kept),
            }, args.times)
            (least, least_wall, _), (cold, wall, memory), (warm, _, _) = best["floor"], best["cold"], best["kept"]
            lines = len(listed.read_text().splitlines())
            rows.append([os.path.basename(root.rstrip("/")), lines, f"{read / 1e6:.1f}", ms(least), ms(cold),
                         f"{cold / least:.2f}", f"{wall / least_wall:.2f}", ms(warm), f"{warm / least:.2f}",
                         f"{memory / 1024:.0f}"])
    table(["tree", "files read", "MB", "floor CPU ms", "cold CPU ms", "cold / floor", "wall / wall", "unchanged CPU ms",
           "unchanged / floor", "peak MiB"], rows)


def since(args):
    root, changed = args.paths
    path = pathlib.Path(root, changed)
    before = path.read_bytes()
    base = [args.bin, "check", root, "--no-cargo", "--no-cache", "--format", "json"]
    try:
        path.write_bytes(before + b"\n# changed\n")
        best = in_turn({"full": (base, None, None), "since": (base + ["--since", "HEAD"], None, None)}, args.times)
    finally:
        path.write_bytes(before)
    full, part = best["full"], best["since"]
    table(["tree", "full CPU ms", "--since CPU ms", "ratio", "wall"],
          [[os.path.basename(root.rstrip("/")), ms(full[0]), ms(part[0]), f"{part[0] / full[0]:.2f}",
            f"{part[1] / full[1]:.2f}"]])


def template(count):
    text = ["Transform: AWS::Serverless-2016-10-31\nParameters:\n  Stage: {Type: String, Default: dev}\nResources:\n"]
    for n in range(count):
        text.append(f"""  Fn{n}:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: provided.al2023
      Handler: bootstrap
      CodeUri: src/fn{n}/
      MemorySize: 256
      Environment:
        Variables:
          TABLE: !Ref Table{n}
          STAGE: !Ref Stage
          QUEUE: !Sub 'https://sqs.${{AWS::Region}}.amazonaws.com/${{AWS::AccountId}}/${{Queue{n}}}'
      Policies:
        - DynamoDBCrudPolicy: {{TableName: !Ref Table{n}}}
        - SQSSendMessagePolicy: {{QueueName: !GetAtt Queue{n}.QueueName}}
      Events:
        Sqs: {{Type: SQS, Properties: {{Queue: !GetAtt Queue{n}.Arn, BatchSize: 10}}}}
        Api: {{Type: Api, Properties: {{Path: /p{n}, Method: get}}}}
  Queue{n}:
    Type: AWS::SQS::Queue
    Properties:
      RedrivePolicy: {{deadLetterTargetArn: !GetAtt Dlq{n}.Arn, maxReceiveCount: 5}}
  Dlq{n}: {{Type: AWS::SQS::Queue}}
  Table{n}:
    Type: AWS::Serverless::SimpleTable
""")
    return "".join(text)


def terraform(count):
    text = ['resource "aws_iam_role" "app" {\n  name = "app"\n}\n']
    for n in range(count):
        text.append(f"""resource "aws_lambda_function" "f{n}" {{
  function_name = "f{n}"
  runtime = "provided.al2023"
  handler = "bootstrap"
  filename = "f{n}.zip"
  timeout = max({n} % 800, 3)
  role = aws_iam_role.app.arn
  environment {{
    variables = {{ QUEUE = aws_sqs_queue.q{n}.url }}
  }}
}}
resource "aws_sqs_queue" "q{n}" {{
  name = "q{n}"
}}
resource "aws_lambda_event_source_mapping" "m{n}" {{
  event_source_arn = aws_sqs_queue.q{n}.arn
  function_name = aws_lambda_function.f{n}.arn
}}
resource "aws_iam_role_policy" "p{n}" {{
  role = aws_iam_role.app.id
  policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = "sqs:*", Resource = aws_sqs_queue.q{n}.arn }}] }})
}}
""")
    return "".join(text)


MANIFEST = """[package]
name = "{name}"
version = "0.1.0"
edition = "2021"
[dependencies]
lambda_runtime = "1"
tokio = "1"
aws-sdk-dynamodb = "1"
"""

MAIN = """use lambda_runtime::{{run, service_fn, Error, LambdaEvent}};
{mods}
#[tokio::main]
async fn main() -> Result<(), Error> {{
    let db = aws_sdk_dynamodb::Client::new(&config().await);
    run(service_fn(|e| handler(&db, e))).await
}}
async fn handler(db: &aws_sdk_dynamodb::Client, event: LambdaEvent<Value>) -> Result<(), Error> {{
{calls}
    Ok(())
}}
"""


def code(n):
    return f"""pub async fn put{n}(db: &aws_sdk_dynamodb::Client) -> Result<(), Error> {{
    let name = std::env::var("TABLE{n}").unwrap();
    db.put_item().table_name(name).send().await?;
    again{n}(db).await
}}
async fn again{n}(db: &aws_sdk_dynamodb::Client) -> Result<(), Error> {{
    if let Err(error) = db.get_item().table_name("t").send().await {{ println!("{{error}}"); }}
    Ok(())
}}
"""


def write(root, files):
    for path, text in files.items():
        place = pathlib.Path(root, path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


def modules(count):
    mods = "\n".join(f"mod m{n};" for n in range(count))
    calls = "\n".join(f"    m{n}::put{n}(db).await?;" for n in range(count))
    files = {f"src/m{n}.rs": code(n) * 1 for n in range(count)}
    return files | {"Cargo.toml": MANIFEST.format(name="app"), "src/main.rs": MAIN.format(mods=mods, calls=calls)}


def binaries(count):
    calls = "\n".join(f"    shared::put{n}(db).await?;" for n in range(200))
    files = {f"src/bin/b{n}.rs": MAIN.format(mods="", calls=calls) for n in range(count)}
    library = "".join(code(n) for n in range(200))
    return files | {"Cargo.toml": MANIFEST.format(name="shared"), "src/lib.rs": library}


def roots(count):
    made = {f"r{n}/main.tf": terraform(2) for n in range(count)}
    return made | {f"r{n}/{at}.auto.tfvars": f"v{at} = 1\n" for n in range(count) for at in range(4)}


SERIES = [
    ("templates of 4 functions", [100, 200, 400, 800],
     lambda n: {f"t{at}/template.yaml": template(4) for at in range(n)}),
    ("functions of one template", [400, 800, 1600, 3200], lambda n: {"template.yaml": template(n)}),
    ("resources of one Terraform root", [1000, 2000, 4000, 8000], lambda n: {"main.tf": terraform(n // 4)}),
    ("Terraform roots of 5 files", [100, 200, 400, 800], roots),
    ("modules of a binary", [250, 500, 1000, 2000], modules),
    ("binaries of one library of 400 functions", [8, 16, 32, 64], binaries),
]


def growth(args):
    rows = []
    for name, sizes, make in SERIES:
        with tempfile.TemporaryDirectory() as scratch:
            commands, sizes_of = {}, {}
            for size in sizes:
                root = os.path.join(scratch, str(size))
                write(root, files := make(size))
                sizes_of[size] = sum(len(text) for text in files.values())
                commands[size] = ([args.bin, "check", root, "--no-cargo", "--no-cache", "--format", "json"], None, None)
            best = in_turn(commands, args.times)
        exponent = math.log(best[sizes[-1]][0] / best[sizes[-2]][0], 2)
        memory = (best[sizes[-1]][2] - best[sizes[0]][2]) * 1024 / (sizes_of[sizes[-1]] - sizes_of[sizes[0]])
        rows.append([name, ", ".join(map(str, sizes)), ", ".join(ms(best[size][0]) for size in sizes),
                     f"{exponent:.2f}", f"{best[sizes[-1]][2] / 1024:.0f}", f"{memory:.0f}"])
    table(["series", "sizes", "CPU ms", "last exponent", "peak MiB", "bytes for each byte read"], rows)


def peers(args):
    root = args.paths[0]
    # cfn-lint-serverless ends with an error of its own where there is no mapping of resources.
    plain = re.compile(r"^Resources:[ \t]*\n+[ ]+[A-Za-z]", re.M)
    texts = ((str(path), path.read_text(errors="replace")) for path in pathlib.Path(root).rglob("template.y*ml"))
    templates = sorted(path for path, text in texts if "AWS::Serverless" in text and plain.search(text))[:50]
    with tempfile.TemporaryDirectory() as scratch:
        for at, path in enumerate(templates):
            write(scratch, {f"t{at:02}/template.yaml": pathlib.Path(path).read_text(errors="replace")})
        copies = sorted(str(path) for path in pathlib.Path(scratch).rglob("template.yaml"))
        wanted = {
            "faaslint": [args.bin, "check", scratch, "--no-cargo", "--no-cache", "--format", "json"],
            "cfn-lint": ["cfn-lint", *copies],
            "cfn-lint with cfn-lint-serverless": ["cfn-lint", "--append-rules", "cfn_lint_serverless.rules", "--", *copies],
            "checkov": ["checkov", "-d", scratch, "--quiet", "--compact", "--framework", "cloudformation", "serverless",
                        "terraform"],
            "ast-grep, one pattern": ["ast-grep", "run", "-p", "Resources: $X", "-l", "yaml", scratch],
            "cfn-guard, one rule": ["cfn-guard", "validate", "-r", "{rule}", "-d", scratch],
        }
        rule = pathlib.Path(scratch, "rule.guard")
        rule.write_text("let f = Resources.*[ Type == 'AWS::Lambda::Function' ]\n"
                        "rule dlq when %f !empty { %f.Properties.DeadLetterConfig exists }\n")
        commands = {}
        for name, command in wanted.items():
            if shutil.which(command[0]):
                commands[name] = ([word.replace("{rule}", str(rule)) for word in command], None, None)
            else:
                print(f"{command[0]} is not installed", file=sys.stderr)
        # 1 is what Python ends with after an exception; cfn-lint adds 2, 4 and 8 for what it found.
        lints = (0, 2, 4, 6, 8, 10, 12, 14)
        best = in_turn(commands, args.times, {name: lints for name in commands if name.startswith("cfn-lint")})
    ours = best["faaslint"]
    rows = [[name, "fails", "", "", "", ""] if of is None else
            [name, ms(of[0]), ms(of[1]), f"{of[0] / ours[0]:.1f}", f"{of[1] / ours[1]:.1f}", f"{of[2] / 1024:.0f}"]
            for name, of in best.items()]
    print(f"{len(templates)} templates\n")
    table(["tool", "CPU ms", "wall ms", "CPU ratio", "wall ratio", "peak MiB"], rows)


def main():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["floor", "since", "growth", "peers"])
    parser.add_argument("paths", nargs="*")
    parser.add_argument("--bin", default="cargo-faaslint")
    parser.add_argument("--floor", default="floor")
    parser.add_argument("--times", type=int, default=5)
    args = parser.parse_intermixed_args()
    {"floor": floor, "since": since, "growth": growth, "peers": peers}[args.what](args)


if __name__ == "__main__":
    main()
