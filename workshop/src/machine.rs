//! What keeps an answer from being built, and is not the answer: the machine.

/// What to do about it, if these words of rustc or cargo tell of the machine.
pub(crate) fn advice(words: &str) -> Option<&'static str> {
    let says = |text| words.contains(text);
    if says("No space left on device") || says("There is not enough space on the disk") {
        Some("The disk is full. To make room, `cargo clean` removes what was built here.")
    } else if says("linker `") && says("` not found") {
        Some(
            "There is no linker. One comes with a C compiler: `apt install gcc` on Debian and Ubuntu, \
             `xcode-select --install` on macOS. If RUSTFLAGS or a .cargo/config.toml names a linker, \
             does it exist?",
        )
    } else if says("linking with `") {
        Some(
            "The linker failed. Do RUSTFLAGS, or the flags in a .cargo/config.toml, suit this machine? \
             If they do, install the C compiler again.",
        )
    } else if says("implied by `-D warnings`") {
        Some(
            "RUSTFLAGS, or a .cargo/config.toml, turns each warning into an error. Remove `-D warnings` \
             from it: an answer may have warnings.",
        )
    } else if says("to learn about target-specific information") {
        Some(
            "rustc does not start. Does it accept the flags in RUSTFLAGS, or in a .cargo/config.toml?",
        )
    } else {
        None
    }
}
