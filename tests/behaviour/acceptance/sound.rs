//! Check 7: the sound is the program's, whatever becomes of its window.

use crate::harness::{Display, Folder, Line, SOON, ScreenClient, Socket, Station, TrayAlone, undisturbed, within};
use crate::loudspeaker::Loudspeaker;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

/// Low oxygen, from a bed that is well to the burst that is heard, and back.
fn is_heard(line: &Line, socket: &mut Socket, loudspeaker: &Loudspeaker, when: &str) {
    // Those of high priority are the short ones; the station's own alarm about a slow disk is not meant.
    let pulses = || loudspeaker.heard().pulses().iter().filter(|pulse| pulse.length_ms() < 175.0).count();
    let (mut count, mut since) = (pulses(), Instant::now());
    while since.elapsed() < 2 * SECOND {
        std::thread::sleep(SECOND / 2);
        if pulses() != count {
            (count, since) = (pulses(), Instant::now());
        }
    }
    line.spo2(70);
    let alarm = socket.alarm_within(SOON, "spo2_desat", "active");
    // The first half of the burst of a high priority alarm.
    let after = within(SOON, when, || {
        // Each look goes through all that was heard.
        std::thread::sleep(SECOND / 4);
        (pulses() >= count + 5).then(|| alarm.at.elapsed())
    });
    assert!(after < 5 * SECOND, "{when}: {after:?}");
    line.spo2(97);
    socket.alarm_within(SOON, "spo2_desat", "cleared");
}

/// The processes of the page, by the name that the system keeps of them.
fn pages(station: &Station) -> Vec<Pid> {
    let group = station.process.id().to_string();
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let of_page = |process: std::fs::DirEntry| {
        let stat = std::fs::read_to_string(process.path().join("stat")).ok()?;
        let (head, rest) = stat.rsplit_once(") ")?;
        let its = rest.split(' ').nth(2)? == group && head.ends_with("(WebKitWebProces");
        its.then(|| process.file_name().to_string_lossy().parse().ok().map(Pid::from_raw)).flatten()
    };
    processes.filter_map(of_page).collect()
}

fn start(folder: &Folder, line: &Line, sound: &Loudspeaker, screen: (&Display, &TrayAlone), more: &[&str]) -> Station {
    let plan = folder.windowed(screen.0).with(more).bed("1", line.path(), "cms50");
    let plan = plan.surrounded_by("ALSA_CONFIG_PATH", sound.configuration());
    plan.surrounded_by("DBUS_SESSION_BUS_ADDRESS", screen.1.address()).start()
}

#[test]
fn check_07_an_alarm_is_heard_with_the_window_hidden_minimised_and_crashed_and_the_notification_blocked() {
    // Notifications are on, and the desktop has nothing that shows them.
    undisturbed("", |folder| {
        let (tray, display) = (TrayAlone::new(), Display::new());
        let loudspeaker = Loudspeaker::connected();
        let line = Line::numbers(97, 72);
        let token = folder.token("anna", "nurse");
        let mut screen = ScreenClient::of(display.name());
        let watch = |station: &Station| {
            let mut socket = station.socket(&token, "");
            socket.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"] == 97);
            socket.command("1", json!({"command":"set_limits","delay_s":60}));
            socket
        };
        let station = start(folder, &line, &loudspeaker, (&display, &tray), &["--hidden"]);
        within(2 * SOON, "it has a page", || (!pages(&station).is_empty()).then_some(()));
        assert_eq!(screen.windows(), Vec::<u32>::new(), "hidden");
        is_heard(&line, &mut watch(&station), &loudspeaker, "hidden");
        station.stop();

        let loudspeaker = Loudspeaker::connected();
        let station = start(folder, &line, &loudspeaker, (&display, &tray), &[]);
        let mut socket = watch(&station);
        let window = within(2 * SOON, "its window", || screen.windows().first().copied());
        screen.unmap(window);
        within(SOON, "it is minimised", || screen.windows().is_empty().then_some(()));
        is_heard(&line, &mut socket, &loudspeaker, "minimised");

        let crashed = within(SOON, "its page", || pages(&station).first().copied());
        kill(crashed, Signal::SIGKILL).unwrap();
        is_heard(&line, &mut socket, &loudspeaker, "crashed");
        within(SOON, "the crash is told", || station.process.said().contains("page has crashed").then_some(()));
        station.stop();
    });
}
