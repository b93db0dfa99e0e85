//! What the book shows of terminals: each session is run, and compared with its file in
//! `book/sessions/01`.
//!
//! `BLESS=1 cargo test -p blocking --test sessions` writes the files anew; look at the
//! difference.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use testkit::{ServerProcess, watchdog};

#[test]
fn a_reset_ends_the_server_in_twenty_lines() {
    build_examples();
    let _guard = watchdog("the server in twenty lines survived a reset");
    let mut command = example("twenty_lines");
    command.arg("127.0.0.1:0");
    let mut server = ServerProcess::start_as_it_is(command).expect("the server starts");
    let addr = server.addr().to_string();
    let client = output(example("reset").arg(&addr));
    let ended = loop {
        match server.exited().expect("our own child") {
            Some(status) => break status,
            None => std::thread::yield_now(),
        }
    };
    assert!(!ended.success());
    compare("reset-against-twenty-lines", "cargo run -q -p blocking --example reset", &client);
    let screen = format!("listening on 127.0.0.1:7878\n{}", server.kill());
    compare("twenty-lines-ends", "cargo run -q -p blocking --example twenty_lines", &screen);
}

#[test]
fn a_reset_is_logged_by_the_sequential_server() {
    build_examples();
    let _guard = watchdog("after a reset, the sequential server answers nobody");
    let mut server = server("sequential");
    let addr = server.addr().to_string();
    output(example("reset").arg(&addr));
    // Answered, so the reset before it has been dealt with.
    let mut client = TcpStream::connect(&addr).expect("it still listens");
    client.write_all(b"hello\n").expect("it still reads");
    client.read_exact(&mut [0; 6]).expect("it still answers");
    let log = server.kill();
    let redacted: Vec<_> = log.lines().map(redact).collect();
    let screen = format!("listening on 127.0.0.1:7878\n{}\n", redacted.join("\n"));
    compare("reset-against-sequential", "cargo run -q -p blocking", &screen);
}

#[test]
fn silent_clients_stall_whom_they_can() {
    build_examples();
    for (mode, silent, session) in [
        ("sequential", "1", "stall-against-sequential"),
        ("threads", "1", "stall-against-threads"),
        ("pool", "3", "three-against-pool"),
        ("pool", "4", "four-against-pool"),
    ] {
        let server = server(mode);
        let screen = output(example("stall").args([silent, &server.addr().to_string()]));
        let argument = if silent == "1" { String::new() } else { format!(" -- {silent}") };
        let command = format!("cargo run -q -p blocking --example stall{argument}");
        compare(session, &command, &screen);
    }
}

/// The names inside the kernel are Linux's, and some systems hide them.
#[cfg(target_os = "linux")]
#[test]
fn a_waiting_server_sleeps_in_accept_and_in_read() {
    let _guard = watchdog("the server never slept in accept, or never in read");
    let server = server("sequential");
    let command = "P=$(pgrep -x blocking); grep State /proc/$P/status; cat /proc/$P/wchan";
    let read = |file: &str| {
        std::fs::read_to_string(format!("/proc/{}/{file}", server.id())).expect("it runs")
    };
    // It is asleep soon after it has printed its address; and again soon after it has accepted.
    let screen_where = |function: &str| {
        loop {
            let status = read("status");
            let state = status.lines().find(|line| line.starts_with("State:")).expect("a state");
            let place = read("wchan");
            let asleep = state.contains("S (sleeping)");
            if asleep && place == "0" {
                eprintln!("skipped: this system hides where its kernel sleeps (wchan is 0)");
                return None;
            }
            if asleep && place == function {
                return Some(format!("{state}\n{place}\n"));
            }
            std::thread::yield_now();
        }
    };
    if let Some(screen) = screen_where("inet_csk_accept") {
        compare("waiting-in-accept", command, &screen);
    }
    let _client = TcpStream::connect(server.addr()).expect("it listens");
    if let Some(screen) = screen_where("wait_woken") {
        compare("waiting-in-read", command, &screen);
    }
}

fn server(mode: &str) -> ServerProcess {
    let mut command = Command::new(env!("CARGO_BIN_EXE_blocking"));
    command.arg(mode).env_remove("RUST_LOG");
    ServerProcess::start(command).expect("the server starts")
}

/// cargo builds examples beside some test runs and not beside others, so they may be missing, or old.
/// It may take longer than a watchdog waits.
fn build_examples() {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "blocking", "--examples"]);
        let status = build.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("cargo starts");
        assert!(status.success(), "the examples do not compile");
    });
}

fn example(name: &str) -> Command {
    let server = Path::new(env!("CARGO_BIN_EXE_blocking"));
    let folder = server.parent().expect("target/PROFILE").join("examples");
    let mut command = Command::new(folder.join(name));
    command.env("RUST_BACKTRACE", "0");
    command
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {stderr}");
    String::from_utf8(output.stdout).expect("text")
}

/// A line of the log without what differs from run to run: the time, and the client's port.
fn redact(line: &str) -> String {
    let words = line.trim_start().split(' ').map(|word| {
        let is_time = word.strip_suffix('s').is_some_and(|time| time.parse::<f64>().is_ok());
        match word.strip_prefix("peer=127.0.0.1:") {
            Some(_) => "peer=127.0.0.1:…",
            None if is_time => "…s",
            None => word,
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn compare(session: &str, command: &str, screen: &str) {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../book/sessions/01"));
    let file: PathBuf = folder.join(session).with_extension("txt");
    let found = format!("$ {command}\n{screen}");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &found).expect("the session is written");
    }
    let shown = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        shown,
        found,
        "{} does not show what happens (left: the book, right: this run). If the run is right: \
         BLESS=1 cargo test -p blocking --test sessions",
        file.display()
    );
}
