# What is done every day. `just --list` shows it.

# Format, lint, test on SQLite.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings
    cargo test --workspace --locked

# Everything, on both stores and in the browser.
test:
    script/test

# See it work.
demo:
    script/demo

# Write the committed OpenAPI documents anew.
gen:
    cargo run --locked -- openapi --dir docs/openapi

# Licences, bans and sources of the dependencies.
deny:
    cargo deny check bans licenses sources
