//! What is older than the settings keep is deleted.

use crate::handle::Handle;
use crate::hub::HubOrder;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use vitals::{Now, WallTime};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Has the record cleaned once at the start and then daily. `None` days: for ever.
pub(crate) async fn retain(
    handle: Handle,
    cancel: CancellationToken,
    readings_days: Option<u32>,
    waves_days: Option<u32>,
) {
    let begun = handle.clock().now();
    let mut daily = tokio::time::interval(DAY);
    loop {
        tokio::select! {
            () = cancel.cancelled() => return,
            _ = daily.tick() => {}
        }
        let now = handle.clock().now();
        let before = |days| oldest_kept(begun, now, days);
        let order =
            HubOrder::Retain { readings_before: readings_days.map(before), waves_before: waves_days.map(before) };
        if handle.shared.orders.send(order).await.is_err() {
            return;
        }
    }
}

/// What is older may go. A clock that was set ahead since the start makes nothing old: the earlier of what it says and
/// of what it said at the start, counted on, is believed.
fn oldest_kept(begun: Now, now: Now, days: u32) -> WallTime {
    now.wall.min(begun.wall_at(now.station)).minus(DAY * days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitals::StationTime;

    fn at(days: i64, set_ahead_days: i64) -> Now {
        let day = i64::try_from(DAY.as_millis()).unwrap();
        Now {
            station: StationTime::from_start(DAY * u32::try_from(days).unwrap()),
            wall: WallTime::from_millis((20_000 + days + set_ahead_days) * day),
        }
    }

    #[test]
    fn a_clock_that_is_set_ahead_makes_nothing_old_and_one_set_back_keeps_more() {
        let begun = at(0, 0);
        assert_eq!(oldest_kept(begun, at(40, 0), 30), at(10, 0).wall);
        assert_eq!(oldest_kept(begun, at(40, 365), 30), at(10, 0).wall);
        assert_eq!(oldest_kept(begun, at(40, -5), 30), at(5, 0).wall);
    }
}
