//! Xero: the Accounting API 2.0 as a [`Platform`]. `NOTES.md` has its lifetimes, cursors, limits and errors.

/// Xero described as data: keys, hosts, feeds.
mod about;
/// Consent, tokens, and the organisations that a consent reaches.
mod auth;
/// One request to the Accounting API: headers, paging parameters, refusals.
mod client;
/// From a page of the platform to rows of the standard schema: one file per endpoint.
mod pull;
/// Expenses become bank transactions, transfers, manual journals and statement lines.
mod push;
/// Control totals, from the reports.
mod totals;

use async_trait::async_trait;
use ledgerline_model::connection::Organisation;
use ledgerline_model::grant::Tokens;
use ledgerline_model::{DataType, Date, Secret};
use ledgerline_platform::{
    About, Consent, ConsentAnswer, Cursor, Cx, Endpoints, Error, Linked, Page, Platform, Read, Row, Told,
    pass_through,
};
use url::Url;

/// The connector, ready for the registry.
pub fn platform() -> impl Platform {
    Xero
}

/// Read an answer of the endpoint that serves `feed` into the wire structs, and drop them: how many objects it
/// held. Nothing is mapped. The bench measures with it what downloading and parsing alone cost.
pub fn parse_page(feed: &str, body: &[u8]) -> Result<u64, Error> {
    pull::parse_page(feed, body)
}

struct Xero;

#[async_trait]
impl Platform for Xero {
    fn about(&self) -> &'static About {
        &about::ABOUT
    }

    fn consent_url(&self, endpoints: &Endpoints, consent: &Consent) -> Result<Url, Error> {
        auth::consent_url(endpoints, consent)
    }

    async fn link(&self, cx: &Cx, answer: &ConsentAnswer) -> Result<Linked, Error> {
        auth::link(cx, answer).await
    }

    async fn refresh(&self, cx: &Cx, refresh_token: &Secret) -> Result<Tokens, Error> {
        auth::refresh(cx, refresh_token).await
    }

    async fn organisations(&self, cx: &Cx, access_token: &Secret) -> Result<Vec<Organisation>, Error> {
        auth::organisations(cx, access_token).await
    }

    async fn remove_organisation(
        &self,
        cx: &Cx,
        access_token: &Secret,
        organisation: &Organisation,
    ) -> Result<(), Error> {
        auth::remove_organisation(cx, access_token, organisation).await
    }

    async fn revoke(&self, cx: &Cx, tokens: &Tokens) -> Result<(), Error> {
        auth::revoke(cx, tokens).await
    }

    async fn pull(&self, cx: &Cx, read: &Read<'_>, cursor: Option<&Cursor>) -> Result<Page, Error> {
        pull::page(cx, read, cursor).await
    }

    async fn totals(
        &self,
        cx: &Cx,
        access_token: &Secret,
        organisation: &Organisation,
        as_of: Date,
    ) -> Result<Told, Error> {
        totals::totals(cx, access_token, organisation, as_of).await
    }

    async fn pass_through(
        &self,
        cx: &Cx,
        call: &pass_through::Call<'_>,
    ) -> Result<pass_through::Passed, Error> {
        client::pass_through(cx, call).await
    }

    fn push(&self) -> Option<&dyn ledgerline_platform::push::Push> {
        Some(&push::XeroPush)
    }

    fn map(&self, data_type: DataType, recording: &[u8]) -> Result<Vec<Row>, Error> {
        pull::map_recording(data_type, recording)
    }

    fn zone(&self, source: &str) -> Option<String> {
        pull::zone(source)
    }
}
