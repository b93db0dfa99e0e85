//! The commands of those who write stages: verify, diff, book test.

mod fixture;

use fixture::{FOLDER, Fixture, PASSES};

#[cfg(unix)]
#[test]
fn who_finds_another_at_work_waits_and_says_so() {
    use std::io::{BufRead, BufReader};

    let fixture = Fixture::untouched();
    fixture.write("target/workshop/lock", "");
    let held = workshop::own_target::lock(&fixture.path("target/workshop/lock"), &|_| ()).unwrap();
    let mut second = fixture.command(&["verify"]);
    second.stderr(std::process::Stdio::piped()).stdout(std::process::Stdio::null());
    let mut second = second.spawn().unwrap();
    let mut said = BufReader::new(second.stderr.take().unwrap()).lines();
    assert_eq!(said.next().unwrap().unwrap(), "waiting for another cargo in this folder");
    drop(held);
    assert!(second.wait().unwrap().success());
}

/// A wrong answer that has another function `first`.
fn wrong(fixture: &Fixture, name: &str, claim: &str, first: &str) {
    let difference = format!(
        "{claim}\nThe second one is enough.\n\n--- solution.rs\n+++ solution.rs\n\
         @@ -2,2 +2,2 @@\n-pub fn first() {{}}\n+{first}\n pub fn second() {{}}\n"
    );
    fixture.write(&format!("{FOLDER}/wrong/{name}.diff"), &difference);
}

const PANICS: &str = "pub fn first() { panic!(\"M1: no\") }";

#[test]
fn verify_proves_each_variant_and_touches_nothing() {
    let fixture = Fixture::with_answer("// a learner's work in progress");
    let write = |file: &str, text: &str| fixture.write(&format!("{FOLDER}/{file}"), text);
    // A difference fits where its lines have only moved.
    write("solution.rs", &format!("// Three\n// lines\n// more.\n{PASSES}"));
    // Of other right answers, the compiler may warn.
    write("right/other.rs", &format!("{PASSES}fn unused() {{}}\n"));
    wrong(&fixture, "first", "M1 · fails: first_works", PANICS);
    wrong(&fixture, "refused", "M2 · compile-fail: E0308", "pub fn first() -> u8 { \"\" }");
    let before = fixture.tree();
    let run = fixture.run(&["verify"]);
    let expected = "✓ 01-demo/demo: 2 of 2 wrong answers caught\n\
                    1 exercise, 2 wrong answers: all as they claim\n";
    assert_eq!((run.code, &*run.stdout), (0, expected));
    assert_eq!(fixture.tree(), before);
}

#[test]
fn verify_finds_what_is_not_as_it_claims() {
    let fixture = Fixture::untouched();
    let write = |file: &str, text: &str| fixture.write(&format!("{FOLDER}/{file}"), text);
    let wrong = |name: &str, claim: &str, first: &str| wrong(&fixture, name, claim, first);
    wrong("e_stale", "M1 · fails: first_works", PANICS);
    fixture.replace(&format!("{FOLDER}/wrong/e_stale.diff"), "second() {}", "third() {}");
    wrong("a_passes", "M1 · fails: first_works", "pub fn first() { }");
    wrong("b_other", "M1 · fails: second_works", PANICS);
    wrong("c_mute", "M1 · fails: first_works", "pub fn first() { panic!(\"M11\") }");
    wrong("d_accepted", "M1 · compile-fail: E0308", "pub fn first() { }");
    write("starter.rs", "pub fn first() {}\npub fn second() {}\n");
    write("solution.rs", &format!("{PASSES}fn unused() {{}}\n"));
    write("right/other.rs", "pub fn first() {}\npub fn second() { panic!(\"M2: no\") }\n");
    let run = fixture.run(&["verify"]);
    assert_eq!(run.code, 1);
    for words in [
        "✗ 01-demo/demo: 0 of 5 wrong answers caught\n",
        "/starter.rs: it passes all tests",
        "/solution.rs: it does not compile without a warning",
        "/right/other.rs: it is right, but fails second_works: M2: no",
        "/wrong/a_passes.diff: it claims that it fails first_works, but passes all tests",
        "/wrong/b_other.diff: it claims that it fails second_works, but it fails first_works",
        "/wrong/c_mute.diff: first_works catches it, but does not mention M1",
        "/wrong/d_accepted.diff: it claims that it is refused with E0308, but passes all tests",
        "/wrong/e_stale.diff: it no longer fits solution.rs",
    ] {
        assert!(run.stdout.contains(words), "{words}\nis missing from\n{}", run.stdout);
    }
}

#[test]
fn a_wrong_answer_without_a_claim_is_an_error_that_shows_how() {
    let fixture = Fixture::untouched();
    fixture.write(&format!("{FOLDER}/wrong/mute.diff"), "--- solution.rs\n+++ solution.rs\n");
    let run = fixture.run(&["verify"]);
    let shows = run.stderr.contains("mute.diff") && run.stderr.contains("`M2 · fails:");
    assert!(run.code == 3 && shows, "{run:?}");
}

#[test]
fn a_broken_answer_becomes_a_difference_from_the_nearest_right_one() {
    let fixture = Fixture::untouched();
    let write = |file: &str, text: &str| fixture.write(&format!("{FOLDER}/{file}"), text);
    write("solution.rs", "//! Done.\n\npub fn first() {}\n\npub fn second() {}\n");
    write("right/other.rs", "pub fn second() {}\npub fn first() {}\n");
    let add = |name| fixture.run(&["wrong", "add", "demo", name, "--because", "Panic is an end."]);
    assert!(add("untouched").stderr.contains("cannot be judged"));

    let panics = |message| {
        format!(
            "//! The task.\n#![allow(unused)]\n\npub fn first() {{}}\n\npub fn second() {{\n    panic!({message:?})\n}}\n"
        )
    };
    write("exercise.rs", &panics("no number"));
    let run = add("mute");
    assert!(run.stderr.contains("second_works catches this answer, but names no"), "{run:?}");
    write("exercise.rs", &panics("M7: no."));
    let run = add("panics");
    assert_eq!(run.stdout, format!("{FOLDER}/wrong/panics.diff: M7 · fails: second_works\n"));
    let expected = "M7 · fails: second_works\nPanic is an end.\n\n--- solution.rs\n+++ solution.rs\n\
        @@ -4,2 +4,4 @@\n\n-pub fn second() {}\n+pub fn second() {\n+    panic!(\"M7: no.\")\n+}\n";
    assert_eq!(fixture.read(&format!("{FOLDER}/wrong/panics.diff")), expected);
    let starter = fixture.read(&format!("{FOLDER}/starter.rs"));
    assert_eq!(fixture.read(&format!("{FOLDER}/exercise.rs")), starter);
    assert_eq!(fixture.run(&["verify"]).code, 0);

    write("exercise.rs", &panics("M7: no."));
    assert!(add("panics").stderr.contains("panics.diff cannot be written"));
    write("exercise.rs", PASSES);
    assert!(add("passes").stderr.contains("all tests pass"));
    let refused = "M9: A str is a u8.";
    write("exercise.rs", "pub fn second() {}\npub fn first() -> u8 { \"\" }\n");
    let run = fixture.run(&["wrong", "add", "demo", "refused", "--because", refused]);
    assert!(run.stdout.ends_with("refused.diff: M9 · compile-fail: E0308\n"), "{run:?}");
    let text = fixture.read(&format!("{FOLDER}/wrong/refused.diff"));
    assert!(text.contains("\nA str is a u8.\n\n--- right/other.rs\n"), "{text}");
}

#[test]
fn mistakes_are_shown_once_the_exercise_is_solved() {
    let fixture = Fixture::untouched();
    wrong(&fixture, "first_panics", "M1 · fails: first_works", PANICS);
    let run = fixture.run(&["mistakes", "demo"]);
    assert_eq!((run.code, &*run.stdout), (1, "Solve it first: cargo workshop check demo\n"));
    fixture.write(&format!("{FOLDER}/exercise.rs"), PASSES);
    assert!(fixture.run(&["check", "demo"]).stdout.ends_with(": cargo workshop mistakes demo\n"));
    let run = fixture.run(&["mistakes", "demo"]);
    let expected = "In each difference, `-` is a line of a right answer, and `+` one of the wrong answer.\n\n\
        M1  first panics\n  The second one is enough.\n--- solution.rs\n@@ -2,2 +2,2 @@\n\
        -pub fn first() {}\n+pub fn first() { panic!(\"M1: no\") }\n pub fn second() {}\n\n";
    assert_eq!((run.code, &*run.stdout), (0, expected));
}

#[test]
fn a_difference_of_stages_is_marked_without_colours_in_a_pipe_and_a_renamed_file_is_noticed() {
    let fixture = Fixture::untouched();
    fixture.write("01-demo/src/echo.rs", "pub fn echo() {\n    read();\n}\n");
    fixture.write("02-more/src/states.rs", "pub fn echo() {\n    read();\n    pause();\n}\n");
    let pair = "[[pair]]\nfrom = \"01\"\nold = \"src/echo.rs\"\nnew = \"src/states.rs\"\nsays = \"It pauses.\"\n";
    fixture.write("02-more/diff.toml", pair);
    let run = fixture.run(&["diff", "01", "02", "echo"]);
    let expected = "  It pauses.\n--- 01-demo/src/echo.rs\n+++ 02-more/src/states.rs\n\
                    \x20pub fn echo() {\n     read();\n+    pause();\n }\n";
    assert_eq!((run.code, &*run.stdout), (0, expected));

    let states = fixture.path("02-more/src/states.rs");
    std::fs::rename(&states, states.with_file_name("state.rs")).unwrap();
    let sentence = "02-more/diff.toml: 02-more/src/states.rs cannot be read";
    let run = fixture.run(&["book", "test"]);
    assert!(run.code == 1 && run.stdout.contains(sentence), "{run:?}");
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
    let difference = "
 $ printf one
-two
+one
";
    assert!(run.code == 1 && run.stdout.contains(difference), "{run:?}");
    assert_eq!(fixture.run(&["book", "test", "--bless"]).code, 0);
    assert_eq!(fixture.run(&["book", "test"]).code, 0);
}

#[test]
fn a_page_that_is_wrong_is_named() {
    let fixture = Fixture::untouched();
    fixture.replace("book/src/page.md", "{{#exercises}}", "{{#include nowhere.rs:x}}");
    let run = fixture.run(&["book", "build"]);
    assert!(run.code == 3 && run.stderr.contains("book/src/page.md:5"), "{run:?}");
}
