use super::*;
use proptest::prelude::*;

const V7: Protocol = Protocol::ContecV7;
const OLD: Protocol = Protocol::Cms50;

fn at(millis: u64) -> StationTime {
    StationTime::from_start(Duration::from_millis(millis))
}

fn speak(protocol: Protocol) -> Task {
    Task::Speak(protocol, protocol.line())
}

fn known(protocol: Protocol) -> Option<(Protocol, Line)> {
    Some((protocol, protocol.line()))
}

fn ended() -> Event {
    Event::Ended("broken pipe".into())
}

fn refused() -> Event {
    Event::Refused(OpenError::NotThere("/dev/ttyUSB0".into()))
}

/// A life of which the last answer is looked at.
struct Lived {
    life: Life,
    did: Vec<Action>,
}

impl Lived {
    fn new(named: Option<Protocol>, remembered: Option<(Protocol, Line)>) -> Self {
        let mut lived = Self { life: Life::new(named, remembered), did: Vec::new() };
        lived.on(0, Event::Begin);
        lived
    }

    /// Live since time 0.
    fn live(named: Option<Protocol>) -> Self {
        let mut lived = Self::new(named, known(V7));
        lived.on(0, Event::Opened);
        lived.on(0, Event::Samples);
        assert_eq!(lived.life.standing(), SensorState::Live);
        lived
    }

    fn on(&mut self, millis: u64, event: Event) -> &mut Self {
        self.did = self.life.on(at(millis), event);
        self
    }

    fn opened(&self) -> Option<&Task> {
        self.did.iter().find_map(|action| match action {
            Action::Open(task) => Some(task),
            _ => None,
        })
    }

    fn told(&self) -> Option<(SensorState, String)> {
        self.did.iter().find_map(|action| match action {
            Action::Tell(state, trouble) => {
                Some((*state, trouble.as_ref().map(|trouble| trouble.in_words("COM1")).unwrap_or_default()))
            }
            _ => None,
        })
    }

    fn wakes(&self) -> Option<u64> {
        self.life.wake_at().map(|at| u64::try_from(at.since_start().as_millis()).unwrap())
    }
}

#[test]
fn a_named_protocol_is_spoken_at_once_and_nothing_else_is_tried() {
    let mut port = Lived::new(Some(OLD), known(V7));
    assert_eq!(port.opened(), Some(&speak(OLD)));
    port.on(10, Event::Opened);
    assert_eq!(port.told().unwrap().0, SensorState::Searching);
    for _ in 0..5 {
        let wake = port.wakes().unwrap();
        port.on(wake, Event::Tick);
        assert!(port.opened().is_none_or(|task| *task == speak(OLD)), "{:?}", port.did);
        if port.opened().is_some() {
            port.on(wake, Event::Opened);
        }
    }
}

#[test]
fn without_a_name_or_a_memory_the_port_is_listened_to_and_what_is_found_is_spoken() {
    let mut port = Lived::new(None, None);
    assert_eq!(port.opened(), Some(&Task::Detect));
    assert_eq!(port.on(10, Event::Opened).wakes(), None, "the detector goes on by itself");
    port.on(900, Event::Found(V7, V7.line()));
    assert_eq!(port.did, [Action::Close { stop: false }, Action::Open(speak(V7))]);
    port.on(910, Event::Opened);
    assert_eq!(port.on(950, Event::Samples).told().unwrap().0, SensorState::Live);
}

#[test]
fn what_was_remembered_is_spoken_first_and_after_3_s_without_an_answer_others_are_listened_for() {
    let mut port = Lived::new(None, known(V7));
    assert_eq!(port.opened(), Some(&speak(V7)));
    port.on(0, Event::Opened);
    assert_eq!(port.wakes(), Some(3_000));
    assert_eq!(port.on(2_999, Event::Tick).did, []);
    assert_eq!(port.on(3_000, Event::Tick).opened(), Some(&Task::Detect));
    port.on(3_000, Event::Opened);
    assert_eq!(port.on(15_000, Event::Tick).opened(), Some(&speak(V7)), "in turn, until one of them answers");
}

#[test]
fn a_sensor_that_sends_nothing_for_2_s_is_silent_and_live_again_with_its_next_sample() {
    let mut port = Lived::live(Some(V7));
    port.on(1_000, Event::Samples);
    assert_eq!(port.wakes(), Some(3_000));
    port.on(3_000, Event::Tick);
    let (state, words) = port.told().unwrap();
    assert_eq!(state, SensorState::Silent);
    assert!(words.contains("Nothing has come from COM1 for 2 s"), "{words}");
    assert_eq!(port.on(3_500, Event::Samples).told().unwrap(), (SensorState::Live, String::new()));
}

#[test]
fn a_finger_that_is_out_is_no_silence_because_samples_come() {
    let mut port = Lived::live(Some(V7));
    for second in 1..120 {
        assert_eq!(port.on(second * 1_000, Event::Samples).did, []);
        assert_eq!(port.on(second * 1_000 + 500, Event::Tick).did, []);
    }
}

#[test]
fn a_hang_is_silent_and_the_port_is_opened_anew_after_15_s_without_a_word_to_the_screens() {
    let mut port = Lived::live(Some(V7));
    port.on(2_000, Event::Tick);
    assert_eq!(port.wakes(), Some(17_000));
    port.on(17_000, Event::Tick);
    assert_eq!(port.did, [Action::Close { stop: true }, Action::Open(speak(V7))]);
    assert_eq!(port.on(17_010, Event::Opened).did, [], "it stays silent until it sends");
    assert_eq!(port.on(17_100, Event::Samples).told().unwrap().0, SensorState::Live);
}

#[test]
fn what_comes_and_is_not_understood_is_told_apart_from_nothing_and_waited_for_longer() {
    let mut port = Lived::live(Some(V7));
    port.on(1_900, Event::Bytes);
    port.on(2_000, Event::Tick);
    assert!(port.told().unwrap().1.contains("not understood"), "{:?}", port.did);
    for second in 3..62 {
        assert_eq!(port.on(second * 1_000, Event::Bytes).did, []);
        assert_eq!(port.on(second * 1_000, Event::Tick).opened().is_some(), second == 62);
    }
    assert_eq!(port.on(62_000, Event::Tick).opened(), Some(&speak(V7)));
}

#[test]
fn a_port_where_nothing_came_at_all_is_told_in_words_after_4_s() {
    let mut port = Lived::new(Some(V7), None);
    port.on(0, Event::Opened);
    port.on(4_000, Event::Tick);
    let (state, words) = port.told().unwrap();
    assert_eq!(state, SensorState::Searching);
    assert!(words.contains("nothing comes"), "{words}");
}

#[test]
fn an_errand_of_the_sensor_is_silence_for_the_screens_but_no_hang() {
    let mut port = Lived::live(Some(V7));
    port.on(100, Event::Errand(true));
    assert_eq!(port.on(2_000, Event::Tick).told().unwrap().0, SensorState::Silent);
    assert_eq!(port.wakes(), None, "the errand has time-outs of its own");
    port.on(90_000, Event::Errand(false));
    assert_eq!(port.wakes(), Some(105_000));
}

#[test]
fn the_pause_grows_to_10_s_and_is_short_again_after_a_sample() {
    let mut port = Lived::new(Some(V7), None);
    let mut now = 0;
    let mut pauses = Vec::new();
    for _ in 0..8 {
        port.on(now, refused());
        assert_eq!(port.life.standing(), SensorState::Disconnected);
        let wake = port.wakes().unwrap();
        pauses.push(wake - now);
        now = wake;
        assert!(port.on(now, Event::Tick).opened().is_some());
    }
    assert_eq!(pauses, [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    port.on(now, Event::Opened);
    port.on(now, Event::Samples);
    port.on(now, ended());
    assert_eq!(port.wakes(), Some(now + 250));
}

#[test]
fn a_sensor_that_was_unplugged_is_told_and_opened_as_soon_as_it_appears() {
    let mut port = Lived::live(Some(V7));
    port.on(1_000, ended());
    assert_eq!(port.did[0], Action::Close { stop: false }, "there is nobody left to tell to stop");
    let (state, words) = port.told().unwrap();
    assert!(state == SensorState::Disconnected && words.contains("unplugged"), "{words}");
    assert_eq!(port.on(1_001, Event::Appeared).opened(), Some(&speak(V7)));
}

#[test]
fn a_reset_stops_the_sensor_and_opens_the_port_anew_from_every_state() {
    let states: [fn() -> Lived; 5] = [
        || Lived::new(Some(V7), None),
        || {
            let mut port = Lived::new(None, None);
            port.on(0, Event::Opened);
            port
        },
        || Lived::live(Some(V7)),
        || {
            let mut port = Lived::live(Some(V7));
            port.on(2_000, Event::Tick);
            port
        },
        || {
            let mut port = Lived::live(Some(V7));
            port.on(0, ended());
            port
        },
    ];
    for state in states {
        let mut port = state();
        port.on(2_001, Event::Reset);
        assert!(port.opened().is_some(), "{:?}", port.did);
        assert_eq!(port.told().unwrap().0, SensorState::Opening);
    }
}

#[test]
fn a_button_that_is_pressed_again_and_again_opens_the_port_no_more_often_than_the_pauses_let_it() {
    let mut port = Lived::live(Some(V7));
    let mut openings = 0;
    for millis in 0..1_000 {
        openings += usize::from(port.on(millis, Event::Reset).opened().is_some());
        port.on(millis, Event::Opened);
    }
    assert_eq!(openings, FREE);
    let wake = port.wakes().unwrap();
    assert!(port.on(wake, Event::Tick).opened().is_some(), "it is opened all the same");
}

#[test]
fn a_closed_port_takes_no_part_any_more() {
    let mut port = Lived::live(Some(V7));
    assert_eq!(port.on(1, Event::Close).did, [Action::Close { stop: true }]);
    assert!(port.life.is_closed());
    for event in [Event::Reset, Event::Appeared, Event::Samples, Event::Tick, refused(), ended()] {
        assert_eq!(port.on(100_000, event).did, []);
    }
}

#[test]
fn a_sensor_that_is_at_another_port_now_is_opened_there() {
    let mut port = Lived::live(Some(V7));
    assert_eq!(port.on(10, Event::Moved).opened(), Some(&speak(V7)));
    port.on(10, refused());
    assert_eq!(port.on(20, Event::Moved).opened(), Some(&speak(V7)));
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => Just(Event::Opened),
        2 => Just(refused()),
        1 => Just(Event::Found(V7, V7.line())),
        1 => Just(Event::Found(OLD, OLD.line())),
        2 => Just(Event::Bytes),
        2 => Just(Event::Samples),
        1 => any::<bool>().prop_map(Event::Errand),
        3 => Just(ended()),
        2 => Just(Event::Appeared),
        1 => Just(Event::Moved),
        1 => Just(Event::Reset),
        3 => Just(Event::Tick),
    ]
}

fn any_life() -> impl Strategy<Value = Life> {
    let protocol = || proptest::option::of(prop_oneof![Just(V7), Just(OLD)]);
    (protocol(), protocol()).prop_map(|(named, remembered)| {
        let mut life = Life::new(named, remembered.and_then(known));
        life.on(at(0), Event::Begin);
        life
    })
}

fn opens(actions: &[Action]) -> usize {
    actions.iter().filter(|action| matches!(action, Action::Open(_))).count()
}

proptest! {
    #[test]
    fn nothing_that_happens_makes_a_port_act_without_a_pause_more_than_a_few_times(
        mut life in any_life(),
        events in proptest::collection::vec((any_event(), prop_oneof![3 => Just(0_u64), 1 => 0..400_u64]), 1..400),
    ) {
        let mut now = 0;
        let mut opened: Vec<u64> = Vec::new();
        for (event, later) in events {
            now += later;
            let actions = life.on(at(now), event);
            prop_assert!(actions.len() <= 4, "{actions:?}");
            opened.extend(core::iter::repeat_n(now, opens(&actions)));
        }
        // Those without a pause, each with what it found; and in any 250 ms one after a pause, with what it found.
        for (index, first) in opened.iter().enumerate() {
            let crowd = opened[index..].iter().take_while(|at| **at < first + 250).count();
            prop_assert!(crowd <= 2 * FREE + 2, "{crowd} openings within 250 ms");
        }
    }

    #[test]
    fn every_state_is_left_if_only_time_passes(
        mut life in any_life(),
        events in proptest::collection::vec((any_event(), 0..5_000_u64), 0..60),
        plugged in any::<bool>(),
    ) {
        let mut now = 0;
        for (event, later) in events {
            now += later;
            let mut actions = life.on(at(now), event);
            // The thread answers each opening at once.
            while opens(&actions) > 0 {
                actions = life.on(at(now), if plugged { Event::Opened } else { refused() });
            }
        }
        life.on(at(now), Event::Errand(false));
        let listens_by_itself = life.wake_at().is_none();
        let may = matches!(life.state, State::Listening { .. } | State::Opening(_));
        prop_assert!(may || !listens_by_itself);
        if !listens_by_itself {
            let before = core::mem::discriminant(&life.state);
            let left = (0..4).any(|_| {
                let Some(wake) = life.wake_at() else { return true };
                life.on(wake, Event::Tick);
                core::mem::discriminant(&life.state) != before
            });
            prop_assert!(left, "{:?} stays", life.state);
        }
    }

    #[test]
    fn a_port_is_never_opened_while_it_is_open(
        mut life in any_life(),
        events in proptest::collection::vec((any_event(), 0..5_000_u64), 0..200),
    ) {
        let (mut now, mut open) = (0, false);
        for (event, later) in events {
            now += later;
            let opening = matches!(life.state, State::Opening(_));
            if opening && event == Event::Opened {
                open = true;
            }
            for action in life.on(at(now), event) {
                match action {
                    Action::Open(_) => prop_assert!(!open),
                    Action::Close { .. } => open = false,
                    Action::Tell(state, _) => {
                        prop_assert!(open || !matches!(state, SensorState::Live | SensorState::Silent));
                    }
                }
            }
        }
    }

    #[test]
    fn only_samples_make_a_sensor_live(
        mut life in any_life(),
        events in proptest::collection::vec((any_event(), 0..5_000_u64), 0..200),
    ) {
        let mut now = 0;
        for (event, later) in events {
            now += later;
            let samples = event == Event::Samples;
            let before = life.standing();
            life.on(at(now), event);
            prop_assert!(life.standing() != SensorState::Live || before == SensorState::Live || samples);
        }
    }
}
