use ledgerline_platform::{About, Codat, Host, Limits, Quota};

use crate::pull::feeds::FEEDS;

pub(crate) static ABOUT: About = About {
    key: "xero",
    name: "Xero",
    organisation_word: "organisation",
    hosts: &[
        Host {
            name: "login_url",
            live: "https://login.xero.com/identity",
            sandbox: "/xero/identity",
        },
        Host {
            name: "identity_url",
            live: "https://identity.xero.com",
            sandbox: "/xero/identity",
        },
        Host {
            name: "connections_url",
            live: "https://api.xero.com/connections",
            sandbox: "/xero/connections",
        },
        Host {
            name: "api_url",
            live: "https://api.xero.com/api.xro/2.0",
            sandbox: "/xero/api.xro/2.0",
        },
        Host {
            name: "bank_feeds_url",
            live: "https://api.xero.com/bankfeeds.xro/1.0",
            sandbox: "/xero/bankfeeds.xro/1.0",
        },
    ],
    // The granular scopes that apps made since March 2026 have to ask for.
    scopes: "offline_access openid profile email accounting.settings accounting.contacts \
             accounting.invoices accounting.payments accounting.banktransactions accounting.manualjournals \
             accounting.reports.balancesheet.read accounting.reports.profitandloss.read \
             accounting.reports.trialbalance.read accounting.attachments",
    // <https://developer.xero.com/documentation/api/bankfeeds/overview>: for partners.
    partner_scopes: "bankfeeds",
    // Those of single records, and the broad one that they replace.
    writing_scopes: &[
        "accounting.banktransactions",
        "accounting.invoices",
        "accounting.manualjournals",
        "accounting.payments",
        "accounting.transactions",
        "bankfeeds",
    ],
    codat: Codat {
        key: "gbol",
        test_keys: &["mqjo"],
        integration_id: "5f0c6d3e-2b8a-4d57-9c41-7a1e93d0b6f2",
        source_id: "c1e7a94b-60d2-4f3c-8b15-e28f4d7a0933",
    },
    sync2books_key: "XERO",
    closes_sets: true,
    mapping: 1,
    feeds: &FEEDS,
    // <https://developer.xero.com/documentation/guides/oauth2/limits/>; the Starter tier has 1,000 a day, which
    // shows in its header.
    limits: Limits {
        organisation: &[
            Quota {
                calls: 60,
                seconds: 60,
                remaining: Some("x-minlimit-remaining"),
            },
            Quota {
                calls: 5_000,
                seconds: 24 * 3600,
                remaining: Some("x-daylimit-remaining"),
            },
        ],
        app: &[Quota {
            calls: 10_000,
            seconds: 60,
            remaining: Some("x-appminlimit-remaining"),
        }],
        at_once: 5,
        // The list, and the facts that its first page needs: organisation, accounts, trial balance.
        calls_a_page: 4,
        counts_consent: false,
        app_problem: Some(("x-rate-limit-problem", "appminute")),
    },
    logo_svg: concat!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" role="img" aria-label="Xero">"##,
        r##"<rect width="48" height="48" rx="10" fill="#0b7fab"/>"##,
        r##"<path d="M15 15l18 18M33 15L15 33" stroke="#fff" stroke-width="5" stroke-linecap="round"/></svg>"##
    ),
};
