//! What a bad line does to bytes on their way from the sensor to the decoder.

use crate::random::Random;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

mod rates;
mod wrong_speed;

pub use rates::{Fault, FaultRates, WrongRates};

/// What comes out at the host's end of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// These bytes, in one piece.
    Bytes(Vec<u8>),
    /// The sensor was pulled out: the port is gone.
    Unplugged {
        /// When it is plugged in again, as after power-on.
        until: Duration,
    },
}

/// A bad line: bytes and time go in at the sensor's end, damaged bytes come out later at the host's. Without I/O and
/// without a clock; the same seed, and the same bytes at the same times, give the same damage.
///
/// Nothing overtakes anything: a line delays, loses and changes, but keeps the order.
///
/// ```
/// use core::time::Duration;
/// use oximeter::{Arrival, Fault, FaultRates, Faults};
///
/// let mut line = Faults::new(FaultRates::NONE.with(Fault::Duplicate, 1_000_000), 42);
/// line.send(Duration::ZERO, &[0xF6, 0x01]);
/// let arrived = line.arrive(Duration::ZERO).ok_or("nothing came")?;
/// assert_eq!(arrived, Arrival::Bytes(vec![0xF6, 0xF6, 0x01, 0x01]));
/// assert_eq!(line.count(Fault::Duplicate), 2);
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone)]
pub struct Faults {
    rates: FaultRates,
    random: Random,
    counts: [u64; Fault::ALL.len()],
    /// On their way, with the time of their arrival, which never falls.
    on_the_way: VecDeque<(Duration, Arrival)>,
    /// The piece that is being put together.
    piece: Vec<u8>,
    /// Until when bytes are kept back: [`Fault::Burst`] and, until more is sent, [`Fault::Merge`].
    kept_until: Option<Duration>,
    merging: bool,
    /// Until when what is sent is lost: [`Fault::Stall`] and [`Fault::Unplug`].
    lost_until: Option<Duration>,
    /// How much later than sent the rest of a split piece comes.
    late: Duration,
    /// Bytes that are read at a wrong speed, and how many are still to be.
    misread: Vec<u8>,
    misread_left: usize,
}

impl Faults {
    /// A line with faults as often as `rates` says.
    #[must_use]
    pub fn new(rates: FaultRates, seed: u64) -> Self {
        Self {
            rates,
            random: Random::new(seed),
            counts: [0; Fault::ALL.len()],
            on_the_way: VecDeque::new(),
            piece: Vec::new(),
            kept_until: None,
            merging: false,
            lost_until: None,
            late: Duration::ZERO,
            misread: Vec::new(),
            misread_left: 0,
        }
    }

    /// Takes what the sensor sends at `now`.
    pub fn send(&mut self, now: Duration, bytes: &[u8]) {
        self.settle(now);
        if self.merging {
            // What was kept back for these bytes goes with them.
            (self.merging, self.kept_until) = (false, None);
        }
        self.late = Duration::ZERO;
        for &byte in bytes {
            if self.lost_until.is_none() {
                self.carry(now, byte);
            }
        }
        self.read_at_wrong_speed();
        if self.kept_until.is_none() {
            self.deliver(now);
        }
    }

    /// The next piece that has come out by `now`; call it until there is none.
    pub fn arrive(&mut self, now: Duration) -> Option<Arrival> {
        self.settle(now);
        if self.on_the_way.front().is_none_or(|&(at, _)| at > now) {
            return None;
        }
        self.on_the_way.pop_front().map(|(_, arrival)| arrival)
    }

    /// When something will come out, if nothing more is sent; a time that has passed means at once.
    #[must_use]
    pub fn next_wake(&self) -> Option<Duration> {
        self.on_the_way.front().map(|&(at, _)| at).or(self.kept_until)
    }

    /// From here on `rates` hold. What is under way, a stall for one, still ends in its own time.
    pub fn set_rates(&mut self, rates: FaultRates) {
        self.rates = rates;
    }

    /// How often `fault` began.
    #[must_use]
    pub fn count(&self, fault: Fault) -> u64 {
        self.counts[fault as usize]
    }

    /// The plug is pulled at times.
    pub(crate) const fn unplugs(&self) -> bool {
        self.rates.rate(Fault::Unplug) > 0
    }

    /// The plug was pulled, and nothing was sent since.
    pub(crate) fn was_pulled(&self) -> bool {
        matches!(self.on_the_way.back(), Some((_, Arrival::Unplugged { .. })))
    }

    /// Ends what ends by `now`.
    fn settle(&mut self, now: Duration) {
        self.lost_until = self.lost_until.filter(|&until| now < until);
        if let Some(until) = self.kept_until
            && now >= until
        {
            (self.merging, self.kept_until) = (false, None);
            self.deliver(until);
        }
    }

    /// One byte through the line, with the fault that begins at it, if one does.
    fn carry(&mut self, now: Duration, byte: u8) {
        let Some(fault) = self.rates.draw(&mut self.random) else { return self.pass(byte) };
        self.counts[fault as usize] += 1;
        match fault {
            Fault::Drop => {}
            Fault::Flip => {
                let bit = self.random.between(0, 7);
                self.pass(byte ^ 1 << bit);
            }
            Fault::Insert => {
                let other = self.random.byte();
                self.pass(other);
                self.pass(byte);
            }
            Fault::Duplicate => {
                self.pass(byte);
                self.pass(byte);
            }
            Fault::Split => {
                self.read_at_wrong_speed();
                if self.kept_until.is_none() {
                    self.deliver(now);
                }
                self.late = self.late.saturating_add(self.pause(2, 50));
                self.pass(byte);
            }
            Fault::Merge => {
                // In a pause everything waits anyway, and the pause ends in its own time.
                if self.kept_until.is_none() {
                    self.kept_until = Some(now.saturating_add(Duration::from_secs(3)));
                    self.merging = true;
                }
                self.pass(byte);
            }
            Fault::Stall => self.lost_until = Some(now.saturating_add(self.pause(200, 3_000))),
            Fault::WrongBaud => {
                self.misread_left = self.random.between(1, 100) as usize;
                self.pass(byte);
            }
            Fault::Burst => {
                self.kept_until = Some(now.saturating_add(self.pause(200, 3_000)));
                self.merging = false;
                self.pass(byte);
            }
            Fault::Unplug => self.unplug(now),
        }
    }

    /// A byte that reaches the host's end.
    fn pass(&mut self, byte: u8) {
        if self.misread_left == 0 {
            return self.piece.push(byte);
        }
        self.misread.push(byte);
        self.misread_left -= 1;
        if self.misread_left == 0 {
            self.read_at_wrong_speed();
        }
    }

    fn read_at_wrong_speed(&mut self) {
        if !self.misread.is_empty() {
            wrong_speed::read(&mut self.random, &self.misread, &mut self.piece);
            self.misread.clear();
        }
    }

    /// Pulls the plug: what was kept back is lost, what is on its way arrives.
    fn unplug(&mut self, now: Duration) {
        self.read_at_wrong_speed();
        if core::mem::take(&mut self.kept_until).is_some() {
            self.piece.clear();
        }
        self.deliver(now);
        (self.merging, self.misread_left) = (false, 0);
        let until = now.saturating_add(self.pause(2_000, 8_000));
        self.lost_until = Some(until);
        self.push(now, Arrival::Unplugged { until });
    }

    fn deliver(&mut self, now: Duration) {
        if !self.piece.is_empty() {
            let piece = core::mem::take(&mut self.piece);
            self.push(now.saturating_add(self.late), Arrival::Bytes(piece));
        }
    }

    fn push(&mut self, at: Duration, arrival: Arrival) {
        let last = self.on_the_way.back().map_or(Duration::ZERO, |&(last, _)| last);
        self.on_the_way.push_back((at.max(last), arrival));
    }

    fn pause(&mut self, low_ms: i32, high_ms: i32) -> Duration {
        Duration::from_millis(self.random.between(low_ms, high_ms) as u64)
    }
}

#[cfg(test)]
mod tests;
