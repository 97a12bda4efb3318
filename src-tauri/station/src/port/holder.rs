//! Who holds a port or an address: Linux tells through `/proc`, as far as its rights allow; elsewhere nobody knows.

use std::net::SocketAddr;
use std::path::Path;

/// The process that has a file open, such as `minicom (process 4711)`.
#[must_use]
pub fn holder_of_file(path: &Path) -> Option<String> {
    let wanted = std::fs::canonicalize(path).ok()?;
    holder(|link| link == wanted)
}

/// The process that listens on a TCP address.
#[must_use]
pub fn holder_of_address(address: SocketAddr) -> Option<String> {
    let inode = ["/proc/net/tcp", "/proc/net/tcp6"].iter().find_map(|table| {
        let table = std::fs::read_to_string(table).ok()?;
        table.lines().skip(1).find_map(|line| listening_inode(line, address.port()).map(str::to_owned))
    })?;
    let wanted = format!("socket:[{inode}]");
    holder(|link| link.as_os_str() == wanted.as_str())
}

/// The inode of a line of `/proc/net/tcp` if it listens (state 0A) on `port`.
fn listening_inode(line: &str, port: u16) -> Option<&str> {
    let mut fields = line.split_whitespace();
    let local = fields.nth(1)?;
    let state = fields.nth(1)?;
    let inode = fields.nth(5)?;
    let listens = u16::from_str_radix(local.rsplit(':').next()?, 16).ok()? == port && state == "0A";
    listens.then_some(inode)
}

fn holder(is_it: impl Fn(&Path) -> bool) -> Option<String> {
    let this = std::process::id();
    for process in std::fs::read_dir("/proc").ok()?.flatten() {
        let Some(id) = process.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Ok(files) = std::fs::read_dir(process.path().join("fd")) else { continue };
        if id != this && files.flatten().any(|file| std::fs::read_link(file.path()).is_ok_and(|link| is_it(&link))) {
            let name = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some(format!("{} (process {id})", name.trim()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_listening_socket_gives_its_inode() {
        let line = "   0: 0100007F:222E 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 48765 1";
        assert_eq!(listening_inode(line, 8750), Some("48765"));
        assert_eq!(listening_inode(line, 8751), None);
        assert_eq!(listening_inode(&line.replace(" 0A ", " 01 "), 8750), None);
    }
}
