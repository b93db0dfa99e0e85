//! A thread whose panic ends the test, instead of leaving it to wait for a thread that is no
//! longer there.

use std::any::Any;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{process, thread};

use crate::server_process;

/// Runs `work` on a thread of its own that is never joined: a server under test, for example.
///
/// When it panics, `testkit: died: ` and the panic's message are printed to standard error, every
/// [`ServerProcess`](crate::ServerProcess) of this process is killed, and the process ends with
/// status 101. Without that, whoever talks to the server would wait for an answer until a
/// watchdog bites, and the panic's message would be lost.
pub fn background(work: impl FnOnce() + Send + 'static) {
    thread::spawn(move || {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            // Not eprintln!: the test harness captures that, and would take it along when the
            // process ends here.
            let _ = writeln!(std::io::stderr(), "testkit: died: {}", message(panic.as_ref()));
            server_process::kill_all();
            process::exit(101);
        }
    });
}

/// The words of a panic: those of `panic!` and the like are a `&str` or a `String`.
fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words")
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::sync::mpsc;

    use super::*;

    /// The child of [`a_panic_in_the_background_ends_the_process`]: panics when it is asked to.
    #[test]
    fn panics_when_asked_to() {
        if std::env::var_os("TESTKIT_PANIC").is_some() {
            let (_keep, never) = mpsc::channel::<()>();
            background(|| panic!("nobody {}", "serves"));
            let _ = never.recv();
        }
    }

    #[test]
    fn a_panic_in_the_background_ends_the_process() {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "background::tests::panics_when_asked_to"])
            .env("TESTKIT_PANIC", "1")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(101));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains("testkit: died: nobody serves"), "{stderr}");
    }
}
