//! The simulated sensors of `--demo`.

use crate::port::{InProcess, Transport};
use oximeter::{Protocol, Scenario};
use std::collections::HashMap;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};

/// What the beds of a demonstration show, in turn.
const SHOWN: [(Protocol, Scenario); 8] = [
    (Protocol::ContecV7, Scenario::Steady),
    (Protocol::NoninDf2, Scenario::Desaturation),
    (Protocol::Cms50, Scenario::Apnea),
    (Protocol::ContecV7, Scenario::Tachy),
    (Protocol::NoninDf2, Scenario::FingerOut),
    (Protocol::ContecV7, Scenario::LowPerfusion),
    (Protocol::Cms50, Scenario::Brady),
    (Protocol::NoninDf2, Scenario::Artifact),
];

/// What a simulated sensor speaks, what happens to it, and its seed.
type Shown = (Protocol, Scenario, u64);

/// Knows which ports are simulated inside the process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sensors {
    in_process: Arc<Mutex<HashMap<String, Shown>>>,
    #[cfg(unix)]
    running: Arc<Mutex<Vec<super::Simulated>>>,
}

impl Sensors {
    /// Starts `count` simulated sensors; the ports to open and what speaks there.
    pub(crate) fn demonstrate(&self, count: usize) -> Vec<(String, Protocol)> {
        (0..count)
            .map(|index| {
                let (protocol, scenario) = SHOWN[index % SHOWN.len()];
                (self.start(index, protocol, scenario), protocol)
            })
            .collect()
    }

    fn start(&self, index: usize, protocol: Protocol, scenario: Scenario) -> String {
        let seed = index as u64 + 1;
        #[cfg(unix)]
        match super::Simulated::start(super::Played::sensor(protocol, scenario, seed), None) {
            Ok(simulated) => {
                let port = simulated.path().display().to_string();
                self.running.lock().unwrap_or_else(PoisonError::into_inner).push(simulated);
                return port;
            }
            Err(error) => {
                tracing::warn!(%error, "No pseudo-terminal for a simulated sensor; it runs inside the process.")
            }
        }
        let port = format!("simulated:{}", index + 1);
        self.in_process.lock().unwrap_or_else(PoisonError::into_inner).insert(port.clone(), (protocol, scenario, seed));
        port
    }

    /// How to connect to a port that is simulated inside the process; `None` for any other.
    pub(crate) fn connect(&self, port: &str) -> Option<Box<dyn FnMut() -> Box<dyn Transport> + Send>> {
        let (protocol, scenario, seed) = *self.in_process.lock().unwrap_or_else(PoisonError::into_inner).get(port)?;
        Some(Box::new(move || {
            let (to_station, from_sensor) = channel();
            let (to_sensor, from_station) = channel();
            super::in_process::start(protocol, scenario, seed, to_station, from_station);
            Box::new(InProcess { from_sensor, to_sensor, left_over: Vec::new() })
        }))
    }
}
