//! A line that the test itself speaks on: a pseudo-terminal, and the five-byte frames of a Contec oximeter written out by
//! hand from its published description ("BCI Protocol V1.2"), not by the program under test.

use nix::pty::openpty;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What the oximeter says 60 times a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    Numbers {
        spo2: u8,
        pulse: u8,
    },
    /// Numbers that change three times a second.
    Restless,
    NoFinger,
    Nothing,
    /// Bytes without any sense.
    Garbage,
}

pub struct Line {
    path: PathBuf,
    says: Arc<Mutex<Says>>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    /// Held so that the terminal stays while no station has it open.
    _slave: OwnedFd,
}

impl Line {
    pub fn saying(says: Says) -> Self {
        let pair = openpty(None, None).unwrap();
        let mut settings = tcgetattr(&pair.slave).unwrap();
        cfmakeraw(&mut settings);
        tcsetattr(&pair.slave, SetArg::TCSANOW, &settings).unwrap();
        let path = nix::unistd::ttyname(&pair.slave).unwrap();
        let says = Arc::new(Mutex::new(says));
        let ended = Arc::new(AtomicBool::new(false));
        let (present, stop, mut master) = (Arc::clone(&says), Arc::clone(&ended), File::from(pair.master));
        let flags = nix::fcntl::OFlag::O_NONBLOCK;
        nix::fcntl::fcntl(&master, nix::fcntl::FcntlArg::F_SETFL(flags)).unwrap();
        let thread = std::thread::spawn(move || {
            let mut count = 0_u32;
            while !stop.load(Ordering::Relaxed) {
                count += 1;
                // What does not fit because nobody reads is lost, as on a real line.
                let _ = master.write_all(&bytes(*present.lock().unwrap(), count));
                std::thread::sleep(Duration::from_nanos(16_666_667));
            }
        });
        Self { path, says, ended, thread: Some(thread), _slave: pair.slave }
    }

    pub fn numbers(spo2: u8, pulse: u8) -> Self {
        Self::saying(Says::Numbers { spo2, pulse })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn says(&self, says: Says) {
        *self.says.lock().unwrap() = says;
    }

    pub fn spo2(&self, spo2: u8) {
        self.says(Says::Numbers { spo2, pulse: 72 });
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
    }
}

/// What the wave shows in frame `count`; it comes again every 50.
pub fn pleth(count: u32) -> u8 {
    (64.0 + 50.0 * f64::from(count % 50 * 2).mul_add(0.0628, 0.0).sin()) as u8
}

fn bytes(says: Says, count: u32) -> Vec<u8> {
    let pleth = pleth(count);
    match says {
        Says::Restless => bytes(Says::Numbers { spo2: 92 + (count / 20 % 7) as u8, pulse: 72 }, count),
        Says::Numbers { spo2, pulse } => {
            let beat = if count % 50 < 2 { 0x40 } else { 0 };
            vec![0x80 | beat | 6, pleth, (pulse & 0x80) >> 1 | pleth >> 3, pulse & 0x7F, spo2]
        }
        Says::NoFinger => vec![0x90, 64, 0x10, 0x7F, 0x7F],
        Says::Nothing => Vec::new(),
        Says::Garbage => {
            let mut noise = u64::from(count).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let next = || {
                noise ^= noise << 13;
                noise ^= noise >> 7;
                noise ^= noise << 17;
                (noise >> 32) as u8
            };
            std::iter::repeat_with(next).take(7).collect()
        }
    }
}
