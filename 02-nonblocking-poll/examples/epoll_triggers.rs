//! What epoll reports of the same bytes, in its three ways of reporting. Linux only.
//!
//! `cargo run -p nonblocking-poll --example epoll_triggers`
//!
//! *level*: as long as there is something to read. *edge*: when something has come. *oneshot*: once,
//! until it is asked again. mio uses *edge* on Linux; this calls epoll itself, through rustix.

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("this example calls epoll, which only Linux has");
}

#[cfg(target_os = "linux")]
fn main() -> anyhow::Result<()> {
    linux::main()
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io::{Read, Write};
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;

    use rustix::buffer::spare_capacity;
    use rustix::event::Timespec;
    use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};

    // ANCHOR: main
    pub fn main() -> anyhow::Result<()> {
        let mut watched = [
            Watched::new(EventFlags::IN)?,
            Watched::new(EventFlags::IN | EventFlags::ET)?,
            Watched::new(EventFlags::IN | EventFlags::ONESHOT)?,
        ];
        println!("{:<22}{:<8}{:<8}oneshot", "", "level", "edge");
        step("nothing came", &mut watched, |_| Ok(()))?;
        step("four bytes came", &mut watched, |it| Ok(it.sender.write_all(b"abcd")?))?;
        step("nothing was done", &mut watched, |_| Ok(()))?;
        step("two of them were read", &mut watched, |it| it.read_two())?;
        step("two more came", &mut watched, |it| Ok(it.sender.write_all(b"ef")?))?;
        step("asked again", &mut watched, |it| it.ask_again())?;
        step("two were read", &mut watched, |it| it.read_two())?;
        step("two were read: empty", &mut watched, |it| it.read_two())?;
        step("asked again", &mut watched, |it| it.ask_again())
    }

    /// Lets the same happen to each, and prints which of them is reported then.
    fn step(
        what: &str,
        watched: &mut [Watched; 3],
        happens: fn(&mut Watched) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut reported = ["-"; 3];
        for (it, reported) in watched.iter_mut().zip(&mut reported) {
            happens(it)?;
            if it.is_reported()? {
                *reported = "ready";
            }
        }
        let [level, edge, oneshot] = reported;
        println!("{what:<22}{level:<8}{edge:<8}{oneshot}");
        Ok(())
    }

    /// A socket, the end that sends to it, and an epoll of its own that watches it.
    struct Watched {
        epoll: OwnedFd,
        interest: EventFlags,
        socket: UnixStream,
        sender: UnixStream,
    }

    impl Watched {
        fn new(interest: EventFlags) -> anyhow::Result<Self> {
            let (socket, sender) = UnixStream::pair()?;
            let epoll = epoll::create(CreateFlags::CLOEXEC)?;
            epoll::add(&epoll, &socket, EventData::new_u64(0), interest)?;
            Ok(Self { epoll, interest, socket, sender })
        }

        fn read_two(&mut self) -> anyhow::Result<()> {
            Ok(self.socket.read_exact(&mut [0; 2])?)
        }

        /// What mio calls `reregister`.
        fn ask_again(&mut self) -> anyhow::Result<()> {
            Ok(epoll::modify(&self.epoll, &self.socket, EventData::new_u64(0), self.interest)?)
        }

        /// Asks once, without waiting.
        fn is_reported(&self) -> anyhow::Result<bool> {
            let mut events = Vec::with_capacity(1);
            let now = Timespec { tv_sec: 0, tv_nsec: 0 };
            epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&now))?;
            Ok(!events.is_empty())
        }
    }
    // ANCHOR_END: main
}
