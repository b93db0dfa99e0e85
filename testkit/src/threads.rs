//! What the threads of a test do, as the kernel sees it: when all of them wait for each other, none
//! will ever continue. No clock is needed to know that.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;
use std::{fmt, fs, thread};

/// Where Linux says what the threads of this process do, a folder for each.
const TASKS: &str = "/proc/self/task";

/// The number of the system call in which threads wait for each other: for a lock, a message, a
/// notification, or another thread's end.
const FUTEX: &str = if cfg!(target_arch = "x86_64") { "202" } else { "98" };

/// Whether this system says what its threads wait for.
static TOLD: LazyLock<bool> = LazyLock::new(|| {
    let known = cfg!(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64"));
    known && cfg!(target_os = "linux") && fs::read("/proc/self/syscall").is_ok()
});

/// The threads that a test starts: those that were not there when this was made.
#[derive(Debug)]
pub struct Threads {
    /// Not looked at: the test harness, and what watches the test.
    others: Vec<String>,
}

/// One thread, at one moment.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    /// The system call that it sleeps in, and its arguments. Something else if it does not sleep.
    call: String,
    /// How often it has left its processor, to wait or for another thread.
    switches: u64,
}

/// Threads that all wait, and for what.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rest(BTreeMap<String, Seen>);

/// Threads that do not come to rest, and what they did in place of it.
#[derive(Debug)]
pub struct Restless {
    turns: u64,
    time: Duration,
}

impl fmt::Display for Restless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "its threads went back to look {} times, and spent {:?} on a processor",
            self.turns, self.time
        )
    }
}

impl Threads {
    /// Those that will be started from now on.
    pub fn from_now_on() -> Self {
        Self { others: tasks() }
    }

    /// The same, and the one that calls this.
    pub(crate) fn with_the_caller() -> Self {
        let mut others = tasks();
        others.retain(|task| Some(task) != own().as_ref());
        Self { others }
    }

    /// Whether this system says what its threads do. Linux does.
    pub(crate) fn can_be_seen() -> bool {
        *TOLD
    }

    /// What they wait for, if all of them wait for each other or for the caller, without a timeout.
    /// If it is the same at the next look, none has continued in between, and none will unless the
    /// caller does something.
    pub(crate) fn stuck(&self) -> Option<Rest> {
        // The call's number, address, operation, value, timeout.
        self.at_rest(|call| call.starts_with(FUTEX) && call.split(' ').nth(4) == Some("0x0"))
    }

    fn at_rest(&self, waits: impl Fn(&str) -> bool) -> Option<Rest> {
        let seen = self.look();
        seen.values().all(|thread| waits(&thread.call)).then_some(Rest(seen))
    }

    /// Looks on until all of them wait for each other or for the caller, be it with a timeout, or
    /// until `done`.
    ///
    /// Where they cannot be seen they are believed to wait after 50 ms.
    ///
    /// # Errors
    /// They take a processor all the time, or leave it for a while and look again, over and over.
    pub fn come_to_rest(&self, mut done: impl FnMut() -> bool) -> Result<(), Restless> {
        if !Self::can_be_seen() {
            thread::sleep(Duration::from_millis(50));
            return Ok(());
        }
        let (switches, time) = (self.switches(), self.processor_time());
        let mut last = None;
        while !done() {
            let now = self.at_rest(|call| call.starts_with(FUTEX));
            if now.is_some() && now == last {
                return Ok(());
            }
            last = now;
            // A thread that has ended took its share along.
            let turns = self.switches().saturating_sub(switches);
            let time = self.processor_time().saturating_sub(time);
            // Either: a thread that yields has no time where others want it, one that spins alone
            // on its processor has no turns.
            if turns >= 50 || time >= Duration::from_millis(300) {
                return Err(Restless { turns, time });
            }
            thread::yield_now();
        }
        Ok(())
    }

    /// How many there are now. 0 where they cannot be seen.
    pub fn count(&self) -> usize {
        self.tasks().count()
    }

    /// How often they have left their processors, all together.
    fn switches(&self) -> u64 {
        self.look().values().map(|seen| seen.switches).sum()
    }

    /// How long they have been on a processor, all together, in steps of 10 ms.
    fn processor_time(&self) -> Duration {
        let ticks = |task: String| -> Option<u64> {
            let stat = fs::read_to_string(format!("{TASKS}/{task}/stat")).ok()?;
            // Behind the name, which may contain anything, proc(5) has the time spent in the
            // program as the 12th field, and that spent in the kernel as the 13th.
            let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
            Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
        };
        Duration::from_millis(10 * self.tasks().filter_map(ticks).sum::<u64>())
    }

    fn look(&self) -> BTreeMap<String, Seen> {
        let see = |task: String| {
            // Nothing to read: it has just ended, so another may have continued. That is no rest.
            let read = |file| fs::read_to_string(format!("{TASKS}/{task}/{file}"));
            let call = read("syscall").unwrap_or_default();
            let status = read("status").unwrap_or_default();
            // A thread that was woken, and has not reached its processor, is in the call still.
            let call = if status.contains("State:\tS") { call } else { String::new() };
            let count = |line: &str| line.split_once("_switches:")?.1.trim().parse::<u64>().ok();
            (task, Seen { call, switches: status.lines().filter_map(count).sum() })
        };
        self.tasks().map(see).collect()
    }

    /// Those that are there now, without the one that asks.
    fn tasks(&self) -> impl Iterator<Item = String> {
        let own = own();
        let counts = move |task: &String| Some(task) != own.as_ref() && !self.others.contains(task);
        tasks().into_iter().filter(counts)
    }
}

/// All threads of this process. None where they cannot be seen.
fn tasks() -> Vec<String> {
    let entries = fs::read_dir(TASKS).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// The thread that calls this.
fn own() -> Option<String> {
    let link = fs::read_link("/proc/thread-self").ok()?;
    Some(link.file_name()?.to_string_lossy().into_owned())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::Command;
    use std::sync::mpsc::{self, Receiver};

    use super::*;

    /// Runs `body` in a process of its own: here, the threads of other tests come and go.
    fn alone(test: &str, body: impl FnOnce()) {
        const ALONE: &str = "TESTKIT_ALONE";
        if std::env::var_os(ALONE).is_some() {
            return body();
        }
        let output = Command::new(std::env::current_exe().expect("this test program"))
            .args(["--exact", &format!("threads::tests::{test}"), "--nocapture"])
            .env(ALONE, "1")
            .output()
            .expect("it starts");
        let said = String::from_utf8_lossy(&output.stdout);
        let also = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("1 passed"), "{said}{also}");
    }

    /// Watches a thread that runs `body` until it is sent something.
    fn watch<T: Send + 'static>(
        body: impl FnOnce(&Receiver<()>) -> T + Send + 'static,
        look: impl FnOnce(&Threads),
    ) {
        let threads = Threads::from_now_on();
        let (go, gate) = mpsc::channel();
        let thread = thread::spawn(move || body(&gate));
        look(&threads);
        go.send(()).expect("the thread looks at its gate");
        thread.join().expect("its body does not panic");
    }

    #[test]
    fn a_thread_that_waits_for_ever_is_stuck() {
        alone("a_thread_that_waits_for_ever_is_stuck", || {
            watch(Receiver::recv, |threads| {
                threads.come_to_rest(|| false).unwrap();
                assert_eq!(threads.count(), 1);
                while threads.stuck().is_none() {
                    thread::yield_now();
                }
            });
        });
    }

    #[test]
    fn a_thread_with_a_timeout_rests_and_is_not_stuck() {
        alone("a_thread_with_a_timeout_rests_and_is_not_stuck", || {
            watch(
                |gate| gate.recv_timeout(Duration::from_secs(600)),
                |threads| {
                    threads.come_to_rest(|| false).unwrap();
                    assert!(threads.stuck().is_none());
                },
            );
        });
    }

    #[test]
    fn a_thread_that_looks_again_and_again_does_not_rest() {
        alone("a_thread_that_looks_again_and_again_does_not_rest", || {
            let spins = |gate: &Receiver<()>| {
                while gate.try_recv().is_err() {
                    thread::yield_now();
                }
            };
            watch(spins, |threads| assert!(threads.come_to_rest(|| false).is_err()));
            let naps = |gate: &Receiver<()>| {
                while gate.try_recv().is_err() {
                    thread::sleep(Duration::from_millis(1));
                }
            };
            watch(naps, |threads| assert!(threads.come_to_rest(|| false).is_err()));
        });
    }
}
