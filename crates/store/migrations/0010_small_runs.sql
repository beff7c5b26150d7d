-- What a Run costs that changes little: nothing goes through all records of a type.

-- The records of a feed that is listed whole, beside many more of the same type that other feeds bring. These columns
-- do not begin as the key does: see record_by_publication.
create index record_by_feed on record (feed, app_id, connection_id, data_type);

-- What is open of a record on a control account, as numbers: at the end of a Run they are added up by an index, where
-- every open document was read and taken apart before.

-- The first day, as yyyymmdd, from whose end on the amount holds; 99999999: it has to be looked into for each day.
alter table record add column open_since bigint not null default 99999999;
-- In ten-thousandths of the base currency's unit; means something where `is_open`, from `open_since` on.
alter table record add column open_units bigint not null default 0;
-- Whether it is in another currency than the base currency.
alter table record add column open_is_foreign boolean not null default false;
drop index record_open; -- what the one below begins with
-- The last two columns say nothing that the condition does not: with them SQLite needs the index alone.
create index record_open_sum on record (app_id, connection_id, data_type, open_since, open_units, open_is_foreign,
                                        is_open, is_deleted)
    where is_open and not is_deleted;

alter table pull_change add column open_since bigint not null default 99999999;
alter table pull_change add column open_units bigint not null default 0;
alter table pull_change add column open_is_foreign boolean not null default false;
