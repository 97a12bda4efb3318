//! The thread of one port: opens, converses, reopens.

use super::conversation::{self, Ended};
use super::open::{OpenError, open};
use super::transport::Transport;
use crate::clock::Clock;
use oximeter::{Counters, Identity, Protocol, Sample};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use vitals::{Now, SensorState};

/// The first pause before a port is tried again; it doubles up to [`LAST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause between two tries.
const LAST_PAUSE: Duration = Duration::from_secs(10);
/// How often a port that is not there is looked for: seen again within 2 s of being plugged in.
const LOOK_EVERY: Duration = Duration::from_millis(500);

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
    Understood { protocol: Protocol, sample_rate: u16, period: Duration },
    /// Samples, oldest first.
    Samples(Vec<Sample>),
    /// The sensor said something new about itself.
    Identity,
}

/// What is known of the sensor beside its samples.
#[derive(Debug, Default, Clone)]
pub(crate) struct Facts {
    pub(crate) identity: Identity,
    pub(crate) counters: Counters,
    pub(crate) opened: u64,
}

enum Order {
    Reset(u64),
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
        spec: PortSpec,
        clock: Clock,
        news: mpsc::Sender<News>,
        connect: Option<Connect>,
    ) -> std::io::Result<Self> {
        let (orders, received) = channel();
        let facts = Arc::new(Mutex::new(Facts::default()));
        let life = Life { spec, clock, news, orders: received, facts: Arc::clone(&facts), generation: 0, connect };
        let thread =
            std::thread::Builder::new().name("port".into()).stack_size(256 << 10).spawn(move || life.live())?;
        Ok(Self { orders, facts, generation: 0, thread: Some(thread) })
    }

    /// Closes and reopens the port; returns the generation of the news that follow.
    pub(crate) fn reset(&mut self) -> u64 {
        self.generation += 1;
        // An ended thread is noticed by its bed through the closed channel of its news.
        let _ = self.orders.send(Order::Reset(self.generation));
        self.generation
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

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the thread owns.
pub(super) struct Life {
    pub(super) spec: PortSpec,
    pub(super) clock: Clock,
    news: mpsc::Sender<News>,
    orders: Receiver<Order>,
    pub(super) facts: Arc<Mutex<Facts>>,
    generation: u64,
    connect: Option<Connect>,
}

/// What an order asks of the conversation.
pub(super) enum Asked {
    Reset,
    Close,
}

impl Life {
    fn live(mut self) {
        let mut pause = FIRST_PAUSE;
        loop {
            self.tell(NewsKind::State(SensorState::Opening, None));
            let opened = Instant::now();
            let ended = match conversation::hold(&mut self) {
                Ok(ended) => ended,
                Err(refused) => {
                    let there = !refused.is_not_there();
                    self.tell(NewsKind::State(SensorState::Disconnected, Some(refused.to_string())));
                    match self.wait(pause, there) {
                        Some(Asked::Close) => return,
                        Some(Asked::Reset) => pause = FIRST_PAUSE,
                        None => pause = (pause * 2).min(LAST_PAUSE),
                    }
                    continue;
                }
            };
            match ended {
                Ended::Closed => return,
                Ended::Reset => pause = FIRST_PAUSE,
                Ended::Gone(reason) => {
                    let words = format!(
                        "The sensor on {} was unplugged or switched off ({reason}). Plug it in again; the station goes on by itself.",
                        self.spec.port
                    );
                    self.tell(NewsKind::State(SensorState::Disconnected, Some(words)));
                    if opened.elapsed() > Duration::from_secs(10) {
                        pause = FIRST_PAUSE;
                    }
                    match self.wait(pause, true) {
                        Some(Asked::Close) => return,
                        Some(Asked::Reset) => pause = FIRST_PAUSE,
                        None => pause = (pause * 2).min(LAST_PAUSE),
                    }
                }
            }
        }
    }

    /// A new line: the real port, or one inside the process.
    pub(super) fn open(&mut self, line: &oximeter::Line) -> Result<Box<dyn Transport>, OpenError> {
        let transport: Box<dyn Transport> = match &mut self.connect {
            Some(connect) => connect(),
            None => Box::new(open(&self.spec.port, line)?),
        };
        lock(&self.facts).opened += 1;
        Ok(transport)
    }

    pub(super) fn tell(&self, kind: NewsKind) {
        let news = News { generation: self.generation, at: self.clock.now(), kind };
        // A bed that has ended takes no news; its order to close is on the way.
        let _ = self.news.blocking_send(news);
    }

    /// What the bed asks for, if anything.
    pub(super) fn asked(&mut self) -> Option<Asked> {
        match self.orders.try_recv() {
            Ok(order) => Some(self.obey(order)),
            Err(std::sync::mpsc::TryRecvError::Empty) => None,
            Err(std::sync::mpsc::TryRecvError::Disconnected) => Some(Asked::Close),
        }
    }

    fn obey(&mut self, order: Order) -> Asked {
        match order {
            Order::Reset(generation) => {
                self.generation = generation;
                Asked::Reset
            }
            Order::Close => Asked::Close,
        }
    }

    /// Waits out a pause, or less: until an order comes, or until a port that was gone is there again.
    fn wait(&mut self, pause: Duration, there: bool) -> Option<Asked> {
        let until = Instant::now() + pause.max(if there { Duration::ZERO } else { LOOK_EVERY });
        let mut was_there = there && self.is_there();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.orders.recv_timeout(left.min(LOOK_EVERY)) {
                Ok(order) => return Some(self.obey(order)),
                Err(RecvTimeoutError::Disconnected) => return Some(Asked::Close),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let is_there = self.is_there();
            let came_back = is_there && !was_there;
            was_there = is_there;
            if came_back || (Instant::now() >= until && is_there) {
                return None;
            }
        }
    }

    fn is_there(&self) -> bool {
        // Only a path can be looked for without opening it; COM ports of Windows are tried at the pause's pace.
        self.connect.is_some() || !self.spec.port.starts_with('/') || Path::new(&self.spec.port).exists()
    }
}
