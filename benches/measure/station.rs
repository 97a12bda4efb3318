//! The station under measure: the release binary on a data folder of its own.

use super::process::Process;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_oxiward");

/// Sound and notifications would reach for the devices of whoever measures.
const QUIET: &str = "[sound]\nenabled = false\n[notifications]\nenabled = false\n";

/// A data folder, on the disk that the build is on: a folder in memory would hide what the record costs.
pub struct Folder {
    folder: TempDir,
    pub token: String,
}

impl Folder {
    pub fn new() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        std::fs::write(folder.path().join("oxiward.toml"), QUIET).unwrap();
        let output = oxiward(folder.path())
            .args(["token", "add", "--name", "bench", "--role", "viewer"])
            .output()
            .unwrap_or_else(|error| panic!("{PROGRAM} cannot be started: {error}"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let token = String::from_utf8(output.stdout).unwrap().trim().to_owned();
        Self { folder, token }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// The program with nothing of the surroundings of whoever measures.
pub fn oxiward(folder: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .env("OXIWARD_DATA", folder)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/to/be/found");
    command
}

/// A bed: the port of its sensor and what it speaks.
pub type Bed = (PathBuf, &'static str);

/// A station that serves.
pub struct Station {
    pub process: Process,
    /// `127.0.0.1:PORT`, plain.
    pub local: String,
    pub token: String,
}

impl Station {
    /// Starts it with beds `1`, `2` and so on. It serves the LAN too, as it does by default.
    pub fn start(folder: &Folder, beds: &[Bed]) -> Self {
        let mut command = oxiward(folder.path());
        command.args(["serve", "--log", "off", "--local", "127.0.0.1:0", "--lan", "127.0.0.1:0", "--no-discover"]);
        for (index, (port, protocol)) in beds.iter().enumerate() {
            command.arg("--bed").arg(format!("{}={},{protocol}", index + 1, port.display()));
        }
        command.stderr(std::process::Stdio::null());
        let (process, line) = Process::start(&mut command);
        let local = line.split(' ').find_map(|word| word.strip_prefix("local=http://"));
        let local = local.unwrap_or_else(|| panic!("the station said {line:?}")).to_owned();
        Self { process, local, token: folder.token.clone() }
    }
}

/// KiB of the program's file.
pub fn size() -> f64 {
    std::fs::metadata(PROGRAM).unwrap().len() as f64 / 1024.0
}
