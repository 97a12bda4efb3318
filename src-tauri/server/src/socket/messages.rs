//! The messages of the connection itself, as the station says them.

use crate::fanout::{Shown, Start, text};
use crate::rest::Shared;
use crate::socket::connection::Connection;
use bytes::Bytes;
use record::Role;
use serde::Serialize;
use serde_json::{Value, json};
use station::Answer;
use vitals::{AlarmChange, BedId, BedView, Seq, StationTime};

/// The version of the protocol, and the subprotocol's name.
pub(crate) const PROTOCOL: &str = "oxiward.v1";

pub(super) fn hello(shared: &Shared, role: Role, seq: Seq) -> Bytes {
    let station = &shared.station;
    let (run, rules) = (station.run(), station.rules());
    text(&json!({
        "type": "hello",
        "protocol": PROTOCOL,
        "station": station.name(),
        "version": station.version(),
        "epoch": station.epoch(),
        "seq": seq,
        "role": role,
        "time": station.clock().now().wall,
        "demo": station.is_demo(),
        "run": { "since": run.since, "down_s": run.down_s, "clean": run.clean, "last_alive": run.last_alive },
        "site": {
            "latch_high": rules.latch_high,
            "audio_off": rules.off.audio,
            "alarm_off": rules.off.alarms,
            "sound": shared.sound.is_enabled(),
            "escalation_s": rules.escalation.map(|rule| rule.after.as_secs()),
        },
    }))
}

pub(super) fn snapshot(start: &Start, now: StationTime, wants: impl Fn(&BedId) -> bool) -> Bytes {
    #[derive(Serialize)]
    struct Message<'a> {
        r#type: &'static str,
        seq: Seq,
        beds: Vec<Shown<'a>>,
        station_alarms: &'a [AlarmChange],
    }
    let beds = start.beds.iter().filter(|bed| wants(&bed.id)).map(|bed| Shown(bed, now)).collect();
    text(&Message { r#type: "snapshot", seq: start.seq, beds, station_alarms: &start.station_alarms })
}

pub(super) fn bed(bed: &BedView, now: StationTime) -> Bytes {
    text(&json!({ "type": "bed", "bed": Shown(bed, now) }))
}

pub(super) fn reply(id: &Value, answer: &Answer) -> Bytes {
    text(&match answer {
        Answer::Accepted => json!({ "type": "reply", "id": id, "ok": true, "accepted": true }),
        Answer::Done(result) => json!({ "type": "reply", "id": id, "ok": true, "result": result }),
        Answer::Refused(refusal) => json!({
            "type": "reply", "id": id, "ok": false,
            "error": { "code": refusal.code, "message": refusal.message },
        }),
    })
}

pub(super) fn error(code: &str, message: &str) -> Bytes {
    text(&json!({ "type": "error", "code": code, "message": message }))
}

pub(super) fn heartbeat(shared: &Shared, seq: Seq) -> Bytes {
    text(&json!({ "type": "heartbeat", "time": shared.station.clock().now().wall, "seq": seq }))
}

pub(super) fn dropped(waves: u64) -> Bytes {
    text(&json!({ "type": "dropped", "waves": waves }))
}

pub(super) fn gap(connection: &mut Connection, from: Seq, to: Seq, reason: &str) {
    connection.send(text(&json!({ "type": "gap", "from": from, "to": to, "reason": reason })));
}

pub(super) fn resumed(from: Seq, to: Seq) -> Bytes {
    text(&json!({ "type": "resumed", "from": from, "to": to }))
}
