//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use testkit::{ServerProcess, background, proxy, watchdog};

/// Starts the proxy in front of an upstream. It ends with the process.
fn start(upstream: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port on loopback");
    let addr = listener.local_addr().expect("a bound listener has an address");
    background(move || {
        let ended = exercise::proxy(&listener, upstream);
        panic!("{ENDED} It returned {ended:?}.");
    });
    addr
}

const ENDED: &str = "M39: `proxy` has returned, so it no longer accepts clients. Only a broken \
                     listener may end it. Book: A thread for each, \"What accept may report\".";

fn judge(result: io::Result<()>, misconception: &str, advice: &str) {
    let Err(error) = result else { return };
    match error.kind() {
        ErrorKind::InvalidData => panic!(
            "M29: {error}. Bytes were lost, doubled or mixed: a write may take fewer than it is given, \
             and each byte goes to one side, once. Book: A server in twenty lines, \"What a write may \
             do\"."
        ),
        ErrorKind::UnexpectedEof => panic!(
            "M41: {error}. One direction has ended, and has taken this one with it; or an end was \
             passed on ahead of the bytes that came before it. Book: A proxy, \"Half a close\"."
        ),
        _ => panic!("{misconception}: {error}. {advice}"),
    }
}

#[test]
fn questions_and_answers() {
    judge(
        proxy::questions_and_answers(&start),
        "M60",
        "Pass on what a read has returned before you read again: each side may wait for the \
         other's answer. Book: A proxy, \"Both directions at once\".",
    );
}

#[test]
fn the_upstream_may_speak_first() {
    judge(
        proxy::the_upstream_may_speak_first(&start),
        "M55",
        "A thread that waits for the client's first bytes does not see those of the upstream. Each \
         direction needs a thread of its own. Book: A proxy, \"Both directions at once\".",
    );
}

#[test]
fn the_client_may_finish_first() {
    judge(
        proxy::the_client_may_finish_first(&start),
        "M41",
        "Ok(0) ends one direction: pass it on with `shutdown(Shutdown::Write)`, and let the other \
         direction continue. Dropping a handle sends nothing while a clone of it lives. Book: A \
         proxy, \"Half a close\".",
    );
}

#[test]
fn the_upstream_may_finish_first() {
    judge(
        proxy::the_upstream_may_finish_first(&start),
        "M41",
        "Ok(0) ends one direction, whichever it is: pass it on with `shutdown(Shutdown::Write)`, \
         and let the other direction continue. Book: A proxy, \"Half a close\".",
    );
}

#[test]
fn both_directions_at_once() {
    judge(
        proxy::both_directions_at_once(&start),
        "M55",
        "While one thread waits in a write, another must read the other direction. Give each \
         direction a thread of its own, and let it hold no lock that the other waits for. Book: A \
         proxy, \"Both directions at once\".",
    );
}

#[test]
fn a_full_direction_holds_up_only_itself() {
    judge(
        proxy::a_full_direction_holds_up_only_itself(&start),
        "M55",
        "A thread that waits in a write for one side cannot read from it. Each direction needs a \
         thread of its own. Book: A proxy, \"Both directions at once\".",
    );
}

#[test]
fn a_stalled_upstream_holds_back_one_client() {
    judge(
        proxy::a_stalled_upstream_holds_back_one_client(&start),
        "M55",
        "If an upstream reads nothing, only its client may wait, and the proxy must not collect \
         its bytes in memory. Give each client threads of its own, and finish each write before \
         the next read. Book: A thread for each, \"One thread, one client\".",
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
        "After an error on one side nothing more will come. Call `shutdown(Shutdown::Both)` on \
         both streams: it tells the other side, and makes the call of your other thread return. On \
         the stream that failed it may fail too: call it on the other one all the same. Book: A \
         proxy, \"Half a close\".",
    );
}

#[test]
fn a_client_that_resets_costs_nobody_else() {
    judge(
        proxy::a_client_that_resets_costs_nobody_else(&start),
        "M41",
        "After an error on one side nothing more will come. Call `shutdown(Shutdown::Both)` on \
         both streams: it tells the other side, and makes the call of your other thread return. On \
         the stream that failed it may fail too: call it on the other one all the same. Book: A \
         proxy, \"Half a close\".",
    );
}

/// One fact about the proxy, asked of it in a process of its own. `test` is the function that calls
/// this: it is run once more, as the proxy.
fn in_a_process(
    test: &str,
    fact: fn(&ServerProcess, TcpListener) -> io::Result<()>,
) -> io::Result<()> {
    if ServerProcess::is_server() {
        serve_from_the_environment();
        return Ok(());
    }
    let upstream = TcpListener::bind(("127.0.0.1", 0)).expect("a free port on loopback");
    let addr = upstream.local_addr().expect("a bound listener has an address");
    let mut proxy = ServerProcess::start_test(test, &[("UPSTREAM", &addr.to_string())])
        .expect("your proxy starts in a process of its own");
    let result = fact(&proxy, upstream);
    let moment = Duration::from_secs(1);
    if result.is_err() && proxy.wait(moment).is_ok_and(|ended| ended.is_some()) {
        let log = proxy.kill();
        let said = log.lines().find(|line| line.starts_with("`proxy` has returned"));
        panic!("{ENDED} {}", said.unwrap_or("It panicked."));
    }
    match result {
        Err(error) if error.kind() == ErrorKind::Unsupported => {
            eprintln!("skipped: this system does not tell");
            Ok(())
        }
        result => result,
    }
}

/// The proxy of [`in_a_process`].
fn serve_from_the_environment() {
    let upstream = std::env::var("UPSTREAM").expect("the upstream's address");
    let listener = proxy::interruptible().expect("a free port on loopback");
    println!("listening on {}", listener.local_addr().expect("a bound listener has an address"));
    let ended = exercise::proxy(&listener, upstream.parse().expect("an address"));
    eprintln!("`proxy` has returned {ended:?}.");
}

#[test]
fn a_reset_leaves_no_thread_behind() {
    judge(
        in_a_process("a_reset_leaves_no_thread_behind", proxy::a_reset_leaves_no_thread_behind),
        "M41",
        "Your threads do not learn that the other side is gone. After an error call \
         `shutdown(Shutdown::Both)` on both streams: it wakes a thread that reads there. Book: A \
         proxy, \"Half a close\".",
    );
}

#[test]
fn a_signal_ends_nothing() {
    let result = in_a_process("a_signal_ends_nothing", proxy::a_signal_ends_nothing);
    match result {
        Err(error) if error.kind() != ErrorKind::InvalidData => panic!(
            "M28: {error}. A read that a signal has interrupted returns `Interrupted`: nothing was read, \
             nothing is wrong, read again. Book: A server in twenty lines, \"A signal may interrupt both\"."
        ),
        result => judge(result, "M29", ""),
    }
}

#[test]
fn running_out_of_descriptors_ends_nothing() {
    judge(
        in_a_process(
            "running_out_of_descriptors_ends_nothing",
            proxy::descriptor_exhaustion_is_survived,
        ),
        "M39",
        "At the limit of open files accept fails, and so do `connect` and `try_clone`. None of \
         that may end the proxy, and none of it may be tried again without a pause. Book: A thread \
         for each, \"What accept may report\".",
    );
}

#[test]
fn a_broken_listener_ends_the_proxy() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port on loopback");
    let upstream = listener.local_addr().expect("a bound listener has an address");
    if proxy::break_listener(&listener).is_err() {
        eprintln!("skipped: on this system a listener cannot be broken");
        return;
    }
    let _guard = watchdog(
        "accept reports InvalidInput at every call, and `proxy` has not returned. This is the one \
         error that ends it. Book: A thread for each, \"What accept may report\".",
    );
    let ended = exercise::proxy(&listener, upstream);
    assert!(
        matches!(&ended, Err(error) if error.kind() == ErrorKind::InvalidInput),
        "M39: the listener is broken, accept reports InvalidInput, and `proxy` returned {ended:?}. Return \
         that error. Book: A thread for each, \"What accept may report\"."
    );
}
