//! The thread of one port: does what its [`Life`] decides, and tells it what came of it.

use super::conversation::{Detected, Detecting, Speaking};
use super::life::{Action, Event, Life, Task};
use super::open::{OpenError, open};
use super::tapped::Tapped;
use super::transport::Transport;
use crate::capture::Tap;
use crate::clock::{Clock, Watch};
use crate::plug::Seat;
use oximeter::{Counters, Errand, Failure, Identity, Line, NotPossible, Outcome, Progress, Protocol, Sample};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use vitals::{Now, SensorState, StationTime};

/// The longest a read waits: an order of the bed is obeyed within this.
const LONGEST_READ: Duration = Duration::from_millis(100);
/// How often a port that is not there is looked for: seen again within 2 s of being plugged in.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How often is told how far an errand is.
const PROGRESS_EVERY: Duration = Duration::from_millis(500);

/// Which port, and what is expected to speak there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PortSpec {
    pub(crate) port: String,
    /// `None`: found out by listening.
    pub(crate) protocol: Option<Protocol>,
}

/// What the thread tells its bed.
#[derive(Debug)]
pub(crate) struct News {
    /// How often the port had been reset when this was sent: what is older than the last reset is not looked at.
    pub(crate) generation: u64,
    pub(crate) at: Now,
    pub(crate) kind: NewsKind,
}

/// See [`News`].
#[derive(Debug)]
pub(crate) enum NewsKind {
    /// The sensor stands so, and this is what is wrong in words.
    State(SensorState, Option<String>),
    /// The protocol is known: samples of the wave a second, and the time between two samples.
    Understood { protocol: Protocol, wave_rate: Option<u16>, period: Duration },
    /// Samples, oldest first.
    Samples(Vec<Sample>),
    /// The sensor said something new about itself.
    Identity,
    /// How the errand stands that the sensor was sent on.
    Errand(ErrandNews),
}

/// How an errand stands.
#[derive(Debug)]
pub(crate) enum ErrandNews {
    /// It was not taken on.
    Refused(NotPossible),
    /// It was taken on.
    Begun,
    /// It is this far.
    Progress(Progress),
    /// It is over, and no other has begun.
    Ended(Result<Outcome, Failure>),
}

/// What is known of the sensor beside its samples.
#[derive(Debug, Default, Clone)]
pub(crate) struct Facts {
    /// The protocol and the line that are spoken.
    pub(crate) spoken: Option<(Protocol, Line)>,
    pub(crate) identity: Identity,
    pub(crate) counters: Counters,
    pub(crate) opened: u64,
}

enum Order {
    Reset(u64),
    Begin(Errand),
    Abandon,
    Move(Box<Seat>),
    Close,
}

/// The bed's end of the thread. Dropping it closes the port.
#[derive(Debug)]
pub(crate) struct Port {
    orders: Sender<Order>,
    facts: Arc<Mutex<Facts>>,
    generation: u64,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Port {
    /// Starts the thread. `connect` replaces the real port, for sensors simulated inside the process.
    pub(crate) fn start(
        spec: &PortSpec,
        seat: Seat,
        clock: Clock,
        news: mpsc::Sender<News>,
        connect: Option<Connect>,
        tap: Tap,
    ) -> std::io::Result<Self> {
        let (orders, received) = channel();
        let facts = Arc::new(Mutex::new(Facts::default()));
        let holder = Holder {
            life: Life::new(spec.protocol, seat.remembered()),
            seat,
            clock,
            news,
            orders: received,
            facts: Arc::clone(&facts),
            generation: 0,
            connect,
            tap,
            talk: Talk::None,
            progress_told: None,
            watch: Watch::default(),
            was_there: false,
        };
        let thread =
            std::thread::Builder::new().name("port".into()).stack_size(256 << 10).spawn(move || holder.hold())?;
        Ok(Self { orders, facts, generation: 0, thread: Some(thread) })
    }

    /// Closes and reopens the port; returns the generation of the news that follow.
    pub(crate) fn reset(&mut self) -> u64 {
        self.generation += 1;
        // An ended thread is noticed by its bed through the closed channel of its news.
        let _ = self.orders.send(Order::Reset(self.generation));
        self.generation
    }

    /// Sends the sensor on an errand. It is told whether that was possible, and what came of it.
    pub(crate) fn begin(&self, errand: Errand) {
        let _ = self.orders.send(Order::Begin(errand));
    }

    /// Calls the sensor back from its errand.
    pub(crate) fn abandon(&self) {
        let _ = self.orders.send(Order::Abandon);
    }

    /// The sensor is at another port now, or at none.
    pub(crate) fn move_to(&self, seat: Seat) {
        let _ = self.orders.send(Order::Move(Box::new(seat)));
    }

    /// The generation of news that count.
    pub(crate) const fn generation(&self) -> u64 {
        self.generation
    }

    pub(crate) fn facts(&self) -> Facts {
        lock(&self.facts).clone()
    }

    /// Tells the thread to stop the sensor's stream and close the port; the handle to wait for it.
    pub(crate) fn close(mut self) -> Option<std::thread::JoinHandle<()>> {
        let _ = self.orders.send(Order::Close);
        self.thread.take()
    }
}

/// Makes a new line to a sensor that is simulated inside the process.
pub(crate) type Connect = Box<dyn FnMut() -> Box<dyn Transport> + Send>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What goes on over the port.
enum Talk {
    /// It is closed.
    None,
    Detecting {
        detecting: Box<Detecting>,
        told: String,
    },
    Speaking(Box<Speaking>),
}

/// What the thread owns.
struct Holder {
    life: Life,
    /// Where the sensor is.
    seat: Seat,
    clock: Clock,
    news: mpsc::Sender<News>,
    orders: Receiver<Order>,
    facts: Arc<Mutex<Facts>>,
    generation: u64,
    connect: Option<Connect>,
    tap: Tap,
    talk: Talk,
    /// When it was last told how far the errand is; `None` while the sensor is on none.
    progress_told: Option<StationTime>,
    /// Whether the computer slept, or the station stood still, since the port was last read.
    watch: Watch,
    /// The port was there when it was last looked for.
    was_there: bool,
}

impl Holder {
    fn hold(mut self) {
        self.happened(Event::Begin);
        while !self.life.is_closed() {
            if matches!(self.talk, Talk::None) {
                self.wait();
            } else {
                self.listen();
            }
            self.happened(Event::Tick);
        }
    }

    /// Tells the life what happened, and does what it decides, until nothing more comes of it.
    fn happened(&mut self, event: Event) {
        let mut next = Some(event);
        while let Some(event) = next.take() {
            for action in self.life.on(self.clock.station(), event) {
                match action {
                    Action::Tell(state, trouble) => {
                        let words = trouble.map(|trouble| trouble.in_words(self.port()));
                        self.tell(NewsKind::State(state, words));
                    }
                    Action::Close { stop } => {
                        if self.progress_told.take().is_some() {
                            self.tell(NewsKind::Errand(ErrandNews::Ended(Err(Failure::Interrupted))));
                        }
                        if let Talk::Speaking(speaking) = core::mem::replace(&mut self.talk, Talk::None)
                            && stop
                        {
                            speaking.stop();
                        }
                        self.was_there = self.is_there();
                    }
                    Action::Open(task) => next = Some(self.open(task)),
                }
            }
        }
    }

    fn open(&mut self, task: Task) -> Event {
        let opened = match task {
            Task::Speak(protocol, line) => self.connect(&line).map(|transport| {
                let speaking = Speaking::new(self.clock, protocol, transport);
                self.watch = Watch::default();
                let (wave_rate, period) = (speaking.session().wave_rate(), speaking.session().sample_period());
                self.tap.understood(protocol);
                let mut facts = lock(&self.facts);
                (facts.spoken, facts.identity) = (Some((protocol, line)), Identity::default());
                drop(facts);
                self.tell(NewsKind::Understood { protocol, wave_rate, period });
                self.talk = Talk::Speaking(Box::new(speaking));
            }),
            Task::Detect => {
                let detecting = Box::new(match self.life.named() {
                    Some(protocol) => Detecting::of(self.clock, protocol),
                    None => Detecting::new(self.clock, self.seat.may_ask),
                });
                self.talk = Talk::Detecting { detecting, told: String::new() };
                self.detect()
            }
        };
        match opened {
            Ok(()) => Event::Opened,
            Err(refused) => {
                self.talk = Talk::None;
                self.was_there = !refused.is_not_there() && self.is_there();
                Event::Refused(refused)
            }
        }
    }

    /// A new line: the real port, or one inside the process. The only place where one is made.
    fn connect(&mut self, line: &Line) -> Result<Box<dyn Transport>, OpenError> {
        let transport: Box<dyn Transport> = match &mut self.connect {
            Some(connect) => connect(),
            None => match &self.seat.path {
                Ok(path) => Box::new(open(path, line)?),
                Err(why) => return Err(OpenError::Away(why.clone())),
            },
        };
        lock(&self.facts).opened += 1;
        Ok(Box::new(Tapped::new(transport, *line, self.tap.clone())))
    }

    /// The port is open: an order, or a step of what goes on over it.
    fn listen(&mut self) {
        match self.orders.try_recv() {
            Ok(order) => return self.obey(order),
            Err(TryRecvError::Disconnected) => return self.happened(Event::Close),
            Err(TryRecvError::Empty) => {}
        }
        match &mut self.talk {
            Talk::None => {}
            Talk::Detecting { .. } => {
                if let Err(refused) = self.detect() {
                    self.happened(Event::Refused(refused));
                }
            }
            Talk::Speaking(_) => self.speak(),
        }
    }

    /// One step of finding out who speaks.
    fn detect(&mut self) -> Result<(), OpenError> {
        let Talk::Detecting { detecting, .. } = &mut self.talk else { return Ok(()) };
        let step = detecting.step(self.clock);
        if let Ok(Detected::Reopen(line)) = &step {
            // Closed first: a port is opened by one at a time.
            detecting.hang_up();
            let line = self.connect(line)?;
            if let Talk::Detecting { detecting, .. } = &mut self.talk {
                detecting.pick_up(line);
            }
        }
        self.tell_what_is_tried();
        match step {
            Ok(Detected::Found(protocol, line)) => self.happened(Event::Found(protocol, line)),
            Ok(Detected::Nothing { came: true }) => self.happened(Event::Bytes),
            Ok(Detected::Nothing { came: false } | Detected::Reopen(_)) => {}
            Err(error) => self.happened(Event::Ended(error.to_string())),
        }
        Ok(())
    }

    fn tell_what_is_tried(&mut self) {
        let Talk::Detecting { detecting, told } = &mut self.talk else { return };
        let words = detecting.in_words();
        // A sensor that fell silent is silent for the screens, whatever is tried meanwhile.
        if words != *told && self.life.standing() == SensorState::Searching {
            told.clone_from(&words);
            self.tell(NewsKind::State(SensorState::Searching, Some(words)));
        }
    }

    /// One step of the conversation with the sensor.
    fn speak(&mut self) {
        let now = self.clock.station();
        let longest = self.life.wake_at().map_or(LONGEST_READ, |at| at.since(now).min(LONGEST_READ));
        let Talk::Speaking(speaking) = &mut self.talk else { return };
        let heard = match speaking.step(self.clock, longest) {
            Ok(heard) => heard,
            Err(error) => return self.happened(Event::Ended(error.to_string())),
        };
        // What waited in the buffers while nobody read them is of before, and no sensor's state is known after it:
        // nothing of it is told, and the sensor is begun with anew.
        if self.clock.readings().is_some_and(|readings| self.watch.was_away(readings)) {
            return self.happened(Event::Reset);
        }
        let says_more = heard.identity.is_some();
        if heard.bytes {
            let mut facts = lock(&self.facts);
            facts.counters = speaking.counters();
            if let Some(identity) = heard.identity {
                facts.identity = identity;
            }
        }
        if heard.bytes {
            self.happened(Event::Bytes);
        }
        if !heard.samples.is_empty() {
            // The samples first: a sensor that is live without a sample would be stale.
            self.tell(NewsKind::Samples(heard.samples));
            self.happened(Event::Samples);
        }
        if says_more {
            self.tell(NewsKind::Identity);
        }
        if let Some(outcome) = heard.outcome {
            self.progress_told = None;
            self.happened(Event::Errand(false));
            self.tell(NewsKind::Errand(ErrandNews::Ended(outcome)));
        }
        self.tell_progress();
    }

    fn tell_progress(&mut self) {
        let now = self.clock.station();
        let Some(told) = self.progress_told.filter(|told| now.since(*told) >= PROGRESS_EVERY) else { return };
        let Talk::Speaking(speaking) = &self.talk else { return };
        if let Some(progress) = speaking.progress() {
            self.progress_told = Some(told.max(now));
            self.tell(NewsKind::Errand(ErrandNews::Progress(progress)));
        }
    }

    /// Sends the sensor on an errand, if one can be spoken to.
    fn begin(&mut self, errand: &Errand) {
        let clock = self.clock;
        let begun = match &mut self.talk {
            Talk::Speaking(speaking) => speaking.begin(clock, errand),
            Talk::None | Talk::Detecting { .. } => Err(NotPossible::NotStarted),
        };
        match begun {
            Ok(()) => {
                self.progress_told = Some(clock.station());
                self.happened(Event::Errand(true));
                self.tell(NewsKind::Errand(ErrandNews::Begun));
            }
            Err(why) => self.tell(NewsKind::Errand(ErrandNews::Refused(why))),
        }
    }

    /// The port is closed: waits until an order comes, until the port is there again, or until a pause is over.
    fn wait(&mut self) {
        let now = self.clock.station();
        let left = self.life.wake_at().map_or(LOOK_EVERY, |at| at.since(now).min(LOOK_EVERY));
        match self.orders.recv_timeout(left) {
            Ok(order) => return self.obey(order),
            Err(RecvTimeoutError::Disconnected) => return self.happened(Event::Close),
            Err(RecvTimeoutError::Timeout) => {}
        }
        let is_there = self.is_there();
        let appeared = is_there && !self.was_there;
        self.was_there = is_there;
        if appeared {
            self.happened(Event::Appeared);
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Reset(generation) => {
                self.generation = generation;
                self.happened(Event::Reset);
            }
            Order::Begin(errand) => self.begin(&errand),
            Order::Abandon => {
                if let Talk::Speaking(speaking) = &mut self.talk {
                    speaking.abandon(self.clock);
                }
            }
            Order::Close => self.happened(Event::Close),
            Order::Move(seat) => self.sit(*seat),
        }
    }

    /// The sensor is somewhere else now.
    fn sit(&mut self, seat: Seat) {
        let moved = seat.path.is_ok() && seat.path != self.seat.path;
        if seat.key != self.seat.key || seat.known != self.seat.known {
            self.life.expect(seat.remembered());
        }
        self.seat = seat;
        // One that is nowhere ends by itself, or has: what still comes over its line is its own.
        if moved {
            self.happened(Event::Moved);
        }
    }

    /// The port as people know it.
    fn port(&self) -> &str {
        self.seat.path.as_ref().unwrap_or(&self.seat.named)
    }

    fn tell(&self, kind: NewsKind) {
        let news = News { generation: self.generation, at: self.clock.now(), kind };
        // A bed that has ended takes no news; its order to close is on the way.
        let _ = self.news.blocking_send(news);
    }

    fn is_there(&self) -> bool {
        // Only a path can be looked for without opening it; COM ports of Windows are tried at the pause's pace.
        let Ok(path) = &self.seat.path else { return false };
        self.connect.is_some() || !path.starts_with('/') || Path::new(path).exists()
    }
}
