//! Another right answer: slots with generations, and each slot notes that an event has come.

use std::io::{self, ErrorKind};
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

use testkit::{FakePoller, Interest, WouldWaitForEver};
use testkit::{WatchedGuard as MutexGuard, WatchedMutex as Mutex};

pub struct Reactor {
    poller: FakePoller,
    sources: Mutex<Sources>,
}

#[derive(Default)]
struct Sources {
    slots: Vec<Slot>,
    free: Vec<usize>,
}

#[derive(Default)]
struct Slot {
    generation: usize,
    reported: bool,
    waker: Option<Waker>,
}

const SLOTS: usize = 1 << 16;

impl Sources {
    fn slot(&mut self, key: usize) -> Option<&mut Slot> {
        self.slots.get_mut(key % SLOTS).filter(|slot| slot.generation == key / SLOTS)
    }
}

pub struct Source {
    reactor: Arc<Reactor>,
    key: usize,
}

impl Reactor {
    pub fn new(poller: FakePoller) -> Arc<Self> {
        Arc::new(Self { poller, sources: Mutex::default() })
    }

    pub fn register(self: &Arc<Self>) -> io::Result<Source> {
        let mut sources = self.lock();
        let index = sources.free.pop().unwrap_or_else(|| {
            sources.slots.push(Slot::default());
            sources.slots.len() - 1
        });
        let key = sources.slots[index].generation * SLOTS + index;
        drop(sources);
        let source = Source { reactor: self.clone(), key };
        self.poller.register(key, Interest::READABLE)?;
        Ok(source)
    }

    pub fn len(&self) -> usize {
        let sources = self.lock();
        sources.slots.len() - sources.free.len()
    }

    pub fn turn(&self) -> Result<(), WouldWaitForEver> {
        for event in self.poller.poll()? {
            let waker = self.lock().slot(event.token).and_then(|slot| {
                slot.reported = true;
                slot.waker.take()
            });
            if let Some(waker) = waker {
                waker.wake();
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Sources> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Source {
    pub fn key(&self) -> usize {
        self.key
    }

    fn with_slot<R>(&self, change: impl FnOnce(&mut Slot) -> R) -> R {
        let mut sources = self.reactor.lock();
        change(sources.slot(self.key).expect("it is there until this is dropped"))
    }

    pub fn poll_readable<R>(
        &self,
        cx: &mut Context<'_>,
        mut call: impl FnMut() -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        loop {
            self.with_slot(|slot| slot.reported = false);
            match call() {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result),
            }
            let mut waker = Some(cx.waker().clone());
            let reported = self.with_slot(|slot| {
                if !slot.reported {
                    std::mem::swap(&mut slot.waker, &mut waker);
                }
                slot.reported
            });
            if !reported {
                return Poll::Pending;
            }
        }
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        let _ = self.reactor.poller.deregister(self.key);
        let waker = {
            let mut sources = self.reactor.lock();
            sources.free.push(self.key % SLOTS);
            sources.slot(self.key).and_then(|slot| {
                slot.generation += 1;
                slot.waker.take()
            })
        };
        drop(waker);
    }
}
