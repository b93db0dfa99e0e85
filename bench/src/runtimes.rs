//! The task runtimes that are compared, each through the same few calls.

use std::thread;
use std::time::{Duration, Instant};

use futures::task::SpawnExt;

/// A runtime, as a measurement needs it. Each method does what the runtime's manual says, and no more.
pub trait Runtime: Sized {
    /// The runtime's name in the results.
    const NAME: &'static str;
    /// What a task spawns by. Cheap to clone.
    type Spawner: Spawn;

    /// A runtime with this many threads that run tasks, the calling one included.
    fn new(threads: usize) -> Self;

    /// Runs a future on the calling thread, and tasks beside it.
    fn block_on<F: Future>(&mut self, future: F) -> F::Output;

    /// What spawns.
    fn spawner(&self) -> Self::Spawner;
}

/// Spawns.
pub trait Spawn: Clone + Send + 'static {
    /// A task's handle.
    type Task<T: Send + 'static>: Send + 'static;

    /// Spawns a task.
    fn spawn<F>(&self, future: F) -> Self::Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    /// Waits for its output.
    fn join<T: Send + 'static>(task: Self::Task<T>) -> impl Future<Output = T> + Send;

    /// Lets other tasks have a turn.
    fn yield_now() -> impl Future<Output = ()> + Send;
}

/// Timers, of a runtime that has some.
pub trait Timers: Runtime {
    /// Waits until then.
    fn sleep_until(deadline: Instant) -> impl Future<Output = ()> + Send;

    /// Waits for the future, but not longer than this. None: the time was up.
    fn timeout<F: Future + Send>(
        limit: Duration,
        future: F,
    ) -> impl Future<Output = Option<F::Output>> + Send;
}

/// This project's, stage 04.
pub struct Ours(executor::Executor);

/// Spawns on the executor that the calling thread works for.
#[derive(Clone)]
pub struct OursSpawner;

impl Runtime for Ours {
    const NAME: &'static str = "ours";
    type Spawner = OursSpawner;

    fn new(threads: usize) -> Self {
        Self(executor::Executor::builder().threads(threads).build())
    }

    fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    fn spawner(&self) -> OursSpawner {
        OursSpawner
    }
}

impl Spawn for OursSpawner {
    type Task<T: Send + 'static> = executor::JoinHandle<T>;

    fn spawn<F>(&self, future: F) -> Self::Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        executor::spawn(future)
    }

    async fn join<T: Send + 'static>(task: Self::Task<T>) -> T {
        task.await.expect("no task of a measurement panics")
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        executor::yield_now()
    }
}

impl Timers for Ours {
    fn sleep_until(deadline: Instant) -> impl Future<Output = ()> + Send {
        executor::sleep(deadline.saturating_duration_since(Instant::now()))
    }

    async fn timeout<F: Future + Send>(limit: Duration, future: F) -> Option<F::Output> {
        executor::timeout(limit, future).await.ok()
    }
}

/// tokio: `current_thread` for one thread, `multi_thread` for more.
pub struct Tokio(tokio::runtime::Runtime);

/// Spawns on the runtime that the calling thread works for.
#[derive(Clone)]
pub struct TokioSpawner;

impl Runtime for Tokio {
    const NAME: &'static str = "tokio";
    type Spawner = TokioSpawner;

    fn new(threads: usize) -> Self {
        use tokio::runtime::Builder;
        let mut builder = match threads {
            1 => Builder::new_current_thread(),
            // The thread in `block_on` runs no tasks: it takes a worker more to have as many.
            _ => Builder::new_multi_thread(),
        };
        Self(builder.worker_threads(threads).enable_time().build().expect("a tokio runtime"))
    }

    fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    fn spawner(&self) -> TokioSpawner {
        TokioSpawner
    }
}

impl Spawn for TokioSpawner {
    type Task<T: Send + 'static> = tokio::task::JoinHandle<T>;

    fn spawn<F>(&self, future: F) -> Self::Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        tokio::spawn(future)
    }

    async fn join<T: Send + 'static>(task: Self::Task<T>) -> T {
        task.await.expect("no task of a measurement panics")
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        tokio::task::yield_now()
    }
}

impl Timers for Tokio {
    fn sleep_until(deadline: Instant) -> impl Future<Output = ()> + Send {
        tokio::time::sleep_until(deadline.into())
    }

    async fn timeout<F: Future + Send>(limit: Duration, future: F) -> Option<F::Output> {
        tokio::time::timeout(limit, future).await.ok()
    }
}

/// smol's parts: async-executor, and async-io for timers.
pub struct Smol(&'static async_executor::Executor<'static>);

/// Spawns on one executor.
#[derive(Clone)]
pub struct SmolSpawner(&'static async_executor::Executor<'static>);

impl Runtime for Smol {
    const NAME: &'static str = "async-executor";
    type Spawner = SmolSpawner;

    fn new(threads: usize) -> Self {
        // For ever, as its manual proposes: its threads are, too.
        let executor: &'static _ = Box::leak(Box::new(async_executor::Executor::new()));
        for _ in 1..threads {
            thread::spawn(|| {
                async_io::block_on(executor.run(futures::future::pending::<()>()));
            });
        }
        Self(executor)
    }

    fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        async_io::block_on(self.0.run(future))
    }

    fn spawner(&self) -> SmolSpawner {
        SmolSpawner(self.0)
    }
}

impl Spawn for SmolSpawner {
    type Task<T: Send + 'static> = async_executor::Task<T>;

    fn spawn<F>(&self, future: F) -> Self::Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.0.spawn(future)
    }

    fn join<T: Send + 'static>(task: Self::Task<T>) -> impl Future<Output = T> + Send {
        task
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        futures_lite::future::yield_now()
    }
}

impl Timers for Smol {
    async fn sleep_until(deadline: Instant) {
        async_io::Timer::at(deadline).await;
    }

    async fn timeout<F: Future + Send>(limit: Duration, future: F) -> Option<F::Output> {
        let late = async {
            async_io::Timer::after(limit).await;
            None
        };
        futures_lite::future::or(async { Some(future.await) }, late).await
    }
}

/// futures' `LocalPool`: one thread, no timers.
pub struct LocalPool(futures::executor::LocalPool);

/// Spawns on the pool, from its thread.
#[derive(Clone)]
pub struct LocalSpawner;

thread_local! {
    /// The pool's spawner is not Send. There is one pool at a time on a thread.
    static SPAWNER: std::cell::RefCell<Option<futures::executor::LocalSpawner>> =
        const { std::cell::RefCell::new(None) };
}

impl Runtime for LocalPool {
    const NAME: &'static str = "LocalPool";
    type Spawner = LocalSpawner;

    fn new(threads: usize) -> Self {
        assert_eq!(threads, 1, "a LocalPool has one thread");
        Self(futures::executor::LocalPool::new())
    }

    fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        SPAWNER.set(Some(self.0.spawner()));
        self.0.run_until(future)
    }

    fn spawner(&self) -> LocalSpawner {
        LocalSpawner
    }
}

impl Spawn for LocalSpawner {
    type Task<T: Send + 'static> = futures::future::RemoteHandle<T>;

    fn spawn<F>(&self, future: F) -> Self::Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        SPAWNER.with_borrow(|spawner| {
            let spawner = spawner.as_ref().expect("`block_on` has put it there");
            spawner.spawn_with_handle(future).expect("the pool is there")
        })
    }

    fn join<T: Send + 'static>(task: Self::Task<T>) -> impl Future<Output = T> + Send {
        task
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        futures_lite::future::yield_now()
    }
}
