//! The page of progress, from the save of an exercise to what the server tells the page.

#[allow(dead_code, reason = "the other tests of the tool use the rest")]
mod fixture;

#[path = "browser/process.rs"]
mod process;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Child;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use fixture::{Fixture, PASSES};
use process::Process;
use serde_json::{Value, json};

/// `cargo workshop` on a port of its own. Ended when dropped.
struct Tool {
    process: Child,
    /// Like `127.0.0.1:3000`.
    address: String,
    /// What it prints after its address.
    output: Receiver<String>,
}

impl Tool {
    fn start(fixture: &Fixture, arguments: &[&str]) -> Self {
        let mut process = fixture.start(&[arguments, &["--port", "0"]].concat());
        let mut output = BufReader::new(process.stdout.take().expect("it is a pipe"));
        let mut line = String::new();
        while !line.contains("http://") {
            line.clear();
            assert_ne!(output.read_line(&mut line).expect("text"), 0, "the tool has ended");
        }
        // Read even if no test asks for it: it must not fill the pipe.
        let (sender, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let address = line.split("http://").nth(1).expect("an address").trim().to_owned();
        Self { process, address, output: lines }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("the tool serves");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a limit");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address).expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer.split_once("\r\n\r\n").expect("a head and a body").1.to_owned()
    }

    /// Asks for news, as the page does, until they are as wanted.
    fn follow(&self, mut known: Value, wanted: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        while !wanted(&known) {
            assert!(start.elapsed() < Duration::from_secs(60), "the last news: {known:#}");
            known = self.ask();
        }
        known
    }

    /// Waits until it has printed this text, of whole lines.
    fn has_printed(&self, text: &str) -> bool {
        let mut printed = String::new();
        while !printed.contains(text) {
            let Ok(line) = self.output.recv_timeout(Duration::from_secs(60)) else { return false };
            printed += &line;
            printed.push('\n');
        }
        true
    }

    fn ask(&self) -> Value {
        serde_json::from_str(&self.get("/__progress")).expect("JSON")
    }
}

impl Drop for Tool {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn the_page_of_progress_follows_each_save() {
    let fixture = Fixture::untouched();
    let tool = Tool::start(&fixture, &["--limit", "60"]);
    let state = |known: &Value| known["exercises"][0]["state"].as_str().map(str::to_owned);
    let is = |wanted: &'static str| move |known: &Value| state(known).as_deref() == Some(wanted);
    let known = tool.follow(tool.ask(), is("not_started"));
    assert_eq!((&known["next"], &known["watching"]), (&json!("01-demo/demo"), &json!(true)));

    // The answer holds up its judge until this test has seen that it is being judged.
    let go = fixture.path("target/go");
    let waits = format!("while !std::path::Path::new({go:?}).exists() {{}}");
    let answer = "01-demo/exercises/01_demo/exercise.rs";
    fixture.write(
        answer,
        &format!("pub fn first() {{ {waits} panic!(\"<b>one</b>\") }}\npub fn second() {{}}\n"),
    );
    let known = tool.follow(known, |known| known["judging"] == json!(["01-demo/demo"]));
    std::fs::create_dir_all(fixture.path("target")).unwrap();
    std::fs::write(&go, "").unwrap();
    let known = tool.follow(known, is("fails"));
    let exercise = &known["exercises"][0];
    assert_eq!(
        (&exercise["id"], &exercise["test"]),
        (&json!("01-demo/demo"), &json!("first_works"))
    );
    assert!(exercise["diagnosis"].as_str().unwrap().starts_with("<b>one</b>"), "{known:#}");

    fixture.write(answer, PASSES);
    // It may be judged twice: a file that is written is empty for a moment.
    let done = |known: &Value| is("solved")(known) && known["judging"] == json!([]);
    let known = tool.follow(known, done);
    assert_eq!(known["next"], Value::Null);
}

#[test]
fn what_comes_next_is_the_first_that_is_not_solved_for_all_who_say_it() {
    let fixture = Fixture::untouched();
    fixture.copy_stage("02-more", "more-exercises");
    fixture.copy_stage("03-last", "last-exercises");
    let answers = ["01-demo", "02-more", "03-last"]
        .map(|stage| format!("{stage}/exercises/01_demo/exercise.rs"));
    let tool = Tool::start(&fixture, &[]);
    let states = |known: &Value, wanted: [&str; 3]| {
        let state = |at: usize| known["exercises"][at]["state"] == wanted[at];
        state(0) && state(1) && state(2) && known["judging"] == json!([])
    };
    let (unsolved, solved) = ("not_started", "solved");
    let known = tool.follow(tool.ask(), |known| states(known, [unsolved; 3]));
    assert_eq!((&known["next"], &known["shown"]), (&"01-demo/demo".into(), &"01-demo/demo".into()));

    // What is worked on is shown; what comes next does not depend on it.
    fixture.write(&answers[1], "pub fn first() { panic!() }\npub fn second() {}\n");
    let known = tool.follow(known, |known| states(known, [unsolved, "fails", unsolved]));
    assert_eq!((&known["next"], &known["shown"]), (&"01-demo/demo".into(), &"02-more/demo".into()));
    fixture.write(&answers[1], PASSES);
    let known = tool.follow(known, |known| states(known, [unsolved, solved, unsolved]));
    assert_eq!((&known["next"], &known["shown"]), (&"01-demo/demo".into(), &"02-more/demo".into()));
    let said = format!("next  01/demo, A demo\n      {}\n", answers[0]);
    assert!(tool.has_printed(&said), "the dashboard did not say: {said}");
    let next = fixture.run(&["next"]).stdout;
    assert!(next.starts_with("01/demo  A demo\n") && next.contains(&answers[0]), "{next}");

    fixture.write(&answers[0], PASSES);
    let known = tool.follow(known, |known| states(known, [solved, solved, unsolved]));
    assert_eq!(known["next"], "03-last/demo");
    let next = fixture.run(&["next"]).stdout;
    assert!(next.starts_with("03/demo  A demo\n") && next.contains(&answers[2]), "{next}");
}

#[test]
fn a_manifest_that_cannot_be_read_is_trouble_and_its_repair_ends_it() {
    let fixture = Fixture::with_answer(PASSES);
    let tool = Tool::start(&fixture, &[]);
    let known = tool.follow(tool.ask(), |known| known["exercises"][0]["state"] == "solved");
    let manifest = "01-demo/exercises/Cargo.toml";
    let good = fixture.read(manifest);
    fixture.write(manifest, "[package");
    // If an exercise is being judged at this moment, cargo stumbles over it first.
    let said = |known: &Value| known["trouble"].to_string().contains("cannot be understood");
    let known = tool.follow(known, said);
    fixture.write(manifest, &good);
    tool.follow(known, |known| known["trouble"].is_null() && known["judging"] == json!([]));
}

#[test]
fn a_server_of_the_book_alone_says_that_it_judges_nothing() {
    let fixture = Fixture::untouched();
    let tool = Tool::start(&fixture, &["book", "serve"]);
    assert_eq!(tool.ask()["watching"], false);
    assert!(tool.get("/progress.html").contains("id=\"01-demo\""));
}

#[test]
fn the_book_ends_with_a_tool_that_is_killed() {
    let fixture = Fixture::untouched();
    let tool = Tool::start(&fixture, &[]);
    let address = tool.address.clone();
    assert!(TcpStream::connect(&address).is_ok());
    drop(tool);
    let start = Instant::now();
    while TcpStream::connect(&address).is_ok() {
        assert!(start.elapsed() < Duration::from_secs(30), "the book is served without the tool");
        std::thread::yield_now();
    }
}

#[test]
fn without_a_book_the_dashboard_says_why_and_judges() {
    let fixture = Fixture::with_answer(PASSES);
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let tool = Process::new(fixture.start(&["--port", &port]));
    let why = tool.says("the book is not served: ");
    assert!(why.starts_with(&format!("port {port} is taken")), "{why}");
    tool.says("1 of 1 solved");
    fixture.write(
        "01-demo/exercises/01_demo/exercise.rs",
        "pub fn first() { panic!() }\npub fn second() {}\n",
    );
    tool.says("✗ demo  first_works");
}
