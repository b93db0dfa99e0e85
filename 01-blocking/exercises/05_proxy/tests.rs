//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::io;
use std::net::{SocketAddr, TcpListener};

use testkit::{background, proxy};

/// Starts the proxy in front of an upstream. It ends with the process.
fn start(upstream: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port on loopback");
    let addr = listener.local_addr().expect("a bound listener has an address");
    background(move || {
        let ended = exercise::proxy(&listener, upstream);
        eprintln!("`proxy` has returned {ended:?}: nobody accepts clients any more.");
    });
    addr
}

fn judge(result: io::Result<()>, misconception: &str, advice: &str) {
    if let Err(error) = result {
        panic!("{misconception}: {error}. {advice}");
    }
}

#[test]
fn questions_and_answers() {
    judge(
        proxy::questions_and_answers(&start),
        "M60",
        "Pass on what a read brought before you read again: each side may wait for the other's answer. \
         Book: A thread for each, \"Both directions at once\".",
    );
}

#[test]
fn the_upstream_may_speak_first() {
    judge(
        proxy::the_upstream_may_speak_first(&start),
        "M55",
        "A thread that waits for the client's first word cannot hear the upstream's. Each direction \
         needs a thread of its own. Book: A thread for each, \"Both directions at once\".",
    );
}

#[test]
fn the_client_may_finish_first() {
    judge(
        proxy::the_client_may_finish_first(&start),
        "M41",
        "Ok(0) ends one direction: tell the receiver with `shutdown(Shutdown::Write)`, and let the \
         other direction run on. Dropping a handle tells nobody while a clone of it lives. \
         Book: A thread for each, \"Half a close\".",
    );
}

#[test]
fn the_upstream_may_finish_first() {
    judge(
        proxy::the_upstream_may_finish_first(&start),
        "M41",
        "Ok(0) ends one direction, this one as well as the other: tell the receiver with \
         `shutdown(Shutdown::Write)`, and let the other direction run on. \
         Book: A thread for each, \"Half a close\".",
    );
}

#[test]
fn both_directions_at_once() {
    judge(
        proxy::both_directions_at_once(&start),
        "M55",
        "While one thread waits in a write, somebody must read the other direction. Each direction \
         needs a thread of its own, and no lock that the other one waits for. \
         Book: A thread for each, \"Both directions at once\".",
    );
}

#[test]
fn a_stalled_upstream_holds_back_one_client() {
    judge(
        proxy::a_stalled_upstream_holds_back_one_client(&start),
        "M55",
        "A client whose upstream reads nothing waits; nobody else does, and nothing is kept in memory \
         for it. Each client needs threads of its own, and each write finishes before the next read. \
         Book: A thread for each, \"One thread, one client\".",
    );
}

#[test]
fn an_upstream_that_refuses_costs_one_client() {
    judge(
        proxy::an_upstream_that_refuses_costs_one_client(&start),
        "M39",
        "`connect` failed for one client. End that client's connection, and accept the next. \
         Book: A thread for each, \"What accept may report\".",
    );
}

#[test]
fn an_upstream_that_resets_costs_one_client() {
    judge(
        proxy::an_upstream_that_resets_costs_one_client(&start),
        "M41",
        "After an error on one side nothing more will come: `shutdown(Shutdown::Both)` on both \
         streams tells the other side, and your other thread. Book: A thread for each, \
         \"Half a close\".",
    );
}

#[test]
fn a_client_that_resets_costs_nobody_else() {
    judge(
        proxy::a_client_that_resets_costs_nobody_else(&start),
        "M41",
        "After an error on one side nothing more will come: `shutdown(Shutdown::Both)` on both \
         streams tells the other side, and your other thread. Book: A thread for each, \
         \"Half a close\".",
    );
}
