//! Prints the samples in hexadecimal bytes on standard input: `cargo run --example decode -- contec-v7 < bytes.hex`.
//! Lines that begin with `#` are comments.

use core::time::Duration;
use oximeter::{Protocol, Sample, Session};
use std::error::Error;
use std::io::{self, BufRead, Write};

fn main() -> Result<(), Box<dyn Error>> {
    let protocol: Protocol = std::env::args().nth(1).ok_or("Name a protocol, such as contec-v7.")?.parse()?;
    let mut session = Session::new(protocol, Duration::ZERO);
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        if line.starts_with('#') {
            continue;
        }
        let bytes = line.split_whitespace().map(|word| u8::from_str_radix(word, 16)).collect::<Result<Vec<u8>, _>>()?;
        let mut samples = Vec::new();
        session.receive(Duration::ZERO, &bytes, &mut |sample| samples.push(sample));
        for Sample { spo2, pulse_rate, perfusion_index, pleth, beat, flags, .. } in samples {
            writeln!(
                out,
                "SpO2 {spo2:?}  PR {pulse_rate:?}  PI {perfusion_index:?}  pleth {pleth:?}  beat {beat}  {flags:?}"
            )?;
        }
    }
    writeln!(out, "{:?}", session.counters())?;
    Ok(())
}
