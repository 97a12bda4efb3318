//! Packets of any type, and where they are in a stream of bytes.

use super::packet;

/// The length in bytes of a packet of type `kind`, the type byte and the byte of high bits included; `None` for a type
/// that nobody has described.
#[must_use]
pub const fn length(kind: u8) -> Option<usize> {
    Some(match kind {
        0x01..=0x05 | 0x11 | 0x13..=0x15 | packet::COMMAND => 9,
        0x07 | 0x08 | 0x0F | 0x12 => 8,
        0x09 => 6,
        0x06 | 0x0A | 0x0B => 4,
        0x0D | 0x0E | 0x10 => 3,
        0x0C => 2,
        _ => return None,
    })
}

/// A packet of any type, unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Packet {
    kind: u8,
    payload: [u8; 7],
    len: u8,
}

impl Packet {
    /// A packet of type `kind`. The payload is cut, or filled up with 0, to the length that the type has; a type that
    /// nobody has described is `None`.
    #[must_use]
    pub fn new(kind: u8, payload: &[u8]) -> Option<Self> {
        let len = length(kind)? - 2;
        let mut padded = [0; 7];
        for (to, from) in padded[..len].iter_mut().zip(payload) {
            *to = *from;
        }
        Some(Self { kind, payload: padded, len: len as u8 })
    }

    /// A command of the host, with its arguments.
    ///
    /// ```
    /// use oximeter::protocol::contec_v7::{Packet, command};
    ///
    /// let packet = Packet::command(command::DELETE, &[0, 0xFF]);
    /// assert_eq!(packet.bytes().as_ref(), [0x7D, 0x85, 0xAE, 0x80, 0xFF, 0x80, 0x80, 0x80, 0x80]);
    /// ```
    #[must_use]
    pub fn command(command: u8, arguments: &[u8]) -> Self {
        let mut payload = [0; 7];
        payload[0] = command;
        for (to, from) in payload[1..].iter_mut().zip(arguments) {
            *to = *from;
        }
        Self::of_seven(packet::COMMAND, payload)
    }

    /// A packet of a type that has seven payload bytes.
    pub(super) const fn of_seven(kind: u8, payload: [u8; 7]) -> Self {
        Self { kind, payload, len: 7 }
    }

    /// The payload, filled up with 0.
    pub(super) const fn seven(&self) -> [u8; 7] {
        self.payload
    }

    /// The type.
    #[must_use]
    pub const fn kind(&self) -> u8 {
        self.kind
    }

    /// The payload, unpacked.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload[..usize::from(self.len)]
    }

    /// The bytes on the wire.
    #[must_use]
    pub fn bytes(&self) -> PacketBytes {
        let mut bytes = [0x80; 9];
        bytes[0] = self.kind;
        for (i, value) in self.payload().iter().enumerate() {
            bytes[1] |= (value >> 7) << i;
            bytes[2 + i] = value | 0x80;
        }
        PacketBytes { bytes, len: self.len + 2 }
    }

    /// From the bytes of a whole packet: the type's length, bit 7 clear in the first byte alone.
    fn unpack(bytes: &[u8]) -> Option<Self> {
        let (&kind, rest) = bytes.split_first()?;
        let (&high, low) = rest.split_first()?;
        let mut payload = [0; 7];
        for (i, (to, from)) in payload.iter_mut().zip(low).enumerate() {
            *to = from & 0x7F | (high >> i & 1) << 7;
        }
        Some(Self { kind, payload, len: low.len() as u8 })
    }
}

/// The bytes of one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PacketBytes {
    bytes: [u8; 9],
    len: u8,
}

impl AsRef<[u8]> for PacketBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

/// What a byte did to the framing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framed {
    /// It belongs to a packet that is not whole yet.
    Pending,
    /// It ended a packet.
    Whole(Packet),
    /// It began a packet, or a stretch of an unknown type, where the last one was not whole yet.
    Short,
    /// It belongs to no packet.
    Stray,
    /// It has bit 7 set and stands right behind a whole packet: that packet was too long.
    TooLong,
}

/// Finds packets in a stream of bytes, from either side.
///
/// ```
/// use oximeter::protocol::contec_v7::{Framed, Framer, Live};
///
/// let mut framer = Framer::default();
/// let bytes = [0x01, 0x88, 0x86, 0xD0, 0x89, 0x96, 0xDF, 0xC5, 0x81];
/// let packet = bytes.into_iter().find_map(|byte| match framer.push(byte) {
///     Framed::Whole(packet) => Some(packet),
///     _ => None,
/// });
/// let live = Live::from_packet(&packet.ok_or("no packet")?).ok_or("not live")?;
/// assert_eq!((live.pulse_rate, live.spo2, live.perfusion_index), (150, 95, 325));
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Framer {
    bytes: [u8; 9],
    len: usize,
    /// Of the packet begun; 0 while none is.
    whole: usize,
    just_whole: bool,
}

impl Framer {
    /// The packet of live data that lies whole at the beginning of `bytes`, if one may begin there; as
    /// [`push`](Self::push) with each of its nine bytes.
    pub(super) fn whole_live(&mut self, bytes: &[u8]) -> Option<Packet> {
        let bytes = bytes.first_chunk::<9>()?;
        let [kind, rest @ ..] = bytes;
        if self.len > 0 || *kind != packet::LIVE || rest.iter().fold(0xFF, |all, byte| all & byte) & 0x80 == 0 {
            return None;
        }
        self.just_whole = true;
        Packet::unpack(bytes)
    }

    /// Takes the next byte of the stream.
    pub fn push(&mut self, byte: u8) -> Framed {
        let just_whole = core::mem::take(&mut self.just_whole);
        if byte & 0x80 == 0 {
            let short = self.len > 0;
            self.bytes[0] = byte;
            // Of a type that nobody has described the length is not known: skip to the next type byte.
            (self.len, self.whole) = length(byte).map_or((0, 0), |whole| (1, whole));
            return match (short, self.len) {
                (true, _) => Framed::Short,
                (false, 0) => Framed::Stray,
                (false, _) => Framed::Pending,
            };
        }
        if self.len == 0 {
            return if just_whole { Framed::TooLong } else { Framed::Stray };
        }
        self.bytes[self.len] = byte;
        self.len += 1;
        if self.len < self.whole {
            return Framed::Pending;
        }
        self.len = 0;
        self.just_whole = true;
        Packet::unpack(&self.bytes[..self.whole]).map_or(Framed::Stray, Framed::Whole)
    }
}
