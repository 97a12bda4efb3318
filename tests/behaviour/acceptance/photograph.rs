//! Check 20: a photograph of the ward from 3 m, through the eyes of people who see colours otherwise.
//!
//! The size is measured in the page, the contrast in pictures that Chromium draws with its emulation of colour
//! vision deficiencies (Machado, Oliveira and Fernandes 2009; achromatopsia is seeing no colour at all).

use crate::harness::{Browser, Folder, Line, hook, tablet};
use serde_json::{Value, json};
use std::time::Duration;

/// Millimetres of a dot of a 24 inch screen of 1920 x 1080.
const DOT_MM: f64 = 531.0 / 1920.0;
/// What can be read as a rule: 16 minutes of arc (NUREG-0700). At 3 m they are 14 mm.
const MINUTES: f64 = 16.0;
const DISTANCE_MM: f64 = 3000.0;
/// Of text against its ground (WCAG 2, level AA for text of any size).
const CONTRAST: f64 = 4.5;

/// How high the ink of each text is, CSS px, and where.
const MEASURE: &str = r#"
const ink = document.createElement("canvas").getContext("2d");
const of = (element) => {
  const style = getComputedStyle(element);
  ink.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const size = ink.measureText(/\d/.test(element.innerText) ? "0" : "H");
  const box = element.getBoundingClientRect();
  return {
    text: element.innerText.trim(),
    height: size.actualBoundingBoxAscent + size.actualBoundingBoxDescent,
    box: [box.left, box.top, box.width, box.height],
    whole: element.scrollWidth <= element.clientWidth || element.clientWidth === 0,
  };
};
return arguments[0].map((selector) => of(document.querySelector(selector)));
"#;

/// The contrast of the lightest and the darkest of each box of a picture: text and its ground.
const LOOK: &str = r#"
const [picture, boxes, tell] = arguments;
(async () => {
  const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  tell(
    boxes.map(([left, top, width, height]) => {
      const dots = canvas.getImageData(left, top, Math.max(1, width), Math.max(1, height)).data;
      const luminance = [];
      for (let at = 0; at < dots.length; at += 4) {
        const [red, green, blue] = [0, 1, 2].map((part) => linear(dots[at + part] / 255));
        luminance.push(0.2126 * red + 0.7152 * green + 0.0722 * blue);
      }
      luminance.sort((a, b) => a - b);
      // The ink is a small part of the box; its edges are neither one nor the other.
      const [dark, light] = [luminance[Math.floor(luminance.length * 0.02)], luminance[Math.ceil(luminance.length * 0.98) - 1]];
      return (light + 0.05) / (dark + 0.05);
    }),
  );
})().catch((error) => tell(String(error)));
"#;

fn contrasts(tablet: &Browser, deficiency: &str, boxes: &[Value]) -> Vec<f64> {
    tablet.developer("Emulation.setEmulatedVisionDeficiency", &json!({ "type": deficiency }));
    let picture = tablet.developer("Page.captureScreenshot", &json!({ "format": "png" }))["data"].clone();
    let seen = tablet.run_and_wait(LOOK, &json!([picture, boxes]));
    serde_json::from_value(seen.clone()).unwrap_or_else(|_| panic!("{seen}"))
}

#[test]
fn check_20_priority_and_bed_are_read_from_3_m_whatever_colours_one_sees() {
    let (folder, high, medium) = (Folder::new(), Line::numbers(72, 71), Line::numbers(96, 140));
    let well = [Line::numbers(97, 65), Line::numbers(98, 70)];
    let mut plan = folder.station().bed("3", high.path(), "cms50").bed("4", medium.path(), "cms50");
    for (line, bed) in well.iter().zip(["1", "2"]) {
        plan = plan.bed(bed, line.path(), "cms50");
    }
    let station = plan.on_the_lan().start();
    let nurse = station.http(&folder.token("anna", "nurse"));
    nurse.done("4", &json!({"command":"set_limits","delay_s":0}));
    nurse.done("3", &json!({"command":"set_limits","delay_s":60}));
    let tablet = tablet(&folder, "Tablet 1", "nurse");
    let screen = json!({"width":1920,"height":1080,"deviceScaleFactor":1,"mobile":false});
    tablet.developer("Emulation.setDeviceMetricsOverride", &screen);
    tablet.sees(&hook("banner"), "both alarms", |text| text.contains("Bed 3") && text.contains("Bed 4"));
    std::thread::sleep(Duration::from_millis(500));

    let chip = |place: usize, part: &str| format!("[data-testid=banner] .chip:nth-of-type({place}) .{part}");
    let selectors = [chip(1, "mark"), chip(1, "place"), chip(2, "mark"), chip(2, "place")];
    let parts =
        tablet.run_and_wait(&format!("arguments[1]((function () {{ {MEASURE} }})(arguments[0]))"), &json!([selectors]));
    let parts = parts.as_array().unwrap().clone();
    let texts: Vec<&str> = parts.iter().map(|part| part["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["***", "Bed 3", "**", "Bed 4"], "priority and bed, the most urgent first");
    let least = 2.0 * DISTANCE_MM * (MINUTES / 60.0 / 2.0).to_radians().tan();
    for part in &parts {
        let height = part["height"].as_f64().unwrap() * DOT_MM;
        assert!(height >= least, "{height} mm high and not {least}: {part}");
        assert_eq!(part["whole"], true, "it is cut off: {part}");
    }

    let spo2 = "[data-testid=tile-3] [data-testid=spo2]";
    let numbers =
        tablet.run_and_wait(&format!("arguments[1]((function () {{ {MEASURE} }})(arguments[0]))"), &json!([[spo2]]));
    let height = numbers[0]["height"].as_f64().unwrap() * DOT_MM;
    assert!(height >= 30.0, "{height} mm of SpO2");

    let mut boxes: Vec<Value> = parts.iter().map(|part| part["box"].clone()).collect();
    boxes.push(numbers[0]["box"].clone());
    for deficiency in ["none", "deuteranopia", "protanopia", "tritanopia", "achromatopsia"] {
        // Several, for the fill flashes and the text must be read in both phases.
        for _ in 0..4 {
            let seen = contrasts(&tablet, deficiency, &boxes);
            println!("{deficiency}: {seen:.1?}");
            assert!(seen.iter().all(|contrast| *contrast >= CONTRAST), "{deficiency}: {seen:?}");
            std::thread::sleep(Duration::from_millis(170));
        }
    }
}
