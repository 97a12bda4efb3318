//! What screens said of alarms, and which of them are missed when they are gone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use record::{ArmedClient, Batch, Change, Receipt, Record, Writer};
use std::path::Path;
use std::sync::{Arc, mpsc};
use vitals::{
    AlarmChange, AlarmId, AlarmState, BedId, Body, Condition, Numbers, Priority, Reading, Recorded, Seq, StatusSet,
    WallTime,
};

fn at(seconds: i64) -> WallTime {
    WallTime::from_millis(1_793_180_000_000 + seconds * 1000)
}

fn open(folder: &Path) -> (Record, Writer) {
    let (record, writer, _) = Record::open(folder, at(0), "test").unwrap();
    (record, writer)
}

fn commit(writer: &Writer, lines: Vec<Arc<Recorded>>, changes: Vec<Change>) {
    let (done, outcome) = mpsc::channel();
    let batch = Batch { time: Some(at(0)), lines, changes, ..Batch::default() };
    writer.write(batch, move |result| done.send(result).unwrap());
    outcome.recv().unwrap().unwrap();
}

fn receipt(alarm: u64, client: &str, shown: Option<i64>, sounded: Option<i64>) -> Change {
    Change::Receipt(Receipt {
        alarm: AlarmId(alarm),
        client: client.into(),
        address: "192.0.2.7".into(),
        shown: shown.map(at),
        sounded: sounded.map(at),
    })
}

fn alarm(seq: u64, id: u64, state: AlarmState) -> Arc<Recorded> {
    let body = Body::Alarm(AlarmChange {
        time: at(i64::try_from(seq).unwrap()),
        id: AlarmId(id),
        condition: Condition::NoFinger,
        priority: Priority::Medium,
        state,
        since: at(0),
        value: None,
        worst: None,
        limit: None,
        acknowledged: None,
        message: "No finger".into(),
    });
    Arc::new(Recorded { seq: Seq(seq), bed: None, body })
}

fn reading(seq: u64) -> Arc<Recorded> {
    let time = at(i64::try_from(seq).unwrap());
    let body = Body::Reading(Reading { time, numbers: Numbers::default(), status: StatusSet::EMPTY });
    Arc::new(Recorded { seq: Seq(seq), bed: Some(BedId::new("1").unwrap()), body })
}

#[test]
fn the_first_time_that_an_alarm_was_shown_and_heard_on_a_screen_stays_also_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (_, writer) = open(folder.path());
    commit(&writer, Vec::new(), vec![receipt(17, "anna", Some(1), None), receipt(17, "ben", Some(4), Some(4))]);
    commit(&writer, Vec::new(), vec![receipt(17, "anna", Some(9), Some(2)), receipt(17, "anna", None, Some(30))]);
    drop(writer);
    let (record, _writer) = open(folder.path());
    let kept: Vec<_> =
        record.receipts(AlarmId(17)).unwrap().into_iter().map(|kept| (kept.client, kept.shown, kept.sounded)).collect();
    let wanted = [("anna".to_owned(), Some(at(1)), Some(at(2))), ("ben".to_owned(), Some(at(4)), Some(at(4)))];
    assert_eq!(kept, wanted);
    assert_eq!(record.receipts(AlarmId(18)).unwrap(), []);
}

#[test]
fn an_alarm_is_known_with_every_line_of_it_and_one_that_never_was_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (record, writer) = open(folder.path());
    let lines =
        vec![alarm(1, 17, AlarmState::Active), alarm(2, 18, AlarmState::Active), alarm(3, 17, AlarmState::Cleared)];
    commit(&writer, lines.clone(), Vec::new());
    assert_eq!(record.known_alarms(&[17, 18, 19].map(AlarmId)).unwrap(), [17, 18].map(AlarmId));
    let of_17: Vec<_> = record.alarm_lines(AlarmId(17), 100).unwrap().into_iter().map(|line| line.seq).collect();
    assert_eq!(of_17, [Seq(1), Seq(3)]);
    assert!(record.alarm_lines(AlarmId(19), 100).unwrap().is_empty());
}

#[test]
fn a_receipt_goes_with_its_alarm_when_that_is_too_old_to_be_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (record, writer) = open(folder.path());
    let lines = vec![
        alarm(1, 17, AlarmState::Active),
        alarm(2, 17, AlarmState::Cleared),
        alarm(3, 18, AlarmState::Active),
        reading(20),
    ];
    commit(&writer, lines, vec![receipt(17, "anna", Some(1), None), receipt(18, "anna", Some(3), None)]);
    writer.retain(Some(at(11)), None);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
    while !record.receipts(AlarmId(17)).unwrap().is_empty() && std::time::Instant::now() < deadline {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(record.receipts(AlarmId(17)).unwrap(), []);
    assert_eq!(record.receipts(AlarmId(18)).unwrap().len(), 1, "its alarm is active, and stays");
}

#[test]
fn an_armed_screen_is_remembered_until_it_is_disarmed() {
    let folder = tempfile::tempdir().unwrap();
    let armed =
        |client: &str, address: &str| ArmedClient { client: client.into(), address: address.into(), since: at(1) };
    let (_, writer) = open(folder.path());
    let changes = vec![
        Change::Armed(armed("ben", "192.0.2.8")),
        Change::Armed(armed("anna", "192.0.2.7")),
        Change::Disarmed("ben".into()),
        Change::Armed(armed("anna", "192.0.2.9")),
    ];
    commit(&writer, Vec::new(), changes);
    drop(writer);
    assert_eq!(open(folder.path()).0.armed_clients().unwrap(), [armed("anna", "192.0.2.9")]);
}
