use axum::Form;
use axum::response::Response;
use ledgerline_engine::{link, pull};
use ledgerline_model::CompanyId;
use ledgerline_model::company::Company;
use ledgerline_model::connection::Connection;
use ledgerline_model::run::{Extent, Reason};
use ledgerline_store::{Tx, companies, connections, runs};
use maud::{Markup, html};
use serde::Deserialize;

use super::errors::{Error, see};
use super::progress;
use super::room::{Door, Room};
use super::{runs as runs_room, states};
use crate::pages::{Page, words};

/// How many Runs are shown with a company.
const RUNS: i64 = 10;

/// A company: its connections, its data, its Runs.
pub(super) async fn show(room: Room) -> Result<Page, Error> {
    let mut tx = room.engine.store.read().await?;
    let company = find(&room, &mut tx).await?;
    let connections = connections::of_company(&mut tx, room.app.id, company.id).await?;
    let active = connections::active(&mut tx, room.app.id, company.id).await?;
    let data = match &active {
        Some(connection) => Some(progress::of_connection(&room, &mut tx, connection).await?),
        None => None,
    };
    let runs = runs::latest_of_company(&mut tx, room.app.id, company.id, RUNS).await?;
    let runs = runs_room::rows(&room, &mut tx, runs).await?;
    let link = link::url(&room.engine, &mut tx, link::Target::from(&company)).await?;
    drop(tx);

    let fragment = room.path(&format!("companies/{}/progress", company.id));
    let body = html! {
        div.heading {
            div {
                p.crumb { a href=(room.path("companies")) { "Companies" } }
                h1 { (company.name) }
                p.muted.small { code { (company.id) } " · made " (words::ago(company.created_at, room.now)) }
            }
        }
        section.panel aria-labelledby="connections" {
            header {
                h2 #connections { "Connections" }
                a.button.quiet.small href=(link) target="_blank" rel="noopener" { "Open the link page" }
            }
            (connection_rows(&room, &connections))
        }
        section.panel aria-labelledby="data" {
            header {
                h2 #data { "Data" }
                @if active.as_ref().is_some_and(|connection| connection.state.is_active()) {
                    form method="post" action=(room.path(&format!("companies/{}/refresh", company.id))) {
                        (room.csrf())
                        button.button.quiet.small type="submit" { "Read now" }
                    }
                }
            }
            div data-live=(fragment) aria-live="off" {
                @match &data {
                    Some(data) => (data.markup),
                    None => p.empty { "Nothing has been read yet: the company has not connected its books." },
                }
            }
        }
        section.panel aria-labelledby="runs" {
            header { h2 #runs { "Runs" } }
            (runs)
        }
    };
    let mut page = room.page(Door::Companies, &company.name, body);
    page.policy.live = true;
    if data.is_some_and(|data| data.is_running) {
        page.head = progress::reload();
    }
    Ok(page)
}

#[derive(Deserialize)]
pub(super) struct Refresh {
    csrf: String,
}

/// Ask for all data of the company; what is being read already is left alone.
pub(super) async fn refresh(room: Room, Form(form): Form<Refresh>) -> Result<Response, Error> {
    room.operator.check(&room.engine, &form.csrf)?;
    let mut tx = room.engine.store.write().await?;
    let company = find(&room, &mut tx).await?;
    match pull::request_all(&room.engine, &mut tx, &company, Reason::OnDemand, Extent::Changes).await {
        Ok(_) => tx.commit().await?,
        // The page says how the company is connected.
        Err(pull::Error::NotLinked) => drop(tx),
        Err(error) => return Err(Error::Refresh(room.site.clone(), error)),
    }
    room.engine.work.notify_one();
    Ok(see(&room.path(&format!("companies/{}", company.id))))
}

/// The data of the company alone, for the script that keeps the page fresh.
pub(super) async fn progress(room: Room) -> Result<Markup, Error> {
    let mut tx = room.engine.store.read().await?;
    let company = find(&room, &mut tx).await?;
    match connections::active(&mut tx, room.app.id, company.id).await? {
        Some(connection) => Ok(progress::of_connection(&room, &mut tx, &connection).await?.markup),
        None => Ok(html! {}),
    }
}

/// Platform and organisation.
pub(super) fn books(room: &Room, connection: &Connection) -> Markup {
    let entry = room.engine.registry.find(&connection.platform);
    let platform = entry.map_or(connection.platform.as_str(), |entry| entry.about().name);
    html! {
        @match &connection.organisation {
            Some(organisation) => { span { bdi { (organisation.name) } span.sub { (platform) } } },
            None => { (platform) },
        }
    }
}

async fn find(room: &Room, tx: &mut Tx) -> Result<Company, Error> {
    let id: CompanyId = room.id("company")?;
    companies::find(tx, room.app.id, room.environment, id)
        .await?
        .ok_or_else(|| room.not_found())
}

fn connection_rows(room: &Room, connections: &[Connection]) -> Markup {
    html! {
        @if connections.is_empty() {
            p.empty { "None yet. The customer makes one by following the company’s link." }
        } @else {
            table.rows {
                thead { tr {
                    th scope="col" { "Books" } th scope="col" { "State" } th scope="col" { "Linked" }
                    th scope="col" { "Last problem" }
                } }
                tbody {
                    @for connection in connections {
                        tr {
                            td.name { (books(room, connection)) span.sub { code { (connection.id) } } }
                            td data-label="State" { (states::connection(connection.state)) }
                            td data-label="Linked" {
                                @match connection.linked_at {
                                    Some(at) => (words::ago(at, room.now)),
                                    None => span.muted { "Never" },
                                }
                            }
                            td data-label="Last problem" {
                                @match connection.errors.last() {
                                    Some(error) => {
                                        span {
                                            (error.message)
                                            span.sub {
                                                (error.status) " " (error.text) ", " (words::ago(error.at, room.now))
                                                @if error.resolved_at.is_some() { ", solved" }
                                            }
                                        }
                                    },
                                    None => span.muted { "None" },
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
