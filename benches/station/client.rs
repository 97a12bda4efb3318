//! A client as a tablet is one: a WebSocket that takes everything, and when each message came.

use std::net::{Shutdown, TcpStream};
use std::thread::JoinHandle;
use std::time::Instant;
use tungstenite::client::IntoClientRequest;
use tungstenite::http::{HeaderValue, header::AUTHORIZATION};
use tungstenite::{Message, WebSocket};

type Socket = WebSocket<TcpStream>;

/// A message, as it was when it came.
pub struct Heard {
    pub at: Instant,
    pub text: String,
}

/// Opens `/ws` with waves.
pub fn open(local: &str, token: &str) -> Socket {
    let mut request = format!("ws://{local}/ws?waves=1").into_client_request().unwrap();
    request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
    let line = TcpStream::connect(local).unwrap();
    let (socket, _) = tungstenite::client(request, line).unwrap();
    socket
}

/// The next message of the station.
pub fn next(socket: &mut Socket) -> Option<Heard> {
    loop {
        match socket.read() {
            Ok(Message::Text(text)) => return Some(Heard { at: Instant::now(), text: text.as_str().to_owned() }),
            Ok(_) => {}
            Err(_) => return None,
        }
    }
}

/// A client in a thread, until it is closed.
pub struct Client {
    line: TcpStream,
    thread: JoinHandle<Vec<Heard>>,
}

impl Client {
    pub fn connect(local: &str, token: &str) -> Self {
        let mut socket = open(local, token);
        let line = socket.get_ref().try_clone().unwrap();
        let thread = std::thread::spawn(move || std::iter::from_fn(|| next(&mut socket)).collect());
        Self { line, thread }
    }

    /// Everything that came.
    pub fn close(self) -> Vec<Heard> {
        // The station may have closed first.
        let _ = self.line.shutdown(Shutdown::Both);
        self.thread.join().unwrap()
    }
}
