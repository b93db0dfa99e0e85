//! What time it is, for timers.

use std::time::Instant;

/// A clock that never goes backwards. Tests supply one that they move themselves.
pub trait Clock: Send + Sync + 'static {
    /// The time.
    fn now(&self) -> Instant;
}

/// `Instant::now`.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }
}
