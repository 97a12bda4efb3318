//! The twenty checks that a biomedical engineer makes before taking a station's alarms seriously, one test each, named
//! after them. What the engine alone decides of them is in the alarm crate's `tests/alarms/acceptance.rs`, to the
//! nanosecond; here the real program is seen from outside, over pseudo-terminals, sockets, browsers and loudspeakers. 15,
//! the clock, is in `clock.rs`.

mod limits;
mod photograph;
mod sensors;
#[cfg(feature = "desktop")]
mod sound;
mod staff;
mod survival;
mod tablets;
