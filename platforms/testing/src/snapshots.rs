use std::fmt::Write as _;

use ledgerline_model::DataType;
use ledgerline_platform::{Content, Platform};

/// Tests of what a connector makes of its `fixtures/*.json`, to be called in `src/pull/snapshots.rs`:
/// `snapshots! { crate::platform(); invoices: Invoices, Bills; }` compares `fixtures/invoices.json`, read for these
/// data types, with `fixtures/snapshots/invoices.snap`.
#[macro_export]
macro_rules! snapshots {
    ($platform:expr; $($name:ident: $($data_type:ident),+;)+) => {
        $(#[test]
        fn $name() {
            use ledgerline_model::DataType;
            let mapped = |fixture: &str, data_types: &[DataType]| {
                let path = format!("{}/fixtures/{fixture}.json", env!("CARGO_MANIFEST_DIR"));
                $crate::mapped(&$platform, &path, data_types)
            };
            insta::with_settings!({ snapshot_path => "../../fixtures/snapshots", prepend_module_to_snapshot => false }, {
                insta::assert_snapshot!(mapped(stringify!($name), &[$(DataType::$data_type),+]));
            });
        })+
    };
}

/// Every row that the platform makes of the fixture, one record a paragraph.
pub fn mapped(platform: &dyn Platform, fixture: &str, data_types: &[DataType]) -> String {
    let json = std::fs::read(fixture).expect(fixture);
    let mut text = String::new();
    for &data_type in data_types {
        for row in platform.map(data_type, &json).expect(fixture) {
            write!(text, "{data_type} {} ", row.remote_id).expect("text");
            match row.content {
                Content::Present(present) => {
                    text.push_str(&present.standard.json);
                    for issue in &present.issues {
                        write!(text, "\n  {}: {}", issue.rule, issue.message).expect("text");
                    }
                }
                Content::Gone => text.push_str("gone"),
                Content::Quarantined { issue, .. } => {
                    write!(text, "quarantined, {}: {}", issue.field, issue.message).expect("text");
                }
            }
            text.push_str("\n\n");
        }
    }
    text
}
