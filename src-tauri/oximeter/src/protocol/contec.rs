//! What the two Contec formats share: neither has a checksum, both carry everything in every packet.

use crate::confirm::Confirmed;
use crate::sample::{Flags, Sample};
use core::time::Duration;

/// Below this strength, in hundredths, the signal counts as weak: two eighths and less. Contec's document names no
/// threshold; published captures of a good finger show four and five eighths.
pub(super) const WEAK_BELOW: u8 = 30;

/// Quiet after which nothing of before stands any more. The packets behind it would carry the old numbers on as new
/// until three agree.
const FORGETS: Duration = Duration::from_secs(2);

/// The numbers and flags that stand.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    spo2: Confirmed<Option<u8>>,
    pulse_rate: Confirmed<Option<u16>>,
    perfusion_index: Confirmed<Option<u16>>,
    signal_strength: Confirmed<Option<u8>>,
    flags: Confirmed<Flags>,
    last: Duration,
    /// The numbers and flags of the last packet, if all of them stand. Most packets repeat them, and change nothing.
    settled: Option<Sample>,
}

impl Numbers {
    /// The sample with what stands in place of what one packet, arrived at `now`, claims.
    pub(super) fn confirm(&mut self, now: Duration, claimed: Sample) -> Sample {
        if now >= self.last.saturating_add(FORGETS) {
            *self = Self::default();
        }
        self.last = now;
        let numbers = Sample { pleth: None, beat: false, ..claimed };
        if self.settled == Some(numbers) {
            return claimed;
        }
        let sample = Sample {
            spo2: self.spo2.see(claimed.spo2),
            pulse_rate: self.pulse_rate.see(claimed.pulse_rate),
            perfusion_index: self.perfusion_index.see(claimed.perfusion_index),
            signal_strength: self.signal_strength.see(claimed.signal_strength),
            pleth: claimed.pleth,
            beat: claimed.beat,
            flags: self.flags.see(claimed.flags),
        };
        let all_stand = self.spo2.stands()
            && self.pulse_rate.stands()
            && self.perfusion_index.stands()
            && self.signal_strength.stands()
            && self.flags.stands();
        self.settled = all_stand.then_some(numbers);
        sample
    }

    /// A packet is damaged, the last one or one behind it: damage rarely comes alone, so agreement begins anew.
    pub(super) fn doubt(&mut self) {
        self.settled = None;
        self.spo2.doubt();
        self.pulse_rate.doubt();
        self.perfusion_index.doubt();
        self.signal_strength.doubt();
        self.flags.doubt();
    }
}
