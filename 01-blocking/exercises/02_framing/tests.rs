//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::io::{self, ErrorKind, Read};

use exercise::Frames;
use testkit::ScriptedIo;

const PAGE: &str = "Book: A server in twenty lines, \"Bytes, not messages\".";

/// The bytes of a frame.
fn frame(payload: &str) -> Vec<u8> {
    let length = u16::try_from(payload.len()).expect("a short payload");
    [&length.to_be_bytes(), payload.as_bytes()].concat()
}

fn source() -> ScriptedIo {
    ScriptedIo::new()
        .explain_block(format!(
            "M59: you read although a whole frame was here already. The peer may be waiting for \
             your answer, so this read would block for ever. Look at what you have before you \
             read. {PAGE}"
        ))
        .explain_ignored_end(format!(
            "M31: a read returned Ok(0), and you read again and again. Ok(0) is the end of the \
             stream: every later read returns it too, at once. {PAGE}"
        ))
}

/// What the last call of `next_frame` returned: `Ok(None)`, or an error.
type Last = io::Result<Option<Vec<u8>>>;

/// All frames as text, to the end of the stream or the first error.
fn all(source: ScriptedIo) -> (Vec<String>, Last) {
    let mut frames = Frames::new(source);
    let mut texts = Vec::new();
    loop {
        match frames.next_frame() {
            Ok(Some(payload)) => texts.push(String::from_utf8_lossy(&payload).into_owned()),
            Ok(None) => return (texts, Ok(None)),
            Err(error) => return (texts, Err(error)),
        }
        assert!(texts.len() < 1000, "M56: you hand out frames without end. {PAGE}");
    }
}

#[test]
fn a_frame_that_comes_whole() {
    let mut frames = Frames::new(source().data(frame("hello")));
    let payload = frames.next_frame().expect("nothing went wrong on this stream");
    assert_eq!(
        payload.as_deref(),
        Some(b"hello".as_slice()),
        "The frame 00 05 h e l l o came in one read. `left` is what you returned. The payload is \
         what follows the two bytes of the length."
    );
}

#[test]
fn frames_that_came_together_are_all_handed_out() {
    let together = [frame("one"), frame("two"), frame("three")].concat();
    let (texts, result) = all(source().data(together).end());
    assert_eq!(
        texts,
        ["one", "two", "three"],
        "M56: three frames came in one read; `left` is what you handed out, and then {result:?}. A \
         read is not a message: what follows a frame is the beginning of the next one. Keep it for \
         the next call. {PAGE}"
    );
}

#[test]
fn a_frame_that_is_here_is_not_waited_for() {
    // No end: nothing more will come, so a read that is not needed fails here.
    let together = [frame("one"), frame("two")].concat();
    let mut frames = Frames::new(source().data(together));
    for expected in ["one", "two"] {
        let payload = frames.next_frame().expect("nothing went wrong on this stream");
        assert_eq!(payload.as_deref(), Some(expected.as_bytes()), "M56: a frame was lost. {PAGE}");
    }
}

#[test]
fn a_frame_may_come_byte_by_byte() {
    let (texts, result) = all(source().data_byte_by_byte(frame("hello")).end());
    assert!(
        texts == ["hello"] && result.is_ok(),
        "M30: a frame came one byte at a time, and you returned {texts:?}, and then {result:?}. A \
         read may return less than a frame, even half of its length. Put each piece behind what \
         came before it, until the frame is whole. {PAGE}"
    );
}

#[test]
fn an_empty_frame_is_a_frame() {
    let (texts, result) = all(source().data(frame("")).data(frame("x")).end());
    assert!(
        texts == ["", "x"] && result.is_ok(),
        "M58: a frame with an empty payload came, then one with `x`; you returned {texts:?}, and \
         then {result:?}. A frame of length 0 is a message, not the end of the stream. {PAGE}"
    );
}

#[test]
fn a_piece_may_end_anywhere() {
    let stream = [frame("first"), frame(""), frame("the third one")].concat();
    for cut in 1..stream.len() {
        for second in cut..stream.len() {
            let mut io = source().data(&stream[..cut]);
            if second > cut {
                io = io.data(&stream[cut..second]);
            }
            let (texts, result) = all(io.data(&stream[second..]).end());
            assert!(
                texts == ["first", "", "the third one"] && result.is_ok(),
                "M30: the stream of three frames came in pieces of {cut}, {} and {} bytes, and you \
                 returned {texts:?}, and then {result:?}. Bytes that came later belong behind \
                 those that came earlier: is something overwritten, or skipped? {PAGE}",
                second - cut,
                stream.len() - second
            );
        }
    }
}

#[test]
fn the_largest_frame_fits() {
    let payload = "x".repeat(usize::from(u16::MAX));
    let (texts, result) = all(source().data([frame(&payload), frame("next")].concat()).end());
    let sizes: Vec<_> = texts.iter().map(String::len).collect();
    assert!(
        sizes == [65_535, 4] && texts[1] == "next" && result.is_ok(),
        "M30: a frame of 65,535 bytes came, the largest that two bytes can announce, then one of \
         4. The payloads that you returned have the lengths {sizes:?}, and then came {result:?}. \
         With its length in front, the largest frame has 65,537 bytes: is your buffer smaller? \
         {PAGE}"
    );
}

/// Brings its bytes one at a time, and looks how deep the stack is at each.
struct Trickle {
    bytes: std::vec::IntoIter<u8>,
    /// Where the stack was at the first read.
    surface: Option<usize>,
}

impl Read for Trickle {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const ALLOWED: usize = 256 * 1024;
        let here = 0_u8;
        let depth = (&raw const here).addr();
        let surface = *self.surface.get_or_insert(depth);
        assert!(
            surface.abs_diff(depth) < ALLOWED,
            "M61: a large frame comes one byte at a time, and after {} bytes your stack has grown \
             by {} KiB: each read is made by a call inside the one before it, which keeps all its \
             variables. A peer that sends slowly overflows your stack. Wait for more in a loop, \
             not by recursion. {PAGE}",
            65_537 - self.bytes.len(),
            ALLOWED / 1024
        );
        match (self.bytes.next(), buffer.first_mut()) {
            (Some(byte), Some(first)) => {
                *first = byte;
                Ok(1)
            }
            _ => Ok(0),
        }
    }
}

#[test]
fn a_large_frame_may_come_byte_by_byte() {
    let payload = "x".repeat(usize::from(u16::MAX));
    let source = Trickle { bytes: frame(&payload).into_iter(), surface: None };
    let frame = Frames::new(source).next_frame().expect("nothing went wrong on this stream");
    assert!(
        frame.is_some_and(|frame| frame == payload.as_bytes()),
        "M30: a frame of 65,535 bytes came one byte at a time, and you returned a different one. \
         {PAGE}"
    );
}

#[test]
fn frames_that_came_together_cost_one_read() {
    let mut io = source().data([frame("one"), frame("two"), frame("three")].concat()).end();
    {
        let mut frames = Frames::new(&mut io);
        while let Ok(Some(_)) = frames.next_frame() {}
    }
    assert_eq!(
        io.read_calls(),
        2,
        "M59: three frames came together, and then the end: two reads are enough. `left` is how \
         many you made. Each read is a system call: ask for as much as your buffer holds, not for \
         what one frame needs. {PAGE}"
    );
}

#[test]
fn an_interrupted_read_is_tried_again() {
    let bytes = frame("hello");
    let io = source()
        .read_error(ErrorKind::Interrupted)
        .data(&bytes[..4])
        .read_error(ErrorKind::Interrupted)
        .data(&bytes[4..])
        .end();
    let (texts, result) = all(io);
    assert!(
        texts == ["hello"] && result.is_ok(),
        "M28: signals interrupted two reads, and you returned {texts:?}, and then {result:?}. \
         `Interrupted` tells you nothing about the stream: read again, and keep what you have. \
         Book: A server in twenty lines, \"A signal may interrupt both\"."
    );
}

#[test]
fn the_end_between_frames_is_the_end() {
    let (texts, result) = all(source().end());
    assert!(
        texts.is_empty() && result.is_ok(),
        "M58: the stream ended before the first frame, and you returned {result:?}. Between two \
         frames the end is not an error: return Ok(None). {PAGE}"
    );
    let (texts, result) = all(source().data(frame("last")).end());
    assert!(
        texts == ["last"] && result.is_ok(),
        "M58: the stream ended after a whole frame, and you returned {texts:?}, and then \
         {result:?}. Between two frames the end is not an error: return Ok(None). {PAGE}"
    );
}

#[test]
fn the_end_inside_a_frame_is_an_error() {
    let whole = frame("hello");
    for cut in 1..whole.len() {
        let (texts, result) = all(source().data(frame("ok")).data(&whole[..cut]).end());
        assert_eq!(
            texts,
            ["ok"],
            "M58: one whole frame came, and then {cut} of the 7 bytes of \
                                   another, and the end. `left` is what you returned. {PAGE}"
        );
        assert!(
            matches!(&result, Err(error) if error.kind() == ErrorKind::UnexpectedEof),
            "M58: the stream ended after {cut} of 7 bytes of a frame, and you returned {result:?}. \
             The caller must learn that something is missing: return UnexpectedEof. {PAGE}"
        );
    }
}

#[test]
fn another_error_is_reported_and_loses_nothing() {
    let bytes = frame("hello");
    let io = source().data(&bytes[..3]).read_error(ErrorKind::TimedOut).data(&bytes[3..]).end();
    let mut frames = Frames::new(io);
    let first = frames.next_frame();
    assert!(
        matches!(&first, Err(error) if error.kind() == ErrorKind::TimedOut),
        "M28: a read reported TimedOut, and you returned {first:?}. Read again only after \
         `Interrupted`. Return every other error. {PAGE}"
    );
    let second = frames.next_frame();
    assert!(
        matches!(&second, Ok(Some(payload)) if payload == b"hello"),
        "M30: a read failed in the middle of a frame, the caller called again, and you returned \
         {second:?}. What came before the error is still the beginning of the frame: keep it in \
         `self`, not in a variable of the call. {PAGE}"
    );
}
