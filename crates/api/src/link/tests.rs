use axum::body::Body;
use http::{Request, StatusCode, header};
use ledgerline_engine::companies::{self, NewCompany};
use ledgerline_engine::link::{Target, url};
use ledgerline_model::app::{Environment, Settings};
use ledgerline_model::company::{Company, Profile};
use ledgerline_store::apps;

use super::{Ending, views};
use crate::pages::Site;
use crate::testing::{Answer, World};

async fn company(world: &World, name: &str, environment: Environment) -> (Company, String) {
    let engine = &world.engine;
    let mut tx = engine.store.write().await.unwrap();
    let new = NewCompany {
        app: world.app,
        environment,
        name: name.to_owned(),
        description: None,
        tags: Default::default(),
        profile: Profile::Codat,
        keep_alive: true,
        created_by: None,
    };
    let company = companies::create(engine, &mut tx, new).await.unwrap();
    let link = url(engine, &mut tx, Target::from(&company)).await.unwrap();
    tx.commit().await.unwrap();
    (company, link.path().to_owned())
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

/// Open a link: the session's page and the cookie.
async fn open(world: &World, link: &str) -> (String, String) {
    let opened = visit(world, "GET", link, "", "").await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER);
    let page = opened.headers[header::LOCATION].to_str().unwrap().to_owned();
    let cookie = opened.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.starts_with("__Host-ledgerline_link_") && cookie.contains("; HttpOnly; SameSite=Lax; Secure")
    );
    (page, cookie.split(';').next().unwrap().to_owned())
}

fn outcome(answer: &Answer) -> Option<&str> {
    let (_, rest) = answer.text.split_once("name=\"ledgerline:outcome\" content=\"")?;
    rest.split('"').next()
}

#[tokio::test]
async fn an_opened_link_says_who_asks_for_what() {
    let world = World::new().await;
    let settings = Settings {
        logo_url: Some("https://img.example/logo.png".to_owned()),
        ..Settings::default()
    };
    let mut tx = world.engine.store.write().await.unwrap();
    apps::save_settings(&mut tx, world.app, &settings).await.unwrap();
    tx.commit().await.unwrap();
    let (_, link) = company(&world, "<img src=x onerror=alert(1)>", Environment::Test).await;
    let (page, cookie) = open(&world, &link).await;
    let page = visit(&world, "GET", &page, &cookie, "").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(outcome(&page), None);
    // What is asked for is read only there: nothing is said of writing.
    assert!(page.text.contains("asks to read") && !page.text.contains("write into"));
    assert!(page.text.contains("Lender") && page.text.contains("name=\"platform\" value=\"abacus\""));
    assert!(page.text.contains("&lt;img src=x onerror=alert(1)&gt;") && !page.text.contains("<img src=x"));
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("img-src 'self' https://img.example;") && !policy.contains("script-src"));
    assert_eq!(page.headers[header::REFERRER_POLICY], "no-referrer");
}

#[tokio::test]
async fn a_session_is_its_own_browsers_alone() {
    let world = World::new().await;
    let (_, link) = company(&world, "One", Environment::Test).await;
    let (page, cookie) = open(&world, &link).await;
    let (other_page, other_cookie) = open(&world, &link).await;
    assert_ne!(page, other_page);
    for (path, cookie) in [
        (&page, ""),
        (&page, other_cookie.as_str()),
        (&other_page, cookie.as_str()),
    ] {
        let answer = visit(&world, "GET", path, cookie, "").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(outcome(&answer), Some("failed"));
        assert!(!answer.text.contains("Lender") && !answer.text.contains("One"));
    }
}

#[tokio::test]
async fn forms_of_other_sites_begin_nothing() {
    let world = World::new().await;
    let (_, link) = company(&world, "One", Environment::Test).await;
    let (page, cookie) = open(&world, &link).await;
    let request = Request::post(format!("{page}/begin"))
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site")
        .body(Body::from("platform=abacus"))
        .unwrap();
    assert_eq!(world.raw(request).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_is_wrong_with_a_link_is_said() {
    let world = World::new().await;
    for link in ["/link/s/x", "/link/s/AQEB", "/link/not-an-id"] {
        let answer = visit(&world, "GET", link, "", "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{link}");
        assert_eq!(outcome(&answer), Some("failed"));
        assert!(answer.text.contains("This link does not work"));
    }
    let (_, live) = company(&world, "Live", Environment::Live).await;
    let (page, cookie) = open(&world, &live).await;
    let shown = visit(&world, "GET", &page, &cookie, "").await;
    assert_eq!(
        (shown.status, outcome(&shown)),
        (StatusCode::CONFLICT, Some("failed"))
    );
    for platform in ["abacus", "unknown"] {
        let body = format!("platform={platform}");
        let answer = visit(&world, "POST", &format!("{page}/begin"), &cookie, &body).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert_eq!(outcome(&answer), Some("failed"));
    }
}

#[tokio::test]
async fn callbacks_that_nobody_asked_for_change_nothing() {
    let world = World::new().await;
    let (_, link) = company(&world, "One", Environment::Test).await;
    let (_, cookie) = open(&world, &link).await;
    for query in [
        "",
        "?state=x",
        "?code=a&state=b",
        "?error=access_denied&state=",
        "?state=a&state=b",
    ] {
        let answer = visit(
            &world,
            "GET",
            &format!("/oauth/callback/abacus{query}"),
            &cookie,
            "",
        )
        .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(outcome(&answer), Some("failed"));
    }
}

#[tokio::test]
async fn success_is_told_only_where_it_is_so() {
    let world = World::new().await;
    let (_, link) = company(&world, "One", Environment::Test).await;
    let (page, cookie) = open(&world, &link).await;
    for ending in ["linked", "already-linked", "nonsense"] {
        let answer = visit(&world, "GET", &format!("{page}/ended/{ending}"), &cookie, "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{ending}");
    }
    for (ending, expected) in [
        ("refused", "refused"),
        ("failed", "failed"),
        ("linked-elsewhere", "failed"),
    ] {
        let path = format!("{page}/ended/{ending}?platform=abacus");
        let answer = visit(&world, "GET", &path, &cookie, "").await;
        assert_eq!(outcome(&answer), Some(expected));
        assert!(answer.text.contains("Try again"));
    }
}

#[test]
fn every_ending_has_a_title_a_reason_and_an_outcome() {
    let organisation = || Some("Acme & <Sons>".to_owned());
    let site = Site::default();
    let scene = views::Scene {
        site: &site,
        app: "Lender <b>",
        logo: None,
        company: "Company <i>",
    };
    for ending in [
        Ending::Linked {
            organisation: organisation(),
        },
        Ending::AlreadyLinked { organisation: None },
        Ending::Refused,
        Ending::NoOrganisation,
        Ending::OtherOrganisation {
            organisation: organisation(),
        },
        Ending::AlreadyLinkedElsewhere,
        Ending::CompanyBusy,
        Ending::Expired,
        Ending::UnknownLink,
        Ending::Unavailable {
            reason: Some("<script>".to_owned()),
        },
        Ending::Failed {
            message: Some("<script>".to_owned()),
        },
    ] {
        for page in [
            views::ending(&scene, None, &ending, None, Some("/again")),
            views::stranger(&site, &ending),
        ] {
            let body = page.body.into_string();
            assert!(!page.title.is_empty());
            assert_eq!(body.matches("<h1").count(), 1, "{ending:?}");
            assert!(body.contains("class=\"lead\""));
            for raw in ["<b>", "<i>", "<Sons>", "<script", "style="] {
                assert!(!body.contains(raw), "{ending:?} has {raw}");
            }
        }
    }
}
