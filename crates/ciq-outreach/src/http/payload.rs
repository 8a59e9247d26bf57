//! A request's body that remembers whether it went out.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// A body in one piece. Once a connection has asked for it, the server may have it.
#[derive(Debug)]
pub(super) struct Payload {
    data: Option<Bytes>,
    is_taken: Arc<AtomicBool>,
}

impl Payload {
    /// Makes a body, and what tells whether it was taken.
    pub(super) fn new(data: Bytes) -> (Self, Arc<AtomicBool>) {
        let is_taken = Arc::new(AtomicBool::new(false));
        let data = Some(data).filter(|data| !data.is_empty());
        (Self { data, is_taken: Arc::clone(&is_taken) }, is_taken)
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.is_taken.store(true, Ordering::Release);
        Poll::Ready(self.data.take().map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let length = self.data.as_ref().map_or(0, Bytes::len);
        SizeHint::with_exact(u64::try_from(length).unwrap_or(u64::MAX))
    }
}
