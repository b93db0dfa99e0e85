//! What keeps an answer from being built, and is not the answer: the machine.

/// What to do about it, if these words of rustc or cargo tell of the machine.
pub(crate) fn advice(words: &str) -> Option<&'static str> {
    let says = |text| words.contains(text);
    if says("No space left on device") || says("There is not enough space on the disk") {
        Some("The disk is full. Make room on it: `cargo clean` removes what was built here.")
    } else if says("linker `") && says("` not found") {
        Some(
            "There is no linker. It comes with a C compiler: `apt install gcc` on Debian and Ubuntu, \
             `xcode-select --install` on macOS. If RUSTFLAGS or a .cargo/config.toml names one, does \
             it exist?",
        )
    } else if says("linking with `") {
        Some(
            "The linker failed. Do RUSTFLAGS, or the flags in a .cargo/config.toml, suit this machine? \
             Else install the C compiler again.",
        )
    } else if says("implied by `-D warnings`") {
        Some(
            "RUSTFLAGS, or a .cargo/config.toml, makes each warning an error. Take `-D warnings` out of \
             it: an answer may have warnings.",
        )
    } else if says("to learn about target-specific information") {
        Some(
            "rustc does not run. Does it understand what is in RUSTFLAGS, or in a .cargo/config.toml?",
        )
    } else {
        None
    }
}
