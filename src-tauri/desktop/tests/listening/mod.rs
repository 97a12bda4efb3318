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
        let strongest = |tenths: &mut dyn Iterator<Item = u32>| {
            tenths.max_by(|a, b| self.strength(f64::from(*a) / 10.0).total_cmp(&self.strength(f64::from(*b) / 10.0)))
        };
        let near = strongest(&mut (1500..10_000).step_by(30)).unwrap();
        f64::from(strongest(&mut (near - 30..near + 30)).unwrap()) / 10.0
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

    /// Goertzel's filter, Hann-windowed: the amplitude at one frequency.
    fn strength(&self, hz: f64) -> f64 {
        let samples = self.samples();
        let turn = TAU * hz / f64::from(self.recording.rate);
        let (mut last, mut before) = (0.0, 0.0);
        for (n, sample) in samples.iter().enumerate() {
            let window = 0.5 - 0.5 * (TAU * n as f64 / samples.len() as f64).cos();
            let next = f64::from(*sample) * window + 2.0 * turn.cos() * last - before;
            (before, last) = (last, next);
        }
        (last * last + before * before - 2.0 * turn.cos() * last * before).sqrt() / samples.len() as f64
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

fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |peak, sample| peak.max(sample.abs()))
}
