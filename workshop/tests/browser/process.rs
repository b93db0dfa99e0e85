//! A program that runs beside a test.

use std::io::{BufRead, BufReader};
use std::process::Child;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

/// Ended when it is dropped, so also when a test panics.
pub struct Process {
    child: Child,
    /// What it writes to standard output. A thread reads it, so that the pipe is never full.
    lines: Receiver<String>,
}

impl Process {
    /// Takes a child whose standard output is a pipe.
    pub fn new(mut child: Child) -> Self {
        let output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            // When nobody asks for lines any more, they are read all the same.
            output.lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)));
        });
        Self { child, lines }
    }

    /// What follows `mark` in the first line that holds it.
    pub fn says(&self, mark: &str) -> String {
        let mut said = String::new();
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(300)).unwrap_or_else(|error| {
                panic!("no line with `{mark}` was written ({error}), but this:\n{said}")
            });
            if let Some((_, rest)) = line.split_once(mark) {
                return rest.to_owned();
            }
            said += &(line + "\n");
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
