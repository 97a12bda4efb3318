//! The record-first rule: a line is committed before it is passed on, and nobody waits for that longer than 20 ms.

use record::{Batch, WriteError, Writer};
use std::time::Duration;
use tokio::sync::oneshot;
use vitals::StationTime;

/// The longest a line waits for the record.
const LONGEST_WAIT: Duration = Duration::from_millis(20);
/// The alarm ends when the record has kept up for this long.
const SOUND_AGAIN_AFTER: Duration = Duration::from_secs(3);

/// The record as the hub sees it.
#[derive(Debug)]
pub(super) struct Storage {
    writer: Writer,
    /// What is wrong, and when it was last so.
    trouble: Option<(String, StationTime)>,
}

impl Storage {
    pub(super) const fn new(writer: Writer) -> Self {
        Self { writer, trouble: None }
    }

    /// Commits a batch, or gives up waiting.
    pub(super) async fn commit(&mut self, now: StationTime, batch: Batch) {
        let (done, outcome) = oneshot::channel();
        // The answer of a batch that is no longer waited for is not missed: the next one tells.
        self.writer.write(batch, move |result| drop(done.send(result)));
        let trouble = match tokio::time::timeout(LONGEST_WAIT, outcome).await {
            Ok(Ok(Ok(()))) => None,
            Ok(Ok(Err(error))) => Some(in_words(&error)),
            Ok(Err(_)) => Some(in_words(&WriteError::Ended)),
            Err(_) => Some(format!(
                "The disk is slow: a line of the record took longer than {} ms. Readings are shown all the same.",
                LONGEST_WAIT.as_millis()
            )),
        };
        if let Some(trouble) = trouble {
            self.trouble = Some((trouble, now));
        }
    }

    /// Hands over what nobody waits for: waves.
    pub(super) fn keep(&self, batch: Batch) {
        self.writer.write(batch, |_| {});
    }

    /// What is wrong with the record, in words.
    pub(super) fn trouble(&mut self, now: StationTime) -> Option<&str> {
        if self.trouble.as_ref().is_some_and(|(_, at)| now.since(*at) >= SOUND_AGAIN_AFTER) {
            self.trouble = None;
        }
        self.trouble.as_ref().map(|(words, _)| words.as_str())
    }

    pub(super) fn retain(&self, readings_before: Option<vitals::WallTime>, waves_before: Option<vitals::WallTime>) {
        self.writer.retain(readings_before, waves_before);
    }

    pub(super) fn close(self, now: vitals::WallTime) {
        self.writer.close(now);
    }
}

fn in_words(error: &WriteError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}. Monitoring goes on; make room on the disk.", letters.as_str())
}
