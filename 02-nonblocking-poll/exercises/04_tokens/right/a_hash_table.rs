//! The values are in a hash table, and the free places in a tree.

use std::collections::{BTreeSet, HashMap};

/// Names a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// The number of a place. The first is 0.
    pub index: usize,
    pub generation: u8,
}

/// Values, found by their tokens.
pub struct Registry<T> {
    /// By place. Those that are missing are free.
    values: HashMap<usize, T>,
    /// That of the value which is there, or will be next, for each place there ever was.
    generations: Vec<u8>,
    /// The places without a value, the lowest first.
    free: BTreeSet<usize>,
}

impl<T> Registry<T> {
    /// A registry without values.
    pub fn new() -> Self {
        Self { values: HashMap::new(), generations: Vec::new(), free: BTreeSet::new() }
    }

    /// Makes a value, and keeps it, in the lowest free place.
    pub fn insert(&mut self, make: impl FnOnce(Token) -> T) -> Token {
        let index = self.free.pop_first().unwrap_or_else(|| {
            self.generations.push(0);
            self.generations.len() - 1
        });
        let token = Token { index, generation: self.generations[index] };
        self.values.insert(index, make(token));
        token
    }

    /// The value that this token was given for. None if it was removed, or if there never was one.
    pub fn get_mut(&mut self, token: Token) -> Option<&mut T> {
        if self.is_current(token) { self.values.get_mut(&token.index) } else { None }
    }

    /// Takes the value out, and frees its place. Where `get_mut` finds none, returns None and changes
    /// nothing.
    pub fn remove(&mut self, token: Token) -> Option<T> {
        self.get_mut(token)?;
        self.generations[token.index] = self.generations[token.index].wrapping_add(1);
        self.free.insert(token.index);
        self.values.remove(&token.index)
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    fn is_current(&self, token: Token) -> bool {
        self.generations.get(token.index) == Some(&token.generation)
    }
}
