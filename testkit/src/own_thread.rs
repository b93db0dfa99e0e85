//! What the system has counted of the thread that asks: how long it has worked, how often it has
//! waited.

use std::time::Duration;

/// How long processors have worked for this thread. Unlike a clock it stands still while other
/// threads have the processor, so a busy machine hardly changes it. Always zero where the system does
/// not report it.
///
/// Compare two costs with each other, never one with a number of seconds: machines differ.
pub fn processor_time() -> Duration {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        let [seconds, nanos] = [time.tv_sec, time.tv_nsec].map(u64::try_from);
        let [seconds, nanos] = [seconds, nanos].map(|part| part.expect("time is not negative"));
        Duration::from_secs(seconds) + Duration::from_nanos(nanos)
    }
    #[cfg(not(unix))]
    Duration::ZERO
}

/// How often this thread has slept or waited, for whatever reason. Always zero where the system does not
/// report it, as Linux does.
///
/// Code that runs for the first time may wait for the disk it is read from: of several runs, take the
/// one that waits least.
pub fn times_waited() -> usize {
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
    let count = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    count.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// How often a thread waits when it does this.
    #[cfg(target_os = "linux")]
    fn waits(act: impl Fn()) -> usize {
        let one = |_| {
            let before = times_waited();
            act();
            times_waited() - before
        };
        (0..5).map(one).min().expect("there are several")
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn who_sleeps_has_waited_and_who_works_has_not() {
        assert!(waits(|| std::thread::sleep(Duration::from_millis(1))) > 0);
        assert_eq!(waits(|| drop(vec![1; 10_000])), 0);
    }

    #[test]
    fn it_stands_still_while_another_thread_works() {
        let work = || {
            let begin = processor_time();
            while processor_time() - begin < Duration::from_millis(5) {}
        };
        let before = processor_time();
        std::thread::spawn(work).join().expect("it only counts");
        assert!(processor_time() - before < Duration::from_millis(5));
        work();
        assert!(processor_time() - before >= Duration::from_millis(5));
    }
}
