//! Low oxygen is heard: the sound comes from the process, through the system's sound library.

use crate::harness::{Line, SOON, undisturbed, within};
use crate::loudspeaker::Loudspeaker;
use serde_json::json;
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

/// The station sounds and does not notify.
const SOUNDING: &str = "[notifications]\nenabled = false\n";

#[test]
fn low_oxygen_is_heard_until_somebody_acknowledges_it() {
    undisturbed(SOUNDING, |folder| {
        let (loudspeaker, line) = (Loudspeaker::connected(), Line::numbers(97, 72));
        let token = folder.token("anna", "nurse");
        let plan = folder.station().bed("1", line.path(), "cms50");
        let station = plan.surrounded_by("ALSA_CONFIG_PATH", loudspeaker.configuration()).start();
        let mut socket = station.socket(&token, "");
        socket.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"] == 97);
        socket.command("1", json!({"command":"set_limits","delay_s":0}));
        assert_eq!(loudspeaker.heard().pulses().len(), 0, "nothing is wrong, and nothing is heard");

        line.spo2(86);
        let alarm = socket.alarm_within(SOON, "spo2_low", "active");
        let heard_after = within(SOON, "three pulses are heard", || {
            (loudspeaker.heard().pulses().len() >= 3).then(|| alarm.at.elapsed())
        });
        assert!(heard_after < 5 * SECOND, "{heard_after:?} after the alarm");
        let recording = loudspeaker.heard();
        for pulse in recording.pulses().iter().take(2) {
            assert!((125.0..=250.0).contains(&pulse.length_ms()), "{} ms", pulse.length_ms());
            assert!(pulse.peak() > 0.1, "{}", pulse.peak());
            let pitch = pulse.fundamental_hz();
            assert!((150.0..=1000.0).contains(&pitch), "{pitch} Hz: what IEC 60601-1-8 allows");
        }

        socket.command("1", json!({"command":"acknowledge"}));
        let before = loudspeaker.heard().pulses().len();
        line.spo2(75);
        socket.alarm_within(SOON, "spo2_desat", "active");
        within(SOON, "a desaturation sounds all the same", || {
            (loudspeaker.heard().pulses().len() >= before + 5).then_some(())
        });
        let sounds = station.http(&token).json("/api/v1/alarms?active=true");
        assert!(!sounds.to_string().contains("sound_failed"), "{sounds}");
    });
}

#[test]
fn a_pause_silences_what_sounds_and_ends_by_hand() {
    undisturbed(SOUNDING, |folder| {
        let (loudspeaker, line) = (Loudspeaker::connected(), Line::numbers(75, 72));
        let token = folder.token("anna", "nurse");
        let plan = folder.station().bed("1", line.path(), "cms50");
        let station = plan.surrounded_by("ALSA_CONFIG_PATH", loudspeaker.configuration()).start();
        within(SOON, "the desaturation is heard", || (loudspeaker.heard().pulses().len() >= 2).then_some(()));
        let http = station.http(&token);
        http.done("1", &json!({"command":"pause_audio","seconds":30}));
        // A high alarm leaves no more than 10 s between two bursts; what is longer is quiet.
        let (mut paused, mut since) = (loudspeaker.heard().pulses().len(), Instant::now());
        let began = Instant::now();
        while since.elapsed() < 11 * SECOND {
            std::thread::sleep(SECOND / 4);
            let heard = loudspeaker.heard().pulses().len();
            if heard != paused {
                (paused, since) = (heard, Instant::now());
            }
            assert!(began.elapsed() < 16 * SECOND, "it goes on sounding in a pause");
        }
        http.done("1", &json!({"command":"resume_audio"}));
        within(SOON, "it sounds again", || (loudspeaker.heard().pulses().len() > paused + 1).then_some(()));
    });
}

#[test]
fn without_a_sound_device_the_screens_say_that_nobody_hears_anything() {
    undisturbed(SOUNDING, |folder| {
        let loudspeaker = Loudspeaker::absent();
        let token = folder.token("anna", "nurse");
        let started = Instant::now();
        let station = folder.station().surrounded_by("ALSA_CONFIG_PATH", loudspeaker.configuration()).start();
        let http = station.http(&token);
        let alarm = within(SOON, "an alarm of the station", || {
            let active = http.json("/api/v1/alarms?active=true");
            active["alarms"].as_array().unwrap().iter().find(|alarm| alarm["condition"] == "sound_failed").cloned()
        });
        assert!(started.elapsed() < 6 * SECOND);
        assert!(alarm["message"].as_str().is_some_and(|message| message.contains("speaker")), "{alarm}");
        let mut socket = station.socket(&token, "");
        loudspeaker.connect();
        let cleared = socket.alarm_within(SOON, "sound_failed", "cleared").message;
        assert_eq!(cleared["id"], alarm["id"]);
    });
}
