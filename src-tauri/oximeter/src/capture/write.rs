//! A capture as text.

use super::{Capture, Entry, Event, FIRST_WORD, Head, VERSION};
use core::fmt::{self, Write};

/// A text of somebody else's making, such as a sensor's model, as a part of one line.
struct OneLine<'a>(&'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_between = |letter: char| letter.is_whitespace() || letter.is_control();
        for (index, word) in self.0.split(is_between).filter(|word| !word.is_empty()).enumerate() {
            if index > 0 {
                f.write_char(' ')?;
            }
            f.write_str(word)?;
        }
        Ok(())
    }
}

/// The first lines of a capture, with the empty line behind them.
impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_WORD} {VERSION}")?;
        if let Some(began) = &self.began {
            writeln!(f, "began: {}", OneLine(began))?;
        }
        if let Some(port) = &self.port {
            writeln!(f, "port: {}", OneLine(port))?;
        }
        if let Some(protocol) = self.protocol {
            writeln!(f, "protocol: {protocol}")?;
        }
        if let Some(line) = self.line {
            writeln!(f, "line: {line}")?;
        }
        if let Some(model) = &self.model {
            writeln!(f, "model: {}", OneLine(model))?;
        }
        writeln!(f)
    }
}

/// One line of a capture, without its end.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06} ", self.at.as_secs(), self.at.subsec_micros())?;
        match &self.event {
            Event::Opened(line) => write!(f, "open {line}"),
            Event::Received(bytes) => hex(f, '<', bytes),
            Event::Sent(bytes) => hex(f, '>', bytes),
            Event::Understood(protocol) => write!(f, "protocol {protocol}"),
            Event::Model(model) => write!(f, "model {}", OneLine(model)),
            Event::Hole(bytes) => write!(f, "hole {bytes}"),
            Event::Closed => f.write_str("closed"),
            Event::Gone => f.write_str("gone"),
            Event::End(reason) => write!(f, "end {}", OneLine(reason)),
        }
    }
}

fn hex(f: &mut fmt::Formatter<'_>, direction: char, bytes: &[u8]) -> fmt::Result {
    f.write_char(direction)?;
    bytes.iter().try_for_each(|byte| write!(f, " {byte:02x}"))
}

/// The whole text. A last line that was cut off is not made up for.
impl fmt::Display for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.head)?;
        self.entries.iter().try_for_each(|entry| writeln!(f, "{entry}"))
    }
}
