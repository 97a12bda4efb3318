//! Hosts and sensors joined by buffers, in virtual time.

use super::*;
use crate::protocol::tests::takes_frames_at_their_word;
use crate::{Scenario, Session};
use alloc::vec::Vec;

/// A host and a sensor. What the host decoded, with the time.
struct Pair {
    host: Session,
    sensor: Simulator,
    now: Duration,
    samples: Vec<(Duration, Sample)>,
    away: Vec<Duration>,
}

const STEP: Duration = Duration::from_millis(10);

impl Pair {
    fn new(protocol: Protocol, scenario: Scenario) -> Self {
        let now = Duration::from_secs(100);
        let mut pair = Self {
            host: Session::new(protocol, now),
            sensor: Simulator::new(protocol, scenario, 11, now),
            now,
            samples: Vec::new(),
            away: Vec::new(),
        };
        pair.reset();
        pair
    }

    fn reset(&mut self) {
        let mut send = Vec::new();
        self.host.start(self.now, &mut send);
        self.sensor.receive(self.now, &send);
    }

    /// Through `seconds`; a host whose sensor is unplugged begins anew when it is back.
    fn run(&mut self, seconds: u64) -> &mut Self {
        let until = self.now + Duration::from_secs(seconds);
        let mut gone = false;
        while self.now < until {
            self.now += STEP;
            let mut bytes = Vec::new();
            let presence = self.sensor.poll(self.now, &mut bytes);
            let (now, samples) = (self.now, &mut self.samples);
            self.host.receive(now, &bytes, &mut |sample| samples.push((now, sample)));
            match presence {
                Presence::Unplugged => {
                    gone = true;
                    self.away.push(self.now);
                }
                Presence::Plugged => {
                    if core::mem::take(&mut gone) {
                        self.host = Session::new(self.host.protocol(), now);
                        self.reset();
                    }
                    let mut send = Vec::new();
                    let samples = &mut self.samples;
                    self.host.poll(now, &mut send, &mut |sample| samples.push((now, sample)));
                    self.sensor.receive(now, &send);
                }
            }
        }
        self
    }

    fn since(&self, seconds: u64) -> impl Iterator<Item = &Sample> {
        let from = Duration::from_secs(100 + seconds);
        self.samples.iter().filter(move |(at, _)| *at >= from).map(|(_, sample)| sample)
    }

    fn between(&self, from: u64, to: u64) -> Vec<Sample> {
        let (from, to) = (Duration::from_secs(100 + from), Duration::from_secs(100 + to));
        self.samples.iter().filter(|(at, _)| (from..to).contains(at)).map(|&(_, sample)| sample).collect()
    }
}

fn each(scenario: Scenario, seconds: u64, check: impl Fn(Protocol, &Pair)) {
    for &protocol in Protocol::ALL {
        let mut pair = Pair::new(protocol, scenario);
        pair.run(seconds);
        check(protocol, &pair);
    }
}

/// Samples in `seconds`.
fn expected(protocol: Protocol, seconds: usize) -> usize {
    protocol.samples_per_minute() as usize * seconds / 60
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    for &protocol in Protocol::ALL {
        for &scenario in Scenario::ALL {
            let bytes = |seed| crate::protocol::tests::stream(protocol, scenario, seed, 10);
            assert_eq!(bytes(5), bytes(5), "{protocol} {scenario}");
            // Without a wave, a sensor that measures nothing says the same whatever the seed.
            if protocol.wave_rate().is_some() || scenario != Scenario::Searching {
                assert_ne!(bytes(5), bytes(6), "{protocol} {scenario}");
            }
        }
    }
}

#[test]
fn how_often_it_is_polled_does_not_change_the_bytes() {
    for &protocol in Protocol::ALL {
        let mut bytes = [const { Vec::new() }; 2];
        for (step, bytes) in [7, 1_900].into_iter().zip(&mut bytes) {
            let mut sensor = Simulator::new(protocol, Scenario::Garbage, 1, Duration::ZERO);
            sensor.receive(Duration::ZERO, &[0x7D, 0x81, 0xA1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]);
            for now in (0..20_000).step_by(step) {
                sensor.poll(Duration::from_millis(now), bytes);
            }
            sensor.poll(Duration::from_secs(20), bytes);
        }
        assert_eq!(bytes[0], bytes[1], "{protocol}");
    }
}

#[test]
fn a_steady_sensor_streams_at_its_rate_for_two_minutes_and_more() {
    each(Scenario::Steady, 150, |protocol, pair| {
        assert_eq!(pair.between(100, 150).len(), expected(protocol, 50), "{protocol}");
        for sample in pair.since(2) {
            assert!(matches!(sample.spo2, Some(96..=98)), "{protocol} {sample:?}");
            assert!(matches!(sample.pulse_rate, Some(70..=74)), "{protocol} {sample:?}");
            assert_eq!(sample.flags, crate::Flags::default(), "{protocol}");
        }
        assert_eq!(pair.host.counters().rejected + pair.host.counters().skipped, 0, "{protocol}");
    });
}

#[test]
fn the_stream_of_a_contec_v7_dies_half_a_minute_after_the_last_word_of_the_host() {
    let mut sensor = Simulator::new(Protocol::ContecV7, Scenario::Steady, 1, Duration::ZERO);
    let mut bytes = Vec::new();
    sensor.poll(Duration::from_secs(5), &mut bytes);
    assert!(bytes.is_empty(), "silent until asked");
    let mut host = Session::new(Protocol::ContecV7, Duration::ZERO);
    sensor.receive(Duration::from_secs(5), &[0x7D, 0x81, 0xA1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]);
    for second in 5..100 {
        sensor.poll(Duration::from_secs(second), &mut bytes);
    }
    let mut samples = 0;
    host.receive(Duration::ZERO, &bytes, &mut |_| samples += 1);
    assert_eq!(samples, 30 * 60);
}

#[test]
fn a_contec_v7_stops_when_told_and_says_so() {
    let mut pair = Pair::new(Protocol::ContecV7, Scenario::Steady);
    pair.run(3);
    let mut send = Vec::new();
    pair.host.stop(&mut send);
    pair.sensor.receive(pair.now, &send);
    let mut bytes = Vec::new();
    pair.sensor.poll(pair.now + Duration::from_secs(1), &mut bytes);
    assert_eq!(bytes, [0x0C, 0x80]);
}

#[test]
fn a_contec_v7_that_was_stopped_by_someone_else_streams_again_within_three_seconds() {
    let mut pair = Pair::new(Protocol::ContecV7, Scenario::Steady);
    pair.run(5);
    pair.sensor.receive(pair.now, &[0x7D, 0x81, 0xA2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]);
    pair.run(5);
    assert_eq!(pair.between(6, 7).len(), 0);
    assert_eq!(pair.between(8, 10).len(), 120);
}

#[test]
fn a_contec_v7_says_that_it_does_not_know_a_command() {
    let mut sensor = Simulator::new(Protocol::ContecV7, Scenario::Steady, 1, Duration::ZERO);
    sensor.receive(Duration::ZERO, &[0x7D, 0x81, 0xBF, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]);
    let mut bytes = Vec::new();
    sensor.poll(Duration::ZERO, &mut bytes);
    assert_eq!(bytes, [0x0B, 0x81, 0xBF, 0x85]);
}

#[test]
fn a_nonin_heeds_commands_for_five_seconds() {
    let mut sensor = Simulator::new(Protocol::NoninDf2, Scenario::Steady, 1, Duration::ZERO);
    for (at, format, answer) in [(1, 2, Some(0x06)), (2, 8, Some(0x15)), (6, 2, None)] {
        let at = Duration::from_secs(at);
        sensor.poll(at, &mut Vec::new());
        sensor.receive(at, &[0x02, 0x70, 0x02, 0x02, format, 0x03]);
        let mut bytes = Vec::new();
        sensor.poll(at, &mut bytes);
        assert_eq!(bytes.first().copied(), answer);
    }
}

#[test]
fn a_nonin_that_is_told_to_send_another_format_sends_it_from_then_on() {
    for (from, to, number) in [(Protocol::NoninDf2, Protocol::NoninDf7, 7), (Protocol::NoninDf7, Protocol::NoninDf2, 2)]
    {
        let mut sensor = Simulator::new(from, Scenario::Steady, 1, Duration::ZERO);
        let mut bytes = Vec::new();
        sensor.receive(Duration::from_secs(1), &[0x02, 0x70, 0x02, 0x02, number, 0x03]);
        sensor.poll(Duration::from_secs(5), &mut Vec::new());
        sensor.poll(Duration::from_secs(7), &mut bytes);
        let (mut host, mut last) = (Session::new(to, Duration::ZERO), None);
        host.receive(Duration::ZERO, &bytes, &mut |sample| last = Some(sample));
        let last = last.unwrap();
        assert!(matches!(last.spo2, Some(96..=98)), "{from} to {to}: {last:?}");
        assert!(last.pleth <= to.pleth_max());
    }
}

#[test]
fn what_the_host_asked_is_remembered_in_order() {
    for (protocol, last) in [(Protocol::ContecV7, "start live data"), (Protocol::Cms50, "live data")] {
        let mut pair = Pair::new(protocol, Scenario::Steady);
        pair.run(1);
        let packets: Vec<HostPacket> = pair.sensor.take_host_packets().collect();
        let starts: Vec<&str> = packets.iter().filter(|packet| packet.starts).map(|packet| packet.name).collect();
        assert_eq!(starts, [last]);
        assert_eq!(pair.sensor.take_host_packets().count(), 0);
    }
}

#[test]
fn desaturation_falls_below_eighty_and_comes_back() {
    each(Scenario::Desaturation, 110, |protocol, pair| {
        assert!(pair.between(1, 7).iter().all(|sample| sample.spo2 >= Some(96)), "{protocol}");
        for sample in pair.between(30, 55) {
            assert!(matches!(sample.spo2, Some(77..=79)), "{protocol} {sample:?}");
        }
        assert!(pair.since(100).all(|sample| sample.spo2 >= Some(96)), "{protocol}");
    });
}

#[test]
fn brady_and_tachy_reach_their_rates() {
    each(Scenario::Brady, 60, |protocol, pair| {
        assert!(pair.since(17).all(|sample| matches!(sample.pulse_rate, Some(37..=39))), "{protocol}");
    });
    each(Scenario::Tachy, 60, |protocol, pair| {
        assert!(pair.since(17).all(|sample| matches!(sample.pulse_rate, Some(148..=156))), "{protocol}");
    });
}

#[test]
fn a_finger_that_is_out_has_no_numbers_and_comes_back() {
    each(Scenario::FingerOut, 60, |protocol, pair| {
        assert!(pair.between(1, 5).iter().all(|sample| sample.spo2.is_some() && !sample.flags.no_finger));
        for sample in pair.between(7, 25) {
            assert_eq!(sample.flags.no_finger, protocol.tells().no_finger, "{protocol}");
            assert!(sample.spo2.is_none() && sample.pulse_rate.is_none(), "{protocol}");
            assert!(!sample.beat, "{protocol}");
        }
        assert!(pair.between(27, 28).iter().all(|sample| !sample.flags.no_finger), "{protocol}");
        assert!(pair.between(30, 43).iter().all(|sample| sample.spo2.is_some()), "{protocol}");
        assert!(pair.between(46, 60).iter().all(|sample| sample.spo2.is_none()), "{protocol}");
    });
}

#[test]
fn searching_lasts_and_has_no_numbers() {
    each(Scenario::Searching, 60, |protocol, pair| {
        for sample in pair.since(1) {
            assert_eq!(sample.flags.searching, protocol.tells().searching, "{protocol}");
            assert!(sample.spo2.is_none() && sample.pulse_rate.is_none(), "{protocol}");
        }
    });
}

#[test]
fn low_perfusion_shows_in_what_the_format_has() {
    each(Scenario::LowPerfusion, 20, |protocol, pair| {
        for sample in pair.since(2) {
            assert!(sample.spo2.is_some(), "{protocol}");
            let tells = protocol.tells();
            assert_eq!(sample.flags.low_perfusion, tells.low_perfusion, "{protocol}");
            assert!(sample.flags.weak_signal || !tells.weak_signal || tells.low_perfusion, "{protocol}");
            let has_index = matches!(protocol, Protocol::ContecV7 | Protocol::MasimoAscii);
            assert_eq!(matches!(sample.perfusion_index, Some(20..=30)), has_index, "{protocol}");
        }
    });
}

#[test]
fn motion_shows_in_what_the_format_has() {
    each(Scenario::Artifact, 60, |protocol, pair| {
        if protocol.tells().artifact {
            assert!(pair.between(6, 11).iter().all(|sample| sample.flags.artifact));
            assert!(pair.between(1, 3).iter().all(|sample| !sample.flags.artifact));
        } else if pair.since(1).any(|sample| sample.signal_strength.is_some()) {
            let strengths: alloc::collections::BTreeSet<_> =
                pair.since(1).map(|sample| sample.signal_strength).collect();
            assert!(strengths.len() >= 6, "{protocol} {strengths:?}");
        }
    });
}

#[test]
fn silence_comes_after_six_seconds_and_nothing_revives_it() {
    each(Scenario::Silence, 60, |protocol, pair| {
        assert!(pair.between(4, 6).len() >= expected(protocol, 2) * 9 / 10, "{protocol}");
        assert_eq!(pair.since(7).count(), 0, "{protocol}");
    });
    for &protocol in Protocol::ALL {
        let mut pair = Pair::new(protocol, Scenario::Silence);
        pair.run(20).reset();
        pair.run(20);
        assert_eq!(pair.since(7).count(), 0, "{protocol}");
        assert_eq!(pair.sensor.next_wake(), None, "{protocol}");
    }
}

#[test]
fn an_unplugged_sensor_comes_back_after_eight_seconds_as_after_power_on() {
    each(Scenario::Unplug, 60, |protocol, pair| {
        assert!(pair.between(2, 6).len() >= expected(protocol, 4) * 9 / 10, "{protocol}");
        assert_eq!(pair.between(7, 13).len(), 0, "{protocol}");
        let has_wave = protocol.wave_rate().is_some();
        assert!(pair.between(15, 19).iter().all(|sample| sample.pleth.is_some() == has_wave), "{protocol}");
        let until_certain = if takes_frames_at_their_word(protocol) { 2 } else { 0 };
        assert!(pair.between(15, 19).len() + until_certain >= expected(protocol, 4) * 9 / 10, "{protocol}");
        let first = pair.away.iter().take_while(|at| at.as_secs() < 120).count() as u128;
        let away = first * STEP.as_millis();
        assert!((7_900..=8_100).contains(&away), "{protocol}: {away} ms");
    });
}

#[test]
fn garbage_changes_no_number() {
    each(Scenario::Garbage, 300, |protocol, pair| {
        let counters = pair.host.counters();
        // Each second or two, or each line or two where they come more rarely.
        assert!(
            counters.rejected + counters.skipped > expected(protocol, 100).min(200) as u64,
            "{protocol} {counters:?}"
        );
        let is_right = |sample: &Sample| {
            matches!(sample.spo2, Some(96..=98))
                && matches!(sample.pulse_rate, Some(70..=74))
                && !sample.flags.no_finger
                && !sample.flags.searching
        };
        let samples: Vec<&Sample> = pair.since(2).collect();
        // Damage of one frame, which nothing shows, and of the next.
        let together = if takes_frames_at_their_word(protocol) { 3 } else { 1 };
        for neighbours in samples.windows(together) {
            assert!(neighbours.iter().any(|sample| is_right(sample)), "{protocol} {neighbours:?}");
        }
    });
}

#[test]
fn a_low_battery_shows_where_the_format_has_a_place_for_it() {
    each(Scenario::LowBattery, 20, |protocol, pair| {
        let told = pair.since(2).all(|sample| sample.flags.low_battery);
        assert_eq!(told, protocol.tells().low_battery, "{protocol}");
        assert!(pair.since(2).all(|sample| sample.spo2.is_some()), "{protocol}");
    });
}

#[test]
fn apnea_dips_once_a_minute() {
    each(Scenario::Apnea, 180, |protocol, pair| {
        for minute in 0..3_u64 {
            let of = |from, to| {
                let part = pair.between(minute * 60 + from, minute * 60 + to);
                part.into_iter().filter_map(|sample| sample.spo2).min().unwrap()
            };
            assert!((85..=87).contains(&of(10, 40)), "{protocol}");
            assert!(of(46, 60) >= 96, "{protocol}");
        }
    });
}

#[test]
fn frames_missed_by_a_host_that_slept_are_not_made_up_for() {
    let mut sensor = Simulator::new(Protocol::Cms50, Scenario::Steady, 1, Duration::ZERO);
    let mut bytes = Vec::new();
    sensor.poll(Duration::from_secs(3_600), &mut bytes);
    assert!(bytes.len() <= 2 * 300 + 5, "{}", bytes.len());
}

#[test]
fn a_sensor_wakes_for_its_next_frame_and_for_its_answers() {
    let mut sensor = Simulator::new(Protocol::ContecV7, Scenario::Steady, 1, Duration::ZERO);
    assert_eq!(sensor.next_wake(), None);
    let second = Duration::from_secs(1);
    sensor.receive(second, &[0x7D, 0x81, 0xA2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]);
    assert_eq!(sensor.next_wake(), Some(second));
    sensor.poll(second, &mut Vec::new());
    sensor.receive(second, &[0x7D, 0x81, 0xA1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]);
    sensor.poll(second, &mut Vec::new());
    assert_eq!(sensor.next_wake(), Some(second + Duration::from_nanos(16_666_666)));
}

#[test]
fn a_sensor_behind_a_good_line_sends_the_same_bytes() {
    for &protocol in Protocol::ALL {
        let run = |rates: Option<crate::FaultRates>| {
            let mut sensor = Simulator::new(protocol, Scenario::Garbage, 3, Duration::ZERO);
            if let Some(rates) = rates {
                sensor = sensor.behind(Faults::new(rates, 3));
            }
            let (mut bytes, mut answers) = (Vec::new(), Vec::new());
            let mut host = Session::new(protocol, Duration::ZERO);
            host.start(Duration::ZERO, &mut answers);
            for now in (0..20_000).step_by(10).map(Duration::from_millis) {
                sensor.receive(now, &answers);
                answers.clear();
                let before = bytes.len();
                sensor.poll(now, &mut bytes);
                host.receive(now, &bytes[before..], &mut |_| {});
                host.poll(now, &mut answers, &mut |_| {});
            }
            bytes
        };
        assert_eq!(run(Some(crate::FaultRates::NONE)), run(None), "{protocol}");
        assert_ne!(run(Some(crate::FaultRates::mix(1_000))), run(None), "{protocol}");
    }
}

#[test]
fn a_plug_that_the_line_pulls_is_out_for_a_while_and_the_sensor_starts_anew() {
    for &protocol in Protocol::ALL {
        let rates = crate::FaultRates::NONE.with(crate::Fault::Unplug, 1_000_000);
        let mut sensor = Simulator::new(protocol, Scenario::Steady, 3, Duration::ZERO).behind(Faults::new(rates, 3));
        let mut send = Vec::new();
        Session::new(protocol, Duration::ZERO).start(Duration::ZERO, &mut send);
        if protocol == Protocol::ContecV7 {
            send = alloc::vec![0x7D, 0x81, 0xA1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80];
        }
        sensor.receive(Duration::ZERO, &send);
        let mut bytes = Vec::new();
        let out = (0..10_000).find(|&ms| sensor.poll(Duration::from_millis(ms), &mut bytes) == Presence::Unplugged);
        let back = sensor.next_wake().unwrap();
        let away = back - Duration::from_millis(out.unwrap());
        assert!((1_980..=8_020).contains(&away.as_millis()), "{protocol} {away:?}");
        assert_eq!(sensor.poll(back - Duration::from_millis(1), &mut bytes), Presence::Unplugged);
        // Whatever frame was cut short by the plug, nothing of it came afterwards.
        assert!(bytes.is_empty(), "{protocol} {bytes:?}");
    }
}

/// A host and a sensor through `text`.
fn scripted(protocol: Protocol, text: &str, seconds: u64) -> Pair {
    let mut pair = Pair::new(protocol, Scenario::Steady);
    pair.sensor = Simulator::new(protocol, text.parse::<Script>().unwrap(), 11, pair.now);
    pair.reset();
    pair.run(seconds);
    pair
}

#[test]
fn a_script_without_wandering_is_shown_to_the_letter() {
    for &protocol in Protocol::ALL {
        let pair = scripted(protocol, "0s wander off, spo2 91, pulse 133\n20s spo2 85, pulse 70", 40);
        for (from, to, numbers) in [(5, 20, (Some(91), Some(133))), (25, 40, (Some(85), Some(70)))] {
            let samples = pair.between(from, to);
            assert!(!samples.is_empty(), "{protocol}");
            assert!(samples.iter().all(|sample| (sample.spo2, sample.pulse_rate) == numbers), "{protocol}");
        }
    }
}

#[test]
fn a_silence_that_ends_is_followed_by_what_is_then() {
    for &protocol in Protocol::ALL {
        let pair = scripted(protocol, "0s wander off, spo2 95\n10s silence 12s\n15s spo2 88", 40);
        assert_eq!(pair.between(12, 21).len(), 0, "{protocol}");
        let after = pair.between(28, 40);
        assert!(!after.is_empty() && after.iter().all(|sample| sample.spo2 == Some(88)), "{protocol}");
    }
}

#[test]
fn a_script_stands_still_while_its_sensor_is_unplugged_and_until_it_sends_again() {
    let script: Script = "5s unplug 3s\n10s spo2 80\n12s repeat".parse().unwrap();
    let mut sensor = Simulator::new(Protocol::ContecV7, script, 1, Duration::ZERO);
    let ask = |sensor: &mut Simulator, at| {
        sensor.receive(Duration::from_secs(at), &[0x7D, 0x81, 0xA1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]);
    };
    let presence = |sensor: &mut Simulator, at| sensor.poll(Duration::from_secs(at), &mut Vec::new());
    ask(&mut sensor, 0);
    assert_eq!(
        [4, 5, 7].map(|at| presence(&mut sensor, at)),
        [Presence::Plugged, Presence::Unplugged, Presence::Unplugged]
    );
    // Back at 8 and called only at 20: the script goes on at its eighth second then.
    assert_eq!([9, 19].map(|at| presence(&mut sensor, at)), [Presence::Plugged; 2]);
    ask(&mut sensor, 20);
    assert_eq!(
        [20, 28, 29].map(|at| presence(&mut sensor, at)),
        [Presence::Plugged, Presence::Plugged, Presence::Unplugged]
    );
}

#[test]
fn a_sensor_that_waits_to_be_asked_is_unplugged_on_time_as_well() {
    let script: Script = "5s unplug 3s".parse().unwrap();
    let mut sensor = Simulator::new(Protocol::ContecV7, script, 1, Duration::ZERO);
    sensor.receive(Duration::ZERO, &[0x7D, 0x81, 0xA1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]);
    sensor.poll(Duration::from_secs(1), &mut Vec::new());
    sensor.receive(Duration::from_secs(1), &[0x7D, 0x81, 0xA2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]);
    let presence = [4, 6].map(|at| sensor.poll(Duration::from_secs(at), &mut Vec::new()));
    assert_eq!(presence, [Presence::Plugged, Presence::Unplugged]);
}
