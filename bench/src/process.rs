//! What the system knows of a server: memory, processor, switches (proc(5)).

use std::fs;
use std::ops::Sub;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;

/// What all threads of a process have used up so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// How long they were on a processor.
    pub cpu: Duration,
    /// How often they gave the processor away, because they had to wait.
    pub voluntary: u64,
    /// How often it was taken from them.
    pub involuntary: u64,
}

impl Sub for Usage {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            cpu: self.cpu.saturating_sub(before.cpu),
            voluntary: self.voluntary.saturating_sub(before.voluntary),
            involuntary: self.involuntary.saturating_sub(before.involuntary),
        }
    }
}

/// The usage of a process. Threads that have ended are not in it.
///
/// # Errors
/// The process has ended, or this system does not count (`CONFIG_SCHED_INFO`).
pub fn usage(pid: u32) -> anyhow::Result<Usage> {
    let tasks = format!("/proc/{pid}/task");
    let mut sum = Usage::default();
    for task in fs::read_dir(&tasks).with_context(|| format!("listing {tasks}"))? {
        // A thread may end between the listing and the reading.
        let Ok(of_thread) = thread_usage(&task?.path()) else { continue };
        let of_thread = of_thread.context("this system does not count what threads use")?;
        sum.cpu += of_thread.cpu;
        sum.voluntary += of_thread.voluntary;
        sum.involuntary += of_thread.involuntary;
    }
    Ok(sum)
}

/// The usage of one thread. None when its files are not as expected.
fn thread_usage(task: &Path) -> std::io::Result<Option<Usage>> {
    let schedstat = fs::read_to_string(task.join("schedstat"))?;
    let status = fs::read_to_string(task.join("status"))?;
    Ok(parse(&schedstat, &status))
}

fn parse(schedstat: &str, status: &str) -> Option<Usage> {
    Some(Usage {
        // In nanoseconds, unlike the ticks of /proc/PID/stat.
        cpu: Duration::from_nanos(schedstat.split(' ').next()?.parse().ok()?),
        voluntary: field(status, "voluntary_ctxt_switches:")?,
        involuntary: field(status, "nonvoluntary_ctxt_switches:")?,
    })
}

/// How much memory a process has, in KiB. What the kernel keeps for it is not in it: a stack for each
/// thread, page tables, the buffers of sockets.
///
/// # Errors
/// The process has ended.
pub fn resident_kib(pid: u32) -> anyhow::Result<u64> {
    let file = format!("/proc/{pid}/status");
    let status = fs::read_to_string(&file).with_context(|| format!("reading {file}"))?;
    field(&status, "VmRSS:").with_context(|| format!("{file} has no VmRSS"))
}

/// The processors that we may use, and the kernel.
///
/// # Errors
/// The system does not say.
pub fn machine() -> anyhow::Result<String> {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let kernel = kernel.trim().split('-').next().unwrap_or_default();
    let cores = std::thread::available_parallelism()?;
    Ok(format!("{cores} cores, Linux {kernel}"))
}

/// How many programs wanted a processor, on average over the last minute.
///
/// # Errors
/// There is no /proc/loadavg.
pub fn load_average() -> anyhow::Result<f64> {
    let text = fs::read_to_string("/proc/loadavg").context("reading /proc/loadavg")?;
    let first = text.split(' ').next().and_then(|number| number.parse().ok());
    first.context("/proc/loadavg does not begin with a number")
}

/// The number behind `name` in a file with a name in each line.
fn field(text: &str, name: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    value.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "Name:\tx\nVmRSS:\t    1234 kB\nnonvoluntary_ctxt_switches:\t2\n\
                          voluntary_ctxt_switches:\t7\n";

    #[test]
    fn one_kind_of_switch_is_not_taken_for_the_other() {
        let usage = parse("5000000 12 3\n", STATUS).unwrap();
        let cpu = Duration::from_millis(5);
        assert_eq!(usage, Usage { cpu, voluntary: 7, involuntary: 2 });
        assert_eq!(parse("5000000 12 3\n", "Name:\tx\n"), None);
    }

    #[test]
    fn a_process_that_counts_its_own_time_uses_it_up() {
        let before = usage(std::process::id()).unwrap();
        while (usage(std::process::id()).unwrap() - before).cpu.is_zero() {}
        assert!(resident_kib(std::process::id()).unwrap() > 100);
        assert!(resident_kib(u32::MAX).unwrap_err().to_string().contains("reading /proc/"));
    }
}
