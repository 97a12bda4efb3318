//! A simulated sensor in a thread, its line a pair of channels.

use oximeter::{Presence, Protocol, Scenario, Simulator};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

/// Runs until the station closes the line, or until the scenario unplugs it.
pub(super) fn start(
    protocol: Protocol,
    scenario: Scenario,
    seed: u64,
    to_station: Sender<Vec<u8>>,
    from_station: Receiver<Vec<u8>>,
) {
    let run = move || {
        let began = Instant::now();
        let mut simulator = Simulator::new(protocol, scenario, seed, Duration::ZERO);
        loop {
            let mut bytes = Vec::new();
            let presence = simulator.poll(began.elapsed(), &mut bytes);
            if presence == Presence::Unplugged || (!bytes.is_empty() && to_station.send(bytes).is_err()) {
                return;
            }
            let wake = simulator.next_wake().unwrap_or(Duration::from_secs(1));
            let pause =
                wake.saturating_sub(began.elapsed()).clamp(Duration::from_millis(1), Duration::from_millis(100));
            match from_station.recv_timeout(pause) {
                Ok(bytes) => simulator.receive(began.elapsed(), &bytes),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    };
    if let Err(error) = std::thread::Builder::new().name("simulated".into()).spawn(run) {
        tracing::error!(%error, "A simulated sensor could not be started.");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn the_station_hears_a_sensor_inside_the_process_once_it_asks() {
        let (to_station, from_sensor) = channel();
        let (to_sensor, from_station) = channel();
        start(Protocol::NoninDf2, Scenario::Steady, 1, to_station, from_station);
        let heard = from_sensor.recv_timeout(Duration::from_secs(5)).unwrap();
        assert!(!heard.is_empty());
        drop(to_sensor);
    }
}
