//! The commands as learners meet them: on a small workspace of its own.

mod fixture;

use std::net::TcpListener;

use fixture::process::Process;
use fixture::{FAILS, FOLDER, Fixture, Run};

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let fixture = Fixture::untouched();
    for arguments in [&["list"][..], &["watch"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let status = fixture.command(arguments).stdout(writer).status().unwrap();
        assert!(status.success(), "{arguments:?}");
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
        let run = Run::of(tool.stdout(full.try_clone().unwrap()));
        assert!(run.code == 3 && !run.stderr.contains("panicked"), "{run:?}");
        assert_eq!(Run::of(tool.stderr(full.try_clone().unwrap())).code, 3, "{arguments:?}");
    }
}

#[test]
fn an_unknown_exercise_gets_the_nearest_name() {
    let fixture = Fixture::untouched();
    let run = fixture.run(&["check", "01"]);
    assert!(run.stderr.ends_with("01 is a stage. Say an exercise of it, such as 01/demo\n"));
    let (code, report) = fixture.json(&["check", "dmeo", "--json"]);
    let error = report["error"].as_str().unwrap();
    assert!(code == 3 && error.contains("called dmeo: did you mean `demo`? `cargo"), "{report:#}");
    let run = fixture.run(&["hint", "something_else"]);
    assert!(run.stderr.ends_with("something_else. `cargo workshop list` shows all\n"), "{run:?}");
}

#[test]
fn a_folder_inside_the_workspace_is_as_good_and_outside_it_says_where_to_go() {
    let fixture = Fixture::untouched();
    let mut list = fixture.command(&["list"]);
    assert_eq!(Run::of(list.current_dir(fixture.path(FOLDER))).code, 0);
    let run = Run::of(list.current_dir(std::env::temp_dir()));
    assert!(run.code == 3 && run.stderr.contains("Change into the project's folder"), "{run:?}");
}

#[test]
fn a_reset_puts_the_starter_back_and_loses_nothing() {
    let fixture = Fixture::with_answer("// my work");
    let read = |file: &str| fixture.read(&format!("{FOLDER}/{file}.rs"));
    assert_eq!(fixture.run(&["reset", "demo"]).code, 0);
    assert_eq!(read("exercise"), read("starter"));
    assert!(fixture.run(&["reset", "demo"]).stdout.contains("already"));
    fixture.answer("// more work");
    assert_eq!(fixture.run(&["reset", "demo"]).code, 0);
    assert_eq!(read("exercise.before-reset-1"), "// my work");
    assert_eq!(read("exercise.before-reset-2"), "// more work");

    fixture.answer("// all my work");
    std::fs::remove_file(fixture.path(FOLDER).join("starter.rs")).unwrap();
    let run = fixture.run(&["reset", "demo"]);
    assert!(run.code == 3 && run.stderr.contains("starter.rs cannot be read"), "{run:?}");
    assert_eq!(read("exercise"), "// all my work");
}

#[test]
fn hints_are_numbered_and_end_and_the_solution_is_shown() {
    let fixture = Fixture::untouched();
    let first = fixture.run(&["hint", "demo"]);
    assert!(first.stdout.contains("A nudge.") && first.stdout.contains("hint demo 2"), "{first:?}");
    let last = fixture.run(&["hint", "demo", "2"]);
    assert!(last.stdout.contains("Nearly all.") && !last.stdout.contains("hint demo 3"));
    let beyond = fixture.run(&["hint", "demo", "3"]);
    assert!(beyond.code == 3 && beyond.stderr.contains("hints 1 to 2"), "{beyond:?}");
    assert!(fixture.run(&["solution", "demo"]).stdout.contains("pub fn second() {}"));
}

#[test]
fn a_page_to_read_has_its_title_and_is_a_page_of_the_book() {
    let fixture = Fixture::untouched();
    for command in [&["next"][..], &["check", "demo"]] {
        let said = fixture.run(command).stdout;
        let trimmed: String = said.lines().map(|line| format!("{}\n", line.trim())).collect();
        let page = "Page\nin the book that `cargo workshop` serves: page.html\n";
        assert!(trimmed.contains(page) && !said.contains(".md"), "{command:?}: {said}");
    }
}

#[test]
fn a_command_that_is_recommended_can_be_typed_where_two_exercises_have_one_name() {
    let fixture = Fixture::with_answer(FAILS);
    fixture.copy_stage("02-more");
    let said = fixture.run(&["next"]).stdout;
    assert!(said.contains("  then  cargo workshop check 01/demo\n"), "{said}");
    let said = fixture.run(&["check", "02/demo"]).stdout;
    assert!(said.contains("  stuck? cargo workshop hint 02/demo\n"), "{said}");
}

#[test]
fn a_pipe_gets_no_colours_and_no_progress_bars() {
    let fixture = Fixture::with_answer(FAILS);
    for arguments in [&["list"][..], &["check"], &["check", "demo"], &["verify"], &["nonsense"]] {
        let run = fixture.run(arguments);
        assert!(!(run.stdout + &run.stderr).contains('\x1b'), "{arguments:?}");
    }
}

#[test]
fn a_taken_port_is_a_sentence_and_the_dashboard_judges_without_a_book() {
    let fixture = Fixture::untouched();
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let sentence = format!("port {port} is taken");
    let run = fixture.run(&["book", "serve", "--port", &port]);
    assert!(run.code == 3 && run.stderr.contains(&sentence), "{run:?}");
    assert!(!run.stderr.contains("backtrace"), "{run:?}");
    let tool = Process::new(fixture.start(&["--port", &port]));
    let why = tool.says("the book is not served: ");
    assert!(why.starts_with(&sentence), "{why}");
    fixture.answer(FAILS);
    tool.says("✗ demo  first_works");
}
