//! A clear answer to a request line that is too long.
//!
//! hyper answers a head over its buffer with an empty 431 and closes at once, so that a client that is still
//! sending sees a reset instead of an answer. This wrapper swaps the empty answer for a problem document (414 when
//! it was the request line that did not end) and reads on for a moment before closing.

use std::{
    hash::{BuildHasher, RandomState},
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Sleep,
};

/// What is read and thrown away after an over-long head, at most.
const MAX_DRAIN: usize = 16 << 20;
/// For how long.
const DRAIN_FOR: Duration = Duration::from_secs(2);

/// A stream whose over-long heads are answered in words.
pub(super) struct Oversize<S> {
    inner: S,
    /// Bytes read since the last answer: of the request that is being read.
    of_request: usize,
    /// Whether a line of it has ended.
    line_ended: bool,
    /// What is left to write of our own answer.
    answer: Option<(Vec<u8>, usize)>,
    drain: Option<Pin<Box<Sleep>>>,
    drained: usize,
    fin_sent: bool,
}

impl<S> Oversize<S> {
    pub(super) fn new(inner: S) -> Self {
        Self {
            inner,
            of_request: 0,
            line_ended: false,
            answer: None,
            drain: None,
            drained: 0,
            fin_sent: false,
        }
    }

    /// Our answer in place of an empty one of hyper's.
    fn in_place_of(&self, written: &[u8]) -> Option<Vec<u8>> {
        let status = written.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
        let (status, code, title, detail) = match status {
            b"414" if ends_empty(written) => URI_TOO_LONG,
            b"431" if !self.line_ended => URI_TOO_LONG,
            b"431" => HEADERS_TOO_LARGE,
            b"400" if ends_empty(written) && self.of_request > 0 => NOT_HTTP,
            _ => return None,
        };
        let id = format!("{:016x}", RandomState::new().hash_one(self.of_request));
        let body = format!(
            r#"{{"type":"urn:gongbao:problem:{code}","title":"{title}","status":{},"detail":"{detail}","code":"{code}","request_id":"{id}"}}"#,
            &status[..3]
        );
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\nx-request-id: {id}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        Some((head + &body).into_bytes())
    }
}

/// Status line, code, title, detail.
type Refusal = (&'static str, &'static str, &'static str, &'static str);

const URI_TOO_LONG: Refusal = (
    "414 URI Too Long",
    "uri_too_long",
    "The address is too long",
    "an address has at most 32 KiB",
);
const HEADERS_TOO_LARGE: Refusal = (
    "431 Request Header Fields Too Large",
    "headers_too_large",
    "The headers are too large",
    "a request has at most 64 headers, with its address at most 96 KiB",
);
const NOT_HTTP: Refusal = (
    "400 Bad Request",
    "invalid_request",
    "This is no HTTP request",
    "the request line or a header cannot be read",
);

fn ends_empty(written: &[u8]) -> bool {
    written.ends_with(b"\r\n\r\n")
        && written
            .windows(17)
            .any(|w| w.eq_ignore_ascii_case(b"content-length: 0"))
}

impl<S: AsyncRead + Unpin> AsyncRead for Oversize<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buf);
        let read = &buf.filled()[before..];
        self.of_request += read.len();
        self.line_ended |= read.contains(&b'\n');
        polled
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Oversize<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.answer.is_none()
            && let Some(answer) = self.in_place_of(buf)
        {
            self.answer = Some((answer, 0));
        }
        let this = &mut *self;
        let Some((answer, sent)) = &mut this.answer else {
            (this.of_request, this.line_ended) = (0, false);
            return Pin::new(&mut this.inner).poll_write(cx, buf);
        };
        while *sent < answer.len() {
            match Pin::new(&mut this.inner).poll_write(cx, &answer[*sent..]) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(n)) => *sent += n,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        // The head of an answer is a piece of its own, and first.
        let first = bufs.iter().find(|buf| !buf.is_empty()).map_or(&[][..], |buf| buf);
        if self.answer.is_some() || self.in_place_of(first).is_some() {
            return self.poll_write(cx, first);
        }
        (self.of_request, self.line_ended) = (0, false);
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }

    /// Otherwise hyper copies every body into a buffer of the connection, where it waits for slow readers.
    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.fin_sent {
            match Pin::new(&mut self.inner).poll_shutdown(cx) {
                Poll::Ready(Ok(())) => self.fin_sent = true,
                other => return other,
            }
        }
        if self.answer.is_none() {
            return Poll::Ready(Ok(()));
        }
        let this = &mut *self;
        let timer = this
            .drain
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(DRAIN_FOR)));
        let mut scrap = [0_u8; 16 << 10];
        loop {
            if this.drained >= MAX_DRAIN || timer.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Ok(()));
            }
            let mut buf = ReadBuf::new(&mut scrap);
            match Pin::new(&mut this.inner).poll_read(cx, &mut buf) {
                Poll::Ready(Ok(())) if buf.filled().is_empty() => return Poll::Ready(Ok(())),
                Poll::Ready(Ok(())) => this.drained += buf.filled().len(),
                Poll::Ready(Err(_)) => return Poll::Ready(Ok(())),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    #[tokio::test]
    async fn pieces_of_an_answer_are_sent_as_they_lie() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let far = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (near, _) = listener.accept().await.unwrap();
        let mut near = Oversize::new(near);
        assert!(near.is_write_vectored());
        let pieces = [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), b"", b"body"].map(io::IoSlice::new);
        let written = std::future::poll_fn(|cx| Pin::new(&mut near).poll_write_vectored(cx, &pieces)).await;
        assert_eq!(written.unwrap(), 23);
        let mut read = [0; 64];
        far.readable().await.unwrap();
        let n = far.try_read(&mut read).unwrap();
        assert_eq!(&read[..n], b"HTTP/1.1 200 OK\r\n\r\nbody");
    }
}
