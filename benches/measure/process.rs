//! A program under measure: started, listened to for its first line, and asked of the system what it costs.

use nix::sys::signal::{Signal, kill};
use nix::time::clock_getcpuclockid;
use nix::unistd::Pid;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub struct Process {
    child: Child,
    /// When it was started.
    pub started: Instant,
}

impl Process {
    /// Starts it and waits for the first line that it prints.
    pub fn start(command: &mut Command) -> (Self, String) {
        let started = Instant::now();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap_or_else(|error| {
            panic!("{} cannot be started: {error}", command.get_program().display());
        });
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let process = Self { child, started };
        assert!(!line.is_empty(), "{} ended without a word", command.get_program().display());
        (process, line.trim_end().to_owned())
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn cpu(&self) -> Duration {
        cpu(self.child.id()).unwrap()
    }

    pub fn memory(&self) -> Memory {
        Memory::of(self.child.id())
    }

    /// Bytes that it made the system write to the disk.
    pub fn written(&self) -> u64 {
        let io = std::fs::read_to_string(format!("/proc/{}/io", self.child.id())).unwrap_or_default();
        io.lines().find_map(|line| line.strip_prefix("write_bytes: ")?.parse().ok()).unwrap_or(0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = kill(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGTERM);
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// User and system time of all threads of a process so far, of ended ones too, to the nanosecond. (`/proc` counts in
/// hundredths of a second.) `None` of a process that has gone.
pub fn cpu(id: u32) -> Option<Duration> {
    let clock = clock_getcpuclockid(Pid::from_raw(id.cast_signed())).ok()?;
    clock.now().ok().map(Duration::from)
}

/// What a process holds of the memory.
#[derive(Clone, Copy, Default)]
pub struct Memory {
    /// KiB resident, shared pages in full.
    pub rss: u64,
    /// KiB resident, each shared page divided among those who share it.
    pub pss: u64,
}

impl Memory {
    /// Of a process that has gone: nothing.
    pub fn of(id: u32) -> Self {
        let all = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
        let find = |name: &str| {
            let line = all.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0)
        };
        Self { rss: find("Rss:"), pss: find("Pss:") }
    }
}

/// The processes that descend from `root`, itself first, with their names.
pub fn tree(root: u32) -> Vec<(u32, String)> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    let mut names = HashMap::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        // The name stands in brackets and may hold any character.
        let Some((head, rest)) = stat.rsplit_once(") ") else { continue };
        let parent = rest.split(' ').nth(1).and_then(|parent| parent.parse().ok()).unwrap_or(0);
        children.entry(parent).or_default().push(id);
        names.insert(id, head.split_once('(').map_or("", |(_, name)| name).to_owned());
    }
    let mut found = vec![root];
    let mut at = 0;
    while at < found.len() {
        found.extend(children.remove(&found[at]).unwrap_or_default());
        at += 1;
    }
    found.into_iter().filter_map(|id| Some((id, names.remove(&id)?))).collect()
}
