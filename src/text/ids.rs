//! Typed ids: positions in the lists of a run. Two names may be equal, two ids never are.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);)+
    };
}

ids! {
    /// A deployable unit of configuration: one template.
    StackId,
    /// A resource of any stack.
    ResourceId,
    /// A deployed function.
    FunctionId,
    /// A state machine.
    MachineId,
    /// A package of any workspace.
    PackageId,
    /// A target of any package.
    TargetId,
}
