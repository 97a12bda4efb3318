//! `oxiward decode`: what is in a raw capture, or in a file of bare bytes.

mod file;
mod readings;
mod rows;

use super::Failure;
use clap::{Args, ValueEnum};
use file::Contents;
use oximeter::Protocol;
use oximeter::capture::{Decoder, Event, Recognition};
use readings::Readings;
use rows::{Format, Rows};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::str::FromStr;

/// Decodes a raw capture to a table.
#[derive(Debug, Args)]
pub(crate) struct Decode {
    /// A raw capture, or a file of the bare bytes that came from a sensor, for which --protocol is needed.
    file: PathBuf,
    /// The protocol [default: the one that the capture names, else found out].
    #[arg(long, value_name = "P", value_parser = protocol)]
    protocol: Option<Protocol>,
    /// How it is written.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: FormatName,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatName {
    Table,
    Csv,
}

fn protocol(text: &str) -> Result<Protocol, String> {
    Protocol::from_str(text).map_err(|error| error.to_string())
}

/// Where the protocol comes from.
#[derive(Debug, Clone, Copy)]
enum Origin {
    Named,
    InTheFile,
    Recognised,
}

fn is_text(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::MasimoAscii | Protocol::NellcorAscii | Protocol::NoninAscii)
}

/// Lines as the device ended them: many a program that keeps them leaves the CR out.
fn with_returns(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|&byte| (byte == b'\n').then_some(b'\r').into_iter().chain([byte])).collect()
}

impl Decode {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let format = match self.format {
            FormatName::Table => Format::Table,
            FormatName::Csv => Format::Csv,
        };
        let contents = Contents::of(&self.file)?;
        let (protocol, origin) = match (self.protocol, contents) {
            (Some(protocol), _) => (Some(protocol), Origin::Named),
            (None, Contents::Capture) => self.find_protocol()?,
            (None, Contents::Bytes) => return Err(self.needs_protocol()),
        };
        let mut rows = Rows::begin(format, std::io::stdout().lock());
        let mut readings = Readings::new(Decoder::new(self.protocol, protocol));
        let whole = match contents {
            Contents::Capture => file::each_entry(&self.file, |entry| readings.take(entry, &mut rows))?,
            Contents::Bytes => {
                let ends_anew = protocol.is_some_and(is_text) && !file::has_returns(&self.file)?;
                file::each_piece(&self.file, |bytes| {
                    if ends_anew {
                        readings.take_bare(&with_returns(bytes), &mut rows);
                    } else {
                        readings.take_bare(bytes, &mut rows);
                    }
                })?;
                file::Whole::default()
            }
        };
        readings.finish(&mut rows);
        let origin = match origin {
            Origin::Named => "named on the command line",
            Origin::InTheFile => "named in the capture",
            Origin::Recognised => "recognised",
        };
        let mut summary = readings.summary(origin);
        if contents == Contents::Bytes {
            summary.push("The file has no times: they were counted from the samples.".to_owned());
        }
        match (whole.torn, whole.has_end) {
            (Some(line), _) => {
                summary.push(format!("Line {line} is the last and was cut off; it counts for nothing."));
            }
            (None, false) if contents == Contents::Capture => {
                summary.push("It has no end: it is still being written, or its station crashed.".to_owned());
            }
            _ => {}
        }
        match rows.finish(&summary) {
            // A reader that has gone, as behind `| head`, wants no more lines; that is no failure.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// The protocol at the beginning of a capture: the head's, else the first that it says was spoken, else the one
    /// that its bytes are of.
    fn find_protocol(&self) -> Result<(Option<Protocol>, Origin), Failure> {
        let (mut recognition, mut understood, mut bytes) = (Recognition::new(), false, 0);
        let whole = file::each_entry(&self.file, |entry| {
            if understood {
                return;
            }
            match &entry.event {
                Event::Understood(_) => understood = true,
                Event::Received(piece) => bytes += piece.len(),
                _ => {}
            }
            recognition.take(entry);
        })?;
        if whole.protocol.is_some() || understood {
            return Ok((whole.protocol, Origin::InTheFile));
        }
        recognition.protocol().map(|protocol| (Some(protocol), Origin::Recognised)).ok_or_else(|| {
            Failure::failed(format!(
                "No protocol was recognised in the {bytes} bytes from the sensor in {}. Name one with --protocol, or \
                 send the file in as that of an unknown device.",
                self.file.display()
            ))
        })
    }

    fn needs_protocol(&self) -> Failure {
        let known = Protocol::ALL.iter().map(|protocol| protocol.as_str()).collect::<Vec<_>>().join(", ");
        Failure::usage(format!(
            "{} is no raw capture, which begins with \"{}\". If it holds the bare bytes of a sensor, name the protocol \
             with --protocol: {known}.",
            self.file.display(),
            oximeter::capture::FIRST_WORD
        ))
    }
}
