//! A token used again.
//!
//! An event comes with a token, and the token must lead to its connection at once. So values are kept
//! in numbered places, and a token holds the number. When a value is removed, its place goes to a
//! later one: a server that has served a million clients, ten at a time, has ten places.
//!
//! But an event for a value that was removed may still be on its way, and its token holds the same
//! number. That token must lead to no value: the new one has nothing to do with the event. So a token
//! also holds a generation, which tells the values of one place from each other.
//!
//! Generations have 8 bits here, so that you see them wrap around: after 256 values in one place its
//! first token may name a value again. In a server they have 32 bits or more.

/// Names a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// The number of a place. The first is 0.
    pub index: usize,
    pub generation: u8,
}

// ANCHOR: registry
/// Values, found by their tokens.
pub struct Registry<T> {
    places: Vec<Place<T>>,
    /// The free place that is used next. Each free place knows the one after it, so the list needs no
    /// memory of its own.
    first_free: Option<usize>,
    len: usize,
}

struct Place<T> {
    /// That of the value which is here, or will be next.
    generation: u8,
    content: Content<T>,
}

enum Content<T> {
    Value(T),
    Free { next: Option<usize> },
}

impl<T> Registry<T> {
    /// A registry without values.
    pub fn new() -> Self {
        Self { places: Vec::new(), first_free: None, len: 0 }
    }

    /// Makes a value, and keeps it. `make` gets the token that will name the value: a connection often
    /// has to know its own. A free place is used before a new one is made. What happens to a place
    /// whose `make` panics is not tested.
    pub fn insert(&mut self, make: impl FnOnce(Token) -> T) -> Token {
        let index = self.first_free.unwrap_or(self.places.len());
        let generation = self.places.get(index).map_or(0, |place| place.generation);
        let token = Token { index, generation };
        let content = Content::Value(make(token));
        // Nothing has changed so far: `make` may panic.
        match self.places.get_mut(index) {
            Some(place) => {
                if let Content::Free { next } = place.content {
                    self.first_free = next;
                }
                place.content = content;
            }
            None => self.places.push(Place { generation, content }),
        }
        self.len += 1;
        token
    }

    /// The value that this token was given for. None if it was removed, or if there never was one.
    pub fn get_mut(&mut self, token: Token) -> Option<&mut T> {
        match &mut self.place_of(token)?.content {
            Content::Value(value) => Some(value),
            Content::Free { .. } => None,
        }
    }

    /// Takes the value out, and frees its place. Where `get_mut` finds none, returns None and changes
    /// nothing.
    pub fn remove(&mut self, token: Token) -> Option<T> {
        self.get_mut(token)?;
        let next = self.first_free.replace(token.index);
        self.len -= 1;
        let place = &mut self.places[token.index];
        // From here on, every token that was given for this place is stale.
        place.generation = place.generation.wrapping_add(1);
        match std::mem::replace(&mut place.content, Content::Free { next }) {
            Content::Value(value) => Some(value),
            Content::Free { .. } => None,
        }
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.len
    }

    fn place_of(&mut self, token: Token) -> Option<&mut Place<T>> {
        self.places.get_mut(token.index).filter(|place| place.generation == token.generation)
    }
}
// ANCHOR_END: registry
