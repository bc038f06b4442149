//! Real sockets: what is under way when the server ends is answered, and what was answered is on disk.

use crate::shop::Shop;
use server::listen::{Connections, listen};
use store::Store;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_answers_what_is_under_way() {
    let shop = Shop::open();
    shop.ana().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ended) = oneshot::channel::<()>();
    let serving = tokio::spawn(listen(shop.app.clone(), listener, None, Connections::default(), async {
        drop(ended.await);
    }));
    let order = r#"{"id": "o-1", "customer": "phone:0901234567", "lines": [{"id": "1", "product": "latte", "gross_minor": 450}]}"#;
    let head = format!(
        "POST /v1/orders HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        shop.owner,
        order.len()
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    // It is told to end when it has read the head of a request and waits for the body.
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0u8; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    end.send(()).unwrap();
    stream.write_all(order.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    serving.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "the door is shut");

    let path = shop.url.clone();
    let session = Store::beside(&path).unwrap();
    assert_eq!(session.read().find_orders("corner", &["north/o-1"]).unwrap().len(), 1);
}

/// Heads that no client of good will sends: too many lines, lines without end, no line at all. Each is answered with a
/// no, or let go, and whoever asks properly is served beside them.
#[tokio::test(flavor = "multi_thread")]
async fn floods_of_headers_are_refused_and_silence_is_let_go() {
    let shop = Shop::open();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ended) = oneshot::channel::<()>();
    let connections =
        Connections { headers_within: std::time::Duration::from_millis(300), ..Connections::default() };
    let serving = tokio::spawn(listen(shop.app.clone(), listener, None, connections, async {
        drop(ended.await);
    }));
    let ask = async |head: String| {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // It may be let go before it has said all.
        drop(stream.write_all(head.as_bytes()).await);
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer).await);
        String::from_utf8_lossy(&answer).into_owned()
    };
    let get = "GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
    let many: String = (0..1000).map(|at| format!("x-{at}: 1\r\n")).collect();
    let long = format!("x-long: {}\r\n", "a".repeat(1 << 20));
    for head in [format!("{get}{many}\r\n"), format!("{get}{long}\r\n")] {
        let answer = ask(head).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
    let path = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(1 << 20));
    let answer = ask(path).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    for nonsense in ["\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n nonsense"] {
        let answer = ask(nonsense.to_owned()).await;
        assert!(!answer.starts_with("HTTP/1.1 2") && !answer.starts_with("HTTP/1.1 5"), "{answer}");
    }
    // One who says nothing further is let go, without anybody else waiting for it.
    let slow =
        tokio::time::timeout(std::time::Duration::from_secs(20), ask("GET /livez HTTP/1.1\r\nx".to_owned()));
    assert!(slow.await.is_ok(), "a silent client holds its connection");
    assert!(ask(format!("{get}\r\n")).await.starts_with("HTTP/1.1 200"));
    end.send(()).unwrap();
    serving.await.unwrap().unwrap();
}
