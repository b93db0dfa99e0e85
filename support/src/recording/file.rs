//! The file: one event a line, each written by one call.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::Context;
use serde_json::{Map, Value, json};

use super::thread::Thread;

/// What an event is, by the letter that the format has for it.
#[derive(Clone, Copy)]
pub(super) enum Phase {
    /// A slice begins on the lane of its thread. Slices of a thread nest.
    Begin,
    /// The innermost slice of that thread ends.
    End,
    /// Something happened at one moment.
    Instant,
}

impl Phase {
    fn letter(self) -> &'static str {
        match self {
            Self::Begin => "B",
            Self::End => "E",
            Self::Instant => "i",
        }
    }
}

pub(super) struct TraceFile {
    path: PathBuf,
    /// Zero on the recording's clock.
    start: Instant,
    /// None after a write has failed: the rest would lie about what is missing.
    file: Mutex<Option<File>>,
}

impl TraceFile {
    pub(super) fn create(path: &Path) -> anyhow::Result<Self> {
        // What stands in a file that exists may be anything, and cannot be brought back.
        let mut file = File::create_new(path).with_context(|| {
            let advice =
                if path.exists() { ": name a new file, or delete this one first" } else { "" };
            format!("creating {} for --trace{advice}", path.display())
        })?;
        // An array that is never closed: the format makes the `]` optional, so that the recording
        // of a process that was killed can be read.
        file.write_all(b"[\n").with_context(|| format!("writing {}", path.display()))?;
        Ok(Self { path: path.to_owned(), start: Instant::now(), file: Mutex::new(Some(file)) })
    }

    /// Writes an event of the calling thread.
    pub(super) fn write(
        self: &Arc<Self>,
        phase: Phase,
        name: &str,
        arguments: Option<&Map<String, Value>>,
    ) {
        self.write_for(Lane::of_this_thread(self), phase, name, arguments);
    }

    /// Writes an event of some thread, by its number.
    pub(super) fn write_for(
        &self,
        thread: u64,
        phase: Phase,
        name: &str,
        arguments: Option<&Map<String, Value>>,
    ) {
        let mut event = json!({
            "name": name, "ph": phase.letter(), "pid": std::process::id(), "tid": thread,
        });
        if let Some(arguments) = arguments {
            event["args"] = arguments.clone().into();
        }
        if matches!(phase, Phase::Instant) {
            // It concerns its thread, not the whole process: drawn on its lane.
            event["s"] = "t".into();
        }
        self.append(event);
    }

    fn append(&self, mut event: Value) {
        // A lock that a panic poisoned holds a file all the same.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = &mut *file else { return };
        // Under the lock, so that the file is in the order of its times, in microseconds.
        event["ts"] = (self.start.elapsed().as_nanos() as f64 / 1000.0).into();
        let Err(error) = open.write_all(format!("{event},\n").as_bytes()) else { return };
        *file = None;
        // Nobody may be there to read this, and that is no reason to panic.
        let path = self.path.display();
        let _ = writeln!(io::stderr(), "the recording {path} ends here: {error}");
    }
}

/// The lane of a thread, which ends with the thread.
struct Lane {
    thread: u64,
    file: Arc<TraceFile>,
}

impl Lane {
    /// The number of the calling thread. The first time, its lane gets a name.
    fn of_this_thread(file: &Arc<TraceFile>) -> u64 {
        thread_local! {
            static LANE: RefCell<Option<Lane>> = const { RefCell::new(None) };
        }
        // Fails only while the thread ends, when its lane has ended.
        let known = LANE.try_with(|lane| {
            let mut lane = lane.borrow_mut();
            // Another recording may have begun.
            if lane.as_ref().is_none_or(|lane| !Arc::ptr_eq(&lane.file, file)) {
                *lane = Some(Self::begin(file.clone()));
            }
            lane.as_ref().map(|lane| lane.thread)
        });
        known.ok().flatten().unwrap_or_else(|| Thread::current().number)
    }

    fn begin(file: Arc<TraceFile>) -> Self {
        let thread = Thread::current().number;
        if let Some(name) = std::thread::current().name() {
            let pid = std::process::id();
            let arguments = json!({ "name": name });
            file.append(json!({
                "name": "thread_name", "ph": "M", "pid": pid, "tid": thread, "args": arguments,
            }));
        }
        Self { thread, file }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.file.write_for(self.thread, Phase::Instant, "thread ended", None);
    }
}
