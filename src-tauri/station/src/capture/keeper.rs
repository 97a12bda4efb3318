//! The thread that writes a capture: the only one that waits for its disk.

use super::tap::Piece;
use oximeter::capture::{Entry, Event, Head};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A capture ends by itself after this long …
pub(super) const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// … or at this size, whichever comes first.
pub(super) const LARGEST: u64 = 200_000_000;
/// What was kept is handed to the system at least this often, so that a crash costs no more.
const FLUSH_EVERY: Duration = Duration::from_secs(1);
/// Longer pieces are written in several lines.
const PIECE: usize = 256;

/// What is told of a capture while it runs.
#[derive(Debug)]
pub(crate) enum Note {
    /// The file is there.
    Begun,
    /// Nothing more is written.
    Ended(Ending),
}

/// How a capture ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ending {
    /// Why, in words.
    pub(crate) reason: String,
    /// It could not be written on.
    pub(crate) failed: bool,
    /// Bytes that were not kept because the disk was too slow.
    pub(crate) missing: u64,
}

/// Why whoever started it wants it ended; set before the tap is closed.
pub(crate) type Wish = Arc<Mutex<Option<String>>>;

/// Writes what comes through `pieces` until it ends, to the file that `open` makes. `size` is kept up to date.
pub(crate) fn keep(
    open: impl FnOnce() -> io::Result<File>,
    head: &Head,
    pieces: &Receiver<Piece>,
    wish: &Wish,
    size: &AtomicU64,
    note: &mut dyn FnMut(Note),
) {
    let began = Instant::now();
    let file = match open() {
        Ok(file) => file,
        Err(error) => {
            let reason = format!("The file cannot be made: {error}.");
            return note(Note::Ended(Ending { reason, failed: true, missing: 0 }));
        }
    };
    let mut keeper = Keeper { out: BufWriter::new(file), began, size, missing: 0 };
    let written = keeper.begin(head).and_then(|()| {
        note(Note::Begun);
        keeper.go_on(pieces, wish)
    });
    let missing = keeper.missing;
    note(Note::Ended(match written {
        Ok(reason) => Ending { reason, failed: false, missing },
        Err(error) => Ending { reason: format!("The file cannot be written: {error}."), failed: true, missing },
    }));
}

struct Keeper<'a, W: Write> {
    out: BufWriter<W>,
    began: Instant,
    size: &'a AtomicU64,
    missing: u64,
}

impl<W: Write> Keeper<'_, W> {
    fn begin(&mut self, head: &Head) -> io::Result<()> {
        self.write(&head.to_string())?;
        self.out.flush()
    }

    /// Writes until it is told to end or may not go on; says why.
    fn go_on(&mut self, pieces: &Receiver<Piece>, wish: &Wish) -> io::Result<String> {
        let mut flushed = Instant::now();
        loop {
            let piece = pieces.recv_timeout(FLUSH_EVERY);
            let reason = match piece {
                Ok((at, event)) => {
                    self.entry(at, event)?;
                    self.is_enough()
                }
                Err(RecvTimeoutError::Timeout) => self.is_enough(),
                Err(RecvTimeoutError::Disconnected) => {
                    let wish = wish.lock().unwrap_or_else(PoisonError::into_inner).take();
                    Some(wish.unwrap_or_else(|| "The station's bed ended.".to_owned()))
                }
            };
            if let Some(reason) = reason {
                self.entry(Instant::now(), Event::End(reason.clone()))?;
                self.out.flush()?;
                return Ok(reason);
            }
            if flushed.elapsed() >= FLUSH_EVERY {
                self.out.flush()?;
                flushed = Instant::now();
            }
        }
    }

    fn is_enough(&self) -> Option<String> {
        if self.began.elapsed() >= LONGEST {
            return Some("It ran for 24 hours, the longest that a capture may.".to_owned());
        }
        (self.size.load(Ordering::Relaxed) >= LARGEST)
            .then(|| "It reached 200 MB, the most that a capture may.".to_owned())
    }

    fn entry(&mut self, at: Instant, event: Event) -> io::Result<()> {
        let at = at.saturating_duration_since(self.began);
        match event {
            Event::Received(bytes) => {
                bytes.chunks(PIECE).try_for_each(|part| self.line(Entry { at, event: Event::Received(part.to_vec()) }))
            }
            Event::Sent(bytes) => {
                bytes.chunks(PIECE).try_for_each(|part| self.line(Entry { at, event: Event::Sent(part.to_vec()) }))
            }
            event => {
                if let Event::Hole(bytes) = event {
                    self.missing += bytes;
                }
                self.line(Entry { at, event })
            }
        }
    }

    fn line(&mut self, entry: Entry) -> io::Result<()> {
        self.write(&format!("{entry}\n"))
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        self.size.fetch_add(text.len() as u64, Ordering::Relaxed);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
