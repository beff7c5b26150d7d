use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::equals_the_ledger::assert_equal;
use crate::world::World;
use crate::world::codat::Linked;

type Change = fn(&mut http::Response<Bytes>);

/// Every way in which an answer can be none.
const WRONG: &[(&str, Change)] = &[
    ("truncated", |answer| {
        let half = answer.body().len() / 2;
        answer.body_mut().truncate(half);
    }),
    ("a page for people", |answer| {
        become_of(answer, "<html><body>Back soon</body></html>", "text/html");
    }),
    ("another content type", |answer| {
        let body = answer.body().clone();
        become_of(answer, body, "text/plain; charset=utf-8");
    }),
    ("empty", |answer| become_of(answer, "", "application/json")),
    ("an empty list", |answer| {
        become_of(answer, "[]", "application/json")
    }),
    ("null", |answer| become_of(answer, "null", "application/json")),
    ("an object without a list", |answer| {
        become_of(answer, "{\"Status\":\"OK\"}", "application/json")
    }),
    ("a byte order mark", |answer| {
        let body = [b"\xef\xbb\xbf", answer.body().as_ref()].concat();
        become_of(answer, body, "application/json; charset=utf-8");
    }),
    ("UTF-16", |answer| {
        let text = String::from_utf8(answer.body().to_vec()).unwrap();
        let body: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        become_of(answer, body, "application/json; charset=utf-16");
    }),
    ("Latin 1", |answer| {
        let mut body = answer.body().to_vec();
        let at = body.iter().position(|byte| *byte == b'"').unwrap() + 1;
        body.insert(at, 0xe9);
        become_of(answer, body, "application/json; charset=utf-8");
    }),
    ("a member twice", |answer| append(answer, ",\"Status\":\"OK\"}")),
    ("not a number", |answer| append(answer, ",\"Extra\":NaN}")),
    ("a number without end", |answer| {
        append(answer, ",\"Extra\":1e400,\"pagination\":{\"page\":1e400}}")
    }),
    ("a status that is not OK", |answer| {
        let text = String::from_utf8(answer.body().to_vec()).unwrap();
        become_of(answer, text.replace("\"OK\"", "\"ERROR\""), "application/json");
    }),
    ("no content", |answer| {
        become_of(answer, "", "application/json");
        *answer.status_mut() = http::StatusCode::NO_CONTENT;
    }),
    ("a redirect", |answer| {
        *answer.status_mut() = http::StatusCode::FOUND
    }),
    ("not found", |answer| {
        *answer.status_mut() = http::StatusCode::NOT_FOUND
    }),
];

fn become_of(answer: &mut http::Response<Bytes>, body: impl Into<Bytes>, kind: &'static str) {
    *answer.body_mut() = body.into();
    let kind = http::HeaderValue::from_static(kind);
    answer.headers_mut().insert("content-type", kind);
}

fn append(answer: &mut http::Response<Bytes>, end: &str) {
    let text = String::from_utf8(answer.body().to_vec()).unwrap();
    let open = text.trim_end().strip_suffix('}').unwrap();
    *answer.body_mut() = format!("{open}{end}").into();
}

async fn ask_for_all(world: &World, linked: &Linked) {
    let path = format!("/companies/{}/data/all", linked.company);
    world.codat().send("POST", &path, None).await.expect(204);
}

/// Whole lists: what they leave out is gone.
async fn ask_for_everything(world: &World, linked: &Linked) {
    let path = format!("/companies/{}/data/all?full=true", linked.company);
    world.codat().send("POST", &path, None).await.expect(204);
}

/// State by data type, of those that the platform has.
async fn states(world: &World, linked: &Linked) -> Vec<(String, String)> {
    let path = format!("/companies/{}/dataStatus", linked.company);
    let statuses = world.codat().get(&path).await.expect(200).json();
    let statuses = statuses.as_object().unwrap().iter();
    statuses
        .map(|(data_type, status)| {
            (
                data_type.clone(),
                status["currentStatus"].as_str().unwrap().to_owned(),
            )
        })
        .filter(|(_, status)| status != "NotSupported" && status != "Initial")
        .collect()
}

/// Whatever comes instead of an answer: it is waited for, nothing is deleted, nothing half is shown, and once the
/// platform answers again the store equals its ledger.
#[tokio::test]
async fn no_wrong_answer_is_believed() {
    let world = World::new().await;
    let linked = world.codat().linked("Acme", 4).await;
    world.run_jobs().await;
    assert_equal(&world, &linked).await;
    for (name, change) in WRONG {
        world.advance(Duration::from_secs(3600));
        world.tamper.with(|path, answer| {
            if path.contains("/api.xro/") {
                change(answer);
            }
        });
        ask_for_everything(&world, &linked).await;
        for _ in 0..2 {
            world.run_jobs().await;
            world.advance(Duration::from_secs(60));
        }
        for (data_type, status) in states(&world, &linked).await {
            assert!(
                matches!(status.as_str(), "Fetching" | "Queued"),
                "{name}: {data_type} is {status}"
            );
        }
        assert_equal(&world, &linked).await;
        world.tamper.stop();
        world.advance(Duration::from_secs(900));
        world.run_jobs().await;
        for (data_type, status) in states(&world, &linked).await {
            assert_eq!(status, "Complete", "{name}: {data_type}");
        }
        assert_equal(&world, &linked).await;
    }
    world.end().await;
}

/// A day of nothing else ends the read, says why, and leaves what was read before.
#[tokio::test]
async fn a_day_of_wrong_answers_is_a_fetch_error() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 5).await;
    world.run_jobs().await;
    world.tamper.with(|path, answer| {
        if path.ends_with("/Invoices") {
            become_of(answer, "<html></html>", "text/html");
        }
    });
    world.advance(Duration::from_secs(60));
    ask_for_all(&world, &linked).await;
    world.run_jobs().await;
    let history = format!(
        "/companies/{}/data/history?query=dataType=invoices",
        linked.company
    );
    let held = codat.get(&history).await.json()["results"][0].clone();
    let described = held["statusDescription"].as_str().unwrap();
    assert!(
        described.starts_with("Paused until 2026-03-10T09:01:0"),
        "{described}"
    );
    assert!(described.contains("no JSON"), "{described}");
    for _ in 0..49 {
        world.advance(Duration::from_secs(1800));
        world.run_jobs().await;
    }
    for (data_type, status) in states(&world, &linked).await {
        let expected = match data_type.as_str() {
            "invoices" | "bills" => "FetchError",
            _ => "Complete",
        };
        assert_eq!(status, expected, "{data_type}");
    }
    let ended = codat.get(&history).await.json()["results"][0].clone();
    assert_eq!(
        (&ended["isErrored"], &ended["statusDescription"]),
        (&json!(true), &Value::Null)
    );
    assert!(
        ended["errorMessage"].as_str().unwrap().contains("no JSON"),
        "{ended}"
    );
    world.tamper.stop();
    assert_equal(&world, &linked).await;
    world.end().await;
}

/// Each ends in its own way, and each says why; the others are read.
#[tokio::test]
async fn every_bad_end_says_why() {
    let world = World::new().await;
    let codat = world.codat();
    world.tamper.with(|path, answer| {
        let status = match path.rsplit('/').next() {
            Some("Items") => 403,
            Some("TaxRates") => 429,
            Some("PurchaseOrders") => 500,
            Some("ManualJournals") => 400,
            _ => return,
        };
        become_of(answer, "{}", "application/json");
        *answer.status_mut() = http::StatusCode::from_u16(status).unwrap();
    });
    let linked = codat.linked("Acme", 3).await;
    world.run_jobs().await;
    for _ in 0..49 {
        world.advance(Duration::from_secs(1800));
        world.run_jobs().await;
    }
    let ends = [
        ("items", "PermissionsError", "access to Items is forbidden"),
        ("taxRates", "RateLimitError", "limits the rate"),
        ("purchaseOrders", "FetchError", "500"),
        ("journalEntries", "FetchError", "refused the request"),
    ];
    for (data_type, status) in states(&world, &linked).await {
        let history = format!(
            "/companies/{}/data/history?query=dataType={data_type}",
            linked.company
        );
        let ended = codat.get(&history).await.json()["results"][0].clone();
        let end = ends.iter().find(|(of, ..)| *of == data_type);
        let Some((_, expected, message)) = end else {
            assert_eq!(status, "Complete", "{data_type}");
            assert_eq!(ended["errorMessage"], Value::Null, "{data_type}");
            continue;
        };
        assert_eq!(status, *expected, "{data_type}");
        assert_eq!(ended["status"], *expected);
        let said = ended["errorMessage"].as_str().unwrap();
        assert!(said.contains(message), "{data_type}: {said}");
    }
    world.end().await;
}

/// What is wrong with one record is no reason to lose the others.
#[tokio::test]
async fn poison_records_are_set_aside_and_listed_until_they_are_well() {
    let world = World::new().await;
    let codat = world.codat();
    world.tamper.with(|path, answer| {
        if !path.ends_with("/Invoices") {
            return;
        }
        let mut list: Value = serde_json::from_slice(answer.body()).unwrap();
        let invoices = list["Invoices"].as_array_mut().unwrap().iter_mut();
        let mut sales = invoices
            .filter(|invoice| invoice["Type"] == "ACCREC")
            .collect::<Vec<_>>()
            .into_iter();
        if sales.len() < 7 {
            // What has changed since the list was read, asked for once more at the end of the Run.
            return;
        }
        let mut next = || sales.next().unwrap();
        let date = next();
        date["DateString"] = "0000-00-00T00:00:00".into();
        date["Date"] = "0000-00-00T00:00:00".into();
        next()["InvoiceNumber"] = "a\0b".into();
        next()["InvoiceNumber"] = "SURROGATE".into();
        next()["InvoiceNumber"] = "x".repeat(5_000_000).into();
        next()["Total"] = "BIG".into();
        next()["Total"] = "HUGE".into();
        next()["Status"] = "MYSTERY".into();
        let text = list
            .to_string()
            .replace("SURROGATE", "\\ud800")
            .replace("\"BIG\"", "123456789012345678901234567890.12")
            .replace("\"HUGE\"", "1e400");
        *answer.body_mut() = text.into();
    });
    let linked = codat.linked("Acme", 12).await;
    world.run_jobs().await;
    for (data_type, status) in states(&world, &linked).await {
        assert_eq!(status, "Complete", "{data_type}");
    }
    let found = validation(&world, &linked).await;
    assert_eq!(found["errors"].as_array().unwrap().len(), 6, "{found}");
    for error in found["errors"].as_array().unwrap() {
        assert!(!error["itemId"].as_str().unwrap().is_empty(), "{error}");
        assert!(error["message"].as_str().unwrap().len() < 500, "{error}");
        assert_eq!(error["validatorName"], "invoicesValidator", "{error}");
    }
    let mystery = found["warnings"].as_array().unwrap().iter();
    let mystery: Vec<_> = mystery
        .filter(|warning| warning["message"].as_str().unwrap().contains("MYSTERY"))
        .collect();
    assert_eq!(mystery.len(), 1, "{found}");
    let path = format!("/companies/{}/data/invoices", linked.company);
    let served = codat.all(&path).await;
    let unknown = served.iter().filter(|invoice| invoice["status"] == "Unknown");
    assert_eq!(unknown.count(), 1);

    // Some of them get a new version, which is read like any other.
    world.tamper.stop();
    let mutate = format!("organisations/{}/mutate", linked.organisation);
    let edits = json!({ "seed": 5, "creates": 0, "edits": 400, "deletes": 0, "voids": 0 });
    world.advance(Duration::from_secs(600));
    world.control("POST", &mutate, edits).await;
    world.advance(Duration::from_secs(600));
    ask_for_all(&world, &linked).await;
    world.run_jobs().await;
    let left = validation(&world, &linked).await;
    assert!(left["errors"].as_array().unwrap().len() < 6, "{left}");
    // Those that have no new version are read with everything else.
    world.advance(Duration::from_secs(600));
    ask_for_everything(&world, &linked).await;
    world.run_jobs().await;
    assert_eq!(validation(&world, &linked).await["errors"], json!([]));
    assert_eq!(codat.all(&path).await.len(), served.len() + 6);
    assert_equal(&world, &linked).await;
    world.end().await;
}

/// Of the latest read of the invoices.
async fn validation(world: &World, linked: &Linked) -> Value {
    let codat = world.codat();
    let statuses = codat
        .get(&format!("/companies/{}/dataStatus", linked.company))
        .await;
    let latest = statuses.json()["invoices"]["latestSyncId"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/companies/{}/sync/{latest}/validation", linked.company);
    codat.get(&path).await.expect(200).json()
}
