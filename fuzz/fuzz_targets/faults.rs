//! Any bytes over any bad line at any pace: the line keeps the order, wakes when it said, and never holds on for ever.
#![no_main]

use core::time::Duration;
use libfuzzer_sys::fuzz_target;
use oximeter::{Arrival, Fault, FaultRates, Faults};

fuzz_target!(|input: (u64, [u32; 10], Vec<(u16, Vec<u8>)>)| {
    let (seed, rates, sends) = input;
    let rates = Fault::ALL.iter().zip(rates).fold(FaultRates::NONE, |all, (&fault, rate)| all.with(fault, rate));
    let mut line = Faults::new(rates, seed);
    let (mut now, mut sent, mut came) = (Duration::ZERO, 0, 0);
    for (wait, bytes) in sends {
        now += Duration::from_millis(wait.into());
        line.send(now, &bytes);
        sent += bytes.len();
        while let Some(arrival) = line.arrive(now) {
            if let Arrival::Bytes(bytes) = arrival {
                came += bytes.len();
            }
        }
    }
    // Read twelve times too fast, a byte is at most thirteen; and it can be doubled.
    assert!(came <= 30 * sent);
    for _ in 0..sent + 2 {
        let Some(wake) = line.next_wake() else { return };
        now = now.max(wake);
        while line.arrive(now).is_some() {}
    }
    assert_eq!(line.next_wake(), None);
});
