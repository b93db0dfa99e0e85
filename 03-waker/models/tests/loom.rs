//! Each model runs a few lines of the stage under every interleaving of its threads with up to three
//! preemptions, which is where such faults show. As written they pass. With a line weakened they fail: a model that cannot fail proves nothing.

use std::process::{Command, Output};

use loom::sync::atomic::AtomicU32;
use loom::sync::atomic::Ordering::Relaxed;

/// What one thread writes before it wakes another, which reads it. Relaxed: loom lets the reader see
/// the old value unless the wake publishes the new one.
#[derive(Default)]
struct Message(AtomicU32);

impl Message {
    fn write(&self) {
        self.0.store(1, Relaxed);
    }

    fn read(&self) {
        assert_eq!(self.0.load(Relaxed), 1, "the message was not there when the thread went on");
    }
}

/// The models for one copy of the stage's files.
macro_rules! models {
    ($copy:ident) => {
        #[allow(dead_code, reason = "a weakened copy runs the one model that it must fail")]
        mod $copy {
            use std::future::poll_fn;
            use std::pin::pin;
            use std::sync::Arc;
            use std::task::{Context, Poll, Waker};

            use loom::sync::Mutex;
            use loom::sync::atomic::{AtomicBool, Ordering};
            use loom::thread;
            use waker_models::sync::thread::{current, park};
            use waker_models::$copy::block_on::{Sleeper, block_on};
            use waker_models::$copy::event::Event;
            use waker_models::$copy::stream::Stream;
            use waker_models::$copy::unordered::Unordered;

            use super::Message;

            /// A task waits for an event, and then reads what was written before it.
            pub fn event() {
                let (event, message) = (Event::new(), Arc::new(Message::default()));
                let other = {
                    let (event, message) = (event.clone(), message.clone());
                    thread::spawn(move || {
                        message.write();
                        event.set();
                    })
                };
                block_on(event.wait());
                message.read();
                other.join().expect("the other thread does not panic");
            }

            // ANCHOR: sleeper
            /// A thread sleeps until it was woken, and then reads what was written before the wake. A
            /// token is available that has nothing to do with it.
            pub fn sleeper() {
                let sleeper = Arc::new(Sleeper::new(current()));
                let (waker, message) = (Waker::from(sleeper.clone()), Arc::new(Message::default()));
                let other = {
                    let message = message.clone();
                    thread::spawn(move || {
                        message.write();
                        waker.wake();
                    })
                };
                current().unpark();
                sleeper.sleep_until_woken();
                message.read();
                // The token was meant for other code, which must find it.
                park();
                other.join().expect("the other thread does not panic");
            }
            // ANCHOR_END: sleeper

            /// A task moves from one thread's waker to another's while the event happens.
            pub fn moves() {
                let event = Event::new();
                let old = Waker::from(Arc::new(Sleeper::new(current())));
                let sleeper = Arc::new(Sleeper::new(current()));
                let new = Waker::from(sleeper.clone());
                let mut wait = pin!(event.wait());
                let other = {
                    let event = event.clone();
                    thread::spawn(move || event.set())
                };
                let first = wait.as_mut().poll(&mut Context::from_waker(&old));
                // From here on only the new waker counts.
                let mut cx = Context::from_waker(&new);
                if first.is_pending() {
                    while wait.as_mut().poll(&mut cx).is_pending() {
                        sleeper.sleep_until_woken();
                    }
                }
                other.join().expect("the other thread does not panic");
            }

            /// A child is woken for nothing and then for something, while it may be polled.
            pub fn child() {
                let done = Arc::new(AtomicBool::new(false));
                let kept = Arc::new(Mutex::new(None));
                let child = {
                    let (done, kept) = (done.clone(), kept.clone());
                    poll_fn(move |cx| {
                        // Relaxed: it is the wake that must publish it.
                        if done.load(Ordering::Relaxed) {
                            return Poll::Ready(());
                        }
                        kept.lock().expect("no thread panics").get_or_insert(cx.waker().clone());
                        Poll::Pending
                    })
                };
                let mut unordered = pin!([child].into_iter().collect::<Unordered<_>>());
                let sleeper = Arc::new(Sleeper::new(current()));
                let waker = Waker::from(sleeper.clone());
                let mut cx = Context::from_waker(&waker);
                assert!(unordered.as_mut().poll_next(&mut cx).is_pending());
                let waker = kept.lock().expect("no thread panics").take().expect("it was polled");
                let other = thread::spawn(move || {
                    waker.wake_by_ref();
                    done.store(true, Ordering::Relaxed);
                    waker.wake();
                });
                loop {
                    sleeper.sleep_until_woken();
                    if unordered.as_mut().poll_next(&mut cx).is_ready() {
                        break;
                    }
                }
                other.join().expect("the other thread does not panic");
            }
        }
    };
}

/// Runs a model under every interleaving, up to three preemptions in each.
fn check(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

models!(as_written);

#[test]
fn a_task_that_waits_for_an_event_finds_it() {
    check(as_written::event);
}

#[test]
fn a_thread_sleeps_until_it_is_woken_and_sees_what_was_written_before() {
    check(as_written::sleeper);
}

#[test]
fn a_task_that_moves_is_woken_where_it_is_now() {
    check(as_written::moves);
}

#[test]
fn a_child_that_is_woken_is_polled_and_sees_what_was_written_before() {
    check(as_written::child);
}

/// One test for each weakened line: the model must fail, and in the way that is said.
macro_rules! weakened {
    ($($copy:ident fails $model:ident by $complaint:literal;)*) => {
        mod weakened {
            use super::Message;

            $(models!($copy);)*

            $(#[test]
            fn $copy() {
                let output = super::in_a_process_of_its_own(stringify!($copy));
                assert!(
                    !output.status.success(),
                    "no difference to the model: does weakened/{}.diff still fit?",
                    stringify!($copy)
                );
                let stderr = String::from_utf8_lossy(&output.stderr);
                assert!(stderr.contains($complaint), "it fails for another reason: {stderr}");
            })*

            /// What [`super::in_a_process_of_its_own`] starts: a model that fails may take its process with it.
            #[test]
            fn in_a_child_process() {
                match std::env::var("WEAKENED").as_deref() {
                    $(Ok(stringify!($copy)) => super::check($copy::$model),)*
                    Ok(other) => panic!("no line is called {other}"),
                    Err(_) => {}
                }
            }
        }
    };
}

weakened! {
    looks_only_once fails event by "deadlock";
    wakes_before_the_event fails event by "deadlock";
    event_without_release fails event by "the message was not there";
    token_before_the_flag fails sleeper by "deadlock";
    trusts_the_token fails sleeper by "the message was not there";
    flag_without_acquire fails sleeper by "the message was not there";
    wakes_without_release fails sleeper by "the message was not there";
    keeps_the_token fails sleeper by "deadlock";
    keeps_the_first_waker fails moves by "deadlock";
    stores_in_place_of_a_swap fails child by "deadlock";
    clears_after_the_poll fails child by "deadlock";
}

/// Runs the model of one weakened line in a process of its own.
fn in_a_process_of_its_own(weakened: &str) -> Output {
    Command::new(std::env::current_exe().expect("the path of this test"))
        .args(["--exact", "weakened::in_a_child_process", "--nocapture"])
        .env("WEAKENED", weakened)
        .output()
        .expect("starting this test once more")
}
