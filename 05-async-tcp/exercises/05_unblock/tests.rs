//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind, set_hook, take_hook};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Wake, Waker};
use std::thread::{self, ThreadId};

use exercise::Pool;
use testkit::{
    CountingWaker, DeadlockWatch, HookWaker, OnDrop, Threads, assert_pending, come_between,
    deadlock_watch, locks_held, poll_once,
};

const BLOCKS: &str = "Book: Files and blocking calls, \"The thread that blocks\".";
const POOL: &str = "Book: Files and blocking calls, \"A bounded pool\".";
const PANIC: &str = "Book: Files and blocking calls, \"A panic elsewhere\".";
const WAKE: &str = "Book: Lost wakes, \"Pending is a promise\".";
const LOST: &str = "Book: Lost wakes, \"Between the look and the promise\".";
const LOCKED: &str = "Book: Lost wakes, \"Nothing under the lock\".";
const END: &str = "Book: A pool, \"How a pool ends\".";

/// Held by the test that runs: the threads of another one would be taken for those of its pool.
static ALONE: Mutex<()> = Mutex::new(());

/// Ends the test when all of its threads wait for each other, and says what that means.
struct Watch {
    means: Arc<Mutex<String>>,
    threads: Threads,
    _guard: DeadlockWatch,
    _alone: MutexGuard<'static, ()>,
}

impl Watch {
    fn new() -> Self {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let unfinished = format!(
            "M1: a future was polled, and its work was not called, or its task was not woken. The work goes into a \
             queue, from which a thread takes it; the thread leaves the result, and calls the waker. {BLOCKS}"
        );
        let means = Arc::new(Mutex::new(unfinished));
        let meant = means.clone();
        let guard = deadlock_watch(move || meant.lock().expect("a copy does not panic").clone());
        Self { means, threads: Threads::from_now_on(), _guard: guard, _alone: alone }
    }

    /// What a hang means from here on.
    fn now(&self, means: impl Into<String>) {
        *self.means.lock().expect("a copy does not panic") = means.into();
    }
}

/// A boxed future.
type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

fn unblock<T, F>(pool: &Pool, work: F) -> Boxed<T>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    Box::pin(pool.unblock(work))
}

/// Opens when it is told to, or dropped.
struct Gate {
    /// On which thread the work has begun.
    begun: Receiver<ThreadId>,
    closed: Sender<()>,
}

impl Gate {
    fn open(self) {
        drop(self.closed);
    }
}

/// Work that waits at a gate, and then returns `value`.
fn gated<T: Send + 'static>(value: T) -> (impl FnOnce() -> T + Send + 'static, Gate) {
    let (begins, begun) = channel();
    let (closed, opens) = channel::<()>();
    let test = thread::current().id();
    let work = move || {
        let own = thread::current().id();
        let _ = begins.send(own);
        // On the thread of the test, nothing would ever open it.
        if own != test {
            let _ = opens.recv();
        }
        value
    };
    (work, Gate { begun, closed })
}

/// A waker that rings.
struct Bell(Sender<()>);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        let _ = self.0.send(());
    }
}

fn bell() -> (Waker, Receiver<()>) {
    let (rings, rung) = channel();
    (Arc::new(Bell(rings)).into(), rung)
}

/// Polls whenever it is woken, until it is ready.
fn finish<T>(future: &mut Boxed<T>) -> T {
    let (waker, rung) = bell();
    loop {
        if let Poll::Ready(value) = poll_once(future, &waker) {
            return value;
        }
        let _ = rung.recv();
    }
}

#[test]
fn work_runs_on_another_thread() {
    let watch = Watch::new();
    let pool = Pool::new(1);
    let (work, gate) = gated(7);
    let mut future = unblock(&pool, work);
    watch.now(format!(
        "M26: the work is being done, and `poll` does not return: it waits for it. So do all other tasks of this \
         thread. Leave the waker, return Pending, and let the other thread wake the task. {BLOCKS}"
    ));
    let polled = poll_once(&mut future, Waker::noop());
    watch.now(format!(
        "M1: a future was polled, and its work was not called: no thread has it. Put it into the queue, and have a \
         thread take it from there. {BLOCKS}"
    ));
    let thread = gate.begun.recv();
    assert!(
        thread.is_ok_and(|thread| thread != thread::current().id()),
        "M26: the thread that polled the future has called `work`, or nothing has. Work may block, and all tasks of \
         that thread would wait: hand it to a thread of the pool. {BLOCKS}"
    );
    assert_pending!(polled, "M26: the work has not returned, and the future was ready. {BLOCKS}");
    gate.open();
}

#[test]
fn waiting_wakes_nobody() {
    let watch = Watch::new();
    let pool = Pool::new(1);
    let (work, gate) = gated(7);
    let mut future = unblock(&pool, work);
    let (counter, waker) = CountingWaker::new();
    for _ in 0..3 {
        let _ = poll_once(&mut future, &waker);
    }
    let _ = gate.begun.recv();
    let _ = watch.threads.come_to_rest(|| counter.wakes() > 0);
    assert_eq!(
        counter.wakes(),
        0,
        "M5: the work has not returned, and its future, polled three times, has woken its own task `left` times. It \
         is polled again at once, for ever: a busy loop. The thread wakes the task when the result is \
         there. Book: The life of one wake, \"Asking again is not waiting\"."
    );
    gate.open();
}

#[test]
fn a_task_that_is_woken_finds_the_result() {
    let watch = Watch::new();
    let pool = Pool::new(1);
    let (work, gate) = gated(7);
    let mut future = unblock(&pool, work);
    let (wakes, woken) = channel();
    let (polls, polled) = channel::<()>();
    let waker = HookWaker::new(Waker::noop()).on_wake(move || {
        let _ = wakes.send(());
        let _ = polled.recv();
    });
    let _ = poll_once(&mut future, &waker.waker());
    gate.open();
    assert!(
        woken.recv().is_ok(),
        "M1: the work has returned, and its thread has not woken the task, which sleeps for ever. The thread leaves the \
         result, takes the waker out, and calls it. {WAKE}"
    );
    watch.now(format!(
        "M8: the wake of a task does not return before the task was polled, and the poll waits for a lock: the \
         thread that wakes holds it. Take the waker out, release the lock, and then call it. {LOCKED}"
    ));
    let found = poll_once(&mut future, Waker::noop());
    assert_eq!(
        found,
        Poll::Ready(7),
        "M15: the work has returned 7, its thread has woken the task, and `left` is what the poll that followed at \
         once returned. A task that is woken too early sleeps again, for ever: leave the result first, \
         and wake after that. Book: Going to sleep, \"Publish, then wake\"."
    );
    drop(polls);
}

#[test]
fn the_waker_of_the_latest_poll_is_woken() {
    let watch = Watch::new();
    let pool = Pool::new(1);
    let (work, gate) = gated(7);
    let mut future = unblock(&pool, work);
    let [(first, _), (last, rung)] = [bell(), bell()];
    let _ = poll_once(&mut future, &first);
    let _ = poll_once(&mut future, &last);
    watch.now(
        "M3: a future was polled by one task and then by another, its work has returned, and the second was not \
         woken. A future may move to another task: leave the waker of each poll in place of the one before. \
         Book: Lost wakes, \"Wakers go stale\".",
    );
    gate.open();
    let _ = rung.recv();
}

#[test]
fn nothing_begins_before_the_first_poll() {
    let watch = Watch::new();
    let pool = Pool::new(1);
    let called = Arc::new(AtomicBool::new(false));
    let calls = called.clone();
    let never_polled = unblock(&pool, move || calls.store(true, SeqCst));
    // The only thread would have taken it before these.
    for number in 0..2 {
        finish(&mut unblock(&pool, move || number));
    }
    let _ = watch.threads.come_to_rest(|| called.load(SeqCst));
    assert!(
        !called.load(SeqCst),
        "M9: nothing has polled a future of `unblock`, and its work was called. It may be dropped without ever being \
         polled. Do in its first poll what you do in `unblock`: an `async` block does so by itself. Book: \
         The life of one wake, \"The leaf\"."
    );
    drop(never_polled);
}

/// Lets the result come in the middle of a poll, and fails if it is lost.
fn comes_during(
    watch: &Watch,
    when: String,
    earlier_poll: bool,
    poll: impl FnOnce(&mut Boxed<i32>, &Waker, Box<dyn FnOnce() + Send>) -> Poll<i32>,
) {
    let threads = Threads::from_now_on();
    let pool = Pool::new(1);
    let (work, gate) = gated(7);
    let mut future = unblock(&pool, work);
    if earlier_poll {
        let _ = poll_once(&mut future, Waker::noop());
        let _ = gate.begun.recv();
    }
    let returns = move || {
        gate.open();
        let _ = threads.come_to_rest(|| false);
    };
    let (waker, rung) = bell();
    watch.now(format!(
        "M2: the result came in the middle of a poll, {when}. That poll returned Pending, and its waker was not \
         called: the task sleeps for ever. Under one guard, look for the result and leave the waker; or leave \
         the waker first, and look after that. {LOST}"
    ));
    if poll(&mut future, &waker, Box::new(returns)).is_pending() {
        let _ = rung.recv();
        finish(&mut future);
    }
}

#[test]
fn a_result_that_comes_during_a_poll_is_noticed() {
    let watch = Watch::new();
    for earlier_poll in [true, false] {
        let when = "while it cloned the waker".to_owned();
        comes_during(&watch, when, earlier_poll, |future, waker, returns| {
            poll_once(future, &HookWaker::new(waker).on_clone(returns).waker())
        });
        for moment in 0.. {
            let mut came = false;
            let when = format!("just before or after it held its lock number {}", moment / 2 + 1);
            comes_during(&watch, when, earlier_poll, |future, waker, returns| {
                let mut polled = Poll::Pending;
                let next = || polled = poll_once(future, waker);
                came = come_between(moment, returns, next);
                polled
            });
            if !came {
                break;
            }
        }
    }
}

#[test]
fn no_more_work_at_once_than_max() {
    const CALLS: usize = 300;
    let watch = Watch::new();
    watch.now(format!(
        "M57: a pool may have two threads, two futures were polled, and the second work is not called before the \
         first has returned. Does the thread hold a lock while it calls? Is there a thread for each of the \
         two? {POOL}"
    ));
    let pool = Pool::new(2);
    let both = [gated(0), gated(1)].map(|(work, gate)| {
        let mut future = unblock(&pool, work);
        let _ = poll_once(&mut future, Waker::noop());
        let _ = gate.begun.recv();
        gate
    });
    both.into_iter().for_each(Gate::open);

    let threads = Threads::from_now_on();
    let pool = Pool::new(2);
    let (works, gates): (Vec<_>, Vec<_>) = (0..CALLS).map(gated).unzip();
    let mut futures: Vec<_> = works.into_iter().map(|work| unblock(&pool, work)).collect();
    for future in &mut futures {
        let _ = poll_once(future, Waker::noop());
    }
    let mut begun = 0;
    let _ = threads.come_to_rest(|| {
        begun += gates.iter().filter(|gate| gate.begun.try_recv().is_ok()).count();
        begun > 2
    });
    assert!(
        begun <= 2,
        "M54: a pool may have two threads, {CALLS} calls came one right after another, and {begun} have begun. A \
         thousand clients that ask for a file would need a thousand threads. Count a \
         thread when you start it, start one only if there are fewer than `max`, and let other work wait in the \
         queue. {POOL}"
    );
    // 100: with another runner there may be threads of the next tests, which wait for this one.
    let threads = threads.count();
    assert!(
        threads < 100,
        "M54: a pool may have two threads, and after {CALLS} calls there are {threads}. Calls that wait for their turn \
         have threads, too. Let the work wait in a queue, and the two take it from there. {POOL}"
    );
    watch.now(format!(
        "M54: two threads were busy while {} calls came. Now their work has returned, and some of those calls are \
         not made. A thread that has returned from its work takes the next out of the queue. {POOL}",
        CALLS - 2
    ));
    gates.into_iter().for_each(Gate::open);
    for (number, future) in futures.iter_mut().enumerate() {
        assert_eq!(
            finish(future),
            number,
            "`left` is what the future of call number `right` returned."
        );
    }
}

thread_local! {
    /// Dropped when the thread ends.
    static ENDS: RefCell<Option<Sender<()>>> = const { RefCell::new(None) };
}

/// Two futures, polled right after each other, whose work has met on two threads.
fn meet(pool: &Pool, ends: Option<Sender<()>>) -> [Boxed<()>; 2] {
    let meeting = Arc::new(Barrier::new(3));
    let futures = [(), ()].map(|()| {
        let (meeting, ends) = (meeting.clone(), ends.clone());
        let mut future = unblock(pool, move || {
            ENDS.set(ends);
            meeting.wait();
        });
        // Pending: the test has not come to the meeting.
        let _ = poll_once(&mut future, Waker::noop());
        future
    });
    meeting.wait();
    futures
}

#[test]
fn no_work_waits_while_there_may_be_another_thread() {
    let watch = Watch::new();
    watch.now(format!(
        "M63: of at most two threads one was free. Two calls came, one right after the other, and the second waits \
         until the first has returned. A thread that was notified and has not woken up yet still counts as free: \
         compare the number of free threads with the length of the queue. Or notify for each call, not only \
         when the queue was empty. {POOL}"
    ));
    // Several times, because the thread may wake up between the two.
    for _ in 0..20 {
        let threads = Threads::from_now_on();
        let pool = Pool::new(2);
        finish(&mut unblock(&pool, || ()));
        let _ = threads.come_to_rest(|| false);
        let mut both = meet(&pool, None);
        both.iter_mut().for_each(finish);
    }
}

#[test]
fn a_thread_that_is_free_sleeps() {
    let watch = Watch::new();
    let pool = Pool::new(2);
    finish(&mut unblock(&pool, || ()));
    if let Err(restless) = watch.threads.come_to_rest(|| false) {
        panic!(
            "M64: a pool had nothing to do, and still it did not rest: {restless}. Let a thread sleep until there is \
             work: `Condvar::wait`, or `recv` on a channel. Book: A pool, \"A queue in front\"."
        );
    }
    drop(pool);
}

/// What `act` returns or panics with. The words of a panic are not printed: the test judges them.
fn quietly<T>(act: impl FnOnce() -> T) -> thread::Result<T> {
    let hook = take_hook();
    set_hook(Box::new(|_| ()));
    let result = catch_unwind(AssertUnwindSafe(act));
    set_hook(hook);
    result
}

#[test]
fn a_panic_reaches_its_future_and_costs_no_thread() {
    let watch = Watch::new();
    let pool = Pool::new(1);
    for _ in 0..2 {
        watch.now(format!(
            "M54: work has panicked, and its future waits for ever. The panic has unwound the thread, past the lines \
             that leave a result and wake the task. Catch it: \
             `catch_unwind(AssertUnwindSafe(work))` is a result as well. {PANIC}"
        ));
        let mut future = unblock(&pool, || -> i32 { resume_unwind(Box::new("the words")) });
        let payload = quietly(|| finish(&mut future));
        let words = payload.as_ref().map_err(|payload| payload.downcast_ref::<&str>());
        assert_eq!(
            words,
            Err(Some(&"the words")),
            "M24: work has panicked with \"the words\"; `left` is what its future returned, or panicked with. The task that \
             awaits it must learn of this panic: leave the payload as the result, and hand it to `resume_unwind` \
             in the future. {PANIC}"
        );
        watch.now(format!(
            "M54: work has panicked, and after that the only thread of its pool takes no more work: it has ended, \
             or waits for a lock that the panic left locked. Catch the panic where you call `work`. {PANIC}"
        ));
        assert_eq!(finish(&mut unblock(&pool, || 7)), 7, "The work has returned 7.");
    }
}

#[test]
fn a_future_that_is_dropped_leaves_its_work() {
    let watch = Watch::new();
    let pool = Pool::new(1);
    let (drops, dropped) = channel();
    let value = || {
        let drops = drops.clone();
        OnDrop::new(move || _ = drops.send(()))
    };
    let [(first, gate), (second, second_gate)] = [gated(value()), gated(value())];
    second_gate.closed.send(()).expect("the work has not begun");
    let second_begun = second_gate.begun;
    for work in [Box::new(first) as Box<dyn FnOnce() -> OnDrop + Send>, Box::new(second)] {
        // Dropped after its first poll.
        let _ = poll_once(&mut unblock(&pool, work), Waker::noop());
    }
    watch.now(format!(
        "M42: two futures were dropped after their first poll, one while its work was running, one while it was in \
         the queue. Their work was not called to its end, or what it returned was not dropped. Nothing can stop \
         a thread from outside: do the work, and if no task awaits the result, drop it. {PANIC}"
    ));
    gate.open();
    for _ in 0..2 {
        let _ = dropped.recv();
    }
    assert!(
        second_begun.recv().is_ok(),
        "M42: a future was dropped after its first poll, while its work was in the queue, and the work was never \
         called. A file that is to be written is written: the queue keeps it. {PANIC}"
    );
    watch.now(format!(
        "M42: a future was dropped, its work has returned, and after that the only thread of the pool takes no more \
         work. Did it panic because no future receives the result? That is no error: drop the result. {PANIC}"
    ));
    finish(&mut unblock(&pool, || ()));
}

/// What ran while a lock was held.
type UnderLock = Arc<Mutex<BTreeSet<&'static str>>>;

/// Notes that `what` runs, if this thread holds a lock.
fn note(seen: &UnderLock, what: &'static str) {
    if locks_held() > 0 {
        seen.lock().expect("an insert does not panic").insert(what);
    }
}

#[test]
fn the_lock_is_free_while_other_code_runs() {
    let watch = Watch::new();
    watch.now(format!("M8: work, a wake or a drop waits for a lock, for ever. {LOCKED}"));
    let seen = UnderLock::default();
    let pool = Pool::new(1);
    for is_dropped_early in [true, false] {
        let (works, drops, wakes) = (seen.clone(), seen.clone(), seen.clone());
        let (work, gate) =
            gated(OnDrop::new(move || note(&drops, "the drop of what work returned")));
        let mut future = unblock(&pool, move || {
            note(&works, "the work");
            work()
        });
        let hook = move || note(&wakes, "a wake");
        let _ = poll_once(&mut future, &HookWaker::new(Waker::noop()).on_wake(hook).waker());
        let future = Some(future).filter(|_| !is_dropped_early);
        gate.open();
        // There is one thread: when this is done, it has left the result, and has woken the task.
        finish(&mut unblock(&pool, || ()));
        drop(future);
    }
    let seen = seen.lock().expect("an insert does not panic");
    assert!(
        seen.is_empty(),
        "M8: this ran while a lock was held: {seen:?}. It is not your code, and may need what you have locked: then \
         it waits for itself, for ever. Take the work, the waker or the result out, drop the guard, and then \
         call it or drop it. {LOCKED}"
    );
}

#[test]
fn work_may_ask_for_work() {
    let watch = Watch::new();
    watch.now(format!(
        "M57: work has polled another future of the same pool, and waits for a lock for ever: its own thread holds \
         it. Take the work out of the queue in a statement of its own: a guard in the head of a `while let` \
         lives until the end of the body. {LOCKED}"
    ));
    let pool = Arc::new(Pool::new(2));
    let inner = pool.clone();
    let mut outer = unblock(&pool, move || finish(&mut unblock(&inner, || 7)));
    assert_eq!(finish(&mut outer), 7, "The inner work has returned 7.");
}

#[test]
fn dropping_the_pool_waits_for_nothing_and_loses_nothing() {
    let watch = Watch::new();
    let pool = Pool::new(1);
    let (ends, ended) = channel::<()>();
    let (work, gate) = gated(7);
    let mut first = unblock(&pool, move || {
        ENDS.set(Some(ends));
        work()
    });
    let mut second = unblock(&pool, || 8);
    for future in [&mut first, &mut second] {
        let _ = poll_once(future, Waker::noop());
    }
    let _ = gate.begun.recv();
    watch.now(format!(
        "M26: the pool is dropped while its thread is busy, and `drop` waits for that thread. A task may drop the \
         pool, and then all tasks of its thread wait. Note that the pool is gone, and return. {BLOCKS}"
    ));
    drop(pool);
    gate.open();
    watch.now(format!(
        "M53: one thread was busy and one call in the queue when the pool was dropped, and now a future waits for \
         ever. A thread ends when the pool is gone *and* the queue is empty. {END}"
    ));
    assert_eq!((finish(&mut first), finish(&mut second)), (7, 8), "What the work has returned.");
    watch.now(format!(
        "M53: the pool was dropped while its thread was busy; the work is done, and the thread does not end. Before \
         it sleeps, it must look whether the pool is gone. {END}"
    ));
    let _ = ended.recv();
}

#[test]
fn dropping_the_pool_ends_the_threads_that_sleep() {
    let watch = Watch::new();
    watch.now(format!("M54: two calls on two threads that wait for each other never meet. {POOL}"));
    let pool = Pool::new(2);
    let (ends, ended) = channel::<()>();
    let mut both = meet(&pool, Some(ends));
    both.iter_mut().for_each(finish);
    let _ = watch.threads.come_to_rest(|| false);
    watch.now(format!(
        "M53: the pool was dropped while its two threads slept, and they sleep for ever. Note under the lock that \
         the pool is gone, and then `notify_all`; with a channel, drop the last sender. {END}"
    ));
    drop(pool);
    let _ = ended.recv();
}
