//! A simulated sensor behind a pseudo-terminal.

use super::Played;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{OpenptyResult, openpty};
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use oximeter::Presence;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A sensor cannot be simulated.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// No pseudo-terminal.
    #[error("This system gives no pseudo-terminal ({0}), so no sensor can be simulated.")]
    NoTerminal(io::Error),
    /// The link cannot be made.
    #[error("{path} cannot be made ({reason}); choose another path for --link.")]
    NoLink {
        /// The link.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
}

/// A pseudo-terminal: the station opens [`path`](Self::path), the simulator holds the other end.
#[derive(Debug)]
pub struct PseudoTerminal {
    master: File,
    /// Held open so that the terminal stays raw, and no hang-up is seen while no station has it open. Not held while a
    /// station is waited for: that hang-up is how it is known that none has come.
    slave: Option<OwnedFd>,
    path: PathBuf,
    heard: Vec<u8>,
}

impl PseudoTerminal {
    /// Opens a new one, raw: a terminal that echoed would send the sensor its own bytes back as commands.
    ///
    /// # Errors
    /// If the system gives none.
    pub fn open() -> io::Result<Self> {
        let OpenptyResult { master, slave } = openpty(None, None)?;
        let mut settings = tcgetattr(&slave)?;
        cfmakeraw(&mut settings);
        tcsetattr(&slave, SetArg::TCSANOW, &settings)?;
        let path = nix::unistd::ttyname(&slave)?;
        let flags = OFlag::from_bits_truncate(fcntl(&master, FcntlArg::F_GETFL)?);
        fcntl(&master, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
        Ok(Self { master: File::from(master), slave: Some(slave), path, heard: Vec::new() })
    }

    /// What the station opens.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Waits at most `wait` for somebody to open it. Once they have it does not wait any more, also when they close it.
    ///
    /// # Errors
    /// If the terminal fails.
    pub fn is_opened_within(&mut self, wait: Duration) -> io::Result<bool> {
        self.slave = None;
        let mut waiting = [PollFd::new(self.master.as_fd(), PollFlags::empty())];
        poll(&mut waiting, PollTimeout::ZERO)?;
        if waiting[0].revents().is_some_and(|said| said.contains(PollFlags::POLLHUP)) {
            // It hangs up until then, and nothing tells of the end of that.
            std::thread::sleep(wait);
            return Ok(false);
        }
        let slave = File::options().read(true).write(true).custom_flags(OFlag::O_NOCTTY.bits()).open(&self.path)?;
        self.slave = Some(slave.into());
        Ok(true)
    }

    /// Waits at most `wait` for bytes of the station.
    ///
    /// # Errors
    /// If the terminal fails.
    pub fn receive(&mut self, wait: Duration) -> io::Result<&[u8]> {
        let timeout = PollTimeout::try_from(wait).unwrap_or(PollTimeout::MAX);
        let mut waiting = [PollFd::new(self.master.as_fd(), PollFlags::POLLIN)];
        self.heard.clear();
        if poll(&mut waiting, timeout)? > 0 {
            let mut buffer = [0; 512];
            match self.master.read(&mut buffer) {
                Ok(count) => self.heard.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(&self.heard)
    }

    /// Sends bytes. What does not fit because nobody reads is lost, as on a real line.
    ///
    /// # Errors
    /// If the terminal fails.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.master.write(bytes) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// A sensor that runs in a thread until it is dropped.
#[derive(Debug)]
pub struct Simulated {
    path: PathBuf,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Simulated {
    /// Starts a sensor. With `link` that path leads to it, also after it was unplugged and plugged in again. A capture is
    /// played from the moment when somebody opens the port.
    ///
    /// # Errors
    /// If the system gives no pseudo-terminal, or the link cannot be made.
    pub fn start(played: impl Into<Played>, link: Option<PathBuf>) -> Result<Self, SimulateError> {
        let played = played.into();
        // One that is unplugged comes back under another number, so that it needs a name that stays.
        let link = link.or_else(|| played.is_unplugged_at_times().then(temporary_link));
        let terminal = plug_in(link.as_deref())?;
        let path = link.clone().unwrap_or_else(|| terminal.path().to_owned());
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new()
            .name("simulated".into())
            .stack_size(256 << 10)
            .spawn(move || {
                run(played, terminal, link.as_deref(), &stopped);
                if let Some(link) = link {
                    // It may have been taken away by hand.
                    let _ = std::fs::remove_file(link);
                }
            })
            .map_err(SimulateError::NoTerminal)?;
        Ok(Self { path, stop, thread: Some(thread) })
    }

    /// What the station opens.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("A simulated sensor ended by a panic.");
        }
    }
}

fn temporary_link() -> PathBuf {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed) + 1;
    std::env::temp_dir().join(format!("oxiward-sensor-{}-{number}", std::process::id()))
}

fn plug_in(link: Option<&Path>) -> Result<PseudoTerminal, SimulateError> {
    let terminal = PseudoTerminal::open().map_err(SimulateError::NoTerminal)?;
    if let Some(link) = link {
        let fail = |reason| SimulateError::NoLink { path: link.to_owned(), reason };
        // Only an old link is replaced; anything else of that name is somebody's file.
        if link.symlink_metadata().is_ok_and(|there| there.is_symlink()) {
            std::fs::remove_file(link).map_err(fail)?;
        }
        std::os::unix::fs::symlink(terminal.path(), link).map_err(fail)?;
    }
    Ok(terminal)
}

/// What the host asked for, for whoever develops a host: not at the usual level, where a demonstration would fill the log.
fn tell(played: &mut Played, path: &Path) {
    let path = path.display();
    for packet in played.take_host_packets() {
        if packet.starts {
            tracing::debug!(%path, packet = packet.name, "The host asked for live data.");
        } else {
            tracing::trace!(%path, packet = packet.name, "The host said something.");
        }
    }
}

fn run(mut played: Played, mut terminal: PseudoTerminal, link: Option<&Path>, stop: &AtomicBool) {
    while played.waits_for_host() && !stop.load(Ordering::Relaxed) {
        match terminal.is_opened_within(Duration::from_millis(20)) {
            Ok(false) => {}
            Ok(true) => break,
            Err(error) => return tracing::error!(%error, "The pseudo-terminal of a simulated sensor failed."),
        }
    }
    let began = Instant::now();
    let mut plugged = Some(terminal);
    let mut bytes = Vec::new();
    let mut told_end = false;
    while !stop.load(Ordering::Relaxed) {
        bytes.clear();
        let presence = played.poll(began.elapsed(), &mut bytes);
        match (presence, &mut plugged) {
            (Presence::Unplugged, Some(_)) => {
                if let Some(link) = link {
                    let _ = std::fs::remove_file(link);
                }
                plugged = None;
            }
            (Presence::Plugged, None) => match plug_in(link) {
                Ok(terminal) => plugged = Some(terminal),
                Err(error) => return tracing::error!(%error, "The simulated sensor could not be plugged in again."),
            },
            _ => {}
        }
        if played.is_over() && !told_end {
            told_end = true;
            tracing::info!("Everything in the capture was played; the sensor is silent from here on.");
        }
        let wake = played.next_wake().unwrap_or(Duration::from_secs(1));
        let pause = wake.saturating_sub(began.elapsed()).clamp(Duration::from_millis(1), Duration::from_millis(100));
        let Some(terminal) = &mut plugged else {
            std::thread::sleep(pause);
            continue;
        };
        let heard = terminal.send(&bytes).and_then(|()| terminal.receive(pause));
        match heard {
            Ok(heard) if !heard.is_empty() => {
                played.receive(began.elapsed(), heard);
                tell(&mut played, terminal.path());
            }
            Ok(_) => {}
            Err(error) => return tracing::error!(%error, "The pseudo-terminal of a simulated sensor failed."),
        }
    }
}
