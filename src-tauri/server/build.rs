//! Says in words what is missing when the UI has not been built.

fn main() {
    let dist = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    if !dist.join("index.html").exists() {
        println!("cargo::error=The UI is not built, and the server embeds it: run `make ui` at the project's root.");
    }
}
