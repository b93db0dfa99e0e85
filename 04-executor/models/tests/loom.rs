//! Each model runs a few lines of the stage under every interleaving of its threads. As written they
//! pass. With a line weakened they fail: a model that cannot fail proves nothing.
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

use std::process::{Command, Output};

/// The models for one copy of the stage's files.
macro_rules! models {
    ($copy:ident) => {
        #[allow(dead_code, reason = "a weakened copy runs the one model that it must fail")]
        mod $copy {
            use std::collections::VecDeque;
            use std::future::poll_fn;
            use std::sync::Arc;
            use std::task::{Context, Poll, Wake, Waker};
            use std::time::Duration;

            use executor_models::$copy::executor::Executor;
            use executor_models::$copy::park::{Park, Unpark};
            use executor_models::$copy::sleepers::Sleepers;
            use executor_models::$copy::spawn::spawn;
            use executor_models::$copy::task::{Home, Join, Run, Task};
            use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
            use loom::sync::{Condvar, Mutex};
            use loom::thread;
            use tracing::Span;

            /// A run queue that a thread can wait for.
            #[derive(Default)]
            struct Queue {
                tasks: Mutex<(VecDeque<Arc<dyn Run>>, bool)>,
                changed: Condvar,
            }

            impl Queue {
                fn push(&self, task: Arc<dyn Run>) {
                    self.tasks.lock().unwrap().0.push_back(task);
                    self.changed.notify_one();
                }

                fn pop(&self) -> Option<Arc<dyn Run>> {
                    self.tasks.lock().unwrap().0.pop_front()
                }

                /// Runs what comes until the task has finished.
                fn run(&self) {
                    loop {
                        let task = {
                            let mut tasks = self.tasks.lock().unwrap();
                            while tasks.0.is_empty() && !tasks.1 {
                                tasks = self.changed.wait(tasks).unwrap();
                            }
                            tasks.0.pop_front()
                        };
                        match task {
                            Some(task) => task.run(),
                            None => return,
                        }
                    }
                }
            }

            #[derive(Clone, Default)]
            struct Here(Arc<Queue>);

            impl Home for Here {
                fn schedule<F: Future + 'static>(task: Arc<Task<F, Self>>) {
                    let queue = task.home().0.clone();
                    queue.push(task);
                }

                fn finished(&self) {
                    self.0.tasks.lock().unwrap().1 = true;
                    self.0.changed.notify_one();
                }

                fn span(&self) -> &Span {
                    static NONE: Span = Span::none();
                    &NONE
                }
            }

            /// A thread as the waker of a task that awaits a handle.
            #[derive(Default)]
            struct Sleeper {
                woken: Mutex<bool>,
                changed: Condvar,
            }

            impl Sleeper {
                fn wait(&self) {
                    let mut woken = self.woken.lock().unwrap();
                    while !*woken {
                        woken = self.changed.wait(woken).unwrap();
                    }
                    *woken = false;
                }
            }

            impl Wake for Sleeper {
                fn wake(self: Arc<Self>) {
                    self.wake_by_ref();
                }

                fn wake_by_ref(self: &Arc<Self>) {
                    *self.woken.lock().unwrap() = true;
                    self.changed.notify_one();
                }
            }

            // ANCHOR: wakes
            /// A task that is ready once a flag is set, which only its wake brings along.
            fn waits_for(
                done: &Arc<AtomicBool>,
                home: &Here,
            ) -> Arc<Task<impl Future<Output = ()> + use<>, Here>> {
                let done = done.clone();
                let future = poll_fn(move |_: &mut Context<'_>| match done.load(Relaxed) {
                    true => Poll::Ready(()),
                    false => Poll::Pending,
                });
                Task::new(future, home.clone())
            }

            /// A task is woken by another thread, before, during and after its polls.
            pub fn wakes() {
                let (home, done) = (Here::default(), Arc::new(AtomicBool::new(false)));
                let task = waits_for(&done, &home);
                let waker = Waker::from(task.clone());
                home.0.push(task);
                let other = thread::spawn(move || {
                    waker.wake_by_ref();
                    done.store(true, Relaxed);
                    waker.wake();
                });
                home.0.run();
                other.join().unwrap();
            }
            // ANCHOR_END: wakes

            /// Two threads take from the queue: the cell of the task tells if both were in it.
            pub fn two_threads() {
                let (home, done) = (Here::default(), Arc::new(AtomicBool::new(false)));
                let task = waits_for(&done, &home);
                home.0.push(task.clone());
                let other = {
                    let home = home.clone();
                    thread::spawn(move || {
                        done.store(true, Relaxed);
                        Waker::from(task).wake();
                        if let Some(task) = home.0.pop() {
                            task.run();
                        }
                    })
                };
                home.0.run();
                other.join().unwrap();
            }

            /// One thread awaits the handle while another runs the task.
            pub fn joins() {
                let home = Here::default();
                let task = Task::new(async { 7 }, home.clone());
                home.0.push(task.clone());
                let other = thread::spawn(move || home.0.run());
                let sleeper = Arc::new(Sleeper::default());
                let waker = Waker::from(sleeper.clone());
                let mut cx = Context::from_waker(&waker);
                let output = loop {
                    match task.poll_join(&mut cx) {
                        Poll::Ready(result) => break result.ok(),
                        Poll::Pending => sleeper.wait(),
                    }
                };
                assert_eq!(output, Some(7));
                task.detach();
                other.join().unwrap();
            }

            /// The handle goes while the task finishes: one of the two drops the result.
            pub fn detaches() {
                struct Counted(Arc<AtomicUsize>);
                impl Drop for Counted {
                    fn drop(&mut self) {
                        self.0.fetch_add(1, Relaxed);
                    }
                }
                let (home, drops) = (Here::default(), Arc::new(AtomicUsize::new(0)));
                let counted = Counted(drops.clone());
                let task = Task::new(async move { counted }, home.clone());
                home.0.push(task.clone());
                let other = thread::spawn(move || home.0.run());
                task.detach();
                other.join().unwrap();
                assert_eq!(drops.load(Relaxed), 1, "the result was kept, with its handle gone");
            }

            /// An abort meets the poll.
            pub fn aborts() {
                let home = Here::default();
                let task = Task::new(std::future::pending::<()>(), home.clone());
                home.0.push(task.clone());
                let other = thread::spawn(move || task.abort());
                home.0.run();
                other.join().unwrap();
            }

            /// Work is put into a queue while a worker goes to sleep.
            pub fn sleeps() {
                let (sleepers, work) = (Arc::new(Sleepers::new()), Arc::new(AtomicUsize::new(0)));
                let token = Arc::new(Sleeper::default());
                let other = {
                    let (sleepers, work, token) = (sleepers.clone(), work.clone(), token.clone());
                    thread::spawn(move || {
                        work.store(1, Relaxed);
                        if sleepers.wake_one().is_some() {
                            token.wake();
                        }
                    })
                };
                sleepers.announce(0);
                if work.load(Relaxed) == 0 {
                    token.wait();
                }
                sleepers.retract(0);
                assert_eq!(work.load(Relaxed), 1);
                other.join().unwrap();
            }

            /// A whole executor of two workers. One spawns a task, and either may run it.
            pub fn spawns() {
                let executor = Executor::builder().threads(2).build();
                let output = executor.block_on(async { spawn(async { 7 }).await });
                assert_eq!(output.ok(), Some(7));
            }

            /// The same, but the one that spawns is busy until the other has run the task.
            pub fn steals() {
                let executor = Executor::builder().threads(2).build();
                executor.block_on(poll_fn(|_| {
                    let sleeper = Arc::new(Sleeper::default());
                    let ran = sleeper.clone();
                    drop(spawn(async move { ran.wake() }));
                    sleeper.wait();
                    Poll::Ready(())
                }));
            }

            /// Another thread wakes what an executor of one worker waits for.
            pub fn is_woken_from_outside() {
                let executor = Executor::new();
                let done = Arc::new(AtomicBool::new(false));
                let task = executor.spawn({
                    let done = done.clone();
                    poll_fn(move |cx: &mut Context<'_>| {
                        if done.load(Relaxed) {
                            return Poll::Ready(());
                        }
                        let (done, waker) = (done.clone(), cx.waker().clone());
                        thread::spawn(move || {
                            done.store(true, Relaxed);
                            waker.wake();
                        });
                        Poll::Pending
                    })
                });
                assert!(executor.block_on(task).is_ok());
            }

            /// Three tasks. The first waits for the second, and may be stolen with it.
            pub fn steals_two() {
                let executor = Executor::builder().threads(2).build();
                executor.block_on(async {
                    let sleeper = Arc::new(Sleeper::default());
                    let (waits, wakes) = (sleeper.clone(), sleeper);
                    let first = spawn(async move { waits.wait() });
                    drop(spawn(async move { wakes.wake() }));
                    drop(spawn(async {}));
                    let _ = first.await;
                });
            }

            /// A driver that has an event for a thread that waits outside of the executor.
            #[derive(Clone, Default)]
            struct Driver {
                shared: Arc<(Mutex<DriverState>, Condvar)>,
                served: Arc<Sleeper>,
            }

            #[derive(Default)]
            struct DriverState {
                unparked: bool,
                has_event: bool,
            }

            impl Driver {
                fn change(&self, change: impl FnOnce(&mut DriverState)) {
                    change(&mut self.shared.0.lock().unwrap());
                    self.shared.1.notify_one();
                }
            }

            impl Park for Driver {
                fn park(&mut self, limit: Option<Duration>) -> std::io::Result<()> {
                    let mut state = self.shared.0.lock().unwrap();
                    while limit.is_none() && !state.unparked && !state.has_event {
                        state = self.shared.1.wait(state).unwrap();
                    }
                    state.unparked = false;
                    if std::mem::take(&mut state.has_event) {
                        self.served.wake_by_ref();
                    }
                    Ok(())
                }

                fn unparker(&self) -> Arc<dyn Unpark> {
                    Arc::new(self.clone())
                }
            }

            impl Unpark for Driver {
                fn unpark(&self) {
                    self.change(|state| state.unparked = true);
                }
            }

            /// A worker that may have slept in the driver is busy until the other one serves an event.
            pub fn drives() {
                let driver = Driver::default();
                let executor = Executor::builder().threads(2).park(driver.clone()).build();
                let mut is_woken = false;
                executor.block_on(poll_fn(|cx| {
                    if !std::mem::replace(&mut is_woken, true) {
                        let waker = cx.waker().clone();
                        thread::spawn(move || waker.wake());
                        return Poll::Pending;
                    }
                    driver.change(|state| state.has_event = true);
                    driver.served.wait();
                    Poll::Ready(())
                }));
            }

            /// Another thread wakes the main future, and no task.
            pub fn wakes_the_main_future() {
                let mut is_woken = false;
                Executor::new().block_on(poll_fn(|cx| {
                    if std::mem::replace(&mut is_woken, true) {
                        return Poll::Ready(());
                    }
                    let waker = cx.waker().clone();
                    thread::spawn(move || waker.wake());
                    Poll::Pending
                }));
            }

            /// An executor of two workers ends while another thread wakes one of its tasks.
            pub fn shuts_down() {
                struct Counted(Arc<AtomicUsize>);
                impl Drop for Counted {
                    fn drop(&mut self) {
                        self.0.fetch_add(1, Relaxed);
                    }
                }
                let executor = Executor::builder().threads(2).build();
                let (drops, left) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(None)));
                let counted = Counted(drops.clone());
                let leaves = left.clone();
                let _detached = executor.spawn(poll_fn(move |cx: &mut Context<'_>| {
                    let _ = &counted;
                    *leaves.lock().unwrap() = Some(cx.waker().clone());
                    Poll::<()>::Pending
                }));
                let other = thread::spawn(move || {
                    let waker: Option<Waker> = left.lock().unwrap().take();
                    if let Some(waker) = waker {
                        waker.wake();
                    }
                });
                drop(executor);
                assert_eq!(drops.load(Relaxed), 1, "a shutdown has left a future behind");
                other.join().unwrap();
            }
        }
    };
}

/// Runs a model under every interleaving, up to three preemptions in each.
fn check(model: impl Fn() + Send + Sync + 'static) {
    check_up_to(3, model);
}

/// The same for a model with many steps.
fn check_up_to(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

models!(as_written);

#[test]
fn a_wake_is_not_lost_and_brings_along_what_was_written_before() {
    check(as_written::wakes);
}

#[test]
fn two_threads_never_poll_a_task_at_once() {
    check(as_written::two_threads);
}

#[test]
fn a_handle_that_waits_gets_the_result() {
    check(as_written::joins);
}

#[test]
fn a_result_without_a_handle_is_dropped_once() {
    check(as_written::detaches);
}

#[test]
fn an_aborted_task_ends() {
    check(as_written::aborts);
}

#[test]
fn a_worker_does_not_sleep_beside_work() {
    check(as_written::sleeps);
}

#[test]
fn a_wake_of_the_main_future_ends_the_sleep() {
    check(as_written::wakes_the_main_future);
}

#[test]
fn a_task_is_run_by_one_of_two_workers() {
    check_up_to(2, as_written::spawns);
}

#[test]
fn a_task_of_a_busy_worker_is_stolen() {
    check_up_to(2, as_written::steals);
}

#[test]
fn a_wake_from_outside_ends_the_sleep_of_a_worker() {
    check(as_written::is_woken_from_outside);
}

#[test]
fn tasks_on_their_way_between_queues_are_not_slept_beside() {
    check_up_to(2, as_written::steals_two);
}

#[test]
fn while_one_worker_is_busy_the_other_is_in_the_driver() {
    check_up_to(2, as_written::drives);
}

#[test]
fn a_shutdown_drops_every_future() {
    check_up_to(2, as_written::shuts_down);
}

/// One test for each weakened line: the model must fail, and in the way that is said.
macro_rules! weakened {
    ($($copy:ident fails $model:ident by $complaint:literal;)*) => {
        mod weakened {
            $(models!($copy);)*

            $(#[test]
            fn $copy() {
                let output = super::child(stringify!($copy));
                assert!(
                    !output.status.success(),
                    "no difference to the model: does weakened/{}.diff still fit?",
                    stringify!($copy)
                );
                let stderr = String::from_utf8_lossy(&output.stderr);
                assert!(stderr.contains($complaint), "it fails for another reason: {stderr}");
            })*

            /// What [`super::child`] starts: a model that fails may take its process with it.
            #[test]
            fn in_a_child_process() {
                match std::env::var("WEAKENED").as_deref() {
                    $(Ok(stringify!($copy)) => super::check_up_to(2, $copy::$model),)*
                    Ok(other) => panic!("no line is called {other}"),
                    Err(_) => {}
                }
            }
        }
    };
}

weakened! {
    queues_what_is_polled fails two_threads by "Causality violation";
    forgets_a_wake_during_the_poll fails wakes by "deadlock";
    a_wake_without_release fails wakes by "deadlock";
    clears_without_acquire fails wakes by "deadlock";
    tells_the_joiner_first fails joins by "deadlock";
    looks_once_for_the_result fails joins by "deadlock";
    keeps_the_result fails detaches by "the result was kept";
    aborts_without_a_wake fails aborts by "deadlock";
    looks_without_a_fence fails sleeps by "deadlock";
    forgets_an_unpark_before_the_park fails is_woken_from_outside by "deadlock";
    sleeps_without_a_second_look fails is_woken_from_outside by "deadlock";
    sleeps_beside_the_work_of_others fails steals by "deadlock";
    hides_what_it_steals fails steals_two by "deadlock";
    leaves_the_driver_alone fails drives by "deadlock";
    wakes_no_thief fails steals by "deadlock";
    wakes_one_worker_without_a_fence fails wakes_the_main_future by "deadlock";
    stops_without_a_wake fails shuts_down by "deadlock";
    stops_before_a_task_has_come fails shuts_down by "left a future behind";
}

/// Runs the model of one weakened line in a process of its own.
fn child(weakened: &str) -> Output {
    Command::new(std::env::current_exe().expect("the path of this test"))
        .args(["--exact", "weakened::in_a_child_process", "--nocapture"])
        .env("WEAKENED", weakened)
        .output()
        .expect("starting this test once more")
}
