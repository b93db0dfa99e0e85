//! A poller whose readiness is injected by hand: no socket, no system call, and nothing that waits.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, ErrorKind};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::readiness::{Event, Interest, Readiness, Registration, Trigger, WouldWaitForEver};

/// A poller for tests: they say what is ready, and it tells the code under test. A clone is the same
/// poller: one for the code, one for the test.
///
/// ```
/// use testkit::{FakePoller, Interest, Readiness, Trigger, WouldWaitForEver};
/// let poller = FakePoller::new(Trigger::Edge);
/// poller.register(7, Interest::READABLE)?;
/// poller.edge(7, Readiness::READABLE);
/// assert_eq!(poller.poll().map(|events| events[0].token), Ok(7));
/// assert_eq!(poller.poll(), Err(WouldWaitForEver));
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone)]
pub struct FakePoller {
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    trigger: Trigger,
    sources: BTreeMap<usize, Source>,
    /// What happens while a poll waits, one after the other.
    later: VecDeque<Box<dyn FnOnce() + Send>>,
    registrations: Vec<Registration>,
    polls_with_events: usize,
}

#[derive(Default)]
struct Source {
    /// What it is ready for, whoever is interested.
    state: Readiness,
    /// None: it is not registered.
    interest: Option<Interest>,
    /// What the next poll reports.
    pending: Readiness,
}

/// What the code under test does.
impl FakePoller {
    /// A poller that watches nothing.
    pub fn new(trigger: Trigger) -> Self {
        Self {
            shared: Arc::new(Mutex::new(Shared {
                trigger,
                sources: BTreeMap::new(),
                later: VecDeque::new(),
                registrations: Vec::new(),
                polls_with_events: 0,
            })),
        }
    }

    /// Watches a source. What it is ready for already is reported.
    ///
    /// # Errors
    /// `AlreadyExists`; `InvalidInput` for an interest in nothing, which mio cannot express.
    pub fn register(&self, token: usize, interest: Interest) -> io::Result<()> {
        self.lock().change(Registration::Register(token, interest))
    }

    /// Replaces the interest. What the source is ready for is reported, even if it was before.
    ///
    /// # Errors
    /// `NotFound`; `InvalidInput` for an interest in nothing.
    pub fn reregister(&self, token: usize, interest: Interest) -> io::Result<()> {
        self.lock().change(Registration::Reregister(token, interest))
    }

    /// Stops watching. What was not reported yet will not be.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn deregister(&self, token: usize) -> io::Result<()> {
        self.lock().change(Registration::Deregister(token))
    }

    /// Returns what is ready, in the order of the tokens. If nothing is, what the test has put into
    /// [`later`](Self::later) happens, until something is.
    ///
    /// # Errors
    /// A real poll would never return. The test knows whether that is right, and what to say.
    pub fn poll(&self) -> Result<Vec<Event>, WouldWaitForEver> {
        loop {
            let events = self.poll_now();
            if !events.is_empty() {
                return Ok(events);
            }
            // The lock is free while it happens: it uses this poller.
            let step = self.lock().later.pop_front();
            step.ok_or(WouldWaitForEver)?();
        }
    }

    /// Returns what is ready, which may be nothing: a poll with a timeout of zero.
    pub fn poll_now(&self) -> Vec<Event> {
        let mut shared = self.lock();
        let events = shared.take_events();
        shared.polls_with_events += usize::from(!events.is_empty());
        events
    }
}

/// What a test does, and sees.
impl FakePoller {
    /// From now on a read finds something, or nothing.
    pub fn set_readable(&self, token: usize, readable: bool) {
        self.lock().set(token, |state| state.readable = readable);
    }

    /// From now on a write finds room, or none.
    pub fn set_writable(&self, token: usize, writable: bool) {
        self.lock().set(token, |state| state.writable = writable);
    }

    /// From now on a read finds at least the end, or there is none in sight.
    pub fn set_read_closed(&self, token: usize, closed: bool) {
        self.lock().set(token, |state| {
            state.read_closed = closed;
            state.readable |= closed;
        });
    }

    /// Reports this once, in either mode, and whatever the state is: with nothing behind it, it is a
    /// spurious event. If no one has an interest in it at this moment, it is lost.
    pub fn edge(&self, token: usize, readiness: Readiness) {
        self.lock().source(token).arm(readiness);
    }

    /// Something happens while a poll waits: the first one that finds nothing ready calls it.
    pub fn later(&self, step: impl FnOnce() + Send + 'static) {
        self.lock().later.push_back(Box::new(step));
    }

    /// What a source is watched for. None: it is not registered.
    pub fn interest(&self, token: usize) -> Option<Interest> {
        self.lock().source(token).interest
    }

    /// The tokens that are registered now.
    pub fn registered(&self) -> Vec<usize> {
        let shared = self.lock();
        let watched = shared.sources.iter().filter(|(_, source)| source.interest.is_some());
        watched.map(|(token, _)| *token).collect()
    }

    /// Every registration and every change of one that succeeded, in order.
    pub fn registrations(&self) -> Vec<Registration> {
        self.lock().registrations.clone()
    }

    /// How many polls reported something. If it grows while nothing happens, a loop spins.
    pub fn polls_with_events(&self) -> usize {
        self.lock().polls_with_events
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().expect("nothing panics while it holds this lock")
    }
}

impl Shared {
    fn source(&mut self, token: usize) -> &mut Source {
        self.sources.entry(token).or_default()
    }

    fn change(&mut self, registration: Registration) -> io::Result<()> {
        let (token, interest) = match registration {
            Registration::Register(token, interest) => (token, Some(interest)),
            Registration::Reregister(token, interest) => (token, Some(interest)),
            Registration::Deregister(token) => (token, None),
        };
        let source = self.source(token);
        let is_new = matches!(registration, Registration::Register(..));
        match (is_new, source.interest) {
            (true, Some(_)) => return Err(ErrorKind::AlreadyExists.into()),
            (false, None) => return Err(ErrorKind::NotFound.into()),
            _ if interest.is_some_and(Interest::is_empty) => {
                return Err(ErrorKind::InvalidInput.into());
            }
            _ => source.interest = interest,
        }
        // As epoll does it: what was pending is judged anew, and what is ready now is an edge.
        let pending = mem::take(&mut source.pending);
        source.arm(pending.or(source.state));
        self.registrations.push(registration);
        Ok(())
    }

    fn set(&mut self, token: usize, change: impl FnOnce(&mut Readiness)) {
        let source = self.source(token);
        let before = source.state;
        change(&mut source.state);
        // What is over before a poll has seen it is not reported.
        source.pending = source.pending.without(before.without(source.state));
        source.arm(source.state.without(before));
    }

    fn take_events(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        for (&token, source) in &mut self.sources {
            if self.trigger == Trigger::Level {
                source.arm(source.state);
            }
            let Readiness { readable, writable, read_closed } = mem::take(&mut source.pending);
            if readable || writable || read_closed {
                events.push(Event { token, readable, writable, read_closed });
            }
        }
        events
    }
}

impl Source {
    fn arm(&mut self, readiness: Readiness) {
        self.pending = self.pending.or(readiness.of_interest(self.interest));
    }
}
