//! Step Functions: where a definition stands, and its states in the Amazon States Language.

pub(crate) mod asl;
pub(crate) mod definition;
mod source;
mod unquoted;

pub(crate) use self::asl::MAX_STATES;
