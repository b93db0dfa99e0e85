//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::sync::{Arc, Weak};

use exercise::Task;
use loom::model::Builder;
use loom::sync::atomic::Ordering::{AcqRel, Relaxed};
use loom::sync::atomic::{AtomicBool, AtomicUsize};
use testkit::watchdog;

const DURING: &str = "Book: The states of a task, \"A wake during the poll\".";
const ONE: &str = "Book: The states of a task, \"One poller\".";
const ORDER: &str = "Book: Memory ordering, \"A wake publishes\".";

/// Runs `body` in every order of its threads, with at most three switches that no thread asks for.
fn model(body: impl Fn() + Send + Sync + 'static) {
    let _guard = watchdog(
        "A method of `Task` has not returned, and loom does not see why. It sees only its own types: use \
         those of `loom::sync`, as exercise.rs does, and wait for no other thread.",
    );
    let check = move || {
        let mut builder = Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(body);
    };
    // On a thread of its own: what loom itself says helps only those who know it.
    let Err(panic) = std::thread::spawn(check).join() else { return };
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text =
        text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words");
    assert!(
        !text.starts_with("deadlock"),
        "M57: one thread polls, another one calls `run` or `wake`, and waits until the poll is over; here the \
         poll cannot be over before that. A thread that waits for a poll runs no other task meanwhile. \
         Hold no lock while you poll: note in the state that it is polled, and return. {ONE}"
    );
    assert!(
        !text.contains("maximum number of branches"),
        "M64: `run` or `wake` asks the state again and again, until another thread changes it. It may have to wait \
         for a whole poll, and keeps a processor busy. Note what you want in the state, and return; \
         the thread that polls looks there when it has finished. {ONE}"
    );
    panic!("{text}");
}

type Poll = Box<dyn Fn() + Send + Sync>;

/// A task whose poll does this. It fails when two threads poll at once.
fn task(poll: impl Fn(&Task<Poll>) + Send + Sync + 'static) -> Arc<Task<Poll>> {
    Arc::new_cyclic(|task: &Weak<Task<Poll>>| {
        let (task, is_polled) = (task.clone(), AtomicBool::new(false));
        Task::new(Box::new(move || {
            assert!(
                !is_polled.swap(true, Relaxed),
                "M16: one thread was polling the task, and another one has begun to poll it as well. A future is \
                 polled through a `&mut`: two at once is undefined behavior. Of all threads in `run`, one \
                 may take the task from SCHEDULED to RUNNING, in one step (`compare_exchange`), and no \
                 wake may take RUNNING away. {ONE}"
            );
            poll(&task.upgrade().expect("a thread that polls it has it"));
            is_polled.store(false, Relaxed);
        }))
    })
}

/// A task that counts its polls.
fn counting() -> (Arc<AtomicUsize>, Arc<Task<Poll>>) {
    let polls = Arc::new(AtomicUsize::new(0));
    let counts = polls.clone();
    (polls, task(move |_| _ = counts.fetch_add(1, Relaxed)))
}

#[test]
fn a_wake_leads_to_one_poll() {
    model(|| {
        let (polls, task) = counting();
        for round in 1..=2 {
            task.run();
            assert_eq!(
                polls.load(Relaxed),
                round - 1,
                "M63: nothing has woken the task since its last poll, and `run` has polled it (`left`: polls so \
                 far). A thread may find it in a queue after another one has polled it: poll only a task \
                 that is scheduled. {ONE}"
            );
            assert!(
                task.wake(),
                "M74: the task was waiting, and `wake` returned false: no thread puts it into a queue, and it \
                 is never polled. Before it, `run` was called and the task was not scheduled; such a `run` \
                 must leave the state as it is. Book: The states of a task, \"One word\"."
            );
            let again = task.run();
            assert_eq!(
                polls.load(Relaxed),
                round,
                "M74: the task was woken, and `run` has not polled it (`left`: polls so far). Book: The states of \
                 a task, \"One word\"."
            );
            assert!(
                !again,
                "M17: the task was polled, it was not woken meanwhile, and `run` returned true: it is queued for \
                 nothing. SCHEDULED goes before the poll, RUNNING after it. {DURING}"
            );
        }
    });
}

#[test]
fn a_task_is_queued_once() {
    model(|| {
        let (_, task) = counting();
        let queued = [task.wake(), task.wake(), task.wake()];
        assert_eq!(
            queued,
            [true, false, false],
            "M17: a task was woken three times before its poll; `left` is what the wakes returned. It is in a \
             queue after the first, and must not be put there again. Book: A run queue, \"Queued once\"."
        );
    });
}

#[test]
fn a_wake_during_the_poll_is_kept() {
    model(|| {
        let woken = AtomicBool::new(false);
        let task = task(move |task| {
            if woken.swap(true, Relaxed) {
                return;
            }
            assert!(
                !task.wake(),
                "M17: the task was woken while it was polled, and `wake` returned true: its caller puts the task \
                 into a queue, from which another thread takes it before the poll is over. Return false, \
                 and leave it to the `run` that polls. {DURING}"
            );
        });
        task.wake();
        assert!(
            task.run(),
            "M14: the task was woken while it was polled, and `run` returned false: no thread puts it into a \
             queue. Clear SCHEDULED before the poll, so that a wake can set it again. If it is set after the \
             poll, return true; do not poll again yourself: other tasks wait for their turn. {DURING}"
        );
        assert!(
            !task.run(),
            "M17: the second poll was not interrupted by any wake, and `run` returned true: the task is \
             queued again and again for nothing. {DURING}"
        );
    });
}

#[test]
fn run_returns_while_another_thread_polls() {
    for is_woken in [false, true] {
        model(move || {
            let polls = AtomicUsize::new(0);
            let task = task(move |task| {
                // What another thread may do during the first poll.
                if polls.fetch_add(1, Relaxed) == 0 {
                    if is_woken {
                        task.wake();
                    }
                    assert!(
                        !task.run(),
                        "M17: one thread polls the task, another one has called `run`, and that returned true. \
                         The thread that polls puts the task back; otherwise it is in two \
                         queues. {ONE}"
                    );
                }
            });
            task.wake();
            assert_eq!(
                task.run(),
                is_woken,
                "M14: during the poll another thread has called `wake` (if `right` is true) and then `run`; \
                 `left` is what the `run` that polled returned. A second `run` must leave the state as it \
                 is: the wake is for the thread that polls. {DURING}"
            );
        });
    }
}

/// Two threads wake the task and run it, as long as it is to be queued.
fn two_threads(task: &Arc<Task<Poll>>, before_the_second_wake: impl FnOnce(&Task<Poll>) + 'static) {
    task.wake();
    let second = task.clone();
    let second = loom::thread::spawn(move || {
        before_the_second_wake(&second);
        second.wake();
        while second.run() {}
    });
    while task.run() {}
    second.join().expect("loom stops at the first panic");
}

#[test]
fn two_threads_never_poll_at_once() {
    model(|| two_threads(&counting().1, |_| ()));
}

/// A value, a task that looks at it, and whether a poll has seen 1 there.
fn looking() -> (Arc<AtomicUsize>, Arc<Task<Poll>>, Arc<AtomicBool>) {
    let (data, seen) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let (reads, sees) = (data.clone(), seen.clone());
    // Only read-modify-writes: each reads the latest value, whatever the orderings of the task.
    let task = task(move |_| _ = reads.fetch_add(0, AcqRel) == 1 && sees.swap(true, AcqRel));
    (data, task, seen)
}

#[test]
fn no_wake_is_lost_between_two_threads() {
    model(|| {
        let (data, task, seen) = looking();
        two_threads(&task, move |_| _ = data.fetch_add(1, AcqRel));
        assert!(
            seen.load(Relaxed),
            "M14: one thread was in `run`, and another one woke the task. Both have returned, and no poll has \
             begun since: the wake is lost. Keep all bits in one word, and make each change of it in one \
             step, which returns what was there before (`fetch_or`, `fetch_and`, `compare_exchange`): \
             between two steps any wake may come. A `run` that returns true leaves SCHEDULED set: otherwise \
             the next `run` refuses the task. {DURING}"
        );
    });
}

/// Another thread wakes the task, and runs it if that puts it into a queue; meanwhile this one does so too, or
/// has found it in a queue after an earlier poll. Returns whether a poll has seen what the wake was about.
fn is_polled_after_a_wake(is_stale: bool) -> bool {
    let (data, task, seen) = looking();
    let second = task.clone();
    let second = loom::thread::spawn(move || {
        data.fetch_add(1, AcqRel);
        if second.wake() {
            while second.run() {}
        }
    });
    if is_stale || task.wake() {
        while task.run() {}
    }
    second.join().expect("loom stops at the first panic");
    seen.load(Relaxed)
}

#[test]
fn a_task_that_is_woken_is_in_a_queue() {
    model(|| {
        assert!(
            is_polled_after_a_wake(false),
            "M14: two threads woke the task, and a thread called `run` only if its `wake` had returned true. \
             Both have returned, and no poll has begun since the last wake: that one returned false, and no \
             `run` returned true. In `wake`, set SCHEDULED and find out whether the task was waiting in one \
             step: between a look and a change a poll may end. {DURING}"
        );
    });
}

#[test]
fn a_run_that_is_refused_changes_nothing() {
    model(|| {
        assert!(
            is_polled_after_a_wake(true),
            "M14: one thread called `run` while the task was waiting, another one woke it, and called `run` only if \
             `wake` had returned true. Both have returned, and the task was not polled: `wake` has found it \
             RUNNING, although no thread polled it. A `run` that is refused must leave the state as it is, \
             at every moment: see that it is SCHEDULED, and put RUNNING there, in one step \
             (`compare_exchange`). {ONE}"
        );
    });
}

#[test]
fn a_poll_sees_what_was_written_before_the_wake() {
    for is_woken_before in [false, true] {
        model(move || {
            let data = Arc::new(AtomicUsize::new(0));
            let seen = Arc::new(AtomicBool::new(false));
            let (reads, sees) = (data.clone(), seen.clone());
            let task = task(move |_| {
                if reads.load(Relaxed) == 1 {
                    sees.store(true, Relaxed);
                }
            });
            two_threads(&task, move |task| {
                if is_woken_before {
                    task.wake();
                }
                data.store(1, Relaxed);
            });
            assert!(
                seen.load(Relaxed),
                "M16: a thread wrote a value and called `wake`; then the task was polled, and the poll read the \
                 value from before. No poll will ever read the new one. A wake hands over what was \
                 written before it: each `wake` changes the state with Release, even one that finds \
                 SCHEDULED set, and `run` begins with Acquire. A plain `store` at the end of `run` cuts \
                 off what the wakes before it have published: use a read-modify-write (`swap`, `fetch_and`, \
                 `compare_exchange`). {ORDER}"
            );
        });
    }
}

#[test]
fn a_poll_sees_what_the_poll_before_it_wrote() {
    model(|| {
        let (polls, written) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (counts, writes) = (polls.clone(), written.clone());
        let task = task(move |_| {
            counts.fetch_add(1, Relaxed);
            writes.store(writes.load(Relaxed) + 1, Relaxed);
        });
        two_threads(&task, |_| ());
        assert_eq!(
            written.load(Relaxed),
            polls.load(Relaxed),
            "M16: each poll has added 1 to a value that is the task's own; `left` is the sum, `right` the number \
             of polls. One poll ran on one thread, the next on another, and the second has not seen what the \
             first had written. The change at the end of a poll needs Release, and the one at the beginning \
             of the next needs Acquire. {ORDER}"
        );
    });
}
