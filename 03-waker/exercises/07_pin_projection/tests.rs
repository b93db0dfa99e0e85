//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::cell::RefCell;
use std::future::Ready;
use std::marker::PhantomPinned;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};

use exercise::{Counted, counted};
use testkit::{CountingWaker, assert_pending, poll_once};

const PAGE: &str = "Book: Pin: what must not move,";
const LIFE: &str = "Book: The life of one wake,";

/// Where a future was each time that it was polled, and where it was dropped.
#[derive(Default)]
struct Places {
    polled: Vec<usize>,
    dropped: Option<usize>,
}

/// Ready at its last poll. Must not be moved, and notes where it is. It has no self-references: a
/// future that is moved all the same is seen, and nothing is undefined.
struct Probe {
    polls: usize,
    places: Rc<RefCell<Places>>,
    /// Large, so that a wrapper that contains it is large as well.
    _payload: [u8; 1000],
    _pinned: PhantomPinned,
}

impl Probe {
    fn new(polls: usize) -> (Self, Rc<RefCell<Places>>) {
        let places = Rc::<RefCell<Places>>::default();
        let probe =
            Self { polls, places: places.clone(), _payload: [0; 1000], _pinned: PhantomPinned };
        (probe, places)
    }

    fn place(&self) -> usize {
        (&raw const *self).addr()
    }
}

impl Future for Probe {
    type Output = &'static str;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        let place = self.place();
        let polls = &mut self.places.borrow_mut().polled;
        polls.push(place);
        if polls.len() < self.polls { Poll::Pending } else { Poll::Ready("output") }
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.places.borrow_mut().dropped = Some(self.place());
    }
}

#[test]
fn the_output_comes_with_the_number_of_polls() {
    let (counter, waker) = CountingWaker::new();
    let (probe, places) = Probe::new(3);
    let mut wrapper = pin!(counted(probe));
    for poll in 1..3 {
        assert_pending!(
            poll_once(&mut wrapper, &waker),
            "The future is ready at its third poll; at poll {poll} of the wrapper, `poll` returned \
             Ready. The wrapper is ready when its future is. {PAGE} \"A future inside a future\"."
        );
    }
    assert_eq!(
        counter.wakes(),
        0,
        "M5: the future waits, and two polls of the wrapper have woken their own task; `left` is how many \
         times. It is polled again at once, for ever: a busy loop. The future has the waker, from the `cx` \
         that you pass on, and calls it. {LIFE} \"Asking again is not waiting\"."
    );
    let polled = poll_once(&mut wrapper, &waker);
    assert_eq!(
        places.borrow().polled.len(),
        3,
        "The wrapper was polled 3 times, and its future `left` times. Each poll of the wrapper is one \
         poll of the future. {PAGE} \"A future inside a future\"."
    );
    assert_eq!(
        polled,
        Poll::Ready(("output", 3)),
        "The future was ready at the third poll. The wrapper is ready then, with the future's output and \
         the number of polls, the last one included. {PAGE} \"A future inside a future\"."
    );
}

#[test]
fn a_poll_after_ready_panics() {
    let (_, waker) = CountingWaker::new();
    let mut wrapper = pin!(counted(async { 7 }));
    let _ = poll_once(&mut wrapper, &waker);
    let again = catch_unwind(AssertUnwindSafe(|| poll_once(&mut wrapper, &waker)));
    assert!(
        again.is_err(),
        "M1: the wrapper was polled after it was Ready, and has not panicked. There is no longer a future, so \
         Pending would promise a wake that never comes, and the caller's mistake would become a task that \
         hangs. Panic where the future is None, as the comment at `poll` says. {LIFE} \"The contract of \
         poll\"."
    );
}

#[test]
fn an_async_block_can_be_wrapped() {
    let (_, waker) = CountingWaker::new();
    // Not Unpin. rustc refuses an answer that wraps only futures that are.
    let mut wrapper = pin!(counted(async { 7 }));
    assert_eq!(
        poll_once(&mut wrapper, &waker),
        Poll::Ready((7, 1)),
        "An async block that returns 7 at its first poll was wrapped. The wrapper is ready then, with the \
         output and one poll. {PAGE} \"A future inside a future\"."
    );
}

#[test]
fn the_future_lies_in_the_wrapper() {
    let (wrapper, future) = (size_of::<Counted<Probe>>(), size_of::<Probe>());
    assert!(
        wrapper >= future,
        "A wrapper of a future of {future} bytes has {wrapper}: the future is somewhere else, perhaps in a \
         Box, which allocates for each. The pin of the whole pins its fields as well: let the future be a \
         field, and project. {PAGE} \"A future inside a future\"."
    );
}

#[test]
fn the_future_is_polled_where_it_was_polled_first() {
    let (_, waker) = CountingWaker::new();
    let (probe, places) = Probe::new(3);
    let mut wrapper = pin!(counted(probe));
    let inside =
        (&raw const *wrapper).addr()..(&raw const *wrapper).addr() + size_of_val(&*wrapper);
    for poll in 1..=3 {
        let _ = poll_once(&mut wrapper, &waker);
        let places = places.borrow();
        assert!(
            places.polled.iter().all(|place| inside.contains(place)),
            "M10: at poll {poll}, the future was polled outside its pinned wrapper: it was moved out. It may \
             point into itself, and whatever it points to is left behind. Do not `take` it: poll it in its \
             place, through a pin of the field. {PAGE} \"What a move does\"."
        );
        assert!(
            places.polled.iter().all(|place| *place == places.polled[0]),
            "M10: at poll {poll}, the future was polled at another place than at its first poll: it was moved. \
             It may point into itself, to where it used to be. Poll it in its place, through a pin of the \
             field. {PAGE} \"What a move does\"."
        );
    }
}

#[test]
fn a_future_that_is_ready_is_dropped_at_once() {
    let (_, waker) = CountingWaker::new();
    let (probe, places) = Probe::new(1);
    let mut wrapper = pin!(counted(probe));
    let _ = poll_once(&mut wrapper, &waker);
    assert!(
        places.borrow().dropped.is_some(),
        "M78: the future is ready, and was not dropped: it still lives in its wrapper, or was forgotten, with \
         all that it holds. Drop it in its place before you return Ready: `future.set(None)`. {PAGE} \
         \"A future inside a future\"."
    );
}

#[test]
fn the_future_is_dropped_where_it_was_polled() {
    let (_, waker) = CountingWaker::new();
    for (needs, gets) in [(1, 1), (2, 2), (2, 1)] {
        let (probe, places) = Probe::new(needs);
        let mut wrapper = Box::pin(counted(probe));
        for _ in 0..gets {
            let _ = poll_once(&mut wrapper, &waker);
        }
        drop(wrapper);
        let places = places.borrow();
        assert!(
            places.dropped.is_some(),
            "M78: the wrapper of a future was dropped, after {gets} of the {needs} poll(s) that the future \
             needs, and the future never was: what it holds is never released. No ManuallyDrop and no \
             `forget`: a field is dropped with the whole, in its place. {PAGE} \"A future inside a future\"."
        );
        assert_eq!(
            places.dropped,
            places.polled.first().copied(),
            "M10: the future needs {needs} poll(s), and its wrapper was dropped after {gets}. The \
             future was polled at the address `right`, and dropped at `left`: it was moved in between. \
             Pinned means: until it is dropped, and its `drop` may follow pointers into itself as well. \
             `take()` moves it out; `Pin::set(None)` drops it in its place. An `impl Drop` is not \
             needed: fields are dropped where they are. {PAGE} \"A future inside a future\"."
        );
    }
}

/// Whether a type is Unpin: the function of the type itself, where there is one, hides the trait's.
struct IsUnpin<T>(T);

trait No {
    fn answer() -> bool {
        false
    }
}

impl<T> No for IsUnpin<T> {}

impl<T: Unpin> IsUnpin<T> {
    fn answer() -> bool {
        true
    }
}

#[test]
fn the_wrapper_may_be_moved_only_if_its_future_may() {
    assert!(
        !IsUnpin::<Counted<Probe>>::answer(),
        "M12: `Counted` is Unpin although its future is not. Then safe code can pin it, poll it, and move it \
         afterwards, and the future with it. Write no `impl Unpin`: the compiler's own is right, Unpin if F \
         is. {PAGE} \"Nearly everything is Unpin\"."
    );
    assert!(
        IsUnpin::<Counted<Ready<()>>>::answer(),
        "M12: `Counted` is not Unpin although its future is, so it cannot be polled without `pin!`. Add no \
         PhantomPinned: the compiler's own impl is right. {PAGE} \"Nearly everything is Unpin\"."
    );
}
