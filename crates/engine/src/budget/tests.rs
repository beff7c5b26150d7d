use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use ledgerline_model::JobId;
use ledgerline_platform::http::{Failure, Http, Transport};
use ledgerline_platform::{Error as Refusal, Quota};

use super::local::Budgets;
use super::meter::Meter;
use super::reserve::places;
use super::take::Till;
use super::{Error, Places, Purpose, Scope, Scopes};
use crate::testing::{World, on_both_stores};

static MINUTE: [Quota; 1] = [Quota {
    calls: 60,
    seconds: 60,
    remaining: Some("x-left"),
}];
static APP: [Quota; 1] = [Quota {
    calls: 100,
    seconds: 60,
    remaining: None,
}];

fn scopes(organisation: &str) -> Scopes {
    let scope = |key: &str, windows, is_app| Scope {
        key: key.to_owned(),
        windows,
        at_once: if is_app { 0 } else { 5 },
        problem: Some(("x-problem", "app")),
        is_app,
    };
    Scopes(vec![
        scope(&format!("books/test/us/{organisation}"), &MINUTE, false),
        scope("books/test/us", &APP, true),
    ])
}

/// A process of its own: what it holds is not shared, the store and the clock are.
fn process(world: &World) -> Till {
    Till {
        store: world.engine.store.clone(),
        clock: world.clock.clone(),
        budgets: Arc::new(Budgets::default()),
    }
}

/// A platform that answers everything with the same.
struct Same(Mutex<http::Response<Bytes>>);

#[async_trait]
impl Transport for Same {
    async fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>, Failure> {
        Ok(self.0.lock().unwrap().clone())
    }
}

fn answering(status: u16, headers: &[(&str, &str)]) -> Http {
    let mut answer = http::Response::builder().status(status);
    for (name, value) in headers {
        answer = answer.header(*name, *value);
    }
    Http::new(Arc::new(Same(Mutex::new(answer.body(Bytes::new()).unwrap()))))
}

async fn open(world: &World, till: &Till, organisation: &str, purpose: Purpose) -> Result<Arc<Meter>, Error> {
    let ids = world.engine.ids.clone();
    let places = if purpose == Purpose::Pull {
        Places::Kept
    } else {
        Places::OneByOne
    };
    Meter::open(till.clone(), ids, scopes(organisation), purpose, places, 1)
        .await
        .map(Arc::new)
}

async fn ask(
    world: &World,
    till: &Till,
    organisation: &str,
    purpose: Purpose,
    platform: &Http,
) -> Result<(), Error> {
    let meter = open(world, till, organisation, purpose).await?;
    let answer = platform
        .through(meter)
        .send(http::Request::new(Bytes::new()))
        .await;
    assert!(answer.is_ok());
    Ok(())
}

#[tokio::test]
async fn several_processes_share_one_budget() {
    on_both_stores(async |world| {
        let processes = [process(&world), process(&world), process(&world)];
        let platform = answering(200, &[]);
        let mut asked = 0;
        let mut waiting = [false; 3];
        while waiting.contains(&false) {
            for (till, waits) in processes.iter().zip(&mut waiting) {
                match ask(&world, till, "kern", Purpose::Pull, &platform).await {
                    Ok(()) => asked += 1,
                    Err(Error::Wait(until)) => {
                        assert!(until > world.engine.now());
                        *waits = true;
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        }
        assert_eq!(asked, 48);
        // The reserve is there for pushes, and another organisation has its own.
        assert!(
            ask(&world, &processes[0], "kern", Purpose::Push, &platform)
                .await
                .is_ok()
        );
        assert!(
            ask(&world, &processes[1], "rath", Purpose::Pull, &platform)
                .await
                .is_ok()
        );
        world.advance(63);
        assert!(
            ask(&world, &processes[2], "kern", Purpose::Pull, &platform)
                .await
                .is_ok()
        );
    })
    .await;
}

#[tokio::test]
async fn the_apps_budget_holds_all_its_organisations() {
    on_both_stores(async |world| {
        let till = process(&world);
        let platform = answering(200, &[]);
        let mut asked = 0;
        for organisation in ["kern", "rath", "moos"] {
            while ask(&world, &till, organisation, Purpose::Pull, &platform)
                .await
                .is_ok()
            {
                asked += 1;
            }
        }
        assert_eq!(asked, 80);
    })
    .await;
}

#[tokio::test]
async fn a_pause_outlives_the_process_that_was_told() {
    on_both_stores(async |world| {
        let told = process(&world);
        let minute = answering(429, &[("retry-after", "100"), ("x-problem", "minute")]);
        ask(&world, &told, "kern", Purpose::Pull, &minute).await.unwrap();
        let restarted = process(&world);
        for till in [&told, &restarted] {
            for purpose in [Purpose::Pull, Purpose::Push] {
                let Err(Error::Wait(until)) = open(&world, till, "kern", purpose).await else {
                    panic!("the platform said no");
                };
                assert_eq!(until, world.engine.now() + std::time::Duration::from_secs(100));
            }
        }
        assert!(open(&world, &restarted, "rath", Purpose::Pull).await.is_ok());
        world.advance(100);
        assert!(open(&world, &restarted, "kern", Purpose::Pull).await.is_ok());
        let app = answering(429, &[("retry-after", "30"), ("x-problem", "app")]);
        ask(&world, &restarted, "kern", Purpose::Pull, &app)
            .await
            .unwrap();
        assert!(open(&world, &told, "rath", Purpose::Pull).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn what_others_than_us_used_is_seen_in_the_answers() {
    on_both_stores(async |world| {
        let till = process(&world);
        let platform = answering(200, &[("x-left", "10")]);
        let mut asked = 0;
        while ask(&world, &till, "kern", Purpose::Push, &platform).await.is_ok() {
            asked += 1;
        }
        assert!((10..=16).contains(&asked), "{asked} and not 60");
    })
    .await;
}

#[tokio::test]
async fn where_the_platform_does_not_count_nor_do_we() {
    on_both_stores(async |world| {
        let till = process(&world);
        let platform = answering(200, &[("x-left", "60")]);
        for _ in 0..70 {
            ask(&world, &till, "kern", Purpose::Pull, &platform)
                .await
                .unwrap();
        }
        assert!(
            open(&world, &process(&world), "kern", Purpose::Pull)
                .await
                .is_ok(),
            "and whoever is started again knows"
        );
    })
    .await;
}

#[tokio::test]
async fn so_many_are_asked_at_once_and_no_more() {
    on_both_stores(async |world| {
        let till = process(&world);
        let hanging = Hanging::default();
        let platform = Http::new(Arc::new(hanging.clone()));
        let mut asked = Vec::new();
        for _ in 0..3 {
            let meter = open(&world, &till, "kern", Purpose::PassThrough).await.unwrap();
            let through = platform.through(meter);
            asked.push(tokio::spawn(async move {
                through.send(http::Request::new(Bytes::new())).await.map(drop)
            }));
            hanging.0.notified().await;
        }
        let meter = open(&world, &process(&world), "kern", Purpose::Push)
            .await
            .unwrap();
        let fourth = answering(200, &[]).through(meter.clone());
        let refused = fourth.send(http::Request::new(Bytes::new())).await;
        assert!(matches!(
            refused,
            Err(Refusal::RateLimited { retry_after: Some(_) })
        ));
        // Reads have places of their own.
        let read = open(&world, &till, "kern", Purpose::Pull).await.unwrap();
        let read = answering(200, &[]).through(read);
        assert!(read.send(http::Request::new(Bytes::new())).await.is_ok());
        hanging.1.notify_waiters();
        for asked in asked {
            asked.await.unwrap().unwrap();
        }
        assert!(fourth.send(http::Request::new(Bytes::new())).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn whoever_holds_a_job_next_has_the_places_of_the_one_that_died() {
    on_both_stores(async |world| {
        let scopes = scopes("kern");
        let (first, second) = (JobId(world.engine.uuid()), JobId(world.engine.uuid()));
        let reserved = async |job| places(&world.engine, &scopes.0[0], job).await.unwrap();
        for _ in 0..3 {
            // Dropped, not given back: the process was killed.
            assert_eq!(reserved(first).await.count(), 2);
        }
        // Another job has what is left.
        assert_eq!(reserved(second).await.count(), 1);
        let last = reserved(first).await;
        last.give_back(&world.engine).await.unwrap();
        assert_eq!(reserved(second).await.count(), 2);
    })
    .await;
}

/// Says that it was asked, and answers when it is told to.
#[derive(Clone, Default)]
struct Hanging(Arc<tokio::sync::Notify>, Arc<tokio::sync::Notify>);

#[async_trait]
impl Transport for Hanging {
    async fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>, Failure> {
        let told = self.1.notified();
        tokio::pin!(told);
        told.as_mut().enable();
        self.0.notify_one();
        told.await;
        Ok(http::Response::new(Bytes::new()))
    }
}
