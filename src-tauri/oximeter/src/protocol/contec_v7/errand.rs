//! The host's side of an errand: one question after the other, then what is stored.
//!
//! The order is that of the vendor's document and of OSCAR's import: stop stored data, stop live data, users, recordings,
//! then for each recording whether it has a perfusion index, its length and its start, and last the data. Everything but
//! stored data may be asked while live data run, so only a download stops them.
//!
//! Nothing here has a checksum. A question of which much hangs is therefore asked until two answers in a row agree.

use super::stored::{self, Download};
use super::{Framed, Packet, command, packet};
use crate::errand::{Details, DeviceTime, Errand, Failure, Outcome, Progress, Reason, Slot, Start, Stored};
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

/// "No answer within 1 s: give up" (vendor's document).
const PATIENCE: Duration = Duration::from_secs(1);

/// Between the date and the time of day, as OSCAR has it.
const BREATH: Duration = Duration::from_millis(100);

/// Answers to one question, of which two in a row have to agree.
const TRIES: u8 = 5;

/// The document has a byte for the number of users; no device is known to have more than a few.
const USERS: u8 = 16;

/// Where an errand is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    StopStored,
    StopLive,
    Users,
    UserName(u8),
    Holds,
    Segments(u8),
    Perfusion(Slot),
    Length(Slot),
    Start(Slot),
    SetDate,
    Breath(Duration),
    SetTime,
    Transfer,
    /// A transfer has ended; another will follow.
    EndTransfer,
    /// The end, however it was reached: stored data are told to stop before live data are called for.
    Release,
    Over,
}

/// The packets of an answer; the start of a recording comes in two.
type Answer = [Option<Packet>; 2];

/// An errand under way.
#[derive(Debug)]
pub(super) struct Running {
    errand: Errand,
    stage: Stage,
    /// When the question of this stage was asked; `None` until it was.
    asked: Option<Duration>,
    answer: Answer,
    /// The last whole answer to this question.
    before: Option<Answer>,
    tries: u8,
    /// Live data were told to stop.
    stopped_live: bool,
    /// As the sensor told; 0 until then, and if it does not.
    users: u8,
    details: Details,
    list: Vec<Stored>,
    todo: VecDeque<Slot>,
    /// The recording that is asked about.
    current: Stored,
    /// Live data carry no perfusion index, so a recording of which the sensor does not tell has none either.
    assumed: Option<bool>,
    download: Option<Download>,
    outcome: Option<Result<Outcome, Failure>>,
}

const fn reason(code: u8) -> Reason {
    match code {
        1 => Reason::ShuttingDown,
        2 => Reason::UserChanged,
        3 => Reason::Recording,
        4 => Reason::DeleteFailed,
        5 => Reason::NotSupported,
        _ => Reason::Unknown,
    }
}

impl Stage {
    /// What to send.
    fn question(self, running: &Running) -> Option<Packet> {
        let of = |slot: Slot, code| Some(Packet::command(code, &[slot.user, slot.segment]));
        match (self, &running.errand) {
            (Self::StopStored | Self::EndTransfer | Self::Release, _) => {
                Some(Packet::command(command::STOP_STORED, &[]))
            }
            (Self::StopLive, _) => Some(Packet::command(command::STOP_LIVE, &[])),
            (Self::Users, _) => Some(Packet::command(command::USERS, &[])),
            (Self::UserName(user), _) => Some(Packet::command(command::USER, &[user])),
            (Self::Holds, _) => Some(Packet::command(command::STORED, &[])),
            (Self::Segments(user), _) => Some(Packet::command(command::SEGMENTS, &[user])),
            (Self::Perfusion(slot), _) => of(slot, command::SEGMENT_PERFUSION),
            (Self::Length(slot), _) => of(slot, command::LENGTH),
            (Self::Start(slot), _) => of(slot, command::START_TIME),
            (Self::Transfer, Errand::Download(slot)) => of(*slot, command::SEND_STORED),
            (Self::SetDate, Errand::SetClock(time)) => {
                let date =
                    [(time.year() / 100) as u8, time.year_of_century(), time.month(), time.day(), time.weekday()];
                Some(Packet::command(command::SET_DATE, &date))
            }
            (Self::SetTime, Errand::SetClock(time)) => {
                Some(Packet::command(command::SET_TIME, &[time.hour(), time.minute(), time.second()]))
            }
            _ => None,
        }
    }

    /// The types of the packets that answer it.
    const fn answers(self) -> &'static [u8] {
        match self {
            Self::StopStored | Self::StopLive | Self::EndTransfer | Self::Release => &[packet::FREE],
            Self::Users => &[packet::USERS],
            Self::UserName(_) => &[packet::USER],
            Self::Holds => &[packet::NOTICE],
            Self::Segments(_) => &[packet::SEGMENTS],
            Self::Perfusion(_) => &[packet::SEGMENT_PERFUSION],
            Self::Length(_) => &[packet::LENGTH],
            Self::Start(_) => &[packet::START_DATE, packet::START_TIME],
            Self::SetDate | Self::SetTime => &[packet::OUTCOME],
            Self::Breath(_) | Self::Transfer | Self::Over => &[],
        }
    }

    /// Whether two answers have to agree: not where the answer is only a nod, and no sensor is set twice.
    const fn is_asked_twice(self) -> bool {
        !matches!(self.answers(), [packet::FREE | packet::OUTCOME] | [])
    }

    /// What it asks, to follow "when asked".
    const fn words(self) -> &'static str {
        match self {
            Self::StopStored | Self::EndTransfer | Self::Release => "to stop sending a recording",
            Self::StopLive => "to stop live data",
            Self::Users => "how many users it has",
            Self::UserName(_) => "the name of a user",
            Self::Holds => "whether it holds recordings",
            Self::Segments(_) => "how many recordings it holds",
            Self::Perfusion(_) => "whether a recording has a perfusion index",
            Self::Length(_) => "how long a recording is",
            Self::Start(_) => "when a recording began",
            Self::SetDate | Self::Breath(_) | Self::SetTime => "to set its clock",
            Self::Transfer | Self::Over => "for a recording",
        }
    }
}

impl Running {
    /// `live_perfusion`: what the sensor said of its live data.
    pub(super) fn new(errand: &Errand, live_perfusion: Option<bool>) -> Self {
        let stage = match errand {
            Errand::Download(_) => Stage::StopStored,
            Errand::SetClock(_) => Stage::SetDate,
            _ => Stage::Users,
        };
        Self {
            errand: *errand,
            stage,
            asked: None,
            answer: [None; 2],
            before: None,
            tries: 0,
            stopped_live: false,
            users: 0,
            details: Details::default(),
            list: Vec::new(),
            todo: VecDeque::new(),
            current: Stored::default(),
            assumed: live_perfusion.filter(|carried| !carried),
            download: None,
            outcome: None,
        }
    }

    /// Whether what arrives is none of live data's.
    pub(super) const fn holds_live_back(&self) -> bool {
        self.stopped_live
    }

    pub(super) fn progress(&self) -> Progress {
        self.download.as_ref().map(Download::progress).unwrap_or_default()
    }

    /// What came of it, once it is over; until then `None`.
    pub(super) fn take_outcome(&mut self) -> Option<Result<Outcome, Failure>> {
        if self.stage == Stage::Over { self.outcome.take() } else { None }
    }

    pub(super) fn abandon(&mut self) {
        if self.outcome.is_none() {
            self.finish(Err(Failure::Abandoned));
        }
    }

    fn go(&mut self, stage: Stage) {
        self.stage = stage;
        self.asked = None;
        self.answer = [None; 2];
        self.before = None;
        self.tries = 0;
    }

    fn finish(&mut self, outcome: Result<Outcome, Failure>) {
        self.outcome = Some(outcome);
        self.go(if self.stopped_live { Stage::Release } else { Stage::Over });
    }

    /// Takes what the framing made of a byte.
    pub(super) fn hear(&mut self, now: Duration, framed: &Framed) {
        if self.asked.is_none() {
            return;
        }
        if self.stage == Stage::Transfer
            && let Some(download) = &mut self.download
            && download.hear(now, framed)
        {
            self.end_transfer();
            return;
        }
        let Framed::Whole(packet) = framed else { return };
        match (packet.kind(), packet.payload()) {
            (packet::DISCONNECT, [code, ..]) if self.stage != Stage::Release => {
                self.finish(Err(Failure::Ended(reason(*code))));
            }
            (packet::OUTCOME, [code, why]) => {
                let asked = self.stage.question(self).is_some_and(|asked| asked.payload().first() == Some(code));
                if asked && *why == 0 && self.stage.answers() == [packet::OUTCOME] {
                    self.answer[0] = Some(*packet);
                    self.answered(now);
                } else if asked && *why != 0 {
                    self.refused(*why);
                }
            }
            (kind, _) => {
                let Some(at) = self.stage.answers().iter().position(|&answer| answer == kind) else { return };
                self.answer[at] = Some(*packet);
                if self.answer.iter().flatten().count() == self.stage.answers().len() {
                    self.answered(now);
                }
            }
        }
    }

    /// A whole answer is there.
    fn answered(&mut self, now: Duration) {
        let answer = core::mem::take(&mut self.answer);
        if self.stage.is_asked_twice() && self.before != Some(answer) {
            self.before = Some(answer);
            self.tries += 1;
            self.asked = None;
            if self.tries == TRIES {
                self.finish(Err(Failure::Unclear { to: self.stage.words() }));
            }
            return;
        }
        let payload = |at: usize| answer[at].map_or([0; 7], |packet| packet.seven());
        let [first, second, third, fourth, fifth, sixth, _] = payload(0);
        match self.stage {
            Stage::StopStored => self.go(Stage::StopLive),
            Stage::StopLive => self.go(Stage::Users),
            Stage::Users => {
                self.users = first.clamp(1, USERS);
                self.users_known();
            }
            Stage::UserName(user) => {
                self.details.users.extend(super::host::text(&payload(0)[1..]));
                self.after_user(user);
            }
            Stage::Holds => {
                self.details.holds_recordings = (first == 1).then_some(second != 0);
                self.finish(Ok(Outcome::Details(self.details.clone())));
            }
            Stage::Segments(user) => self.segments_known(user, second),
            Stage::Perfusion(slot) => {
                self.current.perfusion_index = match third {
                    0xA1 => Some(true),
                    0xA0 => Some(false),
                    _ => None,
                };
                self.go(Stage::Length(slot));
            }
            Stage::Length(slot) => self.length_known(slot, u32::from_le_bytes([third, fourth, fifth, sixth])),
            Stage::Start(_) => {
                let [_, _, hour, minute, of_minute, ..] = payload(1);
                // The first two digits of the year, then the last two; all of it is 0 without a clock.
                let year = u16::from(third) * 100 + u16::from(fourth);
                let start = DeviceTime::new(year, fifth, sixth, hour, minute, of_minute);
                self.current.start = start.map(Start::At);
                self.start_known();
            }
            Stage::SetDate => self.go(Stage::Breath(now.saturating_add(BREATH))),
            Stage::SetTime => self.finish(Ok(Outcome::ClockSet)),
            Stage::EndTransfer => self.go(Stage::Transfer),
            Stage::Release => self.go(Stage::Over),
            Stage::Breath(_) | Stage::Transfer | Stage::Over => {}
        }
    }

    fn refused(&mut self, code: u8) {
        let reason = reason(code);
        let unanswered = Failure::Refused { what: self.stage.words(), reason };
        if self.stage == Stage::Transfer && self.download.as_ref().is_some_and(Download::has_come) {
            // A refusal in the middle of the data is data that were damaged, or the sensor's way to end them.
            self.end_transfer();
        } else {
            self.go_on_without(unanswered);
        }
    }

    /// What is worth knowing and not needed is done without; a D+ has no clock, and which firmware answers B6 nobody
    /// knows.
    fn go_on_without(&mut self, failure: Failure) {
        match self.stage {
            Stage::StopStored => self.go(Stage::StopLive),
            Stage::Users => self.users_known(),
            Stage::UserName(user) => self.after_user(user),
            Stage::Holds => {
                let nothing = self.users == 0 && self.details == Details::default();
                let outcome = if nothing { Err(failure) } else { Ok(Outcome::Details(self.details.clone())) };
                self.finish(outcome);
            }
            Stage::Perfusion(slot) => {
                self.current.perfusion_index = None;
                self.go(Stage::Length(slot));
            }
            Stage::Start(_) => self.start_known(),
            Stage::EndTransfer => self.go(Stage::Transfer),
            Stage::Release => self.go(Stage::Over),
            _ => self.finish(Err(failure)),
        }
    }

    fn users_known(&mut self) {
        match self.errand {
            Errand::Download(slot) => self.go(Stage::Segments(slot.user)),
            Errand::Details => self.go(Stage::UserName(self.user(0))),
            _ => self.go(Stage::Segments(self.user(0))),
        }
    }

    /// The index of the user at `place`: "0 on a device that has only one", else counted from 1.
    const fn user(&self, place: u8) -> u8 {
        if self.users > 1 { place + 1 } else { 0 }
    }

    /// The user behind `user`, if there is one.
    const fn next_user(&self, user: u8) -> Option<u8> {
        if self.users > 1 && user < self.users { Some(user + 1) } else { None }
    }

    fn after_user(&mut self, user: u8) {
        match self.next_user(user) {
            Some(next) => self.go(Stage::UserName(next)),
            None => self.go(Stage::Holds),
        }
    }

    fn segments_known(&mut self, user: u8, segments: u8) {
        if let Errand::Download(slot) = self.errand {
            if segments == 0 {
                return self.finish(Err(Failure::NoSuchRecording(slot)));
            }
            return self.ask_about(slot);
        }
        // As with users. A sensor that can hold several counts from 1 also when it holds one: see `length_known`.
        let indexes = if segments == 1 { 0..=0 } else { 1..=segments };
        self.todo.extend(indexes.map(|segment| Slot { user, segment }));
        match self.next_user(user) {
            Some(next) => self.go(Stage::Segments(next)),
            None => self.ask_about_next(),
        }
    }

    fn ask_about(&mut self, slot: Slot) {
        self.current = Stored { slot, ..Stored::default() };
        self.go(Stage::Perfusion(slot));
    }

    fn ask_about_next(&mut self) {
        match self.todo.pop_front() {
            Some(slot) => self.ask_about(slot),
            None => {
                let list = core::mem::take(&mut self.list);
                self.finish(Ok(Outcome::Recordings(list)));
            }
        }
    }

    fn length_known(&mut self, slot: Slot, bytes: u32) {
        let has = self.current.perfusion_index.or(self.assumed);
        self.current.seconds = has.map(|has| stored::seconds(bytes, has));
        if bytes > stored::MOST_BYTES {
            self.finish(Err(Failure::Unclear { to: self.stage.words() }));
        } else if bytes > 0 {
            if let Errand::Download(_) = self.errand {
                self.download = Some(Download::new(bytes, self.current.perfusion_index));
            }
            self.go(Stage::Start(slot));
        } else if let Errand::Download(_) = self.errand {
            self.finish(Err(Failure::NoSuchRecording(slot)));
        } else {
            if slot.segment == 0 {
                self.todo.push_front(Slot { segment: 1, ..slot });
            }
            self.ask_about_next();
        }
    }

    fn start_known(&mut self) {
        if let Errand::Download(_) = self.errand {
            self.go(Stage::Transfer);
        } else {
            self.list.push(self.current);
            self.ask_about_next();
        }
    }

    fn end_transfer(&mut self) {
        let Some(download) = &mut self.download else { return };
        if download.end_transfer() {
            return self.go(Stage::EndTransfer);
        }
        let outcome = download.result(self.current).map(Outcome::Recording);
        self.finish(outcome);
    }

    /// Sends what is due.
    pub(super) fn poll(&mut self, now: Duration, send: &mut Vec<u8>) {
        if let Stage::Breath(until) = self.stage
            && now >= until
        {
            self.go(Stage::SetTime);
        }
        if self.asked.is_some() && self.next_wake().is_some_and(|due| now >= due) {
            if self.stage == Stage::Transfer {
                self.end_transfer();
            } else {
                self.go_on_without(Failure::NoAnswer { to: self.stage.words() });
            }
        }
        if self.asked.is_some() {
            return;
        }
        let Some(question) = self.stage.question(self) else { return };
        send.extend_from_slice(question.bytes().as_ref());
        self.asked = Some(now);
        match self.stage {
            Stage::StopLive => self.stopped_live = true,
            Stage::Transfer => {
                if let Some(download) = &mut self.download {
                    download.begin_transfer(now);
                }
            }
            _ => {}
        }
    }

    /// When something is due; `None` once it is over. A time that has passed means at once.
    pub(super) fn next_wake(&self) -> Option<Duration> {
        match (self.stage, self.asked) {
            (Stage::Over, _) => None,
            (Stage::Breath(until), _) => Some(until),
            (_, None) => Some(Duration::ZERO),
            (Stage::Transfer, Some(asked)) => Some(self.download.as_ref().map_or(asked, Download::given_up_at)),
            (_, Some(asked)) => Some(asked.saturating_add(PATIENCE)),
        }
    }
}
