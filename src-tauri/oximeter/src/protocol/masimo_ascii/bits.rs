//! The words ALARM and EXC.

use core::ops::BitOr;

/// A set of bits with names.
macro_rules! bits {
    ($(#[$doc:meta])* $set:ident { $($(#[$bit_doc:meta])* $bit:ident = $value:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub struct $set(u32);

        impl $set {
            $($(#[$bit_doc])* pub const $bit: Self = Self($value);)*

            /// The set that a word spells, with the bits that have no name here.
            #[must_use]
            pub const fn from_bits(bits: u32) -> Self {
                Self(bits)
            }

            /// The word.
            #[must_use]
            pub const fn bits(self) -> u32 {
                self.0
            }

            /// Whether any of `others` is set.
            #[must_use]
            pub const fn intersects(self, others: Self) -> bool {
                self.0 & others.0 != 0
            }
        }

        impl BitOr for $set {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
        }
    };
}

bits! {
    /// EXC: what is out of the ordinary (Rad-8 operator's manual, page 7-4).
    Exceptions {
        /// No sensor is plugged in.
        NO_SENSOR = 0x001,
        /// The sensor is defective.
        DEFECTIVE_SENSOR = 0x002,
        /// Low perfusion.
        LOW_PERFUSION = 0x004,
        /// The device searches for a pulse.
        PULSE_SEARCH = 0x008,
        /// Interference.
        INTERFERENCE = 0x010,
        /// The sensor is off the patient.
        SENSOR_OFF = 0x020,
        /// Too much light around the sensor.
        AMBIENT_LIGHT = 0x040,
        /// A sensor that the device does not know.
        UNRECOGNISED_SENSOR = 0x080,
        /// Low signal IQ.
        LOW_SIGNAL_IQ = 0x400,
        /// Masimo SET is running: the ordinary state.
        SET_RUNNING = 0x800,
    }
}

bits! {
    /// ALARM: the device's own alarms. Masimo does not publish the word; nmenon/masimo-datacapture measured it on a
    /// Rad-8. It says what that device's limits are worth and takes part in no reading.
    Alarms {
        /// SpO₂ above its limit.
        SPO2_HIGH = 0x01,
        /// SpO₂ below its limit.
        SPO2_LOW = 0x02,
        /// Pulse rate above its limit.
        PULSE_RATE_HIGH = 0x04,
        /// Pulse rate below its limit.
        PULSE_RATE_LOW = 0x08,
        /// The alarm sounds.
        SOUNDING = 0x10,
        /// The alarm was silenced.
        SILENCED = 0x20,
    }
}
