-- What platforms let us ask: shared by all apps and nodes, since platforms count by OAuth app and organisation.
create table budget (
    scope text not null primary key,    -- platform/environment/client id, and /organisation for one of them
    counts text not null,               -- JSON: calls taken, by window and slot
    paused_until bigint                 -- virtual time: the platform said so
);

-- Requests under way for somebody who waits for them (feeds are read by jobs, which are counted by their keys).
create table budget_call (
    call_id uuid not null primary key,
    scope text not null,
    until bigint not null               -- real time: it counts until then if nobody ends it
);
create index budget_call_by_scope on budget_call (scope, until);

-- Tokens that a platform issued to a refresh that was overtaken: used if those that overtook them are refused.
create table grant_candidate (
    app_id uuid not null,
    grant_id uuid not null,
    access_token bytea not null,        -- sealed
    refresh_token bytea not null,       -- sealed
    expires_at bigint not null,         -- of the access token
    kept_at bigint not null,
    primary key (app_id, grant_id)
);
