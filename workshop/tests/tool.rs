//! The tool as its users meet it: on a small workspace of its own, with answers that misbehave.

mod fixture;

use std::net::TcpListener;

use fixture::{Fixture, PASSES};
use serde_json::Value;

/// The one exercise that `check --json` or `list --json` reports.
fn only(report: &Value) -> &Value {
    let exercises = report["exercises"].as_array().expect("an object with exercises");
    assert_eq!(exercises.len(), 1, "{report:#}");
    &exercises[0]
}

#[test]
fn a_solved_exercise_is_solved_and_exits_with_0() {
    let fixture = Fixture::with_answer(PASSES);
    let (code, report) = fixture.json(&["check", "demo", "--json"]);
    assert_eq!((code, only(&report)["state"].as_str()), (0, Some("solved")), "{report:#}");
    assert_eq!(fixture.run(&["check", "demo"]).code, 0);
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
    assert!(exercise["diagnosis"].as_str().unwrap().contains("No end after 1 s"), "{report:#}");
    assert_eq!(exercise["tests"][1]["passed"], true, "{report:#}");
    fixture.assert_no_process_is_left();
}

#[test]
fn an_answer_that_blocks_is_ended() {
    let fixture = Fixture::with_answer(
        "pub fn first() { let (_s, r) = std::sync::mpsc::channel::<()>(); let _ = r.recv(); }\npub fn second() {}",
    );
    let (_, report) = fixture.json(&["check", "demo", "--json", "--limit", "1"]);
    assert!(
        only(&report)["diagnosis"].as_str().unwrap().contains("No end after 1 s"),
        "{report:#}"
    );
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
fn an_answer_that_aborts_says_its_last_words() {
    let fixture = Fixture::with_answer(
        "pub fn first() { eprintln!(\"so long\"); std::process::abort() }\npub fn second() {}",
    );
    let (_, report) = fixture.json(&["check", "demo", "--json"]);
    assert!(only(&report)["diagnosis"].as_str().unwrap().contains("so long"), "{report:#}");
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
    assert!(run.stdout.contains("lines more"), "{run:?}");
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
fn a_reader_that_leaves_early_is_no_error() {
    let fixture = Fixture::untouched();
    let mut tool = fixture.start(&["list"]);
    drop(tool.stdout.take());
    assert!(tool.wait().unwrap().success());
}

#[test]
fn code_that_is_not_the_learners_is_not_blamed_on_the_learner() {
    let fixture = Fixture::with_answer(PASSES);
    fixture.write("01-demo/exercises/lib.rs", "not rust");
    let run = fixture.run(&["check", "demo"]);
    assert!(run.code == 3 && run.stderr.contains("That is not your answer"), "{run:?}");
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
    assert!(only(&report)["diagnosis"].as_str().unwrap().contains("git checkout"), "{report:#}");
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
    assert!(report["error"].as_str().unwrap().contains("Did you mean demo?"), "{report:#}");
}

#[test]
fn two_proofs_at_once_wait_for_each_other() {
    let fixture = Fixture::untouched();
    let mut first = fixture.start(&["verify"]);
    let second = fixture.run(&["verify"]);
    assert!(first.wait().unwrap().success());
    assert_eq!(second.code, 0, "{second:?}");
}

#[test]
fn an_unknown_exercise_gets_the_nearest_name() {
    let fixture = Fixture::with_answer(PASSES);
    let run = fixture.run(&["check", "dmeo"]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("Did you mean demo?"), "{run:?}");
    let run = fixture.run(&["hint", "something_else"]);
    assert!(run.stderr.contains("cargo workshop list"), "{run:?}");
}

#[test]
fn outside_the_workspace_it_says_where_to_go() {
    let fixture = Fixture::untouched();
    let run = fixture.run_in(std::env::temp_dir().as_path(), &["list"]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("Change into your clone"), "{run:?}");
}

#[test]
fn from_a_folder_inside_it_works_as_well() {
    let fixture = Fixture::untouched();
    assert_eq!(fixture.run_in(&fixture.path("01-demo/exercises"), &["list"]).code, 0);
}

#[test]
fn a_reset_keeps_the_answer_and_puts_the_starter_back() {
    let fixture = Fixture::with_answer("// my work\npub fn first() {}\npub fn second() {}");
    let folder = "01-demo/exercises/01_demo";
    assert_eq!(fixture.run(&["reset", "demo"]).code, 0);
    let starter = fixture.read(&format!("{folder}/starter.rs"));
    assert_eq!(fixture.read(&format!("{folder}/exercise.rs")), starter);
    assert!(fixture.read(&format!("{folder}/exercise.before-reset-1.rs")).contains("my work"));
    assert!(fixture.run(&["reset", "demo"]).stdout.contains("already"));
    fixture.write(&format!("{folder}/exercise.rs"), "// more work");
    assert_eq!(fixture.run(&["reset", "demo"]).code, 0);
    assert!(fixture.read(&format!("{folder}/exercise.before-reset-1.rs")).contains("my work"));
    assert!(fixture.read(&format!("{folder}/exercise.before-reset-2.rs")).contains("more work"));
}

#[test]
fn a_reset_that_cannot_write_says_which_file_and_loses_nothing() {
    let fixture = Fixture::with_answer("// my work");
    let starter = fixture.path("01-demo/exercises/01_demo/starter.rs");
    std::fs::remove_file(&starter).unwrap();
    let run = fixture.run(&["reset", "demo"]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("starter.rs cannot be read"), "{run:?}");
    assert!(fixture.read("01-demo/exercises/01_demo/exercise.rs").contains("my work"));
}

#[test]
fn hints_are_numbered_and_end() {
    let fixture = Fixture::untouched();
    let first = fixture.run(&["hint", "demo"]);
    assert!(first.stdout.contains("A nudge.") && first.stdout.contains("hint demo 2"), "{first:?}");
    let last = fixture.run(&["hint", "demo", "2"]);
    assert!(last.stdout.contains("Nearly all.") && !last.stdout.contains("hint demo 3"));
    let beyond = fixture.run(&["hint", "demo", "3"]);
    assert!(beyond.code == 3 && beyond.stderr.contains("hints 1 to 2"), "{beyond:?}");
}

#[test]
fn the_solution_and_the_next_exercise_are_shown() {
    let fixture = Fixture::untouched();
    assert!(fixture.run(&["solution", "demo"]).stdout.contains("pub fn second() {}"));
    let next = fixture.run(&["next"]);
    assert!(next.stdout.contains("01-demo/exercises/01_demo/exercise.rs"), "{next:?}");
}

#[test]
fn a_page_to_read_has_its_title_and_is_a_page_of_the_built_book() {
    let fixture = Fixture::untouched();
    let says = |lines: &str| {
        for command in [&["next"][..], &["check", "demo"]] {
            let said = fixture.run(command).stdout;
            let trimmed: String = said.lines().map(|line| format!("{}\n", line.trim())).collect();
            assert!(trimmed.contains(lines), "{command:?}: {said}");
            assert!(!said.contains("book/src") && !said.contains(".md"), "{command:?}: {said}");
        }
    };
    says("Page\nin the book that `cargo workshop` serves: page.html\n");
    assert_eq!(fixture.run(&["book", "build"]).code, 0);
    says("Page\ntarget/book/page.html\n");
}

#[test]
fn a_command_that_is_recommended_can_be_typed_where_two_exercises_have_one_name() {
    let fixture = Fixture::with_answer("pub fn first() { panic!() }\npub fn second() {}\n");
    fixture.copy_stage("02-more", "more-exercises");
    let said = fixture.run(&["next"]).stdout;
    assert!(said.contains("  then  cargo workshop check 01/demo\n"), "{said}");
    let said = fixture.run(&["check", "02/demo"]).stdout;
    assert!(said.contains("  stuck? cargo workshop hint 02/demo\n"), "{said}");
    std::fs::remove_file(fixture.path("02-more/exercises/01_demo/exercise.rs")).unwrap();
    let said = fixture.run(&["check", "02/demo"]).stdout;
    assert!(said.contains("cargo workshop reset 02/demo\n"), "{said}");
}

#[test]
fn a_build_of_the_book_names_the_file_to_open() {
    let fixture = Fixture::untouched();
    let run = fixture.run(&["book", "build"]);
    let file = std::path::Path::new(run.stdout.trim_end());
    assert!(file.ends_with("target/book/index.html") && file.is_file(), "{run:?}");
}

#[test]
fn verify_proves_each_variant_and_touches_nothing() {
    let fixture = Fixture::with_answer("// a learner's work in progress");
    fixture.write(
        "01-demo/exercises/01_demo/wrong/first.rs",
        "//! M1 · fails: first_works\npub fn first() { panic!(\"M1: no\") }\npub fn second() {}\n",
    );
    fixture.write(
        "01-demo/exercises/01_demo/wrong/refused.rs",
        "//! M2 · compile-fail: E0308\npub fn first() -> u8 { \"\" }\npub fn second() {}\n",
    );
    let before = fixture.tree();
    let (code, report) = fixture.json(&["verify", "--json"]);
    assert_eq!(code, 0, "{report:#}");
    let exercise = only(&report);
    assert_eq!((&exercise["starter"], &exercise["solution"]), (&"fails".into(), &"passes".into()));
    let first = &exercise["wrong"][0];
    assert_eq!(first["file"], "first.rs");
    assert_eq!((&first["misconception"], &first["test"]), (&"M1".into(), &"first_works".into()));
    assert_eq!((&first["caught"], &exercise["wrong"][1]["caught"]), (&true.into(), &true.into()));
    assert!(first["seconds"].is_number() && exercise["seconds"].is_number());
    assert_eq!(fixture.tree(), before);
}

#[test]
fn verify_finds_what_is_not_as_it_claims() {
    let fixture = Fixture::untouched();
    let folder = "01-demo/exercises/01_demo";
    let wrong = |name: &str, text: &str| fixture.write(&format!("{folder}/wrong/{name}.rs"), text);
    wrong("a_passes", "//! M1 · fails: first_works\npub fn first() {}\npub fn second() {}\n");
    wrong(
        "b_other",
        "//! M1 · fails: second_works\npub fn first() { panic!(\"M1\") }\npub fn second() {}\n",
    );
    wrong(
        "c_mute",
        "//! M1 · fails: first_works\npub fn first() { panic!(\"M11\") }\npub fn second() {}\n",
    );
    wrong("d_accepted", "//! M1 · compile-fail: E0308\npub fn first() {}\npub fn second() {}\n");
    fixture.write(&format!("{folder}/starter.rs"), "pub fn first() {}\npub fn second() {}\n");
    fixture.write(
        &format!("{folder}/solution.rs"),
        "pub fn first() { let x = 1; }\npub fn second() {}\n",
    );
    let (code, report) = fixture.json(&["verify", "--json"]);
    assert_eq!(code, 1);
    let exercise = only(&report);
    assert_eq!(exercise["starter"], "passes");
    let caught: Vec<_> =
        exercise["wrong"].as_array().unwrap().iter().map(|w| &w["caught"]).collect();
    assert_eq!(caught, [false; 4]);
    let findings = exercise["findings"].to_string();
    for words in [
        "starter.rs: it passes all tests",
        "solution.rs: it does not compile without a warning",
        "a_passes.rs: no test catches it",
        "b_other.rs: it names second_works, but the first test that fails is first_works",
        "c_mute.rs: first_works catches it, but says nothing of M1",
        "d_accepted.rs: rustc accepts it",
    ] {
        assert!(findings.contains(words), "{words}\nis missing from\n{findings}");
    }
}

#[test]
fn a_wrong_answer_without_a_claim_is_an_error_that_shows_how() {
    let fixture = Fixture::untouched();
    fixture.write("01-demo/exercises/01_demo/wrong/mute.rs", "pub fn first() {}\n");
    let run = fixture.run(&["verify"]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("mute.rs") && run.stderr.contains("//! M2 · fails:"), "{run:?}");
}

#[test]
fn a_pipe_gets_no_colours_and_no_progress_bars() {
    let fixture = Fixture::with_answer("pub fn first() { panic!(\"one\") }\npub fn second() {}");
    for arguments in [&["list"][..], &["check"], &["check", "demo"], &["verify"], &["nonsense"]] {
        let run = fixture.run(arguments);
        assert!(!(run.stdout + &run.stderr).contains('\x1b'), "{arguments:?}");
    }
}

#[test]
fn a_command_line_that_cannot_be_understood_exits_with_2() {
    assert_eq!(Fixture::untouched().run(&["chekc"]).code, 2);
}

#[test]
fn a_taken_port_is_a_sentence() {
    let fixture = Fixture::untouched();
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let run = fixture.run(&["book", "serve", "--port", &port]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains(&format!("port {port} is taken")), "{run:?}");
    assert!(!run.stderr.contains("backtrace"), "{run:?}");
}

/// A fixture with two tiny stages, and a file that the newer one has renamed.
fn with_two_stages() -> Fixture {
    let fixture = Fixture::untouched();
    fixture.write("01-demo/src/echo.rs", "pub fn echo() {\n    read();\n}\n");
    fixture.write("02-more/src/states.rs", "pub fn echo() {\n    read();\n    pause();\n}\n");
    let pair = "[[pair]]\nfrom = \"01\"\nold = \"src/echo.rs\"\nnew = \"src/states.rs\"\nsays = \"It pauses.\"\n";
    fixture.write("02-more/diff.toml", pair);
    fixture
}

#[test]
fn a_difference_is_marked_without_colours_in_a_pipe() {
    let fixture = with_two_stages();
    let run = fixture.run(&["diff", "01", "02", "echo"]);
    assert_eq!(run.code, 0, "{run:?}");
    let expected = "  It pauses.\n\n--- 01-demo/src/echo.rs\n+++ 02-more/src/states.rs\n\
                    @@ -1,3 +1,4 @@\n pub fn echo() {\n     read();\n+    pause();\n }\n";
    assert_eq!(run.stdout, expected);
    let run = fixture.run(&["diff", "02", "01"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stderr.ends_with("the older comes first: cargo workshop diff 01 02\n"), "{run:?}");
}

#[test]
fn a_pair_of_which_a_file_was_renamed_is_noticed() {
    let fixture = with_two_stages();
    let run = fixture.run(&["book", "test"]);
    assert!(run.code == 0 && run.stdout.contains("✓ pairs of files\n"), "{run:?}");
    std::fs::rename(fixture.path("02-more/src/states.rs"), fixture.path("02-more/src/state.rs"))
        .unwrap();
    let sentence =
        "02-more/diff.toml:4: 02-more has no file `src/states.rs`: did you mean `src/state.rs`?\n";
    let run = fixture.run(&["book", "test"]);
    assert!(run.code == 1 && run.stdout.contains("✗ pairs of files\n"), "{run:?}");
    assert!(run.stdout.contains(sentence), "{run:?}");
    let run = fixture.run(&["diff", "01", "02"]);
    assert_eq!((run.code, run.stderr), (3, format!("error: {sentence}")));
}

#[cfg(unix)]
#[test]
fn a_session_that_shows_something_else_fails_until_it_is_blessed() {
    let fixture = Fixture::untouched();
    let page = fixture.read("book/src/page.md");
    let console = "\n```console\n{{#include ../sessions/a.txt:a}}\n```\n";
    fixture.write("book/src/page.md", &format!("{page}{console}"));
    fixture.write("book/sessions/a.txt", "ANCHOR: a\n$ printf one\ntwo\nANCHOR_END: a\n");
    let run = fixture.run(&["book", "test"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stdout.contains("✓ 2 pages\n"), "{run:?}");
    assert!(run.stdout.contains("✗ 1 sessions\n"), "{run:?}");
    assert!(run.stdout.contains("book/sessions/a.txt:2: `printf one`"), "{run:?}");
    assert!(run.stdout.contains("  - two\n  + one\n"), "{run:?}");
    assert_eq!(fixture.run(&["book", "test", "--bless"]).code, 0);
    assert_eq!(fixture.run(&["book", "test"]).code, 0);
    fixture.write("book/src/page.md", &page);
    let run = fixture.run(&["book", "test"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stdout.contains("book/sessions/a.txt:1: no page includes"), "{run:?}");
}

#[test]
fn a_page_that_is_wrong_is_named() {
    let fixture = Fixture::untouched();
    assert_eq!(fixture.run(&["book", "build"]).code, 0);
    fixture
        .write("book/src/page.md", "# Page {#page}\n\n```rust\n{{#include nowhere.rs:x}}\n```\n");
    let run = fixture.run(&["book", "build"]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("book/src/page.md:4"), "{run:?}");
}
