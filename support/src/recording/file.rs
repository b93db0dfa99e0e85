//! The file: one event a line, each written by one call.

use std::cell::RefCell;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::Context;
use serde_json::{Map, Value, json};

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
    /// Zero on the recording's clock.
    start: Instant,
    /// None after a write has failed: the rest would lie about what is missing.
    file: Mutex<Option<File>>,
}

impl TraceFile {
    pub(super) fn create(path: &Path) -> anyhow::Result<Self> {
        let mut file = File::create(path)
            .with_context(|| format!("creating {} for --trace", path.display()))?;
        // An array that is never closed: the format makes the `]` optional, so that the recording
        // of a process that was killed can be read.
        file.write_all(b"[\n").with_context(|| format!("writing {}", path.display()))?;
        Ok(Self { start: Instant::now(), file: Mutex::new(Some(file)) })
    }

    /// Writes an event of the calling thread.
    pub(super) fn write(
        self: &Arc<Self>,
        phase: Phase,
        name: &str,
        arguments: Option<&Map<String, Value>>,
    ) {
        let thread = Lane::of_this_thread(self);
        self.write_for(thread, phase, name, arguments);
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
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock, so that the file is in the order of its times.
        event["ts"] = (self.start.elapsed().as_nanos() as f64 / 1000.0).into();
        let Some(open) = &mut *file else { return };
        if let Err(error) = open.write_all(format!("{event},\n").as_bytes()) {
            eprintln!("the recording ends here: {error}");
            *file = None;
        }
    }
}

/// The lane of a thread, which ends with the thread.
struct Lane {
    thread: u64,
    file: Arc<TraceFile>,
}

impl Lane {
    /// The number of the calling thread. The first time, the lane gets its name.
    fn of_this_thread(file: &Arc<TraceFile>) -> u64 {
        thread_local! {
            static LANE: RefCell<Option<Lane>> = const { RefCell::new(None) };
        }
        // Fails only while the thread ends, when its lane has ended.
        let known = LANE.try_with(|lane| {
            let mut lane = lane.borrow_mut();
            lane.get_or_insert_with(|| Lane::begin(file.clone())).thread
        });
        known.unwrap_or_else(|_| super::sleepers::thread_number())
    }

    fn begin(file: Arc<TraceFile>) -> Self {
        let thread = super::sleepers::thread_number();
        if let Some(name) = thread::current().name() {
            let mut arguments = Map::new();
            arguments.insert("name".into(), name.into());
            let event = json!({
                "name": "thread_name", "ph": "M", "pid": std::process::id(), "tid": thread,
                "args": arguments,
            });
            let mut open = file.file.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(open) = &mut *open {
                // The next event meets the same error, and says so.
                let _ = open.write_all(format!("{event},\n").as_bytes());
            }
        }
        Self { thread, file }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.file.write_for(self.thread, Phase::Instant, "thread ended", None);
    }
}
