//! When a step has failed: the clock proposes, the proxy's threads decide.

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use std::{fs, io, process, thread};

use crate::client::PATIENCE;
use crate::{pattern, server_kernel, server_process};

/// After this time a read or a write returns, to ask whether it may be tried again. Several looks
/// fit into it, so threads that wait at the same time find each other asleep.
pub(super) const TICK: Duration = Duration::from_millis(2500);

/// How long one step of a test waits for the proxy, which runs in this process or in a child.
///
/// On a busy machine a right answer may take any time. So after [`PATIENCE`] a step has failed only
/// if the proxy is asleep for good, or has used the processor and not finished the step.
pub(super) struct Patience {
    start: Instant,
    /// How long the proxy had been on a processor when it was looked at first.
    used: Option<Duration>,
}

impl Patience {
    pub(super) fn new() -> Self {
        Self { start: Instant::now(), used: None }
    }

    /// Whether the step may be tried again.
    ///
    /// # Panics
    /// The step has taken a minute and a half, and the threads do not tell why.
    pub(super) fn lasts(&mut self) -> bool {
        // Less than the two minutes after which the workshop ends a test, and can say less.
        const LONG: Duration = Duration::from_secs(90);
        const USED: Duration = Duration::from_secs(1);
        // One thread looks at a time. The others return to their reads and writes, where the proxy
        // may still serve them: a thread that waited here would look stuck.
        static LOOKING: Mutex<()> = Mutex::new(());

        let elapsed = self.start.elapsed();
        if self.used.is_some() && elapsed < PATIENCE {
            return true;
        }
        let now = others();
        let used = now.iter().map(|task| task.used).sum::<Duration>();
        let used = used.saturating_sub(*self.used.get_or_insert(used));
        if elapsed < PATIENCE {
            return true;
        }
        if now.is_empty() {
            // Without /proc there is only the clock.
            return elapsed < LONG;
        }
        let alone = LOOKING.try_lock();
        // Twice, because another thread of the test may have returned for its own tick meanwhile.
        if used > USED || alone.is_ok() && (0..2).any(|_| asleep_for_good(others)) {
            return false;
        }
        assert!(
            elapsed < LONG,
            "a step has not finished for {LONG:?}, and the proxy is neither asleep nor has it used {USED:?} \
             of processor time: this machine is too busy, or the proxy wakes up again and again and does \
             nothing. Run the test again when nothing else runs."
        );
        true
    }
}

/// Tries a step again whenever it runs into its timeout, as long as there is patience.
pub(super) fn patiently<T>(mut step: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let mut patience = Patience::new();
    loop {
        match step() {
            Err(error) if pattern::is_timeout(&error) && patience.lasts() => {}
            last => return last,
        }
    }
}

/// A thread as the kernel counts it.
#[derive(PartialEq)]
struct Task {
    path: PathBuf,
    state: String,
    /// How long it has been on a processor.
    used: Duration,
    /// That, how long it has waited for one, and how often it got one (proc(5)).
    schedstat: String,
}

/// Whether all threads are asleep, and the same ones still are at a second look and have not run in
/// between. A thread that was stopped, or waits for a disk, is not asleep.
fn asleep_for_good(look: impl Fn() -> Vec<Task>) -> bool {
    /// Longer than a proxy pauses before it accepts again.
    const APART: Duration = Duration::from_millis(250);
    let before = look();
    // Z: the process has ended.
    before.iter().all(|task| matches!(task.state.as_str(), "S" | "Z")) && {
        thread::sleep(APART);
        look() == before
    }
}

/// All threads of this process and of its servers, without the one that asks.
fn others() -> Vec<Task> {
    let this = fs::read_link("/proc/thread-self").unwrap_or_default();
    let this = PathBuf::from("/proc").join(this);
    let processes = [process::id()].into_iter().chain(server_process::running());
    processes.flat_map(tasks).filter(|task| task.path != this).collect()
}

fn tasks(process: u32) -> Vec<Task> {
    let entries = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten();
    let task = |entry: io::Result<fs::DirEntry>| {
        // A thread may end between the listing and the reading.
        let path = entry.ok()?.path();
        let state = server_kernel::state(&fs::read_to_string(path.join("stat")).ok()?);
        let schedstat = fs::read_to_string(path.join("schedstat")).ok()?;
        let used = Duration::from_nanos(schedstat.split(' ').next()?.parse().ok()?);
        Some(Task { path, state, used, schedstat })
    };
    entries.filter_map(task).collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Read;
    use std::net::TcpListener;

    use super::*;
    use crate::ServerProcess;
    use crate::client::connect;

    /// A server that says one word to each client; the child of the test below.
    #[test]
    fn serves_when_asked_to() {
        if ServerProcess::is_server() {
            let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
            println!("listening on {}", listener.local_addr().unwrap());
            listener.incoming().for_each(|client| {
                io::Write::write_all(&mut client.unwrap(), b"word").unwrap();
            });
        }
    }

    #[test]
    fn a_server_that_waits_is_asleep_and_one_that_is_stopped_is_not() {
        let name = "proxy::patience::tests::serves_when_asked_to";
        let server = ServerProcess::start_test(name, &[]).unwrap();
        let asleep = || asleep_for_good(|| tasks(server.id()));
        // It may have something to do after its first line.
        while !asleep() {}

        server.stop().unwrap();
        let mut client = connect(server.addr(), TICK).unwrap();
        assert!(!asleep());
        let start = Instant::now().checked_sub(PATIENCE).unwrap();
        assert!(Patience { start, used: None }.lasts());

        server.resume().unwrap();
        assert_eq!(patiently(|| client.read(&mut [0; 10])).unwrap(), 4);
        while !asleep() {}
    }
}
