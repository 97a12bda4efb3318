//! Options that several commands share.

use super::Failure;
use super::settings::Settings;
use clap::{Args, ValueEnum};
use oximeter::Protocol;
use station::{BedSpec, CaptureSpec};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use tracing_subscriber::filter::LevelFilter;
use vitals::BedId;

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub(crate) struct Common {
    /// The data folder [default: the platform's].
    #[arg(long, global = true, value_name = "DIR", env = "OXIWARD_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// The settings file [default: DIR/oxiward.toml].
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How much is logged to standard error.
    #[arg(long, global = true, value_name = "LEVEL", default_value = "info")]
    pub(crate) log: Level,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl Common {
    pub(crate) fn start_log(&self) {
        let level = match self.log {
            Level::Off => LevelFilter::OFF,
            Level::Error => LevelFilter::ERROR,
            Level::Warn => LevelFilter::WARN,
            Level::Info => LevelFilter::INFO,
            Level::Debug => LevelFilter::DEBUG,
            Level::Trace => LevelFilter::TRACE,
        };
        let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
        tracing_subscriber::fmt()
            .with_max_level(level)
            .with_writer(std::io::stderr)
            .with_ansi(is_terminal)
            .with_target(false)
            .init();
    }

    /// The data folder of a real station.
    pub(crate) fn folder(&self) -> Result<PathBuf, Failure> {
        if let Some(data) = &self.data {
            return Ok(data.clone());
        }
        directories::ProjectDirs::from("org", "Oxiward", "oxiward")
            .map(|folders| folders.data_dir().to_owned())
            .ok_or_else(|| Failure::failed("This system names no data folder; say one with --data DIR."))
    }

    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        match &self.config {
            Some(file) => Settings::read(file),
            None => {
                let file = self.folder()?.join("oxiward.toml");
                if file.exists() { Settings::read(&file) } else { Ok(Settings::default()) }
            }
        }
    }
}

/// Options of the station, with and without a window.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub(crate) struct StationOptions {
    /// Plain HTTP, for this computer alone: a loopback address [default: 127.0.0.1:8750].
    #[arg(long, value_name = "ADDR", value_parser = loopback)]
    pub(crate) local: Option<SocketAddr>,
    /// HTTPS for the ward LAN [default: 0.0.0.0:8751].
    #[arg(long, value_name = "ADDR", conflicts_with = "no_lan")]
    pub(crate) lan: Option<SocketAddr>,
    /// Not for the LAN.
    #[arg(long)]
    pub(crate) no_lan: bool,
    /// A bed and the serial port of its sensor; the protocol is `auto` if left out. Repeatable.
    #[arg(long = "bed", value_name = "ID=PORT[,PROTOCOL]", value_parser = bed)]
    pub(crate) beds: Vec<BedSpec>,
    /// Keeps what goes over the line of a bed in a new file, as for reporting a sensor that is not understood; without
    /// a bed, of the only one. Repeatable.
    #[arg(long = "capture", value_name = "[BED=]FILE", value_parser = capture)]
    pub(crate) captures: Vec<CaptureSpec>,
    /// Do not look for sensors on ports that no bed names.
    #[arg(long)]
    pub(crate) no_discover: bool,
    /// N beds with simulated sensors, in a database of their own, marked DEMO on every screen.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64), conflicts_with = "beds")]
    pub(crate) demo: Option<u16>,
    /// Starts with the window out of sight, in the tray, as at login.
    #[cfg(feature = "desktop")]
    #[arg(long)]
    pub(crate) hidden: bool,
}

impl StationOptions {
    /// Refuses two beds of one name, and two beds at one port.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        for (index, bed) in self.beds.iter().enumerate() {
            if self.beds[..index].iter().any(|before| before.id == bed.id) {
                return Err(Failure::usage(format!("The bed {} is named twice; a bed has one sensor.", bed.id)));
            }
            if let Some(other) = self.beds[..index].iter().find(|before| before.port == bed.port) {
                let message = format!("The port {} is named for the beds {} and {}.", bed.port, other.id, bed.id);
                return Err(Failure::usage(message));
            }
        }
        Ok(())
    }
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr =
        text.parse().map_err(|_| "write an address and a port, such as 127.0.0.1:8750".to_owned())?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("plain HTTP is for loopback addresses only; for the LAN use --lan, which is HTTPS".into())
    }
}

fn bed(text: &str) -> Result<BedSpec, String> {
    let (id, rest) = text.split_once('=').ok_or("write ID=PORT or ID=PORT,PROTOCOL, such as 1=/dev/ttyUSB0")?;
    let id = BedId::new(id).map_err(|error| error.to_string())?;
    let (port, protocol) = rest.rsplit_once(',').map_or((rest, "auto"), |(port, protocol)| (port, protocol));
    if port.is_empty() {
        return Err(format!("the bed {id} names no port"));
    }
    let protocol = match protocol {
        "auto" => None,
        other => Some(Protocol::from_str(other).map_err(|error| format!("{error} Or auto: found out by listening."))?),
    };
    Ok(BedSpec { id, port: port.to_owned(), protocol })
}

fn capture(text: &str) -> Result<CaptureSpec, String> {
    // What stands before the sign is a bed only if it could name one: a path may hold the sign too, as ./a=b.
    let (bed, file) = match text.split_once('=').map(|(bed, file)| (BedId::new(bed), file)) {
        Some((Ok(bed), file)) => (Some(bed), file),
        _ => (None, text),
    };
    if file.is_empty() {
        return Err("write FILE or BED=FILE, such as 1=sensor.capture".into());
    }
    Ok(CaptureSpec { bed, file: PathBuf::from(file) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capture_names_its_file_and_perhaps_its_bed() {
        let spec = |text| capture(text).map(|spec| (spec.bed.map(|bed| bed.to_string()), spec.file));
        assert_eq!(spec("a.capture"), Ok((None, "a.capture".into())));
        assert_eq!(spec("icu-1=/tmp/a.capture"), Ok((Some("icu-1".into()), "/tmp/a.capture".into())));
        assert_eq!(spec("./x=y.capture"), Ok((None, "./x=y.capture".into())));
        assert!(spec("1=").is_err() && spec("").is_err());
    }

    #[test]
    fn a_bed_names_its_port_and_perhaps_its_protocol() {
        let spec = bed("1=/dev/ttyUSB0,contec-v7").unwrap();
        assert_eq!((spec.port.as_str(), spec.protocol), ("/dev/ttyUSB0", Some(Protocol::ContecV7)));
        assert_eq!(bed("icu-2=COM3").unwrap().protocol, None);
        assert_eq!(bed("1=/dev/ttyUSB0,auto").unwrap().protocol, None);
        for wrong in ["1", "=x", "1=", "1=x,contec", "a b=x"] {
            assert!(bed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn plain_http_is_refused_beyond_loopback() {
        assert!(loopback("127.0.0.1:0").is_ok() && loopback("[::1]:8750").is_ok());
        assert!(loopback("0.0.0.0:8750").is_err() && loopback("192.0.2.1:8750").is_err() && loopback("x").is_err());
    }
}
