//! What goes in comes out, over stops of every kind.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use record::{Audit, Batch, BedRow, Bound, Change, Device, Found, Mark, ReadingsQuery, Record, WriteError, Writer};
use std::path::Path;
use std::sync::{Arc, mpsc};
use vitals::{
    Acknowledgement, AlarmChange, AlarmId, AlarmState, BedId, Body, Condition, Event, Limits, Numbers, PerfusionIndex,
    Priority, PulseRate, Reading, Recorded, Seq, SignalStrength, Spo2, Status, StatusSet, WallTime, Wave,
};

const NOW: i64 = 1_793_180_000_000;

fn at(seconds: i64) -> WallTime {
    WallTime::from_millis(NOW + seconds * 1000)
}

fn bed(id: &str) -> BedId {
    BedId::new(id).unwrap()
}

fn open(folder: &Path) -> (Record, Writer, Found) {
    Record::open(folder, at(0), "test").unwrap()
}

fn reading(seq: u64, spo2: Option<u8>) -> Arc<Recorded> {
    let numbers = Numbers {
        spo2: spo2.and_then(Spo2::new),
        pulse_rate: PulseRate::new(72),
        perfusion_index: PerfusionIndex::from_hundredths(321),
        signal_strength: SignalStrength::from_hundredths(80),
    };
    let status = if spo2.is_none() { StatusSet::EMPTY.with(Status::Searching) } else { StatusSet::EMPTY };
    let time = at(i64::try_from(seq).unwrap());
    Arc::new(Recorded { seq: Seq(seq), bed: Some(bed("1")), body: Body::Reading(Reading { time, numbers, status }) })
}

fn alarm(seq: u64, state: AlarmState, acknowledged: Option<Acknowledgement>) -> Arc<Recorded> {
    let body = Body::Alarm(AlarmChange {
        time: at(i64::try_from(seq).unwrap()),
        id: AlarmId(17),
        condition: Condition::Spo2Low,
        priority: Priority::Medium,
        state,
        since: at(3),
        value: Some(86),
        worst: Some(85),
        limit: Some(90),
        acknowledged,
        message: "SpO2 85 < 90".into(),
    });
    Arc::new(Recorded { seq: Seq(seq), bed: Some(bed("1")), body })
}

fn event(seq: u64) -> Arc<Recorded> {
    let body = Body::Event(Event {
        time: at(i64::try_from(seq).unwrap()),
        kind: "audio_paused".into(),
        by: Some("Agnes".into()),
        detail: serde_json::json!({ "seconds": 120 }),
    });
    Arc::new(Recorded { seq: Seq(seq), bed: None, body })
}

fn write(writer: &Writer, batch: Batch) -> Result<(), WriteError> {
    let (done, answer) = mpsc::channel();
    writer.write(batch, move |outcome| done.send(outcome).unwrap());
    answer.recv().unwrap()
}

#[test]
fn every_kind_of_line_comes_back_as_it_was_in_the_order_of_its_number() {
    let folder = tempfile::tempdir().unwrap();
    let (record, writer, _) = open(folder.path());
    let given = Acknowledgement { by: "Agnes".into(), time: at(4) };
    let lines = vec![
        reading(1, Some(97)),
        event(2),
        reading(3, None),
        alarm(4, AlarmState::Active, None),
        alarm(5, AlarmState::Active, Some(given.clone())),
        reading(6, Some(95)),
    ];
    write(&writer, Batch { lines: lines.clone(), ..Batch::default() }).unwrap();
    let read = record.lines(Seq(1), Seq(100), 100).unwrap();
    assert_eq!(read, lines.iter().map(|line| (**line).clone()).collect::<Vec<_>>());
    assert_eq!(record.lines(Seq(3), Seq(5), 2).unwrap().iter().map(|line| line.seq.0).collect::<Vec<_>>(), [3, 4]);
    let active = record.alarms(None, Some(&bed("1")), 10).unwrap();
    assert_eq!(active, [(*lines[4]).clone()], "an alarm is listed once, as it stands now");
    write(&writer, Batch { lines: vec![alarm(7, AlarmState::Cleared, Some(given))], ..Batch::default() }).unwrap();
    assert!(record.alarms(None, None, 10).unwrap().is_empty());
    assert_eq!(record.alarms(Some((at(0), at(60))), None, 10).unwrap().len(), 1);
    assert!(record.alarms(Some((at(30), at(60))), None, 10).unwrap().is_empty(), "it had ended by then");
    assert_eq!(record.events(at(0), at(9), None, Some("audio_paused"), 10).unwrap().len(), 1);
    assert!(record.events(at(0), at(9), None, Some("reset"), 10).unwrap().is_empty());
    writer.close(at(9));
}

#[test]
fn after_a_clean_stop_the_count_goes_on_without_a_hole() {
    let folder = tempfile::tempdir().unwrap();
    let (_, writer, first) = open(folder.path());
    write(&writer, Batch { lines: vec![reading(1, Some(97)), reading(2, Some(96))], ..Batch::default() }).unwrap();
    writer.close(at(5));
    let (_, writer, second) = open(folder.path());
    assert_eq!((second.last_seq, second.next_seq), (Seq(2), Seq(3)));
    assert_eq!(second.epoch, first.epoch);
    assert!(second.previous.unwrap().clean);
    writer.close(at(6));
}

#[test]
fn after_a_kill_no_number_that_may_have_been_given_out_is_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let (_, writer, _) = open(folder.path());
    let lines = (1..=1500).map(|seq| reading(seq, Some(97))).collect();
    write(&writer, Batch { time: Some(at(4)), lines, ..Batch::default() }).unwrap();
    // The writer's thread is left behind without a close, as by a kill.
    std::mem::forget(writer);
    let (_, writer, found) = open(folder.path());
    assert_eq!(found.last_seq, Seq(1500));
    assert!(found.next_seq.0 > 1500 + 400, "{:?}", found.next_seq);
    let previous = found.previous.unwrap();
    assert!(!previous.clean);
    assert_eq!(previous.last_alive, at(4));
    writer.close(at(6));
}

#[test]
fn an_alarm_that_was_active_is_found_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let (_, writer, _) = open(folder.path());
    let line = alarm(1, AlarmState::Active, None);
    let changes = vec![Change::AlarmState(Some(bed("1")), WallTime::from_millis(9), "{}".into())];
    write(&writer, Batch { lines: vec![Arc::clone(&line)], changes, force: true, ..Batch::default() }).unwrap();
    writer.close(at(5));
    let (_, writer, found) = open(folder.path());
    assert_eq!(found.active_alarms, [(*line).clone()]);
    assert_eq!(found.next_alarm, AlarmId(18));
    assert_eq!(found.alarm_states, [("1".to_owned(), WallTime::from_millis(9), "{}".to_owned())]);
    writer.close(at(6));
}

#[test]
fn an_alarm_during_which_the_clock_was_set_back_is_found_by_either_time() {
    let folder = tempfile::tempdir().unwrap();
    let (record, writer, _) = open(folder.path());
    let mut ended = alarm(2, AlarmState::Cleared, None).as_ref().clone();
    let Body::Alarm(change) = &mut ended.body else { panic!("{ended:?}") };
    change.time = at(-3600);
    let lines = vec![alarm(1, AlarmState::Active, None), Arc::new(ended)];
    write(&writer, Batch { lines, time: Some(at(1)), ..Batch::default() }).unwrap();
    let found = |from: i64, to: i64| record.alarms(Some((at(from), at(to))), None, 9).unwrap().len();
    assert_eq!((found(0, 10), found(-3610, -3590), found(-3610, 10)), (1, 1, 1));
    assert_eq!((found(10, 20), found(-4000, -3700)), (0, 0));
    writer.close(at(2));
}

#[test]
fn beds_limits_and_admissions_are_kept_and_a_discharge_leaves_no_patient() {
    let folder = tempfile::tempdir().unwrap();
    let (record, writer, _) = open(folder.path());
    let row = BedRow {
        id: bed("1"),
        name: "Bed 1".into(),
        port: Some("/dev/ttyUSB0".into()),
        protocol: "auto".into(),
        limits: Limits::ADULT,
        patient: None,
        history_from: None,
        found: false,
        bound: None,
    };
    let patient = vitals::Patient { id: "4711".into(), name: None };
    let limits = Limits { spo2_low: 88, ..Limits::ADULT };
    let changes = vec![
        Change::Bed(row.clone()),
        Change::Admitted(bed("1"), patient.clone()),
        Change::Limits(bed("1"), limits),
        Change::Audit(Audit { bed: None, what: "limits".into(), by: "Agnes".into(), detail: serde_json::json!({}) }),
    ];
    write(&writer, Batch { time: Some(at(1)), changes, ..Batch::default() }).unwrap();
    let history_from = Some(at(1));
    assert_eq!(record.beds().unwrap(), [BedRow { limits, patient: Some(patient), history_from, ..row.clone() }]);
    let discharge = Batch { time: Some(at(9)), changes: vec![Change::Discharged(bed("1"))], ..Batch::default() };
    write(&writer, discharge).unwrap();
    let left = record.beds().unwrap().remove(0);
    assert_eq!((left.patient, left.history_from), (None, Some(at(9))));
    write(&writer, Batch { changes: vec![Change::BedRemoved(bed("1"))], ..Batch::default() }).unwrap();
    assert!(record.beds().unwrap().is_empty());
    let checked = record.check().unwrap();
    assert!(checked.is_sound(), "{checked:?}");
    assert_eq!(checked.audit_lines, 1);
    writer.close(at(6));
}

#[test]
fn a_wave_sent_in_pieces_is_read_back_whole_and_a_gap_stays_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let (record, writer, _) = open(folder.path());
    let piece = |second: i64, samples: Vec<u16>| (bed("1"), Wave { time: at(second), rate: 4, samples });
    for wave in [piece(0, vec![1, 2, 3, 4]), piece(1, vec![5, 6, 7, 300]), piece(9, vec![9, 9, 9, 9])] {
        write(&writer, Batch { waves: vec![wave], ..Batch::default() }).unwrap();
    }
    let waves = record.waves(&bed("1"), at(0), at(60), 10).unwrap();
    assert_eq!(
        waves.iter().map(|wave| (wave.time, wave.samples.clone())).collect::<Vec<_>>(),
        [(at(0), vec![1, 2, 3, 4, 5, 6, 7, 300]), (at(9), vec![9; 4])]
    );
    writer.close(at(6));
}

#[test]
fn readings_are_gathered_by_span_and_an_empty_span_is_absent() {
    let folder = tempfile::tempdir().unwrap();
    let (record, writer, _) = open(folder.path());
    let lines = vec![reading(1, Some(90)), reading(2, Some(94)), reading(3, None), reading(25, Some(80))];
    write(&writer, Batch { lines, ..Batch::default() }).unwrap();
    let query = ReadingsQuery { bed: bed("1"), from: at(0), to: at(60), limit: 1000 };
    let buckets = record.readings_gathered(&query, 10).unwrap();
    assert_eq!(buckets.len(), 2);
    let spo2 = buckets[0].spo2.unwrap();
    assert_eq!((spo2.min, spo2.max, spo2.mean, spo2.count), (90.0, 94.0, 92.0, 2));
    assert!(buckets[0].status.has(Status::Searching));
    assert_eq!(buckets[1].time, at(20));
    writer.close(at(60));
}

#[test]
fn a_file_that_is_no_database_is_put_aside_and_monitoring_starts() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("oxiward.db"), vec![0x5A; 8192]).unwrap();
    let (_, writer, found) = open(folder.path());
    let aside = found.put_aside.unwrap();
    assert_eq!(std::fs::read(aside).unwrap(), vec![0x5A; 8192]);
    assert_eq!(found.next_seq, Seq(1));
    writer.close(at(1));
}

#[test]
fn a_backup_made_while_the_writer_works_is_sound_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (record, writer, _) = open(folder.path());
    write(&writer, Batch { lines: vec![reading(1, Some(97))], ..Batch::default() }).unwrap();
    let copy = folder.path().join("copy.db");
    record.backup(&copy).unwrap();
    assert!(record.backup(&copy).is_err());
    let other = tempfile::tempdir().unwrap();
    std::fs::copy(&copy, other.path().join("oxiward.db")).unwrap();
    let lines = Record::existing(other.path()).unwrap().lines(Seq(1), Seq(9), 9).unwrap();
    assert_eq!(lines.len(), 1);
    writer.close(at(1));
}

#[test]
fn lines_that_the_disk_refused_are_kept_and_written_when_it_takes_them_again() {
    let folder = tempfile::tempdir().unwrap();
    let (record, writer, _) = open(folder.path());
    // A second connection holds the only write lock, which the writer waits for and is refused in the end.
    let other = rusqlite::Connection::open(folder.path().join("oxiward.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = write(&writer, Batch { lines: vec![reading(1, Some(97))], ..Batch::default() });
    assert!(matches!(refused, Err(WriteError::Refused(_))), "{refused:?}");
    other.execute_batch("ROLLBACK").unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    write(&writer, Batch { lines: vec![reading(2, Some(96))], ..Batch::default() }).unwrap();
    assert_eq!(record.lines(Seq(1), Seq(9), 9).unwrap().len(), 2);
    writer.close(at(1));
}

#[test]
fn what_is_older_than_the_settings_keep_is_deleted_from_the_oldest_on() {
    let folder = tempfile::tempdir().unwrap();
    let (record, writer, _) = open(folder.path());
    let lines = (1..=20).map(|seq| reading(seq, Some(97))).collect();
    write(&writer, Batch { lines, ..Batch::default() }).unwrap();
    writer.retain(Some(at(11)), None);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
    while record.lines(Seq(1), Seq(20), 20).unwrap().len() != 10 && std::time::Instant::now() < deadline {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(record.lines(Seq(1), Seq(20), 20).unwrap()[0].seq, Seq(11));
    assert_eq!(record.first_seq().unwrap(), Seq(11));
    writer.close(at(30));
}

#[test]
fn a_beds_adapter_and_what_its_sensor_was_are_found_again_and_go_with_the_bed() {
    let folder = tempfile::tempdir().unwrap();
    let (record, writer, _) = open(folder.path());
    let by_serial = Bound {
        port: "/dev/ttyUSB0".into(),
        usb: "0403:6001".into(),
        mark: Mark::Serial { serial: "FT502JGB".into(), place: Some("usb 1-1.2".into()) },
    };
    let by_place = Bound { mark: Mark::Place("usb 1-1.3".into()), usb: "10c4:ea60".into(), ..by_serial.clone() };
    let row = BedRow {
        id: bed("1"),
        name: "New sensor".into(),
        port: Some("/dev/ttyUSB0".into()),
        protocol: "auto".into(),
        limits: Limits::ADULT,
        patient: None,
        history_from: None,
        found: true,
        bound: Some(by_serial),
    };
    let device = Device {
        key: "usb 0403:6001 serial FT502JGB".into(),
        protocol: "nonin-df2".into(),
        baud: 9600,
        model: None,
        device_id: Some("501001234".into()),
        firmware: None,
        last_seen: at(7),
    };
    let changes = vec![Change::Bed(row.clone()), Change::Device(device.clone())];
    write(&writer, Batch { changes, ..Batch::default() }).unwrap();
    assert_eq!(record.beds().unwrap(), core::slice::from_ref(&row));
    assert_eq!(record.devices().unwrap(), core::slice::from_ref(&device));

    let named = BedRow { found: false, name: "Bed 1".into(), bound: Some(by_place.clone()), ..row };
    let seen_again = Device { last_seen: at(9), model: Some("Xpod".into()), ..device };
    let changes = vec![
        Change::Bed(BedRow { bound: None, ..named.clone() }),
        Change::Bound(bed("1"), Some(by_place)),
        Change::Device(seen_again.clone()),
    ];
    write(&writer, Batch { changes, ..Batch::default() }).unwrap();
    assert_eq!(record.beds().unwrap(), core::slice::from_ref(&named));
    assert_eq!(record.devices().unwrap(), [seen_again]);

    let fresh = BedRow { bound: None, ..named };
    let changes = vec![Change::BedRemoved(bed("1")), Change::Bed(fresh.clone())];
    write(&writer, Batch { changes, ..Batch::default() }).unwrap();
    assert_eq!(record.beds().unwrap(), [fresh], "a new bed of the same id has nothing of the old one");
    writer.close(at(10));
}
