//! `oxiward simulate`: a sensor that is not there.

use super::Failure;
use clap::{ArgGroup, Args};
use oximeter::capture::{Capture, Replay};
use oximeter::{FaultRates, Faults, Protocol, Scenario, Script, Simulator};
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// How to try the station with two terminals; a test runs these lines.
const TRY: &str = "\
Try the station with two terminals. In the first:

  oxiward simulate --protocol contec-v7 --scenario desaturation --link /tmp/sensor

In the second:

  oxiward serve --no-discover --bed 1=/tmp/sensor

A patient of your own, on a bad line; docs/ref/scenario-file.md has the words:

  printf '0s spo2 97\\n20s spo2 84 over 20s\\n1m repeat\\n' > fall.scenario
  oxiward simulate --protocol cms50 --script fall.scenario --faults flip=200,stall=5

What was recorded with --capture:

  oxiward simulate --replay bed-1.capture";

/// Emulates a sensor.
#[derive(Debug, Args)]
#[command(after_help = TRY)]
#[command(group(ArgGroup::new("what").required(true).args(["scenario", "script", "replay"])))]
pub(crate) struct Simulate {
    /// What it speaks.
    #[arg(long, value_name = "P", value_parser = protocol, required_unless_present = "replay")]
    protocol: Option<Protocol>,
    /// What happens to the patient or the sensor.
    #[arg(long, value_name = "S", value_parser = scenario)]
    scenario: Option<Scenario>,
    /// A file that says what happens, moment by moment.
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// A raw capture: what its sensor sent is sent again, from the moment when the port is opened.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["protocol", "seed", "faults"])]
    replay: Option<PathBuf>,
    /// So many times as fast as it was.
    #[arg(long, value_name = "N", default_value = "1", requires = "replay")]
    speed: NonZeroU16,
    /// A bad line: faults and how often each begins in a million bytes, such as flip=200,stall=5, or all=1000.
    #[arg(long, value_name = "FAULTS", value_parser = faults)]
    faults: Option<FaultRates>,
    /// A path that leads to the sensor, also after it was unplugged and plugged in again.
    #[arg(long, value_name = "PATH")]
    link: Option<PathBuf>,
    /// The same seed gives the same sensor.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

fn protocol(text: &str) -> Result<Protocol, String> {
    Protocol::from_str(text).map_err(|error| error.to_string())
}

fn scenario(text: &str) -> Result<Scenario, String> {
    Scenario::from_str(text).map_err(|error| error.to_string())
}

fn faults(text: &str) -> Result<FaultRates, String> {
    FaultRates::from_str(text).map_err(|error| error.to_string())
}

fn read<T: FromStr<Err: std::error::Error>>(path: &Path) -> Result<T, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::failed(format!("{} cannot be read: {error}.", path.display())))?;
    text.parse().map_err(|error| Failure::failed(format!("{}: {error}", path.display())))
}

/// What is to be played.
#[cfg_attr(not(unix), expect(dead_code, reason = "without pseudo-terminals it is read, and checked, and refused"))]
enum Wanted {
    Sensor(Box<Simulator>),
    Capture(Replay),
}

impl Simulate {
    fn wanted(&self) -> Result<Wanted, Failure> {
        if let Some(file) = &self.replay {
            let capture: Capture = read(file)?;
            if let Some(line) = capture.torn {
                eprintln!("Line {line} of {} is the last and was cut off; it is left out.", file.display());
            }
            return Ok(Wanted::Capture(Replay::new(capture, self.speed, Duration::ZERO)));
        }
        let script = match (&self.script, self.scenario) {
            (Some(file), _) => read(file)?,
            (None, Some(scenario)) => Script::from(scenario),
            (None, None) => return Err(Failure::usage("Say what happens: --scenario, --script or --replay.")),
        };
        let protocol = self.protocol.ok_or_else(|| Failure::usage("Say what it speaks: --protocol."))?;
        let sensor = Simulator::new(protocol, script, self.seed, Duration::ZERO);
        Ok(Wanted::Sensor(Box::new(match self.faults {
            Some(rates) => sensor.behind(Faults::new(rates, self.seed)),
            None => sensor,
        })))
    }

    #[cfg(unix)]
    pub(crate) fn run(self) -> Result<(), Failure> {
        let played = match self.wanted()? {
            Wanted::Sensor(sensor) => station::Played::Simulator(sensor),
            Wanted::Capture(replay) => station::Played::from(replay),
        };
        super::running::runtime()?.block_on(async move {
            let told_to_stop = super::running::told_to_stop();
            let simulated = station::Simulated::start(played, self.link)?;
            super::say(&simulated.path().display().to_string());
            told_to_stop.await;
            Ok(())
        })
    }

    #[cfg(not(unix))]
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.wanted()?;
        Err(Failure::failed("This system has no pseudo-terminals to simulate a sensor on; try `oxiward --demo 2`."))
    }
}
