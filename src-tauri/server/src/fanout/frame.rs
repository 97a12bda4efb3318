//! WebSocket frames of the server (RFC 6455, section 5.2). They are not masked, so the same bytes fit every client.

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;

/// A text frame that carries `message` as JSON. A message that cannot be written as JSON is told instead of sent.
pub(crate) fn text(message: &impl Serialize) -> Bytes {
    match serde_json::to_vec(message) {
        Ok(json) => frame(TEXT, &json),
        Err(error) => {
            tracing::error!(%error, "A message could not be written as JSON.");
            frame(TEXT, br#"{"type":"error","code":"internal","message":"A message could not be written."}"#)
        }
    }
}

/// A close frame.
pub(crate) fn close(code: u16, reason: &str) -> Bytes {
    let mut payload = Vec::with_capacity(2 + reason.len());
    payload.extend_from_slice(&code.to_be_bytes());
    // A control frame holds 125 bytes at most; the reasons are ours and short.
    payload.extend(reason.bytes().take(123));
    frame(CLOSE, &payload)
}

/// An empty ping.
pub(crate) fn ping() -> Bytes {
    frame(PING, &[])
}

fn frame(opcode: u8, payload: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(payload.len() + 10);
    frame.put_u8(opcode);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ 0..=125), _) => frame.put_u8(length),
        (_, Ok(length)) => {
            frame.put_u8(126);
            frame.put_u16(length);
        }
        _ => {
            frame.put_u8(127);
            frame.put_u64(payload.len() as u64);
        }
    }
    frame.put_slice(payload);
    frame.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket};

    #[test]
    fn frames_of_every_length_are_read_back_by_another_implementation() {
        for length in [0_usize, 1, 123, 124, 125, 126, 65_533, 65_534, 65_535, 70_000] {
            let message = "x".repeat(length);
            let bytes = text(&message).to_vec();
            let mut client = WebSocket::from_raw_socket(std::io::Cursor::new(bytes), Role::Client, None);
            let read = client.read().unwrap().into_text().unwrap();
            assert_eq!(read.as_str(), format!("\"{message}\""));
        }
    }
}
