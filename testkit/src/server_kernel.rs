//! What the kernel tells of a server, and what it may be told: processor time, descriptors, threads.

use std::io;
use std::time::Duration;
use std::{fs, thread};

use crate::ServerProcess;

impl ServerProcess {
    /// How many descriptors it has open, from /proc/PID/fd.
    ///
    /// # Errors
    /// `Unsupported` where there is no such folder.
    pub fn descriptors(&self) -> io::Result<usize> {
        let folder = fs::read_dir(format!("/proc/{}/fd", self.id()));
        Ok(folder.map_err(|_| io::Error::from(io::ErrorKind::Unsupported))?.count())
    }

    /// How many threads it has, from /proc/PID/task.
    ///
    /// # Errors
    /// `Unsupported` where there is no such folder.
    pub fn threads(&self) -> io::Result<usize> {
        let folder = fs::read_dir(format!("/proc/{}/task", self.id()));
        Ok(folder.map_err(|_| io::Error::from(io::ErrorKind::Unsupported))?.count())
    }

    /// Watches until it uses no processor for a whole `window`: at most 10 ms, and 1 ms more for each time
    /// that it wakes, which is at most each 10 ms. It does not wait if there
    /// is no such window among four, or one of which it used a quarter: on a busy machine, what it had
    /// still to do when it was asked falls into the first.
    ///
    /// Two of Linux's counts are asked. /proc/PID/task/TID/schedstat counts nanoseconds, of threads
    /// that still live; /proc/PID/stat also counts those that have ended, in ticks of a hundredth of
    /// a second, so two of them are allowed (proc(5)).
    ///
    /// # Errors
    /// It did, and for how long. `Unsupported` where there are no such files.
    pub fn expect_idle(&self, window: Duration) -> io::Result<()> {
        const WINDOWS: usize = 4;
        const ALLOWED: Duration = Duration::from_millis(10);
        const FOR_A_WAKE: Duration = Duration::from_millis(1);
        const TICKS_ALLOWED: u64 = 2;
        let wakes_allowed = window.as_millis() / 10;
        let (mut used, mut wakes) = (Duration::ZERO, 0);
        for _ in 0..WINDOWS {
            let before = (self.nanoseconds()?, self.ticks()?, self.waited()?);
            thread::sleep(window);
            used = Duration::from_nanos(self.nanoseconds()?.saturating_sub(before.0));
            let ticks = self.ticks()?.saturating_sub(before.1);
            wakes = self.waited()?.saturating_sub(before.2);
            let allowed = ALLOWED + FOR_A_WAKE * u32::try_from(wakes).unwrap_or(u32::MAX);
            let ticks_allowed = TICKS_ALLOWED + wakes / 10;
            if used <= allowed && ticks <= ticks_allowed && u128::from(wakes) <= wakes_allowed {
                return Ok(());
            }
            used = used.max(Duration::from_millis(10 * ticks));
            if used > window / 4 {
                break;
            }
        }
        let message = format!(
            "idle, it woke {wakes} times and used the processor for {used:?} in {window:?}"
        );
        Err(io::Error::other(message))
    }

    /// How long its living threads were on a processor so far.
    fn nanoseconds(&self) -> io::Result<u64> {
        let unsupported = || io::Error::from(io::ErrorKind::Unsupported);
        let tasks = fs::read_dir(format!("/proc/{}/task", self.id()));
        let mut sum = None;
        for task in tasks.map_err(|_| unsupported())? {
            // A thread may end between the listing and the reading.
            let Ok(line) = fs::read_to_string(task?.path().join("schedstat")) else {
                continue;
            };
            let on_cpu = line.split(' ').next().and_then(|field| field.parse::<u64>().ok());
            *sum.get_or_insert(0) += on_cpu.ok_or_else(unsupported)?;
        }
        sum.ok_or_else(unsupported)
    }

    /// How long all its threads, past and present, were on a processor so far.
    fn ticks(&self) -> io::Result<u64> {
        let unsupported = || io::Error::from(io::ErrorKind::Unsupported);
        let line = fs::read_to_string(format!("/proc/{}/stat", self.id()));
        let line = line.map_err(|_| unsupported())?;
        // utime and stime are the fields 14 and 15; the second one is a name that may hold spaces.
        let fields = line.rsplit_once(") ").map(|(_, rest)| rest.split(' ').skip(11).take(2));
        let parse = |field: &str| field.parse::<u64>().ok();
        fields.and_then(|fields| fields.map(parse).sum::<Option<u64>>()).ok_or_else(unsupported)
    }

    /// Lowers the limit on its open files so that it can open `more`, and no others. (A thread that
    /// waits in accept(2) has its descriptor already.)
    ///
    /// # Errors
    /// `Unsupported` where there is no prlimit(2).
    pub fn limit_descriptors(&self, more: usize) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        {
            use rustix::process::{Pid, Resource, Rlimit, prlimit};
            let mut open = std::collections::HashSet::new();
            for entry in fs::read_dir(format!("/proc/{}/fd", self.id()))? {
                let name = entry?.file_name();
                open.extend(name.to_str().and_then(|name| name.parse::<u64>().ok()));
            }
            // The limit is on numbers: below it there are to be `more` that are free.
            let mut free = (0..).filter(|number| !open.contains(number));
            let limit = free.nth(more);
            let pid = i32::try_from(self.id()).ok().and_then(Pid::from_raw);
            prlimit(pid, Resource::Nofile, Rlimit { current: limit, maximum: limit })?;
            Ok(())
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = more;
            Err(io::ErrorKind::Unsupported.into())
        }
    }

    /// Stops it where it is: SIGSTOP, and all its threads have stopped. Meanwhile clients and upstreams
    /// can do what it will then find all at once.
    ///
    /// # Errors
    /// `Unsupported` where that cannot be seen.
    pub fn stop(&self) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        {
            self.signal(rustix::process::Signal::STOP)?;
            while self.of_each_thread("stat", state)?.iter().any(|state| state != "T") {
                if self.exited()?.is_some() {
                    return Err(io::Error::other("the process has ended"));
                }
                thread::yield_now();
            }
            Ok(())
        }
        #[cfg(not(target_os = "linux"))]
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Lets it run again: SIGCONT.
    ///
    /// # Errors
    /// Those of kill(2).
    pub fn resume(&self) -> io::Result<()> {
        #[cfg(unix)]
        return self.signal(rustix::process::Signal::CONT);
        #[cfg(not(unix))]
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Whether one of its threads is in a `sleep` at this moment: /proc/PID/task/TID/wchan names the
    /// function of the kernel in which a thread waits.
    ///
    /// # Errors
    /// `Unsupported` where there is no such file.
    pub fn sleeps(&self) -> io::Result<bool> {
        let places = self.of_each_thread("wchan", str::to_owned)?;
        Ok(places.iter().any(|place| place.contains("nanosleep")))
    }

    /// Whether all its threads wait for something.
    ///
    /// # Errors
    /// `Unsupported` where there is no /proc/PID/task.
    pub fn waits(&self) -> io::Result<bool> {
        Ok(self.of_each_thread("stat", state)?.iter().all(|state| state == "S"))
    }

    /// How often its threads have waited so far: given up the processor because there was nothing to
    /// do, from /proc/PID/task/TID/status.
    ///
    /// # Errors
    /// `Unsupported` where there is no such file.
    pub fn waited(&self) -> io::Result<u64> {
        let count = |status: &str| {
            let line =
                status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
            line.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
        };
        Ok(self.of_each_thread("status", count)?.iter().sum::<u64>())
    }

    fn of_each_thread<T>(&self, file: &str, read: impl Fn(&str) -> T) -> io::Result<Vec<T>> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.id()));
        let mut found = Vec::new();
        for task in tasks.map_err(|_| io::Error::from(io::ErrorKind::Unsupported))? {
            // A thread may end between the listing and the reading.
            if let Ok(text) = fs::read_to_string(task?.path().join(file)) {
                found.push(read(&text));
            }
        }
        Ok(found)
    }
}

/// The state of a thread in a line of /proc/PID/task/TID/stat. The field before it is a name that may
/// hold spaces.
pub(crate) fn state(line: &str) -> String {
    line.rsplit_once(") ").map_or("", |(_, rest)| &rest[..1]).to_owned()
}
