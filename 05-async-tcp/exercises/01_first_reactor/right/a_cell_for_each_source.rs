//! Another right answer: the waker is in a cell of its own, and it is there before the first call.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

use testkit::{FakePoller, Interest, WatchedMutex as Mutex, WouldWaitForEver};

type Cell = Arc<Mutex<Option<Waker>>>;

pub struct Reactor {
    poller: FakePoller,
    next_key: AtomicUsize,
    sources: Mutex<HashMap<usize, Cell>>,
}

pub struct Source {
    reactor: Arc<Reactor>,
    key: usize,
    cell: Cell,
}

impl Reactor {
    pub fn new(poller: FakePoller) -> Arc<Self> {
        let next_key = AtomicUsize::new(100);
        Arc::new(Self { poller, next_key, sources: Mutex::default() })
    }

    pub fn register(self: &Arc<Self>) -> io::Result<Source> {
        let key = self.next_key.fetch_add(7, Ordering::Relaxed);
        self.poller.register(key, Interest::READABLE)?;
        let cell = Cell::default();
        self.with(|sources| sources.insert(key, cell.clone()));
        Ok(Source { reactor: self.clone(), key, cell })
    }

    pub fn len(&self) -> usize {
        self.with(|sources| sources.len())
    }

    pub fn turn(&self) -> Result<(), WouldWaitForEver> {
        let events = self.poller.poll()?;
        let find = |sources: &mut HashMap<usize, Cell>| -> Vec<Cell> {
            events.iter().filter_map(|event| sources.get(&event.token).cloned()).collect()
        };
        for cell in self.with(find) {
            let waker = take(&cell);
            waker.iter().for_each(Waker::wake_by_ref);
        }
        Ok(())
    }

    fn with<R>(&self, change: impl FnOnce(&mut HashMap<usize, Cell>) -> R) -> R {
        change(&mut self.sources.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn take(cell: &Cell) -> Option<Waker> {
    cell.lock().unwrap_or_else(PoisonError::into_inner).take()
}

impl Source {
    pub fn key(&self) -> usize {
        self.key
    }

    pub fn poll_readable<R>(
        &self,
        cx: &mut Context<'_>,
        mut call: impl FnMut() -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        let waker = cx.waker().clone();
        let old = self.cell.lock().unwrap_or_else(PoisonError::into_inner).replace(waker);
        drop(old);
        match call() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Poll::Pending,
            result => {
                drop(take(&self.cell));
                Poll::Ready(result)
            }
        }
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        let cell = self.reactor.with(|sources| sources.remove(&self.key));
        let _ = self.reactor.poller.deregister(self.key);
        drop(cell);
        drop(take(&self.cell));
    }
}
