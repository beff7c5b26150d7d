/// Chromium and its driver.
mod chromium;

use std::path::Path;

use serde_json::json;

use crate::process::world::{Processes, Running};
use chromium::{Browser, WIDTH_OF_A_PHONE};

/// The environment's name of the driver; without it there is no browser to test in.
const DRIVER: &str = "LEDGERLINE_TEST_BROWSER";

/// Runs `test` in headless Chromium, where there is one.
async fn in_a_browser(javascript: bool, test: impl AsyncFnOnce(&Processes, &Running, &Browser)) {
    match std::env::var(DRIVER) {
        Ok(driver) if !driver.is_empty() => {
            let world = Processes::start().await;
            let server = world.server().await;
            let browser = Browser::start(Path::new(&driver), javascript).await;
            test(&world, &server, &browser).await;
            let complaints = browser.complaints().await;
            browser.end().await;
            assert_eq!(complaints, Vec::<String>::new(), "the console complains");
            drop(server);
            world.end().await;
        }
        _ => println!("skipped: {DRIVER} names no driver"),
    }
}

/// A company with a connection that nobody has consented to; its link.
async fn link(world: &Processes, server: &Running, name: &str) -> String {
    let base = &server.base;
    let wanted = json!({ "platform": "xero", "invoices": 200, "limits": "off", "latency_ms": 60 });
    world
        .call(
            "POST",
            &format!("{}/_sandbox/organisations", world.sandbox),
            Some(wanted),
        )
        .await
        .unwrap();
    let company = world
        .call(
            "POST",
            &format!("{base}/companies"),
            Some(json!({ "name": name })),
        )
        .await
        .unwrap();
    let path = format!("{base}/companies/{}/connections", company["id"].as_str().unwrap());
    let connection = world
        .call("POST", &path, Some(json!({ "platformKey": "gbol" })))
        .await
        .unwrap();
    connection["linkUrl"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_customer_links_by_clicking() {
    in_a_browser(true, async |world, server, browser| {
        let link = link(world, server, "Harbour Bakery").await;
        browser.open(&link).await;
        browser.keep_picture("link").await;
        browser.click("form button[type=submit]").await;
        browser.click("button[value=allow]").await;
        assert_eq!(browser.outcome().await, "linked");
        browser.keep_picture("linked").await;
    })
    .await;
}

#[tokio::test]
async fn a_customer_links_without_javascript_and_on_a_phone() {
    in_a_browser(false, async |world, server, browser| {
        browser.resize(WIDTH_OF_A_PHONE, 844).await;
        let link = link(world, server, "Harbour Bakery").await;
        browser.open(&link).await;
        assert!(browser.fits().await, "the page is wider than the phone");
        browser.keep_picture("link-phone").await;
        browser.click("form button[type=submit]").await;
        browser.click("button[value=allow]").await;
        assert_eq!(browser.outcome().await, "linked");
        assert!(browser.fits().await, "the page is wider than the phone");
        browser.keep_picture("linked-phone").await;
    })
    .await;
}

#[tokio::test]
async fn a_customer_who_refuses_is_told_what_that_means() {
    in_a_browser(true, async |world, server, browser| {
        let link = link(world, server, "<script>alert(1)</script> \u{202e}").await;
        browser.open(&link).await;
        browser.press_enter_on_the_first_button().await;
        browser.click("button[value=refuse]").await;
        assert_eq!(browser.outcome().await, "refused");
        browser.keep_picture("refused").await;
    })
    .await;
}

#[tokio::test]
async fn an_operator_watches_a_read_and_manages_keys() {
    in_a_browser(true, async |world, server, browser| {
        let linked = world.linked(server, "Orchard & Sons", 400, 250).await;
        let greeting = world.greeting(server);
        let login = greeting
            .split_whitespace()
            .find(|word| word.contains("/dashboard/login/"))
            .unwrap()
            .to_owned();
        browser.open(&login).await;
        browser.click("a[href*='/companies'] , nav a").await;
        browser.click(&format!("a[href*='{}']", linked.company)).await;
        assert!(browser.text().await.contains("Orchard & Sons"), "names are text");
        world
            .until("some of it is read", async || {
                (browser.text().await.matches("Complete").count() > 2).then_some(())
            })
            .await;
        browser.resize(1280, 1240).await;
        browser.keep_picture("dashboard").await;
        browser.resize(1280, 800).await;
        let before = browser.text().await;
        world
            .until("the page moves without being loaded again", async || {
                (browser.text().await != before).then_some(())
            })
            .await;
        world.until_complete(server, &linked.company).await;
        world
            .until("the page shows the end", async || {
                (browser.text().await.matches("Complete").count() > 15).then_some(())
            })
            .await;
        browser.keep_picture("dashboard-complete").await;
        browser.resize(WIDTH_OF_A_PHONE, 844).await;
        assert!(browser.fits().await, "the page is wider than the phone");
        browser.keep_picture("dashboard-phone").await;
        browser.resize(1280, 800).await;

        browser.click("a[href$='/keys']").await;
        browser.fill("input[name=name]", "Nightly export").await;
        browser.click("form.inline button[type=submit]").await;
        assert!(browser.text().await.contains("sk_test_"), "a key is shown once");
        browser.keep_picture("keys").await;
        browser.click("a[href$='/keys']").await;
        assert!(browser.text().await.contains("Nightly export"));

        browser.forget_cookies().await;
        browser.open(&login).await;
        assert!(
            !browser.text().await.contains("Orchard"),
            "a login link is good for once"
        );
        browser.open(&format!("{}/docs", server.base)).await;
        browser.keep_picture("docs").await;
    })
    .await;
}
