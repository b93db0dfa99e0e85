//! Ends the tests that run, whatever ends this tool: a process of its own, which outlives it.
//!
//! Each test runs in a process group of its own, so that what it starts can be ended with it. Such a
//! group hears no Ctrl-C, and an answer that loops for ever would outlive a tool that is killed. The
//! watchman reads from a pipe; when its other end is gone, so are we, and it kills the groups.

#[cfg(unix)]
pub(crate) use unix::{ask_to_end, kill, tell, watch};

/// What happens to a process group.
#[derive(Clone, Copy)]
pub(crate) enum News {
    Started,
    Ended,
}

#[cfg(unix)]
mod unix {
    use std::io::{self, BufRead, Write};
    use std::os::unix::process::CommandExt;
    use std::process::{ChildStdin, Command, Stdio};
    use std::sync::{Mutex, OnceLock};

    use rustix::process::{Pid, Signal, kill_process_group};

    use super::News;

    /// The pipe to the watchman, who is started when there is something to tell for the first time.
    fn pipe() -> Option<&'static Mutex<ChildStdin>> {
        static PIPE: OnceLock<Option<Mutex<ChildStdin>>> = OnceLock::new();
        let start = || {
            let mut command = Command::new(std::env::current_exe().ok()?);
            command.arg("watchman").process_group(0);
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
            Some(Mutex::new(command.spawn().ok()?.stdin.take()?))
        };
        PIPE.get_or_init(start).as_ref()
    }

    /// Tells the watchman of a process group. Without a watchman, tests run all the same.
    pub(crate) fn tell(news: News, group: u32) {
        let sign = if matches!(news, News::Started) { '+' } else { '-' };
        if let Some(pipe) = pipe() {
            let _ = writeln!(pipe.lock().expect("nobody panics while telling"), "{sign}{group}");
        }
    }

    /// Kills a process group.
    pub(crate) fn kill(group: u32) {
        signal(group, Signal::KILL);
    }

    /// Asks a process group to end.
    pub(crate) fn ask_to_end(group: u32) {
        signal(group, Signal::TERM);
    }

    /// It fails only for a group that has ended already.
    fn signal(group: u32, signal: Signal) {
        if let Some(group) = i32::try_from(group).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, signal);
        }
    }

    /// The life of the watchman.
    pub(crate) fn watch() {
        let mut groups = Vec::new();
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            let Some((sign, group)) = line.split_at_checked(1) else { continue };
            let Ok(group) = group.parse::<u32>() else { continue };
            match sign {
                "+" => groups.push(group),
                _ => groups.retain(|known| *known != group),
            }
        }
        groups.into_iter().for_each(kill);
    }
}

#[cfg(not(unix))]
pub(crate) fn tell(_: News, _: u32) {}

#[cfg(not(unix))]
pub(crate) fn kill(_: u32) {}

#[cfg(not(unix))]
pub(crate) fn ask_to_end(_: u32) {}

#[cfg(not(unix))]
pub(crate) fn watch() {}
