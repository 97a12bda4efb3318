//! Low oxygen reaches the desktop: one notification an alarm, through the system's own service interface.

use crate::harness::{Asked, Desktop, Line, SOON, undisturbed};
use serde_json::json;
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

/// The station notifies and does not sound.
const NOTIFYING: &str = "name = \"Ward 3\"\n[sound]\nenabled = false\n";

#[test]
fn low_oxygen_is_one_notification_that_worsens_in_place_and_goes_with_the_alarm() {
    undisturbed(NOTIFYING, |folder| {
        let (desktop, line) = (Desktop::new(), Line::numbers(97, 72));
        let token = folder.token("anna", "nurse");
        let plan = folder.station().bed("3", line.path(), "cms50");
        let station = plan.surrounded_by("DBUS_SESSION_BUS_ADDRESS", desktop.address()).start();
        let mut socket = station.socket(&token, "");
        socket.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"] == 97);
        socket.command("3", json!({"command":"set_limits","delay_s":0}));
        assert_eq!(desktop.asked_for(SECOND), [], "nothing is wrong");

        let low = Instant::now();
        line.spo2(86);
        let (at, asked) = desktop.next_within(SOON, "low oxygen");
        assert!(at - low < SECOND, "{:?}", at - low);
        let Asked::Notify { number, replaces, title, body, urgency } = asked else { panic!("{asked:?}") };
        assert_eq!((replaces, urgency), (0, 1), "medium is normal");
        assert!(title.contains("Bed 3") && title.contains("86") && title.contains("90"), "{title}");
        assert!(body.contains("86"), "{body}");
        assert_eq!(desktop.asked_for(3 * SECOND), [], "never one a reading");

        line.spo2(83);
        let (_, asked) = desktop.next_within(SOON, "worse");
        assert!(
            matches!(&asked, Asked::Notify { replaces, title, .. } if *replaces == number && title.contains("83")),
            "{asked:?}"
        );
        line.spo2(85);
        assert_eq!(desktop.asked_for(SECOND + SECOND / 2), [], "better, and still low, is no news");

        line.spo2(76);
        let mut urgent = None;
        for asked in desktop.asked_for(SECOND) {
            match asked {
                Asked::Notify { number: other, replaces: 0, urgency: 2, title, .. } => {
                    assert!(urgent.replace(other).is_none() && title.contains("76"), "{title}");
                }
                Asked::Notify { replaces, urgency: 1, .. } if replaces == number => {}
                other => panic!("{other:?}"),
            }
        }
        let urgent = urgent.expect("the desaturation is a notification of its own, and critical");

        socket.command("3", json!({"command":"acknowledge"}));
        let bodies: Vec<String> = desktop
            .asked_for(SECOND)
            .into_iter()
            .map(|asked| match asked {
                Asked::Notify { replaces, body, .. } if replaces == number || replaces == urgent => body,
                other => panic!("{other:?}"),
            })
            .collect();
        assert!(bodies.len() == 2 && bodies.iter().all(|body| body.contains("anna")), "{bodies:?}");

        line.spo2(97);
        let mut closed = desktop.asked_for(2 * SECOND);
        closed.sort_by_key(|asked| format!("{asked:?}"));
        assert_eq!(closed, [Asked::Close(number), Asked::Close(urgent)]);
    });
}

#[test]
fn a_station_that_stops_takes_its_notifications_down() {
    undisturbed(NOTIFYING, |folder| {
        let (desktop, line) = (Desktop::new(), Line::numbers(70, 72));
        let plan = folder.station().bed("1", line.path(), "cms50");
        let station = plan.surrounded_by("DBUS_SESSION_BUS_ADDRESS", desktop.address()).start();
        let (_, asked) = desktop.next_within(SOON, "a desaturation");
        let Asked::Notify { number, urgency: 2, .. } = asked else { panic!("{asked:?}") };
        station.stop();
        assert!(desktop.asked_for(SECOND).contains(&Asked::Close(number)));
    });
}
