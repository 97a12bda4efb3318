//! Prepares the window: its configuration, its icons, and what its page may ask of the program.
//!
//! Without the feature `desktop` there is no window and nothing is done.

fn main() {
    #[cfg(feature = "desktop")]
    window::prepare();
}

#[cfg(feature = "desktop")]
mod window {
    use tauri_build::{AppManifest, Attributes};

    /// What the page may ask at all; which page may ask what stands in `capabilities/`.
    const COMMANDS: &[&str] = &["station_link", "start_at_login_get", "start_at_login_set"];

    pub fn prepare() {
        // The capabilities live with the Rust code, not in Tauri's default folder at the root; then it is ours to say
        // when they have changed.
        println!("cargo:rerun-if-changed=src-tauri/capabilities");
        let attributes = Attributes::new()
            .capabilities_path_pattern("./src-tauri/capabilities/**/*")
            .app_manifest(AppManifest::new().commands(COMMANDS));
        if let Err(error) = tauri_build::try_build(attributes) {
            println!("cargo:warning=The window could not be prepared: {error:#}");
            std::process::exit(1);
        }
    }
}
