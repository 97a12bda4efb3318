//! The sensor's side: a CMS50I with nothing stored.

use super::{Framed, Framer, Packet, command, encode, packet};
use crate::sample::Sample;
use crate::simulator::{Device, HostPacket};
use alloc::vec::Vec;
use core::time::Duration;

/// How long after the host's last packet the stream goes on; real sensors stop after 30 to 60 s.
const LEASE: Duration = Duration::from_secs(30);

/// Reasons in a packet of type 0B.
const DONE: u8 = 0;
const NOT_SUPPORTED: u8 = 5;

#[derive(Debug, Default)]
pub(super) struct V7Device {
    framer: Framer,
    live: bool,
    last_heard: Duration,
    device_id: Option<[u8; 7]>,
}

fn say(kind: u8, payload: &[u8], send: &mut Vec<u8>) {
    if let Some(packet) = Packet::new(kind, payload) {
        send.extend_from_slice(packet.bytes().as_ref());
    }
}

impl V7Device {
    fn obey(&mut self, code: u8, arguments: &[u8], send: &mut Vec<u8>) -> HostPacket {
        let user = arguments.first().copied().unwrap_or(0);
        let segment = arguments.get(1).copied().unwrap_or(0);
        let mut starts = false;
        let name = match code {
            command::VERSION => {
                say(packet::VERSION, &[0, 7], send);
                "version"
            }
            command::START_LIVE => {
                self.live = true;
                starts = true;
                "start live data"
            }
            command::STOP_LIVE => {
                self.live = false;
                say(packet::FREE, &[], send);
                "stop live data"
            }
            command::SEGMENTS => {
                say(packet::SEGMENTS, &[user, 0], send);
                "number of recordings"
            }
            command::LENGTH => {
                say(packet::LENGTH, &[user, segment, 0, 0, 0, 0], send);
                "length of a recording"
            }
            command::START_TIME => {
                say(packet::START_DATE, &[user, segment], send);
                say(packet::START_TIME, &[user, segment], send);
                "start of a recording"
            }
            command::SEND_STORED => {
                say(packet::OUTCOME, &[code, NOT_SUPPORTED], send);
                "send a recording"
            }
            command::STOP_STORED => {
                say(packet::FREE, &[], send);
                "stop sending a recording"
            }
            command::MODEL => {
                say(packet::MODEL, b"\x00CMS50I", send);
                say(packet::MODEL, b"\x01      ", send);
                "model"
            }
            command::VENDOR => {
                say(packet::VENDOR, b"CONTEC ", send);
                "vendor"
            }
            command::DEVICE_ID => {
                say(packet::DEVICE_ID, &self.device_id.unwrap_or(*b"SIM0001"), send);
                "device id"
            }
            command::USER => {
                say(packet::USER, &[user, b'u', b's', b'e', b'r', b' ', b' '], send);
                "user"
            }
            command::PERFUSION => {
                say(packet::PERFUSION, &[0], send);
                "perfusion index in live data"
            }
            command::USERS => {
                say(packet::USERS, &[1], send);
                "number of users"
            }
            command::DELETE => {
                say(packet::OUTCOME, &[code, DONE], send);
                "delete recordings"
            }
            command::KEEP_ALIVE => "keep-alive",
            command::STORED => {
                say(packet::NOTICE, &[1, 0], send);
                "recordings stored"
            }
            command::SET_TIME => {
                say(packet::OUTCOME, &[code, DONE], send);
                "set time"
            }
            command::SET_DATE => {
                say(packet::OUTCOME, &[code, DONE], send);
                "set date"
            }
            command::UNKNOWN_B3 => {
                say(0x13, b"       ", send);
                say(0x14, b"     \0\0", send);
                "B3"
            }
            command::SEGMENT_PERFUSION => {
                say(packet::SEGMENT_PERFUSION, &[user, segment, 0xA1], send);
                "perfusion index in a recording"
            }
            _ => {
                say(packet::OUTCOME, &[code, NOT_SUPPORTED], send);
                "unknown command"
            }
        };
        HostPacket { name, starts }
    }
}

impl Device for V7Device {
    fn power_on(&mut self, now: Duration) {
        *self = Self { last_heard: now, device_id: self.device_id, ..Self::default() };
    }

    fn receive(&mut self, now: Duration, byte: u8, send: &mut Vec<u8>) -> Option<HostPacket> {
        let Framed::Whole(packet) = self.framer.push(byte) else { return None };
        self.last_heard = now;
        match (packet.kind(), packet.payload()) {
            (packet::COMMAND, [code, arguments @ ..]) => Some(self.obey(*code, arguments, send)),
            (packet::DEVICE_ID, id) => {
                self.device_id = id.try_into().ok();
                say(packet::DEVICE_ID, id, send);
                Some(HostPacket { name: "set device id", starts: false })
            }
            _ => None,
        }
    }

    fn streams(&mut self, now: Duration) -> bool {
        self.live = self.live && now < self.last_heard.saturating_add(LEASE);
        self.live
    }

    fn frame(&mut self, _now: Duration, sample: &Sample, send: &mut Vec<u8>) {
        send.extend_from_slice(encode(sample).as_ref());
    }
}
