//! Connections on which nobody waits for ever for a reader: what is written has to be taken.

use std::future::Future;
use std::io::{Error, ErrorKind, IoSlice, Result};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, Sleep};

/// How long a reader may take nothing of what waits for it. Longer than any hiccup of a network,
/// and a stream that is cut is taken up again where it was.
const TAKEN_WITHIN: Duration = Duration::from_secs(20);

/// What waits in the kernel for a reader, at most: a few pages. It bounds what slow readers cost.
const SEND_BUFFER_BYTES: usize = 128 * 1024;

/// A listener whose connections end where the other side takes nothing for too long.
#[derive(Debug)]
pub(super) struct PatientListener(pub(super) TcpListener);

impl Listener for PatientListener {
    type Io = WriteDeadline<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Without a bound the kernel takes in megabytes for a reader that takes nothing.
        if let Err(error) = SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER_BYTES) {
            tracing::debug!(%error, "the kernel keeps its own size of send buffers");
        }
        (WriteDeadline::new(stream), address)
    }

    fn local_addr(&self) -> Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A connection on which a write fails that makes no progress for too long.
#[derive(Debug)]
pub(super) struct WriteDeadline<T> {
    inner: T,
    deadline: Pin<Box<Sleep>>,
    is_waiting: bool,
}

impl<T> WriteDeadline<T> {
    pub(super) fn new(inner: T) -> Self {
        let deadline = Box::pin(tokio::time::sleep(TAKEN_WITHIN));
        Self { inner, deadline, is_waiting: false }
    }

    /// Passes on how a write went; one that waits has to go on in time.
    fn watch(
        &mut self,
        went: Poll<Result<usize>>,
        context: &mut Context<'_>,
    ) -> Poll<Result<usize>> {
        if went.is_ready() {
            self.is_waiting = false;
            return went;
        }
        if !self.is_waiting {
            self.is_waiting = true;
            self.deadline.as_mut().reset(Instant::now() + TAKEN_WITHIN);
        }
        match self.deadline.as_mut().poll(context) {
            Poll::Ready(()) => {
                let said = "the other side took nothing for 20 seconds";
                Poll::Ready(Err(Error::new(ErrorKind::TimedOut, said)))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for WriteDeadline<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for WriteDeadline<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        let went = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.watch(went, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let went = Pin::new(&mut self.inner).poll_write_vectored(context, bytes);
        self.watch(went, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        // Of TCP, this never waits.
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_is_cut() {
        let (ours, _theirs) = tokio::io::duplex(8);
        let mut ours = WriteDeadline::new(ours);
        let begun = Instant::now();
        let error = ours.write_all(b"more than eight bytes").await.unwrap_err();
        assert_eq!((error.kind(), begun.elapsed()), (ErrorKind::TimedOut, TAKEN_WITHIN));
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_a_little_in_time_is_not() {
        let (ours, mut theirs) = tokio::io::duplex(1);
        let mut ours = WriteDeadline::new(ours);
        let slow = async {
            let mut taken = [0; 1];
            for _ in 0..5 {
                tokio::time::sleep(TAKEN_WITHIN.saturating_sub(Duration::from_secs(1))).await;
                theirs.read_exact(&mut taken).await.unwrap();
            }
        };
        let (written, ()) = tokio::join!(ours.write_all(b"five."), slow);
        written.unwrap();
    }
}
