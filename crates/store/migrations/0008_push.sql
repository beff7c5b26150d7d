-- Expenses on their way into the customers' books.

-- Whether statement lines are fed to the platform's bank feed beside the documents.
alter table connection add column bank_feed boolean not null default false;

-- The company's defaults: what an expense is booked on where it says nothing itself.
create table mapping_config (
    app_id uuid not null,
    company_id uuid not null,
    content text not null,              -- JSON
    updated_at bigint not null,
    primary key (app_id, company_id)
);

-- A list of expenses as the app handed it over; never changed.
create table dataset (
    app_id uuid not null,
    dataset_id uuid not null,
    company_id uuid not null,
    version bigint not null,            -- of the app's words: 1, or 2 with reimbursements and the like
    operation text not null,            -- create | update
    created_at bigint not null,
    push_id uuid,                       -- the last push that took it; null: it is pending
    primary key (app_id, dataset_id)
);
create index dataset_by_company on dataset (app_id, company_id, created_at);
create index dataset_pending on dataset (app_id, company_id, created_at) where push_id is null;

create table dataset_item (
    app_id uuid not null,
    dataset_id uuid not null,
    position bigint not null,           -- from 0
    transaction_id text collate "binary" not null, -- the app's id
    hash text not null,                 -- of `content`
    content text not null,              -- JSON
    primary key (app_id, dataset_id, position)
);

-- One expense of the app's, however often it was handed over.
create table item (
    app_id uuid not null,
    company_id uuid not null,
    transaction_id text collate "binary" not null,
    hash text not null,                 -- of `content`
    content text not null,              -- JSON: what its legs are made of
    created_at bigint not null,
    primary key (app_id, company_id, transaction_id)
);

-- Where an item has to arrive, and how far it got there.
create table item_leg (
    app_id uuid not null,
    company_id uuid not null,
    transaction_id text collate "binary" not null,
    leg text not null,                  -- bankfeeds | expense
    state text not null,                -- accepted | invalid | intent | pending | posted | rejected | unknown | needs_review
    operation text not null,            -- create | update
    revision bigint not null default 0, -- moves with each send after a definite rejection, and with each update
    idempotency_key text,               -- of the request that was sent last, or may have been
    fence bigint,                       -- of the job that committed the intent: only that one may send
    platform text,                      -- whose books it was sent to
    organisation_id text,               -- the platform's id of these books
    prepared text,                      -- JSON: the request as it was sent
    posted text,                        -- JSON: the document in the books
    pending_ref text,                   -- by what the platform is asked for its decision
    hold_until bigint,                  -- virtual time: nothing is asked about it before
    searches bigint not null default 0, -- that found nothing since it was last sent
    sends bigint not null default 0,    -- of this key
    message text,                       -- why it is as it is
    is_read_back boolean not null default false, -- the document is among the records, or cannot be
    primary key (app_id, company_id, transaction_id, leg)
);
create index item_leg_unsettled on item_leg (app_id, company_id) where state in ('intent', 'pending', 'unknown');
create index item_leg_unread on item_leg (app_id, company_id) where state = 'posted' and not is_read_back;

-- One attempt to write datasets.
create table push (
    app_id uuid not null,
    push_id uuid not null,
    company_id uuid not null,
    connection_id uuid not null,
    version bigint not null,            -- of the app's words
    state text not null,                -- running | ended
    outcome text,                       -- how it ended
    message text not null default '',   -- why it is no better
    exception_message text not null default '',
    requested_at bigint not null,
    finished_at bigint,
    last_progress_at bigint not null,   -- when a leg was last settled, pauses that the platform announced added
    data_pushed boolean not null default false, -- something was written
    primary key (app_id, push_id)
);
create index push_by_company on push (app_id, company_id, requested_at);
create index push_by_connection on push (app_id, connection_id);
-- One at a time: the answer to "already in progress".
create unique index push_one_running on push (app_id, company_id) where state = 'running';

-- What a push saw of a leg: it stays as it was when the push ended.
create table push_item (
    app_id uuid not null,
    push_id uuid not null,
    transaction_id text collate "binary" not null,
    leg text not null,
    position bigint not null,           -- of the item among the items, and of the leg among the legs
    status text not null,               -- unknown | pending | invalid | completed | failed
    message text,
    is_written boolean not null default false, -- by this push
    primary key (app_id, push_id, transaction_id, leg)
);
create unique index push_item_in_order on push_item (app_id, push_id, position);
create index push_item_open on push_item (app_id, push_id, position) where status in ('pending', 'unknown');

-- A file on a posted expense; its content is not kept.
create table attachment (
    app_id uuid not null,
    company_id uuid not null,
    transaction_id text collate "binary" not null,
    sha256 bytea not null,              -- of the content: the same file is attached once
    attachment_id uuid not null,
    name text not null,                 -- made by us
    content_type text not null,         -- found in the content
    state text not null,                -- sending | attached
    created_at bigint not null,
    primary key (app_id, company_id, transaction_id, sha256),
    unique (app_id, attachment_id)
);
