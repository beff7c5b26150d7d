//! Follow a link page as a consenting (or refusing) customer would, without JavaScript.

mod browser;
mod html;
#[cfg(test)]
mod tests;

use http::StatusCode;
use url::Url;

pub use browser::Fetch;

use browser::{Browser, Page};
use html::Form;

/// What the customer does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// The organisation's id; the first one that is offered if missing, made if there is none.
    pub organisation: Option<String>,
    pub refuse: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Linked,
    Refused,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("`{0}` is no address that can be opened")]
    BadAddress(String),
    #[error("`{url}` cannot be reached")]
    Unreachable {
        url: Url,
        #[source]
        source: anyhow::Error,
    },
    #[error("`{url}` answered {status}: {text}")]
    Refused {
        url: Url,
        status: StatusCode,
        text: String,
    },
    #[error("too many redirects, the last to `{0}`")]
    TooManyRedirects(Url),
    #[error("the consent page does not offer the organisation `{wanted}`; it offers: {offered}")]
    NotOffered { wanted: String, offered: String },
    #[error("linking ended as `{outcome}`: {text}")]
    Failed { outcome: String, text: String },
    #[error("`{url}` is a page on which there is nothing to do: {text}")]
    Stuck { url: Url, text: String },
}

/// How many pages a customer clicks through at most.
const MOST_PAGES: usize = 10;

/// Go from a link to the page that says how it ended.
pub async fn approve(fetch: &impl Fetch, link: &str, decision: &Decision) -> Result<Outcome, Error> {
    let link = Url::parse(link).map_err(|_| Error::BadAddress(link.to_owned()))?;
    let mut browser = Browser::new(fetch);
    let mut page = browser.open(link).await?;
    for _ in 0..MOST_PAGES {
        if let Some(outcome) = end(&page, decision)? {
            return Ok(outcome);
        }
        page = step(&mut browser, page, decision).await?;
    }
    Err(stuck(&page))
}

/// A client for [`approve`]: it leaves redirects alone.
#[expect(
    clippy::disallowed_methods,
    reason = "it plays a browser, and is no part of the server"
)]
pub fn client() -> reqwest::Result<reqwest::Client> {
    // Whoever installed one first is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

/// How it ended, if it has.
fn end(page: &Page, decision: &Decision) -> Result<Option<Outcome>, Error> {
    if let Some(left_for) = &page.left_for {
        return left(page, left_for).map(Some);
    }
    let failed = |outcome: &str| {
        let text = html::text(&page.body, 300);
        Err(Error::Failed {
            outcome: outcome.to_owned(),
            text,
        })
    };
    match outcome(page).as_deref() {
        Some("linked") if decision.refuse => failed("linked"),
        Some("linked") => Ok(Some(Outcome::Linked)),
        Some("refused") if decision.refuse => Ok(Some(Outcome::Refused)),
        Some("choose") | None if page.status.is_success() => Ok(None),
        Some(other) => failed(other),
        None => Err(Error::Refused {
            url: page.url.clone(),
            status: page.status,
            text: html::text(&page.body, 300),
        }),
    }
}

/// The app has its own page for the end: what led to it tells how it was.
fn left(page: &Page, left_for: &Url) -> Result<Outcome, Error> {
    let answers = page.callback.iter().flat_map(Url::query_pairs);
    let mut refused = false;
    for (name, value) in answers {
        refused |= name == "error" && value == "access_denied";
    }
    if refused {
        return Ok(Outcome::Refused);
    }
    let says_otherwise = left_for.query_pairs().any(|(name, value)| {
        let name = name.to_ascii_lowercase();
        (name.contains("statuscode") && value != "200" && !value.is_empty())
            || (name.contains("error") && !value.is_empty())
    });
    if says_otherwise {
        return Err(Error::Failed {
            outcome: "failed".to_owned(),
            text: left_for.to_string(),
        });
    }
    Ok(Outcome::Linked)
}

async fn step<F: Fetch>(
    browser: &mut Browser<'_, F>,
    page: Page,
    decision: &Decision,
) -> Result<Page, Error> {
    let forms = html::forms(&page.body);
    if let Some(form) = forms.iter().find(|form| is_consent(form)) {
        return consent(browser, &page, form, decision).await;
    }
    if let Some(form) = forms.first() {
        let fields = filled_in(form, decision);
        return browser.submit(&page, form, &fields).await;
    }
    let onwards = html::links(&page.body)
        .into_iter()
        .find(|link| link.contains("/link/"));
    match onwards.and_then(|link| page.url.join(&link).ok()) {
        Some(url) => browser.open(url).await,
        None => Err(stuck(&page)),
    }
}

/// A simulator's consent page: it is the one that takes a decision.
fn is_consent(form: &Form) -> bool {
    form.buttons.iter().any(|(name, _)| name == "decision")
}

async fn consent<F: Fetch>(
    browser: &mut Browser<'_, F>,
    page: &Page,
    form: &Form,
    decision: &Decision,
) -> Result<Page, Error> {
    let mut fields = form.fields.clone();
    let pressed = if decision.refuse { "refuse" } else { "allow" };
    fields.push(("decision".to_owned(), pressed.to_owned()));
    if decision.refuse {
        return browser.submit(page, form, &fields).await;
    }
    if form.choices.is_empty() && decision.organisation.is_none() {
        make_organisation(browser, page).await?;
        return browser.open(page.url.clone()).await;
    }
    let offered = form.choices.iter();
    let chosen = match &decision.organisation {
        Some(wanted) => offered
            .clone()
            .find(|(_, value)| value.eq_ignore_ascii_case(wanted)),
        None => offered.clone().next(),
    };
    let Some(chosen) = chosen else {
        let offered: Vec<&str> = offered.map(|(_, value)| value.as_str()).collect();
        let wanted = decision.organisation.clone().unwrap_or_default();
        return Err(Error::NotOffered {
            wanted,
            offered: offered.join(", "),
        });
    };
    fields.push(chosen.clone());
    browser.submit(page, form, &fields).await
}

/// The first part of the path of a simulator's page is its platform.
async fn make_organisation<F: Fetch>(browser: &mut Browser<'_, F>, page: &Page) -> Result<(), Error> {
    let platform = page
        .url
        .path_segments()
        .and_then(|mut parts| parts.next())
        .unwrap_or_default();
    let control = page
        .url
        .join("/_sandbox/organisations")
        .map_err(|_| Error::BadAddress(page.url.to_string()))?;
    browser
        .post_json(
            control,
            &serde_json::json!({ "platform": platform, "limits": "off" }),
        )
        .await?;
    Ok(())
}

/// A form of the link page: the platform that is simulated, or the wanted organisation, or what comes first.
fn filled_in(form: &Form, decision: &Decision) -> Vec<(String, String)> {
    let wanted = |value: &str| {
        let organisation = decision.organisation.as_deref();
        organisation.is_some_and(|wanted| value.eq_ignore_ascii_case(wanted))
            || value.eq_ignore_ascii_case("xero")
    };
    let pick = |from: &[(String, String)]| -> Option<(String, String)> {
        from.iter()
            .find(|(_, value)| wanted(value))
            .or_else(|| from.first())
            .cloned()
    };
    let mut fields = form.fields.clone();
    fields.extend(pick(&form.choices));
    fields.extend(pick(&form.buttons).filter(|(name, _)| !name.is_empty()));
    fields
}

fn outcome(page: &Page) -> Option<String> {
    html::meta(&page.body, "ledgerline:outcome")
}

fn stuck(page: &Page) -> Error {
    Error::Stuck {
        url: page.url.clone(),
        text: html::text(&page.body, 300),
    }
}
