//! What comes in, read by tungstenite from a buffer: it does no I/O of its own, so that its answers to pings and closes
//! go through the one writer and never into the middle of a frame.

use bytes::{Buf, BytesMut};
use std::io::{self, Read, Write};
use tokio_tungstenite::tungstenite::error::CapacityError;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};
use tokio_tungstenite::tungstenite::{Error, Message};

/// The longest message that a client may send.
const LONGEST: usize = 16 << 10;

/// A message of a client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// A text.
    Text(String),
    /// It answered a ping.
    Pong,
    /// The connection ends with this code and these words; tungstenite has answered a close already.
    End(Option<(u16, &'static str)>),
}

/// The reading side of a connection.
pub(crate) struct Inbound {
    context: WebSocketContext,
    line: Line,
}

#[derive(Default)]
struct Line {
    arrived: BytesMut,
    answers: Vec<u8>,
}

impl Read for Line {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.arrived.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = self.arrived.len().min(into.len());
        self.arrived.copy_to_slice(&mut into[..count]);
        Ok(count)
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.answers.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Inbound {
    pub(crate) fn new() -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(4 << 10)
            .write_buffer_size(0)
            .max_write_buffer_size(64 << 10)
            .max_message_size(Some(LONGEST))
            .max_frame_size(Some(LONGEST));
        Self { context: WebSocketContext::new(Role::Server, Some(config)), line: Line::default() }
    }

    /// Where arriving bytes go.
    pub(crate) fn buffer(&mut self) -> &mut BytesMut {
        &mut self.line.arrived
    }

    /// Bytes that tungstenite wants sent.
    pub(crate) fn take_answers(&mut self) -> Vec<u8> {
        // Answers that wait inside are written now; the buffer takes everything.
        let _ = self.context.flush(&mut self.line);
        core::mem::take(&mut self.line.answers)
    }

    /// The next whole message, if one has arrived.
    pub(crate) fn next(&mut self) -> Option<Received> {
        loop {
            return match self.context.read(&mut self.line) {
                Ok(Message::Text(text)) => Some(Received::Text(text.as_str().to_owned())),
                Ok(Message::Binary(_)) => Some(Received::End(Some((1003, "only text is understood")))),
                Ok(Message::Pong(_)) => Some(Received::Pong),
                Ok(Message::Ping(_) | Message::Frame(_)) => continue,
                Ok(Message::Close(_)) => Some(Received::End(None)),
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => None,
                Err(Error::Capacity(CapacityError::MessageTooLong { .. })) => {
                    Some(Received::End(Some((1009, "a message has at most 16 KiB"))))
                }
                Err(Error::Utf8(_)) => Some(Received::End(Some((1007, "text must be UTF-8")))),
                Err(Error::Protocol(_)) => Some(Received::End(Some((1002, "not the WebSocket protocol")))),
                Err(_) => Some(Received::End(None)),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_tungstenite::tungstenite::WebSocket;

    /// The bytes that a client of another implementation sends.
    fn sent(messages: &[Message]) -> Vec<u8> {
        let mut client = WebSocket::from_raw_socket(io::Cursor::new(Vec::new()), Role::Client, None);
        for message in messages {
            client.send(message.clone()).unwrap();
        }
        client.get_ref().get_ref().clone()
    }

    fn received(bytes: &[u8], cut: usize) -> Vec<Received> {
        let mut inbound = Inbound::new();
        let mut all = Vec::new();
        for piece in bytes.chunks(cut) {
            inbound.buffer().extend_from_slice(piece);
            while let Some(message) = inbound.next() {
                let ends = matches!(message, Received::End(_));
                all.push(message);
                if ends {
                    return all;
                }
            }
        }
        all
    }

    #[test]
    fn messages_are_the_same_however_the_bytes_are_cut() {
        let bytes = sent(&[Message::text("one"), Message::text("x".repeat(300)), Message::text("three")]);
        for cut in [1, 2, 7, 1000] {
            let texts = received(&bytes, cut);
            assert_eq!(texts.len(), 3, "{cut}");
            assert_eq!(texts[0], Received::Text("one".into()));
        }
    }

    #[test]
    fn a_message_past_16_kib_ends_with_1009_and_a_binary_one_with_1003() {
        let code = |message: Message| match received(&sent(&[message]), 4096).pop() {
            Some(Received::End(Some((code, _)))) => code,
            other => panic!("{other:?}"),
        };
        assert_eq!(code(Message::text("x".repeat(LONGEST + 1))), 1009);
        assert_eq!(code(Message::binary(vec![1])), 1003);
        assert!(matches!(&received(&sent(&[Message::text("x".repeat(LONGEST))]), 4096)[..], [Received::Text(_)]));
    }

    #[test]
    fn a_ping_is_answered_through_the_one_writer() {
        let mut inbound = Inbound::new();
        inbound.buffer().extend_from_slice(&sent(&[Message::Ping(vec![7].into())]));
        assert_eq!(inbound.next(), None);
        assert_eq!(inbound.take_answers(), [0x8A, 1, 7]);
    }
}
