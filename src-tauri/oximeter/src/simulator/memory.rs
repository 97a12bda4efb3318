//! What a simulated sensor has stored.

use crate::errand::{DeviceTime, Second, Slot, Start, Stored};
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

/// What a simulated sensor has stored, and whether it has a clock. It keeps it while it is unplugged.
#[derive(Debug, Clone)]
pub struct Memory {
    /// What its clock showed when it was set last, and when that was.
    clock: Option<(Duration, DeviceTime)>,
    recordings: Vec<Kept>,
}

/// A recording in the memory.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) stored: Stored,
    contents: Contents,
}

#[derive(Debug, Clone)]
enum Contents {
    Given(Vec<Second>),
    /// Worked out second by second: a ward of simulated sensors would keep nights in memory that nobody asks for.
    Made,
}

/// A restless sleeper: SpO₂ dips in each minute, and the finger is out for seven seconds of every five minutes.
fn made(at: u32, perfusion_index: bool) -> Second {
    if (290..297).contains(&(at % 300)) {
        return Second::default();
    }
    let dip = match at % 60 {
        in_dip @ 30..45 => (in_dip - 30) / 2,
        in_rise @ 45..52 => 52 - in_rise,
        _ => 0,
    };
    Second {
        spo2: Some((97 - dip - at / 60 % 2) as u8),
        pulse_rate: Some((58 + at / 7 % 9 + dip) as u16),
        perfusion_index: perfusion_index.then_some((300 + at % 50) as u16),
    }
}

impl Memory {
    /// An empty memory of a sensor without a clock, such as a CMS50D+.
    #[must_use]
    pub const fn without_clock() -> Self {
        Self { clock: None, recordings: Vec::new() }
    }

    /// An empty memory of a sensor with a clock, such as a CMS50I, which shows `time` at the simulator's time zero.
    #[must_use]
    pub const fn with_clock(time: DeviceTime) -> Self {
        Self { clock: Some((Duration::ZERO, time)), recordings: Vec::new() }
    }

    /// What the simulated sensors have that are given no other memory: a clock and three recordings of user 0: ten
    /// minutes and eight hours without a perfusion index, 45 s with one, all with seconds that are missing.
    #[must_use]
    pub fn example() -> Self {
        let clock = DeviceTime::new(2026, 3, 10, 7, 5, 30).map(|time| (Duration::ZERO, time));
        let starts = [
            DeviceTime::new(2026, 3, 8, 22, 41, 0),
            DeviceTime::new(2026, 3, 9, 22, 5, 30),
            DeviceTime::new(2026, 3, 10, 6, 58, 12),
        ];
        let kept = |segment, seconds, perfusion_index, start: Option<DeviceTime>| Kept {
            stored: Stored {
                slot: Slot { user: 0, segment },
                seconds: Some(seconds),
                start: start.map(Start::At),
                perfusion_index: Some(perfusion_index),
            },
            contents: Contents::Made,
        };
        let recordings =
            vec![kept(1, 617, false, starts[0]), kept(2, 28_800, false, starts[1]), kept(3, 45, true, starts[2])];
        Self { clock, recordings }
    }

    /// With a recording in `slot`. A sensor with only one has it at user 0, segment 0; one with several counts them from
    /// segment 1 on.
    #[must_use]
    pub fn keep(mut self, slot: Slot, start: Option<Start>, perfusion_index: bool, seconds: Vec<Second>) -> Self {
        let length = Some(seconds.len() as u32);
        let stored = Stored { slot, seconds: length, start, perfusion_index: Some(perfusion_index) };
        self.recordings.push(Kept { stored, contents: Contents::Given(seconds) });
        self
    }

    /// The same recordings in a sensor that never knew when they began.
    pub(crate) fn with_its_clock_removed(mut self) -> Self {
        self.clock = None;
        for kept in &mut self.recordings {
            kept.stored.start = None;
        }
        self
    }

    pub(crate) const fn has_clock(&self) -> bool {
        self.clock.is_some()
    }

    /// What the clock shows.
    pub(crate) fn clock(&self, now: Duration) -> Option<DeviceTime> {
        let (set, time) = self.clock?;
        time.after(now.saturating_sub(set).as_secs())
    }

    /// Without an effect where there is no clock.
    pub(crate) fn set_clock(&mut self, now: Duration, time: DeviceTime) {
        if let Some(clock) = &mut self.clock {
            *clock = (now, time);
        }
    }

    pub(crate) fn recordings(&self) -> &[Kept] {
        &self.recordings
    }

    pub(crate) fn at(&self, slot: Slot) -> Option<&Kept> {
        self.recordings.iter().find(|kept| kept.stored.slot == slot)
    }

    /// How many recordings a user has.
    pub(crate) fn segments(&self, user: u8) -> u8 {
        let count = self.recordings.iter().filter(|kept| kept.stored.slot.user == user).count();
        u8::try_from(count).unwrap_or(u8::MAX)
    }

    /// All recordings of a user, or one.
    pub(crate) fn delete(&mut self, user: u8, segment: Option<u8>) {
        self.recordings.retain(|Kept { stored: Stored { slot, .. }, .. }| {
            slot.user != user || segment.is_some_and(|segment| slot.segment != segment)
        });
    }
}

impl Kept {
    /// How many seconds it has.
    pub(crate) fn len(&self) -> u32 {
        self.stored.seconds.unwrap_or(0)
    }

    pub(crate) fn has_perfusion(&self) -> bool {
        self.stored.perfusion_index == Some(true)
    }

    /// What was stored in second `at`; empty past the end.
    pub(crate) fn second(&self, at: u32) -> Second {
        match &self.contents {
            Contents::Given(seconds) => seconds.get(at as usize).copied().unwrap_or_default(),
            Contents::Made if at < self.len() => made(at, self.has_perfusion()),
            Contents::Made => Second::default(),
        }
    }
}

/// Stored data on their way: one unit after the other, as fast as the line is.
#[derive(Debug)]
pub(crate) struct Sending {
    pub(crate) slot: Slot,
    /// The next unit.
    pub(crate) unit: u32,
    pub(crate) due: Duration,
}
