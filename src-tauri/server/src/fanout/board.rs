//! The board: how everything stands, the newest lines, and who is to be told. One lock, held for microseconds.

use super::calls::{Calls, calls_others};
use super::client::{Client, Ending};
use super::frame::text;
use super::subscription::{Fields, Subscription};
use bytes::{Bytes, BytesMut};
use serde::Serialize;
use serde_json::json;
use station::{Clock, Following, Moment};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use vitals::{AlarmChange, AlarmId, BedId, BedView, Body, Numbers, Recorded, Seq, StationTime, StatusSet, Wave};

/// Lines kept at hand: what a client that was away for a short time has missed comes from here.
const RING: usize = 4096;

/// A line of the record, encoded and framed once for everyone.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) recorded: Arc<Recorded>,
    full: Bytes,
    /// In which fields a reading differs from the one before it of its bed.
    differs: Fields,
    /// It goes to everybody, whatever beds they chose.
    to_all: bool,
    /// Framed once for each choice of fields that anybody made.
    chosen: Mutex<Vec<(Fields, Bytes)>>,
}

impl Line {
    pub(crate) fn new(recorded: Arc<Recorded>, differs: Fields, to_all: bool) -> Self {
        Self { full: text(&*recorded), recorded, differs, to_all, chosen: Mutex::default() }
    }

    /// The frame for a subscription; `None` if it does not want the line.
    pub(crate) fn frame(&self, subscription: &Subscription) -> Option<Bytes> {
        if !self.to_all && !subscription.wants(self.recorded.bed.as_ref()) {
            return None;
        }
        let Body::Reading(reading) = &self.recorded.body else { return Some(self.full.clone()) };
        let fields = subscription.fields;
        if subscription.changes && !self.differs.touches(fields) {
            return None;
        }
        if fields == Fields::ALL {
            return Some(self.full.clone());
        }
        let mut chosen = self.chosen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, frame)) = chosen.iter().find(|(of, _)| *of == fields) {
            return Some(frame.clone());
        }
        let mut message = json!({
            "type": "reading", "seq": self.recorded.seq, "bed": self.recorded.bed, "time": reading.time,
        });
        let all = serde_json::to_value(reading).unwrap_or_default();
        for (index, name) in Fields::NAMES.iter().enumerate() {
            if fields.has(index) {
                message[name] = all[name].clone();
            }
        }
        let frame = text(&message);
        chosen.push((fields, frame.clone()));
        Some(frame)
    }
}

/// Where a client that resumes stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    /// The newest number it has.
    pub(crate) after: Seq,
}

/// What a new client is told first.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) seq: Seq,
    pub(crate) beds: Vec<Arc<BedView>>,
    pub(crate) station_alarms: Vec<AlarmChange>,
}

/// Whether a client that resumes is with the others now.
#[derive(Debug)]
pub(crate) enum Attached {
    /// These lines it missed; from here on it is told with the others.
    Live { missed: Vec<Arc<Line>>, beds: Vec<Arc<BedView>> },
    /// The record has to be read up to and with this number first.
    Behind { to: Seq },
}

#[derive(Debug, Default)]
struct Board {
    seq: Seq,
    beds: BTreeMap<BedId, Arc<BedView>>,
    sampled: BTreeMap<BedId, StationTime>,
    said: BTreeMap<BedId, (Numbers, StatusSet)>,
    station_alarms: Vec<AlarmChange>,
    calls: Calls,
    ring: VecDeque<Arc<Line>>,
    clients: Vec<Arc<Client>>,
}

/// Sorts what the hub says into the queues of the clients. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Fanout {
    board: Arc<Mutex<Board>>,
    /// The first number of this run of the station: from here on the count has no holes.
    pub(crate) run_began: Seq,
    pub(crate) clock: Clock,
}

impl Fanout {
    /// Takes over where `following` stands.
    pub(crate) fn new(following: &Following, clock: Clock) -> Self {
        let said = following.beds.iter().filter_map(|bed| {
            let reading = bed.reading?;
            Some((bed.id.clone(), (reading.numbers, reading.status)))
        });
        let board = Board {
            seq: following.seq,
            said: said.collect(),
            beds: following.beds.iter().map(|bed| (bed.id.clone(), Arc::clone(bed))).collect(),
            station_alarms: following.station_alarms.clone(),
            calls: Calls::standing(following.beds.iter().map(AsRef::as_ref)),
            ..Board::default()
        };
        Self { board: Arc::new(Mutex::new(board)), run_began: following.seq.next(), clock }
    }

    fn lock(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything of one moment goes into every queue before anyone is woken for the next.
    pub(crate) fn pass(&self, moment: &Moment) {
        let mut board = self.lock();
        let board = &mut *board;
        let mut lines = Vec::with_capacity(moment.lines.len());
        for recorded in &moment.lines {
            let differs = match (&recorded.body, &recorded.bed) {
                (Body::Reading(reading), Some(bed)) => {
                    let before = board.said.insert(bed.clone(), (reading.numbers, reading.status));
                    Fields::differing(before, reading)
                }
                _ => Fields::ALL,
            };
            board.seq = recorded.seq;
            // Before the lines of this moment or after them: an answer must reach whoever was called, too.
            let before = recorded.bed.as_ref().and_then(|bed| board.beds.get(bed)).map(AsRef::as_ref);
            let after = moment.beds.iter().map(AsRef::as_ref).filter(|bed| Some(&bed.id) == recorded.bed.as_ref());
            let calling = before.into_iter().chain(after).any(calls_others);
            let to_all = board.calls.note(recorded, calling);
            let line = Arc::new(Line::new(Arc::clone(recorded), differs, to_all));
            board.ring.push_back(Arc::clone(&line));
            lines.push(line);
        }
        while board.ring.len() > RING {
            board.ring.pop_front();
        }
        let now = self.clock.station();
        let mut views = Vec::new();
        for view in &moment.beds {
            if let Some(sampled) = view.sampled {
                board.sampled.insert(view.id.clone(), sampled);
            }
            let before = board.beds.insert(view.id.clone(), Arc::clone(view));
            if before.is_none_or(|before| differs_unseen(&before, view)) {
                views.push(Framed::new(Some(view.id.clone()), move || {
                    text(&json!({ "type": "bed", "bed": Shown(view, now) }))
                }));
            }
        }
        for bed in &moment.removed {
            board.beds.remove(bed);
            board.sampled.remove(bed);
            board.said.remove(bed);
            let id = bed.clone();
            views.push(Framed::new(Some(bed.clone()), move || text(&json!({ "type": "bed_removed", "bed": id }))));
        }
        if let Some(alarms) = &moment.station_alarms {
            board.station_alarms.clone_from(alarms);
        }
        for (bed, _, sampled) in &moment.waves {
            board.sampled.insert(bed.clone(), *sampled);
        }
        let waves = Waves::new(&moment.waves);
        for client in &board.clients {
            client.put(|subscription, put| {
                for line in &lines {
                    if let Some(frame) = line.frame(subscription) {
                        put.line(line.recorded.seq, frame);
                    }
                }
                if subscription.views {
                    for view in views.iter().filter(|view| subscription.wants(view.bed.as_ref())) {
                        put.other(view.bytes());
                    }
                }
                if subscription.waves {
                    waves.put(subscription, |count, bytes| put.waves(count, bytes));
                }
            });
        }
    }

    /// How everything stands, and from here on the client is told with the others.
    pub(crate) fn attach(&self, client: Arc<Client>) -> Start {
        let mut board = self.lock();
        board.clients.push(client);
        board.start()
    }

    /// The newest number.
    pub(crate) fn seq(&self) -> Seq {
        self.lock().seq
    }

    /// How everything stands.
    pub(crate) fn look(&self) -> Start {
        self.lock().start()
    }

    /// One bed.
    pub(crate) fn bed(&self, id: &BedId) -> Option<Arc<BedView>> {
        self.lock().bed(id)
    }

    /// Whether this alarm is shown now.
    pub(crate) fn has_alarm(&self, id: AlarmId) -> bool {
        let board = self.lock();
        let of_beds = board.beds.values().flat_map(|bed| bed.alarms.iter().chain(&bed.latched));
        let mut alarms = of_beds.chain(&board.station_alarms);
        alarms.any(|alarm| alarm.id == id)
    }

    /// Lets a client that resumes in, if what it missed is at hand.
    pub(crate) fn attach_after(&self, client: &Arc<Client>, position: Position) -> Attached {
        let mut board = self.lock();
        let first = board.ring.front().map_or(board.seq.next(), |line| line.recorded.seq);
        if position.after.next() < first {
            return Attached::Behind { to: Seq(first.0 - 1) };
        }
        let missed = board.ring.iter().filter(|line| line.recorded.seq > position.after).cloned().collect();
        board.clients.push(Arc::clone(client));
        Attached::Live { missed, beds: board.start().beds }
    }

    /// The alarms for which others are called.
    pub(crate) fn calls(&self) -> Calls {
        self.lock().calls.clone()
    }

    pub(crate) fn detach(&self, id: u64) {
        self.lock().clients.retain(|client| client.id != id);
    }

    pub(crate) fn clients(&self) -> Vec<Arc<Client>> {
        self.lock().clients.clone()
    }

    pub(crate) fn end_all(&self, ending: Ending) {
        for client in self.clients() {
            client.end_after_queue(ending);
        }
    }
}

impl Board {
    fn bed(&self, id: &BedId) -> Option<Arc<BedView>> {
        let view = self.beds.get(id)?;
        // Samples come more often than readings: the age is that of the newest sample.
        match self.sampled.get(id) {
            Some(sampled) if view.sampled.is_some_and(|known| known < *sampled) => {
                Some(Arc::new(BedView { sampled: Some(*sampled), ..(**view).clone() }))
            }
            _ => Some(Arc::clone(view)),
        }
    }

    fn start(&self) -> Start {
        Start {
            seq: self.seq,
            beds: self.beds.keys().filter_map(|id| self.bed(id)).collect(),
            station_alarms: self.station_alarms.clone(),
        }
    }
}

/// Whether two views differ in what no reading and no alarm line tells.
fn differs_unseen(before: &BedView, now: &BedView) -> bool {
    before.name != now.name
        || before.patient != now.patient
        || before.history_from != now.history_from
        || before.sensor != now.sensor
        || before.limits != now.limits
        || before.audio != now.audio
        || before.preset_differs != now.preset_differs
        || before.latched != now.latched
        || before.pending != now.pending
        || before.off != now.off
        || before.announcement != now.announcement
}

/// A bed as it is shown at a moment.
pub(crate) struct Shown<'a>(pub(crate) &'a BedView, pub(crate) StationTime);

impl Serialize for Shown<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.at(self.1).serialize(serializer)
    }
}

/// A frame made when the first client wants it.
struct Framed<'a> {
    bed: Option<BedId>,
    make: Box<dyn Fn() -> Bytes + 'a>,
    made: OnceLock<Bytes>,
}

impl<'a> Framed<'a> {
    fn new(bed: Option<BedId>, make: impl Fn() -> Bytes + 'a) -> Self {
        Self { bed, make: Box::new(make), made: OnceLock::new() }
    }

    fn bytes(&self) -> Bytes {
        self.made.get_or_init(|| (self.make)()).clone()
    }
}

/// The waves of one moment: a run of all their frames for those who want all beds, each apart for the others.
struct Waves<'a> {
    all: OnceLock<Bytes>,
    each: Vec<Framed<'a>>,
}

impl<'a> Waves<'a> {
    fn new(waves: &'a [(BedId, Wave, StationTime)]) -> Self {
        #[derive(Serialize)]
        struct Message<'a> {
            r#type: &'static str,
            bed: &'a BedId,
            #[serde(flatten)]
            wave: &'a Wave,
        }
        let each = waves
            .iter()
            .map(|(bed, wave, _)| Framed::new(Some(bed.clone()), move || text(&Message { r#type: "wave", bed, wave })));
        Self { all: OnceLock::new(), each: each.collect() }
    }

    fn put(&self, subscription: &Subscription, mut put: impl FnMut(usize, Bytes)) {
        if self.each.is_empty() {
            return;
        }
        if subscription.beds.is_none() {
            let all = self.all.get_or_init(|| {
                let mut all = BytesMut::new();
                self.each.iter().for_each(|frame| all.extend_from_slice(&frame.bytes()));
                all.freeze()
            });
            put(self.each.len(), all.clone());
        } else {
            for frame in self.each.iter().filter(|frame| subscription.wants(frame.bed.as_ref())) {
                put(1, frame.bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::Role;
    use tokio::sync::mpsc;
    use vitals::{Event, Reading, Spo2, WallTime};

    fn fanout() -> Fanout {
        let (_, moments) = mpsc::channel(1);
        let following = Following { seq: Seq(10), beds: Vec::new(), station_alarms: Vec::new(), moments };
        Fanout::new(&following, Clock::start())
    }

    fn client(id: u64, subscription: Subscription) -> Arc<Client> {
        let now = WallTime::from_millis(0);
        Arc::new(Client::new(id, "T".into(), Role::Viewer, [0; 32], ([192, 0, 2, 7], 4711).into(), now, subscription))
    }

    fn reading(seq: u64, bed: &str, spo2: u8) -> Moment {
        let numbers = Numbers { spo2: Spo2::new(spo2), ..Numbers::default() };
        let body = Body::Reading(Reading { time: WallTime::from_millis(0), numbers, status: StatusSet::EMPTY });
        let line = Recorded { seq: Seq(seq), bed: Some(BedId::new(bed).unwrap()), body };
        Moment { lines: vec![Arc::new(line)], ..Moment::default() }
    }

    #[test]
    fn the_same_bytes_go_to_all_who_asked_for_the_same() {
        let fanout = fanout();
        let fields = Subscription { fields: Fields::parse(["spo2"]).unwrap(), ..Subscription::default() };
        let wanted = [Subscription::default(), Subscription::default(), fields.clone(), fields];
        let clients: Vec<_> = wanted.into_iter().zip(1..).map(|(wants, id)| client(id, wants)).collect();
        for client in &clients {
            fanout.attach(Arc::clone(client));
        }
        fanout.pass(&reading(11, "1", 97));
        let frames: Vec<Bytes> = clients.iter().map(|client| client.take().frames[0].clone()).collect();
        assert_eq!(frames[0].as_ptr(), frames[1].as_ptr(), "one frame in memory, not two alike");
        assert_eq!(frames[2].as_ptr(), frames[3].as_ptr());
        assert_ne!(frames[0], frames[2]);
    }

    #[test]
    fn with_changes_a_reading_that_says_nothing_new_is_not_sent() {
        let fanout = fanout();
        let wants = Subscription { changes: true, ..Subscription::default() };
        let client = client(1, wants);
        fanout.attach(Arc::clone(&client));
        for (seq, spo2) in [(11, 97), (12, 97), (13, 96)] {
            fanout.pass(&reading(seq, "1", spo2));
        }
        assert_eq!(client.take().frames.len(), 2);
    }

    #[test]
    fn a_client_that_resumes_is_given_what_it_missed_and_then_what_comes_without_hole_or_repeat() {
        let fanout = fanout();
        for seq in 11..=20 {
            fanout.pass(&reading(seq, "1", 97));
        }
        let late = client(1, Subscription::default());
        let Attached::Live { missed, .. } = fanout.attach_after(&late, Position { after: Seq(15) }) else {
            panic!("it is at hand")
        };
        assert_eq!(missed.iter().map(|line| line.recorded.seq.0).collect::<Vec<_>>(), [16, 17, 18, 19, 20]);
        fanout.pass(&reading(21, "1", 97));
        assert_eq!(late.take().frames.len(), 1);
    }

    #[test]
    fn a_client_that_was_away_longer_than_the_ring_reads_the_record_first() {
        let fanout = fanout();
        for seq in 11..11 + RING as u64 + 5 {
            fanout.pass(&reading(seq, "1", 97));
        }
        let attached = fanout.attach_after(&client(1, Subscription::default()), Position { after: Seq(11) });
        assert!(matches!(attached, Attached::Behind { to: Seq(15) }), "{attached:?}");
    }

    #[test]
    fn a_client_is_told_of_the_beds_it_asked_for_alone() {
        let fanout = fanout();
        let beds = Some([BedId::new("2").unwrap()].into());
        let client = client(1, Subscription { beds, ..Subscription::default() });
        fanout.attach(Arc::clone(&client));
        fanout.pass(&reading(11, "1", 97));
        fanout.pass(&reading(12, "2", 97));
        assert_eq!(client.take().frames.len(), 1);
    }

    #[test]
    fn a_call_reaches_those_too_who_did_not_ask_for_its_bed() {
        let fanout = fanout();
        let beds = Some([BedId::new("2").unwrap()].into());
        let client = client(1, Subscription { beds, ..Subscription::default() });
        fanout.attach(Arc::clone(&client));
        let event = |seq, kind: &str| {
            let detail = json!({ "alarms": ["a-17"], "step": 1, "priority": "high" });
            let body = Body::Event(Event { time: WallTime::from_millis(0), kind: kind.into(), by: None, detail });
            let line = Recorded { seq: Seq(seq), bed: Some(BedId::new("1").unwrap()), body };
            Moment { lines: vec![Arc::new(line)], ..Moment::default() }
        };
        fanout.pass(&event(11, "acknowledged"));
        fanout.pass(&event(12, "escalated"));
        let told = client.take().frames;
        assert_eq!(told.len(), 1);
        assert!(told[0].windows(9).any(|word| word == b"escalated"));
    }
}
