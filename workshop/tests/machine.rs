//! What is the machine's fault is not said to be the learner's.

mod fixture;

use fixture::{Fixture, PASSES, Run};

/// The answer is right, and cannot be built: the tool says so, and what to do.
#[cfg(unix)]
fn is_told(flags: &str, says: &str) {
    let fixture = Fixture::with_answer(PASSES);
    for command in ["check", "verify"] {
        let run = Run::of(fixture.command(&[command]).env("RUSTFLAGS", flags));
        assert_eq!(run.code, 3, "{run:?}");
        assert!(
            run.stderr.contains("the cause is this machine, not your answer")
                && run.stderr.contains(says)
        );
        assert!(!run.stdout.contains("does not compile"), "{run:?}");
    }
}

#[cfg(unix)]
#[test]
fn there_is_no_linker() {
    is_told("-C linker=/nowhere/cc", "There is no linker");
}

#[cfg(unix)]
#[test]
fn the_disk_is_full() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let linker = folder.path().join("linker");
    let script = "#!/bin/sh\necho 'ld: final link failed: No space left on device' >&2\nexit 1\n";
    std::fs::write(&linker, script).unwrap();
    std::fs::set_permissions(&linker, std::fs::Permissions::from_mode(0o755)).unwrap();
    is_told(&format!("-C linker={}", linker.display()), "The disk is full");
}

#[cfg(unix)]
#[test]
fn rustc_does_not_understand_its_flags() {
    is_told("--no-such-flag", "rustc does not start");
    is_told("-C link-arg=-no-such-flag=1", "The linker failed");
}

#[test]
fn warnings_are_made_errors() {
    let fixture = Fixture::with_answer("pub fn first() { let x = 1; }\npub fn second() {}\n");
    let run = Run::of(fixture.command(&["check", "demo"]).env("RUSTFLAGS", "-D warnings"));
    assert!(run.code == 3 && run.stderr.contains("Remove `-D warnings` from it"), "{run:?}");
}

#[test]
fn what_is_set_for_libtest_does_not_reach_the_tests() {
    let fixture = Fixture::with_answer(PASSES);
    for command in ["check", "verify"] {
        let run = Run::of(fixture.command(&[command]).env("RUST_TEST_THREADS", "0"));
        assert_eq!(run.code, 0, "{run:?}");
    }
}
