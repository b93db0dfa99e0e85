//! Which processor is whose.
//!
//! The server gets one and the load another, so that neither takes time from the other, and so that a
//! server's figure is what *one* processor serves. That holds for the thread-for-each-client server
//! too, although its threads could use more: on a machine of two, its second processor would be the
//! load's, and the figure would say who of the two was quicker to take it. What is compared is the
//! cost of an echo, not the number of processors that a design can fill. Those that run on two threads
//! are told apart by their names (`tasks_2`): they get all processors, and share one with the load.

use std::io;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Who runs where.
pub struct Cores {
    /// Where servers of one processor run. None: wherever the system likes.
    pub server: Option<usize>,
    /// All processors that we may use.
    pub all: Vec<usize>,
    /// For the results: how it was arranged, or why it was not.
    pub note: String,
}

/// Keeps this thread on one processor, and leaves another for servers, if there are two.
pub fn divide() -> Cores {
    let refused =
        |why: String| Cores { server: None, all: Vec::new(), note: format!("not pinned: {why}") };
    let allowed = match sched_getaffinity(None) {
        Ok(set) => (0..CpuSet::MAX_CPU).filter(|&core| set.is_set(core)).collect::<Vec<_>>(),
        Err(error) => {
            return refused(format!("the system does not say which cores are ours: {error}"));
        }
    };
    let (Some(&load), Some(&server)) = (allowed.first(), allowed.last()) else {
        return refused("no core is ours".to_owned());
    };
    if load == server {
        return refused("there is one core for both".to_owned());
    }
    match pin(&[load]) {
        Ok(()) => {
            let note = format!("pinned: every server to core {server}, the load to core {load}");
            Cores { server: Some(server), all: allowed, note }
        }
        Err(error) => refused(format!("the system refuses: {error}")),
    }
}

/// Keeps the calling thread, and what it starts from now on, on these processors.
///
/// # Errors
/// There is no such processor, or it is not ours.
pub fn pin(cores: &[usize]) -> io::Result<()> {
    let mut set = CpuSet::new();
    for &core in cores {
        if core >= CpuSet::MAX_CPU {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "there is no such core"));
        }
        set.set(core);
    }
    Ok(sched_setaffinity(None, &set)?)
}
