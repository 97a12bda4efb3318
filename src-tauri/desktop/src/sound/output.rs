//! The device: opens it, hands it bursts, closes it, and says in words what is wrong with it.
//!
//! Everything here may block for as long as a driver or a sound server likes, so it has a thread of its own. It is
//! told what is wanted through a watch channel: an order that comes too late is replaced, never queued, so a device
//! that wakes up after a minute plays what is wanted now and not what was wanted then.

use super::SoundFailure;
use super::devices::{self, Trouble};
use super::loudness;
use super::synth;
use rodio::cpal;
use rodio::{ChannelCount, MixerDeviceSink, SampleRate, Source};
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use vitals::Priority;

/// How long a burst that is stopped takes to fall silent: short against a pulse, long enough not to click.
const FADE: Duration = Duration::from_millis(20);

/// How much later than its length a burst may be taken up by the device before the device counts as stuck.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the device should be doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Wanted {
    /// Counts up with each order, so that an answer names what it answers.
    pub(super) order: u64,
    /// The burst to sound, numbered so that the same priority twice is two bursts.
    pub(super) burst: Option<(u64, Priority)>,
    /// Whether the device stays open.
    pub(super) open: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum News {
    /// The order is carried out, on the device named, or could not be.
    Answer {
        /// The order's number.
        order: u64,
        /// The device, or what is wrong.
        result: Result<String, SoundFailure>,
    },
    /// The open device broke.
    Broke(SoundFailure),
}

/// The two ends by which the player holds a device.
pub(super) struct Device {
    pub(super) wanted: watch::Sender<Wanted>,
    pub(super) news: mpsc::Receiver<News>,
}

/// Starts the thread that owns the output named by `chosen`, or the computer's default.
///
/// It ends when the device is dropped.
pub(super) fn start(level: f32, chosen: watch::Receiver<Option<String>>) -> std::io::Result<Device> {
    let (wanted, orders) = watch::channel(Wanted::default());
    let (tell, news) = mpsc::channel(16);
    let speaker = Speaker { level, chosen, open: None, bursts: Bursts::default(), sounding: None, tell };
    std::thread::Builder::new().name("sound-device".into()).spawn(move || serve(orders, speaker))?;
    Ok(Device { wanted, news })
}

fn serve(mut orders: watch::Receiver<Wanted>, mut speaker: Speaker) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else {
        return; // The closed channel tells the player.
    };
    while runtime.block_on(orders.changed()).is_ok() {
        let wanted = *orders.borrow_and_update();
        let result = speaker.obey(wanted);
        if speaker.tell.blocking_send(News::Answer { order: wanted.order, result }).is_err() {
            return;
        }
    }
}

struct Speaker {
    level: f32,
    /// The output that somebody chose.
    chosen: watch::Receiver<Option<String>>,
    open: Option<Open>,
    bursts: Bursts,
    sounding: Option<Sounding>,
    tell: mpsc::Sender<News>,
}

/// The device that is open.
struct Open {
    sink: MixerDeviceSink,
    /// By which name it was opened; `None` is the computer's default.
    name: Option<String>,
}

/// The burst that the device was last given.
struct Sounding {
    number: u64,
    cut: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
    expected_end: Instant,
}

impl Sounding {
    fn stuck(&self) -> bool {
        !self.ended.load(Ordering::Relaxed) && Instant::now() > self.expected_end + PATIENCE
    }
}

impl Speaker {
    fn obey(&mut self, wanted: Wanted) -> Result<String, SoundFailure> {
        let complaints = loudness::Complaints::collect();
        let chosen = self.chosen.borrow_and_update().clone();
        let stuck = self.sounding.as_ref().is_some_and(Sounding::stuck);
        let is_new = |number| self.sounding.as_ref().is_none_or(|sounding| sounding.number != number);
        match wanted.burst {
            Some((number, priority)) if is_new(number) => {
                self.cut();
                // A device that took nothing of the last burst is asked again from the beginning, and one that only
                // stands in for another gives way to it.
                if stuck || self.open.as_ref().is_some_and(|open| open.name != chosen) {
                    self.open = None;
                }
                self.sound(number, priority, chosen.as_deref(), &complaints)?;
            }
            Some(_) => {}
            None => self.cut(),
        }
        if !wanted.open {
            self.open = None;
            self.sounding = None;
        }
        if stuck {
            return Err(SoundFailure::Stuck);
        }
        self.look(chosen.as_deref(), &complaints)
    }

    fn cut(&self) {
        if let Some(sounding) = &self.sounding {
            sounding.cut.store(true, Ordering::Relaxed);
        }
    }

    fn sound(
        &mut self,
        number: u64,
        priority: Priority,
        chosen: Option<&str>,
        complaints: &loudness::Complaints,
    ) -> Result<(), SoundFailure> {
        let open = match self.open.take() {
            Some(open) => open,
            None => self.open(chosen, complaints)?,
        };
        let rate = open.sink.config().sample_rate();
        let voice = Voice::new(self.bursts.get(priority, rate, self.level), rate);
        self.sounding = Some(Sounding {
            number,
            cut: Arc::clone(&voice.cut),
            ended: Arc::clone(&voice.ended.0),
            expected_end: Instant::now() + synth::length(priority),
        });
        open.sink.mixer().add(voice);
        self.open = Some(open);
        Ok(())
    }

    /// Opens the chosen output, or the default in its place.
    fn open(&self, chosen: Option<&str>, complaints: &loudness::Complaints) -> Result<Open, SoundFailure> {
        let open = |name: Option<&str>| {
            let tell = self.tell.clone();
            let told = AtomicBool::new(false);
            let failed = move |error: cpal::Error| {
                // A broken ALSA device calls this in a tight loop until it is closed: say it once, and do not wait.
                if breaks_the_stream(error.kind()) && !told.swap(true, Ordering::Relaxed) {
                    let _ = tell.try_send(News::Broke(SoundFailure::Broke { cause: error.to_string() }));
                }
            };
            devices::open(name, failed).map(|sink| Open { sink, name: name.map(str::to_owned) })
        };
        let in_words = |trouble: Trouble| trouble.explain(complaints.last());
        let Some(name) = chosen else { return open(None).map_err(in_words) };
        open(chosen)
            .map_err(in_words)
            .or_else(|why| open(None).map_err(in_words).map_err(|instead| SoundFailure::lost(name, why, Err(instead))))
    }

    /// Whether an alarm would be heard now, and where.
    fn look(&self, chosen: Option<&str>, complaints: &loudness::Complaints) -> Result<String, SoundFailure> {
        let Some(name) = chosen else { return self.look_at_default(complaints) };
        let is_open = self.open.as_ref().is_some_and(|open| open.name.as_deref() == chosen);
        // It may have gone without its stream noticing, and may not open twice.
        let there = if is_open { devices::find(name).map(drop) } else { devices::ask(chosen).map(drop) };
        match there.map_err(|trouble| trouble.explain(complaints.last())) {
            Ok(()) => loudness::check(chosen),
            Err(why) => Err(SoundFailure::lost(name, why, self.look_at_default(complaints))),
        }
    }

    fn look_at_default(&self, complaints: &loudness::Complaints) -> Result<String, SoundFailure> {
        if self.open.as_ref().is_none_or(|open| open.name.is_some()) {
            devices::ask(None).map_err(|trouble| trouble.explain(complaints.last()))?;
        }
        loudness::check(None)
    }
}

const fn breaks_the_stream(kind: cpal::ErrorKind) -> bool {
    use cpal::ErrorKind::{DeviceChanged, RealtimeDenied, Xrun};
    !matches!(kind, DeviceChanged | RealtimeDenied | Xrun)
}

/// The bursts as the open device needs them; made when first wanted.
#[derive(Default)]
struct Bursts {
    made: Vec<(Priority, SampleRate, Arc<[f32]>)>,
}

impl Bursts {
    fn get(&mut self, priority: Priority, rate: SampleRate, level: f32) -> Arc<[f32]> {
        self.made.retain(|(_, made_for, _)| *made_for == rate);
        if let Some((.., samples)) = self.made.iter().find(|(made, ..)| *made == priority) {
            return Arc::clone(samples);
        }
        let samples: Arc<[f32]> = synth::burst(priority, rate.get(), level).into();
        self.made.push((priority, rate, Arc::clone(&samples)));
        samples
    }
}

/// A burst on its way through the mixer, which can be cut short.
struct Voice {
    samples: Arc<[f32]>,
    rate: SampleRate,
    at: usize,
    cut: Arc<AtomicBool>,
    /// Samples left of the fade, once cut.
    fading: Option<u32>,
    ended: SetOnDrop,
}

/// The mixer drops a source that has ended.
struct SetOnDrop(Arc<AtomicBool>);

impl Drop for SetOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Voice {
    fn new(samples: Arc<[f32]>, rate: SampleRate) -> Self {
        let flag = || Arc::new(AtomicBool::new(false));
        Self { samples, rate, at: 0, cut: flag(), fading: None, ended: SetOnDrop(flag()) }
    }

    #[expect(clippy::cast_possible_truncation, reason = "20 ms of samples")]
    fn fade_length(&self) -> u32 {
        ((u128::from(self.rate.get()) * FADE.as_millis() / 1000) as u32).max(1)
    }
}

impl Iterator for Voice {
    type Item = f32;

    #[expect(clippy::cast_precision_loss, reason = "a fade has far fewer than 2^24 samples")]
    fn next(&mut self) -> Option<f32> {
        let sample = *self.samples.get(self.at)?;
        self.at += 1;
        if self.fading.is_none() && self.cut.load(Ordering::Relaxed) {
            self.fading = Some(self.fade_length());
        }
        let Some(left) = &mut self.fading else { return Some(sample) };
        *left = left.checked_sub(1)?;
        let left = *left as f32;
        Some(sample * left / self.fade_length() as f32)
    }
}

impl Source for Voice {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> ChannelCount {
        NonZero::<u16>::MIN
    }

    fn sample_rate(&self) -> SampleRate {
        self.rate
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice() -> Voice {
        let rate = NonZero::new(48_000).unwrap();
        Voice::new(vec![0.5; 48_000].into(), rate)
    }

    #[test]
    fn an_uncut_burst_is_played_to_its_end() {
        assert_eq!(voice().count(), 48_000);
    }

    #[test]
    fn a_cut_burst_fades_without_a_step_and_is_silent_within_a_pulse() {
        let mut voice = voice();
        let before: Vec<f32> = voice.by_ref().take(1000).collect();
        assert!(before.iter().all(|sample| *sample == 0.5));
        voice.cut.store(true, Ordering::Relaxed);
        let after: Vec<f32> = voice.by_ref().collect();
        assert_eq!(after.len(), 960, "20 ms at 48 kHz");
        assert!(after.windows(2).all(|pair| pair[0] - pair[1] < 0.001), "a step would click");
        assert!(after[959].abs() < 0.001);
    }

    #[test]
    fn the_end_of_a_burst_is_known_when_the_mixer_lets_go_of_it() {
        let voice = voice();
        let ended = Arc::clone(&voice.ended.0);
        assert!(!ended.load(Ordering::Relaxed));
        drop(voice);
        assert!(ended.load(Ordering::Relaxed));
    }

    #[test]
    fn a_glitch_is_no_failure_and_a_lost_device_is_one() {
        assert!(!breaks_the_stream(cpal::ErrorKind::Xrun));
        assert!(breaks_the_stream(cpal::ErrorKind::DeviceNotAvailable));
        assert!(breaks_the_stream(cpal::ErrorKind::StreamInvalidated));
    }
}
