//! Rung 6: timers. One map holds all of them, and the thread sleeps until the first deadline.
//!
//! `cargo run -p executor --example rung_6_timers`

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use waker::select::race;

// ANCHOR: timers
/// The timers that wait, the earliest first. Equal deadlines differ in their number.
#[derive(Default)]
struct Timers {
    waiting: RefCell<BTreeMap<(Instant, u64), Waker>>,
}

impl Timers {
    fn first(&self) -> Option<Instant> {
        self.waiting.borrow().first_key_value().map(|((deadline, _), _)| *deadline)
    }

    /// Wakes all whose time has come.
    fn fire(&self) {
        let later = self.waiting.borrow_mut().split_off(&(Instant::now(), u64::MAX));
        // The map is not borrowed during the wakes: they run code that is not ours.
        let due = self.waiting.replace(later);
        due.into_values().for_each(Waker::wake);
    }
}
// ANCHOR_END: timers

// ANCHOR: sleep
struct Sleep {
    key: (Instant, u64),
    timers: Rc<Timers>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if Instant::now() >= self.key.0 {
            return Poll::Ready(());
        }
        // In place of the waker of the poll before this one, which is dropped after the borrow.
        let waker = cx.waker().clone();
        let _old = self.timers.waiting.borrow_mut().insert(self.key, waker);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let _waker = self.timers.waiting.borrow_mut().remove(&self.key);
    }
}
// ANCHOR_END: sleep

/// As in rung 5.
struct TaskNumber {
    number: usize,
    queued: AtomicBool,
    queue: mpsc::Sender<usize>,
}

impl Wake for TaskNumber {
    fn wake(self: Arc<Self>) {
        if !self.queued.swap(true, Ordering::AcqRel) {
            let _ = self.queue.send(self.number);
        }
    }
}

// ANCHOR: run
type Task = Pin<Box<dyn Future<Output = ()>>>;

/// Runs all tasks to their ends. None is added meanwhile, so a task's place in the list is its number.
fn run(tasks: Vec<Task>, timers: &Timers) {
    let (queue, ready) = mpsc::channel();
    let new = |number| TaskNumber { number, queued: false.into(), queue: queue.clone() };
    let numbers: Vec<_> = (0..tasks.len()).map(|number| Arc::new(new(number))).collect();
    let mut tasks: BTreeMap<_, _> = tasks.into_iter().enumerate().collect();
    numbers.iter().for_each(|number| number.clone().wake());
    while !tasks.is_empty() {
        // Until the first deadline, or a wake that comes before it.
        let until = |first: Instant| first.saturating_duration_since(Instant::now());
        let woken = ready.recv_timeout(timers.first().map_or(Duration::MAX, until));
        timers.fire();
        let Ok(number) = woken else { continue };
        let Some(task) = tasks.get_mut(&number) else { continue };
        numbers[number].queued.swap(false, Ordering::AcqRel);
        let waker = Waker::from(numbers[number].clone());
        if task.as_mut().poll(&mut Context::from_waker(&waker)) == Poll::Ready(()) {
            tasks.remove(&number);
        }
    }
}
// ANCHOR_END: run

fn main() {
    let (timers, start) = (Rc::new(Timers::default()), Instant::now());
    let at = |ms| start + Duration::from_millis(ms);
    let sleep = |ms, task| Sleep { key: (at(ms), task), timers: timers.clone() };
    let tasks = [(0, 20), (1, 10), (2, 10)].map(|(task, ms)| {
        let race = race(sleep(ms, task), sleep(3_600_000, task));
        Box::pin(async move {
            race.await;
            println!("task {task} slept for {ms} ms: {}", start.elapsed().as_millis() >= ms.into());
        }) as Task
    });
    run(tasks.into(), &timers);
    println!("timers that are left: {}", timers.waiting.borrow().len());
}
