//! Looks for sensors on ports that are no bed's. One that is understood appears as a new bed, to be named by staff.
//!
//! Only USB ports are looked at, and bytes are sent only to adapters that oximeters are known to have: a port may
//! belong to something else, which must not be disturbed.

use crate::bed::found_name;
use crate::handle::{BedChange, Handle};
use crate::plug::{Plugged, is_oximeters};
use crate::port::{OpenError as PortError, open};
use oximeter::{Detector, Line, Protocol, Step};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// How long an unknown port is listened to at first.
const LISTEN_FOR: Duration = Duration::from_secs(60);
/// How long an adapter that oximeters are known to have is listened to again, after each [`REST`]: a sensor that is
/// switched on later is found then. Others are left alone until they are plugged in again.
const LISTEN_AGAIN_FOR: Duration = Duration::from_secs(12);
/// How long a port is free for other programs before it is listened to again.
const REST: Duration = Duration::from_secs(20);

/// Looks until cancelled.
pub(crate) async fn watch(handle: Handle, cancel: CancellationToken) {
    let mut plugs = handle.shared.seats.follow();
    // What was heard, or is being listened to. It stays until the adapter is pulled out: a bed that an admin took away
    // does not come back while its sensor stays plugged in.
    let mut looked_at: HashMap<Plugged, CancellationToken> = HashMap::new();
    loop {
        let now = plugs.borrow_and_update().clone();
        looked_at.retain(|port, stop| {
            let is_there = now.present.contains(port);
            if !is_there || !now.unknown.contains(port) {
                // Somebody has the port now, or nobody can: the listener lets go of it.
                stop.cancel();
            }
            is_there
        });
        for port in now.unknown {
            looked_at.entry(port.clone()).or_insert_with(|| {
                let stop = cancel.child_token();
                tokio::spawn(look_at(handle.clone(), port, stop.clone()));
                stop
            });
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            changed = plugs.changed() => if changed.is_err() { return },
        }
    }
}

/// Listens on a port until a sensor is understood, and makes a bed for it.
async fn look_at(handle: Handle, port: Plugged, stop: CancellationToken) {
    let known = port.adapter.as_ref().is_some_and(is_oximeters);
    let mut longest = LISTEN_FOR;
    loop {
        let (path, stopped) = (port.path.clone(), stop.clone());
        let heard = tokio::task::spawn_blocking(move || listen(&path, known, longest, &stopped, &mut |_| {})).await;
        match heard {
            Ok(Ok(Some((protocol, line)))) if !stop.is_cancelled() => {
                // The bed opens the port in what was heard, and need not find it out again.
                handle.shared.seats.heard(&port, protocol, line, handle.clock().now().wall);
                return add_bed(&handle, &port, protocol).await;
            }
            Ok(Err(error)) => tracing::debug!(port = port.path, %error, "An unknown port cannot be listened to."),
            _ => {}
        }
        if !known {
            return;
        }
        longest = LISTEN_AGAIN_FOR;
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(REST) => {}
        }
    }
}

/// Listens on a port that a person named, asking where nothing comes, for `oxiward ports --probe`. `tell` is given what
/// is being tried, in words, whenever that changes.
///
/// # Errors
/// If the port cannot be opened.
pub fn probe(port: &str, longest: Duration, tell: &mut dyn FnMut(&str)) -> Result<Option<Protocol>, PortError> {
    Ok(listen(port, true, longest, &CancellationToken::new(), tell)?.map(|(protocol, _)| protocol))
}

fn listen(
    port: &str,
    may_send: bool,
    longest: Duration,
    stop: &CancellationToken,
    tell: &mut dyn FnMut(&str),
) -> Result<Option<(Protocol, Line)>, PortError> {
    use crate::port::Transport as _;
    let began = Instant::now();
    let mut detector = Detector::new(Duration::ZERO, may_send);
    let mut line = None;
    let mut told = String::new();
    let mut buffer = [0; 1024];
    while began.elapsed() < longest && !stop.is_cancelled() {
        let step = detector.poll(began.elapsed());
        let words = detector.in_words();
        if words != told {
            tell(&words);
            told = words;
        }
        let gone = match step {
            Step::Open(settings) => {
                drop(line.take());
                line = Some(open(port, &settings)?);
                false
            }
            Step::Send(bytes) => line.as_mut().is_some_and(|line| line.write(&bytes).is_err()),
            Step::Found { protocol, line } => return Ok(Some((protocol, line))),
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

async fn add_bed(handle: &Handle, port: &Plugged, protocol: Protocol) {
    let Some(id) = handle.shared.roster.free_id() else { return };
    tracing::info!(port = port.path, %protocol, bed = %id, "A new sensor was found; a bed was made for it.");
    // Any protocol: another oximeter may be put to the same cable.
    let change = BedChange {
        name: Some(found_name(protocol.as_str())),
        port: Some(Some(port.path.clone())),
        protocol: Some(None),
    };
    if let Err(error) = handle.found_bed(id, change).await {
        tracing::warn!(port = port.path, %error, "No bed could be made for a sensor that was found.");
    }
}
