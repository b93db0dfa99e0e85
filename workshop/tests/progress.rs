//! The page of progress, from the save of an exercise to what the server tells the page.

mod fixture;

use std::time::Instant;

use fixture::process::PATIENCE;
use fixture::served::Served;
use fixture::{FOLDER, Fixture, PASSES, wait_until};
use serde_json::{Value, json};

fn get(url: &str) -> Result<String, minreq::Error> {
    let answer = minreq::get(url).with_timeout(PATIENCE.as_secs()).send()?;
    answer.as_str().map(str::to_owned)
}

/// Asks for news, as the page does, until they are as wanted.
fn follow(served: &Served, wanted: impl Fn(&Value) -> bool) -> Value {
    let start = Instant::now();
    loop {
        let answer = get(&format!("{}/__progress", served.address)).expect("the tool serves");
        let known = serde_json::from_str(&answer).expect("JSON");
        if wanted(&known) {
            return known;
        }
        assert!(start.elapsed() < PATIENCE, "the last news: {known:#}");
    }
}

#[test]
fn progress_follows_each_save_and_all_who_say_what_comes_next_agree() {
    let fixture = Fixture::untouched();
    fixture.copy_stage("02-more");
    let second = "02-more/exercises/01_demo/exercise.rs";
    let served = Served::of(&fixture, &["--limit", "300"]);
    let states = |wanted: [&'static str; 2]| {
        move |known: &Value| {
            let is = |at: usize| known["exercises"][at]["state"] == wanted[at];
            is(0) && is(1) && known["judging"] == json!([])
        }
    };
    let next_and_shown = |known: &Value| [known["next"].clone(), known["shown"].clone()];
    let known = follow(&served, states(["not_started", "not_started"]));
    assert_eq!(next_and_shown(&known), ["01-demo/demo", "01-demo/demo"]);

    // The answer holds up its judge until this test has seen that it is being judged.
    let go = fixture.path("target/go");
    let waits = format!("while !std::path::Path::new({go:?}).exists() {{}}");
    let fails = format!("pub fn first() {{ {waits} panic!(\"one\") }}\npub fn second() {{}}\n");
    fixture.write(second, &fails);
    follow(&served, |known| known["judging"] == json!(["02-more/demo"]));
    fixture.write("target/go", "");
    let known = follow(&served, states(["not_started", "fails"]));
    // What is worked on is shown; what comes next does not depend on it.
    assert_eq!(next_and_shown(&known), ["01-demo/demo", "02-more/demo"]);
    let exercise = &known["exercises"][1];
    assert_eq!(["id", "test"].map(|key| &exercise[key]), ["02-more/demo", "first_works"]);
    assert!(exercise["diagnosis"].as_str().unwrap().starts_with("one"), "{known:#}");

    fixture.write(second, PASSES);
    follow(&served, states(["not_started", "solved"]));
    served.tool.says("next  01/demo, A demo");
    served.tool.says(&format!("{FOLDER}/exercise.rs"));
    let next = fixture.run(&["next"]).stdout;
    assert!(next.starts_with("01/demo  A demo\n") && next.contains(FOLDER), "{next}");
    fixture.answer(PASSES);
    let known = follow(&served, states(["solved", "solved"]));
    assert_eq!(known["next"], Value::Null);
}

#[test]
fn a_manifest_that_cannot_be_read_is_trouble_and_its_repair_ends_it() {
    let fixture = Fixture::with_answer(PASSES);
    let served = Served::of(&fixture, &[]);
    follow(&served, |known| known["exercises"][0]["state"] == "solved");
    let manifest = "01-demo/exercises/Cargo.toml";
    let good = fixture.read(manifest);
    fixture.write(manifest, "[package");
    // If an exercise is being judged at this moment, cargo stumbles over it first.
    let said = |known: &Value| known["trouble"].to_string().contains("cannot be understood");
    follow(&served, said);
    fixture.write(manifest, &good);
    follow(&served, |known| known["trouble"].is_null() && known["judging"] == json!([]));
}

#[test]
fn the_book_says_whether_exercises_are_judged_and_ends_with_a_tool_that_is_killed() {
    let fixture = Fixture::untouched();
    for (arguments, judges) in [(&["book", "serve"][..], false), (&[], true)] {
        let served = Served::of(&fixture, arguments);
        follow(&served, |known| known["watching"] == judges);
        let page = served.url("progress");
        assert!(get(&page).unwrap().contains("id=\"01-demo\""));
        drop(served);
        wait_until(|| get(&page).is_err(), "the book is served without the tool");
    }
}
