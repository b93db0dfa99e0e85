//! Judges `exercise.rs`. The tests are in the order in which they are run; the first one that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use exercise::{Conversation, Direction, Pause};
use testkit::{ServerProcess, background, proxy, reset, watchdog};

/// Starts the proxy in front of an upstream. It ends with the process.
fn start(upstream: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port on loopback");
    let addr = listener.local_addr().expect("a bound listener has an address");
    run(listener, upstream);
    addr
}

fn run(listener: TcpListener, upstream: SocketAddr) {
    background(move || {
        let ended = exercise::proxy(listener, upstream);
        panic!("{ENDED} It returned {ended:?}.");
    });
}

const ENDED: &str = "M39: `proxy` has returned, and no client is served. Only a broken listener \
                     ends it. WouldBlock means that no client waits to be accepted, and an error of one \
                     client ends that client's conversation. Book: Edges and levels, \"Until it would \
                     block\".";

/// The number of a misconception, and what to do about it.
type Advice<'a> = (&'a str, &'a str);

/// The advice for a stream that ended too early, where nothing else explains it.
const ENDED_EARLY: Advice<'_> = (
    "M41",
    "One direction has ended and has ended this one as well, or an end was passed on before the bytes that \
     came before it. Book: A connection is a state machine, \"Half a close, again\".",
);

fn judge(result: io::Result<()>, misconception: &str, advice: &str) {
    judge_an_end(result, ENDED_EARLY, (misconception, advice));
}

/// Judges, and has its own advice for a stream that ended too early.
fn judge_an_end(result: io::Result<()>, ended_early: Advice<'_>, otherwise: Advice<'_>) {
    let Err(error) = result else { return };
    let (misconception, advice) = match error.kind() {
        ErrorKind::Unsupported => {
            eprintln!("skipped: this system does not tell");
            return;
        }
        ErrorKind::InvalidData => (
            "M29",
            "Bytes were lost, doubled or mixed. A write may take fewer than it is given, so keep the rest in \
             an outbox, and write each byte to one side, once. Book: When the peer is slow, \"A write \
             takes a part\".",
        ),
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe => ended_early,
        _ => otherwise,
    };
    panic!("{misconception}: {error}. {advice}");
}

/// One fact about the proxy, asked of it in a process of its own.
type Fact = fn(&ServerProcess, TcpListener) -> io::Result<()>;

/// Judges a fact. `test` is the function that calls this: it is run once more, as the proxy.
fn judge_process(test: &str, fact: Fact, misconception: &str, advice: &str) {
    let upstream = TcpListener::bind(("127.0.0.1", 0)).expect("a free port on loopback");
    let addr = upstream.local_addr().expect("a bound listener has an address");
    judge(in_a_process(test, addr, |proxy| fact(proxy, upstream)), misconception, advice);
}

/// Runs the proxy in a process of its own, in front of an upstream, and asks.
fn in_a_process(
    test: &str,
    upstream: SocketAddr,
    ask: impl FnOnce(&ServerProcess) -> io::Result<()>,
) -> io::Result<()> {
    if ServerProcess::is_server() {
        serve_from_the_environment();
        return Ok(());
    }
    let mut proxy = ServerProcess::start_test(test, &[("UPSTREAM", &upstream.to_string())])
        .expect("your proxy starts in a process of its own");
    let result = ask(&proxy);
    let moment = Duration::from_secs(1);
    if result.is_err() && proxy.wait(moment).is_ok_and(|ended| ended.is_some()) {
        let log = proxy.kill();
        let said = log.lines().find(|line| line.starts_with("`proxy` has returned"));
        panic!("{ENDED} {}", said.unwrap_or("It panicked."));
    }
    result
}

/// The proxy in its own process.
fn serve_from_the_environment() {
    let upstream = std::env::var("UPSTREAM").expect("the upstream's address");
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port on loopback");
    println!("listening on {}", listener.local_addr().expect("a bound listener has an address"));
    let ended = exercise::proxy(listener, upstream.parse().expect("an address"));
    eprintln!("`proxy` has returned {ended:?}.");
}

#[test]
fn the_upstream_may_speak_first() {
    judge_an_end(
        proxy::the_upstream_may_speak_first(&start),
        (
            "M27",
            "The conversation has ended although neither side has finished. WouldBlock is not a failure: \
             nothing can be done for now. Book: Asking without waiting, \"What `WouldBlock` \
             says\".",
        ),
        (
            "M34",
            "Connect when the client is accepted, register both sides for READABLE | WRITABLE, and give \
             both directions a turn at an event of either side. Write what one side sends to the \
             other one. Book: A connection is a state machine, \"Two directions\".",
        ),
    );
}

#[test]
fn questions_and_answers() {
    judge(
        proxy::questions_and_answers(&start),
        "M32",
        "An event reports once that there is something, not how much. Read until WouldBlock, and pass on \
         what each read returned. When a direction stops because its turn is over, return \
         `TurnOver`. Book: Edges and levels, \"Until it would block\".",
    );
}

#[test]
fn a_short_read_is_not_the_last() {
    let (last, to, _receiver) = after_the_end(10, PIECE);
    assert!(
        !matches!(last, Ok(Pause::TurnOver)),
        "M31: a sender has sent 10 bytes and finished, and `carry` returns `TurnOver` again and again. A read that \
         returns 0 is the end of the stream: every later read returns 0 as well. Pass the end on, and read no \
         more. Book: A server in twenty lines, \"What a read may return\"."
    );
    assert!(
        matches!(last, Ok(Pause::Done)),
        "M32: a sender has sent 10 bytes and finished, and all of that had arrived. `carry` was called until \
         it no longer returned `TurnOver`, and returned {last:?}. After a read that returns less than \
         there was room for, something may be left: here the end, which was reported already. Read until \
         WouldBlock. Book: Edges and levels, \"Until it would block\"."
    );
    drop(to);
}

/// A sender has sent this many bytes and finished, and all of that has arrived. What `carry` returns last
/// with a buffer of this size, and the two ends of the receiver.
fn after_the_end(
    bytes: usize,
    buffer: usize,
) -> (io::Result<Pause>, mio::net::TcpStream, TcpStream) {
    let (from, mut sender) = ends();
    let (to, receiver) = ends();
    sender.write_all(&vec![1; bytes]).expect("there is room");
    sender.shutdown(Shutdown::Write).expect("it is connected");
    let (from, to) = (arrived(from), mio_stream(to));
    let (mut direction, mut buffer) = (Direction::default(), vec![0; buffer]);
    let mut last = Ok(Pause::TurnOver);
    // Each call carries a byte or passes on the end: more calls are of no use.
    for _ in 0..bytes + 3 {
        if matches!(last, Ok(Pause::TurnOver)) {
            last = direction.carry(&from, &to, &mut buffer);
        }
    }
    (last, to, receiver)
}

/// Waits until the sender's end has arrived, and with it all that came before.
fn arrived(stream: TcpStream) -> mio::net::TcpStream {
    let mut stream = mio_stream(stream);
    let (mut poll, mut events) =
        (mio::Poll::new().expect("a poller"), mio::Events::with_capacity(8));
    let registry = poll.registry();
    registry.register(&mut stream, mio::Token(0), mio::Interest::READABLE).expect("a new poller");
    while !events.iter().any(mio::event::Event::is_read_closed) {
        poll.poll(&mut events, None).expect("a poller waits");
    }
    stream
}

#[test]
fn all_who_wait_are_accepted() {
    judge_process(
        "all_who_wait_are_accepted",
        proxy::all_who_wait_are_accepted,
        "M32",
        "An event of the listener reports once that clients wait, not how many: accept until WouldBlock. \
         Book: Edges and levels, \"Until it would block\".",
    );
}

#[test]
fn one_that_cannot_be_connected_holds_up_nobody() {
    // TCP has no broadcast, so this fails at once, and nothing is sent.
    let nowhere = SocketAddr::from(([255, 255, 255, 255], 9));
    if mio::net::TcpStream::connect(nowhere).is_ok() {
        eprintln!("skipped: on this system no connect fails at once");
        return;
    }
    let test = "one_that_cannot_be_connected_holds_up_nobody";
    let result = in_a_process(test, nowhere, proxy::one_that_cannot_be_connected_holds_up_nobody);
    if let Err(error) = &result
        && error.kind() == ErrorKind::Other
    {
        panic!(
            "M39: {error}. Pause only for an error that concerns all clients, such as the limit of open files. \
             When one client cannot be connected, the next one may be: drop it, and accept again. Book: \
             Edges and levels, \"Until it would block\"."
        );
    }
    judge(
        result,
        "M32",
        "When one client cannot be connected, the next one may be. Drop it, and accept until \
         WouldBlock, because no event repeats that others wait. Book: Edges and levels, \"Until it \
         would block\".",
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
        "accept returns InvalidInput at every call, and `proxy` has not returned. That error alone ends it. \
         Book: A thread for each, \"What accept may report\".",
    );
    let ended = exercise::proxy(listener, upstream);
    assert!(
        matches!(&ended, Err(error) if error.kind() == ErrorKind::InvalidInput),
        "M39: the listener is broken, accept returns InvalidInput, and `proxy` returned {ended:?}. Return \
         that error. Book: A thread for each, \"What accept may report\"."
    );
}

#[test]
fn the_client_may_finish_first() {
    judge(
        proxy::the_client_may_finish_first(&start),
        "M41",
        "Ok(0) ends one direction. Once its outbox is empty, pass the end on with \
         `shutdown(Shutdown::Write)`, and continue the other direction. The conversation is over when \
         both directions are. Book: A connection is a state machine, \"Half a close, again\".",
    );
}

#[test]
fn the_upstream_may_finish_first() {
    judge(
        proxy::the_upstream_may_finish_first(&start),
        "M41",
        "Ok(0) ends one direction, whichever of the two it is. Once its outbox is empty, pass the end on \
         with `shutdown(Shutdown::Write)`, and continue the other direction. Book: A \
         connection is a state machine, \"Half a close, again\".",
    );
}

#[test]
fn what_was_held_back_arrives() {
    judge_an_end(
        proxy::what_was_held_back_arrives(&start),
        (
            "M29",
            "The upstream took no more, and that has ended the conversation. A full socket returns WouldBlock, \
             which is not a failure, and `write_all` does not tell you how much it has written. Use \
             `write`, and keep what was not taken in the outbox. Book: When the peer is slow, \"A write takes a part\".",
        ),
        (
            "M80",
            "A direction was held back, and nothing has continued it. A side that is registered for \
             WRITABLE is reported when it takes more. Then write the rest, and read again at once, because \
             what the sender has sent was reported before. If a turn ends meanwhile, return \
             `TurnOver`. Book: When the peer is slow, \"Interest in writing\".",
        ),
    );
}

#[test]
fn a_full_direction_holds_up_only_itself() {
    judge(
        proxy::a_full_direction_holds_up_only_itself(&start),
        "M34",
        "The upstream takes no more, and it has something to send: one socket, two directions. When one \
         direction would block, the other one may not: carry both, and look at both results afterwards. \
         Do not wait for one of them in a loop, and do not replace the interest in READABLE by one in \
         WRITABLE. When a turn is over, return `TurnOver`: no event continues it. Book: A connection is a state machine, \"Two directions\".",
    );
}

#[test]
fn both_directions_at_once() {
    judge(
        proxy::both_directions_at_once(&start),
        "M34",
        "A side may have something to read while it takes no more, and the other way round. Give each \
         direction an outbox and a state of its own. If you reregister for one direction, keep the \
         interest that the other one needs. Book: A connection is a state machine, \"Two \
         directions\".",
    );
}

#[test]
fn a_stalled_upstream_holds_back_one_client() {
    judge(
        proxy::a_stalled_upstream_holds_back_one_client(&start),
        "M50",
        "Keep what a side does not take in an outbox, and do not read from its sender while the outbox is \
         full: then the sender waits, and no other client. When the side takes more, read again, \
         although no event reports the sender as readable: it was reported before. When a turn is over, \
         return `TurnOver`, also with bytes in the outbox. Book: When the peer is slow, \
         \"Backpressure\".",
    );
}

#[test]
fn many_conversations_do_not_mix() {
    let advice = (
        "M79",
        "An event is about the conversation that its token names, and no other. If a number is given out \
         while a conversation has it, the new one replaces that one in the map, and ends it. Book: A \
         token used again, \"A slot and a generation\".",
    );
    judge_an_end(proxy::many_conversations_do_not_mix(&start), advice, advice);
}

#[test]
fn no_end_overtakes_the_rest() {
    judge_an_end(
        proxy::no_end_overtakes_the_rest(&start),
        (
            "M41",
            "The end comes after the last byte. While a direction has bytes in its outbox it has not ended, \
             even if its sender has. Write the rest, then shut down, then return `Done`. Book: A \
             connection is a state machine, \"Four states\".",
        ),
        (
            "M80",
            "The receiver is slow, and nothing has continued the direction when it could take more. \
             Both sides are written to, so register both for READABLE | WRITABLE, and write the rest \
             at an event. When all is written and the sender has finished, pass on the end. Book: \
             When the peer is slow, \"Interest in writing\".",
        ),
    );
}

#[test]
fn an_upstream_that_refuses_costs_one_client() {
    judge(
        proxy::an_upstream_that_refuses_costs_one_client(&start),
        "M38",
        "A connect that does not wait fails later, and the stream is then reported. Ask it with \
         `take_error`. If there is an error, end that client's connection, and no other. Book: A \
         connection is a state machine, \"A connect that does not wait\".",
    );
}

#[test]
fn an_upstream_slow_to_accept_holds_up_nobody() {
    judge(
        proxy::an_upstream_slow_to_accept_holds_up_nobody(&start),
        "M38",
        "`mio::net::TcpStream::connect` does not wait for the answer. Until the answer has come, carry \
         nothing and shut nothing down: a shutdown would give the connect up. After an event, ask \
         `take_error`, then `peer_addr`. If that returns NotConnected, wait for the next event. Once it is \
         connected, carry both directions at once, because what the client has sent was reported before. \
         Book: A connection is a state machine, \"A connect that does not wait\".",
    );
}

#[test]
fn an_upstream_that_resets_costs_one_client() {
    judge(
        proxy::an_upstream_that_resets_costs_one_client(&start),
        "M41",
        "After an error on one side nothing more will come. Drop both streams: that ends the other \
         side as well. Book: A connection is a state machine, \"Half a close, again\".",
    );
}

#[test]
fn a_client_that_resets_costs_nobody_else() {
    judge(
        proxy::a_client_that_resets_costs_nobody_else(&start),
        "M41",
        "After an error on one side nothing more will come. Drop both streams: that ends the other \
         side as well. Book: A connection is a state machine, \"Half a close, again\".",
    );
}

#[test]
fn one_thread_serves_all() {
    judge_process(
        "one_thread_serves_all",
        proxy::one_thread_serves_all,
        "M76",
        "This proxy has one thread, and `poll` is the only call in which it waits. \
         Book: The event loop, \"Where it sleeps\".",
    );
}

const BACKPRESSURE: &str = "Book: When the peer is slow, \"Backpressure\".";

/// Two ends of a connection, in non-blocking mode.
fn ends() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port on loopback");
    let addr = listener.local_addr().expect("a bound listener has an address");
    let far = TcpStream::connect(addr).expect("the listener has room");
    let (near, _) = listener.accept().expect("a client waits");
    for end in [&near, &far] {
        end.set_nonblocking(true).expect("a socket can be told not to block");
    }
    (near, far)
}

/// Sends as much as there is room for. The kernel makes room in its own time: a socket that has none for
/// 50 ms is full.
fn fill(mut stream: &TcpStream, byte: u8) -> usize {
    stream.set_write_timeout(Some(Duration::from_millis(50))).expect("it can be set");
    stream.set_nonblocking(false).expect("a socket can be told to block");
    let mut sent = 0;
    while let Ok(n) = stream.write(&[byte; PIECE]) {
        sent += n;
    }
    stream.set_nonblocking(true).expect("a socket can be told not to block");
    sent
}

fn mio_stream(stream: TcpStream) -> mio::net::TcpStream {
    mio::net::TcpStream::from_std(stream)
}

/// What one read of the proxy takes at most.
const PIECE: usize = 16 * 1024;

/// What a direction carries in a turn, at most.
const TURN: usize = 16 * PIECE;

#[test]
fn a_turn_comes_to_its_end() {
    let (from, sender) = ends();
    let (to, mut receiver) = ends();
    let sent = fill(&sender, 7);
    let (from, to) = (mio_stream(from), mio_stream(to));
    let pause = Direction::default().carry(&from, &to, &mut [0; PIECE]);
    let mut carried = 0;
    while let Ok(n @ 1..) = receiver.read(&mut [0; PIECE]) {
        carried += n;
    }
    assert!(
        carried <= 2 * TURN,
        "M70: a sender has sent {sent} bytes, a receiver takes all it is given, and one call of `carry` \
         has carried {carried} of them; it returned {pause:?}. As long as neither side would block, no \
         other client is served. After TURN pieces, return `TurnOver`: the loop gives the others a turn, \
         and then calls again. Book: Asking without waiting, \"The price of asking\"."
    );
    if carried >= TURN {
        let over = matches!(pause, Ok(Pause::TurnOver));
        assert!(
            over,
            "M80: a direction has carried {carried} bytes, its turn was over, and `carry` returned {pause:?}. It \
             could continue at once, so no event will continue it. Return `TurnOver`. Book: A connection is \
             a state machine, \"Two directions\"."
        );
    }
}

#[test]
fn a_turn_that_ends_with_the_end_says_so() {
    for bytes in 1..40 {
        let (last, _to, _receiver) = after_the_end(bytes, 1);
        assert!(
            matches!(last, Ok(Pause::Done)),
            "M80: a sender has sent {bytes} bytes and finished, each read takes one byte, and the last that \
             `carry` returned was {last:?}. If the turn is over after the end was read and before it was \
             passed on, no event continues the direction: return `TurnOver`, and later `Done`. Book: A \
             connection is a state machine, \"Two directions\"."
        );
    }
}

#[test]
fn no_more_waits_than_a_turn_brings() {
    const SENT: usize = 64 * 1024;
    const BUFFER: usize = 64;
    const MOST: usize = TURN / PIECE * BUFFER;
    let (from, mut sender) = ends();
    let (to, mut receiver) = ends();
    let filled = fill(&to, 0);
    sender.write_all(&[1; SENT]).expect("there is room");
    sender.shutdown(Shutdown::Write).expect("it is connected");
    let (mut from, to) = (arrived(from), mio_stream(to));
    let mut direction = Direction::default();
    for _ in 0..100 {
        if !matches!(direction.carry(&from, &to, &mut [0; BUFFER]), Ok(Pause::TurnOver)) {
            break;
        }
    }
    // What it has not read is still here, and what it has written arrives before the end.
    let left = from.read_to_end(&mut Vec::new()).expect("all has arrived");
    to.shutdown(Shutdown::Write).expect("it is connected");
    receiver.set_nonblocking(false).expect("a socket can be told to block");
    let came = receiver.read_to_end(&mut Vec::new()).expect("the end comes");
    let kept = (SENT - left).saturating_sub(came - filled);
    assert!(
        kept <= MOST,
        "M50: a receiver takes nothing, `carry` was called with a buffer of {BUFFER} bytes, and {kept} bytes \
         wait in its outbox. At most {MOST} may, which is what the reads of one turn return. While the \
         receiver takes nothing, leave the rest in the sender's socket, and the kernel slows the \
         sender down. {BACKPRESSURE}"
    );
}

#[test]
fn what_the_receiver_does_not_take_is_kept() {
    let _guard = watchdog(
        "a sender has finished, its receiver reads all, and `carry` was called again and again; the \
         end has not come. Book: A connection is a state machine, \"Four states\".",
    );
    let (from, sender) = ends();
    let (to, mut receiver) = ends();
    let filled = fill(&to, 0);
    let (from, to) = (mio_stream(from), mio_stream(to));
    let (mut direction, mut buffer) = (Direction::default(), [0; PIECE]);
    let sent = fill(&sender, 1);
    for _ in 0..6 {
        let pause = direction.carry(&from, &to, &mut buffer);
        assert!(
            matches!(pause, Ok(Pause::WouldBlock | Pause::TurnOver)),
            "M50: a receiver takes nothing for now, its sender keeps sending, and `carry` returned {pause:?}. \
             The direction waits until the receiver takes more. {BACKPRESSURE}"
        );
    }
    sender.shutdown(Shutdown::Write).expect("it is connected");
    let mut came = 0;
    loop {
        match receiver.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => came += n,
            Err(_) => {
                let _ = direction.carry(&from, &to, &mut buffer);
            }
        }
    }
    assert_eq!(
        came,
        filled + sent,
        "M29: a receiver took nothing for a while, and then all; `right` is how many bytes were sent to it, \
         `left` how many came. Keep what a write does not take in the outbox, before what comes later. \
         Book: When the peer is slow, \"A write takes a part\"."
    );
}

#[test]
fn an_error_of_either_side_is_told() {
    for gone in ["sender", "receiver"] {
        let (from, mut sender) = ends();
        let (to, receiver) = ends();
        let (from, to) = (mio_stream(from), mio_stream(to));
        sender.write_all(b"hello").expect("there is room");
        let rude = if gone == "sender" { sender } else { receiver };
        reset(rude).expect("a socket can be reset");
        let _guard = watchdog("`carry` does not report the reset.");
        let mut direction = Direction::default();
        let ended = loop {
            match direction.carry(&from, &to, &mut [0; 1024]) {
                Ok(Pause::WouldBlock | Pause::TurnOver) => {}
                ended => break ended,
            }
        };
        assert!(
            ended.is_err(),
            "M41: the {gone} has reset the connection, and `carry` returned {ended:?}. A reset is not an orderly \
             end. Return the error, which ends both directions. Book: A connection \
             is a state machine, \"Half a close, again\"."
        );
    }
}

#[test]
fn an_error_of_one_direction_ends_both() {
    let (client, mut at_client) = ends();
    let (upstream, _at_upstream) = ends();
    at_client.write_all(b"hello").expect("there is room");
    // From now on a write to the upstream fails, and `take_error` has nothing to tell.
    upstream.shutdown(Shutdown::Write).expect("it is connected");
    let mut conversation = Conversation::new(mio_stream(client), mio_stream(upstream));
    let ended = conversation.advance(&mut [0; PIECE]);
    assert!(
        ended.is_err(),
        "M41: the client has sent something, writing it to the upstream failed, and `Conversation::advance` \
         returned {ended:?}. An error that `carry` returns ends both directions, also when `take_error` \
         has none. Book: A connection is a state machine, \"Half a close, again\"."
    );
}

#[test]
fn each_direction_has_one_turn() {
    // A client that sends much to an upstream with a word to say, and the other way round.
    for up in [true, false] {
        let (client, at_client) = ends();
        let (upstream, at_upstream) = ends();
        let (mut sender, mut receiver) =
            if up { (at_client, at_upstream) } else { (at_upstream, at_client) };
        let who = if up { "the client" } else { "the upstream" };
        let sent = fill(&sender, 7);
        receiver.write_all(b"a word").expect("there is room");
        // Ends the word's direction later: if the word has not come, its reader finds the end, and does
        // not wait.
        let near = if up { &client } else { &upstream };
        let near = near.try_clone().expect("a socket can have a second handle");
        let mut conversation = Conversation::new(mio_stream(client), mio_stream(upstream));
        let pause = conversation.advance(&mut [0; PIECE]);
        let mut carried = 0;
        while let Ok(n @ 1..) = receiver.read(&mut [0; PIECE]) {
            carried += n;
        }
        assert!(
            carried <= 2 * TURN,
            "M70: {who} has sent {sent} bytes, and one call of `Conversation::advance` has carried \
             {carried} of them; it returned {pause:?}. A call is one turn for each direction. After that, \
             return `TurnOver`, and the loop gives the other conversations a turn first. Book: Asking without \
             waiting, \"The price of asking\"."
        );
        near.shutdown(Shutdown::Write).expect("it is connected");
        sender.set_nonblocking(false).expect("a socket can be told to block");
        assert!(
            sender.read_exact(&mut [0; 6]).is_ok(),
            "M34: {who} has sent {sent} bytes, the other side a word, and `Conversation::advance` was \
             called; it returned {pause:?}, and the word has not come. When one direction's turn is over, \
             the other one still has its own: carry both, and look at both results afterwards. Book: A \
             connection is a state machine, \"Two directions\"."
        );
        if carried >= TURN {
            assert!(
                matches!(pause, Ok(Pause::TurnOver)),
                "M80: {who} has sent {sent} bytes, of which {carried} were carried, and \
                 `Conversation::advance` returned {pause:?}. One of its directions could continue at once, \
                 and no event will continue it. Return `TurnOver`. Book: A connection is a state machine, \"Two \
                 directions\"."
            );
        }
    }
}

#[test]
fn waiting_costs_nothing() {
    judge_process(
        "waiting_costs_nothing",
        proxy::waiting_costs_nothing,
        "M77",
        "A direction that would block returns `Pause::WouldBlock`, and the thread waits in `poll`. Return \
         `TurnOver` only if it could continue at once. When it has ended, or is held back, it cannot. \
         Book: Asking without waiting, \"The price of asking\".",
    );
}

#[test]
fn what_is_over_is_given_back() {
    judge_process(
        "what_is_over_is_given_back",
        proxy::what_is_over_is_given_back,
        "M78",
        "A conversation is over when both directions have ended, or a side has gone. Then return `Done` or \
         the error from `Conversation::advance`, and both streams are dropped. A side that is no longer \
         read may reset as well: before you return `WouldBlock`, ask both sides with `take_error`. \
         Book: A connection is a state machine, \"Half a close, again\".",
    );
}

#[test]
fn waiting_for_a_connect_costs_nothing() {
    judge_process(
        "waiting_for_a_connect_costs_nothing",
        proxy::waiting_for_a_connect_costs_nothing,
        "M77",
        "Until the upstream has answered, `Conversation::advance` can do nothing. Return `WouldBlock`: an \
         event comes when the upstream has become writable. Book: A connection is a state machine, \"A \
         connect that does not wait\".",
    );
}

#[test]
fn who_resets_during_the_connect_is_given_up() {
    judge_process(
        "who_resets_during_the_connect_is_given_up",
        proxy::who_resets_during_the_connect_is_given_up,
        "M78",
        "While the upstream has not answered, the client may reset, and then the conversation is over. \
         Ask the client with `take_error` before you return `WouldBlock`. Book: A connection is a state \
         machine, \"A connect that does not wait\".",
    );
}

#[test]
fn the_thread_never_sleeps() {
    judge_process(
        "the_thread_never_sleeps",
        proxy::the_thread_never_sleeps,
        "M39",
        "Do not sleep: while the thread does, no client is served. Set `accept_at`, return, and the loop \
         calls `accept` again when it is time. Book: Edges and levels, \"Until it would block\".",
    );
}

#[test]
fn running_out_of_descriptors_ends_nothing() {
    judge_process(
        "running_out_of_descriptors_ends_nothing",
        proxy::descriptor_exhaustion_is_survived,
        "M39",
        "At the limit of open files both `accept` and `connect` fail. Neither ends the proxy, and `accept` \
         is not tried again without a pause. No event says when to try again, because the clients that \
         wait were reported before. Set `accept_at`, and set it to None once no client waits. Book: Edges \
         and levels, \"Until it would block\".",
    );
}
