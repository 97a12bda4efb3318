//! Commands as they come over the wire, WebSocket and REST alike.

use oximeter::errand::Slot;
use record::Role;
use serde::Deserialize;
use serde_json::{Map, Value};
use station::{Command, Refusal, Request};
use std::time::Duration;
use vitals::{AlarmId, LimitsChange, Off, Patient, Priority};

/// The one command that is never for a bed.
const TEST_SOUND: &str = "test_sound";

/// What each command takes beside its name and address.
const TAKES: [(&str, &[&str]); 19] = [
    ("request", &["what", "seconds"]),
    ("reset", &[]),
    ("acknowledge", &["alarm"]),
    ("withdraw", &["alarm"]),
    ("pause_audio", &["seconds"]),
    ("resume_audio", &[]),
    ("turn_off", &["what"]),
    ("turn_on", &[]),
    ("set_limits", &["spo2_low", "spo2_desat", "spo2_high", "pulse_low", "pulse_high", "delay_s", "area_delay"]),
    ("admit", &["patient"]),
    ("discharge", &[]),
    ("confirm_sensor", &[]),
    ("download", &["recordings"]),
    ("stop_download", &[]),
    ("set_clock", &[]),
    ("set_format", &["format"]),
    ("start_capture", &[]),
    ("stop_capture", &[]),
    (TEST_SOUND, &["priority"]),
];

/// The least role for a command: a nurse's, but where the device itself is changed, its bytes are kept (contract,
/// section 2), or a bed's sound or alarms are turned off without an end.
pub(crate) const fn needed(command: &Command) -> Role {
    match command {
        Command::SetClock
        | Command::SetFormat(_)
        | Command::StartCapture
        | Command::StopCapture
        | Command::TurnOff(_) => Role::Admin,
        _ => Role::Nurse,
    }
}

/// Reads a command from a message from which `type`, `id` and `bed` may be left out.
///
/// # Errors
/// If it names no command, takes something it does not know, or a value is of the wrong kind; in words.
pub(crate) fn parse(message: &Map<String, Value>) -> Result<Command, Refusal> {
    let bad = |text: String| Refusal::new("bad_request", text);
    let Some(name) = message.get("command").and_then(Value::as_str) else {
        return Err(bad("The message has no `command`.".into()));
    };
    let Some((_, takes)) = TAKES.iter().find(|(known, _)| *known == name) else {
        let known = TAKES.map(|(known, _)| known).join(", ");
        return Err(Refusal::new("unknown_command", format!("There is no command {name:?}. There are: {known}.")));
    };
    let strange = message
        .keys()
        .find(|key| !["type", "id", "bed", "command"].contains(&key.as_str()) && !takes.contains(&key.as_str()));
    if let Some(key) = strange {
        return Err(bad(format!("The command {name} takes no `{key}`.")));
    }
    match name {
        "request" => request(message).map_err(bad),
        "reset" => Ok(Command::Reset),
        "acknowledge" => Ok(Command::Acknowledge(alarm(message)?)),
        "withdraw" => match alarm(message)? {
            Some(id) => Ok(Command::Withdraw(id)),
            None => {
                Err(bad("`alarm` must name the alarm whose acknowledgement is taken back, such as \"a-17\".".into()))
            }
        },
        "turn_off" => match message.get("what").and_then(Value::as_str) {
            Some("audio") => Ok(Command::TurnOff(Off::Audio)),
            Some("alarms") => Ok(Command::TurnOff(Off::Alarms)),
            _ => Err(bad("`what` must be \"audio\" or \"alarms\".".into())),
        },
        "turn_on" => Ok(Command::TurnOn),
        "pause_audio" => match message.get("seconds").and_then(Value::as_u64) {
            Some(seconds @ 30..=120) => Ok(Command::PauseAudio(Duration::from_secs(seconds))),
            _ => Err(Refusal::new("out_of_range", "`seconds` must be a whole number from 30 to 120.")),
        },
        "resume_audio" => Ok(Command::ResumeAudio),
        "set_limits" => Ok(Command::SetLimits(limits(message, takes)?)),
        "admit" => match message.get("patient").map(|patient| serde_json::from_value::<Patient>(patient.clone())) {
            Some(Ok(patient)) => Ok(Command::Admit(patient)),
            // The error of the parser may repeat what was sent: a name. It is not passed on.
            _ => Err(Refusal::new(
                "bad_patient",
                "`patient` must be an object with a text `id` and at most a text `name`.",
            )),
        },
        "discharge" => Ok(Command::Discharge),
        "confirm_sensor" => Ok(Command::ConfirmSensor),
        "download" => download(message).map_err(bad),
        "stop_download" => Ok(Command::StopDownload),
        "set_clock" => Ok(Command::SetClock),
        "start_capture" => Ok(Command::StartCapture),
        "stop_capture" => Ok(Command::StopCapture),
        TEST_SOUND => Err(bad("The sound is the station's: test_sound takes no bed.".into())),
        _ => match message.get("format").and_then(Value::as_str).map(str::parse) {
            Some(Ok(protocol)) => Ok(Command::SetFormat(protocol)),
            Some(Err(error)) => Err(bad(format!("`format`: {error}"))),
            None => Err(bad("`format` must be the name of a protocol, such as \"nonin-df7\".".into())),
        },
    }
}

/// Whether the message asks for a test of the sound, and names no bed.
pub(crate) fn is_sound_test(message: &Map<String, Value>) -> bool {
    message.get("command").is_some_and(|name| name == TEST_SOUND) && message.get("bed").is_none_or(Value::is_null)
}

/// The priority whose burst is to be tested.
///
/// # Errors
/// If there is none, or something else beside it; in words.
pub(crate) fn priority(message: &Map<String, Value>) -> Result<Priority, Refusal> {
    let bad = |text: String| Refusal::new("bad_request", text);
    let known = ["type", "id", "bed", "command", "priority"];
    if let Some(key) = message.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(bad(format!("A sound test takes no `{key}`.")));
    }
    let priority = message.get("priority").and_then(Value::as_str).and_then(Priority::parse);
    priority.ok_or_else(|| bad("`priority` must be \"high\", \"medium\" or \"low\".".into()))
}

fn alarm(message: &Map<String, Value>) -> Result<Option<AlarmId>, Refusal> {
    match message.get("alarm") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => match AlarmId::parse(text) {
            Some(id) => Ok(Some(id)),
            None => Err(Refusal::new("unknown_alarm", format!("There is no alarm {text:?}."))),
        },
        Some(_) => Err(Refusal::new("bad_request", "`alarm` must be a string such as \"a-17\".")),
    }
}

fn download(message: &Map<String, Value>) -> Result<Command, String> {
    let slot = |value: &Value| {
        let (user, segment) = value.as_str()?.split_once('/')?;
        Some(Slot { user: user.parse().ok()?, segment: segment.parse().ok()? })
    };
    match message.get("recordings") {
        None | Some(Value::Null) => Ok(Command::Download(None)),
        Some(Value::Array(wanted)) if !wanted.is_empty() => {
            let slots: Option<Vec<Slot>> = wanted.iter().map(slot).collect();
            slots.map(|slots| Command::Download(Some(slots))).ok_or_else(wrong_recordings)
        }
        Some(_) => Err(wrong_recordings()),
    }
}

fn wrong_recordings() -> String {
    "`recordings` must be a list of those that `request` `recordings` names, such as [\"0/1\"], or left out for all."
        .into()
}

fn request(message: &Map<String, Value>) -> Result<Command, String> {
    let what = message.get("what").and_then(Value::as_str).unwrap_or_default();
    let request = match what {
        "reading" => Request::Reading,
        "device" => Request::Device,
        "recordings" => Request::Recordings,
        "wave" => match message.get("seconds").map_or(Some(10), Value::as_u64) {
            Some(seconds @ 1..=60) => Request::Wave(Duration::from_secs(seconds)),
            _ => return Err("`seconds` must be a whole number from 1 to 60.".into()),
        },
        _ => return Err("`what` must be one of: reading, device, wave, recordings.".into()),
    };
    if what != "wave" && message.contains_key("seconds") {
        return Err(format!("The request for {what} takes no `seconds`."));
    }
    Ok(Command::Request(request))
}

/// A present value; absent, `null` and a number are three things.
fn given<T: for<'de> Deserialize<'de>>(message: &Map<String, Value>, name: &str) -> Result<Option<T>, Refusal> {
    message.get(name).map(|value| T::deserialize(value)).transpose().map_err(|_| {
        Refusal::new("bad_limits", format!("`{name}` must be a whole number in its range; it was {}.", message[name]))
    })
}

/// A change of limits that is no message: every key is a limit.
pub(crate) fn limits_change(body: &Map<String, Value>) -> Result<LimitsChange, Refusal> {
    let takes = TAKES.iter().find(|(name, _)| *name == "set_limits").map_or(&[][..], |(_, takes)| takes);
    if let Some(strange) = body.keys().find(|key| !takes.contains(&key.as_str())) {
        return Err(Refusal::new(
            "bad_request",
            format!("There is no limit `{strange}`. There are: {}.", takes.join(", ")),
        ));
    }
    limits(body, takes)
}

fn limits(message: &Map<String, Value>, takes: &[&str]) -> Result<LimitsChange, Refusal> {
    if !takes.iter().any(|name| message.contains_key(*name)) {
        return Err(Refusal::new("bad_limits", format!("set_limits needs at least one of: {}.", takes.join(", "))));
    }
    Ok(LimitsChange {
        spo2_low: given(message, "spo2_low")?,
        spo2_desat: given(message, "spo2_desat")?,
        spo2_high: given(message, "spo2_high")?,
        pulse_low: given(message, "pulse_low")?,
        pulse_high: given(message, "pulse_high")?,
        delay_s: given(message, "delay_s")?,
        area_delay: given(message, "area_delay")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use oximeter::Protocol;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(value: Value) -> Result<Command, &'static str> {
        parse(value.as_object().unwrap()).map_err(|refusal| refusal.code)
    }

    #[test]
    fn each_command_of_the_contract_is_understood() {
        let alarm = Some(AlarmId(17));
        assert_eq!(read(json!({"command":"request","what":"reading"})), Ok(Command::Request(Request::Reading)));
        assert_eq!(read(json!({"command":"acknowledge","alarm":"a-17"})), Ok(Command::Acknowledge(alarm)));
        assert_eq!(read(json!({"command":"acknowledge"})), Ok(Command::Acknowledge(None)));
        assert_eq!(
            read(json!({"command":"pause_audio","seconds":120})),
            Ok(Command::PauseAudio(Duration::from_secs(120)))
        );
        let off = LimitsChange { spo2_high: Some(None), delay_s: Some(0), ..LimitsChange::default() };
        assert_eq!(
            read(json!({"command":"set_limits","spo2_high":null,"delay_s":0})),
            Ok(Command::SetLimits(off)),
            "off is not the same as left out"
        );
        let slots = [Slot { user: 0, segment: 1 }, Slot { user: 2, segment: 13 }];
        assert_eq!(
            read(json!({"command":"download","recordings":["0/1","2/13"]})),
            Ok(Command::Download(Some(slots.into())))
        );
        assert_eq!(read(json!({"command":"download"})), Ok(Command::Download(None)));
        let format = Command::SetFormat(Protocol::NoninDf2);
        assert_eq!(read(json!({"command":"set_format","format":"nonin-df2"})), Ok(format));
        let patient = Patient { id: "4711".into(), name: None };
        assert_eq!(read(json!({"command":"admit","patient":{"id":"4711"}})), Ok(Command::Admit(patient)));
    }

    #[test]
    fn what_is_not_understood_is_refused_with_a_stable_word() {
        for (message, code) in [
            (json!({}), "bad_request"),
            (json!({"command":"silence"}), "unknown_command"),
            (json!({"command":"reset","hard":true}), "bad_request"),
            (json!({"command":"request","what":"everything"}), "bad_request"),
            (json!({"command":"acknowledge","alarm":"17"}), "unknown_alarm"),
            (json!({"command":"acknowledge","alarm":17}), "bad_request"),
            (json!({"command":"pause_audio"}), "out_of_range"),
            (json!({"command":"pause_audio","seconds":121}), "out_of_range"),
            (json!({"command":"pause_audio","seconds":60.5}), "out_of_range"),
            (json!({"command":"set_limits"}), "bad_limits"),
            (json!({"command":"set_limits","spo2_low":900}), "bad_limits"),
            (json!({"command":"set_limits","spo2_low":null}), "bad_limits"),
            (json!({"command":"set_limits","spo2_low":"90"}), "bad_limits"),
            (json!({"command":"admit","patient":{"name":"x"}}), "bad_patient"),
            (json!({"command":"download","recordings":[]}), "bad_request"),
            (json!({"command":"download","recordings":["1"]}), "bad_request"),
            (json!({"command":"download","recordings":["0/256"]}), "bad_request"),
            (json!({"command":"set_format"}), "bad_request"),
            (json!({"command":"set_format","format":"nonin"}), "bad_request"),
        ] {
            assert_eq!(read(message.clone()), Err(code), "{message}");
        }
    }

    #[test]
    fn what_changes_the_device_itself_or_keeps_its_bytes_is_an_admins() {
        assert_eq!(
            [Command::SetClock, Command::StartCapture, Command::StopCapture].map(|command| needed(&command)),
            [Role::Admin; 3]
        );
        assert_eq!(needed(&Command::SetFormat(Protocol::NoninDf2)), Role::Admin);
        assert_eq!([Command::Download(None), Command::StopDownload].map(|command| needed(&command)), [Role::Nurse; 2]);
    }

    #[test]
    fn a_refused_patient_is_not_repeated_in_the_refusal() {
        let message = json!({"command":"admit","patient":{"id":7,"name":"Erika Mustermann"}});
        assert!(!parse(message.as_object().unwrap()).unwrap_err().message.contains("Erika"));
    }

    proptest! {
        #[test]
        fn no_message_makes_the_parser_fail_otherwise_than_by_a_refusal(
            name in "[a-z_]{0,12}", key in "[a-z_]{0,8}", number in any::<i64>(), text in ".{0,20}"
        ) {
            for value in [json!(number), json!(text), json!([number]), json!(null)] {
                let message = json!({ "command": name, key.clone(): value });
                let _ = parse(message.as_object().unwrap());
            }
        }
    }
}
