//! `oxiward ports`: the serial ports of this computer, and with `--probe` what answers on each.

use super::{Failure, say};
use clap::Args;
use oximeter::Protocol;
use serialport::{SerialPortInfo, SerialPortType};
use std::time::Duration;

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
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let ports = station::list_ports()
            .map_err(|error| Failure::failed(format!("The system does not tell its serial ports: {error}.")))?;
        if ports.is_empty() {
            eprintln!("There is no serial port on this computer. Plug the sensor's cable in.");
        }
        for port in ports {
            let kind = describe(&port);
            if self.probe {
                eprintln!("Listening on {} for up to {} s …", port.port_name, LISTEN_FOR.as_secs());
                let found = match station::probe(&port.port_name, LISTEN_FOR) {
                    Ok(Some(protocol)) => Protocol::as_str(protocol).to_owned(),
                    Ok(None) => "nothing understood".to_owned(),
                    Err(error) => error.to_string(),
                };
                say(&format!("{}\t{kind}\t{found}", port.port_name));
            } else {
                say(&format!("{}\t{kind}", port.port_name));
            }
        }
        Ok(())
    }
}

fn describe(port: &SerialPortInfo) -> String {
    match &port.port_type {
        SerialPortType::UsbPort(usb) => {
            let product = usb.product.as_deref().unwrap_or("USB serial");
            let serial = usb.serial_number.as_deref().map(|number| format!(", serial number {number}"));
            format!("{product} ({:04x}:{:04x}{})", usb.vid, usb.pid, serial.unwrap_or_default())
        }
        SerialPortType::BluetoothPort => "Bluetooth".to_owned(),
        SerialPortType::PciPort => "built in".to_owned(),
        SerialPortType::Unknown => "serial".to_owned(),
    }
}
