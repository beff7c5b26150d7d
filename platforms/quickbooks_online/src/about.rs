use ledgerline_platform::{About, Codat, Host, Limits, Quota};

use crate::pull::feeds::FEEDS;

pub(crate) static ABOUT: About = About {
    key: "quickbooks_online",
    name: "QuickBooks Online",
    organisation_word: "company",
    hosts: &[
        Host {
            name: "consent_url",
            live: "https://appcenter.intuit.com",
            sandbox: "/quickbooks_online",
        },
        Host {
            name: "token_url",
            live: "https://oauth.platform.intuit.com",
            sandbox: "/quickbooks_online",
        },
        Host {
            name: "revoke_url",
            live: "https://developer.api.intuit.com",
            sandbox: "/quickbooks_online",
        },
        Host {
            name: "api_url",
            live: "https://quickbooks.api.intuit.com",
            sandbox: "/quickbooks_online",
        },
    ],
    scopes: "com.intuit.quickbooks.accounting",
    partner_scopes: "",
    writing_scopes: &["com.intuit.quickbooks.accounting"],
    codat: Codat {
        key: "qhyg",
        test_keys: &["ndsk"],
        integration_id: "9d2f7b64-0c1e-4f83-b5a9-64c8e2170d3b",
        source_id: "3b8e15a0-7f42-4d96-8c27-d50a91ef6b18",
    },
    sync2books_key: "QUICKBOOKS",
    mapping: 1,
    closes_sets: true,
    feeds: &FEEDS,
    // <https://developer.intuit.com/app/developer/qbo/docs/learn/rest-api-features>; no header tells what is left.
    limits: Limits {
        organisation: &[
            Quota {
                calls: 500,
                seconds: 60,
                remaining: None,
            },
            Quota {
                calls: 10,
                seconds: 1,
                remaining: None,
            },
        ],
        app: &[],
        at_once: 10,
        // The page, the count before and after, and the accounts with their count.
        calls_a_page: 5,
        counts_consent: false,
        app_problem: None,
    },
    logo_svg: concat!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" role="img" aria-label="QuickBooks Online">"##,
        r##"<rect width="48" height="48" rx="10" fill="#1f7a1f"/>"##,
        r##"<circle cx="24" cy="24" r="11" fill="none" stroke="#fff" stroke-width="5"/></svg>"##
    ),
};
