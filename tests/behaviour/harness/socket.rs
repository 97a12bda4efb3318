//! A WebSocket as a client holds it, plain or over TLS.

use super::certificates::Authority;
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
use serde_json::Value;
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};
use tungstenite::client::IntoClientRequest;
use tungstenite::handshake::HandshakeError;
use tungstenite::http::{HeaderValue, Response};
use tungstenite::{Error, Message, WebSocket};

/// How long a read waits before the deadline is looked at again.
const LOOK: Duration = Duration::from_millis(20);
/// How long what a test waits for may take if it says nothing else.
pub const SOON: Duration = Duration::from_secs(10);

pub enum Line {
    Plain(TcpStream),
    Secure(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Read for Line {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(line) => line.read(into),
            Self::Secure(line) => line.read(into),
        }
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(line) => line.write(bytes),
            Self::Secure(line) => line.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(line) => line.flush(),
            Self::Secure(line) => line.flush(),
        }
    }
}

/// A message and when it arrived.
#[derive(Debug, Clone)]
pub struct Heard {
    pub message: Value,
    /// As it was sent.
    pub text: String,
    pub at: Instant,
}

/// What comes next on a connection.
#[derive(Debug)]
pub enum Next {
    Said(Heard),
    /// The close code.
    Closed(Option<u16>),
    /// Nothing before the deadline.
    Nothing,
}

pub struct Socket {
    socket: WebSocket<Line>,
    /// What the station chose.
    pub protocol: Option<String>,
    replies: u32,
    /// What came before a reply, and is still to be heard.
    kept: VecDeque<Heard>,
}

impl Socket {
    /// Opens one that must open.
    pub fn open(address: &str, path: &str, token: &str) -> Self {
        Self::ask(address, path, &[("Authorization", &format!("Bearer {token}"))])
            .unwrap_or_else(|(status, body)| panic!("{path}: {status} {body}"))
    }

    /// Asks for one with these headers; the status and the body of a refusal.
    pub fn ask(address: &str, path: &str, headers: &[(&str, &str)]) -> Result<Self, (u16, String)> {
        let line = TcpStream::connect(address).unwrap();
        Self::over(Line::Plain(line), &format!("ws://{address}{path}"), headers)
    }

    pub fn secure(
        address: &str,
        path: &str,
        authority: &Authority,
        headers: &[(&str, &str)],
    ) -> Result<Self, (u16, String)> {
        let line = TcpStream::connect(address).unwrap();
        let name = ServerName::from(address.parse::<SocketAddr>().unwrap().ip());
        let connection = ClientConnection::new(authority.client(), name).unwrap();
        let line = Line::Secure(Box::new(StreamOwned::new(connection, line)));
        Self::over(line, &format!("wss://{address}{path}"), headers)
    }

    fn over(line: Line, url: &str, headers: &[(&str, &str)]) -> Result<Self, (u16, String)> {
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            let name = tungstenite::http::HeaderName::try_from(*name).unwrap();
            request.headers_mut().insert(name, HeaderValue::from_str(value).unwrap());
        }
        match tungstenite::client(request, line) {
            Ok((socket, response)) => {
                let mut opened = Self { protocol: protocol(&response), socket, replies: 0, kept: VecDeque::new() };
                opened.tcp().set_read_timeout(Some(LOOK)).unwrap();
                Ok(opened)
            }
            Err(HandshakeError::Failure(Error::Http(response))) => {
                let body = response.body().as_deref().unwrap_or_default();
                Err((response.status().as_u16(), String::from_utf8_lossy(body).into_owned()))
            }
            Err(error) => panic!("{url}: {error}"),
        }
    }

    fn tcp(&mut self) -> &TcpStream {
        match self.socket.get_ref() {
            Line::Plain(line) => line,
            Line::Secure(line) => line.get_ref(),
        }
    }

    pub fn next_within(&mut self, span: Duration) -> Next {
        if let Some(heard) = self.kept.pop_front() {
            return Next::Said(heard);
        }
        let deadline = Instant::now() + span;
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => {
                    let message: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
                    let first = message.as_object().and_then(|object| object.keys().next().cloned());
                    if message.get("type").is_some() {
                        assert_eq!(first.as_deref(), Some("type"), "{text}");
                    }
                    return Next::Said(Heard { message, text: text.as_str().to_owned(), at: Instant::now() });
                }
                Ok(Message::Close(frame)) => return Next::Closed(frame.map(|frame| frame.code.into())),
                Ok(Message::Binary(_)) => panic!("the station sends text alone"),
                Ok(_) => {}
                Err(Error::Io(error))
                    if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
                Err(Error::ConnectionClosed | Error::AlreadyClosed) => return Next::Closed(None),
                Err(Error::Io(_) | Error::Protocol(_)) => return Next::Closed(None),
                Err(error) => panic!("{error}"),
            }
            if Instant::now() >= deadline {
                return Next::Nothing;
            }
        }
    }

    /// The next message that `wanted` says yes to; others are passed over.
    #[track_caller]
    pub fn until(&mut self, span: Duration, what: &str, mut wanted: impl FnMut(&Value) -> bool) -> Heard {
        let deadline = Instant::now() + span;
        let mut others = Vec::new();
        loop {
            match self.next_within(deadline.saturating_duration_since(Instant::now())) {
                Next::Said(heard) if wanted(&heard.message) => return heard,
                Next::Said(heard) => others.push(heard.text),
                Next::Closed(code) => panic!("{what}: closed with {code:?} after\n{}", tail(&others)),
                Next::Nothing => panic!("{what}: not within {span:?}; there came\n{}", tail(&others)),
            }
        }
    }

    /// Everything that comes for a while.
    pub fn listen(&mut self, span: Duration) -> Vec<Heard> {
        let deadline = Instant::now() + span;
        let mut all = Vec::new();
        // What is kept comes at once, so the deadline holds for the line alone.
        while let Next::Said(heard) = self.next_within(deadline.saturating_duration_since(Instant::now())) {
            all.push(heard);
        }
        all
    }

    /// The very next message, which must come soon.
    #[track_caller]
    pub fn next(&mut self) -> Value {
        match self.next_within(SOON) {
            Next::Said(heard) => heard.message,
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    pub fn next_of(&mut self, kind: &str) -> Value {
        self.until(SOON, kind, |message| message["type"] == kind).message
    }

    /// An alarm of this condition in this state.
    #[track_caller]
    pub fn alarm_within(&mut self, span: Duration, condition: &str, state: &str) -> Heard {
        let wanted = |message: &Value| {
            message["type"] == "alarm" && message["condition"] == condition && message["state"] == state
        };
        self.until(span, &format!("{condition} {state}"), wanted)
    }

    #[track_caller]
    pub fn event(&mut self, kind: &str) -> Value {
        self.until(SOON, kind, |message| message["type"] == "event" && message["kind"] == kind).message
    }

    /// How the connection ends; what comes before is passed over.
    #[track_caller]
    pub fn ending_within(&mut self, span: Duration) -> Option<u16> {
        let deadline = Instant::now() + span;
        loop {
            match self.next_within(deadline.saturating_duration_since(Instant::now())) {
                Next::Said(_) => {}
                Next::Closed(code) => return code,
                Next::Nothing => panic!("the connection is still open after {span:?}"),
            }
        }
    }

    pub fn say(&mut self, message: &Value) {
        self.say_text(&message.to_string());
    }

    pub fn say_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).unwrap();
    }

    pub fn say_bytes(&mut self, bytes: Vec<u8>) {
        self.socket.send(Message::binary(bytes)).unwrap();
    }

    /// Says a command and waits for the reply with its id.
    #[track_caller]
    pub fn command(&mut self, bed: &str, mut command: Value) -> Value {
        self.replies += 1;
        let id = format!("c{}", self.replies);
        command["type"] = "command".into();
        command["id"] = id.as_str().into();
        command["bed"] = bed.into();
        self.say(&command);
        self.reply(&id, Duration::from_secs(1))
    }

    /// The reply with this id. What comes before it is not lost.
    #[track_caller]
    pub fn reply(&mut self, id: &str, span: Duration) -> Value {
        let mut others = VecDeque::new();
        let reply = self.until(span, &format!("the reply {id}"), |message| {
            let wanted = message["type"] == "reply" && message["id"] == id;
            if !wanted {
                others.push_back(Heard { message: message.clone(), text: message.to_string(), at: Instant::now() });
            }
            wanted
        });
        self.kept = others.into_iter().chain(self.kept.drain(..)).collect();
        reply.message
    }
}

fn protocol<T>(response: &Response<T>) -> Option<String> {
    let protocol = response.headers().get("sec-websocket-protocol")?;
    Some(protocol.to_str().unwrap().to_owned())
}

fn tail(texts: &[String]) -> String {
    texts[texts.len().saturating_sub(12)..].join("\n")
}
