//! `oxiward simulate`: a sensor that is not there.

use super::Failure;
use clap::Args;
use oximeter::{Protocol, Scenario};
use std::path::PathBuf;
use std::str::FromStr;

/// Emulates a sensor.
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// What it speaks: cms50, contec-v7 or nonin-df2.
    #[arg(long, value_name = "P", value_parser = protocol)]
    protocol: Protocol,
    /// What happens to the patient or the sensor.
    #[arg(long, value_name = "S", value_parser = scenario)]
    scenario: Scenario,
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

#[cfg(unix)]
impl Simulate {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let Self { protocol, scenario, link, seed } = self;
        super::running::runtime()?.block_on(async move {
            let told_to_stop = super::running::told_to_stop();
            let simulated = station::Simulated::start(protocol, scenario, seed, link)?;
            super::say(&simulated.path().display().to_string());
            told_to_stop.await;
            Ok(())
        })
    }
}

#[cfg(not(unix))]
impl Simulate {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let Self { protocol, scenario, .. } = self;
        Err(Failure::failed(format!(
            "This system has no pseudo-terminals, so {protocol} with {scenario} cannot be simulated; try `oxiward --demo 2`."
        )))
    }
}
