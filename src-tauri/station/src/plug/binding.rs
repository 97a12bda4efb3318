//! Which bed opens which port, as values: what is plugged in and what the beds are bound to in, a place for each bed out.
//!
//! A name such as `/dev/ttyUSB0` goes to whichever adapter was plugged in first, so a bed that was given one is bound to
//! the adapter it found there: by its serial number, or where that tells nothing by its socket. Any other name is
//! believed as it stands: a link (`/dev/serial/by-id/…`, or one of a rule of the house) was made by somebody who decides
//! where it leads, and a built-in port or a pseudo-terminal does not change its name.

use super::adapters::Plugged;
use record::{BedRow, Bound, Mark};
use std::collections::BTreeMap;
use std::fmt;
use vitals::{Adapter, BedId};

/// A bed that wants a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) bed: BedId,
    /// The port as it was named.
    pub(crate) port: String,
    /// Where the name leads, if it is there.
    pub(crate) leads_to: Option<String>,
    /// The name is a link.
    pub(crate) is_link: bool,
    /// The adapter that is the bed's.
    pub(crate) bound: Option<Bound>,
    /// A person named the port just now: what is there is meant.
    pub(crate) named_now: bool,
}

impl Claim {
    /// Follows the name to where it leads now.
    pub(crate) fn new(bed: BedId, port: &str, bound: Option<Bound>, named_now: bool) -> Self {
        let path = std::path::Path::new(port);
        let leads_to = path.canonicalize().ok().map(|path| path.display().to_string());
        Self { bed, port: port.to_owned(), leads_to, is_link: path.is_symlink(), bound, named_now }
    }
}

/// Where a bed's sensor is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// At this port.
    At {
        path: String,
        adapter: Option<Adapter>,
        /// The adapter that is to be noted as the bed's from now on.
        bind: Option<Bound>,
        /// Another adapter was noted before.
        replaces: bool,
    },
    /// At none.
    Away(Away),
}

/// Why a bed has no port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Away {
    /// Its adapter is not plugged in.
    NotPluggedIn(Bound),
    /// In its adapter's socket is another one.
    Another(Bound, Box<Adapter>),
    /// Its adapter's serial number is there more than once, and none is where it was.
    Twins(Bound),
    /// Another bed has the port, perhaps under another name.
    Taken(BedId),
}

impl fmt::Display for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPluggedIn(bound) => {
                write!(f, "The sensor's adapter ({bound}) is not plugged in. Plug it in", bound = Words(bound))?;
                match &bound.mark {
                    Mark::Serial { .. } => write!(f, "; any socket will do."),
                    Mark::Place(place) => write!(
                        f,
                        " at the socket {place}: it has no serial number of its own and is known by its socket. \
                         For another socket name the port anew."
                    ),
                }
            }
            Self::Another(bound, adapter) => write!(
                f,
                "In the socket of this bed is another adapter ({}, {}) than before ({}). Plug the right one in, or name \
                 the port anew if this is the sensor.",
                adapter.name,
                adapter.usb,
                Words(bound)
            ),
            Self::Twins(bound) => write!(
                f,
                "Two adapters with the same serial number are plugged in ({}), and neither is where this bed's was. \
                 Plug it in where it was, or name the port anew.",
                Words(bound)
            ),
            Self::Taken(bed) => write!(
                f,
                "The port is open for bed {:?} already, perhaps under another name. Name another port for this bed, or \
                 take it away there.",
                bed.as_str()
            ),
        }
    }
}

struct Words<'a>(&'a Bound);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.mark {
            Mark::Serial { serial, .. } => write!(f, "{}, serial number {serial}", self.0.usb),
            Mark::Place(place) => write!(f, "{}, {place}", self.0.usb),
        }
    }
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Decision {
    /// Each bed's place, in the order of the claims.
    pub(crate) places: Vec<(BedId, Place)>,
    /// USB ports that are no bed's.
    pub(crate) unknown: Vec<Plugged>,
}

/// Decides. Nothing is taken twice: not by two beds, and not under two names.
pub(crate) fn decide(present: &[Plugged], claims: &[Claim]) -> Decision {
    let mut taken: BTreeMap<String, BedId> = BTreeMap::new();
    let mut places: BTreeMap<usize, Place> = BTreeMap::new();
    // Those first that know their adapter by name, then by socket, then those that were named just now.
    let by_serial = |claim: &Claim| matches!(holds(claim).map(|bound| &bound.mark), Some(Mark::Serial { .. }));
    let by_place = |claim: &Claim| matches!(holds(claim).map(|bound| &bound.mark), Some(Mark::Place(_)));
    for pass in [&by_serial as &dyn Fn(&Claim) -> bool, &by_place] {
        for (index, claim) in claims.iter().enumerate().filter(|(_, claim)| pass(claim)) {
            let Some(bound) = holds(claim) else { continue };
            match find(bound, present) {
                Ok(port) if taken.contains_key(&port.path) => {
                    places.insert(index, Place::Away(Away::Taken(taken[&port.path].clone())));
                }
                Ok(port) => {
                    taken.insert(port.path.clone(), claim.bed.clone());
                    places.insert(index, seated(claim, port, bound));
                }
                // What a person names just now is meant as it is there, below.
                Err(_) if claim.named_now && present.iter().any(|port| names(claim, port)) => {}
                Err(away) => {
                    places.insert(index, Place::Away(away));
                }
            }
        }
    }
    for now in [true, false] {
        for (index, claim) in claims.iter().enumerate().filter(|(_, claim)| claim.named_now == now) {
            if places.contains_key(&index) {
                continue;
            }
            let path = claim.leads_to.clone().unwrap_or_else(|| claim.port.clone());
            let place = match taken.get(&path) {
                Some(bed) => Place::Away(Away::Taken(bed.clone())),
                None => named(claim, &path, present),
            };
            if matches!(place, Place::At { .. }) {
                taken.insert(path, claim.bed.clone());
            }
            places.insert(index, place);
        }
    }
    let unknown = present.iter().filter(|port| port.adapter.is_some() && !taken.contains_key(&port.path));
    Decision {
        unknown: unknown.cloned().collect(),
        places: places.into_iter().filter_map(|(index, place)| Some((claims.get(index)?.bed.clone(), place))).collect(),
    }
}

/// What was noted for the name that the bed has now.
fn holds(claim: &Claim) -> Option<&Bound> {
    claim.bound.as_ref().filter(|bound| bound.port == claim.port && !claim.is_link)
}

fn names(claim: &Claim, port: &Plugged) -> bool {
    claim.leads_to.as_ref().unwrap_or(&claim.port) == &port.path
}

/// The adapter that was noted.
fn find<'a>(bound: &Bound, present: &'a [Plugged]) -> Result<&'a Plugged, Away> {
    let with = |is_it: &dyn Fn(&Adapter) -> bool| -> Vec<&'a Plugged> {
        present.iter().filter(|port| port.adapter.as_ref().is_some_and(is_it)).collect()
    };
    match &bound.mark {
        Mark::Serial { serial, place } => {
            let same = with(&|adapter| adapter.usb == bound.usb && adapter.serial.as_ref() == Some(serial));
            let at_place = |port: &&&Plugged| {
                place.is_some() && port.adapter.as_ref().is_some_and(|adapter| adapter.place == *place)
            };
            match same.as_slice() {
                [] => Err(Away::NotPluggedIn(bound.clone())),
                [one] => Ok(one),
                twins => twins.iter().find(at_place).copied().ok_or_else(|| Away::Twins(bound.clone())),
            }
        }
        Mark::Place(place) => {
            let there = with(&|adapter| adapter.place.as_ref() == Some(place));
            match there.first().and_then(|port| Some((port, port.adapter.as_ref()?))) {
                None => Err(Away::NotPluggedIn(bound.clone())),
                Some((port, adapter)) if adapter.usb == bound.usb => Ok(port),
                Some((_, adapter)) => Err(Away::Another(bound.clone(), Box::new(adapter.clone()))),
            }
        }
    }
}

/// The bed's adapter is at `port`. Where it is now is noted: it tells twins apart.
fn seated(claim: &Claim, port: &Plugged, bound: &Bound) -> Place {
    let adapter = port.adapter.clone();
    let place = adapter.as_ref().and_then(|adapter| adapter.place.clone());
    let bind = match &bound.mark {
        Mark::Serial { serial, place: before } if *before != place => Some(Bound {
            port: claim.port.clone(),
            usb: bound.usb.clone(),
            mark: Mark::Serial { serial: serial.clone(), place },
        }),
        _ => None,
    };
    Place::At { path: port.path.clone(), adapter, bind, replaces: false }
}

/// The bed takes the port by its name, and is bound to the adapter there if the name may change.
fn named(claim: &Claim, path: &str, present: &[Plugged]) -> Place {
    let adapter = present.iter().find(|port| port.path == path).and_then(|port| port.adapter.clone());
    let mark = adapter.as_ref().filter(|_| !claim.is_link).and_then(|adapter| mark(adapter, present));
    let bind = mark.zip(adapter.as_ref()).map(|(mark, adapter)| Bound {
        port: claim.port.clone(),
        usb: adapter.usb.clone(),
        mark,
    });
    let replaces = bind.is_some() && holds(claim).is_some();
    Place::At { path: claim.port.clone(), adapter, bind, replaces }
}

/// By what an adapter is to be known again; `None` if the system tells neither.
pub(super) fn mark(adapter: &Adapter, present: &[Plugged]) -> Option<Mark> {
    match (&adapter.serial, tells_nothing(adapter, present)) {
        (Some(serial), None) => Some(Mark::Serial { serial: serial.clone(), place: adapter.place.clone() }),
        _ => adapter.place.clone().map(Mark::Place),
    }
}

/// Serial numbers that a maker leaves in every piece. `0001` is what a CP2102 says as it comes from Silicon Labs (data
/// sheet, table of default values), and the cables of Contec leave it so.
const LEFT_BY_THE_MAKER: [&str; 6] = ["0001", "0", "1", "00000000", "0123456789", "12345678"];

/// Why an adapter's serial number does not tell it from others, in words; `None` if it does.
fn tells_nothing(adapter: &Adapter, present: &[Plugged]) -> Option<&'static str> {
    let Some(serial) = &adapter.serial else { return Some("it has no serial number") };
    if LEFT_BY_THE_MAKER.contains(&serial.as_str()) {
        return Some("its serial number is the one that its maker leaves in every piece");
    }
    let same = |port: &&Plugged| {
        port.adapter.as_ref().is_some_and(|other| other.usb == adapter.usb && other.serial == adapter.serial)
    };
    (present.iter().filter(same).count() > 1).then_some("another one with the same serial number is plugged in")
}

/// How an adapter is known again, in words.
#[must_use]
pub fn known_again(adapter: &Adapter, present: &[Plugged]) -> String {
    match (tells_nothing(adapter, present), &adapter.place) {
        (None, _) => "by its serial number, in any socket".to_owned(),
        (Some(why), Some(_)) => format!("by its socket, because {why}"),
        (Some(why), None) => format!("by its name alone, because {why} and the system does not tell its socket"),
    }
}

/// Which bed has which of the ports that are there, by what the record keeps.
#[must_use]
pub fn beds_at(beds: &[BedRow], present: &[Plugged]) -> BTreeMap<String, BedId> {
    let claims: Vec<Claim> = beds
        .iter()
        .filter_map(|row| {
            // A bed that only the command line gave a port has none of its own, but its adapter was noted.
            let port = row.port.as_ref().or(row.bound.as_ref().map(|bound| &bound.port))?;
            Some(Claim::new(row.id.clone(), port, row.bound.clone(), false))
        })
        .collect();
    let real = |path: String, claim: &Claim| claim.leads_to.clone().filter(|_| claim.is_link).unwrap_or(path);
    let at = decide(present, &claims).places.into_iter().zip(&claims);
    at.filter_map(|((bed, place), claim)| match place {
        Place::At { path, .. } => Some((real(path, claim), bed)),
        Place::Away(_) => None,
    })
    .collect()
}

#[cfg(test)]
mod tests;
