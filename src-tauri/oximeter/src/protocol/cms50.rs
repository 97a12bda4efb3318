//! Contec, frames of 5 bytes (`cms50`): CMS50D+ before firmware 4.6, CMS50E and CMS50F with old firmware.
//!
//! 19200 baud, 8 data bits, odd parity, 1 stop bit; 60 frames a second, sent without being asked. Some units are read
//! without parity (InfantLab/Contec-Pulse-Oximeter-in-Matlab), so both lines are named and parity errors are best
//! ignored. Described by atbrask/CMS50Dplus (`cms50dplus.py`), OSCAR (`cms50_loader.cpp`) and "BCI Protocol V1.2".
//!
//! | byte | bits | meaning |
//! | --- | --- | --- |
//! | 1 | 7 | 1, here and nowhere else |
//! | | 6 | beat, held for two frames |
//! | | 5 | SpO₂ is dropping |
//! | | 4 | no finger, or searched for too long: the sources differ; either way there is no number |
//! | | 3-0 | signal strength, 0 to 8 |
//! | 2 | 6-0 | pulse wave |
//! | 3 | 6 | bit 7 of the pulse rate |
//! | | 5 | searching for a pulse |
//! | | 4 | probe error |
//! | | 3-0 | bar graph, follows the pulse wave |
//! | 4 | 6-0 | bits 6-0 of the pulse rate; 0 and 255 are no value |
//! | 5 | 6-0 | SpO₂; 0 and 127 are no value |

use super::contec::{Numbers, WEAK_BELOW};
use super::five_bytes::{Framer, Step};
use super::{Heard, Host, Pleth, Profile};
use crate::Line;
use crate::errand::{Errand, Failure, NotPossible, Outcome, Slot, Stored};
use crate::sample::{Flags, Sample, eighths_from_strength, strength_from_eighths};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

use stored::Download;

pub use stored::{announce, encode_second, seconds_announced, stored_second};

mod device;
mod stored;
#[cfg(test)]
mod tests;

pub(crate) const PROFILE: Profile = Profile {
    name: "cms50",
    lines: &[Line::eight_o_one(19_200), Line::eight_n_one(19_200)],
    per_minute: 3_600,
    wave: Some(Pleth { max: 127, beat_mark: 2 }),
    has_checksum: false,
    tells: Flags { no_finger: true, searching: true, weak_signal: true, ..Flags::NONE },
    agreement: 10,
    host: || Box::new(Cms50Host::default()),
    device: || Box::new(device::Cms50Device::default()),
};

/// "Back to live", from a running transfer of stored data; any byte at all switches the stream of a CMS50E on.
pub const LIVE: [u8; 3] = [0xF6; 3];

/// "Send the stored recording" (CMS50D+).
pub const STORED: [u8; 2] = [0xF5; 2];

/// Silence after which live data are asked for again.
const WATCHDOG: Duration = Duration::from_secs(2);

/// A frame, bit for bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Frame {
    /// Signal strength, 0 to 15; more than 8 counts as 8.
    pub strength: u8,
    /// Byte 1 bit 4: no finger, or searched for too long.
    pub no_signal: bool,
    /// SpO₂ is dropping.
    pub dropping: bool,
    /// A beat.
    pub beat: bool,
    /// The pulse wave, 0 to 127.
    pub pleth: u8,
    /// The bar graph, 0 to 15.
    pub bar: u8,
    /// Probe error.
    pub probe_error: bool,
    /// Searching for a pulse.
    pub searching: bool,
    /// The pulse rate as sent, 0 to 255.
    pub pulse_rate: u8,
    /// The saturation as sent, 0 to 127.
    pub spo2: u8,
}

impl Frame {
    /// The frame that five bytes hold; `None` if bit 7 is not set in the first alone.
    ///
    /// ```
    /// use oximeter::protocol::cms50::Frame;
    ///
    /// let frame = Frame::from_bytes([0xC6, 0x5A, 0x4A, 0x16, 0x5F]).ok_or("no frame")?;
    /// assert_eq!((frame.pulse_rate, frame.spo2, frame.beat), (150, 95, true));
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 5]) -> Option<Self> {
        let [b1, b2, b3, b4, b5] = bytes;
        if b1 & 0x80 == 0 || (b2 | b3 | b4 | b5) & 0x80 != 0 {
            return None;
        }
        Some(Self {
            strength: b1 & 0x0F,
            no_signal: b1 & 0x10 != 0,
            dropping: b1 & 0x20 != 0,
            beat: b1 & 0x40 != 0,
            pleth: b2,
            bar: b3 & 0x0F,
            probe_error: b3 & 0x10 != 0,
            searching: b3 & 0x20 != 0,
            pulse_rate: (b3 & 0x40) << 1 | b4,
            spo2: b5,
        })
    }

    /// The five bytes of the frame. Bits beyond a field's width are cut off.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 5] {
        [
            0x80 | (self.beat as u8) << 6
                | (self.dropping as u8) << 5
                | (self.no_signal as u8) << 4
                | self.strength & 0x0F,
            self.pleth & 0x7F,
            (self.pulse_rate & 0x80) >> 1
                | (self.searching as u8) << 5
                | (self.probe_error as u8) << 4
                | self.bar & 0x0F,
            self.pulse_rate & 0x7F,
            self.spo2 & 0x7F,
        ]
    }

    /// What the frame says by itself, before any agreement with its neighbours.
    #[must_use]
    pub fn sample(self) -> Sample {
        let no_finger = self.no_signal || self.probe_error;
        let gone = no_finger || self.searching;
        let strength = strength_from_eighths(self.strength);
        Sample {
            spo2: Some(self.spo2).filter(|spo2| !gone && (1..=100).contains(spo2)),
            pulse_rate: Some(u16::from(self.pulse_rate)).filter(|rate| !gone && (1..=254).contains(rate)),
            perfusion_index: None,
            signal_strength: Some(strength),
            pleth: Some(u16::from(self.pleth)),
            beat: self.beat,
            flags: Flags {
                no_finger,
                searching: self.searching,
                weak_signal: !no_finger && strength < WEAK_BELOW,
                ..Flags::default()
            },
        }
    }

    /// The frame that says `sample`, as a Contec sends it: with the finger out, 0 for both numbers and the middle of
    /// the scale for the wave. What the format has no place for is left out.
    #[must_use]
    pub fn from_sample(sample: &Sample) -> Self {
        let pleth = sample.pleth.unwrap_or(64).min(127) as u8;
        Self {
            strength: eighths_from_strength(sample.signal_strength.unwrap_or(0)),
            no_signal: false,
            dropping: false,
            beat: sample.beat,
            pleth,
            bar: pleth >> 3,
            probe_error: sample.flags.no_finger,
            searching: sample.flags.searching,
            pulse_rate: sample.pulse_rate.map_or(0, |rate| rate.min(254) as u8),
            spo2: sample.spo2.unwrap_or(0).min(100),
        }
    }
}

/// The bytes of the frame that says `sample`.
#[must_use]
pub fn encode(sample: &Sample) -> [u8; 5] {
    Frame::from_sample(sample).to_bytes()
}

/// An errand under way.
#[derive(Debug)]
enum Running {
    /// The recording was not asked for yet.
    Asking,
    Fetching(Box<Download>),
    /// It was abandoned.
    Abandoned,
    /// What came of it without asking the sensor.
    Known(Result<Outcome, Failure>),
}

#[derive(Debug, Default)]
struct Cms50Host {
    framer: Framer,
    numbers: Numbers,
    /// When live data last came or were asked for; `None` before the start.
    live: Option<Duration>,
    errand: Option<Running>,
}

impl Cms50Host {
    fn go_live(&mut self, now: Duration, send: &mut Vec<u8>) {
        self.live = Some(now);
        send.extend_from_slice(&LIVE);
    }

    fn end_errand(&mut self, outcome: Result<Outcome, Failure>, now: Duration, send: &mut Vec<u8>, heard: &mut Heard) {
        heard.errand.end(outcome);
        // What stood before is old by now.
        (self.framer, self.numbers) = (Framer::default(), Numbers::default());
        self.go_live(now, send);
    }

    /// Goes on with the errand. Returns whether live data are not to be called for.
    fn run_errand(&mut self, now: Duration, send: &mut Vec<u8>, heard: &mut Heard) -> bool {
        match self.errand.take() {
            None => return false,
            Some(Running::Asking) => {
                send.extend_from_slice(&STORED);
                self.errand = Some(Running::Fetching(Box::new(Download::new(now))));
            }
            Some(Running::Fetching(download)) if now < download.over_at() => {
                self.errand = Some(Running::Fetching(download));
            }
            Some(Running::Fetching(mut download)) => {
                if download.end_transfer(now) {
                    send.extend_from_slice(&STORED);
                    self.errand = Some(Running::Fetching(download));
                    return true;
                }
                self.end_errand(download.result().map(Outcome::Recording), now, send, heard);
            }
            Some(Running::Abandoned) => self.end_errand(Err(Failure::Abandoned), now, send, heard),
            Some(Running::Known(outcome)) => {
                heard.errand.end(outcome);
                return false;
            }
        }
        true
    }
}

impl Host for Cms50Host {
    fn start(&mut self, now: Duration, send: &mut Vec<u8>) {
        *self = Self::default();
        self.go_live(now, send);
    }

    fn receive(&mut self, now: Duration, byte: u8, heard: &mut Heard) -> Option<Sample> {
        if let Some(Running::Fetching(download)) = &mut self.errand {
            download.hear(now, byte);
            heard.errand.progress = Some(download.progress());
            if download.has_begun() {
                return None;
            }
        }
        match self.framer.push(byte, heard) {
            Step::Nothing => None,
            Step::Damaged => {
                self.numbers.doubt();
                None
            }
            Step::Whole(bytes) => {
                if let Some(live) = &mut self.live {
                    *live = now;
                }
                if let Some(Running::Fetching(download)) = &mut self.errand {
                    download.live_came(now);
                }
                Some(self.numbers.confirm(now, Frame::from_bytes(bytes)?.sample()))
            }
        }
    }

    fn receive_frame(&mut self, now: Duration, bytes: &[u8], heard: &mut Heard) -> Option<(usize, Option<Sample>)> {
        if self.errand.is_some() {
            return None;
        }
        let frame = Frame::from_bytes(self.framer.whole(bytes, heard)?)?;
        if let Some(live) = &mut self.live {
            *live = now;
        }
        Some((5, Some(self.numbers.confirm(now, frame.sample()))))
    }

    fn poll(&mut self, now: Duration, send: &mut Vec<u8>, heard: &mut Heard) -> Option<Sample> {
        let live = self.live?;
        if !self.run_errand(now, send, heard) && now >= live.saturating_add(WATCHDOG) {
            self.go_live(now, send);
        }
        None
    }

    fn next_wake(&self) -> Option<Duration> {
        let live = self.live?;
        Some(match &self.errand {
            None => live.saturating_add(WATCHDOG),
            Some(Running::Fetching(download)) => download.over_at(),
            Some(Running::Asking | Running::Abandoned | Running::Known(_)) => Duration::ZERO,
        })
    }

    fn stop(&mut self, send: &mut Vec<u8>) {
        // The sensor streams whether anyone listens or not; there is no command that ends it, but one that ends a
        // transfer.
        if self.errand.take().is_some() {
            send.extend_from_slice(&LIVE);
        }
        self.live = None;
    }

    fn begin(&mut self, _now: Duration, errand: &Errand) -> Result<(), NotPossible> {
        let only = Slot::default();
        self.errand = Some(match errand {
            // It has no word for what it holds: whether there is anything shows when it is fetched.
            Errand::Recordings => {
                let stored = Stored { slot: only, perfusion_index: Some(false), ..Stored::default() };
                Running::Known(Ok(Outcome::Recordings([stored].to_vec())))
            }
            Errand::Download(slot) if *slot == only => Running::Asking,
            Errand::Download(slot) => Running::Known(Err(Failure::NoSuchRecording(*slot))),
            Errand::SetClock(_) => {
                return Err(NotPossible::Unsupported(
                    "The clock of this Contec, if it has one, can only be set in its own menu.",
                ));
            }
            Errand::SetFormat(_) => {
                return Err(NotPossible::Unsupported(
                    "A Contec has one format for live data; there is none to choose.",
                ));
            }
            Errand::Details => {
                return Err(NotPossible::Unsupported(
                    "A Contec that sends frames of five bytes tells nothing of itself.",
                ));
            }
        });
        Ok(())
    }

    fn abandon(&mut self, _now: Duration) {
        if let Some(running @ (Running::Asking | Running::Fetching(_))) = &mut self.errand {
            *running = Running::Abandoned;
        }
    }
}
