//! What is said over an open port, from its opening to its end.

use super::open::OpenError;
use super::thread::{Asked, Life, NewsKind, lock};
use super::transport::Transport;
use oximeter::{Detector, Protocol, Session, Step};
use std::time::Duration;
use vitals::{SensorState, StationTime};

/// The longest a read waits: an order of the bed is obeyed within this.
const LONGEST_READ: Duration = Duration::from_millis(100);
/// A sensor that was live and sends nothing for this long is silent.
const SILENT_AFTER: Duration = Duration::from_secs(2);
/// A port on which nothing was understood for this long is told in words.
const SILENCE_TOLD_AFTER: Duration = Duration::from_secs(4);

/// How a conversation ended.
pub(super) enum Ended {
    /// The bed asked for it.
    Closed,
    /// The bed asked for a new one.
    Reset,
    /// The line is gone.
    Gone(String),
}

/// Opens the port, finds out who speaks if nobody said, and listens until the end.
pub(super) fn hold(life: &mut Life) -> Result<Ended, OpenError> {
    let found = match life.spec.protocol {
        Some(protocol) => {
            let transport = life.open(&protocol.line())?;
            life.tell(NewsKind::State(SensorState::Searching, None));
            Ok((protocol, transport))
        }
        None => detect(life)?,
    };
    match found {
        Ok((protocol, transport)) => Ok(listen(life, protocol, transport)),
        Err(ended) => Ok(ended),
    }
}

type Found = Result<(Protocol, Box<dyn Transport>), Ended>;

fn detect(life: &mut Life) -> Result<Found, OpenError> {
    // A person named this port, so bytes may be sent to wake a sensor that waits to be asked.
    let mut detector = Detector::new(since_start(life), true);
    let mut transport: Option<Box<dyn Transport>> = None;
    let mut told = String::new();
    let mut buffer = [0; 1024];
    loop {
        match detector.poll(since_start(life)) {
            Step::Open(line) => {
                drop(transport.take());
                transport = Some(life.open(&line)?);
            }
            Step::Send(bytes) => {
                if let Some(Err(error)) = transport.as_mut().map(|line| line.write(&bytes)) {
                    return Ok(Err(Ended::Gone(error.to_string())));
                }
            }
            Step::Found { protocol, line } => {
                // Opened anew, so that the session sees the line from its start.
                drop(transport.take());
                let line = life.open(&line)?;
                return Ok(Ok((protocol, line)));
            }
            Step::Listen { .. } => {}
        }
        let words = detector.in_words();
        if words != told {
            life.tell(NewsKind::State(SensorState::Searching, Some(words.clone())));
            told = words;
        }
        match life.asked() {
            Some(Asked::Close) => return Ok(Err(Ended::Closed)),
            Some(Asked::Reset) => return Ok(Err(Ended::Reset)),
            None => {}
        }
        let Some(line) = transport.as_mut() else { continue };
        match line.read(&mut buffer, Duration::from_millis(20)) {
            Ok(None) => {}
            Ok(Some(count)) => detector.feed(since_start(life), &buffer[..count]),
            Err(error) => return Ok(Err(Ended::Gone(error.to_string()))),
        }
    }
}

fn since_start(life: &Life) -> Duration {
    life.clock.station().since_start()
}

fn listen(life: &mut Life, protocol: Protocol, mut transport: Box<dyn Transport>) -> Ended {
    let mut session = Session::new(protocol, since_start(life));
    let (sample_rate, period) = (session.sample_rate(), session.sample_period());
    life.tell(NewsKind::Understood { protocol, sample_rate, period });
    let opened = life.clock.station();
    let mut last_sample: Option<StationTime> = None;
    let mut state = SensorState::Searching;
    let mut silence_told = false;
    let mut identity = session.identity().clone();
    let mut buffer = [0; 1024];
    let mut send = Vec::new();
    session.start(since_start(life), &mut send);
    let reason = loop {
        session.poll(since_start(life), &mut send);
        if !send.is_empty() {
            if let Err(error) = transport.write(&send) {
                break error.to_string();
            }
            send.clear();
        }
        if let Some(asked) = life.asked() {
            session.stop(&mut send);
            // The sensor may be gone already; the port is closed either way.
            let _ = transport.write(&send);
            return match asked {
                Asked::Close => Ended::Closed,
                Asked::Reset => Ended::Reset,
            };
        }
        let wake = session.next_wake().map_or(LONGEST_READ, |at| at.saturating_sub(since_start(life)));
        match transport.read(&mut buffer, wake.clamp(Duration::from_millis(1), LONGEST_READ)) {
            Ok(None) => {}
            Ok(Some(count)) => {
                let mut samples = Vec::new();
                session.receive(since_start(life), &buffer[..count], &mut |sample| samples.push(sample));
                {
                    let mut facts = lock(&life.facts);
                    facts.counters = session.counters();
                    if *session.identity() != identity {
                        identity = session.identity().clone();
                        facts.identity = identity.clone();
                    }
                }
                if !samples.is_empty() {
                    last_sample = Some(life.clock.station());
                    // The samples first: a sensor that is live without a sample would be stale.
                    life.tell(NewsKind::Samples(samples));
                    if state != SensorState::Live {
                        state = SensorState::Live;
                        life.tell(NewsKind::State(state, None));
                        life.tell(NewsKind::Identity);
                    }
                }
            }
            Err(error) => break error.to_string(),
        }
        let now = life.clock.station();
        let quiet = now.since(last_sample.unwrap_or(opened));
        let limit = SILENT_AFTER.max(period * 2);
        if state == SensorState::Live && quiet >= limit {
            state = SensorState::Silent;
            let words =
                format!("Nothing has come from {} for {} s. Is the oximeter on?", life.spec.port, limit.as_secs());
            life.tell(NewsKind::State(state, Some(words)));
        } else if state == SensorState::Searching && !silence_told && quiet >= SILENCE_TOLD_AFTER {
            silence_told = true;
            let words = format!(
                "{} is open, but nothing that comes is understood as {protocol}. Is the oximeter on, and is this its protocol?",
                life.spec.port
            );
            life.tell(NewsKind::State(state, Some(words)));
        }
    };
    Ended::Gone(reason)
}
