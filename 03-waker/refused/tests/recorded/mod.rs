//! What depends on the compiler's version or the target is compared where it was recorded, and
//! elsewhere said not to be.

use std::io::Write;
use std::process::Command;

/// The rustc and the target that the book's sizes and error messages were recorded with.
const RUSTC: &str = "rustc 1.95.0 ";
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Whether this is the recorded compiler and target. If not, says on standard error what is skipped.
pub fn is_recorded(what: &str) -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version =
        Command::new(rustc).arg("-vV").output().expect("rustc runs: it has built this test");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let recorded = version.starts_with(RUSTC) && version.contains(TARGET);
    if !recorded {
        let this = version.lines().next().unwrap_or_default();
        // Not eprintln!, which the harness keeps to itself while a test passes.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: {what} were recorded with {RUSTC}on {TARGET}; this is {this}"
        );
    }
    recorded
}
