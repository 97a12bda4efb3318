//! The host's side of the conversation with one sensor.

use crate::errand::{Errand, Failure, NotPossible, Outcome, Progress};
use crate::protocol::{Heard, Host};
use crate::{Counters, Identity, Protocol, Sample};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

/// The host's side of the conversation with one sensor, without I/O and without a clock.
///
/// Times are counted from any fixed start, the same for all calls, and must not go back. Whoever owns the port
///
/// 1. opens it with [`Protocol::line`], calls [`start`](Self::start) and sends what it was given;
/// 2. hands over what arrives ([`receive`](Self::receive)), then calls [`poll`](Self::poll) and sends;
/// 3. calls [`poll`](Self::poll) again when [`next_wake`](Self::next_wake) has come;
/// 4. calls [`stop`](Self::stop) and sends, before it closes the port.
///
/// ```
/// use core::time::Duration;
/// use oximeter::{Protocol, Session};
///
/// let mut session = Session::new(Protocol::Cms50, Duration::ZERO);
/// let mut send = Vec::new();
/// session.start(Duration::ZERO, &mut send);
/// assert_eq!(send, [0xF6, 0xF6, 0xF6]);
///
/// let mut spo2 = Vec::new();
/// let frame = [0x85, 0x40, 0x07, 0x48, 0x61];
/// for _ in 0..3 {
///     session.receive(Duration::from_millis(20), &frame, &mut |sample| spo2.push(sample.spo2));
/// }
/// // Without a checksum, three frames must agree before a number stands.
/// assert_eq!(spo2, [None, None, Some(97)]);
/// ```
#[derive(Debug)]
pub struct Session {
    protocol: Protocol,
    host: Box<dyn Host>,
    heard: Heard,
    started: bool,
}

impl Session {
    /// A conversation that has not begun. `now` is the time of its making.
    #[must_use]
    pub fn new(protocol: Protocol, now: Duration) -> Self {
        // No protocol needs the time before `start`; it stands here so that one may, without a change for the caller.
        let _ = now;
        Self { protocol, host: (protocol.profile().host)(), heard: Heard::default(), started: false }
    }

    /// Begins, or begins anew: appends to `send` what makes the sensor stream.
    ///
    /// What was decoded so far is forgotten: no number of before is repeated. The counters go on, the identity stays
    /// until the sensor tells another. An errand under way has failed.
    pub fn start(&mut self, now: Duration, send: &mut Vec<u8>) {
        self.heard.errand.end(Err(Failure::Interrupted));
        self.started = true;
        self.host.start(now, send);
    }

    /// Takes the bytes that arrived at `now` and calls `each` with every sample that they end. The samples do not
    /// depend on how the stream was cut into calls. Does not allocate, but for a change of the
    /// [`identity`](Self::identity).
    pub fn receive(&mut self, now: Duration, bytes: &[u8], each: &mut dyn FnMut(Sample)) {
        self.host.receive_all(now, bytes, &mut self.heard, each);
    }

    /// Appends to `send` what is due at `now`: the next question, a keep-alive, a new call for live data. Calls `each`
    /// with a sample that only the quiet on the line shows to be whole: of the formats without a checksum whose frames
    /// come once a second, a frame counts when nothing follows it at once.
    pub fn poll(&mut self, now: Duration, send: &mut Vec<u8>, each: &mut dyn FnMut(Sample)) {
        if let Some(sample) = self.host.poll(now, send, &mut self.heard) {
            each(sample);
        }
    }

    /// When [`poll`](Self::poll) wants to be called next. A time that has passed means at once; it may change with
    /// every byte received.
    #[must_use]
    pub fn next_wake(&self) -> Option<Duration> {
        self.host.next_wake()
    }

    /// Appends to `send` what ends the stream, for a port that is about to be closed. An errand under way has failed.
    pub fn stop(&mut self, send: &mut Vec<u8>) {
        self.heard.errand.end(Err(Failure::Interrupted));
        self.started = false;
        self.host.stop(send);
    }

    /// Sends the sensor on an errand. What has to be sent for it comes with the next calls of [`poll`](Self::poll), so
    /// call that at once.
    ///
    /// # Errors
    ///
    /// When the sensor cannot, when it is on another errand, or when the outcome of the last one was not taken.
    ///
    /// ```
    /// use core::time::Duration;
    /// use oximeter::{Errand, NotPossible, Protocol, Session};
    ///
    /// let mut session = Session::new(Protocol::Cms50, Duration::ZERO);
    /// session.start(Duration::ZERO, &mut Vec::new());
    /// let refused = session.begin(Duration::ZERO, &Errand::SetFormat(Protocol::NoninDf2));
    /// assert!(matches!(refused, Err(NotPossible::Unsupported(_))));
    /// ```
    pub fn begin(&mut self, now: Duration, errand: &Errand) -> Result<(), NotPossible> {
        let standing = &self.heard.errand;
        if !self.started {
            return Err(NotPossible::NotStarted);
        }
        if standing.progress.is_some() || standing.outcome.is_some() {
            return Err(NotPossible::Busy);
        }
        self.host.begin(now, errand)?;
        self.heard.errand.progress = Some(Progress::default());
        Ok(())
    }

    /// How far the errand under way is; `None` if there is none.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        self.heard.errand.progress
    }

    /// What came of the last errand, once.
    pub fn take_outcome(&mut self) -> Option<Result<Outcome, Failure>> {
        self.heard.errand.outcome.take()
    }

    /// Gives up the errand under way, if there is one. Its outcome, [`Failure::Abandoned`] unless it was done already,
    /// comes when the sensor has been told, with the next calls of [`poll`](Self::poll).
    pub fn abandon(&mut self, now: Duration) {
        if self.heard.errand.progress.is_some() {
            self.host.abandon(now);
        }
    }

    /// The protocol spoken.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Points of the pulse wave a second; `None` if the format carries none.
    #[must_use]
    pub fn wave_rate(&self) -> Option<u16> {
        self.protocol.wave_rate()
    }

    /// The time from one sample to the next: a sensor that is silent for many times as long has stopped.
    #[must_use]
    pub fn sample_period(&self) -> Duration {
        self.protocol.sample_period()
    }

    /// Who the sensor said it is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.heard.identity
    }

    /// What went over the line since the session was made.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.heard.counters
    }
}
