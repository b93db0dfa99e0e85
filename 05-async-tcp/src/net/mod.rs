//! Listeners and streams.

mod stream;
pub use stream::TcpStream;

mod split;
pub use split::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, WriteHalf};

mod connect;
pub use connect::resolve;

mod listener;
pub use listener::TcpListener;

mod accept;
pub use accept::{ACCEPT_BACKOFF, Verdict, verdict};
