//! Many runs that differ in their order. Each can be repeated by its number.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Mutex, PoisonError};

/// Names the only seed to run.
const ALONE: &str = "TESTKIT_SEED";

/// Runs `test` once for each of so many seeds. A run that panics tells its seed, and how to run it
/// alone.
///
/// ```
/// testkit::seeds(100, |random| {
///     let queue = testkit::ShuffledQueue::default();
///     (0..3).for_each(|n| queue.push(n));
///     while let Some(n) = queue.take(random) {
///         assert!(n < 3);
///     }
/// });
/// ```
///
/// # Panics
/// With what `test` has panicked with.
pub fn seeds(count: u64, test: impl Fn(&mut Random)) {
    let alone = std::env::var(ALONE).ok();
    let alone = alone.map(|seed| seed.parse().unwrap_or_else(|_| panic!("{ALONE} is a number")));
    let seeds = alone.map_or(0..count, |seed: u64| seed..seed + 1);
    for seed in seeds {
        let run = catch_unwind(AssertUnwindSafe(|| test(&mut Random::new(seed))));
        if let Err(panic) = run {
            eprintln!("testkit: seed {seed} fails; to run it alone, set {ALONE}={seed}");
            resume_unwind(panic);
        }
    }
}

/// Numbers that look random, and are the same for the same seed: SplitMix64.
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers of one run.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The next number, below `limit`.
    ///
    /// # Panics
    /// If the limit is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        assert!(limit > 0, "no number is below 0");
        usize::try_from(self.number() % limit as u64).expect("it is below a usize")
    }
}

/// A queue that gives back what it holds in an order of the seed's: as a scheduler might that keeps no
/// order. Threads may share it.
#[derive(Debug)]
pub struct ShuffledQueue<T>(Mutex<Vec<T>>);

impl<T> Default for ShuffledQueue<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> ShuffledQueue<T> {
    /// Adds something.
    pub fn push(&self, item: T) {
        self.lock().push(item);
    }

    /// Takes out one of what is there.
    pub fn take(&self, random: &mut Random) -> Option<T> {
        let mut items = self.lock();
        if items.is_empty() {
            return None;
        }
        let index = random.below(items.len());
        Some(items.swap_remove(index))
    }

    /// How many are there.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether none is there.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::HashSet;

    use super::*;

    fn order(random: &mut Random) -> Vec<u8> {
        let queue = ShuffledQueue::default();
        (0..4).for_each(|n| queue.push(n));
        std::iter::from_fn(|| queue.take(random)).collect()
    }

    #[test]
    fn a_seed_is_an_order_and_many_seeds_are_all_orders() {
        assert_eq!(order(&mut Random::new(7)), order(&mut Random::new(7)));
        let orders = RefCell::new(HashSet::new());
        seeds(1000, |random| {
            orders.borrow_mut().insert(order(random));
        });
        assert_eq!(orders.into_inner().len(), 24);
    }

    #[test]
    fn the_run_that_fails_is_the_last_one() {
        let runs = RefCell::new(0);
        let run = catch_unwind(AssertUnwindSafe(|| {
            seeds(1000, |random| {
                *runs.borrow_mut() += 1;
                assert!(random.below(100) != 0, "on purpose");
            });
        }));
        assert!(run.is_err());
        let first = (0..1000).position(|seed| Random::new(seed).below(100) == 0);
        assert_eq!(Some(runs.into_inner() - 1), first);
    }
}
