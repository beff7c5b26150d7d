use axum::extract::Query;
use ledgerline_model::connection::Connection;
use ledgerline_store::{companies, connections};
use maud::html;
use serde::Deserialize;

use super::errors::Error;
use super::room::{Door, Room};
use super::states;
use crate::pages::{Page, words};

/// Companies on one page.
const ON_A_PAGE: i64 = 50;

#[derive(Deserialize)]
pub(super) struct Asked {
    page: Option<i64>,
}

/// The companies of the app, newest last, with what they are connected to.
pub(super) async fn list(room: Room, Query(asked): Query<Asked>) -> Result<Page, Error> {
    let page = asked.page.unwrap_or(1).clamp(1, 1_000_000);
    let mut tx = room.engine.store.read().await?;
    let (app, environment) = (room.app.id, room.environment);
    let total = companies::count(&mut tx, app, environment).await?;
    let active = connections::count_active(&mut tx, app, environment).await?;
    let offset = (page - 1) * ON_A_PAGE;
    let mut rows = Vec::new();
    for company in companies::list(&mut tx, app, environment, offset, ON_A_PAGE).await? {
        let connections = connections::of_company(&mut tx, app, company.id).await?;
        rows.push((company, connections));
    }
    drop(tx);

    let body = html! {
        div.heading { div { h1 { "Companies" } p.muted { "The customers of " bdi { (room.app.name) } ", and the books that they connected." } } }
        dl.tiles {
            div { dt { "Companies" } dd { (words::count(total)) } }
            div { dt { "Connected now" } dd { (words::count(active)) } }
        }
        section.panel aria-label="Companies" {
            @if rows.is_empty() {
                p.empty {
                    "No company yet. One is made by " code { "POST /companies" } " with a " (environment.key())
                    " key; " a href=(room.path("keys")) { "make a key" } "."
                }
            } @else {
                table.rows {
                    thead { tr {
                        th scope="col" { "Company" } th scope="col" { "Connection" } th scope="col" { "Books" }
                        th scope="col" { "Last read" }
                    } }
                    tbody {
                        @for (company, connections) in &rows {
                            @let shown = shown(connections);
                            tr {
                                td.name { a href=(room.path(&format!("companies/{}", company.id))) { (company.name) } }
                                td data-label="Connection" {
                                    @match shown {
                                        Some(connection) => (states::connection(connection.state)),
                                        None => span.muted { "None" },
                                    }
                                }
                                td data-label="Books" {
                                    @if let Some(connection) = shown {
                                        (super::company::books(&room, connection))
                                    }
                                }
                                td data-label="Last read" {
                                    @match shown.and_then(|connection| connection.last_sync_at) {
                                        Some(at) => (words::ago(at, room.now)),
                                        None => span.muted { "Never" },
                                    }
                                }
                            }
                        }
                    }
                }
                @if total > ON_A_PAGE {
                    nav.pager aria-label="Pages" {
                        @if page > 1 { a href={ (room.path("companies")) "?page=" (page - 1) } rel="prev" { "Previous" } } @else { span {} }
                        @if offset + ON_A_PAGE < total { a href={ (room.path("companies")) "?page=" (page + 1) } rel="next" { "Next" } }
                    }
                }
            }
        }
    };
    Ok(room.page(Door::Companies, "Companies", body))
}

/// The connection that speaks for the company: the active one, else the newest.
fn shown(connections: &[Connection]) -> Option<&Connection> {
    connections
        .iter()
        .find(|connection| connection.state.is_active())
        .or(connections.last())
}
