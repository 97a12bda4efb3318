//! Recordings fetched from sensors: kept once, and read back second by second.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use record::{NewRecording, Record, RecordedSecond, Writer};
use std::path::Path;
use vitals::{BedId, PerfusionIndex, PulseRate, Spo2, WallTime};

const NOW: WallTime = WallTime::from_millis(1_793_180_000_000);

fn open(folder: &Path) -> (Record, Writer) {
    let (record, writer, _) = Record::open(folder, NOW, "test").unwrap();
    (record, writer)
}

fn bed() -> BedId {
    BedId::new("1").unwrap()
}

fn second(spo2: u8, rate: u16, index: u16) -> RecordedSecond {
    RecordedSecond {
        spo2: Spo2::new(spo2),
        pulse_rate: PulseRate::new(rate),
        perfusion_index: PerfusionIndex::from_hundredths(index),
    }
}

fn recording() -> NewRecording {
    NewRecording {
        bed: bed(),
        model: Some("CMS50I".into()),
        device_id: Some("SIM0001".into()),
        protocol: "contec-v7".into(),
        user: 0,
        segment: 1,
        sensor_start: Some("2026-03-08T22:41:00".into()),
        start: Some(WallTime::from_millis(1_772_000_000_000)),
        fetched: NOW,
        by: "Agnes".into(),
        seconds: vec![second(97, 300, 321), RecordedSecond::default(), second(95, 61, 0)],
        lost: 0,
        confirmed: true,
    }
}

#[test]
fn a_recording_is_read_back_second_by_second_with_its_gaps() {
    let folder = tempfile::tempdir().unwrap();
    let (record, _writer) = open(folder.path());
    let kept = record.keep_recording(&recording()).unwrap();
    assert_eq!((kept.missing, kept.already), (1, false));
    let (row, seconds) = record.recording(&bed(), kept.id).unwrap().unwrap();
    assert_eq!(seconds, recording().seconds);
    assert_eq!((row.seconds, row.missing, row.lost, row.confirmed), (3, 1, 0, true));
    assert_eq!((row.start, row.by.as_str()), (recording().start, "Agnes"));
    assert_eq!(record.recordings(&bed()).unwrap(), [row]);
    assert_eq!(record.recording(&BedId::new("2").unwrap(), kept.id).unwrap(), None);
}

#[test]
fn the_same_recording_is_kept_once() {
    let folder = tempfile::tempdir().unwrap();
    let (record, _writer) = open(folder.path());
    let first = record.keep_recording(&recording()).unwrap();
    let again = record.keep_recording(&NewRecording { segment: 4, ..recording() }).unwrap();
    assert_eq!((again.id, again.already), (first.id, true));
    let other = record.keep_recording(&NewRecording { device_id: Some("SIM0002".into()), ..recording() }).unwrap();
    assert!(other.id != first.id && !other.already);
}

#[test]
fn without_a_clock_it_is_the_values_that_tell_whether_it_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (record, _writer) = open(folder.path());
    let first = NewRecording { sensor_start: None, start: None, ..recording() };
    let kept = record.keep_recording(&first).unwrap();
    assert!(record.keep_recording(&first).unwrap().already);
    let other = NewRecording { seconds: vec![second(97, 70, 0); 3], ..first };
    let other = record.keep_recording(&other).unwrap();
    assert!(other.id != kept.id && !other.already);
}

#[test]
fn what_was_lost_last_time_is_filled_in_by_a_better_transfer() {
    let folder = tempfile::tempdir().unwrap();
    let (record, _writer) = open(folder.path());
    let worse = NewRecording { lost: 1, ..recording() };
    let kept = record.keep_recording(&worse).unwrap();
    let whole = vec![second(97, 300, 321), second(96, 60, 0), second(95, 61, 0)];
    let better = record.keep_recording(&NewRecording { seconds: whole.clone(), ..recording() }).unwrap();
    assert_eq!((better.id, better.missing, better.already), (kept.id, 0, false));
    assert_eq!(record.recording(&bed(), kept.id).unwrap().unwrap().1, whole);
    assert!(record.keep_recording(&worse).unwrap().already);
    assert_eq!(record.recording(&bed(), kept.id).unwrap().unwrap().1, whole);
}

#[test]
fn any_sqlite_reads_the_values_a_row_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let (record, _writer) = open(folder.path());
    let kept = record.keep_recording(&recording()).unwrap();
    let db = rusqlite::Connection::open(folder.path().join("oxiward.db")).unwrap();
    let mut rows = db
        .prepare(
            "SELECT offset_s, spo2, pulse_rate, perfusion_index FROM recording_second WHERE recording = ?1
             ORDER BY offset_s",
        )
        .unwrap();
    type Values = (i64, Option<i64>, Option<i64>, Option<f64>);
    let rows: Vec<Values> = rows
        .query_map([kept.id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(rows, [(0, Some(97), Some(300), Some(3.21)), (1, None, None, None), (2, Some(95), Some(61), None)]);
}
