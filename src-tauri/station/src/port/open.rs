//! Opening a port, and saying in words why it could not be.

use super::holder::holder_of_file;
use super::transport::Serial;
use oximeter::{Line, Parity};
use serialport::{ClearBuffer, DataBits, FlowControl, StopBits};
use std::io;
use std::path::Path;
use std::time::Duration;

/// A port cannot be opened. Each message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Nothing of that name.
    #[error("{0} is not there. Plug the sensor in; `oxiward ports` lists the ports of this computer.")]
    NotThere(String),
    /// The user may not open it.
    #[error(
        "{0} may not be opened by this user. Run `sudo usermod -aG dialout $USER` and log in again, or install Oxiward's udev rule."
    )]
    NotPermitted(String),
    /// Another program has it.
    #[error("{port} is in use by {holder}. Close it; the station tries again by itself.")]
    Busy {
        /// The port.
        port: String,
        /// Who has it, as far as can be seen.
        holder: String,
    },
    /// The bed's adapter is at none; why, in words.
    #[error("{0}")]
    Away(String),
    /// A file or a device of another kind.
    #[error("{0} is no serial port. `oxiward ports` lists the ports of this computer.")]
    NoPort(String),
    /// Something else.
    #[error("{port} cannot be opened: {reason}. Unplug the sensor and plug it in again.")]
    Failed {
        /// The port.
        port: String,
        /// What the system says.
        reason: String,
    },
}

impl OpenError {
    /// Whether the port is simply not plugged in.
    #[must_use]
    pub const fn is_not_there(&self) -> bool {
        matches!(self, Self::NotThere(_) | Self::Away(_))
    }
}

/// Opens a port raw: no flow control in either form, for 0x11 and 0x13 are ordinary bytes of these protocols.
pub(crate) fn open(port: &str, line: &Line) -> Result<Serial, OpenError> {
    let parity = match line.parity {
        Parity::None => serialport::Parity::None,
        Parity::Odd => serialport::Parity::Odd,
        Parity::Even => serialport::Parity::Even,
    };
    let opened = serialport::new(port, line.baud)
        .data_bits(DataBits::Eight)
        .parity(parity)
        .stop_bits(if line.stop_bits == 2 { StopBits::Two } else { StopBits::One })
        .flow_control(FlowControl::None)
        .timeout(Duration::from_millis(100))
        .open();
    match opened {
        Ok(serial) => {
            // What waited in the system's buffer before we listened is of unknown age: never shown as new.
            if let Err(error) = serial.clear(ClearBuffer::Input) {
                tracing::debug!(port, %error, "The port's input buffer could not be cleared.");
            }
            Ok(Serial(serial))
        }
        Err(error) => Err(diagnose(port, &error.to_string())),
    }
}

/// The serial crate folds several causes into one kind, so the system is asked again, plainly.
fn diagnose(port: &str, reason: &str) -> OpenError {
    let path = Path::new(port);
    #[cfg(unix)]
    let again = {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = nix::fcntl::OFlag::O_NONBLOCK | nix::fcntl::OFlag::O_NOCTTY;
        std::fs::File::options().read(true).write(true).custom_flags(flags.bits()).open(path)
    };
    #[cfg(not(unix))]
    let again = std::fs::File::options().read(true).write(true).open(path);
    let busy = || OpenError::Busy {
        port: port.to_owned(),
        holder: holder_of_file(path).unwrap_or_else(|| "another program".to_owned()),
    };
    match again.map_err(|error| error.kind()) {
        Err(io::ErrorKind::NotFound) => OpenError::NotThere(port.to_owned()),
        Err(io::ErrorKind::PermissionDenied) if cfg!(windows) => busy(),
        Err(io::ErrorKind::PermissionDenied) => OpenError::NotPermitted(port.to_owned()),
        Err(io::ErrorKind::ResourceBusy) => busy(),
        #[cfg(unix)]
        Ok(file) if nix::sys::termios::tcgetattr(&file).is_err() => OpenError::NoPort(port.to_owned()),
        // It opens plainly and yet not as a port of ours: a lock of another program stands on it.
        Ok(_) if holder_of_file(path).is_some() => busy(),
        _ => OpenError::Failed { port: port.to_owned(), reason: reason.trim_end_matches('.').to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_not_there_is_told_with_the_remedy() {
        let line = Line { baud: 9600, parity: Parity::None, ..oximeter::Protocol::ContecV7.line() };
        let error = open("/dev/oxiward-no-such-port", &line).err().unwrap();
        assert!(error.is_not_there());
        assert!(error.to_string().contains("oxiward ports"), "{error}");
    }

    #[test]
    fn a_file_that_is_no_port_is_told_apart_from_one_that_is_missing() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = open(file.path().to_str().unwrap(), &oximeter::Protocol::ContecV7.line()).err().unwrap();
        assert!(!error.is_not_there(), "{error}");
        #[cfg(unix)]
        assert!(error.to_string().contains("is no serial port"), "{error}");
    }
}
