-- Later reads ask for changes only, and what is wrong with a record belongs to its current content.

-- The platform's time from which on changes are asked for; null: everything is.
alter table feed_read add column since bigint;
-- The connector's mapping when the read began.
alter table feed_read add column mapping bigint not null default 0;
-- How often the platform made it start over.
alter table feed_read add column restarts bigint not null default 0;

-- When the last full read of the type in the feed was completed; null: the next one is full.
alter table feed_mark add column full_at bigint;
-- The connector's mapping of all that was read up to the mark; another one makes the next read full.
alter table feed_mark add column mapping bigint not null default 0;

drop table validation_issue;

create table validation_issue (
    app_id uuid not null,
    issue_id uuid not null,
    connection_id uuid not null,
    data_type text not null,
    record text collate "binary" not null,  -- remote id
    feed text not null,                     -- that brought the record
    origin text not null,                   -- record: told by its content alone | set: by other records as well
    publication_id uuid not null,           -- holds since; of a Pull that has not completed: not yet
    until_publication_id uuid,              -- was found no more with it; null: holds still
    severity text not null,                 -- warning | error
    rule text not null,
    field text not null,
    message text not null,
    source text,                            -- of a quarantined record
    primary key (app_id, issue_id)
);
create index validation_issue_by_publication on validation_issue (app_id, publication_id);
create index validation_issue_by_type on validation_issue (app_id, connection_id, data_type);
create index validation_issue_holding on validation_issue (app_id, connection_id, data_type, record)
    where until_publication_id is null;

-- Records of which a later Pull found other issues than hold, or none any more, until its completion.
create table issue_change (
    app_id uuid not null,
    pull_id uuid not null,
    origin text not null,
    record text collate "binary" not null,  -- remote id
    primary key (app_id, pull_id, origin, record)
);
