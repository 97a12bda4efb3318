//! A program that a test starts, in a process group of its own, so that nothing of it outlives the test.

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub struct Process {
    name: String,
    child: Child,
    lines: Receiver<String>,
    complaints: Arc<Mutex<String>>,
    listener: Option<JoinHandle<()>>,
}

impl Process {
    /// Starts it with its output kept. `package` is the Debian package to name if there is no such program.
    pub fn start_of_package(command: &mut Command, package: &str) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{name} cannot be started ({error}). Install the Debian package {package}, or run `make test`.")
            });
        let (tell, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        let complaints = Arc::new(Mutex::new(String::new()));
        let (mut stderr, heard) = (child.stderr.take().unwrap(), Arc::clone(&complaints));
        let listener = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = stderr.read(&mut buffer) {
                heard.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..count]));
            }
        });
        Self { name, child, lines, complaints, listener: Some(listener) }
    }

    pub fn start(command: &mut Command) -> Self {
        Self::start_of_package(command, "that holds it")
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line of its standard output.
    pub fn line_within(&self, span: Duration) -> Option<String> {
        self.lines.recv_timeout(span).ok()
    }

    /// What it wrote to standard error so far.
    pub fn said(&self) -> String {
        self.complaints.lock().unwrap().clone()
    }

    pub fn signal(&self, signal: Signal) {
        killpg(Pid::from_raw(self.child.id() as i32), signal).unwrap();
    }

    /// Waits for its end.
    pub fn ends_within(&mut self, span: Duration) -> ExitStatus {
        let deadline = Instant::now() + span;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                if let Some(listener) = self.listener.take() {
                    listener.join().unwrap();
                }
                return status;
            }
            assert!(Instant::now() < deadline, "{} still runs after {span:?}; it said:\n{}", self.name, self.said());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // All of the group may have ended already.
        let _ = killpg(Pid::from_raw(self.child.id() as i32), Signal::SIGKILL);
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- {} said ---\n{}", self.name, self.said());
        }
    }
}

/// Looks again and again until `look` finds something; what did not happen is named after `span`.
#[track_caller]
pub fn within<T>(span: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + span;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "within {span:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
