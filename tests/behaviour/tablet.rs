//! A tablet: a browser that trusts the station's authority, pairs by the printed link, and watches over TLS.

use crate::harness::{Browser, Folder, Line, hook};
use serde_json::json;
use std::path::Path;
use std::process::Command;

/// A home folder whose browser trusts one authority more than others do.
fn trust(home: &Path, authority: &Path) {
    let store = home.join(".pki/nssdb");
    std::fs::create_dir_all(&store).unwrap();
    let store = format!("sql:{}", store.display());
    for arguments in [
        vec!["-N", "--empty-password", "-d", &store],
        vec!["-A", "-d", &store, "-t", "C,,", "-n", "oxiward", "-i", authority.to_str().unwrap()],
    ] {
        let output = Command::new("certutil").args(&arguments).output().unwrap_or_else(|error| {
            panic!(
                "certutil cannot be started ({error}). Install the Debian package libnss3-tools, or run `make test`."
            )
        });
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Chromium, which overrides no error of a certificate.
fn chromium(home: &Path) -> Browser {
    let there = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join("chromium").exists()));
    assert!(there, "There is no chromium. Install the Debian package chromium, or run `make test`.");
    let mut driver = Command::new("chromedriver");
    driver.env("HOME", home).env_remove("XDG_DATA_HOME").env_remove("XDG_CONFIG_HOME");
    let capabilities = json!({
        "browserName": "chrome",
        "acceptInsecureCerts": false,
        "goog:chromeOptions": { "args": [
            "--headless=new",
            "--window-size=1280,900",
            "--disable-gpu",
            "--no-first-run",
            "--disable-dev-shm-usage",
            // The sandbox needs rights that containers and root do not have.
            "--no-sandbox",
            format!("--user-data-dir={}", home.join("profile").display()),
        ] },
    });
    Browser::start(driver, "chromium-driver", "--port", &capabilities)
}

#[test]
fn a_paired_tablet_sees_the_numbers_change_and_an_alarm_over_tls() {
    let (folder, line) = (Folder::new(), Line::numbers(96, 71));
    let station = folder.station().bed("1", line.path(), "cms50").on_the_lan().start();
    let home = folder.beside("home");
    trust(&home, &folder.data().join("tls/ca.crt"));
    let printed = String::from_utf8(folder.run(&["pair", "--role", "viewer"]).stdout).unwrap();
    let link = printed.lines().next().unwrap();

    let tablet = chromium(&home);
    tablet.open(link);
    tablet.type_into(&hook("pair-name"), "Tablet 1");
    assert_eq!(tablet.run("return location.hash"), "", "the code does not stay in the address");
    tablet.click(&hook("pair-submit"));
    tablet.click(&hook("gate-accept"));
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
