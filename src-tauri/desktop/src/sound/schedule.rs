//! When to start which burst.
//!
//! | priority | start to start |
//! | --- | --- |
//! | HIGH | 10 s |
//! | MEDIUM | 22 s |
//! | LOW | 30 s |
//!
//! The gaps that remain lie within what the table of auditory signals of IEC 60601-1-8, as cited in public, allows
//! (2.5 to 15 s, 2.5 to 30 s, over 15 s). Nonin ships 10 s and 25 s.

use super::synth;
use core::time::Duration;
use vitals::Priority;

/// The least silence between two bursts of which the second is not more urgent: an alarm that flaps must not grow
/// into one long noise in which no pulses can be counted.
const LEAST_GAP: Duration = Duration::from_millis(2500);

/// From the start of one burst to the start of the next while nothing changes.
#[must_use]
pub const fn repeat(priority: Priority) -> Duration {
    match priority {
        Priority::High => Duration::from_secs(10),
        Priority::Medium => Duration::from_secs(22),
        Priority::Low => Duration::from_secs(30),
    }
}

/// What to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Start this burst; whatever still sounds gives way.
    Start(Priority),
    /// Fall silent within the pulse that sounds.
    Stop,
}

/// A burst that was started.
#[derive(Debug, Clone, Copy)]
struct Started {
    priority: Priority,
    at: Duration,
    /// When it falls silent: its end, or the moment it was stopped.
    until: Duration,
}

/// The pace of the alarm sound. Times are monotonic, from any fixed start.
#[derive(Debug, Default)]
pub struct Schedule {
    wanted: Option<Priority>,
    /// Something rose since the last burst began, so the next one is a new call and not the repetition of the old.
    rose: bool,
    last: Option<Started>,
    /// No burst before this; set when the last one was not heard.
    not_before: Duration,
}

impl Schedule {
    /// The highest priority that should sound from now on; `None` for silence.
    pub fn want(&mut self, wanted: Option<Priority>) {
        self.rose |= wanted > self.wanted;
        self.wanted = wanted;
    }

    /// What is due at `now`. Ask again after each answer until there is none.
    pub fn step(&mut self, now: Duration) -> Option<Step> {
        if let Some(last) = &mut self.last
            && self.wanted < Some(last.priority)
            && now < last.until
        {
            last.until = now;
            return Some(Step::Stop);
        }
        let (priority, due) = self.next()?;
        (due <= now).then(|| {
            self.rose = false;
            self.last = Some(Started { priority, at: now, until: now + synth::length(priority) });
            Step::Start(priority)
        })
    }

    /// The burst that was started made no sound: it is due again at `retry`, and not at its next turn.
    pub fn was_not_heard(&mut self, retry: Duration) {
        self.last = None;
        self.not_before = retry;
    }

    /// Whether an alarm should be heard, be it in the silence between two bursts.
    #[must_use]
    pub const fn wants_sound(&self) -> bool {
        self.wanted.is_some()
    }

    /// When to ask again if nothing is wanted anew; `None` for never.
    #[must_use]
    pub fn due(&self) -> Option<Duration> {
        self.next().map(|(_, due)| due)
    }

    fn next(&self) -> Option<(Priority, Duration)> {
        let wanted = self.wanted?;
        let due = match self.last {
            None => Duration::ZERO,
            Some(last) if self.rose && wanted > last.priority => Duration::ZERO,
            Some(last) if self.rose => last.until + LEAST_GAP,
            Some(last) => last.at + repeat(wanted),
        };
        Some((wanted, due.max(self.not_before)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitals::Priority::{High, Low, Medium};

    /// Everything that a schedule does from `from` to `to`, seconds, looked at every 100 ms.
    fn steps(schedule: &mut Schedule, from: f64, to: f64) -> Vec<(f64, Step)> {
        let mut taken = Vec::new();
        let mut tenths = (from * 10.0).round();
        while tenths <= (to * 10.0).round() {
            while let Some(step) = schedule.step(Duration::from_secs_f64(tenths / 10.0)) {
                taken.push((tenths / 10.0, step));
            }
            tenths += 1.0;
        }
        taken
    }

    #[test]
    fn each_priority_repeats_at_its_own_pace() {
        for (priority, starts) in [(High, vec![0.0, 10.0, 20.0]), (Medium, vec![0.0, 22.0]), (Low, vec![0.0, 30.0])] {
            let mut schedule = Schedule::default();
            schedule.want(Some(priority));
            let wanted: Vec<_> = starts.into_iter().map(|at| (at, Step::Start(priority))).collect();
            let until = if priority == Low { 30.0 } else { 29.0 };
            assert_eq!(steps(&mut schedule, 0.0, until), wanted);
        }
    }

    #[test]
    fn the_silence_between_two_bursts_is_within_the_table() {
        for (priority, least, most) in [(High, 2.5, 15.0), (Medium, 2.5, 30.0), (Low, 15.0, f64::INFINITY)] {
            let silence = (repeat(priority) - synth::length(priority)).as_secs_f64();
            assert!((least..=most).contains(&silence), "{priority:?}: {silence} s");
        }
    }

    #[test]
    fn a_higher_priority_starts_at_once_even_into_a_burst() {
        let mut schedule = Schedule::default();
        schedule.want(Some(Medium));
        assert_eq!(steps(&mut schedule, 0.0, 0.5), [(0.0, Step::Start(Medium))]);
        schedule.want(Some(High));
        assert_eq!(steps(&mut schedule, 0.6, 5.0), [(0.6, Step::Start(High))]);
    }

    #[test]
    fn back_to_a_lower_priority_stops_the_burst_and_waits_the_lower_one_s_own_interval() {
        let mut schedule = Schedule::default();
        schedule.want(Some(High));
        assert_eq!(steps(&mut schedule, 0.0, 1.0), [(0.0, Step::Start(High))]);
        schedule.want(Some(Medium));
        assert_eq!(steps(&mut schedule, 1.1, 25.0), [(1.1, Step::Stop), (22.0, Step::Start(Medium))]);
    }

    #[test]
    fn nothing_left_to_sound_stops_at_once_and_stays_silent() {
        let mut schedule = Schedule::default();
        schedule.want(Some(High));
        assert_eq!(steps(&mut schedule, 0.0, 1.0), [(0.0, Step::Start(High))]);
        schedule.want(None);
        assert_eq!(steps(&mut schedule, 1.1, 120.0), [(1.1, Step::Stop)]);
        assert_eq!(schedule.due(), None);
    }

    #[test]
    fn a_new_alarm_after_silence_sounds_at_once() {
        let mut schedule = Schedule::default();
        schedule.want(Some(High));
        assert_eq!(steps(&mut schedule, 0.0, 4.0), [(0.0, Step::Start(High))]);
        schedule.want(None);
        assert_eq!(steps(&mut schedule, 4.1, 8.0), []);
        schedule.want(Some(Low));
        assert_eq!(steps(&mut schedule, 8.1, 9.0), [(8.1, Step::Start(Low))]);
    }

    #[test]
    fn an_alarm_that_flaps_leaves_two_and_a_half_seconds_between_its_bursts() {
        let mut schedule = Schedule::default();
        let mut taken = Vec::new();
        for second in 0..60 {
            schedule.want((second % 2 == 0).then_some(Medium));
            taken.extend(steps(&mut schedule, f64::from(second), f64::from(second) + 0.9));
        }
        let starts: Vec<f64> =
            taken.iter().filter(|(_, step)| matches!(step, Step::Start(_))).map(|(at, _)| *at).collect();
        assert!(starts.len() > 10, "{starts:?}");
        assert!(starts.windows(2).all(|pair| pair[1] - pair[0] >= 3.5), "{starts:?}");
    }

    #[test]
    fn a_rise_that_falls_back_before_its_burst_does_not_break_the_pace() {
        let mut schedule = Schedule::default();
        schedule.want(Some(High));
        assert_eq!(steps(&mut schedule, 0.0, 4.0), [(0.0, Step::Start(High))]);
        schedule.want(Some(Low));
        schedule.want(Some(High));
        assert_eq!(steps(&mut schedule, 4.1, 20.0), [(5.9, Step::Start(High)), (15.9, Step::Start(High))]);
    }

    #[test]
    fn a_burst_that_was_not_heard_is_tried_again_soon_and_the_pace_starts_anew() {
        let mut schedule = Schedule::default();
        schedule.want(Some(Low));
        assert_eq!(steps(&mut schedule, 0.0, 0.1), [(0.0, Step::Start(Low))]);
        schedule.was_not_heard(Duration::from_secs(2));
        assert_eq!(steps(&mut schedule, 0.2, 40.0), [(2.0, Step::Start(Low)), (32.0, Step::Start(Low))]);
    }

    #[test]
    fn the_next_time_to_ask_is_the_next_burst() {
        let mut schedule = Schedule::default();
        schedule.want(Some(Low));
        assert_eq!(schedule.due(), Some(Duration::ZERO));
        assert!(schedule.step(Duration::from_secs(5)).is_some());
        assert_eq!(schedule.due(), Some(Duration::from_secs(35)));
    }
}
