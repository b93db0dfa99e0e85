//! `--out` replaces nothing but earlier results, and says so before anything is measured.

use std::path::Path;
use std::process::Command;

#[test]
fn a_file_that_exists_is_kept() {
    let notes = Path::new(env!("CARGO_TARGET_TMPDIR")).join("notes.txt");
    std::fs::write(&notes, "what somebody wrote").unwrap();
    let mut arena = Command::new(env!("CARGO_BIN_EXE_arena"));
    // A build that fails: if it is begun, it is too late to refuse the file.
    arena.args(["echo", "--quick", "--out"]).arg(&notes).env("CARGO", "false");
    let said = String::from_utf8(arena.output().unwrap().stderr).unwrap();
    assert!(said.contains("name a new file"), "{said}");
    assert_eq!(std::fs::read_to_string(&notes).unwrap(), "what somebody wrote");
}
