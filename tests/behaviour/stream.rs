//! A steady sensor: what comes down the line is the same on the WebSocket, over REST and in the database.

use crate::harness::{Folder, Line, SOON, Says, Sensor, Socket, within};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What a reading says, wherever it stands.
fn essence(reading: &Value) -> Value {
    json!([reading["time"], reading["spo2"], reading["pulse_rate"], reading["perfusion_index"], reading["status"]])
}

#[test]
fn a_steady_sensor_says_the_same_to_websocket_rest_and_sqlite() {
    let (folder, sensor) = (Folder::new(), Sensor::new("contec-v7", "steady"));
    let token = folder.token("lab", "viewer");
    let station = folder.station().bed("1", sensor.path(), "contec-v7").start();
    let mut socket = station.socket(&token, "");
    let heard = socket.listen(Duration::from_secs(5));
    let said: Vec<&Value> = heard.iter().map(|heard| &heard.message).filter(|said| said["type"] == "reading").collect();
    let numbered: Vec<&&Value> = said.iter().filter(|reading| reading["spo2"].is_number()).collect();
    assert!(numbered.len() >= 3, "at least one a second: {said:?}");
    for reading in &numbered {
        assert!((94..=99).contains(&reading["spo2"].as_i64().unwrap()), "{reading}");
        assert!((66..=78).contains(&reading["pulse_rate"].as_i64().unwrap()), "{reading}");
        assert!((2.0..=4.0).contains(&reading["perfusion_index"].as_f64().unwrap()), "{reading}");
        assert!((0.0..=1.0).contains(&reading["signal_strength"].as_f64().unwrap()), "{reading}");
        assert_eq!((&reading["bed"], &reading["status"]), (&json!("1"), &json!([])));
    }

    let http = station.http(&token);
    let answer = http.json("/api/v1/beds/1/readings?from=-5m");
    let stored: Vec<Value> = answer["readings"].as_array().unwrap().iter().map(essence).collect();
    assert!(stored.is_sorted_by_key(|reading| reading[0].as_i64()), "oldest first");
    for reading in &said {
        assert!(stored.contains(&essence(reading)), "{reading} is not among the readings of REST");
    }

    let record = http.json("/api/v1/record?limit=10000");
    let lines: BTreeMap<i64, &Value> =
        record["record"].as_array().unwrap().iter().map(|line| (line["seq"].as_i64().unwrap(), line)).collect();
    for heard in heard.iter().filter(|heard| heard.message["seq"].is_i64() && heard.message.get("bed").is_some()) {
        assert_eq!(lines.get(&heard.message["seq"].as_i64().unwrap()), Some(&&heard.message));
    }
    assert!(record["last"].as_i64().unwrap() >= *lines.keys().max().unwrap());

    let database = folder.database();
    for reading in &said {
        let row = database
            .query_row(
                "SELECT time, bed, spo2, pulse_rate, perfusion_index, status FROM reading WHERE seq = ?",
                [reading["seq"].as_i64().unwrap()],
                |row| {
                    let status: String = row.get(5)?;
                    let status: Value = serde_json::from_str(&status).unwrap();
                    Ok(json!([
                        [row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(2)?, row.get::<_, Option<i64>>(3)?,],
                        row.get::<_, String>(1)?,
                        row.get::<_, Option<f64>>(4)?,
                        status
                    ]))
                },
            )
            .unwrap();
        let wanted = json!([
            [reading["time"], reading["spo2"], reading["pulse_rate"]],
            reading["bed"],
            reading["perfusion_index"],
            reading["status"]
        ]);
        assert_eq!(row, wanted);
    }
    station.stop();
}

#[test]
fn a_connection_begins_with_hello_and_snapshot_and_counts_on_from_there() {
    let (folder, sensor) = (Folder::new(), Sensor::new("cms50", "steady"));
    let token = folder.token("anna", "nurse");
    let station = folder.station().bed("1", sensor.path(), "cms50").start();
    let mut socket = station.socket(&token, "");
    let hello = socket.next();
    assert_eq!(hello["type"], "hello");
    assert_eq!(hello["protocol"], "oxiward.v1");
    assert_eq!((&hello["role"], &hello["demo"]), (&json!("nurse"), &json!(false)));
    assert_eq!(hello["version"], env!("CARGO_PKG_VERSION"));
    assert!(
        hello["station"].is_string() && hello["epoch"].is_string() && hello["time"].as_i64() > Some(1_600_000_000_000)
    );
    let snapshot = socket.next();
    assert_eq!(snapshot["type"], "snapshot");
    assert_eq!(snapshot["seq"], hello["seq"]);
    let bed = &snapshot["beds"][0];
    for key in ["id", "name", "patient", "sensor", "reading", "limits", "audio", "alarms"] {
        assert!(bed.get(key).is_some(), "a bed object has {key}: {bed}");
    }
    let mut last = snapshot["seq"].as_i64().unwrap();
    for heard in socket.listen(Duration::from_secs(3)) {
        if let Some(seq) = heard.message["seq"].as_i64().filter(|_| heard.message["type"] != "heartbeat") {
            assert_eq!(seq, last + 1, "{}", heard.text);
            last = seq;
        }
    }
    assert!(last > snapshot["seq"].as_i64().unwrap());
    let about = station.http(&token).json("/api/v1/station");
    assert_eq!((&about["epoch"], &about["role"]), (&hello["epoch"], &hello["role"]));
}

#[test]
fn the_subprotocol_is_chosen_when_it_is_offered_and_not_required() {
    let folder = Folder::new();
    let token = folder.token("lab", "viewer");
    let station = folder.station().start();
    let bearer = format!("Bearer {token}");
    let offered = [("Authorization", bearer.as_str()), ("Sec-WebSocket-Protocol", "oxiward.v1")];
    let socket = Socket::ask(&station.local, "/ws", &offered).unwrap();
    assert_eq!(socket.protocol.as_deref(), Some("oxiward.v1"));
    assert_eq!(station.socket(&token, "").protocol, None);
    let page = format!("oxiward.v1, oxiward.bearer.{token}");
    let mut socket = Socket::ask(&station.local, "/ws", &[("Sec-WebSocket-Protocol", &page)]).unwrap();
    assert_eq!(socket.protocol.as_deref(), Some("oxiward.v1"), "a token is never chosen");
    assert_eq!(socket.next()["role"], "viewer");
}

#[test]
fn waves_come_when_they_are_asked_for_and_are_the_stored_ones() {
    let (folder, sensor) = (Folder::new(), Sensor::new("contec-v7", "steady"));
    let token = folder.token("lab", "viewer");
    let station = folder.station().bed("1", sensor.path(), "contec-v7").start();
    let mut without = station.socket(&token, "");
    let mut with = station.socket(&token, "?waves=1");
    with.next_of("wave");
    let from = Instant::now();
    let waves: Vec<Value> = with
        .listen(Duration::from_secs(3))
        .into_iter()
        .map(|heard| heard.message)
        .filter(|message| message["type"] == "wave")
        .collect();
    let span = from.elapsed().as_secs_f64();
    let samples: usize = waves.iter().map(|wave| wave["samples"].as_array().unwrap().len()).sum();
    assert!((samples as f64 / span - 60.0).abs() < 15.0, "{samples} samples of 60 a second in {span} s");
    assert!((20.0..=35.0).contains(&(waves.len() as f64 / span)), "{} moments in {span} s", waves.len());
    assert!(waves.iter().all(|wave| wave["rate"] == 60 && wave["bed"] == "1" && wave.get("seq").is_none()));
    assert!(without.listen(Duration::from_millis(100)).iter().all(|heard| heard.message["type"] != "wave"));

    let sent: Vec<i64> = waves
        .iter()
        .flat_map(|wave| wave["samples"].as_array().unwrap())
        .map(|sample| sample.as_i64().unwrap())
        .collect();
    within(Duration::from_secs(5), "the wave that was sent is in the record", || {
        let stored = station.http(&token).json("/api/v1/beds/1/waves?from=-1m");
        let stored: Vec<i64> = stored["waves"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|wave| wave["samples"].as_array().unwrap())
            .map(|sample| sample.as_i64().unwrap())
            .collect();
        stored.windows(sent.len()).any(|run| run == sent).then_some(())
    });
}

#[test]
fn a_subscription_chooses_beds_and_fields_and_can_be_changed() {
    let folder = Folder::new();
    let (one, two) = (Sensor::new("contec-v7", "steady"), Sensor::new("cms50", "steady"));
    let token = folder.token("lab", "viewer");
    let station = folder.station().bed("1", one.path(), "contec-v7").bed("2", two.path(), "cms50").start();
    let mut socket = station.socket(&token, "?beds=2&fields=spo2");
    let snapshot = socket.next_of("snapshot");
    assert_eq!(snapshot["beds"].as_array().unwrap().len(), 1);
    for heard in socket.listen(Duration::from_millis(2500)) {
        if heard.message["type"] == "reading" {
            assert_eq!(heard.message["bed"], "2");
            assert!(heard.message.get("spo2").is_some() && heard.message.get("pulse_rate").is_none(), "{}", heard.text);
        }
    }
    socket.say(&json!({"type":"subscribe","beds":["1"],"waves":true,"fields":["pulse_rate"]}));
    socket.until(Duration::from_secs(3), "a wave of bed 1", |said| said["type"] == "wave" && said["bed"] == "1");
    let reading = socket
        .until(Duration::from_secs(3), "a reading of bed 1", |said| said["type"] == "reading" && said["bed"] == "1");
    assert!(reading.message.get("pulse_rate").is_some() && reading.message.get("spo2").is_none(), "{}", reading.text);

    for wrong in ["?fields=spo3", "?waves=perhaps", "?colour=red"] {
        let bearer = format!("Bearer {token}");
        let (status, body) =
            Socket::ask(&station.local, &format!("/ws{wrong}"), &[("Authorization", &bearer)]).err().unwrap();
        assert_eq!(status, 400, "{wrong}: {body}");
    }
}

#[test]
fn with_changes_a_reading_comes_only_when_something_differs() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let token = folder.token("lab", "viewer");
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let http = station.http(&token);
    within(SOON, "a number", || (http.bed("1")["reading"]["spo2"] == 97).then_some(()));
    let mut socket = station.socket(&token, "?changes=1&fields=spo2");
    let mut readings = |span: u64| -> Vec<Value> {
        let heard = socket.listen(Duration::from_millis(span));
        heard
            .into_iter()
            .filter(|heard| heard.message["type"] == "reading")
            .map(|heard| heard.message["spo2"].clone())
            .collect()
    };
    assert_eq!(readings(2500), Vec::<Value>::new(), "nothing differs");
    line.spo2(95);
    assert_eq!(readings(2000), [json!(95)]);
    line.says(Says::Numbers { spo2: 95, pulse: 80 });
    assert_eq!(readings(1500), Vec::<Value>::new(), "the pulse was not asked for");
}

#[test]
fn a_quiet_connection_beats_at_least_every_two_seconds() {
    let folder = Folder::new();
    let token = folder.token("lab", "viewer");
    let station = folder.station().start();
    let mut socket = station.socket(&token, "");
    socket.next_of("snapshot");
    let (mut before, mut in_time) = (Instant::now(), 0);
    // A computer that has no moment for the test can delay one; it does not delay three in a row for long.
    let deadline = Instant::now() + Duration::from_secs(20);
    while in_time < 3 {
        let beat = socket.until(Duration::from_secs(6), "a heartbeat", |said| said["type"] == "heartbeat");
        assert!(beat.message["time"].is_i64() && beat.message["seq"].is_i64());
        in_time = if beat.at - before <= Duration::from_millis(2100) { in_time + 1 } else { 0 };
        assert!(beat.at < deadline, "{:?} without a word", beat.at - before);
        before = beat.at;
    }
}

#[test]
fn the_simple_interface_tells_two_numbers() {
    let (folder, sensor) = (Folder::new(), Sensor::new("nonin-df2", "steady"));
    let token = folder.token("script", "viewer");
    let station = folder.station().bed("lab", sensor.path(), "nonin-df2").start();
    let http = station.http(&token);
    let data = within(Duration::from_secs(8), "two numbers", || {
        let data = http.json("/sensor-data");
        data["oxygen_level"].is_i64().then_some(data)
    });
    assert!((94..=99).contains(&data["oxygen_level"].as_i64().unwrap()), "{data}");
    assert!((66..=78).contains(&data["heart_rate"].as_i64().unwrap()), "{data}");
    assert_eq!(data["bed"], "lab");
    assert!(data["time"].is_i64());
    assert!(http.json("/sensor-data?bed=lab")["oxygen_level"].is_i64());
    assert_eq!(http.get("/sensor-data?bed=9").status, 404);

    let mut on_change = Socket::open(&station.local, "/sensor-data", &token);
    let first = on_change.next();
    assert_eq!(first["bed"], "lab");
    let rest = on_change.listen(Duration::from_secs(4));
    let mut all = vec![(first["oxygen_level"].clone(), first["heart_rate"].clone())];
    all.extend(rest.iter().map(|heard| (heard.message["oxygen_level"].clone(), heard.message["heart_rate"].clone())));
    assert!(all.windows(2).all(|pair| pair[0] != pair[1]), "{all:?}");

    let mut each_second = Socket::open(&station.local, "/sensor-data?every=1&bed=lab", &token);
    let times = each_second.listen(Duration::from_millis(3300)).len();
    assert!(times >= 4, "{times} in 3.3 s");
}

#[test]
fn with_several_beds_the_simple_interface_gives_an_array() {
    let folder = Folder::new();
    let (one, two) = (Sensor::new("contec-v7", "steady"), Sensor::new("cms50", "steady"));
    let token = folder.token("script", "viewer");
    let station = folder.station().bed("1", one.path(), "contec-v7").bed("2", two.path(), "cms50").start();
    let data = station.http(&token).json("/sensor-data");
    let beds: Vec<&str> = data.as_array().unwrap().iter().map(|data| data["bed"].as_str().unwrap()).collect();
    assert_eq!(beds, ["1", "2"]);
}

#[test]
fn readings_can_be_gathered_chosen_and_had_as_csv() {
    let (folder, sensor) = (Folder::new(), Sensor::new("contec-v7", "steady"));
    let token = folder.token("lab", "viewer");
    let station = folder.station().bed("1", sensor.path(), "contec-v7").start();
    let http = station.http(&token);
    within(Duration::from_secs(10), "some seconds of readings", || {
        let stored = http.json("/api/v1/beds/1/readings?fields=spo2");
        let numbers = stored["readings"].as_array().unwrap().iter().filter(|reading| reading["spo2"].is_i64()).count();
        (numbers >= 5).then_some(())
    });
    let chosen = http.json("/api/v1/beds/1/readings?from=-1m&fields=pulse_rate");
    let first = chosen["readings"][0].as_object().unwrap();
    assert_eq!(first.keys().collect::<Vec<_>>(), ["time", "pulse_rate"]);
    let gathered = http.json("/api/v1/beds/1/readings?from=-1m&resolution_s=60");
    let spo2 = &gathered["readings"].as_array().unwrap().last().unwrap()["spo2"];
    for part in ["min", "max", "mean", "count"] {
        assert!(spo2[part].is_number(), "{gathered}");
    }
    let csv = http.get("/api/v1/beds/1/readings?from=-1m&format=csv&fields=spo2,pulse_rate");
    assert_eq!(csv.text.lines().next(), Some("time,spo2,pulse_rate"));
    assert!(csv.text.lines().count() > 5, "{}", csv.text);

    for (path, named) in [
        ("/api/v1/beds/1/readings?from=yesterday", "from"),
        ("/api/v1/beds/1/readings?resolution_s=often", "resolution_s"),
        ("/api/v1/beds/1/readings?fields=spo3", "fields"),
        ("/api/v1/record?after=-1", "after"),
        ("/api/v1/alarms?active=perhaps", "active"),
    ] {
        let answer = http.get(path);
        assert_eq!(answer.status, 400, "{path}");
        answer.code();
        assert!(answer.text.contains(named), "{path}: {}", answer.text);
    }
    assert_eq!((http.get("/api/v1/beds/9").status, http.get("/api/v1/beds/9").code().as_str()), (404, "unknown_bed"));
}

#[test]
fn every_protocol_is_found_by_listening_when_none_is_named() {
    let folder = Folder::new();
    let sensors = ["contec-v7", "cms50", "nonin-df2"].map(|protocol| (protocol, Sensor::new(protocol, "steady")));
    let token = folder.token("lab", "viewer");
    let plan =
        sensors.iter().fold(folder.station(), |plan, (protocol, sensor)| plan.bed(protocol, sensor.path(), "auto"));
    let station = plan.start();
    let http = station.http(&token);
    for (protocol, _) in &sensors {
        within(Duration::from_secs(15), &format!("{protocol} is live"), || {
            let bed = http.bed(protocol);
            let live = bed["sensor"]["state"] == "live" && bed["reading"]["spo2"].is_i64();
            live.then(|| assert_eq!(bed["sensor"]["protocol"], *protocol))
        });
    }
}
