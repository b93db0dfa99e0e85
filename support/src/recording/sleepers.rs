//! Who sleeps: a call that has not returned is asked about, in /proc, until it has.
//!
//! Nobody tells a process that the kernel has taken one of its threads off the processor. So a
//! thread of the recorder looks at those that are inside a span, once a millisecond, until the
//! kernel says of them `S (sleeping)` (proc(5)). It rests while there is nobody to look at, and a
//! sleep that is shorter than its pause is not seen. Linux only: elsewhere nobody is seen asleep.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use serde_json::{Map, Value};

use super::file::{Phase, TraceFile};

/// Between two looks at the same call.
const PAUSE: Duration = Duration::from_millis(1);

/// The slice inside a call whose thread sleeps.
const ASLEEP: &str = "asleep";

pub(super) struct Sleepers {
    shared: Arc<Shared>,
}

struct Shared {
    file: Arc<TraceFile>,
    calls: Mutex<Calls>,
    /// Signalled when there is somebody to look at.
    entered: Condvar,
}

struct Call {
    /// Tells it from a later call of the same thread.
    number: u64,
    arguments: Option<Map<String, Value>>,
    asleep: bool,
}

#[derive(Default)]
struct Calls {
    /// The spans that each thread is in, the innermost last.
    open: HashMap<u64, Vec<Call>>,
    /// How many there have been.
    count: u64,
}

impl Sleepers {
    pub(super) fn watch(file: Arc<TraceFile>) -> anyhow::Result<Self> {
        let shared = Arc::new(Shared { file, calls: Mutex::default(), entered: Condvar::new() });
        let watching = shared.clone();
        thread::Builder::new()
            .name("recorder".into())
            .spawn(move || watching.look())
            .context("starting the thread that sees who sleeps")?;
        Ok(Self { shared })
    }

    /// The calling thread enters a span.
    pub(super) fn enter(&self, arguments: Option<&Map<String, Value>>) {
        let mut calls = self.shared.lock();
        calls.count += 1;
        let call = Call { number: calls.count, arguments: arguments.cloned(), asleep: false };
        calls.open.entry(thread_number()).or_default().push(call);
        self.shared.entered.notify_one();
    }

    /// The calling thread leaves the span that it entered last.
    pub(super) fn exit(&self) {
        let thread = thread_number();
        let mut calls = self.shared.lock();
        let Some(of_thread) = calls.open.get_mut(&thread) else { return };
        if of_thread.pop().is_some_and(|call| call.asleep) {
            self.shared.file.write_for(thread, Phase::End, ASLEEP, None);
        }
        if of_thread.is_empty() {
            calls.open.remove(&thread);
        }
    }
}

impl Shared {
    /// The life of the thread that looks.
    fn look(&self) -> ! {
        loop {
            let awake = self.wait_for_calls();
            thread::sleep(PAUSE);
            // Without the lock: a thread that waits for it sleeps as well, but not in its call.
            let asleep = awake.into_iter().filter(|(thread, _)| is_asleep(*thread));
            for (thread, number) in asleep.collect::<Vec<_>>() {
                let mut calls = self.lock();
                let innermost = calls.open.get_mut(&thread).and_then(|calls| calls.last_mut());
                // Unless it has returned meanwhile.
                if let Some(call) = innermost.filter(|call| call.number == number) {
                    call.asleep = true;
                    self.file.write_for(thread, Phase::Begin, ASLEEP, call.arguments.as_ref());
                }
            }
        }
    }

    /// The threads and the calls they are in, of whom nobody has said yet that they sleep. Waits
    /// until there are some.
    fn wait_for_calls(&self) -> Vec<(u64, u64)> {
        let awake = |calls: &Calls| -> Vec<_> {
            let innermost = calls.open.iter().filter_map(|(id, calls)| Some((*id, calls.last()?)));
            innermost.filter(|(_, call)| !call.asleep).map(|(id, call)| (id, call.number)).collect()
        };
        let calls = self.entered.wait_while(self.lock(), |calls| awake(calls).is_empty());
        awake(&calls.unwrap_or_else(PoisonError::into_inner))
    }

    fn lock(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number of the calling thread: the kernel's where /proc tells it, which is also the name of
/// its folder there.
pub(super) fn thread_number() -> u64 {
    thread_local! {
        static NUMBER: u64 = {
            static OTHERS: AtomicU64 = AtomicU64::new(1);
            let folder = std::fs::read_link("/proc/thread-self").ok();
            let number = folder.and_then(|folder| folder.file_name()?.to_str()?.parse().ok());
            number.unwrap_or_else(|| OTHERS.fetch_add(1, Ordering::Relaxed))
        };
    }
    NUMBER.with(|number| *number)
}

/// Whether the kernel says so of a thread of this process.
fn is_asleep(thread: u64) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/self/task/{thread}/stat"));
    // The state is the field after the name, which may hold spaces and parentheses.
    stat.is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('S')))
}
