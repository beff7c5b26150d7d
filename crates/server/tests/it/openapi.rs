use std::path::Path;

/// The committed description is the one that the handlers give: `just gen` writes it anew.
#[test]
fn the_committed_description_is_true() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi/codat.json");
    let committed = std::fs::read_to_string(file).unwrap();
    let address = "http://127.0.0.1:8080".parse().unwrap();
    let given = ledgerline_api::codat::description(&address)
        .to_pretty_json()
        .unwrap();
    assert_eq!(committed.trim_end(), given, "run `just gen`");
}
