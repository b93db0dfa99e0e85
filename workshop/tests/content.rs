//! What is judged is what is in the files, whatever their times say.

mod fixture;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime};

use fixture::{FAILS, FOLDER, Fixture, PASSES, Run, set_written};

#[test]
fn weakened_tests_that_were_built_prove_nothing_once_the_sealed_ones_are_back() {
    let fixture = Fixture::with_answer(FAILS);
    let file = format!("{FOLDER}/tests.rs");
    let sealed = fixture.read(&file);
    fixture.replace(&file, "exercise::first()", "()");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["test", "--quiet", "--test", "demo"]).env_remove("CARGO_TARGET_DIR");
    assert!(cargo.current_dir(fixture.path("")).output().unwrap().status.success());
    fixture.put_back(&file, &sealed);
    assert_eq!(fixture.judged().0, "fails");
}

#[test]
fn two_clones_with_one_target_folder_are_told_apart() {
    let target = tempfile::tempdir().unwrap();
    // The second is older than what was built of the first.
    let (solved, fails) = (Fixture::with_answer(PASSES), Fixture::with_answer(FAILS));
    for (fixture, code) in [(&solved, 0), (&fails, 1), (&solved, 0)] {
        let mut check = fixture.command(&["check", "demo"]);
        let run = Run::of(check.env("CARGO_TARGET_DIR", target.path()));
        assert_eq!(run.code, code, "{run:?}");
    }
}

#[test]
fn an_older_instrument_that_is_put_back_is_used_also_after_the_clock_went_back() {
    let fixture = Fixture::with_answer(PASSES);
    fixture.with_instrument("pub fn good() -> bool { true }");
    fixture.copy_stage("02-more");
    let check = |exercise: &str| fixture.run(&["check", exercise]).code;
    assert_eq!((check("01/demo"), check("02/demo")), (0, 0));
    set_written(&fixture.path("target"), SystemTime::now() + Duration::from_secs(3600));
    fixture.put_back("instrument/lib.rs", "pub fn good() -> bool { false }");
    assert_eq!((check("01/demo"), check("02/demo")), (1, 1));
}

#[test]
fn what_was_built_stays_while_exercises_with_other_instruments_are_judged() {
    let fixture = Fixture::with_answer(PASSES);
    fixture.copy_stage("02-more");
    fixture.with_instrument("pub fn good() -> bool { true }");
    // Each program that was built, and when.
    let built = || -> BTreeMap<PathBuf, SystemTime> {
        for check in [&["check", "01/demo"][..], &["check", "02/demo"], &["check"]] {
            assert_eq!(fixture.run(check).code, 0);
        }
        let files = fixture.path("target/workshop/target/debug/deps").read_dir().unwrap();
        let paths = files.map(|file| file.unwrap().path());
        let programs = paths.filter(|path| path.to_string_lossy().contains("demo-"));
        programs.map(|path| (path.clone(), path.metadata().unwrap().modified().unwrap())).collect()
    };
    let before = built();
    assert!(before.len() > 3, "{before:#?}");
    assert_eq!(built(), before);
}

#[test]
fn an_answer_after_the_clock_went_back_is_proven() {
    let fixture = Fixture::untouched();
    assert_eq!(fixture.run(&["verify"]).code, 0);
    set_written(&fixture.path("target"), SystemTime::now() + Duration::from_secs(3600));
    fixture.write(&format!("{FOLDER}/solution.rs"), FAILS);
    let run = fixture.run(&["verify"]);
    assert!(
        run.code == 1 && run.stdout.contains("solution.rs: it is right, but fails first_works"),
        "{run:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_target_folder_that_is_reached_by_a_link_is_as_good_as_any() {
    let fixture = Fixture::untouched();
    std::fs::create_dir(fixture.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink(fixture.path("elsewhere"), fixture.path("target")).unwrap();
    let mut verify = fixture.command(&["verify"]);
    assert_eq!(Run::of(&mut verify).code, 0);
    let run = Run::of(verify.env("CARGO_TARGET_DIR", "book/../elsewhere"));
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn what_rustc_and_a_panic_say_names_the_learners_own_file() {
    let fixture = Fixture::with_answer(FAILS);
    let (_, diagnosis) = fixture.judged();
    assert!(diagnosis.contains(&format!("(at {FOLDER}/exercise.rs:2:5)")), "{diagnosis}");
    fixture.answer("pub fn first() -> u8 {}\npub fn second() {}");
    let (state, diagnosis) = fixture.judged();
    assert!(state == "does_not_compile" && diagnosis.contains("E0308"), "{state}: {diagnosis}");
    assert!(diagnosis.contains(&format!("--> {FOLDER}/exercise.rs:1:19")), "{diagnosis}");
}
