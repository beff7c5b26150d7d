use std::sync::{Arc, Mutex};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::world::{Processes, Running};
use crate::pull::equals_the_ledger::assert_equal;
use crate::world::codat::Linked;

/// Killed ten times while the first read is under way; a reader sees nothing of a type, or all of it.
#[tokio::test]
async fn ten_times_during_the_first_read() {
    let mut world = Processes::start().await;
    let server = world.server().await;
    let linked = world.linked(&server, "Acme", 3000, 60).await;
    let reader = Reader::start(&world, &server, &linked);
    let (server, killed) = kill_while_reading(&world, server, &linked, &reader, 10).await;
    assert_eq!(killed, 10, "kills that met a read under way");
    world.until_complete(&server, &linked.company).await;
    let published = invoices(&world, &server, &linked).await;
    let seen = reader.stop();
    assert!(seen.len() > 10, "the reader has seen {} answers", seen.len());
    for (status, answer) in seen {
        let is_published = status == 200 && answer == published;
        assert!(
            status == 409 || is_published,
            "a reader saw {status} with {} records",
            count(&answer)
        );
    }
    world.asks(server);
    assert_equal(&world, &linked).await;
    world.end().await;
}

/// Killed while changes come in: a reader sees the old state or the new one, and in the end the ledger's.
#[tokio::test]
async fn five_times_during_a_refresh() {
    let mut world = Processes::start().await;
    let server = world.server().await;
    let linked = world.linked(&server, "Acme", 1500, 0).await;
    world.until_complete(&server, &linked.company).await;
    until_closed(&world, &server, &linked).await;
    let before = invoices(&world, &server, &linked).await;
    let organisation = format!("{}/_sandbox/organisations/{}", world.sandbox, linked.organisation);
    let changes = json!({ "seed": 4, "creates": 40, "edits": 60, "deletes": 20, "voids": 10 });
    world
        .call("POST", &format!("{organisation}/mutate"), Some(changes))
        .await
        .unwrap();
    let slowly = json!({ "kind": "slow", "rate": 1, "ms": 200 });
    world
        .call("POST", &format!("{organisation}/faults"), Some(slowly))
        .await
        .unwrap();
    let reader = Reader::start(&world, &server, &linked);
    // Everything once more, so that it lasts long enough to be killed so often.
    let refresh = format!("{}/companies/{}/data/all?full=true", server.base, linked.company);
    world.call("POST", &refresh, None).await.unwrap();
    let (server, killed) = kill_while_reading(&world, server, &linked, &reader, 5).await;
    assert_eq!(killed, 5, "kills that met a read under way");
    world.until_complete(&server, &linked.company).await;
    let after = invoices(&world, &server, &linked).await;
    assert_ne!(before, after);
    for (status, answer) in reader.stop() {
        let is_published = answer == before || answer == after;
        assert!(
            status == 200 && is_published,
            "a reader saw {status}, {} records that were never published: {} are neither of before nor of after",
            count(&answer),
            foreign(&answer, &[&before, &after]).len(),
        );
    }
    world.asks(server);
    assert_equal(&world, &linked).await;
    world.end().await;
}

/// Kill -9 and start anew, each time after a few more requests; how many kills met a read under way.
async fn kill_while_reading(
    world: &Processes,
    mut server: Running,
    linked: &Linked,
    reader: &Reader,
    kills: usize,
) -> (Running, usize) {
    let mut random = StdRng::seed_from_u64(11);
    let mut met = 0;
    for _ in 0..kills {
        let enough = world.requests(&linked.organisation).await + random.random_range(1..3);
        world
            .until("the server has read on", async || {
                let read_on = world.requests(&linked.organisation).await >= enough;
                (read_on || !world.is_reading(&server, &linked.company).await).then_some(())
            })
            .await;
        met += usize::from(world.is_reading(&server, &linked.company).await);
        server.kill();
        server = world.server().await;
        reader.follow(&server);
    }
    (server, met)
}

/// What its closing pass finds, the Run publishes too.
async fn until_closed(world: &Processes, server: &Running, linked: &Linked) {
    let history = format!(
        "{}/companies/{}/data/history?query=dataType=invoices",
        server.base, linked.company
    );
    world
        .until("the Run is closed", async || {
            let pulls = world.get(&history).await?;
            pulls["results"][0]["consistency"].is_object().then_some(())
        })
        .await;
}

async fn invoices(world: &Processes, server: &Running, linked: &Linked) -> Value {
    let url = format!(
        "{}/companies/{}/data/invoices?pageSize=5000",
        server.base, linked.company
    );
    world.get(&url).await.unwrap()["results"].clone()
}

/// Records of the answer that none of the others has.
fn foreign<'a>(answer: &'a Value, others: &[&Value]) -> Vec<&'a Value> {
    let is_in = |record: &Value| {
        others
            .iter()
            .any(|other| other.as_array().is_some_and(|all| all.contains(record)))
    };
    answer
        .as_array()
        .into_iter()
        .flatten()
        .filter(|record| !is_in(record))
        .collect()
}

fn count(answer: &Value) -> usize {
    answer.as_array().map_or(0, Vec::len)
}

/// Somebody who polls a list all the while, and keeps every answer that differs from the one before.
struct Reader {
    base: Arc<Mutex<String>>,
    seen: Arc<Mutex<Vec<(u16, Value)>>>,
    task: JoinHandle<()>,
}

impl Reader {
    fn start(world: &Processes, server: &Running, linked: &Linked) -> Self {
        let base = Arc::new(Mutex::new(server.base.clone()));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let asker = world.asker();
        let company = linked.company.clone();
        let (from, to) = (base.clone(), seen.clone());
        let task = tokio::spawn(async move {
            loop {
                let base = from.lock().unwrap().clone();
                let url = format!("{base}/companies/{company}/data/invoices?pageSize=5000");
                if let Some((status, body)) = asker.ask("GET", &url, None).await {
                    to.lock().unwrap().push((status, body["results"].clone()));
                }
                tokio::task::yield_now().await;
            }
        });
        Self { base, seen, task }
    }

    /// From here on ask this server.
    fn follow(&self, server: &Running) {
        *self.base.lock().unwrap() = server.base.clone();
    }

    fn stop(self) -> Vec<(u16, Value)> {
        self.task.abort();
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}
