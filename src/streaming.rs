//! Bodies of answers that are made piece by piece, as fast as the client takes them.
//!
//! Between two pieces nothing is held but the state that the next one begins with: no thread, no place among the requests
//! at work. A client that goes away ends it.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::Frame;

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
}
