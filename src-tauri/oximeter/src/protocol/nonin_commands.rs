//! Nonin's commands, the same beside each of its formats: `02 op len data 03`.
//!
//! Described by Nonin's "Onyx II 9560 OEM Specification" (6470-000-01); the long form of "set the format", the serial
//! number and the type by mdpnp/mdpnp (`devices/nonin`), where a WristOx2 3150 answers them.
//!
//! | to the sensor | does | answer |
//! | --- | --- | --- |
//! | `02 70 02 02 ZZ 03` | set the format, kept when it is switched off | 06 done, 15 refused |
//! | `02 70 04 02 ZZ OPT CHK 03` | the same, 3150 | the same |
//! | `02 72 06 YY MM DD hh mm ss 03` | set the clock | none |
//! | `02 72 00 03` | the clock | `02 F2 06 YY MM DD hh mm ss 03` |
//! | `02 73 00 03` | the type | `02 F3 len … 03` |
//! | `02 74 02 02 02 03` | the serial number | `02 F4 len x c1 … c9 03` |
//!
//! Answers stand between frames. A 9560 heeds commands only within five seconds after the connection.

use super::{Heard, Protocol};
use crate::errand::{Details, DeviceTime, Errand, Failure, NotPossible, Outcome, Reason};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

/// No source names one; Contec's document says a second.
const PATIENCE: Duration = Duration::from_secs(1);

/// A clock that was set may have gone on by so much when it is asked, s.
const CLOCK_MAY_DIFFER: u64 = 5;

/// The longest data of an answer that is looked at.
const LONGEST: usize = 24;

const ACK: u8 = 0x06;
const NAK: u8 = 0x15;
const BEGIN: u8 = 0x02;
const END: u8 = 0x03;

/// Bluetooth stays on at power-on, no spot check: what the 3150 needs to send live data.
const OPTIONS: u8 = 0x21;

/// The bytes that ask for the clock.
pub const ASK_CLOCK: [u8; 4] = [BEGIN, 0x72, 0x00, END];

/// The bytes that ask for the type.
pub const ASK_TYPE: [u8; 4] = [BEGIN, 0x73, 0x00, END];

/// The bytes that ask for the serial number.
pub const ASK_SERIAL_NUMBER: [u8; 6] = [BEGIN, 0x74, 0x02, 0x02, 0x02, END];

/// The bytes that select a format by its number: 2, 7, 8, or 13 for spot checks.
///
/// ```
/// use oximeter::protocol::nonin_commands::{select_format, select_format_of_3150};
///
/// assert_eq!(select_format(7), [0x02, 0x70, 0x02, 0x02, 0x07, 0x03]);
/// assert_eq!(select_format_of_3150(7), [0x02, 0x70, 0x04, 0x02, 0x07, 0x21, 0x9E, 0x03]);
/// ```
#[must_use]
pub const fn select_format(number: u8) -> [u8; 6] {
    [BEGIN, 0x70, 0x02, 0x02, number, END]
}

/// The same for a WristOx2 3150: Bluetooth on at power-on, no spot check.
#[must_use]
pub const fn select_format_of_3150(number: u8) -> [u8; 8] {
    let sum = 0x70_u8.wrapping_add(0x04 + 0x02).wrapping_add(number).wrapping_add(OPTIONS);
    [BEGIN, 0x70, 0x04, 0x02, number, OPTIONS, sum, END]
}

/// The bytes that set the clock.
#[must_use]
pub const fn set_clock(time: DeviceTime) -> [u8; 10] {
    let year = time.year_of_century();
    [BEGIN, 0x72, 0x06, year, time.month(), time.day(), time.hour(), time.minute(), time.second(), END]
}

/// The time in the data of an answer, or of [`set_clock`].
#[must_use]
pub const fn time_in(data: [u8; 6]) -> Option<DeviceTime> {
    let [year, month, day, hour, minute, second] = data;
    DeviceTime::new(2000 + year as u16, month, day, hour, minute, second)
}

/// The number of a format; `None` if Nonin has no command for it.
fn number_of(protocol: Protocol) -> Option<u8> {
    match protocol {
        Protocol::NoninDf2 => Some(2),
        Protocol::NoninDf7 => Some(7),
        Protocol::NoninDf8 => Some(8),
        _ => None,
    }
}

/// The model that the data of an answer to [`ASK_TYPE`] stand for, as far as public programs know them.
fn model_of(data: &[u8]) -> String {
    match data {
        [0x18, 0x05, 0x09, ..] => "WristOx2".to_owned(),
        [0x9E, 0x09, ..] | [0x93, 0x06, ..] => "Onyx".to_owned(),
        _ => data.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" "),
    }
}

fn serial_number_of(data: &[u8]) -> Option<String> {
    let text = core::str::from_utf8(data.get(1..10)?).ok()?.trim_matches(|c: char| c == '\0' || c == ' ');
    (!text.is_empty() && text.chars().all(|c| c.is_ascii_graphic())).then(|| text.to_owned())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Clock,
    Type,
    SerialNumber,
    SetClock(DeviceTime),
    /// The command has no answer, so the clock is asked whether it took it.
    CheckClock(DeviceTime),
    Format(Protocol, u8),
    FormatOf3150(Protocol, u8),
    Over,
}

impl Stage {
    fn question(self, send: &mut Vec<u8>) {
        match self {
            Self::Clock | Self::CheckClock(_) => send.extend(ASK_CLOCK),
            Self::Type => send.extend(ASK_TYPE),
            Self::SerialNumber => send.extend(ASK_SERIAL_NUMBER),
            Self::SetClock(time) => send.extend(set_clock(time)),
            Self::Format(_, number) => send.extend(select_format(number)),
            Self::FormatOf3150(_, number) => send.extend(select_format_of_3150(number)),
            Self::Over => {}
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::SetClock(_) | Self::CheckClock(_) => {
                "to set its clock (some listen only in the first seconds after they were plugged in)"
            }
            Self::Format(..) | Self::FormatOf3150(..) => {
                "to change its format (some listen only in the first seconds after they were plugged in)"
            }
            _ => "who it is (some listen only in the first seconds after they were plugged in)",
        }
    }
}

/// The errands of a Nonin, whichever format it sends.
#[derive(Debug)]
pub(super) struct Running {
    stage: Stage,
    asked: Option<Duration>,
    answer: Vec<u8>,
    details: Details,
    outcome: Option<Result<Outcome, Failure>>,
}

impl Running {
    pub(super) fn new(errand: &Errand) -> Result<Self, NotPossible> {
        let stage = match errand {
            Errand::Details => Stage::Clock,
            Errand::SetClock(time) => Stage::SetClock(*time),
            Errand::SetFormat(protocol) => {
                let number = number_of(*protocol).ok_or(NotPossible::Unsupported(
                    "A Nonin can be asked for nonin-df2, nonin-df7 or nonin-df8, and for nothing else.",
                ))?;
                Stage::Format(*protocol, number)
            }
            Errand::Recordings | Errand::Download(_) => {
                return Err(NotPossible::Unsupported(
                    "A Nonin Xpod, OEM III or 9560 stores no recordings, and a WristOx2 3150 gives its own to Nonin's \
                     program alone.",
                ));
            }
        };
        Ok(Self { stage, asked: None, answer: Vec::new(), details: Details::default(), outcome: None })
    }

    fn go(&mut self, stage: Stage) {
        self.stage = stage;
        self.asked = None;
        self.answer.clear();
    }

    fn finish(&mut self, outcome: Result<Outcome, Failure>) {
        self.outcome = Some(outcome);
        self.go(Stage::Over);
    }

    pub(super) fn abandon(&mut self) {
        if self.outcome.is_none() {
            self.finish(Err(Failure::Abandoned));
        }
    }

    /// Takes a byte that stands between frames, or goes on with an answer. Returns whether it belongs to one: then it is
    /// none of a frame's.
    pub(super) fn hear(&mut self, byte: u8, heard: &mut Heard) -> bool {
        if self.asked.is_none() {
            return false;
        }
        if self.answer.is_empty() {
            return self.begins(byte, heard);
        }
        self.answer.push(byte);
        let Some(len) = self.answer.get(2).map(|&len| usize::from(len)) else { return true };
        if len > LONGEST {
            self.answer.clear();
        } else if self.answer.len() == len + 4 {
            let answer = core::mem::take(&mut self.answer);
            heard.counters.packets += 1;
            if let [_, op, _, data @ .., END] = answer.as_slice() {
                self.answered(*op, data);
            }
        }
        true
    }

    fn begins(&mut self, byte: u8, heard: &mut Heard) -> bool {
        match (byte, self.stage) {
            (BEGIN, _) => self.answer.push(byte),
            (ACK, Stage::Format(protocol, _) | Stage::FormatOf3150(protocol, _)) => {
                heard.counters.packets += 1;
                self.finish(Ok(Outcome::FormatSet(protocol)));
            }
            (NAK, Stage::Format(..) | Stage::FormatOf3150(..)) => {
                heard.counters.packets += 1;
                self.go_on_without(Failure::Refused { what: self.stage.words(), reason: Reason::NotSupported });
            }
            _ => return false,
        }
        true
    }

    fn answered(&mut self, op: u8, data: &[u8]) {
        let time = <[u8; 6]>::try_from(data).ok().and_then(time_in);
        match (op, self.stage) {
            (0xF2, Stage::Clock) => {
                self.details.clock = time;
                self.go(Stage::Type);
            }
            (0xF3, Stage::Type) => {
                self.details.model = Some(model_of(data));
                self.go(Stage::SerialNumber);
            }
            (0xF4, Stage::SerialNumber) => {
                self.details.serial_number = serial_number_of(data);
                self.finish(Ok(Outcome::Details(self.details.clone())));
            }
            (0xF2, Stage::CheckClock(set)) => {
                let taken = time.is_some_and(|time| time >= set && Some(time) <= set.after(CLOCK_MAY_DIFFER));
                let refused = Failure::Refused { what: "to set its clock", reason: Reason::Unknown };
                self.finish(if taken { Ok(Outcome::ClockSet) } else { Err(refused) });
            }
            _ => {}
        }
    }

    /// Each model answers what it knows.
    fn go_on_without(&mut self, failure: Failure) {
        match self.stage {
            Stage::Clock => self.go(Stage::Type),
            Stage::Type => self.go(Stage::SerialNumber),
            Stage::SerialNumber if self.details != Details::default() => {
                self.finish(Ok(Outcome::Details(self.details.clone())));
            }
            Stage::Format(protocol, number) => self.go(Stage::FormatOf3150(protocol, number)),
            _ => self.finish(Err(failure)),
        }
    }

    /// Sends what is due. Returns whether it is over.
    pub(super) fn poll(&mut self, now: Duration, send: &mut Vec<u8>, heard: &mut Heard) -> bool {
        if let Some(asked) = self.asked
            && now >= asked.saturating_add(PATIENCE)
        {
            self.go_on_without(Failure::NoAnswer { to: self.stage.words() });
        }
        if self.asked.is_none() && self.stage != Stage::Over {
            self.stage.question(send);
            self.asked = Some(now);
            if let Stage::SetClock(time) = self.stage {
                self.go(Stage::CheckClock(time));
            }
        }
        let Some(outcome) = self.outcome.take() else { return false };
        heard.errand.end(outcome);
        true
    }

    /// When something is due; a time that has passed means at once.
    pub(super) fn next_wake(&self) -> Duration {
        self.asked.map_or(Duration::ZERO, |asked| asked.saturating_add(PATIENCE))
    }
}

#[cfg(test)]
mod tests;
