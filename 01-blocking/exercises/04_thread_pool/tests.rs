//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::cell::RefCell;
use std::collections::HashSet;
use std::hint;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Barrier, RwLock};
use std::thread::{self, ThreadId};

use exercise::ThreadPool;
use testkit::{Threads, deadlock_watch};

/// A job that tells on which thread it ran.
fn report_thread(pool: &ThreadPool) -> Receiver<ThreadId> {
    let (done, ran) = mpsc::channel();
    pool.execute(move || done.send(thread::current().id()).expect("the test listens"));
    // Its notification comes after that job: one that came before is for a later test to name.
    pool.execute(|| ());
    ran
}

#[test]
fn a_job_runs_on_another_thread() {
    let _guard =
        deadlock_watch(|| "A job was queued, and no thread ran it. Was the thread notified?");
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
    let _guard = deadlock_watch(|| {
        "M54: `execute` does not return while the thread is busy: it runs the job itself, or waits for \
         it, or for room in a queue of fixed size. Here the job waits for something that the caller \
         does afterwards, so both wait for ever. Queue the job, however many there are, and return. \
         Book: A pool, \"A queue in front\"."
    });
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
    let _guard = deadlock_watch(|| "100 jobs were queued on 3 threads, and some never ran.");
    let pool = ThreadPool::new(3);
    let reports: Vec<_> = (0..100).map(|_| report_thread(&pool)).collect();
    let threads: HashSet<_> =
        reports.iter().map(|ran| ran.recv().expect("each job runs once")).collect();
    assert!(
        threads.len() <= 3,
        "M54: a pool of 3 threads ran 100 jobs on {} different ones. A pool is there to avoid a \
         thread for each job: start the threads in `new`, and let each run job after job. Book: A \
         pool, \"A queue in front\".",
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

/// A pool whose threads have nothing to do.
fn idle_pool(threads: usize) -> (ThreadPool, Threads) {
    let seen = Threads::from_now_on();
    let pool = ThreadPool::new(threads);
    report_thread(&pool).recv().expect("each job runs once");
    (pool, seen)
}

// What it looks for are races: a wrong answer is met by chance, nearly always where nothing else runs, and
// not always on a busy machine. So no file of wrong/ names it.
#[test]
fn no_thread_is_lost_while_jobs_come_and_go() {
    let left = Arc::new(AtomicUsize::new(0));
    let ended = left.clone();
    let _guard = deadlock_watch(move || match ended.load(Ordering::SeqCst) {
        0 => {
            "M15: jobs came one after another, and now one of them is in the queue while all four \
              threads sleep. The thread that was notified looked for the job before it was there, \
              or looked, and began to wait only after the notification. Put the job into the \
              queue first, then notify; look and wait under one lock. Book: A pool, \
              \"A queue in front\"."
                .to_owned()
        }
        ended => lost(ended),
    });
    let threads = Threads::from_now_on();
    let pool = ThreadPool::new(4);
    // A thread is counted from its first job on, so each gets one: the jobs wait at a gate until all
    // four have come, or none will come any more. Whether four work at once is the next test's question.
    let gate = Arc::new(RwLock::new(()));
    let closed = gate.write().expect("no panic under this lock");
    let (started, running) = mpsc::channel();
    let (done, ran) = mpsc::channel();
    for _ in 0..4 {
        let (started, done, left, gate) =
            (started.clone(), done.clone(), left.clone(), gate.clone());
        pool.execute(move || {
            LEAVING.with_borrow_mut(|leaving| {
                leaving.get_or_insert_with(|| Leaving(left));
            });
            started.send(()).expect("the test listens");
            drop(gate.read());
            done.send(()).expect("the test listens");
        });
    }
    let mut here = 0;
    let _ = threads.come_to_rest(|| {
        here += running.try_iter().count();
        here == 4
    });
    drop(closed);
    (0..4).for_each(|_| ran.recv().expect("each job runs once"));
    relay(&pool, 1_500);
    for _ in 0..500 {
        // A job that takes a while to be boxed: a notification that comes before that wakes a thread
        // which finds nothing.
        let (done, ran) = mpsc::channel();
        let large = [0_u8; 1 << 17];
        pool.execute(move || {
            hint::black_box(&large);
            done.send(()).expect("the test listens");
        });
        ran.recv().expect("each job runs once");
    }
    for _ in 0..5_000 {
        // The thread that is just done and the one that is woken race for the next job.
        let (done, ran) = mpsc::channel();
        pool.execute(move || done.send(()).expect("the test listens"));
        ran.recv().expect("each job runs once");
    }
    let left = left.load(Ordering::SeqCst);
    assert_eq!(left, 0, "{}", lost(left));
    std::mem::forget(pool);
}

/// Jobs of which each ends as soon as the next one is queued: its thread takes that, if it is quicker
/// than the thread that was woken for it, as it nearly always is.
fn relay(pool: &ThreadPool, jobs: usize) {
    let queued = Arc::new(AtomicUsize::new(0));
    for number in 1..=jobs {
        let (started, running) = mpsc::channel();
        let next = queued.clone();
        pool.execute(move || {
            started.send(()).expect("the test listens");
            let mut looks = 0;
            while next.load(Ordering::SeqCst) <= number {
                looks += 1;
                // Others may need this processor before the next job can come.
                if looks < 10_000 { hint::spin_loop() } else { thread::yield_now() }
            }
        });
        queued.store(number, Ordering::SeqCst);
        running.recv().expect("each job runs once");
    }
    queued.store(usize::MAX, Ordering::SeqCst);
}

/// Threads have ended, though the pool was not dropped.
fn lost(ended: usize) -> String {
    format!(
        "M63: jobs came one after another, the pool was not dropped, and {ended} of its 4 threads \
         have ended. A thread that was woken may find the queue empty again, because another was \
         quicker, and a wait may end for no reason at all (std::sync::Condvar). Neither means that \
         the pool ends: look again in a loop, or use `wait_while`. Book: A pool, \"A queue in \
         front\"."
    )
}

#[test]
fn a_thread_without_a_job_sleeps() {
    let (pool, threads) = idle_pool(2);
    if let Err(restless) = threads.come_to_rest(|| false) {
        panic!(
            "M64: a pool of two threads had nothing to do, and did not rest: {restless}. Let a \
             thread wait until it is woken: `Condvar::wait_while`, or `recv` on a channel. Book: A \
             pool, \"A queue in front\"."
        );
    }
    std::mem::forget(pool);
}

/// Occupies all four threads of a pool, each as soon as the one before is, until the barrier is
/// waited for.
fn occupy(pool: &ThreadPool) -> Arc<Barrier> {
    let (started, running) = mpsc::channel();
    let gate = Arc::new(Barrier::new(5));
    for _ in 0..4 {
        let (started, gate) = (started.clone(), gate.clone());
        pool.execute(move || {
            started.send(()).expect("the test listens");
            gate.wait();
        });
        running.recv().expect("each job runs once");
    }
    gate
}

#[test]
fn all_threads_work_at_once() {
    let _guard = deadlock_watch(|| {
        "M57: four jobs on four threads wait for each other, and never meet: they run one after \
         another. Does a thread hold the queue's lock while its job runs? The guard in the head of \
         `while let` or `match` lives until the end of the body: take the job in a statement of its \
         own. Book: A pool, \"How long is a lock held\"."
    });
    let pool = ThreadPool::new(4);
    occupy(&pool).wait();
    std::mem::forget(pool);
}

#[test]
fn a_thread_takes_one_job_at_a_time() {
    let _guard = deadlock_watch(|| {
        "M62: four jobs in the queue wait for each other, four threads became free, and the jobs \
         never meet: one thread has taken several, and the others have none. Let a thread take one \
         job, run it, and come back for the next. Book: A pool, \"A queue in front\"."
    });
    let pool = ThreadPool::new(4);
    let gate = occupy(&pool);
    let meeting = meet(&pool, 4);
    gate.wait();
    meeting.wait();
    std::mem::forget(pool);
}

/// Queues jobs that wait for each other and for the caller.
fn meet(pool: &ThreadPool, jobs: usize) -> Arc<Barrier> {
    let meeting = Arc::new(Barrier::new(jobs + 1));
    for _ in 0..jobs {
        let meeting = meeting.clone();
        pool.execute(move || {
            meeting.wait();
        });
    }
    meeting
}

#[test]
fn each_job_wakes_a_thread() {
    let _guard = deadlock_watch(|| {
        "M63: two threads slept, two jobs came right after each other, and the second waits in the \
         queue while a thread sleeps. Only the first job has woken a thread. A queue that is not \
         empty does not mean that all threads are awake: notify for each job. Book: A pool, \"A \
         queue in front\"."
    });
    let (pool, threads) = idle_pool(2);
    // Often, because the first thread may be awake before the second job comes.
    for _ in 0..50 {
        let _ = threads.come_to_rest(|| false);
        meet(&pool, 2).wait();
    }
    std::mem::forget(pool);
}

#[test]
fn no_job_waits_while_a_thread_is_free() {
    let _guard = deadlock_watch(|| {
        "M62: one of two threads is busy, the other is free, and a job waits all the same: it was \
         given to a thread before that thread was free. Put all jobs into one queue, and let a \
         thread take the next when it is done. Book: A pool, \"A queue in front\"."
    });
    let pool = ThreadPool::new(2);
    let (go, gate) = mpsc::channel::<()>();
    let (started, running) = mpsc::channel();
    pool.execute(move || {
        started.send(()).expect("the test listens");
        let _ = gate.recv();
    });
    running.recv().expect("the first job runs");
    let (done, ran) = mpsc::channel();
    for _ in 0..10 {
        let done = done.clone();
        pool.execute(move || done.send(()).expect("the test listens"));
    }
    (0..10).for_each(|_| ran.recv().expect("each job runs once"));
    drop(go);
    std::mem::forget(pool);
}

#[test]
fn a_single_thread_runs_jobs_in_order() {
    let _guard = deadlock_watch(|| "Ten jobs were queued on one thread, and some never ran.");
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
    let _guard = deadlock_watch(|| LOST);
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
    let _guard = deadlock_watch(|| {
        "M53: the pool is dropped, and `drop` never returns: its threads still wait for a job, and \
         have not been told that none will come. With a Condvar: set a flag under the lock, then \
         `notify_all`. With a channel: drop the sender before you join. Book: A pool, \"How a pool \
         ends\"."
    });
    let pool = ThreadPool::new(3);
    report_thread(&pool).recv().expect("the job ran");
    drop(pool);
}

#[test]
fn dropping_the_pool_finishes_the_queue() {
    let _guard = deadlock_watch(|| "A pool with queued jobs is dropped, and `drop` never returns.");
    let threads = Threads::from_now_on();
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
    if !returned_early(&threads, &dropped) {
        drop(go);
        dropped.recv().expect("`drop` returns when the jobs are done");
    }
    assert_eq!(
        ran.load(Ordering::SeqCst),
        10,
        "M53: ten jobs were queued when the pool was dropped; `left` is how many had run when \
         `drop` returned. This pool runs all that was queued: a thread ends when the queue is \
         empty *and* no more jobs will come, and `drop` waits for it. Book: A pool, \"How a pool \
         ends\"."
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

/// Whether `drop` has returned, although it must not: known when it has, or when all threads rest, that
/// of `drop` among them.
fn returned_early(threads: &Threads, dropped: &Receiver<()>) -> bool {
    let returned = || dropped.try_recv().is_ok();
    // The second look is for a `drop` that returned while the first was taken.
    let mut early = false;
    let _ = threads.come_to_rest(|| {
        early |= returned();
        early
    });
    early || returned()
}

#[test]
fn dropping_the_pool_waits_for_running_jobs() {
    let _guard =
        deadlock_watch(|| "A pool with a running job is dropped, and `drop` never returns.");
    let threads = Threads::from_now_on();
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
        !returned_early(&threads, &dropped),
        "M53: a job was still running when `drop` returned. Keep the threads' JoinHandles, and join \
         them. Book: A pool, \"How a pool ends\"."
    );
    drop(go);
    dropped.recv().expect("`drop` returns when the job is done");
}

#[test]
fn dropping_the_pool_waits_after_a_panic_as_well() {
    let _guard = deadlock_watch(|| "A pool whose job panics is dropped, and `drop` never returns.");
    let threads = Threads::from_now_on();
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
    let early = returned_early(&threads, &dropped);
    drop(go);
    assert!(
        !early && !returned_early(&threads, &dropped),
        "M53: a job panicked while the pool was being dropped, with two more in the queue, and \
         `drop` returned before they had run. A thread that replaces another has to be joined as \
         well. It is easier to catch the panic. Book: A pool, \"How a pool ends\"."
    );
    drop(go_on);
    last.recv().expect("the last job runs");
    dropped.recv().expect("`drop` returns when the last job is done");
}
