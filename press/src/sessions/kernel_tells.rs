//! Whether the kernel of this system tells where in it a thread sleeps (`wchan`, proc(5)).

use std::fs;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

/// How long a thread may take until it sleeps.
const PATIENCE: Duration = Duration::from_secs(1);

/// Has a thread of ours sleep, and looks at it. False where there is no /proc.
pub(super) fn where_we_sleep() -> bool {
    let (awake, sleeper) = channel::<()>();
    let (tell, told) = channel();
    let thread = thread::spawn(move || {
        // Nobody listens only if this program ends.
        let _ = tell.send(fs::read_link("/proc/thread-self"));
        // Until the other end is dropped.
        let _ = sleeper.recv();
    });
    let deadline = Instant::now() + PATIENCE;
    let tells = told.recv().is_ok_and(|link| {
        let Ok(link) = link else { return false };
        let place = std::path::Path::new("/proc").join(link).join("wchan");
        loop {
            match fs::read_to_string(&place) {
                Ok(place) if place != "0" && !place.is_empty() => return true,
                Ok(_) if Instant::now() < deadline => thread::sleep(Duration::from_millis(1)),
                _ => return false,
            }
        }
    });
    drop(awake);
    // It only sleeps.
    let _ = thread.join();
    tells
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_kernel_that_tells_of_others_tells_of_us() {
        // On a system that tells of nobody there is nothing to compare with.
        let told = |pid: u32| std::fs::read_to_string(format!("/proc/{pid}/wchan"));
        let mut sleeper = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
        let deadline = std::time::Instant::now() + super::PATIENCE;
        let mut other = String::new();
        while matches!(other.as_str(), "" | "0") && std::time::Instant::now() < deadline {
            other = told(sleeper.id()).unwrap_or_default();
        }
        sleeper.kill().unwrap();
        sleeper.wait().unwrap();
        assert_eq!(super::where_we_sleep(), !matches!(other.as_str(), "" | "0"));
    }
}
