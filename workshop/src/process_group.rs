//! What is started in a process group ends with the group, and the group ends with this tool, however
//! the tool ends.
//!
//! Ctrl-C does not reach such a group, and an answer that loops for ever would outlive a tool that is
//! killed. So the first process of each group is a watchman, a shell that reads from a pipe. When
//! we are gone, so is the pipe's other end, and the shell kills the group. It is there before any other
//! process, and a process that is being started holds our end of the pipe until it is in the group: at no
//! moment is the group unwatched.
//!
//! A child that was started with a group of its own has left this one, and does not end with it.

use std::io;
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

#[cfg(unix)]
pub use unix::ProcessGroup;

#[cfg(not(unix))]
pub use elsewhere::ProcessGroup;

/// Waits until the child has ended; kills it at the limit, and returns `None` then.
pub fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    let mut pause = Duration::from_micros(500);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() >= limit {
            break;
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
    // It fails only for a child that has ended meanwhile.
    let _ = child.kill();
    child.wait()?;
    Ok(None)
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command, Stdio};

    use anyhow::Context;
    use rustix::process::{Pid, Signal, kill_process_group};

    /// Waits for the end of its input, then kills its group, itself included. An orphaned group may get a
    /// SIGHUP.
    const WATCHMAN: &str = "trap '' HUP; read -r nothing; kill -s KILL 0";

    /// A process group. It ends when this is dropped.
    pub struct ProcessGroup {
        /// Its input is what it reads from.
        watchman: Child,
    }

    impl ProcessGroup {
        /// A group that holds only the watchman.
        ///
        /// # Errors
        /// There is no shell.
        pub fn new() -> anyhow::Result<Self> {
            let mut command = Command::new("sh");
            command.args(["-c", WATCHMAN]).process_group(0);
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
            let watchman = command.spawn().context("starting sh, which ends what hangs")?;
            Ok(Self { watchman })
        }

        /// Starts a process in this group.
        ///
        /// # Errors
        /// Those of [`Command::spawn`].
        pub fn spawn(&self, command: &mut Command) -> io::Result<Child> {
            command.process_group(self.pid().as_raw_nonzero().get()).spawn()
        }

        /// Its number.
        pub fn id(&self) -> u32 {
            self.watchman.id()
        }

        /// Kills what is in it.
        pub fn kill(&self) {
            // It fails only for a group that has ended already.
            let _ = kill_process_group(self.pid(), Signal::KILL);
        }

        fn pid(&self) -> Pid {
            Pid::from_child(&self.watchman)
        }
    }

    impl Drop for ProcessGroup {
        fn drop(&mut self) {
            self.kill();
            // It cannot fail: this is the first wait for it. Until now the group's number was ours.
            let _ = self.watchman.wait();
        }
    }

    #[cfg(test)]
    mod tests {
        use std::time::Duration;

        use super::*;
        use crate::process_group::wait;

        #[test]
        fn a_starter_may_be_gone_before_the_watchman_has_begun() {
            // In a single run the watchman may be faster.
            for _ in 0..50 {
                let mut group = ProcessGroup::new().unwrap();
                let mut child = group.spawn(Command::new("sleep").arg("1000")).unwrap();
                // What the end of a process does to its pipes.
                drop(group.watchman.stdin.take());
                assert!(
                    wait(&mut child, Duration::from_secs(300)).unwrap().is_some(),
                    "the group was not watched"
                );
            }
        }
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use std::io;
    use std::process::{Child, Command};

    /// There are no groups here: a process ends when its parent ends it.
    pub struct ProcessGroup;

    impl ProcessGroup {
        pub fn new() -> anyhow::Result<Self> {
            Ok(Self)
        }

        pub fn spawn(&self, command: &mut Command) -> io::Result<Child> {
            command.spawn()
        }

        pub fn id(&self) -> u32 {
            0
        }

        pub fn kill(&self) {}
    }
}
