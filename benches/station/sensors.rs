//! The sensors: one thread behind as many pseudo-terminals as there are beds.
//!
//! One thread and not `oxiward simulate` for each, so that sixty-four sensors do not take the processor from the station
//! that is measured; the bytes are from the same encoders.

use oximeter::protocol::contec_v7::{Framed, Framer, command, packet};
use oximeter::protocol::{cms50, contec_v7, nonin_df2};
use oximeter::{Protocol, Sample, Simulator};
use station::PseudoTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often a sensor looks whether the host said something. Each looks at a moment of its own, so that the streams do
/// not begin in step, as those of real sensors do not.
const LISTEN_EVERY: Duration = Duration::from_millis(50);

/// What speaks behind a pseudo-terminal.
pub trait Sensor: Send {
    fn hear(&mut self, now: Duration, bytes: &[u8]);
    /// Appends what is due.
    fn say(&mut self, now: Duration, bytes: &mut Vec<u8>);
    fn due(&self) -> Option<Duration>;
    /// The bytes that were just said are about to be written.
    fn writes(&mut self, at: Instant);
}

impl Sensor for Simulator {
    fn hear(&mut self, now: Duration, bytes: &[u8]) {
        self.receive(now, bytes);
    }

    fn say(&mut self, now: Duration, bytes: &mut Vec<u8>) {
        self.poll(now, bytes);
    }

    fn due(&self) -> Option<Duration> {
        self.next_wake()
    }

    fn writes(&mut self, _at: Instant) {}
}

struct Place<S> {
    terminal: PseudoTerminal,
    sensor: S,
    listens: Duration,
}

/// Sensors that run until they are stopped.
pub struct Ward<S> {
    paths: Vec<PathBuf>,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Vec<S>>,
}

impl<S: Sensor + 'static> Ward<S> {
    pub fn start(sensors: Vec<S>) -> Self {
        let count = u32::try_from(sensors.len()).unwrap();
        let mut places: Vec<Place<S>> = sensors
            .into_iter()
            .zip(0..)
            .map(|(sensor, index)| Place {
                terminal: PseudoTerminal::open().unwrap(),
                sensor,
                listens: LISTEN_EVERY * index / count,
            })
            .collect();
        let paths = places.iter().map(|place| place.terminal.path().to_owned()).collect();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let began = Instant::now();
            let mut bytes = Vec::new();
            while !stopped.load(Ordering::Relaxed) {
                for place in &mut places {
                    place.live(began, &mut bytes);
                }
                let next = places.iter().filter_map(|place| place.sensor.due()).chain([began.elapsed() + LISTEN_EVERY]);
                let next = next.chain(places.iter().map(|place| place.listens)).min().unwrap();
                std::thread::sleep(next.saturating_sub(began.elapsed()));
            }
            places.into_iter().map(|place| place.sensor).collect()
        });
        Self { paths, stop, thread }
    }

    /// What the station opens.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    pub fn stop(self) -> Vec<S> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

impl<S: Sensor> Place<S> {
    fn live(&mut self, began: Instant, bytes: &mut Vec<u8>) {
        let now = began.elapsed();
        if now >= self.listens {
            self.listens += LISTEN_EVERY;
            let heard = self.terminal.receive(Duration::ZERO).unwrap();
            if !heard.is_empty() {
                self.sensor.hear(now, heard);
            }
        }
        if self.sensor.due().is_some_and(|due| due <= now) {
            bytes.clear();
            self.sensor.say(now, bytes);
            if !bytes.is_empty() {
                self.sensor.writes(Instant::now());
                self.terminal.send(bytes).unwrap();
            }
        }
    }
}

/// How the saturation of a [`Marked`] sensor goes.
#[derive(Clone, Copy)]
pub enum Course {
    /// Another number within the limits every 0.35 to 1.1 s: at no pace that could run in step with the station's
    /// own once-a-second work.
    Wanders,
    /// 97 for 3 s, then 70 for 1.5 s.
    Drops,
    /// The same number for ever.
    Stays,
}

/// A packet as it was written.
#[derive(Clone, Copy)]
pub struct Packet {
    pub at: Instant,
    pub spo2: u8,
    /// Counts on by one from packet to packet, and around.
    pub pleth: u16,
}

/// A sensor of which is known what each packet carried and when its last byte was written.
pub struct Marked {
    pub protocol: Protocol,
    course: Course,
    streams: bool,
    framer: Framer,
    encoder: nonin_df2::Encoder,
    began: Duration,
    sent: u64,
    spo2: u8,
    change_at: u64,
    chance: u64,
    said: Option<(u8, u16)>,
    pub packets: Vec<Packet>,
}

impl Marked {
    /// A `contec-v7` says nothing until it is asked for live data, and answers nothing else; the others stream.
    pub fn new(protocol: Protocol, course: Course, seed: u64) -> Self {
        Self {
            protocol,
            course,
            streams: protocol != Protocol::ContecV7,
            framer: Framer::default(),
            encoder: nonin_df2::Encoder::default(),
            began: Duration::ZERO,
            sent: 0,
            spo2: 97,
            change_at: 0,
            chance: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
            said: None,
            packets: Vec::new(),
        }
    }

    /// Streams without being asked.
    pub fn unasked(mut self) -> Self {
        self.streams = true;
        self
    }

    /// A number below `below`, from a sequence that is the same in each run (xorshift64).
    fn random(&mut self, below: u64) -> u64 {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        (self.chance >> 16) % below
    }

    fn move_on(&mut self) {
        let rate = u64::from(self.protocol.samples_per_minute() / 60);
        match self.course {
            Course::Wanders => {
                // Of the eight numbers any but the present one.
                self.spo2 = 92 + (self.spo2 - 92 + 1 + self.random(7) as u8) % 8;
                self.change_at = self.sent + rate * 35 / 100 + self.random(rate * 3 / 4);
            }
            Course::Drops => {
                self.spo2 = if self.spo2 == 97 { 70 } else { 97 };
                self.change_at = self.sent + if self.spo2 == 97 { rate * 3 } else { rate * 3 / 2 };
            }
            Course::Stays => self.change_at = u64::MAX,
        }
    }

    /// Of the packets that carry a new number: which is the first that does, and which the last that the station must
    /// have before it may show it. A Contec carries a number in each packet and no checksum, so three must agree; a
    /// Nonin carries the saturation in the third of 25 frames, and the set counts when it is whole.
    pub fn first_and_telling(&self) -> (usize, usize) {
        if self.protocol == Protocol::NoninDf2 { (2, nonin_df2::FRAMES - 1) } else { (0, 2) }
    }
}

impl Sensor for Marked {
    fn hear(&mut self, now: Duration, bytes: &[u8]) {
        if self.protocol != Protocol::ContecV7 {
            return;
        }
        for &byte in bytes {
            if let Framed::Whole(heard) = self.framer.push(byte)
                && let (packet::COMMAND, Some(&command::START_LIVE)) = (heard.kind(), heard.payload().first())
                && !self.streams
            {
                self.streams = true;
                self.began = now;
            }
        }
    }

    fn say(&mut self, _now: Duration, bytes: &mut Vec<u8>) {
        // The numbers of a Nonin belong to a set of 25 frames: they change where one begins.
        let may_change = self.protocol != Protocol::NoninDf2 || self.sent.is_multiple_of(nonin_df2::FRAMES as u64);
        if may_change && self.sent >= self.change_at {
            self.move_on();
        }
        let pleth = (self.sent % 128) as u16;
        let sample = Sample {
            spo2: Some(self.spo2),
            pulse_rate: Some(72),
            signal_strength: Some(100),
            pleth: Some(pleth),
            ..Sample::default()
        };
        match self.protocol {
            Protocol::ContecV7 => bytes.extend_from_slice(contec_v7::encode(&sample).as_ref()),
            Protocol::NoninDf2 => bytes.extend_from_slice(&self.encoder.encode(&sample)),
            _ => bytes.extend_from_slice(&cms50::encode(&sample)),
        }
        self.said = Some((self.spo2, pleth));
        self.sent += 1;
    }

    fn due(&self) -> Option<Duration> {
        let rate = u64::from(self.protocol.samples_per_minute() / 60);
        self.streams.then(|| self.began + Duration::from_nanos(self.sent * 1_000_000_000 / rate))
    }

    fn writes(&mut self, at: Instant) {
        if let Some((spo2, pleth)) = self.said.take() {
            self.packets.push(Packet { at, spo2, pleth });
        }
    }
}
