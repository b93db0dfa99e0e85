//! The calling thread, as the recorder knows it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is known of a thread for as long as it lives.
#[derive(Clone)]
pub(super) struct Thread {
    /// The kernel's number where /proc tells it, which is also the name of its folder there.
    pub(super) number: u64,
    /// Grows when the thread begins to record something, and when it is done: odd in between.
    visits: Arc<AtomicU64>,
}

/// The thread is in the recorder as long as this lives.
pub(super) struct Visit(Arc<AtomicU64>);

thread_local! {
    static THREAD: Thread = Thread { number: number(), visits: Arc::default() };
}

impl Thread {
    /// The calling thread.
    pub(super) fn current() -> Self {
        // Gone only while the thread ends: then it records nothing that needs its visits.
        let known = THREAD.try_with(Self::clone);
        known.unwrap_or_else(|_| Self { number: number(), visits: Arc::default() })
    }

    /// The calling thread begins to record something.
    pub(super) fn visit(&self) -> Visit {
        self.visits.fetch_add(1, Ordering::SeqCst);
        Visit(self.visits.clone())
    }

    /// How often it has come and gone. None while it is here.
    pub(super) fn visits(&self) -> Option<u64> {
        let visits = self.visits.load(Ordering::SeqCst);
        visits.is_multiple_of(2).then_some(visits)
    }

    /// Whether the kernel says that it sleeps.
    pub(super) fn is_asleep(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/self/task/{}/stat", self.number));
        // The state follows the name, which may hold spaces and parentheses.
        stat.is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('S')))
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn number() -> u64 {
    static OTHERS: AtomicU64 = AtomicU64::new(1);
    let folder = std::fs::read_link("/proc/thread-self").ok();
    let number = folder.and_then(|folder| folder.file_name()?.to_str()?.parse().ok());
    number.unwrap_or_else(|| OTHERS.fetch_add(1, Ordering::Relaxed))
}
