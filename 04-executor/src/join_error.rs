//! Why a task has no output.

use std::any::Any;
use std::fmt;
use std::sync::Mutex;

/// Why a task has no output: it was aborted, or it panicked.
pub struct JoinError(Cause);

enum Cause {
    Aborted,
    /// In a box, because each task has room for its error.
    Panicked(Box<Panic>),
}

struct Panic {
    /// The panic message, if it is text.
    message: Option<String>,
    /// Behind a lock, because it need not be Sync and an error should be.
    payload: Mutex<Box<dyn Any + Send>>,
}

impl JoinError {
    pub(crate) fn aborted() -> Self {
        Self(Cause::Aborted)
    }

    pub(crate) fn panicked(panic: Box<dyn Any + Send>) -> Self {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let message = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Self(Cause::Panicked(Box::new(Panic { message, payload: Mutex::new(panic) })))
    }

    /// Whether it was aborted: by its handle, by a shutdown, or because it was spawned after one.
    pub fn is_aborted(&self) -> bool {
        matches!(self.0, Cause::Aborted)
    }

    /// Whether it panicked, in a poll or in a drop.
    pub fn is_panic(&self) -> bool {
        !self.is_aborted()
    }

    /// The panic's payload, for [`std::panic::resume_unwind`]. None if it was aborted.
    pub fn into_panic(self) -> Option<Box<dyn Any + Send>> {
        match self.0 {
            Cause::Aborted => None,
            Cause::Panicked(panic) => panic.payload.into_inner().ok(),
        }
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Cause::Aborted => f.write_str("the task was aborted"),
            Cause::Panicked(panic) => match &panic.message {
                Some(message) => write!(f, "the task panicked: {message}"),
                None => f.write_str("the task panicked"),
            },
        }
    }
}

impl fmt::Debug for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JoinError({self})")
    }
}

impl std::error::Error for JoinError {}
