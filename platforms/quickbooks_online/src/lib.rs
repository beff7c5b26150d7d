//! QuickBooks Online: the accounting API v3 as a [`Platform`]. `NOTES.md` has its lifetimes, cursors, limits and errors.

/// QuickBooks Online described as data: keys, hosts, feeds.
mod about;
/// Consent and tokens; a consent reaches one company.
mod auth;
/// One request to the API: headers, minor version, refusals.
mod client;
/// From a page of the platform to rows of the standard schema.
mod pull;
/// Expenses become purchases, deposits, transfers, journal entries and bills.
mod push;

#[cfg(test)]
mod world;

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
    QuickBooksOnline
}

struct QuickBooksOnline;

#[async_trait]
impl Platform for QuickBooksOnline {
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

    /// A token is of one company, whose number it does not tell: there is nothing to list.
    async fn organisations(&self, _: &Cx, _: &Secret) -> Result<Vec<Organisation>, Error> {
        Err(Error::Unsupported {
            what: "a list of the companies of a grant".into(),
        })
    }

    /// A grant is of one company: it ends with it.
    async fn remove_organisation(
        &self,
        cx: &Cx,
        access_token: &Secret,
        _: &Organisation,
    ) -> Result<(), Error> {
        auth::revoke(cx, access_token).await
    }

    async fn revoke(&self, cx: &Cx, tokens: &Tokens) -> Result<(), Error> {
        auth::revoke(cx, &tokens.refresh).await
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
        pull::totals::totals(cx, access_token, organisation, as_of).await
    }

    async fn pass_through(
        &self,
        cx: &Cx,
        call: &pass_through::Call<'_>,
    ) -> Result<pass_through::Passed, Error> {
        client::pass_through(cx, call).await
    }

    fn push(&self) -> Option<&dyn ledgerline_platform::push::Push> {
        Some(&push::QuickBooksPush)
    }

    fn map(&self, data_type: DataType, recording: &[u8]) -> Result<Vec<Row>, Error> {
        pull::map_recording(data_type, recording)
    }

    fn zone(&self, source: &str) -> Option<String> {
        pull::company::zone(source)
    }
}
