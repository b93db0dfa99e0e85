//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use exercise::{Handle, Worker, worker};
use testkit::parking::{add, current, script, unparks};
use testkit::{come_between, locks_held, watchdog};

const LOOK: &str = "Book: Going to sleep, \"Look again before you sleep\".";
const PUBLISH: &str = "Book: Going to sleep, \"Publish, then wake\".";
const END: &str = "Book: Going to sleep, \"After the end\".";

/// More moments than any `next_task` that sleeps while there is nothing.
const MOMENTS: usize = 200;

/// A worker of this thread, for which nothing is planned yet.
fn start() -> (Worker<u32>, Handle<u32>) {
    script([]);
    worker()
}

/// One more event, for when the worker sleeps.
fn plan(event: impl FnOnce() + 'static) {
    add(|| {
        assert_eq!(
            locks_held(),
            0,
            "M57: `park` was called while this thread held the lock. `push` waits for the lock, and the \
             worker for the push: both for ever. A guard lives until the end of its block; end it before \
             you park. {LOOK}"
        );
        event();
    });
}

/// The next task, of a worker that does not look again and again.
fn next<T>(worker: &mut Worker<T>) -> T {
    let _guard = watchdog(
        "`next_task` has not returned, and it has not called `park`. Sleep with the `park` that exercise.rs \
         imports, and with nothing else.",
    );
    let gives_up = || {
        panic!(
            "M64: no task was pushed, and `next_task` has looked into the queue {} times. A loop that asks keeps a \
             processor busy, and finds nothing. Call `park` while there is no task. {LOOK}",
            MOMENTS / 2
        )
    };
    let mut task = None;
    come_between(MOMENTS, gives_up, || task = Some(worker.next_task()));
    task.expect("come_between runs its body")
}

#[test]
fn tasks_come_in_the_order_in_which_they_were_pushed() {
    let (mut worker, handle) = start();
    plan(|| {
        panic!(
            "M15: a task was in the queue before `next_task` was called, and the worker has parked: nothing will \
             unpark it for that task. Look into the queue first. {LOOK}"
        )
    });
    (1..=3).for_each(|task| handle.push(task));
    let tasks = [next(&mut worker), next(&mut worker), next(&mut worker)];
    assert_eq!(
        tasks,
        [1, 2, 3],
        "M22: 1, 2 and 3 were pushed in this order, and `left` is how they came out. `push` puts a task at \
         one end, `next_task` takes it from the other: the oldest has waited longest. Book: A run queue, \
         \"First in, first out\"."
    );
}

/// While the worker sleeps, another thread pushes a task.
fn a_task_comes(handle: Handle<u32>) {
    plan(move || thread::spawn(move || handle.push(7)).join().expect("`push` panicked"));
}

#[test]
fn a_push_ends_the_sleep() {
    let (mut worker, handle) = start();
    a_task_comes(handle);
    plan(|| {
        panic!(
            "M74: the worker was parked, another thread pushed a task, and the worker sleeps on. `next_task` puts \
             PARKED into the state before it parks, and `push` unparks the worker's `thread` if it finds \
             that. {PUBLISH}"
        )
    });
    assert_eq!(next(&mut worker), 7);
}

#[test]
fn a_park_that_returns_for_no_reason_changes_nothing() {
    // On a thread of its own: `next_task` may panic when there is no task.
    let sleeps = || {
        let (mut worker, handle) = start();
        for _ in 0..2 {
            plan(|| current().unpark());
        }
        a_task_comes(handle);
        next(&mut worker)
    };
    assert_eq!(
        thread::spawn(sleeps).join().ok(),
        Some(7),
        "M63: `park` returned twice although no task was pushed; then a task came. `next_task` has panicked, or \
         has parked again in such a way that the push did not unpark it. A `park` that returns promises \
         nothing: put PARKED into the state again, look again, and park again if there is no task. {LOOK}"
    );
}

#[test]
fn an_awake_worker_is_not_unparked() {
    let (mut worker, handle) = start();
    for task in 0..3 {
        handle.push(task);
    }
    next(&mut worker);
    handle.push(3);
    assert_eq!(
        unparks(),
        0,
        "M74: four tasks were pushed for a worker that had never parked; `left` is how often it was \
         unparked. Each is a system call for nothing: a worker that is awake looks into the queue before \
         it sleeps. Unpark only if its state is PARKED. {PUBLISH}"
    );
}

#[test]
fn a_parked_worker_is_unparked_once() {
    let (mut worker, handle) = start();
    for _ in 0..3 {
        let handle = handle.clone();
        plan(move || (0..3).for_each(|task| handle.push(task)));
    }
    plan(|| {
        panic!(
            "M74: three times the worker was to sleep, and each time three tasks were pushed meanwhile. It was \
             not unparked each time. Before each `park`, the state must say PARKED. {PUBLISH}"
        )
    });
    for sleep in 1..=3 {
        for _ in 0..3 {
            next(&mut worker);
        }
        assert_eq!(
            unparks(),
            sleep,
            "M74: three tasks were pushed in each sleep of the worker; `left` is how often it was unparked, \
             and `right` how often it has slept. The first push ends the sleep; for the others an unpark \
             is a system call for nothing. Look whether it is PARKED, and put AWAKE there, in one step \
             (`swap`). {PUBLISH}"
        );
    }
}

/// Pushes a task at this moment of `next_task`, of a worker that has slept before or not. If there is no such
/// moment, pushes it while the worker sleeps, and returns false.
fn push_at(moment: usize, has_slept: bool) -> bool {
    let (mut worker, handle) = start();
    if has_slept {
        let handle = handle.clone();
        plan(move || handle.push(0));
    }
    let came = Rc::new(Cell::new(false));
    let (late, comes) = (handle.clone(), came.clone());
    plan(move || {
        assert!(
            !comes.get(),
            "M15: another thread pushed a task just {} the lock number {} that `next_task` takes, and the worker \
             has parked: it sleeps, and the task waits. A push unparks only if the state says PARKED, so \
             `next_task` must say that first, look into the queue once more, and park only if it is empty \
             even then. {LOOK}",
            if moment.is_multiple_of(2) { "before" } else { "after" },
            moment / 2 + 1
        );
        late.push(0);
    });
    if has_slept {
        next(&mut worker);
    }
    let (pushes, comes) = (handle.clone(), came.clone());
    let other = move || {
        comes.set(true);
        pushes.push(0);
    };
    let came = come_between(moment, other, || _ = worker.next_task());
    let before = unparks();
    handle.push(1);
    assert_eq!(
        unparks() - before,
        0,
        "M74: the worker was about to park, and found a task. Now it is awake, and the next push has \
         unparked it all the same. When the last look finds a task, put AWAKE back. {PUBLISH}"
    );
    came
}

#[test]
fn a_push_just_before_the_park_is_noticed() {
    for has_slept in [false, true] {
        let came = (0..).take_while(|moment| push_at(*moment, has_slept)).count();
        assert_ne!(came, 0, "`next_task` has taken no task out of the queue under its lock");
    }
}

/// How far the worker of another thread has come.
#[derive(Debug, PartialEq)]
enum Step {
    Parked,
    HasTheTask,
}

/// The worker of another thread, which makes a step when the test says so: until it is parked, or has the
/// next task.
struct Elsewhere {
    go: Sender<()>,
    steps: Receiver<Step>,
}

impl Elsewhere {
    fn start() -> (Self, Handle<u32>) {
        let (go, goes) = channel();
        let (reports, steps) = channel();
        let (handles, handle) = channel();
        thread::spawn(move || {
            script([]);
            let (mut worker, handle) = worker();
            let _ = handles.send(handle);
            let goes = Rc::new(goes);
            for _ in 0..9 {
                let (goes, reports) = (goes.clone(), reports.clone());
                plan(move || drop(reports.send(Step::Parked).map(|()| goes.recv())));
            }
            while goes.recv().is_ok() {
                worker.next_task();
                let _ = reports.send(Step::HasTheTask);
            }
        });
        (Self { go, steps }, handle.recv().expect("the worker's thread sends it"))
    }

    fn step(&self) -> Step {
        let _ = self.go.send(());
        self.steps.recv().unwrap_or_else(|_| {
            panic!(
                "M63: `next_task` has panicked on another thread. After a `park` there may be no task: it may return \
                 for no reason, or because of a push whose task this thread has taken already. Look again, \
                 and park again. {LOOK}"
            )
        })
    }

    /// Takes tasks, until there is none.
    fn step_until_parked(&self) {
        while self.step() != Step::Parked {}
    }
}

#[test]
fn a_task_is_there_before_the_unpark() {
    let _guard = watchdog(
        "`push` or `next_task` has not returned, and nothing is parked. Keep what both share under the `Mutex` \
         that exercise.rs imports.",
    );
    for sleeps in [true, false] {
        for moment in 0.. {
            let (worker, handle) = Elsewhere::start();
            if sleeps {
                assert_eq!(worker.step(), Step::Parked);
            }
            let worker = Rc::new(worker);
            let last = Rc::new(Cell::new(None));
            let (other, found) = (worker.clone(), last.clone());
            let came =
                come_between(moment, move || found.set(Some(other.step())), || handle.push(7));
            let found = last.take().filter(|step| *step == Step::HasTheTask);
            let found = found.unwrap_or_else(|| worker.step());
            assert_eq!(
                found,
                Step::HasTheTask,
                "M15: the worker {}; then a task was pushed, and in the middle of `push`, just {} its lock \
                 number {}, the worker ran until it parked. Now the push is over, and the worker sleeps: \
                 the task waits. First put the task into the queue; only then look at the state, and \
                 unpark. {PUBLISH}",
                if sleeps { "was parked" } else { "was awake" },
                if moment.is_multiple_of(2) { "before" } else { "after" },
                moment / 2 + 1
            );
            if !came {
                break;
            }
        }
    }
}

#[test]
fn an_unpark_that_comes_late_changes_nothing() {
    let _guard = watchdog(
        "`push` or `next_task` has not returned, and nothing is parked. Keep what both share under the `Mutex` \
         that exercise.rs imports.",
    );
    for moment in 0.. {
        let (worker, handle) = Elsewhere::start();
        let worker = Rc::new(worker);
        let other = worker.clone();
        if !come_between(moment, move || other.step_until_parked(), || handle.push(7)) {
            break;
        }
        worker.step_until_parked();
        handle.push(8);
        assert_eq!(
            worker.step(),
            Step::HasTheTask,
            "M63: in the middle of a `push`, just {} its lock number {}, the worker ran until it parked. The rest of \
             that `push` put AWAKE into the state and unparked the worker, and the worker parked again when \
             no task was left. Then another task was pushed, and the worker sleeps on, because the state \
             still said AWAKE. Before each `park`, put PARKED into the state, and then look into the \
             queue. {LOOK}",
            if moment.is_multiple_of(2) { "before" } else { "after" },
            moment / 2 + 1
        );
    }
}

#[test]
fn a_push_after_the_end_drops_its_task() {
    script([]);
    let (worker, handle) = worker();
    let task = Arc::new(());
    drop(worker);
    let late = task.clone();
    let pushes = handle.clone();
    assert!(
        thread::spawn(move || pushes.push(late)).join().is_ok(),
        "M19: the worker is gone, and a push from another thread has panicked. The thread that pushes cannot \
         know that: drop the task, and return. {END}"
    );
    assert_eq!(
        Arc::strong_count(&task) - 1,
        0,
        "M19: the worker is gone, and a task was pushed; `left` is how many of it are kept for a worker that \
         will never look. `drop` notes in the queue that the worker has ended, and `push` looks there. \
         {END}"
    );
}

/// A task that holds a handle, as tasks do in an executor: their wakers put them into its queue.
struct Task {
    handle: Handle<Task>,
    alive: Arc<()>,
    /// Whether it pushes another one when it is dropped.
    has_next: bool,
    /// Whether a task was dropped under the lock.
    under_lock: Arc<AtomicBool>,
}

impl Task {
    fn another(&self, has_next: bool) -> Self {
        let (handle, alive) = (self.handle.clone(), self.alive.clone());
        Self { handle, alive, has_next, under_lock: self.under_lock.clone() }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if locks_held() > 0 {
            // It would wait for the lock, for ever.
            self.under_lock.store(true, SeqCst);
        } else if self.has_next {
            self.handle.push(self.another(false));
        }
    }
}

#[test]
fn the_tasks_that_are_left_are_dropped() {
    script([]);
    let (worker, handle) = worker();
    let (alive, under_lock) = (Arc::new(()), Arc::new(AtomicBool::new(false)));
    let (handle_of, alive_of, notes) = (handle.clone(), alive.clone(), under_lock.clone());
    let first = Task { handle: handle_of, alive: alive_of, has_next: false, under_lock: notes };
    (0..2).for_each(|_| handle.push(first.another(true)));
    drop(worker);
    handle.push(first.another(true));
    drop(first);
    assert_eq!(
        Arc::strong_count(&alive) - 1,
        0,
        "M19: the worker was dropped with two tasks in its queue, each of which pushes another one when it \
         is dropped; `left` is how many are kept. Each holds a handle, and the handle holds the queue \
         that they are in: they keep each other, for ever. In `drop`, note the end and take all tasks \
         out, under one guard. {END}"
    );
    assert!(
        !under_lock.load(SeqCst),
        "M8: a task was dropped while the lock was held. The drop of a task is not your code: here it pushes \
         another task, and waits for the lock, for ever. Take the tasks out of the queue, release the lock, \
         and drop them then; the same goes for a task that `push` does not queue. {END}"
    );
}

#[test]
fn a_worker_that_ends_during_a_push_keeps_no_task() {
    for moment in 0.. {
        script([]);
        let (worker, handle) = worker();
        let task = Arc::new(());
        let pushed = task.clone();
        if !come_between(moment, move || drop(worker), || handle.push(pushed)) {
            break;
        }
        assert_eq!(
            Arc::strong_count(&task) - 1,
            0,
            "M19: in the middle of a `push`, just {} its lock number {}, the worker was dropped; `left` is how many \
             tasks are kept for a worker that will never look. See whether the worker has ended, and put \
             the task into the queue, under one guard. {END}",
            if moment.is_multiple_of(2) { "before" } else { "after" },
            moment / 2 + 1
        );
    }
}
