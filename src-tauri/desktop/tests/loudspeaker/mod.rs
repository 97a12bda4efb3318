//! A loudspeaker for tests: takes sound at the pace of a sound card and remembers what it was given, and when.

use crate::listening::Recording;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const RATE: u32 = 48_000;
/// Bytes of one moment: two channels of 32-bit floats, which is what is chosen for a device that takes everything.
const FRAME: usize = 8;
/// What is taken at a time: 10 ms.
const MOUTHFUL: usize = RATE as usize / 100 * FRAME;

/// Each mouthful and when it was taken.
type Taken = Arc<Mutex<Vec<(Instant, Vec<u8>)>>>;

pub struct Loudspeaker {
    folder: tempfile::TempDir,
    taken: Taken,
    listening: Arc<AtomicBool>,
}

impl Loudspeaker {
    pub fn connected() -> Self {
        let loudspeaker = Self::absent();
        loudspeaker.connect();
        loudspeaker
    }

    /// There is a sound system, but no device.
    pub fn absent() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = Command::new("mkfifo").arg(folder.path().join("pipe")).status().unwrap();
        assert!(made.success());
        let loudspeaker = Self { folder, taken: Arc::default(), listening: Arc::default() };
        loudspeaker.configure("");
        loudspeaker
    }

    /// A device whose driver never comes back: nobody reads from the pipe, so opening it waits for ever.
    pub fn hanging() -> Self {
        let loudspeaker = Self::absent();
        loudspeaker.configure(DEVICE);
        loudspeaker
    }

    pub fn connect(&self) {
        self.listening.store(true, Ordering::SeqCst);
        let (pipe, taken) = (self.folder.path().join("pipe"), Arc::clone(&self.taken));
        let listening = Arc::clone(&self.listening);
        std::thread::spawn(move || {
            while listening.load(Ordering::SeqCst) {
                // Waits for the device to be opened, and ends when it is closed.
                let Ok(opened) = File::open(&pipe) else { return };
                listen(opened, &taken, &listening);
            }
        });
        self.configure(DEVICE);
    }

    pub fn disconnect(&self) {
        self.configure("");
        self.listening.store(false, Ordering::SeqCst);
    }

    pub fn configuration(&self) -> PathBuf {
        self.folder.path().join("asound.conf")
    }

    /// All that was heard, with the silence in which the device was closed.
    pub fn heard(&self) -> Recording {
        let taken = self.taken.lock().unwrap();
        let mut samples: Vec<f32> = Vec::new();
        if let Some((start, _)) = taken.first() {
            for (at, bytes) in taken.iter() {
                let behind = (*at - *start).as_secs_f64() * f64::from(RATE) - samples.len() as f64;
                if behind > f64::from(RATE) / 2.0 {
                    samples.resize(samples.len() + behind as usize, 0.0);
                }
                samples.extend(bytes.chunks_exact(FRAME).map(|frame| {
                    let [left, right] = [0, 4].map(|at| f32::from_le_bytes(frame[at..at + 4].try_into().unwrap()));
                    assert_eq!(left, right, "both channels carry the same");
                    assert!(left.abs() <= 1.0, "{left} is no sample");
                    left
                }));
            }
        }
        Recording { samples, rate: RATE }
    }

    fn configure(&self, devices: &str) {
        let text = devices.replace("FOLDER", self.folder.path().to_str().unwrap());
        let new = self.folder.path().join("new.conf");
        std::fs::write(&new, text).unwrap();
        std::fs::rename(new, self.configuration()).unwrap();
    }
}

/// No `plug` in between: it would abort the program when the pipe breaks, which no sound card makes it do.
const DEVICE: &str = r#"
pcm.!default { type file slave.pcm { type null } file "FOLDER/pipe" format "raw" }
"#;

fn listen(mut opened: File, taken: &Taken, listening: &AtomicBool) {
    let mut due = Instant::now();
    while listening.load(Ordering::SeqCst) {
        let mut bytes = vec![0; MOUTHFUL];
        if opened.read_exact(&mut bytes).is_err() {
            return;
        }
        let now = Instant::now();
        taken.lock().unwrap().push((now, bytes));
        due = now.max(due + Duration::from_millis(10));
        std::thread::sleep(due.saturating_duration_since(now));
    }
}
