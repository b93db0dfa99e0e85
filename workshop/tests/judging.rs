//! How answers are judged: on a small workspace of its own, also with answers that misbehave.

#[allow(dead_code, reason = "the other tests of the tool use the rest")]
mod fixture;

use fixture::{Fixture, PASSES, only};

#[test]
fn a_solved_exercise_is_solved_and_exits_with_0() {
    let fixture = Fixture::with_answer(PASSES);
    let (code, report) = fixture.json(&["check", "demo", "--json"]);
    assert_eq!((code, only(&report)["state"].as_str()), (0, Some("solved")), "{report:#}");
    assert_eq!(fixture.run(&["check", "demo"]).code, 0);
}

#[test]
fn a_check_of_what_was_begun_is_content_with_what_was_not() {
    let fixture = Fixture::untouched();
    let run = fixture.run(&["check"]);
    assert!(
        run.code == 0 && run.stdout.contains("You have not begun any exercise yet."),
        "{run:?}"
    );
    assert_eq!(fixture.run(&["check", "demo"]).code, 1);
    fixture.copy_stage("02-more", "more-exercises");
    fixture.write("01-demo/exercises/01_demo/exercise.rs", PASSES);
    let run = fixture.run(&["check"]);
    assert!(run.code == 0 && run.stdout.contains("All that you have begun is solved."), "{run:?}");
}

#[test]
fn an_untouched_exercise_is_not_started_and_nothing_is_compiled_for_it() {
    let fixture = Fixture::untouched();
    let (code, report) = fixture.json(&["list", "--json"]);
    assert_eq!((code, only(&report)["state"].as_str()), (0, Some("not_started")), "{report:#}");
    assert!(!fixture.path("target").exists());
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
fn an_answer_that_loops_for_ever_is_ended_and_hides_no_other_test() {
    let fixture = Fixture::with_answer(
        "pub fn first() { loop { std::hint::spin_loop() } }\npub fn second() {}",
    );
    let (code, report) = fixture.json(&["check", "demo", "--json", "--limit", "1"]);
    let exercise = only(&report);
    assert_eq!((code, exercise["state"].as_str()), (1, Some("fails")));
    assert!(
        exercise["diagnosis"].as_str().unwrap().contains("Still running after 1 s"),
        "{report:#}"
    );
    assert_eq!(exercise["tests"][1]["passed"], true, "{report:#}");
    fixture.assert_no_process_is_left();
}

#[test]
fn an_answer_that_calls_exit_has_proven_nothing() {
    let fixture =
        Fixture::with_answer("pub fn first() { std::process::exit(0) }\npub fn second() {}");
    let (code, report) = fixture.json(&["check", "demo", "--json"]);
    assert_eq!((code, only(&report)["state"].as_str()), (1, Some("fails")));
    assert!(only(&report)["diagnosis"].as_str().unwrap().contains("std::process::exit"));
}

#[test]
fn what_an_answer_prints_is_shown_when_a_test_fails() {
    let fixture = Fixture::with_answer(
        "pub fn first() { println!(\"hello\"); eprintln!(\"so long\"); std::process::abort() }\n\
         pub fn second() { println!(\"unheard\") }",
    );
    let run = fixture.run(&["check", "demo"]);
    let shown = "  What your code printed:\n  │ hello\n  │ so long\n";
    assert!(run.stdout.contains(shown) && !run.stdout.contains("unheard"), "{run:?}");
}

#[test]
fn an_answer_that_prints_megabytes_is_judged_all_the_same() {
    let fixture = Fixture::with_answer(
        "pub fn first() { let line = \"x\".repeat(1000); for _ in 0..20_000 { println!(\"{line}\"); eprintln!(\"{line}\"); } }\npub fn second() {}",
    );
    let (code, report) = fixture.json(&["check", "demo", "--json"]);
    assert_eq!((code, only(&report)["state"].as_str()), (0, Some("solved")), "{report:#}");
}

#[test]
fn an_answer_that_leaks_threads_leaves_none_behind() {
    let fixture = Fixture::with_answer(
        "pub fn first() { for _ in 0..50 { std::thread::spawn(|| loop { std::thread::yield_now() }); } }\npub fn second() {}",
    );
    let (code, _) = fixture.json(&["check", "demo", "--json"]);
    assert_eq!(code, 0);
    fixture.assert_no_process_is_left();
}

#[test]
fn an_answer_that_starts_a_process_is_judged_and_the_process_ended() {
    if !cfg!(unix) {
        eprintln!("skipped: this test starts `sleep`");
        return;
    }
    // A length that no other process here sleeps for.
    let sleep = format!("{}", 100_000 + std::process::id());
    let fixture = Fixture::with_answer(&format!(
        "pub fn first() {{ std::process::Command::new(\"sleep\").arg(\"{sleep}\").spawn().unwrap(); }}\n\
         pub fn second() {{}}"
    ));
    let (code, report) = fixture.json(&["check", "demo", "--json"]);
    assert_eq!((code, only(&report)["state"].as_str()), (0, Some("solved")), "{report:#}");
    fixture.assert_no_process_is_called(&["sleep", &sleep]);
}

#[test]
fn a_tool_that_is_killed_takes_its_tests_with_it() {
    let fixture = Fixture::with_answer(
        "pub fn first() { loop { std::hint::spin_loop() } }\npub fn second() {}",
    );
    let mut tool = fixture.start(&["check", "demo", "--limit", "60"]);
    fixture.wait_for_a_test_process();
    tool.kill().unwrap();
    tool.wait().unwrap();
    fixture.wait_until_no_process_is_left();
}

#[test]
fn what_an_answer_prints_reaches_the_terminal_without_its_escapes_and_not_by_the_megabyte() {
    let fixture = Fixture::with_answer(
        "pub fn first() { panic!(\"\\x1b[2J\\x07hello\\n{}\", \"line\\n\".repeat(100_000)) }\n\
         pub fn second() {}",
    );
    let run = fixture.run(&["check", "demo"]);
    assert!(run.stdout.contains("hello") && run.stdout.len() < 4000, "{}", run.stdout.len());
    assert!(!run.stdout.contains(['\x1b', '\x07']), "{run:?}");
    assert!(run.stdout.contains("more lines"), "{run:?}");
}

#[test]
fn an_answer_does_not_speak_for_the_instruments() {
    let fixture = Fixture::with_answer(
        "pub fn first() { eprintln!(\"hang: here\"); panic!(\"M1: told\") }\npub fn second() {}",
    );
    let (_, report) = fixture.json(&["check", "demo", "--json"]);
    assert!(only(&report)["diagnosis"].as_str().unwrap().starts_with("M1: told"), "{report:#}");
}

#[test]
fn exercises_of_one_name_are_told_apart_by_their_stage() {
    let fixture = Fixture::with_answer(PASSES);
    fixture.copy_stage("02-more", "more-exercises");
    let run = fixture.run(&["check", "demo"]);
    assert!(run.code == 3 && run.stderr.contains("01/demo or 02/demo"), "{run:?}");
    assert_eq!(fixture.run(&["check", "01/demo"]).code, 0);
    fixture.write(
        "02-more/exercises/01_demo/exercise.rs",
        "pub fn first() {\n    panic!()\n}\n\npub fn second() {}\n",
    );
    let run = fixture.run(&["check", "02-more/demo"]);
    assert!(run.code == 1 && run.stdout.contains("02-more/exercises/01_demo"), "{run:?}");
    let (code, report) = fixture.json(&["list", "--json"]);
    let states: Vec<_> =
        report["exercises"].as_array().unwrap().iter().map(|e| e["state"].as_str()).collect();
    assert_eq!((code, states), (0, vec![Some("solved"), Some("fails")]));
    assert_eq!(fixture.run(&["verify"]).code, 0);
}

#[test]
fn a_limit_of_nothing_is_refused() {
    assert_eq!(Fixture::untouched().run(&["check", "demo", "--limit", "0"]).code, 2);
}

#[test]
fn code_that_is_not_the_learners_is_not_blamed_on_the_learner() {
    let fixture = Fixture::with_answer(PASSES);
    fixture.with_instrument("not rust");
    let run = fixture.run(&["check", "demo"]);
    assert!(run.code == 3 && run.stderr.contains("Your answer is not the cause"), "{run:?}");
}

#[test]
fn a_broken_package_breaks_only_the_exercises_that_name_it() {
    let fixture = Fixture::with_answer(PASSES);
    let tests = fixture.read("01-demo/exercises/01_demo/tests.rs");
    fixture.with_instrument("not rust");
    fixture.write("01-demo/exercises/01_demo/tests.rs", &tests);
    assert_eq!(fixture.run(&["seal", "demo"]).code, 0);
    let run = fixture.run(&["check", "demo"]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn an_answer_that_does_not_compile_shows_what_rustc_says() {
    let fixture = Fixture::with_answer("pub fn first() -> u8 { \"text\" }\npub fn second() {}");
    let (code, report) = fixture.json(&["check", "demo", "--json"]);
    assert_eq!((code, only(&report)["state"].as_str()), (1, Some("does_not_compile")));
    assert!(only(&report)["diagnosis"].as_str().unwrap().contains("E0308"), "{report:#}");
}

#[test]
fn edited_tests_do_not_count() {
    let fixture = Fixture::with_answer("pub fn first() { panic!() }\npub fn second() {}");
    let tests = fixture.read("01-demo/exercises/01_demo/tests.rs");
    fixture.write("01-demo/exercises/01_demo/tests.rs", &tests.replace("exercise::first()", "()"));
    let (code, report) = fixture.json(&["check", "demo", "--json"]);
    assert_eq!((code, only(&report)["state"].as_str()), (1, Some("tampered")));
    let how = |report: &serde_json::Value| only(report)["diagnosis"].as_str().unwrap().to_owned();
    assert!(how(&report).contains("download the project again"), "{report:#}");
    std::fs::create_dir(fixture.path(".git")).unwrap();
    let report = fixture.json(&["check", "demo", "--json"]).1;
    let command = "\n  git checkout -- \"01-demo/exercises/01_demo/tests.rs\"";
    assert!(how(&report).ends_with(command), "{report:#}");
}

#[test]
fn deleted_or_renamed_tests_do_not_count() {
    let fixture = Fixture::with_answer(PASSES);
    let toml = "01-demo/exercises/01_demo/exercise.toml";
    let declared = fixture.read(toml);
    fixture.write(toml, &declared.replace("\"first_works\", ", ""));
    assert_eq!(only(&fixture.json(&["check", "demo", "--json"]).1)["state"], "tampered");
    fixture.write(toml, &declared.replace("first_works", "first_worked"));
    assert_eq!(only(&fixture.json(&["check", "demo", "--json"]).1)["state"], "tampered");
    fixture.write(toml, &declared);
    std::fs::remove_file(fixture.path("01-demo/exercises/01_demo/tests.rs")).unwrap();
    assert_eq!(only(&fixture.json(&["check", "demo", "--json"]).1)["state"], "tampered");
    fixture.write(toml, "title = ");
    let (code, report) = fixture.json(&["list", "--json"]);
    assert_eq!((code, only(&report)["state"].as_str()), (0, Some("tampered")), "{report:#}");
}

#[test]
fn line_endings_break_no_seal() {
    let fixture = Fixture::with_answer(PASSES);
    let tests = fixture.read("01-demo/exercises/01_demo/tests.rs");
    fixture.write("01-demo/exercises/01_demo/tests.rs", &tests.replace('\n', "\r\n"));
    assert_eq!(only(&fixture.json(&["check", "demo", "--json"]).1)["state"], "solved");
}

#[test]
fn a_script_learns_what_kept_us_from_finding_out() {
    let (code, report) = Fixture::untouched().json(&["check", "dmeo", "--json"]);
    assert_eq!(code, 3);
    assert!(report["error"].as_str().unwrap().contains("did you mean `demo`?"), "{report:#}");
}
