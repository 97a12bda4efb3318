//! The floors: the least that the same work could cost on the same machine.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread::JoinHandle;
use std::time::Instant;

/// Bytes of a live packet of `contec-v7`.
const PACKET: usize = 9;

/// A reading, framed once.
pub const FRAME: &[u8] = b"\x81\x7e\x00\x8f{\"type\":\"reading\",\"seq\":1042,\"bed\":\"1\",\"time\":1793180000500,\"spo2\":97,\"pulse_rate\":72,\"perfusion_index\":3.21,\"signal_strength\":0.8,\"status\":[]}";

/// A thread that reads a terminal and answers each packet with a prebuilt frame, and one that reads the frames.
pub struct Echo {
    reader: JoinHandle<()>,
    client: JoinHandle<Vec<Instant>>,
}

impl Echo {
    pub fn start(terminal: &Path) -> Self {
        let mut terminal = File::open(terminal).unwrap();
        let (mut to, mut from) = pair();
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 1024];
            let mut had = 0;
            // Ends with an error when the other end of the terminal is closed.
            while let Ok(count @ 1..) = terminal.read(&mut buffer) {
                had += count;
                while had >= PACKET {
                    had -= PACKET;
                    to.write_all(FRAME).unwrap();
                }
            }
        });
        let client = std::thread::spawn(move || {
            let mut came = Vec::new();
            let mut frame = vec![0; FRAME.len()];
            while from.read_exact(&mut frame).is_ok() {
                came.push(Instant::now());
            }
            came
        });
        Self { reader, client }
    }

    /// When each frame came. The terminal must be closed.
    pub fn stop(self) -> Vec<Instant> {
        self.reader.join().unwrap();
        self.client.join().unwrap()
    }
}

/// Two ends of a connection over loopback.
pub fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let one = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (other, _) = listener.accept().unwrap();
    one.set_nodelay(true).unwrap();
    (one, other)
}
