//! The host's side: questions at the start, live data kept alive, called for again when they stop.

use super::errand::Running;
use super::{Framed, Framer, Live, Packet, command, packet};
use crate::errand::{Errand, NotPossible};
use crate::protocol::contec::Numbers;
use crate::protocol::{Heard, Host};
use crate::sample::Sample;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

/// The order in which a recorded start-up of a CMS50D+ asks (headrotor/contec_data), without the questions whose
/// answers nobody can use. Stopping comes first: live and stored data are never sent at once.
const QUESTIONS: [u8; 7] = [
    command::STOP_STORED,
    command::STOP_LIVE,
    command::VERSION,
    command::PERFUSION,
    command::MODEL,
    command::DEVICE_ID,
    command::VENDOR,
];

/// The first question that may be asked while live data run.
const FIRST_HARMLESS: usize = 2;

/// "No answer within 1 s: give up" (vendor's document).
const PATIENCE: Duration = Duration::from_secs(1);

/// Without keep-alive the stream ends after 30 to 60 s.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// Silence after which live data are asked for again.
const WATCHDOG: Duration = Duration::from_secs(2);

/// Calls for live data without an answer after which the whole start-up is repeated: a sensor in the middle of a
/// transfer of stored data hears A7 and nothing else, and behind the same cable there may be another sensor by now.
const CALLS_BEFORE_RESTART: u8 = 5;

/// Room for the model: two parts of six characters.
type Model = [u8; 12];

#[derive(Debug, Default)]
pub(super) struct V7Host {
    framer: Framer,
    numbers: Numbers,
    started: bool,
    /// Index of the question under way.
    question: usize,
    /// When it was asked; `None` before it was, and again once it is answered.
    asked: Option<Duration>,
    answered: bool,
    /// When live data were last asked for, or came; `None` until they are asked for.
    live: Option<Duration>,
    kept_alive: Duration,
    /// Until when what looks like an answer is taken for one. Unasked, it is more likely noise: three random bytes can
    /// say that there is no perfusion index.
    answers_until: Duration,
    calls: u8,
    /// `Some(false)` once the sensor said that its live data carry no perfusion index.
    perfusion: Option<bool>,
    model: Model,
    errand: Option<Running>,
}

fn ask(code: u8, send: &mut Vec<u8>) {
    send.extend_from_slice(Packet::command(code, &[]).bytes().as_ref());
}

/// The type that answers a question; of the model's two parts the first is enough to go on.
const fn answer_to(question: u8) -> u8 {
    match question {
        command::VERSION => packet::VERSION,
        command::PERFUSION => packet::PERFUSION,
        command::MODEL => packet::MODEL,
        command::DEVICE_ID => packet::DEVICE_ID,
        command::VENDOR => packet::VENDOR,
        _ => packet::FREE,
    }
}

/// Text as sensors send it: ends with NUL or is padded with blanks. Letters, digits and underlines are all that the
/// document allows; anything else printable is kept, as some clones have hyphens and plus signs.
pub(super) fn text(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
    if !bytes.iter().all(|byte| (0x20..0x7F).contains(byte)) {
        return None;
    }
    let text = core::str::from_utf8(bytes).ok()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

impl V7Host {
    fn go_live(&mut self, now: Duration, send: &mut Vec<u8>) {
        ask(command::START_LIVE, send);
        self.live = Some(now);
        self.kept_alive = now;
    }

    fn hear(&mut self, now: Duration, packet: &Packet, heard: &mut Heard) -> Option<Sample> {
        if let Some(&question) = QUESTIONS.get(self.question)
            && self.asked.is_some()
            && packet.kind() == answer_to(question)
        {
            self.answered = true;
        }
        if packet.kind() == packet::LIVE {
            // Whatever looks like live data while none are sent is a stored packet that was damaged.
            if self.errand.as_ref().is_some_and(Running::holds_live_back) {
                return None;
            }
            return self.live(now, packet);
        }
        if now >= self.answers_until {
            return None;
        }
        let identity = &mut heard.identity;
        match (packet.kind(), packet.payload()) {
            (packet::MODEL, [index, part @ ..]) => {
                // The second index is 1 in descriptions and 255 on a real CMS50D+.
                let at = if *index == 0 { 0 } else { 6 };
                self.model[at..at + 6].copy_from_slice(part);
                identity.model = text(&self.model);
            }
            (packet::VENDOR, name) => identity.vendor = text(name),
            (packet::DEVICE_ID, name) => identity.device_id = text(name),
            (packet::VERSION, [high, low]) => identity.protocol_version = Some(u16::from_be_bytes([*high, *low])),
            (packet::PERFUSION, [0]) => self.perfusion = Some(true),
            (packet::PERFUSION, [_]) => self.perfusion = Some(false),
            _ => {}
        }
        None
    }

    fn live(&mut self, now: Duration, packet: &Packet) -> Option<Sample> {
        let mut sample = Live::from_packet(packet)?.sample();
        // The document wants live data discarded that disagree with the answer to AC. What disagrees is the perfusion
        // index, so that goes; saturation and pulse rate are no worse for it.
        if self.perfusion == Some(false) {
            sample.perfusion_index = None;
        }
        if let Some(live) = &mut self.live {
            *live = now;
        }
        self.calls = 0;
        Some(self.numbers.confirm(now, sample))
    }

    /// Asks the next question, or goes live.
    fn converse(&mut self, now: Duration, send: &mut Vec<u8>) {
        if let Some(asked) = self.asked {
            let given_up = !self.answered && now >= asked.saturating_add(PATIENCE);
            if !self.answered && !given_up {
                return;
            }
            self.asked = None;
            self.answered = false;
            self.question += 1;
            if given_up && self.live.is_none() {
                // Nobody waits for numbers because of a name: go live and ask for the rest meanwhile.
                self.question = self.question.max(FIRST_HARMLESS);
                self.go_live(now, send);
            }
        }
        if let Some(&question) = QUESTIONS.get(self.question) {
            ask(question, send);
            self.asked = Some(now);
            self.answers_until = now.saturating_add(PATIENCE);
        } else if self.live.is_none() {
            self.go_live(now, send);
        }
    }
}

impl V7Host {
    /// The questions of the start are done with. An errand waits for that, so that no answer is taken for another's.
    fn is_through(&self) -> bool {
        self.question >= QUESTIONS.len() && self.live.is_some()
    }

    /// Goes on with the errand. Returns whether live data are not to be expected.
    fn run_errand(&mut self, now: Duration, send: &mut Vec<u8>, heard: &mut Heard) -> bool {
        let through = self.is_through();
        let Some(running) = self.errand.as_mut().filter(|_| through) else { return false };
        running.poll(now, send);
        heard.errand.progress = Some(running.progress());
        let held_back = running.holds_live_back();
        if let Some(outcome) = running.take_outcome() {
            heard.errand.end(outcome);
            self.errand = None;
            if held_back {
                // What stood before is old by now.
                self.numbers = Numbers::default();
                self.go_live(now, send);
            }
        }
        held_back
    }
}

impl Host for V7Host {
    fn start(&mut self, now: Duration, send: &mut Vec<u8>) {
        *self = Self { started: true, model: [0; 12], ..Self::default() };
        self.converse(now, send);
    }

    fn receive(&mut self, now: Duration, byte: u8, heard: &mut Heard) -> Option<Sample> {
        let framed = self.framer.push(byte);
        if let Some(running) = &mut self.errand {
            running.hear(now, &framed);
            heard.errand.progress = Some(running.progress());
        }
        match framed {
            Framed::Pending => None,
            Framed::Stray => {
                heard.counters.skipped += 1;
                None
            }
            Framed::Short => {
                heard.counters.rejected += 1;
                self.numbers.doubt();
                None
            }
            Framed::TooLong => {
                heard.counters.rejected += 1;
                heard.counters.skipped += 1;
                self.numbers.doubt();
                None
            }
            Framed::Whole(packet) => {
                heard.counters.packets += 1;
                self.hear(now, &packet, heard)
            }
        }
    }

    fn receive_frame(&mut self, now: Duration, bytes: &[u8], heard: &mut Heard) -> Option<(usize, Option<Sample>)> {
        if self.errand.is_some() {
            return None;
        }
        let packet = self.framer.whole_live(bytes)?;
        heard.counters.packets += 1;
        Some((9, self.live(now, &packet)))
    }

    fn poll(&mut self, now: Duration, send: &mut Vec<u8>, heard: &mut Heard) -> Option<Sample> {
        if !self.started {
            return None;
        }
        self.converse(now, send);
        if self.run_errand(now, send, heard) {
            return None;
        }
        let live = self.live?;
        if now >= live.saturating_add(WATCHDOG) {
            self.calls += 1;
            if self.calls >= CALLS_BEFORE_RESTART {
                let errand = self.errand.take();
                self.start(now, send);
                self.errand = errand;
            } else {
                self.go_live(now, send);
            }
        } else if now >= self.kept_alive.saturating_add(KEEP_ALIVE) {
            ask(command::KEEP_ALIVE, send);
            self.kept_alive = now;
        }
        None
    }

    fn next_wake(&self) -> Option<Duration> {
        if !self.started {
            return None;
        }
        let errand = self.errand.as_ref().filter(|_| self.is_through());
        if let Some(running) = errand
            && running.holds_live_back()
        {
            return running.next_wake().or(Some(Duration::ZERO));
        }
        let errand = errand.map(|running| running.next_wake().unwrap_or_default());
        let question = self.asked.map(|asked| if self.answered { asked } else { asked.saturating_add(PATIENCE) });
        let watchdog = self.live.map(|live| live.saturating_add(WATCHDOG));
        let keep_alive = self.live.map(|_| self.kept_alive.saturating_add(KEEP_ALIVE));
        [question, watchdog, keep_alive, errand].into_iter().flatten().min()
    }

    fn stop(&mut self, send: &mut Vec<u8>) {
        self.started = false;
        self.asked = None;
        self.live = None;
        if self.errand.take().is_some_and(|running| running.holds_live_back()) {
            ask(command::STOP_STORED, send);
        }
        ask(command::STOP_LIVE, send);
    }

    fn begin(&mut self, _now: Duration, errand: &Errand) -> Result<(), NotPossible> {
        if let Errand::SetFormat(_) = errand {
            return Err(NotPossible::Unsupported("A Contec has one format for live data; there is none to choose."));
        }
        self.errand = Some(Running::new(errand, self.perfusion));
        Ok(())
    }

    fn abandon(&mut self, _now: Duration) {
        if let Some(running) = &mut self.errand {
            running.abandon();
        }
    }
}
