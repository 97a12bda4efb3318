//! Any text: a script or an error that names one of its lines; and any script can be gone through.
#![no_main]

use core::time::Duration;
use libfuzzer_sys::fuzz_target;
use oximeter::{Protocol, Script, Simulator};

fuzz_target!(|input: (u8, u16, &str)| {
    let (protocol, step, text) = input;
    let script: Script = match text.parse() {
        Ok(script) => script,
        Err(error) => {
            assert!(error.line >= 1 && error.line <= text.lines().count().max(1));
            return assert!(error.to_string().ends_with(['.', '7']), "{error}");
        }
    };
    let protocol = Protocol::ALL[usize::from(protocol) % Protocol::ALL.len()];
    let mut sensor = Simulator::new(protocol, script, 1, Duration::ZERO);
    let (mut now, mut bytes) = (Duration::ZERO, Vec::new());
    for _ in 0..50 {
        now += Duration::from_millis(step.into());
        bytes.clear();
        sensor.poll(now, &mut bytes);
        assert!(bytes.len() <= 64 << 10);
    }
});
