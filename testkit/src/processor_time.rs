//! The time that a thread has worked, for tests of what a step costs.

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

#[cfg(all(test, unix))]
mod tests {
    use super::*;

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
