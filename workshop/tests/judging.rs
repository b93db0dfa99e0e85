//! How answers are judged: on a small workspace of its own, also with answers that misbehave.

mod fixture;

use fixture::{FAILS, FOLDER, Fixture, PASSES, Run, only, processes, wait_until};

const HANGS: &str = "pub fn first() { loop { std::thread::park() } }\npub fn second() {}";

#[test]
fn an_exercise_that_was_not_begun_is_neither_compiled_nor_missed() {
    let fixture = Fixture::untouched();
    let (code, report) = fixture.json(&["list", "--json"]);
    assert_eq!((code, only(&report)["state"].as_str()), (0, Some("not_started")), "{report:#}");
    assert!(!fixture.path("target").exists());
    let checks = |sentence: &str| {
        let run = fixture.run(&["check"]);
        assert!(run.code == 0 && run.stdout.contains(sentence), "{run:?}");
    };
    checks("You have not begun any exercise yet.");
    assert_eq!(fixture.run(&["check", "demo"]).code, 1);
    fixture.copy_stage("02-more");
    fixture.answer(PASSES);
    checks("All that you have begun is solved.");
}

#[test]
fn the_first_failing_test_is_the_diagnosis() {
    let fixture = Fixture::with_answer(
        "pub fn first() { panic!(\"one\") }\npub fn second() { panic!(\"two\") }",
    );
    let run = fixture.run(&["check", "demo"]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("✗ demo  first_works") && run.stdout.contains("one"), "{run:?}");
    assert!(!run.stdout.contains("two\n"), "one diagnosis at a time: {run:?}");
}

#[test]
fn an_answer_that_hangs_is_ended_and_hides_no_other_test() {
    let fixture = Fixture::with_answer(HANGS);
    let (code, report) = fixture.json(&["check", "demo", "--json", "--limit", "20"]);
    let exercise = only(&report);
    assert_eq!((code, exercise["state"].as_str()), (1, Some("fails")));
    let diagnosis = exercise["diagnosis"].as_str().unwrap();
    assert!(diagnosis.contains("Still running after 20 s"), "{report:#}");
    assert_eq!(exercise["tests"][1]["passed"], true, "{report:#}");
    assert!(!fixture.runs_a_test());
}

#[cfg(target_os = "linux")]
#[test]
fn a_tool_that_is_killed_takes_its_tests_with_it() {
    let fixture = Fixture::with_answer(HANGS);
    let mut tool = fixture.start(&["check", "demo", "--limit", "600"]);
    wait_until(|| fixture.runs_a_test(), "no test was started");
    tool.kill().unwrap();
    tool.wait().unwrap();
    wait_until(|| !fixture.runs_a_test(), "a test outlived the tool");
}

#[test]
fn an_answer_that_calls_exit_has_proven_nothing() {
    let answer = "pub fn first() { std::process::exit(0) }\npub fn second() {}";
    let (state, diagnosis) = Fixture::with_answer(answer).judged();
    assert!(state == "fails" && diagnosis.contains("std::process::exit"), "{diagnosis}");
}

#[test]
fn an_answer_that_prints_megabytes_and_leaks_threads_is_judged_all_the_same() {
    let fixture = Fixture::with_answer(
        "pub fn first() { let line = \"x\".repeat(1000); for _ in 0..20_000 { println!(\"{line}\"); eprintln!(\"{line}\"); } }\n\
         pub fn second() { for _ in 0..50 { std::thread::spawn(|| loop { std::thread::park() }); } }",
    );
    assert_eq!(fixture.judged().0, "solved");
    assert!(!fixture.runs_a_test());
}

#[cfg(unix)]
#[test]
fn an_answer_that_starts_a_process_is_judged_and_the_process_ended() {
    // A length that no other process here sleeps for.
    let sleep = format!("{}", 100_000 + std::process::id());
    let answer = format!(
        "pub fn first() {{ std::process::Command::new(\"sleep\").arg(\"{sleep}\").spawn().unwrap(); }}\n\
         pub fn second() {{}}"
    );
    assert_eq!(Fixture::with_answer(&answer).judged().0, "solved");
    let line = format!("sleep\0{sleep}\0");
    let sleeps = |process: std::path::PathBuf| {
        std::fs::read_to_string(process.join("cmdline")).is_ok_and(|other| other == line)
    };
    assert!(!processes().any(sleeps), "still running: sleep {sleep}");
}

#[test]
fn what_an_answer_prints_is_shown_without_its_escapes_and_not_by_the_megabyte() {
    let fixture = Fixture::with_answer(
        "pub fn first() { print!(\"\\x1b[2Jhello\"); eprintln!(\"so long\"); eprintln!(\"testkit: no\"); panic!(\"\\x07{}\", \"line\\n\".repeat(100_000)) }\n\
         pub fn second() { println!(\"unheard\") }",
    );
    let run = fixture.run(&["check", "demo"]);
    let shown = "  What your code printed:\n  │ hello\n  │ so long\n\n  read";
    assert!(run.stdout.contains(shown) && !run.stdout.contains("unheard"), "{run:?}");
    assert!(run.stdout.contains("more lines") && run.stdout.len() < 4000, "{}", run.stdout.len());
    assert!(!run.stdout.contains(['\x1b', '\x07']), "{run:?}");
}

#[test]
fn exercises_of_one_name_are_told_apart_by_their_stage() {
    let fixture = Fixture::with_answer(PASSES);
    fixture.copy_stage("02-more");
    let run = fixture.run(&["check", "demo"]);
    assert!(run.code == 3 && run.stderr.contains("01/demo or 02/demo"), "{run:?}");
    assert_eq!(fixture.run(&["check", "01/demo"]).code, 0);
    fixture.write("02-more/exercises/01_demo/exercise.rs", FAILS);
    let run = fixture.run(&["check", "02-more/demo"]);
    assert!(run.code == 1 && run.stdout.contains("02-more/exercises/01_demo"), "{run:?}");
    let (code, report) = fixture.json(&["list", "--json"]);
    let state = |at: usize| report["exercises"][at]["state"].as_str();
    assert_eq!((code, state(0), state(1)), (0, Some("solved"), Some("fails")), "{report:#}");
    assert_eq!(fixture.run(&["verify"]).code, 0);
}

#[test]
fn a_broken_package_is_not_blamed_on_the_learner_and_breaks_only_what_names_it() {
    let fixture = Fixture::with_answer(PASSES);
    fixture.copy_stage("02-more");
    fixture.with_instrument("not rust");
    let run = fixture.run(&["check", "01/demo"]);
    assert!(run.code == 3 && run.stderr.contains("Your answer is not the cause"), "{run:?}");
    assert_eq!(fixture.run(&["check", "02/demo"]).code, 0);
}

#[test]
fn tests_that_are_edited_renamed_or_deleted_do_not_count_but_line_endings_break_no_seal() {
    let fixture = Fixture::with_answer(FAILS);
    let (tests, toml) = (format!("{FOLDER}/tests.rs"), format!("{FOLDER}/exercise.toml"));
    let declared = fixture.read(&toml);
    for declares in
        [declared.replace("\"first_works\", ", ""), declared.replace("first_works", "first_worked")]
    {
        fixture.write(&toml, &declares);
        assert_eq!(fixture.judged().0, "tampered", "{declares}");
    }
    fixture.write(&toml, &declared);
    fixture.replace(&tests, "\n", "\r\n");
    assert_eq!(fixture.judged().0, "fails");
    fixture.replace(&tests, "exercise::first()", "()");
    let (state, diagnosis) = fixture.judged();
    assert_eq!(state, "tampered");
    assert!(diagnosis.ends_with(&format!("\n  git checkout -- \"{tests}\"")), "{diagnosis}");
    std::fs::remove_file(fixture.path(&tests)).unwrap();
    assert_eq!(fixture.judged().0, "tampered");
    fixture.write(&toml, "title = ");
    assert_eq!(fixture.judged().0, "tampered");
}

/// What is the machine's fault is not said to be the learner's.
#[cfg(unix)]
#[test]
fn what_keeps_a_right_answer_from_being_built_is_named() {
    use std::os::unix::fs::PermissionsExt;

    let fixture = Fixture::with_answer(PASSES);
    let linker = fixture.path("linker");
    let script = "#!/bin/sh\necho 'ld: final link failed: No space left on device' >&2\nexit 1\n";
    std::fs::write(&linker, script).unwrap();
    std::fs::set_permissions(&linker, std::fs::Permissions::from_mode(0o755)).unwrap();
    for (linker, says) in [
        ("/nowhere/cc", "The linker is missing, or fails"),
        (linker.to_str().unwrap(), "The disk is full"),
    ] {
        let mut check = fixture.command(&["check"]);
        let run = Run::of(check.env("RUSTFLAGS", format!("-C linker={linker}")));
        let cause = run.stderr.contains("the cause is this machine, not your answer");
        assert!(run.code == 3 && cause && run.stderr.contains(says), "{linker}: {run:?}");
    }
}

#[test]
fn what_is_set_for_libtest_does_not_reach_the_tests() {
    let fixture = Fixture::with_answer(PASSES);
    let run = Run::of(fixture.command(&["check", "demo"]).env("RUST_TEST_THREADS", "0"));
    assert_eq!(run.code, 0, "{run:?}");
}
