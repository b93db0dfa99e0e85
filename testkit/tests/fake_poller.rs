//! What the poller of tests reports, and when: as epoll does, by hand.

use std::io::{self, ErrorKind};

use testkit::{Event, FakePoller, Interest, Readiness, Registration, Trigger, WouldWaitForEver};

/// What a poll reports: tokens, and whether they are readable and writable.
fn reported(poller: &FakePoller) -> Vec<(usize, bool, bool)> {
    let events = poller.poll().unwrap_or_default();
    events.iter().map(|event| (event.token, event.readable, event.writable)).collect()
}

fn poller(trigger: Trigger, interest: Interest) -> FakePoller {
    let poller = FakePoller::new(trigger);
    poller.register(1, interest).expect("it is the first");
    poller
}

#[test]
fn an_edge_is_reported_once_and_a_level_as_long_as_it_lasts() {
    for (trigger, second) in [(Trigger::Edge, vec![]), (Trigger::Level, vec![(1, true, false)])] {
        let poller = poller(trigger, Interest::READABLE);
        poller.set_readable(1, true);
        assert_eq!(reported(&poller), [(1, true, false)]);
        assert_eq!(reported(&poller), second, "{trigger:?}");
        assert_eq!(poller.polls_with_events(), 1 + second.len());
        poller.set_readable(1, false);
        assert_eq!(poller.poll(), Err(WouldWaitForEver));
    }
}

#[test]
fn only_what_is_of_interest_is_reported() {
    for trigger in [Trigger::Edge, Trigger::Level] {
        let poller = poller(trigger, Interest::WRITABLE);
        poller.set_read_closed(1, true);
        poller.edge(2, Readiness::WRITABLE);
        assert_eq!(reported(&poller), []);
        poller.set_writable(1, true);
        assert_eq!(reported(&poller), [(1, false, true)]);
    }
}

#[test]
fn what_is_ready_at_a_registration_is_reported() {
    let poller = poller(Trigger::Edge, Interest::READABLE);
    poller.set_read_closed(1, true);
    let closed = Event { token: 1, readable: true, writable: false, read_closed: true };
    assert_eq!(poller.poll(), Ok(vec![closed]));
    poller.reregister(1, Interest::BOTH).unwrap();
    assert_eq!(poller.poll(), Ok(vec![closed]));
    poller.deregister(1).unwrap();
    poller.register(1, Interest::BOTH).unwrap();
    assert_eq!(poller.poll(), Ok(vec![closed]));
}

#[test]
fn what_is_over_or_no_longer_watched_is_not_reported() {
    for trigger in [Trigger::Edge, Trigger::Level] {
        let poller = poller(trigger, Interest::BOTH);
        poller.set_readable(1, true);
        poller.set_readable(1, false);
        assert_eq!(reported(&poller), []);
        poller.set_writable(1, true);
        poller.reregister(1, Interest::READABLE).unwrap();
        assert_eq!(reported(&poller), []);
        poller.edge(1, Readiness::READABLE);
        poller.deregister(1).unwrap();
        assert_eq!(reported(&poller), []);
    }
}

#[test]
fn a_spurious_event_comes_once_in_either_mode() {
    for trigger in [Trigger::Edge, Trigger::Level] {
        let poller = poller(trigger, Interest::BOTH);
        poller.edge(1, Readiness::READABLE);
        poller.edge(1, Readiness::WRITABLE);
        assert_eq!(reported(&poller), [(1, true, true)]);
        assert_eq!(reported(&poller), []);
    }
}

#[test]
fn a_poll_that_waits_lets_something_happen() {
    let poller = poller(Trigger::Edge, Interest::READABLE);
    let happens = poller.clone();
    poller.later(|| {});
    poller.later(move || happens.edge(1, Readiness::READABLE));
    assert_eq!(poller.poll_now(), []);
    assert_eq!(reported(&poller), [(1, true, false)]);
    assert_eq!(poller.poll(), Err(WouldWaitForEver));
}

#[test]
fn registrations_are_kept_and_mistakes_refused() {
    let poller = FakePoller::new(Trigger::Level);
    let nothing = Interest { readable: false, writable: false };
    let kind = |result: io::Result<()>| result.unwrap_err().kind();
    assert_eq!(kind(poller.reregister(1, Interest::BOTH)), ErrorKind::NotFound);
    assert_eq!(kind(poller.deregister(1)), ErrorKind::NotFound);
    assert_eq!(kind(poller.register(1, nothing)), ErrorKind::InvalidInput);
    poller.register(1, Interest::READABLE).unwrap();
    assert_eq!(kind(poller.register(1, Interest::BOTH)), ErrorKind::AlreadyExists);
    poller.reregister(1, Interest::WRITABLE).unwrap();
    assert_eq!(poller.interest(1), Some(Interest::WRITABLE));
    assert_eq!(poller.registered(), [1]);
    poller.deregister(1).unwrap();
    assert_eq!((poller.interest(1), poller.registered()), (None, vec![]));
    assert_eq!(
        poller.registrations(),
        [
            Registration::Register(1, Interest::READABLE),
            Registration::Reregister(1, Interest::WRITABLE),
            Registration::Deregister(1),
        ]
    );
}
