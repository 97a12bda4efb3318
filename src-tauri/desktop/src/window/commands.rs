//! What the page may ask of the program. Which page may ask what stands in `src-tauri/capabilities/`.

use super::Link;
use super::login::StartAtLogin;
use tauri::State;

/// Where the station listens, and the token for it.
#[tauri::command]
pub(super) fn station_link(link: State<'_, Link>) -> Link {
    link.inner().clone()
}

/// Whether the station starts when this user signs in.
#[tauri::command]
pub(super) fn start_at_login_get(login: State<'_, StartAtLogin>) -> Result<bool, String> {
    login.get().map_err(|error| error.to_string())
}

/// Has the station start when this user signs in, or not.
#[tauri::command]
pub(super) fn start_at_login_set(login: State<'_, StartAtLogin>, on: bool) -> Result<(), String> {
    login.set(on).map_err(|error| error.to_string())
}
