//! Which screens sound alarms, and which of these are missing. Time comes in, a verdict goes out.
//!
//! A screen is known by the name of its token. It is here as long as one of its armed connections says something.

use record::ArmedClient;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use vitals::{Now, StationTime, WallTime};

/// An armed screen is asked for a sign of life this often.
pub(crate) const PING_EVERY: Duration = Duration::from_secs(2);
/// One that has said nothing for so long is missing: in this time it was asked twice. With a look each quarter of a
/// second and the way to the record the alarm is there within 5 s of its cause.
const PATIENCE: Duration = Duration::from_millis(4250);
/// After a start of the station each screen has to notice that the station is back, and to come.
const PATIENCE_AT_START: Duration = Duration::from_secs(15);
/// Of a connection that ends after it was silent for longer than this, the screen was gone before the end.
const SILENT: Duration = Duration::from_millis(2500);
/// Longer between two looks nobody looked: the station itself stood still, and its screens are not blamed for it.
const LONGEST_LOOK: Duration = Duration::from_secs(1);

/// A screen that sounded alarms and is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Missing {
    /// The name of its token.
    pub(crate) name: String,
    /// Where it was last.
    pub(crate) address: String,
    /// Since when it was armed.
    pub(crate) armed: WallTime,
    /// When it was last heard; if it has not been since the station started, that.
    pub(crate) gone: WallTime,
    /// It has not been heard since the station started.
    pub(crate) before_start: bool,
}

/// What has changed about who is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// These are missing, and one of them was not before.
    Worse(Vec<Missing>),
    /// These are still missing; others are back, or not expected any more.
    Better(Vec<Missing>),
    /// Nobody is missing any more.
    AllBack,
}

/// What arming a screen changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arming {
    /// It was not armed before.
    New,
    /// It was, at another address.
    Moved,
    /// It was.
    Known,
}

#[derive(Debug)]
struct Screen {
    address: String,
    armed: WallTime,
    /// Its armed connections: mostly one, none while it is away.
    connections: BTreeSet<u64>,
    heard: StationTime,
    patience: Duration,
    before_start: bool,
    /// When it was last heard, once it is missing.
    gone: Option<WallTime>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Watch {
    screens: BTreeMap<String, Screen>,
    looked: StationTime,
    /// Who was missing at the last look.
    told: BTreeSet<String>,
}

impl Watch {
    /// Expects those back that were armed when the station ended. Those that `was_missing` says yes to are still missing:
    /// they were told before.
    pub(crate) fn new(now: Now, armed: Vec<ArmedClient>, was_missing: impl Fn(&str) -> bool) -> Self {
        let told = armed.iter().map(|armed| armed.client.clone()).filter(|name| was_missing(name)).collect();
        let screen = |armed: ArmedClient| {
            let missing = was_missing(&armed.client);
            let screen = Screen {
                address: armed.address,
                armed: armed.since,
                connections: BTreeSet::new(),
                heard: now.station,
                patience: if missing { Duration::ZERO } else { PATIENCE_AT_START },
                before_start: true,
                gone: missing.then_some(now.wall),
            };
            (armed.client, screen)
        };
        Self { screens: armed.into_iter().map(screen).collect(), looked: now.station, told }
    }

    /// A connection says that its screen sounds alarms.
    pub(crate) fn arm(&mut self, now: Now, connection: u64, name: &str, address: &str) -> Arming {
        let mut arming = Arming::Known;
        let screen = self.screens.entry(name.to_owned()).or_insert_with(|| {
            arming = Arming::New;
            Screen {
                address: address.to_owned(),
                armed: now.wall,
                connections: BTreeSet::new(),
                heard: now.station,
                patience: PATIENCE,
                before_start: false,
                gone: None,
            }
        });
        if screen.address != address {
            address.clone_into(&mut screen.address);
            arming = Arming::Moved;
        }
        screen.connections.insert(connection);
        screen.before_start = false;
        (screen.heard, screen.patience) = (now.station, PATIENCE);
        arming
    }

    /// Since when the screen of this name is armed.
    pub(crate) fn armed_since(&self, name: &str) -> Option<WallTime> {
        self.screens.get(name).map(|screen| screen.armed)
    }

    /// Something came over an armed connection.
    pub(crate) fn heard(&mut self, connection: u64, at: StationTime) {
        if let Some(screen) = self.screens.values_mut().find(|screen| screen.connections.contains(&connection)) {
            screen.heard = screen.heard.max(at);
        }
    }

    /// A connection will sound no alarms any more, and that is as it should be. The name of its screen, if that has no
    /// other armed connection: it is not missed.
    pub(crate) fn disarm(&mut self, connection: u64) -> Option<String> {
        let (name, screen) = self.screens.iter_mut().find(|(_, screen)| screen.connections.contains(&connection))?;
        screen.connections.remove(&connection);
        let name = screen.connections.is_empty().then(|| name.clone())?;
        self.screens.remove(&name);
        Some(name)
    }

    /// A connection has ended, and nobody said that it would.
    pub(crate) fn ended(&mut self, now: Now, connection: u64) {
        let Some(screen) = self.screens.values_mut().find(|screen| screen.connections.contains(&connection)) else {
            return;
        };
        screen.connections.remove(&connection);
        // The end of a connection that was alive is its last sign of life: from there on it may come back.
        if screen.connections.is_empty() && now.station.since(screen.heard) <= SILENT {
            screen.heard = now.station;
        }
    }

    /// Screens that are away and that `expected` says no to are not missed any more; their names.
    pub(crate) fn forget(&mut self, expected: impl Fn(&str) -> bool) -> Vec<String> {
        let away = self.screens.iter().filter(|(_, screen)| screen.connections.is_empty());
        let names: Vec<String> = away.map(|(name, _)| name.clone()).filter(|name| !expected(name)).collect();
        for name in &names {
            self.screens.remove(name);
        }
        names
    }

    /// A person says that a missing screen is not to be missed any more.
    pub(crate) fn remove(&mut self, name: &str) -> Option<Missing> {
        let missing = self.missing().into_iter().find(|missing| missing.name == name)?;
        self.screens.remove(name);
        Some(missing)
    }

    /// Looks who is there. `None`: as before.
    pub(crate) fn look(&mut self, now: Now) -> Option<Verdict> {
        let unseen = now.station.since(self.looked).saturating_sub(LONGEST_LOOK);
        self.looked = now.station;
        for screen in self.screens.values_mut() {
            screen.heard = screen.heard.plus(unseen).min(now.station);
            let silent = now.station.since(screen.heard);
            if silent < screen.patience {
                screen.gone = None;
            } else if screen.gone.is_none() {
                screen.gone = Some(now.wall.minus(silent));
            }
        }
        let missing = self.missing();
        let names: BTreeSet<String> = missing.iter().map(|missing| missing.name.clone()).collect();
        let told = core::mem::replace(&mut self.told, names);
        if self.told == told {
            None
        } else if missing.is_empty() {
            Some(Verdict::AllBack)
        } else if self.told.is_subset(&told) {
            Some(Verdict::Better(missing))
        } else {
            Some(Verdict::Worse(missing))
        }
    }

    /// Who was missing at the last look, in the order of their names.
    pub(crate) fn missing(&self) -> Vec<Missing> {
        let missing = self.screens.iter().filter_map(|(name, screen)| {
            Some(Missing {
                name: name.clone(),
                address: screen.address.clone(),
                armed: screen.armed,
                gone: screen.gone?,
                before_start: screen.before_start,
            })
        });
        missing.collect()
    }

    /// How many screens are armed, here or missing.
    pub(crate) fn armed(&self) -> usize {
        self.screens.len()
    }
}

/// A screen as it stands in the words of an alarm.
pub(crate) fn named(name: &str) -> String {
    format!("\"{name}\"")
}

/// What a person is told of the missing; `shown` writes a time as the ward's clock shows it.
pub(crate) fn words(missing: &[Missing], shown: impl Fn(WallTime) -> String) -> String {
    let since = |missing: &Missing| {
        let time = shown(missing.gone);
        if missing.before_start {
            format!("not back since the station started at {time}")
        } else {
            format!("gone since {time}")
        }
    };
    match missing {
        [one] => format!(
            "The screen {} ({}) sounded alarms and is {}. Look after it, or remove it under Screens.",
            named(&one.name),
            one.address,
            since(one)
        ),
        several => {
            let all = several.iter().map(|one| format!("{} ({}, {})", named(&one.name), one.address, since(one)));
            let all = all.collect::<Vec<_>>().join(", ");
            format!("The screens {all} sounded alarms and are missing. Look after them, or remove them under Screens.")
        }
    }
}

#[cfg(test)]
mod tests;
