//! The commands as learners meet them: on a small workspace of its own.

#[allow(dead_code, reason = "the other tests of the tool use the rest")]
mod fixture;

use std::net::TcpListener;

use fixture::{Fixture, PASSES};

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let fixture = Fixture::untouched();
    for arguments in [&["list"][..], &["watch"]] {
        let mut tool = fixture.start(arguments);
        drop(tool.stdout.take());
        assert!(tool.wait().unwrap().success(), "{arguments:?}");
    }
}

#[test]
fn output_that_cannot_be_written_is_a_sentence() {
    let Ok(full) = std::fs::File::options().write(true).open("/dev/full") else {
        eprintln!("skipped: there is no /dev/full");
        return;
    };
    let fixture = Fixture::untouched();
    for arguments in [&["list"][..], &["watch"], &["hint", "nothing"]] {
        let mut tool = fixture.command(arguments);
        let output = tool.stdout(full.try_clone().unwrap()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(3) && !said.contains("panicked"), "{said}");
        let status = tool.stderr(full.try_clone().unwrap()).status().unwrap();
        assert_eq!(status.code(), Some(3), "{arguments:?}");
    }
}

#[test]
fn an_unknown_exercise_gets_the_nearest_name() {
    let fixture = Fixture::with_answer(PASSES);
    let run = fixture.run(&["check", "dmeo"]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("did you mean `demo`?"), "{run:?}");
    let run = fixture.run(&["hint", "something_else"]);
    assert!(run.stderr.contains("cargo workshop list"), "{run:?}");
}

#[test]
fn outside_the_workspace_it_says_where_to_go() {
    let fixture = Fixture::untouched();
    let run = fixture.run_in(std::env::temp_dir().as_path(), &["list"]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("Change into the project's folder"), "{run:?}");
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
fn a_build_of_the_book_empties_no_folder_that_holds_anything_else() {
    let fixture = Fixture::with_answer("// my work");
    fixture.write("photos/a.jpg", "");
    let files = fixture.tree();
    for folder in [".", "photos"] {
        let run = fixture.run(&["book", "build", folder]);
        assert!(run.code == 3 && run.stderr.contains("is not empty"), "{run:?}");
    }
    assert!(fixture.tree() == files, "a refused folder was written to");
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
