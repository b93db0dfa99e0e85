//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::cell::RefCell;
use std::io::{self, ErrorKind, Read};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use exercise::{Frames, Pair, Side};
use futures::io::AsyncRead;
use testkit::{CountingWaker, Operation, ScriptedIo, poll_once};

const BYTES: &str = "Book: A server in twenty lines, \"Bytes, not messages\".";
const DROPPED: &str = "Book: What a timeout drops, \"A read that is dropped\".";
const KEEP: &str = "Book: What a timeout drops, \"Keep it outside the future\".";
const FIRST: &str = "Book: Several in one task, \"Until the first\".";

/// The longest payload, where a test does not say otherwise.
const MAX: usize = 1000;

/// A stream whose bytes arrive when the test says so. Its clones are the same.
#[derive(Clone)]
struct Peer(Rc<RefCell<Stream>>);

struct Stream {
    io: ScriptedIo,
    waker: Option<Waker>,
}

impl Peer {
    fn new() -> Self {
        let io = ScriptedIo::new().nonblocking().explain_block(format!(
            "M26: nothing has arrived, and one poll has read 100 times. A poll that waits keeps its whole thread. \
             Await the read, or return Pending if it does. {DROPPED}"
        ));
        let io = io.explain_ignored_end(format!(
            "M31: a read returned 0, and you read on. That is the end of the stream: every later read returns 0 \
             again, at once. {BYTES}"
        ));
        Self(Rc::new(RefCell::new(Stream { io, waker: None })))
    }

    /// Changes the script, and wakes the task that waits for it.
    fn script(&self, change: impl FnOnce(ScriptedIo) -> ScriptedIo) {
        let waker = {
            let mut stream = self.0.borrow_mut();
            let io = std::mem::take(&mut stream.io);
            stream.io = change(io);
            stream.waker.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }

    /// These bytes arrive.
    fn sends(&self, bytes: impl AsRef<[u8]>) {
        self.script(|io| io.data(bytes));
    }

    /// The stream ends.
    fn ends(&self) {
        self.script(ScriptedIo::end);
    }

    /// How many reads have returned bytes or the end.
    fn reads(&self) -> usize {
        let stream = self.0.borrow();
        stream.io.operations().iter().filter(|done| matches!(done, Operation::Read(_))).count()
    }
}

impl AsyncRead for Peer {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut stream = self.0.borrow_mut();
        match stream.io.read(buffer) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                stream.waker = Some(cx.waker().clone());
                Poll::Pending
            }
            result => Poll::Ready(result),
        }
    }
}

/// The bytes of a frame.
fn frame(payload: &str) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short payload");
    [&length.to_be_bytes(), payload.as_bytes()].concat()
}

fn frames(max: usize) -> (Peer, Frames<Peer>) {
    let peer = Peer::new();
    (peer.clone(), Frames::new(peer, max))
}

/// What a future of `next_frame` has returned, as text.
type Frame = Result<Option<String>, ErrorKind>;

fn text(result: io::Result<Option<Vec<u8>>>) -> Frame {
    let text = |payload: Vec<u8>| String::from_utf8_lossy(&payload).into_owned();
    result.map(|payload| payload.map(text)).map_err(|error| error.kind())
}

fn some(payload: &str) -> Poll<Frame> {
    Poll::Ready(Ok(Some(payload.to_owned())))
}

/// Polls a new future of `next_frame` once, and drops it.
fn next(frames: &mut Frames<Peer>) -> Poll<Frame> {
    poll_once(&mut pin!(frames.next_frame()), Waker::noop()).map(text)
}

#[test]
fn a_frame_that_comes_whole() {
    let (peer, mut frames) = frames(MAX);
    peer.sends(frame("hello"));
    assert_eq!(
        next(&mut frames),
        some("hello"),
        "M56: the frame 00 00 00 05 h e l l o came in one read, and `left` is what `next_frame` returned. The \
         payload is what follows the four bytes of its length. {BYTES}"
    );
}

#[test]
fn frames_that_came_together_are_all_returned() {
    let (peer, mut frames) = frames(MAX);
    peer.sends([frame("one"), frame("two"), frame("three")].concat());
    for (payload, number) in [("one", 1), ("two", 2), ("three", 3)] {
        assert_eq!(
            next(&mut frames),
            some(payload),
            "M56: three frames came in one read, and nothing after them; `left` is what call number {number} of \
             `next_frame` returned. What follows a frame is the beginning of the next one: keep it in `self`, \
             and look there before you read. {BYTES}"
        );
    }
}

#[test]
fn a_frame_may_come_in_pieces() {
    let whole = frame("hello");
    for cut in 1..whole.len() {
        for second in cut..whole.len() {
            let (peer, mut frames) = frames(MAX);
            let (counter, waker) = CountingWaker::new();
            let mut future = Box::pin(frames.next_frame());
            let pieces = [&whole[..cut], &whole[cut..second], &whole[second..]];
            let pieces: Vec<_> = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
            for piece in &pieces[..pieces.len() - 1] {
                peer.sends(piece);
                let before = counter.wakes();
                let polled = poll_once(&mut future, &waker).map(text);
                assert_eq!(
                    polled,
                    Poll::Pending,
                    "M30: of the nine bytes of a frame, {cut} or {second} have come, and `next_frame` was ready. \
                     Await reads until the frame is whole. {BYTES}"
                );
                assert_eq!(
                    counter.wakes() - before,
                    0,
                    "M5: half a frame is here, and `next_frame` has woken its own task, to be polled again at once: \
                     a busy loop. The read wakes it when there is more. Book: The life of one wake, \
                     \"Asking again is not waiting\"."
                );
                assert!(
                    counter.live() > 1,
                    "M1: half a frame is here, `next_frame` returned Pending, and nothing holds its waker: the \
                     task sleeps for ever. Return Pending only if a read did. Book: Lost wakes, \
                     \"Pending is a promise\"."
                );
            }
            peer.sends(pieces[pieces.len() - 1]);
            assert_eq!(
                poll_once(&mut future, &waker).map(text),
                some("hello"),
                "M30: a frame of nine bytes came in {} pieces, cut after {cut} and after {second} bytes, and \
                 `left` is what `next_frame` returned. Put each piece behind what came before it. {BYTES}",
                pieces.len()
            );
        }
    }
}

#[test]
fn a_future_that_is_dropped_loses_no_byte() {
    let stream = [frame("first"), frame("second")].concat();
    for cut in 1..stream.len() {
        for second in cut..stream.len() {
            let (peer, mut frames) = frames(MAX);
            let mut found = Vec::new();
            for piece in [&stream[..cut], &stream[cut..second], &stream[second..]] {
                if !piece.is_empty() {
                    peer.sends(piece);
                }
                // Dropped at each Pending. More than two are wrong already.
                while let Poll::Ready(frame) = next(&mut frames)
                    && found.len() < 3
                {
                    found.push(frame);
                }
            }
            assert_eq!(
                found,
                [Ok(Some("first".to_owned())), Ok(Some("second".to_owned()))],
                "M43: two frames of 9 and 10 bytes came in pieces, cut after {cut} and after {second} bytes. A \
                 future of `next_frame` was dropped whenever it was pending, as a timeout does, and called \
                 again; `left` is what came out. What a future keeps in its own variables is gone when it \
                 is dropped: whatever was read must be in `self` at each await. `read_exact` is such a \
                 future as well. {KEEP}"
            );
        }
    }
}

#[test]
fn frames_that_came_together_cost_one_read() {
    let (peer, mut frames) = frames(MAX);
    peer.sends([frame("one"), frame("two"), frame("three")].concat());
    for number in 1..=3 {
        let before = peer.reads();
        let _ = next(&mut frames);
        let reads = peer.reads() - before;
        assert_eq!(
            reads,
            usize::from(number == 1),
            "M59: three frames came together, and `left` is how many reads call number {number} of `next_frame` has \
             made, each a system call. Read as much as your buffer holds, not what one frame needs, and \
             only if no whole frame is here. {BYTES}"
        );
    }
}

#[test]
fn an_empty_frame_is_a_frame() {
    let (peer, mut frames) = frames(MAX);
    peer.sends(frame(""));
    assert_eq!(
        next(&mut frames),
        some(""),
        "M58: a frame with an empty payload came, and `left` is what `next_frame` returned. A length of 0 is a \
         frame: it is whole as soon as its length is here, and it is not the end. {BYTES}"
    );
}

#[test]
fn the_end_between_frames_is_the_end() {
    for before in ["", "last"] {
        let (peer, mut frames) = frames(MAX);
        if !before.is_empty() {
            peer.sends(frame(before));
            let _ = next(&mut frames);
        }
        let _ = next(&mut frames);
        peer.ends();
        assert_eq!(
            next(&mut frames),
            Poll::Ready(Ok(None)),
            "M58: the stream ended {}, and `left` is what `next_frame` returned. Between two frames the end is \
             `Ok(None)`. {BYTES}",
            if before.is_empty() { "before the first frame" } else { "after a whole frame" }
        );
    }
}

#[test]
fn the_end_inside_a_frame_is_an_error() {
    let whole = frame("hello");
    for cut in 1..whole.len() {
        for is_dropped in [false, true] {
            let (peer, mut frames) = frames(MAX);
            peer.sends(&whole[..cut]);
            if is_dropped {
                let _ = next(&mut frames);
            }
            peer.ends();
            assert_eq!(
                next(&mut frames),
                Poll::Ready(Err(ErrorKind::UnexpectedEof)),
                "M58: the stream ended after {cut} of the nine bytes of a frame, and `left` is what `next_frame` \
                 returned. {}The caller must learn that a part is missing: UnexpectedEof. {BYTES}",
                if is_dropped { "A future that had read them was dropped before. " } else { "" }
            );
        }
    }
}

#[test]
fn an_error_is_returned_and_loses_nothing() {
    let whole = frame("hello");
    for cut in 1..whole.len() {
        let (peer, mut frames) = frames(MAX);
        peer.script(|io| {
            io.data(&whole[..cut]).read_error(ErrorKind::TimedOut).data(&whole[cut..])
        });
        let first = next(&mut frames);
        assert_eq!(
            first,
            Poll::Ready(Err(ErrorKind::TimedOut)),
            "M65: a read has failed with TimedOut in the middle of a frame, and `left` is what `next_frame` \
             returned. The caller must learn of it. {KEEP}"
        );
        assert_eq!(
            next(&mut frames),
            some("hello"),
            "M65: a read has failed after {cut} bytes of a frame, then came the rest, and `left` is what the next \
             call returned. An error drops the variables of the call like a timeout does: what came before it \
             must be in `self`. {KEEP}"
        );
    }
}

#[test]
fn a_frame_that_is_too_long_is_refused_at_once() {
    for length in [MAX + 1, 0xffff_ffff] {
        let (peer, mut frames) = frames(MAX);
        peer.sends(u32::try_from(length).expect("it has 32 bits").to_be_bytes());
        assert_eq!(
            next(&mut frames),
            Poll::Ready(Err(ErrorKind::InvalidData)),
            "M50: a peer has announced a frame of {length} bytes where {MAX} is the maximum, and has sent no more than \
             that; `left` is what `next_frame` returned. If you wait for the payload, or make room for it, \
             four bytes from a stranger decide how much memory you use. As soon as the length is here, \
             compare it with `max`. {BYTES}"
        );
    }
}

#[test]
fn the_longest_frame_is_accepted() {
    const LONG: usize = 100_000;
    let payload = "x".repeat(LONG);
    let (peer, mut frames) = frames(LONG);
    let bytes = [frame(&payload), frame("next")].concat();
    let mut found = Vec::new();
    for piece in bytes.chunks(3000) {
        peer.sends(piece);
        while let Poll::Ready(frame) = next(&mut frames)
            && found.len() < 3
        {
            found.push(frame.map(|payload| payload.map(|payload| payload.len())));
        }
    }
    assert_eq!(
        found,
        [Ok(Some(LONG)), Ok(Some(4))],
        "M30: `max` is {LONG}, and a frame of {LONG} bytes came in pieces, then one of 4 bytes; `left` is the lengths \
         of what came out. A frame of exactly `max` bytes is accepted, and it may be larger than what one read \
         returns, or than your buffer. {BYTES}"
    );
}

/// Two streams, and what reads from both.
fn pair() -> (Peer, Peer, Pair<Peer>) {
    let ((a, frames_a), (b, frames_b)) = (frames(MAX), frames(MAX));
    (a, b, Pair::new(frames_a, frames_b))
}

/// Polls a new future of `Pair::next` once, and drops it.
fn next_of_two(pair: &mut Pair<Peer>) -> Poll<(Side, Frame)> {
    poll_once(&mut pin!(pair.next()), Waker::noop()).map(|(side, frame)| (side, text(frame)))
}

#[test]
fn the_one_that_has_a_frame_wins() {
    for side in [Side::A, Side::B, Side::B, Side::A] {
        let (a, b, mut pair) = pair();
        let (wins, waits) = if side == Side::A { (a, "b") } else { (b, "a") };
        wins.sends([frame("x"), frame("y")].concat());
        for payload in ["x", "y"] {
            assert_eq!(
                next_of_two(&mut pair),
                Poll::Ready((side, Ok(Some(payload.to_owned())))),
                "M55: one stream has two frames, and `{waits}` has none; `left` is what `Pair::next` returned. While \
                 one waits, the other must be polled all the same. {FIRST}"
            );
        }
    }
}

#[test]
fn either_wakes_the_task() {
    for side in [Side::A, Side::B] {
        let (a, b, mut pair) = pair();
        let (counter, waker) = CountingWaker::new();
        let mut future = Box::pin(pair.next());
        assert_eq!(
            poll_once(&mut future, &waker).map(|(side, frame)| (side, text(frame))),
            Poll::Pending,
            "M55: nothing has arrived, and `Pair::next` was ready. {FIRST}"
        );
        assert_eq!(
            counter.wakes(),
            0,
            "M5: nothing has arrived, and `Pair::next` has woken its own task, to be polled again at once: a busy \
             loop. Return Pending; the reads wake it. Book: The life of one wake, \
             \"Asking again is not waiting\"."
        );
        if side == Side::A { a } else { b }.sends(frame("hello"));
        assert_eq!(
            counter.wakes(),
            1,
            "M1: both were waiting, a frame came from {side:?}, and `left` is how often the task was woken. Poll \
             both before you return Pending, so that each leaves the waker. {FIRST}"
        );
        assert_eq!(
            poll_once(&mut future, &waker).map(|(side, frame)| (side, text(frame))),
            Poll::Ready((side, Ok(Some("hello".to_owned())))),
            "M1: both were waiting, a frame came from {side:?}, and `left` is what the next poll of the same future \
             returned. {FIRST}"
        );
    }
}

#[test]
fn the_one_that_loses_keeps_its_bytes() {
    let whole = frame("hello");
    for cut in 0..whole.len() {
        for loser in [Side::A, Side::B] {
            let (a, b, mut pair) = pair();
            let (slow, fast) = if loser == Side::A { (a, b) } else { (b, a) };
            if cut > 0 {
                slow.sends(&whole[..cut]);
            }
            let mut winners = Vec::new();
            for _ in 0..4 {
                fast.sends(frame("x"));
                if let Poll::Ready((side, Ok(Some(_)))) = next_of_two(&mut pair) {
                    winners.push(side);
                }
            }
            let _ = next_of_two(&mut pair);
            slow.sends(&whole[cut..]);
            let last = next_of_two(&mut pair);
            assert!(
                winners.len() == 4
                    && !winners.contains(&loser)
                    && last == Poll::Ready((loser, Ok(Some("hello".to_owned())))),
                "M43: {loser:?} had {cut} of nine bytes while the other one won four times; then came the rest, and \
                 `Pair::next` returned {last:?}. The future that loses is dropped, and what it keeps is gone. \
                 Everything that was read must be in one of the two `Frames`, and what is ready must not be \
                 thrown away: return it before the other one is polled. {KEEP}"
            );
        }
    }
}

#[test]
fn both_win_if_both_always_have_a_frame() {
    const TURNS: usize = 100;
    let (a, b, mut pair) = pair();
    for peer in [&a, &b] {
        let numbered = (0..TURNS).map(|number| frame(&number.to_string()));
        peer.sends(numbered.collect::<Vec<_>>().concat());
    }
    let mut wins = [0, 0];
    for turn in 1..=TURNS {
        let next = next_of_two(&mut pair);
        let winner = if matches!(next, Poll::Ready((Side::B, _))) { 1 } else { 0 };
        let frame = next.map(|(_, frame)| frame);
        assert_eq!(
            frame,
            some(&wins[winner].to_string()),
            "M43: both had {TURNS} frames, numbered from 0, and `left` is what call number {turn} of `Pair::next` \
             returned. A frame was lost: when one future is ready, return what it has before you poll the other \
             one, which may be ready as well. {KEEP}"
        );
        wins[winner] += 1;
    }
    assert!(
        !wins.contains(&0),
        "M46: both always had a frame; {TURNS} calls of `Pair::next` returned {} of `a` and {} of `b`. The one that \
         is always asked first wins for ever, and the other starves. Begin with the other one after each \
         call, or let a coin decide; and whose turn it is must be in `self`, because each call makes a new \
         future. {FIRST}",
        wins[0],
        wins[1]
    );
}

#[test]
fn an_end_or_an_error_is_returned_as_well() {
    for side in [Side::A, Side::B] {
        let (a, b, mut pair) = pair();
        let (ends, lives) = if side == Side::A { (a, b) } else { (b, a) };
        ends.script(|io| io.read_error(ErrorKind::ConnectionReset).end());
        for expected in [Err(ErrorKind::ConnectionReset), Ok(None)] {
            let found = next_of_two(&mut pair);
            assert_eq!(
                found,
                Poll::Ready((side, expected)),
                "M41: a read of {side:?} failed, and then its stream ended, while the other one was silent; `left` is \
                 what `Pair::next` returned. The caller must learn of both, and of which stream. {FIRST}"
            );
        }
        lives.sends(frame("x"));
        let lives = (0..100).any(|_| {
            matches!(next_of_two(&mut pair), Poll::Ready((winner, Ok(Some(_)))) if winner != side)
        });
        assert!(
            lives,
            "M46: {side:?} has ended, so it always has something to return: its end. The other one has a frame, and \
             100 calls of `Pair::next` have not returned it. {FIRST}"
        );
    }
}
