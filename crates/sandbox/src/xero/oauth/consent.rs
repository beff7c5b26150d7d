//! The page on which the customer lets the app in, or does not. Works without JavaScript.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderValue, StatusCode, header};
use maud::{DOCTYPE, Markup, html};
use url::Url;
use uuid::Uuid;

use super::CLIENT_ID;
use super::grants::Consented;
use super::token::Form;
use crate::{Organisation, Sandbox};

/// Ask the customer.
pub(in crate::xero) async fn show_consent(
    State(sandbox): State<Arc<Sandbox>>,
    RawQuery(query): RawQuery,
) -> Response {
    let form = Form::read(&query.unwrap_or_default());
    let asked = match Asked::read(&form) {
        Ok(asked) => asked,
        Err(refused) => return refused.into_response(),
    };
    page(
        StatusCode::OK,
        "Allow access",
        &ask(&asked, &organisations(&sandbox), None),
    )
}

/// Take the customer's answer, and lead back to the app with it.
pub(in crate::xero) async fn decide(State(sandbox): State<Arc<Sandbox>>, body: String) -> Response {
    let form = Form::read(&body);
    let asked = match Asked::read(&form) {
        Ok(asked) => asked,
        Err(refused) => return refused.into_response(),
    };
    if form.get("decision") != Some("allow") {
        return asked.back(&[
            ("error", "access_denied"),
            ("error_description", "TenantConsent status DENIED"),
        ]);
    }
    let offered = organisations(&sandbox);
    let chosen: Vec<&Arc<Organisation>> = form
        .all("organisation")
        .filter_map(|id| Uuid::try_parse(id).ok())
        .filter_map(|id| offered.iter().find(|organisation| organisation.id == id))
        .collect();
    let Some(first) = chosen.first() else {
        let problem = Some("Choose an organisation.");
        return page(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Allow access",
            &ask(&asked, &offered, problem),
        );
    };
    let group = first.about.group;
    if chosen
        .iter()
        .any(|organisation| organisation.about.group != group)
    {
        let problem = Some("These organisations belong to different people: choose those of one.");
        return page(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Allow access",
            &ask(&asked, &offered, problem),
        );
    }
    // Organisations of one person are consented to together, whichever of them was chosen.
    let organisations = sandbox.group(group);
    let code = sandbox.xero.grants().consent(
        Consented {
            client_id: asked.client_id.clone(),
            redirect_uri: asked.redirect_text.clone(),
            scope: asked.scope.clone(),
            challenge: asked.challenge.clone(),
            user: crate::xero::ids::derived("user", &group.to_string()),
            organisations: organisations
                .iter()
                .map(|one| (one.id, one.access_epoch()))
                .collect(),
        },
        sandbox.clock.now(),
    );
    sandbox.keep();
    asked.back(&[
        ("code", &code),
        ("scope", &asked.scope),
        ("session_state", "sandbox"),
    ])
}

fn organisations(sandbox: &Sandbox) -> Vec<Arc<Organisation>> {
    sandbox
        .organisations()
        .into_iter()
        .filter(|organisation| organisation.about.platform == "xero")
        .collect()
}

/// What the app asks for.
struct Asked {
    client_id: String,
    redirect_uri: Url,
    /// As it was written; the token request has to repeat it to the letter.
    redirect_text: String,
    scope: String,
    state: Option<String>,
    challenge: Option<String>,
}

/// A request that is not led back to an app that we do not know.
struct Refused {
    code: &'static str,
    reason: &'static str,
}

impl Asked {
    fn read(form: &Form) -> Result<Self, Refused> {
        if form.get("client_id") != Some(CLIENT_ID) {
            return Err(Refused {
                code: "unauthorized_client",
                reason: "No app with this `client_id` is registered here: the sandbox knows `sandbox-client`.",
            });
        }
        let redirect_text = form.get("redirect_uri").unwrap_or_default().to_owned();
        let redirect_uri = Url::parse(&redirect_text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .ok_or(Refused {
                code: "invalid_request",
                reason: "`redirect_uri` is not an http address.",
            })?;
        if form.get("response_type") != Some("code") {
            return Err(Refused {
                code: "unsupported_response_type",
                reason: "`response_type` has to be `code`.",
            });
        }
        let challenge = form.get("code_challenge").map(str::to_owned);
        if challenge.is_some() && form.get("code_challenge_method") != Some("S256") {
            return Err(Refused {
                code: "invalid_request",
                reason: "`code_challenge_method` has to be `S256`.",
            });
        }
        let scope = form.get("scope").ok_or(Refused {
            code: "invalid_scope",
            reason: "`scope` says what the app wants to do; it is empty.",
        })?;
        Ok(Self {
            client_id: CLIENT_ID.to_owned(),
            redirect_uri,
            redirect_text,
            scope: scope.to_owned(),
            state: form.get("state").map(str::to_owned),
            challenge,
        })
    }

    /// Lead the browser back to the app.
    fn back(&self, answers: &[(&str, &str)]) -> Response {
        let mut url = self.redirect_uri.clone();
        url.query_pairs_mut().extend_pairs(answers);
        if let Some(state) = &self.state {
            url.query_pairs_mut().append_pair("state", state);
        }
        Redirect::to(url.as_str()).into_response()
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = html! {
            h1 { "This request cannot be answered" }
            p { (self.reason) }
            p { code { (self.code) } }
        };
        page(StatusCode::BAD_REQUEST, "Error", &body)
    }
}

fn ask(asked: &Asked, organisations: &[Arc<Organisation>], problem: Option<&str>) -> Markup {
    let app = asked.redirect_uri.host_str().unwrap_or("An app");
    html! {
        h1 { "Allow access to your books?" }
        p { strong { (app) } " wants access to the accounting data of an organisation in this Xero sandbox." }
        @if let Some(problem) = problem {
            p .problem role="alert" { (problem) }
        }
        form method="post" action="/xero/identity/connect/authorize" {
            input type="hidden" name="response_type" value="code";
            input type="hidden" name="client_id" value=(asked.client_id);
            input type="hidden" name="redirect_uri" value=(asked.redirect_text);
            input type="hidden" name="scope" value=(asked.scope);
            @if let Some(state) = &asked.state {
                input type="hidden" name="state" value=(state);
            }
            @if let Some(challenge) = &asked.challenge {
                input type="hidden" name="code_challenge" value=(challenge);
                input type="hidden" name="code_challenge_method" value="S256";
            }
            fieldset {
                legend { "Organisation" }
                @if organisations.is_empty() {
                    p { "There is none yet. Make one with " code { "POST /_sandbox/organisations" } ", then load this page again." }
                }
                @for (place, organisation) in organisations.iter().enumerate() {
                    @let siblings = organisations.iter().filter(|other| other.about.group == organisation.about.group).count();
                    label {
                        input type="radio" name="organisation" value=(organisation.id) checked[place == 0];
                        span {
                            strong { (organisation.name) }
                            @if siblings > 1 {
                                small { "One of " (siblings) " that are allowed together" }
                            }
                            small { code { (organisation.id) } }
                        }
                    }
                }
            }
            details {
                summary { "What the app asks for" }
                ul { @for scope in asked.scope.split_whitespace() { li { code { (scope) } } } }
            }
            div .actions {
                button type="submit" name="decision" value="allow" { "Allow access" }
                button type="submit" name="decision" value="refuse" .quiet formnovalidate { "Refuse" }
            }
        }
    }
}

fn page(status: StatusCode, title: &str, body: &Markup) -> Response {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Xero sandbox" }
                style { (maud::PreEscaped(STYLE)) }
            }
            body { main { (body) } footer { "This is a simulator. No real organisation is behind it." } }
        }
    };
    let mut response = (status, markup).into_response();
    let headers = response.headers_mut();
    // No `form-action`: browsers hold it against the redirect that follows the form, and that leads to the app.
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
        ),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1c2733;--soft:#51606f;--line:#d5dbe1;--paper:#fff;--ground:#f2f5f7;--act:#0b6a8f;--alarm:#a3262a}
@media(prefers-color-scheme:dark){:root{--ink:#e8edf2;--soft:#a9b6c2;--line:#3a4753;--paper:#1b242d;--ground:#11181f;--act:#4bb3d8;--alarm:#ff9a94}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:34rem;margin:8vh auto 1rem;padding:2rem;background:var(--paper);border:1px solid var(--line);border-radius:12px}
h1{margin:0 0 .5rem;font-size:1.5rem;line-height:1.25}p{margin:.5rem 0 1rem}
fieldset{margin:0 0 1rem;padding:0;border:1px solid var(--line);border-radius:8px;max-height:22rem;overflow:auto}
legend{margin-left:.75rem;padding:0 .35rem;color:var(--soft);font-size:.875rem}fieldset p{padding:0 1rem}
label{display:flex;gap:.75rem;padding:.7rem 1rem;cursor:pointer}label+label{border-top:1px solid var(--line)}
label:hover{background:var(--ground)}input{width:1.15rem;height:1.15rem;margin:.2rem 0 0;flex:none;accent-color:var(--act)}
small{display:block;color:var(--soft);font-size:.8125rem;overflow-wrap:anywhere}details{color:var(--soft);margin-bottom:1.25rem}
.problem{color:var(--alarm);font-weight:600}.actions{display:flex;flex-wrap:wrap;gap:.75rem}
button{min-height:44px;padding:.55rem 1.25rem;font:inherit;font-weight:600;border:1px solid var(--act);border-radius:8px;background:var(--act);color:var(--paper);cursor:pointer}
button.quiet{background:transparent;color:var(--ink);border-color:var(--line)}:focus-visible{outline:3px solid var(--act);outline-offset:2px}
footer{max-width:34rem;margin:0 auto 2rem;padding:0 1rem;color:var(--soft);font-size:.8125rem;text-align:center}
@media(max-width:36rem){main{margin:0;border:0;border-radius:0;padding:1.25rem}.actions button{flex:1}}
";
