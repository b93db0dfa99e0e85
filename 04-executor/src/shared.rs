//! What all threads of an executor share.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use crate::clock::Clock;
use crate::current;
use crate::owned::Owned;
use crate::park::{Park, ThreadPark, Unpark};
use crate::queue::Queue;
use crate::sleepers::Sleepers;
use crate::sync::{AtomicBool, Mutex, TryMutex};
use crate::task::Run;
use crate::timers::{self, Timers};

// ANCHOR: shared
/// What all threads of an executor share.
pub(crate) struct Shared {
    /// Tasks that were woken elsewhere than on a worker.
    pub(crate) injector: Queue,
    /// Tasks that were woken on worker N, which looks there first.
    pub(crate) queues: Box<[Queue]>,
    pub(crate) sleepers: Sleepers,
    /// Where an idle worker sleeps, if it is the first: for sockets and timers.
    pub(crate) driver: TryMutex<Box<dyn Park>>,
    pub(crate) driver_unparker: Arc<dyn Unpark>,
    /// Where the other idle workers sleep.
    pub(crate) parks: Box<[Mutex<ThreadPark>]>,
    pub(crate) unparkers: Box<[Arc<dyn Unpark>]>,
    /// For each worker: whether it sleeps in the driver.
    pub(crate) in_driver: Box<[AtomicBool]>,
    pub(crate) timers: Timers,
    /// The tasks that have not finished.
    pub(crate) owned: Owned,
    /// Whether the workers are to end.
    pub(crate) stopping: AtomicBool,
}
// ANCHOR_END: shared

impl Shared {
    pub(crate) fn new(workers: usize, driver: Box<dyn Park>, clock: Box<dyn Clock>) -> Arc<Self> {
        let parks: Box<[_]> = (0..workers).map(|_| ThreadPark::new()).collect();
        Arc::new(Self {
            injector: Queue::default(),
            queues: (0..workers).map(|_| Queue::default()).collect(),
            sleepers: Sleepers::new(),
            driver_unparker: driver.unparker(),
            driver: TryMutex::new(driver),
            unparkers: parks.iter().map(ThreadPark::unparker).collect(),
            parks: parks.into_iter().map(Mutex::new).collect(),
            in_driver: (0..workers).map(|_| AtomicBool::new(false)).collect(),
            timers: Timers::new(clock),
            owned: Owned::default(),
            stopping: AtomicBool::new(false),
        })
    }

    /// Identifies this executor among others.
    pub(crate) fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// The number of the worker that the calling thread is, if it is one of ours.
    pub(crate) fn worker(&self) -> Option<usize> {
        current::worker_of(self.address())
    }

    // ANCHOR: schedule
    // ANCHOR: push_then_wake
    /// Puts a task into the queue of the worker that calls this.
    pub(crate) fn schedule_here(&self, worker: usize, task: Arc<dyn Run>) {
        self.queues[worker].push(task);
        // This worker is awake. Others may steal from it.
        if self.queues.len() > 1 {
            self.wake_one();
        }
    }

    /// Puts a task where all workers look, and wakes one if all that could look sleep.
    pub(crate) fn schedule_from_outside(&self, task: Arc<dyn Run>) {
        self.injector.push(task);
        self.wake_one();
    }
    // ANCHOR_END: push_then_wake

    /// Ends the sleep of a worker, if one sleeps.
    pub(crate) fn wake_one(&self) {
        if let Some(worker) = self.sleepers.wake_one() {
            self.unpark(worker);
        }
    }

    /// Ends the sleep of this worker, if it sleeps.
    pub(crate) fn wake_worker(&self, worker: usize) {
        if let Some(worker) = self.sleepers.wake(worker) {
            self.unpark(worker);
        }
    }

    fn unpark(&self, worker: usize) {
        match self.in_driver[worker].load(Ordering::Acquire) {
            true => self.driver_unparker.unpark(),
            false => self.unparkers[worker].unpark(),
        }
    }
    // ANCHOR_END: schedule

    /// Adds a timer.
    pub(crate) fn insert_timer(&self, at: Instant, waker: std::task::Waker) -> timers::Key {
        let (key, sleeps_too_long) = self.timers.insert(at, waker);
        if sleeps_too_long {
            self.driver_unparker.unpark();
        }
        key
    }
}
