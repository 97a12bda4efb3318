//! One window for each data folder: whoever starts a second one is shown the first.
//!
//! A station on the data folder refuses a second one by the lock of its database. That keeps the record whole, but to
//! a person who clicks the icon again it is an error message. So the station with a window listens on the desktop's
//! message bus under a name made from its data folder, and a second start asks it to come forward.
//!
//! Not `tauri-plugin-single-instance`: it finds the other one only after the window has been set up, which is after
//! the station was started, and then ends the process itself.

use crate::bus::Bus;
use std::path::Path;
use tokio::sync::mpsc;
use zbus::connection::Connection;

const PATH: &str = "/org/oxiward/Station";

/// Who shows this data folder.
#[derive(Debug)]
pub enum Claim {
    /// This process does, from now on.
    Ours(Instance),
    /// Another process does, and has been asked to come forward. This one should end.
    Another,
    /// It cannot be known; the words say why. The lock of the data folder decides.
    Unknown(String),
}

/// The claim on a data folder's window, held until this is dropped.
#[derive(Debug)]
pub struct Instance {
    _connection: Connection,
    asked: mpsc::Receiver<()>,
}

impl Instance {
    /// Waits until another start asks for the window; `None` when the desktop's bus is gone.
    pub async fn asked_to_show(&mut self) -> Option<()> {
        self.asked.recv().await
    }
}

/// Claims the window of `data_folder` on the desktop of this session, or asks whoever has it to come forward.
///
/// Takes 5 s at most, and never fails: without a desktop there is nobody to ask.
pub async fn claim(data_folder: &Path) -> Claim {
    claim_on(&Bus::Session, data_folder).await
}

/// As [`claim`], on another message bus.
pub async fn claim_on(bus: &Bus, data_folder: &Path) -> Claim {
    let name = name(data_folder);
    let (ask, asked) = mpsc::channel(1);
    let claimed = async {
        let connection = bus.connect().await?;
        // First the door, then the name plate: whoever reads it may knock at once.
        connection.object_server().at(PATH, Door(ask)).await?;
        match connection.request_name_with_flags(name.as_str(), zbus::fdo::RequestNameFlags::DoNotQueue.into()).await {
            Ok(_) => Ok(Claim::Ours(Instance { _connection: connection, asked })),
            Err(zbus::Error::NameTaken) => {
                StationProxy::builder(&connection).destination(name.as_str())?.build().await?.show().await?;
                Ok(Claim::Another)
            }
            Err(error) => Err(error),
        }
    };
    claimed.await.unwrap_or_else(|error: zbus::Error| Claim::Unknown(crate::bus::cause(&error)))
}

struct Door(mpsc::Sender<()>);

#[zbus::interface(name = "org.oxiward.Station1")]
impl Door {
    /// Brings the window to the front. Asked twice before it could, it comes once.
    fn show(&self) {
        let _ = self.0.try_send(());
    }
}

#[zbus::proxy(interface = "org.oxiward.Station1", default_path = "/org/oxiward/Station", gen_blocking = false)]
trait Station {
    fn show(&self) -> zbus::Result<()>;
}

/// The bus name of a data folder. A path is no bus name, and should not be read off the bus by everyone either.
fn name(data_folder: &Path) -> String {
    let folder = data_folder.canonicalize().unwrap_or_else(|_| data_folder.to_owned());
    // FNV-1a: short, and the same in every build, which the standard library's hasher is not.
    let digest = folder
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |digest, byte| (digest ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("org.oxiward.Station.d{digest:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_name_however_its_path_is_written() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(name(folder.path()), name(&folder.path().join("../").join(folder.path().file_name().unwrap())));
        assert_ne!(name(folder.path()), name(&folder.path().join("other")));
    }

    #[test]
    fn a_name_is_one_that_the_bus_takes() {
        let name = name(Path::new("/var/lib/oxiward ward 3"));
        assert!(zbus::names::WellKnownName::try_from(name.as_str()).is_ok(), "{name}");
    }
}
