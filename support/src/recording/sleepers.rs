//! Who sleeps: a thread that has called and not returned is looked at, until it sleeps.
//!
//! Nobody tells a process that one of its threads waits in the kernel. So a thread of the recorder
//! looks at those that are inside a span, once a millisecond, until the kernel says of them `S
//! (sleeping)` (proc(5)). It rests while there is nobody to look at. A sleep that is shorter than its
//! pause may not be seen. Linux only: elsewhere nobody is seen asleep.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context;
use serde_json::{Map, Value};

use super::file::{Phase, TraceFile};
use super::thread::Thread;

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
    /// Signalled when there is somebody to look at, and at the end.
    changed: Condvar,
}

#[derive(Default)]
struct Calls {
    /// Threads that are inside a span, by number.
    callers: HashMap<u64, Caller>,
    /// Whether the recording is over.
    ended: bool,
}

/// A thread inside a span.
struct Caller {
    thread: Thread,
    /// The spans that it is in, the innermost last: the arguments of each.
    spans: Vec<Option<Map<String, Value>>>,
    /// Whether it was seen asleep in the innermost one.
    asleep: bool,
}

impl Sleepers {
    pub(super) fn watch(file: Arc<TraceFile>) -> anyhow::Result<Self> {
        let shared = Arc::new(Shared { file, calls: Mutex::default(), changed: Condvar::new() });
        if Path::new("/proc/thread-self").exists() {
            let watching = shared.clone();
            std::thread::Builder::new()
                .name("recorder".into())
                .spawn(move || watching.look())
                .context("starting the thread that sees who sleeps")?;
        }
        Ok(Self { shared })
    }

    /// The thread enters a span.
    pub(super) fn enter(&self, thread: &Thread, arguments: Option<&Map<String, Value>>) {
        let mut calls = self.shared.lock();
        let new = || Caller { thread: thread.clone(), spans: Vec::new(), asleep: false };
        let caller = calls.callers.entry(thread.number).or_insert_with(new);
        caller.spans.push(arguments.cloned());
        self.shared.changed.notify_one();
    }

    /// The thread does something: if it was seen asleep, it is awake now.
    pub(super) fn awake(&self, thread: &Thread) {
        if let Some(caller) = self.shared.lock().callers.get_mut(&thread.number)
            && std::mem::take(&mut caller.asleep)
        {
            self.shared.file.write_for(thread.number, Phase::End, ASLEEP, None);
        }
    }

    /// The thread, which is awake, leaves the span that it entered last.
    pub(super) fn exit(&self, thread: &Thread) {
        let mut calls = self.shared.lock();
        let Some(caller) = calls.callers.get_mut(&thread.number) else { return };
        caller.spans.pop();
        if caller.spans.is_empty() {
            calls.callers.remove(&thread.number);
        }
    }
}

impl Drop for Sleepers {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.changed.notify_one();
    }
}

impl Shared {
    /// The life of the thread that looks.
    fn look(&self) {
        while let Some(awake) = self.wait_for_callers() {
            std::thread::sleep(PAUSE);
            for thread in awake {
                self.look_at(&thread);
            }
        }
    }

    /// A thread that records something may sleep as well, for a lock. So what the kernel says counts
    /// only if the thread has not been in the recorder from before until after it was asked.
    fn look_at(&self, thread: &Thread) {
        let before = thread.visits();
        if before.is_none() || !thread.is_asleep() {
            return;
        }
        let mut calls = self.lock();
        if let Some(caller) = calls.callers.get_mut(&thread.number)
            && thread.visits() == before
        {
            caller.asleep = true;
            let arguments = caller.spans.last().and_then(Option::as_ref);
            self.file.write_for(thread.number, Phase::Begin, ASLEEP, arguments);
        }
    }

    /// Threads that are inside a span and have not been seen asleep there. Waits until there are some;
    /// None when the recording is over.
    fn wait_for_callers(&self) -> Option<Vec<Thread>> {
        let nobody =
            |calls: &mut Calls| !calls.ended && calls.callers.values().all(|caller| caller.asleep);
        let calls = self.changed.wait_while(self.lock(), nobody);
        let calls = calls.unwrap_or_else(PoisonError::into_inner);
        let awake = calls.callers.values().filter(|caller| !caller.asleep);
        (!calls.ended).then(|| awake.map(|caller| caller.thread.clone()).collect())
    }

    /// The list is whole after each statement of ours, so it can be used after a panic as well.
    fn lock(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
