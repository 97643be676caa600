//! What the command line may say.

use crate::finding::{Audience, Severity};
use crate::model::Platform;
use crate::rule::Category;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// The severities by name, so that help and shells list them.
fn severities() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(Severity::ALL.iter().map(|level| level.as_str())).try_map(|name| name.parse::<Severity>())
}

/// The audiences by name.
fn audiences() -> impl TypedValueParser<Value = Audience> {
    PossibleValuesParser::new(Audience::ALL.iter().map(|level| level.as_str())).try_map(|name| name.parse::<Audience>())
}

/// Finds serverless anti-patterns by joining Rust handler source, the Cargo dependency tree and the
/// deployment config.
#[derive(Debug, Parser)]
#[command(
    name = "cargo faaslint",
    bin_name = "cargo faaslint",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Exit status: 0 nothing at or above warning, 1 findings, 2 usage error or nothing to analyse."
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) check: CheckArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Report anti-patterns (the default)
    Check(CheckArgs),
    /// Print every effective value with its provenance
    Model(ModelArgs),
    /// Draw what invokes, calls and delivers to what
    Graph(GraphArgs),
    /// Weigh the crates of each binary: what goes with which line of a manifest
    Deps(DepsArgs),
    /// What a project or a workload costs a month, and beside what runs all of it
    Cost(Box<CostArgs>),
    /// Whether each function is work for its platform, with what speaks for it and against it
    Fit(FitArgs),
    /// Explain a rule: what, why, fix, sources, examples
    Explain {
        /// The rule's id
        rule: String,
        /// Write Markdown
        #[arg(long)]
        markdown: bool,
        /// When to write colours
        #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
        color: When,
    },
    /// Write a first config, and a baseline of what is found today
    Init(InitArgs),
    /// Print what a shell needs to complete words
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man {
        /// Write a page for each subcommand into this directory instead
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// List the rules, write a new one, run the examples of rule files
    #[command(args_conflicts_with_subcommands = true)]
    Rules {
        #[command(subcommand)]
        action: Option<RulesCommand>,
        #[command(flatten)]
        only: RulesFilter,
        /// How to list them
        #[arg(long, value_enum, default_value_t = ListFormat::Text)]
        format: ListFormat,
    },
}

/// Which rules are listed.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct RulesFilter {
    /// Only those about this: cold-start, timeouts, cost, …
    #[arg(long, value_parser = PossibleValuesParser::new(Category::ALL.map(Category::as_str)))]
    pub(super) category: Option<String>,
    /// Only those for this platform
    #[arg(long, value_parser = PossibleValuesParser::new(Platform::ALL.map(Platform::id)))]
    pub(super) platform: Option<String>,
    /// Only those that are for this audience
    #[arg(long, value_name = "AUDIENCE", value_parser = audiences())]
    pub(super) audience: Option<Audience>,
    /// Only those that can mend what they find
    #[arg(long)]
    pub(super) fixable: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// Write a first version of a rule: into the config's rule folder, else the working directory
    New(NewRuleArgs),
    /// Run the examples of rule files: each bad one gives exactly the marked findings, each good one none
    Test {
        /// The folder; the config's rule folders if none is given, else the rules that ship with the program
        dir: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(super) struct NewRuleArgs {
    /// Its id, which names the defect: words joined by `-`
    pub(super) id: String,
    /// The folder to write to
    #[arg(long, value_name = "DIR")]
    pub(super) dir: Option<PathBuf>,
    /// With a check in Rust, in a checkout of faaslint
    #[arg(long, conflicts_with = "dir")]
    pub(super) builtin: bool,
}

/// How `rules` lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    Text,
    Json,
    Markdown,
}

/// Which fixes are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FixMode {
    Safe,
    Unsafe,
}

/// When to write colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    #[default]
    Auto,
    Always,
    Never,
}

/// What to scan and how to read it.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct ScanArgs {
    /// Files or directories to scan; the working directory if none is given
    pub(super) path: Vec<PathBuf>,
    /// The config file; `faaslint.yaml` of the scanned directory if none is given
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Read no config of the scanned directory
    #[arg(long, conflicts_with = "config")]
    pub(super) no_config: bool,
    /// Never run cargo; read lock files instead
    #[arg(long)]
    pub(super) no_cargo: bool,
    /// Let cargo read the scanned workspace's own cargo configuration, which can run programs
    #[arg(long)]
    pub(super) trust_workspace: bool,
    /// Only these stacks: names of CDK stacks, templates, or directories of Terraform roots
    #[arg(long, value_name = "NAME")]
    pub(super) stack: Vec<String>,
    /// The stage of Serverless Framework services, or the context of cargo-lambda
    #[arg(long, value_name = "STAGE")]
    pub(super) stage: Option<String>,
    /// Values for Terraform variables
    #[arg(long, value_name = "FILE")]
    pub(super) var_file: Vec<PathBuf>,
    /// A Terraform plan, as `terraform show -json` prints it
    #[arg(long, value_name = "FILE")]
    pub(super) plan: Option<PathBuf>,
    /// Keep nothing for the next run, and use nothing an earlier one kept
    #[arg(long)]
    pub(super) no_cache: bool,
    /// Threads; all cores if none is given
    #[arg(long, short, value_name = "N")]
    pub(super) jobs: Option<usize>,
    /// When to write colours
    #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub(super) color: When,
}

#[derive(Debug, Clone, Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    pub(super) scan: ScanArgs,
    /// Output format; `human`, or what the name of the output file says
    #[arg(long, short, value_parser = crate::report::format_names())]
    pub(super) format: Option<String>,
    /// Write the report to a file; `-` is standard output
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Only these rules
    #[arg(long, value_delimiter = ',', value_name = "RULE,…")]
    pub(super) select: Vec<String>,
    /// Not these rules
    #[arg(long, value_delimiter = ',', value_name = "RULE,…")]
    pub(super) ignore: Vec<String>,
    /// Least severity to show
    #[arg(long, value_name = "LEVEL", value_parser = severities())]
    pub(super) severity: Option<Severity>,
    /// Who listens
    #[arg(long, value_name = "AUDIENCE", value_parser = audiences())]
    pub(super) audience: Option<Audience>,
    /// Mend what can be mended: `safe` keeps the behaviour, `unsafe` may change it
    #[arg(long, value_enum, value_name = "MODE")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "safe")]
    pub(super) fix: Option<FixMode>,
    /// Show what `--fix` would change, and change nothing
    #[arg(long)]
    pub(super) diff: bool,
    /// Do not report the findings this file lists
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Write what is found now to the baseline: that of the command line, else of the config
    #[arg(long, conflicts_with = "no_baseline")]
    pub(super) write_baseline: bool,
    /// Report what the config's baseline lists as well
    #[arg(long, conflicts_with = "baseline")]
    pub(super) no_baseline: bool,
    /// Show what comments, metadata and the config suppress as well
    #[arg(long)]
    pub(super) no_suppressions: bool,
    /// As pre-commit runs it: only what the commit or the push touches or brings, everything for all files
    #[arg(long, hide = true)]
    pub(super) hook: bool,
    /// Write a report to this file too, in the format of its extension; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(super) also: Vec<PathBuf>,
    /// Only what the change since this revision touches or brings
    #[arg(long, value_name = "REV")]
    pub(super) since: Option<String>,
    /// Treat what could not be analysed as a failure
    #[arg(long)]
    pub(super) strict: bool,
    /// How often each rule was found, instead of the findings; with `--format json` as JSON
    #[arg(long, conflicts_with_all = ["quiet", "fix", "diff", "write_baseline"])]
    pub(super) statistics: bool,
    /// Only findings, no summary
    #[arg(long, short)]
    pub(super) quiet: bool,
    /// More: the reasoning of rules, every gap
    #[arg(long, short, conflicts_with = "quiet")]
    pub(super) verbose: bool,
}

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    #[command(flatten)]
    pub(super) scan: ScanArgs,
    /// Print the JSON Schema of the config instead
    #[arg(long)]
    pub(super) schema: bool,
}

#[derive(Debug, Args)]
pub(super) struct GraphArgs {
    #[command(flatten)]
    pub(super) scan: ScanArgs,
    /// Output format; `mermaid`, or what the name of the output file says
    #[arg(long, short, value_parser = crate::report::GRAPH_FORMATS)]
    pub(super) format: Option<String>,
    /// Write the graph to a file; `-` is standard output
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Only this function and what it is tied to
    #[arg(long, value_name = "NAME")]
    pub(super) function: Option<String>,
    /// Only this pattern: fan-out, fan-in, api-composition, event-processing, saga, monolith
    #[arg(long, value_name = "NAME")]
    pub(super) pattern: Option<String>,
    /// Colour what findings touch
    #[arg(long)]
    pub(super) findings: bool,
}

#[derive(Debug, Args)]
pub(super) struct ModelArgs {
    #[command(flatten)]
    pub(super) scan: ScanArgs,
    /// Only this function or binary
    #[arg(long, value_name = "NAME")]
    pub(super) function: Option<String>,
    /// Output format
    #[arg(long, short, default_value = "text", value_parser = ["text", "json"])]
    pub(super) format: String,
}

#[derive(Debug, Args)]
pub(super) struct DepsArgs {
    #[command(flatten)]
    pub(super) scan: ScanArgs,
    /// Only this binary
    #[arg(long, value_name = "NAME")]
    pub(super) bin: Option<String>,
    /// Levels of the tree
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub(super) depth: usize,
    /// Small crates too
    #[arg(long)]
    pub(super) all: bool,
    /// Output format
    #[arg(long, short, default_value = "text", value_parser = ["text", "json"])]
    pub(super) format: String,
}

#[derive(Debug, Args)]
pub(super) struct FitArgs {
    #[command(flatten)]
    pub(super) scan: ScanArgs,
    /// The traffic of the project; `faaslint-traffic.yaml` of the scanned directory if none is given
    #[arg(long, value_name = "FILE")]
    pub(super) traffic: Option<PathBuf>,
    /// All evidence, and hints about sizes
    #[arg(long, short)]
    pub(super) verbose: bool,
    /// Exit with 1 if a function is as bad as this, or worse: watch, fits-with-change, poor-fit
    #[arg(long, value_name = "VERDICT")]
    pub(super) fail_on: Option<String>,
    /// Output format
    #[arg(long, short, default_value = "text", value_parser = crate::report::FIT_FORMATS)]
    pub(super) format: String,
    /// Write the verdicts to a file
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct CostArgs {
    #[command(flatten)]
    pub(super) scan: ScanArgs,
    /// The traffic of the project; `faaslint-traffic.yaml` of the scanned directory if none is given
    #[arg(long, value_name = "FILE", conflicts_with_all = ["requests", "memory", "duration"])]
    pub(super) traffic: Option<PathBuf>,
    /// Begin a traffic file, with every function and what the config says of it
    #[arg(long, conflicts_with_all = ["requests", "memory", "duration", "traffic"])]
    pub(super) init: bool,
    /// Every line of every bill
    #[arg(long, short)]
    pub(super) verbose: bool,
    /// One workload instead of a project: invocations a month, `10M`, `29.4M`, `1B`
    #[arg(long, value_name = "N", requires_all = ["memory", "duration"])]
    pub(super) requests: Option<String>,
    /// Memory of the workload in MB, or as `1GB`
    #[arg(long, value_name = "MB", requires = "requests")]
    pub(super) memory: Option<String>,
    /// Mean billed duration of the workload: `200ms`, `1.5s`
    #[arg(long, value_name = "TIME", requires = "requests")]
    pub(super) duration: Option<String>,
    /// Instruction set of the workload
    #[arg(long, default_value = "x86_64", value_parser = ["x86_64", "arm64"])]
    pub(super) arch: String,
    /// The region; what files say, else `us-east-1`
    #[arg(long, value_name = "REGION")]
    pub(super) region: Option<String>,
    /// Ephemeral storage in MB, or as `1GB`
    #[arg(long, value_name = "MB")]
    pub(super) ephemeral: Option<String>,
    /// Share of invocations that start cold, in percent
    #[arg(long, default_value = "0", value_name = "PERCENT")]
    pub(super) cold_share: String,
    /// Duration of a cold start, which is billed
    #[arg(long, default_value = "0ms", value_name = "TIME")]
    pub(super) init_time: String,
    /// Environments that are kept ready; the requests fall into the time they are
    #[arg(long, value_name = "N")]
    pub(super) provisioned: Option<u64>,
    /// For how many hours of the month; all of it if none are given
    #[arg(long, value_name = "HOURS", requires = "provisioned")]
    pub(super) provisioned_hours: Option<u64>,
    /// What stands before the function and is paid for each request
    #[arg(long, default_value = "none", value_parser = ["none", "http-api", "rest-api"])]
    pub(super) front: String,
    /// The busiest moment over the mean
    #[arg(long, default_value = "1", value_name = "FACTOR")]
    pub(super) peak: String,
    /// CPU time of a request, for platforms that bill it
    #[arg(long, value_name = "TIME")]
    pub(super) cpu: Option<String>,
    /// Exit with 1 if a month costs more than so many US dollars
    #[arg(long, value_name = "USD")]
    pub(super) max: Option<String>,
    /// Output format; `svg` draws cost over volume
    #[arg(long, short, default_value = "text", value_parser = crate::report::COST_FORMATS)]
    pub(super) format: String,
    /// Write the cost to a file
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}
