//! The page that describes scenario files tells the truth.

#![allow(clippy::unwrap_used)]

use oximeter::{Protocol, Script, Simulator};
use std::time::Duration;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/ref/scenario-file.md");

#[test]
fn the_example_of_the_page_is_a_script() {
    let page = match std::fs::read_to_string(PAGE) {
        Ok(page) => page,
        // The crate outside its repository comes without the project's pages.
        Err(error) => return eprintln!("Not checked: {PAGE} cannot be read ({error})."),
    };
    let example = page.split("```scenario\n").nth(1).unwrap().split("```").next().unwrap();
    let script: Script = example.parse().unwrap();
    assert!(script.unplugs());
    let mut sensor = Simulator::new(Protocol::Cms50, script, 1, Duration::ZERO);
    let mut bytes = Vec::new();
    for second in 0..=60 {
        sensor.poll(Duration::from_secs(second), &mut bytes);
    }
    // One minute in, SpO₂ has come down to 84, and wanders by 1.
    assert!((83..=85).contains(&bytes[bytes.len() - 1]));
}

#[test]
fn the_error_that_the_page_shows_is_the_one_that_people_get() {
    let error = "0s pulse 72\n\n5s spo2 120".parse::<Script>().unwrap_err().to_string();
    assert_eq!(
        error,
        "Line 3: \"spo2 120\" cannot be done. Write spo2 and a % from 1 to 100, such as spo2 97 or spo2 84.5 over 20s."
    );
    if let Ok(page) = std::fs::read_to_string(PAGE) {
        assert!(page.contains(&error));
    }
}
