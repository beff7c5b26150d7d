/// Chromium and its driver.
mod chromium;

use std::path::Path;

use serde_json::json;

use crate::process::world::{Processes, Running};
use chromium::{Browser, LITTLE_PHONE, PHONE, WINDOW};

/// The environment's name of the driver; without it there is no browser to test in.
const DRIVER: &str = "LEDGERLINE_TEST_BROWSER";

/// What "Continue to Xero" is on the link page, and the buttons of the platform's consent page.
const CONTINUE: &str = "form button[type=submit]";
const ALLOW: &str = "button[value=allow]";
const REFUSE: &str = "button[value=refuse]";

/// Runs `test` in headless Chromium, where there is one.
async fn in_a_browser(app: &str, javascript: bool, test: impl AsyncFnOnce(&Processes, &Running, &Browser)) {
    match std::env::var(DRIVER) {
        Ok(driver) if !driver.is_empty() => {
            let world = Processes::start_for(app).await;
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

/// The address that the server printed for its operator.
fn login(world: &Processes, server: &Running) -> String {
    world
        .greeting(server)
        .split_whitespace()
        .find(|word| word.contains("/dashboard/login/"))
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_customer_links_by_clicking() {
    in_a_browser("Brightside", true, async |world, server, browser| {
        let link = link(world, server, "Harbour Bakery").await;
        browser.open(&link).await;
        browser.keep_picture("link").await;
        browser.click(CONTINUE).await;
        browser.click(ALLOW).await;
        assert_eq!(browser.outcome().await, "linked");
        browser.keep_picture("linked").await;
    })
    .await;
}

#[tokio::test]
async fn a_customer_links_without_javascript_and_on_a_phone() {
    in_a_browser("Brightside", false, async |world, server, browser| {
        browser.resize(PHONE).await;
        let link = link(world, server, "Harbour Bakery").await;
        browser.open(&link).await;
        browser.keep_picture("link-phone").await;
        browser.resize(LITTLE_PHONE).await;
        browser.fits("the link page").await;
        browser.click(CONTINUE).await;
        browser.click(ALLOW).await;
        assert_eq!(browser.outcome().await, "linked");
        browser.fits("the page of success").await;
        browser.resize(PHONE).await;
        browser.keep_picture("linked-phone").await;
    })
    .await;
}

#[tokio::test]
async fn a_customer_links_without_a_mouse() {
    in_a_browser("Brightside", true, async |world, server, browser| {
        let link = link(world, server, "Harbour Bakery").await;
        browser.open(&link).await;
        browser.tab_to(CONTINUE).await;
        assert!(
            browser.focus_is_seen().await,
            "the focused button looks like any other"
        );
        browser.keep_picture("link-focused").await;
        browser.press_enter().await;
        browser.wait_for(ALLOW).await;
        browser.tab_to(ALLOW).await;
        browser.press_enter().await;
        assert_eq!(browser.outcome().await, "linked");
    })
    .await;
}

#[tokio::test]
async fn a_customer_who_refuses_can_try_again() {
    in_a_browser("Brightside", true, async |world, server, browser| {
        let link = link(world, server, "Harbour Bakery").await;
        browser.open(&link).await;
        browser.click(CONTINUE).await;
        browser.click(REFUSE).await;
        assert_eq!(browser.outcome().await, "refused");
        browser.keep_picture("refused").await;
        browser.resize(PHONE).await;
        browser.keep_picture("refused-phone").await;
        browser.click("a.button").await;
        browser.click(CONTINUE).await;
        browser.click(ALLOW).await;
        assert_eq!(browser.outcome().await, "linked");
    })
    .await;
}

#[tokio::test]
async fn a_customer_who_comes_back_too_late_starts_again() {
    in_a_browser("Brightside", true, async |world, server, browser| {
        let link = link(world, server, "Harbour Bakery").await;
        browser.open(&link).await;
        browser.click(CONTINUE).await;
        browser.wait_for(ALLOW).await;
        let clock = format!("{}/_sandbox/clock", world.sandbox);
        world
            .call("POST", &clock, Some(json!({ "advance": "11m", "settle": true })))
            .await
            .unwrap();
        browser.click(ALLOW).await;
        assert_eq!(browser.outcome().await, "failed");
        assert!(browser.text().await.contains("This page has expired"));
        browser.keep_picture("expired").await;

        browser.open(&link).await;
        browser.click(CONTINUE).await;
        browser.click(ALLOW).await;
        assert_eq!(browser.outcome().await, "linked");
    })
    .await;
}

#[tokio::test]
async fn names_are_text_and_turn_nothing_around_them() {
    let app = format!(
        "<script>document.title='owned'</script>\u{202e}{}",
        "W".repeat(150)
    );
    in_a_browser(&app, true, async |world, server, browser| {
        let company = format!("شركة {}", "W".repeat(195));
        let link = link(world, server, &company).await;
        browser.open(&link).await;
        let text = browser.text().await;
        assert!(text.contains(&app) && text.contains(&company), "names are text");
        assert_eq!(browser.isolated(&app).await, Some(true), "the app's name");
        assert_eq!(browser.isolated(&company).await, Some(true), "the company's name");
        browser.keep_picture("hostile").await;
        browser.resize(LITTLE_PHONE).await;
        browser.fits("the link page").await;
        browser.keep_picture("hostile-phone").await;
        browser.click(CONTINUE).await;
        browser.click(REFUSE).await;
        assert_eq!(browser.outcome().await, "refused");
        browser.fits("the page of a failure").await;

        browser.open(&login(world, server)).await;
        browser.wait_for("td.name a").await;
        let text = browser.text().await;
        assert!(text.contains(&app) && text.contains(&company), "names are text");
        browser.fits("the companies").await;
        browser.click("td.name a").await;
        browser.wait_for("#connections").await;
        browser.fits("a company").await;
        for (room, heading) in [("runs", "Runs"), ("deliveries", "Deliveries"), ("keys", "Keys")] {
            browser.click(&format!("nav a[href$='/{room}']")).await;
            browser.wait_for_heading(heading).await;
            browser.fits(room).await;
        }
        let name = "<img src=x onerror=\"document.title='owned'\">";
        browser.fill("input[name=name]", name).await;
        browser.click("form.inline button[type=submit]").await;
        browser.wait_for(".once").await;
        assert!(browser.text().await.contains(name), "names are text");
        browser.fits("the keys").await;
        assert!(!browser.title().await.contains("owned"));
    })
    .await;
}

#[tokio::test]
async fn an_operator_watches_a_read() {
    in_a_browser("Brightside", true, async |world, server, browser| {
        let linked = world.linked(server, "Orchard & Sons", 400, 250).await;
        let login = login(world, server);
        browser.open(&login).await;
        browser.wait_for("td.name a").await;
        browser.keep_picture("companies").await;
        browser.click(&format!("a[href*='{}']", linked.company)).await;
        browser.wait_for_heading("Orchard & Sons").await;
        browser.mark().await;
        world
            .until("some of it is read", async || {
                (browser.count("[data-live] .state.good").await > 2).then_some(())
            })
            .await;
        browser.resize((WINDOW.0, 1100)).await;
        browser.keep_picture("dashboard").await;
        browser.resize(WINDOW).await;
        let before = browser.text().await;
        world
            .until("the page moves", async || {
                (browser.text().await != before).then_some(())
            })
            .await;
        world.until_complete(server, &linked.company).await;
        world
            .until("the page shows the end", async || {
                (browser.count("[data-live] [data-running]").await == 0).then_some(())
            })
            .await;
        assert!(browser.is_marked().await, "the page was loaded again");
        assert!(
            browser
                .text()
                .await
                .contains("data types show the books of one instant")
        );
        browser.keep_picture("dashboard-complete").await;
        browser.resize(PHONE).await;
        browser.keep_picture("dashboard-phone").await;
        browser.click(".agreement summary").await;
        browser.keep_picture("agreement-phone").await;
        browser.resize(LITTLE_PHONE).await;
        browser.fits("the company").await;
        browser.resize(WINDOW).await;
        browser.keep_picture("agreement").await;

        browser.forget_cookies().await;
        browser.open(&login).await;
        assert!(browser.text().await.contains("This login link does not work"));
        browser.keep_picture("login-used").await;
        browser.fits("the page of a used login").await;
    })
    .await;
}

#[tokio::test]
async fn an_operator_makes_a_key_sees_it_once_and_revokes_it() {
    in_a_browser("Brightside", true, async |world, server, browser| {
        browser.open(&login(world, server)).await;
        browser.click("nav a[href$='/keys']").await;
        browser.fill("input[name=name]", "Nightly export").await;
        browser.click("form.inline button[type=submit]").await;
        let key = browser.text_of(".once").await;
        assert!(key.starts_with("sk_test_"), "{key}");
        browser.keep_picture("keys").await;
        browser.resize(PHONE).await;
        browser.keep_picture("keys-phone").await;
        let asker = world.asker_with(&key);
        let companies = format!("{}/companies", server.base);
        assert_eq!(asker.ask("GET", &companies, None).await.unwrap().0, 200);

        browser.click("nav a[href$='/keys']").await;
        browser
            .wait_until("the key is gone", async || browser.count(".once").await == 0)
            .await;
        let text = browser.text().await;
        assert!(
            text.contains("Nightly export") && !text.contains(&key),
            "a key is shown once"
        );
        // The newest key stands first.
        browser.click("tbody tr:first-child form button").await;
        browser
            .wait_until("it is revoked", async || browser.text().await.contains("Revoked"))
            .await;
        assert_eq!(asker.ask("GET", &companies, None).await.unwrap().0, 401);
    })
    .await;
}

#[tokio::test]
async fn the_description_of_the_api_can_be_read_everywhere() {
    in_a_browser("Brightside", true, async |_, server, browser| {
        browser.open(&format!("{}/docs", server.base)).await;
        browser.keep_picture("docs").await;
        browser.click("details summary").await;
        browser.resize(PHONE).await;
        browser.keep_picture("docs-phone").await;
        browser.resize(LITTLE_PHONE).await;
        browser.fits("the description").await;
    })
    .await;
}
