//! Looks at the clocks, and tells everyone whom a jump concerns.

use super::watch::{Jump, Watch};
use crate::handle::Handle;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use vitals::Condition;

/// How often it is looked: after a sleep nothing comes later than this.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// For how long the alarm stands. A jump is a moment and has no end of its own: this is the time to be seen in, after
/// which the event in the record remains.
const SHOWN_FOR: Duration = Duration::from_secs(60);

/// Watches the clocks until the station stops.
pub(crate) async fn keep_watch(handle: Handle, cancel: CancellationToken) {
    let clock = handle.clock();
    let mut watch = Watch::default();
    let mut over = None;
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = cancel.cancelled() => return,
            _ = looks.tick() => {}
        }
        let Some(readings) = clock.readings() else { continue };
        let jumps: Vec<Jump> = watch.look(readings).collect();
        if !jumps.is_empty() {
            // Each jump is an alarm of its own: who acknowledged the one before has not answered this one.
            if over.replace(readings.now.station.plus(SHOWN_FOR)).is_some() {
                handle.condition(Condition::ClockJumped, None).await;
            }
            tell(&handle, &jumps).await;
        }
        if over.is_some_and(|over| readings.now.station >= over) {
            over = None;
            handle.condition(Condition::ClockJumped, None).await;
        }
    }
}

async fn tell(handle: &Handle, jumps: &[Jump]) {
    // First of all: what came due meanwhile.
    handle.shared.roster.wake();
    for jump in jumps {
        let words = in_words(*jump);
        tracing::warn!("{words}");
        handle.event("clock_jumped", None, detail(*jump)).await;
    }
    let words: Vec<String> = jumps.iter().copied().map(in_words).collect();
    handle.condition(Condition::ClockJumped, Some(words.join(" "))).await;
}

fn detail(jump: Jump) -> Value {
    match jump {
        Jump::Stepped { by_ms, before, after } => {
            #[expect(clippy::cast_precision_loss, reason = "no calendar has 2^52 milliseconds")]
            let by_s = by_ms as f64 / 1000.0;
            json!({ "kind": "step", "by_s": by_s, "before": before, "after": after })
        }
        Jump::Slept { slept, before, after } => {
            json!({ "kind": "suspend", "slept_s": seconds(slept), "before": before, "after": after })
        }
        Jump::Stood { stood, before, after } => {
            json!({ "kind": "stall", "stood_s": seconds(stood), "before": before, "after": after })
        }
    }
}

fn seconds(span: Duration) -> f64 {
    (span.as_secs_f64() * 1000.0).round() / 1000.0
}

/// What happened, and what to do.
fn in_words(jump: Jump) -> String {
    match jump {
        Jump::Stepped { by_ms, .. } => {
            let way = if by_ms > 0 { "forward" } else { "back" };
            let by = span_in_words(Duration::from_millis(by_ms.unsigned_abs()));
            format!(
                "This computer's clock was set {way} by {by}. Check that its time is right now; no delay or pause was moved."
            )
        }
        Jump::Slept { slept, .. } => format!(
            "This computer slept for {} and watched nobody meanwhile. Look at the patients, and keep it from sleeping.",
            span_in_words(slept)
        ),
        Jump::Stood { stood, .. } => format!(
            "The station stood still for {} and watched nobody meanwhile. Look at the patients; if it happens again, close \
             what else this computer is busy with, or restart it.",
            span_in_words(stood)
        ),
    }
}

fn span_in_words(span: Duration) -> String {
    let tenths = (span.as_millis() + 50) / 100;
    let (hours, minutes, seconds) = (tenths / 36_000, tenths / 600 % 60, tenths / 10 % 60);
    match (hours, minutes, seconds) {
        (0, 0, _) => format!("{}.{} s", seconds, tenths % 10),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_is_told_with_its_length_and_what_to_do() {
        let times = (vitals::WallTime::from_millis(0), vitals::WallTime::from_millis(0));
        for (by_ms, words) in [
            (3_600_000, "set forward by 1 h."),
            (-5_400_000, "set back by 1 h 30 min."),
            (61_000, "set forward by 1 min 1 s."),
            (-120_000, "set back by 2 min."),
            (1540, "set forward by 1.5 s."),
        ] {
            let said = in_words(Jump::Stepped { by_ms, before: times.0, after: times.1 });
            assert!(said.contains(words) && said.contains("Check"), "{said}");
        }
        let slept = Jump::Slept { slept: Duration::from_secs(300), before: times.0, after: times.1 };
        assert!(in_words(slept).contains("slept for 5 min and watched nobody"), "{}", in_words(slept));
        assert_eq!(detail(slept)["slept_s"], 300.0);
        let stood = Jump::Stood { stood: Duration::from_millis(20_400), before: times.0, after: times.1 };
        assert!(in_words(stood).contains("stood still for 20.4 s"), "{}", in_words(stood));
        assert_eq!((&detail(stood)["kind"], &detail(stood)["stood_s"]), (&json!("stall"), &json!(20.4)));
    }
}
