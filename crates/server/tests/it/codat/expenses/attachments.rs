use serde_json::Value;

use super::{Books, books, transaction};
use crate::world::{Answer, PUBLIC_URL, World};

/// Hand over a file in a part of this name.
async fn attach(world: &World, path: &str, part: &str, name: &str, content: &str) -> Answer {
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"{part}\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n{content}\r\n--b--\r\n"
    );
    let request = http::Request::post(format!("{PUBLIC_URL}{path}"))
        .header("authorization", format!("Bearer {}", world.key.expose()))
        .header("content-type", "multipart/form-data; boundary=b");
    world.request(request.body(body).unwrap()).await
}

fn path(books: &Books, sync: &str, number: u8) -> String {
    format!(
        "{}/syncs/{sync}/transactions/{}/attachments",
        books.base,
        transaction(number)
    )
}

#[tokio::test]
async fn a_receipt_is_put_on_a_posted_expense_once() {
    let world = World::new().await;
    let books = books(&world, 0).await;
    let (sync, _) = books.sync(&world, vec![books.payment(1)]).await;
    let path = path(&books, &sync, 1);
    let mut ids = Vec::new();
    for (part, name) in [
        ("file", "receipt.pdf"),
        ("fileName", "again.pdf"),
        ("yourFileData", "x.pdf"),
    ] {
        let made = attach(&world, &path, part, name, "%PDF-1.7 the receipt")
            .await
            .expect(200)
            .json();
        assert_eq!(made["companyId"], books.linked.company);
        assert_eq!(made["transactionId"], transaction(1));
        ids.push(made["id"].clone());
    }
    assert!(ids.iter().all(|id| id.is_string() && *id == ids[0]), "{ids:?}");
    world.end().await;
}

#[tokio::test]
async fn what_is_no_receipt_is_refused_by_name() {
    let world = World::new().await;
    let books = books(&world, 0).await;
    let mut wrong = books.payment(2);
    wrong["lines"][0]["accountRef"]["id"] = Value::from("00000000-0000-4000-8000-000000000000");
    let (sync, _) = books.sync(&world, vec![books.payment(1), wrong]).await;
    let own = path(&books, &sync, 1);
    let large = format!("%PDF-{}", "x".repeat(10_000_000));
    for (name, content) in [
        (
            "x.svg",
            "<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>",
        ),
        ("x.zip", "PK\u{3}\u{4}"),
        ("x.pdf", ""),
        ("../x.pdf", "%PDF-"),
        ("a\u{202e}fdp.exe", "%PDF-"),
        ("a\0.pdf", "%PDF-"),
        ("large.pdf", &large),
    ] {
        attach(&world, &own, "file", name, content).await.expect(400);
    }
    let failed = path(&books, &sync, 2);
    attach(&world, &failed, "file", "x.pdf", "%PDF-")
        .await
        .expect(400);
    let missing = path(&books, &sync, 3);
    attach(&world, &missing, "file", "x.pdf", "%PDF-")
        .await
        .expect(404);
    let huge = format!("%PDF-{}", "x".repeat(11_000_000));
    attach(&world, &own, "file", "x.pdf", &huge).await.expect(413);
    world.end().await;
}
