//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;

use exercise::{JoinError, JoinHandle};
use testkit::{
    CountingWaker, HookWaker, OnDrop, assert_pending, assert_woken_once, come_between,
    deadlock_watch, locks_held, poll_once,
};

const RESULT: &str = "Book: The result of a task, \"A place for the result\".";
const ABORT: &str = "Book: The result of a task, \"What abort does\".";
const PANIC: &str = "Book: The result of a task, \"What happens to a panic\".";
const NOBODY: &str = "Book: The result of a task, \"Without a handle\".";
const LOST: &str = "Book: Lost wakes, \"Between the look and the promise\".";

/// More polls than any test makes.
const RESTLESS: usize = 100;

type Task = Pin<Box<dyn Future<Output = ()>>>;
type Result = std::result::Result<i32, JoinError>;

/// What a test decides about a future, and counts. Its clones are the same.
#[derive(Clone, Default)]
struct Play {
    polls: Arc<AtomicUsize>,
    end: Arc<Mutex<Option<End>>>,
    /// Owned by the future as well, while there is one.
    owned: Arc<()>,
}

/// How a future ends.
#[derive(Debug, Clone, Copy)]
enum End {
    Ready,
    Panics,
}

impl Play {
    /// The task of a future that is ready with 7, or panics, when the test says so.
    fn task(&self) -> (Task, JoinHandle<i32>) {
        self.task_owning(())
    }

    /// The same, of a future that owns something else as well.
    fn task_owning<O: 'static>(&self, other: O) -> (Task, JoinHandle<i32>) {
        let play = self.clone();
        let (task, handle) = exercise::task(poll_fn(move |_| {
            let _owned = (&play.owned, &other);
            let polls = play.polls.fetch_add(1, SeqCst);
            assert!(
                polls < RESTLESS,
                "M26: a future has returned Pending {RESTLESS} times, and its task's `poll` has not returned. A \
                 poll that waits keeps the executor's thread, and all other tasks. Poll the future once, and \
                 return Pending. {RESULT}"
            );
            match *play.end.lock().expect("a copy does not panic") {
                None => Poll::Pending,
                Some(End::Ready) => Poll::Ready(7),
                // A panic whose words are not printed.
                Some(End::Panics) => resume_unwind(Box::new("a task panics")),
            }
        }));
        (Box::pin(task), handle)
    }

    /// From the next poll on the future has come to its end.
    fn end(&self, end: End) {
        *self.end.lock().expect("an assignment does not panic") = Some(end);
    }

    fn polls(&self) -> usize {
        self.polls.load(SeqCst)
    }

    /// Whether the future is gone.
    fn is_dropped(&self) -> bool {
        Arc::strong_count(&self.owned) == 1
    }
}

/// Polls a task whose future is at its end, or was aborted.
fn run(task: &mut Task) {
    run_with(task, Waker::noop());
}

fn run_with(task: &mut Task, waker: &Waker) {
    let polled = catch_unwind(AssertUnwindSafe(|| poll_once(task, waker)));
    let Ok(polled) = polled else {
        panic!(
            "M24: a future has panicked, and the panic came out of `Task::poll`. It unwinds through the executor \
             that polled it, and all other tasks end with it. Wrap the poll in `catch_unwind`, and leave \
             Panicked as the result. {PANIC}"
        )
    };
    assert!(
        polled.is_ready(),
        "M25: a task's future has come to its end, or the task was aborted, and its poll returned Pending. The \
         executor keeps it for ever. Leave the result, and return Ready. {RESULT}"
    );
}

/// More moments than any poll that returns.
const MOMENTS: usize = 200;

/// Polls a handle. A poll that looks again and again does not return: nothing happens meanwhile.
fn join(handle: &mut JoinHandle<i32>, waker: &Waker) -> Poll<Result> {
    let gives_up = || {
        panic!(
            "M26: the task is not over, and the handle's `poll` has taken the lock {} times and has not returned. \
             A poll that waits keeps its whole thread, and perhaps the one that would run the task. Look, \
             leave your waker, and return Pending. {RESULT}",
            MOMENTS / 2
        )
    };
    let mut polled = None;
    come_between(MOMENTS, gives_up, || polled = Some(poll_once(handle, waker)));
    polled.expect("come_between runs its body")
}

#[test]
fn nothing_runs_before_the_task_is_polled() {
    let _guard = deadlock_watch(|| {
        "M26: the task is not over, and the handle's `poll` does not return: its thread sleeps. It may be the \
         thread that would run the task. Look, leave your waker, and return Pending. Book: The result of a \
         task, \"A place for the result\"."
    });
    let play = Play::default();
    let (_task, mut handle) = play.task();
    assert_pending!(
        join(&mut handle, Waker::noop()),
        "M25: the task was not polled yet, and its handle is ready. There is no result: return Pending. {RESULT}"
    );
    assert_eq!(
        play.polls(),
        0,
        "M9: the executor has not polled the task yet, and `left` is how often its future was polled. The \
         executor polls the task, and the task its future; the handle looks for the result. {RESULT}"
    );
}

#[test]
fn a_result_that_is_there_is_taken() {
    let play = Play::default();
    let (mut task, mut handle) = play.task();
    play.end(End::Ready);
    run(&mut task);
    assert_eq!(
        join(&mut handle, Waker::noop()),
        Poll::Ready(Ok(7)),
        "M25: the future was ready before the first poll of its handle; `left` is what that poll returned. \
         Nothing will wake the handle any more: the task leaves the result, and the handle looks for it before \
         it waits. {RESULT}"
    );
}

#[test]
fn waiting_wakes_nobody() {
    let play = Play::default();
    let (mut task, mut handle) = play.task();
    let [(runs, task_waker), (joins, joiner)] = [CountingWaker::new(), CountingWaker::new()];
    for _ in 0..3 {
        assert_pending!(
            poll_once(&mut task, &task_waker),
            "M25: the future waits, and its task was ready: the executor drops it. {RESULT}"
        );
        assert_pending!(
            join(&mut handle, &joiner),
            "M25: the future waits, and the handle is ready. There is no result: return Pending. {RESULT}"
        );
    }
    assert!(
        !handle.is_finished(),
        "M25: the future waits, and `is_finished` returned true. It must return true only once there is a \
         result. {RESULT}"
    );
    assert_eq!(
        (runs.wakes(), joins.wakes()),
        (0, 0),
        "M5: nothing has happened, and the task's poll has woken its own task, or the handle's poll has; `left` \
         is how often, of each. It is polled again at once, for ever: a busy loop. The result wakes the \
         handle, and an abort the task. Book: The life of one wake, \"Asking again is not waiting\"."
    );
}

#[test]
fn the_result_wakes_the_task_that_awaits_it() {
    let play = Play::default();
    let (mut task, mut handle) = play.task();
    let (joins, joiner) = CountingWaker::new();
    let _ = poll_once(&mut task, Waker::noop());
    let _ = join(&mut handle, &joiner);
    play.end(End::Ready);
    run(&mut task);
    assert_woken_once!(
        joins,
        "M74: a task awaits the handle, and the result is there; `left` is how often it was woken. Leave the \
         result, take the waker that the handle has left, and call it once. {RESULT}"
    );
    assert!(
        handle.is_finished(),
        "M25: the result is there, and `is_finished` returned false. {RESULT}"
    );
    assert_eq!(
        join(&mut handle, &joiner),
        Poll::Ready(Ok(7)),
        "M25: the future was ready with 7; `left` is what the handle returned. {RESULT}"
    );
    assert!(
        handle.is_finished(),
        "M25: the handle has returned the result, and after that `is_finished` returned false. The task is still \
         over: look at `is_finished` of the state, not at a result that may have been taken. {RESULT}"
    );
}

#[test]
fn the_waker_of_the_latest_poll_is_woken() {
    let play = Play::default();
    let (mut task, mut handle) = play.task();
    let [(old, old_waker), (new, new_waker)] = [CountingWaker::new(), CountingWaker::new()];
    let _ = join(&mut handle, &old_waker);
    let _ = join(&mut handle, &new_waker);
    play.end(End::Ready);
    run(&mut task);
    assert_eq!(
        (old.wakes(), new.wakes()),
        (0, 1),
        "M3: a handle was polled by one task, and then by another; `left` is how often the result has woken the \
         first, and the second. Store the waker of each poll in place of the one before. Book: Lost wakes, \
         \"Wakers go stale\"."
    );
}

/// What ran while the lock was held.
type UnderLock = Arc<Mutex<BTreeSet<&'static str>>>;

/// Notes that `what` runs, if it runs while the lock is held. It does not panic: that might be caught.
fn note(seen: &UnderLock, what: &'static str) {
    if locks_held() > 0 {
        seen.lock().expect("an insert does not panic").insert(what);
    }
}

/// Notes whether it is dropped under the lock.
struct Noting(UnderLock, &'static str);

impl Drop for Noting {
    fn drop(&mut self) {
        note(&self.0, self.1);
    }
}

/// A waker that notes which of its functions run under the lock.
fn noting(seen: &UnderLock) -> Waker {
    let hook = |what| {
        let seen = seen.clone();
        move || note(&seen, what)
    };
    let hooked = HookWaker::new(Waker::noop()).on_clone(hook("the clone of a waker"));
    hooked.on_wake(hook("the wake of a waker")).on_drop(hook("the drop of a waker")).waker()
}

#[test]
fn the_lock_is_free_while_other_code_runs() {
    let seen = UnderLock::default();
    let make = || {
        let seen = seen.clone();
        let owned = Noting(seen.clone(), "the drop of a future");
        let mut polls = 0;
        let (task, handle) = exercise::task(poll_fn(move |_| {
            let _owned = &owned;
            note(&seen, "the poll of a future");
            polls += 1;
            if polls < 3 {
                Poll::Pending
            } else {
                Poll::Ready(Noting(seen.clone(), "the drop of a result"))
            }
        }));
        (Box::pin(task), handle)
    };
    // Awaited: both ends move between two polls.
    let wakers = [noting(&seen), noting(&seen), noting(&seen)];
    let (mut task, mut handle) = make();
    for waker in &wakers {
        let _ = poll_once(&mut handle, waker);
        let _ = poll_once(&mut task, waker);
    }
    let _ = poll_once(&mut handle, &wakers[0]);
    // Aborted.
    let wakers = [noting(&seen), noting(&seen)];
    let (mut task, mut handle) = make();
    let _ = poll_once(&mut handle, &wakers[0]);
    let _ = poll_once(&mut task, &wakers[1]);
    handle.abort();
    let _ = poll_once(&mut task, Waker::noop());
    // Dropped before there is a result, and after.
    for dropped_at in [1, 3] {
        let wakers = [noting(&seen), noting(&seen)];
        let (mut task, mut handle) = make();
        let _ = poll_once(&mut handle, &wakers[0]);
        let mut handle = Some(handle);
        for polls in 1..=3 {
            let polled = poll_once(&mut task, &wakers[1]);
            handle = handle.filter(|_| polls < dropped_at);
            if polled.is_ready() {
                break;
            }
        }
    }
    let seen = seen.lock().expect("an insert does not panic");
    assert!(
        seen.is_empty(),
        "M8: this ran while the lock was held: {seen:?}. It is not your code, and may come back to this task or \
         its handle: then it waits for the lock that you hold, for ever. Clone before you lock; take out what \
         must be woken, dropped or replaced, and do that after the guard has gone. Book: Lost \
         wakes, \"Nothing under the lock\"."
    );
}

#[test]
fn a_task_that_is_woken_finds_the_result() {
    let play = Play::default();
    let (mut task, handle) = play.task();
    let handle = Arc::new(Mutex::new(handle));
    let (woken, found) = (handle.clone(), Arc::new(Mutex::new(None)));
    let (finds, owned) = (found.clone(), Arc::downgrade(&play.owned));
    let waker = HookWaker::new(Waker::noop()).on_wake(move || {
        let mut handle = woken.lock().expect("the test does not hold it");
        let is_finished = handle.is_finished();
        let polled = poll_once(&mut *handle, Waker::noop());
        let is_dropped = owned.strong_count() == 1;
        *finds.lock().expect("an assignment does not panic") =
            Some((is_dropped, is_finished, polled));
    });
    let _ = join(&mut handle.lock().expect("the test does not hold it"), &waker.waker());
    play.end(End::Ready);
    run(&mut task);
    assert_eq!(
        *found.lock().expect("a look does not panic"),
        Some((true, true, Poll::Ready(Ok(7)))),
        "M15: the handle was looked at inside of the wake. `left` is whether the future was dropped, and what \
         `is_finished` and the handle's poll returned. A task that is woken too early sleeps again, for ever: \
         drop the future, leave the result, and wake after that. \
         Book: Going to sleep, \"Publish, then wake\"."
    );
}

#[test]
fn a_result_that_comes_during_a_poll_of_the_handle_is_noticed() {
    for earlier_polls in [0, 1] {
        for moment in 0.. {
            let play = Play::default();
            let (mut task, mut handle) = play.task();
            let (joins, joiner) = CountingWaker::new();
            for _ in 0..earlier_polls {
                let _ = join(&mut handle, &CountingWaker::new().1);
            }
            play.end(End::Ready);
            let mut polled = Poll::Pending;
            let came = come_between(
                moment,
                move || _ = poll_once(&mut task, Waker::noop()),
                || polled = poll_once(&mut handle, &joiner),
            );
            if !came {
                break;
            }
            assert!(
                polled.is_ready() || joins.wakes() > 0,
                "M2: the task left its result just before or after the handle's `poll` held its lock number {}. \
                 That poll returned Pending, and its waker was not woken: the task sleeps for ever. Look for \
                 the result and store the waker under one guard. {LOST}",
                moment / 2 + 1
            );
        }
    }
}

#[test]
fn a_panic_ends_its_own_task_only() {
    let play = Play::default();
    let (mut task, mut handle) = play.task();
    let (joins, joiner) = CountingWaker::new();
    let _ = join(&mut handle, &joiner);
    play.end(End::Panics);
    run(&mut task);
    assert_woken_once!(
        joins,
        "M25: a future has panicked, and the task that awaits it was woken `left` times. A panic is a result as \
         well. {PANIC}"
    );
    assert_eq!(
        join(&mut handle, &joiner),
        Poll::Ready(Err(JoinError::Panicked)),
        "M25: a future has panicked; `left` is what the handle returned. {PANIC}"
    );
}

/// What is left of a task that was aborted after `polls` polls of its future.
fn is_aborted(play: &Play, task: &mut Task, handle: &mut JoinHandle<i32>, polls: usize) {
    let (joins, joiner) = CountingWaker::new();
    assert_pending!(
        join(handle, &joiner),
        "M25: a task was aborted, and was not polled since; its handle is ready already. The future is still \
         there: the result comes when the task has dropped it. {ABORT}"
    );
    run(task);
    assert!(
        play.polls() == polls && play.is_dropped(),
        "M25: a task was aborted, and polled after that. Its future was polled {} time(s) instead of {polls}, and \
         was dropped: {}. `Task::poll` looks whether it was aborted, and then drops the future in place of \
         polling it. {ABORT}",
        play.polls(),
        play.is_dropped()
    );
    assert_woken_once!(
        joins,
        "M25: an aborted task is over, and the one that awaits its handle was woken `left` times. An abort has a \
         result as well. {ABORT}"
    );
    assert_eq!(
        join(handle, &joiner),
        Poll::Ready(Err(JoinError::Aborted)),
        "M25: an aborted task is over; `left` is what its handle returned. {ABORT}"
    );
}

#[test]
fn an_abort_wakes_the_task_which_drops_its_future() {
    let play = Play::default();
    let (mut task, mut handle) = play.task();
    let [(old, old_waker), (new, new_waker)] = [CountingWaker::new(), CountingWaker::new()];
    let _ = poll_once(&mut task, &old_waker);
    let _ = poll_once(&mut task, &new_waker);
    handle.abort();
    assert_eq!(
        (old.wakes(), new.wakes()),
        (0, 1),
        "M25: a task was polled with one waker, and then with another; it waits, and was aborted. `left` is how \
         often the first was woken, and the second. Without a wake the executor does not poll it, and the \
         future is never dropped: keep the waker of the latest poll, and call it. {ABORT}"
    );
    is_aborted(&play, &mut task, &mut handle, 2);
}

#[test]
fn a_task_aborted_before_its_first_poll_never_runs() {
    let play = Play::default();
    let (mut task, mut handle) = play.task();
    handle.abort();
    is_aborted(&play, &mut task, &mut handle, 0);
}

/// After a poll of a task that was aborted meanwhile.
fn is_kept(polled: Poll<()>, wakes: usize, when: &str) {
    assert!(
        polled.is_ready() || wakes > 0,
        "M2: a task was aborted in the middle of its own `poll`, {when}. That poll returned Pending, and its \
         waker was not woken, so the abort is lost. Under one guard, look whether it was aborted and store \
         the waker, both before you poll the future. {LOST}"
    );
}

#[test]
fn an_abort_during_a_poll_of_the_task_is_kept() {
    for moment in 0.. {
        let (mut task, handle) = Play::default().task();
        let (runs, waker) = CountingWaker::new();
        let mut polled = Poll::Pending;
        let aborts = move || handle.abort();
        if !come_between(moment, aborts, || polled = poll_once(&mut task, &waker)) {
            break;
        }
        let when = format!("just before or after it held its lock number {}", moment / 2 + 1);
        is_kept(polled, runs.wakes(), &when);
    }
    let handle = Arc::new(Mutex::new(None::<JoinHandle<()>>));
    let inside = handle.clone();
    let (task, own) = exercise::task(poll_fn(move |_| {
        let handle = inside.lock().expect("nothing panics under it").take();
        handle.inspect(JoinHandle::abort);
        Poll::Pending
    }));
    *handle.lock().expect("nothing panics under it") = Some(own);
    let (runs, waker) = CountingWaker::new();
    is_kept(poll_once(&mut Box::pin(task), &waker), runs.wakes(), "by its own future");
}

#[test]
fn an_abort_during_the_last_poll_changes_nothing() {
    let slot = Arc::new(Mutex::new(None::<JoinHandle<i32>>));
    let inside = slot.clone();
    let (task, own) = exercise::task(poll_fn(move |_| {
        inside.lock().expect("nothing panics under it").iter().for_each(JoinHandle::abort);
        Poll::Ready(7)
    }));
    *slot.lock().expect("nothing panics under it") = Some(own);
    let mut task: Task = Box::pin(task);
    run(&mut task);
    let mut handle = slot.lock().expect("nothing panics under it").take().expect("put there above");
    assert_eq!(
        join(&mut handle, Waker::noop()),
        Poll::Ready(Ok(7)),
        "M25: a task was aborted during the poll in which its future was ready with 7; `left` is what the handle \
         returned. The abort was too late, because that poll has ended the task: look whether it was aborted \
         before you poll the future, and not after. {ABORT}"
    );
}

#[test]
fn an_abort_after_the_end_changes_nothing() {
    let play = Play::default();
    let (mut task, mut handle) = play.task();
    let (runs, waker) = CountingWaker::new();
    let _ = poll_once(&mut task, &waker);
    play.end(End::Ready);
    run_with(&mut task, &waker);
    handle.abort();
    assert_eq!(
        join(&mut handle, Waker::noop()),
        Poll::Ready(Ok(7)),
        "M25: a future was ready with 7, and its task was aborted after that; `left` is what the handle returned. \
         A task that is over keeps its result. {ABORT}"
    );
    assert_eq!(
        runs.wakes(),
        0,
        "M11: a task was over, and an abort has woken it `left` times: its executor would poll it after Ready. \
         Take its waker out when you leave the result. {ABORT}"
    );
}

#[test]
fn a_task_whose_handle_is_dropped_runs_on() {
    let play = Play::default();
    let (mut task, mut handle) = play.task();
    let [(runs, waker), (joins, joiner)] = [CountingWaker::new(), CountingWaker::new()];
    let _ = poll_once(&mut task, &waker);
    let _ = join(&mut handle, &joiner);
    drop(handle);
    assert_eq!(
        runs.wakes(),
        0,
        "M25: a handle was dropped, and that has woken its task `left` times. A task whose handle is gone is not \
         aborted: it runs on, as if nothing had happened. {NOBODY}"
    );
    assert_eq!(
        joins.live() - 1,
        0,
        "M42: a handle was dropped while its task ran; `left` is how many clones of the waker of the task that \
         awaited it are still kept. It no longer awaits anything: take its waker out in `drop`. {NOBODY}"
    );
    assert_pending!(
        poll_once(&mut task, &waker),
        "M25: a handle was dropped, and its task was ready at the next poll, although its future waits. A task \
         whose handle is gone runs on. {NOBODY}"
    );
    assert_eq!(
        runs.live() - 1,
        0,
        "M42: a handle was dropped while its task ran; `left` is how many clones of the task's own waker are \
         still kept. Only `abort` calls it, and nothing can abort the task any more: take it out in `drop`. \
         {NOBODY}"
    );
    assert_eq!(
        runs.live() - 1,
        0,
        "M42: a task was polled after its handle had been dropped; `left` is how many clones of its own waker are \
         kept since. Only `abort` calls it, and nothing can abort the task any more: store no waker once the \
         handle is gone. {NOBODY}"
    );
    play.end(End::Ready);
    run(&mut task);
    assert_eq!(
        (play.polls(), joins.wakes()),
        (3, 0),
        "M25: a handle was dropped after the first poll of its task, which was polled twice more. `left` is how \
         often its future was polled, and how often the task that had awaited the handle was woken. {NOBODY}"
    );
}

#[test]
fn a_result_nobody_asks_for_is_dropped() {
    for moment in 0.. {
        let result = Arc::new(());
        let output = result.clone();
        let (task, handle) = exercise::task(async move { output });
        // Kept: an executor may do so.
        let mut task: Task = Box::pin(task);
        // At the latest when `come_between` returns.
        let came = come_between(moment, move || drop(handle), || run(&mut task));
        let when = match came {
            true => {
                format!("just before or after the task held its lock number {}", moment / 2 + 1)
            }
            false => "after the task was over".to_owned(),
        };
        assert_eq!(
            Arc::strong_count(&result) - 1,
            0,
            "M78: a handle was dropped {when}, and `left` is how many of the task's result are still in memory, \
             though nothing can ask for it. The handle drops a result that is there; the task drops it if the \
             handle is gone, which it looks for under the guard under which it leaves the result, or later. {NOBODY}"
        );
        if !came {
            break;
        }
    }
}

#[test]
fn a_task_that_is_over_leaves_nothing() {
    for end in [Some(End::Ready), Some(End::Panics), None] {
        let play = Play::default();
        let (mut task, mut handle) = play.task();
        let [(runs, waker), (joins, joiner)] = [CountingWaker::new(), CountingWaker::new()];
        let _ = poll_once(&mut task, &waker);
        let _ = join(&mut handle, &joiner);
        match end {
            Some(end) => play.end(end),
            None => handle.abort(),
        }
        run_with(&mut task, &waker);
        assert!(
            play.is_dropped(),
            "M78: a task is over ({end:?}; None: aborted), and what its future owns is still in memory, because \
             the `Task` is. Drop the future before you leave the result. {RESULT}"
        );
        let _ = join(&mut handle, &joiner);
        assert_eq!(
            (runs.live() - 1, joins.live() - 1),
            (0, 0),
            "M11: a task is over ({end:?}; None: aborted), and its result was taken. `left` is how many clones are \
             kept of the waker that the task was polled with, and of the handle's. A waker keeps its task in \
             memory: take both out when you leave the result, and store none if you return Ready. Book: \
             The life of one wake, \"The contract of poll\"."
        );
    }
}

#[test]
fn a_panic_in_the_drop_of_a_future_ends_its_own_task_only() {
    for end in [Some(End::Ready), Some(End::Panics), None] {
        let play = Play::default();
        // Its words are not printed. A second panic while a test fails would end the process.
        let panics = OnDrop::new(|| {
            if !thread::panicking() {
                resume_unwind(Box::new("the drop of a future panics"));
            }
        });
        let (mut task, mut handle) = play.task_owning(panics);
        let (joins, joiner) = CountingWaker::new();
        let _ = poll_once(&mut task, Waker::noop());
        let _ = join(&mut handle, &joiner);
        match end {
            Some(end) => play.end(end),
            None => handle.abort(),
        }
        let polled = catch_unwind(AssertUnwindSafe(|| poll_once(&mut task, Waker::noop())));
        assert!(
            polled.is_ok_and(|polled| polled.is_ready()),
            "M24: a task has come to its end ({end:?}; None: aborted), and the drop of its future has panicked. The \
             panic came out of `Task::poll`, or the poll returned Pending. Drop the future inside a \
             `catch_unwind` of its own. {PANIC}"
        );
        assert_woken_once!(
            joins,
            "M25: the drop of a task's future has panicked ({end:?}; None: aborted), and the task that awaits the \
             handle was woken `left` times. This panic is a result as well. {PANIC}"
        );
        assert_eq!(
            join(&mut handle, &joiner),
            Poll::Ready(Err(JoinError::Panicked)),
            "M25: the drop of a task's future has panicked ({end:?}; None: aborted); `left` is what the handle \
             returned. It ends the task as a panic of its poll does, whatever the end was before. {PANIC}"
        );
    }
}
