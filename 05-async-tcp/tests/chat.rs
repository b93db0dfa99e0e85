//! The chat of the examples: rooms do not hear each other, who leaves is announced, and who is too slow
//! holds up nobody.
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use async_tcp::Runtime;
use testkit::background;

#[path = "../examples/chat.rs"]
#[allow(dead_code, reason = "its main")]
mod chat;

fn start() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let addr = listener.local_addr().unwrap();
    background(move || {
        let served = Runtime::new()
            .unwrap()
            .block_on(async { chat::run(async_tcp::TcpListener::from_std(listener)?).await });
        served.expect("only a broken listener ends it");
    });
    addr
}

struct Client(BufReader<TcpStream>);

impl Client {
    /// Somebody who is in the lobby, and knows it.
    fn connect(addr: SocketAddr, name: &str) -> Self {
        let mut client = Self(BufReader::new(TcpStream::connect(addr).unwrap()));
        client.0.read_exact(&mut [0; 6]).unwrap();
        client.say(name);
        assert_eq!(client.hear(), format!("* {name} is in lobby"));
        client
    }

    fn say(&mut self, line: &str) {
        self.0.get_mut().write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    fn hear(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

#[test]
fn a_room_hears_its_members_and_no_others() {
    let _guard = testkit::patient_watchdog("somebody waits for a line that has not come");
    let addr = start();
    let mut ann = Client::connect(addr, "ann");
    let mut bob = Client::connect(addr, "bob");
    assert_eq!(ann.hear(), "* bob is in lobby");
    bob.say("hello");
    assert_eq!((ann.hear(), bob.hear()), ("bob: hello".into(), "bob: hello".into()));

    bob.say("/join kitchen");
    assert_eq!(ann.hear(), "* bob has left lobby");
    assert_eq!(bob.hear(), "* bob is in kitchen");
    bob.say("not for ann");
    assert_eq!(bob.hear(), "bob: not for ann");
    ann.say("alone");
    assert_eq!(ann.hear(), "ann: alone", "and nothing from the kitchen before that");

    let mut cid = Client::connect(addr, "cid");
    assert_eq!(ann.hear(), "* cid is in lobby");
    cid.say("/join kitchen");
    assert_eq!(
        (bob.hear(), cid.hear()),
        ("* cid is in kitchen".into(), "* cid is in kitchen".into())
    );
    drop(cid);
    assert_eq!(bob.hear(), "* cid has left kitchen");
}

#[test]
fn who_is_too_slow_is_let_go_and_holds_up_nobody() {
    let _guard = testkit::patient_watchdog("the room waits for somebody who does not read");
    let addr = start();
    let mut slow = Client::connect(addr, "slow");
    let mut quick = Client::connect(addr, "quick");
    let line = "x".repeat(4000);
    let heard = format!("quick: {line}");
    // Until the kernel's buffers are full, and then the queue.
    let mut lines = 0;
    loop {
        quick.say(&line);
        match quick.hear() {
            same if same == heard => lines += 1,
            other => {
                assert_eq!(other, "* slow is too slow for this room");
                break;
            }
        }
        assert!(lines < 50_000, "{lines} lines that somebody has not read are kept somewhere");
    }
    slow.say("somebody hears me?");
    // It hears what was for it, and then the end.
    assert_eq!(slow.hear(), "* quick is in lobby");
    let mut rest = String::new();
    slow.0.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with("* you were too slow\n"), "{}", &rest[rest.len().saturating_sub(60)..]);
    // What it says now is read, and resets nothing.
    slow.say("and now?");
    slow.say("nobody");
    assert_eq!(slow.hear(), "", "the end stays the end");
    quick.say("still here");
    let mut last = quick.hear();
    while last == heard {
        last = quick.hear();
    }
    assert_eq!(last, "quick: still here");
}
