//! What a finding is about: an id, never a name. Names repeat, and are for reading.

use crate::text::{FunctionId, MachineId, ResourceId, TargetId};

/// A part of the application that findings are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// A deployed function.
    Function(FunctionId),
    /// A state machine.
    Machine(MachineId),
    /// Any other resource.
    Resource(ResourceId),
    /// A binary that no config deploys.
    Binary(TargetId),
}

impl Subject {
    /// The deployed function, if it is one.
    pub fn function(self) -> Option<FunctionId> {
        match self {
            Self::Function(id) => Some(id),
            _ => None,
        }
    }
}
