//! What an alarm engine was told, as a look back finds it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use record::{Batch, Change, EngineCall, EngineInput, Record, Writer};
use std::sync::mpsc;
use vitals::{BedId, Limits, SensorState, Seq, WallTime};

fn at(seconds: i64) -> WallTime {
    WallTime::from_millis(1_793_180_000_000 + seconds * 1000)
}

fn bed() -> BedId {
    BedId::new("1").unwrap()
}

fn tell(writer: &Writer, calls: Vec<(i64, EngineCall)>) {
    let changes = calls
        .into_iter()
        .map(|(time, call)| Change::EngineInput(EngineInput { bed: bed(), time: at(time), after: Seq(0), call }))
        .collect();
    let (done, outcome) = mpsc::channel();
    let batch = Batch { time: Some(at(0)), changes, ..Batch::default() };
    writer.write(batch, move |result| done.send(result).unwrap());
    outcome.recv().unwrap().unwrap();
}

#[test]
fn before_a_bed_was_first_watched_nothing_held_and_after_it_the_newest_does() {
    let folder = tempfile::tempdir().unwrap();
    let (record, writer, _) = Record::open(folder.path(), at(0), "test").unwrap();
    let began = EngineCall::Began { limits: Limits::ADULT, rules: "{}".into(), counted_to: None };
    let looked = EngineCall::Looked { sensor: SensorState::Live, last_sample: None, reading: None };
    tell(&writer, vec![(100, began.clone()), (101, looked.clone())]);
    let calls = |inputs: Vec<EngineInput>| inputs.into_iter().map(|input| input.call).collect::<Vec<_>>();
    let between = |from, to| {
        let (held, told) = record.engine_inputs(&bed(), at(from), at(to)).unwrap();
        (calls(held), calls(told))
    };
    assert_eq!(between(0, 50), (vec![], vec![]), "long before");
    assert_eq!(between(0, 200), (vec![], vec![began.clone(), looked.clone()]), "around");
    assert_eq!(between(150, 200), (vec![began, looked], vec![]), "after");
}
