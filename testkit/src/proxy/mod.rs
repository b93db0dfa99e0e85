//! What a TCP proxy must do, whatever it is made of: asked from both of its sides.
//!
//! Each function is one fact. It is given `start`, which starts a proxy in front of an upstream and
//! returns the proxy's own address; it plays the client and the upstream, and returns an error that
//! names the step that failed. A read or write that would wait for ever fails after five seconds: see `patience`.

mod conversation;
pub use conversation::{
    a_full_direction_holds_up_only_itself, both_directions_at_once, many_conversations_do_not_mix,
    no_end_overtakes_the_rest, questions_and_answers, the_client_may_finish_first,
    the_upstream_may_finish_first, the_upstream_may_speak_first, what_was_held_back_arrives,
};

mod trouble;
pub use trouble::{
    a_client_that_resets_costs_nobody_else, a_reset_leaves_no_thread_behind,
    a_stalled_upstream_holds_back_one_client, an_upstream_that_refuses_costs_one_client,
    an_upstream_that_resets_costs_one_client,
};

mod limits;
pub use limits::{
    a_signal_ends_nothing, break_listener, descriptor_exhaustion_is_survived, interruptible,
    the_thread_never_sleeps,
};

mod connecting;
pub use connecting::{
    all_who_wait_are_accepted, an_upstream_slow_to_accept_holds_up_nobody,
    one_that_cannot_be_connected_holds_up_nobody, waiting_for_a_connect_costs_nothing,
    who_resets_during_the_connect_is_given_up,
};

mod waiting;
pub use waiting::{one_thread_serves_all, waiting_costs_nothing, what_is_over_is_given_back};

mod sides;

mod patience;

use std::net::SocketAddr;

/// Starts a proxy in front of the upstream at the given address, and returns where the proxy
/// listens.
pub type Start<'a> = &'a dyn Fn(SocketAddr) -> SocketAddr;
