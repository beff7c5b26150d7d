//! Receipts, at the platform and here.

use serde_json::{Value, json};

use super::booking::{configured, expense};
use crate::world::World;
use crate::world::receiver::Receiver;
use crate::world::sync2books::Connected;

const RECEIPT: &str = "%PDF-1.7 two lunches";

fn path(connected: &Connected, sync: &str, transaction: &str) -> String {
    format!(
        "/connections/{}/syncs/{sync}/transactions/{transaction}/attachments",
        connected.connection
    )
}

/// What the platform keeps with its documents.
async fn kept(world: &World, connected: &Connected) -> Vec<Value> {
    let path = format!("organisations/{}/attachments", connected.organisation);
    let answer = world.control("GET", &path, json!(null)).await;
    answer["results"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_receipt_is_put_on_an_expense_once_and_stands_beside_it_at_the_platform() {
    for platform in ["quickbooks_online", "xero"] {
        let world = World::of_all().await;
        let connected = world.sync2books().connected("Kern", platform).await;
        let (api, choices, currency) = configured(&world, &connected).await;
        let sync = api
            .written(&connected, expense("exp-001", &choices, &currency))
            .await;
        let receiver = Receiver::start().await;
        let wanted = json!({ "url": receiver.url, "event_types": ["attachment.uploaded"] });
        let secret = api.post("/webhooks", wanted).await.expect(201).json()["secret"].clone();
        let batch = api.get(&format!("/sync/batches/{sync}")).await.expect(200).json();
        let item = &batch["items"][0];
        let document = item["integrationResponse"]["id"].clone();

        let fields = [
            ("note", "With Kern & Söhne"),
            ("includeOnSend", "false"),
            ("lineInfo", "1"),
        ];
        let file = [("Lunch (2).pdf", RECEIPT)];
        let made = api
            .form(&path(&connected, &sync, "exp-001"), &fields, &file)
            .await
            .expect(201)
            .json();
        let id = made["id"].clone();
        assert!(made["createdAt"].is_string());
        assert_eq!(
            made,
            json!({
                "id": id, "fileName": "Lunch (2).pdf", "contentType": "application/pdf", "size": RECEIPT.len(),
                "category": "Expense", "note": "With Kern & Söhne", "includeOnSend": false,
                "connectionId": connected.connection, "syncId": sync, "transactionId": "exp-001",
                "entityBookId": document, "createdAt": made["createdAt"],
            })
        );
        // Once more, by the id of the item: it is there already.
        let by_item = path(&connected, &sync, item["id"].as_str().unwrap());
        let again = api.form(&by_item, &[], &file).await.expect(201).json();
        assert_eq!((&again["id"], &again["transactionId"]), (&id, &json!("exp-001")));
        let other = [("terms.txt", "Net 30.\r\n")];
        let other = api.form(&by_item, &[], &other).await.expect(201).json();
        assert_ne!(other["id"], id);
        assert_eq!(other["contentType"], "text/plain");

        let kept = kept(&world, &connected).await;
        let types: Vec<&str> = kept
            .iter()
            .map(|file| file["contentType"].as_str().unwrap())
            .collect();
        assert_eq!(types, ["application/pdf", "text/plain"]);
        assert_eq!(kept[0]["documents"], json!([document]));
        assert_eq!(kept[0]["size"], RECEIPT.len());
        let note = if platform == "xero" {
            ""
        } else {
            "With Kern & Söhne"
        };
        assert_eq!(kept[0]["note"], note, "Xero has no room for a note");

        world.run_jobs().await;
        let heard = receiver.messages();
        assert_eq!(heard.len(), 2, "each file once");
        heard[0].assert_signed(secret.as_str().unwrap());
        let told: Value = serde_json::from_str(&heard[0].body).unwrap();
        assert_eq!(told["type"], "attachment.uploaded");
        assert_eq!(told["data"]["company"]["name"], "Kern");
        assert_eq!(told["data"]["attachment"], made, "as it was answered");
        world.end().await;
    }
}

#[tokio::test]
async fn what_cannot_be_put_on_an_expense_is_refused_with_the_reason() {
    let world = World::of_all().await;
    let connected = world.sync2books().connected("Kern", "xero").await;
    let other = world.sync2books().connected("Lark", "quickbooks_online").await;
    let (api, choices, currency) = configured(&world, &connected).await;
    let mut wrong = expense("exp-002", &choices, &currency);
    wrong["lines"][0]["accountRef"]["id"] = json!("no-such-account");
    let sync = api
        .written(
            &connected,
            json!([expense("exp-001", &choices, &currency), wrong]),
        )
        .await;
    let own = path(&connected, &sync, "exp-001");
    let receipt = [("x.pdf", RECEIPT)];
    let large = format!("%PDF-{}", "x".repeat(10 * 1024 * 1024));
    let huge = format!("%PDF-{}", "x".repeat(11 * 1024 * 1024));
    let types = "The file type is not supported; supported are: \
                 JPG, JPEG, PNG, GIF, PDF, DOC, DOCX, XLS, XLSX, TXT, CSV";
    for (fields, files, status, message) in [
        (
            vec![],
            vec![],
            400,
            json!("The form has to hold a part with a file name."),
        ),
        (
            vec![],
            vec![("a.pdf", "%PDF-1"), ("b.pdf", "%PDF-2")],
            400,
            json!("Only one file can be uploaded per request"),
        ),
        (vec![], vec![("x.svg", "<svg/>")], 400, json!(types)),
        (vec![], vec![("x.zip", "PK\u{3}\u{4}")], 400, json!(types)),
        (vec![], vec![("x.pdf", "")], 400, json!("The file is empty")),
        (
            vec![("includeOnSend", "perhaps")],
            receipt.to_vec(),
            400,
            json!(["includeOnSend must be one of: true, false"]),
        ),
        (
            vec![],
            vec![("x.pdf", large.as_str())],
            413,
            json!("The file is larger than 10000000 bytes"),
        ),
    ] {
        let refused = api.form(&own, &fields, &files).await.expect(status);
        assert_eq!(refused.json()["message"], message);
        assert_eq!(refused.json()["statusCode"], status);
        assert!(!refused.header("x-ratelimit-remaining").is_empty());
    }
    api.form(&own, &[], &[("x.pdf", &huge)]).await.expect(413);
    api.post(&own, json!({ "file": "x" })).await.expect(400);

    // Nothing of a batch, an expense or a connection that is not there, or belongs to somebody else.
    let unknown = "0190f0aa-0000-7000-8000-000000000000";
    for missing in [
        path(&connected, unknown, "exp-001"),
        path(&connected, "no-batch", "exp-001"),
        path(&connected, &sync, "exp-003"),
        path(&other, &sync, "exp-001"),
    ] {
        api.form(&missing, &[], &receipt).await.expect(404);
    }
    let stranger = world.another_app().await.sync2books(&world);
    stranger.form(&own, &[], &receipt).await.expect(404);

    // Only what is in the books has room for a file.
    let synced = "Transaction exp-002 has not been synced: files can be put on it afterwards";
    let refused = api.form(&path(&connected, &sync, "exp-002"), &[], &receipt).await;
    assert_eq!(refused.expect(409).json()["message"], synced);
    let posting = format!("/expenses/{}", connected.connection);
    let made = api
        .post(&posting, expense("exp-004", &choices, &currency))
        .await
        .expect(201)
        .json();
    let waiting = path(&connected, made["syncBatchId"].as_str().unwrap(), "exp-004");
    api.form(&waiting, &[], &receipt).await.expect(409);
    world.run_slowly().await;
    api.form(&waiting, &[], &receipt).await.expect(201);

    assert_eq!(kept(&world, &connected).await.len(), 1);
    let one = format!(
        "/companies/{}/connections/{}",
        connected.company, connected.connection
    );
    api.send("PATCH", &one, Some(json!({ "status": "DISCONNECTED" })))
        .await
        .expect(200);
    let refused = api.form(&own, &[], &receipt).await.expect(409);
    assert_eq!(
        refused.json()["message"],
        "Connection expired: the connection is not connected"
    );
    world.run_jobs().await;
    world.end().await;
}
