//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Poll, Waker};
use std::thread;

use exercise::RunQueue;
use testkit::{Threads, come_between, deadlock_watch, watchdog};

const PAGE: &str = "Book: A run queue,";

/// How many polls are too many for a task that is woken a thousand times or less.
const RESTLESS: usize = 2000;

/// What the test knows of a task.
#[derive(Default)]
struct Seen {
    polls: AtomicUsize,
    is_ready: AtomicBool,
    /// The waker of the latest poll.
    waker: Mutex<Option<Waker>>,
}

impl Seen {
    fn polls(&self) -> usize {
        self.polls.load(SeqCst)
    }

    fn waker(&self) -> Waker {
        let waker = self.waker.lock().expect("a clone does not panic").clone();
        waker.expect("an earlier test sees to it that a new task is polled")
    }
}

/// Spawns a future whose polls are numbered from 1.
fn spawn(
    queue: &RunQueue,
    mut poll: impl FnMut(usize, &Waker) -> Poll<()> + Send + 'static,
) -> Arc<Seen> {
    let seen = Arc::new(Seen::default());
    let task = seen.clone();
    queue.spawn(poll_fn(move |cx| {
        let polls = task.polls.fetch_add(1, SeqCst) + 1;
        assert!(
            !task.is_ready.load(SeqCst),
            "M18: a future was polled after it had returned Ready. It is over, and most futures panic then. \
             A wake may have put its task into the queue once more: drop the future when it is ready, \
             and poll nothing if it is gone. {PAGE} \"Queued once\"."
        );
        assert!(
            polls < RESTLESS,
            "M13: a future was polled {RESTLESS} times, and nothing has woken it as often. After Pending \
             its task leaves the queue, and only a wake puts it back. {PAGE} \"Polling everything\"."
        );
        *task.waker.lock().expect("an assignment does not panic") = Some(cx.waker().clone());
        let poll = poll(polls, cx.waker());
        task.is_ready.store(poll.is_ready(), SeqCst);
        poll
    }));
    seen
}

/// Runs until idle. If the thread waits for a lock that it holds, it ends with `hangs`.
fn run_or(queue: &RunQueue, hangs: &'static str) {
    let _slow = watchdog(
        "`run_until_idle` does not return, and polls nothing: return when the queue is empty, whether \
         there are tasks that wait or not.",
    );
    let _guard = deadlock_watch(move || hangs);
    queue.run_until_idle();
}

fn run(queue: &RunQueue) {
    run_or(
        queue,
        "`run_until_idle` does not return: its thread sleeps, and no other thread is left that could wake \
         it. Return when the queue is empty. If it sleeps in `lock`, it waits for a guard of its own.",
    );
}

/// For futures that call wakers inside of a poll.
const LOCKED: &str = "M8: a future called a waker in the middle of a poll, and that never returned: `wake` \
                      waits for a lock that `run_until_idle` holds while it polls. Take the task out, drop the \
                      guard, and poll after that. In `while let Some(task) = \
                      tasks.lock()…pop_front()` the guard lives until the end of the body. Book: A run \
                      queue, \"A queue of tasks\".";

#[test]
fn a_new_task_is_polled_by_run_until_idle() {
    let queue = RunQueue::default();
    let seen = spawn(&queue, |_, _| Poll::Ready(()));
    assert_eq!(
        seen.polls(),
        0,
        "M9: `spawn` has polled the future; `left` is how often. It only puts the task into the queue: \
         `run_until_idle` polls. {PAGE} \"A queue of tasks\"."
    );
    run(&queue);
    assert_eq!(
        seen.polls(),
        1,
        "M74: a future was spawned, and `run_until_idle` has polled it `left` times. A new future waits for \
         nothing yet, so nothing will wake it: `spawn` puts its task into the queue. {PAGE} \"A queue of \
         tasks\"."
    );
}

#[test]
fn a_task_that_waits_is_not_polled() {
    let queue = RunQueue::default();
    let seen = spawn(&queue, |_, _| Poll::Pending);
    for _ in 0..3 {
        run(&queue);
    }
    assert_eq!(
        seen.polls(),
        1,
        "M13: a future returned Pending, and nothing has woken it since; it was polled `left` times. After \
         Pending its task leaves the queue, and only a wake puts it back. {PAGE} \"Polling \
         everything\"."
    );
}

#[test]
fn a_task_that_was_woken_is_polled() {
    let queue = RunQueue::default();
    let seen = spawn(&queue, |_, _| Poll::Pending);
    run(&queue);
    for wakes in 1..=4 {
        let waker = seen.waker();
        if wakes % 2 == 0 {
            waker.wake_by_ref();
        } else {
            thread::spawn(|| waker.wake()).join().expect("a wake does not panic");
        }
        assert_eq!(
            seen.polls(),
            wakes,
            "M9: `wake` has polled the future; `left` is how often it was polled, `right` is how often \
             `run_until_idle` should have. `wake` only puts the task into the queue. {PAGE} \"A queue of \
             tasks\"."
        );
        run(&queue);
        assert_eq!(
            seen.polls(),
            wakes + 1,
            "M74: the task was woken {wakes} time(s), each time after it had returned Pending. `left` is how \
             often it was polled, the first poll included. A wake puts it into the queue, whatever thread it \
             comes on; and what you note then must be cleared when the task is taken out. {PAGE} \
             \"Queued once\"."
        );
    }
}

#[test]
fn a_task_may_wake_another() {
    let queue = RunQueue::default();
    let waiting = spawn(&queue, |_, _| Poll::Pending);
    run(&queue);
    let waker = waiting.waker();
    spawn(&queue, move |_, _| {
        waker.wake_by_ref();
        Poll::Ready(())
    });
    run_or(&queue, LOCKED);
    assert_eq!(
        waiting.polls(),
        2,
        "M74: a task was woken by the poll of another, and `run_until_idle` returned without polling it. \
         `left` is how often it was polled, the first poll included. The queue may grow while you poll: \
         look at it again before you return. {PAGE} \"A queue of tasks\"."
    );
}

#[test]
fn a_wake_during_its_own_poll_is_kept() {
    for elsewhere in [false, true] {
        let queue = RunQueue::default();
        let seen = spawn(&queue, move |polls, waker| {
            let waker = waker.clone();
            match polls {
                1 if elsewhere => thread::spawn(|| waker.wake()).join().expect("it does not panic"),
                1 => waker.wake(),
                _ => (),
            }
            Poll::Pending
        });
        run_or(&queue, LOCKED);
        assert_eq!(
            seen.polls(),
            2,
            "M14: a task was woken in the middle of its own poll, and that poll returned Pending. `left` is \
             how often it was polled; it must be polled twice, because what it was woken for may have \
             come after it looked. During the poll it is not in the queue: note that before you poll, not \
             after. And do not ask the future's lock whether the task is in the queue, because it is held \
             during the poll. {PAGE} \"Queued once\"."
        );
    }
}

#[test]
fn a_thousand_wakes_are_one_poll() {
    let queue = RunQueue::default();
    let seen = spawn(&queue, |polls, waker| {
        if polls == 1 {
            (0..1000).for_each(|_| waker.wake_by_ref());
        }
        Poll::Pending
    });
    run(&queue);
    assert_eq!(
        seen.polls(),
        2,
        "M17: a future woke its task a thousand times during its first poll, and was polled `left` times \
         altogether. After that poll it has to look once, however often it was woken. {PAGE} \
         \"Queued once\"."
    );
    (0..1000).for_each(|_| seen.waker().wake_by_ref());
    run(&queue);
    assert_eq!(
        seen.polls(),
        3,
        "M17: a task that waited was woken a thousand times before it was polled, and `left` is how often it \
         was polled altogether. The first wake puts it into the queue; those after it find it there, \
         and have nothing to do. {PAGE} \"Queued once\"."
    );
}

#[test]
fn two_wakes_at_the_same_moment_are_one_poll() {
    for moment in 0.. {
        let queue = RunQueue::default();
        let seen = spawn(&queue, |_, _| Poll::Pending);
        run(&queue);
        let (waker, other) = (seen.waker(), seen.waker());
        let (sends, thread) = mpsc::channel();
        let wakes = move || {
            let threads = Threads::from_now_on();
            let thread = thread::spawn(|| other.wake());
            // Until it has ended, or waits for a lock that this thread holds.
            let _ = threads.come_to_rest(|| thread.is_finished());
            sends.send(thread).expect("the test receives it");
        };
        let came = come_between(moment, wakes, || waker.wake());
        for thread in thread {
            thread.join().expect("a wake does not panic");
        }
        run(&queue);
        assert_eq!(
            seen.polls(),
            2,
            "M17: a task that waited was woken by two threads at the same moment, and `left` is how often it was \
             polled altogether. If both wakes find that it is not in the queue, both put it there: look at \
             the flag and set it in one step. {PAGE} \"Queued once\"."
        );
        if !came {
            break;
        }
    }
}

/// The names of tasks in the order of their polls.
type Log = Arc<Mutex<String>>;

fn note(log: &Log, name: char) {
    log.lock().expect("a push does not panic").push(name);
}

/// What was noted since the last call.
fn noted(log: &Log) -> String {
    std::mem::take(&mut log.lock().expect("a push does not panic"))
}

#[test]
fn the_task_that_was_woken_first_is_polled_first() {
    let queue = RunQueue::default();
    let log = Log::default();
    let tasks = ['a', 'b', 'c'].map(|name| {
        let log = log.clone();
        spawn(&queue, move |_, _| {
            note(&log, name);
            Poll::Pending
        })
    });
    run(&queue);
    assert_eq!(
        noted(&log),
        "abc",
        "M22: the tasks a, b and c were spawned in this order; `left` is the order of their polls. What \
         came first waits longest: put tasks in at one end, and take them out at the other. {PAGE} \
         \"First in, first out\"."
    );
    for task in [2, 0, 1, 2] {
        tasks[task].waker().wake();
    }
    run(&queue);
    assert_eq!(
        noted(&log),
        "cab",
        "M22: the tasks c, a, b, and c again, were woken in this order; `left` is the order of their polls. A \
         task keeps the place of its first wake: in at the back, out at the front. {PAGE} \"First in, \
         first out\"."
    );
}

#[test]
fn tasks_that_wake_themselves_take_turns() {
    let queue = RunQueue::default();
    let log = Log::default();
    for name in ['a', 'b'] {
        let log = log.clone();
        spawn(&queue, move |polls, waker| {
            note(&log, name);
            if polls == 3 {
                return Poll::Ready(());
            }
            waker.wake_by_ref();
            Poll::Pending
        });
    }
    run(&queue);
    assert_eq!(
        noted(&log),
        "ababab",
        "M22: a and b each wake themselves during their polls; `left` is the order of the polls. A task that \
         wakes itself goes to the back of the queue: otherwise one that never stops keeps all others \
         waiting. Poll a task once each time that you take it out. {PAGE} \"First in, first out\"."
    );
}

#[test]
fn a_future_that_is_ready_is_not_polled_again() {
    let queue = RunQueue::default();
    let seen = spawn(&queue, |_, waker| {
        waker.wake_by_ref();
        Poll::Ready(())
    });
    run(&queue);
    seen.waker().wake();
    // The future itself fails if it is polled.
    run(&queue);
}

#[test]
fn a_future_that_is_ready_is_dropped() {
    let queue = RunQueue::default();
    let owned = Arc::new(());
    let inside = owned.clone();
    let seen = spawn(&queue, move |_, _| {
        let _owned = &inside;
        Poll::Ready(())
    });
    run(&queue);
    // A waker is left, and keeps the task.
    let _waker = seen.waker();
    assert_eq!(
        Arc::strong_count(&owned),
        1,
        "M78: a future was ready, and what it owns is still in memory, because one of its wakers is. A \
         waker may be kept for long: drop the future when it is ready, and leave None in its place. \
         {PAGE} \"A queue of tasks\"."
    );
}

#[test]
fn a_future_may_spawn() {
    let queue = RunQueue::default();
    let child = Arc::new(AtomicBool::new(false));
    let (inside, ran) = (queue.clone(), child.clone());
    spawn(&queue, move |_, _| {
        let ran = ran.clone();
        inside.spawn(async move { ran.store(true, SeqCst) });
        Poll::Ready(())
    });
    run_or(
        &queue,
        "M21: a future called `spawn` in the middle of its poll, and that never returned: it waits for a lock \
         that `run_until_idle` holds. Hold nothing that `spawn` needs while a future is polled. Book: \
         Blocking in async, \"Spawn inside a poll\".",
    );
    assert!(
        child.load(SeqCst),
        "M74: a future was spawned by the poll of another, and `run_until_idle` returned without polling it. \
         It is in the queue: look at the queue again before you return. {PAGE} \"A queue of tasks\"."
    );
}
