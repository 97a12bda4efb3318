//! A disk that stands still holds up nobody, and is told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use station::{Options, Station};
use std::time::{Duration, Instant};
use vitals::{AlarmState, Body, Condition, Recorded, Seq};

async fn lines_for(
    moments: &mut tokio::sync::mpsc::Receiver<std::sync::Arc<station::Moment>>,
    span: Duration,
) -> Vec<Recorded> {
    let until = Instant::now() + span;
    let mut lines = Vec::new();
    while let Ok(Some(moment)) =
        tokio::time::timeout(until.saturating_duration_since(Instant::now()), moments.recv()).await
    {
        lines.extend(moment.lines.iter().map(|line| (**line).clone()));
    }
    lines
}

fn storage_failed(line: &Recorded, state: AlarmState) -> bool {
    matches!(&line.body, Body::Alarm(alarm) if alarm.condition == Condition::StorageFailed && alarm.state == state)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readings_go_on_while_the_disk_stands_still_and_are_in_the_record_when_it_moves_again() {
    let folder = tempfile::tempdir().unwrap();
    let station = Station::start(Options { folder: folder.path().to_owned(), demo: 1, ..Options::default() }).unwrap();
    let mut following = station.handle().follow().await.unwrap();
    lines_for(&mut following.moments, Duration::from_secs(2)).await;

    // Another connection holds the only write lock: the writer waits, as on a disk that does not answer.
    let other = rusqlite::Connection::open(folder.path().join("oxiward.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let during = lines_for(&mut following.moments, Duration::from_millis(2500)).await;
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    let readings = during.iter().filter(|line| matches!(line.body, Body::Reading(_))).count();
    assert!(readings >= 2, "readings went on: {readings}");
    assert!(during.iter().any(|line| storage_failed(line, AlarmState::Active)), "the slow disk was told");

    let after = lines_for(&mut following.moments, Duration::from_secs(6)).await;
    assert!(after.iter().any(|line| storage_failed(line, AlarmState::Cleared)), "its end was told");
    let last = after.last().unwrap().seq;
    let record = station.handle().record().clone();
    station.stop().await;
    let stored = record.lines(Seq(1), last, 10_000).unwrap();
    assert_eq!(stored.len() as u64, last.0, "every number is in the record");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_station_that_stops_cleanly_goes_on_counting_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options { folder: folder.path().to_owned(), demo: 1, ..Options::default() };
    let first = Station::start(options()).unwrap();
    let mut following = first.handle().follow().await.unwrap();
    lines_for(&mut following.moments, Duration::from_millis(1500)).await;
    first.stop().await;
    let mut last = following.seq;
    while let Some(moment) = following.moments.recv().await {
        last = moment.lines.last().map_or(last, |line| line.seq);
    }
    let second = Station::start(options()).unwrap();
    let lines = second.handle().record().lines(last, Seq(u64::MAX), 3).unwrap();
    second.stop().await;
    assert!(matches!(&lines[0].body, Body::Event(event) if event.kind == "stopped"));
    assert_eq!(lines.get(1).map_or(last.next(), |line| line.seq), last.next());
}
