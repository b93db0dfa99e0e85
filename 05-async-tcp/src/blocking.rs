//! Threads that may block.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use executor::contain::contain;
use tracing::{trace, warn};

type Job = Box<dyn FnOnce() + Send>;

thread_local! {
    /// The pool that this thread works for: the address of what its threads share. 0: none.
    static POOL: Cell<usize> = const { Cell::new(0) };
}

// ANCHOR: pool
/// Threads that make blocking calls. A thread is started when a call finds no idle one, up to a limit. A
/// thread that has waited for a call in vain ends.
pub(crate) struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    /// There is a call, or the pool is closed.
    work: Condvar,
    /// A thread has ended.
    ended: Condvar,
    max_threads: usize,
    keep_alive: Duration,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    threads: usize,
    /// How many of the threads are in a call. The others wait, or are about to look into the queue.
    calling: usize,
    closed: bool,
}
// ANCHOR_END: pool

impl Pool {
    /// A pool without threads.
    pub(crate) fn new(max_threads: usize, keep_alive: Duration) -> Self {
        let (work, ended) = (Condvar::new(), Condvar::new());
        let state = Mutex::default();
        Self { shared: Arc::new(Shared { state, work, ended, max_threads, keep_alive }) }
    }

    // ANCHOR: submit
    /// Gives `job` to a thread, as soon as one is free.
    ///
    /// # Panics
    /// If the pool is closed, or if the system cannot start a thread.
    pub(crate) fn submit(&self, job: Job) {
        let mut state = self.shared.lock();
        if state.closed {
            drop(state);
            panic!("unblock was called after the runtime has shut down");
        }
        state.queue.push_back(job);
        // A thread that was notified and still sleeps is not calling, and its call is still in the queue.
        if state.queue.len() <= state.threads - state.calling {
            self.shared.work.notify_one();
        } else if state.threads < self.shared.max_threads {
            self.start_thread(state);
        }
    }
    // ANCHOR_END: submit

    fn start_thread(&self, mut state: MutexGuard<'_, State>) {
        let shared = self.shared.clone();
        let builder = thread::Builder::new().name("blocking".into());
        match builder.spawn(move || shared.work()) {
            Ok(_) => state.threads += 1,
            Err(error) if state.threads > 0 => {
                drop(state);
                warn!(%error, "no more threads for blocking calls");
            }
            Err(error) => {
                let job = state.queue.pop_back();
                drop(state);
                drop(job);
                panic!("the system has no thread for a blocking call: {error}");
            }
        }
    }

    /// Accepts no more calls. Those in the queue are still made, and then the threads end: a file that was
    /// to be written is written.
    pub(crate) fn close(&self) {
        self.shared.lock().closed = true;
        self.shared.work.notify_all();
    }

    /// Whether the calling thread is one of its threads.
    pub(crate) fn works_here(&self) -> bool {
        POOL.get() == Arc::as_ptr(&self.shared).addr()
    }

    /// Waits for the threads to end, of a pool that is closed.
    pub(crate) fn wait(&self) {
        let mut state = self.shared.lock();
        while state.threads > 0 {
            state = self.shared.ended.wait(state).expect("as in lock");
        }
    }

    /// How many calls run, or wait for a thread.
    pub(crate) fn busy(&self) -> usize {
        let state = self.shared.lock();
        state.calling + state.queue.len()
    }
}

impl Shared {
    /// What a thread does: call and wait, until it is no longer needed.
    fn work(self: Arc<Self>) {
        POOL.set(Arc::as_ptr(&self).addr());
        while let Some(job) = self.next() {
            trace!("begins a blocking call");
            // A panic of the call itself is its caller's; this is for panics of destructors.
            contain("a blocking call", job);
            trace!("ends a blocking call");
            self.lock().calling -= 1;
        }
    }

    // ANCHOR: next
    /// The next call. None: this thread is to end, and is no longer counted.
    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.queue.pop_front() {
                state.calling += 1;
                return Some(job);
            }
            let mut in_vain = false;
            if !state.closed {
                let (woken, wait) =
                    self.work.wait_timeout(state, self.keep_alive).expect("as in lock");
                (state, in_vain) = (woken, wait.timed_out());
            }
            if state.queue.is_empty() && (state.closed || in_vain) {
                state.threads -= 1;
                self.ended.notify_all();
                return None;
            }
        }
    }
    // ANCHOR_END: next

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("pool lock: nothing that panics runs while it is held")
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("busy", &self.busy()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const FOR_EVER: Duration = Duration::from_secs(24 * 60 * 60);

    fn threads(pool: &Pool) -> usize {
        pool.shared.lock().threads
    }

    #[test]
    fn threads_are_bounded_and_calls_beyond_them_wait() {
        let _guard = testkit::patient_watchdog("a call was never made");
        let pool = Pool::new(2, FOR_EVER);
        let (running, runs) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let released = Arc::new(Mutex::new(released));
        for _ in 0..5 {
            let (running, released) = (running.clone(), released.clone());
            pool.submit(Box::new(move || {
                running.send(()).expect("the test listens");
                released.lock().expect("nothing panics under it").recv().expect("it is released");
            }));
        }
        runs.recv().expect("the first runs");
        runs.recv().expect("the second runs");
        assert_eq!((threads(&pool), pool.busy()), (2, 5));
        assert!(runs.try_recv().is_err(), "the third waits for a thread");
        (0..5).for_each(|_| release.send(()).expect("the calls wait"));
        pool.close();
        pool.wait();
        assert_eq!((threads(&pool), runs.iter().take(3).count()), (0, 3), "all were called");
    }

    #[test]
    fn an_idle_thread_is_used_again_and_one_that_waits_in_vain_ends() {
        let _guard = testkit::patient_watchdog("an idle thread did not end");
        let pool = Pool::new(8, FOR_EVER);
        let (done, is_done) = mpsc::channel();
        for _ in 0..3 {
            let done = done.clone();
            pool.submit(Box::new(move || done.send(thread::current().id()).expect("heard")));
            is_done.recv().expect("it was called");
            while pool.busy() > 0 {
                thread::yield_now();
            }
        }
        assert_eq!(threads(&pool), 1);

        let pool = Pool::new(8, Duration::from_millis(1));
        pool.submit(Box::new(|| {}));
        let mut state = pool.shared.lock();
        while state.threads > 0 {
            state = pool.shared.ended.wait(state).expect("as in lock");
        }
    }

    #[test]
    fn a_call_that_panics_costs_no_thread() {
        let _guard = testkit::patient_watchdog("a call was never made");
        let pool = Pool::new(1, FOR_EVER);
        pool.submit(Box::new(|| panic!("on purpose")));
        let (done, is_done) = mpsc::channel();
        pool.submit(Box::new(move || done.send(()).expect("the test listens")));
        is_done.recv().expect("the only thread has survived");
    }
}
