//! The folder in which captures lie: `captures/` in the data folder.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use vitals::{BedId, WallTime};

/// How the time stands in a name, UTC.
const TIME: &str = "%Y%m%d-%H%M%S";
/// How long that is.
const TIME_LENGTH: usize = 15;

/// The captures of a station. Every call may wait for the disk.
#[derive(Debug, Clone)]
pub struct Captures {
    folder: PathBuf,
}

/// A capture on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its name, which names no other place.
    pub file: String,
    /// The bed.
    pub bed: BedId,
    /// When it began.
    pub since: WallTime,
    /// Its length.
    pub bytes: u64,
}

/// A capture cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// No capture has that name.
    #[error("There is no capture {0:?}.")]
    Unknown(String),
    /// The disk.
    #[error("The folder of the captures cannot be used: {0}.")]
    Disk(#[from] io::Error),
}

/// The name of a capture that begins at `since`.
pub(crate) fn name(bed: &BedId, since: WallTime) -> String {
    let time = Timestamp::from_millisecond(since.as_millis()).unwrap_or_default();
    format!("bed-{bed}-{}.capture", time.strftime(TIME))
}

/// A time in words, for the head of a capture; `None` beyond the calendar.
pub(crate) fn in_words(time: WallTime) -> Option<String> {
    Timestamp::from_millisecond(time.as_millis()).ok().map(|time| time.to_string())
}

/// The bed and the time in a name; `None` if it is no name of a capture.
fn parts(name: &str) -> Option<(BedId, WallTime)> {
    let middle = name.strip_prefix("bed-")?.strip_suffix(".capture")?;
    let (bed, time) = middle.split_at_checked(middle.len().checked_sub(TIME_LENGTH + 1)?)?;
    let bed = BedId::new(bed).ok()?;
    let time = DateTime::strptime(TIME, time.strip_prefix('-')?).ok()?.to_zoned(TimeZone::UTC).ok()?;
    Some((bed, WallTime::from_millis(time.timestamp().as_millisecond())))
}

impl Captures {
    /// The captures in a station's data folder.
    pub(crate) fn of(data: &Path) -> Self {
        Self { folder: data.join("captures") }
    }

    /// Makes a new one, and the folder if it is the first.
    pub(crate) fn create(&self, name: &str) -> io::Result<File> {
        create_folder(&self.folder)?;
        create(&self.path(name))
    }

    /// Where one is.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// All of them, the oldest first.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn list(&self) -> Result<Vec<Kept>, ShelfError> {
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let mut captures = Vec::new();
        for entry in entries {
            let entry = entry?;
            // What is not named as a capture was put there by somebody else.
            if let Some(file) = entry.file_name().to_str()
                && let Some((bed, since)) = parts(file)
            {
                captures.push(Kept { file: file.to_owned(), bed, since, bytes: entry.metadata()?.len() });
            }
        }
        captures.sort_by(|one, other| (one.since, &one.bed).cmp(&(other.since, &other.bed)));
        Ok(captures)
    }

    /// Opens one for reading. A name that leads elsewhere names nothing.
    ///
    /// # Errors
    /// If there is none of that name, or the disk fails.
    pub fn open(&self, name: &str) -> Result<File, ShelfError> {
        File::open(self.known(name)?).map_err(|error| self.wrong(name, error))
    }

    /// Deletes one.
    ///
    /// # Errors
    /// If there is none of that name, or the disk fails.
    pub fn delete(&self, name: &str) -> Result<(), ShelfError> {
        std::fs::remove_file(self.known(name)?).map_err(|error| self.wrong(name, error))
    }

    fn known(&self, name: &str) -> Result<PathBuf, ShelfError> {
        let path = self.folder.join(name);
        // A link would lead out of the folder.
        let is_file = parts(name).is_some() && path.symlink_metadata().is_ok_and(|there| there.is_file());
        if is_file { Ok(path) } else { Err(ShelfError::Unknown(name.to_owned())) }
    }

    fn wrong(&self, name: &str, error: io::Error) -> ShelfError {
        match error.kind() {
            io::ErrorKind::NotFound => ShelfError::Unknown(name.to_owned()),
            _ => error.into(),
        }
    }
}

/// Makes the folder of the captures, for its owner alone.
fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes the file of a capture, for its owner alone: it holds a patient's measured values.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_bed_and_time_and_leads_nowhere_else() {
        let (bed, since) = (BedId::new("icu-2").unwrap(), WallTime::from_millis(1_795_256_100_000));
        let name = name(&bed, since);
        assert_eq!(name, "bed-icu-2-20261121-101500.capture");
        assert_eq!(parts(&name), Some((bed, since)));
        for wrong in [
            "",
            "bed-1.capture",
            "bed--20261121-101500.capture",
            "bed-1-20261321-101500.capture",
            "bed-../../x-20261121-101500.capture",
            "../bed-1-20261121-101500.capture",
            "bed-1-20261121-101500.capture/x",
            "bed-ä-20261121-10150.capture",
            "oxiward.db",
        ] {
            assert_eq!(parts(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn captures_are_listed_read_and_deleted_and_nothing_else_is() {
        let data = tempfile::tempdir().unwrap();
        let captures = Captures::of(data.path());
        assert_eq!(captures.list().unwrap(), []);
        let name = "bed-1-20261121-101500.capture";
        captures.create(name).unwrap();
        std::fs::write(captures.path("notes.txt"), "mine").unwrap();
        std::fs::write(data.path().join("secret"), "x").unwrap();
        assert!(captures.create(name).is_err(), "one that is there is not written over");
        let listed = captures.list().unwrap();
        assert_eq!((listed.len(), listed[0].file.as_str(), listed[0].bytes), (1, name, 0));
        for other in ["notes.txt", "../secret", "bed-2-20261121-101500.capture"] {
            assert!(matches!(captures.open(other), Err(ShelfError::Unknown(_))), "{other}");
            assert!(captures.delete(other).is_err(), "{other}");
        }
        captures.open(name).unwrap();
        captures.delete(name).unwrap();
        assert_eq!(captures.list().unwrap(), []);
    }

    #[cfg(unix)]
    #[test]
    fn a_capture_is_for_its_owner_alone_and_a_link_is_none() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let data = tempfile::tempdir().unwrap();
        let captures = Captures::of(data.path());
        let (name, link) = ("bed-1-20261121-101500.capture", "bed-1-20261121-101501.capture");
        let file = captures.create(name).unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        symlink("/etc/hostname", captures.path(link)).unwrap();
        assert!(matches!(captures.open(link), Err(ShelfError::Unknown(_))));
    }
}
