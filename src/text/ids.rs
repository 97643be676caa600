//! Typed ids: positions in the lists of a run. Two names may be equal, two ids never are.

/// The position of an item in one kind of list.
pub trait Id: Copy {
    /// The id of a position.
    fn at(position: usize) -> Self;
    /// The position.
    fn position(self) -> usize;
}

/// Declares types of ids.
macro_rules! ids {
    ($($(#[$doc:meta])* $visible:vis struct $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        $visible struct $name($visible u32);

        impl $crate::text::Id for $name {
            fn at(position: usize) -> Self {
                Self(position as u32)
            }

            fn position(self) -> usize {
                self.0 as usize
            }
        }
    )+};
}

pub(crate) use ids;

ids! {
    /// A deployable unit of configuration: one template.
    pub struct StackId;
    /// A resource of any stack.
    pub struct ResourceId;
    /// A deployed function.
    pub struct FunctionId;
    /// A state machine.
    pub struct MachineId;
    /// A package of any workspace.
    pub struct PackageId;
    /// A target of any package.
    pub struct TargetId;
    /// A workspace of packages.
    pub struct WorkspaceId;
}
