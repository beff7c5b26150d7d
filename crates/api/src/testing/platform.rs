use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use ledgerline_engine::deliver::{Reach, Received};
use ledgerline_model::connection::Organisation;
use ledgerline_model::grant::Tokens;
use ledgerline_model::{DataType, Secret};
use ledgerline_platform::http::Failure;
use ledgerline_platform::{
    About, Codat, Consent, ConsentAnswer, Cursor, Cx, Endpoints, Entry, Error, Feed, Limits, Linked, Page,
    Platform, Read, Row, Sent, Strategy,
};
use url::Url;

static ABOUT: About = About {
    key: "abacus",
    name: "Abacus",
    organisation_word: "ledger",
    hosts: &[],
    scopes: "",
    partner_scopes: "",
    writing_scopes: &[],
    codat: Codat {
        key: "abcd",
        test_keys: &["efgh"],
        integration_id: "0196b6a0-0000-7000-8000-000000000001",
        source_id: "0196b6a0-0000-7000-8000-000000000002",
    },
    sync2books_key: "ABACUS",
    closes_sets: false,
    mapping: 1,
    feeds: &[
        Feed {
            name: "Invoices",
            data_types: &[DataType::Invoices, DataType::Bills],
            strategy: Strategy::RELIST,
            exceptions: &[],
        },
        Feed {
            name: "Organisation",
            data_types: &[DataType::Company],
            strategy: Strategy::RELIST,
            exceptions: &[],
        },
        Feed {
            name: "Statements",
            data_types: &[DataType::BalanceSheet, DataType::ProfitAndLoss],
            strategy: Strategy::RELIST,
            exceptions: &[],
        },
        Feed {
            name: "Setup",
            data_types: &[
                DataType::ChartOfAccounts,
                DataType::Customers,
                DataType::Suppliers,
                DataType::TaxRates,
                DataType::TrackingCategories,
            ],
            strategy: Strategy::RELIST,
            exceptions: &[],
        },
        Feed {
            name: "Transfers",
            data_types: &[DataType::Transfers],
            strategy: Strategy::RELIST,
            exceptions: &[],
        },
    ],
    limits: Limits::NONE,
    logo_svg: "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
};

pub fn entry() -> Entry {
    let endpoints = Endpoints {
        urls: Default::default(),
        client_id: "id".to_owned(),
        client_secret: Secret::new("secret"),
        scopes: String::new(),
    };
    Entry {
        platform: Arc::new(Unreachable),
        test: Some(Arc::new(endpoints)),
        live: None,
    }
}

/// Whatever is asked of it, it is not there.
pub struct Unreachable;

fn unreachable<T>() -> Result<T, Error> {
    Err(Error::Unavailable {
        sent: Sent::Never,
        reason: "there is no network".to_owned(),
    })
}

#[async_trait]
impl Platform for Unreachable {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn consent_url(&self, _: &Endpoints, _: &Consent) -> Result<Url, Error> {
        unreachable()
    }

    async fn link(&self, _: &Cx, _: &ConsentAnswer) -> Result<Linked, Error> {
        unreachable()
    }

    async fn refresh(&self, _: &Cx, _: &Secret) -> Result<Tokens, Error> {
        unreachable()
    }

    async fn organisations(&self, _: &Cx, _: &Secret) -> Result<Vec<Organisation>, Error> {
        unreachable()
    }

    async fn remove_organisation(&self, _: &Cx, _: &Secret, _: &Organisation) -> Result<(), Error> {
        unreachable()
    }

    async fn revoke(&self, _: &Cx, _: &Tokens) -> Result<(), Error> {
        unreachable()
    }

    async fn pull(&self, _: &Cx, _: &Read<'_>, _: Option<&Cursor>) -> Result<Page, Error> {
        unreachable()
    }

    fn map(&self, _: DataType, _: &[u8]) -> Result<Vec<Row>, Error> {
        unreachable()
    }
}

#[async_trait]
impl ledgerline_platform::http::Transport for Unreachable {
    async fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>, Failure> {
        Err(Failure {
            sent: Sent::Never,
            reason: "there is no network".to_owned(),
        })
    }
}

#[async_trait]
impl ledgerline_engine::deliver::Transport for Unreachable {
    async fn post(&self, _: Reach, _: http::Request<Bytes>) -> Result<Received, String> {
        Err("there is no network".to_owned())
    }
}
