//! What alarm engines remember over a restart, and what becomes of alarms that nobody remembers.

use crate::bed::Output;
use serde::de::DeserializeOwned;
use serde_json::json;
use vitals::{AlarmChange, AlarmState, BedId, Body, Event, Now, Recorded};

/// What an engine saved, or why it cannot be read. `bed` is `None` for the station's own alarms.
pub(crate) struct Recalled<T> {
    pub(crate) memory: Option<T>,
    /// Goes into the record if the memory is lost.
    pub(crate) loss: Option<Output>,
}

/// Reads what the engine of `bed` saved. A memory that is lost is said aloud: delays begin anew and a pause is over.
pub(crate) fn recall<T: DeserializeOwned>(now: Now, bed: Option<&BedId>, saved: Option<&str>) -> Recalled<T> {
    match saved.map(serde_json::from_str).transpose() {
        Ok(memory) => Recalled { memory, loss: None },
        Err(error) => Recalled { memory: None, loss: Some(lost(now, bed, &error.to_string())) },
    }
}

/// Says that what the engine of `bed` knew is lost.
pub(crate) fn lost(now: Now, bed: Option<&BedId>, reason: &str) -> Output {
    tracing::error!(
        bed = bed.map_or("the station", BedId::as_str),
        reason,
        "What the alarms had counted is lost: delays begin anew, and a pause is over."
    );
    let detail = json!({ "bed": bed, "reason": reason });
    let event = Event { time: now.wall, kind: "alarm_memory_lost".into(), by: None, detail };
    Output { lines: vec![Body::Event(event)], force: true, ..Output::default() }
}

/// The end of an alarm that no engine knows any more: it is not left hanging in the record.
pub(crate) fn ended(now: Now, line: &Recorded) -> Option<Output> {
    let Body::Alarm(alarm) = &line.body else { return None };
    let ended = AlarmChange {
        time: now.wall,
        state: AlarmState::Cleared,
        message: "Ended with the run of the station in which it started".into(),
        ..alarm.clone()
    };
    Some(Output { bed: line.bed.clone(), lines: vec![Body::Alarm(ended)], force: true, ..Output::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitals::{StationTime, WallTime};

    const NOW: Now = Now { station: StationTime::START, wall: WallTime::from_millis(0) };

    #[test]
    fn a_memory_that_cannot_be_read_is_told_with_the_bed_and_the_reason() {
        let bed = BedId::new("3").unwrap();
        let recalled: Recalled<alarm::Saved> = recall(NOW, Some(&bed), Some("{\"instances\":7}"));
        assert!(recalled.memory.is_none());
        let loss = recalled.loss.unwrap();
        let [Body::Event(event)] = loss.lines.as_slice() else { panic!("{loss:?}") };
        assert_eq!((event.kind.as_str(), &event.detail["bed"]), ("alarm_memory_lost", &json!("3")));
        assert!(
            event.detail["reason"].as_str().is_some_and(|reason| reason.contains("instances") || reason.contains('7'))
        );
    }

    #[test]
    fn a_bed_that_has_saved_nothing_yet_has_lost_nothing() {
        let recalled: Recalled<alarm::Saved> = recall(NOW, None, None);
        assert!(recalled.memory.is_none() && recalled.loss.is_none());
    }
}
