//! What a moving hand does to the wave.

use super::heart::swing;
use crate::random::Random;

/// A hand that shakes for a while in one rhythm, and knocks now and then. Its rhythm lies where the pulse does, which
/// is what makes motion hard for a sensor; a knock decays like a filter's answer to a step.
#[derive(Debug, Default)]
pub(super) struct Motion {
    phase: u32,
    /// Shakes a minute.
    shakes: u64,
    strength: i32,
    /// Where the strength is going.
    wanted: i32,
    knock: i32,
    /// Samples until the hand does something else.
    left: u32,
}

impl Motion {
    /// One sample further, of `per_minute`: what is added to the wave.
    pub(super) fn step(&mut self, random: &mut Random, per_minute: u32) -> i32 {
        if self.left == 0 {
            self.left = (per_minute / 60 * random.between(2, 12) as u32 / 10).max(1);
            self.shakes = random.between(45, 240) as u64;
            self.wanted = random.between(2_000, 20_000);
            if random.between(0, 1) == 0 {
                self.knock = random.between(-26_000, 26_000);
            }
        }
        self.left -= 1;
        self.strength += (self.wanted - self.strength) / 8;
        self.knock -= self.knock / 12;
        self.phase = self.phase.wrapping_add(((1_u64 << 32) * self.shakes / u64::from(per_minute)) as u32);
        swing(self.phase) * self.strength / 1_000 + self.knock + random.between(-1_500, 1_500)
    }

    /// The hand lies still.
    pub(super) fn rest(&mut self) -> i32 {
        *self = Self::default();
        0
    }
}
