//! How many connections a server keeps open when nothing is said. The limit on descriptors is one of the
//! whole process, so this test has a process of its own.
#![cfg(unix)]

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use support::flags::{Mode, Request, Server};

const SERVER: Server =
    Server { name: "demo", about: "", modes: &[Mode { name: "only", about: "" }], numbers: &[] };

#[test]
fn no_more_connections_than_descriptors() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let lower = Rlimit { current: Some(100), maximum };
    setrlimit(Resource::Nofile, lower).expect("a soft limit below the hard one");
    let Ok(Request::Run(flags)) = SERVER.parse(["demo".into()]) else {
        panic!("an empty command line is valid")
    };
    assert_eq!(flags.max_connections, 84, "16 of 100 descriptors are for other things");
    assert!(SERVER.help().contains("(default 84: 1024,"), "{}", SERVER.help());
}
