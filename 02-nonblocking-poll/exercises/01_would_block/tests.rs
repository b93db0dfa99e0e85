//! Judges `exercise.rs`. The tests are in the order in which they are run; the first one that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::cell::RefCell;
use std::io::{self, ErrorKind, Read, Write};
use std::rc::Rc;

use exercise::{Answer, ask, round};
use testkit::ScriptedIo;

const SAYS: &str = "Book: Asking without waiting, \"What `WouldBlock` says\".";
const PRICE: &str = "Book: Asking without waiting, \"The price of asking\".";

/// A stream that explains what is wrong when it is asked more often than the script allows.
fn stream() -> ScriptedIo {
    ScriptedIo::new()
        .explain_block(format!(
            "M70: a stream was asked again although it had answered. In one round, ask each stream once, and \
             then the next one. {PRICE}"
        ))
        .explain_ignored_end(format!(
            "M31: a read returned Ok(0), and you went on reading. Ok(0) is the end of the stream: the \
             peer has finished, and every later read returns Ok(0) again, at once. {SAYS}"
        ))
}

/// A connection of which the test keeps a second handle.
#[derive(Clone)]
struct Peer(Rc<RefCell<ScriptedIo>>);

impl Peer {
    fn new(io: ScriptedIo) -> Self {
        Self(Rc::new(RefCell::new(io)))
    }

    /// It says this, and then nothing for now.
    fn says(text: &str) -> Self {
        let nothing = ErrorKind::WouldBlock;
        Self::new(stream().data(text).read_error(nothing).read_error(nothing))
    }

    /// All that was sent to it.
    fn got(&self) -> String {
        String::from_utf8_lossy(self.0.borrow().written()).into_owned()
    }

    fn reads(&self) -> usize {
        self.0.borrow().read_calls()
    }

    /// Whether the test has the only handle left.
    fn was_dropped(&self) -> bool {
        Rc::strong_count(&self.0) == 1
    }
}

impl Read for Peer {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.borrow_mut().read(buffer)
    }
}

impl Write for Peer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One round over the connections. Returns what it reported.
fn one_round(connections: &mut Vec<Peer>) -> Vec<ErrorKind> {
    round(connections, &mut [0; 64]).iter().map(io::Error::kind).collect()
}

#[test]
fn bytes_that_are_here_are_an_answer() {
    let mut io = stream().data("hello").read_error(ErrorKind::WouldBlock);
    let mut buffer = [0; 64];
    let answer = ask(&mut io, &mut buffer).expect("nothing went wrong on this stream");
    assert_eq!(answer, Answer::Bytes(5), "5 bytes had come; `left` is your answer.");
    assert_eq!(&buffer[..5], b"hello", "`left` is what is at the front of the buffer.");
}

#[test]
fn nothing_for_now_is_an_answer() {
    let nothing = ErrorKind::WouldBlock;
    let mut io = stream().read_error(nothing).data("later").read_error(nothing);
    let mut buffer = [0; 64];
    match ask(&mut io, &mut buffer) {
        Ok(Answer::NothingNow) => {}
        Ok(Answer::Bytes(_)) => panic!(
            "M55: a read returned WouldBlock, and you read again, until bytes came. No other stream \
             is asked while you do that, and it may take for ever. Return NothingNow, and let the others \
             have their turn. {SAYS}"
        ),
        other => panic!(
            "M27: a read returned WouldBlock, and your answer was {other:?}. Nothing is wrong with this \
             stream, and it has not ended: its peer has not sent anything yet. Return NothingNow. {SAYS}"
        ),
    }
    let answer = ask(&mut io, &mut buffer).expect("nothing went wrong on this stream");
    assert_eq!(
        answer,
        Answer::Bytes(5),
        "M27: after WouldBlock, bytes came, and `left` is your next answer. {SAYS}"
    );
}

#[test]
fn one_question_is_one_read() {
    let mut io = stream().data("one").data("two").read_error(ErrorKind::WouldBlock);
    let answer = ask(&mut io, &mut [0; 64]).expect("nothing went wrong on this stream");
    assert_eq!(
        (answer, io.read_calls()),
        (Answer::Bytes(3), 1),
        "M70: a read returned 3 bytes; `left` is your answer, and how many reads you made. Code that \
         reads until nothing is left lets a peer that sends fast keep all others waiting. Make one \
         read for each answer. {PRICE}"
    );
}

#[test]
fn the_end_is_an_answer_of_its_own() {
    let mut io = stream().data("bye").end();
    let mut buffer = [0; 64];
    let answers = [ask(&mut io, &mut buffer), ask(&mut io, &mut buffer)];
    assert!(
        matches!(answers, [Ok(Answer::Bytes(3)), Ok(Answer::End)]),
        "M31: a stream returned 3 bytes, then Ok(0), and your answers were {answers:?}. A read of 0 \
         bytes is the end, for ever. When nothing has come for now, the read returns WouldBlock. Code \
         that confuses the two asks a peer that has gone, again and again. {SAYS}"
    );
}

#[test]
fn an_interrupted_read_is_asked_again() {
    let mut io = stream()
        .read_error(ErrorKind::Interrupted)
        .read_error(ErrorKind::Interrupted)
        .data("hello")
        .read_error(ErrorKind::Interrupted)
        .read_error(ErrorKind::WouldBlock);
    let mut buffer = [0; 64];
    let first = ask(&mut io, &mut buffer);
    let second = matches!(first, Ok(Answer::Bytes(5))).then(|| ask(&mut io, &mut buffer));
    assert!(
        matches!(second, Some(Ok(Answer::NothingNow))),
        "M28: signals interrupted the reads of a stream that had 5 bytes and then nothing for now. \
         Your answers were {first:?}, and then {second:?}. `Interrupted` is not an answer: it says \
         nothing about the stream. Read again, at once. {SAYS}"
    );
}

#[test]
fn another_error_is_reported() {
    for kind in [ErrorKind::ConnectionReset, ErrorKind::TimedOut, ErrorKind::BrokenPipe] {
        let answer = ask(&mut stream().read_error(kind), &mut [0; 64]);
        assert!(
            matches!(&answer, Err(error) if error.kind() == kind),
            "M27: a read returned {kind:?}, and your answer was {answer:?}. WouldBlock is an answer, \
             and after Interrupted you read again. Every other error is a failure: return it to the \
             caller. {SAYS}"
        );
    }
}

#[test]
fn only_what_was_read_is_sent_back() {
    let (long, short) = (Peer::says("a long secret"), Peer::says("hi"));
    let _ = one_round(&mut vec![long.clone(), short.clone()]);
    assert!(
        "a long secret".starts_with(&long.got()) && "hi".starts_with(&short.got()),
        "M30: one peer said `a long secret`, and got {:?}; the next said `hi`, and got {:?}. After \
         `Bytes(n)` the first n bytes of the buffer are from the peer that was asked last. The others \
         are left over from a peer that was asked before, and no other peer may see them. Write \
         `&buffer[..n]`, and write it before you ask the next peer. {SAYS}",
        long.got(),
        short.got()
    );
}

#[test]
fn each_one_gets_back_what_it_said() {
    let peers = [Peer::says("one"), Peer::says("two"), Peer::says("three")];
    let mut connections = peers.to_vec();
    let errors = one_round(&mut connections);
    assert_eq!(
        peers.each_ref().map(Peer::got),
        ["one", "two", "three"],
        "M55: three peers had each said a word; `left` is what they got back in the first round. The \
         round does not end with the first peer that has sent something: ask all of them. {SAYS}"
    );
    assert_eq!((connections.len(), errors), (3, vec![]), "All three stay, and none has failed.");
}

#[test]
fn one_that_talks_without_end_gets_one_turn_a_round() {
    let talker = Peer::new(stream().data("one").data("two").data("three"));
    let last = Peer::says("last");
    let mut connections = vec![talker.clone(), last.clone()];
    for (rounds, expected) in [(1, "one"), (2, "onetwo")] {
        let _ = one_round(&mut connections);
        assert_eq!(
            (talker.got().as_str(), talker.reads()),
            (expected, rounds),
            "M70: a peer always has more to say; `left` is what it got back after {rounds} round(s), \
             and how often it was asked. If you serve it until it is silent, all others wait, perhaps \
             for ever. Ask it once, and then ask the next one. {PRICE}"
        );
    }
    // A full buffer is not a reason to ask again, either.
    let full = "x".repeat(64);
    let talker = Peer::new(stream().data(&full).data(&full).data(&full));
    let _ = one_round(&mut vec![talker.clone(), Peer::says("last")]);
    assert_eq!(
        talker.reads(),
        1,
        "M70: a peer always has more to say, and each read fills the buffer; `left` is how often it was \
         asked in one round. A full buffer is not a reason to let the others wait. {PRICE}"
    );
}

#[test]
fn a_silent_one_stays_and_holds_up_nobody() {
    let silent = Peer::new(
        stream()
            .read_error(ErrorKind::WouldBlock)
            .read_error(ErrorKind::WouldBlock)
            .data("at last"),
    );
    let talker = Peer::says("hello");
    let mut connections = vec![silent.clone(), talker.clone()];
    let errors = one_round(&mut connections);
    assert_eq!(
        talker.got(),
        "hello",
        "M55: the first peer had nothing to say for now, the second said `hello`; `left` is what it got \
         back. WouldBlock concerns one stream: continue with the next. {SAYS}"
    );
    assert!(
        errors.is_empty() && !silent.was_dropped(),
        "M27: a peer had nothing to say for now, and was {}. It may speak in an hour: keep it. {SAYS}",
        if errors.is_empty() { "dropped" } else { "reported as failed" }
    );
    let _ = one_round(&mut connections);
    let _ = one_round(&mut connections);
    assert_eq!(
        silent.got(),
        "at last",
        "M27: a peer that was silent for two rounds spoke in the third; `left` is what it got back. {SAYS}"
    );
}

#[test]
fn one_that_has_ended_leaves() {
    let peer = Peer::new(stream().data("bye").end());
    let mut connections = vec![peer.clone()];
    let errors = [one_round(&mut connections), one_round(&mut connections)].concat();
    assert_eq!(peer.got(), "bye", "It sent `bye` and finished; `left` is what it got back.");
    assert!(
        connections.is_empty() && peer.was_dropped(),
        "M31: a peer had sent its last byte, the second round read that end, and the connection is \
         still in the list. Its reads return Ok(0) in every round to come, and it is never closed: \
         remove it. {SAYS}"
    );
    assert_eq!(
        errors,
        [],
        "M31: a peer has finished, and `left` is what you reported. An end is not a failure. {SAYS}"
    );
}

#[test]
fn when_one_leaves_the_others_are_asked_once() {
    let gone = || Peer::new(stream().end());
    let talkers = [Peer::says("a"), Peer::says("b"), Peer::says("c"), Peer::says("d")];
    let [a, b, c, d] = talkers.clone();
    let mut connections = vec![gone(), a, gone(), gone(), b, c, gone(), d, gone()];
    let errors = one_round(&mut connections);
    let reads = talkers.each_ref().map(Peer::reads);
    assert_eq!(
        reads, [1; 4],
        "M71: of nine connections five had ended, and `left` is how often each of the others was \
         asked in that round. When an element leaves a list, others take its place, so a loop by index \
         skips one, or asks one twice. Only elements that were asked already may move. And the end of \
         one connection is not the end of the round. {SAYS}"
    );
    assert_eq!((connections.len(), errors), (4, vec![]), "M71: four stay, and none has failed.");
}

#[test]
fn one_that_fails_takes_nobody_with_it() {
    let reset = Peer::new(stream().read_error(ErrorKind::ConnectionReset));
    let timed_out = Peer::new(stream().read_error(ErrorKind::TimedOut));
    let (first, last) = (Peer::says("first"), Peer::says("last"));
    let mut connections = vec![first.clone(), reset.clone(), timed_out.clone(), last.clone()];
    let mut errors = one_round(&mut connections);
    errors.sort_unstable();
    assert_eq!(
        [first.got(), last.got()],
        ["first", "last"],
        "M24: of four peers, the second and the third have failed; `left` is what the first and \
         the last got back. A failure concerns one connection: continue with the next. {SAYS}"
    );
    let gone = [&first, &reset, &timed_out, &last].map(Peer::was_dropped);
    assert_eq!(
        gone,
        [false, true, true, false],
        "M24: of four connections the second and the third have failed; `left` is which ones you removed. \
         One that has failed will fail again, in every round: remove it, and no other. Once an element is \
         removed from the list, those behind it have other indexes. {SAYS}"
    );
    assert_eq!(
        errors,
        [ErrorKind::ConnectionReset, ErrorKind::TimedOut],
        "M24: two have failed; `left` is what you reported, sorted. {SAYS}"
    );
}

#[test]
fn a_write_that_fails_ends_one_connection() {
    let gone = Peer::new(stream().data("x").write_error(ErrorKind::BrokenPipe));
    let last = Peer::says("last");
    let mut connections = vec![gone.clone(), last.clone()];
    let errors = one_round(&mut connections);
    assert_eq!(
        last.got(),
        "last",
        "M24: a write to one peer failed; `left` is what the next one got back. A failure concerns one connection: \
         continue with the next, also when it has moved into the place of the one that you removed. \
         {SAYS}"
    );
    assert!(
        gone.was_dropped() && errors == [ErrorKind::BrokenPipe],
        "M24: a write returned BrokenPipe: that peer has gone. You reported {errors:?}, and the \
         connection was {}. Treat a failed write like a failed read: report it, and remove its \
         connection. {SAYS}",
        if gone.was_dropped() { "removed" } else { "kept" }
    );
}

#[test]
fn a_write_that_takes_a_part_is_finished() {
    let slow =
        Peer::new(stream().data("0123456789").write_at_most(3).write_error(ErrorKind::Interrupted));
    let mut connections = vec![slow.clone()];
    let _ = one_round(&mut connections);
    assert_eq!(
        slow.got(),
        "0123456789",
        "M29: a write took 3 of 10 bytes, and `left` is what the peer got. Use `write_all`: it \
         continues with the rest, also after an interruption. Book: A server in twenty lines, \
         \"What a write may do\"."
    );
}
