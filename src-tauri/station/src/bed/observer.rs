//! From the samples of a sensor to the readings and the wave of a bed. Pure: time comes in, values go out.

use core::time::Duration;
use oximeter::Sample;
use std::collections::VecDeque;
use vitals::{
    Now, Numbers, PerfusionIndex, PulseRate, Reading, SensorState, SignalStrength, Spo2, StationTime, Status,
    StatusSet, Wave,
};

/// Without a sample for this long a reading is stale (contract, section 4).
const STALE_AFTER: Duration = Duration::from_secs(2);
/// A reading is issued at least this often while samples come.
const ISSUE_EVERY: Duration = Duration::from_secs(1);
/// A wave leaves the bed when it has gathered this much: the hub sends 25 moments a second.
const WAVE_SPAN_MS: u64 = 33;
/// How far the count of samples may run from the clock before the wave is taken to have a gap.
const WAVE_DRIFT_MS: i64 = 250;

/// What a bed knows of its sensor's stream.
#[derive(Debug)]
pub struct Observer {
    sensor: SensorState,
    wave_rate: Option<u16>,
    period: Duration,
    numbers: Numbers,
    flags: StatusSet,
    sampled: Option<StationTime>,
    /// When the newest sample came, whatever became of the sensor since: the age of what was last measured.
    heard: Option<StationTime>,
    issued: Option<(StationTime, Numbers, StatusSet)>,
    newest: Option<Reading>,
    /// Runs that have not been taken, oldest first; the newest may grow.
    gathering: VecDeque<Wave>,
    /// Where the next sample of the wave belongs, ms of wall time, if the stream goes on.
    wave_ends: Option<f64>,
}

impl Observer {
    /// An observer that has seen nothing.
    #[must_use]
    pub fn new(sensor: SensorState) -> Self {
        Self {
            sensor,
            wave_rate: None,
            period: Duration::from_millis(16),
            numbers: Numbers::default(),
            flags: StatusSet::EMPTY,
            sampled: None,
            heard: None,
            issued: None,
            newest: None,
            gathering: VecDeque::new(),
            wave_ends: None,
        }
    }

    /// The sensor's pace: points of the wave a second, if it sends one, and the time between two samples.
    pub fn set_pace(&mut self, wave_rate: Option<u16>, period: Duration) {
        (self.wave_rate, self.period) = (wave_rate, period);
    }

    /// How the sensor stands.
    #[must_use]
    pub const fn sensor(&self) -> SensorState {
        self.sensor
    }

    /// When the newest sample came, also from a sensor that has gone since.
    #[must_use]
    pub const fn heard(&self) -> Option<StationTime> {
        self.heard
    }

    /// When the newest sample of the present stream came.
    #[must_use]
    pub const fn sampled(&self) -> Option<StationTime> {
        self.sampled
    }

    /// The newest reading issued.
    #[must_use]
    pub const fn newest(&self) -> Option<Reading> {
        self.newest
    }

    /// The sensor stands differently. Whatever it showed before is not shown any more unless it is live.
    pub fn sensor_is(&mut self, now: Now, sensor: SensorState) -> Option<Reading> {
        self.sensor = sensor;
        if !matches!(sensor, SensorState::Live | SensorState::Silent) {
            self.forget();
        }
        self.issue_if_changed(now)
    }

    /// Forgets every number: the sensor was reset, replaced or unplugged.
    pub fn forget(&mut self) {
        self.numbers = Numbers::default();
        self.flags = StatusSet::EMPTY;
        self.sampled = None;
        self.wave_ends = None;
        self.gathering.clear();
    }

    /// The patient left: what was measured is nobody's any more, until the next sample.
    pub fn begin_anew(&mut self, now: Now) -> Option<Reading> {
        self.numbers = Numbers::default();
        self.flags = StatusSet::EMPTY.with(Status::Searching);
        self.gathering.clear();
        self.issue_if_changed(now)
    }

    /// A sample arrived.
    pub fn sample(&mut self, now: Now, sample: &Sample) -> Option<Reading> {
        self.sensor = SensorState::Live;
        self.sampled = Some(now.station);
        self.heard = Some(now.station);
        self.flags = flags(sample);
        self.numbers = numbers(sample, self.flags);
        self.gather(now, sample);
        // Of a sensor that sends about one a second each sample is due: the next may come a hair before the second is over.
        let is_slow = self.period >= ISSUE_EVERY;
        let due = is_slow || self.issued.is_none_or(|(at, ..)| now.station.since(at) >= ISSUE_EVERY);
        if due { Some(self.issue(now)) } else { self.issue_if_changed(now) }
    }

    /// Time passed without a sample.
    pub fn tick(&mut self, now: Now) -> Option<Reading> {
        self.issue_if_changed(now)
    }

    /// When [`tick`](Self::tick) has something to say if no sample comes.
    #[must_use]
    pub fn wake_at(&self) -> Option<StationTime> {
        let stale_at = self.sampled?.plus(self.stale_after());
        let told = self.issued.is_some_and(|(_, _, status)| status.has(Status::Stale));
        (!told).then_some(stale_at)
    }

    /// The oldest run gathered so far, if it is over or worth sending, or any with `all`.
    pub fn take_wave(&mut self, all: bool) -> Option<Wave> {
        let wave = self.gathering.front()?;
        let span = wave.samples.len() as u64 * 1000 / u64::from(wave.rate.max(1));
        let over = self.gathering.len() > 1;
        if all || over || span >= WAVE_SPAN_MS { self.gathering.pop_front() } else { None }
    }

    fn stale_after(&self) -> Duration {
        if self.period > Duration::from_secs(1) { self.period * 2 } else { STALE_AFTER }
    }

    fn stands(&self, now: Now) -> (Numbers, StatusSet) {
        match self.sensor {
            SensorState::None => (Numbers::default(), StatusSet::EMPTY),
            SensorState::Disconnected => (Numbers::default(), StatusSet::EMPTY.with(Status::Disconnected)),
            SensorState::Opening | SensorState::Searching => {
                (Numbers::default(), StatusSet::EMPTY.with(Status::Searching))
            }
            SensorState::Live | SensorState::Silent => {
                let stale = self.sampled.is_none_or(|at| now.station.since(at) >= self.stale_after());
                if stale {
                    (Numbers::default(), StatusSet::EMPTY.with(Status::Stale))
                } else {
                    (self.numbers, self.flags)
                }
            }
        }
    }

    fn issue_if_changed(&mut self, now: Now) -> Option<Reading> {
        let (numbers, status) = self.stands(now);
        match self.issued {
            Some((_, before, said)) if (before, said) == (numbers, status) => None,
            // A bed that never had a sensor has nothing to say.
            None if self.sensor == SensorState::None => None,
            _ => Some(self.issue(now)),
        }
    }

    fn issue(&mut self, now: Now) -> Reading {
        let (numbers, status) = self.stands(now);
        self.issued = Some((now.station, numbers, status));
        let reading = Reading { time: now.wall, numbers, status };
        self.newest = Some(reading);
        reading
    }

    /// Puts the sample behind the wave. USB delivers in clumps, so its time is counted on from the sample before;
    /// only when the count and the clock have run apart is it a gap.
    fn gather(&mut self, now: Now, sample: &Sample) {
        let (Some(pleth), Some(rate)) = (sample.pleth, self.wave_rate) else {
            self.wave_ends = None;
            return;
        };
        let step = 1000.0 / f64::from(rate);
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 need 41 bits of the 52")]
        let arrived = now.wall.as_millis() as f64;
        #[expect(clippy::cast_precision_loss, reason = "a small constant")]
        let at = self.wave_ends.filter(|expected| (expected - arrived).abs() <= WAVE_DRIFT_MS as f64);
        let goes_on = at.is_some();
        // A drift of a few ms a second between the sensor's clock and ours is taken up a little at each sample.
        let at = at.map_or(arrived, |expected| expected + (arrived - expected) * 0.01);
        self.wave_ends = Some(at + step);
        match self.gathering.back_mut() {
            Some(wave) if goes_on => wave.samples.push(pleth),
            _ => {
                #[expect(clippy::cast_possible_truncation, reason = "rounded milliseconds since 1970")]
                let time = vitals::WallTime::from_millis(at.round() as i64);
                self.gathering.push_back(Wave { time, rate, samples: vec![pleth] });
            }
        }
    }
}

fn flags(sample: &Sample) -> StatusSet {
    let flags = &sample.flags;
    // A sensor that gives neither number and says nothing about it is looking for them.
    let gives_nothing = sample.spo2.is_none() && sample.pulse_rate.is_none() && !flags.no_finger;
    StatusSet::EMPTY
        .with_if(Status::NoFinger, flags.no_finger)
        .with_if(Status::Searching, flags.searching || gives_nothing)
        .with_if(Status::LowPerfusion, flags.low_perfusion)
        .with_if(Status::Artifact, flags.artifact)
        .with_if(Status::WeakSignal, flags.weak_signal)
        .with_if(Status::LowBattery, flags.low_battery)
}

fn numbers(sample: &Sample, flags: StatusSet) -> Numbers {
    let signal_strength = sample.signal_strength.and_then(SignalStrength::from_hundredths);
    if flags.has(Status::NoFinger) {
        return Numbers { signal_strength, ..Numbers::default() };
    }
    Numbers {
        spo2: sample.spo2.and_then(Spo2::new),
        pulse_rate: sample.pulse_rate.and_then(PulseRate::new),
        perfusion_index: sample.perfusion_index.and_then(PerfusionIndex::from_hundredths),
        signal_strength,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitals::WallTime;

    fn at(millis: u64) -> Now {
        Now {
            station: StationTime::from_start(Duration::from_millis(millis)),
            wall: WallTime::from_millis(1_793_180_000_000 + i64::try_from(millis).unwrap()),
        }
    }

    fn sample(spo2: u8) -> Sample {
        Sample {
            spo2: Some(spo2),
            pulse_rate: Some(72),
            pleth: Some(64),
            signal_strength: Some(80),
            ..Sample::default()
        }
    }

    fn live() -> Observer {
        let mut observer = Observer::new(SensorState::Opening);
        observer.set_pace(Some(60), Duration::from_millis(17));
        observer
    }

    #[test]
    fn each_sample_of_a_sensor_that_sends_one_a_second_is_a_reading() {
        let mut observer = live();
        observer.set_pace(None, Duration::from_secs(1));
        for second in 0..10 {
            // Not quite a second apart, as on any real line.
            let reading = observer.sample(at(10_000 + second * 1000 - second * second % 3), &sample(97));
            assert!(reading.is_some(), "{second}");
        }
    }

    #[test]
    fn a_reading_is_issued_at_once_when_a_number_changes_and_else_once_a_second() {
        let mut observer = live();
        let mut issued = Vec::new();
        for packet in 0..180 {
            let spo2 = if packet < 90 { 97 } else { 96 };
            if let Some(reading) = observer.sample(at(packet * 1000 / 60), &sample(spo2)) {
                issued.push((packet, reading.numbers.spo2.unwrap().percent()));
            }
        }
        assert_eq!(issued, [(0, 97), (60, 97), (90, 96), (150, 96)]);
    }

    #[test]
    fn without_a_sample_for_two_seconds_the_numbers_are_gone() {
        let mut observer = live();
        observer.sample(at(0), &sample(97));
        assert_eq!(observer.wake_at(), Some(at(2000).station));
        assert_eq!(observer.tick(at(1999)), None);
        let reading = observer.tick(at(2000)).unwrap();
        assert_eq!(reading.numbers, Numbers::default());
        assert!(reading.status.has(Status::Stale));
        assert_eq!((observer.tick(at(9000)), observer.wake_at()), (None, None), "it is said once");
    }

    #[test]
    fn a_sensor_that_sends_every_two_seconds_is_stale_after_four() {
        let mut observer = live();
        observer.set_pace(None, Duration::from_secs(2));
        observer.sample(at(0), &sample(97));
        assert_eq!(observer.tick(at(3999)), None);
        assert!(observer.tick(at(4000)).unwrap().status.has(Status::Stale));
    }

    #[test]
    fn no_number_is_shown_without_a_finger_whatever_the_sensor_sends() {
        let mut observer = live();
        let mut held = sample(97);
        held.flags.no_finger = true;
        let reading = observer.sample(at(0), &held).unwrap();
        assert_eq!((reading.numbers.spo2, reading.numbers.pulse_rate), (None, None));
        assert!(reading.status.has(Status::NoFinger));
    }

    #[test]
    fn an_unplugged_sensor_takes_its_numbers_with_it_and_brings_none_back() {
        let mut observer = live();
        observer.sample(at(0), &sample(97));
        let gone = observer.sensor_is(at(100), SensorState::Disconnected).unwrap();
        assert_eq!(gone.numbers, Numbers::default());
        assert!(gone.status.has(Status::Disconnected));
        let back = observer.sensor_is(at(500), SensorState::Opening).unwrap();
        assert_eq!(back.numbers, Numbers::default());
    }

    #[test]
    fn the_age_of_what_was_last_measured_goes_on_when_the_sensor_is_gone() {
        let mut observer = live();
        observer.sample(at(0), &sample(97));
        observer.sensor_is(at(100), SensorState::Disconnected);
        assert_eq!((observer.heard(), observer.sampled()), (Some(at(0).station), None));
    }

    #[test]
    fn after_a_discharge_no_number_stands_until_the_next_sample() {
        let mut observer = live();
        observer.sample(at(0), &sample(78));
        let anew = observer.begin_anew(at(10)).unwrap();
        assert_eq!((anew.numbers, anew.status), (Numbers::default(), StatusSet::EMPTY.with(Status::Searching)));
        assert_eq!(observer.sample(at(17), &sample(78)).unwrap().numbers.spo2, Spo2::new(78));
    }

    #[test]
    fn samples_that_come_in_clumps_make_one_wave_without_a_gap() {
        let mut observer = live();
        let mut waves = Vec::new();
        for packet in 0..120_u64 {
            // Six packets at once, ten times a second.
            observer.sample(at(packet / 6 * 100), &sample(97));
            waves.extend(observer.take_wave(false));
        }
        waves.extend(observer.take_wave(true));
        assert_eq!(waves.iter().map(|wave| wave.samples.len()).sum::<usize>(), 120);
        for pair in waves.windows(2) {
            assert!(pair[0].continues_with(&pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn a_clock_that_is_set_begins_a_new_run_of_the_wave_and_costs_no_sample() {
        for by_ms in [3_600_000, -3_600_000] {
            let mut observer = live();
            let mut waves = Vec::new();
            for packet in 0..60 {
                let mut now = at(packet * 1000 / 60);
                if packet >= 31 {
                    now.wall = WallTime::from_millis(now.wall.as_millis() + by_ms);
                }
                observer.sample(now, &Sample { pleth: Some(u16::try_from(packet).unwrap()), ..sample(97) });
                waves.extend(observer.take_wave(false));
            }
            waves.extend(observer.take_wave(true));
            let samples: Vec<u16> = waves.iter().flat_map(|wave| wave.samples.clone()).collect();
            assert_eq!(samples, (0..60).collect::<Vec<u16>>());
            assert_eq!(waves.windows(2).filter(|pair| !pair[0].continues_with(&pair[1])).count(), 1);
        }
    }

    #[test]
    fn a_pause_in_the_stream_is_a_gap_in_the_wave() {
        let mut observer = live();
        observer.sample(at(0), &sample(97));
        let before = observer.take_wave(true).unwrap();
        observer.sample(at(1000), &sample(97));
        let after = observer.take_wave(true).unwrap();
        assert!(!before.continues_with(&after));
        assert_eq!(after.time, at(1000).wall);
    }
}
