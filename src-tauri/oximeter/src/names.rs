//! The error of a name that means nothing.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// The text names none of the things that exist. Its message lists those that do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    kind: &'static str,
    name: String,
    known: Vec<&'static str>,
}

impl UnknownName {
    pub(crate) fn new(kind: &'static str, name: &str, known: impl Iterator<Item = &'static str>) -> Self {
        Self { kind, name: name.into(), known: known.collect() }
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not a {}. Use one of: {}.", self.name, self.kind, self.known.join(", "))
    }
}

impl core::error::Error for UnknownName {}
