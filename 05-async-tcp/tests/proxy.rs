//! The proxy of the examples under the proxy suite: on one thread, in the process of the test, and in
//! one of its own where the system has to be asked about it. Two facts of the suite are left out,
//! `what_is_over_is_given_back` and `who_resets_during_the_connect_is_given_up`: a future that waits for
//! one side does not learn of a reset by the other, until it reads or writes there.
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};

use async_tcp::Runtime;
use testkit::{ServerProcess, background, proxy as suite};

#[path = "../examples/proxy.rs"]
#[allow(dead_code, reason = "its main")]
mod proxy;

/// Starts the proxy in front of an upstream. It ends with the process.
fn start(upstream: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let addr = listener.local_addr().unwrap();
    background(move || serve(listener, upstream).expect("only a broken listener ends it"));
    addr
}

fn serve(listener: TcpListener, upstream: SocketAddr) -> io::Result<()> {
    Runtime::new()?.block_on(async {
        let listener = async_tcp::TcpListener::from_std(listener)?;
        proxy::run(listener, upstream).await
    })
}

macro_rules! facts {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            let _guard = testkit::patient_watchdog("the proxy has stopped to serve");
            suite::$name(&start).unwrap();
        }
    )*};
}

facts! {
    the_upstream_may_speak_first
    questions_and_answers
    both_directions_at_once
    the_client_may_finish_first
    the_upstream_may_finish_first
    a_full_direction_holds_up_only_itself
    what_was_held_back_arrives
    many_conversations_do_not_mix
    no_end_overtakes_the_rest
    an_upstream_that_refuses_costs_one_client
    an_upstream_that_resets_costs_one_client
    an_upstream_slow_to_accept_holds_up_nobody
    a_client_that_resets_costs_nobody_else
    a_stalled_upstream_holds_back_one_client
}

/// One fact about the proxy in a process of its own: this test, run once more.
fn in_a_process(name: &str, fact: fn(&ServerProcess, TcpListener) -> io::Result<()>) {
    if ServerProcess::is_server() {
        let upstream = std::env::var("UPSTREAM").unwrap().parse().unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        println!("listening on {}", listener.local_addr().unwrap());
        return serve(listener, upstream).unwrap();
    }
    let _guard = testkit::patient_watchdog("the proxy has stopped to serve");
    let upstream = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let addr = upstream.local_addr().unwrap().to_string();
    let proxy = ServerProcess::start_test(name, &[("UPSTREAM", &addr)]).unwrap();
    match fact(&proxy, upstream) {
        Err(error) if error.kind() == ErrorKind::Unsupported => eprintln!("skipped: {error}"),
        result => result.unwrap(),
    }
}

macro_rules! facts_of_a_process {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            in_a_process(stringify!($name), suite::$name);
        }
    )*};
}

facts_of_a_process! {
    all_who_wait_are_accepted
    one_thread_serves_all
    waiting_costs_nothing
    waiting_for_a_connect_costs_nothing
    the_thread_never_sleeps
    descriptor_exhaustion_is_survived
}
