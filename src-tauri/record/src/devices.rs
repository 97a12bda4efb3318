//! What is remembered of sensors: which adapter is which bed's, and what each sensor was.

use crate::{QueryError, Record};
use rusqlite::{Connection, Row, params};
use vitals::{BedId, WallTime};

/// By what an adapter is known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// By its serial number, wherever it is plugged in.
    Serial {
        /// The serial number.
        serial: String,
        /// The socket in which it was last.
        place: Option<String>,
    },
    /// By the socket: it has no serial number that tells it from others.
    Place(String),
}

/// The adapter that is a bed's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The name of the port for which it was noted. Under another name it does not hold.
    pub port: String,
    /// Vendor and product, such as `0403:6001`.
    pub usb: String,
    /// By what it is known again.
    pub mark: Mark,
}

/// What a sensor was when it was last heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its adapter and serial number, or its adapter and socket, or its port.
    pub key: String,
    /// The protocol it spoke.
    pub protocol: String,
    /// The speed of the line on which it spoke.
    pub baud: u32,
    /// Its model, where it told.
    pub model: Option<String>,
    /// Its own id, where it told.
    pub device_id: Option<String>,
    /// The revision of its firmware, where it told.
    pub firmware: Option<String>,
    /// When it was last heard.
    pub last_seen: WallTime,
}

impl Record {
    /// Every sensor that was ever heard.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn devices(&self) -> Result<Vec<Device>, QueryError> {
        Ok(self.with(|db| {
            db.prepare_cached("SELECT key, protocol, baud, model, device_id, firmware, last_seen FROM device")?
                .query_map([], |row| {
                    Ok(Device {
                        key: row.get(0)?,
                        protocol: row.get(1)?,
                        baud: row.get(2)?,
                        model: row.get(3)?,
                        device_id: row.get(4)?,
                        firmware: row.get(5)?,
                        last_seen: WallTime::from_millis(row.get(6)?),
                    })
                })?
                .collect()
        })?)
    }
}

/// The columns `port`, `usb`, `serial`, `place` from `first` on.
pub(crate) fn read_bound(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Bound>> {
    let Some(port) = row.get::<_, Option<String>>(first)? else { return Ok(None) };
    let place: Option<String> = row.get(first + 3)?;
    let mark = match (row.get::<_, Option<String>>(first + 2)?, place) {
        (Some(serial), place) => Mark::Serial { serial, place },
        (None, Some(place)) => Mark::Place(place),
        // The table allows neither; a row of somebody else's making binds nothing.
        (None, None) => return Ok(None),
    };
    Ok(Some(Bound { port, usb: row.get(first + 1)?, mark }))
}

pub(crate) fn bind(db: &Connection, bed: &BedId, bound: Option<&Bound>) -> rusqlite::Result<()> {
    let Some(Bound { port, usb, mark }) = bound else {
        db.prepare_cached("DELETE FROM bed_adapter WHERE bed = ?1")?.execute([bed.as_str()])?;
        return Ok(());
    };
    let (serial, place) = match mark {
        Mark::Serial { serial, place } => (Some(serial), place.as_ref()),
        Mark::Place(place) => (None, Some(place)),
    };
    db.prepare_cached(
        "INSERT INTO bed_adapter VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (bed) DO UPDATE SET port = excluded.port, usb = excluded.usb, serial = excluded.serial,
                                         place = excluded.place",
    )?
    .execute(params![bed.as_str(), port, usb, serial, place])?;
    Ok(())
}

pub(crate) fn remember(db: &Connection, device: &Device) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO device VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (key) DO UPDATE SET protocol = excluded.protocol, baud = excluded.baud, model = excluded.model,
                                         device_id = excluded.device_id, firmware = excluded.firmware,
                                         last_seen = excluded.last_seen",
    )?
    .execute(params![
        device.key,
        device.protocol,
        device.baud,
        device.model,
        device.device_id,
        device.firmware,
        device.last_seen.as_millis()
    ])?;
    Ok(())
}
