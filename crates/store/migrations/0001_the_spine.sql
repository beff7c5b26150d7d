-- The data model. One text for SQLite and PostgreSQL: `uuid`, `bytea` and `boolean` are PostgreSQL's
-- types and mere names to SQLite, which keeps the values as they are bound.
-- `"binary"` is SQLite's collation by bytes; PostgreSQL gets one of that name, so that both order alike.
-- Instants are microseconds since 1970 in UTC. Every key starts with the app, but for what is found
-- without knowing it.

create table app (
    app_id uuid not null primary key,
    name text not null unique,
    settings text not null,             -- JSON of the app's settings
    seq bigint not null default 0,      -- number of the last publication; its row lock orders publications
    published_at bigint not null default 0, -- instant of the last publication
    created_at bigint not null
);

create table api_key (
    sha256 bytea not null primary key,  -- of the whole key: found by it, before the app is known
    app_id uuid not null,
    key_id uuid not null,
    environment text not null,          -- test | live
    name text,
    prefix text not null,               -- the part that may be shown again
    created_at bigint not null,
    revoked_at bigint,
    unique (app_id, key_id)
);

-- Tokens that reach one company only, for code that runs in a browser.
create table access_token (
    sha256 bytea not null primary key,  -- of the whole token: found by it, before the app is known
    app_id uuid not null,
    environment text not null,
    company_id uuid not null,
    expires_at bigint not null          -- virtual time
);
create index access_token_by_app on access_token (app_id, expires_at);

create table data_key (
    app_id uuid not null,               -- all zeros for keys of the server
    purpose text not null,
    sealed bytea not null,              -- 32 bytes under the master key
    master_key text not null,           -- id of the master key
    primary key (app_id, purpose)
);

create table company (
    app_id uuid not null,
    company_id uuid not null,
    environment text not null,
    name text not null,
    description text,
    tags text not null,                 -- JSON object of strings
    profile text not null,              -- codat | accend
    keep_alive boolean not null,
    link_epoch bigint not null default 0,
    event_sequence bigint not null default 0, -- number of the company's last event
    created_at bigint not null,
    created_by text,
    primary key (app_id, company_id)
);
create index company_by_environment on company (app_id, environment, company_id);

create table connection (
    app_id uuid not null,
    connection_id uuid not null,
    company_id uuid not null,
    environment text not null,
    platform text not null,
    state text not null,
    organisation_id text,               -- the platform's id of the books
    organisation text,                  -- JSON: id, name, link
    grant_id uuid,
    link_epoch bigint not null default 0,
    created_at bigint not null,
    linked_at bigint,
    last_sync_at bigint,
    errors text not null,               -- JSON list of what went wrong
    primary key (app_id, connection_id)
);
create index connection_by_company on connection (app_id, company_id);
create index connection_by_grant on connection (app_id, grant_id);
create index connection_by_organisation on connection (platform, organisation_id);
-- A company has at most one accounting connection that is linked or faulty.
create unique index connection_one_active on connection (app_id, company_id) where state in ('linked', 'faulty');

-- What a person consented to. `grant` is a word of SQL.
create table consent_grant (
    app_id uuid not null,
    grant_id uuid not null,
    environment text not null,
    platform text not null,
    subject text not null,              -- who consented, in the platform's words
    access_token bytea,                 -- sealed; null once destroyed
    refresh_token bytea,                -- sealed; null once destroyed
    expires_at bigint not null,         -- of the access token
    generation bigint not null,
    state text not null,
    refreshed_at bigint not null,
    lease_until bigint,                 -- real time: who refreshes holds it
    lease_fence bigint not null default 0,
    primary key (app_id, grant_id)
);
create unique index grant_one_per_subject on consent_grant (app_id, environment, platform, subject);
create index grant_by_subject on consent_grant (platform, subject);

-- Written before the platform is asked for new tokens, removed with the answer: what is left over
-- after a crash says that the old refresh token may have been used.
create table refresh_attempt (
    app_id uuid not null,
    grant_id uuid not null,
    generation bigint not null,         -- of the tokens that were presented
    started_at bigint not null,
    primary key (app_id, grant_id)
);

-- A browser that opened a link; found by the hash of its cookie.
create table link_session (
    session_hash bytea not null primary key,
    session_id uuid not null unique,    -- in the page's address
    app_id uuid not null,
    company_id uuid not null,
    connection_id uuid,                 -- set where the link was a connection's
    query text not null,                -- query string of the opened link, for the redirect template
    pending bytea,                      -- sealed JSON while the customer has to choose an organisation
    created_at bigint not null,
    expires_at bigint not null
);
create index link_session_by_company on link_session (app_id, company_id);
create index link_session_by_expiry on link_session (expires_at);

create table oauth_state (
    state_hash bytea not null primary key,
    app_id uuid not null,
    session_id uuid not null,
    connection_id uuid,
    platform text not null,
    code_verifier bytea not null,       -- sealed
    expires_at bigint not null,
    used_at bigint
);
create index oauth_state_by_session on oauth_state (session_id);
create index oauth_state_by_expiry on oauth_state (expires_at);

create table sync_setting (
    app_id uuid not null,
    company_id uuid not null,           -- all zeros for the app's own
    data_type text not null,
    fetch_on_first_link boolean not null,
    months_to_sync bigint,
    primary key (app_id, company_id, data_type)
);

create table run (
    app_id uuid not null,
    run_id uuid not null,
    company_id uuid not null,
    connection_id uuid not null,
    reason text not null,
    created_at bigint not null,
    finished_at bigint,
    pulls_left bigint not null,         -- the transaction that takes it to 0 completes the Run
    primary key (app_id, run_id)
);
create index run_by_connection on run (app_id, connection_id, created_at);
create index run_by_company on run (app_id, company_id, created_at);

create table pull (
    app_id uuid not null,
    pull_id uuid not null,
    run_id uuid not null,
    company_id uuid not null,
    connection_id uuid not null,
    data_type text not null,
    state text not null,
    publication_id uuid not null,       -- the publication that it will complete
    first_load boolean not null,        -- writes straight into `record`: the type had no publication
    requested_at bigint not null,
    finished_at bigint,
    feeds_left bigint not null,         -- the transaction that takes it to 0 queues the completion
    read_count bigint not null default 0,
    expected_count bigint,
    changed_count bigint not null default 0,
    deleted_count bigint not null default 0,
    quarantined_count bigint not null default 0,
    first_asked_seq bigint,             -- app.seq before the first page was asked for
    paused_until bigint,
    message text,
    primary key (app_id, pull_id)
);
create index pull_by_run on pull (app_id, run_id);
create index pull_by_company on pull (app_id, company_id, requested_at);
-- At most one active Pull per connection and data type: the answer to "already in progress".
create unique index pull_one_active on pull (app_id, connection_id, data_type)
    where state in ('Queued', 'Fetching', 'Processing');

create table feed_read (
    app_id uuid not null,
    feed_read_id uuid not null,
    run_id uuid not null,
    connection_id uuid not null,
    feed text not null,
    wanted text not null,               -- JSON list of data types
    cursor text,                        -- where the next page starts; null before the first
    pages bigint not null default 0,
    objects bigint not null default 0,
    pass bigint not null default 1,     -- 2 while a mass deletion is looked at again
    platform_time bigint,               -- the platform's clock at the first answer
    paused_until bigint,
    last_progress_at bigint not null,
    finished_at bigint,
    primary key (app_id, feed_read_id)
);
create index feed_read_by_run on feed_read (app_id, run_id);

create table feed_mark (
    app_id uuid not null,
    connection_id uuid not null,
    data_type text not null,
    feed text not null,
    marked_at bigint not null,          -- high-water mark, in the platform's time
    primary key (app_id, connection_id, data_type, feed)
);

-- The ids that a page of a full read held, one row a page and data type.
create table pull_seen (
    app_id uuid not null,
    feed_read_id uuid not null,
    pass bigint not null,
    page bigint not null,
    data_type text not null,
    ids bigint not null,                -- how many
    remote_ids text not null,           -- JSON list
    primary key (app_id, feed_read_id, pass, page, data_type)
);

create table data_status (
    app_id uuid not null,
    connection_id uuid not null,
    data_type text not null,
    latest_pull_id uuid not null,
    success_pull_id uuid,
    success_at bigint,
    publication_id uuid,                -- the latest; null: the type cannot be read yet
    records bigint not null default 0,  -- live ones
    primary key (app_id, connection_id, data_type)
);

create table publication (
    app_id uuid not null,
    publication_id uuid not null,
    seq bigint,                         -- null until it is visible
    at bigint,
    connection_id uuid not null,
    data_type text not null,
    pull_id uuid,
    run_id uuid,
    primary key (app_id, publication_id)
);
create unique index publication_by_seq on publication (app_id, seq) where seq is not null;
create index publication_by_connection on publication (app_id, connection_id);

create table record (
    app_id uuid not null,
    connection_id uuid not null,
    data_type text not null,
    remote_id text collate "binary" not null,
    publication_id uuid not null,       -- its `at` is the record's modifiedDate
    feed text not null,
    hash bytea not null,                -- of `standard`; before the long columns, so that a comparison reads no long text
    is_deleted boolean not null,
    source_modified_at bigint,
    standard text not null,             -- standard JSON, without modifiedDate and metadata
    source text not null,               -- the platform's JSON, as sent
    primary key (app_id, connection_id, data_type, remote_id)
);
-- A publication is of one data type of one connection. These columns do not begin as the key does, so that no
-- planner without statistics takes this index for a look-up by id.
create index record_by_publication on record (app_id, publication_id);

-- What a later Pull found different, until its completion applies it.
create table pull_change (
    app_id uuid not null,
    pull_id uuid not null,
    remote_id text collate "binary" not null,
    feed text not null,
    present boolean not null,           -- false: gone
    standard text,
    source text,
    hash bytea,
    source_modified_at bigint,
    asked_at_seq bigint not null,       -- app.seq before its page was asked for
    primary key (app_id, pull_id, remote_id)
);

create table record_version (
    app_id uuid not null,
    connection_id uuid not null,
    data_type text not null,
    remote_id text collate "binary" not null,
    from_publication_id uuid not null,  -- became current with it
    to_publication_id uuid not null,    -- was superseded by it
    standard text not null,
    source text not null,
    hash bytea not null,
    is_deleted boolean not null,
    source_modified_at bigint,
    primary key (app_id, connection_id, data_type, remote_id, to_publication_id)
);

create table validation_issue (
    app_id uuid not null,
    issue_id uuid not null,
    pull_id uuid not null,
    data_type text not null,
    severity text not null,             -- warning | error
    rule text not null,
    record text not null,               -- remote id
    field text not null,
    message text not null,
    source text,                        -- of a quarantined record
    primary key (app_id, issue_id)
);
create index validation_issue_by_pull on validation_issue (app_id, pull_id);

create table endpoint (
    app_id uuid not null,
    endpoint_id uuid not null,
    environment text not null,
    dialect text not null,
    url text not null,
    secret bytea not null,              -- sealed `whsec_…`
    event_types text not null,          -- JSON list; empty: all
    company_tags text not null,         -- JSON list of key:value; empty: all
    disabled boolean not null,
    created_at bigint not null,
    failing_since bigint,
    probe_at bigint,                    -- when the next probe may go out while deliveries wait
    primary key (app_id, endpoint_id)
);

create table event (
    app_id uuid not null,
    event_id uuid not null,
    environment text not null,
    company_id uuid not null,
    sequence bigint not null,           -- counts the company's events
    at bigint not null,
    name text not null,
    body text not null,                 -- JSON: a neutral snapshot
    fanned_out boolean not null default false, -- its deliveries have been made
    primary key (app_id, event_id)
);
create unique index event_by_sequence on event (app_id, company_id, sequence);
create index event_unfanned on event (app_id, at) where not fanned_out;
create index event_by_environment on event (app_id, environment, event_id);

create table delivery (
    app_id uuid not null,
    delivery_id uuid not null,
    event_id uuid not null,
    endpoint_id uuid not null,
    state text not null,                -- waiting | delivered | failed
    attempts bigint not null default 0,
    next_at bigint,                     -- virtual time of the next attempt
    last_status bigint,                 -- HTTP status of the last answer
    last_error text,
    created_at bigint not null,
    delivered_at bigint,
    primary key (app_id, delivery_id)
);
create unique index delivery_once on delivery (app_id, event_id, endpoint_id);
create index delivery_by_endpoint on delivery (app_id, endpoint_id, state, next_at);
create index delivery_due on delivery (next_at) where state = 'waiting';

create table job (
    job_id uuid not null primary key,   -- taken by any node, for any app
    app_id uuid not null,
    kind text not null,                 -- noun.verb
    payload text not null,              -- JSON
    concurrency_key text,               -- at most one job with it runs at a time
    run_at bigint not null,             -- virtual time
    attempts bigint not null default 0,
    fence bigint not null default 0,    -- raised with each lease; commits of older holders change nothing
    lease_until bigint,                 -- real time; null while nobody runs it
    created_at bigint not null
);
create index job_due on job (run_at);
create index job_by_app on job (app_id, run_at);
create index job_by_key on job (concurrency_key, app_id, run_at);
create index job_leased on job (lease_until) where lease_until is not null;
create unique index job_one_at_a_time on job (concurrency_key) where lease_until is not null;

-- Whose turn it is: a lease goes to the app that was served least recently.
create table job_turn (
    app_id uuid not null primary key,
    turn bigint not null                -- raised above all others when the app is served
);
create index job_turn_by_turn on job_turn (turn);

create table audit_entry (
    app_id uuid not null,
    entry_id uuid not null,
    at bigint not null,
    actor text not null,
    action text not null,
    subject text not null,
    result text not null,
    primary key (app_id, entry_id)
);

-- Who may see the dashboard: a one-time login link makes a session.
create table dashboard_login (
    token_hash bytea not null primary key,
    expires_at bigint not null,
    used_at bigint
);

create table dashboard_session (
    session_hash bytea not null primary key,
    created_at bigint not null,
    seen_at bigint not null,
    expires_at bigint not null
);

-- Facts of the server as a whole, e.g. the offset of the test world's clock.
create table server_fact (
    name text not null primary key,
    value text not null
);
