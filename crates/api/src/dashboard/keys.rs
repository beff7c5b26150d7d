use axum::Form;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use ledgerline_model::app::{ApiKey, Scope};
use ledgerline_model::{ApiKeyId, Secret};
use ledgerline_store::api_keys;
use ledgerline_store::audit::{self, Entry};
use maud::html;
use serde::Deserialize;

use super::errors::{Error, see};
use super::room::{Door, Room};
use super::states;
use crate::pages::{Page, words};

/// How long the name of a key may be, in characters.
const NAME: usize = 100;

pub(super) async fn list(room: Room) -> Result<Page, Error> {
    show(&room, None).await
}

#[derive(Deserialize)]
pub(super) struct Make {
    csrf: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    pass_through: PassThrough,
}

/// What a new key may ask platforms themselves.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PassThrough {
    #[default]
    All,
    Read,
    None,
}

impl PassThrough {
    fn scopes(self) -> Option<Vec<Scope>> {
        match self {
            Self::All => None,
            Self::Read => Some(vec![Scope::PassThroughRead]),
            Self::None => Some(Vec::new()),
        }
    }
}

/// Make a key. Its text is on this answer and never again, so there is no other page to redirect to.
pub(super) async fn make(room: Room, Form(form): Form<Make>) -> Result<Response, Error> {
    room.operator.check(&room.engine, &form.csrf)?;
    let name: String = form.name.trim().chars().take(NAME).collect();
    let name = (!name.is_empty()).then_some(name);
    let ids = &*room.engine.ids;
    let (key, secret) = api_keys::mint(
        ids,
        room.app.id,
        room.environment,
        name,
        form.pass_through.scopes(),
        room.now,
    );
    let mut tx = room.engine.store.write().await?;
    api_keys::insert(&mut tx, &key).await?;
    audit::append(&mut tx, &entry(&room, "api_key.made", key.id)).await?;
    tx.commit().await?;
    let mut page = show(&room, Some(&secret)).await?;
    page.status = StatusCode::CREATED;
    Ok(page.into_response())
}

#[derive(Deserialize)]
pub(super) struct Revoke {
    csrf: String,
}

pub(super) async fn revoke(room: Room, Form(form): Form<Revoke>) -> Result<Response, Error> {
    room.operator.check(&room.engine, &form.csrf)?;
    let id: ApiKeyId = room.id("key")?;
    let mut tx = room.engine.store.write().await?;
    if !api_keys::revoke(&mut tx, room.app.id, room.environment, id, room.now).await? {
        return Err(room.not_found());
    }
    audit::append(&mut tx, &entry(&room, "api_key.revoked", id)).await?;
    tx.commit().await?;
    Ok(see(&room.path("keys")))
}

fn entry(room: &Room, action: &str, key: ApiKeyId) -> Entry {
    Entry {
        app: room.app.id,
        at: room.now,
        actor: "dashboard".to_owned(),
        action: action.to_owned(),
        subject: key.to_string(),
        result: "done".to_owned(),
    }
}

async fn show(room: &Room, made: Option<&Secret>) -> Result<Page, Error> {
    let mut tx = room.engine.store.read().await?;
    let mut keys = api_keys::list(&mut tx, room.app.id, room.environment).await?;
    drop(tx);
    keys.sort_by_key(|key| (key.revoked_at.is_some(), std::cmp::Reverse(key.created_at)));
    let environment = room.environment.key();
    let body = html! {
        div.heading { div {
            h1 { "Keys" }
            p.muted { "Keys of the " (environment) " environment. They see " (environment) " companies and nothing else." }
        } }
        @if let Some(secret) = made {
            div.notice role="status" {
                h2 { "Your new key" }
                p { "Copy it now: it is not kept, and not shown again." }
                code.once { (secret.expose()) }
            }
        }
        section.panel aria-labelledby="make" {
            header { h2 #make { "Make a key" } }
            form.body.inline method="post" action=(room.path("keys")) {
                (room.csrf())
                div {
                    label for="name" { "Name " span.muted { "(optional)" } }
                    input #name type="text" name="name" maxlength=(NAME) autocomplete="off";
                }
                div {
                    label for="pass_through" { "Asking platforms themselves" }
                    select #pass_through name="pass_through" {
                        option value="all" { "Read and write" }
                        option value="read" { "Read only" }
                        option value="none" { "Not at all" }
                    }
                }
                button.button type="submit" { "Make a key" }
            }
        }
        section.panel aria-labelledby="keys" {
            header { h2 #keys { "Keys" } }
            @if keys.is_empty() {
                p.empty { "None yet." }
            } @else {
                table.rows {
                    thead { tr { th scope="col" { "Name" } th scope="col" { "Begins with" } th scope="col" { "Pass-through" } th scope="col" { "State" } th scope="col" { "Made" } th scope="col" { span.hidden { "Actions" } } } }
                    tbody { @for key in &keys { (row(room, key)) } }
                }
            }
        }
    };
    Ok(room.page(Door::Keys, "Keys", body))
}

fn row(room: &Room, key: &ApiKey) -> maud::Markup {
    html! {
        tr {
            td.name { (key.name.as_deref().unwrap_or("No name")) }
            td data-label="Begins with" { code { (key.prefix) "…" } }
            td data-label="Pass-through" {
                @match (key.may(Scope::PassThroughRead), key.may(Scope::PassThroughWrite)) {
                    (true, true) => "Read and write",
                    (true, false) => "Read only",
                    (false, true) => "Write only",
                    (false, false) => "Not at all",
                }
            }
            td data-label="State" {
                @match key.revoked_at {
                    None => (states::chip("good", "Works")),
                    Some(at) => span { (states::chip("", "Revoked")) span.sub { (words::ago(at, room.now)) } },
                }
            }
            td data-label="Made" { (words::ago(key.created_at, room.now)) }
            td {
                @if key.revoked_at.is_none() {
                    form method="post" action=(room.path(&format!("keys/{}/revoke", key.id))) {
                        (room.csrf())
                        button.button.bad.small type="submit" {
                            "Revoke" span.hidden { " " bdi { (key.name.as_deref().unwrap_or(&key.prefix)) } }
                        }
                    }
                }
            }
        }
    }
}
