//! What both benches share: the program under measure, what it costs, and how figures are told.

pub mod figures;
pub mod process;
pub mod station;
pub mod wanted;
