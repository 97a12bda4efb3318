//! From the entries of a capture to the readings that the station made of them.

use super::rows::Rows;
use oximeter::capture::{Decoder, Entry, Event};
use oximeter::{Protocol, Sample};
use station::Observer;
use std::io::Write;
use std::time::Duration;
use vitals::{Now, SensorState, StationTime, WallTime};

/// Decodes with what the station decodes with, so that a capture gives the readings of its time.
#[derive(Debug)]
pub(super) struct Readings {
    decoder: Decoder,
    screen: Screen,
    protocol: Option<Protocol>,
    holes: u64,
}

/// What a screen would have shown.
#[derive(Debug)]
struct Screen {
    observer: Observer,
    samples: u32,
}

/// The capture's time as the station's: nothing here is shown as a time of day.
fn now(at: Duration) -> Now {
    Now { station: StationTime::from_start(at), wall: WallTime::from_millis(0).plus(at) }
}

impl Screen {
    /// Tells what silence has made of the numbers before `at`.
    fn wait<W: Write>(&mut self, at: Duration, rows: &mut Rows<W>) {
        while let Some(wake) = self.observer.wake_at().filter(|wake| wake.since_start() <= at) {
            match self.observer.tick(now(wake.since_start())) {
                Some(reading) => rows.reading(wake.since_start(), &reading),
                None => return,
            }
        }
    }

    fn sample<W: Write>(&mut self, at: Duration, sample: &Sample, rows: &mut Rows<W>) {
        self.wait(at, rows);
        self.samples += 1;
        if let Some(reading) = self.observer.sample(now(at), sample) {
            rows.reading(at, &reading);
        }
        // The wave is not for a table; gathered and never taken it would fill the memory.
        self.observer.take_wave(true);
    }

    fn sensor_is<W: Write>(&mut self, at: Duration, sensor: SensorState, rows: &mut Rows<W>) {
        if let Some(reading) = self.observer.sensor_is(now(at), sensor) {
            rows.reading(at, &reading);
        }
    }
}

impl Readings {
    pub(super) fn new(decoder: Decoder) -> Self {
        let screen = Screen { observer: Observer::new(SensorState::Searching), samples: 0 };
        let mut readings = Self { decoder, screen, protocol: None, holes: 0 };
        readings.follow_protocol();
        readings
    }

    /// The pace of a protocol decides when silence is too long.
    fn follow_protocol(&mut self) {
        let protocol = self.decoder.protocol();
        if let Some(known) = protocol.filter(|_| protocol != self.protocol) {
            self.screen.observer.set_pace(known.wave_rate(), known.sample_period());
            self.protocol = protocol;
        }
    }

    pub(super) fn take<W: Write>(&mut self, entry: &Entry, rows: &mut Rows<W>) {
        let (decoder, screen) = (&mut self.decoder, &mut self.screen);
        decoder.take(entry, &mut |at, sample| screen.sample(at, &sample, rows));
        screen.wait(entry.at, rows);
        match &entry.event {
            Event::Received(_) | Event::Sent(_) => {}
            Event::Opened(line) => {
                rows.event(entry.at, &format!("opened at {line}"));
                screen.sensor_is(entry.at, SensorState::Searching, rows);
            }
            Event::Closed => {
                rows.event(entry.at, "closed");
                screen.sensor_is(entry.at, SensorState::Opening, rows);
            }
            Event::Gone => {
                rows.event(entry.at, "unplugged");
                screen.sensor_is(entry.at, SensorState::Disconnected, rows);
            }
            Event::Hole(bytes) => {
                self.holes += bytes;
                rows.event(entry.at, &format!("{bytes} bytes were not kept"));
                screen.sensor_is(entry.at, SensorState::Searching, rows);
            }
            Event::Understood(protocol) => rows.event(entry.at, &format!("protocol {protocol}")),
            Event::Model(model) => rows.event(entry.at, &format!("model {model}")),
            Event::End(reason) => rows.event(entry.at, &format!("end: {reason}")),
        }
        self.follow_protocol();
    }

    /// Takes bytes without a time: as many samples as there were before took as long as their protocol says. One by one,
    /// so that no time passes inside a frame.
    pub(super) fn take_bare<W: Write>(&mut self, bytes: &[u8], rows: &mut Rows<W>) {
        let period = self.protocol.map_or(Duration::ZERO, Protocol::sample_period);
        for &byte in bytes {
            let at = period * self.screen.samples;
            self.take(&Entry { at, event: Event::Received(vec![byte]) }, rows);
        }
    }

    pub(super) fn finish<W: Write>(&mut self, rows: &mut Rows<W>) {
        let screen = &mut self.screen;
        self.decoder.finish(&mut |at, sample| screen.sample(at, &sample, rows));
    }

    /// What was counted, in sentences.
    pub(super) fn summary(&self, origin: &str) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(protocol) = self.protocol {
            lines.push(format!("Protocol: {protocol}, {origin}."));
        }
        if let Some(identity) = self.decoder.identity() {
            let parts = [
                identity.vendor.clone(),
                identity.model.clone(),
                identity.firmware.as_ref().map(|firmware| format!("firmware {firmware}")),
                identity.device_id.as_ref().map(|id| format!("id {id}")),
            ];
            let parts: Vec<_> = parts.into_iter().flatten().collect();
            if !parts.is_empty() {
                lines.push(format!("Sensor: {}.", parts.join(", ")));
            }
        }
        let counters = self.decoder.counters();
        lines.push(format!(
            "{} samples in {} bytes from the sensor: {} frames, {} rejected, {} bytes skipped.",
            self.screen.samples, counters.bytes, counters.packets, counters.rejected, counters.skipped
        ));
        if self.decoder.unread() > 0 {
            lines.push(format!("{} bytes came before the protocol was known.", self.decoder.unread()));
        }
        if self.holes > 0 {
            lines.push(format!("{} bytes are missing: the disk was too slow for them.", self.holes));
        }
        if self.screen.samples == 0 && counters.bytes > 0 {
            lines.push("Nothing was understood. Is this the protocol? Without --protocol it is found out.".to_owned());
        }
        lines
    }
}
