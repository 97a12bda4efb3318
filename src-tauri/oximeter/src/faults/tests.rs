use super::*;
use alloc::string::ToString;
use proptest::prelude::*;

fn line(fault: Fault, per_million: u32) -> Faults {
    Faults::new(FaultRates::NONE.with(fault, per_million), 7)
}

/// What arrives by `now`, piece by piece.
fn arrived(line: &mut Faults, now: Duration) -> Vec<Vec<u8>> {
    let pieces = core::iter::from_fn(|| line.arrive(now));
    pieces
        .map(|arrival| match arrival {
            Arrival::Bytes(bytes) => bytes,
            Arrival::Unplugged { .. } => panic!("the plug was pulled"),
        })
        .collect()
}

const MS: fn(u64) -> Duration = Duration::from_millis;

/// So that a fault begins at the first byte of a call and at no other.
fn once(fault: Fault, send: &[u8]) -> Faults {
    let mut line = line(fault, 1_000_000);
    line.send(Duration::ZERO, &send[..1]);
    line.set_rates(FaultRates::NONE);
    line.send(Duration::ZERO, &send[1..]);
    line
}

#[test]
fn a_good_line_carries_everything_at_once() {
    let mut line = Faults::new(FaultRates::NONE, 1);
    line.send(MS(5), &[1, 2, 3]);
    assert_eq!(arrived(&mut line, MS(4)), [] as [Vec<u8>; 0]);
    assert_eq!(arrived(&mut line, MS(5)), [[1, 2, 3]]);
    assert_eq!(line.next_wake(), None);
}

#[test]
fn bytes_are_lost_changed_invented_and_doubled() {
    let through = |fault| arrived(&mut once(fault, &[0x10, 0x20]), Duration::ZERO).concat();
    assert_eq!(through(Fault::Drop), [0x20]);
    let flipped = through(Fault::Flip);
    assert_eq!(((flipped[0] ^ 0x10).count_ones(), flipped[1]), (1, 0x20));
    assert_eq!(through(Fault::Insert)[1..], [0x10, 0x20]);
    assert_eq!(through(Fault::Duplicate), [0x10, 0x10, 0x20]);
}

#[test]
fn a_split_piece_comes_in_parts_and_nothing_overtakes_it() {
    let mut line = line(Fault::Split, 1_000_000);
    line.send(Duration::ZERO, &[1, 2]);
    line.set_rates(FaultRates::NONE);
    line.send(MS(1), &[3]);
    assert_eq!(arrived(&mut line, MS(1)), [] as [Vec<u8>; 0]);
    assert_eq!(arrived(&mut line, MS(100)), [[1], [2], [3]]);
}

#[test]
fn a_merged_piece_waits_for_the_next_or_three_seconds() {
    for wait in [1_000, 10_000] {
        let mut line = line(Fault::Merge, 1_000_000);
        line.send(Duration::ZERO, &[1]);
        line.set_rates(FaultRates::NONE);
        assert_eq!(line.next_wake(), Some(MS(3_000)));
        line.send(MS(wait), &[2]);
        let pieces = arrived(&mut line, MS(wait));
        assert_eq!(
            pieces,
            if wait == 1_000 { alloc::vec![alloc::vec![1, 2]] } else { alloc::vec![alloc::vec![1], alloc::vec![2]] }
        );
    }
}

#[test]
fn a_line_that_hangs_loses_what_is_sent_and_one_that_pauses_brings_it_late() {
    for (fault, kept) in [(Fault::Stall, [].as_slice()), (Fault::Burst, &[1, 2])] {
        let mut line = once(fault, &[1, 2]);
        assert_eq!(arrived(&mut line, MS(199)), [] as [Vec<u8>; 0], "{fault}");
        line.send(MS(3_001), &[3]);
        assert_eq!(arrived(&mut line, MS(3_001)).concat(), [kept, &[3]].concat(), "{fault}");
    }
}

#[test]
fn a_plug_is_pulled_inside_a_frame_and_put_back() {
    let mut line = line(Fault::Unplug, 1_000_000);
    line.set_rates(FaultRates::NONE);
    line.send(Duration::ZERO, &[1, 2]);
    line.set_rates(FaultRates::NONE.with(Fault::Unplug, 1_000_000));
    line.send(Duration::ZERO, &[3, 4]);
    line.set_rates(FaultRates::NONE);
    assert_eq!(line.arrive(Duration::ZERO), Some(Arrival::Bytes(alloc::vec![1, 2])));
    let Some(Arrival::Unplugged { until }) = line.arrive(Duration::ZERO) else { panic!("still plugged in") };
    assert!((MS(2_000)..=MS(8_000)).contains(&until));
    line.send(until - MS(1), &[5]);
    line.send(until, &[6]);
    assert_eq!(arrived(&mut line, until), [[6]]);
    assert_eq!(line.count(Fault::Unplug), 1);
}

#[test]
fn each_fault_begins_as_often_as_its_rate_says() {
    for &fault in Fault::ALL {
        let mut line = line(fault, 10_000);
        let mut sent = 0;
        for second in 0..200_000_u64 {
            // Long enough apart that no pause swallows the next call.
            line.send(Duration::from_secs(10 * second), &[0x55]);
            sent += 1;
            while line.arrive(Duration::from_secs(10 * second)).is_some() {}
        }
        let count = line.count(fault);
        assert!((1_800..=2_200).contains(&count), "{fault}: {count} of {sent}");
        assert_eq!(Fault::ALL.iter().map(|&other| line.count(other)).sum::<u64>(), count);
    }
}

#[test]
fn rates_are_read_from_text_and_refused_in_words() {
    assert_eq!(" flip , unplug=3".parse(), Ok(FaultRates::NONE.with(Fault::Flip, 1000).with(Fault::Unplug, 3)));
    assert_eq!("all=100".parse(), Ok(FaultRates::mix(100)));
    let message = |text: &str| text.parse::<FaultRates>().unwrap_err().to_string();
    assert!(message("flop").starts_with("\"flop\" is not a fault. Use one of: drop, flip,"), "{}", message("flop"));
    assert!(message("flip=often").ends_with("write times per million bytes, as in flip=1000."));
    assert!(message("all=").contains("as in all=1000"));
}

proptest! {
    #[test]
    fn the_same_seed_gives_the_same_damage(
        seed: u64, sends in prop::collection::vec((0..500_u64, prop::collection::vec(any::<u8>(), 0..20)), 0..50),
    ) {
        let run = || {
            let mut line = Faults::new(FaultRates::mix(30_000), seed);
            let (mut now, mut arrivals) = (Duration::ZERO, Vec::new());
            for (wait, bytes) in &sends {
                now += MS(*wait);
                line.send(now, bytes);
                arrivals.extend(core::iter::from_fn(|| line.arrive(now)));
            }
            arrivals
        };
        prop_assert_eq!(run(), run());
    }

    /// A line that only splits, merges and pauses loses nothing and changes nothing.
    #[test]
    fn delays_keep_every_byte_in_order(
        seed: u64, sends in prop::collection::vec((0..500_u64, prop::collection::vec(any::<u8>(), 0..20)), 0..50),
    ) {
        let rates = [Fault::Split, Fault::Merge, Fault::Burst].iter().fold(FaultRates::NONE, |all, &one| all.with(one, 50_000));
        let mut line = Faults::new(rates, seed);
        let (mut now, mut all) = (Duration::ZERO, Vec::new());
        let mut got = Vec::new();
        for (wait, bytes) in &sends {
            now += MS(*wait);
            line.send(now, bytes);
            all.extend_from_slice(bytes);
            got.extend(arrived(&mut line, now).concat());
        }
        // Each wake brings something: whoever sleeps until then sees everything.
        while let Some(wake) = line.next_wake() {
            let pieces = arrived(&mut line, wake);
            prop_assert!(!pieces.is_empty() || line.next_wake() != Some(wake));
            got.extend(pieces.concat());
        }
        prop_assert_eq!(got, all);
    }
}
