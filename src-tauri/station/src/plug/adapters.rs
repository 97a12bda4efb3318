//! The serial ports of this computer and the USB adapters behind them.

use serialport::{SerialPortInfo, SerialPortType, UsbPortInfo};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use vitals::Adapter;

/// A serial port that is there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Plugged {
    /// What is opened, such as `/dev/ttyUSB0`; the system gives it anew at each plug.
    pub path: String,
    /// The USB adapter behind it; `None`: built in, Bluetooth, or unknown.
    pub adapter: Option<Adapter>,
}

/// Where ports are looked for. A test, or a station inside another program, may give its own.
#[derive(Clone)]
pub struct Ports {
    list: Arc<dyn Fn() -> Option<Vec<Plugged>> + Send + Sync>,
    folder: PathBuf,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ports").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Ports {
    /// The ports of this computer.
    #[must_use]
    pub fn of_this_computer() -> Self {
        Self { list: Arc::new(|| list(Path::new("/sys/class/tty"))), folder: PathBuf::from("/dev") }
    }

    /// Ports that `list` tells; `None` if it cannot tell now. A change in `folder` lets it be asked again at once.
    pub fn told_by(list: impl Fn() -> Option<Vec<Plugged>> + Send + Sync + 'static, folder: PathBuf) -> Self {
        Self { list: Arc::new(list), folder }
    }

    /// What is there now; `None` if the system does not tell.
    #[must_use]
    pub fn look(&self) -> Option<Vec<Plugged>> {
        (self.list)()
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Default for Ports {
    fn default() -> Self {
        Self::of_this_computer()
    }
}

fn list(sysfs: &Path) -> Option<Vec<Plugged>> {
    // The serial crate panics where there is no sysfs.
    if cfg!(target_os = "linux") && !sysfs.is_dir() {
        return None;
    }
    let mut ports: Vec<Plugged> =
        serialport::available_ports().ok()?.into_iter().map(|port| plugged(port, sysfs)).collect();
    ports.sort_by(|one, other| one.path.cmp(&other.path));
    Some(ports)
}

fn plugged(port: SerialPortInfo, sysfs: &Path) -> Plugged {
    let adapter = match &port.port_type {
        SerialPortType::UsbPort(usb) => Some(adapter(usb, place(&port.port_name, sysfs))),
        _ => None,
    };
    Plugged { path: port.port_name, adapter }
}

fn adapter(usb: &UsbPortInfo, place: Option<String>) -> Adapter {
    let text = |text: &Option<String>| {
        let text = text.as_deref().unwrap_or_default().trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    Adapter {
        name: text(&usb.product).or_else(|| text(&usb.manufacturer)).unwrap_or_else(|| "USB serial port".into()),
        usb: format!("{:04x}:{:04x}", usb.vid, usb.pid),
        serial: text(&usb.serial_number),
        place,
    }
}

/// The socket of a port as Linux names it, such as `usb 1-1.2`: bus 1, the second socket of a hub in the first.
///
/// `/sys/class/tty/X/device` leads to the interface of the device (`…/1-1.2/1-1.2:1.0`), for most drivers with one more
/// folder of the port in it. An adapter with several ports has several interfaces; all but the first are told apart.
fn place(port: &str, sysfs: &Path) -> Option<String> {
    let device = sysfs.join(Path::new(port).file_name()?).join("device").canonicalize().ok()?;
    let interface =
        device.ancestors().filter_map(|folder| folder.file_name()?.to_str()).find(|name| is_interface(name))?;
    let (socket, rest) = interface.split_once(':')?;
    match rest.split_once('.').map(|(_, number)| number) {
        None | Some("0") => Some(format!("usb {socket}")),
        Some(number) => Some(format!("usb {socket} interface {number}")),
    }
}

/// `1-1.2:1.0`: a bus, sockets, a configuration, an interface.
fn is_interface(name: &str) -> bool {
    name.split_once(':').is_some_and(|(socket, _)| {
        socket.contains('-') && socket.bytes().all(|byte| byte.is_ascii_digit() || b"-.".contains(&byte))
    })
}

/// The adapters that are known to stand in oximeters or in their cables; to any other nothing is sent unless a person
/// named its port.
const OXIMETERS: [&str; 2] = [
    // CP2102, in the cable of the Contec CMS50 and CMS60: the loaders of OSCAR, and headrotor/contec_data.
    "10c4:ea60",
    // FT232R, in the Nonin Xpod 3012LP USB: agricolab/app-nonin.
    "0403:6001",
];

/// Whether oximeters are known to have such an adapter.
#[must_use]
pub fn is_oximeters(adapter: &Adapter) -> bool {
    OXIMETERS.contains(&adapter.usb.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_socket_is_read_from_where_sysfs_says_the_port_hangs() {
        let folder = tempfile::tempdir().unwrap();
        let tty = |name: &str, device: &str| {
            let device = folder.path().join("devices").join(device);
            std::fs::create_dir_all(&device).unwrap();
            std::fs::create_dir_all(folder.path().join("tty").join(name)).unwrap();
            std::os::unix::fs::symlink(device, folder.path().join("tty").join(name).join("device")).unwrap();
        };
        // A CP2102 on a hub, a modem class device, the second port of an adapter with two, and a built-in port.
        tty("ttyUSB0", "pci0000:00/0000:00:14.0/usb1/1-1/1-1.2/1-1.2:1.0/ttyUSB0");
        tty("ttyACM0", "pci0000:00/0000:00:14.0/usb2/2-3/2-3:1.0");
        tty("ttyUSB1", "pci0000:00/0000:00:14.0/usb1/1-4/1-4:1.1/ttyUSB1");
        tty("ttyS0", "pnp0/00:05");
        let sysfs = folder.path().join("tty");
        assert_eq!(place("/dev/ttyUSB0", &sysfs).as_deref(), Some("usb 1-1.2"));
        assert_eq!(place("/dev/ttyACM0", &sysfs).as_deref(), Some("usb 2-3"));
        assert_eq!(place("/dev/ttyUSB1", &sysfs).as_deref(), Some("usb 1-4 interface 1"));
        assert_eq!(place("/dev/ttyS0", &sysfs), None);
        assert_eq!(place("/dev/ttyUSB9", &sysfs), None);
    }

    #[test]
    fn an_empty_serial_number_is_none() {
        let usb = UsbPortInfo {
            vid: 0x10c4,
            pid: 0xea60,
            serial_number: Some(" ".into()),
            manufacturer: Some("Silicon Labs".into()),
            product: None,
        };
        let adapter = adapter(&usb, None);
        assert_eq!((adapter.serial.as_deref(), adapter.usb.as_str()), (None, "10c4:ea60"));
        assert_eq!(adapter.name, "Silicon Labs");
        assert!(is_oximeters(&adapter));
    }

    #[test]
    fn a_computer_without_sysfs_tells_nothing_instead_of_ending_the_station() {
        if cfg!(target_os = "linux") {
            assert_eq!(list(Path::new("/nowhere/class/tty")), None);
        }
    }
}
