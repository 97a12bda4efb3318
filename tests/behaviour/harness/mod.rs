//! What the tests stand on: programs, sensors, sockets. It knows the contract and nothing of the crates.

pub mod bus;
pub mod certificates;
#[cfg(feature = "desktop")]
pub mod display;
pub mod disturbance;
pub mod http;
pub mod line;
pub mod process;
#[cfg(feature = "desktop")]
pub mod screen_client;
pub mod sensor;
pub mod shifted_clock;
pub mod socket;
pub mod station;
pub mod tablet;
#[cfg(feature = "desktop")]
pub mod tray;
pub mod ward;
pub mod webdriver;

pub use bus::{Asked, Desktop};
pub use certificates::Authority;
#[cfg(feature = "desktop")]
pub use display::Display;
pub use disturbance::undisturbed;
pub use http::Http;
pub use line::{Line, Says, pleth};
pub use process::{Process, within};
#[cfg(feature = "desktop")]
pub use screen_client::ScreenClient;
pub use sensor::Sensor;
pub use shifted_clock::ShiftedClock;
pub use socket::{Heard, Next, SOON, Socket};
#[cfg(feature = "desktop")]
pub use station::WITHOUT_GRAPHICS;
pub use station::{Folder, Plan, QUIET, Station, database, oxiward};
pub use tablet::{chromium, tablet};
#[cfg(feature = "desktop")]
pub use tray::TrayAlone;
pub use ward::Ward;
pub use webdriver::{Browser, hook};
