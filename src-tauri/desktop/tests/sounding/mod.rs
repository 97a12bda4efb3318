//! The sound in a process of its own.
//!
//! ALSA reads its configuration from the environment, which a test must not change for its neighbours. So a test starts
//! its own program again as a child that does the sounding and says what it was told. The child is the ignored test
//! `station`, which each program of tests has.

use crate::loudspeaker::Loudspeaker;
use desktop::sound::{Instructions, SoundHealth, SoundOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use tokio::sync::watch;
use vitals::Priority;

/// Does what is written to its standard input, a line each: sounds a priority or `none`, with `choose NAME` on another
/// output, with `remind` a reminder, with `test PRIORITY` a test. It writes down what is reported.
pub fn obey() {
    let ((sounding, wanted), (reminders, reminded), (choice, device)) =
        (watch::channel(None), watch::channel(0), watch::channel(None));
    let report = |health| match health {
        SoundHealth::Works { device } => println!("\nworks: {device}"),
        SoundHealth::Failed { reason, remedy, .. } => println!("\nfailed: {reason} {remedy}"),
    };
    let told = Instructions { sounding: wanted, reminders: reminded, device };
    let thread = desktop::sound::run(told, report, SoundOptions::default()).unwrap();
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        match line.split_once(' ').unwrap_or((&line, "")) {
            ("choose", name) => drop(choice.send_replace(Some(name.to_owned()))),
            ("remind", _) => reminders.send_modify(|count| *count += 1),
            ("test", priority) => {
                let (tester, priority) = (thread.tester(), Priority::parse(priority).unwrap());
                std::thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                    match runtime.block_on(tester.test(priority)) {
                        Ok(device) => println!("\ntested: {device}"),
                        Err(error) => println!("\nnot tested: {error}"),
                    }
                });
            }
            _ => drop(sounding.send_replace(Priority::parse(&line))),
        }
    }
    thread.stop();
}

/// A child that sounds.
pub struct Station {
    child: Child,
    wanted: Option<ChildStdin>,
    told: mpsc::Receiver<String>,
}

impl Station {
    pub fn start(loudspeaker: &Loudspeaker) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "station", "--ignored", "--nocapture", "--test-threads=1"])
            .env("ALSA_CONFIG_PATH", loudspeaker.configuration())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (tell, told) = mpsc::channel();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok).filter(|line| line.contains(": ")) {
                let _ = tell.send(line);
            }
        });
        Self { wanted: child.stdin.take(), child, told }
    }

    pub fn want(&mut self, word: &str) {
        writeln!(self.wanted.as_ref().unwrap(), "{word}").unwrap();
    }

    /// What is reported next, which may take up to `seconds`.
    pub fn told_within(&self, seconds: u64) -> String {
        self.told.recv_timeout(Duration::from_secs(seconds)).expect("a report of the sound's health")
    }

    /// Ends the child; what it wrote to standard error.
    pub fn end(mut self) -> String {
        drop(self.wanted.take());
        let mut complaints = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut complaints).unwrap();
        assert!(self.child.wait().unwrap().success());
        complaints
    }
}

pub fn seconds(seconds: f64) {
    std::thread::sleep(Duration::from_secs_f64(seconds));
}
