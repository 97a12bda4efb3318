//! A loudspeaker for tests: takes sound at the pace of a sound card and remembers what it was given, and when.

use crate::listening::Recording;
use std::collections::BTreeMap;
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
    system: Arc<SoundSystem>,
    /// The output's name; the computer's default is called `!default` in ALSA's configuration.
    name: &'static str,
    taken: Taken,
    listening: Arc<AtomicBool>,
}

/// The sound system of one computer: a folder with its configuration and a pipe for each of its outputs.
struct SoundSystem {
    folder: tempfile::TempDir,
    /// What is connected, and its part of the configuration.
    outputs: Mutex<BTreeMap<&'static str, String>>,
}

impl Loudspeaker {
    pub fn connected() -> Self {
        let loudspeaker = Self::absent();
        loudspeaker.connect();
        loudspeaker
    }

    /// There is a sound system, but no device.
    pub fn absent() -> Self {
        let system = SoundSystem { folder: tempfile::tempdir().unwrap(), outputs: Mutex::default() };
        let loudspeaker = Self::of(Arc::new(system), "!default");
        loudspeaker.disconnect();
        loudspeaker
    }

    /// Another output of the same computer, not connected yet.
    pub fn another(&self, name: &'static str) -> Self {
        Self::of(Arc::clone(&self.system), name)
    }

    fn of(system: Arc<SoundSystem>, name: &'static str) -> Self {
        let made = Command::new("mkfifo").arg(system.folder.path().join(name)).status().unwrap();
        assert!(made.success());
        Self { system, name, taken: Arc::default(), listening: Arc::default() }
    }

    /// A device whose driver never comes back: nobody reads from the pipe, so opening it waits for ever.
    pub fn hanging() -> Self {
        let loudspeaker = Self::absent();
        loudspeaker.system.configure(|outputs| drop(outputs.insert(loudspeaker.name, DEVICE.to_owned())));
        loudspeaker
    }

    pub fn connect(&self) {
        self.listening.store(true, Ordering::SeqCst);
        let (pipe, taken) = (self.system.folder.path().join(self.name), Arc::clone(&self.taken));
        let listening = Arc::clone(&self.listening);
        std::thread::spawn(move || {
            while listening.load(Ordering::SeqCst) {
                // Waits for the device to be opened, and ends when it is closed.
                let Ok(opened) = File::open(&pipe) else { return };
                listen(opened, &taken, &listening);
            }
        });
        self.system.configure(|outputs| drop(outputs.insert(self.name, DEVICE.to_owned())));
    }

    pub fn disconnect(&self) {
        self.system.configure(|outputs| drop(outputs.remove(self.name)));
        self.listening.store(false, Ordering::SeqCst);
    }

    pub fn configuration(&self) -> PathBuf {
        self.system.configuration()
    }

    /// All that was heard, with the silence in which the device was closed.
    pub fn heard(&self) -> Recording {
        let taken = self.taken.lock().unwrap();
        let mut samples: Vec<f32> = Vec::new();
        if let Some((start, _)) = taken.first() {
            let mut before = *start;
            for (at, bytes) in taken.iter() {
                // A busy computer takes mouthfuls late, a little each time; only a closed device takes none for long.
                let was_closed = *at - before > Duration::from_millis(500);
                let behind = (*at - *start).as_secs_f64() * f64::from(RATE) - samples.len() as f64;
                if was_closed && behind > 0.0 {
                    samples.resize(samples.len() + behind as usize, 0.0);
                }
                before = *at;
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
}

impl SoundSystem {
    fn configuration(&self) -> PathBuf {
        self.folder.path().join("asound.conf")
    }

    fn configure(&self, change: impl FnOnce(&mut BTreeMap<&'static str, String>)) {
        let mut outputs = self.outputs.lock().unwrap();
        change(&mut outputs);
        let folder = self.folder.path().to_str().unwrap();
        let part = |(name, text): (&&str, &String)| text.replace("FOLDER", folder).replace("NAME", name);
        let new = self.folder.path().join("new.conf");
        std::fs::write(&new, outputs.iter().map(part).collect::<String>()).unwrap();
        std::fs::rename(new, self.configuration()).unwrap();
    }
}

/// No `plug` in between: it would abort the program when the pipe breaks, which no sound card makes it do.
const DEVICE: &str = r#"
pcm.NAME {
    type file slave.pcm { type null } file "FOLDER/NAME" format "raw"
    hint { show on description "The loudspeaker NAME" }
}
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
