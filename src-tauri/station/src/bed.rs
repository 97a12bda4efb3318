//! A bed: the only owner of its state. Whoever wants to change it sends it an order and gets an answer.

mod answers;
mod captures;
mod commands;
mod download;
mod errands;
mod hearing;
mod limits;
mod observer;
mod output;
mod sensor;
mod task;
mod told;

pub(crate) use captures::FirstCapture;
pub use observer::Observer;
pub(crate) use output::{Output, Reply};
pub(crate) use sensor::found_name;
pub(crate) use task::{Bed, BedOrder, BedSetup};
