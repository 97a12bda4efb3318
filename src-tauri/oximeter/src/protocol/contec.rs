//! What the two Contec formats share: neither has a checksum, both carry everything in every packet.

use crate::confirm::Confirmed;
use crate::sample::{Flags, Sample};

/// Below this strength, in hundredths, the signal counts as weak: two eighths and less. Contec's document names no
/// threshold; published captures of a good finger show four and five eighths.
pub(super) const WEAK_BELOW: u8 = 30;

/// The numbers and flags that stand.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    spo2: Confirmed<Option<u8>>,
    pulse_rate: Confirmed<Option<u16>>,
    perfusion_index: Confirmed<Option<u16>>,
    signal_strength: Confirmed<Option<u8>>,
    flags: Confirmed<Flags>,
}

impl Numbers {
    /// The sample with what stands in place of what one packet claims.
    pub(super) fn confirm(&mut self, claimed: Sample) -> Sample {
        Sample {
            spo2: self.spo2.see(claimed.spo2),
            pulse_rate: self.pulse_rate.see(claimed.pulse_rate),
            perfusion_index: self.perfusion_index.see(claimed.perfusion_index),
            signal_strength: self.signal_strength.see(claimed.signal_strength),
            pleth: claimed.pleth,
            beat: claimed.beat,
            flags: self.flags.see(claimed.flags),
        }
    }

    /// A packet is damaged, the last one or one behind it: damage rarely comes alone, so agreement begins anew.
    pub(super) fn doubt(&mut self) {
        self.spo2.doubt();
        self.pulse_rate.doubt();
        self.perfusion_index.doubt();
        self.signal_strength.doubt();
        self.flags.doubt();
    }
}
