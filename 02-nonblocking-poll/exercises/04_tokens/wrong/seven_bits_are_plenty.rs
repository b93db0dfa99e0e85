//! M73 · fails: generations_come_round

#![allow(unused, reason = "a starter has unused parts until it is solved")]

/// Names a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// The number of a place. The first is 0.
    pub index: usize,
    pub generation: u8,
}

/// Values, found by their tokens.
pub struct Registry<T> {
    values: Vec<Option<T>>,
    generations: Vec<u8>,
    free: Vec<usize>,
}

impl<T> Registry<T> {
    pub fn new() -> Self {
        Self { values: Vec::new(), generations: Vec::new(), free: Vec::new() }
    }

    pub fn insert(&mut self, make: impl FnOnce(Token) -> T) -> Token {
        let index = match self.free.pop() {
            Some(index) => index,
            None => {
                self.values.push(None);
                self.generations.push(0);
                self.values.len() - 1
            }
        };
        let token = Token { index, generation: self.generations[index] };
        self.values[index] = Some(make(token));
        token
    }

    pub fn get_mut(&mut self, token: Token) -> Option<&mut T> {
        if *self.generations.get(token.index)? != token.generation {
            return None;
        }
        self.values[token.index].as_mut()
    }

    pub fn remove(&mut self, token: Token) -> Option<T> {
        // An old event for it must find nobody.
        let value = self.get_mut(token).is_some().then(|| self.values[token.index].take())?;
        // 7 bits are plenty, and % keeps it from overflowing.
        self.generations[token.index] = (self.generations[token.index] + 1) % 128;
        self.free.push(token.index);
        value
    }

    pub fn len(&self) -> usize {
        self.values.len() - self.free.len()
    }
}
