//! The file server of the examples: a missing file ends nothing, nothing outside of its folder is
//! served, and a big file comes whole.
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;

use async_tcp::Runtime;
use tempfile::TempDir;
use testkit::background;

#[path = "../examples/files.rs"]
#[allow(dead_code, reason = "its main")]
mod files;

/// A folder with a file in it, and a secret beside it.
fn folders() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("served")).unwrap();
    fs::write(root.path().join("served/hello"), "hello\n").unwrap();
    fs::write(root.path().join("secret"), "secret\n").unwrap();
    root
}

/// Somebody who asks for files.
struct Client(BufReader<TcpStream>);

impl Client {
    fn connect(folder: &Path) -> Self {
        Self::of(start(folder))
    }

    fn of(addr: std::net::SocketAddr) -> Self {
        Self(BufReader::new(TcpStream::connect(addr).unwrap()))
    }

    /// The first line of the answer.
    fn ask(&mut self, name: &str) -> String {
        self.0.get_mut().write_all(format!("{name}\n").as_bytes()).unwrap();
        let mut prompt = [0; 6];
        self.0.read_exact(&mut prompt).unwrap();
        assert_eq!(&prompt, b"name? ");
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line
    }

    fn contents(&mut self, length: usize) -> Vec<u8> {
        let mut contents = vec![0; length];
        self.0.read_exact(&mut contents).unwrap();
        contents
    }
}

fn start(folder: &Path) -> std::net::SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let addr = listener.local_addr().unwrap();
    let folder = folder.to_owned();
    background(move || {
        let served = Runtime::new().unwrap().block_on(async {
            files::run(async_tcp::TcpListener::from_std(listener)?, &folder).await
        });
        served.expect("only a broken listener ends it");
    });
    addr
}

#[test]
fn a_missing_file_ends_nothing() {
    let _guard = testkit::patient_watchdog("the file server does not answer");
    let root = folders();
    let mut client = Client::connect(&root.path().join("served"));
    assert!(client.ask("missing").starts_with("missing: "));
    assert_eq!(client.ask("hello"), "6 bytes\n");
    assert_eq!(client.contents(6), b"hello\n");
    assert_eq!(client.ask("hello\r"), "6 bytes\n", "as telnet sends it");
    assert_eq!(client.contents(6), b"hello\n");
    client.0.get_mut().shutdown(Shutdown::Write).unwrap();
    let mut rest = Vec::new();
    client.0.read_to_end(&mut rest).unwrap();
    assert_eq!(rest, b"name? ");
}

#[test]
fn nothing_outside_of_the_folder_is_served() {
    let _guard = testkit::patient_watchdog("the file server does not answer");
    let root = folders();
    let served = root.path().join("served");
    #[cfg(unix)]
    std::os::unix::fs::symlink(root.path().join("secret"), served.join("link")).unwrap();
    let mut client = Client::connect(&served);
    let absolute = root.path().join("secret");
    for name in ["../secret", "link", "..", absolute.to_str().unwrap()] {
        let answer = client.ask(name);
        assert!(!answer.ends_with("bytes\n"), "{name}: {answer}");
    }
    assert_eq!(client.ask("."), ".: not a file\n");
    assert_eq!(client.ask("hello"), "6 bytes\n");
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_folder_holds_up_nobody() {
    let _guard = testkit::patient_watchdog("the file server does not answer");
    let root = folders();
    let served = root.path().join("served");
    let made = std::process::Command::new("mkfifo").arg(served.join("pipe")).status();
    assert!(made.unwrap().success());
    let mut client = Client::connect(&served);
    for _ in 0..100 {
        assert_eq!(client.ask("pipe"), "pipe: not a file\n");
    }
    assert_eq!(client.ask("hello"), "6 bytes\n");
}

#[test]
fn a_big_file_comes_whole_to_many_at_once() {
    let _guard = testkit::patient_watchdog("the file server does not answer");
    let root = folders();
    let served = root.path().join("served");
    let contents: Vec<u8> = (0..3_000_000_u32).map(|n| (n / 7) as u8).collect();
    fs::write(served.join("big"), &contents).unwrap();
    let addr = start(&served);
    // All ask before the first reads.
    let mut clients: Vec<_> = (0..20).map(|_| Client::of(addr)).collect();
    for client in &mut clients {
        assert_eq!(client.ask("big"), "3000000 bytes\n");
    }
    for mut client in clients {
        assert!(client.contents(contents.len()) == contents);
    }
}

#[test]
fn a_name_without_an_end_is_refused() {
    let _guard = testkit::patient_watchdog("the file server does not answer");
    let root = folders();
    let mut client = Client::connect(&root.path().join("served"));
    let answer = client.ask(&"x".repeat(5000));
    assert_eq!(answer, "a name ends with its line\n");
}
