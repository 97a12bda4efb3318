//! The host's side: listening; a call for the format where nothing of it comes.

use super::{FRAMES, Packet, is_frame, status};
use crate::confirm::Confirmed;
use crate::errand::{Errand, NotPossible};
use crate::protocol::nonin::asking::Asking;
use crate::protocol::{Heard, Host};
use crate::sample::{Flags, Sample};
use alloc::string::ToString;
use alloc::vec::Vec;
use core::time::Duration;

/// When after the start the format is called for, if nothing of it has come.
const CALLS: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(4)];

/// Perfusion and passing artifacts are told only during a pulse. What the last one told holds for 3 s: the slowest
/// pulse of the document is 18 beats a minute.
const HOLD: u16 = 225;

/// Frames without a whole packet after which the numbers of the last one are too old: the time of three packets.
const OLD: u16 = 75;

/// A time after which the same numbers are too old, however few frames came through.
const TOO_LATE: Duration = Duration::from_secs(2);

/// Quiet inside a packet after which it counts for nothing: 25 frames take a third of a second, and frames that were
/// lost between others would be taken for those of the next packet, half a pulse rate of the one and half of the other.
const GAP: Duration = Duration::from_millis(250);

/// Counts frames since something was seen; saturates.
#[derive(Debug, Clone, Copy)]
struct Since(u16);

impl Since {
    const NEVER: Self = Self(u16::MAX);

    fn count(&mut self, seen: bool) {
        self.0 = if seen { 0 } else { self.0.saturating_add(1) };
    }

    const fn within(self, frames: u16) -> bool {
        self.0 < frames
    }
}

#[derive(Debug)]
pub(in crate::protocol) struct Df2Host {
    window: [u8; 5],
    len: usize,
    /// FLOATs of the packet that is arriving, and how many; 0 outside a packet.
    floats: [u8; FRAMES],
    frames: usize,
    /// A frame of the arriving packet said that there is no finger.
    fingerless: bool,
    packet: Option<Packet>,
    /// When that packet was whole, and when the last frame was.
    packet_at: Duration,
    frame_at: Duration,
    firmware: Option<u8>,
    since_packet: Since,
    since_red: Since,
    since_yellow: Since,
    since_artifact: Since,
    /// STATUS without SYNC. One false frame in a burst of noise is not rare enough (an 01 and one chance in 512), three
    /// that agree are.
    status: Confirmed<u8>,
    asking: Asking,
    /// The last byte ended a frame or an answer, so what comes next begins one.
    in_step: bool,
}

impl Default for Df2Host {
    fn default() -> Self {
        Self {
            window: [0; 5],
            len: 0,
            floats: [0; FRAMES],
            frames: 0,
            fingerless: false,
            packet: None,
            packet_at: Duration::ZERO,
            frame_at: Duration::ZERO,
            firmware: None,
            since_packet: Since::NEVER,
            since_red: Since::NEVER,
            since_yellow: Since::NEVER,
            since_artifact: Since::NEVER,
            status: Confirmed::default(),
            asking: Asking::new(0x02, CALLS),
            in_step: false,
        }
    }
}

impl Df2Host {
    /// Drops the first byte of the window and moves on to the next that could begin a frame.
    fn slide(&mut self, heard: &mut Heard) {
        if self.window[0] == 0x01 && self.window[1] & status::ALWAYS != 0 {
            heard.counters.rejected += 1;
        }
        let next = self.window[1..].iter().position(|&byte| byte == 0x01).map_or(5, |at| at + 1);
        heard.counters.skipped += next as u64;
        self.window.copy_within(next.., 0);
        self.len = 5 - next;
        self.lose_step();
    }

    /// With a stray byte in it, what place a frame has in its packet is a guess.
    pub(in crate::protocol) fn lose_step(&mut self) {
        self.frames = 0;
    }

    /// A frame that is sound. The format with the wider wave shares it.
    pub(in crate::protocol) fn frame(
        &mut self,
        now: Duration,
        bits: u8,
        pleth: u16,
        float: u8,
        heard: &mut Heard,
    ) -> Sample {
        if now >= self.frame_at.saturating_add(GAP) {
            self.frames = 0;
        }
        self.frame_at = now;
        let probe_alarm = bits & (status::SENSOR_ALARM | status::SENSOR_DISCONNECTED) != 0;
        if bits & status::SYNC != 0 {
            self.frames = 0;
            self.fingerless = false;
        }
        self.since_packet.count(false);
        if bits & status::SYNC != 0 || self.frames > 0 {
            self.floats[self.frames] = float;
            self.frames += 1;
            self.fingerless |= probe_alarm;
            if self.frames == FRAMES {
                self.frames = 0;
                self.packet_ended(heard);
                self.packet_at = now;
            }
        }

        let standing = self.status.see(bits & !status::SYNC);
        let set = |bit: u8| standing & bit != 0;
        let (red, green) = (set(status::RED), set(status::GREEN));
        if red || green {
            // A new pulse tells anew: it also takes back what the last one told.
            (self.since_red, self.since_yellow) = (Since::NEVER, Since::NEVER);
        }
        self.since_red.count(red && !green);
        self.since_yellow.count(red && green);
        self.since_artifact.count(set(status::ARTIFACT));
        let no_finger = set(status::SENSOR_ALARM | status::SENSOR_DISCONNECTED);

        let packet =
            self.packet.filter(|_| self.since_packet.within(OLD) && now < self.packet_at.saturating_add(TOO_LATE));
        let numbers = packet.filter(|_| !no_finger);
        Sample {
            spo2: numbers.and_then(|packet| packet.spo2),
            pulse_rate: numbers.and_then(|packet| packet.pulse_rate),
            perfusion_index: None,
            signal_strength: None,
            pleth: Some(pleth),
            beat: bits & (status::RED | status::GREEN) != 0,
            flags: Flags {
                no_finger,
                searching: numbers.is_some_and(|packet| packet.pulse_rate.is_none()),
                low_perfusion: !no_finger && self.since_red.within(HOLD),
                artifact: set(status::OUT_OF_TRACK) || self.since_artifact.within(HOLD),
                weak_signal: !no_finger && self.since_yellow.within(HOLD),
                low_battery: packet.is_some_and(|packet| packet.low_battery),
            },
        }
    }

    fn packet_ended(&mut self, heard: &mut Heard) {
        let mut packet = Packet::from_floats(&self.floats);
        if self.firmware != Some(packet.firmware) {
            self.firmware = Some(packet.firmware);
            heard.identity.firmware = Some(packet.firmware.to_string());
        }
        if self.fingerless {
            (packet.spo2, packet.pulse_rate) = (None, None);
        }
        self.packet = Some(packet);
        self.since_packet.count(true);
    }
}

impl Host for Df2Host {
    fn start(&mut self, now: Duration, _send: &mut Vec<u8>) {
        *self = Self::default();
        self.asking.start(now);
    }

    fn receive(&mut self, now: Duration, byte: u8, heard: &mut Heard) -> Option<Sample> {
        let in_step = core::mem::take(&mut self.in_step);
        if self.len == 0 && in_step && self.asking.hear(byte, heard) {
            self.in_step = true;
            return None;
        }
        self.window[self.len] = byte;
        self.len += 1;
        if self.len == 1 && byte != 0x01 {
            self.len = 0;
            self.frames = 0;
            heard.counters.skipped += 1;
            return None;
        }
        if self.len < 5 {
            return None;
        }
        if !is_frame(self.window) {
            self.slide(heard);
            return None;
        }
        self.len = 0;
        self.in_step = true;
        self.asking.is_answered();
        heard.counters.packets += 1;
        let [_, bits, pleth, float, _] = self.window;
        Some(self.frame(now, bits, u16::from(pleth), float, heard))
    }

    fn receive_frame(&mut self, now: Duration, bytes: &[u8], heard: &mut Heard) -> Option<(usize, Option<Sample>)> {
        let frame = *bytes.first_chunk()?;
        if self.asking.is_busy() || self.len > 0 || !is_frame(frame) {
            return None;
        }
        self.in_step = true;
        self.asking.is_answered();
        heard.counters.packets += 1;
        let [_, bits, pleth, float, _] = frame;
        Some((5, Some(self.frame(now, bits, u16::from(pleth), float, heard))))
    }

    fn poll(&mut self, now: Duration, send: &mut Vec<u8>, heard: &mut Heard) -> Option<Sample> {
        self.asking.poll(now, send, heard);
        None
    }

    fn next_wake(&self) -> Option<Duration> {
        self.asking.next_wake()
    }

    fn stop(&mut self, _send: &mut Vec<u8>) {
        self.asking.stop();
    }

    fn begin(&mut self, _now: Duration, errand: &Errand) -> Result<(), NotPossible> {
        self.asking.begin(errand)
    }

    fn abandon(&mut self, _now: Duration) {
        self.asking.abandon();
    }
}
