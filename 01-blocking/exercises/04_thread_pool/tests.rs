//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::cell::RefCell;
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Barrier, Condvar, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use exercise::ThreadPool;
use testkit::watchdog;

/// A job that tells on which thread it ran.
fn report_thread(pool: &ThreadPool) -> Receiver<ThreadId> {
    let (done, ran) = mpsc::channel();
    pool.execute(move || done.send(thread::current().id()).expect("the test listens"));
    ran
}

#[test]
fn a_job_runs_on_another_thread() {
    let _guard = watchdog("A job was queued, and nobody ran it. Did its thread learn of it?");
    let pool = ThreadPool::new(1);
    let ran_on = report_thread(&pool).recv().expect(
        "A job was dropped without being run: a queued job must reach one of the pool's threads.",
    );
    assert_ne!(ran_on, thread::current().id(), "The job ran on the thread that called `execute`.");
    // What dropping it does is for the last three tests.
    std::mem::forget(pool);
}

#[test]
fn execute_does_not_wait_for_the_job() {
    let _guard = watchdog(
        "M54: `execute` does not return while the thread is busy: it runs the job itself, or waits for \
         it, or for room in a queue of fixed size. Here the job waits for something that the caller \
         does afterwards, so both wait for ever. Queue the job, however many there are, and return. \
         Book: A pool, \"A queue in front\".",
    );
    let pool = ThreadPool::new(1);
    let (go, gate) = mpsc::channel();
    let (done, ran) = mpsc::channel();
    pool.execute(move || {
        let _ = gate.recv();
        let _ = done.send(());
    });
    // The only thread is busy, and still jobs can be queued, as many as there are.
    (0..10_000).for_each(|_| pool.execute(|| ()));
    let second = report_thread(&pool);
    go.send(()).expect("the first job waits for this");
    ran.recv().expect("the first job ran");
    second.recv().expect("the second job ran");
    std::mem::forget(pool);
}

#[test]
fn no_more_threads_than_asked_for() {
    let _guard = watchdog("100 jobs were queued on 3 threads, and some never ran.");
    let pool = ThreadPool::new(3);
    let reports: Vec<_> = (0..100).map(|_| report_thread(&pool)).collect();
    let threads: HashSet<_> =
        reports.iter().map(|ran| ran.recv().expect("each job runs once")).collect();
    assert!(
        threads.len() <= 3,
        "M54: a pool of 3 threads ran 100 jobs on {} different ones. A thread for each job is what a \
         pool is there to avoid: start them in `new`, and let them live. Book: A pool, \
         \"A queue in front\".",
        threads.len()
    );
    std::mem::forget(pool);
}

/// Counts threads that end after they have run a job.
struct Leaving(Arc<AtomicUsize>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

thread_local! {
    /// Dropped when the thread ends.
    static LEAVING: RefCell<Option<Leaving>> = const { RefCell::new(None) };
}

const WOKEN: &str = "A thread that was woken may find the queue empty again, because another was quicker, \
                     and a wait may end for no reason at all (std::sync::Condvar). Neither means that the \
                     pool ends: look again in a loop, or use `wait_while`. Book: A pool, \"A queue in \
                     front\".";

#[test]
fn no_thread_is_lost_while_jobs_come_and_go() {
    let _guard =
        watchdog(format!("M63: jobs came one after another, and one of them never ran. {WOKEN}"));
    let pool = ThreadPool::new(4);
    let left = Arc::new(AtomicUsize::new(0));
    // A thread is counted from its first job on, so each gets one: a job waits until all have come. Not for
    // ever: whether four work at once is the next test's question.
    let meeting = Arc::new((Mutex::new(0), Condvar::new()));
    let (done, ran) = mpsc::channel();
    for _ in 0..4 {
        let (done, left, meeting) = (done.clone(), left.clone(), meeting.clone());
        pool.execute(move || {
            LEAVING.with_borrow_mut(|leaving| {
                leaving.get_or_insert_with(|| Leaving(left));
            });
            let (here, came) = &*meeting;
            let mut here = here.lock().expect("nobody panics under this lock");
            *here += 1;
            came.notify_all();
            drop(came.wait_timeout_while(here, Duration::from_millis(100), |here| *here < 4));
            done.send(()).expect("the test listens");
        });
    }
    (0..4).for_each(|_| ran.recv().expect("each job runs once"));
    for _ in 0..5_000 {
        // The thread that is just done and the one that is woken race for the next job.
        let (done, ran) = mpsc::channel();
        pool.execute(move || done.send(()).expect("the test listens"));
        ran.recv().expect("each job runs once");
    }
    let left = left.load(Ordering::SeqCst);
    assert_eq!(
        left, 0,
        "M63: 5,000 jobs came one after another, nobody dropped the pool, and `left` is how many of \
         its 4 threads have ended. {WOKEN}"
    );
    std::mem::forget(pool);
}

#[test]
fn all_threads_work_at_once() {
    let _guard = watchdog(
        "M57: four jobs on four threads wait for each other, and never meet: they run one after \
         another. Does a thread hold the queue's lock while its job runs? The guard in the head of \
         `while let` or `match` lives until the end of the body: take the job in a statement of its \
         own. Or (M62) has one thread taken several jobs, for which others were free? Or (M63) does a \
         thread still sleep, because only the first of several jobs woke one? \
         Book: A pool, \"How long is a lock held\".",
    );
    let pool = ThreadPool::new(4);
    // All threads are busy while the four jobs are queued, and become free with all four before them.
    let (started, running) = mpsc::channel();
    let gate = Arc::new(Barrier::new(5));
    let meeting = Arc::new(Barrier::new(5));
    for _ in 0..4 {
        let (started, gate) = (started.clone(), gate.clone());
        pool.execute(move || {
            started.send(()).expect("the test listens");
            gate.wait();
        });
    }
    (0..4).for_each(|_| running.recv().expect("four jobs start on four threads"));
    for _ in 0..4 {
        let meeting = meeting.clone();
        pool.execute(move || {
            meeting.wait();
        });
    }
    gate.wait();
    meeting.wait();
    std::mem::forget(pool);
}

#[test]
fn no_job_waits_while_a_thread_is_free() {
    let _guard = watchdog(
        "M62: one of two threads is busy, the other is free, and a job waits all the same: it was \
         given to a thread before that thread was free. Put all jobs into one queue, and let a \
         thread take the next when it is done. Book: A pool, \"A queue in front\".",
    );
    let pool = ThreadPool::new(2);
    let (go, gate) = mpsc::channel::<()>();
    let (started, running) = mpsc::channel();
    pool.execute(move || {
        started.send(()).expect("the test listens");
        let _ = gate.recv();
    });
    running.recv().expect("the first job runs");
    for ran in (0..10).map(|_| report_thread(&pool)).collect::<Vec<_>>() {
        ran.recv().expect("each job runs once");
    }
    drop(go);
    std::mem::forget(pool);
}

#[test]
fn a_single_thread_runs_jobs_in_order() {
    let _guard = watchdog("Ten jobs were queued on one thread, and some never ran.");
    let pool = ThreadPool::new(1);
    let (go, gate) = mpsc::channel::<()>();
    pool.execute(move || {
        let _ = gate.recv();
    });
    let (done, ran) = mpsc::channel();
    for number in 0..10 {
        let done = done.clone();
        pool.execute(move || done.send(number).expect("the test listens"));
    }
    drop((done, go));
    let order: Vec<i32> = ran.iter().collect();
    assert_eq!(
        order,
        (0..10).collect::<Vec<_>>(),
        "M22: `left` is the order in which one thread ran jobs 0 to 9. A queue is first come, first \
         served; a stack lets the oldest job wait as long as new ones come. Book: A pool, \
         \"A queue in front\"."
    );
    std::mem::forget(pool);
}

#[test]
fn a_panicking_job_costs_no_thread() {
    const LOST: &str = "M54: after a job that panicked, the pool's only thread was gone, and the next job \
                        never ran. A panic unwinds through your worker's loop and ends its thread, unless it \
                        is caught there: `catch_unwind(AssertUnwindSafe(job))`. Book: A pool, \
                        \"A job that panics\".";
    let _guard = watchdog(LOST);
    let pool = ThreadPool::new(1);
    for _ in 0..3 {
        pool.execute(|| panic!("this job panics: a test of the pool"));
    }
    let next = catch_unwind(AssertUnwindSafe(|| report_thread(&pool)));
    assert!(next.is_ok_and(|ran| ran.recv().is_ok()), "{LOST}");
    std::mem::forget(pool);
}

#[test]
fn dropping_the_pool_ends_its_threads() {
    let _guard = watchdog(
        "M53: the pool is dropped, and `drop` never returns: its threads still wait for a job, and \
         nobody told them that none will come. With a Condvar: set a flag under the lock, then \
         `notify_all`. With a channel: drop the sender before you join. Book: A pool, \
         \"How a pool ends\".",
    );
    let pool = ThreadPool::new(3);
    report_thread(&pool).recv().expect("the job ran");
    drop(pool);
}

#[test]
fn dropping_the_pool_finishes_the_queue() {
    let _guard = watchdog("A pool with queued jobs is dropped, and `drop` never returns.");
    let pool = ThreadPool::new(1);
    let (go, gate) = mpsc::channel::<()>();
    pool.execute(move || {
        let _ = gate.recv();
    });
    let ran = Arc::new(AtomicUsize::new(0));
    for _ in 0..10 {
        let ran = ran.clone();
        pool.execute(move || {
            ran.fetch_add(1, Ordering::SeqCst);
        });
    }
    // The first job runs until `go` is gone, and the ten wait behind it.
    let dropped = drop_elsewhere(pool);
    if !returned_early(&dropped) {
        drop(go);
        dropped.recv().expect("`drop` returns when the jobs are done");
    }
    assert_eq!(
        ran.load(Ordering::SeqCst),
        10,
        "M53: ten jobs were queued when the pool was dropped; `left` is how many had run when `drop` \
         returned. Who queued a job counts on it: threads leave when the queue is empty *and* no more \
         will come, and `drop` waits for them. Book: A pool, \"How a pool ends\"."
    );
}

/// Drops the pool on a thread of its own. The returned channel says when that is done.
fn drop_elsewhere(pool: ThreadPool) -> Receiver<()> {
    let (done, dropped) = mpsc::channel();
    thread::spawn(move || {
        drop(pool);
        let _ = done.send(());
    });
    dropped
}

/// Whether `drop` has returned, although it must not. A `drop` that waits is given 50 ms in
/// which it could prove that it does not; one that returns at once is seen however busy the
/// machine is.
fn returned_early(dropped: &Receiver<()>) -> bool {
    dropped.recv_timeout(Duration::from_millis(50)).is_ok()
}

#[test]
fn dropping_the_pool_waits_for_running_jobs() {
    let _guard = watchdog("A pool with a running job is dropped, and `drop` never returns.");
    let pool = ThreadPool::new(2);
    let (started, running) = mpsc::channel();
    let (go, gate) = mpsc::channel::<()>();
    pool.execute(move || {
        started.send(()).expect("the test listens");
        let _ = gate.recv();
    });
    running.recv().expect("the job starts");
    let dropped = drop_elsewhere(pool);
    assert!(
        !returned_early(&dropped),
        "M53: a job was still running when `drop` returned. Keep the threads' JoinHandles, and join \
         them. Book: A pool, \"How a pool ends\"."
    );
    drop(go);
    dropped.recv().expect("`drop` returns when the job is done");
}

#[test]
fn dropping_the_pool_waits_after_a_panic_as_well() {
    let _guard = watchdog("A pool whose job panics is dropped, and `drop` never returns.");
    let pool = ThreadPool::new(1);
    let (started, running) = mpsc::channel();
    let (go, gate) = mpsc::channel::<()>();
    pool.execute(move || {
        started.send(()).expect("the test listens");
        let _ = gate.recv();
        panic!("this job panics: a test of the pool");
    });
    running.recv().expect("the job starts");
    let (go_on, second_gate) = mpsc::channel::<()>();
    pool.execute(move || {
        let _ = second_gate.recv();
    });
    let last = report_thread(&pool);
    let dropped = drop_elsewhere(pool);
    let early = returned_early(&dropped);
    drop(go);
    assert!(
        !early && !returned_early(&dropped),
        "M53: a job panicked while the pool was being dropped, with two more in the queue, and `drop` \
         returned before they had run. A thread that takes the place of another is to be joined as \
         well. It is easier to catch the panic. Book: A pool, \"How a pool ends\"."
    );
    drop(go_on);
    last.recv().expect("the last job runs");
    dropped.recv().expect("`drop` returns when the last job is done");
}
