//! The words of a poller, which are mio's: what it is asked for, and what it reports.

/// When a poller reports a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// Once for each edge: when the source becomes ready, or is ready at its registration.
    Edge,
    /// At each poll, as long as it is ready.
    Level,
}

/// What a source is to be reported for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interest {
    /// When a read finds something: bytes, the end, an error, a client to accept.
    pub readable: bool,
    /// When a write finds room.
    pub writable: bool,
}

impl Interest {
    /// Interest in reading alone.
    pub const READABLE: Self = Self { readable: true, writable: false };
    /// Interest in writing alone.
    pub const WRITABLE: Self = Self { readable: false, writable: true };
    /// Interest in both.
    pub const BOTH: Self = Self { readable: true, writable: true };

    pub(crate) fn is_empty(self) -> bool {
        !self.readable && !self.writable
    }
}

/// What a source is ready for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readiness {
    /// A read finds something.
    pub readable: bool,
    /// A write finds room.
    pub writable: bool,
    /// The peer has sent its last byte. It is reported to those interested in reading.
    pub read_closed: bool,
}

impl Readiness {
    /// A read finds something.
    pub const READABLE: Self = Self { readable: true, writable: false, read_closed: false };
    /// A write finds room.
    pub const WRITABLE: Self = Self { readable: false, writable: true, read_closed: false };
    /// A read finds at least the end.
    pub const READ_CLOSED: Self = Self { readable: true, writable: false, read_closed: true };

    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            readable: self.readable || other.readable,
            writable: self.writable || other.writable,
            read_closed: self.read_closed || other.read_closed,
        }
    }

    pub(crate) fn without(self, other: Self) -> Self {
        Self {
            readable: self.readable && !other.readable,
            writable: self.writable && !other.writable,
            read_closed: self.read_closed && !other.read_closed,
        }
    }

    pub(crate) fn of_interest(self, interest: Option<Interest>) -> Self {
        let Some(Interest { readable, writable }) = interest else { return Self::default() };
        self.without(Self { readable: !readable, writable: !writable, read_closed: !readable })
    }
}

/// What one poll reports of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Which source.
    pub token: usize,
    /// A read finds something, if it is still there.
    pub readable: bool,
    /// A write finds room, if there still is some.
    pub writable: bool,
    /// The peer has sent its last byte.
    pub read_closed: bool,
}

/// A change of what a poller watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// From now on this token, with this interest.
    Register(usize, Interest),
    /// This interest in place of the one before.
    Reregister(usize, Interest),
    /// This token no longer.
    Deregister(usize),
}

/// Nothing is ready, and nothing is to come: a real poll would never return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WouldWaitForEver;
