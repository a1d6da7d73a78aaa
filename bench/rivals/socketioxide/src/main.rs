//! socketioxide on hyper and a single-threaded tokio: `quizrun-bench-socketioxide PORT`; the messages come
//! as JSON in the environment.

use std::error::Error;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::Value;
use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, Data, SocketRef};
use tokio::net::TcpListener;

/// Packets that a socket may queue. What exceeds it is dropped, and nothing may be here.
const QUEUE: usize = 100_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = std::env::args().nth(1).ok_or("no port")?.parse()?;
    let mut protocol: Value = serde_json::from_str(&std::env::var("BENCH_PROTOCOL")?)?;
    let room = protocol["ROOM"].as_str().ok_or("no room")?.to_owned();
    let question = Arc::new(protocol["QUESTION"].take());
    let reply = Arc::new(protocol["REPLY"].take());

    let (service, io) = SocketIo::builder().max_buffer_size(QUEUE).build_svc();
    let all = io.clone();
    io.ns("/", async move |socket: SocketRef| {
        socket.join(room.clone());
        socket.on("answer", async move |Data::<Value>(_), ack: AckSender| {
            ack.send(&*reply).ok();
        });
        socket.on("broadcast", async move |Data::<u64>(count), ack: AckSender| {
            for _ in 0..count {
                all.to(room.clone()).emit("question", &*question).await.ok();
                tokio::task::yield_now().await;
            }
            ack.send(&count).ok();
        });
    });

    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let connection = http1::Builder::new()
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service.clone()))
            .with_upgrades();
        tokio::spawn(connection);
    }
}
