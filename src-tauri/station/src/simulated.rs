//! Sensors that are not real: `oxiward simulate`, and the beds of `--demo`.
//!
//! On Unix a simulated sensor stands behind a pseudo-terminal, and the station opens it as any other port. Where there
//! are no pseudo-terminals its bytes go through a channel inside the process.

mod in_process;
#[cfg(unix)]
mod played;
#[cfg(unix)]
mod pseudo_terminal;
mod sensors;

#[cfg(unix)]
pub use played::Played;
#[cfg(unix)]
pub use pseudo_terminal::{PseudoTerminal, SimulateError, Simulated};
pub(crate) use sensors::Sensors;
