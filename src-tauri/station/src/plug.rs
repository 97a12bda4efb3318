//! What is plugged in, and whose it is: adapters and their identities, which bed opens which port, and how a change is
//! noticed.

mod adapters;
mod binding;
mod seats;
mod watch;

pub use adapters::{Plugged, Ports, is_oximeters};
pub use binding::{beds_at, known_again};
pub(crate) use seats::{New, Seat, Seats, Wanted, keep};
