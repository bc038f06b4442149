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
