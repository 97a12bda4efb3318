//! Hosts and sensors joined by buffers, in virtual time.

use super::*;
use crate::Session;
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
                    self.host.poll(now, &mut send);
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

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    for &protocol in Protocol::ALL {
        for &scenario in Scenario::ALL {
            let bytes = |seed| crate::protocol::tests::stream(protocol, scenario, seed, 10);
            assert_eq!(bytes(5), bytes(5), "{protocol} {scenario}");
            assert_ne!(bytes(5), bytes(6), "{protocol} {scenario}");
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
        let rate = usize::from(protocol.sample_rate());
        assert_eq!(pair.between(100, 150).len(), 50 * rate, "{protocol}");
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
    for (at, format, answer) in [(1, 2, Some(0x06)), (2, 7, Some(0x15)), (6, 2, None)] {
        let at = Duration::from_secs(at);
        sensor.poll(at, &mut Vec::new());
        sensor.receive(at, &[0x02, 0x70, 0x02, 0x02, format, 0x03]);
        let mut bytes = Vec::new();
        sensor.poll(at, &mut bytes);
        assert_eq!(bytes.first().copied(), answer);
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
            assert!(sample.flags.no_finger && sample.spo2.is_none() && sample.pulse_rate.is_none(), "{protocol}");
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
            assert!(sample.flags.searching && sample.spo2.is_none() && sample.pulse_rate.is_none(), "{protocol}");
        }
    });
}

#[test]
fn low_perfusion_shows_in_what_the_format_has() {
    each(Scenario::LowPerfusion, 20, |protocol, pair| {
        for sample in pair.since(2) {
            assert!(sample.spo2.is_some(), "{protocol}");
            match protocol {
                Protocol::NoninDf2 => assert!(sample.flags.low_perfusion),
                Protocol::ContecV7 => {
                    assert!(matches!(sample.perfusion_index, Some(20..=30)) && sample.flags.weak_signal);
                }
                Protocol::Cms50 => assert!(sample.flags.weak_signal),
            }
        }
    });
}

#[test]
fn motion_shows_in_what_the_format_has() {
    each(Scenario::Artifact, 60, |protocol, pair| {
        if protocol == Protocol::NoninDf2 {
            assert!(pair.between(6, 11).iter().all(|sample| sample.flags.artifact));
            assert!(pair.between(1, 3).iter().all(|sample| !sample.flags.artifact));
        } else {
            let strengths: alloc::collections::BTreeSet<_> =
                pair.since(1).map(|sample| sample.signal_strength).collect();
            assert!(strengths.len() >= 6, "{protocol} {strengths:?}");
        }
    });
}

#[test]
fn silence_comes_after_six_seconds_and_nothing_revives_it() {
    each(Scenario::Silence, 60, |protocol, pair| {
        assert!(pair.between(5, 6).len() > 50, "{protocol}");
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
        assert!(pair.between(2, 6).len() > 200, "{protocol}");
        assert_eq!(pair.between(7, 13).len(), 0, "{protocol}");
        assert!(pair.between(15, 19).iter().all(|sample| sample.pleth.is_some()), "{protocol}");
        assert!(pair.between(15, 19).len() > 200, "{protocol}");
        let first = pair.away.iter().take_while(|at| at.as_secs() < 120).count() as u128;
        let away = first * STEP.as_millis();
        assert!((7_900..=8_100).contains(&away), "{protocol}: {away} ms");
    });
}

#[test]
fn garbage_changes_no_number() {
    each(Scenario::Garbage, 300, |protocol, pair| {
        let counters = pair.host.counters();
        assert!(counters.rejected + counters.skipped > 200, "{protocol} {counters:?}");
        for sample in pair.since(2) {
            assert!(matches!(sample.spo2, Some(96..=98)), "{protocol} {sample:?}");
            assert!(matches!(sample.pulse_rate, Some(70..=74)), "{protocol} {sample:?}");
            assert!(!sample.flags.no_finger && !sample.flags.searching, "{protocol}");
        }
    });
}

#[test]
fn a_low_battery_shows_where_the_format_has_a_place_for_it() {
    each(Scenario::LowBattery, 20, |protocol, pair| {
        let told = pair.since(2).all(|sample| sample.flags.low_battery);
        assert_eq!(told, protocol == Protocol::NoninDf2, "{protocol}");
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
