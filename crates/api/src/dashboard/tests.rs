use axum::body::Body;
use http::{Request, StatusCode, header};
use ledgerline_engine::companies::{self, NewCompany};
use ledgerline_model::app::Environment;
use ledgerline_model::company::Profile;
use ledgerline_model::consistency::{ControlCheck, Level};
use ledgerline_model::{DataType, Decimal};

use super::login_url;
use crate::testing::{Answer, World};

/// A browser that is logged in.
struct Operator {
    world: World,
    cookie: String,
}

impl Operator {
    async fn new() -> Self {
        let world = World::new().await;
        let login = login_url(&world.engine).await.unwrap();
        let answer = visit(&world, "GET", login.path(), "", "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
        assert!(cookie.starts_with("__Host-ledgerline_dashboard="));
        assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Secure"));
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Self { world, cookie }
    }

    async fn get(&self, rest: &str) -> Answer {
        visit(&self.world, "GET", &self.path(rest), &self.cookie, "").await
    }

    async fn post(&self, rest: &str, body: &str) -> Answer {
        visit(&self.world, "POST", &self.path(rest), &self.cookie, body).await
    }

    fn path(&self, rest: &str) -> String {
        format!("/dashboard/{}/test/{rest}", self.world.app)
    }

    /// As a form of the page carries it.
    async fn csrf(&self) -> String {
        let page = self.get("keys").await.text;
        let (_, rest) = page.split_once("name=\"csrf\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }
}

async fn visit(world: &World, method: &str, path: &str, cookie: &str, body: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body.to_owned()))
        .unwrap();
    world.raw(request).await
}

#[tokio::test]
async fn a_login_link_works_once_and_nothing_is_seen_without_a_session() {
    let world = World::new().await;
    let login = login_url(&world.engine).await.unwrap();
    for (times, status) in [(1, StatusCode::SEE_OTHER), (2, StatusCode::UNAUTHORIZED)] {
        let answer = visit(&world, "GET", login.path(), "", "").await;
        assert_eq!(answer.status, status, "time {times}");
    }
    for room in ["companies", "runs", "deliveries", "keys"] {
        let path = format!("/dashboard/{}/test/{room}", world.app);
        for cookie in ["", "__Host-ledgerline_dashboard=forged", "ledgerline_dashboard=x"] {
            let answer = visit(&world, "GET", &path, cookie, "").await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path} with {cookie}");
            assert!(!answer.text.contains("Lender"));
        }
    }
}

#[tokio::test]
async fn pages_are_not_kept_not_framed_and_allow_nothing_inline() {
    let operator = Operator::new().await;
    let answer = operator.get("companies").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(answer.headers[header::REFERRER_POLICY], "no-referrer");
    let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    assert!(!policy.contains("unsafe"));
    assert!(!answer.text.contains("style=") && !answer.text.contains("<style"));
    let style = answer
        .text
        .split("href=\"")
        .find(|text| text.starts_with("/assets/style-"))
        .unwrap();
    let style = visit(&operator.world, "GET", style.split('"').next().unwrap(), "", "").await;
    assert_eq!(
        style.headers[header::CACHE_CONTROL],
        "public, max-age=31536000, immutable"
    );
}

#[tokio::test]
async fn names_are_text_and_other_environments_are_elsewhere() {
    let operator = Operator::new().await;
    let engine = &operator.world.engine;
    let mut tx = engine.store.write().await.unwrap();
    let new = NewCompany {
        app: operator.world.app,
        environment: Environment::Test,
        name: "<script>alert(1)</script>\"'".to_owned(),
        description: None,
        tags: Default::default(),
        profile: Profile::Codat,
        keep_alive: true,
        created_by: None,
    };
    let company = companies::create(engine, &mut tx, new).await.unwrap();
    tx.commit().await.unwrap();

    for path in ["companies".to_owned(), format!("companies/{}", company.id)] {
        let page = operator.get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
        assert!(!page.text.contains("<script>"));
    }
    let live = format!("/dashboard/{}/live/companies/{}", operator.world.app, company.id);
    let elsewhere = visit(&operator.world, "GET", &live, &operator.cookie, "").await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
    for malformed in ["companies/x", "companies/%00", "runs/1", "keyss"] {
        assert_eq!(
            operator.get(malformed).await.status,
            StatusCode::NOT_FOUND,
            "{malformed}"
        );
    }
}

#[tokio::test]
async fn a_company_shows_how_far_its_data_types_agree() {
    let operator = Operator::new().await;
    let world = &operator.world;
    // Making a company makes the key of the links that the page shows.
    assert_eq!(
        world.post("/companies", r#"{"name":"Other"}"#).await.status,
        StatusCode::OK
    );
    let (company, connection) = world.linked_company("Kern").await;
    let path = format!("companies/{}", company.id);
    let bank = [("b<1", r#"{"id":"b<1","accountName":"<Giro>"}"#)];
    world.publish(&connection, DataType::BankAccounts, &bank).await;
    let invoices = world.publish(&connection, DataType::Invoices, &[]).await;
    assert!(
        !operator
            .get(&path)
            .await
            .text
            .contains("class=\"overall agreement\"")
    );

    let money = |text: &str| text.parse::<Decimal>().unwrap();
    let agrees = ControlCheck::new("trial_balance", money("900.00"), money("900.00"));
    let differs = ControlCheck::new("ar_control", money("120.50"), money("108.16"));
    let bank = ControlCheck::new("bank_balance:b<1", money("5"), money("5"));
    world
        .close(invoices, Level::Consistent, vec![agrees.clone(), bank.clone()])
        .await;
    let page = operator.get(&path).await.text;
    for shown in [
        "Consistent",
        "2 control totals, no difference",
        "Trial balance",
        "900.00",
        "&lt;Giro&gt;",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert!(
        !page.contains("<details open"),
        "what agrees need not be looked at"
    );

    world
        .close(invoices, Level::Inconsistent, vec![agrees, differs, bank])
        .await;
    let bills = world.publish(&connection, DataType::Bills, &[]).await;
    world.close(bills, Level::PerType, Vec::new()).await;
    let page = operator.get(&path).await.text;
    for shown in [
        "Inconsistent",
        "<details open",
        "1 of 3 control totals differ",
        "-12.34",
        "Read by themselves, so that they may not agree with the others: Bills.",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
}

#[tokio::test]
async fn a_key_is_shown_once_works_and_can_be_revoked() {
    let mut operator = Operator::new().await;
    let csrf = operator.csrf().await;
    let made = operator.post("keys", &format!("csrf={csrf}&name=Back+end")).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let start = made.text.find("sk_test_").unwrap();
    let key = made.text[start..].split('<').next().unwrap().to_owned();
    assert_eq!(key.len(), "sk_test_".len() + 43);
    let listed = operator.get("keys").await.text;
    assert!(listed.contains("Back end") && !listed.contains(&key));

    let revoke = listed
        .split("action=\"")
        .filter_map(|text| text.split('"').next())
        .find(|action| action.ends_with("/revoke"))
        .unwrap()
        .to_owned();
    operator.world.key = ledgerline_model::Secret::new(key);
    assert_eq!(operator.world.get("/companies").await.status, StatusCode::OK);
    let body = format!("csrf={csrf}");
    let revoked = visit(&operator.world, "POST", &revoke, &operator.cookie, &body).await;
    assert_eq!(revoked.status, StatusCode::SEE_OTHER);
    assert_eq!(
        operator.world.get("/companies").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn forms_of_other_pages_change_nothing() {
    let operator = Operator::new().await;
    for body in ["csrf=&name=x", "csrf=forged&name=x"] {
        assert_eq!(operator.post("keys", body).await.status, StatusCode::FORBIDDEN);
    }
    assert!(operator.post("keys", "name=x").await.status.is_client_error());
    assert!(!operator.get("keys").await.text.contains(">x<"));
    let csrf = operator.csrf().await;
    let out = visit(
        &operator.world,
        "POST",
        "/dashboard/logout",
        &operator.cookie,
        &format!("csrf={csrf}"),
    )
    .await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    assert_eq!(operator.get("keys").await.status, StatusCode::UNAUTHORIZED);
}
