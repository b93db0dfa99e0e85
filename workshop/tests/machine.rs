//! What is the machine's fault is not said to be the learner's.
#![cfg(unix)]

mod fixture;

use std::os::unix::fs::PermissionsExt;

use fixture::{Fixture, PASSES, Run};

#[test]
fn what_keeps_a_right_answer_from_being_built_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let linker = folder.path().join("linker");
    let script = "#!/bin/sh\necho 'ld: final link failed: No space left on device' >&2\nexit 1\n";
    std::fs::write(&linker, script).unwrap();
    std::fs::set_permissions(&linker, std::fs::Permissions::from_mode(0o755)).unwrap();
    let no_space = format!("-C linker={}", linker.display());
    let fixture = Fixture::with_answer(PASSES);
    for (flags, says) in [
        ("-C linker=/nowhere/cc", "There is no linker"),
        (&no_space, "The disk is full"),
        ("--no-such-flag", "rustc does not start"),
        ("-C link-arg=-no-such-flag=1", "The linker failed"),
    ] {
        for command in ["check", "verify"] {
            let run = Run::of(fixture.command(&[command]).env("RUSTFLAGS", flags));
            let cause = run.stderr.contains("the cause is this machine, not your answer");
            assert!(run.code == 3 && cause && run.stderr.contains(says), "{flags}: {run:?}");
            assert!(!run.stdout.contains("does not compile"), "{run:?}");
        }
    }
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
