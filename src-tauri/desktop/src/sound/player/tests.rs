//! The player with a device that only takes notes, in virtual time.

use super::*;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;
use vitals::Priority::{High, Low, Medium};

/// What the device was made to do, and when, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Did {
    Sound(Priority),
    Silence,
    Close,
}

type Log<T> = Arc<Mutex<Vec<(f64, T)>>>;
type Answers = Arc<Mutex<Box<dyn FnMut(Wanted) -> Option<Result<String, SoundFailure>> + Send>>>;

/// A player with a device that only takes notes. Time is virtual.
struct Bench {
    sounding: watch::Sender<Option<Priority>>,
    reminders: watch::Sender<u64>,
    device: watch::Sender<Option<String>>,
    tests: mpsc::Sender<SoundTest>,
    start: Instant,
    did: Log<Did>,
    told: Log<SoundHealth>,
    answers: Answers,
    news: Arc<Mutex<Option<mpsc::Sender<News>>>>,
    playing: tokio::task::JoinHandle<()>,
}

fn works() -> SoundHealth {
    SoundHealth::Works { device: "speaker".into() }
}

fn no_card() -> SoundFailure {
    SoundFailure::CannotOpen { cause: "no card".into() }
}

impl Bench {
    fn new() -> Self {
        let ((sounding, wanted), (reminders, reminded), (device, chosen)) =
            (watch::channel(None), watch::channel(0), watch::channel(None));
        let told_to = Instructions { sounding: wanted, reminders: reminded, device: chosen };
        let (tests, requested) = mpsc::channel(1);
        let start = Instant::now();
        let (did, told): (Log<Did>, Log<SoundHealth>) = Default::default();
        let answers: Answers = Arc::new(Mutex::new(Box::new(|_| Some(Ok("speaker".into())))));
        let news = Arc::new(Mutex::new(None));
        let start_device = {
            let (did, answers, news) = (Arc::clone(&did), Arc::clone(&answers), Arc::clone(&news));
            move || Ok(fake_device(start, &did, &answers, &news))
        };
        let report = {
            let told = Arc::clone(&told);
            move |health| told.lock().unwrap().push((start.elapsed().as_secs_f64(), health))
        };
        let playing = tokio::spawn(play(told_to, requested, start_device, report));
        Self { sounding, reminders, device, tests, start, did, told, answers, news, playing }
    }

    async fn until(&self, seconds: f64) {
        tokio::time::sleep_until(self.start + Duration::from_secs_f64(seconds)).await;
    }

    fn answer(&self, answer: impl FnMut(Wanted) -> Option<Result<String, SoundFailure>> + Send + 'static) {
        *self.answers.lock().unwrap() = Box::new(answer);
    }

    fn breaks(&self) {
        let failure = SoundFailure::Broke { cause: "unplugged".into() };
        self.news.lock().unwrap().as_ref().unwrap().try_send(News::Broke(failure)).unwrap();
    }

    async fn test(&self, priority: Priority) -> oneshot::Receiver<Result<String, SoundTestError>> {
        let (done, outcome) = oneshot::channel();
        self.tests.send(SoundTest { priority, done }).await.unwrap();
        outcome
    }

    fn did(&self) -> Vec<(f64, Did)> {
        rounded(&self.did)
    }

    fn told(&self) -> Vec<(f64, SoundHealth)> {
        rounded(&self.told)
    }
}

fn rounded<T: Clone>(log: &Log<T>) -> Vec<(f64, T)> {
    log.lock().unwrap().iter().map(|(at, entry)| ((at * 10.0).round() / 10.0, entry.clone())).collect()
}

fn fake_device(
    start: Instant,
    did: &Log<Did>,
    answers: &Answers,
    told: &Arc<Mutex<Option<mpsc::Sender<News>>>>,
) -> Device {
    let (wanted, mut orders) = watch::channel(Wanted::default());
    let (tell, news) = mpsc::channel(16);
    *told.lock().unwrap() = Some(tell.clone());
    let (did, answers) = (Arc::clone(did), Arc::clone(answers));
    tokio::spawn(async move {
        let mut before = Wanted::default();
        while orders.changed().await.is_ok() {
            let now = *orders.borrow_and_update();
            let steps: VecDeque<Did> = [
                now.burst.filter(|burst| before.burst != Some(*burst)).map(|(_, priority)| Did::Sound(priority)),
                (now.burst.is_none() && now.open && before.burst.is_some()).then_some(Did::Silence),
                (before.open && !now.open).then_some(Did::Close),
            ]
            .into_iter()
            .flatten()
            .collect();
            did.lock().unwrap().extend(steps.into_iter().map(|step| (start.elapsed().as_secs_f64(), step)));
            before = now;
            let answer = answers.lock().unwrap()(now);
            if let Some(result) = answer {
                let _ = tell.send(News::Answer { order: now.order, result }).await;
            }
        }
    });
    Device { wanted, news }
}

#[tokio::test(start_paused = true)]
async fn high_sounds_every_ten_seconds_and_the_device_closes_two_seconds_after_each_burst() {
    let bench = Bench::new();
    bench.until(1.0).await;
    bench.sounding.send(Some(High)).unwrap();
    bench.until(12.0).await;
    assert_eq!(bench.did(), [(1.0, Did::Sound(High)), (6.4, Did::Close), (11.0, Did::Sound(High))]);
}

#[tokio::test(start_paused = true)]
async fn a_higher_priority_replaces_the_burst_and_silence_ends_it() {
    let bench = Bench::new();
    bench.sounding.send(Some(Medium)).unwrap();
    bench.until(0.5).await;
    bench.sounding.send(Some(High)).unwrap();
    bench.until(1.5).await;
    bench.sounding.send(None).unwrap();
    bench.until(60.0).await;
    assert_eq!(
        bench.did(),
        [(0.0, Did::Sound(Medium)), (0.5, Did::Sound(High)), (1.5, Did::Silence), (3.5, Did::Close),]
    );
}

#[tokio::test(start_paused = true)]
async fn health_is_told_at_the_start_and_on_change_alone() {
    let bench = Bench::new();
    bench.until(21.0).await;
    assert_eq!(bench.told(), [(0.0, works())]);
    bench.answer(|_| Some(Err(SoundFailure::Muted { control: "Master".into() })));
    bench.until(41.0).await;
    let muted = SoundHealth::from(SoundFailure::Muted { control: "Master".into() });
    assert_eq!(bench.told()[1..], [(24.0, muted)], "within 5 s of the cause");
    bench.answer(|_| Some(Ok("speaker".into())));
    bench.until(60.0).await;
    assert_eq!(bench.told()[2..], [(44.0, works())], "within 5 s of its end");
    assert_eq!(bench.did(), [], "asking makes no noise");
}

#[tokio::test(start_paused = true)]
async fn a_device_that_cannot_be_opened_is_tried_every_two_seconds_while_an_alarm_waits() {
    let bench = Bench::new();
    bench.answer(|_| Some(Err(no_card())));
    bench.sounding.send(Some(Low)).unwrap();
    bench.until(7.0).await;
    let tries: Vec<f64> =
        bench.did().into_iter().filter(|(_, did)| *did == Did::Sound(Low)).map(|(at, _)| at).collect();
    assert_eq!(tries, [0.0, 2.0, 4.0, 6.0]);
    assert_eq!(bench.told(), [(0.0, no_card().into())]);
    bench.answer(|_| Some(Ok("speaker".into())));
    bench.until(9.0).await;
    assert_eq!(bench.told()[1..], [(8.0, works())]);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_breaks_in_a_burst_is_reported_and_the_burst_begins_anew() {
    let bench = Bench::new();
    bench.sounding.send(Some(Medium)).unwrap();
    bench.until(0.3).await;
    bench.breaks();
    bench.until(20.0).await;
    assert_eq!(
        bench.did(),
        [(0.0, Did::Sound(Medium)), (0.3, Did::Close), (2.3, Did::Sound(Medium)), (5.3, Did::Close)]
    );
    let broke = SoundFailure::Broke { cause: "unplugged".into() };
    assert_eq!(bench.told(), [(0.0, works()), (0.3, broke.into()), (5.3, works())]);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_passes_every_probe_and_fails_every_burst_stays_failed() {
    let bench = Bench::new();
    bench.answer(|wanted| Some(if wanted.open { Err(no_card()) } else { Ok("speaker".into()) }));
    bench.until(1.0).await;
    bench.sounding.send(Some(High)).unwrap();
    bench.until(30.0).await;
    assert_eq!(bench.told(), [(0.0, works()), (1.0, no_card().into())]);
}

#[tokio::test(start_paused = true)]
async fn a_sound_system_that_does_not_answer_is_a_failure_after_three_seconds() {
    let bench = Bench::new();
    bench.until(1.0).await;
    bench.answer(|_| None);
    bench.sounding.send(Some(High)).unwrap();
    bench.until(10.0).await;
    assert_eq!(bench.told(), [(0.0, works()), (4.0, SoundFailure::NoAnswer.into())]);
}

#[tokio::test(start_paused = true)]
async fn a_device_thread_that_ends_is_reported_and_started_again() {
    let bench = Bench::new();
    bench.until(1.0).await;
    bench.answer(|_| panic!("a driver that panics"));
    bench.sounding.send(Some(High)).unwrap();
    bench.until(2.0).await;
    *bench.news.lock().unwrap() = None;
    bench.answers.clear_poison();
    bench.answer(|_| Some(Ok("speaker".into())));
    bench.until(12.0).await;
    let told = bench.told();
    assert!(matches!(told[1], (_, SoundHealth::Failed { .. })), "{told:?}");
    assert_eq!(told.last().unwrap().1, works());
}

#[tokio::test(start_paused = true)]
async fn a_test_sounds_once_and_answers_at_its_end() {
    let bench = Bench::new();
    bench.until(1.0).await;
    let outcome = bench.test(High).await.await.unwrap();
    assert_eq!(outcome, Ok("speaker".into()));
    assert!((bench.start.elapsed().as_secs_f64() - 4.4).abs() < 0.01);
    bench.until(60.0).await;
    assert_eq!(bench.did(), [(1.0, Did::Sound(High)), (6.4, Did::Close)]);
}

#[tokio::test(start_paused = true)]
async fn a_test_that_is_not_heard_says_why() {
    let bench = Bench::new();
    bench.answer(|_| Some(Err(no_card())));
    bench.until(1.0).await;
    assert_eq!(bench.test(Low).await.await.unwrap(), Err(SoundTestError::Failed(no_card())));
    bench.answer(|_| None);
    assert_eq!(bench.test(Low).await.await.unwrap(), Err(SoundTestError::Failed(SoundFailure::NoAnswer)));
}

#[tokio::test(start_paused = true)]
async fn an_alarm_goes_before_a_test() {
    let bench = Bench::new();
    bench.until(1.0).await;
    let interrupted = bench.test(High).await;
    bench.until(2.0).await;
    bench.sounding.send(Some(Low)).unwrap();
    assert_eq!(interrupted.await.unwrap(), Err(SoundTestError::AlarmSounds));
    assert_eq!(bench.test(High).await.await.unwrap(), Err(SoundTestError::AlarmSounds));
    assert_eq!(bench.did(), [(1.0, Did::Sound(High)), (2.0, Did::Sound(Low))]);
}

#[tokio::test(start_paused = true)]
async fn it_ends_when_nobody_can_want_a_sound_any_more() {
    let bench = Bench::new();
    bench.until(1.0).await;
    drop(bench.sounding);
    bench.playing.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn only_one_test_sounds_at_a_time() {
    let bench = Bench::new();
    bench.until(1.0).await;
    let first = bench.test(High).await;
    assert_eq!(bench.test(Low).await.await.unwrap(), Err(SoundTestError::TestSounds));
    assert_eq!(first.await.unwrap(), Ok("speaker".into()));
    assert_eq!(bench.did(), [(1.0, Did::Sound(High))]);
}

#[tokio::test(start_paused = true)]
async fn a_reminder_is_one_low_burst() {
    let bench = Bench::new();
    bench.until(1.0).await;
    bench.reminders.send(1).unwrap();
    bench.until(100.0).await;
    bench.reminders.send(2).unwrap();
    bench.until(200.0).await;
    let lows = [(1.0, Did::Sound(Low)), (3.6, Did::Close), (100.0, Did::Sound(Low)), (102.6, Did::Close)];
    assert_eq!(bench.did(), lows);
}

#[tokio::test(start_paused = true)]
async fn an_alarm_goes_before_a_reminder_and_leaves_none_for_later() {
    let bench = Bench::new();
    bench.sounding.send(Some(High)).unwrap();
    bench.until(5.0).await;
    bench.reminders.send(1).unwrap();
    bench.until(6.0).await;
    bench.sounding.send(None).unwrap();
    bench.until(60.0).await;
    assert_eq!(bench.did(), [(0.0, Did::Sound(High)), (5.4, Did::Close)]);
    bench.reminders.send(2).unwrap();
    bench.until(60.2).await;
    bench.sounding.send(Some(High)).unwrap();
    bench.until(61.0).await;
    assert_eq!(bench.did()[2..], [(60.0, Did::Sound(Low)), (60.2, Did::Sound(High))], "an alarm breaks into one");
}

#[tokio::test(start_paused = true)]
async fn a_reminder_waits_for_a_test_to_end() {
    let bench = Bench::new();
    bench.until(1.0).await;
    let test = bench.test(Medium).await;
    bench.until(1.5).await;
    bench.reminders.send(1).unwrap();
    assert!(test.await.unwrap().is_ok());
    bench.until(3.0).await;
    assert_eq!(bench.did(), [(1.0, Did::Sound(Medium)), (2.0, Did::Sound(Low))]);
}

#[tokio::test(start_paused = true)]
async fn another_output_is_looked_at_as_soon_as_it_is_chosen() {
    let bench = Bench::new();
    bench.until(1.0).await;
    bench.answer(|_| Some(Ok("usb".into())));
    bench.device.send(Some("usb".into())).unwrap();
    bench.until(1.1).await;
    assert_eq!(bench.told(), [(0.0, works()), (1.0, SoundHealth::Works { device: "usb".into() })]);
}

#[tokio::test(start_paused = true)]
async fn an_output_that_stands_in_for_the_chosen_one_keeps_the_pace_and_is_told_once() {
    let bench = Bench::new();
    let lost = || SoundFailure::lost("usb", SoundFailure::NoDevice, Ok("speaker".into()));
    bench.answer(move |_| Some(Err(lost())));
    bench.until(1.0).await;
    bench.sounding.send(Some(High)).unwrap();
    bench.until(15.0).await;
    assert_eq!(bench.did(), [(1.0, Did::Sound(High)), (6.4, Did::Close), (11.0, Did::Sound(High))]);
    assert_eq!(bench.told(), [(0.0, lost().into())]);
    bench.answer(|_| Some(Ok("usb".into())));
    bench.until(20.0).await;
    assert_eq!(bench.told()[1..], [(15.0, SoundHealth::Works { device: "usb".into() })]);
}
