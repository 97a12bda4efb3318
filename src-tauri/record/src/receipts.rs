//! What screens say they did with alarms, and which of them are missed when they are gone.

use crate::{QueryError, Record};
use rusqlite::{Connection, OptionalExtension, Row, params};
use vitals::{AlarmId, WallTime};

/// What became of an alarm on one screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The alarm.
    pub alarm: AlarmId,
    /// The name of the screen's token.
    pub client: String,
    /// The address of the screen, without a port.
    pub address: String,
    /// When it was first shown there; `None`: the screen never said so.
    pub shown: Option<WallTime>,
    /// When it was first heard there; `None`: the screen never said so.
    pub sounded: Option<WallTime>,
}

/// A screen that sounds alarms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArmedClient {
    /// The name of its token.
    pub client: String,
    /// Its address, without a port.
    pub address: String,
    /// Since when.
    pub since: WallTime,
}

fn number(id: AlarmId) -> i64 {
    i64::try_from(id.0).unwrap_or(i64::MAX)
}

/// The first times stay, whatever is said later.
pub(crate) fn keep(db: &Connection, receipt: &Receipt) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO receipt (alarm, client, address, shown, sounded) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (alarm, client, address) DO UPDATE SET shown = coalesce(shown, excluded.shown),
                                                            sounded = coalesce(sounded, excluded.sounded)",
    )?
    .execute(params![
        number(receipt.alarm),
        receipt.client,
        receipt.address,
        receipt.shown.map(WallTime::as_millis),
        receipt.sounded.map(WallTime::as_millis),
    ])?;
    Ok(())
}

pub(crate) fn arm(db: &Connection, client: &ArmedClient) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO armed_client (client, address, since) VALUES (?1, ?2, ?3)
         ON CONFLICT (client) DO UPDATE SET address = excluded.address, since = excluded.since",
    )?
    .execute(params![client.client, client.address, client.since.as_millis()])?;
    Ok(())
}

pub(crate) fn disarm(db: &Connection, client: &str) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM armed_client WHERE client = ?1")?.execute([client])?;
    Ok(())
}

impl Record {
    /// What screens said of an alarm, in the order of their names.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn receipts(&self, alarm: AlarmId) -> Result<Vec<Receipt>, QueryError> {
        let read = |row: &Row<'_>| {
            Ok(Receipt {
                alarm,
                client: row.get(0)?,
                address: row.get(1)?,
                shown: row.get::<_, Option<i64>>(2)?.map(WallTime::from_millis),
                sounded: row.get::<_, Option<i64>>(3)?.map(WallTime::from_millis),
            })
        };
        let sql = "SELECT client, address, shown, sounded FROM receipt WHERE alarm = ?1 ORDER BY client, address";
        Ok(self.with(|db| db.prepare_cached(sql)?.query_map([number(alarm)], read)?.collect())?)
    }

    /// Which of these alarms the record knows.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn known_alarms(&self, alarms: &[AlarmId]) -> Result<Vec<AlarmId>, QueryError> {
        Ok(self.with(|db| {
            let mut find = db.prepare_cached("SELECT 1 FROM alarm WHERE id = ?1")?;
            let mut known = Vec::new();
            for alarm in alarms {
                if find.query_row([number(*alarm)], |_| Ok(())).optional()?.is_some() {
                    known.push(*alarm);
                }
            }
            Ok(known)
        })?)
    }

    /// The screens that sounded alarms when this was last said of them, in the order of their names.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn armed_clients(&self) -> Result<Vec<ArmedClient>, QueryError> {
        let read = |row: &Row<'_>| {
            Ok(ArmedClient { client: row.get(0)?, address: row.get(1)?, since: WallTime::from_millis(row.get(2)?) })
        };
        let sql = "SELECT client, address, since FROM armed_client ORDER BY client";
        Ok(self.with(|db| db.prepare_cached(sql)?.query_map([], read)?.collect())?)
    }
}
