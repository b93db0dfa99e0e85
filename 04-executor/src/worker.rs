//! What a thread of an executor does: run tasks, look for events, sleep.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tracing::{trace, warn};

use crate::budget::Turn;
use crate::park::{Park, ThreadPark};
use crate::queue::Queue;
use crate::shared::Shared;
use crate::sync::MutexGuard;
use crate::task::Run;

/// How many tasks a worker runs before it looks at timers, sockets and the queue that all workers
/// share: tasks that never stop must not keep the others waiting for ever.
const TASKS_IN_A_ROUND: usize = 61;

/// One worker. It is used by one thread at a time.
pub(crate) struct Worker<'a> {
    shared: &'a Arc<Shared>,
    number: usize,
    /// Tasks that only this thread may run.
    local: Option<&'a Queue>,
}

// ANCHOR: worker
impl<'a> Worker<'a> {
    pub(crate) fn new(shared: &'a Arc<Shared>, number: usize, local: Option<&'a Queue>) -> Self {
        Self { shared, number, local }
    }

    // ANCHOR: round
    /// Works until `turn` returns false. `turn` is called once a round, and does what this thread does
    /// besides tasks. `is_due` returns whether it should be called at once; when that becomes true,
    /// `Shared::wake_worker` must be called after it.
    pub(crate) fn run(&self, is_due: impl Fn() -> bool, mut turn: impl FnMut() -> bool) {
        let mut ran = 0;
        while turn() {
            while ran < TASKS_IN_A_ROUND
                && let Some(task) = self.next(ran)
            {
                let _turn = Turn::begin();
                task.run();
                ran += 1;
            }
            // `turn` counts as well: it may be due every time.
            ran += 1;
            if ran > TASKS_IN_A_ROUND {
                self.look();
                ran = 0;
            } else if !is_due() && self.sleep(&is_due) {
                ran = 0;
            }
        }
    }

    // ANCHOR_END: round

    // ANCHOR: next
    /// The next task: from this thread's two queues in turn, from the shared queue, from another worker's.
    /// A round begins with the shared queue, so that a full queue of our own does not starve it.
    pub(crate) fn next(&self, ran: usize) -> Option<Arc<dyn Run>> {
        let shared = self.shared;
        let own = &shared.queues[self.number];
        let local = || self.local?.pop();
        let first = if ran == 0 { shared.injector.pop() } else { None };
        let first = first.or_else(|| if ran % 2 == 1 { local() } else { None });
        first.or_else(|| own.pop()).or_else(local).or_else(|| self.steal())
    }

    /// Takes half of the tasks of the shared queue, or of another worker's.
    fn steal(&self) -> Option<Arc<dyn Run>> {
        let (shared, own) = (self.shared, &self.shared.queues[self.number]);
        let first = shared.injector.steal_into(own);
        let first = first.or_else(|| self.others().find_map(|other| other.steal_into(own)))?;
        // On their way from queue to queue the others were invisible: a worker may sleep because of that.
        if !own.is_empty() {
            shared.wake_one();
        }
        Some(first)
    }

    // ANCHOR_END: next

    /// The queues of the other workers, beginning with the next one.
    fn others(&self) -> impl Iterator<Item = &Queue> {
        let (before, from) = self.shared.queues.split_at(self.number);
        from.iter().skip(1).chain(before)
    }

    /// Looks at timers and sockets, without sleeping.
    fn look(&self) {
        // If another worker is there, it looks.
        if let Ok(mut driver) = self.shared.driver.try_lock() {
            park(&mut **driver, Some(Duration::ZERO));
            drop(driver);
            // A worker that found it taken meanwhile sleeps elsewhere, and nothing watches the sockets
            // while we run tasks.
            if self.shared.queues.len() > 1 {
                self.shared.wake_one();
            }
        }
        self.shared.timers.fire();
    }

    // ANCHOR: look_again
    /// Sleeps until there is something to do. Returns whether it has slept: not if there already was.
    fn sleep(&self, is_due: impl Fn() -> bool) -> bool {
        let shared = self.shared;
        let mut driver = shared.driver.try_lock().ok();
        let in_driver = driver.is_some();
        shared.in_driver[self.number].store(in_driver, Ordering::Release);
        shared.sleepers.announce(self.number);
        // Look again: what was queued before the announcement has unparked no worker. The same goes for
        // a driver that another worker has left: if any worker sleeps, one must sleep there.
        let driver_is_free = !in_driver && shared.driver.try_lock().is_ok();
        let sleeps = !is_due() && !self.has_work() && !driver_is_free;
        if sleeps {
            trace!("parks the thread");
            // ANCHOR_END: look_again
            // ANCHOR: park
            match &mut driver {
                Some(driver) => {
                    park(&mut ***driver, shared.timers.sleep());
                    shared.timers.awake();
                }
                None => park(&mut *self.own_park(), None),
            }
            trace!("is unparked");
        }
        // The driver first: a worker that is woken now should find it free.
        drop(driver);
        shared.sleepers.retract(self.number);
        shared.timers.fire();
        if in_driver && shared.queues.len() > 1 {
            // We are about to work: another worker should watch timers and sockets meanwhile.
            shared.wake_one();
        }
        sleeps
    }
    // ANCHOR_END: park
    // ANCHOR_END: worker

    fn has_work(&self) -> bool {
        let shared = self.shared;
        !shared.queues[self.number].is_empty()
            || !shared.injector.is_empty()
            || self.local.is_some_and(|local| !local.is_empty())
            || self.others().any(|other| !other.is_empty())
    }

    fn own_park(&self) -> MutexGuard<'_, ThreadPark> {
        self.shared.parks[self.number].lock().expect("this worker's own: no other thread locks it")
    }
}

fn park(park: &mut dyn Park, limit: Option<Duration>) {
    if let Err(error) = park.park(limit) {
        // Continue with the tasks that can run: nothing better is left.
        warn!(%error, "a worker cannot sleep");
    }
}
