use serde_json::json;

use crate::world::World;
use crate::world::browser::Browser;

#[tokio::test]
async fn a_customer_consents_and_comes_back_to_the_app() {
    let world = World::new().await;
    let codat = world.codat();
    let profile = json!({
        "name": "Test App",
        "redirectUrl": "https://app.example/done?c={companyId}&s={statusCode}&ref={ref}",
        "whiteListUrls": [],
    });
    codat.send("PUT", "/profile", Some(profile)).await.expect(200);
    let organisation = world.organisation(5).await;
    let company = codat.company("Acme").await;
    let (_, link) = codat.connection(&company).await;
    let page = Browser::new(&world)
        .approve(&format!("{link}?ref=42"), &organisation)
        .await;
    let body = if page.status == 303 {
        page.headers["location"].to_str().unwrap()
    } else {
        &page.body
    };
    assert!(
        body.contains(&format!("https://app.example/done?c={company}&s=200&ref=42"))
            || body.contains(&format!(
                "https://app.example/done?c={company}&amp;s=200&amp;ref=42"
            )),
        "{} {}",
        page.status,
        page.body
    );
    world.run_jobs().await;
    world.end().await;
}

#[tokio::test]
async fn a_refusal_is_told_to_the_app_and_changes_nothing() {
    let world = World::new().await;
    let codat = world.codat();
    world.organisation(5).await;
    let company = codat.company("Acme").await;
    let (connection, link) = codat.connection(&company).await;
    let page = Browser::new(&world).refuse(&link).await;
    assert_eq!(page.outcome(), "refused", "{}", page.body);
    let found = codat
        .get(&format!("/companies/{company}/connections/{connection}"))
        .await
        .json();
    assert_eq!(found["status"], "PendingAuth");
    assert_eq!(found["dataConnectionErrors"][0]["statusCode"], "403");
    world.run_jobs().await;
    world.end().await;
}

#[tokio::test]
async fn a_link_that_is_none_says_so() {
    let world = World::new().await;
    for link in [
        "/link/s/nonsense",
        "/link/s/AAAA",
        "/link/0195f000-0000-7000-8000-000000000000",
    ] {
        let page = Browser::new(&world)
            .open(&format!("http://ledgerline.test{link}"))
            .await;
        assert!(matches!(page.status, 400 | 404 | 410), "{link}: {}", page.status);
        assert_ne!(page.outcome(), "linked");
    }
    world.end().await;
}

#[tokio::test]
async fn a_callback_counts_once_and_only_in_its_own_browser() {
    let world = World::new().await;
    let codat = world.codat();
    let organisation = world.organisation(5).await;
    let company = codat.company("Acme").await;
    let (_, link) = codat.connection(&company).await;
    let mut browser = Browser::new(&world);
    browser.approve(&link, &organisation).await;
    let callback = browser.last_callback();
    let again = browser.open(&callback).await;
    assert_ne!(
        again.outcome(),
        "linked",
        "a state is good for once: {}",
        again.body
    );

    let company = codat.company("Other").await;
    let (connection, link) = codat.connection(&company).await;
    let organisation = world.organisation(5).await;
    let mut victim = Browser::new(&world);
    let stolen = victim.approve_without_callback(&link, &organisation).await;
    let page = Browser::new(&world).open(&stolen).await;
    assert_ne!(
        page.outcome(),
        "linked",
        "another browser's state is none: {}",
        page.body
    );
    let found = codat
        .get(&format!("/companies/{company}/connections/{connection}"))
        .await
        .json();
    assert_eq!(found["status"], "PendingAuth");
    world.run_jobs().await;
    world.end().await;
}

#[tokio::test]
async fn a_state_that_waited_too_long_is_refused() {
    let world = World::new().await;
    let codat = world.codat();
    let organisation = world.organisation(5).await;
    let company = codat.company("Acme").await;
    let (_, link) = codat.connection(&company).await;
    let mut browser = Browser::new(&world);
    let callback = browser.approve_without_callback(&link, &organisation).await;
    world.advance(std::time::Duration::from_secs(11 * 60));
    let page = browser.open(&callback).await;
    assert_ne!(page.outcome(), "linked", "{}", page.body);
    world.run_jobs().await;
    world.end().await;
}

#[tokio::test]
async fn an_organisation_of_another_company_is_not_linked_twice() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("First", 5).await;
    let company = codat.company("Second").await;
    let (_, link) = codat.connection(&company).await;
    let page = Browser::new(&world).approve(&link, &linked.organisation).await;
    assert_ne!(page.outcome(), "linked", "{}", page.body);
    assert!(page.body.contains("already"), "{}", page.body);
    world.run_jobs().await;
    world.end().await;
}

#[tokio::test]
async fn pages_are_safe_and_need_no_script() {
    let world = World::new().await;
    let codat = world.codat();
    world.organisation(5).await;
    let company = codat.company("Acme").await;
    let (_, link) = codat.connection(&company).await;
    let page = Browser::new(&world).open(&link).await;
    assert_eq!(page.status, 200);
    let csp = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        csp.contains("default-src 'none'") && csp.contains("frame-ancestors"),
        "{csp}"
    );
    assert!(!csp.contains("unsafe"), "{csp}");
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
    assert_eq!(page.headers["cache-control"], "no-store");
    assert!(
        !page.body.contains("<script") && !page.body.contains("style="),
        "{}",
        page.body
    );
    world.end().await;
}
