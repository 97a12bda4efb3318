//! Looks for sensors on ports that no bed names. One that is understood appears as a new bed, to be named by staff.
//!
//! Only USB ports are looked at, and bytes are sent only to adapters that oximeters are known to have: a port may
//! belong to something else, which must not be disturbed.

use crate::handle::{BedChange, Handle};
use crate::port::{OpenError as PortError, PortSpec, open};
use oximeter::{Detector, Protocol, Step};
use serialport::{SerialPortInfo, SerialPortType, UsbPortInfo};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How often the ports are looked through.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long an unknown port is listened to before it is left alone until it is plugged in again.
const LISTEN_FOR: Duration = Duration::from_secs(60);

/// Looks until cancelled.
pub(crate) async fn watch(handle: Handle, cancel: CancellationToken) {
    let mut listening: HashMap<String, JoinHandle<Option<Protocol>>> = HashMap::new();
    let mut pause = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            () = cancel.cancelled() => return,
            _ = pause.tick() => {}
        }
        let Ok(Ok(ports)) = tokio::task::spawn_blocking(crate::port::list).await else { continue };
        let ports: HashMap<String, UsbPortInfo> = ports.into_iter().filter_map(usb).collect();
        listening.retain(|port, _| ports.contains_key(port));
        for (port, usb) in &ports {
            if handle.shared.roster.bed_of_port(port).is_some() {
                continue;
            }
            match listening.get_mut(port) {
                None => {
                    let (name, known, stop) = (port.clone(), is_oximeters(usb), cancel.clone());
                    let task =
                        tokio::task::spawn_blocking(move || listen(&name, known, LISTEN_FOR, &stop).ok().flatten());
                    listening.insert(port.clone(), task);
                }
                Some(task) if task.is_finished() => {
                    // What was heard is taken once; a port on which nothing was understood stays marked as heard.
                    let heard = core::mem::replace(task, tokio::task::spawn_blocking(|| None)).await;
                    if let Ok(Some(protocol)) = heard {
                        add_bed(&handle, port, protocol).await;
                    }
                }
                Some(_) => {}
            }
        }
    }
}

fn usb(port: SerialPortInfo) -> Option<(String, UsbPortInfo)> {
    match port.port_type {
        SerialPortType::UsbPort(usb) => Some((port.port_name, usb)),
        _ => None,
    }
}

/// The adapters that stand in oximeters or in their cables: CP2102 (Contec), FT232R (Nonin).
fn is_oximeters(usb: &UsbPortInfo) -> bool {
    matches!((usb.vid, usb.pid), (0x10c4, 0xea60) | (0x0403, 0x6001))
}

/// Listens on a port that a person named, asking where nothing comes, for `oxiward ports --probe`.
///
/// # Errors
/// If the port cannot be opened.
pub fn probe(port: &str, longest: Duration) -> Result<Option<Protocol>, PortError> {
    listen(port, true, longest, &CancellationToken::new())
}

fn listen(
    port: &str,
    may_send: bool,
    longest: Duration,
    stop: &CancellationToken,
) -> Result<Option<Protocol>, PortError> {
    use crate::port::Transport as _;
    let began = Instant::now();
    let mut detector = Detector::new(Duration::ZERO, may_send);
    let mut line = None;
    let mut buffer = [0; 1024];
    while began.elapsed() < longest && !stop.is_cancelled() {
        let gone = match detector.poll(began.elapsed()) {
            Step::Open(settings) => {
                drop(line.take());
                line = Some(open(port, &settings)?);
                false
            }
            Step::Send(bytes) => line.as_mut().is_some_and(|line| line.write(&bytes).is_err()),
            Step::Found { protocol, .. } => return Ok(Some(protocol)),
            Step::Listen { .. } => false,
        };
        let Some(line) = line.as_mut().filter(|_| !gone) else { return Ok(None) };
        match line.read(&mut buffer, Duration::from_millis(20)) {
            Ok(Some(count)) => detector.feed(began.elapsed(), &buffer[..count]),
            Ok(None) => {}
            Err(_) => return Ok(None),
        }
    }
    Ok(None)
}

async fn add_bed(handle: &Handle, port: &str, protocol: Protocol) {
    let Some(id) = handle.shared.roster.free_id() else { return };
    let spec = PortSpec { port: port.to_owned(), protocol: Some(protocol) };
    tracing::info!(port = spec.port, %protocol, bed = %id, "A new sensor was found; a bed was made for it.");
    let change =
        BedChange { name: Some(format!("Bed {id} (new)")), port: Some(Some(spec.port)), protocol: Some(spec.protocol) };
    if let Err(error) = handle.put_bed(id, change, "discovery").await {
        tracing::warn!(port, %error, "No bed could be made for a sensor that was found.");
    }
}
