//! Low oxygen is heard: the sound comes from the process, through the system's sound library.

use crate::harness::{Folder, Line, SOON, undisturbed, within};
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

/// How many pulses a burst of each priority has.
const PULSES: [(&str, usize); 3] = [("low", 2), ("medium", 3), ("high", 10)];

#[test]
fn a_sound_test_is_heard_is_answered_and_is_a_line_of_the_record() {
    undisturbed(SOUNDING, |folder| {
        let loudspeaker = Loudspeaker::connected();
        let (anna, eve) = (folder.token("anna", "nurse"), folder.token("eve", "viewer"));
        let station = folder.station().surrounded_by("ALSA_CONFIG_PATH", loudspeaker.configuration()).start();
        let (mut socket, http) = (station.socket(&anna, ""), station.http(&anna));
        let mut heard = 0;
        for (priority, pulses) in PULSES {
            socket.say(&json!({"type":"command","id":priority,"command":"test_sound","priority":priority}));
            let accepted = socket.reply(priority, SECOND);
            assert_eq!((&accepted["ok"], &accepted["accepted"]), (&json!(true), &json!(true)), "{accepted}");
            let busy = http.post("/api/v1/sound/test", &json!({"priority":"low"}));
            assert_eq!((busy.status, busy.code().as_str()), (409, "test_sounds"), "one at a time");
            let done = socket.reply(priority, SOON);
            let event = socket.event("sound_tested");
            assert!(done["result"]["device"].is_string(), "{done}");
            assert_eq!(event["by"], "anna");
            let detail = json!({"priority":priority,"device":done["result"]["device"],"result":"played"});
            assert_eq!(event["detail"], detail);
            heard += pulses;
            within(SOON, "its pulses are heard", || (loudspeaker.heard().pulses().len() == heard).then_some(()));
        }
        let sound = http.json("/api/v1/sound");
        let tested: Vec<_> =
            sound["last_tests"].as_array().unwrap().iter().map(|line| &line["detail"]["priority"]).collect();
        assert_eq!(tested, ["high", "medium", "low"], "newest first");
        assert_eq!((&sound["works"], &sound["message"], &sound["device"]), (&json!(true), &json!(null), &json!(null)));

        let by_hand = http.post("/api/v1/sound/test", &json!({"priority":"low"}));
        assert_eq!(by_hand.status, 200, "{}", by_hand.text);
        assert_eq!(by_hand.json()["result"]["device"], sound["playing_on"]);
        let newest = &http.json("/api/v1/sound")["last_tests"][0]["detail"]["priority"];
        assert_eq!(newest, "low", "whoever asks again after an answer sees its line");
        assert_eq!(http.post("/api/v1/sound/test", &json!({"priority":"loud"})).code(), "bad_request");
        assert_eq!(http.command("1", &json!({"command":"test_sound","priority":"low"})).status, 404);
        assert_eq!(station.http(&eve).post("/api/v1/sound/test", &json!({"priority":"low"})).status, 403);
    });
}

#[test]
fn an_alarm_goes_before_a_sound_test() {
    undisturbed(SOUNDING, |folder| {
        let (loudspeaker, line) = (Loudspeaker::connected(), Line::numbers(97, 72));
        let token = folder.token("anna", "nurse");
        let plan = folder.station().bed("1", line.path(), "cms50");
        let station = plan.surrounded_by("ALSA_CONFIG_PATH", loudspeaker.configuration()).start();
        let (mut socket, http) = (station.socket(&token, ""), station.http(&token));
        socket.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"] == 97);
        // The test is LOW so that its two pulses are told from the ten of the alarm, whenever it is broken into.
        line.spo2(70);
        let alarm = loop {
            socket.say(&json!({"type":"command","id":"t","command":"test_sound","priority":"low"}));
            let reply = socket.reply("t", SOON);
            if reply["ok"] == false {
                break reply;
            }
            socket.reply("t", SOON);
        };
        assert_eq!(alarm["error"]["code"], "alarm_sounds", "{alarm}");
        assert_eq!(http.post("/api/v1/sound/test", &json!({"priority":"high"})).code(), "alarm_sounds");
        let before = loudspeaker.heard().pulses().len();
        within(2 * SOON, "the alarm goes on", || (loudspeaker.heard().pulses().len() >= before + 10).then_some(()));
    });
}

#[test]
fn the_chosen_output_is_kept_is_missed_within_5_s_and_is_used_again_when_it_is_back() {
    undisturbed(SOUNDING, |folder| {
        let default = Loudspeaker::connected();
        let usb = default.another("usb");
        usb.connect();
        let (anna, root) = (folder.token("anna", "nurse"), folder.token("root", "admin"));
        let start = || folder.station().surrounded_by("ALSA_CONFIG_PATH", default.configuration()).start();
        let station = start();
        let (http, admin) = (station.http(&anna), station.http(&root));
        let sound = http.json("/api/v1/sound");
        let names: Vec<_> = sound["devices"].as_array().unwrap().iter().map(|device| &device["name"]).collect();
        assert!(names.contains(&&json!("usb")), "{sound}");
        let put = |http: &crate::harness::Http, device: &str| {
            http.ask("PUT", "/api/v1/sound", json!({"device":device}).to_string())
        };
        assert_eq!(put(&http, "usb").status, 403);
        assert_eq!(put(&admin, "nowhere").code(), "unknown_device");
        assert_eq!(put(&admin, "usb").json(), json!({"device":"usb"}));
        drop((http, admin));
        station.stop();

        let station = start();
        let (http, mut socket) = (station.http(&anna), station.socket(&anna, ""));
        let test = |pulses: (usize, usize)| {
            let answer = http.post("/api/v1/sound/test", &json!({"priority":"low"}));
            within(SOON, &format!("{pulses:?} pulses are heard on the two outputs"), || {
                (pulses == (usb.heard().pulses().len(), default.heard().pulses().len())).then_some(())
            });
            answer
        };
        assert_eq!(test((2, 0)).json()["result"]["device"], "usb", "chosen in the run before");

        // The output is closed 2 s after a burst: what goes now goes while nothing sounds.
        std::thread::sleep(3 * SECOND);
        let gone = Instant::now();
        usb.disconnect();
        let failed = socket.alarm_within(SOON, "sound_failed", "active");
        assert!(failed.at - gone < 5 * SECOND, "{:?}", failed.at - gone);
        let message = failed.message["message"].as_str().unwrap();
        assert!(message.contains("\"usb\" is not there") && message.contains("Alarms sound on"), "{message}");
        let sound = http.json("/api/v1/sound");
        assert_eq!((&sound["device"], &sound["works"]), (&json!("usb"), &json!(false)));
        assert!(sound["playing_on"].is_string(), "{sound}");
        within(SOON, "the alarm about it sounds on the output that stands in", || {
            (default.heard().pulses().len() == 3).then_some(())
        });
        socket.say(&json!({"type":"command","id":"a","command":"acknowledge"}));
        socket.reply("a", SECOND);

        let back = Instant::now();
        usb.connect();
        let cleared = socket.alarm_within(SOON, "sound_failed", "cleared");
        assert!(cleared.at - back < 5 * SECOND, "{:?}", cleared.at - back);
        assert_eq!(test((4, 3)).status, 200);
    });
}

#[test]
fn where_the_settings_silence_this_computer_a_sound_test_is_refused_in_words() {
    let folder = Folder::new();
    let token = folder.token("anna", "nurse");
    let station = folder.station().start();
    let http = station.http(&token);
    assert_eq!(http.post("/api/v1/sound/test", &json!({"priority":"high"})).code(), "sound_disabled");
    let sound = http.json("/api/v1/sound");
    assert_eq!((&sound["enabled"], &sound["works"]), (&json!(false), &json!(false)));
    assert!(sound["message"].as_str().unwrap().contains("settings"), "{sound}");
}

#[test]
fn a_bed_whose_sound_is_off_is_reminded_of_by_two_low_pulses() {
    let settings = format!("[alarms]\naudio_off = true\nreminder_s = 10\n{SOUNDING}");
    undisturbed(&settings, |folder| {
        let (loudspeaker, line) = (Loudspeaker::connected(), Line::numbers(97, 72));
        let token = folder.token("chief", "admin");
        let plan = folder.station().bed("1", line.path(), "cms50");
        let station = plan.surrounded_by("ALSA_CONFIG_PATH", loudspeaker.configuration()).start();
        let mut socket = station.socket(&token, "");
        socket.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"] == 97);
        assert_eq!(socket.command("1", json!({"command":"turn_off","what":"audio"}))["ok"], true);
        for reminder in 1..=2 {
            socket.until(12 * SECOND, "a reminder", |said| said["kind"] == "off_reminder");
            within(SOON, "it is heard", || (loudspeaker.heard().pulses().len() == 2 * reminder).then_some(()));
        }
        line.spo2(70);
        socket.alarm_within(SOON, "spo2_desat", "active");
        std::thread::sleep(2 * SECOND);
        let heard = loudspeaker.heard();
        assert_eq!(heard.pulses().len(), 4, "the alarm itself is off; silences: {:?} ms", heard.gaps_ms());
    });
}
