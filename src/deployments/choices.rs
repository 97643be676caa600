//! What the user chooses of what configs leave open.

/// What the user chose of what a config leaves open. Paths are relative to the scanned root.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    /// The stage of the Serverless Framework, the stack or context name elsewhere.
    pub stage: Option<String>,
    /// The only stacks to read, by name or by path; all when empty.
    pub stacks: Vec<String>,
    /// Files with values of Terraform variables, in order.
    pub var_files: Vec<String>,
    /// A Terraform plan as JSON.
    pub plan: Option<String>,
}
