//! Many clients in one thread, which only counts what comes: a client that did more would be the busy one.

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What came for one client, and when: a run of whole frames.
pub type Log = Vec<(Instant, Vec<u8>)>;

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    frames: AtomicU64,
    bytes: AtomicU64,
    /// Of the first client, while anyone wants it.
    log: Mutex<Option<Log>>,
}

pub struct Crowd {
    lines: Vec<TcpStream>,
    shared: Arc<Shared>,
    thread: JoinHandle<()>,
}

impl Crowd {
    /// As many clients of a station; they take no waves until told to.
    pub fn connect(local: &str, token: &str, count: usize) -> Self {
        let open = || {
            let mut line = TcpStream::connect(local).unwrap();
            let request = format!(
                "GET /ws HTTP/1.1\r\nHost: {local}\r\nAuthorization: Bearer {token}\r\nConnection: Upgrade\r\n\
                 Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: b3hpd2FyZCBiZW5jaGVzIQ==\r\n\r\n"
            );
            line.write_all(request.as_bytes()).unwrap();
            // Byte by byte up to the blank line: what follows it are frames already.
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") {
                line.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
            line
        };
        Self::of((0..count).map(|_| open()).collect())
    }

    /// The other ends of these connections send frames.
    pub fn of(lines: Vec<TcpStream>) -> Self {
        let shared = Arc::new(Shared::default());
        let (seen, readers) = (Arc::clone(&shared), lines.iter().map(|line| line.try_clone().unwrap()).collect());
        let thread = std::thread::spawn(move || drain(readers, &seen));
        Self { lines, shared, thread }
    }

    /// Subscribes all to waves, or to none.
    pub fn want_waves(&mut self, waves: bool) {
        let message = format!("{{\"type\":\"subscribe\",\"waves\":{waves}}}");
        for line in &mut self.lines {
            line.write_all(&masked(0x81, message.as_bytes())).unwrap();
        }
    }

    /// Frames with text that came so far.
    pub fn frames(&self) -> u64 {
        self.shared.frames.load(Ordering::Relaxed)
    }

    pub fn bytes(&self) -> u64 {
        self.shared.bytes.load(Ordering::Relaxed)
    }

    pub fn begin_log(&self) {
        *self.shared.log.lock().unwrap() = Some(Log::new());
    }

    pub fn end_log(&self) -> Log {
        self.shared.log.lock().unwrap().take().unwrap_or_default()
    }

    pub fn close(self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
    }
}

/// A frame of a client. Masked, as it must be, with zero: nothing between here and there could be misled.
fn masked(kind: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).ok().filter(|length| *length < 126).unwrap();
    [&[kind, 0x80 | length, 0, 0, 0, 0], payload].concat()
}

struct Reader {
    line: TcpStream,
    frames: Frames,
}

fn drain(lines: Vec<TcpStream>, shared: &Shared) {
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC).unwrap();
    let mut readers = Vec::new();
    for (line, place) in lines.into_iter().zip(0..) {
        line.set_nonblocking(true).unwrap();
        epoll.add(&line, EpollEvent::new(EpollFlags::EPOLLIN, place)).unwrap();
        readers.push(Reader { line, frames: Frames::default() });
    }
    let mut ready = [EpollEvent::empty(); 256];
    let mut buffer = vec![0; 256 << 10];
    while !shared.stop.load(Ordering::Relaxed) {
        let count = epoll.wait(&mut ready, EpollTimeout::from(100_u16)).unwrap_or(0);
        for event in &ready[..count] {
            let place = event.data();
            let reader = &mut readers[usize::try_from(place).unwrap()];
            let got = match reader.line.read(&mut buffer) {
                Ok(0) => panic!("the station closed the connection of client {place}"),
                Ok(got) => &buffer[..got],
                Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                Err(error) => panic!("client {place}: {error}"),
            };
            let (texts, pings) = reader.frames.see(got);
            shared.frames.fetch_add(texts, Ordering::Relaxed);
            shared.bytes.fetch_add(got.len() as u64, Ordering::Relaxed);
            for _ in 0..pings {
                reader.line.write_all(&masked(0x8A, b"")).unwrap();
            }
            if place == 0
                && let Some(log) = &mut *shared.log.lock().unwrap()
            {
                reader.frames.keep(log, got);
            }
        }
    }
}

/// Where the frames of a stream begin and end.
#[derive(Default)]
struct Frames {
    head: Vec<u8>,
    /// Of the payload that is arriving.
    left: usize,
    /// Bytes since the last whole frame, for the log.
    unfinished: Vec<u8>,
}

impl Frames {
    /// How many texts and pings began.
    fn see(&mut self, mut bytes: &[u8]) -> (u64, u64) {
        let (mut texts, mut pings) = (0, 0);
        loop {
            let skipped = self.left.min(bytes.len());
            self.left -= skipped;
            bytes = &bytes[skipped..];
            let Some((&byte, rest)) = bytes.split_first() else { return (texts, pings) };
            bytes = rest;
            self.head.push(byte);
            self.left = match self.head[..] {
                [_, length @ 0..=125] => length.into(),
                [_, 126, high, low] => u16::from_be_bytes([high, low]).into(),
                _ => continue,
            };
            match self.head[0] {
                0x81 => texts += 1,
                0x89 => pings += 1,
                other => panic!("the station sends texts and pings alone, not {other:#x}"),
            }
            self.head.clear();
        }
    }

    /// Puts the bytes into the log once they end a frame.
    fn keep(&mut self, log: &mut Log, bytes: &[u8]) {
        self.unfinished.extend_from_slice(bytes);
        if self.head.is_empty() && self.left == 0 {
            log.push((Instant::now(), std::mem::take(&mut self.unfinished)));
        }
    }
}

/// Plays a log to every line again, in its own time, with one write to each line for each piece. Returns how long it
/// took the processor.
pub fn replay(log: &Log, lines: &mut [TcpStream]) -> Duration {
    use nix::time::{ClockId, clock_gettime};
    let began = Instant::now();
    let clock = ClockId::CLOCK_THREAD_CPUTIME_ID;
    let before = Duration::from(clock_gettime(clock).unwrap());
    let Some((first, _)) = log.first() else { return Duration::ZERO };
    for (at, bytes) in log {
        std::thread::sleep(at.duration_since(*first).saturating_sub(began.elapsed()));
        for line in &mut *lines {
            line.write_all(bytes).unwrap();
        }
    }
    Duration::from(clock_gettime(clock).unwrap()) - before
}
