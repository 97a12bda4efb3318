//! What the command line asks for.

/// Of both benches, so that `make bench ARGS=…` may name parts of either.
const PARTS: [&str; 6] = ["size", "start", "delay", "load", "fan-out", "window"];

pub struct Wanted {
    /// Spans too short to publish.
    pub quick: bool,
    /// All, if there is none.
    pub parts: Vec<String>,
}

impl Wanted {
    pub fn read() -> Self {
        let mut wanted = Self { quick: false, parts: Vec::new() };
        for argument in std::env::args().skip(1) {
            match argument.as_str() {
                // `cargo bench` says this itself.
                "--bench" => {}
                "--quick" => wanted.quick = true,
                part if PARTS.contains(&part) => wanted.parts.push(argument),
                unknown => {
                    eprintln!("There is no {unknown:?}; there are --quick and the parts {}.", PARTS.join(", "));
                    std::process::exit(2);
                }
            }
        }
        wanted
    }

    pub fn has(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|wanted| wanted == part)
    }

    /// What is measured may stand as the figures of this machine.
    pub fn is_all(&self) -> bool {
        self.parts.is_empty() && !self.quick
    }
}
