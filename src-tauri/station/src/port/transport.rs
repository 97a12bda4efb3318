//! What a conversation runs over.

use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

/// A line to a sensor.
pub(crate) trait Transport: Send {
    /// Waits at most `timeout` for bytes. `Ok(None)` is a time-out; an error means that the line is gone.
    fn read(&mut self, into: &mut [u8], timeout: Duration) -> io::Result<Option<usize>>;
    /// Sends all of `bytes`.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
}

/// A real port, or a pseudo-terminal.
pub(crate) struct Serial(pub(crate) Box<dyn serialport::SerialPort>);

impl Transport for Serial {
    fn read(&mut self, into: &mut [u8], timeout: Duration) -> io::Result<Option<usize>> {
        self.0.set_timeout(timeout)?;
        match self.0.read(into) {
            Ok(0) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the port reads as ended")),
            Ok(count) => Ok(Some(count)),
            Err(error) if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::Interrupted) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.set_timeout(Duration::from_millis(500))?;
        self.0.write_all(bytes)
    }
}

/// A line inside the process, for simulated sensors where there are no pseudo-terminals.
pub(crate) struct InProcess {
    pub(crate) from_sensor: Receiver<Vec<u8>>,
    pub(crate) to_sensor: Sender<Vec<u8>>,
    pub(crate) left_over: Vec<u8>,
}

impl Transport for InProcess {
    fn read(&mut self, into: &mut [u8], timeout: Duration) -> io::Result<Option<usize>> {
        if self.left_over.is_empty() {
            match self.from_sensor.recv_timeout(timeout) {
                Ok(bytes) => self.left_over = bytes,
                Err(RecvTimeoutError::Timeout) => return Ok(None),
                Err(RecvTimeoutError::Disconnected) => return Err(io::ErrorKind::BrokenPipe.into()),
            }
        }
        let count = self.left_over.len().min(into.len());
        into[..count].copy_from_slice(&self.left_over[..count]);
        self.left_over.drain(..count);
        Ok(Some(count))
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.to_sensor.send(bytes.to_vec()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
