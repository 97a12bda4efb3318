//! As much of the X11 protocol as a window manager needs to put a window away: ask for the windows, and unmap one.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

const GET_WINDOW_ATTRIBUTES: u8 = 3;
const UNMAP_WINDOW: u8 = 10;
const GET_GEOMETRY: u8 = 14;
const QUERY_TREE: u8 = 15;
/// Of a window's map state: it and all above it are mapped.
const VIEWABLE: u8 = 2;

/// A client of the display with this name, such as `:7`.
pub struct ScreenClient {
    server: UnixStream,
    root: u32,
}

impl ScreenClient {
    pub fn of(display: &str) -> Self {
        let mut server = UnixStream::connect(format!("/tmp/.X11-unix/X{}", display.trim_start_matches(':'))).unwrap();
        // Little-endian, version 11.0, without a name or a key.
        server.write_all(&[b'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0]).unwrap();
        let mut head = [0; 8];
        server.read_exact(&mut head).unwrap();
        assert_eq!(head[0], 1, "the display takes everyone");
        let mut setup = vec![0; 4 * usize::from(u16::from_le_bytes([head[6], head[7]]))];
        server.read_exact(&mut setup).unwrap();
        let maker = usize::from(u16::from_le_bytes([setup[16], setup[17]]));
        let formats = 8 * usize::from(setup[21]);
        let root = number(&setup, 32 + maker.next_multiple_of(4) + formats);
        Self { server, root }
    }

    /// The windows that can be seen, but for tips, menus and the like.
    pub fn windows(&mut self) -> Vec<u32> {
        let tree = self.ask(QUERY_TREE, self.root);
        let count = usize::from(u16::from_le_bytes([tree[16], tree[17]]));
        let all: Vec<u32> = (0..count).map(|place| number(&tree, 32 + 4 * place)).collect();
        let seen = |window: &u32| {
            let (attributes, geometry) = (self.ask(GET_WINDOW_ATTRIBUTES, *window), self.ask(GET_GEOMETRY, *window));
            let wide = u16::from_le_bytes([geometry[16], geometry[17]]) > 200;
            attributes[26] == VIEWABLE && attributes[27] == 0 && wide
        };
        all.into_iter().filter(seen).collect()
    }

    /// What a window manager does to a window that is minimised (ICCCM, 4.1.4).
    pub fn unmap(&mut self, window: u32) {
        self.request(UNMAP_WINDOW, window);
    }

    fn request(&mut self, kind: u8, window: u32) {
        let mut request = vec![kind, 0, 2, 0];
        request.extend(window.to_le_bytes());
        self.server.write_all(&request).unwrap();
    }

    fn ask(&mut self, kind: u8, window: u32) -> Vec<u8> {
        self.request(kind, window);
        let mut reply = vec![0; 32];
        self.server.read_exact(&mut reply).unwrap();
        if reply[0] != 1 {
            // The window went meanwhile: it is nowhere and has no size.
            return vec![0; 32];
        }
        let mut more = vec![0; 4 * number(&reply, 4) as usize];
        self.server.read_exact(&mut more).unwrap();
        reply.extend(more);
        reply
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}
