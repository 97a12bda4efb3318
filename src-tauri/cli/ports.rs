//! `oxiward ports`: the serial ports of this computer, whose each is, and with `--probe` what answers on each.

use super::options::Common;
use super::{Failure, say};
use clap::Args;
use record::Record;
use station::{Plugged, Ports as PortList};
use std::collections::BTreeMap;
use std::time::Duration;
use vitals::BedId;

/// Lists the serial ports.
#[derive(Debug, Args)]
pub(crate) struct Ports {
    /// Listens on each port, and asks where nothing comes, to say what speaks there.
    #[arg(long)]
    probe: bool,
}

/// How long one port is listened to.
const LISTEN_FOR: Duration = Duration::from_secs(12);

impl Ports {
    pub(crate) fn run(&self, common: &Common) -> Result<(), Failure> {
        let ports = PortList::of_this_computer()
            .look()
            .ok_or_else(|| Failure::failed("The system does not tell its serial ports; is /sys there?"))?;
        if ports.is_empty() {
            eprintln!("There is no serial port on this computer. Plug the sensor's cable in.");
        }
        let beds = beds(common, &ports);
        for port in &ports {
            let mut line = format!("{}\t{}", port.path, describe(port, &ports));
            line.push_str(&beds.get(&port.path).map_or_else(|| "\tno bed".to_owned(), |bed| format!("\tbed {bed}")));
            if self.probe {
                line.push('\t');
                line.push_str(&probe(&port.path));
            }
            say(&line);
        }
        Ok(())
    }
}

/// Whose the ports are. A computer on which no station has run has no beds.
fn beds(common: &Common, ports: &[Plugged]) -> BTreeMap<String, BedId> {
    let rows = common.folder().ok().and_then(|folder| Record::existing(&folder).ok()?.beds().ok());
    station::beds_at(&rows.unwrap_or_default(), ports)
}

/// What speaks at a port; what is being tried goes to standard error meanwhile.
fn probe(port: &str) -> String {
    eprintln!("{port}, for up to {} s:", LISTEN_FOR.as_secs());
    match station::probe(port, LISTEN_FOR, &mut |words| eprintln!("  {words}")) {
        Ok(Some(protocol)) => protocol.as_str().to_owned(),
        Ok(None) => "nothing understood".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn describe(port: &Plugged, ports: &[Plugged]) -> String {
    let Some(adapter) = &port.adapter else { return "built in".to_owned() };
    let serial = adapter.serial.as_deref().map(|number| format!(", serial number {number}")).unwrap_or_default();
    let place = adapter.place.as_deref().map(|place| format!(", {place}")).unwrap_or_default();
    let known = station::known_again(adapter, ports);
    format!("{} ({}{serial}{place}); known again {known}", adapter.name, adapter.usb)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitals::Adapter;

    #[test]
    fn a_port_is_told_with_its_adapter_and_how_that_is_known_again() {
        let adapter = Adapter {
            name: "FT232R USB UART".into(),
            usb: "0403:6001".into(),
            serial: Some("FT502JGB".into()),
            place: Some("usb 1-1.2".into()),
        };
        let port = Plugged { path: "/dev/ttyUSB0".into(), adapter: Some(adapter) };
        assert_eq!(
            describe(&port, core::slice::from_ref(&port)),
            "FT232R USB UART (0403:6001, serial number FT502JGB, usb 1-1.2); known again by its serial number, in any socket"
        );
        let built_in = Plugged { path: "/dev/ttyS0".into(), adapter: None };
        assert_eq!(describe(&built_in, &[]), "built in");
    }
}
