//! Opening the database: what is there, what the last run left behind.

use crate::beds::{self, BedRow};
use crate::durability::Durability;
use crate::migrate::{MigrateError, migrate};
use crate::read;
use crate::write::Writer;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use vitals::{AlarmId, Epoch, Recorded, Seq, WallTime};

/// How many numbers are set aside at once. After an unclean stop at most this many are skipped.
pub(crate) const SEQ_BLOCK: u64 = 1000;

/// The database could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("The record {path} cannot be opened: {reason}.")]
pub struct OpenError {
    path: PathBuf,
    reason: String,
}

/// How the run before this one ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreviousRun {
    /// When it was last known to run.
    pub last_alive: WallTime,
    /// Whether it ended as it should.
    pub clean: bool,
}

/// What the database held when it was opened.
#[derive(Debug)]
pub struct Found {
    /// The name of the database.
    pub epoch: Epoch,
    /// The name of the station: stays the same over its life.
    pub station_id: String,
    /// The newest number in the record before this run; 0 if there was none.
    pub last_seq: Seq,
    /// The first number that this run may give out.
    pub next_seq: Seq,
    /// The first alarm id that this run may give out.
    pub next_alarm: AlarmId,
    /// The run before; `None` for a new database.
    pub previous: Option<PreviousRun>,
    /// The beds.
    pub beds: Vec<BedRow>,
    /// What each bed's alarm engine saved, by bed id, and up to when it had counted; `""` is the station.
    pub alarm_states: Vec<(String, WallTime, String)>,
    /// The alarms that were active.
    pub active_alarms: Vec<Recorded>,
    /// The database was unreadable and was put aside under this name; the record starts anew.
    pub put_aside: Option<PathBuf>,
}

/// The database, for reading. Cheap to clone; each query borrows a connection of its own.
#[derive(Debug, Clone)]
pub struct Record {
    pub(crate) path: Arc<PathBuf>,
    readers: Arc<Mutex<Vec<Connection>>>,
}

impl Record {
    /// Opens or creates `folder/oxiward.db` for one station, and starts its writer.
    ///
    /// The caller holds the folder's lock: two writers with their own count of numbers would spoil the record.
    ///
    /// # Errors
    /// If the folder or the file cannot be written, or a newer program wrote it. A file that is no sound
    /// database is not an error: it is put aside, for monitoring goes first (`Found::put_aside`).
    pub fn open(folder: &Path, now: WallTime, version: &str) -> Result<(Self, Writer, Found), OpenError> {
        let path = folder.join("oxiward.db");
        let fail = |reason: String| OpenError { path: path.clone(), reason };
        let (mut db, put_aside) = match connect(&path) {
            Ok(db) => (db, None),
            Err(MigrateError::Sqlite(error)) if is_corrupt(&error) => {
                let aside = put_aside(&path, now).map_err(|error| fail(error.to_string()))?;
                (connect(&path).map_err(|error| fail(error.to_string()))?, Some(aside))
            }
            Err(error) => return Err(fail(error.to_string())),
        };
        let found = begin(&mut db, now, version, put_aside).map_err(|error| fail(error.to_string()))?;
        let record = Self { path: Arc::new(path.clone()), readers: Arc::default() };
        let durability = Durability::start(&path).map_err(|error| fail(error.to_string()))?;
        let writer = Writer::start(db, durability, &found).map_err(|error| fail(error.to_string()))?;
        Ok((record, writer, found))
    }

    /// Makes `folder/oxiward.db` for a station that has not run yet. The caller holds the folder's lock.
    ///
    /// # Errors
    /// If the folder or the file cannot be written.
    pub fn make(folder: &Path) -> Result<(), OpenError> {
        let path = folder.join("oxiward.db");
        connect(&path).and_then(|db| Ok(name(&db)?)).map_err(|error| OpenError { path, reason: error.to_string() })
    }

    /// The database of a folder in which a station may be running, for the command line.
    ///
    /// # Errors
    /// If there is no database, or it cannot be read.
    pub fn existing(folder: &Path) -> Result<Self, OpenError> {
        let path = folder.join("oxiward.db");
        let record = Self { path: Arc::new(path.clone()), readers: Arc::default() };
        if !path.exists() {
            return Err(OpenError { path, reason: "it is not there; start the station once".into() });
        }
        record
            .with(|db| db.query_row("SELECT count(*) FROM meta", [], |row| row.get::<_, i64>(0)))
            .map_err(|error| OpenError { path, reason: error.to_string() })?;
        Ok(record)
    }

    /// Runs a query on a connection that can only read.
    pub(crate) fn with<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let db = match idle {
            Some(db) => db,
            None => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let db = Connection::open_with_flags(self.path.as_path(), flags)?;
                db.busy_timeout(Duration::from_secs(5))?;
                db
            }
        };
        let answer = query(&db)?;
        // A connection whose query failed is not kept: the failure may be the connection's own.
        let mut idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < 4 {
            idle.push(db);
        }
        Ok(answer)
    }

    /// Runs a short change on a connection of its own. It works beside a running station, whose writer waits for it.
    pub(crate) fn change<T, E: From<rusqlite::Error>>(
        &self,
        change: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut db = Connection::open_with_flags(
            self.path.as_path(),
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        db.busy_timeout(Duration::from_secs(5))?;
        db.pragma_update(None, "synchronous", "NORMAL")?;
        db.pragma_update(None, "wal_autocheckpoint", 0)?;
        let step = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let answer = change(&step)?;
        step.commit()?;
        Ok(answer)
    }
}

fn connect(path: &Path) -> Result<Connection, MigrateError> {
    let mut db = Connection::open(path)?;
    db.busy_timeout(Duration::from_secs(5))?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    // A commit hands its pages to the operating system; `Durability` forces them to the disk in its own
    // thread, so that a slow disk holds up no commit. FULL would make each commit wait for the disk.
    db.pragma_update(None, "synchronous", "NORMAL")?;
    db.pragma_update(None, "wal_autocheckpoint", 0)?;
    db.pragma_update(None, "foreign_keys", true)?;
    migrate(&mut db)?;
    Ok(db)
}

fn is_corrupt(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase))
}

/// Moves a broken database and its companions aside; nothing is deleted.
fn put_aside(path: &Path, now: WallTime) -> std::io::Result<PathBuf> {
    let aside = path.with_file_name(format!("oxiward.db.corrupt.{}", now.as_millis()));
    std::fs::rename(path, &aside)?;
    for companion in ["-wal", "-shm"] {
        let with = |base: &Path| PathBuf::from(format!("{}{companion}", base.display()));
        if with(path).exists() {
            std::fs::rename(with(path), with(&aside))?;
        }
    }
    Ok(aside)
}

pub(crate) fn meta(db: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    db.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0)).optional()
}

pub(crate) fn set_meta(db: &Connection, key: &str, value: &str) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")?
        .execute(params![key, value])?;
    Ok(())
}

fn number(db: &Connection, key: &str) -> rusqlite::Result<u64> {
    Ok(meta(db, key)?.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// A new name of 128 random bits.
fn random_name() -> rusqlite::Result<String> {
    crate::access::random_hex().map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

/// Names the database and the station that have no name yet.
fn name(db: &Connection) -> rusqlite::Result<()> {
    for name in ["epoch", "station_id"] {
        if meta(db, name)?.is_none() {
            set_meta(db, name, &random_name()?)?;
        }
    }
    Ok(())
}

fn begin(db: &mut Connection, now: WallTime, version: &str, put_aside: Option<PathBuf>) -> rusqlite::Result<Found> {
    let step = db.transaction()?;
    name(&step)?;
    let previous = step
        .query_row("SELECT last_alive, ended FROM session ORDER BY id DESC LIMIT 1", [], |row| {
            let (last_alive, ended) = (row.get(0)?, row.get::<_, Option<i64>>(1)?);
            Ok(PreviousRun { last_alive: WallTime::from_millis(ended.unwrap_or(last_alive)), clean: ended.is_some() })
        })
        .optional()?;
    let last_seq: i64 = step.query_row(
        "SELECT max(coalesce((SELECT max(seq) FROM reading), 0), coalesce((SELECT max(seq) FROM alarm_change), 0),
                    coalesce((SELECT max(seq) FROM event), 0))",
        [],
        |row| row.get(0),
    )?;
    let last_seq = u64::try_from(last_seq).unwrap_or(0);
    let last_alarm: i64 = step.query_row("SELECT coalesce(max(id), 0) FROM alarm", [], |row| row.get(0))?;
    let last_alarm = u64::try_from(last_alarm).unwrap_or(0);
    // After a clean stop everything given out is in the record. After any other, a number may have been sent
    // to somebody and lost with the power: only the ceiling is sure to lie above all of them.
    let clean = previous.is_none_or(|previous| previous.clean);
    let (last_given, alarm_given) = if clean {
        (last_seq, last_alarm)
    } else {
        (last_seq.max(number(&step, "seq_ceiling")?), last_alarm.max(number(&step, "alarm_ceiling")?))
    };
    set_meta(&step, "seq_ceiling", &(last_given + SEQ_BLOCK).to_string())?;
    set_meta(&step, "alarm_ceiling", &(alarm_given + SEQ_BLOCK).to_string())?;
    step.execute(
        "INSERT INTO session (version, started, last_alive) VALUES (?1, ?2, ?2)",
        params![version, now.as_millis()],
    )?;
    let found = Found {
        epoch: Epoch(meta(&step, "epoch")?.unwrap_or_default()),
        station_id: meta(&step, "station_id")?.unwrap_or_default(),
        last_seq: Seq(last_seq),
        next_seq: Seq(last_given + 1),
        next_alarm: AlarmId(alarm_given + 1),
        previous,
        beds: beds::all(&step)?,
        alarm_states: step
            .prepare("SELECT bed, time, state FROM alarm_state")?
            .query_map([], |row| Ok((row.get(0)?, WallTime::from_millis(row.get(1)?), row.get(2)?)))?
            .collect::<Result<_, _>>()?,
        active_alarms: read::active_alarms(&step)?,
        put_aside,
    };
    step.commit()?;
    Ok(found)
}
