//! A server as a child process that cannot outlive its test.

use std::io::{self, BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// How long a server may take until it listens.
const START: Duration = Duration::from_secs(10);

/// How a server's first line begins.
const ANNOUNCEMENT: &str = "listening on ";

/// Set in the environment of a test that is run as a server.
const SERVER: &str = "TESTKIT_SERVER";

/// Every child that is still held by a test, for [`kill_all`].
static CHILDREN: Mutex<Vec<Weak<Mutex<Child>>>> = Mutex::new(Vec::new());

/// A running server. Dropping it kills the process and waits for it (only a SIGKILL of the test itself
/// leaves it running); so does a
/// [`watchdog`](crate::watchdog) that bites.
pub struct ServerProcess {
    child: Arc<Mutex<Child>>,
    pid: u32,
    addr: SocketAddr,
    /// What the server writes to standard error, sent once it has ended.
    log: Receiver<String>,
}

impl ServerProcess {
    /// Starts the command with `--addr 127.0.0.1:0` added, and waits for its first line,
    /// `listening on ADDR`.
    ///
    /// # Errors
    /// The command cannot be started; within ten seconds it has printed no such line (what it
    /// wrote to standard error is part of the message).
    pub fn start(mut command: Command) -> io::Result<Self> {
        command.args(["--addr", "127.0.0.1:0"]);
        Self::spawn(command, 1)
    }

    /// Runs one test function of this test program once more, in a process of its own, as a
    /// server, with these variables in its environment. The function finds
    /// out by [`is_server`](Self::is_server) what it is there for; it prints `listening on
    /// ADDR`, and serves.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_test(name: &str, environment: &[(&str, &str)]) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--exact", name, "--nocapture"]).env(SERVER, "1");
        // With a single thread, libtest writes the test's name before its output, in the same line.
        command.env("RUST_TEST_THREADS", "2");
        command.envs(environment.iter().copied());
        // libtest announces the test with an empty line and another one.
        Self::spawn(command, 3)
    }

    /// Whether this process was started by [`start_test`](Self::start_test).
    pub fn is_server() -> bool {
        std::env::var_os(SERVER).is_some()
    }

    /// `listening on` is to be among the first `lines`.
    fn spawn(mut command: Command, lines: usize) -> io::Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| io::Error::new(error.kind(), format!("{command:?}: {error}")))?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let pid = child.id();
        let child = Arc::new(Mutex::new(child));
        CHILDREN.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&child));

        let (first_line, announced) = mpsc::channel();
        let (whole_log, log) = mpsc::channel();
        // Both pipes are read to their end, or a server that writes much would block.
        thread::spawn(move || {
            let mut output = BufReader::new(stdout.expect("stdout is piped")).lines();
            let mut first = output.by_ref().take(lines).map_while(Result::ok);
            let announcement = first.find(|line| line.starts_with(ANNOUNCEMENT));
            let _ = first_line.send(announcement);
            output.for_each(drop);
        });
        thread::spawn(move || {
            let mut text = Vec::new();
            let _ = stderr.expect("stderr is piped").read_to_end(&mut text);
            let _ = whole_log.send(String::from_utf8_lossy(&text).into_owned());
        });

        let line = announced.recv_timeout(START).ok().flatten().unwrap_or_default();
        let addr = line.strip_prefix(ANNOUNCEMENT).and_then(|addr| addr.trim().parse().ok());
        let mut server = Self { child, pid, addr: SocketAddr::from(([127, 0, 0, 1], 0)), log };
        match addr {
            Some(addr) => server.addr = addr,
            None => {
                let log = server.kill();
                let message = format!("{command:?} did not print `{ANNOUNCEMENT}ADDR`\n{log}");
                return Err(io::Error::other(message));
            }
        }
        Ok(server)
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.pid
    }

    /// Kills the process, waits for its end, and returns all that it wrote to standard error. A second
    /// call returns nothing.
    pub fn kill(&mut self) -> String {
        end(&self.child);
        self.log.recv_timeout(START).unwrap_or_else(|error| match error {
            RecvTimeoutError::Disconnected => String::new(),
            RecvTimeoutError::Timeout => format!(
                "(no log: {START:?} after the server was killed, a process that it started still has its \
                 standard error)"
            ),
        })
    }

    /// Whether the process has ended, and how.
    ///
    /// # Errors
    /// Whatever waitpid(2) reports.
    pub fn exited(&self) -> io::Result<Option<ExitStatus>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner).try_wait()
    }

    /// Waits until the process has ended, `None` when it has not within `limit`.
    ///
    /// # Errors
    /// Whatever waitpid(2) reports.
    pub fn wait(&self, limit: Duration) -> io::Result<Option<ExitStatus>> {
        let start = Instant::now();
        loop {
            match self.exited()? {
                None if start.elapsed() < limit => thread::sleep(Duration::from_millis(2)),
                ended => return Ok(ended),
            }
        }
    }

    /// Asks the process to end: SIGTERM. One that has ended already is not asked.
    ///
    /// # Errors
    /// `Unsupported` where there are no signals.
    pub fn terminate(&self) -> io::Result<()> {
        #[cfg(unix)]
        return self.signal(rustix::process::Signal::TERM);
        #[cfg(not(unix))]
        Err(io::ErrorKind::Unsupported.into())
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: rustix::process::Signal) -> io::Result<()> {
        // Held until the signal is sent: nobody else may wait for the child meanwhile, after
        // which its number could be another process's.
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        if child.try_wait()?.is_some() {
            return Ok(());
        }
        let pid = i32::try_from(self.pid).ok().and_then(rustix::process::Pid::from_raw);
        let pid = pid.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(rustix::process::kill_process(pid, signal)?)
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        end(&self.child);
    }
}

fn end(child: &Mutex<Child>) {
    let mut child = child.lock().unwrap_or_else(PoisonError::into_inner);
    // Both fail only for a child that has ended already.
    let _ = child.kill();
    let _ = child.wait();
}

/// The ids of the servers that tests of this process hold.
pub(crate) fn running() -> Vec<u32> {
    let children = CHILDREN.lock().unwrap_or_else(PoisonError::into_inner);
    let id = |child: Arc<Mutex<Child>>| child.lock().unwrap_or_else(PoisonError::into_inner).id();
    children.iter().filter_map(Weak::upgrade).map(id).collect()
}

/// Ends every server that a test of this process still holds.
pub(crate) fn kill_all() {
    let children = std::mem::take(&mut *CHILDREN.lock().unwrap_or_else(PoisonError::into_inner));
    children.iter().filter_map(Weak::upgrade).for_each(|child| end(&child));
}
