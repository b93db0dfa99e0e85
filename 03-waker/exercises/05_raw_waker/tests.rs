//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::mem::{self, ManuallyDrop};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, OnceLock, Weak};
use std::task::Waker;
use std::thread;

use exercise::{Task, waker};

const PAGE: &str = "Book: What a waker is,";

/// Counts its wakes, and how many references there are of it during the last one.
#[derive(Default)]
struct Counter {
    wakes: AtomicUsize,
    references: AtomicUsize,
    itself: OnceLock<Weak<Self>>,
    dropped: Arc<AtomicUsize>,
}

impl Task for Counter {
    fn wake(&self) {
        self.wakes.fetch_add(1, SeqCst);
        let itself = self.itself.get().map_or(0, Weak::strong_count);
        self.references.store(itself, SeqCst);
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, SeqCst);
    }
}

/// References that the test never gives back: a function that gives back too much is seen in the
/// count, before it frees what is still in use.
const SPARE: usize = 16;

/// A task, and how many of its references are wakers'.
struct Counted(ManuallyDrop<Arc<Counter>>);

impl Counted {
    /// The task, and its one waker, whose `drop` runs where a test asks for it.
    fn new() -> (Self, ManuallyDrop<Waker>) {
        let task = Arc::new(Counter::default());
        let _ = task.itself.set(Arc::downgrade(&task));
        (1..SPARE).for_each(|_| mem::forget(task.clone()));
        let waker = ManuallyDrop::new(waker(task.clone()));
        (Self(ManuallyDrop::new(task)), waker)
    }

    /// Negative: more were given back than there were.
    fn references(&self) -> isize {
        Arc::strong_count(&self.0) as isize - SPARE as isize
    }

    fn wakes(&self) -> usize {
        self.0.wakes.load(SeqCst)
    }
}

#[test]
fn each_wake_reaches_the_task() {
    let (task, waker) = Counted::new();
    waker.wake_by_ref();
    assert_eq!(
        task.wakes(),
        1,
        "M74: `wake_by_ref` was called once, and `left` is how many times the task was woken. Call \
         `Task::wake` through the pointer. {PAGE} \"A pointer and four functions\"."
    );
    ManuallyDrop::into_inner(waker).wake();
    assert_eq!(
        task.wakes(),
        2,
        "M74: `wake` was called after one `wake_by_ref`, and `left` is how many times the task was woken. Each \
         calls `Task::wake` once. {PAGE} \"A pointer and four functions\"."
    );
}

#[test]
fn a_clone_owns_one_reference_more() {
    let (task, waker) = Counted::new();
    let _clones = [(); 2].map(|()| ManuallyDrop::new(Waker::clone(&waker)));
    assert_eq!(
        task.references(),
        3,
        "M6: a waker was cloned twice, so three wakers own one reference each; `left` is what the count says. \
         With too few, the last wakers use a task that was freed; with too many, it is never freed. \
         `clone` adds exactly one (`Arc::increment_strong_count`), and the calling waker keeps its own. \
         {PAGE} \"Counts\"."
    );
}

#[test]
fn a_waker_that_goes_gives_its_reference_back() {
    let (task, waker) = Counted::new();
    drop(ManuallyDrop::into_inner(waker));
    assert_eq!(
        task.references(),
        0,
        "M6: the only waker was dropped; `left` is how many references wakers own now. If one is left over, \
         the task stays in memory for ever. If there is one too few, that of another owner is gone. `drop` \
         gives back one: make the Arc from the pointer, and drop it. {PAGE} \"Counts\"."
    );
}

#[test]
fn wake_by_ref_leaves_the_reference_with_the_waker() {
    let (task, waker) = Counted::new();
    waker.wake_by_ref();
    waker.wake_by_ref();
    assert_eq!(
        task.references(),
        1,
        "M6: there is one waker, and `wake_by_ref` was called twice; `left` is how many references wakers own \
         now. The waker lives on and will be dropped, so its reference stays: borrow the task (`&*` of the \
         pointer), or keep the Arc in a ManuallyDrop. An Arc that is dropped at the end of the function gives \
         back what is not yours. {PAGE} \"Counts\"."
    );
}

#[test]
fn wake_consumes_the_reference() {
    let (task, waker) = Counted::new();
    ManuallyDrop::into_inner(waker).wake();
    assert_eq!(
        task.references(),
        0,
        "M6: the only waker was consumed by `wake`; `left` is how many references wakers own now. Nothing \
         calls `drop` after `wake`, so `wake` gives the reference back itself, once. If one is left over, the \
         task stays in memory for ever. {PAGE} \"Counts\"."
    );
}

#[test]
fn the_task_is_alive_while_it_is_woken() {
    let (task, waker) = Counted::new();
    ManuallyDrop::into_inner(waker).wake();
    assert_eq!(
        task.0.references.load(SeqCst) - SPARE,
        1,
        "M6: `wake` was called on the only waker; `left` is how many references wakers owned while \
         `Task::wake` ran. If there was none, the last one had been given back before, and the task may have \
         been freed. Wake the task first, and drop the Arc after that. {PAGE} \"Counts\"."
    );
}

/// A task with a bug.
struct Faulty;

impl Task for Faulty {
    fn wake(&self) {
        panic!("a wake that panics: the test wants it");
    }
}

#[test]
fn a_wake_that_panics_gives_the_reference_back() {
    let task = Arc::new(Faulty);
    let waker = waker(task.clone());
    // A thread of its own, for the panic. What becomes of the panic is not judged.
    let _ = thread::spawn(move || waker.wake()).join();
    assert_eq!(
        Arc::strong_count(&task) - 1,
        0,
        "M6: `wake` was called on the only waker, and `Task::wake` has panicked; `left` is how many references \
         wakers own now. Code after the call has not run. Make the Arc before the call: it is dropped at the \
         end of the function, even when a panic ends it. {PAGE} \"By hand\"."
    );
}

#[test]
fn a_clone_wakes_the_same_task() {
    let (task, waker) = Counted::new();
    let clone = ManuallyDrop::new(Waker::clone(&waker));
    clone.wake_by_ref();
    assert_eq!(
        task.wakes(),
        1,
        "M74: the clone of a waker was woken, and `left` is how many times the task was. `clone` returns the \
         same pointer with the same table. {PAGE} \"A pointer and four functions\"."
    );
    assert!(
        waker.will_wake(&clone),
        "M4: `will_wake` returns false for a waker and its clone. It compares the pointers and the tables. \
         Return `data` itself, with `&Self::VTABLE`. {PAGE} \"The rest of Waker\"."
    );
}

#[test]
fn a_waker_may_end_on_another_thread() {
    let (task, waker) = Counted::new();
    let (woken, dropped) = (Waker::clone(&waker), Waker::clone(&waker));
    let other = thread::spawn(move || {
        woken.wake();
        drop(dropped);
    });
    assert!(
        other.join().is_ok(),
        "M7: a waker was woken and dropped on another thread, and panicked there. An event may happen on any \
         thread, so the four functions must keep nothing that belongs to one thread. {PAGE} \"From any \
         thread\"."
    );
    assert_eq!(
        (task.wakes(), task.references()),
        (1, 1),
        "M7: of three wakers, one was woken and one dropped on another thread: one wake, and one reference \
         left. `left` is what there is. An event may happen on any thread: reach the task through the pointer, \
         on any thread. {PAGE} \"From any thread\"."
    );
}

#[test]
fn the_last_waker_drops_the_task() {
    for consumed in [true, false] {
        // Where a count is wrong, the last reference would be given back twice: no test of that.
        let (task, spare) = Counted::new();
        let spare = ManuallyDrop::into_inner(spare);
        drop(spare.clone());
        if consumed {
            spare.wake()
        } else {
            drop(spare)
        }
        assert_eq!(
            task.references(),
            0,
            "M6: all wakers of a task are gone, and `left` is how many references they still own. Each gives \
             back one, exactly once. {PAGE} \"Counts\"."
        );

        let counter = Counter::default();
        let dropped = counter.dropped.clone();
        let last = waker(Arc::new(counter));
        if consumed {
            last.wake()
        } else {
            drop(last)
        }
        assert_eq!(
            dropped.load(SeqCst),
            1,
            "M6: the last waker gave the last reference back, and `left` is how many times the task was \
             dropped. The Arc must know what it holds: `Arc::from_raw(data)` is an `Arc<()>`, which drops \
             nothing. Cast the pointer: `data.cast::<T>()`. {PAGE} \"Counts\"."
        );
    }
}
