//! A bed, and who watches it.

use super::line::Line;
use super::socket::{SOON, Socket};
use super::station::{Folder, Station};

/// A station with a bed whose sensor shows a steady number.
pub struct Ward {
    pub folder: Folder,
    pub line: Line,
    pub station: Station,
}

impl Ward {
    pub fn showing(spo2: u8) -> Self {
        let (folder, line) = (Folder::new(), Line::numbers(spo2, 72));
        let station = folder.station().bed("1", line.path(), "cms50").start();
        Self { folder, line, station }
    }

    pub fn nurse(&self, name: &str) -> Socket {
        let token = self.folder.token(name, "nurse");
        let mut socket = self.station.socket(&token, "");
        socket.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"].is_i64());
        socket
    }
}
