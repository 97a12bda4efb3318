//! What staff choose for the station itself, such as its sound output.

use crate::{QueryError, Record};
use rusqlite::{OptionalExtension, params};
use serde_json::Value;

impl Record {
    /// What was chosen; `None` if nothing was, or what is kept no longer reads as JSON.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn setting(&self, key: &str) -> Result<Option<Value>, QueryError> {
        let text: Option<String> = self
            .with(|db| db.query_row("SELECT value FROM setting WHERE key = ?1", [key], |row| row.get(0)).optional())?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Keeps a choice, or forgets it with `None`. It is on its way to the disk when this returns.
    ///
    /// # Errors
    /// If the database refuses.
    pub fn put_setting(&self, key: &str, value: Option<&Value>) -> Result<(), QueryError> {
        self.change::<_, rusqlite::Error>(|db| {
            match value {
                Some(value) => db.execute(
                    "INSERT INTO setting VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                    params![key, value.to_string()],
                )?,
                None => db.execute("DELETE FROM setting WHERE key = ?1", [key])?,
            };
            Ok(())
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::Record;
    use serde_json::json;
    use vitals::WallTime;

    #[test]
    fn a_choice_is_kept_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let (record, writer, _) = Record::open(folder.path(), WallTime::from_millis(0), "test").unwrap();
        assert_eq!(record.setting("sound.device").unwrap(), None);
        record.put_setting("sound.device", Some(&json!("usb"))).unwrap();
        record.put_setting("sound.device", Some(&json!("hdmi"))).unwrap();
        assert_eq!(record.setting("sound.device").unwrap(), Some(json!("hdmi")));
        record.put_setting("sound.device", None).unwrap();
        assert_eq!(record.setting("sound.device").unwrap(), None);
        writer.close(WallTime::from_millis(1));
    }
}
