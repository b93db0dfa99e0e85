//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::mem::ManuallyDrop;
use std::panic::{self, AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, Once};
use std::task::{Poll, Waker};
use std::thread;

use exercise::{Driver, Executor, Handle, JoinError, JoinHandle, Unpark};
use testkit::{
    CountingWaker, DeadlockWatch, HookWaker, OnDrop, Probe, Watchdog, come_between, deadlock_watch,
    locks_held, poll_once, watchdog,
};

const QUEUE: &str = "Book: A run queue,";
const STATES: &str = "Book: The states of a task,";
const JOIN: &str = "Book: The result of a task,";
const SLEEP: &str = "Book: Going to sleep,";
const TURNS: &str = "Book: Taking turns,";

/// How many polls, looks or locks are too many while nothing happens.
const RESTLESS: usize = 1000;

/// How many polls may follow each other: twice what is asked for, because one may count in more than
/// one way.
const LONG: usize = 128;

// The driver of the tests: what happens while the thread would sleep is a script.

type Step = Box<dyn FnOnce()>;

thread_local! {
    /// What happens the next times that the thread would sleep.
    static STEPS: RefCell<VecDeque<Step>> = const { RefCell::new(VecDeque::new()) };
    /// What happens whenever the driver is asked.
    static EVENTS: RefCell<Box<dyn FnMut()>> = RefCell::new(Box::new(|| ()));
    static TOKEN: RefCell<Arc<Token>> = RefCell::default();
    /// How often the driver was asked since there was a poll.
    static LOOKS: Cell<usize> = const { Cell::new(0) };
    /// How many polls there had been at the last step, and when the driver was asked.
    static BEFORE: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

#[derive(Default)]
struct Token(AtomicBool);

thread_local! {
    /// What happens when this thread has called `unpark`, the next time that it holds no lock then.
    static AT_UNPARK: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
}

impl Unpark for Token {
    fn unpark(&self) {
        self.0.store(true, SeqCst);
        if locks_held() == 0
            && let Some(act) = AT_UNPARK.take()
        {
            act();
        }
    }
}

struct Script(Arc<Token>);

impl Driver for Script {
    fn park(&mut self) {
        self.look();
        while !self.0.0.swap(false, SeqCst) {
            LOOKS.set(0);
            BEFORE.set((Probe::polls_on_this_thread(), 0));
            let step = STEPS.with_borrow_mut(VecDeque::pop_front);
            step.expect("each script ends with a step that fails")();
        }
    }

    fn look(&mut self) {
        assert!(locks_held() == 0, "{UNDER_A_LOCK}");
        not_restless();
        let (step, look) = BEFORE.get();
        let now = Probe::polls_on_this_thread();
        BEFORE.set((step, now));
        LOOKS.set(if look == now { LOOKS.get() + 1 } else { 0 });
        assert!(
            LOOKS.get() < RESTLESS,
            "M64: nothing can be polled, and the driver was asked {RESTLESS} times. A loop that asks keeps a \
             processor busy. Call `Driver::park` when there is nothing to poll. {SLEEP} \"Look \
             again before you sleep\"."
        );
        EVENTS.with_borrow_mut(|events| events());
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        self.0.clone()
    }
}

/// What is wrong when the driver is called, or waits, under a lock.
const UNDER_A_LOCK: &str = "M57: the driver was called while this thread held a lock. It wakes tasks, and each wake waits \
                            for the lock that puts it into the queue: for ever. A guard lives until the end of \
                            its statement or block; end it first. Book: Going to sleep, \"Look again before \
                            you sleep\".";

/// Fails if there are polls over and over: more than any test asks for.
fn not_restless() {
    let polls = Probe::polls_on_this_thread() - BEFORE.get().0;
    assert!(
        polls < 5 * RESTLESS,
        "M13: nothing has happened, and there were {polls} polls. A poll for nothing finds nothing: poll what was \
         woken, and sleep in `Driver::park` when that is nothing. {QUEUE} \"Polling everything\"."
    );
}

/// An executor for which nothing is planned yet.
fn executor() -> Executor {
    plan([]);
    on_look(|| ());
    let token = Arc::<Token>::default();
    TOKEN.set(token.clone());
    Executor::new(Script(token))
}

/// What happens the next times that the thread would sleep.
fn plan(steps: impl IntoIterator<Item = Step>) {
    STEPS.set(steps.into_iter().collect());
}

fn step(act: impl FnOnce() + 'static) -> Step {
    Box::new(act)
}

/// A step that is one too many.
fn fails(why: &'static str) -> Step {
    step(move || panic!("{why}"))
}

/// What happens whenever the driver is asked, just before the thread sleeps as well.
fn on_look(event: impl FnMut() + 'static) {
    EVENTS.set(Box::new(event));
}

/// `park` returns, and nothing has happened.
fn park_returns() -> Step {
    step(|| TOKEN.with_borrow(|token| token.unpark()))
}

/// Does it on another thread.
fn elsewhere<T: Send + 'static>(act: impl FnOnce() -> T + Send + 'static) -> T {
    thread::spawn(act).join().unwrap_or_else(|panic| resume_unwind(panic))
}

type Guard = (DeadlockWatch, Watchdog);

/// Says at once that the thread waits for itself; and, after a while, that it never ends.
fn watch(hang: &'static str) -> Guard {
    let last_resort = watchdog(
        "The executor has not come to an end: it neither polls, nor calls the driver, nor waits for a lock. \
         While there is nothing to poll, call `Driver::park`, and nothing else.",
    );
    (deadlock_watch(move || hang), last_resort)
}

/// An executor, and its guard.
fn start(hang: &'static str) -> (Guard, Executor) {
    (watch(hang), executor())
}

/// For tests in which no lock is expected to be missing.
const WAITS: &str = "The thread waits for ever: for a lock that it holds itself, or for something that is not \
                     the driver. While there is nothing to poll, call `Driver::park`, and nothing else; \
                     and hold no lock while you call anything that is not yours.";

thread_local! {
    /// Whether the test explains panics of this thread.
    static QUIET: Cell<bool> = const { Cell::new(false) };
    /// Whether something that was done `carefully` has panicked.
    static FAILED: Cell<bool> = const { Cell::new(false) };
}

/// The end of a message of a test, which names a page.
const OURS: &str = "Book: ";

/// Runs this, and says `why` if it panics in other words than those of a test.
fn without_a_panic<T>(why: &str, act: impl FnOnce() -> T) -> T {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let tells = panic::take_hook();
        panic::set_hook(Box::new(move |panic| match (panic.location(), words(panic.payload())) {
            // Under another name: if the test has something to say, that comes first.
            (Some(place), words) if QUIET.get() && !words.contains(OURS) => {
                eprintln!("thread 'the answer' panicked at {place}:\n{words}");
            }
            _ => tells(panic),
        }));
    });
    QUIET.set(true);
    let result = catch_unwind(AssertUnwindSafe(act));
    QUIET.set(false);
    assert!(!FAILED.get(), "{why}");
    result.unwrap_or_else(|panic| match words(&*panic) {
        words if words.contains(OURS) => resume_unwind(panic),
        words => panic!("{why} The panic said: {words}"),
    })
}

/// Does something of which a panic must not go further: it is for `without_a_panic` to tell.
fn carefully(act: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(act)).is_err() {
        FAILED.set(true);
    }
}

fn words(panic: &dyn Any) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("nothing")
}

/// Runs the executor until all steps have happened, each when the thread would sleep.
fn run(executor: &mut Executor, steps: impl IntoIterator<Item = Step>) {
    let main = Probe::new();
    let is_over = Arc::new(AtomicBool::new(false));
    let ends = is_over.clone();
    let end = step(move || {
        ends.store(true, SeqCst);
        main.wake();
    });
    let was_ready = Arc::new(AtomicBool::new(false));
    let returns = was_ready.clone();
    let lost = step(move || {
        assert!(
            !returns.load(SeqCst),
            "M55: the future in `block_on` was ready, tasks wait, and the thread sleeps in place of returning. \
             `block_on` returns when its own future is ready. {QUEUE} \"A queue of tasks\"."
        );
        panic!(
            "M74: the waker of the future that is in `block_on` was called, and the thread sleeps on. After \
             Pending it is polled again once it was woken, and `wake` calls `unpark`. {SLEEP} \"Publish, \
             then wake\"."
        )
    });
    plan(steps.into_iter().chain([end, lost]));
    let future = main.future(move |polls, _| {
        assert!(
            polls < RESTLESS,
            "M13: its waker was not called, and the future in `block_on` was polled {RESTLESS} times. Poll \
             what was woken, and sleep in `Driver::park` when that is nothing. Book: Sleeping until \
             woken, \"Polled for nothing\"."
        );
        was_ready.store(is_over.load(SeqCst), SeqCst);
        if is_over.load(SeqCst) { Poll::Ready(()) } else { Poll::Pending }
    });
    block_on(executor, future);
    main.forget_waker();
    assert!(
        main.polls() <= 2,
        "M13: the future in `block_on` was woken once, and was polled {} times. That a task was polled, or that \
         `park` has returned, is no reason: look whether it was woken. (Or was the wake that of a task which \
         is over, and had the same number?) Book: Sleeping until woken, \"Polled for nothing\".",
        main.polls()
    );
}

/// `Executor::block_on`, which must not lock something over and over.
fn block_on<F: Future>(executor: &mut Executor, future: F) -> F::Output {
    let gives_up = || {
        not_restless();
        panic!(
            "M64: nothing can be polled, and this thread has locked its queue over and over. A loop that asks keeps \
             a processor busy. Call `Driver::park` while there is nothing to poll. {SLEEP} \
             \"Look again before you sleep\"."
        )
    };
    let mut output = None;
    come_between(100 * RESTLESS, gives_up, || output = Some(executor.block_on(future)));
    output.expect("come_between runs its body")
}

/// Spawns a task whose handle does nothing, not even go.
fn spawn<T: Send + 'static>(handle: &Handle, future: impl Future<Output = T> + Send + 'static) {
    std::mem::forget(handle.spawn(future));
}

// 1. block_on.

#[test]
fn block_on_returns_the_output() {
    let (_guard, mut executor) = start(WAITS);
    plan([fails(
        "M67: `block_on` went to sleep before it had polled its future. A future does nothing until it is \
         polled, so nothing wakes it before that. Poll first, and park after Pending. Book: Sleeping until \
         woken, \"Park and unpark\".",
    )]);
    let main = Probe::new();
    let output = block_on(&mut executor, main.future(|_, _| Poll::Ready(7)));
    assert_eq!(
        (output, main.polls()),
        (7, 1),
        "M18: the future was ready with 7 at its first poll; `left` is what `block_on` has returned, and how \
         often it has polled. Return the output at once. {STATES} \"One word\"."
    );
}

#[test]
fn the_future_of_block_on_is_polled_when_it_was_woken() {
    let (_guard, mut executor) = start(WAITS);
    let (main, wakes) = (Probe::new(), Arc::new(AtomicUsize::new(0)));
    let polled = move |right: usize| {
        assert_eq!(
            main.polls(),
            right,
            "M13: `left` is how often the future in `block_on` was polled, `right` how often there was a reason \
             to: at first, and after each wake. `park` may return for no reason, and then there is none. \
             Let `wake` set a flag that you look at before you poll. Book: Sleeping until woken, \
             \"Polled for nothing\"."
        );
    };
    let wake = |from: fn(&'static Probe)| {
        let wakes = wakes.clone();
        step(move || {
            polled(wakes.fetch_add(1, SeqCst) + 1);
            from(main);
        })
    };
    plan([
        park_returns(),
        wake(Probe::wake),
        park_returns(),
        wake(|main| elsewhere(|| main.wake())),
        fails(
            "M74: the future in `block_on` was woken twice, each time while the thread slept, and now the thread \
             sleeps all the same. `wake` says that the future was woken, and then calls `unpark`; \
             `block_on` looks at that whenever `park` returns. Book: Going to sleep, \"Publish, then \
             wake\".",
        ),
    ]);
    block_on(
        &mut executor,
        main.future(move |polls, _| {
            if polls == RESTLESS {
                polled(1);
            }
            if wakes.load(SeqCst) == 2 { Poll::Ready(()) } else { Poll::Pending }
        }),
    );
    polled(3);
}

#[test]
fn a_wake_before_the_sleep_is_kept() {
    let _guard = watch(WAITS);
    for from in [Waker::wake_by_ref, |waker: &Waker| {
        let waker = waker.clone();
        elsewhere(|| waker.wake());
    }] {
        let mut executor = executor();
        plan([fails(
            "M14: the future in `block_on` was woken while it was polled, returned Pending, and the thread \
             sleeps. A wake may come as soon as `poll` has begun: clear what it sets before the poll, \
             and never after it. Book: The states of a task, \"A wake during the poll\".",
        )]);
        block_on(
            &mut executor,
            Probe::new().future(move |polls, waker| {
                if polls == 2 {
                    return Poll::Ready(());
                }
                from(waker);
                Poll::Pending
            }),
        );
    }
    let (mut executor, main) = (executor(), Probe::new());
    plan([fails(
        "M15: the future in `block_on` was woken just before the thread slept, inside of `Driver::park`, and the \
         thread sleeps. `wake` must call `unpark` then: whether a thread sleeps is known to the driver, \
         and before you call `park` you must have said that it might. Book: Going to sleep, \"Look again \
         before you sleep\".",
    )]);
    on_look(|| elsewhere(|| main.wake()));
    block_on(&mut executor, main.ready_at(2));
}

// 2. Tasks.

#[test]
fn block_on_polls_what_was_spawned() {
    let (_guard, mut executor) = start(WAITS);
    let handle = executor.handle();
    let tasks = [Probe::new(), Probe::new(), Probe::new()];
    tasks.iter().for_each(|task| spawn(&handle, task.waits()));
    let polls = move || tasks.map(Probe::polls);
    assert_eq!(
        polls(),
        [0; 3],
        "M9: three tasks were spawned, and `left` is how often each was polled before `block_on` was called. \
         `spawn` puts a task into the queue, and nothing else: it may be called on any thread, and \
         inside of a poll. {QUEUE} \"A queue of tasks\"."
    );
    let asleep = step(move || {
        assert_eq!(
            polls(),
            [1; 3],
            "M63: three tasks were spawned, and the thread sleeps; `left` is how often each was polled. There is \
             one `unpark` for many wakes, or none: park only when the queue is empty. {QUEUE} \"A queue \
             of tasks\"."
        );
    });
    run(&mut executor, [asleep]);
}

#[test]
fn a_poll_may_spawn() {
    const HELD: &str = "M21: a future has spawned a task while it was polled, and that has failed: `spawn` needs what \
                        `block_on` held then. Take the task out of the queue, and let go of the lock or the \
                        borrow before you poll. In `while let Some(task) = queue.lock().pop_front() { … }` \
                        the guard lives until the end of the body: make the condition a function of its \
                        own. Book: Blocking in async, \"Spawn inside a poll\".";
    let (_guard, mut executor) = start(HELD);
    let handle = executor.handle();
    let children = [Probe::new(), Probe::new()];
    let [of_task, of_main] = children;
    let in_task = handle.clone();
    let spawns = Probe::new().future(move |polls, _| {
        if polls == 1 {
            spawn(&in_task, of_task.waits());
        }
        Poll::<()>::Pending
    });
    spawn(&handle, spawns);
    let asleep = step(move || {
        assert_eq!(
            children.map(Probe::polls),
            [1; 2],
            "{HELD} `left` is how often each was polled."
        );
    });
    without_a_panic(HELD, || {
        block_on(
            &mut executor,
            Probe::new().future(move |_, _| {
                spawn(&handle, of_main.waits());
                Poll::Ready(())
            }),
        );
        run(&mut executor, [asleep]);
    });
}

#[test]
fn a_wake_ends_the_sleep_of_the_thread() {
    let (_guard, mut executor) = start(UNDER_A_LOCK);
    let (main, task) = (Probe::new(), Probe::new());
    spawn(
        &executor.handle(),
        task.future(|polls, _| {
            if polls > 1 {
                main.wake();
            }
            Poll::<()>::Pending
        }),
    );
    plan([
        step(|| elsewhere(|| task.wake())),
        fails(
            "M74: the thread slept, and a task was woken, from another thread. It sleeps on, and the task waits. \
             First put the task into the queue, then call `unpark`, on whatever thread that is: `park` itself \
             wakes tasks, too. Book: Going to sleep, \"Publish, then \
             wake\".",
        ),
    ]);
    block_on(&mut executor, main.ready_at(2));
}

#[test]
fn a_task_is_polled_when_it_was_woken() {
    let (_guard, mut executor) = start(WAITS);
    let handle = executor.handle();
    let tasks = [Probe::new(), Probe::new()];
    tasks.iter().for_each(|task| spawn(&handle, task.waits()));
    let check = move |right: [usize; 2]| {
        let left = tasks.map(Probe::polls);
        let enough = left[0] >= right[0] && left[1] >= right[1];
        assert!(
            enough,
            "M74: two tasks wait, and one of them was woken; {left:?} is how often they were polled, and \
             should be {right:?}. `wake` puts its task into the queue. {QUEUE} \"A queue of tasks\"."
        );
        assert!(
            left == right,
            "M13: two tasks wait; {left:?} is how often they were polled, and should be {right:?}. Only a task \
             that was woken has something to do: the waker of a task puts that one into the queue, and a \
             `park` that returns puts none. {QUEUE} \"Polling everything\"."
        );
    };
    let wake = move |by: fn(&'static Probe), task: usize, before: [usize; 2]| {
        step(move || {
            check(before);
            by(tasks[task]);
            assert_eq!(
                tasks.map(Probe::polls),
                before,
                "M9: a wake has polled its task itself; `left` is how often the two tasks were polled, and \
                 `right` how often before the wake. Wakes come from any thread, and in the middle of a \
                 poll: put the task into the queue, and leave the poll to `block_on`. {QUEUE} \"A queue \
                 of tasks\"."
            );
        })
    };
    run(
        &mut executor,
        [
            park_returns(),
            wake(Probe::wake, 0, [1, 1]),
            wake(|task| elsewhere(|| task.wake()), 1, [2, 1]),
            step(move || check([2, 2])),
        ],
    );
}

#[test]
fn a_thousand_wakes_are_one_poll() {
    let (_guard, mut executor) = start(WAITS);
    let task = Probe::new();
    spawn(&executor.handle(), task.waits());
    let wakes = step(|| {
        let wakers = vec![task.waker().expect("an earlier test fails if it is not polled"); 500];
        wakers.iter().for_each(Waker::wake_by_ref);
        elsewhere(move || wakers.into_iter().for_each(Waker::wake));
    });
    let polled = step(|| {
        assert_eq!(
            task.polls() - 1,
            1,
            "M17: a task that waits was woken 1000 times, and `left` is how often it was polled after that. A \
             task is in the queue once: keep a flag in it that says that it is there, and put it there only \
             when you have set that. {QUEUE} \"Queued once\"."
        );
    });
    run(&mut executor, [wakes, polled]);
}

#[test]
fn a_wake_during_the_poll_of_a_task_is_kept() {
    let (_guard, mut executor) = start(WAITS);
    let tasks = [Probe::new(), Probe::new()];
    let ways: [fn(&Waker); 2] = [Waker::wake_by_ref, |waker| {
        let waker = waker.clone();
        elsewhere(move || waker.wake());
    }];
    for (task, wakes) in tasks.iter().zip(ways) {
        let future = task.future(move |polls, waker| {
            if polls == 1 {
                wakes(waker);
            }
            Poll::<()>::Pending
        });
        spawn(&executor.handle(), future);
    }
    let asleep = step(move || {
        assert_eq!(
            tasks.map(Probe::polls),
            [2, 2],
            "M14: two tasks were woken while they were polled for the first time, one of them from another \
             thread, and returned Pending; `left` is how often each was polled. Clear the flag that says \
             that a task is in the queue before you poll it, and never after that: then a wake during \
             the poll queues it again. {STATES} \"A wake during the poll\"."
        );
    });
    run(&mut executor, [asleep]);
}

#[test]
fn tasks_are_polled_in_the_order_in_which_they_were_woken() {
    let (_guard, mut executor) = start(WAITS);
    let order = Arc::new(Mutex::new(Vec::new()));
    let tasks = [Probe::new(), Probe::new(), Probe::new()];
    for (name, task) in tasks.iter().enumerate() {
        let order = order.clone();
        let future = task.future(move |polls, waker| {
            order.lock().expect("a push does not panic").push(name);
            if name == 0 && polls == 1 {
                waker.wake_by_ref();
            }
            Poll::<()>::Pending
        });
        spawn(&executor.handle(), future);
    }
    let check = move |right: &[usize], what: &str| {
        let left = std::mem::take(&mut *order.lock().expect("a push does not panic"));
        assert_eq!(
            left, right,
            "M22: {what}; `left` is the order in which they were polled. A task that is woken goes to one end \
             of the queue, and the next one to poll comes from the other: the oldest wake first. {QUEUE} \
             \"First in, first out\"."
        );
    };
    let again = check.clone();
    let wakes = step(move || {
        check(
            &[0, 1, 2, 0],
            "tasks 0, 1 and 2 were spawned, and 0 has woken itself in its first poll",
        );
        [2, 0, 1].iter().for_each(|task| tasks[*task].wake());
    });
    run(&mut executor, [wakes, step(move || again(&[2, 0, 1], "tasks 2, 0 and 1 were woken"))]);
}

#[test]
fn a_task_that_is_ready_is_never_polled_again() {
    let (_guard, mut executor) = start(WAITS);
    let (asks, waits) = (Probe::new(), Probe::new());
    let handle = executor.handle();
    spawn(
        &handle,
        asks.future(|_, waker| {
            waker.wake_by_ref();
            Poll::Ready(())
        }),
    );
    spawn(&handle, waits.ready_at(2));
    let panicked = "M18: two tasks were ready, one of which had woken itself in that poll; the other was woken after \
                    that. `block_on` has panicked. A wake may come at any time, also when the task is over: \
                    a task in the queue may have no future any more, and then there is nothing to do. \
                    Book: The states of a task, \"One word\".";
    without_a_panic(panicked, || {
        run(&mut executor, [step(|| waits.wake()), step(|| waits.wake()), step(|| asks.wake())]);
    });
    assert_eq!(
        [asks.late_polls(), waits.late_polls()],
        [0, 0],
        "M18: two tasks were ready, one of which had woken itself in that poll; the other was woken after that. \
         `left` is how often they were polled when they were over. A future must not be polled after \
         Ready: drop it, and note that the task has none. {STATES} \"One word\"."
    );
}

#[test]
fn a_future_that_is_ready_is_dropped() {
    let (_guard, mut executor) = start(WAITS);
    let task = Probe::new();
    let handle = executor.handle().spawn(task.ready_at(1));
    let asleep = step(|| {
        assert_eq!(
            task.drops(),
            1,
            "M78: a task is over, there is a clone of its waker, and its `JoinHandle` has not been awaited; \
             `left` is how often its future was dropped. What the future holds may be a socket, or a \
             lock. Take the future out of the task and drop it, as soon as it is ready. {STATES} \"Who \
             owns a task\"."
        );
    });
    run(&mut executor, [asleep]);
    std::mem::forget(handle);
}

/// Spawns something when it is dropped.
fn spawns_when_dropped(handle: &Handle, child: &'static Probe) -> OnDrop {
    let handle = handle.clone();
    OnDrop::new(move || carefully(|| spawn(&handle, child.waits())))
}

#[test]
fn the_drop_of_a_future_may_spawn() {
    const HELD: &str = "M21: a task was ready, and its future has spawned another one when it was dropped. That has \
                        failed: `spawn` needs what was held then. Take the future out of the task, let go \
                        of every lock, and then drop it. Book: Blocking in async, \"Spawn inside a \
                        poll\".";
    let (_guard, mut executor) = start(HELD);
    let child = Probe::new();
    let handle = executor.handle();
    let spawns = spawns_when_dropped(&handle, child);
    spawn(
        &handle,
        Probe::new().future(move |_, _| {
            let _ = &spawns;
            Poll::Ready(())
        }),
    );
    without_a_panic(HELD, || run(&mut executor, []));
    assert_eq!(child.polls(), 1, "{HELD} `left` is how often the other one was polled.");
}

#[test]
fn another_thread_may_spawn() {
    let (_guard, mut executor) = start(WAITS);
    let (main, handle) = (Probe::new(), executor.handle());
    plan([
        step(move || {
            elsewhere(move || {
                spawn(&handle, async { main.wake() });
            });
        }),
        fails(
            "M74: the thread slept, and another thread has spawned a task. It sleeps on, and the task waits. A \
             new task counts as woken: put it into the queue, and call `unpark`. Book: Going to sleep, \
             \"Publish, then wake\".",
        ),
    ]);
    block_on(&mut executor, main.ready_at(2));
}

#[test]
fn tasks_stay_for_the_next_block_on() {
    let (_guard, mut executor) = start(WAITS);
    let hog = Probe::new();
    spawn(&executor.handle(), busy(hog));
    block_on(&mut executor, Probe::new().ready_at(1));
    assert!(
        hog.polls() <= LONG,
        "M55: the future in `block_on` was ready, and a task that wakes itself had {} polls before `block_on` \
         returned. Return as soon as its own future is ready, also while there are tasks to poll: they stay \
         for the next `block_on`. {QUEUE} \"A queue of tasks\".",
        hog.polls()
    );
    let mut executor = self::executor();
    let (waits, task) = (Probe::new(), Probe::new());
    spawn(&executor.handle(), task.waits());
    plan([
        step(|| waits.wake()),
        fails(
            "M55: the future in `block_on` was ready, a task waits, and the thread sleeps in place of returning. \
         `block_on` returns when its own future is ready. Book: A run queue, \"A queue of tasks\".",
        ),
    ]);
    block_on(&mut executor, waits.ready_at(2));
    // While no thread is in `block_on`.
    task.wake();
    run(
        &mut executor,
        [step(|| {
            assert_eq!(
                (task.polls(), task.drops()),
                (2, 0),
                "M78: `block_on` has returned while a task waited, the task was woken, and then `block_on` was \
             called again. `left` is how often the task was polled, and dropped. The queue and the tasks \
             belong to the executor, and not to one call of `block_on`. {QUEUE} \"A queue of tasks\"."
            );
        })],
    );
}

// 3. Handles.

/// A handle that is polled by hand.
type Joining<T> = Pin<Box<JoinHandle<T>>>;

#[test]
fn a_handle_gives_the_output() {
    let (_guard, mut executor) = start(WAITS);
    let handle = executor.handle();
    let (task, (counter, waker)) = (Probe::new(), CountingWaker::new());
    let mut waits: Joining<_> = Box::pin(handle.spawn(task.future(|polls, _| match polls {
        1 => Poll::Pending,
        _ => Poll::Ready(7),
    })));
    assert!(
        poll_once(&mut waits, &waker).is_pending(),
        "M25: a task was spawned, and not polled yet; its handle is ready. There is no result: store the waker \
         for when there is one, and return Pending. {JOIN} \"A place for the result\"."
    );
    let asleep = step(move || {
        assert_eq!(
            counter.wakes(),
            0,
            "M5: a task waits, and what waits for its handle was woken; `left` is how often. The task wakes it \
             when there is a result, and nothing else does. {JOIN} \"A place for the result\"."
        );
        task.wake();
    });
    let mut early: Joining<_> = Box::pin(handle.spawn(async { 8 }));
    run(&mut executor, [asleep]);
    assert_eq!(
        poll_once(&mut early, Waker::noop()),
        Poll::Ready(Ok(8)),
        "M25: a task was ready with 8 before its handle was polled for the first time; `left` is what that poll \
         returned. The result must have a place of its own, where it stays until the handle takes it: \
         look there before you wait. {JOIN} \"A place for the result\"."
    );
    assert_eq!(
        poll_once(&mut waits, &waker),
        Poll::Ready(Ok(7)),
        "M25: a task was ready with 7 after its handle had been polled; `left` is what the next poll returned. \
         The task leaves its result where the handle finds it. {JOIN} \"A place for the result\"."
    );
}

#[test]
fn the_result_wakes_what_waits_for_it() {
    let (_guard, mut executor) = start(WAITS);
    let task = Probe::new();
    let (old, old_waker) = CountingWaker::new();
    let (new, new_waker) = CountingWaker::new();
    let mut handle: Joining<_> = Box::pin(executor.handle().spawn(task.ready_at(2)));
    let _ = poll_once(&mut handle, &old_waker);
    let _ = poll_once(&mut handle, &new_waker);
    run(&mut executor, [step(|| task.wake())]);
    assert!(
        old.wakes() + new.wakes() > 0,
        "M1: a `JoinHandle` was polled and returned Pending; then its task was ready, and has woken nothing. \
         `poll` stores a clone of its waker beside the place for the result, and the task wakes it when it \
         has left the result there. {JOIN} \"A place for the result\"."
    );
    assert_eq!(
        (old.wakes(), new.wakes()),
        (0, 1),
        "M3: a `JoinHandle` was polled twice, by two tasks one after the other; `left` is how often the result \
         has woken the first, and the second. Store the waker of each poll in place of the one before. \
         {JOIN} \"A place for the result\"."
    );
}

#[test]
fn a_result_during_the_poll_of_its_handle_is_noticed() {
    let _guard = watch(WAITS);
    for moment in 0..RESTLESS {
        let (mut executor, main, task) = (executor(), Probe::new(), Probe::new());
        let mut handle: Joining<_> = Box::pin(executor.handle().spawn(task.future(|_, _| {
            main.wake();
            Poll::Ready(7)
        })));
        let main = main.future(|_, _| match task.polls() {
            0 => Poll::Pending,
            _ => Poll::Ready(()),
        });
        let (counter, waker) = CountingWaker::new();
        let mut polled = Poll::Pending;
        let other = move || executor.block_on(main);
        let came = come_between(moment, other, || polled = poll_once(&mut handle, &waker));
        if !came {
            break;
        }
        assert!(
            polled.is_ready() || counter.wakes() > 0,
            "M2: just before or after `JoinHandle::poll` held its lock number {}, the task was ready on another \
             thread. This poll returned Pending, and its waker was not woken: what awaits the handle sleeps \
             for ever. Look and store the waker under one guard, or store it first and look after that. Book: \
             Lost wakes, \"Between the look and the promise\".",
            moment / 2 + 1
        );
    }
}

#[test]
fn a_task_may_await_another() {
    let (_guard, mut executor) = start(WAITS);
    let handle = executor.handle();
    let spawns = handle.clone();
    plan([fails(
        "M74: one task awaits the handle of another, and the future in `block_on` that of the first. Nothing can \
         be polled, and none of them has its result: the result of a task must wake what awaits it. Book: \
         The result of a task, \"A place for the result\".",
    )]);
    let outer = handle.spawn(async move {
        let inner = spawns.spawn(async { 6 });
        inner.await.map(|output| output + 1)
    });
    assert_eq!(
        block_on(&mut executor, outer),
        Ok(Ok(7)),
        "M25: a task has awaited another, which was ready with 6, and added 1. {JOIN} \"A place for the result\"."
    );
}

#[test]
fn the_result_may_be_taken_while_it_wakes() {
    const HELD: &str = "M8: a result has woken what waits for it, which at once polled the handle and spawned a \
                        task. That has failed: `wake` was called while something was held that these need. \
                        Leave the result, take the waker out, let go of the lock, and then wake. Book: The \
                        result of a task, \"A place for the result\".";
    let (_guard, mut executor) = start(HELD);
    let (spawner, child) = (executor.handle(), Probe::new());
    let handle = Arc::new(Mutex::new(None::<Joining<i32>>));
    let found = Arc::new(Mutex::new(None));
    let (takes, finds) = (handle.clone(), found.clone());
    let waker = HookWaker::new(Waker::noop()).on_wake(move || {
        let taken = takes.lock().expect("a take does not panic").take();
        let mut handle = ManuallyDrop::new(taken.expect("the test has left it"));
        carefully(|| {
            spawn(&spawner, child.waits());
            let polled = poll_once(&mut *handle, Waker::noop());
            *finds.lock().expect("a store does not panic") = Some(polled);
        });
    });
    let mut joining: Joining<_> = Box::pin(executor.handle().spawn(async { 7 }));
    let _ = poll_once(&mut joining, &waker.waker());
    *handle.lock().expect("a store does not panic") = Some(joining);
    without_a_panic(HELD, || run(&mut executor, []));
    let found = found.lock().expect("a read does not panic").expect("nothing has failed");
    assert_eq!(
        found,
        Poll::Ready(Ok(7)),
        "M15: the handle was polled inside of the wake, and `left` is what it returned. It may be polled on \
         another thread as soon as you wake: leave the result first. {SLEEP} \"Publish, then wake\"."
    );
    assert_eq!(child.polls(), 1, "{HELD}");
}

#[test]
fn a_handle_that_is_dropped_ends_nothing() {
    let (_guard, mut executor) = start(WAITS);
    let handle = executor.handle();
    let (before, after) = (Probe::new(), Probe::new());
    let outputs = [(); 2].map(|()| Arc::new(()));
    let [early, late] = outputs.clone();
    let mut late = Some(late);
    drop(handle.spawn(before.future(move |polls, _| match polls {
        1 => Poll::Pending,
        _ => Poll::Ready(late.take()),
    })));
    let mut early = Some(early);
    let finished = handle.spawn(after.future(move |_, _| Poll::Ready(early.take())));
    run(
        &mut executor,
        [step(|| {
            assert_eq!(
                (before.polls(), before.drops()),
                (1, 0),
                "M25: a task was spawned, and its handle was dropped; `left` is how often its future was polled and \
                 dropped. A task runs whether its handle is awaited or not: the queue and the executor must \
                 own it, and `drop` must not abort it. {JOIN} \"Without a handle\"."
            );
            before.wake();
        })],
    );
    drop(finished);
    assert_eq!(
        outputs.map(|output| Arc::strong_count(&output) - 1),
        [0, 0],
        "M78: the handle of one task was dropped before its result was there, that of another one after that; \
         `left` is how many of their results are still in memory. Nothing will ever take them: whichever \
         of the two, task and handle, comes last drops the result. {JOIN} \"Without a handle\"."
    );
}

#[test]
fn a_panic_is_the_result_of_its_task() {
    const ESCAPES: &str = "M24: a task has panicked, and the panic went through `block_on`, or left it unusable. It \
                           ends the future in `block_on`, and all other tasks with it. Poll in \
                           `catch_unwind`; a panic is the result of its task. Book: The result of a task, \
                           \"What happens to a panic\".";
    let (_guard, mut executor) = start(WAITS);
    let handle = executor.handle();
    let [at_once, later, sibling] = [Probe::new(), Probe::new(), Probe::new()];
    let panics = |task: &'static Probe, at: usize| {
        // As `panic!` does, but without the message on the terminal.
        task.future(move |polls, _| match polls == at {
            true => resume_unwind(Box::new("a task panics: a test of the executor")),
            false => Poll::<()>::Pending,
        })
    };
    let handles = [handle.spawn(panics(at_once, 1)), handle.spawn(panics(later, 2))];
    let mut handles = handles.map(Box::pin);
    spawn(&handle, sibling.waits());
    let (counter, waker) = CountingWaker::new();
    let _ = poll_once(&mut handles[1], &waker);
    without_a_panic(ESCAPES, || {
        let wakes = step(|| {
            later.wake();
            sibling.wake();
        });
        run(&mut executor, [wakes, step(|| at_once.wake())]);
    });
    assert_eq!(sibling.polls(), 2, "{ESCAPES} `left` is how often another task was polled.");
    let results = handles.map(|mut handle| poll_once(&mut handle, Waker::noop()));
    assert_eq!(
        results,
        [Poll::Ready(Err(JoinError::Panicked)); 2],
        "M25: two tasks have panicked, one in its first poll and one later; `left` is what their handles return. \
         Leave the error where the handle looks for the result. {JOIN} \"What happens to a panic\"."
    );
    assert_eq!(
        (counter.wakes() > 0, at_once.polls(), at_once.drops()),
        (true, 1, 1),
        "M25: two tasks have panicked. `left` is whether the second has woken what waits for it, and how often \
         the first was polled and dropped, which was woken once more. After a panic a task is over \
         like any other. {JOIN} \"What happens to a panic\"."
    );
}

#[test]
fn a_panic_in_a_drop_goes_no_further() {
    const ESCAPES: &str = "M24: the future of a task has panicked when it was dropped, once after it was ready, and \
                           once because the task was aborted. The panic went through `block_on`, or left it \
                           unusable. Drop a future in `catch_unwind`, as you poll it. Book: The result of a \
                           task, \"What happens to a panic\".";
    let (_guard, mut executor) = start(WAITS);
    let handle = executor.handle();
    let [ready, aborted, sibling] = [Probe::new(), Probe::new(), Probe::new()];
    let panics = |task: &'static Probe, is_ready: bool| {
        let bomb = OnDrop::new(|| resume_unwind(Box::new("a drop panics: a test of the executor")));
        task.future(move |_, _| {
            let _ = &bomb;
            if is_ready { Poll::Ready(()) } else { Poll::Pending }
        })
    };
    let mut handles = [handle.spawn(panics(ready, true)), handle.spawn(panics(aborted, false))];
    spawn(&handle, sibling.waits());
    without_a_panic(ESCAPES, || {
        run(&mut executor, []);
        handles[1].abort();
        run(&mut executor, [step(|| sibling.wake())]);
    });
    assert_eq!(sibling.polls(), 2, "{ESCAPES} `left` is how often another task was polled.");
    let results = handles.each_mut().map(|handle| poll_once(handle, Waker::noop()).is_ready());
    assert_eq!(
        results, [true; 2],
        "M25: the futures of two tasks have panicked when they were dropped; `left` is whether their handles are \
         ready. The result must be there whatever the drop does. {JOIN} \"What happens to a panic\"."
    );
}

// 4. abort.

/// The results of tasks that were aborted, as polled by hand.
fn assert_aborted(handle: JoinHandle<()>, task: &Probe, polls: usize, what: &str) {
    assert_eq!(
        task.polls(),
        polls,
        "M25: {what}; `left` is how often its future was polled. It may wait for something that never happens. \
         Note in the task that it was aborted, put it into the queue, and look at the note before you \
         poll. {JOIN} \"What abort does\"."
    );
    assert_eq!(
        task.drops(),
        1,
        "M78: {what}; `left` is how often its future was dropped. An abort is for what the future holds: take \
         it out of the task, and drop it. {JOIN} \"What abort does\"."
    );
    let mut handle: Joining<_> = Box::pin(handle);
    assert_eq!(
        poll_once(&mut handle, Waker::noop()),
        Poll::Ready(Err(JoinError::Aborted)),
        "M25: {what}; `left` is what its handle returned. It has ended without an output, and its handle must \
         learn of that. {JOIN} \"What abort does\"."
    );
}

#[test]
fn an_aborted_task_is_not_polled_again() {
    let (_guard, mut executor) = start(WAITS);
    let task = Probe::new();
    let handle = executor.handle().spawn(task.waits());
    handle.abort();
    run(&mut executor, []);
    assert_aborted(handle, task, 0, "a task was aborted before its first poll");
    let task = Probe::new();
    let handle = Arc::new(executor.handle().spawn(task.waits()));
    let aborts = handle.clone();
    run(
        &mut executor,
        [step(move || {
            task.wake();
            aborts.abort();
        })],
    );
    let handle = Arc::into_inner(handle).expect("the step is over");
    assert_aborted(handle, task, 1, "a task was woken, and aborted before it was polled again");
}

#[test]
fn an_abort_ends_the_sleep() {
    let (_guard, mut executor) = start(WAITS);
    let task = Probe::new();
    let joining: Joining<_> = Box::pin(executor.handle().spawn(task.waits()));
    let joining = Arc::new(Mutex::new(joining));
    let aborted = joining.clone();
    plan([
        step(|| {
            elsewhere(move || aborted.lock().expect("an abort does not panic").abort());
        }),
        fails(
            "M25: the thread slept, and a task was aborted, from another thread. It sleeps on, and what awaits the \
             task waits. An abort is a reason for a turn: put the task into the queue and call `unpark`, as a \
             wake does; the turn then drops the future, and the handle learns of it. (Is a lock held while \
             the future is dropped? Then its panic may be what ends there.) Book: The result of a \
             task, \"What abort does\".",
        ),
    ]);
    let main =
        poll_fn(|cx| poll_once(&mut *joining.lock().expect("a poll does not panic"), cx.waker()));
    assert_eq!(
        block_on(&mut executor, main),
        Err(JoinError::Aborted),
        "M25: a task that waits was aborted; `left` is what its handle returned. {JOIN} \"What abort does\"."
    );
}

#[test]
fn a_task_may_abort_itself() {
    const HELD: &str = "M21: a task was aborted during its own poll, and that has failed: `abort` needs what is held \
                        then. Take the future out of the task before you poll it, and put it back after \
                        Pending. Book: Blocking in async, \"Spawn inside a poll\".";
    let (_guard, mut executor) = start(HELD);
    let task = Probe::new();
    let own = Arc::new(Mutex::new(None::<JoinHandle<()>>));
    let aborts = own.clone();
    let handle = executor.handle().spawn(task.future(move |_, _| {
        let own = aborts.lock().expect("nothing panics under it");
        carefully(|| own.iter().for_each(JoinHandle::abort));
        Poll::Pending
    }));
    *own.lock().expect("nothing panics under it") = Some(handle);
    without_a_panic(HELD, || run(&mut executor, []));
    let handle = own.lock().expect("nothing panics under it").take().expect("it was stored");
    assert_aborted(handle, task, 1, "a task was aborted during its own poll, and returned Pending");
}

#[test]
fn an_abort_after_the_end_changes_nothing() {
    let (_guard, mut executor) = start(WAITS);
    let handle = executor.handle().spawn(async { 7 });
    run(&mut executor, []);
    handle.abort();
    run(&mut executor, []);
    assert_eq!(
        poll_once(&mut Box::pin(handle), Waker::noop()),
        Poll::Ready(Ok(7)),
        "M25: a task was ready with 7, and then it was aborted; `left` is what its handle returned. An abort \
         ends what is not over yet: the first result stays. {JOIN} \"What abort does\"."
    );
}

#[test]
fn an_aborted_future_may_spawn_when_it_is_dropped() {
    const HELD: &str = "M21: a task was aborted, and its future has spawned another one when it was dropped. That \
                        has failed: `spawn` needs what was held then. Take the future out of the task, let \
                        go of every lock, and then drop it. Book: Blocking in async, \"Spawn inside a \
                        poll\".";
    let (_guard, mut executor) = start(HELD);
    let (handle, child) = (executor.handle(), Probe::new());
    let spawns = spawns_when_dropped(&handle, child);
    let handle = handle.spawn(Probe::new().future(move |_, _| {
        let _ = &spawns;
        Poll::<()>::Pending
    }));
    without_a_panic(HELD, || run(&mut executor, [step(move || handle.abort())]));
    assert_eq!(child.polls(), 1, "{HELD} `left` is how often the other one was polled.");
}

// 5. Turns.

/// A future that wakes itself all the time, and gives up when that has lasted far too long.
fn busy(task: &'static Probe) -> impl Future<Output = ()> + Send {
    task.future(|polls, waker| {
        if polls == RESTLESS {
            return Poll::Ready(());
        }
        waker.wake_by_ref();
        Poll::Pending
    })
}

#[test]
fn a_busy_future_keeps_no_other_waiting() {
    let _guard = watch(WAITS);
    let lost = "M63: a task wakes itself in each poll, and the thread sleeps. It was woken: sleep only while \
                there is nothing to poll. Book: Going to sleep, \"Look again before you sleep\".";
    // A task keeps another one and the future of `block_on` waiting.
    let (mut executor, hog, peer) = (executor(), Probe::new(), Probe::new());
    let handle = executor.handle();
    spawn(&handle, busy(hog));
    let main = Probe::new();
    let peers = peer.future(move |_, _| {
        main.wake();
        Poll::Ready(hog.polls())
    });
    let peers = handle.spawn(peers);
    plan([fails(lost)]);
    let at_main = block_on(
        &mut executor,
        main.future(move |_, _| match peer.polls() {
            0 => Poll::Pending,
            _ => Poll::Ready(hog.polls()),
        }),
    );
    let at_peer = poll_once(&mut Box::pin(peers), Waker::noop());
    let at_peer = match at_peer {
        Poll::Ready(Ok(polls)) => polls,
        _ => hog.polls(),
    };
    assert!(
        at_peer <= LONG && at_main <= LONG,
        "M22: a task wakes itself in each poll. It had {at_peer} polls before another task had one, and \
         {at_main} before the future of `block_on` had one that was woken by the other. A task that wakes \
         itself goes to the end of the queue; and look after each task, or after a few, whether the \
         future of `block_on` was woken. {TURNS} \"A task that never waits\"."
    );
    // The future of `block_on` keeps a task waiting.
    let (mut executor, hog, peer) = (self::executor(), Probe::new(), Probe::new());
    let handle = executor.handle().spawn(peer.future(|_, _| Poll::Ready(hog.polls())));
    plan([fails(lost)]);
    block_on(&mut executor, busy(hog));
    let at_peer = match poll_once(&mut Box::pin(handle), Waker::noop()) {
        Poll::Ready(Ok(polls)) => polls,
        _ => hog.polls(),
    };
    assert!(
        at_peer <= LONG,
        "M22: the future of `block_on` wakes itself in each poll, and had {at_peer} polls before a task had one. \
         After each of its polls, a task has its turn, although that future was woken again. {TURNS} \"A \
         task that never waits\"."
    );
}

/// How many polls one or more hogs had before the driver was asked, at most; `hogs` is 0 if it is the future of
/// `block_on`.
fn longest_round(hogs: usize) -> usize {
    let mut executor = executor();
    let [polls, before, longest] = [(); 3].map(|()| Arc::<AtomicUsize>::default());
    let hog = || {
        let polls = polls.clone();
        Probe::new().future(move |_, waker| {
            // It gives up when that has lasted far too long.
            if polls.fetch_add(1, SeqCst) > RESTLESS {
                return Poll::Ready(());
            }
            waker.wake_by_ref();
            Poll::Pending
        })
    };
    // Events of which only the driver knows, for the future of `block_on` and for a task.
    let waits = Probe::new();
    let (all, round) = (longest.clone(), {
        let polls = polls.clone();
        move || polls.load(SeqCst) - before.swap(polls.load(SeqCst), SeqCst)
    });
    let ends_round = round.clone();
    let other = Probe::new();
    spawn(&executor.handle(), other.waits());
    on_look(move || {
        all.fetch_max(ends_round(), SeqCst);
        waits.wake();
        other.wake();
    });
    plan([fails(WAITS)]);
    (0..hogs).for_each(|_| spawn(&executor.handle(), hog()));
    match hogs {
        0 => block_on(&mut executor, hog()),
        _ => block_on(&mut executor, waits.ready_at(3)),
    }
    longest.load(SeqCst).max(round())
}

#[test]
fn a_busy_future_does_not_keep_the_driver_waiting() {
    let _guard = watch(UNDER_A_LOCK);
    let (mut executor, main, last) = (executor(), Probe::new(), Probe::new());
    let handle = executor.handle();
    (0..200).for_each(|_| spawn(&handle, Probe::new().ready_at(1)));
    spawn(
        &handle,
        last.future(|_, _| {
            main.wake();
            Poll::Ready(())
        }),
    );
    plan([fails(
        "M63: 201 tasks were spawned, some of them were not polled yet, and the thread sleeps. While there is \
         something to poll, call `Driver::look`, which does not sleep. Book: Taking turns, \"The driver too\".",
    )]);
    block_on(
        &mut executor,
        main.future(|_, _| match last.polls() {
            0 => Poll::Pending,
            _ => Poll::Ready(()),
        }),
    );
    for hogs in [1, 200, 0] {
        let longest = longest_round(hogs);
        assert!(
            longest <= LONG,
            "M23: {} in each poll, and there were {longest} polls before the driver was asked what has happened. \
             Only the driver knows of timers and sockets: whatever waits for them waits as long as there is \
             anything to poll. Count the polls, of tasks and of the future in `block_on`, and call \
             `Driver::look` after `ROUND` of them at the latest. {TURNS} \"The driver too\".",
            match hogs {
                0 => "the future in `block_on` wakes itself",
                1 => "a task wakes itself",
                _ => "200 tasks wake themselves",
            }
        );
    }
}

/// Wakes a task at this moment of `block_on`, from another thread. Returns whether there was such a moment
/// after the task's first poll; if not, wakes it while the thread sleeps.
fn wake_at(moment: usize) -> bool {
    let (mut executor, main, task) = (executor(), Probe::new(), Probe::new());
    let woken = task.future(|polls, _| {
        if polls > 1 {
            main.wake();
        }
        Poll::<()>::Pending
    });
    spawn(&executor.handle(), woken);
    let came = Arc::new(AtomicBool::new(false));
    let (late, comes) = (came.clone(), came.clone());
    plan([
        step(move || {
            assert!(
                !late.load(SeqCst),
                "M15: another thread has woken a task just {} the lock number {} that `block_on` takes, and the \
                 thread has gone to sleep: the task waits. If you unpark only a thread that sleeps, say that \
                 it will before you look into the queue for the last time. {SLEEP} \"Look again before \
                 you sleep\".",
                if moment.is_multiple_of(2) { "before" } else { "after" },
                moment / 2 + 1
            );
            task.wake();
        }),
        fails(WAITS),
    ]);
    let other = move || {
        if task.polls() > 0 {
            comes.store(true, SeqCst);
            elsewhere(|| task.wake());
        }
    };
    let woken = main.future(move |_, _| match task.polls() {
        0 | 1 => Poll::Pending,
        _ => Poll::Ready(()),
    });
    come_between(moment, other, || executor.block_on(woken))
}

#[test]
fn a_wake_at_any_moment_is_noticed() {
    let _guard = watch(WAITS);
    let moments = (0..RESTLESS).take_while(|moment| wake_at(*moment)).count();
    assert_ne!(
        moments, RESTLESS,
        "`block_on` has one task to poll, and takes {moments} locks for it"
    );
}

#[test]
fn what_is_woken_is_there_before_the_unpark() {
    let _guard = watch(UNDER_A_LOCK);
    for (way, what) in [
        "the future in `block_on` was woken",
        "a task was woken",
        "a task was spawned",
        "a task was aborted",
    ]
    .into_iter()
    .enumerate()
    {
        let (mut executor, main, task) = (executor(), Probe::new(), Probe::new());
        let handle = executor.handle();
        let ends = OnDrop::new(|| main.wake());
        let joins = handle.spawn(task.future(move |polls, _| {
            let _ = &ends;
            if polls > 1 && way == 1 {
                main.wake();
            }
            Poll::<()>::Pending
        }));
        let act = move || match way {
            0 => main.wake(),
            1 => task.wake(),
            2 => spawn(&handle, async { main.wake() }),
            _ => joins.abort(),
        };
        // The other thread stops as soon as it has unparked, until the thread of `block_on` has returned,
        // or sleeps again.
        let (tells, told) = channel();
        let (release, released) = channel::<()>();
        let other = Arc::new(Mutex::new(None));
        let (joined, kept) = (other.clone(), release.clone());
        plan([
            step(move || {
                let other = thread::spawn(move || {
                    let stops = move || {
                        // An error: the test is over.
                        let _ = tells.send(());
                        let _ = released.recv();
                    };
                    AT_UNPARK.set(Some(Box::new(stops)));
                    act();
                    AT_UNPARK.set(None);
                });
                *joined.lock().expect("a store does not panic") = Some(other);
                // An error: it has not unparked, or under a lock.
                let _ = told.recv();
            }),
            step(move || {
                drop(kept);
                panic!(
                    "M15: the thread slept, and {what}, on another thread, which was stopped when it had called \
                     `unpark`. The thread of `block_on` has found nothing to do, and sleeps again. First \
                     note what there is to do, in the queue or in a flag, and then call `unpark`. {SLEEP} \
                     \"Publish, then wake\"."
                );
            }),
        ]);
        block_on(&mut executor, main.ready_at(2));
        plan([]);
        drop(release);
        let other = other.lock().expect("a take does not panic").take().expect("it has slept");
        other.join().unwrap_or_else(|panic| resume_unwind(panic));
    }
}

// 6. The end.

#[test]
fn tasks_end_with_their_executor() {
    let (_guard, mut executor) = start(WAITS);
    let handle = executor.handle();
    let tasks = [Probe::new(), Probe::new(), Probe::new(), Probe::new()];
    let [waits, forgotten, queued, new] = tasks;
    let mut handles: Vec<Joining<()>> =
        [waits, forgotten, queued].map(|task| Box::pin(handle.spawn(task.waits()))).into();
    run(&mut executor, []);
    forgotten.forget_waker();
    queued.wake();
    handles.push(Box::pin(handle.spawn(new.waits())));
    let (counter, waker) = CountingWaker::new();
    for handle in &mut handles {
        let _ = poll_once(handle, &waker);
    }
    drop(executor);
    assert_eq!(
        tasks.map(Probe::drops),
        [1; 4],
        "M53: the executor was dropped; `left` is how often the futures of its tasks were: of one that waits, \
         of one that waits and has lost its waker, of one that was woken, and of one that was never \
         polled. What a future holds may be a socket. Task, waker and queue keep each other in memory, and \
         a task that waits is in no queue: keep a list of all tasks that are not over, and in `drop` \
         drop the future of each. {SLEEP} \"After the end\"."
    );
    let results: Vec<_> =
        handles.iter_mut().map(|handle| poll_once(handle, Waker::noop())).collect();
    assert_eq!(
        (counter.wakes() >= 4, &results[..]),
        (true, &[Poll::Ready(Err(JoinError::Aborted)); 4][..]),
        "M25: the executor was dropped with four tasks, whose handles were awaited elsewhere; `left` is whether \
         all of those were woken, and what the handles return. A future that is dropped before it is ready \
         was aborted, and its handle must learn of it. {SLEEP} \"After the end\"."
    );
}

#[test]
fn after_the_end_nothing_happens() {
    const PANICS: &str = "M19: the executor is gone, and a wake, an abort or a spawn that came after it has \
                          panicked. They come from any thread, which cannot know that: then a wake and an \
                          abort do nothing, and what is spawned is aborted. Book: Going to sleep, \"After \
                          the end\".";
    let (_guard, mut executor) = start(PANICS);
    let (handle, task, late) = (executor.handle(), Probe::new(), Probe::new());
    let queued = Probe::new();
    drop(handle.spawn(queued.waits()));
    let aborts = handle.spawn(task.waits());
    run(&mut executor, []);
    queued.wake();
    drop(executor);
    queued.forget_waker();
    let mut spawned = without_a_panic(PANICS, || {
        elsewhere(move || {
            task.wake();
            aborts.abort();
            task.wake();
            Box::pin(handle.spawn(late.waits()))
        })
    });
    assert_eq!(
        late.drops(),
        1,
        "M19: the executor is gone, and a task was spawned; `left` is how often its future was dropped. Nothing \
         will ever poll it: note in `drop` that the executor has ended, and let `spawn` look at that. \
         {SLEEP} \"After the end\"."
    );
    assert_eq!(
        poll_once(&mut spawned, Waker::noop()),
        Poll::Ready(Err(JoinError::Aborted)),
        "M19: the executor is gone, and a task was spawned; `left` is what its handle returned. Whatever awaits \
         it would wait for ever: what is spawned after the end counts as aborted. {SLEEP} \"After the \
         end\"."
    );
    drop(spawned);
    task.forget_waker();
    let kept = TOKEN.with_borrow(Arc::strong_count) - 1;
    assert_eq!(
        kept, 0,
        "M19: the executor, its handles and the wakers of its tasks are gone; `left` is how many of its unparkers \
         are still in memory. A task that was woken before the end, or after it, is in a queue into which \
         nothing looks, and keeps that queue: empty the queue at the end, and let `wake` drop the task after \
         it. {SLEEP} \"After the end\"."
    );
}

#[test]
fn a_drop_may_spawn_while_the_executor_ends() {
    const HELD: &str = "M21: the executor was dropped, and a future has spawned a task, woken another one and \
                        aborted a third when it was dropped. That has failed: it needs what was held then. \
                        Under the lock, note the end and take all tasks out; drop their futures after \
                        it. Book: Blocking in async, \"Spawn inside a poll\".";
    let (_guard, mut executor) = start(HELD);
    let (handle, child, other, third) =
        (executor.handle(), Probe::new(), Probe::new(), Probe::new());
    let aborted = handle.spawn(third.waits());
    spawn(&handle, other.waits());
    for _ in 0..2 {
        // One before the other, and one after it, in whatever order they are dropped.
        let spawns = spawns_when_dropped(&handle, child);
        let wakes = OnDrop::new(|| carefully(|| other.wake()));
        spawn(
            &handle,
            Probe::new().future(move |_, _| {
                let _ = (&spawns, &wakes);
                Poll::<()>::Pending
            }),
        );
    }
    let aborts = OnDrop::new(move || carefully(|| aborted.abort()));
    spawn(
        &handle,
        Probe::new().future(move |_, _| {
            let _ = &aborts;
            Poll::<()>::Pending
        }),
    );
    without_a_panic(HELD, || {
        run(&mut executor, []);
        drop(executor);
    });
    assert_eq!(
        (child.polls(), child.drops()),
        (0, 2),
        "M19: while the executor was dropped, the drop of a future has spawned a task, twice; `left` is how often \
         those were polled and dropped. No queue will ever be looked into again: note the end first, and \
         let `spawn` drop a future that comes after it. {SLEEP} \"After the end\"."
    );
}
