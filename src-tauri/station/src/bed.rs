//! A bed: the only owner of its state. Whoever wants to change it sends it an order and gets an answer.

mod commands;
mod observer;
mod output;
mod task;

pub use observer::Observer;
pub(crate) use output::{Output, Reply};
pub(crate) use task::{Bed, BedOrder, BedSetup};
