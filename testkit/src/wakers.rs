//! Wakers for tests: one that counts what is done with it, one that interferes.
#![allow(unsafe_code, reason = "only a vtable of one's own sees clones and drops")]

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{RawWaker, RawWakerVTable, Waker};

/// Counts what is done with a waker and its clones.
#[derive(Debug, Default)]
pub struct CountingWaker {
    wakes: AtomicUsize,
    clones: AtomicUsize,
    drops: AtomicUsize,
}

impl CountingWaker {
    /// A counter, and the waker that it counts.
    pub fn new() -> (Arc<Self>, Waker) {
        let counter = Arc::new(Self::default());
        (counter.clone(), waker(counter))
    }

    /// How often it was woken, by `wake` or `wake_by_ref`.
    pub fn wakes(&self) -> usize {
        self.wakes.load(SeqCst)
    }

    /// How often it was cloned.
    pub fn clones(&self) -> usize {
        self.clones.load(SeqCst)
    }

    /// How many wakers are gone: dropped, or consumed by `wake`.
    pub fn drops(&self) -> usize {
        self.drops.load(SeqCst)
    }

    /// How many wakers there are: the one that [`new`](Self::new) gave, and its clones, without those
    /// that are gone. One, as long as the test keeps its own: nothing else holds this task's waker.
    pub fn live(&self) -> usize {
        // The drops first: a waker that another thread clones and drops in between is counted as one.
        let drops = self.drops();
        1 + self.clones() - drops
    }
}

impl Behaviour for CountingWaker {
    fn cloned(&self) {
        self.clones.fetch_add(1, SeqCst);
    }

    fn woken(&self) {
        self.wakes.fetch_add(1, SeqCst);
    }

    fn dropped(&self) {
        self.drops.fetch_add(1, SeqCst);
    }
}

/// A waker that runs code of the test inside its own clone, wake or drop: where another thread might
/// come between. Then it does what the waker does that it was made from.
///
/// Each hook runs once, the first time.
#[derive(Default)]
pub struct HookWaker {
    inner: Option<Waker>,
    clone: Hook,
    wake: Hook,
    drop: Hook,
}

#[derive(Default)]
struct Hook(Mutex<Option<Box<dyn FnOnce() + Send>>>);

impl Hook {
    fn new(hook: impl FnOnce() + Send + 'static) -> Self {
        Self(Mutex::new(Some(Box::new(hook))))
    }

    fn run(&self) {
        // Out of the lock first: the hook may wake, clone or drop this waker.
        let hook = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(hook) = hook {
            hook();
        }
    }
}

impl HookWaker {
    /// No hooks yet. What is woken is `inner`, of which this holds a clone.
    pub fn new(inner: &Waker) -> Self {
        Self { inner: Some(inner.clone()), ..Self::default() }
    }

    /// Runs `hook` inside the first `clone`: the last moment before a future is registered.
    pub fn on_clone(self, hook: impl FnOnce() + Send + 'static) -> Self {
        Self { clone: Hook::new(hook), ..self }
    }

    /// Runs `hook` inside the first `wake` or `wake_by_ref`, before `inner` is woken.
    pub fn on_wake(self, hook: impl FnOnce() + Send + 'static) -> Self {
        Self { wake: Hook::new(hook), ..self }
    }

    /// Runs `hook` when the first of the wakers is dropped. `wake` is no drop.
    pub fn on_drop(self, hook: impl FnOnce() + Send + 'static) -> Self {
        Self { drop: Hook::new(hook), ..self }
    }

    /// The waker.
    pub fn waker(self) -> Waker {
        waker(Arc::new(self))
    }
}

impl Behaviour for HookWaker {
    fn cloned(&self) {
        self.clone.run();
    }

    fn woken(&self) {
        self.wake.run();
        if let Some(inner) = &self.inner {
            inner.wake_by_ref();
        }
    }

    fn dropped(&self) {
        self.drop.run();
    }

    fn consumed(&self) {}
}

/// What happens besides the counting of references.
trait Behaviour: Send + Sync + 'static {
    fn cloned(&self);
    fn woken(&self);
    fn dropped(&self);
    /// `wake` has taken the waker.
    fn consumed(&self) {
        self.dropped();
    }
}

fn waker<B: Behaviour>(behaviour: Arc<B>) -> Waker {
    let data = Arc::into_raw(behaviour).cast();
    // SAFETY: `Table<B>` follows the contract of RawWakerVTable::new for an `Arc<B>` turned raw, and
    // B may be used from any thread.
    unsafe { Waker::from_raw(Table::<B>::raw(data)) }
}

struct Table<B>(B);

impl<B: Behaviour> Table<B> {
    const VTABLE: RawWakerVTable =
        RawWakerVTable::new(Self::clone, Self::wake, Self::wake_by_ref, Self::drop);

    /// In one place: wakers are the same for `will_wake` only if their tables are at one address.
    fn raw(data: *const ()) -> RawWaker {
        RawWaker::new(data, &Self::VTABLE)
    }

    /// # Safety
    /// `data` came from `Arc::<B>::into_raw`, and its reference belongs to the waker that calls.
    unsafe fn clone(data: *const ()) -> RawWaker {
        // SAFETY: the calling waker's reference keeps B alive.
        unsafe { &*data.cast::<B>() }.cloned();
        // SAFETY: as above.
        unsafe { Arc::increment_strong_count(data.cast::<B>()) };
        Self::raw(data)
    }

    /// # Safety
    /// As for `clone`; the reference is given back.
    unsafe fn wake(data: *const ()) {
        // SAFETY: the waker is consumed, so its reference is given back here.
        let behaviour = unsafe { Arc::from_raw(data.cast::<B>()) };
        behaviour.woken();
        behaviour.consumed();
    }

    /// # Safety
    /// As for `clone`.
    unsafe fn wake_by_ref(data: *const ()) {
        // SAFETY: the calling waker's reference keeps B alive.
        unsafe { &*data.cast::<B>() }.woken();
    }

    /// # Safety
    /// As for `wake`.
    unsafe fn drop(data: *const ()) {
        // SAFETY: the waker is gone, so its reference is given back here.
        let behaviour = unsafe { Arc::from_raw(data.cast::<B>()) };
        behaviour.dropped();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_four_calls_are_counted() {
        let (counter, waker) = CountingWaker::new();
        let clone = waker.clone();
        assert_eq!((counter.clones(), counter.live()), (1, 2));
        clone.wake_by_ref();
        assert_eq!((counter.wakes(), counter.live()), (1, 2));
        clone.wake();
        assert_eq!((counter.wakes(), counter.drops(), counter.live()), (2, 1, 1));
        drop(waker);
        assert_eq!((counter.live(), Arc::strong_count(&counter)), (0, 1));
    }

    #[test]
    fn hooks_run_once_and_the_inner_waker_is_woken_each_time() {
        let (counter, inner) = CountingWaker::new();
        let order = Arc::new(Mutex::new(Vec::new()));
        let note = |word| {
            let order = order.clone();
            move || order.lock().unwrap().push(word)
        };
        let hooked = HookWaker::new(&inner).on_clone(note("clone")).on_wake(note("wake"));
        let waker = hooked.on_drop(note("drop")).waker();
        let clone = waker.clone();
        assert!(waker.will_wake(&clone.clone()));
        clone.wake();
        waker.wake_by_ref();
        drop(waker);
        assert_eq!(*order.lock().unwrap(), ["clone", "drop", "wake"]);
        assert_eq!(counter.wakes(), 2);
    }
}
