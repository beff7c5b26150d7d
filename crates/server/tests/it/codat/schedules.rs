//! "Refresh company data", section "Scheduled refresh", and the settings behind it.

use std::time::Duration;

use jiff::civil::Date;
use ledgerline_engine::companies::{self, NewCompany};
use ledgerline_model::app::Environment;
use ledgerline_model::company::{Company, Profile};
use ledgerline_model::event::{Body, RunSnapshot};
use serde_json::{Value, json};

use crate::world::World;
use crate::world::browser::Browser;
use crate::world::codat::Linked;

const DAY: Duration = Duration::from_secs(86_400);

/// One entry of a settings list: invoices, daily, unless said otherwise.
fn setting(changes: Value) -> Value {
    let mut setting = json!({
        "dataType": "invoices", "fetchOnFirstLink": true, "syncSchedule": 24, "syncOrder": 0,
    });
    for (name, value) in changes.as_object().unwrap() {
        setting[name] = value.clone();
    }
    setting
}

async fn set(world: &World, path: &str, changes: &[Value]) {
    let settings: Vec<Value> = changes.iter().cloned().map(setting).collect();
    let body = json!({ "settings": settings, "overridesDefaults": true });
    world.codat().post(path, body).await.expect(204);
}

/// When a type was last read.
async fn last_sync(world: &World, company: &str, data_type: &str) -> String {
    let status = world
        .codat()
        .get(&format!("/companies/{company}/dataStatus"))
        .await;
    let status = status.expect(200).json();
    status[data_type]["lastSuccessfulSync"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn all_runs(world: &World) -> Vec<RunSnapshot> {
    let mut tx = world.engine.store.read().await.unwrap();
    let mut runs = Vec::new();
    let app = world.app;
    let events = ledgerline_store::events::recent(&mut tx, app, Environment::Test, 10_000).await;
    for event in events.unwrap().into_iter().rev() {
        if let Body::RunCompleted { run, .. } = event.body {
            runs.push(run);
        }
    }
    runs
}

#[tokio::test]
async fn data_is_refreshed_at_a_set_schedule_for_each_data_type() {
    let world = World::new().await;
    set(
        &world,
        "/profile/syncSettings",
        &[
            json!({ "syncSchedule": 168 }),
            json!({ "dataType": "company", "syncSchedule": 720 }),
        ],
    )
    .await;
    let Linked { company, .. } = world.codat().linked("Acme", 5).await;
    world.run_jobs().await;
    let first = last_sync(&world, &company, "invoices").await;
    world.advance(6 * DAY);
    world.run_jobs().await;
    assert_eq!(
        last_sync(&world, &company, "invoices").await,
        first,
        "not yet a week"
    );
    world.advance(DAY);
    world.run_jobs().await;
    let second = last_sync(&world, &company, "invoices").await;
    assert!(second > first, "weekly");
    assert_eq!(
        last_sync(&world, &company, "customers").await,
        first,
        "no frequency"
    );
    assert_eq!(last_sync(&world, &company, "company").await, first, "monthly");
    // Nothing runs for 60 days: what fell due runs once.
    world.advance(60 * DAY);
    world.run_jobs().await;
    let runs = all_runs(&world).await;
    let types = |run: &RunSnapshot| {
        run.pulls
            .iter()
            .map(|pull| pull.data_type.key())
            .collect::<Vec<_>>()
    };
    assert_eq!(runs.len(), 3);
    assert_eq!(
        (types(&runs[1]), runs[1].reason.as_str()),
        (vec!["invoices"], "recurring")
    );
    assert_eq!(types(&runs[2]), ["company", "invoices"]);
    world.end().await;
}

#[tokio::test]
async fn a_company_s_settings_go_before_the_app_s_unless_those_are_locked() {
    let world = World::new().await;
    let codat = world.codat();
    let company = codat.company("Acme").await;
    let path = format!("/companies/{company}/syncSettings");
    set(
        &world,
        "/profile/syncSettings",
        &[
            json!({ "syncSchedule": 168 }),
            json!({ "dataType": "bills", "syncSchedule": 24, "isLocked": true }),
        ],
    )
    .await;
    let own = json!({ "syncSchedule": 1, "syncFromWindow": 12 });
    set(&world, &path, std::slice::from_ref(&own)).await;
    let of = |answer: Value, data_type: &str| {
        let settings = answer["settings"].as_array().unwrap().clone();
        assert_eq!(settings.len(), 28, "every data type is listed");
        settings
            .into_iter()
            .find(|setting| setting["dataType"] == data_type)
            .unwrap()
    };
    let found = codat.get(&path).await.expect(200).json();
    assert_eq!(found["companyId"], company.as_str());
    assert_eq!(found["overridesDefaults"], true);
    assert_eq!(
        of(found, "invoices"),
        json!({
            "dataType": "invoices", "fetchOnFirstLink": true, "syncSchedule": 1, "syncOrder": 0,
            "syncFromWindow": 12, "isLocked": false,
        })
    );
    let general = codat.get("/profile/syncSettings").await.expect(200).json();
    assert!(general["clientId"].is_string());
    assert_eq!(of(general.clone(), "invoices")["syncSchedule"], 168);
    assert_eq!(of(general, "balanceSheet")["monthsToSync"], 24);

    let other = json!({ "settings": [setting(json!({ "dataType": "bills", "syncSchedule": 1 }))] });
    let refused = codat.post(&path, other).await.expect(400).json();
    assert_eq!(
        refused["error"],
        "The field `settings[0].dataType` is not valid: the setting of `bills` is locked for all companies."
    );
    // What was got can be given back.
    let back = codat.get(&path).await.expect(200).json();
    codat.post(&path, back.clone()).await.expect(204);
    assert_eq!(codat.get(&path).await.expect(200).json(), back);
    let taken_back = json!({ "settings": [], "overridesDefaults": false });
    codat.post(&path, taken_back).await.expect(204);
    let found = codat.get(&path).await.expect(200).json();
    assert_eq!(found["overridesDefaults"], false);
    assert_eq!(of(found, "invoices")["syncSchedule"], 168);
    world.end().await;
}

#[tokio::test]
async fn a_setting_that_cannot_be_is_refused_by_its_name() {
    let world = World::new().await;
    let company = world.codat().company("Acme").await;
    for (changes, field) in [
        (json!({ "dataType": "stars" }), "dataType"),
        (json!({ "syncSchedule": -1 }), "syncSchedule"),
        (json!({ "syncSchedule": 8785 }), "syncSchedule"),
        (json!({ "syncFromUtc": "yesterday" }), "syncFromUtc"),
        (
            json!({ "syncFromUtc": "2020-01-01", "syncFromWindow": 3 }),
            "syncFromWindow",
        ),
        (json!({ "syncFromWindow": 0 }), "syncFromWindow"),
        (json!({ "monthsToSync": 100_000 }), "monthsToSync"),
        (json!({ "cronExpression": "every day" }), "cronExpression"),
        (json!({ "cronExpression": "0 0 31 2 *" }), "cronExpression"),
        (
            json!({ "cronExpression": "0 0 * * *", "cronTimeZone": "Mars" }),
            "cronTimeZone",
        ),
        (json!({ "cronTimeZone": "Europe/Berlin" }), "cronTimeZone"),
    ] {
        for path in [
            "/profile/syncSettings".to_owned(),
            format!("/companies/{company}/syncSettings"),
        ] {
            let body = json!({ "settings": [setting(changes.clone())] });
            let refused = world.codat().post(&path, body).await.expect(400).json();
            let error = refused["error"].as_str().unwrap();
            let named = format!("The field `settings[0].{field}` is not valid: ");
            assert!(error.starts_with(&named), "{changes}: {error}");
        }
    }
    let twice = json!({ "settings": [setting(json!({})), setting(json!({}))] });
    world
        .codat()
        .post("/profile/syncSettings", twice)
        .await
        .expect(400);
    let zone = json!({ "name": "Acme", "timeZone": "Mars" });
    world.codat().post("/companies", zone).await.expect(400);
    world.end().await;
}

#[tokio::test]
async fn by_cron_it_is_read_by_the_clock_of_the_company() {
    let world = World::new().await;
    let codat = world.codat();
    set(
        &world,
        "/profile/syncSettings",
        &[json!({ "syncSchedule": 0, "cronExpression": "0 6 * * *" })],
    )
    .await;
    let Linked { company, .. } = codat.linked("Acme", 5).await;
    world.run_jobs().await;
    let zone = json!({ "timeZone": "Asia/Kolkata" });
    let path = format!("/companies/{company}");
    let changed = codat.send("PATCH", &path, Some(zone)).await.expect(200).json();
    assert_eq!(changed["timeZone"], "Asia/Kolkata");
    for _ in 0..24 * 6 {
        world.advance(DAY / 144);
        world.run_jobs().await;
    }
    let runs = all_runs(&world).await;
    assert_eq!(runs.len(), 2);
    let period = runs[1].period.clone().unwrap();
    assert!(period.ends_with("T00:30:00Z"), "{period}");
    world.end().await;
}

#[tokio::test]
async fn a_connection_lives_on_when_nothing_is_synchronised_unless_only_a_one_time_sync_is_wanted() {
    for (keep_alive, expected) in [(true, "Linked"), (false, "Deauthorized")] {
        let world = World::new().await;
        let codat = world.codat();
        let Linked {
            company, connection, ..
        } = codat.linked("Acme", 5).await;
        world.run_jobs().await;
        let path = format!("/companies/{company}");
        let wanted = json!({ "keepAlive": keep_alive });
        codat.send("PATCH", &path, Some(wanted)).await.expect(200);
        for _ in 0..20 {
            world.advance(5 * DAY);
            world.run_jobs().await;
        }
        codat
            .send("POST", &format!("{path}/data/queue/company"), None)
            .await
            .expect(200);
        world.run_jobs().await;
        let found = codat
            .get(&format!("{path}/connections/{connection}"))
            .await
            .expect(200)
            .json();
        assert_eq!(found["status"], expected, "keepAlive: {keep_alive}");
        world.end().await;
    }
}

#[tokio::test]
async fn of_many_who_queue_a_type_at_once_one_succeeds() {
    let world = World::new().await;
    let codat = world.codat();
    let Linked { company, .. } = codat.linked("Acme", 5).await;
    world.run_jobs().await;
    let path = format!("/companies/{company}/data/queue/invoices");
    let calls = (0..300).map(|_| codat.send("POST", &path, None));
    let answers = futures::future::join_all(calls).await;
    let queued: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(queued.len(), 1);
    let running = queued[0].json()["id"].as_str().unwrap().to_owned();
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(answer.status, 400);
        assert_eq!(
            answer.json()["error"],
            format!(
                "DatasetAlreadyInProgressException: Cannot queue invoices sync for {company} as previous sync \
                 {running} is still in progress"
            )
        );
    }
    world.run_jobs().await;
    world.end().await;
}

#[tokio::test]
async fn what_lies_outside_a_narrower_window_is_neither_deleted_nor_dropped() {
    let world = World::new().await;
    let codat = world.codat();
    let Linked { company, .. } = codat.linked("Acme", 80).await;
    world.run_jobs().await;
    let invoices = format!("/companies/{company}/data/invoices");
    let statements = format!("/companies/{company}/data/history?query=dataType=balanceSheet");
    let before = codat.all(&invoices).await;
    assert!(before.len() > 20);
    let narrow = [
        json!({ "syncFromUtc": world.now().to_string() }),
        json!({ "dataType": "balanceSheet", "monthsToSync": 2 }),
    ];
    set(&world, &format!("/companies/{company}/syncSettings"), &narrow).await;
    // A jump of 60 days would end the consent.
    for _ in 0..2 {
        world.advance(31 * DAY);
        world.run_jobs().await;
    }
    codat
        .send("POST", &format!("/companies/{company}/data/all"), None)
        .await
        .expect(204);
    world.run_jobs().await;
    assert_eq!(codat.all(&invoices).await, before);
    let reads = codat.all(&statements).await;
    assert!(reads.iter().all(|read| read["status"] == "Complete"), "{reads:?}");
    let mut tx = world.engine.store.read().await.unwrap();
    let app = world.app;
    let runs = ledgerline_store::runs::latest(&mut tx, app, Environment::Test, 1)
        .await
        .unwrap();
    for pull in ledgerline_store::pulls::of_run(&mut tx, app, runs[0].id)
        .await
        .unwrap()
    {
        assert_eq!(pull.deleted, 0, "{}", pull.data_type);
    }
    drop(tx);
    world.end().await;
}

/// As the dialect makes it whose companies are read monthly.
async fn accend_company(world: &World, zone: &str) -> Company {
    let new = NewCompany {
        app: world.app,
        environment: Environment::Test,
        name: "Acme".into(),
        description: None,
        tags: Default::default(),
        profile: Profile::Accend,
        keep_alive: true,
        created_by: None,
    };
    let mut tx = world.engine.store.write().await.unwrap();
    let mut company = companies::create(&world.engine, &mut tx, new).await.unwrap();
    company.zone = Some(zone.to_owned());
    companies::update(&world.engine, &mut tx, &company).await.unwrap();
    tx.commit().await.unwrap();
    company
}

#[tokio::test]
async fn up_to_36_months_are_read_first_and_each_month_afterwards() {
    let world = World::new().await;
    let codat = world.codat();
    let company = accend_company(&world, "America/New_York").await;
    let wanted = json!({
        "platform": "xero", "seed": 7, "months": 48, "invoices": 400, "limits": "off", "latency_ms": 0,
    });
    let organisation = world.control("POST", "organisations", wanted).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let (_, link) = codat.connection(&company.id.to_string()).await;
    Browser::new(&world).approve(&link, &organisation).await;
    world.run_jobs().await;

    let mut tx = world.engine.store.read().await.unwrap();
    let connections = ledgerline_store::connections::of_company(&mut tx, world.app, company.id).await;
    let said = connections.unwrap().remove(0).zone;
    assert!(
        said.is_some_and(|zone| zone.contains('/')),
        "the platform says where it is"
    );
    drop(tx);
    let first = all_runs(&world).await.remove(0);
    assert_eq!(
        (first.reason.as_str(), first.period.as_deref()),
        ("initial", None)
    );
    let today = world
        .now()
        .to_zoned(jiff::tz::TimeZone::get("America/New_York").unwrap())
        .date();
    let period = first.data_period.unwrap();
    let running = today.first_of_month();
    assert_eq!(period.end, running.yesterday().unwrap());
    let from = running.checked_sub(jiff::Span::new().months(36)).unwrap();
    assert_eq!(period.start, Some(from));
    let ledger = format!("organisations/{organisation}/ledger?dataType=invoices");
    let books = world.control("GET", &ledger, Value::Null).await;
    let is_wanted = |invoice: &&Value| {
        let date: Date = invoice["date"].as_str().unwrap().parse().unwrap();
        let status = invoice["status"].as_str().unwrap().to_lowercase();
        let is_open = !["paid", "void", "voided", "deleted"].contains(&status.as_str());
        (date >= from || is_open) && invoice["deleted"] != true
    };
    let all = books["results"].as_array().unwrap();
    let mut expected: Vec<_> = all
        .iter()
        .filter(is_wanted)
        .map(|invoice| invoice["id"].clone())
        .collect();
    let invoices = codat
        .all(&format!("/companies/{}/data/invoices", company.id))
        .await;
    let mut stored: Vec<_> = invoices.iter().map(|invoice| invoice["id"].clone()).collect();
    let sort = |ids: &mut Vec<Value>| ids.sort_by_key(Value::to_string);
    sort(&mut expected);
    sort(&mut stored);
    assert!(expected.len() < all.len(), "some are older and paid");
    assert_eq!(stored, expected);

    // Two months, a day at a time: one Run each, at midnight of the 1st over there.
    for _ in 0..62 {
        world.advance(DAY);
        world.run_jobs().await;
    }
    let runs = all_runs(&world).await;
    let recurring: Vec<_> = runs.iter().filter(|run| run.reason == "recurring").collect();
    assert_eq!(recurring.len(), 2);
    assert_eq!(runs.len(), 3);
    for (run, months) in recurring.iter().zip(1..) {
        let first = running.checked_add(jiff::Span::new().months(months)).unwrap();
        let period = run.data_period.unwrap();
        assert_eq!(period.end, first.yesterday().unwrap());
        assert_eq!(period.start, Some(first.yesterday().unwrap().first_of_month()));
        assert!(run.pulls.iter().all(|pull| pull.deleted == 0), "{run:?}");
        assert!(run.pulls.iter().all(|pull| pull.state == "Complete"), "{run:?}");
    }
    assert_eq!(
        codat
            .all(&format!("/companies/{}/data/invoices", company.id))
            .await
            .len(),
        stored.len(),
        "what the window leaves out stays"
    );
    world.end().await;
}
