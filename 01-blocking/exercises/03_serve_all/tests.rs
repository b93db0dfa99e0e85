//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, ThreadId};

use exercise::{Listener, serve_all};
use testkit::{DeadlockWatch, ScriptedIo, deadlock_watch};

const SILENT: &str = "M55: a client has connected and sends nothing, and you wait for it: every \
                      later client waits too, for ever. Give each client a thread of its own, and \
                      call accept again without waiting for that thread. Book: A thread for each, \
                      \"One thread, one client\".";

const ERRORS: &str = "Book: A thread for each, \"What accept may report\".";

/// A client: what it says, and what it does when the server waits for more.
struct Client {
    io: ScriptedIo,
    /// Of a silent client: it speaks when this channel says so.
    waits_for: Option<Receiver<()>>,
    /// The thread that accepts. A silent client must not be waited for there.
    acceptor: ThreadId,
    /// Told what was written to the client, when it is dropped.
    done: Sender<String>,
}

impl Read for Client {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(signal) = self.waits_for.take() {
            assert!(thread::current().id() != self.acceptor, "{SILENT}");
            let _ = signal.recv();
        }
        self.io.read(buffer)
    }
}

impl Write for Client {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.io.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let written = String::from_utf8_lossy(self.io.written()).into_owned();
        let _ = self.done.send(written);
    }
}

/// What the script's listener does at one call of accept.
enum Step {
    Client(ScriptedIo),
    /// A client that says nothing until the channel says so.
    Silent(ScriptedIo, Receiver<()>),
    Error(ErrorKind),
    /// Every accept fails with this, until `pause` has been called so many times.
    Exhausted(io::Error, usize),
    /// accept waits until this many clients are done.
    Served(usize),
    /// A silent client is told to speak.
    Speak(Sender<()>),
}

struct Script {
    steps: VecDeque<Step>,
    acceptor: ThreadId,
    pauses: usize,
    /// Accepts that failed since the last pause or success.
    refused: usize,
    /// Accepts after the script's end.
    after_end: usize,
    done: Sender<String>,
    served: Receiver<String>,
}

impl Script {
    fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        let (done, served) = mpsc::channel();
        Self {
            steps: steps.into_iter().collect(),
            acceptor: thread::current().id(),
            pauses: 0,
            refused: 0,
            after_end: 0,
            done,
            served,
        }
    }

    fn client(&self, io: ScriptedIo, waits_for: Option<Receiver<()>>) -> Client {
        Client { io, waits_for, acceptor: self.acceptor, done: self.done.clone() }
    }

    /// Waits for a client that is done, and returns what was written to it.
    fn next_served(&self) -> String {
        self.served.recv().expect("the script holds a sender")
    }
}

impl Listener for Script {
    type Stream = Client;

    fn accept(&mut self) -> io::Result<Client> {
        loop {
            return match self.steps.pop_front() {
                Some(Step::Client(io)) => Ok(self.client(io, None)),
                Some(Step::Silent(io, signal)) => Ok(self.client(io, Some(signal))),
                Some(Step::Error(kind)) => Err(kind.into()),
                Some(Step::Exhausted(_, 0)) => continue,
                Some(Step::Exhausted(error, pauses)) => {
                    self.refused += 1;
                    assert!(
                        self.refused <= 3,
                        "M39: accept returned `{error}`, and you called it again and again without \
                         a pause. It fails at once each time, and the loop takes a whole \
                         processor. Call `listener.pause()` before each new call, after every \
                         error that is none of the four named ones. {ERRORS}"
                    );
                    let again = copy(&error);
                    self.steps.push_front(Step::Exhausted(error, pauses));
                    Err(again)
                }
                Some(Step::Served(count)) => {
                    (0..count).for_each(|_| drop(self.next_served()));
                    continue;
                }
                Some(Step::Speak(signal)) => {
                    let _ = signal.send(());
                    continue;
                }
                None => {
                    self.after_end += 1;
                    assert!(
                        self.after_end <= 3,
                        "M39: the listener itself is broken (InvalidInput, with a number: it is \
                         not a listening socket), and you call accept again and again. No call \
                         will ever succeed: return the error. {ERRORS}"
                    );
                    Err(broken())
                }
            };
        }
    }

    fn pause(&mut self) {
        if let Some(Step::Exhausted(_, pauses)) = self.steps.front_mut() {
            *pauses = pauses.saturating_sub(1);
        }
        self.refused = 0;
        self.pauses += 1;
    }
}

/// What the system reports for a socket that does not listen.
fn broken() -> io::Error {
    const EINVAL: i32 = if cfg!(windows) { 10022 } else { 22 };
    io::Error::from_raw_os_error(EINVAL)
}

/// `io::Error` cannot be cloned.
fn copy(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

/// What accept may report when the system is out of something: descriptors, memory; or when a
/// firewall forbids one client. There are more.
fn exhaustions() -> Vec<io::Error> {
    let mut errors = vec![
        io::Error::from(ErrorKind::OutOfMemory),
        io::Error::from(ErrorKind::PermissionDenied),
        io::Error::other("the network is down"),
    ];
    if cfg!(unix) {
        const EMFILE: i32 = 24;
        errors.insert(0, io::Error::from_raw_os_error(EMFILE));
    }
    errors
}

/// Fails at once when threads wait for each other for ever.
fn watch(explanation: &'static str) -> DeadlockWatch {
    deadlock_watch(move || explanation)
}

fn says(text: &str) -> ScriptedIo {
    ScriptedIo::new().data(text).end()
}

#[test]
fn a_broken_listener_is_reported() {
    let _guard = watch("The listener is broken, and `serve_all` does not return.");
    let mut script = Script::new([Step::Client(says("hello"))]);
    let result = serve_all(&mut script);
    assert!(
        matches!(&result, Err(error) if error.kind() == ErrorKind::InvalidInput),
        "M39: the listener reported InvalidInput, and you returned {result:?}. No client can be \
         accepted from now on, and the caller must learn of it: return the error. {ERRORS}"
    );
    assert_eq!(
        script.pauses, 0,
        "M39: the listener itself is broken, and you paused. Waiting repairs nothing: return the \
         error. {ERRORS}"
    );
}

#[test]
fn every_client_is_served() {
    let _guard = watch(
        "Three clients came, and one of them was not served: its stream was neither read to its \
         end nor dropped. Was `echo` called for it?",
    );
    let mut script = Script::new([
        Step::Client(says("one")),
        Step::Client(ScriptedIo::new().read_error(ErrorKind::Interrupted).data("two").end()),
        Step::Client(says("three")),
    ]);
    let _ = serve_all(&mut script);
    let mut served: Vec<_> = (0..3).map(|_| script.next_served()).collect();
    served.sort();
    assert_eq!(
        served,
        ["one", "three", "two"],
        "Three clients came, and each says one word; a signal interrupts one read. `left` is what they \
         got back."
    );
}

#[test]
fn a_silent_client_holds_up_nobody() {
    let _guard = watch(SILENT);
    let (speak, signal) = mpsc::channel();
    // The accept after the second client returns once that one was served: while the first is still
    // silent.
    let mut script = Script::new([
        Step::Silent(says("at last"), signal),
        Step::Client(says("hello")),
        Step::Served(1),
        Step::Speak(speak),
    ]);
    let _ = serve_all(&mut script);
    assert_eq!(
        script.next_served(),
        "at last",
        "The silent client has spoken at last; `left` is what came back."
    );
}

#[test]
fn many_silent_clients_hold_up_nobody() {
    let _guard = watch(
        "M55: 300 clients are silent, and the next one, which speaks, is not served: some thread \
         waits for a silent one. A server should limit its clients, but this exercise does not ask \
         for it. Book: A thread for each, \"One thread, one client\".",
    );
    let silent: Vec<_> = (0..300).map(|_| mpsc::channel()).collect();
    let (speak, signals): (Vec<_>, Vec<_>) = silent.into_iter().unzip();
    let clients = signals.into_iter().map(|signal| Step::Silent(says("x"), signal));
    let rest = [Step::Client(says("hello")), Step::Served(1)];
    let mut script = Script::new(clients.chain(rest).chain(speak.into_iter().map(Step::Speak)));
    let _ = serve_all(&mut script);
}

#[test]
fn one_clients_error_is_its_own() {
    let _guard = watch("After a client's error, the next client was not served.");
    let broken = ScriptedIo::new().data("x").read_error(ErrorKind::ConnectionReset);
    let gone = ScriptedIo::new().data("y").write_error(ErrorKind::BrokenPipe);
    let mut script = Script::new([
        Step::Client(broken),
        Step::Client(gone),
        Step::Served(2),
        Step::Client(says("hello")),
    ]);
    let result = serve_all(&mut script);
    assert!(
        matches!(&result, Err(error) if error.kind() == ErrorKind::InvalidInput),
        "M39: two clients failed, one with a reset and one in a write, and `serve_all` returned \
         {result:?}. A client's error ends that client's conversation, and nothing else. {ERRORS}"
    );
    assert_eq!(
        script.next_served(),
        "hello",
        "M39: the client after two that failed was not served. {ERRORS}"
    );
}

#[test]
fn a_client_that_left_early_ends_nothing() {
    let _guard = watch("The client after one that left early was not served.");
    for kind in [ErrorKind::ConnectionAborted, ErrorKind::Interrupted, ErrorKind::ConnectionReset] {
        let mut script = Script::new([Step::Error(kind), Step::Client(says("hello"))]);
        let result = serve_all(&mut script);
        assert!(
            matches!(&result, Err(error) if error.kind() == ErrorKind::InvalidInput),
            "M39: accept reported {kind:?}, and `serve_all` returned {result:?}. That error is \
             about a client that left before it was accepted, or about a signal, and not about the \
             next client: accept again. {ERRORS}"
        );
        assert_eq!(
            script.next_served(),
            "hello",
            "M39: a client after {kind:?} was lost. {ERRORS}"
        );
        assert_eq!(
            script.pauses, 0,
            "M39: accept reported {kind:?}, and you paused `left` times. Nothing has run out, and the next \
             client has to wait for no reason: accept again at once. {ERRORS}"
        );
    }
}

#[test]
fn exhaustion_pauses_and_goes_on() {
    let _guard = watch("The client that came after an exhaustion was not served.");
    // A server may stay exhausted for minutes.
    const PAUSES: usize = 100;
    for error in exhaustions() {
        let words = error.to_string();
        let mut script = Script::new([
            Step::Client(says("before")),
            Step::Exhausted(error, PAUSES),
            Step::Client(says("after")),
            Step::Served(2),
        ]);
        let result = serve_all(&mut script);
        assert!(
            script.pauses >= PAUSES,
            "M39: accept returned `{words}`, and `serve_all` returned {result:?} after {} pauses. \
             The listener is not broken, and what has run out will be there again when clients \
             have left: pause, and accept again. {ERRORS}",
            script.pauses
        );
    }
}

#[test]
fn an_error_without_a_number_ends_nothing() {
    let _guard = watch("The client after an InvalidInput without a number was not served.");
    let mut script =
        Script::new([Step::Error(ErrorKind::InvalidInput), Step::Client(says("hello"))]);
    let result = serve_all(&mut script);
    assert!(
        script.steps.is_empty(),
        "M39: accept reported an InvalidInput without a number, and `serve_all` returned \
         {result:?}. That error does not come from the system: on macOS the standard library \
         returns it for a client that left before it was accepted. Only an error with a number \
         (`raw_os_error`) can mean that the listener is broken. {ERRORS}"
    );
}

#[test]
fn a_broken_listener_is_reported_beside_a_silent_client() {
    let _guard = watch(
        "M55: the listener is broken, a client is still silent, and `serve_all` does not return: \
         it waits for that client. So its caller never learns that no client can be accepted any \
         more. A scope joins its threads when it ends: spawn a thread without a scope, and do not \
         join it. Book: A thread for each, \"One thread, one client\".",
    );
    let (_speak, signal) = mpsc::channel();
    let mut script = Script::new([Step::Silent(says("at last"), signal)]);
    let _ = serve_all(&mut script);
}
