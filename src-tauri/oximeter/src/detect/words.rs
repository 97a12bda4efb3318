//! What the search does, and what a person can do for it.

use super::plan::Question;
use super::{Detector, Phase};
use alloc::format;
use alloc::string::String;

/// How a sensor's serial output is switched on; the commonest reason for a line where nothing comes.
const SILENT: &str = "switch the sensor on and put it on a finger; check the cable (some need a null modem); \
    switch its serial output on: Masimo Rad-8 menu SEr = AS1; Contec CMS50E and CMS50F menu USB on; \
    a Nellcor NPB-290 sends only on mains power";

const NOT_UNDERSTOOD: &str = "data come, but in no known format; check that this is an oximeter, and that its serial \
    output is set to one of the formats of the manual";

pub(super) fn of(detector: &Detector) -> String {
    let stop = detector.plan.stop();
    let line = stop.line;
    let now = match detector.phase {
        Phase::Found(protocol) => return format!("Found {protocol} at {line}."),
        Phase::Asked { .. } if stop.question == Question::Cms50 => format!("Asking for an old Contec at {line} baud"),
        Phase::Asked { .. } => format!("Asking for a Contec at {line} baud"),
        _ => format!("Listening at {line} baud"),
    };
    if let (Some(protocol), 1.., true) = (detector.named, detector.plan.rounds(), detector.puzzled) {
        return format!("{now}: data come, but none that is understood as {protocol}. Is this its protocol?");
    }
    match (detector.plan.rounds(), detector.puzzled) {
        (0, _) => format!("{now}."),
        (_, true) => format!("{now}: {NOT_UNDERSTOOD}."),
        (_, false) => format!("{now} … no answer yet; {SILENT}."),
    }
}
