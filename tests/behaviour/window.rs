//! The station's own window, driven as a person would, on a screen without glass.

use crate::harness::{Browser, Desktop, Display, Folder, Line, Process, SOON, WITHOUT_GRAPHICS, hook, oxiward, within};
use serde_json::json;
use std::process::Command;
use std::time::Duration;

/// A station with its window on a desktop of its own.
struct Window {
    browser: Browser,
    folder: Folder,
    line: Line,
    _desktop: Desktop,
    _display: Display,
}

impl Window {
    fn showing(spo2: u8) -> Self {
        Self::start(spo2, Desktop::new(), "", &[])
    }

    fn start(spo2: u8, desktop: Desktop, settings: &str, more: &[&str]) -> Self {
        let display = Display::new();
        let (folder, line) = (Folder::new(), Line::numbers(spo2, 72));
        std::fs::write(folder.data().join("oxiward.toml"), settings).unwrap();
        let mut driver = Command::new("WebKitWebDriver");
        driver
            .env("DISPLAY", display.name())
            .env_remove("WAYLAND_DISPLAY")
            .env("DBUS_SESSION_BUS_ADDRESS", desktop.address())
            .env("HOME", folder.beside("home"))
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .envs(WITHOUT_GRAPHICS);
        for (name, value) in oxiward().get_envs().filter(|(name, _)| *name == "ALSA_CONFIG_PATH") {
            driver.env(name, value.unwrap());
        }
        let mut arguments = json!([
            "--data",
            folder.data(),
            "--local",
            "127.0.0.1:0",
            "--no-lan",
            "--no-discover",
            "--bed",
            format!("1={},cms50", line.path().display()),
        ]);
        arguments.as_array_mut().unwrap().extend(more.iter().map(|word| json!(word)));
        let capabilities =
            json!({ "webkitgtk:browserOptions": { "binary": oxiward().get_program().to_str(), "args": arguments } });
        let browser = Browser::start(driver, "webkit2gtk-driver", "--port", &capabilities);
        Self { browser, folder, line, _desktop: desktop, _display: display }
    }

    /// Waits for an event in the record by the window.
    fn is_recorded(&self, kind: &str) {
        within(SOON, kind, || {
            let database = self.folder.database();
            let mut query = database.prepare("SELECT by FROM event WHERE kind = ?").unwrap();
            let by: Vec<Option<String>> =
                query.query_map([kind], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
            (!by.is_empty()).then(|| assert_eq!(by, [Some("Station window".to_owned())]))
        });
    }
}

#[test]
fn the_window_shows_the_numbers_and_its_four_buttons_do_what_they_say() {
    let window = Window::showing(96);
    let browser = &window.browser;
    browser.click(&hook("gate-accept"));
    browser.sees(&hook("spo2"), "oxygen", |text| text == "96");
    browser.sees(&hook("pulse"), "pulse", |text| text == "72");
    window.line.spo2(94);
    browser.sees(&hook("spo2"), "oxygen", |text| text == "94");

    browser.click("[data-testid=tile-1] a");
    browser.sees(&hook("bed-view"), "the bed", |text| text.contains("Bed 1"));
    browser.click(&hook("btn-request"));
    browser.sees(&hook("command-result"), "the reading", |text| text.contains("94") && text.contains("72"));

    browser.click(&hook("btn-reset"));
    window.is_recorded("sensor_reset");
    browser.sees(&hook("command-result"), "the reset's end", |text| text.to_lowercase().contains("reset"));
    browser.sees(&hook("spo2"), "oxygen again", |text| text == "94");

    window.line.spo2(70);
    browser.sees(&hook("alarm"), "the alarm", |text| text.contains("70"));
    browser.click(&hook("btn-acknowledge"));
    window.is_recorded("acknowledged");
    browser.sees(&hook("bed-view"), "who acknowledged", |text| text.contains("Station window"));

    browser.click(&hook("btn-pause"));
    browser.sees(&hook("audio-paused"), "the countdown", |text| text.contains("Station window") || text.contains(':'));
    window.is_recorded("audio_paused");
}

#[test]
fn where_the_site_wants_it_a_hidden_window_comes_forward_for_a_high_alarm() {
    let settings = "[window]\nforward_on_high = true\n";
    let window = Window::start(97, Desktop::new().with_tray(), settings, &["--hidden"]);
    let is = |state: &str| (window.browser.run("return document.visibilityState") == state).then_some(());
    within(SOON, "it starts out of sight", || is("hidden"));
    window.line.spo2(86);
    std::thread::sleep(Duration::from_secs(2));
    assert!(is("hidden").is_some(), "a value below its limit is no HIGH alarm");
    window.line.spo2(70);
    within(SOON, "it comes forward", || is("visible"));
}

#[test]
fn where_the_site_does_not_ask_for_it_a_hidden_window_stays_where_it_is() {
    let window = Window::start(70, Desktop::new().with_tray(), "", &["--hidden"]);
    let is_hidden = || window.browser.run("return document.visibilityState") == "hidden";
    within(SOON, "it starts out of sight", || is_hidden().then_some(()));
    let active = || {
        let database = window.folder.database();
        let high = "SELECT count(*) FROM alarm_change WHERE condition = 'spo2_desat'";
        database.query_row(high, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    within(SOON, "the alarm is written down", || (active() > 0).then_some(()));
    std::thread::sleep(Duration::from_secs(2));
    assert!(is_hidden());
}

#[test]
fn without_a_display_it_says_how_to_start_without_a_window() {
    let folder = Folder::new();
    let mut command = oxiward();
    command.args(["--local", "127.0.0.1:0", "--no-lan", "--no-discover", "--data"]).arg(folder.data());
    let mut process = Process::start(&mut command);
    let status = process.ends_within(2 * SOON);
    assert_eq!(status.code(), Some(1), "{}", process.said());
    assert!(process.said().contains("oxiward serve"), "{}", process.said());
}

#[test]
fn a_station_with_a_window_serves_like_one_without() {
    let window = Window::showing(96);
    let token = window.folder.token("lab", "viewer");
    let ready = window.browser.line_within(Duration::from_secs(10)).expect("the ready line");
    let local = ready.split_whitespace().find_map(|word| word.strip_prefix("local=http://")).unwrap();
    let http = crate::harness::Http::plain(local).with_token(&token);
    within(SOON, "a number over HTTP", || (http.bed("1")["reading"]["spo2"] == 96).then_some(()));
    let again = oxiward().arg("serve").arg("--data").arg(window.folder.data()).output().unwrap();
    assert_eq!(again.status.code(), Some(1), "the folder is held: {}", String::from_utf8_lossy(&again.stderr));
}
