//! The plethysmogram of one bed over a span.

use crate::{QueryError, Record};
use rusqlite::params;
use vitals::{BedId, WallTime, Wave};

/// No stored row of a wave is longer, by the writer's rule, with a second to spare.
const LONGEST_ROW_MS: i64 = 11_000;

impl Record {
    /// The runs of the wave that touch the span, oldest first, cut to it; at most `limit` rows.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn waves(&self, bed: &BedId, from: WallTime, to: WallTime, limit: usize) -> Result<Vec<Wave>, QueryError> {
        Ok(self.with(|db| {
            db.prepare_cached(
                "SELECT time, rate, width, samples FROM wave WHERE bed = ?1 AND time BETWEEN ?2 AND ?3
                 ORDER BY time, id LIMIT ?4",
            )?
            .query_map(
                params![
                    bed.as_str(),
                    from.as_millis().saturating_sub(LONGEST_ROW_MS),
                    to.as_millis(),
                    i64::try_from(limit).unwrap_or(i64::MAX)
                ],
                |row| {
                    let (width, bytes): (i64, Vec<u8>) = (row.get(2)?, row.get(3)?);
                    let samples = if width == 1 {
                        bytes.into_iter().map(u16::from).collect()
                    } else {
                        bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
                    };
                    Ok(Wave { time: WallTime::from_millis(row.get(0)?), rate: row.get(1)?, samples })
                },
            )?
            .filter_map(|wave| wave.map(|wave| cut(wave, from, to)).transpose())
            .collect()
        })?)
    }
}

/// The samples of `wave` from `from` to `to`; `None` if there are none.
fn cut(mut wave: Wave, from: WallTime, to: WallTime) -> Option<Wave> {
    let rate = i64::from(wave.rate.max(1));
    let at = |index: usize| wave.time.as_millis() + i64::try_from(index).unwrap_or(i64::MAX / 1000) * 1000 / rate;
    let first = (0..wave.samples.len()).find(|index| at(*index) >= from.as_millis())?;
    let end = (first..wave.samples.len()).find(|index| at(*index) > to.as_millis()).unwrap_or(wave.samples.len());
    if end == first {
        return None;
    }
    let time = WallTime::from_millis(at(first));
    wave.samples.truncate(end);
    wave.samples.drain(..first);
    wave.time = time;
    Some(wave)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_cut_to_the_span_asked_for() {
        let wave = Wave { time: WallTime::from_millis(1000), rate: 10, samples: (0..10).collect() };
        let cut = cut(wave.clone(), WallTime::from_millis(1250), WallTime::from_millis(1600)).unwrap();
        assert_eq!((cut.time.as_millis(), cut.samples), (1300, vec![3, 4, 5, 6]));
        assert_eq!(super::cut(wave, WallTime::from_millis(5000), WallTime::from_millis(6000)), None);
    }
}
