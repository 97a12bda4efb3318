//! The data folder: made, found writable, and locked against a second station.

use super::Failure;
use serde::{Deserialize, Serialize};
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What the lock tells others about the station that holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Holder {
    pub(crate) process: u32,
    pub(crate) local: Option<SocketAddr>,
    pub(crate) lan: Option<SocketAddr>,
}

/// The lock of a data folder; held until it is dropped, and by no one after a kill.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

/// A folder is in use.
#[derive(Debug)]
pub(crate) struct InUse {
    pub(crate) holder: Option<Holder>,
}

/// Where the demonstration of a station has its own database: nothing simulated ever stands beside something real.
pub(crate) fn demo_of(folder: &Path) -> PathBuf {
    folder.join("demo")
}

fn lock_path(folder: &Path) -> PathBuf {
    folder.join("oxiward.lock")
}

/// Makes the folder if it is not there, and sees that it can be written.
pub(crate) fn prepare(folder: &Path) -> Result<(), Failure> {
    let fail = |error: std::io::Error| {
        Failure::failed(format!(
            "The data folder {} cannot be written: {error}. Choose another with --data DIR, or mend its rights.",
            folder.display()
        ))
    };
    std::fs::create_dir_all(folder).map_err(fail)?;
    // Patients' data: nobody else on this computer reads them.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if std::fs::metadata(folder).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
            && folder.read_dir().is_ok_and(|mut entries| entries.next().is_none())
        {
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).map_err(fail)?;
        }
    }
    let probe = folder.join(".oxiward-can-write");
    File::create(&probe).and_then(|mut file| file.write_all(b"x")).map_err(fail)?;
    std::fs::remove_file(&probe).map_err(fail)
}

/// Takes the folder, or tells who has it.
pub(crate) fn lock(folder: &Path) -> Result<Result<Lock, InUse>, Failure> {
    let path = lock_path(folder);
    let fail = |error: std::io::Error| Failure::failed(format!("{} cannot be used: {error}.", path.display()));
    let file = File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(fail)?;
    match file.try_lock() {
        Ok(()) => {
            let mut lock = Lock { file };
            lock.tell(None, None).map_err(fail)?;
            Ok(Ok(lock))
        }
        Err(TryLockError::WouldBlock) => Ok(Err(InUse { holder: holder(folder) })),
        Err(TryLockError::Error(error)) => Err(fail(error)),
    }
}

impl Lock {
    /// Writes down where the station listens, for `oxiward pair`.
    pub(crate) fn tell(&mut self, local: Option<SocketAddr>, lan: Option<SocketAddr>) -> std::io::Result<()> {
        let holder = Holder { process: std::process::id(), local, lan };
        let text = serde_json::to_vec(&holder)?;
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(&text)
    }
}

/// Who holds the folder's lock, as they wrote it down.
pub(crate) fn holder(folder: &Path) -> Option<Holder> {
    let mut text = String::new();
    File::open(lock_path(folder)).ok()?.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// The station that runs on this folder now; `None` if none does.
pub(crate) fn running(folder: &Path) -> Option<Holder> {
    let file = File::open(lock_path(folder)).ok()?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => holder(folder),
        _ => None,
    }
}

impl InUse {
    pub(crate) fn failure(&self, folder: &Path) -> Failure {
        let who = self.holder.as_ref().map_or_else(
            || "another process".to_owned(),
            |holder| format!("the station with process {}", holder.process),
        );
        Failure::failed(format!(
            "The data folder {} is held by {who}. Stop it first, or choose another folder with --data DIR.",
            folder.display()
        ))
    }
}
