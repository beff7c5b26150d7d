-- References that lead nowhere: whether a record that another one names exists, only the store can tell, and only once
-- all types of a Run have been read.

-- What the changed records of a page name, until the Run is closed: a row for each field that names records.
create table page_reference (
    app_id uuid not null,
    run_id uuid not null,
    feed_read_id uuid not null,
    pass bigint not null,
    page bigint not null,
    data_type text not null,            -- of the records that name others
    field text not null,                -- dotted path
    target text not null,               -- data type of the records that are named
    ids text not null,                  -- JSON list, each once
    primary key (app_id, run_id, feed_read_id, pass, page, data_type, field, target)
);

-- The other record that an issue of origin `set` is about: it does not hold any more once there is such a record.
alter table validation_issue add column target_type text;
alter table validation_issue add column target_id text;
create index validation_issue_beside_others on validation_issue (app_id, connection_id, data_type, record)
    where until_publication_id is null and origin = 'set';
