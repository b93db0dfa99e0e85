//! Every case of the suite fails for a server that is wrong in the way that the case is about.

use std::process::Command;

use testkit::conformance::{self, Server};

fn broken(mode: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_broken-server"));
    command.arg(mode);
    command
}

#[test]
fn each_way_of_being_wrong_is_found_and_none_is_invented() {
    let servers = [
        Server {
            name: "right",
            command: || broken("right"),
            fails: &["shutdown_drains"],
            only: &[],
        },
        Server {
            name: "waits for more",
            command: || broken("waits-for-more"),
            fails: &["one_byte_at_a_time", "shutdown_drains"],
            only: &["round_trip", "one_byte_at_a_time", "shutdown_drains"],
        },
        Server {
            name: "loses what does not fit",
            command: || broken("loses-what-does-not-fit"),
            fails: &["large_message_to_a_slow_reader", "shutdown_drains"],
            only: &["round_trip", "large_message_to_a_slow_reader", "shutdown_drains"],
        },
        Server {
            name: "forgets at the end",
            command: || broken("forgets-at-the-end"),
            fails: &["half_close", "shutdown_drains"],
            only: &["round_trip", "half_close", "shutdown_drains"],
        },
        Server {
            name: "queues without end",
            command: || broken("queues-without-end"),
            fails: &["reset_in_the_middle_of_a_write", "shutdown_drains"],
            only: &["round_trip", "reset_in_the_middle_of_a_write", "shutdown_drains"],
        },
        Server {
            name: "keeps descriptors",
            command: || broken("keeps-descriptors"),
            fails: &["reset_in_the_middle_of_a_write", "shutdown_drains"],
            only: &["round_trip", "reset_in_the_middle_of_a_write", "shutdown_drains"],
        },
        Server {
            name: "dies with a client",
            command: || broken("dies-with-a-client"),
            fails: &["reset_in_the_middle_of_a_write", "shutdown_drains"],
            only: &["round_trip", "reset_in_the_middle_of_a_write", "shutdown_drains"],
        },
        Server {
            name: "drops some",
            command: || broken("drops-some"),
            fails: &["two_hundred_clients_at_once", "shutdown_drains"],
            only: &["round_trip", "two_hundred_clients_at_once", "shutdown_drains"],
        },
        Server {
            name: "spins",
            command: || broken("spins"),
            fails: &["idle_costs_no_cpu", "shutdown_drains"],
            only: &[
                "round_trip",
                "idle_costs_no_cpu",
                "descriptor_exhaustion_is_survived",
                "shutdown_drains",
            ],
        },
        Server {
            name: "spins when exhausted",
            command: || broken("spins-when-exhausted"),
            fails: &["descriptor_exhaustion_is_survived", "shutdown_drains"],
            only: &["round_trip", "descriptor_exhaustion_is_survived", "shutdown_drains"],
        },
        Server {
            name: "ends when exhausted",
            command: || broken("ends-when-exhausted"),
            fails: &["descriptor_exhaustion_is_survived", "shutdown_drains"],
            only: &["round_trip", "descriptor_exhaustion_is_survived", "shutdown_drains"],
        },
    ];
    let matrix = conformance::run("cargo test -p testkit --test conformance_can_fail", &servers);
    println!("{matrix}");
    let surprises = matrix.surprises();
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}
