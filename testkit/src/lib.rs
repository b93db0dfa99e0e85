//! Instruments for testing code that waits, without sleeping and without hoping.
//!
//! - [`ScriptedIo`]: a stream that follows a script of short reads, refused writes and errors.
//! - [`FakePoller`]: a poller whose readiness is injected by hand.
//! - [`watchdog`], [`patient_watchdog`]: turn a hang into a failure that explains itself.
//! - [`deadlock_watch`]: says at once that threads wait for each other for ever; [`Threads`]: whether
//!   those of a test come to rest.
//! - [`WatchedMutex`], [`WatchedAtomicUsize`], [`WatchedAtomicBool`]: let a test come between, where
//!   another thread might; [`WatchedCondvar`]: waits with the mutex.
//! - [`processor_time`], [`times_waited`]: what a step costs, and whether it sleeps, without a clock.
//! - [`CountingWaker`], [`HookWaker`]: a waker that counts, a waker that interferes.
//! - [`poll_once`], [`assert_pending!`], [`assert_woken_once!`], [`drive`]: futures polled by hand.
//! - [`Probe`]: a future that knows how often it was polled and dropped; [`OnDrop`]: what a drop does.
//! - [`parking`]: `park` and `unpark` by script: a thread that would sleep for ever fails at once.
//! - [`seeds`], [`ShuffledQueue`]: many orders, and the number of the one that fails.
//! - [`Ledger`]: futures that are lost, leaked, polled by two threads or after their end.
//! - [`VirtualClock`]: a clock that stands still until the test moves it.
//! - [`background`]: a thread whose panic ends the test at once.
//! - [`ServerProcess`]: a server as a child process that cannot outlive its test.
//! - [`conformance`]: what an echo server must do, asked over TCP; every server of this
//!   workspace runs it.
//! - [`proxy`]: the same for a TCP proxy; the capstone exercises run it.
//! - [`three_clients`]: clients that act one at a time, for runs that are recorded.
//!
//! Nothing here knows a server or an exercise of this workspace: use it for your own.

mod scripted_io;
pub use scripted_io::{Operation, ScriptedIo};

mod readiness;
pub use readiness::{Event, Interest, Readiness, Registration, Trigger, WouldWaitForEver};

mod fake_poller;
pub use fake_poller::FakePoller;

mod watchdog;
pub use watchdog::{Watchdog, patient_watchdog, watchdog};

mod threads;
pub use threads::{Restless, Threads};

mod deadlock_watch;
pub use deadlock_watch::{DeadlockWatch, deadlock_watch};

mod watched_mutex;
pub use watched_mutex::{WatchedGuard, WatchedMutex, come_between, locks_held, moments};

mod watched_condvar;
pub use watched_condvar::WatchedCondvar;

mod watched_atomic;
pub use watched_atomic::WatchedAtomicUsize;

mod watched_bool;
pub use watched_bool::WatchedAtomicBool;

mod own_thread;
pub use own_thread::{processor_time, times_waited};

mod wakers;
pub use wakers::{CountingWaker, HookWaker};

mod polling;
pub use polling::{STUCK, drive, poll_once};

mod probe;
pub use probe::{OnDrop, Probe};

pub mod parking;

mod virtual_clock;
pub use virtual_clock::{VirtualClock, VirtualSleep};

mod seeds;
pub use seeds::{Random, ShuffledQueue, seeds};

mod ledger;
pub use ledger::{Ledger, Tracked};

mod background;
pub use background::background;

mod server_process;
pub use server_process::ServerProcess;

mod server_kernel;

pub mod conformance;

pub mod proxy;

pub mod three_clients;

mod client;
pub use client::reset;

mod pattern;
