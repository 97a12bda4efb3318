//! The page that describes captures tells the truth.

#![allow(clippy::unwrap_used)]

use oximeter::capture::{Capture, Decoder};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/ref/capture-file.md");

#[test]
fn the_example_of_the_page_is_a_capture_and_decodes() {
    let page = match std::fs::read_to_string(PAGE) {
        Ok(page) => page,
        // The crate outside its repository comes without the project's pages.
        Err(error) => return eprintln!("Not checked: {PAGE} cannot be read ({error})."),
    };
    let example = page.split("```capture\n").nth(1).unwrap().split("```").next().unwrap();
    let capture: Capture = example.parse().unwrap();
    assert!(capture.has_end() && capture.torn.is_none());
    let (mut decoder, mut last) = (Decoder::new(None, capture.head.protocol), None);
    for entry in &capture.entries {
        decoder.take(entry, &mut |_, sample| last = Some(sample));
    }
    assert_eq!(last.unwrap().spo2, Some(97));
    let error = example.replace("> 7d 81", "> 7d 0x81").parse::<Capture>().unwrap_err().to_string();
    assert!(page.contains(&error), "{error}");
}
