use std::collections::HashMap;
use std::collections::hash_map::Entry;

use ledgerline_store::{companies, deliveries, endpoints};
use maud::html;

use super::errors::Error;
use super::room::{Door, Room};
use super::states;
use crate::pages::{Page, words};

/// How many deliveries are shown.
const SHOWN: i64 = 100;

/// Who is told, and how the newest deliveries went.
pub(super) async fn list(room: Room) -> Result<Page, Error> {
    let mut tx = room.engine.store.read().await?;
    let endpoints = endpoints::list(&mut tx, room.app.id, room.environment, None).await?;
    let recent = deliveries::recent(&mut tx, room.app.id, room.environment, SHOWN).await?;
    let mut names = HashMap::new();
    for delivery in &recent {
        if let Entry::Vacant(name) = names.entry(delivery.company) {
            let company = companies::find(&mut tx, room.app.id, room.environment, delivery.company).await?;
            name.insert(company.map(|company| company.name));
        }
    }
    drop(tx);

    let body = html! {
        div.heading { div { h1 { "Deliveries" } p.muted { "Signed webhooks: who is told, and how it went." } } }
        section.panel aria-labelledby="endpoints" {
            header { h2 #endpoints { "Endpoints" } }
            @if endpoints.is_empty() {
                p.empty { "None. One is made by " code { "POST /webhooks" } "." }
            } @else {
                table.rows {
                    thead { tr { th scope="col" { "Address" } th scope="col" { "State" } th scope="col" { "Hears of" } th scope="col" { "Made" } } }
                    tbody {
                        @for endpoint in &endpoints {
                            tr {
                                td.name { (endpoint.url) span.sub { (endpoint.dialect) } }
                                td data-label="State" {
                                    @match (endpoint.disabled, endpoint.failing_since) {
                                        (true, _) => (states::chip("bad", "Switched off")),
                                        (false, Some(since)) => span { (states::chip("wait", "Failing")) span.sub { "since " (words::ago(since, room.now)) } },
                                        (false, None) => (states::chip("good", "Answers")),
                                    }
                                }
                                td data-label="Hears of" {
                                    @if endpoint.event_types.is_empty() { "Everything" } @else { (endpoint.event_types.join(", ")) }
                                }
                                td data-label="Made" { (words::ago(endpoint.created_at, room.now)) }
                            }
                        }
                    }
                }
            }
        }
        section.panel aria-labelledby="deliveries" {
            header { h2 #deliveries { "Newest deliveries" } }
            @if recent.is_empty() {
                p.empty { "Nothing has been told yet." }
            } @else {
                table.rows {
                    thead { tr {
                        th scope="col" { "Event" } th scope="col" { "State" } th scope="col" { "Last answer" }
                        th.number scope="col" { "Attempts" } th scope="col" { "When" }
                    } }
                    tbody {
                        @for recent in &recent {
                            @let delivery = &recent.delivery;
                            tr {
                                td.name {
                                    (recent.event_name)
                                    span.sub { @if let Some(Some(name)) = names.get(&recent.company) { bdi { (name) } " · " } (recent.url) }
                                }
                                td data-label="State" {
                                    span {
                                        (states::delivery(delivery))
                                        @if let deliveries::State::Waiting { next_at } = delivery.state {
                                            span.sub { "next " (words::ago(next_at, room.now)) }
                                        }
                                    }
                                }
                                td data-label="Last answer" {
                                    @match (delivery.last_status, &delivery.last_error) {
                                        (Some(status), _) => { "HTTP " (status) },
                                        (None, Some(error)) => (error),
                                        (None, None) => span.muted { "None" },
                                    }
                                }
                                td.number data-label="Attempts" { (delivery.attempts) }
                                td data-label="When" { (words::ago(delivery.created_at, room.now)) }
                            }
                        }
                    }
                }
            }
        }
    };
    Ok(room.page(Door::Deliveries, "Deliveries", body))
}
