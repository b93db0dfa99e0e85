//! Keys of the terminal, one by one: no Return is needed, and none is echoed.
//!
//! Ctrl-C and Ctrl-Z are still signals, so they work at any time. Before one of them ends or stops us,
//! and when we end otherwise, the terminal is given back as it was.

use std::io::{ErrorKind, IsTerminal, Read, Write, stderr, stdin};
use std::sync::OnceLock;
use std::thread;

use anyhow::Context;
use rustix::process::getpgrp;
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetpgrp, tcsetattr,
};
use signal_hook::consts::{SIGCONT, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::event::Event;
use crate::terminal::is_screen;

/// How the terminal was.
static BEFORE: OnceLock<Termios> = OnceLock::new();

/// Keys are read as long as this is held.
pub(crate) struct Keys;

impl Keys {
    /// Calls `tell` with what the terminal reports, on threads of its own. `q` ends the process. None:
    /// there is no terminal to read from, or another program has it.
    pub(crate) fn read(
        tell: impl Fn(Event) + Clone + Send + 'static,
    ) -> anyhow::Result<Option<Self>> {
        let ours = || tcgetpgrp(stdin()).is_ok_and(|group| group == getpgrp());
        if !stdin().is_terminal() || !is_screen() || !ours() {
            return Ok(None);
        }
        // Not SIGHUP: the terminal is gone then, and nohup may have had it ignored.
        let mut signals = Signals::new([SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGCONT, SIGWINCH])?;
        take().context("setting the terminal")?;
        let keys = Self;
        let told = tell.clone();
        let follow = move || {
            for signal in &mut signals {
                match signal {
                    SIGWINCH => told(Event::Redraw),
                    SIGCONT => {
                        // It fails only for a terminal that is gone.
                        let _ = take();
                        told(Event::Redraw);
                    }
                    _ => {
                        give_back();
                        // It knows these signals.
                        let _ = emulate_default_handler(signal);
                    }
                }
            }
        };
        thread::Builder::new().name("signals".into()).spawn(follow)?;
        thread::Builder::new().name("keys".into()).spawn(move || read(tell))?;
        Ok(Some(keys))
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        give_back();
    }
}

fn read(tell: impl Fn(Event)) {
    let mut bytes = [0; 64];
    loop {
        match stdin().read(&mut bytes) {
            // An arrow or a function key: several bytes, which are none of our keys.
            Ok(1..) if bytes[0] == b'\x1b' => {}
            Ok(n @ 1..) => {
                for byte in &bytes[..n] {
                    if *byte == b'q' {
                        give_back();
                        std::process::exit(0);
                    }
                    tell(Event::Key((*byte).into()));
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // The terminal is gone.
            _ => return,
        }
    }
}

/// Has the terminal hand on each key at once, without showing it.
fn take() -> rustix::io::Result<()> {
    let mut terminal = tcgetattr(stdin())?;
    BEFORE.get_or_init(|| terminal.clone());
    terminal.local_modes -= LocalModes::ICANON | LocalModes::ECHO;
    terminal.special_codes[SpecialCodeIndex::VMIN] = 1;
    terminal.special_codes[SpecialCodeIndex::VTIME] = 0;
    tcsetattr(stdin(), OptionalActions::Now, &terminal)
}

/// Sets the terminal as it was, and leaves the row that was written last.
fn give_back() {
    if let Some(before) = BEFORE.get() {
        // Both fail only for a terminal that is gone.
        let _ = tcsetattr(stdin(), OptionalActions::Now, before);
        let _ = stderr().write_all(b"\n");
    }
}
