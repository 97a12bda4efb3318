//! The station: `oxiward serve` on a data folder of its own.

#[cfg(feature = "desktop")]
use super::display::Display;
use super::http::Http;
use super::process::Process;
use super::socket::Socket;
use nix::sys::signal::Signal;
use rusqlite::{Connection, OpenFlags};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output};
use std::time::Duration;
use tempfile::TempDir;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_oxiward");

/// Sound and notifications would reach for the devices of whoever runs the tests.
pub const QUIET: &str = "[sound]\nenabled = false\n[notifications]\nenabled = false\n";

/// The program with nothing of the tester's own surroundings: no desktop, no settings, no data folder.
pub fn oxiward() -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .env_remove("OXIWARD_DATA")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/to/be/found")
        .env("ALSA_CONFIG_PATH", "/nowhere/to/be/found")
        .env("NO_COLOR", "1");
    command
}

/// Neither a graphics card nor an accessibility bus is here.
#[cfg(feature = "desktop")]
pub const WITHOUT_GRAPHICS: [(&str, &str); 4] = [
    ("LIBGL_ALWAYS_SOFTWARE", "1"),
    ("WEBKIT_DISABLE_DMABUF_RENDERER", "1"),
    ("WEBKIT_DISABLE_COMPOSITING_MODE", "1"),
    ("NO_AT_BRIDGE", "1"),
];

/// A data folder.
pub struct Folder {
    folder: TempDir,
}

impl Folder {
    pub fn new() -> Self {
        Self::in_folder(tempfile::tempdir().unwrap())
    }

    /// One in the memory, for tests that count every sound and every notification: a disk that is slow while other
    /// tests run would raise an alarm of its own.
    pub fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() { Self::in_folder(tempfile::tempdir_in(memory).unwrap()) } else { Self::new() }
    }

    fn in_folder(folder: TempDir) -> Self {
        std::fs::create_dir(folder.path().join("data")).unwrap();
        std::fs::write(folder.path().join("data/oxiward.toml"), QUIET).unwrap();
        Self { folder }
    }

    /// What `--data` names.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Room for other things of the same test.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs another command of the program on this folder.
    pub fn run(&self, arguments: &[&str]) -> Output {
        oxiward().args(arguments).arg("--data").arg(self.data()).output().unwrap()
    }

    /// A new token.
    pub fn token(&self, name: &str, role: &str) -> String {
        let output = self.run(&["token", "add", "--name", name, "--role", role]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// The database, as any other program would read it.
    pub fn database(&self) -> Connection {
        database(&self.data())
    }

    pub fn station(&self) -> Plan<'_> {
        let mut command = oxiward();
        command.arg("serve");
        self.plan(command)
    }

    /// A station with its window on this display.
    #[cfg(feature = "desktop")]
    pub fn windowed(&self, display: &Display) -> Plan<'_> {
        let mut command = oxiward();
        command.env("DISPLAY", display.name()).env("HOME", self.beside("home"));
        command.envs(WITHOUT_GRAPHICS);
        self.plan(command)
    }

    fn plan(&self, mut command: Command) -> Plan<'_> {
        command.arg("--data").arg(self.data()).args(["--local", "127.0.0.1:0", "--no-discover"]);
        Plan { _folder: self, command, lan: None }
    }
}

/// The database of a data folder, opened for reading alone.
pub fn database(folder: &Path) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = Connection::open_with_flags(folder.join("oxiward.db"), flags).unwrap();
    database.busy_timeout(Duration::from_secs(5)).unwrap();
    database
}

/// How a station is to be started.
pub struct Plan<'a> {
    /// It lives as long as what is started on it.
    _folder: &'a Folder,
    command: Command,
    lan: Option<&'a str>,
}

impl<'a> Plan<'a> {
    pub fn bed(mut self, id: &str, port: &Path, protocol: &str) -> Self {
        self.command.arg("--bed").arg(format!("{id}={},{protocol}", port.display()));
        self
    }

    pub fn with(mut self, arguments: &[&str]) -> Self {
        self.command.args(arguments);
        self
    }

    pub fn surrounded_by(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Started so that a write past the limit of a file's size fails, as on a full disk, and does not end the program.
    pub fn told_of_full_files(mut self) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
        command.arg(self.command.get_program()).args(self.command.get_args());
        for (name, value) in self.command.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        self.command = command;
        self
    }

    /// Serves the LAN too.
    pub fn on_the_lan(mut self) -> Self {
        self.lan = Some("127.0.0.1:0");
        self
    }

    /// Starts the program, which may well refuse.
    pub fn launch(mut self) -> Process {
        match self.lan {
            Some(address) => self.command.args(["--lan", address]),
            None => self.command.arg("--no-lan"),
        };
        Process::start(&mut self.command)
    }

    /// Starts it and waits until it serves.
    pub fn start(self) -> Station {
        Station::ready(self.launch())
    }
}

/// A station that serves.
pub struct Station {
    pub process: Process,
    /// `127.0.0.1:PORT`, plain.
    pub local: String,
    /// `127.0.0.1:PORT`, TLS.
    pub lan: Option<String>,
}

impl Station {
    /// Waits for the line that says where it serves.
    fn ready(process: Process) -> Self {
        let line = process.line_within(Duration::from_secs(20));
        let line = line.unwrap_or_else(|| panic!("the station is not ready; it said:\n{}", process.said()));
        let mut words = line.split(' ');
        assert_eq!(words.next(), Some("ready"), "{line}");
        let local =
            words.next().and_then(|word| word.strip_prefix("local=http://")).unwrap_or_else(|| panic!("{line}"));
        let lan = words.next().and_then(|word| word.strip_prefix("lan=")).unwrap_or_else(|| panic!("{line}"));
        assert_eq!(words.next(), None, "{line}");
        let lan = (lan != "off").then(|| lan.strip_prefix("https://").unwrap_or_else(|| panic!("{line}")).to_owned());
        Self { local: local.to_owned(), lan, process }
    }

    /// HTTP over loopback with this token; with `""` without any.
    pub fn http(&self, token: &str) -> Http {
        Http::plain(&self.local).with_token(token)
    }

    /// A WebSocket over loopback; `query` begins with `?` or is empty.
    pub fn socket(&self, token: &str, query: &str) -> Socket {
        Socket::open(&self.local, &format!("/ws{query}"), token)
    }

    /// Ends it as the system does, and sees that it ends as it should.
    pub fn stop(mut self) {
        assert_eq!(self.terminate().code(), Some(0));
    }

    pub fn terminate(&mut self) -> ExitStatus {
        self.process.signal(Signal::SIGTERM);
        self.process.ends_within(Duration::from_secs(5))
    }

    /// Stops it where it stands, as a computer without a moment for it does.
    pub fn freeze(&self) {
        self.process.signal(Signal::SIGSTOP);
    }

    pub fn thaw(&self) {
        self.process.signal(Signal::SIGCONT);
    }

    /// Ends it as a crash does.
    pub fn kill(mut self) {
        self.process.signal(Signal::SIGKILL);
        self.process.ends_within(Duration::from_secs(5));
    }
}
