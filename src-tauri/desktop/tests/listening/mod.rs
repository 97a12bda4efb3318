//! An ear: finds the pulses in recorded samples and measures them.

use core::f64::consts::TAU;
use core::ops::Range;

/// What was heard.
pub struct Recording {
    pub samples: Vec<f32>,
    pub rate: u32,
}

/// One pulse, in samples from the start of the recording.
pub struct Pulse<'a> {
    recording: &'a Recording,
    span: Range<usize>,
}

impl Recording {
    /// The pulses: runs louder than a twentieth of the peak, joined over silences of up to 20 ms.
    pub fn pulses(&self) -> Vec<Pulse<'_>> {
        let floor = peak(&self.samples) / 20.0;
        let joined = self.rate as usize / 50;
        let mut spans: Vec<Range<usize>> = Vec::new();
        for (n, _) in self.samples.iter().enumerate().filter(|(_, sample)| sample.abs() > floor) {
            match spans.last_mut() {
                Some(span) if n - span.end < joined => span.end = n + 1,
                _ => spans.push(n..n + 1),
            }
        }
        spans.into_iter().map(|span| Pulse { recording: self, span }).collect()
    }

    /// The silences between the pulses, ms.
    pub fn gaps_ms(&self) -> Vec<f64> {
        self.pulses().windows(2).map(|pair| self.millis(pair[1].span.start - pair[0].span.end)).collect()
    }

    fn millis(&self, samples: usize) -> f64 {
        samples as f64 * 1000.0 / f64::from(self.rate)
    }
}

impl Pulse<'_> {
    pub fn length_ms(&self) -> f64 {
        self.recording.millis(self.span.len())
    }

    pub fn peak(&self) -> f32 {
        peak(self.samples())
    }

    /// How long the sound takes from 10 % to 90 % of its loudest, ms.
    pub fn rise_ms(&self) -> f64 {
        self.recording.millis(self.crossing(0.9) - self.crossing(0.1))
    }

    /// How loud it is on the whole (RMS), dB of full scale.
    pub fn level_db(&self) -> f64 {
        let power: f64 = self.samples().iter().map(|sample| f64::from(*sample).powi(2)).sum();
        10.0 * (power / self.samples().len() as f64).log10()
    }

    /// The frequency from 150 to 1000 Hz at which the pulse is strongest, Hz, to a tenth.
    pub fn fundamental_hz(&self) -> f64 {
        let windowed = self.windowed();
        let strongest = |tenths: &mut dyn Iterator<Item = u32>| {
            let strengths = tenths.map(|tenth| (tenth, strength(&windowed, self.turn(f64::from(tenth) / 10.0))));
            strengths.max_by(|one, other| one.1.total_cmp(&other.1)).unwrap().0
        };
        let near = strongest(&mut (1500..10_000).step_by(50));
        f64::from(strongest(&mut (near - 50..near + 50))) / 10.0
    }

    /// How strong the `n`th multiple of `fundamental` is against `fundamental` itself, dB.
    pub fn partial_db(&self, fundamental: f64, n: u32) -> f64 {
        20.0 * (self.strength(fundamental * f64::from(n)) / self.strength(fundamental)).log10()
    }

    /// How far the `n`th multiple of `fundamental` stands out from what lies half a step beside it, dB: a tone of its own
    /// stands out, what spreads from its neighbours does not.
    pub fn stands_out_db(&self, fundamental: f64, n: u32) -> f64 {
        let at = f64::from(n);
        let beside = [at - 0.5, at + 0.5].map(|at| self.strength(fundamental * at));
        20.0 * (self.strength(fundamental * at) / beside[0].max(beside[1])).log10()
    }

    fn strength(&self, hz: f64) -> f64 {
        strength(&self.windowed(), self.turn(hz))
    }

    /// How far a wave of `hz` turns from one sample to the next.
    fn turn(&self, hz: f64) -> f64 {
        TAU * hz / f64::from(self.recording.rate)
    }

    /// The pulse under Hann's window.
    fn windowed(&self) -> Vec<f64> {
        let length = self.span.len() as f64;
        let window = |n: usize| 0.5 - 0.5 * (TAU * n as f64 / length).cos();
        self.samples().iter().enumerate().map(|(n, sample)| f64::from(*sample) * window(n)).collect()
    }

    /// The first sample whose surroundings (one cycle of 300 Hz) reach `share` of the loudest surroundings.
    fn crossing(&self, share: f32) -> usize {
        let cycle = self.recording.rate as usize / 300;
        let levels: Vec<f32> = self.samples().windows(cycle).map(peak).collect();
        levels.iter().position(|level| *level >= share * peak(&levels)).unwrap()
    }

    fn samples(&self) -> &[f32] {
        &self.recording.samples[self.span.clone()]
    }
}

/// Goertzel's filter: the amplitude at one frequency.
fn strength(samples: &[f64], turn: f64) -> f64 {
    let factor = 2.0 * turn.cos();
    let (mut last, mut before) = (0.0, 0.0);
    for sample in samples {
        (before, last) = (last, sample + factor * last - before);
    }
    (last * last + before * before - factor * last * before).sqrt() / samples.len() as f64
}

fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |peak, sample| peak.max(sample.abs()))
}
