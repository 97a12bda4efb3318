//! A tablet: a browser that trusts the station's authority, pairs by the printed link, and watches over TLS.

use super::station::Folder;
use super::webdriver::{Browser, hook};
use serde_json::json;
use std::path::Path;
use std::process::Command;

/// A tablet that is paired with the station of this folder, which serves the LAN, and shows the ward.
pub fn tablet(folder: &Folder, name: &str, role: &str) -> Browser {
    let home = folder.beside(name);
    trust(&home, &folder.data().join("tls/ca.crt"));
    let printed = String::from_utf8(folder.run(&["pair", "--role", role]).stdout).unwrap();
    let link = printed.lines().next().unwrap();
    let tablet = chromium(&home);
    tablet.open(link);
    tablet.type_into(&hook("pair-name"), name);
    assert_eq!(tablet.run("return location.hash"), "", "the code does not stay in the address");
    tablet.click(&hook("pair-submit"));
    tablet.click(&hook("gate-accept"));
    tablet
}

/// A home folder whose browser trusts one authority more than others do.
fn trust(home: &Path, authority: &Path) {
    let store = home.join(".pki/nssdb");
    std::fs::create_dir_all(&store).unwrap();
    let store = format!("sql:{}", store.display());
    for arguments in [
        vec!["-N", "--empty-password", "-d", &store],
        vec!["-A", "-d", &store, "-t", "C,,", "-n", "oxiward", "-i", authority.to_str().unwrap()],
    ] {
        let output = Command::new("certutil").args(&arguments).output().unwrap_or_else(|error| {
            panic!(
                "certutil cannot be started ({error}). Install the Debian package libnss3-tools, or run `make test`."
            )
        });
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Chromium, which overrides no error of a certificate.
pub fn chromium(home: &Path) -> Browser {
    let there = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join("chromium").exists()));
    assert!(there, "There is no chromium. Install the Debian package chromium, or run `make test`.");
    let mut driver = Command::new("chromedriver");
    driver.env("HOME", home).env_remove("XDG_DATA_HOME").env_remove("XDG_CONFIG_HOME");
    let capabilities = json!({
        "browserName": "chrome",
        "acceptInsecureCerts": false,
        "goog:chromeOptions": { "args": [
            "--headless=new",
            "--window-size=1280,900",
            "--disable-gpu",
            "--no-first-run",
            "--disable-dev-shm-usage",
            // The sandbox needs rights that containers and root do not have.
            "--no-sandbox",
            format!("--user-data-dir={}", home.join("profile").display()),
        ] },
    });
    Browser::start(driver, "chromium-driver", "--port", &capabilities)
}
