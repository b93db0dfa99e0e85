//! From the token of an event to what it is about.

/// The low half of a key is a slot, the high half a generation.
const HALF: u32 = usize::BITS / 2;

// ANCHOR: slab
/// Values in numbered slots. A slot is used again after its value was removed; its generation tells
/// the new value from the old one, for which events may still be on their way.
#[derive(Debug)]
pub struct Slab<T> {
    slots: Vec<Slot<T>>,
    /// Slots without a value.
    free: Vec<usize>,
}

#[derive(Debug)]
struct Slot<T> {
    /// How many values were here before.
    generation: usize,
    value: Option<T>,
}
// ANCHOR_END: slab

impl<T> Slab<T> {
    /// An empty slab.
    pub fn new() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }

    // ANCHOR: insert
    /// The key that the next [`insert`](Self::insert) gives: known before there is a value.
    pub fn vacant_key(&self) -> usize {
        let index = self.free.last().copied().unwrap_or(self.slots.len());
        assert!(index <= usize::MAX >> HALF, "a key has no room for the number of this slot");
        let generation = self.slots.get(index).map_or(0, |slot| slot.generation);
        generation << HALF | index
    }

    /// Keeps a value. The key names it, and no other, until it is removed.
    pub fn insert(&mut self, value: T) -> usize {
        let key = self.vacant_key();
        match self.free.pop() {
            Some(index) => self.slots[index].value = Some(value),
            None => self.slots.push(Slot { generation: 0, value: Some(value) }),
        }
        key
    }
    // ANCHOR_END: insert

    // ANCHOR: get_and_remove
    /// The value that the key names. None if it was removed, whatever its slot holds now.
    pub fn get_mut(&mut self, key: usize) -> Option<&mut T> {
        let (index, generation) = split(key);
        let slot = self.slots.get_mut(index)?;
        if slot.generation != generation {
            return None;
        }
        slot.value.as_mut()
    }

    /// Removes the value, and frees its slot.
    pub fn remove(&mut self, key: usize) -> Option<T> {
        self.get_mut(key)?;
        let (index, _) = split(key);
        let slot = &mut self.slots[index];
        // After as many values as half a word can count, the first key comes again.
        slot.generation = (slot.generation + 1) & (usize::MAX >> HALF);
        self.free.push(index);
        slot.value.take()
    }
    // ANCHOR_END: get_and_remove

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Slot and generation of a key.
fn split(key: usize) -> (usize, usize) {
    (key & (usize::MAX >> HALF), key >> HALF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_its_value_and_no_later_one() {
        let mut slab = Slab::new();
        let vacant = slab.vacant_key();
        let old = slab.insert("old");
        assert_eq!(vacant, old);
        assert_eq!(slab.remove(old), Some("old"));
        let vacant = slab.vacant_key();
        let new = slab.insert("new");
        assert_eq!(vacant, new);
        assert_eq!(split(old).0, split(new).0, "the slot is used again");
        assert_eq!(slab.get_mut(old), None);
        assert_eq!(slab.remove(old), None);
        assert_eq!(slab.get_mut(new), Some(&mut "new"));
        assert_eq!(slab.len(), 1);
    }

    #[test]
    fn slots_are_used_again_and_generations_come_round() {
        let mut slab = Slab::new();
        for _ in 0..3 {
            let key = slab.insert(());
            slab.remove(key);
        }
        assert_eq!((slab.slots.len(), slab.is_empty()), (1, true));
        slab.slots[0].generation = usize::MAX >> HALF;
        let last = slab.insert(());
        assert_eq!(slab.remove(last), Some(()));
        let first = slab.insert(());
        assert_eq!(split(first), (0, 0));
    }

    #[test]
    fn a_key_that_was_never_given_names_nothing() {
        let mut slab = Slab::new();
        slab.insert(());
        assert_eq!(slab.get_mut(1), None);
        assert_eq!(slab.get_mut(usize::MAX), None);
        assert_eq!(slab.len(), 1);
    }

    #[cfg(target_pointer_width = "64")]
    #[test]
    fn a_slab_is_two_vecs_and_a_slot_costs_its_generation() {
        assert_eq!(size_of::<Slab<u64>>(), 48);
        assert_eq!(size_of::<Slot<u64>>(), 8 + size_of::<Option<u64>>());
        assert_eq!(size_of::<Slot<Box<u64>>>(), 16, "the niche of the value is used");
    }
}
