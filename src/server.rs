//! The accept loop: bounded connections, in all and of one address (`crowd.rs`), slow clients cut, one graceful end.
//!
//! Who sends headers slowly is cut by hyper's timer, who takes an answer slowly by `unstalled.rs`, who sends a body slowly by
//! the time that a request may take.
//!
//! axum's own loop sets no limit on connections and answers over-long request lines with an empty body; ours
//! bounds both, see `oversize.rs`.

mod crowd;
mod oversize;
mod unstalled;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use axum::{Router, extract::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use self::{
    crowd::{Crowd, MAX_OF_ADDRESS},
    oversize::Oversize,
    unstalled::Unstalled,
};
use crate::{http::Callers, limits::Peer};

/// Open connections at most.
pub(crate) const MAX_CONNECTIONS: usize = 4_096;
/// Connections that wait to be accepted. Of a crowd that comes at once, whoever finds no room here tries again only after a
/// second; the system may allow fewer.
const BACKLOG: u32 = 4_096;
/// From the first byte of a request to the end of its headers.
pub(crate) const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Request line and headers together.
pub(crate) const MAX_HEAD_BYTES: usize = 96 << 10;
/// Headers of a request.
pub(crate) const MAX_HEADERS: usize = 64;
/// Bytes of an answer that the system keeps besides those on their way.
const MAX_UNSENT: u32 = 128 << 10;
/// How long requests in flight may take after the signal to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Binds `addr` with an error that says what to do when it is taken.
pub async fn bind(addr: SocketAddr) -> anyhow::Result<TcpListener> {
    listen(addr).with_context(|| {
        format!("cannot listen on {addr} (is another program using this port? choose one with --bind)")
    })
}

fn listen(addr: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = match addr {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // A service that was just ended leaves its port busy for a while; elsewhere this would share a port.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    socket.listen(BACKLOG)
}

/// Serves `router` until `cancel`, then lets requests in flight finish for at most ten seconds. Nobody but this machine and
/// trusted proxies holds more than 256 connections.
pub async fn serve(listener: TcpListener, router: Router, callers: Callers, cancel: CancellationToken) {
    let crowd = Crowd::new(MAX_OF_ADDRESS, &callers);
    serve_at_most(MAX_CONNECTIONS, crowd, listener, router, cancel).await;
}

/// The same with so many connections at a time; what comes beyond that, or beyond an address's share, is closed at once.
async fn serve_at_most(
    most: usize,
    crowd: Arc<Crowd>,
    listener: TcpListener,
    router: Router,
    cancel: CancellationToken,
) {
    let connections = TaskTracker::new();
    let slots = Arc::new(Semaphore::new(most));
    loop {
        let accepted = tokio::select! {
            () = cancel.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, addr) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors or the like: it passes, a busy loop would not help.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let peer = Peer::from(addr);
        let slot = Arc::clone(&slots).try_acquire_owned().ok();
        let Some(place) = slot.zip(crowd.admit(peer)) else {
            drop(stream);
            continue;
        };
        let (router, cancel) = (router.clone(), cancel.clone());
        connections.spawn(async move {
            connection(stream, peer, router, cancel).await;
            drop(place);
        });
    }
    connections.close();
    if tokio::time::timeout(GRACE, connections.wait()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}

async fn connection(stream: TcpStream, peer: Peer, router: Router, cancel: CancellationToken) {
    stream.set_nodelay(true).ok();
    keep_unsent_short(&stream);
    let io = TokioIo::new(Oversize::new(Unstalled::new(stream)));
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEADERS)
        .serve_connection(io, service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = cancel.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended early");
    }
}

/// Makes the system take no more of an answer than is of use for its pace. Without that it takes megabytes for a client
/// that reads nothing, and a thousand of those keep everybody waiting while gigabytes are copied for them.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn keep_unsent_short(stream: &TcpStream) {
    // An old kernel may not know it.
    socket2::SockRef::from(stream)
        .set_tcp_notsent_lowat(MAX_UNSENT)
        .ok();
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn keep_unsent_short(_: &TcpStream) {}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn start(router: Router) -> (SocketAddr, CancellationToken, tokio::task::JoinHandle<()>) {
        let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let cancel = CancellationToken::new();
        let served = tokio::spawn(serve(listener, router, Callers::default(), cancel.clone()));
        (addr, cancel, served)
    }

    async fn send(addr: SocketAddr, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(addr).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn heads_over_the_limit_are_answered_in_words() {
        let (addr, cancel, served) = start(Router::new().route("/", get(|| async { "fine" }))).await;
        let line = format!("GET /?q={} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(3 << 20));
        let answer = send(addr, line.as_bytes()).await;
        assert!(
            answer.starts_with("HTTP/1.1 414 ") && answer.contains("uri_too_long"),
            "{answer}"
        );
        let header = format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "x: y\r\n".repeat(100_000));
        let answer = send(addr, header.as_bytes()).await;
        assert!(
            answer.starts_with("HTTP/1.1 431 ") && answer.contains("headers_too_large"),
            "{answer}"
        );
        let huge = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "y".repeat(1 << 20));
        let answer = send(addr, huge.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
        let garbage = send(addr, b"\x01\x02\r\n\r\n").await;
        assert!(
            garbage.starts_with("HTTP/1.1 400 ") && garbage.contains("x-request-id: "),
            "{garbage}"
        );
        let fine = send(addr, b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
        assert!(fine.ends_with("fine"), "{fine}");
        cancel.cancel();
        served.await.unwrap();
    }

    #[tokio::test]
    async fn connections_over_the_limit_are_closed_at_once_and_make_room_when_they_end() {
        let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let cancel = CancellationToken::new();
        let router = Router::new().route("/", get(|| async { "fine" }));
        let crowd = Crowd::new(MAX_OF_ADDRESS, &Callers::default());
        let served = tokio::spawn(serve_at_most(2, crowd, listener, router, cancel.clone()));
        let ask = async |stream: &mut TcpStream| {
            let sent = stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
            let mut answer = [0; 512];
            match sent {
                Ok(()) => stream.read(&mut answer).await.unwrap_or(0) > 0,
                Err(_) => false,
            }
        };
        let mut open = [
            TcpStream::connect(addr).await.unwrap(),
            TcpStream::connect(addr).await.unwrap(),
        ];
        for stream in &mut open {
            assert!(ask(stream).await);
        }
        let mut third = TcpStream::connect(addr).await.unwrap();
        assert!(!ask(&mut third).await);
        drop(open);
        let mut fourth = false;
        for _ in 0..200 {
            let mut stream = TcpStream::connect(addr).await.unwrap();
            fourth = ask(&mut stream).await;
            if fourth {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(fourth, "room is made when connections end");
        cancel.cancel();
        served.await.unwrap();
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[tokio::test]
    async fn the_system_takes_little_for_a_client_that_reads_nothing() {
        let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        keep_unsent_short(&stream);
        let mut taken = 0;
        // What was taken is on its way to the client's own buffer for a moment, which makes room for more.
        while let Ok(written) = tokio::time::timeout(Duration::from_millis(200), stream.writable()).await {
            written.unwrap();
            taken += stream.try_write(&[0; 16 << 10]).unwrap_or(0);
        }
        assert!(taken > 0 && taken < 1 << 20, "{taken} bytes");
        drop(client);
    }

    #[tokio::test]
    async fn requests_in_flight_finish_before_the_end() {
        let (entered, mut is_in) = tokio::sync::mpsc::channel::<()>(1);
        let slow = move || async move {
            entered.send(()).await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
            "done"
        };
        let (addr, cancel, served) = start(Router::new().route("/", get(slow))).await;
        let asked = tokio::spawn(async move { send(addr, b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await });
        is_in.recv().await.unwrap();
        cancel.cancel();
        assert!(asked.await.unwrap().ends_with("done"));
        served.await.unwrap();
        assert!(TcpStream::connect(addr).await.is_err(), "nobody listens any more");
    }
}
