//! A tablet: a browser that trusts the station's authority, pairs by the printed link, and watches over TLS.

use crate::harness::{Folder, Line, chromium, hook, tablet};

#[test]
fn a_paired_tablet_sees_the_numbers_change_and_an_alarm_over_tls() {
    let (folder, line) = (Folder::new(), Line::numbers(96, 71));
    let station = folder.station().bed("1", line.path(), "cms50").on_the_lan().start();
    let tablet = tablet(&folder, "Tablet 1", "viewer");
    assert_eq!(tablet.run("return location.protocol"), "https:");
    tablet.sees(&hook("spo2"), "oxygen", |text| text == "96");
    tablet.sees(&hook("pulse"), "pulse", |text| text == "71");
    line.spo2(94);
    tablet.sees(&hook("spo2"), "oxygen", |text| text == "94");

    line.spo2(70);
    tablet.sees(&hook("alarm"), "the alarm", |text| text.contains("70") && text.contains("80"));
    let commands = tablet.run("return document.querySelectorAll('[data-testid=btn-acknowledge]').length");
    assert_eq!(commands, 0, "who may only look has nothing to press");

    station.stop();
    tablet.sees(&hook("link-state"), "the lost link", |text| !text.is_empty());
    tablet.sees(&hook("spo2"), "no number without a link", |text| text != "70");
}

#[test]
fn a_browser_that_was_not_paired_is_told_how() {
    let (folder, line) = (Folder::new(), Line::numbers(96, 72));
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let home = folder.beside("home");
    std::fs::create_dir_all(&home).unwrap();
    let tablet = chromium(&home);
    tablet.open(&format!("http://{}/", station.local));
    tablet.sees(&hook("not-authorised"), "how to pair", |text| text.contains("oxiward pair"));
}
