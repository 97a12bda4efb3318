//! Forces what was committed to the disk, in a thread of its own.
//!
//! SQLite with `synchronous=NORMAL` writes a commit to the write-ahead log and does not wait for the disk. Here the
//! log's file is forced with `fdatasync`: once a second, and at once when asked. Rejected: `synchronous=FULL`, with
//! which every commit waits for the disk, and a disk that takes 30 ms would hold up every reading.

use rusqlite::Connection;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Copy the log into the database when it has grown past this many bytes (about 1000 pages).
const CHECKPOINT_BYTES: u64 = 4 << 20;

/// The thread that forces commits to the disk.
#[derive(Debug)]
pub struct Durability {
    wake: SyncSender<()>,
    failure: Arc<Mutex<Option<String>>>,
    thread: JoinHandle<()>,
}

impl Durability {
    pub(crate) fn start(database: &Path) -> Result<Self, rusqlite::Error> {
        let db = Connection::open(database)?;
        db.busy_timeout(Duration::from_millis(0))?;
        let log = PathBuf::from(format!("{}-wal", database.display()));
        // One waiting wake-up is enough: whoever comes after it is covered by it.
        let (wake, woken) = sync_channel(1);
        let failure = Arc::new(Mutex::new(None));
        let shared = Arc::clone(&failure);
        let thread = std::thread::Builder::new()
            .name("durability".into())
            .spawn(move || force_until_dropped(&db, &log, &woken, &shared))
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        Ok(Self { wake, failure, thread })
    }

    /// Asks for what is committed to be forced now; does not wait for it.
    pub(crate) fn force(&self) {
        if let Err(TrySendError::Disconnected(())) = self.wake.try_send(()) {
            *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some("its thread has ended".into());
        }
    }

    /// Why the last attempt failed; `None` if it did not.
    pub(crate) fn failure(&self) -> Option<String> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forces everything a last time and ends the thread.
    pub(crate) fn close(self) {
        drop(self.wake);
        if self.thread.join().is_err() {
            tracing::error!("The thread that forces the record to the disk ended by a panic.");
        }
    }
}

fn force_until_dropped(db: &Connection, log: &Path, woken: &Receiver<()>, failure: &Mutex<Option<String>>) {
    let mut checkpointed = Instant::now();
    loop {
        let closing = match woken.recv_timeout(Duration::from_secs(1)) {
            Ok(()) | Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => true,
        };
        // Opened anew each time: SQLite may delete and make the file again when the last connection closes.
        let forced = File::options().write(true).open(log).and_then(|file| {
            file.sync_data()?;
            file.metadata()
        });
        let outcome = match forced {
            Ok(metadata) if metadata.len() > CHECKPOINT_BYTES && checkpointed.elapsed() > Duration::from_secs(10) => {
                checkpointed = Instant::now();
                // PASSIVE waits for nobody and makes nobody wait; what it could not copy it copies next time.
                db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).map_err(|error| error.to_string())
            }
            Ok(_) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error.to_string()),
        };
        *failure.lock().unwrap_or_else(PoisonError::into_inner) = outcome.err();
        if closing {
            return;
        }
    }
}
