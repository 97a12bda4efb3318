//! The engine under a day's happenings, driven as the station drives it: a tick whenever it asks for one.

use crate::day::{Happening, Says, Site};
use crate::lines::Line;
use alarm::{BedAlarms, Escalation, Input, OffRules, RapidFall, Rules};
use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};
use vitals::{
    AlarmChange, AlarmId, AlarmState, Condition, Limits, Now, Numbers, Priority, PulseRate, SensorState, Spo2,
    StationTime, Status, StatusSet, WallTime,
};

#[derive(Debug)]
pub struct Watched {
    rules: Rules,
    bed: BedAlarms,
    /// Since the day began.
    elapsed: Duration,
    /// When in the day this run of the station began.
    begun: Duration,
    /// The time of day at the beginning of the day, ms; moved when the clock is set.
    midnight: i64,
    last_sample: Option<StationTime>,
    ids: u64,
    active: BTreeSet<AlarmId>,
    /// The second of the day in which each alarm started, whatever became of the time of day since.
    since: BTreeMap<AlarmId, u64>,
    lines: Vec<Line>,
}

fn second(millis: i64) -> u64 {
    u64::try_from(millis).unwrap().div_ceil(1000)
}

impl Watched {
    pub fn new(site: Site, limits: Limits) -> Self {
        let off = OffRules {
            audio: site.off.is_some(),
            alarms: site.off.is_some(),
            reminder_every: Duration::from_secs(site.off.unwrap_or(180)),
        };
        let rules = Rules {
            pause_covers_new: site.pause_covers_new,
            rapid_fall: site
                .rapid_fall
                .map(|(points, within)| RapidFall { points, within: Duration::from_secs(within) }),
            latch_high: site.latch_high,
            escalation: site.escalation.map(|(steps, after)| Escalation { after: Duration::from_secs(after), steps }),
            off,
            ..Rules::default()
        };
        Self {
            rules,
            bed: BedAlarms::new(rules, limits.check().unwrap()),
            elapsed: Duration::ZERO,
            begun: Duration::ZERO,
            midnight: 1_793_180_000_000,
            last_sample: None,
            ids: 0,
            active: BTreeSet::new(),
            since: BTreeMap::new(),
            lines: Vec::new(),
        }
    }

    pub fn take_lines(&mut self) -> Vec<Line> {
        core::mem::take(&mut self.lines)
    }

    pub fn announced(&self) -> Option<(Priority, u8)> {
        self.bed.announcement(self.now()).map(|announcement| (announcement.priority, announcement.step))
    }

    pub fn latched(&self) -> Vec<(Condition, Option<u16>)> {
        self.bed.latched().into_iter().map(|alarm| (alarm.condition, alarm.worst)).collect()
    }

    pub fn take_reminder(&mut self) -> bool {
        self.bed.take_reminder()
    }

    /// By the time of day that is shown, whole seconds.
    pub fn pause_left(&self) -> u64 {
        self.bed.audio().paused_until.map_or(0, |until| until.since(self.now().wall).as_secs())
    }

    fn millis(&self) -> i64 {
        i64::try_from(self.elapsed.as_millis()).unwrap()
    }

    fn now(&self) -> Now {
        Now {
            station: StationTime::from_start(self.elapsed - self.begun),
            wall: WallTime::from_millis(self.midnight + self.millis()),
        }
    }

    /// A second passes.
    pub fn second(&mut self) {
        let end = self.elapsed + Duration::from_secs(1);
        let until = StationTime::from_start(end - self.begun);
        while let Some(wake) = self.bed.wake_at().filter(|wake| *wake <= until) {
            self.elapsed = self.begun + wake.since_start();
            self.tick();
        }
        self.elapsed = end;
    }

    fn tick(&mut self) {
        let now = self.now();
        let ids = &mut self.ids;
        let changes = self.bed.tick(now, &mut || next(ids));
        self.tell(changes);
    }

    pub fn happens(&mut self, happening: Happening) {
        let now = self.now();
        match happening {
            Happening::Sample(says) => {
                self.last_sample = Some(now.station);
                self.observe(Some(says), StatusSet::EMPTY, SensorState::Live);
            }
            Happening::Stale => self.observe(None, StatusSet::EMPTY.with(Status::Stale), SensorState::Silent),
            Happening::Sensor(sensor) => {
                let gone = sensor == SensorState::Disconnected;
                self.observe(None, StatusSet::EMPTY.with_if(Status::Disconnected, gone), sensor);
            }
            Happening::AcknowledgeAll => self.acknowledge(None),
            Happening::AcknowledgeNewest => {
                if let Some(newest) = self.active.last().copied() {
                    self.acknowledge(Some(newest));
                }
            }
            Happening::AcknowledgeLatched => {
                if let Some(newest) = self.bed.latched().first() {
                    self.acknowledge(Some(newest.id));
                }
            }
            Happening::WithdrawNewest => {
                if let Some(newest) = self.active.last().copied()
                    && let Ok(withdrawn) = self.bed.withdraw(now, newest)
                {
                    self.tell(vec![withdrawn.change]);
                }
            }
            Happening::TurnOff(what) => {
                let allowed = self.rules.off.audio;
                assert_eq!(self.bed.turn_off(now, what, "Admin").is_ok(), allowed);
            }
            Happening::TurnOn => {
                self.bed.turn_on(now);
            }
            Happening::Pause(seconds) => {
                self.bed.pause_audio(now, Duration::from_secs(seconds), "Nurse A").unwrap();
            }
            Happening::Resume => {
                self.bed.resume_audio(now);
            }
            Happening::Limits(limits) => {
                let ids = &mut self.ids;
                let changes = self.bed.set_limits(now, limits.check().unwrap(), &mut || next(ids));
                self.tell(changes);
            }
            Happening::Discharge => {
                let changes = self.bed.end_all(now, "Discharged");
                self.tell(changes);
            }
            Happening::Clock(seconds) => {
                self.midnight += 1000 * seconds;
                // What is shown of a pause is of the last call that took the time.
                self.tick();
            }
            Happening::Restart { down, stepped } => self.restart(down, stepped),
        }
    }

    fn observe(&mut self, says: Option<Says>, status: StatusSet, sensor: SensorState) {
        let now = self.now();
        let input = Input {
            numbers: Numbers {
                spo2: says.and_then(|says| says.spo2).and_then(Spo2::new),
                pulse_rate: says.and_then(|says| says.pulse).and_then(PulseRate::new),
                ..Numbers::default()
            },
            status: says.map_or(status, |says| says.status),
            sensor,
            last_sample: self.last_sample,
        };
        let ids = &mut self.ids;
        let changes = self.bed.observe(now, input, &mut || next(ids));
        self.tell(changes);
    }

    fn acknowledge(&mut self, alarm: Option<AlarmId>) {
        if let Ok(done) = self.bed.acknowledge(self.now(), alarm, "Nurse A") {
            self.tell(done.changes);
        }
    }

    /// Through the text that is kept, in a process whose time begins anew.
    fn restart(&mut self, down: u64, stepped: i64) {
        let saved = serde_json::to_string(&self.bed.saved(self.now())).unwrap();
        let saved = serde_json::from_str(&saved).unwrap();
        // The day of this test stands still meanwhile; the time of day goes on.
        self.midnight += 1000 * (i64::try_from(down).unwrap() + stepped);
        (self.begun, self.last_sample) = (self.elapsed, None);
        self.bed = BedAlarms::restore(self.rules, self.bed.limits(), saved, self.now());
    }

    fn tell(&mut self, changes: Vec<AlarmChange>) {
        for change in changes {
            let (day, ago) = (self.millis(), self.now().wall.as_millis() - change.since.as_millis());
            let since = *self.since.entry(change.id).or_insert_with(|| second(day - ago));
            let active = change.state == AlarmState::Active;
            if active {
                self.active.insert(change.id);
            } else {
                self.active.remove(&change.id);
            }
            self.lines.push(Line {
                told: second(self.millis()),
                condition: change.condition,
                active,
                priority: change.priority,
                since,
                worst: change.worst,
                limit: change.limit,
                acknowledged: change.acknowledged.is_some(),
            });
        }
    }
}

fn next(ids: &mut u64) -> AlarmId {
    *ids += 1;
    AlarmId(*ids)
}
