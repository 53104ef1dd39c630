//! Bodies of answers that are made piece by piece, as fast as the client takes them.
//!
//! Between two pieces nothing is held but the state that the next one begins with: no thread, no place among the requests
//! at work. A client that goes away ends it. A body may be made one piece ahead of the client ([`ahead`]), which costs a
//! piece of memory and saves the time in which the client takes the one before.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::Frame;
use tokio::sync::mpsc::{self, Receiver};

use crate::api::problem::Problem;

/// A piece of a body and the state that the next one begins with; `None` at the end.
pub(crate) type Piece<S> = Result<Option<(Vec<u8>, S)>, Problem>;

/// A body whose pieces `next` makes, from one state to the next. A failure cuts the answer off, which every HTTP client
/// notices: its head has been sent long before.
pub(crate) fn body<S, F, Fut>(first: S, mut next: F) -> Body
where
    S: Send + 'static,
    F: FnMut(S) -> Fut + Send + Unpin + 'static,
    Fut: Future<Output = Piece<S>> + Send + 'static,
{
    let under_way = Some(Box::pin(next(first)));
    Body::new(Pieces { next, under_way })
}

/// Like [`body`], but a piece is made while the client takes the one before. A client that leaves a piece untaken for
/// `patience` is given up: what the state holds is let go, and the answer is cut off.
pub(crate) fn ahead<S, F, Fut>(first: S, patience: Duration, mut next: F) -> Body
where
    S: Send + 'static,
    F: FnMut(S) -> Fut + Send + 'static,
    Fut: Future<Output = Piece<S>> + Send,
{
    let (pieces, taken) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut state = first;
        loop {
            let made = tokio::select! {
                // The client has gone.
                () = pieces.closed() => return,
                made = next(state) => made,
            };
            let (piece, after) = match made {
                Ok(Some((bytes, after))) => (Ok(Some(bytes)), Some(after)),
                Ok(None) => (Ok(None), None),
                Err(problem) => (Err(problem), None),
            };
            let sent = tokio::time::timeout(patience, pieces.send(piece)).await;
            match (sent, after) {
                (Ok(Ok(())), Some(after)) => state = after,
                (Err(_), _) => return tracing::debug!("a client took nothing for {patience:?}"),
                _ => return,
            }
        }
    });
    Body::new(Taken(Some(taken)))
}

/// What the task of [`ahead`] makes; `None` is the end.
type Made = Result<Option<Vec<u8>>, Problem>;

struct Taken(Option<Receiver<Made>>);

impl HttpBody for Taken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Some(pieces) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let made = ready!(pieces.poll_recv(context));
        if !matches!(made, Some(Ok(Some(_)))) {
            self.0 = None;
        }
        Poll::Ready(match made {
            Some(Ok(Some(bytes))) => Some(Ok(Frame::data(Bytes::from(bytes)))),
            Some(Ok(None)) => None,
            Some(Err(problem)) => Some(Err(io::Error::other(problem.body().detail))),
            None => Some(Err(io::ErrorKind::TimedOut.into())),
        })
    }
}

struct Pieces<F, Fut> {
    next: F,
    under_way: Option<Pin<Box<Fut>>>,
}

impl<S, F, Fut> HttpBody for Pieces<F, Fut>
where
    F: FnMut(S) -> Fut + Unpin,
    Fut: Future<Output = Piece<S>>,
{
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        let Some(under_way) = &mut this.under_way else {
            return Poll::Ready(None);
        };
        let made = ready!(under_way.as_mut().poll(context));
        this.under_way = None;
        Poll::Ready(match made {
            Ok(Some((bytes, state))) => {
                this.under_way = Some(Box::pin((this.next)(state)));
                Some(Ok(Frame::data(Bytes::from(bytes))))
            }
            Ok(None) => None,
            Err(problem) => Some(Err(std::io::Error::other(problem.body().detail))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::problem::Code;

    #[tokio::test]
    async fn pieces_come_in_order_and_a_failure_is_no_end() {
        let until = |last: u32, fails: bool| {
            body(0, move |n: u32| async move {
                match n {
                    n if n < last => Ok(Some((n.to_string().into_bytes(), n + 1))),
                    _ if fails => Err(Problem::new(Code::Internal, "no more")),
                    _ => Ok(None),
                }
            })
        };
        let read = axum::body::to_bytes(until(12, false), 1 << 10).await.unwrap();
        assert_eq!(read, "01234567891011");
        assert!(axum::body::to_bytes(until(12, true), 1 << 10).await.is_err());
    }

    #[tokio::test]
    async fn pieces_made_ahead_come_in_order_and_a_failure_is_no_end() {
        let until = |last: u32, fails: bool| {
            ahead(0, Duration::from_secs(60), move |n: u32| async move {
                match n {
                    n if n < last => Ok(Some((n.to_string().into_bytes(), n + 1))),
                    _ if fails => Err(Problem::new(Code::Internal, "no more")),
                    _ => Ok(None),
                }
            })
        };
        let read = axum::body::to_bytes(until(12, false), 1 << 10).await.unwrap();
        assert_eq!(read, "01234567891011");
        assert!(axum::body::to_bytes(until(12, true), 1 << 10).await.is_err());
    }

    #[tokio::test]
    async fn who_takes_nothing_is_given_up_and_who_goes_away_too() {
        let endless = |state: mpsc::Sender<()>| {
            ahead(
                state,
                Duration::from_millis(20),
                |state: mpsc::Sender<()>| async { Ok(Some((b"x".to_vec(), state))) },
            )
        };
        let (held, mut let_go) = mpsc::channel(1);
        let body = endless(held);
        assert_eq!(let_go.recv().await, None, "after its time");
        assert!(
            axum::body::to_bytes(body, 1 << 10).await.is_err(),
            "what was made is not all"
        );
        let (held, mut let_go) = mpsc::channel(1);
        drop(endless(held));
        assert_eq!(let_go.recv().await, None);
    }
}
